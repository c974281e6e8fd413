package grounding

// How alike phrases have to be. The figures are from the changes and
// paraphrases in testdata: see the test that prints the shares.
const (
	near     = 0.3  // share of a phrase's content that a source phrase has to have
	nearer   = 0.2  // a source phrase without the word has to be nearer by that much to count against it
	same     = 0.7  // from here on two phrases are one but for a word, and the word's place counts
	repeated = 0.6  // a sentence that has so much of a source phrase repeats it
	whole    = 0.99 // all of it
	nearest  = 0.25 // another figure has to stand among so much more of the same words to be the one that is meant
)

// marks notes polarity and modality that are not those of the sources.
func (c *checker) marks() {
	for k := range c.claim.phrases {
		p := &c.claim.phrases[k]
		for _, m := range p.marks {
			if !c.borne(p, m) && !c.aims(p, m) {
				rule := RulePolarity
				if m.class&modality != 0 {
					rule = RuleModality
				}
				c.add(rule, "", m.from, m.to)
			}
		}
	}
	for k := range c.sources {
		for j := range c.sources[k].phrases {
			c.dropped(&c.sources[k], &c.sources[k].phrases[j])
			c.exception(&c.sources[k], j)
		}
	}
}

// borne reports whether a source bears out the mark m of the claim's phrase p:
// a phrase with such a word is near, and no phrase without it is much nearer.
func (c *checker) borne(p *phrase, m mark) bool {
	with, without := -1.0, 0.0
	loose := m.class == will
	if m.class&modality != 0 && !loose && c.across(p, m) || m.class == encourage && c.supported(p, m) || m.class == may && c.authorised(p) {
		return true
	}
	for k := range c.sources {
		s := &c.sources[k]
		for j := range s.phrases {
			q := &s.phrases[j]
			share, told := likeness(p, q)
			if !told {
				share = near // of another language, with nothing to compare
			}
			switch {
			case c.bears(p, m, s, q, share):
				with = max(with, share)
				if p.latin == q.latin && q.classes&goes[m.class] != 0 {
					with = max(with, c.claim.scope(p, m).share(q.keys)) // p may be two phrases of the source
				}
			case told && (!loose || q.classes&hedges != 0 && q.classes&hedges&c.classes() == 0):
				without = max(without, share)
			case loose:
				with = max(with, share)
			}
		}
	}
	if loose {
		return without < near || with >= without-nearer
	}
	if with < 0 {
		return false
	}
	return (with >= near || len(p.keys) < 3) && with >= without-nearer
}

// bears reports whether the source's phrase q has a word that bears out m.
func (c *checker) bears(p *phrase, m mark, s *text, q *phrase, share float64) bool {
	allowed := goes[m.class]
	if p.latin != q.latin && allowed&(must|should) != 0 {
		allowed |= must | should
	}
	if q.classes&allowed == 0 {
		return q.carried&allowed != 0 && q.classes&modality == 0
	}
	if p.latin != q.latin || share < same || m.class&polarity == 0 {
		return true
	}
	scope := c.claim.scope(p, m)
	for _, n := range q.marks {
		if n.class&allowed != 0 && (len(scope) == 0 || scope.in(s.scope(q, n)) > 0 || c.turns(m, s, n)) {
			return true
		}
	}
	return false
}

// turns reports whether what follows mark m of the sentence closely stands for
// what follows mark n of a source: 免予追责 and 免予追究责任.
func (c *checker) turns(m mark, s *text, n mark) bool {
	for k := range c.parts {
		x := &c.parts[k]
		if x.from <= m.from && x.to > m.to && c.told(x) { // one run of the source with the word in it
			return c.part([]*piece{x}, s, n.from-(x.to-x.from), n.to) > 0
		}
		if x.from >= m.to && x.from < m.to+3 && c.told(x) && !c.marked(x) {
			return c.part([]*piece{x}, s, n.to, n.to+3) > 0
		}
	}
	return false
}

// likeness is the share of the content of p that q has. In another language
// it is that of things, and told is false where p names none.
func likeness(p, q *phrase) (share float64, told bool) {
	if p.latin == q.latin {
		return p.keys.share(q.keys), true
	}
	return p.things.share(q.things), p.things.in(q.things) > 1 || p.figure(q)
}

// droppable are the words without which a source says something else.
const droppable = polarity | intend | may | must | should

