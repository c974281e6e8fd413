package auditor

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// mostPairs bounds the work on one sentence: a quote of 100 numbers and a
// sentence of 40 is far beyond any that is written for a reader.
const mostPairs = 4000

// bindings: a number that the quote gives to one thing must not be given to
// another. The words around a number of the sentence have to fit the words
// around the same number of the quote no worse than those around a different
// number. Words that hold all that stands around the same number are well bound.
func (h *held) bindings() {
	source := h.figures(h.quote)
	said := h.figures(h.folded)
	if len(said)*len(source) > mostPairs {
		h.bad("G4", "too many numbers to judge: %d against %d", len(said), len(source))
		return
	}
	places := make([]map[string]bool, len(source))
	for i, s := range source {
		places[i] = around(h.quote, source, s)
	}
	numbers, years := rarityOf(places, source, false), rarityOf(places, source, true)
	for _, q := range said {
		if h.insideTitle(q) || q.unit == "类" || q.unit == "期" || q.unit == "级" {
			continue
		}
		words := around(h.folded, said, q)
		rare := numbers
		if q.date != "" {
			rare = years
		}
		same, other, whole := 0.0, 0.0, false
		for i, s := range source {
			if (q.date == "") != (s.date == "") {
				continue
			}
			there := places[i]
			fit := weigh(words, there, rare)
			switch {
			case sameFigure(q, s):
				same = max(same, fit)
				whole = whole || len(there) > 0 && shared(words, there) == len(there)
			case q.date == "" && !sameUnit(q.unit, s.unit):
				other = max(other, fit-1.5)
			case !sameValue(q, s):
				other = max(other, fit)
			}
		}
		if other > same+0.5 && !whole {
			h.bad("G4", "the quote gives another number for what %q is said of", h.folded[q.start:q.end])
		}
	}
}

func sameValue(q, s quantity) bool {
	if q.date != "" {
		return dateBears(s.date, q.date) || dateBears(q.date, s.date)
	}
	return q.value == s.value
}

// around are the tokens of the stretch in which a quantity stands: for a
// number up to the next mark or 和 and not far, for a date the whole sentence
// part; with the other quantities in it.
func around(text string, all []quantity, q quantity) map[string]bool {
	wide := q.date != ""
	marks := ",;。、:!?\n"
	if wide {
		marks = ";。\n"
	}
	from := strings.LastIndexAny(text[:q.start], marks) + 1
	to := strings.IndexAny(text[q.end:], marks)
	if to < 0 {
		to = len(text)
	} else {
		to += q.end
	}
	if !wide {
		from, to = narrowed(text, from, q.start, q.end, to)
	}
	out := tokensOf(strings.ToValidUTF8(text[from:q.start], "") + " " + strings.ToValidUTF8(text[q.end:to], ""))
	for _, o := range all {
		if !wide && o.start >= from && o.end <= to && o.start != q.start && o.date == "" {
			out[fmt.Sprintf("=%g%s", o.value, o.unit)] = true
		}
	}
	return out
}

// narrowed cuts a stretch at 和 and and, and to some 20 characters on each side.
func narrowed(text string, from, start, end, to int) (int, int) {
	for _, word := range []string{" and ", "和", "以及", " while "} {
		if i := strings.LastIndex(text[from:start], word); i >= 0 {
			from += i + len(word)
		}
		if i := strings.Index(text[end:to], word); i >= 0 {
			to = end + i
		}
	}
	reach := 66
	if !mostlyHan(text[from:to]) {
		reach = 36
	}
	return max(from, start-reach), min(to, end+reach)
}

// counted are the tokens of what a number counts: the few words right after it.
func counted(text string, q quantity) map[string]bool {
	rest := text[q.end:]
	reach := 24
	if !mostlyHan(rest[:min(len(rest), reach)]) {
		reach = 36
	}
	rest = strings.ToValidUTF8(rest[:min(len(rest), reach)], "")
	if i := strings.IndexAny(rest, ",;。、()"); i >= 0 {
		rest = rest[:i]
	}
	if m := phraseEnd.FindStringIndex(rest); m != nil {
		rest = rest[:m[0]]
	} else if i := strings.LastIndexByte(rest, ' '); i > 0 && q.end+reach < len(text) {
		rest = rest[:i]
	}
	if !hasHan(rest) {
		rest = rest[strings.LastIndexByte(strings.TrimRight(rest, " ."), ' ')+1:] // the head
	}
	return tokensOf(rest)
}

var phraseEnd = regexp.MustCompile(` (?:with|in|of|to|for|by|that|which|who|were|was|are|is|started|have|has|and|from|will|on|at) `)

// known: a word of the list is among the tokens.
func known(tokens map[string]bool) bool {
	for t := range tokens {
		if t[0] == '#' {
			return true
		}
	}
	return false
}

