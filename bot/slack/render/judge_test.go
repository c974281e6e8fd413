package render_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/slack/render"
	"policybot/bot/slackfake/blockkit"
)

// judge asks the fake Slack, which was written apart from this package, whether it takes the blocks of a
// message, and gives what people see of them.
func judge(t tester, surface blockkit.Surface, blocks []slack.Block) blockkit.Shown {
	t.Helper()
	raw, err := json.Marshal(slack.Blocks{BlockSet: blocks})
	if err != nil {
		t.Fatal(err)
	}
	if err := blockkit.Check(surface, raw); err != nil {
		t.Fatalf("%v in %.2000s", err, raw)
	}
	return blockkit.Read(raw)
}

// judgeAll wants every message of a document taken, without mentions, with links to the addresses of its
// citations alone, and with each sentence and each source once.
func judgeAll(t *rapid.T, d channel.Doc) {
	var native, plain strings.Builder
	cited := map[string]bool{}
	for _, m := range render.Messages(d, "key") {
		n, p := judge(t, blockkit.Stream, m.Blocks), judge(t, blockkit.Message, m.Plain)
		native.WriteString(withoutLabel(n.Text))
		plain.WriteString(withoutLabel(p.Text))
		noHarm(t, d, n)
		noHarm(t, d, p)
		for _, c := range n.Citations {
			cited[c.URL] = true
		}
		if called := blockkit.ReadMrkdwn(m.Text).Mentions; len(called) > 0 {
			t.Fatalf("the text calls on %v", called)
		}
	}
	for _, c := range d.Citations {
		if strings.HasPrefix(c.URL, "https://policy.example/clauses/") && !cited[c.URL] {
			t.Fatalf("no citation of %q", c.URL)
		}
	}
	checkWhole(t, d, native.String())
	checkWhole(t, d, plain.String())
	for _, m := range render.Tail(d, "key") {
		noHarm(t, d, judge(t, blockkit.Stream, m.Blocks))
		noHarm(t, d, judge(t, blockkit.Message, m.Plain))
	}
	judgeMarkdown(t, d)
}

func noHarm(t *rapid.T, d channel.Doc, s blockkit.Shown) {
	if len(s.Mentions) > 0 || len(s.Images) > 0 {
		t.Fatalf("mentions %v, images %v", s.Mentions, s.Images)
	}
	for _, l := range s.Links {
		checkLinks(t, d, []string{l.URL})
	}
}

// shownText is how the text of a message, which is sent without markup, is seen.
var shownText = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "＠", "@", "⚠️", "")

// judgeMarkdown wants what is streamed to be seen as it was said, and notices below it.
func judgeMarkdown(t *rapid.T, d channel.Doc) {
	tail := ""
	for _, m := range render.Tail(d, "key") {
		tail += randomdoc.Bare(shownText.Replace(withoutLabel(m.Text)))
	}
	d.Buttons = nil
	text := render.Markdown(d)
	s := blockkit.ReadMarkdown(text)
	noHarm(t, d, s)
	at, got := 0, randomdoc.Bare(strings.ReplaceAll(s.Text, "＠", "@"))
	for _, n := range d.Nodes {
		if n.Text == "依据：" {
			return
		}
		want := randomdoc.Bare(n.Text)
		if n.Kind == channel.Notice {
			if !strings.Contains(tail, strings.ReplaceAll(want, "⚠️", "")) {
				t.Fatalf("the notice %q is not below the stream: %q", want, tail)
			}
			continue
		}
		next := strings.Index(got[at:], want)
		if next < 0 || !strings.HasPrefix(n.Text, "§") {
			t.Fatalf("%q is not seen in %q of %q", want, got[at:], text)
		}
		at += next + len(want)
		wantMarkers(t, d, n, got[at:])
	}
}

// withoutLabel is a text without the lines that show a label.
func withoutLabel(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if render.ParseLabel(strings.TrimPrefix(strings.TrimSpace(line), "— ")) == "" {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestJudge lets the fake Slack judge the messages of documents at random.
func TestJudge(t *testing.T) {
	setChecks(t)
	rapid.Check(t, func(rt *rapid.T) { judgeAll(rt, randomdoc.Doc().Draw(rt, "document")) })
}

// TestJudgeHeads wants the start of a long body to be seen as it is, too.
func TestJudgeHeads(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		b.WriteString(randomdoc.Nasty[i%len(randomdoc.Nasty)] + "对符合条件的企业给予补贴。")
	}
	text := render.Markdown(lineDoc(b.String()))
	whole := randomdoc.Bare(blockkit.ReadMarkdown(text).Text)
	for n := range 3000 {
		head := render.Head(text, n)
		if got := randomdoc.Bare(blockkit.ReadMarkdown(head).Text); !strings.HasPrefix(whole, got) || !utf8.ValidString(head) {
			t.Fatalf("the head of %d is seen as %q", n, got[max(0, len(got)-100):])
		}
	}
}
