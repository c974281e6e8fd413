package bot

import (
	"strconv"
	"time"

	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
)

// notices says what limits the cited documents, each limit once a document, in
// the order of the citations.
func notices(citations []Citation, u understand.Understanding, asOf time.Time) []Notice {
	out := []Notice{}
	at := map[[2]string]int{} // kind and document → place in out
	for _, c := range citations {
		for _, n := range documentNotices(c.Clause.Document, u.Lang, asOf) {
			key := [2]string{n.Kind, c.Clause.Document.ID}
			i, ok := at[key]
			if !ok {
				i = len(out)
				at[key] = i
				out = append(out, n)
			}
			out[i].Clauses = append(out[i].Clauses, c.Clause.ID)
		}
	}
	return out
}

func documentNotices(d retrieval.Document, lang string, asOf time.Time) []Notice {
	var out []Notice
	add := func(kind, template string, slots prompts.Slots) {
		slots["title"] = d.Title
		out = append(out, Notice{Kind: kind, Text: prompts.Render(lang, template, slots)})
	}
	switch d.StatusOn(asOf) {
	case retrieval.StatusNotPolicy:
		add(NoticeNotPolicy, "not_policy", prompts.Slots{})
	case retrieval.StatusRepealed:
		add(NoticeRepealed, "repealed", prompts.Slots{})
	case retrieval.StatusPeriodOver:
		add(NoticePeriodOver, "period_over", prompts.Slots{"until": showDate(d.ValidUntil, lang)})
	case retrieval.StatusTargetOver:
		add(NoticeTargetYearOver, "target_year_over", prompts.Slots{"year": strconv.Itoa(d.TargetYear)})
	case retrieval.StatusNotYet:
		add(NoticeFuture, "future", prompts.Slots{"from": showDate(d.ValidFrom, lang)})
	case retrieval.StatusUnknown:
		if d.IssuedOn == "" && d.ValidFrom == "" {
			add(NoticeUndated, "undated", prompts.Slots{})
		}
	}
	if d.Translated {
		add(NoticeTranslation, "translation", prompts.Slots{})
	}
	return out
}

// showDate prints a date of the form YYYY, YYYY-MM or YYYY-MM-DD for reading.
func showDate(date, lang string) string {
	for layout, form := range map[string][2]string{
		"2006":        {"2006年", "2006"},
		"2006-01":     {"2006年1月", "January 2006"},
		time.DateOnly: {"2006年1月2日", "2 January 2006"},
	} {
		if t, err := time.Parse(layout, date); err == nil && len(layout) == len(date) {
			if lang == prompts.Chinese {
				return t.Format(form[0])
			}
			return t.Format(form[1])
		}
	}
	return date
}

// formatDate prints a whole date in a layout of package time; "" when it is none.
func formatDate(date, layout string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return t.Format(layout)
}
