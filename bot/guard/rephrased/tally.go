package rephrased

import (
	"fmt"
	"slices"
	"strings"
)

// A Tally counts what a checker rejected, by class and language. Its zero value is ready and keeps no
// survivors. It is not safe for use by several goroutines at once.
type Tally struct {
	Keep      int // how many survivors of each class and language to list
	counts    map[[2]string][2]int
	survivors map[[2]string][]string
}

// Add counts one mutant: whether the checker rejected it, and what to list if not.
func (t *Tally) Add(class, lang string, rejected bool, what string) {
	if t.counts == nil {
		t.counts, t.survivors = map[[2]string][2]int{}, map[[2]string][]string{}
	}
	key := [2]string{class, lang}
	n := t.counts[key]
	n[1]++
	if rejected {
		n[0]++
	} else if len(t.survivors[key]) < t.Keep {
		t.survivors[key] = append(t.survivors[key], what)
	}
	t.counts[key] = n
}

// Count returns how many were rejected, and how many there were, of a class and language; "" counts all.
func (t *Tally) Count(class, lang string) (rejected, all int) {
	for key, n := range t.counts {
		if (class == "" || key[0] == class) && (lang == "" || key[1] == lang) {
			rejected, all = rejected+n[0], all+n[1]
		}
	}
	return rejected, all
}

// Survivors lists what was kept of a class and language, in the order in which it was added.
func (t *Tally) Survivors(class, lang string) []string {
	return slices.Clone(t.survivors[[2]string{class, lang}])
}

// String is a table of a line a class, rejected/all for each language and together, then the survivors.
func (t *Tally) String() string {
	classes, langs := t.keys()
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s", "class")
	for _, lang := range append(slices.Clone(langs), "all") {
		fmt.Fprintf(&b, " %-19s", lang)
	}
	for _, class := range append(slices.Clone(classes), "") {
		name := class
		if class == "" {
			name = "all"
		}
		fmt.Fprintf(&b, "\n%-12s", name)
		for _, lang := range append(slices.Clone(langs), "") {
			rejected, all := t.Count(class, lang)
			share := 100.0
			if all > 0 {
				share = 100 * float64(rejected) / float64(all)
			}
			fmt.Fprintf(&b, " %5d/%-5d %6.2f%%", rejected, all, share)
		}
	}
	for _, class := range classes {
		for _, lang := range langs {
			for _, what := range t.survivors[[2]string{class, lang}] {
				fmt.Fprintf(&b, "\n  survived %s %s: %s", class, lang, what)
			}
		}
	}
	return b.String() + "\n"
}

// keys lists the classes in the order of Classes, and the languages.
func (t *Tally) keys() (classes, langs []string) {
	for key := range t.counts {
		if !slices.Contains(classes, key[0]) {
			classes = append(classes, key[0])
		}
		if !slices.Contains(langs, key[1]) {
			langs = append(langs, key[1])
		}
	}
	slices.SortFunc(classes, func(a, b string) int {
		if d := slices.Index(Classes, a) - slices.Index(Classes, b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	slices.Sort(langs)
	return classes, langs
}
