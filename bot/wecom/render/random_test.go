package render_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake/judge"
)

var documents = flag.Int("documents", 300, "how many random documents to try")

// ref is the reference that tests give.
const ref = "7F3K2Q"

// A tester is *testing.T or *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func setChecks(t *testing.T) {
	t.Helper()
	if err := flag.Set("rapid.checks", fmt.Sprint(*documents)); err != nil {
		t.Fatal(err)
	}
}

// TestRandomDocuments holds the messages of documents at random against these, as the fake WeCom shows them, which was
// written apart from this package: taken, whole, in order, with links to the pages of sources alone and no other markup
// than ours.
func TestRandomDocuments(t *testing.T) {
	setChecks(t)
	begun, messages, parts := time.Now(), 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		d := randomdoc.Doc().Draw(rt, "document")
		for _, on := range styles {
			list := render.Parts(d, on.s, ref)
			checkParts(rt, d, on.s, list)
			messages += len(list)
			parts = max(parts, len(list))
		}
		checkSnapshot(rt, d)
		checkCards(rt, d)
	})
	t.Logf("%d documents, %d messages, at most %d of one document, %.1f s", *documents, messages, parts, time.Since(begun).Seconds())
}

// surface is the one of the fake that a style is for.
func surface(s render.Style) judge.Surface {
	switch s {
	case render.Bot:
		return judge.Bot
	case render.App:
		return judge.App
	}
	return judge.Hook
}

// checkParts holds the messages of a document against it.
func checkParts(t tester, d channel.Doc, s render.Style, list []string) {
	t.Helper()
	if len(list) == 0 {
		t.Fatal("no message")
	}
	var all strings.Builder
	linked := map[string]bool{}
	for i, p := range list {
		if len(p) > s.Bytes || !utf8.ValidString(p) {
			t.Fatalf("message %d has %d bytes", i+1, len(p))
		}
		shown := look(t, d, s, p)
		for _, l := range shown.Links {
			linked[l.URL] = true
		}
		all.WriteString(withoutLabel(t, d.Label, i+1, len(list), p, shown.Text))
		all.WriteString("\n")
	}
	checkWhole(t, d, all.String())
	for _, c := range d.Citations {
		if strings.HasPrefix(c.URL, "https://policy.example/clauses/") && !linked[c.URL] {
			t.Fatalf("no link to %q", c.URL)
		}
	}
}

// ours is all that is bold.
var ours = []string{"注意", "Note", "依据", "依据（续）", "Sources", "Sources (continued)"}

// look asks the fake WeCom whether it takes a message and gives what people see of it: nothing but our own markup.
func look(t tester, d channel.Doc, s render.Style, p string) judge.Shown {
	t.Helper()
	if err := judge.Markdown(surface(s), p); err != nil {
		t.Fatalf("%v: %.300q", err, p)
	}
	shown := judge.Read(surface(s), p)
	for what, n := range map[string]int{
		"mentions": len(shown.Mentions), "italics": len(shown.Italic), "struck": len(shown.Struck), "headings": len(shown.Headings),
		"rows": len(shown.Rows), "images": len(shown.Images), "fonts": len(shown.Fonts), "thoughts": len(shown.Thoughts), "code": len(shown.Code),
	} {
		if n > 0 {
			t.Fatalf("%s in %.2000q: %+v", what, p, shown)
		}
	}
	for _, b := range shown.Bold {
		if !slices.Contains(ours, b) {
			t.Fatalf("%q is bold in %.2000q", b, p)
		}
	}
	for _, l := range shown.Links {
		if !strings.HasPrefix(l.URL, "http") || !slices.ContainsFunc(d.Citations, func(c channel.Citation) bool { return c.URL == l.URL }) {
			t.Fatalf("a link to %q in %.2000q", l.URL, p)
		}
	}
	for _, doubt := range shown.Doubtful { // what stands between ` is the one thing that nothing breaks everywhere
		if strings.Trim(doubt, "`") != "" {
			t.Fatalf("a client could take %q for markup in %.2000q", doubt, p)
		}
	}
	if strings.Count(p, "\n> ")+strings.Count(p, "\n>\n")+1 < len(shown.Quotes) {
		t.Fatalf("quotes that are not ours: %q", shown.Quotes)
	}
	return shown
}

