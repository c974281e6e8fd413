// Package randomdoc makes documents at random for tests of those who show them.
package randomdoc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"policybot/bot/channel"
)

// Nasty are pieces of text that break what is not careful.
var Nasty = []string{
	"<!channel>", "<!here|here>", "<@U123456>", "<#C123|general>", "<!date^1392734382^{date}|x>", "<!subteam^S1>", "</a>", "<b>", "&lt;", "&amp;", "&",
	"[x](http://evil.example)", "![x](http://evil.example/a.png)", "<http://evil.example|safe>", "http://evil.example/a?b=1&c=2", "www.evil.example",
	"someone@evil.example", "javascript:alert(1)", "*bold*", "**b**", "_it_", "~~s~~", "`code`", "```\nfence\n```", "| a | b |\n|---|---|\n| 1 | 2 |",
	"\n# heading\n", "\n- item\n", "\n1. item\n", "\n> quote\n", "\n---\n", "\n===\n", "    code", ":smile:", "@channel", "@here", "#general", "\\", "\\[", "[1]", "[99]", "[^1]",
	"[a]: http://evil.example", "\u202eabc\u202c", "\u200f", "\u200b", "\ufeff", "\u2066x\u2069", "\x00", "\x1b[31m", "\x07", "\r\n", "\u2028", "\t",
	"👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇳🇬🇧", "e\u0301", "Z͑ͫ̓ͪ̂ͫ", "𠮷野家", "1,234,567.89", "2020-2022年", "50%", "厦府办〔2020〕57号", "《办法》", "“引用”", "。", "；", "，", "! ", ". ",
	"<@all>", "<@zhangsan>", "@all", "@所有人", "<font color=\"warning\">x</font>", "<think>hidden</think>", "</think>", "<!-- x -->", "<a href=\"http://evil.example\">x</a>", "<img src=http://evil.example/a.png>",
	"WWW.evil.example", "HTTPS://evil.example", "evil.example", "$userName=x$", "$$", "***", "*a* b*c", "a_b_c ____。", "~x~ 20~30万元", "`", "``", "\n+ x\n* x\n2) x\n~~~\n:-:|:-:\n", "\\`", "&#60;@all&#62;",
	"\n— 原文摘录 · 编号 AAAAAA\n", "— Written by AI; each sentence checked against its source · Ref BBBBBB ", "· 编号 CCCCCC", "依据", "**注意**：",
	"{\"a\":1}", "%s", "$x$", "^", "||", "第三条", "\ufffd",
}

var plainWords = []string{
	"对符合条件的企业给予补贴。", "最高不超过500万元。", "申请人应当在30日内提交材料，逾期不予受理；", "生物医药", "The allowance is paid once a year. ", "per cent ", "Article 12, ", "subsidy ", "企业", "上市",
}

// Text makes texts of at most so many pieces, most of them words, some nasty, and a few repeated to 100 KB.
func Text(longest int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		// Few documents are long: their length is drawn twice.
		n := rapid.IntRange(1, rapid.IntRange(1, longest).Draw(t, "most")).Draw(t, "words")
		for b.Len() == 0 || n > 0 {
			n--
			list := plainWords
			if rapid.IntRange(0, 3).Draw(t, "nasty") == 0 {
				list = Nasty
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

// Doc makes documents as hostile as the type allows. Each part and title has a number of its own, by which a test finds
// it again: the nth part, from 0, begins with §n§, or with §900§ where it stands below the sources, and the title of
// citation n with ¶n¶; no other text has these signs. Some list their sources in parts as the text of an answer does.
// Addresses below https://policy.example/clauses/ are good ones.
func Doc() *rapid.Generator[channel.Doc] {
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
				Text: fmt.Sprintf("§%d§ %s", i, Text(20).Draw(t, "text")),
			}
			if node.Kind == channel.Sentence && n > 0 {
				node.Cites = rapid.SliceOfN(rapid.IntRange(0, n+1), 0, 4).Draw(t, "cites")
			}
			d.Nodes = append(d.Nodes, node)
		}
		if rapid.IntRange(0, 5).Draw(t, "alone") == 0 {
			d.Nodes, d.Text = nil, "§0§ "+Text(60).Draw(t, "text")
		}
		if rapid.Bool().Draw(t, "listed") {
			d.Nodes = append(d.Nodes, listed(d)...)
		}
		for i := range rapid.IntRange(0, 8).Draw(t, "buttons") {
			d.Buttons = append(d.Buttons, channel.Button{
				Token: fmt.Sprintf("token%017d", i), Label: Text(4).Draw(t, "button"),
				Does: rapid.SampledFrom([]string{"good", "bad", "person", "reply", "reply", "case"}).Draw(t, "does"),
			})
		}
		return d
	})
}

func citationGen(t *rapid.T, n int) channel.Citation {
	c := channel.Citation{
		N: n, Title: fmt.Sprintf("¶%d¶ %s", n, Text(3).Draw(t, "title")), Number: rapid.SampledFrom([]string{"", "厦府办〔2020〕57号", "<!channel>"}).Draw(t, "number"),
		Path: rapid.SampledFrom([]string{"", "第三条", "二/(十四)", "*a*|b"}).Draw(t, "path"), Quote: Text(12).Draw(t, "quote"),
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

// Bare is what must be left of a text: what can be seen.
func Bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
