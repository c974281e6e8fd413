package strength

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"policybot/retrieval/analysis"
)

// built are the patterns of the file that stand for characters of a kind.
var built = map[string]string{
	"<n>":    `(?:[0-9][0-9,.]*|[一二三四五六七八九十百千两半]+)`,
	"<d>":    `[0-9][0-9,.]*`,
	"<end>":  `$`,
	"<year>": `(?:19|20)[0-9][0-9]`,
	"…":      `[^;。]*?`,
	"~":      `[^,;:。]*?`,
	"=":      `[^,;:。]{0,8}?`,
	"^":      `^`,
	"$":      `[。.!?]?$`,
	"(":      `(?:`,
	")":      `)`,
	"/":      `|`,
	"*":      `[a-z]*`,
	"?":      `?`,
	"_":      `\s*`,
	" ":      `\s+`,
	"!":      `[,;:。]`,
}

// translate returns the regular expression for a pattern of the file, as its
// head describes them.
func translate(p string, lists map[string]string) (string, error) {
	var b strings.Builder
	var groups []bool // for each open group, whether a Latin word runs into it
	joined := false   // a Latin word runs on here
	for i := 0; i < len(p); {
		token, w := next(p[i:])
		i += w
		switch {
		case strings.HasPrefix(token, "{"):
			list, ok := lists[strings.Trim(token, "{}")]
			if !ok {
				return "", fmt.Errorf("no list %s above", token)
			}
			b.WriteString(list)
		case built[token] != "":
			b.WriteString(built[token])
		case strings.HasPrefix(token, "<"):
			return "", fmt.Errorf("%s is none of <n>, <d>, <year>, <end>", token)
		default:
			b.WriteString(word(token, !joined, i == len(p) || p[i] != '*' && p[i] != '('))
		}
		switch {
		case token == "(":
			groups = append(groups, joined)
		case token == "/" && len(groups) > 0:
			joined = groups[len(groups)-1]
		case token == ")" && len(groups) > 0:
			groups, joined = groups[:len(groups)-1], false
		default:
			joined = token == "*" || isLatin(rune(token[0]))
		}
	}
	return b.String(), nil
}

// next returns the token that p begins with and its length: a list in braces, a
// sign, a word of Latin letters, or a run of other characters.
func next(p string) (string, int) {
	for _, pair := range []string{"{}", "<>"} {
		if p[0] == pair[0] {
			if end := strings.IndexByte(p, pair[1]); end > 0 {
				return p[:end+1], end + 1
			}
			return p, len(p)
		}
	}
	if p[0] == '\\' && len(p) > 1 {
		return p[:2], 2
	}
	for sign := range built {
		if strings.HasPrefix(p, sign) {
			return sign, len(sign)
		}
	}
	latin := isLatin(rune(p[0]))
	for i, r := range p {
		if i > 0 && (strings.ContainsRune("{<… ~=^$()/*!?_\\", r) || isLatin(r) != latin) {
			return p[:i], i
		}
	}
	return p, len(p)
}

// word returns the expression for text as it stands; Latin words are whole.
func word(s string, begins, ends bool) string {
	if len(s) == 2 && s[0] == '\\' {
		return regexp.QuoteMeta(s[1:])
	}
	s = analysis.Normalize(s)
	q := regexp.QuoteMeta(s)
	if s == "" || !isLatin(rune(s[0])) {
		return q
	}
	if begins {
		q = `\b` + q
	}
	if ends {
		q += `\b`
	}
	return q
}

func isLatin(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }
