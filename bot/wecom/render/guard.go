package render

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel/cut"
)

// What breaks markup.
const (
	joint = "\u200b" // a zero width space
	hair  = "\u200a" // a hair space, where only a blank breaks: a * before it begins no emphasis (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run)
)

// Guard is a text that WeCom shows as it is, wherever it stands in a message: nothing in it mentions anybody, links to
// anything, is an image, a colour, a heading, a list, a table, a quote, a thought (<think>) or emphasis, and nothing in it
// can be taken for our label or reference. What would be is broken by a zero width space or, after * and the like, a hair
// space, of three bytes each; nothing is taken away but control characters, changes of direction, and blanks at the ends of
// lines. A text of n bytes has at most 4n+3 then. What stands between two ` is shown as code by those who know code, which
// changes its type and no more.
func Guard(text string) string {
	return App.lines(text, "")
}

// lines is a guarded text whose lines after the first begin with what is given.
func (s Style) lines(text, indent string) string {
	var b strings.Builder
	blank := false
	for l := range strings.SplitSeq(cut.Clean(text), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
			blank = true
			continue
		case b.Len() == 0:
		case blank:
			b.WriteString("\n" + strings.TrimSpace(indent) + "\n" + indent)
		default:
			b.WriteString(s.br() + indent)
		}
		blank = false
		b.WriteString(guardLine(l))
	}
	return b.String()
}

// br ends a line, but not its paragraph.
func (s Style) br() string {
	if s.Rich {
		return "  \n"
	}
	return "\n"
}

var (
	block    = regexp.MustCompile(`^(?:[-#>|]|[+*]\s|[+*]$|:-|=+$|_[_\s]*$|\d{1,9}[.)](?:\s|$))`)
	entity   = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	domain   = regexp.MustCompile(`^\.[A-Za-z]{2}`)
	refWords = regexp.MustCompile(`^· (?:编号|Ref) `)
)

// guardLine guards a line, which does not begin or end with a blank.
func guardLine(l string) string {
	g := guard{line: l}
	if block.MatchString(l) || ParseLabel(l) != "" {
		g.b.WriteString(joint)
	}
	for i, r := range l {
		if i >= g.done {
			g.rune(i, r)
		}
	}
	return g.b.String()
}

type guard struct {
	line string
	b    strings.Builder
	done int // what stands before was written
}

// rune writes a rune of the line, and what breaks it.
func (g *guard) rune(i int, r rune) {
	rest := g.line[i+utf8.RuneLen(r):]
	next, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '*', '_', '~':
		g.run(i, r)
		return
	case '.':
		if i >= 3 && strings.EqualFold(g.line[i-3:i], "www") || i > 0 && alphanumeric(rune(g.line[i-1])) && domain.MatchString(g.line[i:]) {
			g.b.WriteString(joint)
		}
	}
	g.b.WriteRune(r)
	if breaks(g.line[i:], rest, r, next) || r == ']' && next == ':' && g.line[0] == '[' {
		g.b.WriteString(joint)
	}
}

// breaks reports whether a rune must not stand before the next.
func breaks(from, rest string, r, next rune) bool {
	switch r {
	case '<':
		return rest != "" && !unicode.IsSpace(next) && !unicode.IsDigit(next) && next != '='
	case '@':
		return rest != "" && !unicode.IsSpace(next)
	case '`':
		return true
	case '&':
		return entity.MatchString(from)
	case ':':
		return strings.HasPrefix(rest, "//")
	case ']':
		return next == '('
	case '\\':
		return rest == "" || next < utf8.RuneSelf && (unicode.IsPunct(next) || unicode.IsSymbol(next))
	case '$':
		return next == '$' || alphanumeric(next) && !unicode.IsDigit(next)
	case '·':
		return refWords.MatchString(from)
	}
	return false
}

// run writes a run of the same rune, which may begin emphasis: CommonMark tells that from what stands around it.
func (g *guard) run(i int, r rune) {
	end := i
	for end < len(g.line) && g.line[end] == byte(r) {
		end++
	}
	before, _ := utf8.DecodeLastRuneInString(g.line[:i])
	after, _ := utf8.DecodeRuneInString(g.line[end:])
	apart := i == 0 || unicode.IsSpace(before) || unicode.Is(unicode.Cf, before) // what is not seen may count as a blank
	tight := end < len(g.line) && !unicode.IsSpace(after)                        // nothing is put behind a line
	opens := tight && (!mark(after) || apart || mark(before))
	between := hair
	switch {
	case r == '_':
		closes := !apart && (!mark(before) || !tight || mark(after))
		opens = opens && (!closes || mark(before))
		between = ""
	case r == '~':
		opens = tight && end-i > 1
	case end-i > 1 || strings.IndexByte(g.line[end:], '*') >= 0: // not by CommonMark, but some look no closer
		opens = tight
	}
	for range end - i - 1 {
		g.b.WriteString(string(r) + between)
	}
	g.b.WriteRune(r)
	if opens {
		g.b.WriteString(hair)
	}
	g.done = end
}

func mark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// visible is the length of a text without what is not seen.
func visible(s string) int { return len(s) - len(joint)*strings.Count(s, joint) }

// unfinished is what a text that is still being written may end in.
var unfinished = regexp.MustCompile("(?:" +
	`\[[^\[\]\n]{0,80}` + // of a marker or a link
	`|\]\([^()\s]*` + // of a link
	`|(?i:https?:?/{0,2}|www\.)[^\s\p{Han}]*` + // an address
	`|<[^<>\n]{0,80}` + // a tag, a mention
	`|&#?\w{0,31}` + // an entity
	"|[*_~`#\\\\]+" +
	`|[0-9][0-9,.:/%-]*` + // a number
	`)$`)
