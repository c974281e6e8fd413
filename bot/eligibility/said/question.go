package said

import "regexp"

var (
	asks       = cue("asks")
	asksAsked  = cue("asks when asked")
	begins     = cue("begins a question")
	neverAsks  = cue("never asks")
	gets       = cue("gets")
	particle   = regexp.MustCompile(`(?:吗|么|嘛|呢)\s*$`)
	someThing  = regexp.MustCompile(`(?:那么|这么|怎么|什么|多么)\s*$`)
	asksFirst  = regexp.MustCompile(`^\s*(?:(?:so|and|then|hi|hello|please|ok|also|now)\s)*(?:(?:can|could|may|might|do|does|did|is|are|am|was|were|will|would|should|shall|has|have|isn't|aren't|don't|doesn't|can't)\s(?:we|our|i|my|you|your|it|its|the|there|a|an|this|that|these|those|any|they|companies|enterprises|firms|one|anyone|somebody|someone)\b|any (?:chance|support|policy|policies|measure|measures|subsid))`)
	asksWh     = regexp.MustCompile(`^\s*(?:(?:so|and|then|hi|hello|please|ok|also|now)\s)*(?:what|which|who|whom|whose|when|where|why|how|whether|what's)\b`)
	relative   = regexp.MustCompile(`^\s*(?:which|who|where|when|what we|what our)\b`)
	whInside   = regexp.MustCompile(`\b(?:what|which|whether|how|who|where|when|why)\b`)
	nounPhrase = regexp.MustCompile(`\b(?:our|my|as an?|as the|being an?)\s(?:[\w&'-]+\s?){1,6}`)
	ofItself   = regexp.MustCompile(`^\s*(?:(?:so|and|then|also|now)\s)*(?:is|are|am|was|were|has|have|do|does|did|isn't|aren't|don't|doesn't)\s(?:we|our|i|my)\b`)
	dropped    = regexp.MustCompile(`^\s*(?:做|是|有|在|想|刚|已|还没|没有|目前|主要|主营|属于|拿了|专做|专门|注册|成立)`)
)

// question finds out whether a clause asks, and what of it is stated nevertheless.
func (c *clause) question(before *clause) {
	if latin(c.text) {
		c.questionEnglish()
		return
	}
	off := outside(c.text, asks, neverAsks)
	off = append(off, begins.FindAllStringIndex(c.text, -1)...)
	whole := particle.MatchString(c.text) && !someThing.MatchString(c.text)
	if whole || c.asked {
		off = append(off, outside(c.text, asksAsked, neverAsks)...)
	}
	if c.asks = len(off) > 0 || whole || c.asked; len(off) == 0 {
		return
	}
	on := -1 // byte from which on it states something
	if before != nil && !c.first && !before.asks && before.speaks() == us && dropped.MatchString(c.text) {
		on = 0
	}
	for at := range len(c.text) {
		switch {
		case begun(off, at) && on >= 0:
			c.open = append(c.open, []int{on, at})
			on = -1
		case on < 0 && begun(c.own(), at):
			on = at
		}
	}
	if on >= 0 && !whole && !c.asked {
		c.open = append(c.open, []int{on, len(c.text)})
	}
}

// begun reports whether a span begins at a byte.
func begun(spans [][]int, at int) bool {
	for _, s := range spans {
		if s[0] == at {
			return true
		}
	}
	return false
}

// questionEnglish does the same in English: a question takes for granted what it calls
// its writer's own.
func (c *clause) questionEnglish() {
	at := -1
	switch m := begins.FindStringIndex(c.text); {
	case asksFirst.MatchString(c.text), asksWh.MatchString(c.text) && (c.asked || !relative.MatchString(c.text)):
		at = 0
	case m != nil:
		at = m[0]
	case c.asked:
		at = 0
		if m := whInside.FindStringIndex(c.text); m != nil {
			at = m[0]
		}
	}
	if at < 0 {
		if m := outside(c.text, asks, neverAsks); len(m) > 0 {
			at = m[0][0]
		} else {
			return
		}
	}
	c.asks = true
	if at > 0 {
		c.open = append(c.open, []int{0, at})
	}
	for _, m := range nounPhrase.FindAllStringIndex(c.text[at:], -1) {
		from, to := at+m[0], at+m[1]
		g := gets.FindStringIndex(c.text[from:to])
		switch {
		case g != nil:
			to = from + g[0]
		case ofItself.MatchString(c.text):
			continue
		}
		c.open = append(c.open, []int{from, to})
	}
}

// latin reports whether a text is in Latin letters for the most part.
func latin(s string) bool {
	n := 0
	for _, r := range s {
		if r < 0x80 {
			n++
		}
	}
	return 2*n > len([]rune(s))
}
