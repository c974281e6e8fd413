package eval

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
)

// answerSets are the question sets of TestGoldenAnswers.
var answerSets = []string{"dev.jsonl", "questions.jsonl", "pairs.jsonl"}

// A floor is what the figures of a question set must not fall below, so that
// writing the golden file anew cannot hide a fall. Each is in per cent.
type floor struct {
	passed, cited, facts, recall5, abstention float64 // at least
	overRefusal, mustNot                      float64 // at most
}

// answerFloors are raised by hand after a gain that is there to stay.
var answerFloors = map[string]floor{
	"dev.jsonl":       {passed: 92, cited: 95, facts: 91, recall5: 94, abstention: 92, overRefusal: 2.5, mustNot: 1},
	"questions.jsonl": {passed: 70.5, cited: 75.5, facts: 71.5, recall5: 82.5, abstention: 80, overRefusal: 8.5, mustNot: 1},
	"pairs.jsonl":     {passed: 79.5, cited: 85.5, facts: 82.5, recall5: 92, abstention: 85, overRefusal: 7, mustNot: 1},
}

// TestGoldenAnswers compares the answers to the question sets with
// testdata/answers-seeds.golden: every change of an answer shows there. With
// -update the file is written anew, to be read before it is kept; the floors of
// answerFloors hold all the same.
func TestGoldenAnswers(t *testing.T) {
	desk, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	var tops, lines strings.Builder
	for _, set := range answerSets {
		answers := map[string]bot.Answer{}
		ask := func(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
			a, x, err := desk.Explain(ctx, q)
			answers[q.ID] = a
			return a, x, err
		}
		questions := readQuestions(t, set)
		report, err := Run(t.Context(), questions, ask, deskSearch(desk), nil)
		if err != nil {
			t.Fatal(err)
		}
		checkFloor(t, set, report)
		writeTop(&tops, set, report)
		fmt.Fprintf(&lines, "\n%s\n", set)
		for i, v := range report.Verdicts {
			lines.WriteString(answerLine(v, answers[v.ID], questions[i]))
		}
	}
	got := "# The answers to the question sets from the library of the seeds. First the figures of each set, then its questions:\n" +
		"# question | passed, or the checks that failed | outcome, or the reason of another than answered | cited clauses | notices | text\n" +
		tops.String() + lines.String()
	compareLines(t, "testdata/answers-seeds.golden", got)
}

// compareLines compares a text with a file, or writes it with -update.
func compareLines(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := lineDiff(string(want), got); diff != "" {
		t.Errorf("%s differs (- the file, + this run); make golden writes it anew\n%s", path, diff)
	}
}

// checkFloor holds the figures of a set to its floor.
func checkFloor(t *testing.T, set string, r Report) {
	t.Helper()
	f, ok := answerFloors[set]
	if !ok {
		t.Errorf("%s has no floor", set)
	}
	for _, figure := range []struct {
		name      string
		got, want float64
		most      bool
	}{
		{"passed", r.Total.Passed.Rate, f.passed, false},
		{"gold cited", r.Total.Citation.Rate, f.cited, false},
		{"facts", r.Total.Facts.Rate, f.facts, false},
		{"recall@5", r.Retrieval.Recall5, f.recall5, false},
		{"abstention recall", r.AbstentionRecall.Rate, f.abstention, false},
		{"over-refusal", r.OverRefusal.Rate, f.overRefusal, true},
		{"must not", r.Total.MustNot.Rate, f.mustNot, true},
	} {
		got := 100 * figure.got
		switch {
		case figure.most && got > figure.want:
			t.Errorf("%s: %s is %.1f %%, at most %.1f %% is allowed", set, figure.name, got, figure.want)
		case !figure.most && got < figure.want:
			t.Errorf("%s: %s is %.1f %%, at least %.1f %% is asked for", set, figure.name, got, figure.want)
		}
	}
	if r.Total.Quotes.Hits != r.Total.Quotes.Of {
		t.Errorf("%s: %d of %d quotes are verbatim", set, r.Total.Quotes.Hits, r.Total.Quotes.Of)
	}
}

// writeTop writes the figures of a set.
func writeTop(b *strings.Builder, set string, r Report) {
	fmt.Fprintf(b, "\n%s, %d questions\n", set, r.Questions)
	row := func(name, text string) { fmt.Fprintf(b, "  %-25s  %s\n", name, text) }
	share := func(name string, s Share) { row(name, s.fraction()+"  "+s.percent()) }
	share("passed", r.Total.Passed)
	share("behaviour", r.Total.Behaviour)
	share("gold cited", r.Total.Citation)
	share("gold cited, clarify", r.Total.ClarifyCitation)
	share("precision", r.Total.Precision)
	share("facts", r.Total.Facts)
	share("must not", r.Total.MustNot)
	share("quotes", r.Total.Quotes)
	share("over-refusal", r.OverRefusal)
	share("abstention recall", r.AbstentionRecall)
	row("recall@1 @5 @10", strings.Join([]string{decimals(r.Retrieval.Recall1), decimals(r.Retrieval.Recall5), decimals(r.Retrieval.Recall10)}, " "))
	c, k := r.Citations, r.RiskCoverage
	row("one gold", fmt.Sprintf("%d answered, mean %.2f, most %d cited", c.OneGold, c.OneGoldMean, c.OneGoldMax))
	share("unmarked, other place", c.OtherPlace)
	share("unmarked, asker elsewhere", c.AskerElsewhere)
	for _, kind := range []string{bot.NoticePeriodOver, bot.NoticeTargetYearOver, bot.NoticeDeadlinePassed, NoNotice} {
		share("expired: "+kind, c.ExpiredNotices[kind])
	}
	row("cross-lingual recall@5", fmt.Sprintf("%s over %d", decimals(c.CrossLingual.Recall5), c.CrossLingual.Questions))
	row("English recall@5", fmt.Sprintf("%s over %d", decimals(c.English.Recall5), c.English.Questions))
	row("risk: area", fmt.Sprintf("%s, %d of %d answers wrong", decimals(k.AURC), k.Wrong, k.Answered))
	row("coverage at 1 5 10 %", percent(k.Coverage1)+"  "+percent(k.Coverage5)+"  "+percent(k.Coverage10))
	if p := r.Parity; p != nil {
		row("pairs", fmt.Sprint(p.Pairs))
		row("zh - en: passed", signed(p.Passed.Difference))
		row("zh - en: gold cited", signed(p.Citation.Difference))
		row("zh - en: recall@5", signed(p.Recall5.Difference))
		row("only zh, only en passed", fmt.Sprintf("%d, %d", len(p.OnlyChinese), len(p.OnlyEnglish)))
	}
}

// answerLine is the line of one question. Its columns have fixed widths, so
// that one line can change without the others.
func answerLine(v Verdict, a bot.Answer, q Question) string {
	state := "passed"
	if !v.Passed {
		state = strings.Join(v.Failed, " ")
	}
	outcome := v.Outcome
	if v.Reason != "" {
		outcome = v.Reason
	}
	var cited []string
	for _, c := range a.Citations {
		if !slices.Contains(cited, c.Clause.ID) {
			cited = append(cited, c.Clause.ID)
		}
	}
	line := fmt.Sprintf("%-5s | %-25s | %-14s | %-52s | %-24s | %s",
		v.ID, state, outcome, strings.Join(cited, " "), strings.Join(v.Notices, " "), shortened(q.Text, 40))
	return strings.TrimRight(line, " ") + "\n"
}
