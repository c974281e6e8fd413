package render_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/slack/act"
	"policybot/bot/slack/render"
)

var documents = flag.Int("documents", 300, "how many random documents to try")

// TestRandomDocuments checks the laws of messages on documents at random.
func TestRandomDocuments(t *testing.T) {
	setChecks(t)
	begun, messages, parts := time.Now(), 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		d := randomdoc.Doc().Draw(rt, "document")
		list := render.Messages(d, "key")
		check(rt, d, list)
		for _, m := range render.Tail(d, "key") {
			look(rt, m.Blocks)
			look(rt, m.Plain)
		}
		checkMarkdown(rt, d)
		messages += len(list)
		parts = max(parts, len(list))
	})
	t.Logf("%d documents, %d messages, at most %d of one document, %.1f s", *documents, messages, parts, time.Since(begun).Seconds())
}

func setChecks(t *testing.T) {
	t.Helper()
	if err := flag.Set("rapid.checks", fmt.Sprint(*documents)); err != nil {
		t.Fatal(err)
	}
}

// check holds the messages of a document against it.
func check(t *rapid.T, d channel.Doc, list []render.Message) {
	if len(list) == 0 {
		t.Fatal("no message")
	}
	var native, plain, text strings.Builder
	linked := map[string]bool{}
	for i, m := range list {
		if m.Part != i+1 || m.Parts != len(list) {
			t.Fatalf("message %d of %d says %d of %d", i+1, len(list), m.Part, m.Parts)
		}
		for _, of := range []struct {
			*seen
			to *strings.Builder
		}{{look(t, m.Blocks), &native}, {look(t, m.Plain), &plain}} {
			for line := range strings.Lines(of.text()) { // a sentence may go on after the label
				if render.ParseLabel(strings.TrimSuffix(line, "\n")) == "" {
					of.to.WriteString(line)
				}
			}
			checkLabel(t, d, of.text())
			checkLinks(t, d, of.links)
			for _, l := range of.links {
				linked[l] = true
			}
			checkIDs(t, m, of.seen)
			checkButtons(t, d, i == len(list)-1, of.actions)
		}
		if strings.ContainsAny(m.Text, "<>") || len(m.Text) > 40000 || !utf8.ValidString(m.Text) || strings.TrimSpace(m.Text) == "" {
			t.Fatalf("text of message %d: %.200q", i+1, m.Text)
		}
		if strings.ContainsFunc(m.Text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Fatalf("a control character in %q", m.Text)
		}
		text.WriteString(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m.Text) + "\n")
	}
	for _, of := range []string{native.String(), plain.String()} {
		checkWhole(t, d, of)
	}
	for _, c := range d.Citations {
		if strings.HasPrefix(c.URL, "https://policy.example/clauses/") && !linked[c.URL] {
			t.Fatalf("no link to %q", c.URL)
		}
	}
}

func checkLabel(t *rapid.T, d channel.Doc, text string) {
	for line := range strings.Lines(text) {
		if render.ParseLabel(strings.TrimSuffix(line, "\n")) == d.Label {
			return
		}
	}
	t.Fatalf("the label %q is not in %q", d.Label, text)
}

func checkLinks(t *rapid.T, d channel.Doc, links []string) {
	for _, l := range links {
		if !slices.ContainsFunc(d.Citations, func(c channel.Citation) bool { return c.URL == l }) || !strings.HasPrefix(l, "http") {
			t.Fatalf("a link to %q", l)
		}
	}
}

func checkIDs(t *rapid.T, m render.Message, s *seen) {
	if !s.ids[render.BlockID("key", m.Part, m.Parts)] {
		t.Fatalf("no block has the id of part %d of %d: %v", m.Part, m.Parts, s.ids)
	}
	for id := range s.ids {
		if of, part, parts, ok := render.ParseBlockID(id); !ok || of != render.Mark("key") || part != m.Part || parts != m.Parts {
			t.Fatalf("block id %q of part %d of %d says %q %d %d %t", id, m.Part, m.Parts, of, part, parts, ok)
		}
	}
}

// checkButtons wants buttons under the last message only; those of clauses may stand anywhere.
func checkButtons(t *rapid.T, d channel.Doc, last bool, actions map[string]bool) {
	under := 0
	for id := range actions {
		if !act.Is(id, act.Clause) {
			under++
		}
	}
	if !last && under > 0 {
		t.Fatalf("buttons under a message before the last: %v", actions)
	}
	if last && under == 0 && len(d.Buttons) > 0 && randomdoc.Bare(d.Buttons[0].Label) != "" {
		t.Fatalf("no button of %v", d.Buttons)
	}
}

// checkWhole wants each node whole, in order and once, and each source once.
func checkWhole(t *rapid.T, d channel.Doc, text string) {
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
func wantMarkers(t *rapid.T, d channel.Doc, n channel.Node, rest string) {
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

// checkMarkdown wants what was streamed to stay as more is said.
func checkMarkdown(t *rapid.T, d channel.Doc) {
	d.Buttons = nil // with the last document come lines that stand below it
	said := d.Nodes
	if at := slices.IndexFunc(d.Nodes, func(n channel.Node) bool { return n.Text == "依据：" }); at >= 0 {
		said = d.Nodes[:at]
	}
	whole := render.Markdown(d)
	if strings.ContainsAny(whole, "<>") || !utf8.ValidString(whole) {
		t.Fatalf("markup in %q", whole)
	}
	for range min(3, len(said)) {
		i := rapid.IntRange(1, len(said)).Draw(t, "so far")
		part := d
		part.Nodes = slices.Clone(said[:i])
		if got := render.Markdown(part); !strings.HasPrefix(whole, got) {
			t.Fatalf("what was shown after %d nodes is not how the whole begins:\n%q\n%q", i, got, whole)
		}
	}
	n := rapid.IntRange(0, 2000).Draw(t, "head")
	if head := render.Head(whole, n); !strings.HasPrefix(whole, head) || units(head) > n {
		t.Fatalf("head of %d is %d long: %q", n, units(head), head)
	}
}
