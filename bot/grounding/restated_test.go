package grounding

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"policybot/bot/quantity/fold"
)

// A restated sentence of restated.txt.
type restated struct {
	text    string
	class   string // "" of a true one
	sources []Source
}

func readRestated(t testing.TB) []restated {
	var out []restated
	var source Source
	last := ""
	for _, line := range readLines(t, "restated.txt") {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "=":
			source = Source{Text: rest}
		case "@":
			source.About = append(source.About, rest)
		case "+":
			last = rest
			out = append(out, restated{rest, "", []Source{source}})
		case "-":
			class, text, _ := strings.Cut(rest, " | ")
			out = append(out, restated{text, class, []Source{source}})
		case "~":
			class, change, _ := strings.Cut(rest, " | ")
			from, to, ok := strings.Cut(change, " => ")
			if !ok || strings.Count(last, from) < 1 {
				t.Fatalf("%s: not in %q", line, last)
			}
			out = append(out, restated{strings.Replace(last, from, to, 1), class, []Source{source}})
		}
	}
	return out
}

// TestRestated counts how many false sentences are refused and how many true
// ones, with and without names, and holds both. The sentences were written while
// the lists were, so that sentences of others fare worse.
func TestRestated(t *testing.T) {
	const (
		leastFalse = 0.985 // of the false ones that have to be refused
		mostTrue   = 0.06  // of the true ones that may be
	)
	all := readRestated(t)
	for _, names := range []*Names{nil, readNames(t)} {
		made, refused := map[string]int{}, map[string]int{}
		for _, r := range all {
			v := Check(r.text, r.sources, names)
			for _, key := range []string{r.key(), r.total()} {
				made[key]++
				if v != nil {
					refused[key]++
				}
			}
			if (v != nil) == (r.class == "") {
				t.Logf("%s: %s %+v", r.key(), r.text, v)
			}
		}
		share := func(key string) float64 { return float64(refused[key]) / float64(made[key]) }
		for _, key := range slices.Sorted(maps.Keys(made)) {
			t.Logf("names %v: %-10s %3d of %3d refused (%.1f %%)", names != nil, key, refused[key], made[key], 100*share(key))
		}
		if share("false") < leastFalse || made["false"] < 500 {
			t.Errorf("%d of %d false sentences are refused", refused["false"], made["false"])
		}
		if share("true") > mostTrue || made["true"] < 200 {
			t.Errorf("%d of %d true sentences are refused", refused["true"], made["true"])
		}
	}
}

// key is what a sentence is counted under, and total under what with all others.
func (r restated) key() string {
	switch {
	case r.class != "":
		return r.class
	case strings.ContainsFunc(r.text, fold.Latin) && !strings.ContainsFunc(strings.SplitN(r.text, " ", 2)[0], fold.Han):
		return "true, en"
	}
	return "true, zh"
}

func (r restated) total() string {
	if r.class != "" {
		return "false"
	}
	return "true"
}
