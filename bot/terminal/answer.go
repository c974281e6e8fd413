package terminal

import (
	"regexp"
	"strconv"
	"strings"

	"policybot/bot"
)

// Answer writes the text of an answer, nothing else, wrapped to the screen and
// to 100 cells at most. Paragraphs stay; lines that begin with "[1] ", "- " or
// "• " hang. It ends with one line feed; an empty text writes nothing.
//
// With colour the first paragraph that does not begin with a notice is bold,
// the lines of notices are yellow, the list of sources (lines that begin with "[1] ", and
// their heading) is dim, and the markers of citations are cyan.
func (s *Screen) Answer(a bot.Answer) {
	text := strings.TrimRight(Clean(a.Text), "\n")
	if text == "" {
		return
	}
	styles := make([]style, len(text))
	if s.color {
		dress(styles, text, a)
	}
	var b strings.Builder
	at := 0
	for part := range strings.SplitSeq(text, "\n") {
		for _, l := range wrapLine(text, at, at+len(part), min(s.width, textWidth), hanging(part)) {
			b.WriteString(l.indent)
			s.paintRuns(&b, text[l.start:l.end], styles[l.start:l.end])
			b.WriteByte('\n')
		}
		at += len(part) + 1
	}
	s.write(b.String())
}

// paintRuns writes a text whose bytes have styles, bytes of one style together.
func (s *Screen) paintRuns(b *strings.Builder, text string, styles []style) {
	for i := 0; i < len(text); {
		j := i + 1
		for j < len(text) && styles[j] == styles[i] {
			j++
		}
		b.WriteString(s.paint(text[i:j], styles[i]))
		i = j
	}
}

var (
	// item is what a line that hangs begins with: blanks, then perhaps a mark.
	item = regexp.MustCompile(`^ *(?:(?:\[[0-9]{1,3}\]|-|•) +)?`)
	// source is what a line of the list of sources begins with.
	source = regexp.MustCompile(`^ *\[[0-9]{1,3}\] `)
	// marker is the marker of a citation.
	marker = regexp.MustCompile(`\[([0-9]{1,3})\]`)
)

// hanging is the indent of the further lines of a line: as wide as its mark.
func hanging(line string) string { return blanks(Width(item.FindString(line))) }

// dress gives each byte of a clean text its style.
func dress(styles []style, text string, a bot.Answer) {
	for _, n := range a.Notices {
		dressNotice(styles, text, strings.TrimSpace(Clean(n.Text)))
	}
	dressSources(styles, text)
	dressLead(styles, text)
	cited := map[string]bool{}
	for _, c := range a.Citations {
		cited[strconv.Itoa(c.N)] = true
	}
	for _, m := range marker.FindAllStringSubmatchIndex(text, -1) {
		if cited[text[m[2]:m[3]]] {
			fill(styles[m[0]:m[1]], styles[m[0]]&bold|cyan)
		}
	}
}

// dressSources makes the lines of the list of sources dim, and the line above
// the first if it ends with a colon. The first line of a text is no source.
func dressSources(styles []style, text string) {
	at, above, heading := 0, 0, false
	for part := range strings.SplitSeq(text, "\n") {
		if at > 0 && source.MatchString(part) {
			from := at
			if heading {
				from = above
			}
			for i := from; i < at+len(part); i++ {
				if styles[i] == 0 {
					styles[i] = dim
				}
			}
		}
		heading = strings.HasSuffix(part, ":") || strings.HasSuffix(part, "：")
		above, at = at, at+len(part)+1
	}
}

// dressLead makes what has no style yet bold in the first paragraph that begins
// with text of no style.
func dressLead(styles []style, text string) {
	at := 0
	for part := range strings.SplitSeq(text, "\n\n") {
		begin := at + len(part) - len(strings.TrimLeft(part, " \n\u3000"))
		end := at + len(part)
		if begin < end && styles[begin] == 0 {
			for i := begin; i < end; i++ {
				if styles[i] == 0 {
					styles[i] = bold
				}
			}
			return
		}
		at = end + 2
	}
}

// dressNotice makes a notice yellow wherever it stands, with the rest of its
// line, such as "Note: ".
func dressNotice(styles []style, text, notice string) {
	if notice == "" {
		return
	}
	for at := 0; ; {
		i := strings.Index(text[at:], notice)
		if i < 0 {
			return
		}
		begin := strings.LastIndexByte(text[:at+i], '\n') + 1
		at += i + len(notice)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			at += n
		} else {
			at = len(text)
		}
		fill(styles[begin:at], yellow)
	}
}

func fill(styles []style, st style) {
	for i := range styles {
		styles[i] = st
	}
}
