package retrieval

import (
	"math"
	"slices"
	"strings"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bm25"
	"policybot/retrieval/bridge"
)

// What the other forms of a concept count in the search, against a word of the
// question: more where no clause has the user's own word.
const (
	unigramWeight = 0.6 // of a single character, against a pair or word
	formWeight    = 0.6 // beside a word that clauses have
	onlyWeight    = 1.0 // in place of one that none has
	inChinese     = 2.7 // times formWeight, of the Chinese forms of an English word: few texts are in English, so that its own word is rare whatever it says
	inEnglish     = 0.5 // of such an English word itself
	askWeight     = 0.1 // of words that only ask, and of names that Focus stands for
	maxExpansions = 160 // keys of other forms, for a question of any length
)

// A Concept is something that a query speaks of, with the other forms that a
// clause may say it in; see package bridge.
type Concept struct {
	Text    string        `json:"text"`              // as in the query, in normal form
	Weight  float64       `json:"weight"`            // rarity: that of its most usual form in the library
	Forms   []bridge.Form `json:"forms,omitempty"`   // those that the library has
	Unknown bool          `json:"unknown,omitempty"` // neither it nor another form stands in any clause
	Entry   bool          `json:"entry,omitempty"`   // the files of words have it
	Context bool          `json:"context,omitempty"` // an earlier turn speaks of it, not the question
	Start   int           `json:"start"`             // bytes of the text that speaks of it
	End     int           `json:"end"`
}

// A reading is a query as it is searched for.
type reading struct {
	query    Query
	terms    []bm25.Term // own words first, then expansions
	own      int         // terms that are the query's own
	concepts []concept
}

// A concept is one with its keys, as indexes into the terms.
type concept struct {
	Concept
	forms []formKeys
}

type formKeys struct {
	weight float64
	keys   []int // of pairs and words, in terms
	idf    []float64
	sum    float64 // of idf
}

// read prepares a query for searching x.
func (x *Lexical) read(q Query) *reading {
	r := &reading{query: q, terms: q.terms()}
	r.own = len(r.terms)
	at := map[uint64]int{}
	for i, t := range r.terms {
		at[t.Key] = i
	}
	if x.bridge == nil {
		return r
	}
	for i := range r.terms {
		if analysis.KindOf(r.terms[i].Key) == analysis.Unigram {
			r.terms[i].Weight *= unigramWeight
		}
	}
	x.concepts(r, q.Text, false, at)
	for _, text := range q.Context {
		x.concepts(r, text, true, at)
	}
	return r
}

// concepts adds what a text speaks of.
func (x *Lexical) concepts(r *reading, text string, context bool, at map[uint64]int) {
	found, asking := x.bridge.Read(text)
	x.weaken(r, text, append(asking, r.query.named(text)...), at)
	for i := 0; i < len(found); {
		run := 1
		for found[i].Cut && i+run < len(found) && found[i+run].Cut && found[i+run].Start < found[i+run-1].End {
			run++
		}
		for _, c := range x.apart(found[i : i+run]) {
			x.concept(r, c, context, at)
		}
		i += run
	}
}

// apart picks of a run of pairs, of which each shares a character with the next,
// some that share none: as many as can be that clauses have.
func (x *Lexical) apart(run []bridge.Concept) []bridge.Concept {
	if len(run) == 1 {
		return run
	}
	// best[i] is the most that can be had from run[i:].
	best := make([]int, len(run)+2)
	worth := func(i int) int {
		for _, k := range analysis.AppendKeys(nil, run[i].Text) {
			if analysis.KindOf(k) == analysis.Bigram && x.index.Has(k) {
				return 3
			}
		}
		return 2
	}
	for i := len(run) - 1; i >= 0; i-- {
		best[i] = max(best[i+1], worth(i)+best[i+2])
	}
	var out []bridge.Concept
	for i := 0; i < len(run); {
		if worth(i)+best[i+2] >= best[i+1] {
			out = append(out, run[i])
			i++
		}
		i++
	}
	return out
}

