package blockkit

import (
	"regexp"
	"strings"
)

// ReadMarkdown tells what a person sees of standard markdown, as it stands in a markdown block or in markdown_text
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block). Like [ReadMrkdwn] it would rather find too
// much: a mention counts wherever it stands, after a backslash and in code too, only &lt; takes its effect away; links
// are inline, by reference, in < >, bare, and in HTML. Emphasis follows the rules of CommonMark: signs that do not
// work, because letters or signs stand at the wrong side of them, are seen.
func ReadMarkdown(text string) Shown {
	r := &reader{}
	r.line(r.markdown(text))
	return r.end()
}

var (
	fence     = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	heading   = regexp.MustCompile(`^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$`)
	ruler     = regexp.MustCompile(`^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$`)
	divide    = regexp.MustCompile(`^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)
	item      = regexp.MustCompile(`^([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(.*)$`)
	quoted    = regexp.MustCompile(`^ {0,3}> ?(.*)$`)
	defines   = regexp.MustCompile(`^ {0,3}\[([^\[\]]+)\]:[ \t]*<?([^\s<>]+)>?`)
	mentionIn = regexp.MustCompile(`<([@#!][^<>\n]*)>`)
)

// page is a text of markdown while it is read.
type page struct {
	*reader
	refs map[string]string // addresses by the names of references
}

func (r *reader) markdown(s string) string {
	for _, m := range mentionIn.FindAllStringSubmatch(s, -1) {
		r.sequence(m[1])
	}
	p := &page{r, map[string]string{}}
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for _, l := range lines {
		if m := defines.FindStringSubmatch(l); m != nil {
			p.refs[strings.ToLower(m[1])] = m[2]
		}
	}
	var out []string
	closing := ""
	for i, l := range lines {
		m := fence.FindStringSubmatch(l)
		switch {
		case closing != "" && m != nil && strings.HasPrefix(m[1], closing) && strings.Trim(l, " `~") == "":
			closing = ""
		case closing != "":
			out = append(out, l)
		case m != nil:
			closing = m[1]
		default:
			out = p.block(out, l, i > 0 && strings.Contains(lines[i-1], "|"), 0)
		}
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

// block reads one line outside code, in so many quotes; underHead tells whether it may divide the head of a table
// from its rows. Quotes deeper than twenty stay as they are written.
func (p *page) block(out []string, l string, underHead bool, depth int) []string {
	if underHead && divide.MatchString(l) || ruler.MatchString(l) || defines.MatchString(l) {
		return out
	}
	if m := heading.FindStringSubmatch(l); m != nil {
		return append(out, p.inline(m[1]))
	}
	if m := quoted.FindStringSubmatch(l); m != nil && depth < 20 {
		for _, in := range p.block(nil, m[1], false, depth+1) {
			out = append(out, "> "+in)
		}
		return out
	}
	if m := item.FindStringSubmatch(l); m != nil {
		mark := m[2]
		if len(mark) == 1 {
			mark = "•"
		}
		return append(out, m[1]+mark+" "+p.inline(m[3]))
	}
	if t := strings.TrimSpace(l); strings.HasPrefix(t, "|") {
		return append(out, p.row(t))
	}
	return append(out, p.inline(strings.TrimRight(l, " \t")))
}

func (p *page) row(t string) string {
	t = strings.TrimSuffix(strings.TrimPrefix(t, "|"), "|")
	var cells []string
	from := 0
	for i := range len(t) {
		if t[i] == '|' && (i == 0 || t[i-1] != '\\') {
			cells = append(cells, strings.TrimSpace(p.inline(t[from:i])))
			from = i + 1
		}
	}
	return strings.Join(append(cells, strings.TrimSpace(p.inline(t[from:]))), " | ")
}
