package gloss_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/gloss"
	"policybot/retrieval/bridge"
)

var update = flag.Bool("update", false, "rewrite the facts of testdata/cases.txt")

const cases = "testdata/cases.txt"

func TestCases(t *testing.T) {
	data, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	words := bridge.Translations()
	var out []string
	n := 0
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		if strings.HasPrefix(block, "#") {
			out = append(out, block)
			continue
		}
		head, rest, _ := strings.Cut(block, "\n")
		to, quote, ok := strings.Cut(head, " | ")
		if !ok {
			t.Fatalf("%q: want to | quote", head)
		}
		n++
		var want, got []string
		for line := range strings.SplitSeq(rest, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				want = append(want, line)
			}
		}
		for _, f := range gloss.Facts(quote, to, words) {
			got = append(got, fmt.Sprintf("- %s | %s | %s", f.Kind, f.Text, f.Gloss))
		}
		if !slices.Equal(got, want) && !*update {
			t.Errorf("%s\n got %s\nwant %s", head, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		lawful(t, quote, to, words)
		out = append(out, strings.Join(append([]string{head}, got...), "\n"))
	}
	if n < 60 {
		t.Errorf("only %d cases", n)
	}
	if *update {
		if err := os.WriteFile(cases, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// lawful checks what holds for the facts of any quote.
func lawful(t interface{ Errorf(string, ...any) }, quote, to string, words gloss.Words) {
	facts := gloss.Facts(quote, to, words)
	if len(facts) > gloss.Most {
		t.Errorf("%q: %d facts", quote, len(facts))
	}
	at := 0
	for _, f := range facts {
		if f.Start < at || f.End <= f.Start || f.End > len(quote) || quote[f.Start:f.End] != f.Text || !utf8.ValidString(f.Text) || f.Gloss == "" {
			t.Errorf("%q: %+v after %d", quote, f, at)
			return
		}
		at = f.End
		if wrong := gloss.Check(quote, f, to, words); wrong != "" {
			t.Errorf("%q: %+v: %s", quote, f, wrong)
		}
	}
}

// sentences of the seed documents, cut at marks, and the documents whole.
func sentences(t testing.TB) []string {
	files, err := filepath.Glob("../../seeds/*.txt")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d seed documents, %v", len(files), err)
	}
	var out []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.FieldsFunc(string(data), func(r rune) bool { return strings.ContainsRune("。;；\n", r) })...)
		out = append(out, string(data))
	}
	return out
}

// TestSeeds checks that Check accepts all facts of the seed documents, and no
// fact that is changed.
func TestSeeds(t *testing.T) {
	words := bridge.Translations()
	facts, refused := 0, 0
	others := map[string]string{} // kind and language → the last gloss
	for _, quote := range sentences(t) {
		for _, to := range []string{"en", "zh"} {
			lawful(t, quote, to, words)
			for _, f := range gloss.Facts(quote, to, words) {
				facts++
				for _, m := range mutations(f, others[f.Kind+to]) {
					if gloss.Check(quote, m, to, words) == "" {
						t.Errorf("%q: accepted %+v for %+v", quote, m, f)
					}
					refused++
				}
				others[f.Kind+to] = f.Gloss
			}
		}
	}
	t.Logf("%d facts accepted, %d mutations refused", facts, refused)
	if facts < 1000 || refused < 500 {
		t.Errorf("only %d facts and %d mutations", facts, refused)
	}
}

// units that a wrong gloss may have in place of one another.
var units = strings.NewReplacer("billion", "million", "million", "billion", "trillion", "billion", "亿", "万", "万", "亿", "%", " percentage points", "RMB", "US$", "at least", "at most", "more than", "less than", "about ", "", "nearly ", "", "前", "后", "years", "months", "Municipal", "Provincial", "Bureau", "Commission", "District", "County", "市", "省", "局", "委")

func mutations(f gloss.Fact, other string) []gloss.Fact {
	var out []gloss.Fact
	change := func(text string) {
		if m := f; text != f.Gloss && text != "" {
			m.Gloss = text
			out = append(out, m)
		}
	}
	for i, r := range f.Gloss {
		if r >= '0' && r <= '9' {
			change(f.Gloss[:i] + string('0'+(r-'0'+1)%10) + f.Gloss[i+1:])
		}
	}
	change(units.Replace(f.Gloss))
	change(other)
	change(f.Gloss + " ")
	change(strings.ToUpper(f.Gloss))
	change(f.Text)
	m := f
	m.Start, m.End = m.Start+1, m.End+1
	out = append(out, m)
	m = f
	m.Kind = map[string]string{gloss.Number: gloss.Term, gloss.Term: gloss.Body, gloss.Body: gloss.Locus, gloss.Locus: gloss.Number}[f.Kind]
	return append(out, m)
}

func TestCheckRefuses(t *testing.T) {
	words := bridge.Translations()
	quote := "投资总额达1200亿元，由市财政局负责。"
	at := func(kind, text, glossed string) gloss.Fact {
		i := strings.Index(quote, text)
		return gloss.Fact{Kind: kind, Text: text, Start: i, End: i + len(text), Gloss: glossed}
	}
	for _, c := range []struct {
		name string
		fact gloss.Fact
		to   string
		ok   bool
	}{
		{"amount", at(gloss.Number, "1200亿元", "RMB 120 billion"), "en", true},
		{"a part of the number", at(gloss.Number, "200亿元", "RMB 20 billion"), "en", false},
		{"another number", at(gloss.Number, "1200亿元", "RMB 12 billion"), "en", false},
		{"body", at(gloss.Body, "市财政局", "Municipal Finance Bureau"), "en", true},
		{"inner body", at(gloss.Body, "财政局", "Finance Bureau"), "en", true},
		{"another alternative", at(gloss.Body, "市财政局", "Municipal Fiscal Bureau"), "en", false},
		{"another language", at(gloss.Body, "市财政局", "Municipal Finance Bureau"), "de", false},
		{"own language", at(gloss.Body, "市财政局", "Municipal Finance Bureau"), "zh", false},
		{"within a character", gloss.Fact{Kind: gloss.Term, Text: quote[1:4], Start: 1, End: 4, Gloss: "x"}, "en", false},
		{"outside", gloss.Fact{Kind: gloss.Term, Text: "投", Start: 0, End: 999, Gloss: "x"}, "en", false},
		{"negative", gloss.Fact{Kind: gloss.Term, Start: -1, End: 2}, "en", false},
		{"empty", gloss.Fact{}, "en", false},
	} {
		if wrong := gloss.Check(quote, c.fact, c.to, words); (wrong == "") != c.ok {
			t.Errorf("%s: %q", c.name, wrong)
		}
	}
}

func FuzzFacts(f *testing.F) {
	for _, s := range sentences(f) {
		if len(s) < 2000 {
			f.Add(s)
		}
	}
	f.Add("\xff中国\xff(北京）Ⅱ类 ㎡ Municipal of Bureau of")
	words := bridge.Translations()
	f.Fuzz(func(t *testing.T, quote string) {
		for _, to := range []string{"en", "zh", ""} {
			lawful(t, quote, to, words)
			gloss.Check(quote, gloss.Fact{Kind: gloss.Term, Text: quote, End: len(quote)}, to, words)
		}
	})
}
