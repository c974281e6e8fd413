package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bridge"
)

// marked are the index entries of a view, as searches use them. It never changes.
type marked struct {
	entries []entry
	exact   map[string]int // letters of a question → entry
	crowd   *bridge.Crowd
	bridge  *bridge.Bridge
}

type entry struct {
	Taught
	unit  int
	sense *bridge.Sense
}

// teach returns the view with the entries that the store holds, which are those of a
// change. Entries whose clause the view lacks are left out.
func (l *Library) teach(ctx context.Context, v *view, change string) (*view, error) {
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return nil, err
	}
	return v.with(all, change), nil
}

// with returns the view with these entries, ordered by id.
func (v *view) with(all []Taught, change string) *view {
	out, searcher := *v, *v.searcher
	out.taught, out.searcher = change, &searcher
	searcher.marked = newMarked(v.lexical, all, v.units)
	return &out
}

// Try returns a library that searches as this one would with one more index entry, which
// is not stored; for [Library.Search] alone, and as long as nobody refreshes it. The error
// is that of [Library.Teach] for a clause that is not there or a question that is taken or
// cannot be one; limits are not looked at.
func (l *Library) Try(ctx context.Context, t Taught) (*Library, error) {
	fail := func(err error) (*Library, error) { return nil, fmt.Errorf("try an entry of %s: %w", t.Clause, err) }
	t, err := t.named()
	if err != nil {
		return fail(err)
	}
	v := l.view()
	if _, held := v.units()[t.Clause]; !held {
		return fail(ErrNotFound)
	}
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return fail(err)
	}
	for i, o := range all {
		if o.ID == t.ID && o.Clause != t.Clause {
			return fail(&TaughtError{l.marked(all[i])})
		}
	}
	all = slices.DeleteFunc(all, func(o Taught) bool { return o.ID == t.ID })
	i, _ := slices.BinarySearchFunc(all, t.ID, func(o Taught, id string) int { return cmp.Compare(o.ID, id) })
	return &Library{store: l.store, vectors: l.vectors, words: l.words, current: v.with(slices.Insert(all, i, t), v.taught)}, nil
}

func newMarked(x *Lexical, all []Taught, units func() map[string]int) *marked {
	if len(all) == 0 {
		return nil
	}
	m := &marked{exact: map[string]int{}, bridge: cmp.Or(x.comparing, bridge.Comparing())}
	var senses []*bridge.Sense
	for _, t := range all {
		unit, held := units()[t.Clause]
		if !held {
			continue
		}
		e := entry{t, unit, m.bridge.Sense(t.Question, x.rarity)}
		m.exact[lettersOf(t.Question)] = len(m.entries)
		m.entries, senses = append(m.entries, e), append(senses, e.sense)
	}
	m.crowd = bridge.NewCrowd(senses)
	return m
}

// rarity is what a concept weighs where questions are compared: as a search weighs it, by
// its most usual form in the library, against a word that no clause has.
func (x *Lexical) rarity(c bridge.Concept) float64 {
	most := x.index.IDF(0)
	own, known := x.meanIDF(c.Text)
	weight := own
	for _, f := range c.Forms {
		if w, ok := x.meanIDF(f.Text); ok {
			weight, known = min(weight, w), true
		}
	}
	if !known && c.Cut {
		weight *= noWord
	}
	if most <= 0 {
		return weight
	}
	return max(leastRarity, weight/most)
}

const (
	noWord      = 0.4  // of two characters that no clause has: the end of one word and the beginning of the next
	leastRarity = 0.05 // of a word that every clause has
)

// meanIDF is the mean rarity of the pairs and words of a text, and whether the library
// has all of them.
func (x *Lexical) meanIDF(text string) (mean float64, known bool) {
	sum, n := 0.0, 0
	known = true
	for _, k := range analysis.AppendKeys(nil, text) {
		if analysis.KindOf(k) == analysis.Unigram {
			continue
		}
		known = known && x.index.Has(k)
		sum += x.index.IDF(k)
		n++
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), known
}

// When an entry acts: how alike its question and the one that is asked must be, by the
// weight of what they say in common in both directions, unless they are set apart: on the
// whole, and beside the words of the title of the clause's document, which any question
// about the document may have. Measured on questions about the seeds; see
// bot/eval/taught_test.go.
const (
	alikeBehind = 0.51 // least likeness where the clause is behind others
	alikeFirst  = 0.60 // the same where the clause is first without the entry, which only vouches for it
	foreignMost = 0.05 // there, the most share of known words that neither entry nor clause says
	theSame     = 0.90 // from here on it is only looked at whether something else takes the place of a word
	mostNear    = 32   // entries that are compared
	misplaced   = -1.0 // focus of a document of another place than the question names
	lead        = 0.05 // of the clause that is put first over the next
)

