package bot

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzSplitReply: sentences are in order and within the text, what is between them says
// nothing but list numbers and markers, and claims map into their sentences.
func FuzzSplitReply(f *testing.F) {
	for _, s := range []string{
		"您好！\n1. 支持企业[1]。[2] 谢谢", "A grant of 1.5 million.[1] “It is.”[2] The end [1,2].", "“甲。乙。”[1]\n[2]\n[3]丙；丁[1]；戊", "(一)甲\n① 乙[１、２]。厦府办[57]号",
		"关于“一？二！”的咨询收悉", "[1]", "\x80[1\xff]。\u202e。", strings.Repeat("支持；", 80) + "[1]",
	} {
		f.Add(s, "一？二！")
	}
	f.Fuzz(func(t *testing.T, text, question string) {
		text = string([]rune(text))
		at := 0
		var gaps strings.Builder
		for _, s := range splitReply(text, question) {
			if s.start < at || s.end <= s.start || s.end > len(text) || !utf8.ValidString(text[s.start:s.end]) {
				t.Fatalf("%d to %d after %d in %q", s.start, s.end, at, text)
			}
			gaps.WriteString(text[at:s.start] + "\n")
			at = s.end
			checkClaim(t, text, s)
		}
		gaps.WriteString(text[at:])
		for line := range strings.SplitSeq(gaps.String(), "\n") {
			rest := marker.ReplaceAllString(line, "")
			for rest = strings.TrimSpace(rest); listMark.MatchString(rest); rest = strings.TrimSpace(rest) {
				rest = rest[len(listMark.FindString(rest)):]
			}
			if i := strings.IndexFunc(rest, speaks); i >= 0 {
				t.Fatalf("%q is in no sentence of %q", rest, text)
			}
		}
	})
}

// checkClaim checks that every byte of a claim is the character of its sentence that it
// is said to be.
func checkClaim(t *testing.T, text string, s replySentence) {
	t.Helper()
	own := []rune(text[s.start:s.end])
	c := claimOf(text, s)
	if len(c.at) != len(c.text)+1 {
		t.Fatalf("%d places for %d bytes", len(c.at), len(c.text))
	}
	for i, r := range c.text {
		if from, to := c.span(i, i+utf8.RuneLen(r)); to > len(own) || from >= to || own[from] != r {
			t.Fatalf("%q at %d is not %d to %d of %q", r, i, from, to, string(own))
		}
	}
	if slices.ContainsFunc(s.cites, func(n int) bool { return n < 1 || n > 999 }) {
		t.Fatalf("markers %v", s.cites)
	}
}
