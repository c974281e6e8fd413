package gloss

import (
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/quantity"
	"policybot/retrieval/bridge"
)

// A derived gloss is what the glossary says for exactly one text; "" if nothing
// that is certain and worth showing.
type derived struct {
	kind  string
	gloss string
	organ bool // a body that has a name of its own: a bureau, a ministry
	score float64
}

// derive says what a text is in the language to.
func derive(text, to string, words Words) derived {
	if d := entryOf(text, to, words.Translate(text)); d.gloss != "" {
		return d
	}
	return compose(text, to, words)
}

// entryOf picks from the entries of a text the one that says most surely what it
// is in the language to, and of that the alternative that goes with the text.
func entryOf(text, to string, list []bridge.Translation) derived {
	if len(list) == 0 || data.isGeneral(text) {
		return derived{}
	}
	return pickEntry(text, to, list)
}

// pickEntry is entryOf for words that may be general: parts of a name.
func pickEntry(text, to string, list []bridge.Translation) derived {
	choice, chosen := data.choices[keyOf(text)]
	for _, t := range list {
		if t.Chinese != (to == "en") || !sameCase(text, t.Form) {
			continue
		}
		kind := kindOf(t.Entry)
		if slight(text, t) {
			continue
		}
		gloss := ""
		if chosen {
			if slices.Contains(t.Texts, choice) {
				gloss = choice
			}
		} else {
			gloss = pick(text, t, kind)
		}
		if gloss != "" {
			return finish(text, gloss, to, kind, t.Entry)
		}
	}
	return derived{}
}

func kindOf(entry string) string {
	switch file, _, _ := strings.Cut(entry, ":"); file {
	case "zh-en-bodies.txt":
		return Body
	case "zh-en-places.txt":
		return Locus
	}
	return Term
}

// slight reports whether a word of the file of procedure is a short one or not
// the first of its entry: those are the common verbs of any clause.
func slight(text string, t bridge.Translation) bool {
	if !strings.HasPrefix(t.Entry, "zh-en-procedure.txt") {
		return false
	}
	if t.Own > 0 {
		return true
	}
	if text[0] < utf8.RuneSelf {
		return !strings.ContainsAny(text, " -")
	}
	return utf8.RuneCountInString(text) < 4
}

// sameCase reports whether a text is in capitals where the glossary has an
// abbreviation in capitals: MOE is no moe.
func sameCase(text, form string) bool {
	return !isAbbreviation(form) || capitals(text) >= 2
}

func isAbbreviation(form string) bool {
	return form[0] < utf8.RuneSelf && !strings.Contains(form, " ") && capitals(form) >= 2
}

func capitals(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n
}

// pick chooses an alternative of the other side: the first that has the numbers
// of the text and, for a body or place, what the text ends with (局 is a bureau).
// A text that is a later alternative must be much like the first one.
func pick(text string, t bridge.Translation, kind string) string {
	if t.Own > 0 && (!alike(t.Form, t.First) || kind == Term && strings.Contains(t.First, t.Form) ||
		kind == Locus && strings.HasSuffix(t.First, t.Form)) {
		return "" // a part of the first one says less: service platform, public service platform
	}
	numbers := values(t.Form)
	list := slices.DeleteFunc(slices.Clone(t.Texts), func(s string) bool {
		return !sameNumbers(numbers, values(s)) || t.Own > 0 && national(s) && !national(t.Form) && !isAbbreviation(t.Form)
	})
	if kind == Term || len(list) == 0 {
		return first(list)
	}
	heads := data.headsOf(t.Form)
	if kind == Locus || len(heads) == 0 {
		for _, head := range heads {
			if i := slices.IndexFunc(list, func(s string) bool { return endsIn(s, head) }); i >= 0 {
				return list[i]
			}
		}
		return first(list)
	}
	if t.Own == 0 && slices.ContainsFunc(heads, func(h string) bool { return hasWord(list[0], h) }) {
		return list[0]
	}
	for _, head := range heads {
		if i := slices.IndexFunc(list, func(s string) bool { return hasWord(s, head) }); i >= 0 {
			return list[i]
		}
	}
	if t.Own == 0 {
		return list[0]
	}
	return ""
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// endsIn reports whether a name ends in a word or character.
func endsIn(name, head string) bool {
	return strings.HasSuffix(strings.ToLower(name), strings.ToLower(head))
}

// hasWord reports whether an English name has a word, or a Chinese one ends in it.
func hasWord(name, word string) bool {
	if word[0] >= utf8.RuneSelf {
		return strings.HasSuffix(name, word)
	}
	return slices.Contains(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }), word)
}

