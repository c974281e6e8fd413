package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/bot/channel"
)

// A fakeSink stores nothing and remembers the events.
type fakeSink struct {
	mu     sync.Mutex
	events []channel.Event
	answer func(e channel.Event) (channel.Accepted, error) // nil: every question is taken
}

func (f *fakeSink) take(_ context.Context, e channel.Event) (channel.Accepted, error) {
	f.mu.Lock()
	f.events = append(f.events, e)
	f.mu.Unlock()
	if f.answer != nil {
		return f.answer(e)
	}
	return channel.Accepted{ID: "a-" + e.DeliveryKey}, nil
}

func (f *fakeSink) seen() []channel.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]channel.Event(nil), f.events...)
}

// A paper is what a chat prints on; it may be read meanwhile.
type paper struct {
	mu   sync.Mutex
	text bytes.Buffer
	fail error
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return 0, p.fail
	}
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// piped is a chat in English that is not interactive.
func piped(in io.Reader, out io.Writer) *Chat {
	return NewChat(in, out, ChatOptions{Lang: "en", User: "Ann", Interactive: Never, Screen: Options{Width: 80, Color: Never}})
}

// finish delivers a document to the question of an event.
func finish(c *Chat, e channel.Event, d channel.Doc, key string) error {
	r, err := c.Begin(context.Background(), e.Reply, d.ID)
	if err != nil {
		return err
	}
	_, err = r.Finish(context.Background(), d, channel.Delivery{Key: key})
	return err
}

// answering is a sink whose questions are answered at once with their text.
func answering(c **Chat) *fakeSink {
	return &fakeSink{answer: func(e channel.Event) (channel.Accepted, error) {
		id := "a-" + e.DeliveryKey
		if e.Kind != channel.Question {
			return channel.Accepted{ID: id}, nil
		}
		d := channel.Doc{ID: id, Lang: "en", Label: channel.LabelExtract, Text: "Re: " + e.Text}
		return channel.Accepted{ID: id}, finish(*c, e, d, id)
	}}
}

