package judge

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A piece is a part of a line: text that stays, or a run of signs that may be emphasis.
type piece struct {
	text         string
	sign         byte // 0 for text
	opens, close bool
	tightBefore  bool // no blank stands before the run, or after it: it looks like markup
	tightAfter   bool
	length       int // of the run, before any of it was used
}

var (
	autolink  = regexp.MustCompile(`^<((?i:https?|mailto|ftp|file|javascript|data):[^<>\s]*)>`)
	fontOpen  = regexp.MustCompile(`(?i)^<font\s+color\s*=\s*["']?([^"'<>\s]*)["']?\s*>`)
	fontClose = regexp.MustCompile(`(?i)</font>`)
	htmlLink  = regexp.MustCompile(`(?i)^<(?:a|img|video|audio|iframe|link)\b[^<>]*?\b(?:href|src)\s*=\s*["']?([^"'\s>]+)`)
	target    = regexp.MustCompile(`^\(\s*(?:<([^<>\n]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`)
)

// inline reads what stands in a line.
func (r *reader) inline(s string) string {
	var parts []piece
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, piece{text: plain.String()})
			plain.Reset()
		}
	}
	bareFrom := 0 // addresses are looked for in the source, between links
	for i := 0; i < len(s); {
		if n := r.run(s, i); n > 0 {
			flush()
			parts = append(parts, r.flanks(s, i, n))
			i += n
			continue
		}
		text, n, linked := r.token(s[i:])
		if linked {
			r.addresses(s[bareFrom:i])
			bareFrom = i + n
		}
		plain.WriteString(text)
		i += n
	}
	r.addresses(s[bareFrom:])
	flush()
	return r.emphasised(parts)
}

// run counts the signs of emphasis at a place.
func (r *reader) run(s string, i int) int {
	c := s[i]
	if c != '*' && (!r.rich || c != '_' && c != '~') {
		return 0
	}
	return len(s[i:]) - len(strings.TrimLeft(s[i:], string(c)))
}

// token reads one thing: its text, its length in the source, and whether addresses in it are dealt with.
func (r *reader) token(rest string) (text string, n int, linked bool) {
	switch rest[0] {
	case '`':
		words, n := r.code(rest)
		if n > 0 {
			r.shown.Code = append(r.shown.Code, visible(words))
			return mention.ReplaceAllString(words, "@$1"), n, true
		}
		n = len(rest) - len(strings.TrimLeft(rest, "`"))
		if !r.rich {
			n = 1
		}
		return rest[:n], n, false
	case '<':
		return r.angle(rest)
	case '!':
		if r.rich && strings.HasPrefix(rest, "![") {
			if words, to, n := r.bracket(rest[1:]); n > 0 {
				r.shown.Images = append(r.shown.Images, Link{visible(words), to})
				return "", n + 1, true
			}
		}
	case '[':
		if words, to, n := r.bracket(rest); n > 0 {
			r.link(words, to)
			return words, n, true
		}
	}
	_, w := utf8.DecodeRuneInString(rest)
	return rest[:w], w, false
}

// code reads code that begins with backquotes; n is 0 if it does not end. As with emphasis, U+200B after the
// backquotes breaks it, and that is doubtful.
func (r *reader) code(rest string) (words string, n int) {
	ticks := len(rest) - len(strings.TrimLeft(rest, "`"))
	if after, _ := utf8.DecodeRuneInString(rest[ticks:]); after == zeroWidth {
		r.shown.Doubtful = append(r.shown.Doubtful, rest[:ticks])
		return "", 0
	}
	if !r.rich {
		ticks = 1
	}
	for i := ticks; i < len(rest); {
		m := len(rest[i:]) - len(strings.TrimLeft(rest[i:], "`"))
		switch {
		case m == ticks || m > 0 && !r.rich:
			if i > ticks {
				return rest[ticks:i], i + ticks
			}
			return "", 0
		case m > 0:
			i += m
		default:
			i++
		}
	}
	if !blank(rest[ticks:]) && ticks == len(rest)-len(strings.TrimLeft(rest, "`")) {
		r.shown.Doubtful = append(r.shown.Doubtful, rest[:ticks])
	}
	return "", 0
}

