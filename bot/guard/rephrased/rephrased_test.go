package rephrased

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// seed draws the mutants that are measured.
const seed = 1

// Floors of the whole set.
const (
	complete     = 1000 // paraphrases
	allMutants   = 6000
	classMutants = 150
)

func TestMutants(t *testing.T) {
	paraphrases, err := Paraphrases()
	if err != nil {
		t.Fatal(err)
	}
	var tally, cross Tally
	for _, p := range paraphrases {
		mutants := Mutants(p, seed)
		if again := Mutants(p, seed); !slices.EqualFunc(mutants, again, same) {
			t.Errorf("%s: two runs differ", p.ID)
		}
		seen := map[string]bool{}
		for _, m := range mutants {
			if problem := wrong(p, m); problem != "" || seen[m.Sentence] {
				t.Errorf("%s %s: %s: %q", m.Class, p.ID, problem, m.Sentence)
			}
			seen[m.Sentence] = true
			tally.Add(m.Class, p.Lang, true, "")
			if p.Cross() {
				cross.Add(m.Class, p.Lang, true, "")
			}
		}
	}
	t.Logf("%d paraphrases\n%s\nfrom one language to the other\n%s", len(paraphrases), &tally, &cross)
	if len(paraphrases) < complete {
		t.Fatalf("%d paraphrases, want %d", len(paraphrases), complete)
	}
	if _, all := tally.Count("", ""); all < allMutants {
		t.Errorf("%d mutants, want %d", all, allMutants)
	}
	for _, class := range Classes {
		if _, all := tally.Count(class, ""); all < classMutants {
			t.Errorf("%s: %d mutants, want %d", class, all, classMutants)
		}
		for _, lang := range []string{Chinese, English} {
			if _, all := tally.Count(class, lang); all == 0 {
				t.Errorf("%s: no mutant in %s", class, lang)
			}
		}
		if _, all := cross.Count(class, ""); all == 0 {
			t.Errorf("%s: no mutant from one language to the other", class)
		}
	}
}

func same(a, b Mutant) bool {
	return a.Class == b.Class && a.Sentence == b.Sentence && a.Was == b.Was && a.Is == b.Is
}

// wrong names the law that a mutant breaks, or nothing.
func wrong(p Paraphrase, m Mutant) string {
	switch {
	case !slices.Contains(Classes, m.Class):
		return "unknown class"
	case m.Was == m.Is:
		return "nothing exchanged"
	case m.Sentence == p.Sentence, m.Paraphrase.Sentence != p.Sentence:
		return "not another sentence"
	case !utf8.ValidString(m.Sentence):
		return "not UTF-8"
	case strings.ContainsAny(m.Sentence, "{}$"), strings.TrimSpace(m.Sentence) == "":
		return "a template shows"
	}
	return ""
}

// guardCases are exchanges that would leave a sentence true, or nearly.
var guardCases = []struct {
	name, class, lang, sentence, quote string
	never                              []string // may stand in no mutant of the class
}{
	{"a figure of the quote", "digit", Chinese, "上市企业达12家。", "上市企业达12家,新增13家、14家、15家、16家、17家、18家、19家", []string{"13家", "14家", "19家"}},
	{"a lower figure follows from over", "digit", English, "Spending is over 9 million yuan.", "支出超过900万元", []string{"over 8", "over 1 ", "over 5"}},
	{"a name in the other language", "name", English, "Vaccines are supported.", "支持疫苗、化妆品、兽药、农药", []string{"osmetics", "eterinary", "esticides"}},
	{"the city within its name", "place", Chinese, "北京市支持企业。", "北京支持企业", []string{"北京市"}},
	{"a list", "swap", Chinese, "海淀区、昌平区要规划用地。", "海淀区、昌平区要规划用地", []string{"昌平区"}},
	{"two alike", "swap", Chinese, "1家市值达500亿，1家市值达300亿。", "1家市值达500亿、1家市值达300亿", []string{"家"}},
	{"a negated word", "polarity", Chinese, "不允许外资设立机构。", "不允许外资设立机构", []string{"不不"}},
	{"a later deadline follows", "year", English, "By 2020 it is to be built.", "到2020年建成", []string{"2021", "2025", "2030"}},
	{"a noun of support", "polarity", Chinese, "给予资金支持。", "给予资金支持", []string{"不再支持"}},
	{"the first hundred of five hundred", "digit", Chinese, "支持世界500强药企落户。", "支持世界500强药企落户", []string{"100强", "300强", "400强"}},
	{"an article stays elsewhere", "place", English, "Xiamen helps Xiang'an District with an R&D base.", "支持翔安区建设研发基地（厦门）", []string{"Xiang'a ", " a R&D"}},
	{"two names written as one", "name", English, "Targeted delivery is encouraged.", "鼓励发展缓控释、靶向给药", []string{"ustained", "ontrolled"}},
	{"a part of another word", "body", Chinese, "统筹内外资源。", "统筹内外资源", []string{"源"}},
}

