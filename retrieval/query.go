package retrieval

import (
	"strings"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bm25"
)

// ContextWeight is what a word of earlier turns counts against one of the
// question itself.
const ContextWeight = 0.4

// A Query is what to search for.
type Query struct {
	Text    string   `json:"text"`            // the question as typed
	Context []string `json:"context"`         // earlier text that gives a follow-up its subject
	Focus   []Focus  `json:"focus,omitempty"` // documents that are meant, or not
	Told    int      `json:"-"`               // hits of which Why tells all words; 0 for all, -1 for none
	Bare    bool     `json:"-"`               // index entries are left out of it; see Library.Teach
	Names   []string `json:"names,omitempty"` // words of Text and Context that Focus stands for already, in normal form: they count little
}

// named finds where the names stand in a text, as bytes.
func (q Query) named(text string) [][2]int {
	var out [][2]int
	for _, n := range q.Names {
		for at := 0; n != "" && at < len(text); {
			i := strings.Index(strings.ToLower(text[at:]), n)
			if i < 0 {
				break
			}
			out = append(out, [2]int{at + i, at + i + len(n)})
			at += i + len(n)
		}
	}
	return out
}

// A Focus raises or lowers the scores of all clauses of a document.
type Focus struct {
	Document string  `json:"document"`
	Weight   float64 `json:"weight"` // in units of the best candidate's BM25 score; less than 0 lowers
}

// focused returns the weight for a clause id.
func (q Query) focused() func(id string) float64 {
	weights := make(map[string]float64, len(q.Focus))
	for _, f := range q.Focus {
		weights[f.Document] = f.Weight
	}
	return func(id string) float64 {
		for i := strings.LastIndexByte(id, '.'); i > 0; i = strings.LastIndexByte(id[:i], '.') {
			if w, ok := weights[id[:i]]; ok {
				return w // the longest: ids of documents may have dots too
			}
		}
		return 0
	}
}

// terms weighs the words of the query: one each for the question, less for
// words that only earlier turns have.
func (q Query) terms() []bm25.Term {
	var terms []bm25.Term
	own := map[uint64]bool{}
	for _, key := range analysis.AppendKeys(nil, q.Text) {
		if !own[key] {
			own[key] = true
			terms = append(terms, bm25.Term{Key: key, Weight: 1})
		}
	}
	for _, text := range q.Context {
		for _, key := range analysis.AppendKeys(nil, text) {
			if !own[key] {
				own[key] = true
				terms = append(terms, bm25.Term{Key: key, Weight: ContextWeight})
			}
		}
	}
	return terms
}

// words maps each key of the query to its first form as typed, or as another
// form of a concept has it.
func (q Query) words(concepts []Concept) map[uint64]string {
	out := map[uint64]string{}
	texts := append([]string{q.Text}, q.Context...)
	for _, c := range concepts {
		for _, f := range c.Forms {
			texts = append(texts, f.Text)
		}
	}
	for _, text := range texts {
		for _, t := range analysis.Append(nil, text) {
			if _, ok := out[t.Key]; !ok {
				out[t.Key] = text[t.Start:t.End]
			}
		}
	}
	return out
}

// A Why explains the score of a hit: it is the sum of the parts of Signals, of
// Vector, of Focus and of Taught.
type Why struct {
	Clause   float64      `json:"clause"`           // BM25 of the clause's own words, title and path: the sum over Words
	Document float64      `json:"document"`         // share of the whole document's BM25: the same
	Words    []WordPart   `json:"words"`            // largest first; words without effect left out
	Signals  []SignalPart `json:"signals"`          // largest effect first; those without effect left out
	Vector   float64      `json:"vector,omitempty"` // part of the likeness of meaning
	Focus    float64      `json:"focus,omitempty"`  // part of the document that is meant
	Taught   *TaughtPart  `json:"taught,omitempty"` // of the index entry that raised the clause; null for none
}

// A TaughtPart is what an index entry adds to a score: as much as puts its clause first.
type TaughtPart struct {
	Entry      string  `json:"entry"`      // id; see Taught
	Question   string  `json:"question"`   // as it was marked
	Similarity float64 `json:"similarity"` // between it and the question that was asked, 0 to 1
	Part       float64 `json:"part"`
}

// A SignalPart is what one signal of the ranker adds to a score; see Signals.
type SignalPart struct {
	Signal string  `json:"signal"`
	Value  float64 `json:"value"`
	Part   float64 `json:"part"`
}

// A WordPart is what one word of the query adds to a score.
type WordPart struct {
	Word     string  `json:"word"`
	Weight   float64 `json:"weight"` // 1 for the question, ContextWeight for earlier turns
	Clause   float64 `json:"clause"`
	Document float64 `json:"document"`
}
