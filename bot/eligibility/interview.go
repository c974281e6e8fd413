package eligibility

import "slices"

// A Question is what is asked next: one fact, or several of one topic of which the
// asker picks those that are true.
type Question struct {
	Keys []string // never empty; several only of yes_no facts
	// Measures are those that an answer can decide, in the order of the results.
	Measures []Bound
	// Because is the criterion of the first of them that needs the answer.
	Because    Criterion
	vocabulary *Vocabulary
	topic      Topic
}

// Next picks the question whose answer can change the most verdicts: the topic with a
// fact that the most measures of unknown verdict still depend on. Of those that are
// equal it is the first in the vocabulary. skip are facts that are not asked for
// again, because the asker does not know them or was asked. ok is false when no
// answer can change a verdict.
func Next(results []Result, skip []string) (q Question, ok bool) {
	var topics []Question
	for _, r := range results {
		for _, key := range r.Open() {
			f, _ := r.Bound.vocabulary.Fact(key)
			if !f.Askable() || slices.Contains(skip, key) {
				continue
			}
			topics = add(topics, r, key)
		}
	}
	for _, t := range topics {
		if !ok || t.before(q) {
			q, ok = t, true
		}
	}
	return q, ok
}

// add notes that a measure depends on a fact.
func add(topics []Question, r Result, key string) []Question {
	t := r.Bound.vocabulary.topic(key)
	i := slices.IndexFunc(topics, func(o Question) bool { return o.topic.Facts[0] == t.Facts[0] })
	if i < 0 {
		i = len(topics)
		topics = append(topics, Question{topic: t, vocabulary: r.Bound.vocabulary, Because: r.because(key)})
	}
	q := &topics[i]
	if !slices.Contains(q.Keys, key) {
		q.Keys = append(q.Keys, key)
		slices.SortFunc(q.Keys, func(a, b string) int { return slices.Index(t.Facts, a) - slices.Index(t.Facts, b) })
	}
	if !slices.ContainsFunc(q.Measures, func(b Bound) bool { return b.ID == r.Bound.ID }) {
		q.Measures = append(q.Measures, r.Bound)
	}
	return topics
}

// because is the first unknown criterion about a fact.
func (r Result) because(key string) Criterion {
	for _, c := range r.Criteria {
		if c.Verdict == Unknown && slices.ContainsFunc(c.Used, func(k Known) bool { return k.Key == key }) {
			return c.Criterion
		}
	}
	return Criterion{}
}

// before reports whether a question is asked before another one.
func (q Question) before(o Question) bool {
	if len(q.Measures) != len(o.Measures) {
		return len(q.Measures) > len(o.Measures)
	}
	return q.place() < o.place()
}

// place is the place of a question's topic in the vocabulary; those of no topic come
// last, in the order of their facts.
func (q Question) place() int {
	v := q.vocabulary
	if i := slices.IndexFunc(v.topics, func(t Topic) bool { return t.Facts[0] == q.topic.Facts[0] }); i >= 0 {
		return i
	}
	return len(v.topics) + slices.Index(v.order, q.Keys[0])
}

// Fact gives a fact that the question is about.
func (q Question) Fact(key string) Fact { return q.vocabulary.facts[key] }

// Ask is the question in a language: that of the topic where several facts are asked
// for, with their short names as choices.
func (q Question) Ask(lang string) (text string, choices []string) {
	f := q.Fact(q.Keys[0])
	switch {
	case len(q.Keys) > 1 && !q.topic.Ask.IsZero():
		for _, k := range q.Keys {
			choices = append(choices, q.Fact(k).Label(lang))
		}
		return q.topic.Ask.In(lang), choices
	case f.Kind == Choice:
		for _, v := range f.Values {
			choices = append(choices, v.Name.In(lang))
		}
	}
	return f.Ask.In(lang), choices
}