func TestGuards(t *testing.T) {
	for _, tt := range guardCases {
		t.Run(tt.name, func(t *testing.T) {
			p := Paraphrase{ID: tt.name, Lang: tt.lang, Sentence: tt.sentence, Quotes: []Quote{{Clause: "none", Text: tt.quote}}}
			for s := range uint64(30) {
				for _, m := range Mutants(p, s) {
					for _, text := range tt.never {
						if m.Class == tt.class && strings.Contains(m.Sentence, text) {
							t.Errorf("seed %d: %q has %q", s, m.Sentence, text)
						}
					}
				}
			}
		})
	}
}

// TestEachClass sees that every class comes from a sentence made for it, so that no guard shuts one out.
func TestEachClass(t *testing.T) {
	p := Paraphrase{
		ID: "made", Lang: Chinese,
		Sentence: "北京支持企业到2020年建设120家疫苗工厂，收入超过5亿元，由市科委负责。",
		Quotes:   []Quote{{Clause: "none", Text: "支持企业到2020年建设120家疫苗工厂和30家医院，收入超过5亿元（责任单位：市科委）"}},
	}
	got := map[string]bool{}
	for s := range uint64(20) {
		for _, m := range Mutants(p, s) {
			got[m.Class] = true
		}
	}
	for _, class := range Classes {
		if !got[class] {
			t.Errorf("no mutant of class %s", class)
		}
	}
}

// TestLists checks what an editor of words/ could break.
func TestLists(t *testing.T) {
	l := words()
	for _, lang := range []string{Chinese, English} {
		if n := len(l.inventions[lang]); n < 60 {
			t.Errorf("%d inventions in %s, want 60", n, lang)
		}
		for _, class := range []string{"polarity", "comparator", "modality", "swap"} {
			if !slices.ContainsFunc(l.wordings, func(w wording) bool { return w.class == class && w.lang == lang }) {
				t.Errorf("no wording of %s in %s", class, lang)
			}
		}
	}
	for _, a := range l.concepts {
		for _, b := range l.concepts {
			if a.kind != b.kind || a.class != b.class || a.kind == "-" || a.fromOnly || b.fromOnly {
				continue
			}
			for _, lang := range []string{Chinese, English} {
				first, second := a.names[lang], b.names[lang]
				if len(first) > 0 && len(second) > 0 && first[0] != second[0] && len(spans(first[0], second[0])) > 0 {
					t.Errorf("%s %s: %q includes %q, so that one may follow from the other", a.class, a.kind, first[0], second[0])
				}
			}
		}
	}
}

func TestRightArticle(t *testing.T) {
	for _, tt := range [][3]string{
		{"set up a ", "unveiling unit", "set up an "},
		{"set up an ", "museum", "set up a "},
		{"set up an ", "universal rule", "set up a "},
		{"an ", "MRI unit", "an "},
		{"Xiang'an ", "museum", "Xiang'an "},
		{"", "museum", ""},
		{"a ", "", "a "},
	} {
		if got := rightArticle(tt[0], tt[1]); got != tt[2] {
			t.Errorf("before %q: %q became %q, want %q", tt[1], tt[0], got, tt[2])
		}
	}
}

func TestTally(t *testing.T) {
	tally := Tally{Keep: 1}
	tally.Add("year", Chinese, true, "a")
	tally.Add("year", Chinese, false, "b")
	tally.Add("year", Chinese, false, "c")
	tally.Add("digit", English, true, "d")
	if rejected, all := tally.Count("year", ""); rejected != 1 || all != 3 {
		t.Errorf("year: %d of %d", rejected, all)
	}
	if kept := tally.Survivors("year", Chinese); !slices.Equal(kept, []string{"b"}) {
		t.Errorf("kept %q", kept)
	}
	table := tally.String()
	for _, want := range []string{"33.33%", "50.00%", "survived year zh: b"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	if strings.Index(table, "digit") > strings.Index(table, "year") {
		t.Errorf("classes are not in their order:\n%s", table)
	}
	if table := new(Tally).String(); !strings.Contains(table, "all") {
		t.Errorf("empty table: %q", table)
	}
}
