package outline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A role says what a line is for.
type role int

const (
	roleText      role = iota // belongs to the unit before it
	roleNumber                // starts a numbered unit
	roleAside                 // owned by no unit: table of contents, bare title, speaker
	roleAnnex                 // starts an annex
	roleSection               // opens a section of a transcript with a line of its own
	roleNext                  // opens the section 下一步 of a transcript, and is its text
	roleSpeaker               // names who speaks
	roleReporter              // a reporter's question
	roleQuestion              // a question of a Q&A page
	roleHead                  // document head: title, number, date
	rolePreface               // text before the first unit
	roleSignature             // signature, date, list of annexes
)

// A line is one line that is not blank, without the blanks around it.
type line struct {
	start, end int // bytes in the text
	text       string
	role       role
	mark       mark // for roleNumber
	above      int  // for roleNumber: line of the number that encloses it, or -1
	row        bool // row of a table, whose cells number nothing
}

// blank reports white space of any width, invisible format characters, and the
// bar that is left over from table cells.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '|' || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad'
}

// Blank reports whether s has nothing but white space, invisible format
// characters and table bars: what Parse leaves out between units.
func Blank(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return !blank(r) }) }

func splitLines(text string) []line {
	var out []line
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		next := len(text)
		if end >= 0 {
			next = at + end + 1
			end += at
		} else {
			end = len(text)
		}
		raw := text[at:end]
		left := strings.TrimLeftFunc(raw, blank)
		trimmed := strings.TrimRightFunc(left, blank)
		if trimmed != "" {
			start := at + len(raw) - len(left)
			row := strings.HasPrefix(strings.TrimLeft(raw, " \t"), "|") || strings.Count(trimmed, "|") > 1
			out = append(out, line{start: start, end: start + len(trimmed), text: trimmed, row: row})
		}
		at = next
	}
	return out
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// fold maps the full-width forms that numbering and labels use to half width.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000' || r == '\u00a0':
		return ' '
	case r == '〔' || r == '【' || r == '﹝':
		return '['
	case r == '〕' || r == '】' || r == '﹞':
		return ']'
	case r == '。' || r == '．':
		return '.'
	}
	return r
}

// closing marks end a sentence.
func isStop(r rune) bool {
	return r == '。' || r == '！' || r == '？' || r == '；' || r == '!' || r == '?' || r == ';'
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// squeeze removes blanks.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return r
	}, s)
}

// introduces reports whether s is a line that only introduces the list after
// it (申请材料包括：): short, one clause, ending in a colon, stating no amount.
func introduces(s string) bool {
	body, ok := cutColon(s)
	if !ok || runes(body) > 30 && !isASCII(body) || len(body) > 120 {
		return false
	}
	return !strings.ContainsFunc(body, isStop) && !statesAmount(body)
}

func cutColon(s string) (string, bool) {
	for _, c := range []string{"：", ":"} {
		if body, ok := strings.CutSuffix(s, c); ok {
			return body, true
		}
	}
	return s, false
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// statesAmount reports whether s has a number followed by a unit of money,
// share or land, as in 50万元 or 70%.
func statesAmount(s string) bool {
	digit := false
	for _, r := range s {
		r = fold(r)
		if digit && strings.ContainsRune("万亿元%倍亩吨", r) {
			return true
		}
		digit = r >= '0' && r <= '9'
	}
	return false
}
