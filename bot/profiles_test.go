package bot_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/strength"
)

// A judgedProfile is a profile with the measures that fit it, judged by hand.
type judgedProfile struct {
	ID      string          `json:"id"`
	Profile json.RawMessage `json:"profile"`
	Match   []judgedMeasure `json:"match"`
	May     []judgedMeasure `json:"may_match"`
	No      []judgedMeasure `json:"no_match"`
}

type judgedMeasure struct{ Measure, File, Quote, Clause, Time string }

// TestProfileAnswers asks with whole profiles, in both languages: what matches and may
// match is listed and cited, what does not is not offered, and what is over says so.
func TestProfileAnswers(t *testing.T) {
	for _, question := range []string{"我们能享受哪些政策？", "What are we eligible for?"} {
		listed, all, offered, not, noted, over := 0, 0, 0, 0, 0, 0
		for _, p := range judgedProfiles(t) {
			a := p.ask(t, question)
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

func judgedProfiles(t *testing.T) []judgedProfile {
	t.Helper()
	f, err := os.Open("eligibility/testdata/profiles.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []judgedProfile
	for s := bufio.NewScanner(f); s.Scan(); {
		var p judgedProfile
		if err := json.Unmarshal(s.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// ask asks with the profile, on its day.
func (p judgedProfile) ask(t *testing.T, question string) bot.Answer {
	t.Helper()
	var with struct {
		AsOf string `json:"as_of"`
	}
	if err := json.Unmarshal(p.Profile, &with); err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, with.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	a, err := desk(t).Ask(t.Context(), bot.Question{ID: p.ID, Text: question, Profile: p.Profile, AsOf: day})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// find finds a measure by the words that it is known by.
func find(a bot.Answer, m judgedMeasure) (bot.Eligible, bool) {
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
