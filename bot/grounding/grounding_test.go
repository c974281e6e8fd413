package grounding

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func readNames(t testing.TB) *Names {
	var entries []Name
	for _, line := range readLines(t, "names.txt") {
		if kind, forms, ok := strings.Cut(line, " | "); ok {
			entries = append(entries, Name{kind, strings.Split(forms, " / ")})
		}
	}
	return NewNames(entries...)
}

// readLines returns the lines of a file in testdata that are not comments.
func readLines(t testing.TB, name string) []string {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.SplitSeq(string(data), "\n") {
		if !strings.HasPrefix(line, "# ") {
			out = append(out, strings.TrimRight(line, "\r"))
		}
	}
	return out
}

// A checked sentence of cases.txt.
type checked struct {
	sentence string
	sources  []Source
	want     []string
}

func readCases(t testing.TB) []checked {
	var out []checked
	var sources []Source
	open := false
	for _, line := range readLines(t, "cases.txt") {
		switch {
		case strings.HasPrefix(line, "= "):
			if !open {
				sources, open = nil, true
			}
			sources = append(sources, Source{Text: line[2:]})
		case strings.HasPrefix(line, "@ "):
			s := &sources[len(sources)-1]
			s.About = append(s.About, line[2:])
		case strings.HasPrefix(line, "> "):
			open = false
			sentence, rules, ok := strings.Cut(line[2:], " => ")
			if !ok {
				t.Fatalf("%s: no =>", line)
			}
			c := checked{sentence: sentence, sources: sources}
			if rules != "ok" {
				c.want = strings.Split(rules, ", ")
			}
			slices.Sort(c.want)
			out = append(out, c)
		}
	}
	return out
}

// wholeRules are the rules that look at a sentence as a whole.
var wholeRules = []Rule{RuleWord, RuleRole, RulePromise, RuleModality, RulePolarity}

func TestCheck(t *testing.T) {
	names, cases := readNames(t), readCases(t)
	for _, c := range cases {
		found := Check(c.sentence, c.sources, names)
		var got []string
		for _, v := range found {
			got = append(got, string(v.Rule))
		}
		slices.Sort(got)
		got = slices.Compact(got)
		if c.want != nil { // what is wrong may break a rule that looks at the whole sentence too
			got = slices.DeleteFunc(got, func(r string) bool { return slices.Contains(wholeRules, Rule(r)) && !slices.Contains(c.want, r) })
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %v\nwant %v", c.sentence, found, c.want)
		}
		lawful(t, c.sentence, c.sources, names)
	}
	if len(cases) < 400 {
		t.Fatalf("only %d cases", len(cases))
	}
	t.Logf("%d cases", len(cases))
}

// lawful checks what holds for any sentence and sources.
func lawful(t interface{ Fatalf(string, ...any) }, sentence string, sources []Source, names *Names) {
	last := 0
	for _, v := range Check(sentence, sources, names) {
		if v.Start < last || v.End <= v.Start || v.End > len(sentence) || v.What == "" || v.Rule == "" {
			t.Fatalf("%q: %+v after %d", sentence, v, last)
		}
		if utf8.ValidString(sentence) && !utf8.ValidString(sentence[v.Start:v.End]) {
			t.Fatalf("%q: %+v cuts a character", sentence, v)
		}
		last = v.Start
	}
	if v := Check(sentence, []Source{{Text: sentence}}, names); v != nil {
		t.Fatalf("%q against itself: %+v", sentence, v)
	}
}

func TestWithoutSources(t *testing.T) {
	names := readNames(t)
	want := map[string]string{
		"":                "",
		"。":               "",
		"欢迎。":             "word",
		"北京不得奖励12家企业。":    "place polarity word number word",
		"《办法》应当于2020年施行。": "title modality date word",
	}
	for sentence, rules := range want {
		var got []string
		for _, v := range Check(sentence, nil, names) {
			got = append(got, string(v.Rule))
		}
		if strings.Join(got, " ") != rules {
			t.Errorf("%q: %v, want %s", sentence, got, rules)
		}
	}
	if v := Check("北京的企业", []Source{{Text: "企业"}}, nil); len(v) != 1 || v[0].Rule != RuleWord {
		t.Errorf("without names: %v", v)
	}
}

func FuzzCheck(f *testing.F) {
	names := readNames(f)
	for k, c := range readCases(f) {
		if k%4 == 0 {
			f.Add(c.sentence, c.sources[0].Text, strings.Join(c.sources[0].About, "\n"))
		}
	}
	f.Add("《不\xff得12家①", "Ⅱ类\n免", "")
	f.Fuzz(func(t *testing.T, sentence, source, about string) {
		lawful(t, sentence, []Source{{source, []string{about}}}, names)
	})
}

func BenchmarkCheck(b *testing.B) {
	names := readNames(b)
	clauses := seedClauses(b)
	var sources []Source
	for _, c := range clauses {
		if strings.Contains(c, "2022年") && len(sources) < 3 {
			sources = append(sources, Source{Text: c, About: []string{"厦门市做强做大生物医药产业三年行动计划(2020-2022)", "厦府办〔2020〕57号"}})
		}
	}
	const sentence = "到2022年，上市企业达到12家，支持企业建立重点实验室，不得改变土地用途。"
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			Check(sentence, sources, names)
		}
	})
	read := Read(sources, names)
	b.Run("read before", func(b *testing.B) {
		for b.Loop() {
			read.Check(sentence)
		}
	})
}
