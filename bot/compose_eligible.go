package bot

import (
	"slices"
	"strconv"
	"strings"

	"policybot/bot/eligibility"
	"policybot/prompts"
)

// maxTitles is how many measures a question names that depend on its answer.
const maxTitles = 3

// eligibility writes the measures that the text tells of, condition by condition. In a
// list of measures each stands with the sentence that offers it.
func (c *composer) eligibility(a Answer, list bool) {
	told := slices.DeleteFunc(slices.Clone(a.Eligibility), func(t Eligible) bool { return t.N == 0 })
	if len(told) == 0 {
		return
	}
	c.gap()
	c.line("elig_head", nil)
	quoted := map[int]bool{}
	for i, t := range told {
		c.measure(i+1, t, a.Force(t))
		if list && !quoted[t.N] {
			quoted[t.N] = true
			c.quoted(a, t.N)
		}
		c.criteria(t)
	}
}

// quoted writes the sentences of one citation.
func (c *composer) quoted(a Answer, n int) {
	for _, s := range a.Sentences {
		if slices.Equal(s.Citations, []int{n}) {
			c.sentence("quote", s)
		}
	}
}

// listsOffers reports whether an answer is a list of measures: what it says is what
// they offer, and nothing else.
func (a Answer) listsOffers() bool {
	for _, s := range a.Sentences {
		offers := func(t Eligible) bool { return slices.Equal(s.Citations, []int{t.N}) && t.Measure.Quote == s.Text }
		if !slices.ContainsFunc(a.Eligibility, offers) {
			return false
		}
	}
	return len(a.Sentences) > 0
}

// isOver reports whether a notice says that the time of a clause has passed.
func (a Answer) isOver(clause string) bool {
	return slices.ContainsFunc(a.Notices, func(n Notice) bool {
		return slices.Contains([]string{NoticePeriodOver, NoticeTargetYearOver, NoticeDeadlinePassed}, n.Kind) && slices.Contains(n.Clauses, clause)
	})
}

// Force says what the words of a measure are worth to who meets its conditions, "" where one is not met.
func (a Answer) Force(t Eligible) string {
	if t.Verdict == eligibility.NotMet {
		return ""
	}
	force := prompts.Render(a.Lang, "strength_"+t.Measure.Strength, nil)
	if a.isOver(t.Clause.ID) {
		force = prompts.Render(a.Lang, "strength_over", prompts.Slots{"strength": force})
	}
	return force
}

// measure writes the line of one measure.
func (c *composer) measure(n int, t Eligible, force string) {
	slots := prompts.Slots{"n": strconv.Itoa(n), "title": t.Measure.Title, "marker": markers([]int{t.N})}
	if force != "" {
		slots["strength"] = force
	}
	if t.Verdict == eligibility.Unknown {
		slots["count"] = strconv.Itoa(len(t.with(eligibility.Unknown)))
	}
	c.line("elig_"+string(t.Verdict), slots)
}

// with are the conditions of a verdict.
func (t Eligible) with(v eligibility.Verdict) []EligibleCriterion {
	return slices.DeleteFunc(slices.Clone(t.Criteria), func(k EligibleCriterion) bool { return k.Verdict != v })
}

// criteria writes the conditions of a measure, a line for each verdict: what is not
// met with what it rests on, before what is not known and what is met.
func (c *composer) criteria(t Eligible) {
	for _, v := range []eligibility.Verdict{eligibility.NotMet, eligibility.Unknown, eligibility.Met} {
		var list []string
		for _, k := range t.with(v) {
			list = append(list, c.criterion(k))
		}
		if len(list) > 0 {
			c.line("crit_"+string(v), prompts.Slots{"criteria": strings.Join(list, c.semicolon())})
		}
	}
}

// criterion words one condition with what its verdict rests on.
func (c *composer) criterion(k EligibleCriterion) string {
	name, slots := "crit_plain", prompts.Slots{"criterion": k.Text}
	switch {
	case k.Who != "":
		name, slots["who"] = "crit_others", k.Who
	case k.Words != "" && k.Verdict != eligibility.Unknown:
		name, slots["words"] = "crit_words", k.Words
	case k.Verdict == eligibility.NotMet && len(k.Keys) > 0:
		name, slots["fact"] = "crit_given", k.Fact
	}
	return prompts.Render(c.lang, name, slots)
}

// semicolon separates parts that may have commas.
func (c *composer) semicolon() string {
	return map[string]string{prompts.Chinese: "；", prompts.English: "; "}[c.lang]
}

// noMeasure writes why no measure is listed: none is left, or too little is known of
// the asker.
func (c *composer) noMeasure(n *Counts) {
	if n == nil || n.Met+n.Unknown == 0 {
		c.line("none_measure", nil)
		return
	}
	c.line("none_measure_yet", prompts.Slots{"unknown": strconv.Itoa(n.Unknown)})
}

// asks writes what was noted, how many measures there are, and what is asked next.
func (c *composer) asks(a Answer) {
	before := c.section
	defer func() { c.section = before }()
	c.section = SectionAsks
	c.gap()
	if a.Unheard {
		c.line("unheard", nil)
	}
	if len(a.Heard) > 0 {
		c.line("heard", prompts.Slots{"facts": strings.Join(a.Heard, c.semicolon())})
	}
	if n := a.Counts; n != nil && n.Met+n.Unknown+n.NotMet > len(a.Eligibility) {
		c.line("elig_counts", prompts.Slots{
			"all": strconv.Itoa(n.Met + n.Unknown + n.NotMet), "met": strconv.Itoa(n.Met), "unknown": strconv.Itoa(n.Unknown), "not_met": strconv.Itoa(n.NotMet),
		})
		if a.Same > 0 {
			c.line("elig_same", prompts.Slots{"same": strconv.Itoa(a.Same)})
		}
		if faint := n.Unknown - n.Listed; faint > 0 && a.Reason != ReasonNoMeasure { // which says it
			c.line("elig_faint", prompts.Slots{"faint": strconv.Itoa(faint)})
		}
	}
	if i := a.Interview; i != nil && i.Doubt != nil {
		c.line("doubt", prompts.Slots{"was": i.Doubt.Was.Words, "is": i.Doubt.Is.Words})
	}
	if a.Next != nil {
		c.section = SectionQuestion
		c.question(*a.Next)
	}
}

// question writes the question that an answer ends with, and why it is asked.
func (c *composer) question(q Asking) {
	slots := prompts.Slots{"question": q.Text}
	name := "ask_fact"
	if len(q.Choices) > 0 {
		var list []string
		for i, choice := range q.Choices {
			list = append(list, strconv.Itoa(i+1)+" "+choice)
		}
		slots["choices"] = strings.Join(list, map[string]string{prompts.Chinese: "，", prompts.English: ", "}[c.lang])
		if name = "ask_fact_one"; len(q.Keys) > 1 {
			name = "ask_fact_choices"
		}
	}
	c.line(name, slots)
	titles := strings.Join(q.Measures[:min(len(q.Measures), maxTitles)], c.semicolon())
	if len(q.Measures) > maxTitles {
		titles = prompts.Render(c.lang, "ask_titles_more", prompts.Slots{"titles": titles})
	}
	c.line("ask_because", prompts.Slots{
		"document": prompts.Render(c.lang, "document", prompts.Slots{"title": q.Clause.Document.Title}), "path": q.Clause.Path,
		"words": q.Words, "count": strconv.Itoa(len(q.Measures)), "titles": titles,
	})
	c.line("ask_hint", nil)
}
