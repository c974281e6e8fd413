package grounding

import (
	"slices"
	"strings"
)

// Words that say that something is done already, in quotes; how English
// participles end; what may stand between have and one; and what makes the
// perfect tense one of a condition or of what is spoken of: once approved,
// those that have passed.
var (
	doneWords   = strings.Fields("已 曾 了 完成 入选 上榜 累计 获批 连续 打通 has have had was were been")
	doneEnds    = strings.Fields("ed built set made given begun won found put held led got grown taken")
	haveWords   = strings.Fields("has have had")
	adverbs     = strings.Fields("already since now also long been recently just both all not so far fully")
	perfectWith = strings.Fields("that which who those until once after when if where unless")
)

// done notes already, and has, have or had with a participle, where the sources
// say nothing is done yet.
func (c *checker) done() {
	list := tokens(&c.claim.Text, 0, len(c.claim.Runes))
	word := func(k int) string { return string(c.claim.Runes[list[k].from:list[k].to]) }
	for k := range list {
		w := word(k)
		if w == "already" || w == "已" && k+1 < len(list) && word(k+1) == "经" {
			if !c.saysAny(strings.Fields("已 曾 累计 has have had was were already")) {
				c.add(RuleModality, "", list[k].from, list[k].to)
			}
			continue
		}
		if !slices.Contains(haveWords, w) {
			continue
		}
		j := k + 1
		for j < len(list) && slices.Contains(adverbs, word(j)) {
			j++
		}
		if j == len(list) || !slices.ContainsFunc(doneEnds, func(e string) bool { return strings.HasSuffix(word(j), e) }) {
			continue
		}
		back := ""
		for b := max(0, k-4); b < k; b++ {
			back += " " + word(b)
		}
		about := slices.ContainsFunc(perfectWith, func(w string) bool { return strings.Contains(back+" ", " "+w+" ") }) ||
			word(k+1) == "been" && (strings.HasSuffix(back, "this plan") || strings.HasSuffix(back, "the plan"))
		if w == "had" && !c.saysAny(strings.Fields("had 曾 已")) || !about && !c.saysAny(doneWords) {
			c.add(RuleModality, "", list[k].from, list[j].to)
		}
	}
}

// opens reports whether a phrase goes on with what was said before it: 可以…,
// 也…; or ends with what is done for it: …厦门会支持, …都得到支持.
func (c *checker) opens(p *phrase) bool {
	text := strings.TrimSpace(string(c.claim.Runes[p.from:p.to]))
	if slices.ContainsFunc([]string{"可", "也", "允许", "都", "均", "就", "予以", "受", "得到", "会", "是"}, func(w string) bool { return strings.HasPrefix(text, w) }) {
		return true
	}
	return c.backs(p) != 0
}

// backing are ends of a phrase that say of what stood before it that it is
// supported, encouraged or allowed.
var backing = map[class][]string{
	encourage: strings.Fields("支持 扶持 鼓励 倡导 引导"),
	may:       strings.Fields("允许 准许"),
	intend:    strings.Fields("探索 争取 出台措施 给予激励"),
}

// backs returns the class of what a Chinese phrase ends with, 0 without one.
func (c *checker) backs(p *phrase) class {
	text := strings.TrimSpace(string(c.claim.Runes[p.from:p.to]))
	for _, end := range []string{"的", "之列", "范围", "范围内", "对象"} {
		text = strings.TrimSuffix(text, end)
	}
	text = strings.TrimSuffix(text, "的")
	for of, list := range backing {
		if slices.ContainsFunc(list, func(w string) bool { return strings.HasSuffix(text, w) }) {
			return of
		}
	}
	return 0
}

// later reports whether the sentence ends with what says the class of all that
// stood before: …,相关区要研究出台措施给予激励.
func (c *checker) later(k int, need class) bool {
	last := k
	for last+1 < len(c.claim.phrases) && !c.claim.phrases[last+1].first {
		last++
	}
	p := &c.claim.phrases[last]
	return last > k && !p.latin && (c.backs(p)&need != 0 || p.classes&need&intend != 0)
}
