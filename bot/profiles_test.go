package bot_test

import (
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/bot/strength"
)

// TestProfileAnswers asks with whole profiles, in both languages: what matches and may
// match is listed and cited, what does not is not offered, and what is over says so.
func TestProfileAnswers(t *testing.T) {
	judged, err := eligibilitytest.Profiles("eligibility/testdata/profiles.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, question := range []string{"我们能享受哪些政策？", "What are we eligible for?"} {
		listed, all, offered, not, noted, over := 0, 0, 0, 0, 0, 0
		for _, p := range judged {
			a := answer(t, bot.Question{ID: p.ID, Text: question, Profile: p.Profile, AsOf: p.Day})
			for _, m := range append(slices.Clone(p.Match), p.May...) {
				all++
				e, ok := find(a, m)
				if !ok || e.Verdict == eligibility.NotMet || e.N == 0 {
					t.Errorf("%s: %s is not listed", p.ID, m.Measure)
					continue
				}
				listed++
				if strings.HasPrefix(m.Time, "after") {
					over++
					if isOver(a, e) {
						noted++
					} else {
						t.Errorf("%s: %s is over (%s), and no notice says so", p.ID, m.Measure, m.Time)
					}
				}
			}
			for _, m := range p.No {
				not++
				if e, ok := find(a, m); ok && e.Verdict != eligibility.NotMet {
					offered++
					t.Errorf("%s: %s is offered", p.ID, m.Measure)
				}
			}
		}
		t.Logf("%s listed %d of %d; offered that do not match %d of %d; notices that it is over %d of %d", question, listed, all, offered, not, noted, over)
	}
}

// find finds a measure by the words that it is known by.
func find(a bot.Answer, m eligibilitytest.Listed) (bot.Eligible, bool) {
	for _, e := range a.Eligibility {
		if e.Clause.Path == m.Clause && e.Clause.Document.Source == m.File && strings.Contains(e.Measure.Quote, m.Quote) && e.Measure.ID == strings.ToLower(m.Measure) {
			return e, true
		}
	}
	return bot.Eligible{}, false
}

// isOver reports whether a notice says of a measure's clause that its time has passed.
func isOver(a bot.Answer, e bot.Eligible) bool {
	kinds := []string{bot.NoticePeriodOver, bot.NoticeTargetYearOver, bot.NoticeDeadlinePassed}
	return slices.ContainsFunc(a.Notices, func(n bot.Notice) bool {
		return slices.Contains(kinds, n.Kind) && slices.Contains(n.Clauses, e.Clause.ID)
	})
}

// TestStrengths: a measure of which the verbs say that it is only sought is not said to
// be more.
func TestStrengths(t *testing.T) {
	measures, err := desk(t).Measures.Approved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range measures {
		if strength.Of(b.Offer()).Strength == strength.Intention && b.Strength != eligibility.Intention {
			t.Errorf("%s is said to be %s, and its verbs seek it: %s", b.ID, b.Strength, b.Offer())
		}
	}
}
