package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake/judge"
	"policybot/prompts"
)

func lineDoc(text string) channel.Doc {
	return channel.Doc{Lang: "zh", Label: channel.LabelAI, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}

// said is what people see of a message, but for its last line.
func said(t tester, d channel.Doc, s render.Style, p string) string {
	t.Helper()
	text := look(t, d, s, p).Text
	return strings.TrimSpace(text[:strings.LastIndex("\n"+text, "\n")])
}

// TestBudget wants a text of no more than the budget in one message, and longer ones cut at the ends of sentences, each
// message within the budget.
func TestBudget(t *testing.T) {
	for _, on := range styles {
		n := on.s.Budget
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
			{"exactly, in Chinese", strings.Repeat("税", n/3), "", 1},
			{"exactly, in lines", strings.Repeat("a line of some words\n", n/21), "", 1},
			{"exactly, with markup in one of 25 bytes", strings.Repeat("*a"+strings.Repeat("b", 23), n/25), "", 1},
			{"one byte over", strings.Repeat("a", n+1), "", 2},
			{"a rune across", strings.Repeat("a", n-1) + "税", "", 2},
			{"Chinese sentences", strings.Repeat("对符合。", n/4), "。", 0},
			{"English sentences", strings.Repeat("It was so. ", n/4), ".", 0},
			{"sentences in quotes", strings.Repeat("“好。”", n/4), "”", 0},
			{"emoji", strings.Repeat("👩‍👩‍👧‍👦", n/10), "", 0},
			{"lines", strings.Repeat("a line\n", n/4), "line", 0},
			{"blank lines", strings.Repeat("a\n\n\n\n", n), "a", 0},
			{"numbered", numbered.String(), "。", 0},
			{"markup", strings.Repeat("*a`<@all>", n/2), "", 0},
			{"a sentence of 50,000 characters", strings.Repeat("长", 50000), "", 0},
			{"a megabyte", strings.Repeat("第一条为了促进发展，制定本办法。", 1<<20/48), "。", 0},
		}
		for _, c := range cases {
			d := lineDoc(c.text)
			parts := render.Parts(d, on.s, ref)
			if c.parts > 0 && len(parts) != c.parts || c.parts == 0 && len(parts) < 2 {
				t.Errorf("%s, %s: %d messages, want %d", on.name, c.name, len(parts), c.parts)
			}
			var all strings.Builder
			for i, p := range parts {
				text := said(t, d, on.s, p)
				seen := len(strings.ReplaceAll(text, "\u200a", ""))
				if len(p) > on.s.Bytes || c.parts != 1 && seen > n || strings.TrimSpace(text) == "" || strings.ContainsRune(text, utf8.RuneError) {
					t.Errorf("%s, %s: message %d has %d bytes, shows %d: %.80q", on.name, c.name, i+1, len(p), seen, text)
				}
				if i < len(parts)-1 && !strings.HasSuffix(text, c.end) {
					t.Errorf("%s, %s: message %d ends in %q", on.name, c.name, i+1, text[max(0, len(text)-20):])
				}
				all.WriteString(text)
			}
			if randomdoc.Bare(all.String()) != randomdoc.Bare(c.text) {
				t.Errorf("%s, %s: the text is not whole", on.name, c.name)
			}
		}
	}
}