// angle reads what begins with <: a mention, a font, an address, a tag of HTML, or nothing of these.
func (r *reader) angle(rest string) (string, int, bool) {
	if m := mention.FindStringSubmatchIndex(rest); r.mentions && m != nil && m[0] == 0 {
		return "@" + strings.TrimPrefix(rest[m[2]:m[3]], "@"), m[1], true
	}
	if m := fontOpen.FindStringSubmatch(rest); r.fonts && m != nil {
		body := rest[len(m[0]):]
		if end := fontClose.FindStringIndex(body); end != nil {
			words := r.inline(body[:end[0]])
			r.shown.Fonts = append(r.shown.Fonts, Font{m[1], visible(words)})
			return words, len(m[0]) + end[1], true
		}
		r.shown.Doubtful = append(r.shown.Doubtful, m[0])
	}
	if m := autolink.FindStringSubmatch(rest); r.rich && m != nil {
		r.link(m[1], m[1])
		return m[1], len(m[0]), true
	}
	if m := htmlLink.FindStringSubmatch(rest); m != nil {
		r.link("", m[1])
		return m[0], len(m[0]), true
	}
	return "<", 1, false
}

// bracket reads [words](address); n is 0 if it is none.
func (r *reader) bracket(rest string) (words, to string, n int) {
	depth, end := 0, -1
	for i := 0; i < len(rest) && end < 0; i++ {
		switch rest[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				end = i
			}
		}
	}
	if end < 0 {
		return "", "", 0
	}
	m := target.FindStringSubmatch(rest[end+1:])
	if m == nil {
		if strings.HasPrefix(rest[end+1:], "(") { // blanks in the address, or no end
			r.shown.Doubtful = append(r.shown.Doubtful, rest[:end+2])
		}
		return "", "", 0
	}
	in := &reader{surface: r.surface, rich: r.rich, fonts: r.fonts, mentions: r.mentions} // an address among the words is no link of its own
	words = in.inline(rest[1:end])
	r.shown.Images = append(r.shown.Images, in.shown.Images...)
	r.shown.Bold = append(r.shown.Bold, in.shown.Bold...)
	r.shown.Fonts = append(r.shown.Fonts, in.shown.Fonts...)
	return words, m[1] + m[2], end + 1 + len(m[0])
}

// flanks tells of a run of signs at a place whether it can open and close emphasis
// (https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis). U+200B counts as a blank here, so that it
// breaks markup; by CommonMark it is none, and therefore what it breaks is doubtful.
func (r *reader) flanks(s string, i, n int) piece {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+n:])
	tightBefore, tightAfter := i > 0 && !unicode.IsSpace(before), i+n < len(s) && !unicode.IsSpace(after)
	spaceBefore, spaceAfter := !tightBefore || before == zeroWidth, !tightAfter || after == zeroWidth
	signBefore, signAfter := unicode.IsPunct(before) || unicode.IsSymbol(before), unicode.IsPunct(after) || unicode.IsSymbol(after)
	left := !spaceAfter && (!signAfter || spaceBefore || signBefore)
	right := !spaceBefore && (!signBefore || spaceAfter || signAfter)
	q := piece{text: s[i : i+n], sign: s[i], opens: left, close: right, length: n, tightBefore: tightBefore, tightAfter: tightAfter}
	switch s[i] {
	case '_':
		q.opens, q.close = left && (!right || signBefore), right && (!left || signAfter)
	case '~':
		q.opens, q.close = left && n == 2, right && n == 2
	}
	if !r.rich {
		q.opens, q.close = left && n == 2, right && n == 2
	}
	return q
}

