package eval

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/retrieval"
	"policybot/retrieval/metrics"
	"policybot/retrieval/retrievaltest"
)

const (
	goldenDepth = 20 // clauses that are retrieved for a question
	shownDepth  = 10 // ranks that the lines of the questions show
)

// seededDesk searches the seeds, held in memory, as of one fixed day.
var seededDesk = sync.OnceValues(func() (*bot.Desk, error) {
	lib, err := retrievaltest.Seeds(context.Background())
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err != nil {
		return nil, err
	}
	measures, err := eligibilitytest.Seeds(context.Background(), lib)
	return &bot.Desk{Library: lib, Now: func() time.Time { return day }, Measures: measures}, err
})

// TestGoldenRetrieval compares where the search puts the golds of the
// development questions with testdata/retrieval-seeds.golden. Every change of
// ranking shows there; with -update the file is written anew, to be read
// before it is kept.
func TestGoldenRetrieval(t *testing.T) {
	desk, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	got := goldenReport(t, desk, readQuestions(t, "dev.jsonl"))
	compareLines(t, "testdata/retrieval-seeds.golden", got)
}

// deskSearch searches with a desk: the clauses alone.
func deskSearch(desk *bot.Desk) func(context.Context, bot.Question, int) ([]retrieval.Clause, error) {
	return func(ctx context.Context, q bot.Question, k int) ([]retrieval.Clause, error) {
		found, err := desk.Search(ctx, q, k)
		var out []retrieval.Clause
		for _, h := range found.Hits {
			out = append(out, h.Clause)
		}
		return out, err
	}
}

// goldenReport is a summary and one line for each question with gold.
func goldenReport(t *testing.T, desk *bot.Desk, questions []Question) string {
	t.Helper()
	clauses := libraryClauses(t, desk.Library)
	var lines strings.Builder
	var rankings []metrics.Ranking
	for _, q := range questions {
		if len(q.Gold) == 0 {
			continue
		}
		golds := goldIDs(t, q, clauses)
		found, err := desk.Search(t.Context(), q.Ask(), goldenDepth)
		if err != nil {
			t.Fatalf("question %s: %v", q.ID, err)
		}
		ranking := metrics.Ranking{Relevant: map[string]int{}}
		for _, id := range golds {
			ranking.Relevant[id] = 1
		}
		for _, h := range found.Hits {
			ranking.Ranked = append(ranking.Ranked, h.Clause.ID)
		}
		rankings = append(rankings, ranking)
		lines.WriteString(goldenLine(q, golds, ranking.Ranked))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Where the search puts the golds of dev.jsonl in the library of the seeds, %d clauses a question.\n", goldenDepth)
	fmt.Fprintf(&b, "# question | rank of each gold, - beyond %d | golds | the first clause, when it is no gold | text\n\n", shownDepth)
	fmt.Fprintf(&b, "%-9s  %d\n", "questions", len(rankings))
	for _, k := range []int{1, 5, 10, goldenDepth} {
		fmt.Fprintf(&b, "%-9s  %.3f\n", fmt.Sprintf("recall@%d", k), metrics.Recall(rankings, k))
	}
	fmt.Fprintf(&b, "%-9s  %.3f\n%-9s  %.3f\n\n", "mrr@10", metrics.MRR(rankings, 10), "ndcg@10", metrics.NDCG(rankings, 10))
	return b.String() + lines.String()
}

func libraryClauses(t *testing.T, lib *retrieval.Library) []retrieval.Clause {
	t.Helper()
	docs, err := lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []retrieval.Clause
	for _, d := range docs {
		clauses, err := lib.Clauses(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, clauses...)
	}
	return all
}

// goldIDs are the clauses that hold the golds of a question, in their order.
// Each gold must be held by exactly one clause.
func goldIDs(t *testing.T, q Question, clauses []retrieval.Clause) []string {
	t.Helper()
	var golds []string
	for _, gold := range q.Gold {
		var held []string
		for _, c := range clauses {
			if holds(c, gold) {
				held = append(held, c.ID)
			}
		}
		if len(held) != 1 {
			t.Fatalf("question %s: the gold %q of %s stands in the clauses %q, want one", q.ID, gold.Quote, gold.File, held)
		}
		golds = append(golds, held...)
	}
	return golds
}

// goldenLine is the line of one question. Its columns have fixed widths, so
// that one line can change without the others.
func goldenLine(q Question, golds, ranked []string) string {
	ranks := make([]string, len(golds))
	for i, id := range golds {
		ranks[i] = "-"
		if at := slices.Index(ranked, id); at >= 0 && at < shownDepth {
			ranks[i] = strconv.Itoa(at + 1)
		}
	}
	first := "(nothing found)"
	if len(ranked) > 0 {
		first = ranked[0]
	}
	if slices.Contains(golds, first) {
		first = ""
	}
	line := fmt.Sprintf("%-4s | %-5s | %-40s | %-37s | %s",
		q.ID, strings.Join(ranks, " "), strings.Join(golds, " "), first, shortened(q.Text, 60))
	return strings.TrimRight(line, " ") + "\n"
}

// shortened is a text on one line, cut to a number of columns.
func shortened(s string, columns int) string {
	s = oneLine(s)
	if width(s) <= columns {
		return s
	}
	runes := []rune(s)
	for width(string(runes)) > columns-1 {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// lineDiff lists the lines in which two texts differ: those of want with -,
// those of got with +, and as few as can be. It is empty when the texts are
// equal.
func lineDiff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	common := make([][]int, len(a)+1) // lines that a[i:] and b[j:] have in common, in order
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out.WriteString("- " + a[i] + "\n")
			i++
		default:
			out.WriteString("+ " + b[j] + "\n")
			j++
		}
	}
	return out.String()
}

func TestLineDiff(t *testing.T) {
	for _, tt := range []struct{ want, got, diff string }{
		{"a\nb\n", "a\nb\n", ""},
		{"", "a", "- \n+ a\n"},
		{"a\nb\nc\n", "a\nB\nc\n", "- b\n+ B\n"},
		{"a\nb\nc\n", "a\nc\n", "- b\n"},
		{"a\nc\n", "a\nb\nc\n", "+ b\n"},
		{"a\nb\n", "b\na\n", "- a\n+ a\n"},
		{"\na\n\nb\nc\n", "\n\n\nb\nC\n", "- a\n+ \n- c\n+ C\n"},
		{"a\n", "a", "- \n"},
	} {
		if diff := lineDiff(tt.want, tt.got); diff != tt.diff {
			t.Errorf("lineDiff(%q, %q) = %q, want %q", tt.want, tt.got, diff, tt.diff)
		}
	}
}