// TestChatLines: what each line becomes, the blank ones and commands among them.
func TestChatLines(t *testing.T) {
	over := strings.Repeat("x", maxLine)
	tests := []struct {
		name, in string
		want     []string // kind and text of the events
		says     string   // a sentence that is printed
	}{
		{"nothing", "", nil, ""},
		{"blank lines", "\n  \t\n\u3000\n", nil, ""},
		{"a question", "what?\n", []string{"question what?"}, "Re: what?"},
		{"no line feed at the end", "what?", []string{"question what?"}, "Re: what?"},
		{"line ends of Windows", "one\r\ntwo\r\n", []string{"question one", "question two"}, ""},
		{"as long as may be", over + "\n", []string{"question " + over}, ""},
		{"too long", over + "x\nnext\n", []string{"question next"}, "more than 64 KB"},
		{"too long at the end", "next\n" + over + "x", []string{"question next"}, "more than 64 KB"},
		{"words of the service", "/person\n/stop\n", []string{"question /person", "question /stop"}, ""},
		{"no such command", "/foo\n", nil, "no such command"},
		{"a path is no command", "/etc/hosts\n/what is this\n", []string{"question /etc/hosts", "question /what is this"}, ""},
		{"help", "/help\n", nil, "- /good:"},
		{"help in capitals and wide", "／HELP\n", nil, "- /good:"},
		{"bye", "a\n/bye\nb\n", []string{"question a"}, ""},
		{"quit", "/quit\nb\n", nil, ""},
		{"exit", "/exit\nb\n", nil, ""},
		{"a wide bye", "／bye\nb\n", nil, ""},
		{"bye with more is a question", "/bye bye\n", []string{"question /bye bye"}, ""},
		{"nothing to rate", "/good\n/bad\n", nil, "no answer to rate"},
		{"good", "a\n/good\n", []string{"question a", "rated true  "}, "Noted"},
		{"good with words", "a\n/good very clear\n", []string{"question a", "rated true  very clear"}, ""},
		{"bad", "a\n/bad\n", []string{"question a", "rated false  "}, ""},
		{"bad with a reason", "a\n/bad wrong\n", []string{"question a", "rated false wrong "}, ""},
		{"bad with a reason and words", "a\n/bad Outdated 第三条 变了\n", []string{"question a", "rated false outdated 第三条 变了"}, ""},
		{"bad with words", "a\n/bad 不对\n", []string{"question a", "rated false  不对"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, c := &paper{}, (*Chat)(nil)
			sink := answering(&c)
			c = piped(strings.NewReader(tt.in), out)
			if err := c.Run(t.Context(), sink.take); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range sink.seen() {
				text := e.Text
				if f := e.Feedback; f != nil {
					text = fmt.Sprint(f.Good, " ", f.Reason, " ", f.Text)
				}
				got = append(got, string(e.Kind)+" "+text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if !strings.Contains(out.String(), tt.says) || tt.says == "" && strings.Contains(out.String(), ";") {
				t.Errorf("printed %q, want %q", out, tt.says)
			}
		})
	}
}

// TestChatEvents: keys are made of the chat and a number, and say who asked and where.
func TestChatEvents(t *testing.T) {
	out, c := &paper{}, (*Chat)(nil)
	sink := answering(&c)
	c = piped(strings.NewReader("a\n/good\nb\n"), out)
	if err := c.Run(t.Context(), sink.take); err != nil {
		t.Fatal(err)
	}
	for i, e := range sink.seen() {
		key := fmt.Sprintf("%s-%d", e.Place.ID, i+1)
		if e.DeliveryKey != key || e.ContentKey != key || e.Actor.ID != "Ann" || len(e.Place.ID) < 16 {
			t.Errorf("event %d: %+v", i+1, e)
		}
		if want := fmt.Sprintf(`{"session":%q,"n":%d}`, e.Place.ID, i+1); string(e.Reply.Data) != want {
			t.Errorf("handle %s, want %s", e.Reply.Data, want)
		}
	}
	if a := sink.seen()[1].Feedback.Answer; a != "a-"+sink.seen()[0].DeliveryKey {
		t.Errorf("rated %s", a)
	}
	if other := piped(strings.NewReader(""), out); other.session == c.session {
		t.Error("two chats are one place")
	}
	if NewChat(nil, nil, ChatOptions{}).o.User == "" {
		t.Error("the user of the system has no name")
	}
}

// TestChatPrints: replies stand apart by a blank line and nothing else comes between; what was printed under
// its key is not printed again, and what could not be written is.
func TestChatPrints(t *testing.T) {
	out, c := &paper{}, (*Chat)(nil)
	sink := answering(&c)
	c = piped(strings.NewReader("a\nb\n"), out)
	if err := c.Run(t.Context(), sink.take); err != nil {
		t.Fatal(err)
	}
	want := "[retrieved]\nRe: a\n\n[retrieved]\nRe: b\n"
	if got := out.String(); got != want {
		t.Fatalf("printed %q, want %q", got, want)
	}
	e := sink.seen()[0]
	d := channel.Doc{ID: "r-1", Lang: "zh", Label: channel.LabelStaff, Text: "见\x1b[2J第五条。\u202e"}
	out.fail = errors.New("no paper")
	if err := finish(c, e, d, "k1"); err == nil || channel.IsGone(err) {
		t.Errorf("without paper: error %v, want one that is temporary", err)
	}
	out.fail = nil
	for range 2 {
		if err := finish(c, e, d, "k1"); err != nil {
			t.Fatal(err)
		}
	}
	want += "\n〔工作人员答复〕\n见\ufffd[2J第五条。\ufffd\n"
	if got := out.String(); got != want {
		t.Fatalf("printed %q, want %q", got, want)
	}
	other := piped(strings.NewReader(""), out)
	if err := finish(other, e, d, "k1"); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimPrefix(out.String(), want); !strings.HasPrefix(got, "〔工作人员答复〕 （答复以前一次对话里的问题）\n") {
		t.Errorf("a chat prints a reply to another's question as %q", got)
	}
}

// TestChatRates: the last answer is rated, not what the service or the staff said after it.
func TestChatRates(t *testing.T) {
	c := piped(strings.NewReader(""), io.Discard)
	e := channel.Event{Reply: channel.Handle{Data: []byte(`{"session":"x","n":1}`)}}
	for i, tt := range []struct {
		label channel.Label
		want  string
	}{
		{channel.LabelStaff, ""},
		{channel.LabelNotice, "1"},
		{channel.LabelNotice, "1"},
		{channel.LabelExtract, "3"},
		{channel.LabelNotice, "3"},
		{channel.LabelStaff, "3"},
		{channel.LabelAI, "6"},
	} {
		if err := finish(c, e, channel.Doc{ID: fmt.Sprint(i), Label: tt.label}, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if c.last != tt.want {
			t.Errorf("after %d (%s) %q is rated, want %q", i, tt.label, c.last, tt.want)
		}
	}
}

// TestChatStoreFails: who asked is told, nothing is waited for, and the next line is taken.
func TestChatStoreFails(t *testing.T) {
	out := &paper{}
	c := piped(strings.NewReader("a\nb\n/good\n"), out)
	c.last = "a-1"
	sink := &fakeSink{answer: func(channel.Event) (channel.Accepted, error) { return channel.Accepted{}, errors.New("disk full") }}
	if err := c.Run(t.Context(), sink.take); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "not stored"); n != 3 || len(sink.seen()) != 3 {
		t.Errorf("%d events, printed %q", len(sink.seen()), out)
	}
}

// TestChatEnd: the end waits for replies, and not for ever.
func TestChatEnd(t *testing.T) {
	tests := []struct {
		name  string
		do    func(c *Chat, sink *fakeSink, quit func())
		after time.Duration
		says  string
	}{
		{"a reply after 3 s", func(c *Chat, sink *fakeSink, _ func()) {
			time.Sleep(3 * time.Second)
			if err := finish(c, sink.seen()[0], channel.Doc{ID: "a", Lang: "en", Label: channel.LabelAI, Text: "Late."}, "k"); err != nil {
				panic(err)
			}
		}, 3 * time.Second, "Late."},
		{"no reply", func(*Chat, *fakeSink, func()) {}, 30 * time.Second, "without a reply yet: 1"},
		{"the context ends", func(_ *Chat, _ *fakeSink, quit func()) { time.Sleep(time.Second); quit() }, time.Second, ""},
		{"the question is taken back", func(c *Chat, sink *fakeSink, _ func()) {
			time.Sleep(time.Second)
			r, err := c.Begin(context.Background(), sink.seen()[0].Reply, "a")
			if err == nil {
				err = r.Abort(context.Background(), "")
			}
			if err != nil {
				panic(err)
			}
		}, time.Second, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, sink := &paper{}, &fakeSink{}
				ctx, quit := context.WithCancel(t.Context())
				defer quit()
				c := NewChat(strings.NewReader("a\n/bye\n"), out, ChatOptions{Lang: "en", Interactive: Always})
				done, begin := make(chan error, 1), time.Now()
				go func() { done <- c.Run(ctx, sink.take) }()
				synctest.Wait()
				tt.do(c, sink, quit)
				if err := <-done; err != nil {
					t.Error(err)
				}
				if took := time.Since(begin); took != tt.after || !strings.Contains(out.String(), tt.says) {
					t.Errorf("Run took %s, want %s; printed %q, want %q", took, tt.after, out, tt.says)
				}
				if err := c.Run(t.Context(), sink.take); err != nil || time.Since(begin) != tt.after {
					t.Errorf("run once more: %v", err)
				}
			})
		})
	}
}

