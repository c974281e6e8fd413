package bot

import (
	"strconv"
	"strings"

	"policybot/bot/eligibility"
	"policybot/prompts"
)

// Checklist is the measures of an answer, condition by condition, as plain lines to be
// copied into a reply; "" when there are none.
func Checklist(a Answer) string {
	c := composer{lang: a.Lang}
	c.checklist(a)
	return strings.TrimSpace(c.b.String())
}

// checklist writes the measures that an answer tells of.
func (c *composer) checklist(a Answer) {
	n := 0
	for _, t := range a.Eligibility {
		if t.N == 0 {
			continue
		}
		if n++; n == 1 {
			c.line("checklist_head", nil)
		}
		c.line("checklist_measure", prompts.Slots{
			"n": strconv.Itoa(n), "title": t.Measure.Title, "path": t.Clause.Path,
			"document": prompts.Render(c.lang, "document", prompts.Slots{"title": t.Clause.Document.Title}),
		})
		for _, k := range t.Criteria {
			name := "checklist_" + string(k.Verdict)
			if k.Verdict == eligibility.Unknown && k.Who != "" {
				c.line("checklist_others", prompts.Slots{"criterion": k.Text, "who": k.Who})
				continue
			}
			c.line(name, prompts.Slots{"criterion": k.Text})
		}
	}
}
