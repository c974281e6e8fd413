package terminal

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A clock goes on when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func TestProgress(t *testing.T) {
	var b strings.Builder
	c := &clock{at: time.Unix(0, 0)}
	p := NewProgress(&b, 12, ProgressOptions{Width: 20, Now: c.now, system: pretend(80, true, nil)})
	step := func(after time.Duration, label, want string) {
		t.Helper()
		c.pass(after)
		b.Reset()
		p.Step(label)
		if got := b.String(); got != want {
			t.Errorf("%s: %q, want %q", label, got, want)
		}
		if w := Width(strings.TrimPrefix(b.String(), "\r")); w > 19 {
			t.Errorf("%s: %d cells", label, w)
		}
	}
	step(0, "early", "")
	step(499*time.Millisecond, "early", "")
	step(time.Millisecond, "seeds.txt", "\r3/12  seeds.txt")
	step(0, "一.txt", "\r4/12  一.txt   ")
	step(time.Hour, "厦门市生物医药与健康产业.txt", "\r5/12  厦门市生物医…")
	step(0, "a\x1b[2J\r\nb\n\u202e", "\r6/12  a\ufffd[2J b \ufffd    ")
	for range 5 {
		p.Step("")
	}
	step(0, "last", "\r12/12  last")
	step(0, "too many", "\r13/13  too many")
	b.Reset()
	p.Done()
	if got, want := b.String(), "\r"+blanks(15)+"\r"; got != want {
		t.Errorf("Done: %q, want %q", got, want)
	}
	b.Reset()
	p.Done()
	step(0, "after the end", "")
}

func TestProgressUnknownTotal(t *testing.T) {
	var b strings.Builder
	c := &clock{}
	p := NewProgress(&b, 0, ProgressOptions{Now: c.now, system: pretend(0, true, map[string]string{"COLUMNS": "8"})})
	c.pass(time.Second)
	p.Step("abcdefgh")
	if got, want := b.String(), "\r1  abc…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestProgressSilent(t *testing.T) {
	var b strings.Builder
	for name, sys := range map[string]system{
		"pipe": pretend(80, false, nil),
		"dumb": pretend(80, true, map[string]string{"TERM": "dumb"}),
	} {
		c := &clock{}
		p := NewProgress(&b, 2, ProgressOptions{Now: c.now, system: sys})
		c.pass(time.Hour)
		p.Step("a")
		p.Done()
		if b.Len() > 0 {
			t.Errorf("%s: %q", name, b.String())
		}
	}
	c := &clock{}
	p := NewProgress(&b, 2, ProgressOptions{Now: c.now, system: pretend(80, true, nil)})
	p.Step("quick")
	p.Done()
	if b.Len() > 0 {
		t.Errorf("quick work: %q", b.String())
	}
}

// TestProgressNotStdout takes standard output for silent even where it is a
// terminal: it belongs to the results.
func TestProgressNotStdout(t *testing.T) {
	real := os.Stdout
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	os.Stdout = f
	defer func() { os.Stdout = real }()
	c := &clock{}
	p := NewProgress(os.Stdout, 2, ProgressOptions{Now: c.now, system: pretend(80, true, nil)})
	c.pass(time.Hour)
	p.Step("a")
	p.Done()
	if info, err := f.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("standard output got %d bytes, %v", info.Size(), err)
	}
	// With neither clock nor system of its own it works on the real ones.
	NewProgress(f, 1, ProgressOptions{}).Step("a")
}
