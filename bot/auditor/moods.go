package auditor

import (
	"regexp"
	"slices"
	"strings"
)

var already, negation, banned = classNamed("already"), classNamed("not"), classNamed("ban")

// limits that hold for all that their part of a quote says.
var zone, except, principle = classNamed("zone"), classNamed("except"), classNamed("principle")

// moods: G6 for words of strength: none is added, none that weakens is left
// out, none is exchanged for another.
func (h *held) moods() {
	quote := unmasked(h.quote)
	for _, c := range classes {
		at := slices.DeleteFunc(c.found(h.clean), h.named)
		known := c.borne(quote) || c.name == "already" && h.reports() || c.name == "all" && h.listsAll(at)
		if len(at) > 0 && c.isNew && !known {
			h.bad("G6", "the quote does not say %q (%s)", h.folded[at[0][0]:at[0][1]], c.name)
		}
		if c.borne(quote) || c.name == "already" && h.reports() {
			for _, m := range at {
				mark(h.covered, m[0], m[1])
			}
		}
	}
	if !topical.MatchString(h.folded) {
		for i := range h.segs {
			h.moodOf(&h.segs[i])
		}
		h.conditions()
	}
	h.targets()
	h.directions()
}

// named: the word is in a title in 《》, which another rule compares.
func (h *held) named(at []int) bool {
	return slices.ContainsFunc(bookTitle.FindAllStringIndex(h.folded, -1), func(t []int) bool { return t[0] <= at[0] && at[1] <= t[1] })
}

// topical sentences tell what a clause is about and so leave out what it says.
var topical = regexp.MustCompile(`^(?:该|这一|这条|本)?(?:条款?|文件|条文|政策)(?:提到|提及|讲到|谈到|涉及)|^the (?:clause|document|text|policy)(?: for [a-z ]+)? (?:speaks of|mentions|touches on|names|talks about) `)

var (
	bothWord  = regexp.MustCompile(`^(?:都|均|both)$`)
	severalOf = regexp.MustCompile(`、|和|与|及|两|二者| and `)
)

// listsAll: each word of the class all is a 都, 均 or both that sums up the things
// which the sentence itself has named.
func (h *held) listsAll(at [][]int) bool {
	for _, m := range at {
		if !bothWord.MatchString(h.clean[m[0]:m[1]]) || !severalOf.MatchString(h.clean[:m[0]]) && h.clean[m[0]:m[1]] != "both" {
			return false
		}
	}
	return true
}

var planned = regexp.MustCompile(`将|力争|下一步|加快|推动|争取|支持|鼓励|探索|(?:到|至)20\d\d年`)

// reports: the quote is what an official told of what was done.
func (h *held) reports() bool {
	return strings.Contains(h.about, "新闻发布会") && !planned.MatchString(h.quote)
}

// moodOf compares one piece of the sentence with the pieces of the quotes that
// it speaks of.
func (h *held) moodOf(s *segment) {
	parts := aligned(s.tokens, h.parts)
	if len(parts) == 0 {
		return
	}
	for _, c := range classes {
		inQuote, near, everywhere := false, false, true
		for _, p := range parts {
			inQuote = inQuote || p.governed[c.name]
			everywhere = everywhere && p.governed[c.name]
			near = near || p.governed[c.name] || c.borne(p.clean)
		}
		said := c.in(s.clean)
		if c.mood && said && !near && c.borne(unmasked(h.quote)) && !h.nearby(c, parts, s) {
			h.bad("G6", "the quote does not say %s of this part: %q", c.name, s.text)
		}
		if c.drop && c.mood && c.name != "not" && everywhere && inQuote && !h.says(c) && h.spoken(parts, 4) && !strings.HasSuffix(s.text, "的") {
			h.bad("G6", "the sentence leaves out what the quote says: %s", c.name)
		}
	}
}

// conditions: what limits or conditions a part of the quote of which the
// sentence says half or more is in the sentence.
func (h *held) conditions() {
	tokens := h.tokens
	for i := range h.segs {
		for _, p := range aligned(h.segs[i].tokens, h.parts) {
			for _, c := range []class{zone, except, principle} {
				if c.in(p.text) && !c.borne(h.folded) && (c.name == "except" || h.spoken([]segment{p}, 3)) {
					h.bad("G6", "the sentence leaves out a limit of the quote: %s", c.name)
				}
			}
		}
	}
	for _, p := range spokenOf(tokens, mostlyHan(h.folded), h.parts, 4) {
		for _, c := range classes {
			if c.drop && !c.mood && c.name != "not" && p.governed[c.name] && !c.borne(h.clean) && !h.says(c) {
				h.bad("G6", "the sentence leaves out a condition of the quote: %s", c.name)
			}
		}
	}
	if strings.Contains(h.folded, "的,") {
		return // 向企业转让的,可…: what is encouraged is said as a case
	}
	for _, p := range spokenOf(tokens, mostlyHan(h.folded), h.parts, 7) {
		for _, c := range classes {
			if c.drop && c.mood && c.governs(p.clean) && !c.borne(h.clean) && !h.says(c) {
				h.bad("G6", "the sentence leaves out what the quote says: %s", c.name)
			}
		}
	}
}

// spoken: the sentence says so many tenths or more of the words of each part.
func (h *held) spoken(parts []segment, tenths int) bool {
	return len(spokenOf(h.tokens, mostlyHan(h.folded), parts, tenths)) == len(parts)
}

