package strength

import (
	"slices"

	"policybot/retrieval/sentence"
)

// A cue is a place that speaks for a strength, after the guards have spoken.
type cue struct {
	rule     *rule
	place    [2]int
	strength Strength
	guard    *rule
	guarded  [2]int // place of guard
}

// judge judges one sentence. First the sentence rules are tried in the order of
// the file. Then all cues are collected, the guards change them in the order of
// the file, and the strongest cue decides, of equals the first in the sentence.
// Weak cues count only where no other is found, whatever became of it. It also
// returns the sentence rule that decided, if one did.
func (r *Rules) judge(text string, span sentence.Span) (Finding, *rule) {
	p := r.read(text, span)
	defer r.done(p)
	for _, m := range r.masks {
		p.mask = append(p.mask, p.all(m, -1)...)
	}
	for _, rule := range r.sentences {
		if m, ok := p.first(rule); ok {
			return p.finding(rule.strength, rule.name, m), rule
		}
	}
	return r.weigh(p), nil
}

// weigh judges p by its cues.
func (r *Rules) weigh(p *passage) Finding {
	cues := r.cues(p)
	for _, g := range r.guards {
		g.change(p, cues)
	}
	best := -1
	for i, c := range cues {
		if best < 0 || c.strength.rank() > cues[best].strength.rank() {
			best = i
		}
	}
	if best < 0 {
		return p.finding(None, "")
	}
	c := cues[best]
	if c.guard != nil {
		return p.finding(c.strength, c.rule.name+"/"+c.guard.name, c.guarded, c.place)
	}
	return p.finding(c.strength, c.rule.name, c.place)
}

// cues returns the cues of p in the order of the text: the strong ones or, if
// there is none, the weak ones.
func (r *Rules) cues(p *passage) []cue {
	out := r.cuesOf(p, false)
	if len(out) == 0 {
		out = r.cuesOf(p, true)
	}
	slices.SortStableFunc(out, func(a, b cue) int { return a.place[0] - b.place[0] })
	return out
}

// cuesOf returns the weak or the strong cues of p in the order of the rules.
func (r *Rules) cuesOf(p *passage, weak bool) (out []cue) {
	for _, rule := range r.cueRules {
		if rule.weak != weak {
			continue
		}
		for _, m := range p.all(rule, -1) {
			out = append(out, cue{rule: rule, place: m, strength: rule.strength})
		}
	}
	return out
}

// change applies the guard g to the cues it reaches.
func (g *rule) change(p *passage, cues []cue) {
	if !slices.ContainsFunc(cues, g.turns) {
		return
	}
	for _, m := range p.all(g, -1) {
		from, to := p.around(g.reach, m)
		if g.until != nil {
			if u := p.find(*g.until, m[1], len(p.s)); u >= 0 && u < to {
				to = u
			}
		}
		for i := range cues {
			c := &cues[i]
			if from <= c.place[0] && c.place[0] < to && g.turns(*c) {
				c.strength, c.guard, c.guarded = g.strength, g, m
			}
		}
	}
}

// turns reports whether g turns the cue c where it reaches it: c is not turned
// yet, and g is about its strength or its rule.
func (g *rule) turns(c cue) bool {
	return c.guard == nil && g.strength != c.strength &&
		(slices.Contains(g.targets, string(c.strength)) || slices.Contains(g.targets, c.rule.name))
}