// TestBudgetWorst wants a text of the budget of the AI bot in one message, however much of it must be broken, with every
// label and the longest reference.
func TestBudgetWorst(t *testing.T) {
	for _, piece := range append(slices.Clone(randomdoc.Nasty), "*", "`", "\n#", "\n*", "\n\\*", "*\n", "_a", "~~", "\\", "@a", "<a", ".aa", "&lt;", "\n- *") {
		piece = strings.ToValidUTF8(piece, "?")
		text := strings.Repeat(piece, render.Budget/len(piece))
		for _, lang := range []string{"zh", "en"} {
			d := channel.Doc{Lang: lang, Label: channel.LabelAI, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
			if parts := render.Parts(d, render.Bot, "0123456789ABCDEF"); len(parts) != 1 || len(parts[0]) > render.Bot.Bytes {
				t.Errorf("%d times %q: %d messages, the first of %d bytes", render.Budget/len(piece), piece, len(parts), len(parts[0]))
			}
		}
		if got := render.Guard(text); len(got) > 4*len(text)+3 {
			t.Errorf("%d times %q: %d bytes for %d", render.Budget/len(piece), piece, len(got), len(text))
		}
	}
}

// TestManySources wants 40 citations with long quotes, all shown, and all of their quotes.
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
	for _, on := range styles {
		parts := render.Parts(d, on.s, ref)
		text, links, quotes := "", 0, 0
		for _, p := range parts {
			shown := look(t, d, on.s, p)
			text += shown.Text + "\n"
			links += len(shown.Links)
			quotes += len(shown.Quotes)
		}
		want := map[string]int{"bot": 2, "app": 13, "hook": 7}[on.name]
		if links != 40 || quotes != 40 || strings.Count(text, "若干措施之") != 40 || strings.Count(text, "依据\n") != 1 || len(parts) > 1 != strings.Contains(text, "依据（续）\n") || !strings.Contains(text, "。…”") || len(parts) > want {
			t.Errorf("%s: %d messages, want at most %d, %d links, %d titles, %d quotes", on.name, len(parts), want, links, strings.Count(text, "若干措施之"), quotes)
		}
		if strings.Contains(text, "发送“原文 1”（编号可换）") == on.s.OneWay {
			t.Errorf("%s: how to see a clause: %t", on.name, !on.s.OneWay)
		}
	}
}

// TestPages wants messages that are well filled, and no scrap of a text that goes on in the next.
func TestPages(t *testing.T) {
	n := render.AppBudget
	node := func(kind channel.NodeKind, bytes int) channel.Node {
		return channel.Node{Kind: kind, Text: strings.Repeat("a", bytes-1) + "."}
	}
	cases := []struct {
		name  string
		nodes []channel.Node
		want  []int // bytes that messages say
	}{
		{"a short line before one of the budget", []channel.Node{node(channel.Line, 100), node(channel.Line, n)}, []int{100, n}},
		{"two that fit", []channel.Node{node(channel.Line, n/2), node(channel.Line, n/2-1)}, []int{n}},
		{"two that do not", []channel.Node{node(channel.Line, n/2), node(channel.Line, n/2+1)}, []int{n / 2, n/2 + 1}},
		{"half of a message before one that must be cut", []channel.Node{node(channel.Line, n/2), node(channel.Line, 2*n)}, []int{n, n, n/2 + 1}},
		{"little left before one that must be cut", []channel.Node{node(channel.Line, n-n/5), node(channel.Line, n+10)}, []int{n - n/5, n, 10}},
		{"a thousand lines", slices.Repeat([]channel.Node{node(channel.Line, 10)}, 1000), nil},
		{"two hundred notices", slices.Repeat([]channel.Node{node(channel.Notice, 20)}, 200), nil},
	}
	for _, c := range cases {
		parts := render.Parts(channel.Doc{Lang: "en", Label: channel.LabelAI, Nodes: c.nodes}, render.App, "")
		var got []int
		for i, p := range parts {
			text := said(t, channel.Doc{}, render.App, p)
			if got = append(got, len(text)); c.want == nil && i < len(parts)-1 && len(p) < n*9/10 {
				t.Errorf("%s: message %d of %d has %d bytes", c.name, i+1, len(parts), len(p))
			}
		}
		if c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: messages say %d bytes, want %d", c.name, got, c.want)
		}
	}
}

// TestLongSources wants entries that nothing fits around whole in their numbers, titles and links.
func TestLongSources(t *testing.T) {
	d := channel.Doc{Lang: "zh", Label: channel.LabelAI, Text: "见下。", Citations: []channel.Citation{
		{N: 1, Title: "¶1¶" + strings.Repeat("*a", 500), Number: strings.Repeat("<b", 500), Path: strings.Repeat("`", 500), Quote: strings.Repeat("[x](y)", 500), URL: "https://policy.example/clauses/" + strings.Repeat("a", 370)},
		{N: 2, Title: "¶2¶", Path: "一", Quote: "好。", URL: "https://policy.example/" + strings.Repeat("a", 570)},
	}}
	for _, on := range styles {
		parts := render.Parts(d, on.s, ref)
		checkParts(t, d, on.s, parts)
		long := strings.Contains(strings.Join(parts, ""), d.Citations[1].URL)
		if long != (len(d.Citations[1].URL) <= on.s.Bytes/5) {
			t.Errorf("%s: the long address is there: %t", on.name, long)
		}
	}
}

