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
	"policybot/bot/slack/act"
	"policybot/bot/slack/render"
)

var documents = flag.Int("documents", 300, "how many random documents to try")

// nasty are pieces of text that break what is not careful.
var nasty = []string{
	"<!channel>", "<!here|here>", "<@U123456>", "<#C123|general>", "<!date^1392734382^{date}|x>", "<!subteam^S1>", "</a>", "<b>", "&lt;", "&amp;", "&",
	"[x](http://evil.example)", "![x](http://evil.example/a.png)", "<http://evil.example|safe>", "http://evil.example/a?b=1&c=2", "www.evil.example",
	"someone@evil.example", "javascript:alert(1)", "*bold*", "**b**", "_it_", "~~s~~", "`code`", "```\nfence\n```", "| a | b |\n|---|---|\n| 1 | 2 |",
	"\n# heading\n", "\n- item\n", "\n1. item\n", "\n> quote\n", "\n---\n", "\n===\n", "    code", ":smile:", "@channel", "@here", "#general", "\\", "\\[", "[1]", "[99]", "[^1]",
	"[a]: http://evil.example", "\u202eabc\u202c", "\u200f", "\u200b", "\ufeff", "\u2066x\u2069", "\x00", "\x1b[31m", "\x07", "\r\n", "\u2028", "\t",
	"👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇳🇬🇧", "e\u0301", "Z͑ͫ̓ͪ̂ͫ", "𠮷野家", "1,234,567.89", "2020-2022年", "50%", "厦府办〔2020〕57号", "《办法》", "“引用”", "。", "；", "，", "! ", ". ",
	"{\"a\":1}", "%s", "$x$", "^", "||", "第三条", "\ufffd",
}

var plainWords = []string{
	"对符合条件的企业给予补贴。", "最高不超过500万元。", "申请人应当在30日内提交材料，逾期不予受理；", "生物医药", "The allowance is paid once a year. ", "per cent ", "Article 12, ", "subsidy ", "企业", "上市",
}

func textGen(longest int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		// Few documents are long: their length is drawn twice.
		n := rapid.IntRange(1, rapid.IntRange(1, longest).Draw(t, "most")).Draw(t, "words")
		for b.Len() == 0 || n > 0 {
			n--
			list := plainWords
			if rapid.IntRange(0, 3).Draw(t, "nasty") == 0 {
				list = nasty
			}
			word := rapid.SampledFrom(list).Draw(t, "word")
			times := 1
			if rapid.IntRange(0, 1500).Draw(t, "long") == 700 {
				times = rapid.IntRange(1, 4000).Draw(t, "times")
			}
			b.WriteString(strings.Repeat(word, times))
		}
		return b.String()
	})
}

// documentGen makes documents as hostile as the type allows. Each sentence and title has a number of its
// own, by which the test finds it again: §n§ in sentences, no other text has that sign.
func documentGen() *rapid.Generator[channel.Doc] {
	return rapid.Custom(func(t *rapid.T) channel.Doc {
		d := channel.Doc{
			ID: "a-1", Lang: rapid.SampledFrom([]string{"zh", "en", ""}).Draw(t, "lang"),
			Label: rapid.SampledFrom([]channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice}).Draw(t, "label"),
		}
		n := rapid.IntRange(0, 40).Draw(t, "citations")
		if rapid.Bool().Draw(t, "few") {
			n = min(n, 4)
		}
		for i := range n {
			d.Citations = append(d.Citations, citationGen(t, i+1))
		}
		for i := range rapid.IntRange(0, 30).Draw(t, "nodes") {
			node := channel.Node{
				Kind: rapid.SampledFrom([]channel.NodeKind{channel.Sentence, channel.Sentence, channel.Line, channel.Notice}).Draw(t, "kind"),
				Text: fmt.Sprintf("§%d§ %s", i, textGen(20).Draw(t, "text")),
			}
			if node.Kind == channel.Sentence && n > 0 {
				node.Cites = rapid.SliceOfN(rapid.IntRange(0, n+1), 0, 4).Draw(t, "cites")
			}
			d.Nodes = append(d.Nodes, node)
		}
		if rapid.IntRange(0, 5).Draw(t, "alone") == 0 {
			d.Nodes, d.Text = nil, "§0§ "+textGen(60).Draw(t, "text")
		}
		if rapid.Bool().Draw(t, "listed") {
			d.Nodes = append(d.Nodes, listed(d)...)
		}
		for i := range rapid.IntRange(0, 8).Draw(t, "buttons") {
			d.Buttons = append(d.Buttons, channel.Button{
				Token: fmt.Sprintf("token%017d", i), Label: textGen(4).Draw(t, "button"),
				Does: rapid.SampledFrom([]string{"good", "bad", "person", "reply", "reply", "case"}).Draw(t, "does"),
			})
		}
		return d
	})
}

func citationGen(t *rapid.T, n int) channel.Citation {
	c := channel.Citation{
		N: n, Title: fmt.Sprintf("¶%d¶ %s", n, textGen(3).Draw(t, "title")), Number: rapid.SampledFrom([]string{"", "厦府办〔2020〕57号", "<!channel>"}).Draw(t, "number"),
		Path: rapid.SampledFrom([]string{"", "第三条", "二/(十四)", "*a*|b"}).Draw(t, "path"), Quote: textGen(12).Draw(t, "quote"),
		Clause: rapid.SampledFrom([]string{"", "a.1", "xiamen-2020-2022.h2"}).Draw(t, "clause"),
		URL:    rapid.SampledFrom([]string{"", fmt.Sprintf("https://policy.example/clauses/a.%d?quote=1-20", n), "javascript:alert(1)", "ftp://a.example", "http://policy.example/(x)", "https://policy.example/" + strings.Repeat("a", 900)}).Draw(t, "url"),
	}
	if rapid.Bool().Draw(t, "short title") {
		c.Title = fmt.Sprintf("¶%d¶", n)
	}
	return c
}

// listed are the lines in which the text form lists sources.
func listed(d channel.Doc) []channel.Node {
	nodes := []channel.Node{{Kind: channel.Line, Text: "依据："}}
	for _, c := range d.Citations {
		title := strings.Join(strings.Fields(c.Title), " ")
		nodes = append(nodes, channel.Node{Kind: channel.Line, Text: fmt.Sprintf("[%d] 《%s》（%s，2020年印发） · %s 标题", c.N, title, c.Number, c.Path)})
	}
	return append(nodes, channel.Node{Kind: channel.Line, Text: "§900§ 本答复仅供参考。"})
}

// bare is what must be left of a text: what can be seen.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// TestRandomDocuments checks the laws of messages on documents at random.
func TestRandomDocuments(t *testing.T) {
	setChecks(t)
	begun, messages, parts := time.Now(), 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		d := documentGen().Draw(rt, "document")
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
	if last && under == 0 && len(d.Buttons) > 0 && bare(d.Buttons[0].Label) != "" {
		t.Fatalf("no button of %v", d.Buttons)
	}
}

// checkWhole wants each node whole, in order and once, and each source once.
func checkWhole(t *rapid.T, d channel.Doc, text string) {
	got := bare(text)
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
		mark := bare(n.Text[:strings.LastIndex(n.Text, "§")+len("§")])
		if strings.Count(got, mark) != 1 {
			t.Fatalf("%s is there %d times in %q", mark, strings.Count(got, mark), text)
		}
		want := bare(n.Text)
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
