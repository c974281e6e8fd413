package rephrased_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/auditor"
	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/bot/guard/rephrased"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

var (
	survivors = flag.Int("survivors", 0, "how many of each class to list")
	part      = flag.String("part", "some", "which paraphrases: all, odd, even, or some, one of seven")
)

// slower is how many times fewer paraphrases are looked at where each takes longer:
// under the race detector.
var slower = 1

// A checker refuses sentences.
type checker struct {
	name    string
	refuses func(p rephrased.Paraphrase, sentence string) string // why, "" when it does not
}

// library is the clauses of the seeds.
func library(t *testing.T) map[string]retrieval.Clause {
	t.Helper()
	lib, err := retrievaltest.Seeds(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out, err := retrievaltest.Clauses(t.Context(), lib)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// byGuard is the checker that answers go through.
func byGuard(t *testing.T, clauses map[string]retrieval.Clause) checker {
	all := make([]retrieval.Clause, 0, len(clauses))
	for _, c := range clauses {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b retrieval.Clause) int { return strings.Compare(a.ID, b.ID) })
	known := guard.Known{Names: guard.Names(all), Rephrased: true}
	return checker{"guard", func(p rephrased.Paraphrase, sentence string) string {
		claims := guard.Claims{Lang: p.Lang, Sentences: []guard.Sentence{{Text: sentence}}}
		for i, q := range p.Quotes {
			c, ok := clauses[q.Clause]
			at := strings.Index(c.Text, q.Text)
			if !ok || at < 0 {
				t.Fatalf("%s: the quote is not in %s", p.ID, q.Clause)
			}
			from := utf8.RuneCountInString(c.Text[:at])
			claims.Citations = append(claims.Citations, guard.Citation{N: i + 1, Clause: c, Quote: q.Text, QuoteStart: from, QuoteEnd: from + utf8.RuneCountInString(q.Text)})
			claims.Sentences[0].Citations = append(claims.Sentences[0].Citations, i+1)
		}
		if found := guard.CheckSoFar(claims, known); len(found) > 0 {
			return found[0].Rule + " " + found[0].What
		}
		return ""
	}}
}

// byAuditor is the second implementation, which shares no code with the first.
func byAuditor(clauses map[string]retrieval.Clause) checker {
	list := make([]auditor.Clause, 0, len(clauses))
	for _, c := range clauses {
		list = append(list, audited(c))
	}
	same, light := grounding.Thesaurus()
	known := auditor.NewLexicon(list).Learn([]string{same}, []string{light})
	return checker{"auditor", func(p rephrased.Paraphrase, sentence string) string {
		var quotes []auditor.Quote
		for _, q := range p.Quotes {
			c := clauses[q.Clause]
			d := c.Document
			quotes = append(quotes, auditor.Quote{Text: q.Text, About: append(slices.Clone(c.Parents), c.Heading, d.Title, d.Number, d.Issuer, d.Jurisdiction, d.IssuedOn, d.ValidFrom, d.ValidUntil)})
		}
		if found := auditor.Sentence(sentence, p.Lang, quotes, known); len(found) > 0 {
			return found[0].Rule + " " + found[0].What
		}
		return ""
	}}
}

func audited(c retrieval.Clause) auditor.Clause {
	d := c.Document
	return auditor.Clause{ID: c.ID, Path: c.Path, Heading: c.Heading, Text: c.Text, Departments: c.Departments, Document: auditor.Document{
		ID: d.ID, Title: d.Title, Number: d.Number, Issuer: d.Issuer, Jurisdiction: d.Jurisdiction, IssuedOn: d.IssuedOn, ValidFrom: d.ValidFrom, ValidUntil: d.ValidUntil,
	}}
}

// chosen reports whether the paraphrase with an index is looked at.
func chosen(i int) bool {
	switch *part {
	case "odd":
		return i%2 == 1
	case "even":
		return i%2 == 0
	case "some":
		return i%(7*slower) == 3
	}
	return true
}

// TestCheckers: both checkers refuse what is false and let pass what is true, and
// agree. Mutants and paraphrases were written without sight of either.
func TestCheckers(t *testing.T) {
	all, err := rephrased.Paraphrases()
	if err != nil {
		t.Fatal(err)
	}
	clauses := library(t)
	checkers := []checker{byGuard(t, clauses), byAuditor(clauses)}
	truths, falsehoods := make([]rephrased.Tally, 2), make([]rephrased.Tally, 2)
	agree, judged := 0, 0
	for k := range checkers {
		truths[k].Keep, falsehoods[k].Keep = *survivors, *survivors
	}
	for i, p := range all {
		if !chosen(i) {
			continue
		}
		lang := p.Lang
		if p.Cross() {
			lang = "cross-" + lang
		}
		judge := func(tallies []rephrased.Tally, class, sentence string, truth bool) {
			var why [2]string
			for k, c := range checkers {
				why[k] = c.refuses(p, sentence)
				what := fmt.Sprintf("%s: %s  <- %s", p.ID, sentence, p.Sentence)
				if truth {
					what += " :: " + why[k]
				}
				tallies[k].Add(class, lang, (why[k] != "") != truth, what)
			}
			judged++
			if (why[0] == "") == (why[1] == "") {
				agree++
			}
		}
		judge(truths, p.Style, p.Sentence, true)
		for _, m := range rephrased.Mutants(p, 1) {
			judge(falsehoods, m.Class, m.Sentence, false)
		}
	}
	for k, c := range checkers {
		t.Logf("%s, true sentences let pass:\n%s", c.name, truths[k].String())
		t.Logf("%s, false sentences refused:\n%s", c.name, falsehoods[k].String())
	}
	t.Logf("both agree on %d of %d", agree, judged)
	if slower > 1 {
		return // too few for shares
	}
	floors := []struct{ truth, falsehood float64 }{{0.72, 0.985}, {0.72, 0.97}} // just below what both reach
	for k, c := range checkers {
		if got := shareOf(truths[k]); got < floors[k].truth {
			t.Errorf("%s lets %.3f of the true sentences pass, want %.3f", c.name, got, floors[k].truth)
		}
		if got := shareOf(falsehoods[k]); got < floors[k].falsehood {
			t.Errorf("%s refuses %.4f of the false sentences, want %.4f", c.name, got, floors[k].falsehood)
		}
	}
	if agree*100 < judged*95 {
		t.Errorf("they agree on %d of %d", agree, judged)
	}
}

// shareOf is the share of all that a tally counts.
func shareOf(t rephrased.Tally) float64 {
	got, of := t.Count("", "")
	return float64(got) / float64(max(of, 1))
}
