package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
)

// A list is a trail that may be tampered with.
type list struct {
	accounts.Trail
	entries []accounts.Entry
	fails   int // reading this one fails; -1: none
}

var errRead = errors.New("cannot be read")

func (l list) EachEntry(f func(accounts.Entry) error) error {
	for i, e := range l.entries {
		if i == l.fails {
			return errRead
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// chain makes an audit of n entries and its heads after each, from 0.
func chain(n int) (list, []accounts.Head) {
	l, heads := list{fails: -1}, []accounts.Head{{}}
	for i := 1; i <= n; i++ {
		e := accounts.Entry{
			Seq: int64(i), At: accountstest.Start, By: "li", Does: "account.role", Object: fmt.Sprint("u", i), Detail: "role=staff", From: "192.0.2.1",
		}
		e.Hash = accounts.Chain(heads[i-1].Hash, e)
		l.entries = append(l.entries, e)
		heads = append(heads, accounts.Head{Count: e.Seq, Hash: e.Hash})
	}
	return l, heads
}

func badRow(t testing.TB, what string, err error, want int64) {
	t.Helper()
	if bad, ok := errors.AsType[*accounts.BadRow](err); !ok || bad.Seq != want {
		t.Errorf("%s: %v, want entry %d named", what, err, want)
	}
}

// TestTampered: one bit changed anywhere in an entry, and the entry is named.
func TestTampered(t *testing.T) {
	const n = 12
	good, heads := chain(n)
	if h, err := accounts.VerifyTrail(good, heads...); err != nil || h != heads[n] {
		t.Fatal(h, err)
	}
	rapid.Check(t, func(r *rapid.T) {
		l := list{entries: slices.Clone(good.entries), fails: -1}
		i := rapid.IntRange(0, n-1).Draw(r, "entry")
		e := &l.entries[i]
		bit := byte(1) << rapid.IntRange(0, 7).Draw(r, "bit")
		flip := func(s *string) {
			b := []byte(*s)
			b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] ^= bit
			*s = string(b)
		}
		switch rapid.IntRange(0, 6).Draw(r, "field") {
		case 0:
			flip(&e.By)
		case 1:
			flip(&e.Does)
		case 2:
			flip(&e.Object)
		case 3:
			flip(&e.Detail)
		case 4:
			flip(&e.From)
		case 5:
			e.Hash[rapid.IntRange(0, 31).Draw(r, "at")] ^= bit
		case 6:
			e.At = e.At.Add(1000 << rapid.IntRange(0, 40).Draw(r, "microseconds"))
		}
		_, err := accounts.VerifyTrail(l)
		if bad, ok := errors.AsType[*accounts.BadRow](err); !ok || bad.Seq != int64(i)+1 {
			r.Fatalf("%v, want entry %d named", err, i+1)
		}
	})
}

// TestTakenAway: entries that are gone, moved, put in or cannot be read are named; the last ones, and a chain made
// anew, by a head that was kept.
func TestTakenAway(t *testing.T) {
	const n = 6
	good, heads := chain(n)
	verify := func(change func(l *list), kept ...accounts.Head) error {
		l := list{entries: slices.Clone(good.entries), fails: -1}
		change(&l)
		_, err := accounts.VerifyTrail(l, kept...)
		return err
	}
	for i := range n - 1 {
		badRow(t, "taken away", verify(func(l *list) { l.entries = slices.Delete(l.entries, i, i+1) }), int64(i)+1)
		badRow(t, "moved", verify(func(l *list) { l.entries[i], l.entries[i+1] = l.entries[i+1], l.entries[i] }), int64(i)+1)
		badRow(t, "put in", verify(func(l *list) { l.entries = slices.Insert(l.entries, i+1, l.entries[i]) }), int64(i)+2)
	}
	for i := range n {
		err := verify(func(l *list) { l.fails = i })
		badRow(t, "not readable", err, int64(i)+1)
		is(t, "not readable", err, errRead)
		cut := func(l *list) { l.entries = l.entries[:i] }
		must(t, verify(cut))
		must(t, verify(cut, heads[i]))
		badRow(t, "the last ones are gone", verify(cut, heads[0], heads[n]), int64(i)+1)
	}
	anew := func(l *list) {
		before := accounts.Digest{}
		for i := range l.entries {
			if i >= 2 {
				l.entries[i].By = "wang"
			}
			l.entries[i].Hash = accounts.Chain(before, l.entries[i])
			before = l.entries[i].Hash
		}
	}
	must(t, verify(anew))
	must(t, verify(anew, heads[2]))
	badRow(t, "made anew", verify(anew, heads[2], heads[4]), 4)
}

// TestChainParts: what moves from one part of an entry to the next changes the hash.
func TestChainParts(t *testing.T) {
	seen := map[accounts.Digest]accounts.Entry{}
	for _, e := range []accounts.Entry{
		{By: "ab"}, {By: "a", Does: "b"}, {Does: "ab"}, {Object: "ab"}, {Detail: "ab"}, {From: "ab"}, {Detail: "a", From: "b"}, {}, {Seq: 1}, {By: "a\x00b"},
	} {
		h := accounts.Chain(accounts.Digest{}, e)
		if other, there := seen[h]; there {
			t.Errorf("%+v and %+v are one", e, other)
		}
		seen[h] = e
	}
	if accounts.Chain(accounts.Digest{1}, accounts.Entry{}) == accounts.Chain(accounts.Digest{}, accounts.Entry{}) {
		t.Error("what came before does not count")
	}
}

func TestHeadText(t *testing.T) {
	_, heads := chain(2)
	for _, h := range heads {
		if got, err := accounts.ParseHead(h.String()); err != nil || got != h {
			t.Errorf("%s: %v, %v", h, got, err)
		}
	}
	for _, text := range []string{"", "1", "1:", "x:" + strings.Repeat("0", 64), "-1:" + strings.Repeat("0", 64), "1:" + strings.Repeat("0", 63), "0:" + strings.Repeat("1", 64)} {
		if h, err := accounts.ParseHead(text); err == nil {
			t.Errorf("%q is read as %v", text, h)
		}
	}
}

// TestRecord: what others enter is one line each, in bounds, and in the chain.
func TestRecord(t *testing.T) {
	d := newDesk(t)
	must(t, d.Record(t.Context(), accounts.Entry{
		By: "li", Does: "document.published", Object: "a\nb\x1b[31m\u2028\u202e\xff", Detail: strings.Repeat("字", 5000), From: strings.Repeat("x", 999),
	}))
	for _, e := range []accounts.Entry{{Does: "x"}, {By: "x"}} {
		if d.Record(t.Context(), e) == nil {
			t.Errorf("%+v is taken", e)
		}
	}
	page, err := d.Entries(t.Context(), accounts.Filter{Limit: 1})
	must(t, err)
	e := page[0]
	if e.Object != "a b [31m   " || len(e.Detail) > 2000 || len(e.Detail) < 1990 || strings.Trim(e.Detail, "字") != "" || len(e.From) != 256 {
		t.Errorf("%+v", e)
	}
	next, err := d.Entries(t.Context(), accounts.Filter{Before: e.Seq})
	if err != nil || len(next) != 2 || next[0].Seq != 2 {
		t.Errorf("%+v, %v", next, err)
	}
	h, err := d.Verify(t.Context())
	must(t, err)
	if head, err := d.Head(t.Context()); err != nil || head != h || h.Count != 3 {
		t.Errorf("%v, %v, %v", h, head, err)
	}
}

// TestNoWeakHashes: no file that has to do with accounts imports a hash that is broken, or randomness that is not.
func TestNoWeakHashes(t *testing.T) {
	looked := 0
	for _, dir := range []string{".", "memory", "../oidc"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		must(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			must(t, err)
			for _, problem := range weak(t, name, text) {
				t.Error(problem)
			}
			looked++
		}
	}
	if looked < 8 || len(weak(t, "bad.go", []byte("package bad\n\nimport _ \"crypto/md5\"\n"))) != 1 {
		t.Errorf("the test looked at %d files", looked)
	}
}

func weak(t *testing.T, name string, text []byte) (problems []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	must(t, err)
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if slices.Contains([]string{"crypto/md5", "crypto/sha1", "crypto/des", "crypto/rc4", "math/rand", "math/rand/v2"}, path) {
			problems = append(problems, name+" imports "+path)
		}
	}
	return problems
}

// TestChange: what is done has its entry before it is done; what cannot be entered is not done; what fails says so.
func TestChange(t *testing.T) {
	d := newDesk(t)
	count := func() int {
		list, err := d.Entries(t.Context(), accounts.Filter{By: "li"})
		must(t, err)
		return len(list)
	}
	e := accounts.Entry{By: "li", Does: "case.closed", Object: "c-1", Detail: accounts.Facts("chars", accounts.Length(" 四个字呢 "), "none", accounts.Length(" "))}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, d.Change(gone, e, func() error {
		if count() != 1 {
			t.Error("it is done before it is entered")
		}
		return nil
	}))
	broken := errors.New("the disk is full")
	if err := d.Change(t.Context(), e, func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	list, err := d.Entries(t.Context(), accounts.Filter{By: "li"})
	must(t, err)
	if len(list) != 3 || list[0].Detail != accounts.Failed || list[0].Object != "c-1" || list[0].Does != e.Does || list[1].Detail != "chars=4" {
		t.Errorf("%+v", list)
	}
	e.By = ""
	if err := d.Change(t.Context(), e, func() error { t.Error("it is done without an entry"); return nil }); err == nil {
		t.Error("nobody may change something")
	}
}

// TestReadFacts reads what Facts writes, and any other text without a loss of words.
func TestReadFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		detail := accounts.Facts("a", value, "b", "plain")
		want := [][2]string{{"a", value}, {"b", "plain"}}
		if value == "" {
			want = want[1:]
		}
		if got := accounts.ReadFacts(detail); !slices.Equal(got, want) {
			t.Fatalf("%q is read as %q", detail, got)
		}
	})
	for detail, want := range map[string][][2]string{
		"": nil, " failed ": {{"", "failed"}}, `a="b c" alone`: {{"a", "b c"}, {"", "alone"}}, `a="b`: {{"a", `"b`}}, "a=`` b='c'": {{"a", "``"}, {"b", "'c'"}}, "two words": {{"", "two"}, {"", "words"}},
	} {
		if got := accounts.ReadFacts(detail); !slices.Equal(got, want) {
			t.Errorf("%q is read as %q", detail, got)
		}
	}
}
