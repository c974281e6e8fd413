package eval

import (
	"fmt"
	"slices"
	"strings"

	"policybot/bot"
)

// A Why is the explanation of an answer in short: how its question was read, and
// where the golds stood among the clauses that were looked at. The JSON keys
// are stable; a list without entries may be null.
type Why struct {
	Intents   []string   `json:"intents"` // the main one first
	Kind      string     `json:"kind"`    // of what is off topic
	Places    []string   `json:"places"`  // held by the library
	Others    []string   `json:"others"`  // not held
	Asker     []string   `json:"asker"`   // of both: where the asker is
	Documents []string   `json:"documents"`
	Missing   []string   `json:"missing"`   // titles that the library lacks
	AsOf      string     `json:"as_of"`     // the day, where the question says one
	Follows   bool       `json:"follows"`   // earlier turns give its subject
	Inherited []string   `json:"inherited"` // what they give
	Concepts  []Concept  `json:"concepts"`  // what it is about, each once
	LookedAt  int        `json:"looked_at"` // clauses
	First     *LookedAt  `json:"first"`     // best clause; null without clauses
	Golds     []LookedAt `json:"golds"`     // in the order of the question's golds
	Because   string     `json:"because"`   // what the answer turned on: one line for people
}

// A Concept is something that a question is about.
type Concept struct {
	Text    string `json:"text"`
	Unknown bool   `json:"unknown"` // no clause says it
	Context bool   `json:"context"` // an earlier turn says it, not the question
}

// A LookedAt is a clause among those that were looked at. Its Rank is 0, and
// what follows it too, when it was not among them.
type LookedAt struct {
	Place
	Coverage float64 `json:"coverage"` // share of what is asked that it says
	Score    float64 `json:"score"`    // of the search
	Cited    bool    `json:"cited"`
}

// newWhy shortens an explanation; nil when there is none.
func newWhy(q Question, a bot.Answer, x bot.Explanation) *Why {
	u := x.Understanding
	if len(u.Intents) == 0 {
		return nil
	}
	w := &Why{
		Kind: string(u.Kind), Places: u.Held(), Others: u.Others(), Missing: u.Missing, AsOf: u.AsOf,
		Follows: u.Follows, Inherited: u.Inherited, LookedAt: len(x.Hits), Concepts: concepts(x.Evidence), Golds: []LookedAt{},
	}
	for _, i := range u.Intents {
		w.Intents = append(w.Intents, string(i))
	}
	for _, p := range u.Places {
		if p.Asker && !slices.Contains(w.Asker, p.Name) {
			w.Asker = append(w.Asker, p.Name)
		}
	}
	for _, d := range u.Documents {
		w.Documents = append(w.Documents, d.ID)
	}
	if len(x.Hits) > 0 {
		first := lookedAt(x.Hits, 0)
		w.First = &first
	}
	for _, gold := range q.Gold {
		at := slices.IndexFunc(x.Hits, func(h bot.ExplainedHit) bool { return holds(h.Clause, gold) })
		l := LookedAt{Place: Place{File: gold.File, Clause: gold.Clause}}
		if at >= 0 {
			l = lookedAt(x.Hits, at)
		}
		w.Golds = append(w.Golds, l)
	}
	w.Because = w.because(a)
	return w
}

func lookedAt(hits []bot.ExplainedHit, i int) LookedAt {
	h := hits[i]
	return LookedAt{Place{h.Clause.Document.Source, h.Clause.Path, i + 1}, h.Coverage, h.Score, h.Cited}
}

// concepts lists what the searches of a question were about, each once.
func concepts(e *bot.Evidence) []Concept {
	out := []Concept{}
	if e == nil {
		return out
	}
	for _, side := range e.Sides {
		for _, c := range side.Concepts {
			if !slices.ContainsFunc(out, func(o Concept) bool { return o.Text == c.Text }) {
				out = append(out, Concept{Text: c.Text, Unknown: c.Unknown, Context: c.Context})
			}
		}
	}
	return out
}