// says: the sentence has the words of the class, if only in a phrase where they
// weigh little.
func (h *held) says(c class) bool { return c.in(h.clean) || c.in(h.folded) }

// nearby: the class stands in the same full sentence of a quote, before the
// part that is spoken of, and shares something with what is said.
func (h *held) nearby(c class, parts []segment, s *segment) bool {
	if c.name == "seek" && targetStart.MatchString(h.quote) {
		return true
	}
	for _, p := range parts {
		for _, o := range h.parts {
			if o.sentence == p.sentence && c.borne(o.clean) && shared(o.tokens, s.tokens) > 0 {
				return true
			}
		}
	}
	return false
}

// targets: what a quote says as a target for a year, or as hoped for, is not
// said as reached.
func (h *held) targets() {
	about := strings.Contains(h.about, "目标")
	for i := range h.segs {
		for _, p := range aligned(h.segs[i].tokens, h.parts) {
			if !h.isTarget(p, about) {
				continue
			}
			if already.in(h.clean) && !already.in(p.clean) {
				h.bad("G6", "the sentence says a target as reached: %q", h.segs[i].text)
				return
			}
			if len(h.figures(h.segs[i].text)) > 0 && !classTarget.in(h.folded) {
				h.bad("G6", "the sentence does not say that this is a target: %q", h.segs[i].text)
				return
			}
		}
	}
}

var targetStart = regexp.MustCompile(`(?:到|至)20\d\d年|力争|^20\d\d年`)

var reported = regexp.MustCompile(`20\d\d年我市|今年以来|截至|已`)

func (h *held) isTarget(p segment, about bool) bool {
	for _, o := range h.parts {
		if o.sentence == p.sentence && targetStart.MatchString(o.text) && !reported.MatchString(o.text) {
			return about || !strings.HasPrefix(o.text, "20") && true
		}
	}
	return false
}

// negations: what the sentence denies the quote denies, and what the quote
// denies the sentence does not assert.
func (h *held) negations() {
	quote := unmasked(h.quote)
	denied := negation.found(quote)
	for _, m := range negation.found(h.clean) {
		scope := scopeOf(h.folded, m[1])
		ok := false
		for _, d := range denied {
			ok = ok || shared(scope, scopeOf(h.quote, d[1])) > 0
		}
		if !ok {
			h.bad("G6", "the quote does not deny this: %q", h.folded[m[0]:])
		}
	}
	for _, d := range denied {
		first := head(scopeOf(h.quote, d[1]), h.quote, d[1])
		if first != "" && h.asserts(first) {
			h.bad("G6", "the quote denies what the sentence asserts: %q", first)
		}
	}
}

// asserts: the word stands in the sentence with no denial before it.
func (h *held) asserts(word string) bool {
	for from := 0; ; {
		i := strings.Index(h.clean[from:], word)
		if i < 0 {
			return false
		}
		at := from + i
		before := h.clean[max(0, at-24):at]
		if !negation.in(strings.ToValidUTF8(before, "")) && !banned.in(strings.ToValidUTF8(before, "")) {
			return true
		}
		from = at + len(word)
	}
}

// scopeOf are the tokens right after a word of denial.
func scopeOf(text string, from int) map[string]bool {
	end := from
	for n := 0; end < len(text) && n < 40; n++ {
		if strings.ContainsRune(",;。!?\n", rune(text[end])) {
			break
		}
		end++
	}
	return tokensOf(strings.ToValidUTF8(text[from:end], ""))
}

// head is the pair of Chinese characters right after a denial, or "".
func head(scope map[string]bool, text string, from int) string {
	rs := []rune(strings.ToValidUTF8(text[from:min(len(text), from+8)], ""))
	if len(rs) < 2 || !isHan(rs[0]) || !isHan(rs[1]) || !scope[string(rs[:2])] {
		return ""
	}
	return string(rs[:2])
}

// direction finds to whom or by whom something is done.
var direction = regexp.MustCompile(`(向|由|授权|委托)`)

// facing blanks words that hold 向 or 由 and say no direction.
var facing = strings.NewReplacer("面向", "      ", "方向", "      ", "导向", "      ", "自由", "      ", "理由", "      ")

// directions: who does what to whom is not turned round. What follows 向, 由,
// 授权 or 委托 in the sentence follows it in the quote too.
func (h *held) directions() {
	quoted := direction.FindAllStringIndex(facing.Replace(h.quote), -1)
	for _, m := range direction.FindAllStringIndex(facing.Replace(h.folded), -1) {
		word, used, ok := h.folded[m[0]:m[1]], false, false
		first := followed(h.folded, m[1], 3)
		for _, q := range quoted {
			if h.quote[q[0]:q[1]] == word {
				used = true
				ok = ok || shared(first, followed(h.quote, q[1], 24)) > 0
			}
		}
		if used && !ok && len(first) > 0 {
			h.bad("G6", "the quote has another after %q", word)
		}
	}
}

// followed are the pairs of characters in the n characters after a place.
func followed(text string, from, n int) map[string]bool {
	out, last := map[string]bool{}, rune(0)
	for _, r := range text[from:] {
		if n--; n < 0 || !isHan(r) && r != '、' {
			break
		}
		if isHan(last) && isHan(r) {
			out[string(last)+string(r)] = true
		}
		last = r
	}
	return out
}
