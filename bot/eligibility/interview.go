package eligibility

import (
	"regexp"
	"slices"
	"strings"
)

// A Question is what is asked next: one fact, or several of one topic of which the
// asker picks those that are true.
type Question struct {
	Keys []string // never empty; several only of yes_no facts
	// Measures are those that an answer can decide, in the order of the results.
	Measures []Bound
	counts   map[string]int // measures by fact, with their weights
	// Because is the criterion of the first of them that needs the answer.
	Because    Criterion
	vocabulary *Vocabulary
	topic      Topic
}

// Next picks the fact that can change the most verdicts: that on which the most
// measures of unknown verdict still depend, of which one that comes first, because it
// fits what is known, counts [fitting] others; and with it at most [maxChoices] of its topic. What is true of few comes last; of facts that
// are equal the first in the vocabulary. skip are facts that are not asked for
// again, because the asker does not know them or was asked. ok is false when no
// answer can change a verdict.
func Next(results []Result, first func(Result) bool, skip []string) (q Question, ok bool) {
	var topics []Question
	for _, r := range results {
		for _, key := range r.Open() {
			f, _ := r.Bound.vocabulary.Fact(key)
			if !f.Askable() || slices.Contains(skip, key) {
				continue
			}
			weight := 1
			if first(r) {
				weight = fitting
			}
			topics = add(topics, r, key, weight)
		}
	}
	for _, t := range topics {
		if !ok || t.before(q) {
			q, ok = t, true
		}
	}
	return q.limited(), ok
}

// fitting is how many measures of which nothing is known yet one counts that fits what
// is known: who says what they want is asked about that first.
const fitting = 4

// maxChoices is how many facts are asked for at once.
const maxChoices = 8

// limited leaves the facts on which the most measures depend.
func (q Question) limited() Question {
	if len(q.Keys) <= maxChoices {
		return q
	}
	byCount := slices.Clone(q.Keys)
	slices.SortStableFunc(byCount, func(a, b string) int { return q.counts[b] - q.counts[a] })
	q.Keys = slices.DeleteFunc(slices.Clone(q.Keys), func(k string) bool { return !slices.Contains(byCount[:maxChoices], k) })
	return q
}

// most is how many measures depend on the fact on which the most do.
func (q Question) most() int {
	n := 0
	for _, c := range q.counts {
		n = max(n, c)
	}
	return n
}

// Question is the question for some facts of one topic, as [Next] would ask it; keys
// that the vocabulary does not have are left out. It has no measures.
func (v *Vocabulary) Question(keys []string) Question {
	q := Question{vocabulary: v}
	for _, k := range keys {
		if _, ok := v.facts[k]; ok {
			q.Keys = append(q.Keys, k)
		}
	}
	if len(q.Keys) > 0 {
		q.topic = v.topic(q.Keys[0])
	}
	return q
}

// Asked finds the question that a text of ours asks, in either language: the facts of
// the choices that it offers, or the one fact. No keys when it asks none.
func (v *Vocabulary) Asked(text string) []string {
	best, keys := "", []string(nil)
	for line := range strings.Lines(text) {
		for _, lang := range []string{"zh", "en"} {
			for _, t := range v.topics {
				if ask := t.Ask.In(lang); len(ask) > len(best) && strings.Contains(line, ask) {
					best, keys = ask, v.offered(t, line, lang)
				}
			}
			for _, k := range v.order {
				if ask := v.facts[k].Ask.In(lang); len(ask) > len(best) && strings.Contains(line, ask) {
					best, keys = ask, []string{k}
				}
			}
		}
	}
	return keys
}

// offered are the facts of a topic that a line offers, each with its number.
func (v *Vocabulary) offered(t Topic, line, lang string) []string {
	var keys []string
	for _, k := range t.Facts {
		choice := regexp.MustCompile(`\d ` + regexp.QuoteMeta(v.facts[k].Label(lang)) + `(?:[，；）)]|[,;] |$)`)
		if choice.MatchString(line) {
			keys = append(keys, k)
		}
	}
	return keys
}

// add notes that a measure depends on a fact.
func add(topics []Question, r Result, key string, weight int) []Question {
	t := r.Bound.vocabulary.topic(key)
	i := slices.IndexFunc(topics, func(o Question) bool { return o.topic.Facts[0] == t.Facts[0] })
	if i < 0 {
		i = len(topics)
		topics = append(topics, Question{topic: t, vocabulary: r.Bound.vocabulary, Because: r.because(key), counts: map[string]int{}})
	}
	q := &topics[i]
	q.counts[key] += weight
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
			return *c.Criterion
		}
	}
	return Criterion{}
}

// before reports whether a question is asked before another one.
func (q Question) before(o Question) bool {
	if q.rare() != o.rare() {
		return !q.rare()
	}
	if q.most() != o.most() {
		return q.most() > o.most()
	}
	return q.place() < o.place()
}

// rare reports whether all that is asked for is true of few.
func (q Question) rare() bool {
	return !slices.ContainsFunc(q.Keys, func(k string) bool { return !q.vocabulary.facts[k].Rare })
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
