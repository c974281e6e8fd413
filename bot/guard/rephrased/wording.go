package rephrased

import (
	"regexp"
	"slices"
	"strings"
)

// worded applies the rules of wording.txt of a class.
func (w *work) worded(class string) func() []edit {
	return func() []edit {
		var all []edit
		s := w.p.Sentence
		for _, r := range words().wordings {
			if r.class != class || r.lang != w.p.Lang || r.needs != nil && !r.needs.MatchString(w.quotes) {
				continue
			}
			for _, m := range r.from.FindAllStringSubmatchIndex(s, -1) {
				from, to := m[0], m[1]
				if from == to || w.inTitle(from) || class != "comparator" && w.negated(from) || w.withinName(from, to) {
					continue
				}
				if r.before != nil && r.before.MatchString(s[:from]) || r.after != nil && r.after.MatchString(s[to:]) {
					continue
				}
				text := string(r.from.ExpandString(nil, r.to, s, m))
				all = append(all, replace(s, from, to, likeFirst(s[from:to], text)))
			}
		}
		return all
	}
}

// withinName says whether a stretch is a part of a name of the lists, but not the whole of it.
func (w *work) withinName(from, to int) bool {
	return slices.ContainsFunc(w.found, func(m mention) bool {
		return m.from <= from && to <= m.to && m.to-m.from > to-from
	})
}

// likeFirst writes a word with a capital where the word that it replaces has one.
func likeFirst(was, is string) string {
	if was != "" && is != "" && was[0] >= 'A' && was[0] <= 'Z' && is[0] >= 'a' && is[0] <= 'z' {
		return strings.ToUpper(is[:1]) + is[1:]
	}
	return is
}

// comparators turns what is said about a figure, or says it of an exact one.
func (w *work) comparators() []edit {
	all := w.worded("comparator")()
	s := w.p.Sentence
	for _, n := range w.numbers {
		if n.counts != plain || w.boundIn(n) != exact || w.inTitle(n.from) || unordered.MatchString(s[n.to:]) || alone.MatchString(s[:n.from]) {
			continue
		}
		before := map[string][]string{Chinese: {"超过", "不足"}, English: {"more than ", "fewer than "}}[w.p.Lang]
		for _, text := range before {
			if n.from == 0 {
				all = append(all, edit{is: text, parts: []part{{0, n.to, likeFirst("A", text) + strings.ToLower(n.text)}}})
				continue
			}
			all = append(all, w.add(n.from, text))
		}
	}
	return all
}

var (
	// unordered follows numbers that name a grade or phase, of which there is no more or less.
	unordered = regexp.MustCompile(`^( ?to |至|到|~|～| ?期|级|类|区|地|方面|部委|步|-| ?\(|层|成| ?key)`)
	// alone precedes numbers that a comparator would not fit.
	alone = regexp.MustCompile(`(?i)["“”]$|\b(to|and|or) $|(the|these|all|those|both|other|its|on|first|next|about|of|Class|[-:])[ -]?$|[一二三四五六七八九十百\d]$|(这|上述|其|该|以下|京津冀|下列)$`)
)

// add puts a text into the sentence.
func (w *work) add(at int, text string) edit { return edit{is: text, parts: []part{{at, at, text}}} }

// properStart begins sentences whose first word keeps its capital within another.
var properStart = regexp.MustCompile(`^(Beijing|Xiamen|Zhongguancun|Haidian|Changping|Daxing|China|Chinese|Hong|GE|AstraZeneca|Sanofi|Novartis|Hanmi|Siming|Fujian|Taiwan|Traditional|[A-Z]{2,}|R&D|[A-Z][A-Za-z'’-]+ [A-Z])`)

// addStart puts a text before the sentence.
func (w *work) addStart(text string) edit {
	if first := w.p.Sentence[:1]; first >= "A" && first <= "Z" && !properStart.MatchString(w.p.Sentence) && !strings.HasSuffix(text, ": ") {
		return edit{is: text, parts: []part{{0, 1, text + strings.ToLower(first)}}}
	}
	return edit{is: text, parts: []part{{0, 0, text}}}
}
