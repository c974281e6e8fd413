package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"policybot/bot/eligibility"
	"policybot/prompts"
	"policybot/retrieval"
)

// compared is a result as the asker is told it.
func (e *Evidence) compared(r eligibility.Result, n int) Eligible {
	b, lang := r.Bound, e.Understanding.Lang
	out := Eligible{
		Measure: EligibleMeasure{ID: b.ID, Title: b.Title.In(lang), Quote: b.Offer(), Strength: b.Strength, Period: periodOf(b.Clause.Document)},
		Clause:  b.Clause, Verdict: r.Verdict, N: n, Criteria: []EligibleCriterion{},
	}
	for _, c := range r.Criteria {
		out.Criteria = append(out.Criteria, e.criterion(b, c))
	}
	return out
}

// periodOf is what a document states of its period.
func periodOf(d retrieval.Document) string {
	switch {
	case d.ValidFrom != "" || d.ValidUntil != "":
		return cmp.Or(d.ValidFrom, "..") + "/" + cmp.Or(d.ValidUntil, "..")
	case d.Deadline != "":
		return "../" + d.Deadline
	case d.TargetYear > 0:
		return fmt.Sprintf("../%d", d.TargetYear)
	}
	return ""
}

// criterion is a condition as the asker is told it.
func (e *Evidence) criterion(b eligibility.Bound, c eligibility.Compared) EligibleCriterion {
	lang, v := e.Understanding.Lang, b.Vocabulary()
	out := EligibleCriterion{Verdict: c.Verdict}
	if c.Standing != "" {
		out.Text = render(lang, "standing_"+c.Standing, "day", showDate(e.Day, lang))
		out.Fact = showDate(e.Day, lang)
		return out
	}
	out.Text, out.Quote = c.Criterion.Name(v, lang), c.Criterion.Words
	var facts []string
	for _, k := range c.Used {
		f, _ := v.Fact(k.Key)
		out.Keys = append(out.Keys, k.Key)
		if c.Verdict == eligibility.Unknown {
			out.Who = f.Never.In(lang)
			facts = append(facts, label(f, lang))
			continue
		}
		out.Words = cmp.Or(out.Words, k.Words)
		facts = append(facts, e.stated(f, k))
	}
	out.Fact = strings.Join(facts, map[string]string{"zh": "；", "en": "; "}[lang])
	return out
}

// label names a fact by itself, without a value.
func label(f eligibility.Fact, lang string) string {
	if f.Kind == eligibility.YesNo || f.Kind == eligibility.Number {
		return f.Label(lang)
	}
	return render(lang, "name_"+f.Key)
}

// stated tells the value of a fact.
func (e *Evidence) stated(f eligibility.Fact, k eligibility.Known) string {
	lang := e.Understanding.Lang
	value := k.Value
	switch f.Kind {
	case eligibility.YesNo:
		value = render(lang, "value_"+cmp.Or(k.Value, "unknown"))
	case eligibility.Choice, eligibility.Place:
		value = f.ValueName(k.Value, lang)
	case eligibility.Number:
		value = f.Amount(k.Value, lang)
	}
	if k.Value == "" || k.Value == eligibility.No && f.Kind != eligibility.YesNo {
		value = render(lang, "value_unknown")
	}
	return label(f, lang) + map[string]string{"zh": "：", "en": ": "}[lang] + value
}

// render fills a template with names and values in turn.
func render(lang, name string, pairs ...string) string {
	slots := prompts.Slots{}
	for i := 0; i+1 < len(pairs); i += 2 {
		slots[pairs[i]] = pairs[i+1]
	}
	return prompts.Render(lang, name, slots)
}

// next is what is asked next.
func (e *Evidence) next(results []eligibility.Result) (eligibility.Question, bool) {
	var skip []string
	for _, k := range e.Eligible.Profile.Facts {
		if k.Value == "" {
			skip = append(skip, k.Key)
		}
	}
	return eligibility.Next(results, func(r eligibility.Result) bool { return r.Fits() || e.foundFor(r) }, skip)
}

// interviewed ends an answer with what is asked next, and keeps the interview in it.
func (e *Evidence) interviewed(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	i := x.Interview
	i.Verdicts = map[string]string{}
	for _, r := range results {
		if slices.ContainsFunc(a.Eligibility, func(t Eligible) bool { return t.Measure.ID == r.Bound.ID }) {
			i.Verdicts[r.Bound.ID] = state(r)
		}
	}
	if !e.lists() && len(i.Measures) == 0 {
		for _, r := range results {
			i.Measures = append(i.Measures, r.Bound.ID)
		}
	}
	a.Counts, a.Unused, a.Unheard = count(results), x.Unused, x.Unheard
	for _, t := range a.Eligibility {
		if t.Verdict == eligibility.Unknown {
			a.Counts.Listed++
		}
	}
	if q, ok := e.next(results); ok && i.Doubt == nil && !i.Over && !x.Profile.Closed && a.Outcome != Abstained && a.Outcome != Refused {
		a.Next = e.asking(q)
		i.Asked = q.Keys
	}
	a.Interview = &i
}

// state is the verdict of a measure with how many facts it still depends on.
func state(r eligibility.Result) string {
	return fmt.Sprintf("%s %d", r.Verdict, len(r.Open()))
}

// noted tells back what a message says of the asker: always in an interview, else
// when it is more than the place or the kind of body.
func (e *Evidence) noted(a *Answer) {
	x := e.Eligible
	says := slices.ContainsFunc(x.News, func(k eligibility.Known) bool { return !eligibility.Common(k.Key) })
	if len(a.Eligibility) > 0 || a.Next != nil || x.Interview.Doubt != nil || says && (a.Outcome == Answered || a.Outcome == Abstained) {
		a.Heard = e.heard()
	}
}

// heard are the facts of this message, as they are told back.
func (e *Evidence) heard() []string {
	v := e.Eligible.vocabulary()
	var out []string
	for _, k := range e.Eligible.News {
		if k.Left {
			continue
		}
		f, _ := v.Fact(k.Key)
		out = append(out, e.stated(f, k))
	}
	return out
}

// asking is a question as it is put.
func (e *Evidence) asking(q eligibility.Question) *Asking {
	lang := e.Understanding.Lang
	text, choices := q.Ask(lang)
	b := q.Measures[0]
	out := &Asking{Keys: q.Keys, Kind: q.Fact(q.Keys[0]).Kind, Text: text, Choices: choices, Words: q.Because.Words, Clause: b.Clause, Measures: []string{}}
	if !strings.Contains(b.Clause.Text, out.Words) { // they stand in another clause of the document
		out.Words = b.Quote
	}
	for _, m := range q.Measures {
		out.Measures = append(out.Measures, m.Title.In(lang))
	}
	return out
}

// Counts count measures by verdict.
type Counts struct {
	Met     int `json:"met"`
	Unknown int `json:"unknown"`
	NotMet  int `json:"not_met"`
	Listed  int `json:"listed"` // of the unknown ones those of which more is known than the place
}

func count(results []eligibility.Result) *Counts {
	var c Counts
	for _, r := range results {
		switch r.Verdict {
		case eligibility.Met:
			c.Met++
		case eligibility.Unknown:
			c.Unknown++
		default:
			c.NotMet++
		}
	}
	return &c
}
