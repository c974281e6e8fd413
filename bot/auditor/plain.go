package auditor

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	shortestQuote = 6 // characters, as G3 sets it
	markdownLink  = "a markdown link or image"
)

// length counts the characters of a quote that are no white space.
func length(s string) int { return utf8.RuneCountInString(plain(s)) }

var unplainForms = []struct {
	find *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]{1,12}://|\bwww\.|\bmailto:|\bjavascript:|\bdata:[a-z]`), "a link"},
	{regexp.MustCompile(`(?i)\b[a-z0-9-]+\.(?:com|cn|net|org|io|gov|edu|html?|php|info|xyz|top|app|dev|co|me|cc)\b`), "a host name"},
	{regexp.MustCompile(`(?i)<[a-z!/@#][^>]{0,200}>?`), "HTML or a mention"},
	{regexp.MustCompile(`!?\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)`), markdownLink},
	{regexp.MustCompile("```|~~~|`[^`\n]+`"), "code"},
	{regexp.MustCompile(`@[\pL\pN_.]+|＠[\pL\pN_.]+`), "a mention"},
	{regexp.MustCompile(`\*\*|__|~~|(?m)^\s{0,3}#{1,6}\s|(?m)^\s{0,3}>\s|(?m)^\s*\|.*\|`), "markup"},
	{regexp.MustCompile(`(?i)&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});`), "an HTML entity"},
}

// unplain lists what G7 forbids in a piece of generated text and the quotes do
// not hold themselves: links, mentions, markup, code, images, characters that
// are not seen.
func unplain(s, quoted string) []string {
	var out []string
	forms := []string{s}
	if n := norm.NFKC.String(s); n != s {
		forms = append(forms, n)
	}
	for _, f := range unplainForms {
		for i, text := range forms {
			if i > 0 && f.what == markdownLink {
				continue // [1]（…） in full width is no link
			}
			if m := f.find.FindString(text); m != "" && !strings.Contains(quoted, m) {
				out = append(out, fmt.Sprintf("%s: %q", f.what, m))
				break
			}
		}
	}
	for _, r := range s {
		if unseen(r) && !strings.ContainsRune(quoted, r) {
			out = append(out, fmt.Sprintf("the character %U", r))
			break
		}
	}
	if !utf8.ValidString(s) {
		out = append(out, "broken UTF-8")
	}
	return out
}

// unseen are control, format, private and unassigned characters, line and
// paragraph separators and variation selectors. A line feed and a tab are seen.
func unseen(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Variation_Selector) ||
		r == utf8.RuneError || !unicode.IsGraphic(r) || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160'
}