// TestChatStop: after a word that withdraws questions nothing is waited for.
func TestChatStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &fakeSink{answer: func(e channel.Event) (channel.Accepted, error) {
			if e.Text == "/stop" {
				return channel.Accepted{}, nil
			}
			return channel.Accepted{ID: "a"}, nil
		}}
		out, begin := &paper{}, time.Now()
		c := NewChat(strings.NewReader("a\nb\n/stop\n"), out, ChatOptions{Lang: "en", Interactive: Always})
		if err := c.Run(t.Context(), sink.take); err != nil || time.Since(begin) > 0 || !strings.Contains(out.String(), "Stopped") {
			t.Errorf("%v after %s: %q", err, time.Since(begin), out)
		}
	})
}

// A stubborn reader cannot be broken off, as a terminal cannot.
type stubborn struct{ io.Reader }

// TestChatBlockedRead: Run ends although a Read does not, and a later Run gets what it reads, whole.
func TestChatBlockedRead(t *testing.T) {
	for _, name := range []string{"stubborn", "with deadlines"} {
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			defer near.Close() // ends the Read
			defer far.Close()
			var in io.Reader = near
			if name == "stubborn" {
				in = stubborn{near}
			}
			sink, c := &fakeSink{}, piped(in, io.Discard)
			for range 2 {
				ctx, quit := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- c.Run(ctx, sink.take) }()
				if _, err := io.WriteString(far, "ha"); err != nil {
					t.Fatal(err)
				}
				quit()
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			ctx, quit := context.WithCancel(t.Context())
			defer quit()
			sink.answer = func(channel.Event) (channel.Accepted, error) { quit(); return channel.Accepted{ID: "a"}, nil }
			done := make(chan error, 1)
			go func() { done <- c.Run(ctx, sink.take) }()
			if _, err := io.WriteString(far, "!\n"); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if got := sink.seen(); len(got) != 1 || got[0].Text != "haha!" {
				t.Errorf("events %+v", got)
			}
		})
	}
}