// emphasised pairs the signs, takes away those that work and gives the text.
func (r *reader) emphasised(parts []piece) string {
	for i := range parts {
		for parts[i].close && parts[i].text != "" {
			j := i - 1
			for j >= 0 && !pairs(parts[j], parts[i]) {
				j--
			}
			if j < 0 {
				break
			}
			n := min(2, len(parts[i].text), len(parts[j].text))
			parts[i].text, parts[j].text = parts[i].text[n:], parts[j].text[n:]
			r.marked(parts[i].sign, n, visible(texts(parts[j+1:i])))
			for k := j + 1; k < i; k++ {
				parts[k].opens = false // what stands between cannot reach out
			}
		}
	}
	r.leftOver(parts)
	return texts(parts)
}

func (r *reader) marked(sign byte, n int, words string) {
	list := &r.shown.Italic
	switch {
	case sign == '~':
		list = &r.shown.Struck
	case n == 2:
		list = &r.shown.Bold
	}
	*list = append(*list, words)
}

// leftOver doubts two runs of signs that look like a pair and are none by the rules of CommonMark.
func (r *reader) leftOver(parts []piece) {
	least := map[byte]int{'*': 1, '~': 2}
	if !r.rich {
		least = map[byte]int{'*': 2}
	}
	open := -1
	for i, q := range parts {
		n, known := least[q.sign]
		if !known || len(q.text) < n {
			continue
		}
		if open >= 0 && parts[open].sign == q.sign && q.tightBefore {
			r.shown.Doubtful = append(r.shown.Doubtful, texts(parts[open:i+1]))
			open = -1
		} else if q.tightAfter {
			open = i
		}
	}
}

func texts(parts []piece) string {
	var b strings.Builder
	for _, q := range parts {
		b.WriteString(q.text)
	}
	return b.String()
}

// pairs tells whether the first run can begin what the second ends.
func pairs(from, to piece) bool {
	if from.sign != to.sign || !from.opens || from.text == "" {
		return false
	}
	ambiguous := from.close || to.opens
	return !ambiguous || (from.length+to.length)%3 != 0 || from.length%3 == 0 && to.length%3 == 0
}

// addresses finds the bare addresses of which a client makes links: http://, https:// and www. An address ends at
// a blank, at a sign that no address has, and at the first letter or sign that is not ASCII: text in Chinese goes
// on without a blank.
func (r *reader) addresses(s string) {
	for at := 0; at < len(s); {
		n := addressAt(s, at)
		if n == 0 {
			_, w := utf8.DecodeRuneInString(s[at:])
			at += w
			continue
		}
		to := s[at : at+n]
		if !strings.Contains(to, "://") {
			to = "http://" + to
		}
		r.link(s[at:at+n], to)
		at += n
	}
}

// addressAt gives the length of the address that begins at a place; 0 if none does.
func addressAt(s string, at int) int {
	if at > 0 && (isWord(s[at-1]) || s[at-1] == '/') {
		return 0
	}
	rest := s[at:]
	for _, begin := range []string{"http://", "https://", "www."} {
		if len(rest) < len(begin) || !strings.EqualFold(rest[:len(begin)], begin) {
			continue
		}
		if n := len(trimmed(rest)); n > len(begin) {
			return n
		}
	}
	return 0
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '@'
}

// trimmed is the part of s, from its beginning, that can be an address.
func trimmed(s string) string {
	end := strings.IndexFunc(s, func(c rune) bool {
		return c > unicode.MaxASCII || c <= ' ' || c == 0x7f || strings.ContainsRune("<>\"|`", c)
	})
	if end >= 0 {
		s = s[:end]
	}
	for {
		t := strings.TrimRight(s, ".,;:!?'*_~]")
		if strings.HasSuffix(t, ")") && strings.Count(t, ")") > strings.Count(t, "(") {
			t = t[:len(t)-1]
		}
		if t == s {
			return s
		}
		s = t
	}
}
