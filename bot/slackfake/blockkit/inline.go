package blockkit

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A piece is a part of a line of markdown: text that stays, or a run of signs that may be emphasis.
type piece struct {
	text         string
	sign         byte // 0 for text
	opens, close bool
	length       int // of the run, before any of it was used
}

var (
	mentionAt = regexp.MustCompile(`^<[@#!][^<>\n]*>`)
	autolink  = regexp.MustCompile(`^<([A-Za-z][A-Za-z0-9+.-]*:[^<>\n]*|[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)>`)
	htmlLink  = regexp.MustCompile(`(?i)^<(?:a|img)\b[^<>]*?\b(?:href|src)\s*=\s*["']?([^"'\s>]+)`)
	entity    = regexp.MustCompile(`^&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	target    = regexp.MustCompile(`^\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`)
	named     = regexp.MustCompile(`^\[([^\[\]]*)\]`)
)

// inline reads what stands in a line.
func (p *page) inline(s string) string {
	var parts []piece
	var plain strings.Builder
	put := func(text string) { plain.WriteString(text) }
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, piece{text: plain.String()})
			plain.Reset()
		}
	}
	bareFrom := 0 // addresses are looked for in the source, between links
	bare := func(to int) {
		if bareFrom < to {
			p.addresses(html.UnescapeString(s[bareFrom:to]))
			p.calls(html.UnescapeString(s[bareFrom:to]))
		}
	}
	for i := 0; i < len(s); {
		if c := s[i]; c == '*' || c == '_' || c == '~' {
			n := run(s[i:], c)
			flush()
			parts = append(parts, flanks(s, i, n))
			i += n
			continue
		}
		text, n, link := p.token(s, i)
		if link {
			bare(i)
			bareFrom = i + n
		}
		put(text)
		i += n
	}
	bare(len(s))
	flush()
	return emphasised(parts)
}

// token reads one thing at a place: its text, its length in the source, and whether addresses in it are dealt with.
func (p *page) token(s string, i int) (text string, n int, done bool) {
	rest := s[i:]
	switch s[i] {
	case '\\':
		if len(rest) > 1 && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", rest[1]) >= 0 {
			return rest[1:2], 2, false
		}
	case '`':
		ticks := rest[:run(rest, '`')]
		if end := closingTicks(rest, len(ticks)); end > 0 {
			return strings.Trim(rest[len(ticks):end], " "), end + len(ticks), true
		}
		return ticks, len(ticks), false
	case '&':
		if m := entity.FindString(rest); m != "" {
			return html.UnescapeString(m), len(m), false
		}
	case '<':
		return p.angle(rest)
	case '!':
		if strings.HasPrefix(rest, "![") {
			if words, to, n := p.bracket(rest[1:]); n > 0 {
				p.shown.Images = append(p.shown.Images, Image{to, words})
				p.link(to, words) // Slack shows images in markdown as links
				return words, n + 1, true
			}
		}
	case '[':
		if words, to, n := p.bracket(rest); n > 0 {
			p.link(to, words)
			return words, n, true
		}
	}
	_, w := utf8.DecodeRuneInString(rest)
	return rest[:w], w, false
}

// angle reads what begins with <: a mention, an address, a tag of HTML, or nothing of these.
func (p *page) angle(rest string) (string, int, bool) {
	if m := mentionAt.FindString(rest); m != "" {
		quiet := &reader{} // mentions are counted once, for the whole text
		return quiet.sequence(m[1 : len(m)-1]), len(m), true
	}
	if m := autolink.FindStringSubmatch(rest); m != nil {
		to, words, _ := strings.Cut(m[1], "|") // as in mrkdwn: not standard, but nobody knows
		words = or(words, to)
		if !strings.Contains(to, ":") {
			to = "mailto:" + to
		}
		p.link(to, words)
		return words, len(m[0]), true
	}
	if m := htmlLink.FindStringSubmatch(rest); m != nil {
		p.link(m[1], "")
		return m[0], len(m[0]), true
	}
	return "<", 1, false
}

// bracket reads [words](address), [words][name] and [name]: n is 0 if it is none of them.
func (p *page) bracket(rest string) (words, to string, n int) {
	depth, end := 0, -1
	for i := 0; i < len(rest) && end < 0; i++ {
		switch rest[i] {
		case '\\':
			i++
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
	raw, after := rest[1:end], rest[end+1:]
	inner := func() string {
		in := &page{&reader{}, p.refs} // an address among the words is no link of its own
		words := in.inline(raw)
		p.shown.Images = append(p.shown.Images, in.shown.Images...)
		return words
	}
	if m := target.FindStringSubmatch(after); m != nil {
		return inner(), html.UnescapeString(or(m[1], m[2])), end + 1 + len(m[0])
	}
	if m := named.FindStringSubmatch(after); m != nil {
		if to, ok := p.refs[strings.ToLower(or(m[1], raw))]; ok {
			return inner(), to, end + 1 + len(m[0])
		}
	}
	if to, ok := p.refs[strings.ToLower(raw)]; ok {
		return inner(), to, end + 1
	}
	return "", "", 0
}

// flanks tells of a run of signs at a place whether it can open and close emphasis
// (https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis).
func flanks(s string, i, n int) piece {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+n:])
	spaceBefore, spaceAfter := i == 0 || unicode.IsSpace(before), i+n == len(s) || unicode.IsSpace(after)
	signBefore, signAfter := unicode.IsPunct(before) || unicode.IsSymbol(before), unicode.IsPunct(after) || unicode.IsSymbol(after)
	left := !spaceAfter && (!signAfter || spaceBefore || signBefore)
	right := !spaceBefore && (!signBefore || spaceAfter || signAfter)
	q := piece{text: s[i : i+n], sign: s[i], opens: left, close: right, length: n}
	switch s[i] {
	case '_':
		q.opens, q.close = left && (!right || signBefore), right && (!left || signAfter)
	case '~':
		q.opens, q.close = left && n <= 2, right && n <= 2
	}
	return q
}

// emphasised pairs the signs, takes away those that work and gives the text.
func emphasised(parts []piece) string {
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
			for k := j + 1; k < i; k++ {
				parts[k].opens = false // what stands between cannot reach out
			}
		}
	}
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

// run counts how often c stands at the beginning.
func run(s string, c byte) int { return len(s) - len(strings.TrimLeft(s, string(c))) }

// closingTicks finds a run of exactly n backquotes after the first.
func closingTicks(s string, n int) int {
	for i := n; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		m := run(s[i:], '`')
		if m == n {
			return i
		}
		i += m
	}
	return -1
}