// concept adds a concept, or its parts where the library has it in no form.
func (x *Lexical) concept(r *reading, c bridge.Concept, context bool, at map[uint64]int) {
	own, known := x.formKeys(r, c.Text, 1, 0, at)
	single := len(own.keys) == 0 // a single character, which stands for nothing but what added lines have for it
	if single {
		known, c.Forms = false, slices.DeleteFunc(slices.Clone(c.Forms), func(f bridge.Form) bool { return !strings.HasPrefix(f.Entry, WordsName+":") })
	}
	out := concept{Concept: Concept{Text: c.Text, Context: context, Unknown: !known, Entry: len(c.Forms) > 0, Weight: own.mean(), Start: c.Start, End: c.End}, forms: []formKeys{own}}
	weight := formWeight
	if !known {
		weight = onlyWeight
	}
	if context {
		weight *= ContextWeight
	}
	for _, f := range c.Forms {
		if len(r.terms)-r.own > maxExpansions {
			break
		}
		own := weight
		if known && isHan(f.Text) && !isHan(c.Text) {
			own *= inChinese
		}
		keys, known := x.formKeys(r, f.Text, f.Weight, own, at)
		if !known || len(keys.keys) == 0 {
			continue
		}
		out.Forms = append(out.Forms, f)
		out.forms = append(out.forms, keys)
		out.Weight = min(out.Weight, keys.mean())
		out.Unknown = false
	}
	if known && !isHan(c.Text) && slices.ContainsFunc(out.Forms, func(f bridge.Form) bool { return isHan(f.Text) }) {
		for _, i := range own.keys {
			if i < r.own {
				r.terms[i].Weight = min(r.terms[i].Weight, inEnglish)
			}
		}
	}
	if out.Unknown && len(c.Parts) > 0 {
		for _, part := range c.Parts {
			x.concept(r, part, context, at)
		}
		return
	}
	if single && len(out.Forms) == 0 {
		return
	}
	if context {
		out.Weight *= ContextWeight
	}
	r.concepts = append(r.concepts, out)
}

// weaken lowers the weight of own words that only ask.
func (x *Lexical) weaken(r *reading, text string, asking [][2]int, at map[uint64]int) {
	only := map[uint64]bool{} // key → it stands nowhere else
	for _, t := range analysis.Append(nil, text) {
		within := slices.ContainsFunc(asking, func(a [2]int) bool { return a[0] <= t.Start && t.End <= a[1] })
		was, ok := only[t.Key]
		word := analysis.KindOf(t.Key) == analysis.Word // a word that asks does so everywhere; characters may be in other words too
		only[t.Key] = within && (!ok || was || word) || was && word
	}
	for k, within := range only {
		if i, ok := at[k]; ok && within && i < r.own {
			r.terms[i].Weight = min(r.terms[i].Weight, askWeight)
		}
	}
}

// formKeys looks the pairs and words of a form up. Those that are no terms yet
// become some, with a share of the weight, where the library has all of them.
func (x *Lexical) formKeys(r *reading, text string, share, weight float64, at map[uint64]int) (formKeys, bool) {
	f := formKeys{weight: share}
	var keys []uint64
	known := true
	for _, k := range analysis.AppendKeys(nil, text) {
		if analysis.KindOf(k) == analysis.Unigram {
			continue
		}
		keys = append(keys, k)
		known = known && x.index.Has(k)
	}
	if !known && weight > 0 {
		return f, false
	}
	for _, k := range keys {
		i, ok := at[k]
		if !ok {
			i = len(r.terms)
			at[k] = i
			r.terms = append(r.terms, bm25.Term{Key: k, Weight: weight * share})
		} else if i >= r.own {
			r.terms[i].Weight = max(r.terms[i].Weight, weight*share)
		}
		f.keys = append(f.keys, i)
		idf := x.index.IDF(k)
		f.idf = append(f.idf, idf)
		f.sum += idf
	}
	return f, known
}

// mean is the mean rarity of the form's keys.
func (f formKeys) mean() float64 {
	if len(f.keys) == 0 {
		return math.Inf(1)
	}
	return f.sum / float64(len(f.keys))
}

// share is how much of the concept counts has, at most 1: of its form that is
// there most, by rarity.
func (c *concept) share(has func(term int) bool) float64 {
	best := 0.0
	for _, f := range c.forms {
		if f.weight <= best || f.sum == 0 {
			continue
		}
		sum := 0.0
		for i, k := range f.keys {
			if has(k) {
				sum += f.idf[i]
			}
		}
		best = max(best, f.weight*sum/f.sum)
	}
	return best
}

// list is what the query speaks of.
func (r *reading) list() []Concept {
	out := make([]Concept, len(r.concepts))
	for i, c := range r.concepts {
		out[i] = c.Concept
	}
	return out
}

// isHan reports whether a text begins with a Chinese character.
func isHan(s string) bool { return s != "" && s[0] >= 0xe3 }
