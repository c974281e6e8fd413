package grounding

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// Who says what a sentence goes on with: 国务院规定:…, the State Council requires
// that….
var (
	saysChinese = regexp.MustCompile(`^([^,。;:]{2,24}?)(?:规定|指出|要求|明确|宣布|表示|提出|强调|承诺)[:,]`)
	saysEnglish = regexp.MustCompile(`^(?:the )?([a-z' ]{3,60}?) (?:says|states|stipulates|announced|announces|promises|declares|confirms|provides)(?: that|:)`)
)

// ofDocument is how somebody says that it is the document which something is
// said of: 这份意见经市政府同意提出.
var ofDocument = regexp.MustCompile(`^(?:这份|这项|该|本|此)?(?:文件|政策|计划|方案|意见|办法|规定|措施|通知)`)

// documentNames end what may be said to say something without being named in
// what the sources are about.
var documentNames = strings.Fields("文件 政策 计划 方案 意见 条款 办法 规定 措施 通知 原文 条 该条 plan document policy clause text measures opinions notice provision scheme section")

// speakers notes that the sentence puts the words of the document into the mouth
// of a body that neither issued it nor is in its title.
func (c *checker) speakers() {
	claim := strings.TrimSpace(string(c.claim.Runes))
	m := saysChinese.FindStringSubmatch(claim)
	if m == nil {
		m = saysEnglish.FindStringSubmatch(claim)
	}
	if m == nil || ofDocument.MatchString(m[1]) || slices.ContainsFunc(documentNames, func(w string) bool { return strings.HasSuffix(m[1], w) }) {
		return
	}
	said := strings.TrimRight(m[0], ",:")
	in := func(list []text, what string) bool {
		return slices.ContainsFunc(list, func(t text) bool { return strings.Contains(string(t.Runes), what) })
	}
	if in(c.sources, said) || in(c.about, m[1]) {
		return
	}
	for _, p := range c.claim.named { // named in another language
		for k := range c.about {
			if slices.ContainsFunc(c.about[k].named, func(n named) bool { return n.name == p.name && n.kind == Body }) {
				return
			}
		}
	}
	for k := range c.parts {
		if p := &c.parts[k]; p.origin == linked || p.origin == given {
			c.add(RuleBody, "", p.from, p.to)
			return
		}
	}
}

// cutNumbers notes words that stand in the sources only behind a numeral, which
// the sentence leaves out: 升规模 of 千升规模.
func (c *checker) cutNumbers() {
	numeral := func(r rune) bool { return fold.Digit(r) || strings.ContainsRune("百千万亿", r) }
	for k := range c.parts {
		p := &c.parts[k]
		if !c.told(p) || p.weak || !fold.Han(c.claim.Runes[p.from]) || numeral(c.claim.at(p.from-1)) || numeral(c.claim.Runes[p.from]) {
			continue
		}
		all := true
		for _, i := range p.at {
			s := c.corpus.spots[i]
			t := c.sourceOf(s.source)
			all = all && string(t.Runes[s.from]) == string(c.claim.Runes[p.from]) && s.from > 0 && numeral(t.Runes[s.from-1])
		}
		if all {
			c.add(RuleUnit, "", p.from, p.to)
		}
	}
}
