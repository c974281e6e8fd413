// Package said reads what people say of their own enterprise in a message: where it
// is, what it makes, what it holds, what it wants. Text goes in, facts with the words
// that say them come out; nothing is inferred beyond the words, and what is only asked
// about, heard of, supposed or said of others is no fact. The phrases are those of
// bot/eligibility/facts.yaml.
package said

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/quantity/fold"
)

// A Fact is something that a message states, by the bytes of its words.
type Fact struct {
	eligibility.Known
	Start, End int
}

// Read lists what a message states of its writer's enterprise, in the order of the
// words, each fact once. own tells that the message answers a question about the
// enterprise, so that it needs no word such as 我们 to be about it.
//
// Two values of one fact in one message are dropped, unless a correction stands
// between them.
func Read(message string, v *eligibility.Vocabulary, own bool) []Fact {
	t := fold.New(message)
	r := reader{text: t, folded: string(t.Runes), vocabulary: v}
	r.own = own || asker.MatchString(r.folded)
	for _, c := range clauses(r.folded) {
		r.clause(c)
	}
	return r.facts()
}

// A reader collects what a message states.
type reader struct {
	text       fold.Text
	folded     string
	vocabulary *eligibility.Vocabulary
	own        bool
	found      []Fact
}

// clause reads one clause.
func (r *reader) clause(c clause) {
	if !r.own || c.skip {
		return
	}
	for _, p := range phrasesOf(r.vocabulary) {
		for _, at := range p.find(c.text) {
			r.phrase(c, p, at[0], at[1])
		}
	}
	r.numbers(c)
	r.places(c)
}

// phrase notes a phrase that stands at a place of a clause.
func (r *reader) phrase(c clause, p *phrase, start, end int) {
	if !c.states(start, end, p.plan) {
		return
	}
	value := p.value
	if p.key != "" && negated(c.text[:start], c.text[start:end], c.text[end:]) {
		switch {
		case p.choice:
			return // what it is not does not say what it is
		case value == eligibility.Yes:
			value = eligibility.No
		default:
			return
		}
	}
	r.add(p.key, value, c.start+start, c.start+end)
}

// add notes a fact by the bytes of the folded text.
func (r *reader) add(key, value string, start, end int) {
	i, j := utf8.RuneCountInString(r.folded[:start]), utf8.RuneCountInString(r.folded[:end])
	from, to := r.text.Span(i, j)
	r.found = append(r.found, Fact{eligibility.Known{Key: key, Value: value, Words: r.text.Raw[from:to]}, from, to})
}

// facts are what was found, each fact once: of words within one another the longer,
// of two values the one after a correction, else none.
func (r *reader) facts() []Fact {
	slices.SortStableFunc(r.found, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var kept []Fact
	for _, f := range r.found {
		inside := slices.ContainsFunc(r.found, func(o Fact) bool {
			return o.Key == f.Key && o.Start <= f.Start && f.End <= o.End && o.End-o.Start > f.End-f.Start
		})
		if !inside {
			kept = append(kept, f)
		}
	}
	var out []Fact
	for i, f := range kept {
		if slices.ContainsFunc(kept[:i], func(o Fact) bool { return o.Key == f.Key }) {
			continue
		}
		if one, ok := r.settle(f, kept[i+1:]); ok {
			out = append(out, one)
		}
	}
	return out
}

// settle picks one of the values that a message has of a fact.
func (r *reader) settle(f Fact, later []Fact) (Fact, bool) {
	for _, o := range later {
		switch {
		case o.Key != f.Key || o.Value == f.Value:
		case o.Key == "place" && strings.HasPrefix(o.Value, f.Value+"/"):
			f = o // says it more closely
		case o.Key == "place" && strings.HasPrefix(f.Value, o.Value+"/"):
		case Corrects(r.text.Raw[f.End:o.Start]):
			f = o
		case f.Key == "entity" && ownWord.MatchString(strings.ToLower(f.Words)):
		case f.Key == "entity" && ownWord.MatchString(strings.ToLower(o.Words)):
			f = o
		default:
			return f, false
		}
	}
	return f, true
}