// alike reports whether a later alternative is another wording of the first one:
// at least three in five of its characters, or half of its words, are in it; or
// it is its initials.
func alike(form, first string) bool {
	if form[0] >= utf8.RuneSelf {
		n, all := 0, 0
		for _, r := range form {
			all++
			if strings.ContainsRune(first, r) {
				n++
			}
		}
		return n*5 >= all*3 || strings.Contains(form, first)
	}
	if isAbbreviation(form) {
		return strings.EqualFold(form, initials(first))
	}
	words, n := strings.Fields(strings.ToLower(form)), 0
	for _, w := range words {
		if slices.Contains(strings.Fields(strings.ToLower(first)), w) {
			n++
		}
	}
	return n*2 >= len(words)
}

// initials of a name without its small words.
func initials(name string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' }) {
		if !small[strings.ToLower(w)] {
			r, _ := utf8.DecodeRuneInString(w)
			b.WriteRune(r)
		}
	}
	return b.String()
}

// national reports whether a name is that of a body of the whole country.
func national(name string) bool {
	for _, w := range []string{"国家", "中国", "国务院", "中央", "最高", "全国"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	if strings.HasSuffix(name, "部") || strings.HasSuffix(name, "总局") {
		return true
	}
	for _, w := range []string{"national", "state", "china", "chinese", "ministry"} {
		if hasWord(name, w) {
			return true
		}
	}
	return false
}

func sameNumbers(a, b []*big.Rat) bool {
	return slices.EqualFunc(a, b, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
}

func isNumeral(r rune) bool {
	switch r {
	case '零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '万', '亿', '两', '半':
		return true
	}
	return unicode.IsNumber(r)
}

func values(s string) []*big.Rat {
	if !strings.ContainsFunc(s, isNumeral) && !strings.Contains(s, "lass") && !strings.Contains(s, "hase") {
		return nil // there is none, and looking costs
	}
	var out []*big.Rat
	for _, q := range quantity.Find(s) {
		if q.Kind != quantity.Code && !q.Loose {
			out = append(out, q.Value)
		}
	}
	return out
}

// finish spells a gloss and says how telling it is.
func finish(text, gloss, to, kind, entry string) derived {
	d := derived{kind: kind, gloss: gloss}
	zh := text
	if to == "zh" {
		zh = gloss
	}
	named := false
	switch {
	case kind == Body:
		d.organ = data.isOrgan(zh)
		if to == "en" && d.organ {
			d.gloss = title(gloss)
		}
		named = d.organ
	case kind == Locus:
		named = to == "en" && startsUpper(gloss) || to == "zh" && startsUpper(text)
	case strings.HasPrefix(entry, "zh-en-companies.txt"):
		named = true
		if to == "en" {
			d.gloss = company(gloss)
		}
	}
	d.score = worth(kind, entry, zh, named)
	return d
}

func worth(kind, entry, zh string, named bool) float64 {
	length := float64(min(utf8.RuneCountInString(zh), 10))
	switch {
	case kind == Body && named:
		return 76 + length
	case kind == Locus && named:
		return 66 + length
	case named:
		return 80
	case kind == Body:
		return 34 + length
	case kind == Locus:
		return 30 + length
	}
	score := 40 + 2*length
	switch file, _, _ := strings.Cut(entry, ":"); file {
	case "zh-en-biomed.txt":
		score += 8
	case "zh-en-procedure.txt":
		score -= 25
	}
	return score
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// small words of a name stay small.
var small = map[string]bool{"and": true, "of": true, "the": true, "for": true, "in": true, "on": true, "to": true, "with": true}

// title writes the words of a name with capitals.
func title(name string) string {
	words := strings.Split(name, " ")
	for i, w := range words {
		if i == 0 || !small[w] {
			words[i] = upperFirst(w)
		}
	}
	return strings.Join(words, " ")
}

func upperFirst(word string) string {
	parts := strings.Split(word, "-")
	for i, p := range parts {
		if r, n := utf8.DecodeRuneInString(p); n > 0 && unicode.IsLower(r) && (i == 0 || !small[p]) {
			parts[i] = string(unicode.ToUpper(r)) + p[n:]
		}
	}
	return strings.Join(parts, "-")
}

// company writes the name of a company as the file capitals.txt has it, otherwise
// its words with capitals.
func company(name string) string {
	if s, ok := data.capitals[strings.ToLower(name)]; ok {
		return s
	}
	return title(name)
}
