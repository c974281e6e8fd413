package main

import (
	"fmt"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/terminal"
)

// eligibility writes the measures that an answer tells of as a table: verdict, what is
// missing, where it stands; in the language of the answer.
func (a *app) eligibility(s *terminal.Screen, answer bot.Answer) {
	in := *a
	in.lang = answer.Lang
	a = &in
	t := terminal.Table{Columns: []terminal.Column{
		{Head: "#"}, {Head: a.msg("e_measure")}, {Head: a.msg("e_verdict")}, {Head: a.msg("e_open")}, {Head: a.msg("e_clause"), Keep: true},
	}}
	for _, m := range answer.Eligibility {
		if m.N == 0 {
			continue
		}
		t.Rows = append(t.Rows, terminal.Row{Cells: []string{
			strconv.Itoa(m.N), m.Measure.Title, a.verdict(m.Verdict), strings.Join(open(m), "; "), m.Clause.Document.ID + " " + m.Clause.Path,
		}})
	}
	if len(t.Rows) > 1 {
		s.Table(t)
	}
}

func (a *app) verdict(v eligibility.Verdict) string {
	switch v {
	case eligibility.Met:
		return a.msg("e_met")
	case eligibility.NotMet:
		return a.msg("e_not_met")
	}
	return a.msg("e_unknown")
}

// open are the conditions that decide a verdict that is not met: those that are not
// met, else those that are not known.
func open(m bot.Eligible) []string {
	var out []string
	for _, c := range m.Criteria {
		if c.Verdict == m.Verdict && m.Verdict != eligibility.Met {
			out = append(out, c.Text)
		}
	}
	return out
}

// checklist prints the conditions of an answer's measures, or says that it has none.
func (a *app) checklist(answer bot.Answer) error {
	text := bot.Checklist(answer)
	if text == "" {
		text = a.msg("e_none")
	}
	_, err := fmt.Fprintln(a.out, terminal.Clean(text))
	return err
}
