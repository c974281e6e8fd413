package channeltest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A nastyText is a text that breaks what is not careful.
type nastyText struct {
	name, text string
	loose      bool // coming in, it may be refused, and what cannot be shown may be missing from it
}

// nasty are texts that people type and documents hold. All but those that are not valid UTF-8 also go out.
var nasty = []nastyText{
	{"plain Chinese", "企业申请补贴需要哪些材料？", false},
	{"plain English", "Which papers does an application need?", false},
	{"one character", "税", false},
	{"empty", "", true},
	{"only blanks", " \t　 ", true},
	{"emoji", "补贴👩‍👩‍👧‍👦还有吗🏳️‍🌈👍🏽？", false},
	{"combining marks", "e\u0301tude Z͑ͫ̓ͪ̂ͫ", false},
	{"right to left", "مرحبا بالعالم and שלום", false},
	{"override of direction", "invoice\u202Efdp.exe\u202C end", false},
	{"zero width", "补\u200B贴\u200D政\uFEFF策\u2060", false},
	{"tag characters", "hello\U000E0068\U000E0069 there", false},
	{"supplementary Han", "𠮷野家𪚥 補貼", false},
	{"markdown", "**bold** _it_ `code` [link](javascript:alert(1)) # head > quote | a | b |", false},
	{"fences", "```\nrm -rf /\n``` ~~~", true},
	{"markup", "<b>bold</b> <script>alert(1)</script> &amp; &lt;x&gt; & < >", false},
	{"mention of all", "<!channel> <!here> @all @everyone <@all>", false},
	{"mention of a person", "ask <@UBen> or <@U123456|ben>", false},
	{"link", "<https://example.com/a?b=1&c=2|safe> https://example.com", false},
	{"quotes and backslashes", `"quoted" 'single' \n \u0041 \\ %s %00 ${HOME} {{.}}`, false},
	{"JSON", `{"text":"x","label":"ai","token":null}]}`, false},
	{"escape sequences", "red \x1b[31mtext\x1b[0m \x1b]0;title\x07 bell\x07", true},
	{"NUL", "before\x00after", true},
	{"control characters", "a\x01b\x08c\x7fd\u0085e", true},
	{"line ends", "one\r\ntwo\nthree\rfour\u2028five", true},
	{"many lines", strings.Repeat("line\n", 300), true},
	{"not UTF-8", "ok \xff\xfe \xc3\x28 \xe4\xb8 end", true},
	{"surrogates", "a\xed\xa0\x80b", true},
	{"replacement character", "a\ufffdb", false},
	{"long word", strings.Repeat("x", 9000), true},
	{"1 MB", strings.Repeat("第一条为了促进发展，制定本办法。", 1<<20/48), true},
}

// bare is what must be left of a text whatever a channel does to it: what can be seen.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// brief quotes a text that may be long.
func brief(s string) string {
	if len(s) <= 120 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q … %q (%d bytes)", s[:60], s[len(s)-40:], len(s))
}