// withoutLabel wants the last line of a message, and no other, to show the label, its number and the reference, and gives
// what is above.
func withoutLabel(t tester, l channel.Label, part, parts int, raw, shown string) string {
	t.Helper()
	for text, seen := range map[string]bool{raw: false, shown: true} {
		lines := strings.Split(text, "\n")
		last := lines[len(lines)-1]
		counted := strings.Contains(last, fmt.Sprintf("%d/%d", part, parts))
		if render.ParseLabel(last) != l || counted != (parts > 1) || render.ReadRef(text) != ref || render.ReadRef(strings.ReplaceAll(text, "\n", " ")) != ref {
			t.Fatalf("message %d of %d of %q ends in %q, its reference is read as %q", part, parts, l, last, render.ReadRef(text))
		}
		for _, line := range lines[:len(lines)-1] {
			if !seen && render.ParseLabel(line) != "" {
				t.Fatalf("%q looks like the label", line)
			}
		}
		if seen {
			return strings.Join(lines[:len(lines)-1], "\n")
		}
	}
	lines := strings.Split(shown, "\n")
	return strings.Join(lines[:len(lines)-1], "\n")
}

// checkWhole wants each node whole, in order and once, and each source once.
func checkWhole(t tester, d channel.Doc, text string) {
	t.Helper()
	got := randomdoc.Bare(text)
	for _, c := range d.Citations {
		if n := strings.Count(got, fmt.Sprintf("[%d]《¶%d¶", c.N, c.N)) + strings.Count(got, fmt.Sprintf("[%d]“¶%d¶", c.N, c.N)); n != 1 {
			t.Fatalf("source %d is there %d times in %q", c.N, n, text)
		}
	}
	nodes := d.Nodes
	if len(nodes) == 0 {
		nodes = []channel.Node{{Text: d.Text}}
	}
	at := 0
	for _, n := range nodes {
		if !strings.HasPrefix(n.Text, "§") {
			continue
		}
		mark := randomdoc.Bare(n.Text[:strings.LastIndex(n.Text, "§")+len("§")])
		if strings.Count(got, mark) != 1 {
			t.Fatalf("%s is there %d times in %q", mark, strings.Count(got, mark), text)
		}
		want := randomdoc.Bare(n.Text)
		next := strings.Index(got[at:], want)
		if next < 0 {
			t.Fatalf("%q is not in %q", want, got[at:])
		}
		at += next + len(mark)
		wantMarkers(t, d, n, got[at-len(mark)+len(want):])
	}
}

// wantMarkers wants what stands behind a sentence to be its citations, each once.
func wantMarkers(t tester, d channel.Doc, n channel.Node, rest string) {
	t.Helper()
	seen := map[int]bool{}
	rest = strings.TrimPrefix(rest, "”")
	for _, c := range n.Cites {
		if c < 1 || c > len(d.Citations) || seen[c] {
			continue
		}
		seen[c] = true
		var found bool
		if rest, found = strings.CutPrefix(rest, fmt.Sprintf("[%d]", c)); !found {
			t.Fatalf("behind %q stands %.80q, want citation %d of %v", n.Text, rest, c, n.Cites)
		}
	}
}

// checkSnapshot wants a snapshot to be how the whole begins, within the budget, and without half of anything.
func checkSnapshot(t *rapid.T, d channel.Doc) {
	if i := slices.IndexFunc(d.Nodes, func(n channel.Node) bool { return n.Text == "依据：" }); i >= 0 {
		d.Nodes = d.Nodes[:i]
	}
	whole := ""
	for _, p := range render.Parts(d, render.Bot, "") {
		text := judge.Read(judge.Bot, p).Text
		whole += text[:strings.LastIndex(text, "— ")]
	}
	snapshot := render.Snapshot(d, render.Bot)
	if snapshot == "" {
		return
	}
	shown := look(t, d, render.Bot, snapshot)
	if len(shown.Text) > render.Budget || len(snapshot) > render.Bot.Bytes {
		t.Fatalf("a snapshot of %d bytes, of which %d are seen", len(snapshot), len(shown.Text))
	}
	got := randomdoc.Bare(shown.Text)
	for i := len(got); i > 0 && (got[i-1] == ']' || got[i-1] == '[' || got[i-1] >= '0' && got[i-1] <= '9'); i-- {
		got = got[:i-1]
	}
	if got = strings.TrimSuffix(got, "”"); !strings.HasPrefix(randomdoc.Bare(whole), got) {
		t.Fatalf("%q is not how %q begins", got, randomdoc.Bare(whole))
	}
}
