package strength

import (
	"reflect"
	"regexp"
	"slices"
	"sync"
	"testing"
	"unicode/utf8"

	"policybot/retrieval/sentence"
)

// checkAll compares the places of expr in s, found by the index of r, with
// those that regexp finds.
func checkAll(t *testing.T, r *Rules, expr string, re *regexp.Regexp, s string) {
	t.Helper()
	p := r.read(s, sentence.Span{End: len(s)})
	defer r.done(p)
	var want [][2]int
	for _, m := range re.FindAllStringIndex(p.s, -1) {
		if m[0] < m[1] {
			want = append(want, [2]int{m[0], m[1]})
		}
	}
	words := r.index.sets[expr]
	if got := p.all(&rule{words: words}, -1); !slices.Equal(got, want) {
		t.Fatalf("%s in %q: %v, want %v", expr, p.s, got, want)
	}
	checkParts(t, p, words, re)
}

// checkParts does the same for the first match in parts of p.s.
func checkParts(t *testing.T, p *passage, words set, re *regexp.Regexp) {
	t.Helper()
	for from := 0; from < len(p.s); from += 1 + len(p.s)/5 {
		for from < len(p.s) && !utf8.RuneStart(p.s[from]) {
			from++
		}
		to := p.forth(from, ",;。:!?")
		want := -1
		if m := re.FindStringIndex(p.s[from:to]); m != nil {
			want = from + m[0]
		}
		if got := p.find(words, from, to); got != want || p.matches(words, from, to) != (want >= 0) {
			t.Fatalf("%s in %q: %d, want %d", re, p.s[from:to], got, want)
		}
	}
}

// TestAsRegexp: the index finds what regexp finds, for each expression of the
// rule file.
func TestAsRegexp(t *testing.T) {
	r := standard()
	var some []string
	for i, e := range readExamples(t, "testdata/sentences.txt") {
		if i%20 == 0 {
			some = append(some, e.text)
		}
	}
	for expr := range r.index.sets {
		re := regexp.MustCompile(expr)
		for _, s := range some {
			checkAll(t, r, expr, re, s)
		}
	}
}

// TestShared: rules may be used from several goroutines. It tells most with
// the race detector.
func TestShared(t *testing.T) {
	examples := readExamples(t, "testdata/cases.txt")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, e := range examples {
				if f := Of(e.text); !reflect.DeepEqual(f, e.found) {
					t.Errorf("%+v, alone %+v", f, e.found)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzAsRegexp(f *testing.F) {
	for _, p := range []string{"最高~<n>万元", "(^/!)(对/凡)~,…(给予/予以)", "a (b/c)?*", "x?y?", "$", "x<end>", "(支持/支持企业/支)=(a/ab)", "_", "^=x", "!b*", "(/x)…y", "b | b* | bc"} {
		f.Add(p, "最高,10万元；对企业,给予a b cab,xyx。b bc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		r, err := Parse("r.txt", "[cue a support]\n"+pattern)
		if err != nil || len(pattern) > 60 {
			return
		}
		for expr := range r.index.sets {
			if re, err := regexp.Compile(expr); err == nil {
				checkAll(t, r, expr, re, text)
			}
		}
	})
}
