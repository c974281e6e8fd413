package auditor

import (
	"os"
	"path/filepath"
	"testing"
)

// taught is a Lexicon that knows the lists which the project keeps for
// rephrasing; they are data to the auditor, like any other.
func taught(t testing.TB) Lexicon {
	t.Helper()
	read := func(pattern string) []string {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		var out []string
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(raw))
		}
		return out
	}
	return lexicon(library(t)).Learn(read("../grounding/same*.txt"), read("../grounding/light*.txt"))
}

// TestLearn: a learned line lets a word stand for another, from left to right
// when it says so, and the Lexicon that it was learned from stays as it was.
func TestLearn(t *testing.T) {
	quote := []Quote{{Text: "支持企业就地改扩建厂房,提高产出率。"}}
	plain := NewLexicon(nil)
	known := plain.Learn([]string{"# a comment\n[words]\n扩容翻建 翻建 > 改扩建 rebuild_and_expand"}, []string{"[words]\n咱们说白了"})
	for _, c := range []struct {
		name, text string
		known      Lexicon
		quote      []Quote
		refused    bool
	}{
		{"unknown", "支持企业扩容翻建厂房。", plain, quote, true},
		{"known", "支持企业扩容翻建厂房。", known, quote, false},
		{"not from right to left", "支持企业改扩建厂房。", known, []Quote{{Text: "支持企业扩容翻建厂房。"}}, true},
		{"in the other language", "支持企业扩容翻建厂房。", known, []Quote{{Text: "Support enterprises to rebuild and expand plants."}}, false},
	} {
		if found := Sentence(c.text, "zh", c.quote, c.known); (len(found) > 0) != c.refused {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}

// TestTaughtSentences: what is false stays refused with all that the lists of
// the project allow: at most one false sentence in a hundred gets through, and
// one true rendering in twenty is refused.
func TestTaughtSentences(t *testing.T) {
	clauses := library(t)
	known := taught(t)
	var n, wrong [2]int
	for _, file := range []string{"testdata/sentences.txt", "testdata/more.txt", "testdata/third.txt", "testdata/fourth.txt"} {
		for _, j := range judgedSentences(t, file, clauses) {
			k := 0
			if j.kind == "+" {
				k = 1
			}
			n[k]++
			if found := Sentence(j.text, langOf(j.text), []Quote{j.quote}, known); (k == 1) != (len(found) == 0) {
				wrong[k]++
				t.Logf("%s:%d %s: %s\n   %v", file, j.line, j.kind, j.text, found)
			}
		}
	}
	if wrong[0]*100 > n[0] || wrong[1]*20 > n[1] {
		t.Errorf("false ones let through: %d of %d, true ones refused: %d of %d", wrong[0], n[0], wrong[1], n[1])
	}
}

// TestOpposites: of two words of a scale the sentence has to say the quote's.
func TestOpposites(t *testing.T) {
	for _, c := range []struct{ lang, quote, truth, lie string }{
		{"zh", "简化进口药品的通关手续，扩大出口医疗器械规模。", "简化进口药品的通关手续。", "简化出口药品的通关手续。"},
		{"en", "Simplify the import of laboratory animals and speed up the export of drugs.", "The import of laboratory animals is simplified.", "The export of laboratory animals is simplified."},
		{"zh", "支持企业建立重点实验室，提升创新能力。", "支持企业建立重点实验室。", "企业支持建立重点实验室。"},
		{"en", "Start construction of 29 key projects and approve 11 drugs.", "Construction of 29 key projects is started.", "Construction of 29 key drugs is started."},
	} {
		if found := Sentence(c.truth, c.lang, []Quote{{Text: c.quote}}, Lexicon{}); len(found) > 0 {
			t.Errorf("%q: %v", c.truth, found)
		}
		if len(Sentence(c.lie, c.lang, []Quote{{Text: c.quote}}, Lexicon{})) == 0 {
			t.Errorf("%q passes", c.lie)
		}
	}
}

// BenchmarkSentence judges an ordinary sentence; the Lexicon is made before.
func BenchmarkSentence(b *testing.B) {
	clauses := library(b)
	known := taught(b)
	c := clauses[expanded]
	quote := []Quote{{Text: quoted, About: aboutOf(c)}}
	for b.Loop() {
		Sentence(paraphrase, "zh", quote, known)
	}
}