// TestNotices wants what limits an answer set apart, on lines of its own, also where it goes on in another message.
func TestNotices(t *testing.T) {
	long := strings.Repeat("本办法已失效，不能当作现行政策申报。", 100)
	d := channel.Doc{Lang: "zh", Label: channel.LabelAI, Nodes: []channel.Node{
		{Kind: channel.Sentence, Text: "可以申请。"},
		{Kind: channel.Notice, Text: "本办法已失效。\n\n请核实。"},
		{Kind: channel.Notice, Text: long},
		{Kind: channel.Line, Text: "责任单位：市工信局"},
	}}
	parts := render.Parts(d, render.App, "")
	if want := "可以申请。\n\n> **注意**：本办法已失效。\n>\n> 请核实。\n> **注意**：本办法"; !strings.HasPrefix(parts[0], want) {
		t.Errorf("it begins\n%s\nwant\n%s", parts[0], want)
	}
	for _, p := range parts[1 : len(parts)-1] {
		if !strings.HasPrefix(p, "> ") {
			t.Errorf("a notice goes on in\n%s", p)
		}
	}
	if last := parts[len(parts)-1]; !strings.Contains(last, "\n\n责任单位") {
		t.Errorf("a line follows a notice in\n%s", last)
	}
	bot := render.Parts(d, render.Bot, "")[0]
	if !strings.Contains(bot, "请核实。  \n> **注意**：") {
		t.Errorf("two notices are\n%s", bot)
	}
}

// TestCut wants no number, marker, address or character of a sentence cut in two, on the surface with the least room.
func TestCut(t *testing.T) {
	units := []string{"1,234,567.89", "[12]", "https://policy.example/a?b=1-2#c", "👩‍👩‍👧‍👦", "2020-2022", "e\u0301tude", "99.5%"}
	for _, unit := range units {
		d := lineDoc(strings.Repeat("对符合条件的企业给予补贴"+unit, 300))
		d.Citations = []channel.Citation{{N: 1}}
		for _, shift := range []string{"", "一", "一二", "ab"} {
			d.Nodes[0].Text = shift + d.Text
			n := 0
			for _, p := range render.Parts(d, render.App, ref) {
				n += strings.Count(said(t, d, render.App, p), unit)
			}
			if n != 300 {
				t.Errorf("%d of 300 %q are whole", n, unit)
			}
		}
	}
}

// TestEmpty wants a document without anything to see to be one message with its label.
func TestEmpty(t *testing.T) {
	for _, on := range styles {
		for _, text := range []string{"", " \n\t", "\u200b", "\x00\x01", "\u202e"} {
			if got := render.Parts(lineDoc(text), on.s, ""); len(got) != 1 || got[0] != "— AI 生成，逐句核对过出处" {
				t.Errorf("%q became %q", text, got)
			}
			if got := render.Snapshot(lineDoc(text), on.s); got != "" {
				t.Errorf("a snapshot of %q is %q", text, got)
			}
		}
	}
}

// TestAskPerson wants the words that ask for a person where a card may not be seen, and not where a button is there or
// nobody can reply.
func TestAskPerson(t *testing.T) {
	words := prompts.Render("zh", "ask_person", nil)
	d := channel.Doc{Lang: "zh", Label: channel.LabelAI, Nodes: []channel.Node{{Kind: channel.Line, Text: "没有找到。"}, {Kind: channel.Line, Text: words}}}
	for _, buttons := range [][]channel.Button{nil, {{Token: "t", Label: "转人工", Does: "person"}}} {
		d.Buttons = buttons
		for _, on := range styles {
			want := !on.s.OneWay && (!on.s.Rich || buttons == nil)
			if got := strings.Contains(render.Parts(d, on.s, "")[0], words); got != want {
				t.Errorf("%s, buttons %v: the words are there: %t, want %t", on.name, buttons, got, want)
			}
		}
	}
}