// dropped notes a negation, condition or hedge of the source's phrase q that
// the sentence leaves out although it repeats the phrase.
func (c *checker) dropped(s *text, q *phrase) {
	for _, m := range q.marks {
		if m.class&droppable == 0 {
			continue
		}
		best, share := c.repeats(q)
		scope := s.scope(q, m)
		if best == nil || c.said(best, m.class, scope, q.latin) {
			continue
		}
		if best.latin == q.latin && len(scope) > 0 && scope.share(c.content) < 0.5 {
			continue // what the word turns is left out too
		}
		if m.class&modality != 0 && (best.latin != q.latin || best.classes != 0) {
			continue // another one is noted where it stands
		}
		if c.elsewhere(best, q, m.class, share) {
			continue
		}
		rule := RulePolarity
		if m.class&modality != 0 {
			rule = RuleModality
		}
		start, end := s.Span(m.from, m.to)
		c.add(rule, s.Raw[start:end], best.from, best.to)
	}
}

// exception notes that the sentence repeats the source's phrase before or after
// phrase j without the exception that j is.
func (c *checker) exception(s *text, j int) {
	p := &s.phrases[j]
	for _, m := range p.marks {
		if m.class != except {
			continue
		}
		for _, k := range []int{j - 1, j + 1} {
			if k < 0 || k >= len(s.phrases) || s.phrases[max(j, k)].first {
				continue
			}
			if best, _ := c.repeats(&s.phrases[k]); best != nil && !c.said(best, except, nil, p.latin) {
				start, end := s.Span(m.from, m.to)
				c.add(RulePolarity, s.Raw[start:end], best.from, best.to)
			}
		}
	}
}

// repeats returns the phrase of the sentence that says most of q, if the
// sentence repeats q, and how much.
func (c *checker) repeats(q *phrase) (*phrase, float64) {
	var best *phrase
	most := 0.0
	for k := range c.claim.phrases {
		p := &c.claim.phrases[k]
		have, want := p.keys, q.keys
		if p.latin != q.latin {
			have, want = p.things, q.things
		}
		share := want.share(have)
		if len(want) < 2 && (share < whole || p.latin != q.latin) {
			continue
		}
		if p.latin == q.latin && share < repeated && have.share(want) >= repeated && p.figure(q) {
			share = repeated // a short way to say the same of the same figure
		}
		if share > most {
			best, most = p, share
		}
	}
	if best == nil || best.latin != q.latin && most < repeated {
		return nil, 0
	}
	if most < repeated && q.keys.share(c.content) < repeated {
		return nil, 0
	}
	return best, most
}

// figure reports whether p and q have a quantity in common.
func (p *phrase) figure(q *phrase) bool {
	for _, x := range p.things {
		if x&quantityKey != 0 && q.things.has(x) {
			return true
		}
	}
	return false
}

// said reports whether the sentence has a word for the class that turns what
// is in scope: in the phrase p, or anywhere if the word may carry so far or p is
// in another language.
func (c *checker) said(p *phrase, of class, scope keys, latin bool) bool {
	far := of&(modality|except) != 0 || p.latin != latin
	for k := range c.claim.phrases {
		r := &c.claim.phrases[k]
		if r != p && !far {
			continue
		}
		for _, m := range r.marks {
			if goes[of]&m.class == 0 && (goes[m.class]|m.class)&of == 0 {
				continue
			}
			own := c.claim.scope(r, m)
			if far || len(scope) == 0 || len(own) == 0 || own.in(scope) > 0 {
				return true
			}
		}
	}
	return false
}

// elsewhere reports whether another source phrase without such a word says as
// much of p as q does.
func (c *checker) elsewhere(p, q *phrase, of class, share float64) bool {
	own, _ := likeness(p, q)
	for k := range c.sources {
		for j := range c.sources[k].phrases {
			r := &c.sources[k].phrases[j]
			if r.classes&of == 0 && r.carried&of == 0 {
				if other, told := likeness(p, r); told && other >= own && other > 0 {
					return true
				}
			}
		}
	}
	return false
}

// across reports whether the phrase of the sources that p stands on has a word
// that bears m out, whatever other words p has; in another language than p also
// its sentence, as phrases are rarely translated one by one.
func (c *checker) across(p *phrase, m mark) bool {
	s, q := c.standsOn(p)
	if q == nil {
		return false
	}
	allowed := goes[m.class]
	if p.latin == q.latin {
		return q.classes&allowed != 0
	}
	if allowed&(must|should) != 0 {
		allowed |= must | should
	}
	for k := range s.phrases {
		r := &s.phrases[k]
		if r.classes&allowed != 0 && s.sameSentence(r.from, q.from) && (r.from == q.from || q.classes&modality == 0) {
			return true
		}
	}
	return false
}
