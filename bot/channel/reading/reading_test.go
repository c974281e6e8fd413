package reading_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/reading"
	"policybot/prompts"
)

// shown is a document as a plain surface would show it, part by part.
func shown(d channel.Doc) string {
	r := reading.Read(d)
	var b strings.Builder
	nodes := func(list []reading.Node) {
		for _, n := range list {
			fmt.Fprintf(&b, "%s %s %v", n.Kind, n.Text, n.Cites)
			if r.Verbatim(n) {
				b.WriteString(" verbatim")
			}
			b.WriteString("\n")
		}
	}
	nodes(r.Before)
	b.WriteString("--\n")
	for _, n := range r.Numbers {
		name, rest := r.Named(r.Cites[n])
		fmt.Fprintf(&b, "%s|%s|%t\n", name, rest, r.Quoted(r.Cites[n]))
	}
	b.WriteString("--\n")
	nodes(r.After)
	return b.String()
}

// TestRead wants what a document says, its sources and what stands below them told apart, and each once.
func TestRead(t *testing.T) {
	line := func(text string) channel.Node { return channel.Node{Kind: channel.Line, Text: text} }
	said := func(text string, cites ...int) channel.Node {
		return channel.Node{Kind: channel.Sentence, Text: text, Cites: cites}
	}
	one := channel.Citation{N: 1, Title: "办法", Number: "厦府办〔2020〕57号", Path: "第三条", Quote: "企业可以申请。"}
	two := channel.Citation{N: 2, Title: "办法", Path: "第四条", Quote: "逾期不予受理。"}
	ask := prompts.Render("zh", "ask_person", nil)
	cases := []struct {
		name string
		doc  channel.Doc
		want string
	}{
		{"text alone", channel.Doc{Text: " 在吗？\x00 "}, "line 在吗？ []\n--\n--\n"},
		{"nothing to see", channel.Doc{Nodes: []channel.Node{line(" \n\u200b"), line("x")}}, "line x []\n--\n--\n"},
		{
			"sources in the text",
			channel.Doc{
				Lang: "zh", Label: channel.LabelExtract, Citations: []channel.Citation{one, two},
				Nodes: []channel.Node{said("企业可以申请。", 1, 1, 9), line("依据："), line("[1] 《办法*》（2020年印发，厦府办〔2020〕57号） · 第三条 申请"), line("[2] 同 [1] · 第四条 受理"), line("原文：“逾期不予受理。”"), line("仅供参考。")},
			},
			"sentence 企业可以申请。 [1] verbatim\n--\n[1] 《办法*》|（2020年印发，厦府办〔2020〕57号） · 第三条 申请|true\n[2] 《办法》| · 第四条 受理|false\n--\nline 仅供参考。 []\n",
		},
		{
			"no list of sources",
			channel.Doc{Label: channel.LabelAI, Lang: "en", Citations: []channel.Citation{one}, Nodes: []channel.Node{said("It may.", 1), line("[Written by AI.]")}},
			"sentence It may. [1]\n--\n[1] “办法”| (厦府办〔2020〕57号) · 第三条|false\n--\nline [Written by AI.] []\n",
		},
		{
			"what staff wrote is no quote",
			channel.Doc{Lang: "zh", Label: channel.LabelStaff, Citations: []channel.Citation{one}, Nodes: []channel.Node{said("企业可以申请。", 1)}},
			"sentence 企业可以申请。 [1]\n--\n[1] 《办法》|（厦府办〔2020〕57号） · 第三条|true\n--\n",
		},
		{
			"a quote in two sentences",
			channel.Doc{
				Lang: "zh", Label: channel.LabelExtract, Citations: []channel.Citation{{N: 1, Title: "办法", Path: "第三条", Quote: "企业可以申请。逾期不予受理。"}},
				Nodes: []channel.Node{said("企业可以申请。", 1), said("逾期不予受理。", 1)},
			},
			"sentence 企业可以申请。 [1] verbatim\nsentence 逾期不予受理。 [1] verbatim\n--\n[1] 《办法》| · 第三条|true\n--\n",
		},
		{
			"words of a quote in a sentence that says more",
			channel.Doc{
				Lang: "zh", Label: channel.LabelAI, Citations: []channel.Citation{one}, Nodes: []channel.Node{said("按照该办法，企业可以申请。", 1)},
			},
			"sentence 按照该办法，企业可以申请。 [1]\n--\n[1] 《办法》|（厦府办〔2020〕57号） · 第三条|false\n--\n",
		},
		{
			"a line that looks like a source of another place",
			channel.Doc{Lang: "zh", Citations: []channel.Citation{one}, Nodes: []channel.Node{line("另见："), line("[1] 《办法》第九条")}},
			"line 另见： []\nline [1] 《办法》第九条 []\n--\n[1] 《办法》|（厦府办〔2020〕57号） · 第三条|false\n--\n",
		},
		{
			"two citations of a number",
			channel.Doc{Citations: []channel.Citation{one, {N: 1, Title: "另一办法"}}, Text: "x 条"},
			"line x 条 []\n--\n[1] 《办法》|（厦府办〔2020〕57号） · 第三条|false\n--\n",
		},
		{"words for a person without a button", channel.Doc{Lang: "zh", Nodes: []channel.Node{line("x"), line(ask)}}, "line x []\nline " + ask + " []\n--\n--\n"},
		{
			"words for a person on a button",
			channel.Doc{Lang: "zh", Nodes: []channel.Node{line("x"), line(ask)}, Buttons: []channel.Button{{Token: "t", Label: "转人工", Does: "person"}}},
			"line x []\n--\n--\n",
		},
	}
	for _, c := range cases {
		if got := shown(c.doc); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestNotices wants the notices of what a document says.
func TestNotices(t *testing.T) {
	r := reading.Read(channel.Doc{Nodes: []channel.Node{{Kind: channel.Line, Text: "a"}, {Kind: channel.Notice, Text: "b"}, {Kind: channel.Notice, Text: "c"}}})
	var got []string
	for _, n := range r.Notices() {
		got = append(got, n.Text)
	}
	if !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("notices %q", got)
	}
}

// TestLink wants addresses of web pages and nothing that could break what stands around them.
func TestLink(t *testing.T) {
	for _, good := range []string{"https://policy.example/clauses/a.1?quote=1-20", "http://localhost:8080/clauses/a"} {
		if got := reading.Link(good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "policy.example", "javascript:alert(1)", "ftp://a.example", "https://", "https://a:b@c.example", "https://a.example/(x)", "https://a.example/<x>",
		"https://a.example/a b", "https://a.example/\n", "https://a.example/条", "https://a.example/*", "//a.example", "https://a.example/" + strings.Repeat("a", 600),
	} {
		if got := reading.Link(bad); got != "" {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

// TestLabels wants labels to be read as they are written, each another.
func TestLabels(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		for _, l := range []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice} {
			for _, text := range []string{reading.LabelText(l, lang), reading.LabelOf(l, lang, 1, 1), reading.LabelOf(l, lang, 2, 13)} {
				if got := reading.ParseLabel(text); got != l {
					t.Errorf("%q is read as %q, want %q", text, got, l)
				}
			}
		}
	}
	for _, text := range []string{"", "原文", "原文摘录。", "（1/2）", "原文摘录（a/b）", reading.LabelText("x", "zh")} {
		if got := reading.ParseLabel(text); got != "" {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}
