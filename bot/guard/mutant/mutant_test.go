package mutant_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eval"
	"policybot/bot/guard"
	"policybot/bot/guard/mutant"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// A true answer with the question that it is for.
type answered struct {
	question string
	claims   guard.Claims
}

// answers are what the program says to the questions, each answer once.
func answers(t *testing.T, lib *retrieval.Library) []answered {
	t.Helper()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	desk := &bot.Desk{Library: lib, Now: func() time.Time { return day }}
	var out []answered
	seen := map[string]bool{}
	for i, q := range questions(t) {
		if i%every != 0 {
			continue
		}
		a, e, err := desk.Explain(t.Context(), q.Ask())
		if err != nil {
			t.Fatalf("question %s: %v", q.ID, err)
		}
		key := fmt.Sprint(a.Sentences, a.Notices, a.Lang)
		if a.Outcome != bot.Answered || seen[key] {
			continue
		}
		seen[key] = true
		on, err := time.Parse(time.DateOnly, e.Evidence.Day)
		if err != nil {
			t.Fatal(err)
		}
		c := guard.Claims{Sentences: a.Sentences, Citations: a.Citations, Notices: a.Notices, Lang: a.Lang, Day: on}
		for _, n := range a.Notices {
			if n.Kind == guard.OtherPlace {
				c.Elsewhere = append(c.Elsewhere, n.Clauses...)
			}
		}
		out = append(out, answered{q.ID, c})
	}
	return out
}

func questions(t *testing.T) []eval.Question {
	t.Helper()
	var out []eval.Question
	for _, name := range []string{"dev.jsonl", "questions.jsonl", "pairs.jsonl"} {
		f, err := os.Open("../../eval/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := eval.ReadQuestions(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, list...)
	}
	return out
}

func clausesByID(t *testing.T, lib *retrieval.Library) map[string]retrieval.Clause {
	t.Helper()
	out, err := retrievaltest.Clauses(t.Context(), lib)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A count is how many of some mutants were refused.
type count struct{ refused, all int }

func (c *count) add(refused bool) {
	c.all++
	if refused {
		c.refused++
	}
}

func (c count) share() float64 { return float64(c.refused) / float64(max(1, c.all)) }

func (c count) String() string {
	if c.all == 0 {
		return strings.Repeat(" ", 12)
	}
	return fmt.Sprintf("%5.1f%% %5d", 100*c.share(), c.all)
}

// A table counts by class and depth.
type table map[string]*[4]count

func (t table) add(class string, depth int, refused bool) {
	if t[class] == nil {
		t[class] = new([4]count)
	}
	t[class][depth].add(refused)
}

func (t table) class(class string) (sum count) {
	for _, c := range t[class] {
		sum = count{sum.refused + c.refused, sum.all + c.all}
	}
	return sum
}

func (t table) all() (sum count) {
	for class := range t {
		c := t.class(class)
		sum = count{sum.refused + c.refused, sum.all + c.all}
	}
	return sum
}

func (t table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-24s %-12s  %-12s  %-12s  %-12s  %-12s\n", "class", "all", "0 structure", "1 sentence", "2 + quote", "3 + clause")
	for _, class := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%-24s %s", class, t.class(class))
		for _, c := range t[class] {
			fmt.Fprintf(&b, "  %s", c)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%-24s %s\n", "all", t.all())
	return b.String()
}

// kind is what sort of mistake a mutant has.
func kind(m mutant.Mutant) string {
	note, _, _ := strings.Cut(m.Note, ": ")
	return fmt.Sprintf("%s %d %s", m.Class, m.Depth, note)
}

// missed lists what was not refused by kind.
type missed map[string][]string

func (m missed) add(one mutant.Mutant, a answered) {
	text := ""
	for i, s := range one.Claims.Sentences {
		if i >= len(a.claims.Sentences) || s.Text != a.claims.Sentences[i].Text {
			text = s.Text
			break
		}
	}
	m[kind(one)] = append(m[kind(one)], fmt.Sprintf("%s %s %s", a.question, one.Note, text))
}

func (m missed) String() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "\n%4d %s: %s", len(m[key]), key, m[key][0])
	}
	return b.String()
}
