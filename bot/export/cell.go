package export

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MostUnits is how many UTF-16 units a cell of a spreadsheet holds.
const MostUnits = 32_767

// Clean gives a text as cells hold it: valid UTF-8, line ends as a line feed, and U+FFFD for each character that
// XML has no place for.
func Clean(text string) string {
	if !utf8.ValidString(text) || suspect(text) {
		text = strings.Map(func(r rune) rune {
			if illegal(r) {
				return utf8.RuneError
			}
			return r
		}, strings.ToValidUTF8(text, string(utf8.RuneError)))
	}
	if strings.Contains(text, "\r") {
		text = lineEnds.Replace(text)
	}
	return text
}

// suspect reports whether a text may hold what is illegal: whether a byte is one of a control character or the
// first of U+FFFE and U+FFFF.
func suspect(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' && b != '\t' && b != '\n' && b != '\r' || b == 0xEF && strings.HasPrefix(text[i:], "\xEF\xBF") {
			return true
		}
	}
	return false
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// illegal reports whether XML 1.0 has no place for a character.
func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// Guard gives a text as CSV holds it: clean, and with a quote before what a spreadsheet could take for a
// formula, whatever space comes first; see OWASP's page on CSV injection.
func Guard(text string) string {
	text = Clean(text)
	if text == "" {
		return text
	}
	if strings.ContainsRune("\t\n", rune(text[0])) {
		return "'" + text
	}
	rest := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if first, _ := utf8.DecodeRuneInString(rest); strings.ContainsRune("=+-@＝＋－＠−﹢﹣﹦﹫", first) && rest != "" {
		return "'" + text
	}
	return text
}

// Fit gives a clean text that a cell of a spreadsheet can hold: at most [MostUnits], the last of them an
// ellipsis where something was left out.
func Fit(text string) string {
	text = Clean(text)
	if len(text) <= MostUnits {
		return text
	}
	units, last := 0, 0 // last: where the text can end for an ellipsis to follow
	for i, r := range text {
		if units < MostUnits {
			last = i
		}
		if units++; r > 0xFFFF {
			units++
		}
		if units > MostUnits {
			return text[:last] + "…"
		}
	}
	return text
}
