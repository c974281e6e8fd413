package quantity

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"policybot/bot/quantity/fold"
)

//go:embed units.txt
var unitsFile string

//go:embed comparators.txt
var comparatorsFile string

//go:embed words.txt
var wordsFile string

// A unit is one way to write a unit.
type unit struct {
	form []rune
	kind Kind
	name string
	not  [][]rune // may not follow
}

// A comparing word is one way to write a comparator.
type comparing struct {
	form []rune
	what Comparator
	not  []rune // may not stand before
}

// wordLists are the three files of words.
type wordLists struct {
	units  map[rune][]unit      // by first rune, longest first
	before map[rune][]comparing // comparators by last rune, longest first
	after  map[rune][]comparing // by first rune, longest first
	signs  map[rune]int         // what else a quantity may begin with
	starts map[string]bool      // Latin words that one may begin with
	lists  map[string][][]rune  // the sections of words.txt
	not    map[rune][][]rune    // the section not, by first rune
	sets   map[string]map[string]bool
}

var words = sync.OnceValue(func() *wordLists {
	w := &wordLists{
		units: make(map[rune][]unit), before: make(map[rune][]comparing), after: make(map[rune][]comparing),
		signs: make(map[rune]int), lists: make(map[string][][]rune), not: make(map[rune][][]rune),
		sets: make(map[string]map[string]bool),
	}
	sections(unitsFile, w.addUnit)
	sections(comparatorsFile, w.addComparators)
	sections(wordsFile, w.addWords)
	longest := func(a, b int) int { return b - a }
	for _, l := range w.units {
		slices.SortStableFunc(l, func(a, b unit) int { return longest(len(a.form), len(b.form)) })
	}
	for _, m := range []map[rune][]comparing{w.before, w.after} {
		for _, l := range m {
			slices.SortStableFunc(l, func(a, b comparing) int { return longest(len(a.form), len(b.form)) })
		}
	}
	for r := range zhDigits {
		w.signs[r]++
	}
	for r := range zhScales {
		w.signs[r]++
	}
	for _, r := range "¥$€£甲乙丙丁半" {
		w.signs[r]++
	}
	w.addStarts()
	return w
})

// addStarts collects the Latin words that a quantity may begin with.
func (w *wordLists) addStarts() {
	w.starts = map[string]bool{
		"no": true, "nos": true, "half": true, "a": true, "top": true, "fortune": true, "global": true,
		"article": true, "chapter": true, "section": true,
	}
	for _, m := range []map[string]int64{enNumbers, enScales, enOrdinals} {
		for s := range m {
			w.starts[s] = true
		}
	}
	for _, m := range []map[string]int{romans, monthNames} {
		for s := range m {
			w.starts[s] = true
		}
	}
	for s := range enClasses {
		w.starts[s] = true
	}
	for s := range partWords {
		w.starts[s] = true
	}
	for _, l := range w.units {
		for _, u := range l {
			if end := slices.IndexFunc(u.form, func(r rune) bool { return !fold.Latin(r) }); u.kind == Money && end != 0 {
				if end < 0 {
					end = len(u.form)
				}
				w.starts[string(u.form[:end])] = true
			}
		}
	}
}

// sections calls line for every line of a file of words, with the section it
// stands in.
func sections(file string, line func(section, line string)) {
	section := ""
	for l := range strings.Lines(file) {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || strings.HasPrefix(l, "# "):
		case strings.HasPrefix(l, "[") && strings.HasSuffix(l, "]"):
			section = l[1 : len(l)-1]
		default:
			line(section, l)
		}
	}
}

func (w *wordLists) addUnit(section, line string) {
	name, forms, _ := strings.Cut(line, " = ")
	for form := range strings.FieldsSeq(forms) {
		parts := []string{form}
		if fold.Han(fold.Runes(form)[0]) {
			parts = strings.Split(form, "-")
		}
		u := unit{form: runes(parts[0]), kind: Kind(section), name: name}
		for _, not := range parts[1:] {
			u.not = append(u.not, runes(not))
		}
		w.units[u.form[0]] = append(w.units[u.form[0]], u)
		if fold.Latin(u.form[len(u.form)-1]) && len(u.form) > 2 {
			u.form = append(slices.Clone(u.form), 's')
			w.units[u.form[0]] = append(w.units[u.form[0]], u)
		}
	}
}

func (w *wordLists) addComparators(section, line string) {
	before := strings.HasSuffix(section, " before")
	what := Comparator(strings.TrimSuffix(strings.TrimSuffix(section, " before"), " after"))
	for form := range strings.FieldsSeq(line) {
		form, not, _ := strings.Cut(form, "!")
		c := comparing{runes(form), what, runes(not)}
		if before {
			r := c.form[len(c.form)-1]
			w.before[r] = append(w.before[r], c)
		} else {
			w.after[c.form[0]] = append(w.after[c.form[0]], c)
		}
	}
}

func (w *wordLists) addWords(section, line string) {
	if w.sets[section] == nil {
		w.sets[section] = make(map[string]bool)
	}
	for form := range strings.FieldsSeq(line) {
		f := runes(form)
		w.lists[section] = append(w.lists[section], f)
		w.sets[section][string(f)] = true
		if section == "not" {
			w.not[f[0]] = append(w.not[f[0]], f)
		}
	}
}

// runes folds a form of a file of words; _ stands for a blank.
func runes(form string) []rune { return fold.Runes(strings.ReplaceAll(form, "_", " ")) }
