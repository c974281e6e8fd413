package rephrased

import (
	"slices"
	"strings"
)

// inventions adds what no quote says, or puts a whole other sentence on the same subject. One edit comes
// from each of the positions, so that all of them are drawn about equally often.
func (w *work) inventions() []edit {
	byPosition := map[string][]edit{}
	for _, t := range words().inventions[w.p.Lang] {
		if w.near(t.text) {
			continue
		}
		if e, ok := w.invented(t); ok {
			byPosition[t.position] = append(byPosition[t.position], e)
		}
	}
	var all []edit
	for _, position := range []string{"begin", "middle", "end", "whole"} {
		if from := byPosition[position]; len(from) > 0 {
			all = append(all, from[w.rng.IntN(len(from))])
		}
	}
	return all
}

// near says whether the evidence has much of a template already: half of its pairs of letters.
func (w *work) near(text string) bool {
	text = strings.ReplaceAll(fold(text), "{noun}", "")
	runes := []rune(strings.Join(strings.Fields(text), ""))
	size := 2
	if w.p.Lang == English {
		size = 7
	}
	had, all := 0, 0
	for i := 0; i+size <= len(runes); i++ {
		all++
		if strings.Contains(w.packed, string(runes[i:i+size])) {
			had++
		}
	}
	return had*2 > all
}

func (w *work) invented(t invention) (edit, bool) {
	s := w.p.Sentence
	switch t.position {
	case "begin":
		if w.p.Lang == English {
			return w.addStart(t.text + " "), true
		}
		return w.add(0, t.text), true
	case "middle":
		for _, comma := range []string{"，", ", ", ","} {
			at := strings.Index(s, comma)
			if at < 0 || w.inTitle(at) || w.p.Lang == Chinese && comma == ", " || at > 0 && at+1 < len(s) && isDigit(s[at-1]) && isDigit(s[at+1]) {
				continue
			}
			text := t.text
			if w.p.Lang == English {
				text += " "
			}
			return w.add(at+len(comma), text), true
		}
		return edit{}, false
	case "end":
		return w.add(len(strings.TrimRight(s, "。.!！ ")), t.text), true
	}
	return edit{was: s, is: t.text, parts: []part{{0, len(s), strings.ReplaceAll(t.text, "{noun}", w.noun())}}}, true
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// noun draws a name that the sentence has, or one of the defaults.
func (w *work) noun() string {
	var all []string
	for _, m := range w.mentioned() {
		c := words().concepts[m.concept]
		name := w.p.Sentence[m.from:m.to]
		if c.class == "name" && c.kind != "-" && c.kind != "rank" && c.kind != "stage2" && c.kind != "deviceclass" && c.kind != "market2" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		all = words().defaults[w.p.Lang]
	}
	name := all[w.rng.IntN(len(all))]
	if w.p.Lang == English && len(name) > 1 && name[1] >= 'a' && name[1] <= 'z' && !strings.Contains(name, " ") {
		return strings.ToLower(name[:1]) + name[1:]
	}
	return name
}
