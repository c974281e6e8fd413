package bot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/retrieval/retrievaltest"
)

// TestInterviews has the conversations of testdata/interviews, whose lines of what we
// did are golden: run with -update and read what has changed.
//
//	> what the person writes
//	= outcome and reason
//	+ what was noted
//	! what contradicts what
//	* measures by verdict, with the facts that are not known
//	? the facts that are asked for
func TestInterviews(t *testing.T) {
	lib, err := retrievaltest.Seeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	measures, err := eligibilitytest.Seeds(t.Context(), lib)
	if err != nil {
		t.Fatal(err)
	}
	desk := &bot.Desk{Library: lib, Measures: measures}
	files, err := filepath.Glob("testdata/interviews/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no interviews", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, desk, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("--- got\n%s\n--- want\n%s", got, want)
			}
		})
	}
}

// converse asks the questions of a script, and returns it with what came of them.
func converse(t *testing.T, desk *bot.Desk, script string) string {
	t.Helper()
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	var out strings.Builder
	var before *bot.Interview
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		text, asked := strings.CutPrefix(line, "> ")
		switch {
		case strings.HasPrefix(line, "# as of "):
			var err error
			if day, err = time.Parse(time.DateOnly, strings.TrimPrefix(line, "# as of ")); err != nil {
				t.Fatal(err)
			}
			fallthrough
		case strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
		case asked:
			a, _, err := desk.Explain(t.Context(), bot.Question{ID: "q", Text: text, AsOf: day, Before: before})
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			before = a.Interview
			fmt.Fprintf(&out, "\n> %s\n%s", text, protocol(a))
		}
	}
	return out.String()
}

// protocol is what an answer did, in a few lines.
func protocol(a bot.Answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace("= "+a.Outcome+" "+a.Reason+" "+a.Profile))
	for _, h := range a.Heard {
		fmt.Fprintln(&b, "+", h)
	}
	if a.Reason == bot.ReasonProfile {
		for _, h := range a.Known {
			fmt.Fprintln(&b, h)
		}
	}
	if i := a.Interview; i != nil && i.Doubt != nil {
		fmt.Fprintf(&b, "! %s: %s / %s\n", i.Doubt.Was.Key, i.Doubt.Was.Value, i.Doubt.Is.Value)
	}
	for _, t := range a.Eligibility {
		shown := ""
		if t.N == 0 {
			shown = " (not told)"
		}
		fmt.Fprintf(&b, "* %s %s%s%s\n", t.Measure.ID, t.Verdict, keysOfCriteria(t), shown)
	}
	if a.Next != nil {
		fmt.Fprintln(&b, "?", strings.Join(a.Next.Keys, ", "))
	}
	return b.String()
}

// keysOfCriteria are the facts that decide a verdict: those not known, or not as wanted.
func keysOfCriteria(t bot.Eligible) string {
	var keys []string
	for _, c := range t.Criteria {
		if c.Verdict == t.Verdict && t.Verdict != eligibility.Met {
			keys = append(keys, c.Keys...)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return ": " + strings.Join(keys, ", ")
}

// TestNothingListed ends interviews that list no measure: what is open is not said to
// be settled.
func TestNothingListed(t *testing.T) {
	desk := desk(t)
	for _, test := range []struct {
		name     string
		messages []string
		profile  string
		want     string // the first line of the last answer begins so
		counts   string
	}{
		{"open", []string{"我们公司能申请什么？", "不知道", "结束"}, "", "按已知情况，还不能确定您符合哪一项措施；有 43 项待核实", "符合 0 项，待核实 43 项"},
		{"open in English", []string{"What support is there for our company?", "don't know", "done"}, "", "By what is known, no measure can be said to be met yet; 47 remain to be checked", "0 met, 47 to be checked"},
		{"none left", []string{"我们能申请什么？"}, `{"place":"上海","entity":"university"}`, "按已知情况，资料库里没有对象相符的措施", "符合 0 项，待核实 0 项"},
		{"none left in English", []string{"What support is there for us?"}, `{"place":"上海","entity":"university"}`, "By what is known, no measure in the library is addressed to you", "0 met, 0 to be checked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := bot.Question{ID: "q"}
			if test.profile != "" {
				q.Profile = json.RawMessage(test.profile)
			}
			var a bot.Answer
			for _, text := range test.messages {
				var err error
				q.Text, q.Before = text, a.Interview
				if a, err = desk.Ask(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			if a.Reason != bot.ReasonNoMeasure || !strings.HasPrefix(a.Text, test.want) || !strings.Contains(a.Text, test.counts) {
				t.Errorf("%s: got\n%s\nwant %q and %q", a.Reason, a.Text, test.want, test.counts)
			}
		})
	}
}
