package grounding

import (
	"maps"
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// hedges are the classes without which a measure is stated flatly.
const hedges = intend | encourage | may

// force notes phrases that say flatly what the sources only seek, support,
// encourage or allow. It goes by the words that the phrase stands on, in either
// language; an intention holds to the end of its sentence.
func (c *checker) force() {
	if c.duty() && slices.ContainsFunc(c.sources, func(s text) bool { return assigns(&s) }) {
		return // it names what somebody has to do with
	}
	for k := range c.claim.phrases {
		p := &c.claim.phrases[k]
		s, q := c.standsOn(p)
		if p.latin && c.goesOn(k, q) {
			c.add(RuleModality, "", p.from, p.to)
		}
		if q == nil {
			continue
		}
		if text := string(s.Runes[q.from:q.to]); strings.Contains(text, "已") && strings.ContainsRune(string(c.claim.Runes[p.from:p.to]), '将') {
			c.add(RuleModality, "", p.from, p.to)
		}
		need := c.before(p, s, q)
		c.unsaid(p, s, q)
		if need == 0 {
			need = s.intended(q)
		}
		c.condition(p, s, q)
		c.qualifies(p, s, q)
		if need == 0 || c.hedged(k, need) {
			continue
		}
		c.add(RuleModality, "", p.from, p.to)
	}
}

// standsOn returns the phrase of the sources that most words of p stand on, nil
// if they are few or if one that hedges nothing has as many.
func (c *checker) standsOn(p *phrase) (*text, *phrase) {
	weight, all := map[int]int{}, 0
	for j := range c.parts {
		x := &c.parts[j]
		if x.from < p.from || x.from >= p.to || !c.told(x) || c.marked(x) {
			continue
		}
		w := x.j - x.i
		if !fold.Han(c.claim.Runes[x.from]) {
			w *= 2
		}
		all += w
		for _, n := range c.of(x, phraseNumber) {
			weight[n] += w
		}
	}
	most := 0
	for _, w := range weight {
		most = max(most, w)
	}
	if most < 4 || most*2 < all {
		return nil, nil
	}
	var text *text
	var found *phrase
	for _, n := range slices.Sorted(maps.Keys(weight)) {
		if weight[n] < most {
			continue
		}
		s, q := c.corpus.phraseAt(c, n)
		if q == nil {
			return nil, nil
		}
		if q.classes&hedges == 0 && s.intended(q) == 0 {
			return s, q
		}
		if found == nil || q.from < found.from {
			text, found = s, q
		}
	}
	return text, found
}

// marked reports whether a piece is a word of words.txt.
func (c *checker) marked(x *piece) bool {
	for k := range c.claim.phrases {
		for _, m := range c.claim.phrases[k].marks {
			if m.from <= x.from && x.to <= m.to {
				return true
			}
		}
	}
	return false
}

// phraseAt returns the phrase of a number.
func (k *corpus) phraseAt(c *checker, n int) (*text, *phrase) {
	i := slices.IndexFunc(k.spots, func(s spot) bool { return s.phrase == n })
	if i < 0 || k.spots[i].source < 0 {
		return nil, nil
	}
	t := &c.sources[k.spots[i].source]
	for j := range t.phrases {
		if p := &t.phrases[j]; p.from <= k.spots[i].from && k.spots[i].from < p.to {
			return t, p
		}
	}
	return nil, nil
}

// intended returns intend if q goes on with what an earlier phrase of its
// sentence only seeks.
func (t *text) intended(q *phrase) class {
	if q.classes&(must|should|may|encourage) != 0 {
		return 0
	}
	for k := len(t.phrases) - 1; k >= 0; k-- {
		p := &t.phrases[k]
		if p.from >= q.from {
			if p.from == q.from && p.first {
				return 0
			}
			continue
		}
		if p.classes&intend != 0 && t.plans(p) && t.sameSentence(p.from, q.from) {
			return intend
		}
		if p.first || p.classes&hedges != 0 {
			return 0
		}
	}
	return 0
}

// hedgeWords say a class in other ways than words.txt, as nouns do.
var hedgeWords = map[class][]string{
	intend:    strings.Fields("争取 探索 力争 努力 拟 计划 研究 筹划 谋划 推动 试点 探讨 尝试 strive striv seek sought explor aim plan try tries hope endeavour study pilot push attempt intend goal target studied drawn"),
	encourage: strings.Fields("支持 鼓励 扶持 倡导 提倡 引导 support encourag backs backing backed"),
	may:       strings.Fields("可 允许 准许 能 放开 放宽 取消 may can allow permit could lift relax open remov"),
}

// hedged reports whether phrase k of the sentence or one before it says one of
// the classes.
func (c *checker) hedged(k int, need class) bool {
	from, to := c.claim.phrases[k].from, c.claim.phrases[k].to
	if c.later(k, need) {
		return true
	}
	for j := k + 1; j < len(c.claim.phrases) && !c.claim.phrases[j].first; j++ {
		p := &c.claim.phrases[j]
		if !p.latin && !c.opens(p) && !c.openEnded(&c.claim.phrases[j-1]) {
			break
		}
		if p.classes&need != 0 {
			return true
		}
		to = p.to
	}
	for j := k; j >= 0; j-- {
		p := &c.claim.phrases[j]
		if p.classes&need != 0 {
			return true
		}
		from = p.from
		if p.first {
			break
		}
	}
	said := " " + string(c.claim.Runes[from:to])
	for of, list := range hedgeWords {
		if of&need == 0 {
			continue
		}
		for _, w := range list {
			if w[0] < 0x80 {
				w = " " + w
			}
			if strings.Contains(said, w) {
				return true
			}
		}
	}
	return false
}

// saysAny reports whether a text of the sources has one of the words.
func (c *checker) saysAny(list []string) bool {
	for k := range c.sources {
		text := " " + string(c.sources[k].Runes) + " "
		for _, w := range list {
			if w[0] < 0x80 {
				w = " " + w + " "
			}
			if strings.Contains(text, w) {
				return true
			}
		}
	}
	return false
}

// Words of conditions: how a phrase of the sources that is one begins and ends,
// and what a sentence may say instead.
var (
	conditionBegins = strings.Fields("经 除 待 except on_the_premise after according_to_the_authorization subject_to upon in_principle")
	conditionEnds   = strings.Fields("前提下 后 外")
	conditionSaid   = strings.Fields("前提 只要 经 批准 同意 授权 除 外 后 如 若 条件 符合 基础 原则上 待 provided if when after once except unless subject approv authori condition premise under only principle upon exclud other_than according pending")
)

// condition notes that the sentence repeats q without the condition that the
// phrase before q sets.
func (c *checker) condition(p *phrase, s *text, q *phrase) {
	k := slices.IndexFunc(s.phrases, func(x phrase) bool { return x.from == q.from })
	if k < 1 || q.first || s.phrases[k-1].classes&modality != 0 {
		return
	}
	b := &s.phrases[k-1]
	text := strings.TrimSpace(string(s.Runes[b.from:b.to]))
	sets := slices.ContainsFunc(conditionEnds, func(w string) bool { return strings.HasSuffix(text, w) }) ||
		slices.ContainsFunc(conditionBegins, func(w string) bool { return strings.HasPrefix(text, strings.ReplaceAll(w, "_", " ")) })
	if !sets {
		return
	}
	claim := string(c.claim.Runes)
	if !slices.ContainsFunc(conditionSaid, func(w string) bool { return strings.Contains(claim, strings.ReplaceAll(w, "_", " ")) }) {
		c.add(RulePolarity, string(s.Runes[b.from:b.to]), p.from, p.to)
	}
}

// openEnded reports whether a phrase of the sentence says nothing without the
// next one.
func (c *checker) openEnded(p *phrase) bool {
	text := strings.TrimSpace(string(c.claim.Runes[p.from:p.to]))
	for _, w := range opening {
		if rest, ok := strings.CutPrefix(text, w); ok && (fold.Han([]rune(w)[0]) || strings.HasPrefix(rest, " ")) {
			return true
		}
	}
	return slices.ContainsFunc(closed, func(w string) bool { return strings.HasSuffix(text, w) })
}

// plans reports whether a phrase only studies or plans what its sentence goes
// on with: 要研究出台措施.
func (t *text) plans(p *phrase) bool {
	for _, m := range p.marks {
		w := string(t.Runes[m.from:m.to])
		if p.latin && (strings.HasPrefix(w, "explor") || strings.HasPrefix(string(t.Runes[m.to:p.to]), " for the landing")) {
			continue // explore this, improve that
		}
		if m.class == intend && (strings.HasPrefix(w, "研究") || strings.HasPrefix(w, "拟") || strings.HasPrefix(w, "计划") || m.to-m.from > 3) {
			return true
		}
	}
	return false
}

// before returns the hedges of q before most of what p takes from it.
func (c *checker) before(p *phrase, s *text, q *phrase) class {
	var at []int
	for j := range c.parts {
		x := &c.parts[j]
		if x.from < p.from || x.from >= p.to || !c.told(x) || c.marked(x) {
			continue
		}
		first := -1
		for _, n := range x.at {
			k := c.corpus.spots[n]
			if k.source >= 0 && &c.sources[k.source] == s && k.from >= q.from && k.from < q.to && (first < 0 || k.from < first) {
				first = k.from
			}
		}
		if first >= 0 {
			at = append(at, first)
		}
	}
	slices.Sort(at)
	var need class
	for _, m := range q.marks {
		if m.class&hedges != 0 && len(at) > 0 && m.from < at[len(at)/2] {
			need |= m.class
		}
	}
	return need
}

// negations say in the other language what the polarity words of a phrase say.
var negations = strings.Fields("不 无 未 非 没 免 除 禁 停 取消 废 限 勿 except without not no never un exempt waive prohibit forbid cancel abolish stop only limit other exclud free lift cease nor")

// unsaid notes that p, in another language than q, leaves out the negation that
// q has.
func (c *checker) unsaid(p *phrase, s *text, q *phrase) {
	if p.latin == q.latin || q.classes&(not|forbid|exempt|except) == 0 {
		return
	}
	claim := " " + string(c.claim.Runes)
	for _, w := range negations {
		if w[0] < 0x80 {
			w = " " + w
		}
		if strings.Contains(claim, w) {
			return
		}
	}
	for _, m := range q.marks {
		if m.class&(not|forbid|exempt|except) != 0 && c.takes(p, s, m.to, m.to+5) {
			start, end := s.Span(m.from, m.to)
			c.add(RulePolarity, s.Raw[start:end], p.from, p.to)
			return
		}
	}
}

// goesOn reports whether phrase k of the sentence also says, without the hedge,
// what a phrase of the sources other than q only intends: in English a sentence
// is often one phrase.
func (c *checker) goesOn(k int, q *phrase) bool {
	p := &c.claim.phrases[k]
	own := map[int]int{}
	for j := range c.parts {
		x := &c.parts[j]
		if x.from < p.from || x.from >= p.to || !c.told(x) || x.weak || c.marked(x) {
			continue
		}
		if list := c.of(x, phraseNumber); len(list) == 1 {
			own[list[0]]++
		}
	}
	for n, pieces := range own {
		s, r := c.corpus.phraseAt(c, n)
		if r == nil || q != nil && r.from == q.from || pieces < 2 {
			continue
		}
		if need := s.intended(r) | c.before(p, s, r); need != 0 && !c.hedged(k, need) {
			return true
		}
	}
	return false
}

// takes reports whether phrase p of the sentence stands on what is between two
// runes of a source.
func (c *checker) takes(p *phrase, s *text, from, to int) bool {
	for j := range c.parts {
		x := &c.parts[j]
		if x.from >= p.from && x.from < p.to && c.told(x) && !c.marked(x) && c.part([]*piece{x}, s, from, to) > 0 {
			return true
		}
	}
	return false
}
