package grounding

import (
	"slices"
	"strings"
)

// classes returns the classes of all words of the sentence.
func (c *checker) classes() class {
	var out class
	for k := range c.claim.phrases {
		out |= c.claim.phrases[k].classes | c.backs(&c.claim.phrases[k])
	}
	return out
}

// aims reports whether the mark says no more than that what a source states
// flatly, as plans do, is to be so: 要, the plan aims to, or a figure that should
// be reached.
func (c *checker) aims(p *phrase, m mark) bool {
	w := string(c.claim.Runes[m.from:m.to])
	switch {
	case w == "要" || strings.HasPrefix(w, "aim") || w == "plans to":
	case w == "should" && slices.ContainsFunc(p.things, func(x uint64) bool { return x&quantityKey != 0 }):
	case w == "can" || w == "let" || w == "lets":
		return c.purpose(m) || w == "can" && c.says("support")
	default:
		return false
	}
	if c.flat() {
		return true
	}
	for k := range c.parts {
		x := &c.parts[k]
		if x.from < m.to || x.from >= p.to || !c.told(x) || c.marked(x) {
			continue
		}
		return slices.ContainsFunc(x.at, c.flatly)
	}
	return false
}

// flatly reports whether the sources say what is at a spot without a hedge.
func (c *checker) flatly(at int32) bool {
	k := c.corpus.spots[at]
	if k.source < 0 {
		return false
	}
	s := &c.sources[k.source]
	for j := range s.phrases {
		q := &s.phrases[j]
		if q.from > k.from || k.from >= q.to {
			continue
		}
		for _, n := range q.marks {
			if n.class&hedges != 0 && n.from < k.from {
				return false
			}
		}
		return s.intended(q) == 0
	}
	return false
}

// flat reports whether no phrase of the sources hedges anything.
func (c *checker) flat() bool {
	for k := range c.sources {
		if slices.ContainsFunc(c.sources[k].phrases, func(q phrase) bool { return q.classes&hedges != 0 }) {
			return false
		}
	}
	return true
}

// purpose reports whether can only tells what something is for: so that
// investors can exchange ideas.
func (c *checker) purpose(m mark) bool {
	before := string(c.claim.Runes[:m.from])
	return slices.ContainsFunc([]string{"so that ", "so ", " to let", " where ", "in order that "}, func(w string) bool {
		at := strings.LastIndex(before, w)
		return at >= 0 && !strings.ContainsAny(before[at:], ".;") && len(before)-at < 80
	})
}

// says reports whether the sentence has a word that begins so.
func (c *checker) says(w string) bool { return strings.Contains(" "+string(c.claim.Runes), " "+w) }

// authorised reports whether what p says one may is what the sources give
// somebody the power for: 授权某区自主决定.
func (c *checker) authorised(p *phrase) bool {
	s, q := c.standsOn(p)
	return q != nil && slices.ContainsFunc(strings.Fields("授权 自主 有权 authori"), func(w string) bool {
		return strings.Contains(string(s.Runes[q.from:q.to]), w)
	})
}

// supportWords name support, whatever form they take.
var supportWords = strings.Fields("支持 扶持 support")

// supported reports whether 支持 in the sentence is that of a phrase which says
// it as a noun, which words.txt does not count: 加大支持力度.
func (c *checker) supported(p *phrase, m mark) bool {
	w := string(c.claim.Runes[m.from:m.to])
	names := func(text string) bool {
		return slices.ContainsFunc(supportWords, func(w string) bool { return strings.Contains(text, w) })
	}
	if !names(w) {
		return false
	}
	s, q := c.standsOn(p)
	for k := range c.sources {
		t := &c.sources[k]
		for j := range t.phrases {
			r := &t.phrases[j]
			near := q == nil || s == t && t.sameSentence(r.from, q.from) && r.classes&encourage == 0
			if near && names(string(t.Runes[r.from:r.to])) {
				return true
			}
		}
	}
	return false
}