// miscounted: a counted number stands with other things than each time that
// the quote has it.
func (h *held) miscounted() {
	if mostlyHan(h.folded) {
		return
	}
	for _, q := range h.figures(h.folded) {
		if !strings.HasPrefix(q.unit, "n:") || q.soft || q.date != "" || h.insideTitle(q) {
			continue
		}
		words, ok, seen := counted(h.folded, q), false, false
		for _, s := range h.figures(h.quote) {
			if s.date == "" && sameFigure(q, s) {
				there := counted(h.quote, s)
				seen = true
				ok = ok || len(there) == 0 || shared(words, there) > 0
			}
		}
		if seen && !ok && known(words) {
			h.bad("G4", "the quote counts other things with %q", h.folded[q.start:q.end])
		}
	}
}

// rarityOf counts in how many places of the same kind a token stands.
func rarityOf(places []map[string]bool, source []quantity, dated bool) map[string]int {
	out := map[string]int{}
	for i, s := range source {
		if (s.date != "") != dated {
			continue
		}
		for t := range places[i] {
			out[t]++
		}
	}
	return out
}

// weigh sums what two places share; what many places hold counts little.
func weigh(a, b map[string]bool, rare map[string]int) float64 {
	sum := 0.0
	for t := range a {
		if b[t] {
			sum += 1 / float64(max(1, rare[t]))
		}
	}
	return sum
}

// swappedNames: of two places or bodies that the quote names, the one that the
// sentence names has to be the one of which the quote says so.
func (h *held) swappedNames() {
	quoted := h.known.mentions(h.quote)
	for _, m := range h.known.mentions(h.folded) {
		group, _, _ := strings.Cut(m.id, ":")
		words := h.aroundName(h.folded, m)
		own, named := map[string]bool{}, false
		for _, s := range quoted {
			if s.id == m.id {
				named = true
				maps.Copy(own, h.upToNext(quoted, s))
			}
		}
		for _, s := range quoted {
			if g, _, _ := strings.Cut(s.id, ":"); g != group || s.id == m.id || !named || h.sameList(quoted, m.id, s) {
				continue
			}
			there := h.upToNext(quoted, s)
			if apart, kept := beyond(words, there, own), beyond(words, own, there); otherNumber(words, there, own) || apart >= 2 && kept == 0 || apart >= 3 && apart > 2*kept+1 {
				h.bad("G5", "the quote says so of another than %q: of %q", m.text, s.text)
				break
			}
		}
	}
}

var listMarks = regexp.MustCompile(`^(?:[、,;()\s]|和|及|与|以及|等|and|the|as well as|相关区政府|respectively)*$`)

// sameList: a name of the quote stands in one list with another, so that what is
// said of one is said of both.
func (h *held) sameList(quoted []mention, id string, s mention) bool {
	at := slices.IndexFunc(quoted, func(q mention) bool { return q.start == s.start })
	for _, step := range []int{-1, 1} {
		for i := at + step; i >= 0 && i < len(quoted); i += step {
			first, second := quoted[min(i, i-step)], quoted[max(i, i-step)]
			if !listMarks.MatchString(h.quote[first.end:max(first.end, second.start)]) {
				break
			}
			if quoted[i].id == id {
				return true
			}
		}
	}
	return false
}

// otherNumber: a number of the sentence stands with the other name only.
func otherNumber(words, there, own map[string]bool) bool {
	for t := range words {
		if t[0] == '=' && there[t] && !own[t] {
			return true
		}
	}
	return false
}

// beyond counts what two sets share that a third lacks.
func beyond(a, b, without map[string]bool) int {
	n := 0
	for t := range a {
		if b[t] && !without[t] {
			n++
		}
	}
	return n
}

// aroundName are the tokens of the part of a sentence in which a name stands,
// without the names themselves.
func (h *held) aroundName(text string, m mention) map[string]bool {
	marks := ",;。!?\n"
	from := strings.LastIndexAny(text[:m.start], marks)
	to := strings.IndexAny(text[m.end:], marks)
	if to < 0 {
		to = len(text)
	} else {
		to += m.end
	}
	return h.nameless(text[from+1 : to])
}

// upToNext are the tokens of the quote from the part in which a name stands to
// the next part of that sentence in which another of its kind stands.
func (h *held) upToNext(quoted []mention, m mention) map[string]bool {
	group, _, _ := strings.Cut(m.id, ":")
	from := strings.LastIndexAny(h.quote[:m.start], ",;。!?\n") + 1
	to := len(h.quote)
	if i := strings.IndexAny(h.quote[m.end:], ";。!?\n"); i >= 0 {
		to = m.end + i
	}
	for _, o := range quoted {
		if g, _, _ := strings.Cut(o.id, ":"); g == group && o.start > m.end && o.start < to {
			if i := strings.LastIndex(h.quote[m.end:o.start], ","); i >= 0 {
				to = m.end + i
				break
			}
		}
	}
	return h.nameless(h.quote[from:to])
}

// nameless are the tokens and numbers of a part without the names in it.
func (h *held) nameless(part string) map[string]bool {
	numbers := h.figures(part)
	for _, n := range h.known.mentions(part) {
		part = blank(part, n.start, n.end)
	}
	out := tokensOf(part)
	for _, q := range numbers {
		if q.date == "" {
			out[fmt.Sprintf("=%g%s", q.value, q.unit)] = true
		}
	}
	return out
}