// TestLabels wants the label and the reference of every message read as they were written.
func TestLabels(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		for _, l := range []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice} {
			for _, ref := range []string{"7F3K2Q", "0", "0123456789ABCDEF"} {
				d := channel.Doc{Lang: lang, Label: l, Text: strings.Repeat("a", 3*render.AppBudget)}
				for i, p := range render.Parts(d, render.App, ref) {
					last := p[strings.LastIndex(p, "\n")+1:]
					if render.ParseLabel(last) != l || render.ReadRef(p) != ref || !strings.Contains(last, fmt.Sprintf("%d/3", i+1)) {
						t.Errorf("message %d of a document by %s ends in %q, read as %q %q", i+1, l, last, render.ParseLabel(last), render.ReadRef(p))
					}
				}
			}
			for _, bad := range []string{"", "7f3k2q", "A B", "编号", "01234567890ABCDEF", "A\n"} {
				p := render.Parts(channel.Doc{Lang: lang, Label: l, Text: "a"}, render.Bot, bad)[0]
				if strings.Contains(p, "编号") || strings.Contains(p, "Ref") || render.ReadRef(p) != "" {
					t.Errorf("with the reference %q it is %q", bad, p)
				}
			}
		}
	}
	for _, text := range []string{"", "原文摘录", "— 原文", "— 原文摘录。", "— （1/2）", "— 原文摘录（a/b）", "— 原文摘录 · 编号 abc", "— 来源不明"} {
		if got := render.ParseLabel(text); got != "" {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

// TestReadRef wants the last reference of ours, however lines are joined, and none that a document writes.
func TestReadRef(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"见 · 编号 AAAAAA", ""},
		{"— 原文摘录", ""},
		{"好。\n\n— 原文摘录 · 编号 7F3K2Q", "7F3K2Q"},
		{"好。 — 原文摘录（2/3） · 编号 7F3K2Q 谢谢", "7F3K2Q"},
		{"Bot: fine — Quoted from the documents (2/3) · Ref 7F3K2Q", "7F3K2Q"},
		{"他说 — 她说 — 原文摘录 · 编号 7F3K2Q", "7F3K2Q"},
		{"— 原文摘录 · 编号 AAAAAA\n— 系统消息 · 编号 BBBBBB", "BBBBBB"},
		{"— 原文摘录 · 编号 7F3K2Qa", ""},
		{"— 原文摘录 · 编号 01234567890ABCDEF", ""},
		{"— 原文 · 编号 7F3K2Q", ""},
		{render.Guard("— 原文摘录 · 编号 AAAAAA"), ""},
		{render.Guard("x — 原文摘录 · 编号 AAAAAA y"), ""},
		{strings.Repeat("— ", 1000) + "原文摘录 · 编号 7F3K2Q", "7F3K2Q"},
	} {
		if got := render.ReadRef(c[0]); got != c[1] {
			t.Errorf("the reference of %.80q is %q, want %q", c[0], got, c[1])
		}
	}
}

