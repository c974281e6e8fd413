package retrieval

import (
	"slices"
	"strings"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bm25"
)

// The signals of a candidate, which the ranker weighs. Shares of the question
// are by rarity (idf). No signal knows which document it is or how long it is:
// those would learn which law is popular.
const (
	sigScore            = iota // BM25 of clause and document, against the best candidate's
	sigText                    // BM25 of the text alone, whatever its length, against the best one's
	sigCoverage                // share of the question in text, path and title
	sigTitle                   // share of its pairs and words in the title
	sigPath                    // share of them in the path
	sigPathDensity             // how much of the path is in the question
	sigBeginning               // share of pairs and words in the beginning of the text
	sigDocumentCoverage        // share of them in the texts of the document's candidates
	sigDocumentMean            // score of the document's five best candidates, against the best document's
	sigPrevious                // score of the clause before, against the best candidate's; may exceed 1
	sigNeighbour               // the larger score of the clauses before and after
	sigNumbers                 // numbers in the text, up to 3, where the question asks for one
	sigFirst                   // first clause of its document
	sigShort                   // whether the text is short, as headings are
	sigConcepts                // share of the question's concepts in text, path and title, in any form
	sigConceptText             // share of them in the text
	sigConceptPath             // share of them in the path
	ownSignals                 // how many there are
)

// plainSignals are there twice: once more for clauses without a path. In a text
// without numbering a heading is a clause of its own and what it announces is
// the next one, so that position and neighbours mean something else there.
var plainSignals = []int{
	sigCoverage, sigBeginning, sigDocumentMean, sigPrevious, sigNeighbour, sigFirst, sigShort, sigConcepts,
}

// Signals names the signals in the order of their weights.
var Signals = func() []string {
	names := []string{
		"score", "text", "coverage", "title", "path", "path_density", "beginning", "document_coverage", "document_mean",
		"previous", "neighbour", "numbers", "first", "short", "concepts", "concept_text", "concept_path",
	}
	for _, i := range plainSignals {
		names = append(names, "plain."+names[i])
	}
	return names
}()

const (
	beginning   = 40 // Han characters, or eight other words: units of compact text
	shortText   = 20 // the same
	mostNumbers = 3
	bestOf      = 5 // candidates of a document
)

// numberWords are words of questions that ask for a number or a date.
var numberWords = []string{
	"多少", "几", "多久", "多长", "何时", "什么时候", "哪年", "哪一年", "期限", "时间", "截止",
	"how many", "how much", "how long", "when", "deadline", "by what date",
}

// An asked is a question as signals are read for it.
type asked struct {
	keys       []uint64
	weights    []float64 // idf × weight of the term
	unigram    []bool
	all, pairs float64 // sums of the weights: of all keys, of those that are not unigrams
	number     bool    // it asks for a number
	matcher    *analysis.Matcher
	concepts   []concept
}

// concept returns the share of the concepts, by rarity, that the clauses with
// these keys say in any of their forms.
func (a *asked) concept(has func(term int) bool) float64 {
	sum, all := 0.0, 0.0
	for i := range a.concepts {
		c := &a.concepts[i]
		all += c.Weight
		sum += c.Weight * c.share(has)
	}
	return share(sum, all)
}

func (x *Lexical) asked(r *reading) *asked {
	a := &asked{concepts: r.concepts}
	for _, t := range r.terms {
		w := t.Weight * x.index.IDF(t.Key)
		unigram := analysis.KindOf(t.Key) == analysis.Unigram
		a.keys, a.weights, a.unigram = append(a.keys, t.Key), append(a.weights, w), append(a.unigram, unigram)
		a.all += w
		if !unigram {
			a.pairs += w
		}
	}
	a.spell(r.concepts)
	text := analysis.Normalize(r.query.Text)
	a.number = slices.ContainsFunc(numberWords, func(w string) bool { return strings.Contains(text, w) })
	a.matcher = analysis.NewMatcher(a.keys)
	return a
}

// spell adds the single characters of other forms, which weigh nothing: a matcher
// finds a pair by its characters.
func (a *asked) spell(concepts []concept) {
	have := make(map[uint64]bool, len(a.keys))
	for _, k := range a.keys {
		have[k] = true
	}
	for _, c := range concepts {
		for _, f := range c.Forms {
			for _, k := range analysis.AppendKeys(nil, f.Text) {
				if analysis.KindOf(k) == analysis.Unigram && !have[k] {
					have[k] = true
					a.keys, a.weights, a.unigram = append(a.keys, k), append(a.weights, 0), append(a.unigram, true)
				}
			}
		}
	}
}

// share divides by a sum of weights; nothing is a share of nothing.
func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// A counted is how often a text holds each key of a question.
type counted struct {
	counts    []uint8
	beginning float64 // weight of the pairs and words that begin in its first characters
}

func (a *asked) count(text []uint16) counted {
	c := counted{counts: make([]uint8, len(a.keys))}
	early := make([]bool, len(a.keys))
	a.matcher.Match(text, func(k, at int) {
		c.counts[k] += min(1, 255-c.counts[k])
		if at < beginning && !early[k] && !a.unigram[k] {
			early[k] = true
			c.beginning += a.weights[k]
		}
	})
	return c
}

// pairShare is the share of the question's pairs and words that counts has.
func (a *asked) pairShare(counts []uint8) float64 {
	sum := 0.0
	for k, n := range counts {
		if n > 0 && !a.unigram[k] {
			sum += a.weights[k]
		}
	}
	return share(sum, a.pairs)
}

