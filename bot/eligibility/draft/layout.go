package draft

import (
	"regexp"
	"strings"

	"policybot/bot/strength"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// A page is a clause with its text in normal form and its parts.
type page struct {
	retrieval.Clause
	text
	parts []part
	out   []exclusion // of parts that do nothing but leave somebody out
}

// A part is a sentence, or a part of one between semicolons, or an item of a list.
type part struct {
	span            // without the mark of a list
	sentence int    // which sentence of the clause
	strength string // of the whole sentence
	marked   bool   // begins with the mark of a list
	heading  bool   // is the heading of the clause
	leads    bool   // ends with a colon: a list may follow
	stop     bool   // the sentence ends with it
	excludes bool   // does nothing but leave somebody out
	refers   bool   // points back to a list of conditions
}

// limits: what is longer is no sentence that one can read conditions from.
const (
	longestClause = 60_000 // bytes
	longestPart   = 3_000
)

var itemMark = regexp.MustCompile(`^\s*(?:第[一二三四五六七八九十百零\d]+[条款项]|\(?[一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}、|\(\d{1,2}\)|\d{1,2}(?:\)|、)|\d{1,2}\.(?:\s|$)|\([a-z]\)|[a-z]\)\s|[-•*▪●]\s)\s*`)

var digitDot = regexp.MustCompile(`^\s*\d{1,2}\.[^\d\s]`)

// marker is the length of the mark of a list that a text begins with; 0 for none.
func marker(s string) int {
	if m := itemMark.FindString(s); m != "" {
		return len(m)
	}
	if digitDot.MatchString(s) {
		return strings.IndexByte(s, '.') + 1
	}
	return 0
}

// lay cuts a clause into parts.
func lay(c retrieval.Clause) page {
	if len(c.Text) > longestClause {
		return page{Clause: c}
	}
	p := page{Clause: c, text: normal(c.Text)}
	findings := strength.Sentences(c.Text)
	spans := sentence.Split(c.Text)
	for i, s := range spans {
		whole := p.spanOf(s.Start, s.End)
		cut := p.cutItems(whole)
		for k, piece := range cut {
			piece = p.tight(piece)
			if piece.empty() || piece.b-piece.a > longestPart {
				continue
			}
			n := marker(p.s[piece.a:piece.b])
			out := part{span: span{piece.a + n, piece.b}, sentence: i, strength: string(findings[i].Strength), marked: n > 0}
			if n > 0 && out.strength == string(strength.None) && findings[i].Rule == "heading" {
				out.strength = string(strength.Of(p.words(out.span)).Strength) // a mark makes it look like a heading
			}
			out.leads = strings.HasSuffix(p.s[:piece.b], ":")
			out.stop = k == len(cut)-1 && !strings.HasSuffix(p.s[:piece.b], ";")
			out.heading = len(spans) > 1 && len(p.parts) == 0 && p.isHeading(out.span)
			p.parts = append(p.parts, out)
		}
	}
	for i := range p.parts {
		q := &p.parts[i]
		q.refers = p.in(cues().list("refers"), q.span)
		if q.excludes = !q.heading && p.onlyExcludes(q.span); q.excludes {
			p.out = append(p.out, p.exclusionsIn(q.span)...)
		}
	}
	return p
}

// tight is a span without the blanks around it.
func (t text) tight(p span) span {
	s := strings.TrimLeft(t.s[p.a:p.b], " \n\t")
	p.a = p.b - len(s)
	p.b = p.a + len(strings.TrimRight(s, " \n\t"))
	return p
}

// cutItems cuts a sentence after semicolons, and after a colon that a list follows.
func (p page) cutItems(whole span) []span {
	var out []span
	for _, s := range p.pieces(whole, ";") {
		end := s.b
		if end < whole.b {
			end++ // with the semicolon
		}
		start := s.a
		for _, at := range p.pieces(s, ":") {
			next := at.b + 1
			if next >= end {
				break
			}
			lists := cues().list("all of").MatchString(p.s[start:at.b]) || cues().list("one of").MatchString(p.s[start:at.b])
			if marker(p.s[next:end]) > 0 || lists {
				out = append(out, span{start, next})
				start = next
			}
		}
		out = append(out, span{start, end})
	}
	return out
}

// isHeading reports whether a sentence says no more than the heading of the clause.
func (p page) isHeading(s span) bool {
	if p.Heading == "" {
		return false
	}
	heading := normal(p.Heading).s
	rest, ok := strings.CutPrefix(strings.TrimSpace(p.s[s.a:s.b]), heading)
	if !ok || size(rest) > 2 {
		return false
	}
	gives, ok := p.first(cues().list("give"), s) // 对…给予…: an offer, though it looks like a heading
	if !ok {
		return true
	}
	_, marked := p.mark(span{s.a, gives.a})
	return !marked
}

// headed is the heading of the clause in its text, if it is there.
func (p page) headed() span {
	for _, q := range p.parts {
		if q.heading {
			return q.span
		}
	}
	if p.Heading != "" {
		heading := normal(p.Heading).s
		if i := strings.Index(p.s, heading); i >= 0 && i < 30 {
			return span{i, i + len(heading)}
		}
	}
	return span{}
}

// skipped reports whether a clause holds goals, principles or duties by its heading.
func (p page) skipped() bool {
	if p.Goals() {
		return true
	}
	re := cues().list("skip")
	for _, h := range append([]string{p.Heading, p.Path}, p.Parents...) {
		if re.MatchString(normal(h).s) {
			return true
		}
	}
	return false
}
