package mutant_test

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot/guard"
	"policybot/bot/guard/mutant"
	"policybot/retrieval"
)

// sample is a true answer of two clauses.
func sample() guard.Claims {
	cite := func(n int, id, text, quote string) guard.Citation {
		before, _, _ := strings.Cut(text, quote)
		start := utf8.RuneCountInString(before)
		doc := retrieval.Document{ID: "a", Title: "甲", ValidUntil: "2022-12-31", Facts: map[string]string{"title": "text"}}
		return guard.Citation{
			N: n, Quote: quote, QuoteStart: start, QuoteEnd: start + utf8.RuneCountInString(quote),
			Clause: retrieval.Clause{ID: id, Document: doc, Text: text, End: utf8.RuneCountInString(text), Departments: []string{"市科委"}},
		}
	}
	first := "到2020年,海淀区建设12家平台,总额不超过70亿元。"
	second := "在符合规划的前提下,允许企业申请。由市科委支持。"
	return guard.Claims{
		Sentences: []guard.Sentence{
			{Text: first, Citations: []int{1}},
			{Text: "在符合规划的前提下,允许企业申请。", Citations: []int{2}},
			{Text: "由市科委支持。", Citations: []int{2}},
		},
		Citations: []guard.Citation{cite(1, "a.1", "一、目标。"+first, first), cite(2, "a.2", second, second)},
		Notices:   []guard.Notice{{Kind: guard.PeriodOver, Text: "已过期。", Clauses: []string{"a.1", "a.2"}}},
		Lang:      "zh",
		Day:       time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

func TestAll(t *testing.T) {
	c := sample()
	list := mutant.All(c, 7)
	if !reflect.DeepEqual(c, sample()) {
		t.Error("the claims given were changed")
	}
	if !reflect.DeepEqual(list, mutant.All(c, 7)) {
		t.Error("the same seed makes other mutants")
	}
	if reflect.DeepEqual(list, mutant.All(c, 8)) {
		t.Error("another seed makes the same mutants")
	}
	classes := map[string]bool{}
	for _, m := range list {
		classes[m.Class] = true
		if reflect.DeepEqual(m.Claims, c) {
			t.Errorf("%s %d %s: nothing is wrong with it", m.Class, m.Depth, m.Note)
		}
		texts := !reflect.DeepEqual(m.Claims.Sentences, c.Sentences)
		if m.Depth > mutant.Structure && !texts {
			t.Errorf("%s %d %s: the sentences are as they were", m.Class, m.Depth, m.Note)
		}
		if m.Depth == mutant.Text && !reflect.DeepEqual(m.Claims.Citations, c.Citations) {
			t.Errorf("%s %s: the citations changed with the sentence", m.Class, m.Note)
		}
	}
	want := []string{
		mutant.Digit, mutant.Unit, mutant.Year, mutant.Place, mutant.Body, mutant.Polarity, mutant.Comparator, mutant.Modality,
		mutant.Document, mutant.Swap, mutant.Span, mutant.Citation, mutant.Invention, mutant.Notice, mutant.Markup,
	}
	for _, class := range want {
		if !classes[class] {
			t.Errorf("no mutant of the class %s", class)
		}
	}
}

// At the greatest depth nothing in the answer itself gives the mistake away.
func TestClauseDepthIsConsistent(t *testing.T) {
	n := 0
	for _, m := range mutant.All(sample(), 3) {
		if m.Depth != mutant.Clause {
			continue
		}
		n++
		for _, c := range m.Claims.Citations {
			if got := string([]rune(c.Clause.Text)[c.QuoteStart:c.QuoteEnd]); got != c.Quote {
				t.Errorf("%s %s: the quote %q stands for %q", m.Class, m.Note, c.Quote, got)
			}
		}
		for _, s := range m.Claims.Sentences {
			if c := m.Claims.Citations[s.Citations[0]-1]; !strings.Contains(c.Quote, s.Text) {
				t.Errorf("%s %s: the quote %q lacks %q", m.Class, m.Note, c.Quote, s.Text)
			}
		}
	}
	if n == 0 {
		t.Error("no mutant changes a clause")
	}
}

func TestParaphrases(t *testing.T) {
	const text = "2020年6月3日起,12家企业获不少于70%的2亿元(3500万元)。"
	c := guard.Claims{Sentences: []guard.Sentence{{Text: text, Citations: []int{1}}}}
	got := map[string]string{}
	for _, p := range mutant.Paraphrases(c) {
		got[p.Class] = p.Claims.Sentences[0].Text
	}
	if c.Sentences[0].Text != text {
		t.Error("the claims given were changed")
	}
	for form, want := range map[string]string{
		"full-width digits":      "２０２０年６月３日起,１２家企业获不少于７０%的２亿元(３５００万元)。",
		"thousands separators":   "2020年6月3日起,12家企业获不少于70%的2亿元(3,500万元)。",
		"full-width percent":     "2020年6月3日起,12家企业获不少于70％的2亿元(3500万元)。",
		"percent in words":       "2020年6月3日起,12家企业获不少于百分之七十的2亿元(3500万元)。",
		"in 万元 or 亿元":            "2020年6月3日起,12家企业获不少于70%的20000万元(3500万元)。",
		"Chinese numerals":       "2020年6月3日起,十二家企业获不少于70%的2亿元(3500万元)。",
		"date in another form":   "2020-06-03起,12家企业获不少于70%的2亿元(3500万元)。",
		"traditional characters": "2020年6月3日起,12家企業獲不少于70%的2亿元(3500万元)。",
		"brackets":               "2020年6月3日起,12家企业获不少于70%的2亿元（3500万元）。",
		"punctuation":            "2020年6月3日起，12家企业获不少于70%的2亿元(3500万元)。",
	} {
		if got[form] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", form, got[form], want)
		}
		delete(got, form)
	}
	delete(got, "space at figures")
	delete(got, "together")
	delete(got, "in 万元 with a space")
	if len(got) > 0 {
		t.Errorf("other forms: %v", got)
	}
}
