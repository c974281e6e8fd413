package said

import (
	"regexp"
	"slices"
)

// A speaker is of whom a part of a message speaks.
type speaker int

const (
	us   speaker = iota // the writer's enterprise
	kin                 // one that it belongs to
	them                // anybody else
)

// A turn is a byte of a clause from which on it speaks of somebody.
type turn struct {
	at, end int
	of      speaker
}

var (
	others  = cue("others")
	kinship = cue("kin")
	hearsay = cue("hearsay")
	// possessive joins a word of the own enterprise to one of somebody else: 我们的客户.
	possessive = regexp.MustCompile(`^(?:的|有(?:一?[个家位])?|这边有?的?|那个|\s(?:[\w-]+\s){0,2})?$`)
	// object stands before others who are no subject of the clause, or before what the
	// enterprise itself is.
	object = regexp.MustCompile(`(?:给|为|向|替|帮|和|与|跟|对|由|让|请|被|比|找|于|从|是|作为|服务|卖给|多家|一些|很多)(?:我们的?|其他的?|一些|几家|很多|各类|一家|一个|别的)?$|\b(?:for|to|with|by|from|than|like|unlike|serve|serves|help|is|are|am|as|we're|i'm|have|has)\s(?:(?:our|the|a|an|other|many|some|several|my|all|these|no|not)\s)*$`)
)

// onBehalf begins words that are no subject but tell of whom the rest is.
var onBehalf = regexp.MustCompile(`^(?:asking|on behalf|invested|帮|替|代客户|投资)`)

// own lists where a clause speaks of its writer's enterprise.
func (c *clause) own() [][]int {
	var out [][]int
	for _, t := range c.turns {
		if t.of == us && t.end > 0 {
			out = append(out, []int{t.at, t.end})
		}
	}
	return out
}

// listen finds out of whom a clause speaks, which begins with whom the one before
// spoke of.
func (c *clause) listen(before *clause) {
	start := us
	if before != nil {
		start = before.speaks()
	}
	c.turns = []turn{{0, 0, start}}
	add := func(p *regexp.Regexp, of speaker) {
		for _, m := range p.FindAllStringIndex(c.text, -1) {
			if of != them || !object.MatchString(c.text[:m[0]]) || onBehalf.MatchString(c.text[m[0]:]) {
				c.turns = append(c.turns, turn{m[0], m[1], of})
			}
		}
	}
	add(others, them)
	add(kinship, kin)
	strangers := slices.Clone(c.turns[1:])
	add(ours, us)
	c.turns = slices.DeleteFunc(c.turns, func(t turn) bool {
		return t.of == us && t.end > 0 && slices.ContainsFunc(strangers, func(o turn) bool {
			return t.at >= o.at && t.end <= o.end || t.end <= o.at && possessive.MatchString(c.text[t.end:o.at]) ||
				o.end <= t.at && c.text[o.end:t.at] == " of "
		})
	})
	slices.SortStableFunc(c.turns, func(a, b turn) int { return a.at - b.at })
	if m := hearsay.FindStringIndex(c.text); m != nil {
		c.turns = slices.DeleteFunc(c.turns, func(t turn) bool { return t.at >= m[0] && t.end > 0 })
		c.turns = append(c.turns, turn{m[0], m[1], them})
	}
}

// of tells of whom a clause speaks at a byte.
func (c *clause) of(at int) speaker {
	out := us
	for _, t := range c.turns {
		if t.at <= at {
			out = t.of
		}
	}
	return out
}

// speaks tells of whom a clause speaks at its end.
func (c *clause) speaks() speaker { return c.of(len(c.text)) }

// follows reports whether of whom a clause speaks at a byte is told by the clause
// before.
func (c *clause) follows(at int) bool {
	return !slices.ContainsFunc(c.turns, func(t turn) bool { return t.end > 0 && t.at <= at })
}