// TestChatClose: Close ends the Read of what can be closed; the reader's goroutine does not outlive it.
func TestChatClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine is left
		in, typed := io.Pipe()
		c := piped(in, io.Discard)
		ctx, quit := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx, (&fakeSink{}).take) }()
		synctest.Wait()
		quit()
		if err := errors.Join(<-done, c.Close()); err != nil {
			t.Error(err)
		}
		if _, err := typed.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the input is open: %v", err)
		}
	})
	if err := piped(strings.NewReader(""), io.Discard).Close(); err != nil {
		t.Error(err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := piped(f, io.Discard).Close(); err != nil || f.Close() != nil {
		t.Errorf("a file was closed: %v", err)
	}
}

// TestChatBroken: input and output that fail end the chat for good.
func TestChatBroken(t *testing.T) {
	bad := errors.New("i/o error")
	for name, c := range map[string]*Chat{
		"read":           piped(iotest.ErrReader(bad), io.Discard),
		"write":          piped(strings.NewReader("/help\n"), &paper{fail: bad}),
		"write at first": NewChat(strings.NewReader(""), &paper{fail: bad}, ChatOptions{Interactive: Always}),
	} {
		err := c.Run(t.Context(), (&fakeSink{}).take)
		if fatal, ok := errors.AsType[*channel.FatalError](err); !ok || !strings.Contains(fatal.Reason, "i/o error") {
			t.Errorf("%s: %v", name, err)
		}
		if h := c.Health(); h.State != channel.Down || h.Reason == "" {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

// TestChatInteractive: only where both sides are a terminal, unless it is said.
func TestChatInteractive(t *testing.T) {
	shown := Options{system: pretend(80, true, nil)}
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, tt := range map[string]struct {
		o    ChatOptions
		in   io.Reader
		want bool
	}{
		"a pipe":              {ChatOptions{Screen: shown}, strings.NewReader(""), false},
		"a file":              {ChatOptions{Screen: shown}, file, false},
		"always":              {ChatOptions{Interactive: Always}, strings.NewReader(""), true},
		"never":               {ChatOptions{Interactive: Never, Screen: shown}, file, false},
		"printed into a file": {ChatOptions{Screen: Options{system: none}}, file, false},
	} {
		if c := NewChat(tt.in, io.Discard, tt.o); c.interactive != tt.want {
			t.Errorf("%s: interactive %t", name, c.interactive)
		}
	}
}

// TestLineSource: however the input comes, its lines are those between line feeds; one that is too long is
// named and not kept.
func TestLineSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 5, 4095, 4096, 4097, maxLine - 1, maxLine, maxLine + 1, maxLine + 4096})
		var text strings.Builder
		var want []readLine
		for range rapid.IntRange(0, 4).Draw(t, "lines") {
			line := strings.Repeat(rapid.SampledFrom([]string{"x", "\r", "\x00"}).Draw(t, "character"), size.Draw(t, "size"))
			text.WriteString(line + "\n")
			want = append(want, readLine{text: line})
		}
		if rapid.Bool().Draw(t, "cut off") && len(want) > 0 && len(want[len(want)-1].text) > 0 {
			s := strings.TrimSuffix(text.String(), "\n")
			text.Reset()
			text.WriteString(s)
		}
		for i := range want {
			if len(want[i].text) > maxLine {
				want[i] = readLine{long: true}
			}
		}
		var in io.Reader = strings.NewReader(text.String())
		if rapid.Bool().Draw(t, "by halves") {
			in = iotest.HalfReader(in)
		}
		if rapid.Bool().Draw(t, "end with the last bytes") {
			in = iotest.DataErrReader(in)
		}
		s := newLineSource(in)
		var got []readLine
		for {
			l := <-s.next()
			s.taken()
			if l.err != nil {
				break
			}
			l.text = strings.TrimSuffix(l.text, "\n")
			got = append(got, l)
		}
		if len(got) != len(want) {
			t.Fatalf("%d lines, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("line %d has %d bytes, long %t; want %d, %t", i+1, len(got[i].text), got[i].long, len(want[i].text), want[i].long)
			}
		}
	})
}

// TestChatWords: both languages say each thing, with the same slots.
func TestChatWords(t *testing.T) {
	for name, w := range chatWords {
		if strings.Count(w[0], "%d") != strings.Count(w[1], "%d") || w[0] == w[1] {
			t.Errorf("%s: %q, %q", name, w[0], w[1])
		}
		if strings.ContainsFunc(w[1], func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.ContainsFunc(w[0], func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %q, %q", name, w[0], w[1])
		}
	}
}
