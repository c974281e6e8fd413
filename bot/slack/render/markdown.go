package render

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// StreamChars is the most characters of a body that is streamed: with [Tail] it stays below [MaxChars].
// A longer one is cut with [Head] while it is shown, and shown with [Messages] in the end.
const StreamChars = 6000

// Escape is a text as mrkdwn that shows it: & < > are written as &amp; &lt; &gt;, so that no mention of a
// person, group or channel, no date and no link comes out of it, all of which begin with <
// (https://docs.slack.dev/messaging/formatting-message-text/); and @channel, @here, @everyone and @group
// get a full-width @, because these call on everybody where names are linked. Nothing that cannot be seen
// is put into the text. Mrkdwn has no way to write *, _, ~, ` or an address without effect: whoever sends
// the text takes it away with [Options], and a text object needs its verbatim field. Control characters
// are taken out; the result is valid UTF-8.
func Escape(s string) string { return escaper.Replace(uncall(cut.Clean(s))) }

// uncall takes the effect away from the words that call on everybody.
func uncall(s string) string { return calls.ReplaceAllString(s, "＠$1") }

var calls = regexp.MustCompile(`(?i)@(channel|here|everyone|group)`)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// headEscaped is the start of an escaped text, at most n bytes, not cut in a character or an entity.
func headEscaped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:cut.At(s, n)]
	if at := strings.LastIndexByte(s, '&'); at >= 0 && !strings.Contains(s[at:], ";") {
		s = s[:at]
	}
	return s
}

// Markdown is what a document says so far, without its notices, the list of its sources and what stands below
// that, as the Markdown of chat.appendStream (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
// The Markdown of a snapshot is how that of a later one begins, when that has the same nodes and more, or
// more text in its last node and no citations before, unless the first ends within a word that calls on
// everybody (see [Escape], which is followed in this). It has no mark, link, list, table, heading or
// mention but the links of citations to addresses of the document. It does not end in a blank.
func Markdown(d channel.Doc) string {
	r := newReader(d)
	var b strings.Builder
	var last channel.NodeKind
	for _, n := range r.Before {
		if n.Kind == channel.Notice {
			continue
		}
		if last != "" {
			b.WriteString(apart(last, n.Kind))
		}
		last = cmp.Or(n.Kind, channel.Line)
		text, cites := uncall(n.Text), n.Cites
		quoted := r.Verbatim(n)
		if quoted {
			text = "“" + text
		}
		e := markdownEscaper{}
		e.write(text)
		b.WriteString(e.b.String())
		if quoted {
			b.WriteString("”")
		}
		for _, c := range cites {
			b.WriteString(markdownCite(r.Cites[c]))
		}
	}
	return b.String()
}

// apart is what stands between two nodes: lines follow each other, the rest are paragraphs.
func apart(a, b channel.NodeKind) string {
	if a == channel.Line && b == channel.Line {
		return hardBreak
	}
	return "\n\n"
}

// hardBreak ends a line within a paragraph.
const hardBreak = "  \n"

func markdownCite(c reading.Cite) string {
	if c.URL == "" {
		return fmt.Sprintf(`\[%d\]`, c.N)
	}
	return fmt.Sprintf(`[\[%d\]](%s)`, c.N, c.URL)
}

// Head is the start of a text that Markdown made, of at most n characters (UTF-16 units), not cut in an
// escape, a link or a character. The Head of a text is how the Head of a longer one begins.
func Head(markdown string, n int) string {
	if chars(markdown) <= n {
		return markdown
	}
	safe, at, taken := 0, 0, 0
	for at < len(markdown) {
		size := unit(markdown[at:])
		if taken += chars(markdown[at : at+size]); taken > n {
			break
		}
		at += size
		if next, _ := utf8.DecodeRuneInString(markdown[at:]); at < len(markdown) {
			last, _ := utf8.DecodeLastRuneInString(markdown[:at])
			if cut.Joins(last, next) {
				continue
			}
		}
		safe = at
	}
	return strings.TrimRight(markdown[:safe], " \n")
}

// unit is the length of what must not be cut at the start of Markdown of ours.
func unit(s string) int {
	switch {
	case s[0] == '\\' && len(s) > 1:
		return 2
	case s[0] == '&':
		if end := strings.IndexByte(s, ';'); end > 0 {
			return end + 1
		}
	case strings.HasPrefix(s, `[\[`):
		if end := strings.IndexByte(s, ')'); end > 0 {
			return end + 1
		}
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// A markdownEscaper writes text as Markdown. What it writes for a character depends on those before it
// alone, so that a text that grows is only added to.
type markdownEscaper struct {
	b       strings.Builder
	lines   int  // ends of lines that are not written yet
	blanks  int  // blanks that are not written yet
	begun   bool // something was written
	start   bool // only digits stand before on the line
	digits  bool // and at least one
	last    rune
	colon   bool   // a colon and only what may be in the name of an emoji stand before
	address string // the letters before, in lower case
}

func (e *markdownEscaper) write(text string) {
	e.start = true
	for _, r := range text {
		switch r {
		case '\n':
			e.lines++
			e.blanks = 0
		case ' ', '\t':
			e.blanks++
		default:
			e.spaces()
			e.rune(r)
		}
	}
}

// spaces writes the blanks and ends of lines that stand before something to see. Lines do not begin with
// blanks: four would make them code.
func (e *markdownEscaper) spaces() {
	switch {
	case !e.begun:
	case e.lines > 1:
		e.b.WriteString("\n\n")
	case e.lines == 1:
		e.b.WriteString(hardBreak)
	case e.blanks > 0:
		e.b.WriteString(strings.Repeat(" ", e.blanks))
	}
	if e.lines > 0 || !e.begun {
		e.start, e.digits = true, false
	} else if e.blanks > 0 {
		e.start = false
	}
	if e.lines+e.blanks > 0 {
		e.last, e.colon, e.address = ' ', false, ""
	}
	e.begun, e.lines, e.blanks = true, 0, 0
}

func (e *markdownEscaper) rune(r rune) {
	digit := r >= '0' && r <= '9'
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	switch {
	case r == '&' || r == '<' || r == '>':
		e.b.WriteString(escaper.Replace(string(r)))
	case e.escapes(r):
		e.b.WriteByte('\\')
		e.b.WriteRune(r)
	default:
		e.b.WriteRune(r)
	}
	e.start = e.start && digit
	e.digits = e.start
	switch {
	case r == ':':
		e.colon = true
	case !letter && !digit && !strings.ContainsRune("_+-'", r):
		e.colon = false
	}
	if letter && len(e.address) < 8 {
		e.address += strings.ToLower(string(r))
	} else {
		e.address = ""
	}
	e.last = r
}

// escapes reports whether a character needs a backslash: anywhere, or after what stands before it.
func (e *markdownEscaper) escapes(r rune) bool {
	switch r {
	case '\\', '`', '*', '_', '[', ']', '|', '~', '@', '$', '^', '{', '}', '!':
		return true
	case '#', '+', '-', '=':
		return e.start && !e.digits
	case '.':
		return e.digits || strings.HasSuffix(e.address, "www")
	case ')':
		return e.digits
	case '(':
		return e.last == ']'
	case '/':
		return e.last == ':'
	case ':':
		return e.colon && e.last != ':' || e.start && !e.digits
	}
	return false
}