// A documentSignals is what the candidates of one document have in common.
type documentSignals struct {
	title    []uint8
	coverage []uint8 // keys that any candidate's text has
	best     int     // candidates that are in mean
	mean     float64
}

// Rank returns the candidates for a query with their signals, ordered by BM25:
// what a ranker is trained on.
func (x *Lexical) Rank(q Query) []Match {
	r := x.read(q)
	hits := x.index.Search(r.terms, Candidates)
	rows := x.signals(r, hits)
	out := make([]Match, len(hits))
	for i, h := range hits {
		out[i] = Match{ID: x.ids[h.Unit], Score: h.Score, Unit: h.Unit, Clause: h.UnitScore, Document: h.GroupScore, Signals: rows[i]}
	}
	return out
}

// signals returns the signals of each hit of a search.
func (x *Lexical) signals(r *reading, hits []bm25.Hit) [][]float64 {
	if len(hits) == 0 {
		return nil
	}
	a := x.asked(r)
	documents := map[int]*documentSignals{}
	rows := make([][]float64, len(hits))
	cells := make([]float64, len(hits)*len(Signals))
	for i, h := range hits {
		rows[i], cells = cells[:len(Signals):len(Signals)], cells[len(Signals):]
		group := x.index.Group(h.Unit)
		d := documents[group]
		if d == nil {
			d = &documentSignals{title: a.count(x.titles.at(group)).counts, coverage: make([]uint8, len(a.keys))}
			documents[group] = d
		}
		if d.best < bestOf {
			d.best++
			d.mean += h.UnitScore
		}
		x.ownSignals(a, h, d, rows[i])
	}
	x.shared(r.terms, hits, rows, documents, a)
	return rows
}

// ownSignals fills in what the clause and its document's title say.
func (x *Lexical) ownSignals(a *asked, h bm25.Hit, d *documentSignals, row []float64) {
	body, path := x.bodies.at(h.Unit), x.paths.at(h.Unit)
	text, above := a.count(body), a.count(path)
	const k1 = 0.9 // as bm25.Default has it; another value asks for training again
	named := 0
	for k, w := range a.weights {
		tf := float64(text.counts[k])
		row[sigText] += w * tf * (k1 + 1) / (tf + k1)
		if tf > 0 || above.counts[k] > 0 || d.title[k] > 0 {
			row[sigCoverage] += share(w, a.all)
		}
		if tf > 0 {
			d.coverage[k] = 1
		}
		if !a.unigram[k] {
			named += int(above.counts[k])
		}
	}
	row[sigScore] = h.Score
	row[sigTitle], row[sigPath] = a.pairShare(d.title), a.pairShare(above.counts)
	row[sigPathDensity] = float64(named) / float64(8+len(path))
	row[sigBeginning] = share(text.beginning, a.pairs)
	if a.number {
		row[sigNumbers] = float64(min(analysis.Numbers(body), mostNumbers)) / mostNumbers
	}
	if first, _ := x.index.GroupUnits(x.index.Group(h.Unit)); first == h.Unit {
		row[sigFirst] = 1
	}
	if len(body) < shortText {
		row[sigShort] = 1
	}
	inText := func(k int) bool { return text.counts[k] > 0 }
	inPath := func(k int) bool { return above.counts[k] > 0 }
	row[sigConcepts] = a.concept(func(k int) bool { return inText(k) || inPath(k) || d.title[k] > 0 })
	row[sigConceptText], row[sigConceptPath] = a.concept(inText), a.concept(inPath)
}

// shared fills in what depends on other candidates and on neighbours, and then
// the plain signals.
func (x *Lexical) shared(terms []bm25.Term, hits []bm25.Hit, rows [][]float64, documents map[int]*documentSignals, a *asked) {
	best := [ownSignals]float64{}
	unit := 0.0
	for i, h := range hits {
		d := documents[x.index.Group(h.Unit)]
		rows[i][sigDocumentCoverage] = a.pairShare(d.coverage)
		rows[i][sigDocumentMean] = d.mean
		unit = max(unit, h.UnitScore)
		for _, k := range []int{sigScore, sigText, sigDocumentMean} {
			best[k] = max(best[k], rows[i][k])
		}
	}
	before, after := x.neighbours(terms, hits)
	for i, h := range hits {
		row := rows[i]
		for _, k := range []int{sigScore, sigText, sigDocumentMean} {
			row[k] = share(row[k], best[k])
		}
		row[sigPrevious] = share(before[i], unit)
		row[sigNeighbour] = share(max(before[i], after[i]), unit)
		if len(x.paths.at(h.Unit)) > 0 {
			continue
		}
		for j, k := range plainSignals {
			row[ownSignals+j] = row[k]
		}
	}
}

// neighbours returns the scores of the clauses before and after each hit in its
// document, 0 where there is none.
func (x *Lexical) neighbours(terms []bm25.Term, hits []bm25.Hit) (before, after []float64) {
	units := make([]int, 0, 2*len(hits))
	for _, h := range hits {
		first, end := x.index.GroupUnits(x.index.Group(h.Unit))
		previous, next := h.Unit-1, h.Unit+1
		if previous < first {
			previous = -1
		}
		if next >= end {
			next = -1
		}
		units = append(units, previous, next)
	}
	scores := x.index.Score(terms, units)
	before, after = make([]float64, len(hits)), make([]float64, len(hits))
	for i := range hits {
		before[i], after[i] = scores[2*i].UnitScore, scores[2*i+1].UnitScore
	}
	return before, after
}