// raise puts the clause of the entry that asks what q asks first, if there is one. Scores
// of other clauses stay as they are. matches are ordered; so is what it returns.
func (m *marked) raise(s *Searcher, q Query, r *reading, matches []Match) []Match {
	if m == nil || q.Bare || len(q.Context) > 0 || len(m.entries) == 0 {
		return matches
	}
	e, similarity := m.find(s, q, matches)
	if e == nil {
		return matches
	}
	i := slices.IndexFunc(matches, func(x Match) bool { return x.Unit == e.unit })
	if i < 0 {
		h := s.lexical.index.Score(r.terms, []int{e.unit})[0]
		i = len(matches)
		matches = append(matches, Match{ID: e.Clause, Unit: e.unit, Clause: h.UnitScore, Document: h.GroupScore})
	}
	first := matches[i]
	first.Taught = &TaughtPart{Entry: e.ID, Question: e.Question, Similarity: similarity}
	if i > 0 {
		first.Taught.Part = matches[0].Score + lead - first.Score
		first.Score += first.Taught.Part
		copy(matches[1:i+1], matches[:i])
	}
	matches[0] = first
	return matches
}

// find returns the entry that acts, and how alike its question is; nil for none.
func (m *marked) find(s *Searcher, q Query, matches []Match) (*entry, float64) {
	focus := q.focused()
	if i, ok := m.exact[lettersOf(q.Text)]; ok && focus(m.entries[i].Clause) > misplaced {
		return &m.entries[i], 1
	}
	asked := m.bridge.Sense(q.Text, s.lexical.rarity)
	own := sync.OnceValue(func() *sayer { return s.lexical.sayer(asked) })
	for _, n := range m.crowd.Near(asked, alikeBehind/2, mostNear) {
		e, value := &m.entries[n.Place], n.Value()
		if value < alikeBehind {
			break
		}
		first := len(matches) > 0 && matches[0].Unit == e.unit
		if focus(e.Clause) > misplaced && own().means(e, value, first) && !asked.Replaces(e.sense) {
			return e, value
		}
	}
	return nil, 0
}

// A sayer tells what clauses say of a question.
type sayer struct {
	x       *Lexical
	asked   *bridge.Sense
	at      map[uint64]int // key → its number in the matcher
	matcher *analysis.Matcher
}

func (x *Lexical) sayer(asked *bridge.Sense) *sayer {
	s := &sayer{x: x, asked: asked, at: map[uint64]int{}}
	var keys []uint64
	for _, c := range asked.Concepts() {
		texts := []string{c.Text}
		for _, f := range c.Forms {
			texts = append(texts, f.Text)
		}
		for _, t := range texts {
			for _, k := range analysis.AppendKeys(nil, t) {
				if _, ok := s.at[k]; !ok {
					s.at[k] = len(keys)
					keys = append(keys, k)
				}
			}
		}
	}
	s.matcher = analysis.NewMatcher(keys)
	return s
}

// means decides about an entry whose likeness has some value. first says that its clause
// is first without it.
func (s *sayer) means(e *entry, value float64, first bool) bool {
	if value >= theSame {
		return true
	}
	least := alikeBehind
	if first {
		least = alikeFirst
	}
	if value < least || first && s.asked.Foreign(e.sense, s.clause(e.unit)) > foreignMost {
		return false
	}
	entry := s.x.sayer(e.sense)
	return bridge.Beside(s.asked, e.sense, s.title(e.unit), entry.title(e.unit)).Value() >= least
}

// clause tells how much a clause says of each concept, in any form, in its text, the
// headings above it and the title.
func (s *sayer) clause(unit int) func(bridge.Concept) float64 {
	return s.in(s.x.bodies.at(unit), s.x.paths.at(unit), s.x.titles.at(s.x.index.Group(unit)))
}

// title is clause for the title of its document alone.
func (s *sayer) title(unit int) func(bridge.Concept) float64 {
	return s.in(s.x.titles.at(s.x.index.Group(unit)))
}

// in tells how much texts say of each concept, in any form.
func (s *sayer) in(texts ...[]uint16) func(bridge.Concept) float64 {
	has := make([]bool, len(s.at))
	for _, text := range texts {
		s.matcher.Match(text, func(k, _ int) { has[k] = true })
	}
	share := func(text string) float64 {
		n, all := 0, 0
		for _, k := range analysis.AppendKeys(nil, text) {
			if analysis.KindOf(k) == analysis.Unigram {
				continue
			}
			all++
			if has[s.at[k]] {
				n++
			}
		}
		if all == 0 {
			return 0
		}
		return float64(n) / float64(all)
	}
	return func(c bridge.Concept) float64 {
		best := share(c.Text)
		for _, f := range c.Forms {
			if f.Weight > best {
				best = max(best, f.Weight*share(f.Text))
			}
		}
		return best
	}
}