// TestGuard wants texts shown as they are; | marks what is put in.
func TestGuard(t *testing.T) {
	cases := [][2]string{
		{"一\n二", "一\n二"},
		{" 一 \n\n\n 二 ", "一\n\n二"},
		{"    code", "code"},
		{"# heading", "|# heading"},
		{"a # b", "a # b"},
		{"- item\n+ item\n* item", "|- item\n|+ item\n|* item"},
		{"1. item\n12) item\n2020.1\n3.14", "|1. item\n|12) item\n2020.1\n3.14"},
		{"===\n---\n___\n***", "|===\n|---\n|___\n*|*|*"},
		{"> quote", "|> quote"},
		{"| a | b |\n|---|---|", "|¦ a ¦ b ¦\n|¦---¦---¦"},
		{"<@all> <@zhangsan>", "<|@|all> <|@|zhangsan>"},
		{"@all @所有人 a@b", "@|all @|所有人 a@|b"},
		{"<font color=\"warning\">x</font>", "<|font color=\"warning\">x<|/font>"},
		{"<think>x", "<|think>x"},
		{"x < 5, p<0.05, a <= b", "x < 5, p<0.05, a <= b"},
		{"&lt;@all&gt; R&D", "&|lt;@|all&|gt; R&D"},
		{"**b** *i* a*b", "*|*|b*|* *|i* a*|b"},
		{"2 * 3, 办法*》", "2 * 3, 办法*》"},
		{"办法*》和*", "办法*|》和*"},
		{"_i_ snake_case ____。", "_|i_ snake_case ____|。"},
		{"填写____，", "填写____，"},
		{"~~s~~ 20~30", "~|~|s~|~ 20~30"},
		{"`c` ```", "`|c`| `|`|`|"},
		{"[x](http://evil.example)", "[x]|(http:|//evil|.example)"},
		{"[a]: http://evil.example\n责任单位[1]: x", "[a]|: http:|//evil|.example\n责任单位[1]: x"},
		{"[1][2]写的是", "[1][2]写的是"},
		{"www.evil.example WWW.3.cn 3.14 e.g. No.5", "www|.evil|.example WWW|.3|.cn 3.14 e.g. No.5"},
		{`\* \a C:\`, `\|* \a C:\|`},
		{"$$x$$ $userName=a$ 5$", "$|$|x$|$ $|userName=a$ 5$"},
		{"— 原文摘录", "|— 原文摘录"},
		{"见 · 编号 7F3K2Q", "见 ·| 编号 7F3K2Q"},
		{"a\x00\x1b[31m\u202eb\r\nc", "a[31mb\nc"},
		{"\xff", "\ufffd"},
	}
	for _, c := range cases {
		got := render.Guard(c[0])
		marked := strings.NewReplacer("|", "¦", "\u200b", "|", "\u200a", "|").Replace(got)
		if marked != c[1] {
			t.Errorf("%q became\n%s\nwant\n%s", c[0], marked, c[1])
		}
	}
}

// TestSnapshot wants what is said so far, without half of anything.
func TestSnapshot(t *testing.T) {
	for _, c := range [][2]string{
		{"第一句。第二句", "第一句。第二句"},
		{"第一句。[1", "第一句。"},
		{"第一句。[", "第一句。"},
		{"第一句。[1]", "第一句。[1]"},
		{"见[办法](http://a", "见"},
		{"见https://policy.exa", "见"},
		{"见 http:/", "见"},
		{"see www.gov", "see"},
		{"**重", "*|*|重"},
		{"重**", "重"},
		{"最高不超过3", "最高不超过"},
		{"最高不超过1,23", "最高不超过"},
		{"最高不超过300万元", "最高不超过300万元"},
		{"见<@a", "见"},
		{"A&am", "A"},
		{"见`", "见"},
		{"42", ""},
	} {
		got := render.Snapshot(channel.Doc{Lang: "zh", Label: channel.LabelAI, Nodes: []channel.Node{{Kind: channel.Line, Text: c[0]}}}, render.Bot)
		if got = strings.NewReplacer("\u200b", "|", "\u200a", "|").Replace(got); got != c[1] {
			t.Errorf("of %q people see %q, want %q", c[0], got, c[1])
		}
	}
	d := channel.Doc{Lang: "zh", Label: channel.LabelExtract, Citations: []channel.Citation{{N: 1, Title: "办法", Quote: "第一句。第二句。"}}, Nodes: []channel.Node{
		{Kind: channel.Sentence, Text: "第一句。", Cites: []int{1}}, {Kind: channel.Sentence, Text: "第二"},
	}}
	if got := render.Snapshot(d, render.Bot); got != "“第一句。”[1]\n\n“第二”" {
		t.Errorf("a snapshot is %q", got)
	}
	d.Nodes = []channel.Node{{Kind: channel.Line, Text: "per cent " + strings.Repeat("x", render.Bot.Bytes)}, {Kind: channel.Line, Text: "第二句。"}}
	if got := render.Snapshot(d, render.Bot); strings.Contains(got, "第二句") {
		t.Errorf("a snapshot leaves out what is between: %q", got)
	}
	for _, on := range styles {
		long := render.Snapshot(lineDoc(strings.Repeat("1。*", 100_000)), on.s)
		if seen := len(judge.Read(surface(on.s), long).Text); len(long) > on.s.Bytes || seen > on.s.Bytes || strings.Count(long, "。") < on.s.Budget/20 {
			t.Errorf("%s: of a long document %d bytes are seen, %d are sent", on.name, seen, len(long))
		}
	}
}

// TestProgress wants each step and the end to be told in both languages.
func TestProgress(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range []string{"zh", "en"} {
		for _, step := range []string{"queued", "working"} {
			seen[render.Progress(step, lang, render.Bot)] = true
		}
		seen[render.Stopped(lang)] = true
		if render.Progress("other", lang, render.App) != render.Progress("working", lang, render.Bot) {
			t.Error("a step that is not known is not told as working")
		}
	}
	if len(seen) != 6 || seen[""] {
		t.Errorf("texts %v", seen)
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range randomdoc.Nasty {
		f.Add(s, "rest")
	}
	f.Fuzz(func(t *testing.T, text, more string) {
		text += more
		got := render.Guard(text)
		if len(got) > render.App.Bytes {
			return
		}
		if len(got) > 4*len(text)+3 && utf8.ValidString(text) || !utf8.ValidString(got) {
			t.Errorf("%q is guarded as %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("a control character in %q", got)
		}
		if render.ParseLabel(got) != "" || render.ReadRef(got) != "" {
			t.Errorf("%q has a label or a reference", got)
		}
		for _, on := range styles {
			if randomdoc.Bare(text) == "" {
				return
			}
			shown := look(t, channel.Doc{}, on.s, got)
			if randomdoc.Bare(shown.Text) != randomdoc.Bare(text) {
				t.Errorf("%q is shown as %q", text, shown.Text)
			}
			if len(shown.Bold)+len(shown.Quotes) > 0 {
				t.Errorf("%q has bold words or quotes", got)
			}
		}
	})
}

// FuzzParts wants any text within the limits and whole.
func FuzzParts(f *testing.F) {
	for _, s := range randomdoc.Nasty {
		f.Add(s, 300, "7F3K2Q")
	}
	f.Fuzz(func(t *testing.T, text string, times int, ref string) {
		if times < 1 || times > 5000 || len(text)*times > 100_000 {
			return
		}
		d := lineDoc(strings.Repeat(text, times))
		for _, on := range styles {
			var all strings.Builder
			for _, p := range render.Parts(d, on.s, ref) {
				if len(p) > on.s.Bytes {
					t.Errorf("a message of %d bytes", len(p))
				}
				if got := render.ReadRef(p); got != ref && got != "" {
					t.Errorf("the reference %q is read as %q", ref, got)
				}
				all.WriteString(said(t, d, on.s, p))
			}
			if got, want := randomdoc.Bare(all.String()), randomdoc.Bare(d.Text); got != want && want != "" {
				t.Errorf("%.200q is not whole: %.200q", want, got)
			}
		}
	})
}

// FuzzCard wants any card within its limits.
func FuzzCard(f *testing.F) {
	for i, s := range randomdoc.Nasty {
		f.Add(s, s, randomdoc.Nasty[len(randomdoc.Nasty)-1-i], i)
	}
	f.Fuzz(func(t *testing.T, title, quote, label string, n int) {
		n = max(n, 0)
		d := channel.Doc{Lang: []string{"zh", "en"}[n&1], Label: channel.LabelAI, Nodes: []channel.Node{{Kind: channel.Notice, Text: quote}}}
		for i := range n & 7 {
			d.Citations = append(d.Citations, channel.Citation{N: n%2000 + i, Title: title, Path: label, Number: quote, Quote: quote, Clause: "a.1"})
			d.Buttons = append(d.Buttons, channel.Button{Token: fmt.Sprint("t", i), Label: label, Does: []string{"reply", "good", "bad", "person", "case"}[(n/8+i)%5]})
		}
		for _, o := range []render.CardOptions{{TaskID: title, Bot: true, Pages: "https://policy.example"}, {TaskID: title}} {
			c, ok := render.Card(d, o)
			if !ok {
				continue
			}
			if err := c.Check(o.Bot); err != nil {
				t.Error(err)
			}
		}
	})
}
