package render_test

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/slack/render"
)

func lineDoc(text string) channel.Doc {
	return channel.Doc{Lang: "zh", Label: channel.LabelAI, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}

// said is what a message says: what its blocks show, but for the label.
func said(t *testing.T, m render.Message) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(look(t, m.Blocks).text()) {
		if render.ParseLabel(strings.TrimSuffix(line, "\n")) == "" {
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestBudget wants a text of no more than the budget in one message, and longer ones cut at the ends of
// sentences.
func TestBudget(t *testing.T) {
	n := render.Budget
	var numbered strings.Builder
	for i := 1; numbered.Len() < 10*n; i++ {
		fmt.Fprintf(&numbered, "%d。", i)
	}
	cases := []struct {
		name, text, end string
		parts           int // 0: any but 1
	}{
		{"one byte less", strings.Repeat("a", n-1), "", 1},
		{"exactly", strings.Repeat("a", n), "", 1},
		{"one byte over", strings.Repeat("a", n+1), "", 2},
		{"a rune across", strings.Repeat("a", n-1) + "税", "", 2},
		{"Chinese sentences", strings.Repeat("对符合。", n/4), "。", 0},
		{"English sentences", strings.Repeat("It was so. ", n/4), ".", 0},
		{"sentences in quotes", strings.Repeat("“好。”", n/4), "”", 0},
		{"emoji", strings.Repeat("👩‍👩‍👧‍👦", n/10), "", 0},
		{"lines", strings.Repeat("a line\n", n/4), "line", 0},
		{"numbered", numbered.String(), "。", 0},
		{"a sentence of 50,000 characters", strings.Repeat("长", 50000), "", 0},
		{"a megabyte", strings.Repeat("第一条为了促进发展，制定本办法。", 1<<20/48), "。", 0},
	}
	for _, c := range cases {
		messages := render.Messages(lineDoc(c.text), "k")
		if c.parts > 0 && len(messages) != c.parts || c.parts == 0 && len(messages) < 2 {
			t.Errorf("%s: %d messages, want %d", c.name, len(messages), c.parts)
		}
		var all strings.Builder
		for i, m := range messages {
			text := said(t, m)
			if len(text) > n || strings.TrimSpace(text) == "" || strings.ContainsRune(text, utf8.RuneError) {
				t.Errorf("%s: message %d has %d bytes: %.80q", c.name, i+1, len(text), text)
			}
			if i < len(messages)-1 && !strings.HasSuffix(text, c.end) {
				t.Errorf("%s: message %d ends in %q", c.name, i+1, text[max(0, len(text)-20):])
			}
			all.WriteString(text)
		}
		if randomdoc.Bare(all.String()) != randomdoc.Bare(c.text) {
			t.Errorf("%s: the text is not whole", c.name)
		}
	}
}

// TestManySources wants 40 citations with long quotes, all shown and within the limits.
func TestManySources(t *testing.T) {
	d := channel.Doc{Lang: "zh", Label: channel.LabelAI}
	var all []int
	for i := 1; i <= 40; i++ {
		all = append(all, i)
		d.Citations = append(d.Citations, channel.Citation{
			N: i, Title: fmt.Sprintf("关于促进产业发展的若干措施之%d", i), Number: "厦府办〔2020〕57号", Path: "第三条", Clause: fmt.Sprintf("a.%d", i),
			Quote: strings.Repeat("对符合条件的企业给予补贴。", 200), URL: fmt.Sprintf("https://policy.example/clauses/a.%d?quote=0-100", i),
		})
	}
	d.Nodes = []channel.Node{{Kind: channel.Sentence, Text: "企业可以得到补贴。", Cites: all}}
	messages := render.Messages(d, "k")
	text, buttons := "", 0
	for _, m := range messages {
		s := look(t, m.Blocks)
		look(t, m.Plain)
		text += s.text()
		buttons += len(s.actions)
	}
	if buttons != 40 || strings.Count(text, "若干措施之") != 40 || strings.Count(text, "依据\n") != 1 || !strings.Contains(text, "依据（续）\n") || !strings.Contains(text, "。…") || len(messages) > 4 {
		t.Errorf("%d messages, %d buttons, %d titles", len(messages), buttons, strings.Count(text, "若干措施之"))
	}
}

// TestTail wants the stream and what follows it to be the whole document, and what follows within what
// room the stream leaves.
func TestTail(t *testing.T) {
	d := channel.Doc{Lang: "en", Label: channel.LabelExtract, Nodes: []channel.Node{
		{Kind: channel.Sentence, Text: strings.Repeat("It was so. ", 500), Cites: []int{1}},
		{Kind: channel.Line, Text: "Sources:"},
		{Kind: channel.Line, Text: "[1] “Act” (2020) · Article 3"},
		{Kind: channel.Line, Text: "No ruling."},
	}}
	d.Citations = []channel.Citation{{N: 1, Title: "Act", Path: "Article 3", Quote: strings.Repeat("Another sentence. ", 400), Clause: "a.1"}}
	body, tail := render.Markdown(d), render.Tail(d, "k")
	if strings.Contains(body, "Sources") || strings.Contains(body, "No ruling") || !strings.HasSuffix(body, `”\[1\]`) {
		t.Errorf("streamed: %q", body)
	}
	s := look(t, tail[0].Blocks)
	if s.total+units(body) > render.MaxChars {
		t.Errorf("%d characters streamed and %d behind", units(body), s.total)
	}
	if got := s.text(); strings.Contains(got, "It was so") || !strings.Contains(got, "“Act” (2020) · Article 3") || !strings.Contains(got, "No ruling.") || !strings.Contains(got, "Quoted from the documents") {
		t.Errorf("after the stream: %s", got)
	}
}

// TestTailNotices wants long notices behind a long stream, with many buttons, within the limits.
func TestTailNotices(t *testing.T) {
	d := channel.Doc{Lang: "zh", Label: channel.LabelAI, Nodes: []channel.Node{
		{Kind: channel.Sentence, Text: strings.Repeat("a", render.StreamChars)},
		{Kind: channel.Notice, Text: strings.Repeat("第一条。", 2000)},
	}}
	for i := range 200 {
		d.Buttons = append(d.Buttons, channel.Button{Token: fmt.Sprintf("%064d", i), Label: strings.Repeat("长", 75), Does: "reply"})
	}
	all := ""
	for i, m := range render.Tail(d, "k") {
		s := look(t, m.Blocks)
		if room := render.MaxChars - s.total; i == 0 && room < render.StreamChars {
			t.Errorf("the first message leaves room for %d characters", room)
		}
		all += said(t, m)
	}
	if n := strings.Count(all, "第一条。"); n != 2000 {
		t.Errorf("%d sentences, want 2000", n)
	}
}

// TestButtons wants each kind of button as it is used.
func TestButtons(t *testing.T) {
	d := lineDoc("问题")
	for i, does := range []string{"reply", "good", "bad", "person", "reply", "case"} {
		d.Buttons = append(d.Buttons, channel.Button{Token: fmt.Sprint("t", i), Label: fmt.Sprint("label ", i), Does: does})
	}
	m := render.Messages(d, "k")
	if len(m) != 1 {
		t.Fatalf("%d messages", len(m))
	}
	golden(t, "buttons.golden", readable(m)+"--- plain\n"+plainly(m[0]))
	for _, b := range []channel.Button{{Token: "", Label: "x", Does: "reply"}, {Token: "t", Label: " \n", Does: "good"}} {
		d.Buttons = []channel.Button{b}
		if len(look(t, render.Messages(d, "k")[0].Blocks).actions) != 0 {
			t.Errorf("a button of %v", b)
		}
	}
	d.Buttons = nil
	for i := range 200 {
		d.Buttons = append(d.Buttons, channel.Button{Token: fmt.Sprint("t", i), Label: strings.Repeat("长", 200), Does: "reply"})
	}
	if got := len(look(t, render.Messages(d, "k")[0].Blocks).actions); got != render.MaxButtons {
		t.Errorf("%d buttons", got)
	}
}

func plainly(m render.Message) string {
	var b strings.Builder
	writeBlocks(&b, m.Plain)
	return b.String()
}

// TestEmpty wants a document without anything to see to be one message with its label.
func TestEmpty(t *testing.T) {
	for _, text := range []string{"", " \n\t", "\u200b", "\x00\x01", "\u202e"} {
		m := render.Messages(lineDoc(text), "k")
		if len(m) != 1 || said(t, m[0]) != "" || m[0].Text != "— "+render.LabelText(channel.LabelAI, "zh") {
			t.Errorf("%q became %d messages: %q", text, len(m), m[0].Text)
		}
	}
}

// TestHeadCharacters wants no character cut in two where a body is shown in part.
func TestHeadCharacters(t *testing.T) {
	text := render.Markdown(lineDoc("ae\u0301👍🏽<*"))
	for n, want := range []string{"", "a", "a", "ae\u0301", "ae\u0301", "ae\u0301", "ae\u0301", "ae\u0301👍🏽", "ae\u0301👍🏽", "ae\u0301👍🏽", "ae\u0301👍🏽", "ae\u0301👍🏽&lt;", "ae\u0301👍🏽&lt;", `ae` + "\u0301" + `👍🏽&lt;\*`} {
		if got := render.Head(text, n); got != want {
			t.Errorf("the head of %d is %q, want %q", n, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		seen := map[string]bool{}
		for _, l := range []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice} {
			text := render.LabelText(l, lang)
			if seen[text] || render.ParseLabel(text) != l {
				t.Errorf("%s in %s is %q, which is read as %q", l, lang, text, render.ParseLabel(text))
			}
			seen[text] = true
			d := channel.Doc{Lang: lang, Label: l, Text: strings.Repeat("a", 3*render.Budget)}
			for i, m := range render.Messages(d, "k") {
				lines := strings.Split(m.Text, "\n")
				if got := strings.TrimPrefix(lines[len(lines)-1], "— "); render.ParseLabel(got) != l || !strings.Contains(got, fmt.Sprintf("%d/3", i+1)) {
					t.Errorf("message %d of a document by %s ends in %q", i+1, l, got)
				}
			}
		}
		for _, step := range []string{"queued", "working", "other"} {
			if s := render.Status(step, lang); s == "" || strings.Contains(s, ",") {
				t.Errorf("status %s in %s is %q", step, lang, s)
			}
		}
		if render.Status("queued", lang) == render.Status("working", lang) {
			t.Error("waiting and working look alike")
		}
	}
	for _, text := range []string{"", "原文", "原文摘录。", "（1/2）", "原文摘录（a/b）"} {
		if got := render.ParseLabel(text); got != "" {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestBlockIDs(t *testing.T) {
	id := render.BlockID("slack:T1:C1-100.1/a", 2, 11)
	for _, s := range []string{id, id + "-7"} {
		if of, part, parts, ok := render.ParseBlockID(s); !ok || of != render.Mark("slack:T1:C1-100.1/a") || part != 2 || parts != 11 {
			t.Errorf("%q is %q %d %d %t", s, of, part, parts, ok)
		}
	}
	if render.Mark("k1") == render.Mark("k10") || len(id) > 60 {
		t.Errorf("marks %q and %q, id %q", render.Mark("k1"), render.Mark("k10"), id)
	}
	short := id[:len(id)-5]
	for _, s := range []string{"", "pb-", "x" + id, id + "-", id + "-0", id + "-1-1", short + "-12-11", short + "-0-1", short + "-01-1", short + "-1", "pb-abc-1-1"} {
		if _, _, _, ok := render.ParseBlockID(s); ok {
			t.Errorf("%q is read as ours", s)
		}
	}
}

// TestMarkdown wants a text to be shown as it is.
func TestMarkdown(t *testing.T) {
	cases := [][2]string{
		{"一\n二", "一  \n二"},
		{"一\n\n\n二", "一\n\n二"},
		{"    code", "code"},
		{"# heading", `\# heading`},
		{"a # b", `a # b`},
		{"- item\n+ item", "\\- item  \n\\+ item"},
		{"1. item", `1\. item`},
		{"12) item", `12\) item`},
		{"2020.1", `2020\.1`},
		{"a 1. b", "a 1. b"},
		{"===\n---", "\\===  \n\\---"},
		{"> quote", "&gt; quote"},
		{"<!channel> <@U1> &lt;", `&lt;\!channel&gt; &lt;\@U1&gt; &amp;lt;`},
		{"**b** _i_ ~s~ `c`", "\\*\\*b\\*\\* \\_i\\_ \\~s\\~ \\`c\\`"},
		{"[x](http://evil.example)", `\[x\]\(http:\//evil.example)`},
		{"![x](y)", `\!\[x\]\(y)`},
		{"| a | b |", `\| a \| b \|`},
		{"www.evil.example a@b.example", `www\.evil.example a\@b.example`},
		{"@channel @Here @all", `＠channel ＠Here \@all`},
		{":smile: at 12:30", `\:smile\: at 12:30`},
		{`\*`, `\\\*`},
	}
	for _, c := range cases {
		if got := render.Markdown(lineDoc(c[0])); got != c[1] {
			t.Errorf("%q became\n%s\nwant\n%s", c[0], got, c[1])
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range randomdoc.Nasty {
		f.Add(s, "rest", 10)
	}
	f.Fuzz(func(t *testing.T, text, more string, n int) {
		whole, begun := render.Markdown(lineDoc(text+more)), render.Markdown(lineDoc(text))
		called := strings.LastIndex(text, "@") >= max(0, len(text)-len("everyone")) // perhaps a word is cut in two
		if utf8.ValidString(text) && utf8.ValidString(more) && !called && !strings.HasPrefix(whole, begun) {
			t.Errorf("%q is not how %q begins", begun, whole)
		}
		if got := html.UnescapeString(unescape(whole)); at(randomdoc.Bare(got)) != at(randomdoc.Bare(text+more)) {
			t.Errorf("%q shows %q", whole, got)
		}
		if strings.ContainsAny(whole, "<>") || strings.TrimSpace(whole) != whole && randomdoc.Bare(whole) != "" {
			t.Errorf("Markdown is %q", whole)
		}
		if head := render.Head(whole, n); units(head) > max(n, 0) || !strings.HasPrefix(whole, head) {
			t.Errorf("the head of %q with %d characters is %q", whole, n, head)
		}
	})
}

// at makes the two kinds of @ one.
func at(s string) string { return strings.ReplaceAll(s, "＠", "@") }

// unescape takes the backslashes out of Markdown.
func unescape(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}

func FuzzEscape(f *testing.F) {
	for _, s := range randomdoc.Nasty {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := render.Escape(text)
		if strings.ContainsAny(got, "<>") || !utf8.ValidString(got) || strings.Count(got, "&") != strings.Count(got, ";")-strings.Count(text, ";") {
			t.Errorf("%q is escaped as %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("a control character in %q", got)
		}
		shown := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(got)
		if at(randomdoc.Bare(shown)) != at(randomdoc.Bare(text)) {
			t.Errorf("%q is shown as %q", text, shown)
		}
	})
}

// FuzzMessages wants any text within the limits and whole.
func FuzzMessages(f *testing.F) {
	for _, s := range randomdoc.Nasty {
		f.Add(s, 3000)
	}
	f.Fuzz(func(t *testing.T, text string, times int) {
		if times < 1 || times > 5000 || len(text)*times > 200000 {
			return
		}
		text = strings.Repeat(text, times)
		var all strings.Builder
		for _, m := range render.Messages(lineDoc(text), "k") {
			look(t, m.Plain)
			all.WriteString(said(t, m))
		}
		if randomdoc.Bare(all.String()) != randomdoc.Bare(text) && render.ParseLabel(strings.TrimSpace(text)) == "" && !strings.Contains(text, "AI") {
			t.Errorf("%.200q is not whole", text)
		}
	})
}

// TestOptions wants what is sent with a text to take markup and links away.
func TestOptions(t *testing.T) {
	_, values, err := slack.UnsafeApplyMsgOptions("token", "C1", "https://slack.example/", append(render.Options(), slack.MsgOptionText("*a*", false))...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"parse": "none", "mrkdwn": "false", "link_names": "false", "unfurl_links": "false", "unfurl_media": "false"} {
		if values.Get(key) != want {
			t.Errorf("%s is %q, want %q in %s", key, values.Get(key), want, got)
		}
	}
}

// TestPages wants documents of many parts within the limits: each message holds what it may and no more.
func TestPages(t *testing.T) {
	node := func(kind channel.NodeKind, bytes int) channel.Node {
		return channel.Node{Kind: kind, Text: strings.Repeat("a", bytes-1) + "."}
	}
	long := "https://policy.example/clauses/a?" + strings.Repeat("q", 500)
	cases := []struct {
		name  string
		nodes []channel.Node
		cites int
		url   string
		parts int
	}{
		{name: "a short line before one of the budget", nodes: []channel.Node{node(channel.Line, 100), node(channel.Line, render.Budget)}, parts: 2},
		{name: "a half-full message before one that must be cut", nodes: []channel.Node{node(channel.Line, render.Budget/2), node(channel.Line, 2*render.Budget)}, parts: 3},
		{name: "two hundred notices", nodes: slices.Repeat([]channel.Node{node(channel.Notice, 20)}, 200), parts: 5},
		{name: "a notice of many messages", nodes: []channel.Node{node(channel.Notice, 3*render.Budget)}, parts: 4},
		{name: "a thousand lines", nodes: slices.Repeat([]channel.Node{node(channel.Line, 10)}, 1000), parts: 2},
		{name: "forty long addresses behind a sentence", nodes: []channel.Node{{Kind: channel.Sentence, Text: "x."}}, cites: 40, url: long, parts: 5},
		{name: "addresses that are too long", nodes: []channel.Node{{Kind: channel.Sentence, Text: "x."}}, cites: 2, url: long + strings.Repeat("q", 500), parts: 1},
	}
	for _, c := range cases {
		d := channel.Doc{Lang: "en", Label: channel.LabelAI, Nodes: c.nodes}
		markers := ""
		for n := range c.cites {
			d.Nodes[0].Cites = append(d.Nodes[0].Cites, n+1)
			d.Citations = append(d.Citations, channel.Citation{N: n + 1, Title: "Act", Path: "1", URL: c.url})
			markers += fmt.Sprintf("[%d]", n+1)
		}
		messages, all := render.Messages(d, "k"), ""
		for i, m := range messages {
			text := said(t, m)
			all += text
			if c.cites == 0 && len(strings.ReplaceAll(text, "\n", "")) > render.Budget {
				t.Errorf("%s: message %d says %d bytes", c.name, i+1, len(text))
			}
			for _, l := range look(t, m.Plain).links {
				if len(l) > 600 {
					t.Errorf("%s: a link of %d characters", c.name, len(l))
				}
			}
		}
		if len(messages) != c.parts || !strings.Contains(all, markers) {
			t.Errorf("%s: %d messages, want %d: %.300s", c.name, len(messages), c.parts, all)
		}
	}
}

// TestSourcesOnce wants sources that are listed in the text, and numbers that two citations have, once.
func TestSourcesOnce(t *testing.T) {
	d := channel.Doc{Lang: "zh", Label: channel.LabelStaff, Nodes: []channel.Node{
		{Kind: channel.Sentence, Text: "可以申请。", Cites: []int{1, 1, 2, 7}},
		{Kind: channel.Line, Text: "依据："},
		{Kind: channel.Line, Text: "[1] 《办法》（2020年1月1日印发） · 第三条"},
		{Kind: channel.Line, Text: "原文：“企业可以申请。”"},
		{Kind: channel.Line, Text: "[2] 同 [1] · 第四条 标题"},
		{Kind: channel.Line, Text: "原文：“企业可以申请。”另有要求，请看全文。"},
	}, Citations: []channel.Citation{
		{N: 1, Title: "办法", Path: "第三条", Quote: "企业可以申请。"},
		{N: 2, Title: "办法", Number: "厦府办〔2020〕57号", Path: "第四条", Quote: "企业可以申请。"},
		{N: 2, Title: "另一办法", Path: "第五条"},
	}}
	got := said(t, render.Messages(d, "k")[0])
	want := "可以申请。[1][2]\n依据\n[1] 《办法》（2020年1月1日印发） · 第三条\n企业可以申请。\n[2] 《办法》（厦府办〔2020〕57号） · 第四条 标题\n企业可以申请。\n原文：“企业可以申请。”另有要求，请看全文。"
	if got != want {
		t.Errorf("it shows\n%s\nwant\n%s", got, want)
	}
}
