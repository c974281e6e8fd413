// Package rephrased measures whether a checker of sentences lets a false one pass: it turns true
// paraphrases of clauses, which people wrote, into false ones. It knows no checker: what it exchanges
// comes from word lists of its own in words/, which anybody can edit.
package rephrased

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Languages of a sentence.
const (
	Chinese = "zh"
	English = "en"
)

//go:embed testdata/*.jsonl
var paraphraseFiles embed.FS

// A Quote is what a paraphrase rests on: whole sentences of one clause, letter by letter.
type Quote struct {
	Clause string `json:"clause"` // the clause's id
	Text   string `json:"text"`
}

// A Paraphrase is a true sentence in other words than its quotes, or in the other language.
type Paraphrase struct {
	ID       string  `json:"id"`
	Lang     string  `json:"lang"`  // of the sentence: Chinese or English
	Style    string  `json:"style"` // what the writer did; for reports only
	Quotes   []Quote `json:"quotes"`
	Sentence string  `json:"sentence"`
}

// Cross says whether the sentence is in another language than the larger part of its quotes.
func (p Paraphrase) Cross() bool {
	han, latin := 0, 0
	for _, q := range p.Quotes {
		for _, r := range q.Text {
			switch {
			case isHan(r):
				han += 3 // about three Latin letters say what one of these says
			case r < utf8.RuneSelf && isLetter(r):
				latin++
			}
		}
	}
	if han >= latin {
		return p.Lang == English
	}
	return p.Lang == Chinese
}

// Paraphrases returns all paraphrases, the Chinese ones first, in the order of their files. An error
// names the line that cannot be read or lacks something.
func Paraphrases() ([]Paraphrase, error) {
	var all []Paraphrase
	seen := map[string]bool{}
	for _, lang := range []string{Chinese, English} {
		name := "testdata/paraphrases-" + lang + ".jsonl"
		data, err := paraphraseFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			var p Paraphrase
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, err)
			}
			if p.ID == "" || seen[p.ID] || (p.Lang != Chinese && p.Lang != English) || len(p.Quotes) == 0 || p.Sentence == "" {
				return nil, fmt.Errorf("%s:%d: needs an id of its own, lang, quotes and sentence", name, n)
			}
			seen[p.ID] = true
			all = append(all, p)
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// Classes lists the ways in which a mutant is false, in the order of reports.
var Classes = []string{
	"digit", "unit", "year", "place", "body", "polarity", "comparator", "modality", "document", "name", "swap", "invention",
}

// A Mutant is a sentence that the quotes of its paraphrase, their headings and the title of their document
// do not support.
type Mutant struct {
	Paraphrase        // the true one; its Sentence is Paraphrase.Sentence
	Class      string // one of Classes
	Sentence   string // the false one
	Was, Is    string // what was exchanged, and for what; Was is empty where something was added
}

// atMost bounds how many mutants of a class one paraphrase gives, so that no class drowns the others.
var atMost = map[string]int{
	"digit": 3, "unit": 3, "year": 3, "place": 2, "body": 2, "polarity": 2, "comparator": 2, "modality": 2,
	"document": 1, "name": 2, "swap": 3, "invention": 2,
}

// Mutants returns false versions of a paraphrase, the same ones for the same seed, in the order of Classes.
// It leaves out what might be true by chance; a sentence without numbers or names gives few.
func Mutants(p Paraphrase, seed uint64) []Mutant {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.ID + "\x00" + p.Sentence)) // never fails
	rng := rand.New(rand.NewPCG(seed, h.Sum64()))
	w := newWork(p, rng)
	makers := map[string]func() []edit{
		"digit": w.digits, "unit": w.units, "year": w.years, "place": w.named("place"), "body": w.named("body"),
		"polarity": w.worded("polarity"), "comparator": w.comparators, "modality": w.worded("modality"),
		"document": w.documents, "name": w.named("name"), "swap": w.swaps, "invention": w.inventions,
	}
	var all []Mutant
	seen := map[string]bool{p.Sentence: true}
	for _, class := range Classes {
		edits := makers[class]()
		rng.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
		left := atMost[class]
		for _, e := range edits {
			if left == 0 {
				break
			}
			sentence := e.apply(p.Sentence)
			if seen[sentence] || e.was == e.is || !utf8.ValidString(sentence) || strings.TrimSpace(sentence) == "" {
				continue
			}
			seen[sentence] = true
			left--
			all = append(all, Mutant{Paraphrase: p, Class: class, Sentence: sentence, Was: e.was, Is: e.is})
		}
	}
	return all
}

// An edit puts other words for parts of a sentence, from the first to the last.
type edit struct {
	was, is string
	parts   []part
}

// A part is a stretch of bytes and what stands there afterwards.
type part struct {
	from, to int
	text     string
}

// replace is the edit of one stretch.
func replace(sentence string, from, to int, text string) edit {
	return edit{was: sentence[from:to], is: text, parts: []part{{from, to, text}}}
}

func (e edit) apply(sentence string) string {
	text, at := "", 0
	for _, p := range e.parts {
		text = rightArticle(text+sentence[at:p.from], p.text) + p.text
		at = p.to
	}
	return text + sentence[at:]
}