// because says why there is no answer, or why golds are not cited.
func (w *Why) because(a bot.Answer) string {
	if a.Outcome != bot.Answered {
		return w.declined(a)
	}
	var said []string
	for _, gold := range w.Golds {
		switch {
		case gold.Cited:
		case gold.Rank == 0:
			said = append(said, fmt.Sprintf("gold %s is not among the %d clauses looked at", gold.Clause, w.LookedAt))
		case gold.Rank == 1:
			said = append(said, fmt.Sprintf("gold %s is first and was left out for other clauses", gold.Clause))
		default:
			said = append(said, fmt.Sprintf("gold %s has %s of the first clause's score and says %s of what is asked, the first %s",
				gold.Clause, ratio(gold.Score, w.First.Score), hundredths(gold.Coverage), hundredths(w.First.Coverage)))
		}
	}
	if len(w.Golds) == 0 && w.First != nil {
		said = append(said, fmt.Sprintf("the first clause says %s of what is asked, confidence %.2f", hundredths(w.First.Coverage), a.Confidence))
	}
	return strings.Join(said, "; ")
}

// declined says why there is no answer.
func (w *Why) declined(a bot.Answer) string {
	said := []string{strings.TrimSpace(a.Outcome + " " + a.Reason)}
	add := func(name string, words ...string) {
		if words = slices.DeleteFunc(words, func(s string) bool { return s == "" }); len(words) > 0 {
			said = append(said, name+" "+strings.Join(words, ", "))
		}
	}
	add("off topic:", w.Kind)
	add("the clauses do not say:", a.Lacking)
	add("not in the library:", slices.Concat(a.Missing, a.Places.Others)...)
	switch {
	case a.Outcome == bot.Refused:
	case w.First == nil:
		said = append(said, "no clause was looked at")
	default:
		said = append(said, fmt.Sprintf("the first clause says %s of what is asked", hundredths(w.First.Coverage)))
	}
	return strings.Join(said, "; ")
}

// read is how the question was read, for people.
func (w *Why) read() string {
	parts := []string{strings.TrimSpace(strings.Join(w.Intents, ", ") + " " + w.Kind)}
	add := func(name string, words []string) {
		if len(words) > 0 {
			parts = append(parts, name+" "+strings.Join(words, ", "))
		}
	}
	add("places", w.Places)
	add("places not held", w.Others)
	add("asker in", w.Asker)
	add("documents", w.Documents)
	add("titles not held", w.Missing)
	if w.AsOf != "" {
		parts = append(parts, "as of "+w.AsOf)
	}
	if w.Follows {
		parts = append(parts, "follows earlier turns")
	}
	add("from earlier turns", w.Inherited)
	return strings.Join(parts, "; ")
}

// about lists the concepts: one that no clause says with (?), one of an
// earlier turn in brackets.
func (w *Why) about() string {
	var texts []string
	for _, c := range w.Concepts {
		text := c.Text
		if c.Unknown {
			text += " (?)"
		}
		if c.Context {
			text = "[" + text + "]"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// ranks sets the golds beside the first clause.
func (w *Why) ranks() string {
	if w.First == nil {
		return ""
	}
	var texts []string
	for _, gold := range w.Golds {
		if gold.Rank == 0 {
			texts = append(texts, "gold "+gold.Clause+" not looked at")
		} else {
			texts = append(texts, fmt.Sprintf("gold %s at %d, coverage %s", gold.Clause, gold.Rank, hundredths(gold.Coverage)))
		}
	}
	first := fmt.Sprintf("first %s, coverage %s", strings.TrimSpace(w.First.File+" "+w.First.Clause), hundredths(w.First.Coverage))
	return strings.Join(append(texts, first), "; ")
}

func hundredths(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

// ratio is a part of a whole in per cent; of nothing it is a dash.
func ratio(part, whole float64) string {
	if whole <= 0 {
		return "-"
	}
	return hundredths(part / whole)
}
