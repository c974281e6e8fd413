package eval

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteText writes the report for reading: the totals, what the confidence is
// worth, the two languages over pairs, the figures by group, what changed since
// an earlier run, and every miss with what was expected, what was cited, which
// check failed and how the answer came about. Answers that passed with a "^"
// point missing are listed last, to be looked at.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Answers to %s\n\n", plural(r.Questions, "question"))
	r.writeTotals(&b)
	r.Citations.write(&b)
	r.RiskCoverage.write(&b)
	if r.Parity != nil {
		r.Parity.write(&b)
	}
	b.WriteString("\n")
	r.writeGroups(&b)
	if r.Compare != nil {
		r.Compare.write(&b)
	}
	r.writeMisses(&b)
	r.writeWording(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) writeTotals(b *strings.Builder) {
	t := table{labels: 3}
	other := func(func(Report) Share) (string, string) { return "", "" }
	if e := r.Embedded; e != nil {
		t.labels = 5
		t.row("", "model", "", "embedded", "", "")
		other = func(of func(Report) Share) (string, string) { return of(*e).fraction(), of(*e).percent() }
	}
	share := func(name string, of func(Report) Share, what string) {
		s := of(r)
		cells := []string{name, s.fraction(), s.percent()}
		if was, percent := other(of); was != "" {
			cells = append(cells, was, percent)
		}
		t.row(append(cells, "of "+what)...)
	}
	share("passed", func(r Report) Share { return r.Total.Passed }, "questions")
	share("behaviour", func(r Report) Share { return r.Total.Behaviour }, "questions")
	share("gold cited", func(r Report) Share { return r.Total.Citation }, "questions with gold")
	share("gold cited, clarify", func(r Report) Share { return r.Total.ClarifyCitation }, "clarify questions with gold")
	share("precision", func(r Report) Share { return r.Total.Precision }, "cited clauses: hold a gold or related quote")
	share("facts", func(r Report) Share { return r.Total.Facts }, "questions with facts: all of them said")
	share("wording", func(r Report) Share { return r.Total.Wording }, "questions with wording to look at: all of it said")
	share("points", func(r Report) Share { return r.Total.Points }, "checkable points")
	share("must not", func(r Report) Share { return r.Total.MustNot }, "questions: something forbidden said")
	share("quotes", func(r Report) Share { return r.Total.Quotes }, "citations: verbatim at their offsets")
	share("over-refusal", func(r Report) Share { return r.OverRefusal }, "questions to answer: abstained or refused")
	share("abstention recall", func(r Report) Share { return r.AbstentionRecall }, "questions to abstain from: abstained or refused")
	t.write(b)
	perQuestion := 0.0
	if r.Questions > 0 {
		perQuestion = float64(r.Total.Quotes.Of) / float64(r.Questions)
	}
	fmt.Fprintf(b, "\ncitations: %d, %.1f a question\n", r.Total.Quotes.Of, perQuestion)
	fmt.Fprintf(b, "answer time: %.1f ms p50, %.1f ms p95\n", r.AnswerMsP50, r.AnswerMsP95)
	if r.Writing != nil {
		r.Writing.write(b)
	}
	if g := r.Retrieval; g != nil {
		b.WriteString("\n")
		var t table
		t.row("retrieval of golds", "@1", "@5", "@10")
		t.row("mean share found", decimals(g.Recall1), decimals(g.Recall5), decimals(g.Recall10))
		t.row("enough to answer", decimals(g.Enough1), decimals(g.Enough5), decimals(g.Enough10))
		t.write(b)
		fmt.Fprintf(b, "over %s with gold\n", plural(g.Questions, "question"))
	}
}

func (r Report) writeGroups(b *strings.Builder) {
	var t table
	t.row("", "n", "passed", "behaviour", "gold cited", "precision", "facts", "wording", "must not", "quotes")
	for _, part := range []struct {
		name   string
		groups map[string]Figures
		order  []string
	}{
		{"type", r.ByType, nil},
		{"document", r.ByDocument, nil},
		{"language", r.ByLanguage, languages},
		{"expect", r.ByExpect, expectations},
	} {
		t.row(part.name)
		for _, key := range orderedKeys(part.groups, part.order) {
			f := part.groups[key]
			cited := f.Citation
			cited.add(f.ClarifyCitation.Hits, f.ClarifyCitation.Of)
			t.row("  "+key, fmt.Sprint(f.Questions), f.Passed.fraction(), f.Behaviour.fraction(), cited.fraction(),
				f.Precision.fraction(), f.Facts.fraction(), f.Wording.fraction(), f.MustNot.fraction(), f.Quotes.fraction())
		}
	}
	t.write(b)
}

// orderedKeys lists the keys of groups: those in order first, then the others
// by name.
func orderedKeys(groups map[string]Figures, order []string) []string {
	rank := func(key string) int {
		if i := slices.Index(order, key); i >= 0 {
			return i
		}
		return len(order)
	}
	keys := slices.Sorted(maps.Keys(groups))
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	return keys
}

func (r Report) writeMisses(b *strings.Builder) {
	misses := r.Misses()
	fmt.Fprintf(b, "\nMisses: %d\n", len(misses))
	for _, v := range misses {
		fmt.Fprintf(b, "\n%s  %s, %s, expect %s: %s failed\n", v.ID, v.Type, v.Lang, v.Expect, strings.Join(v.Failed, ", "))
		line := func(name, text string) {
			if text != "" {
				fmt.Fprintf(b, "  %s%s%s\n", name, blanks(10-len(name)), text)
			}
		}
		line("question", oneLine(v.Question))
		line("outcome", v.outcome())
		line("expected", v.expected())
		line("cited", orNothing(places(v.Cited)))
		line("not said", strings.Join(v.MissedFacts, "; "))
		line("wording", strings.Join(v.MissedWording, "; "))
		line("forbidden", strings.Join(v.Said, "; "))
		if len(v.BadQuotes) > 0 {
			line("quotes", "not verbatim: "+strings.Trim(fmt.Sprint(v.BadQuotes), "[]"))
		}
		if w := v.Why; w != nil {
			line("read as", w.read())
			line("about", w.about())
			line("ranks", w.ranks())
			line("because", w.Because)
		}
	}
}

// writeWording lists the passed answers with a "^" point missing.
func (r Report) writeWording(b *strings.Builder) {
	title := "\nPassed, wording to look at\n"
	for _, v := range r.Verdicts {
		if v.Passed && len(v.MissedWording) > 0 {
			fmt.Fprintf(b, "%s  %s  %s\n", title, v.ID, strings.Join(v.MissedWording, "; "))
			title = ""
		}
	}
}

// outcome is the outcome with its reason and the notices.
func (v Verdict) outcome() string {
	text := v.Outcome
	if text == "" {
		text = "(none)"
	}
	if v.Reason != "" {
		text += " (" + v.Reason + ")"
	}
	if len(v.Notices) > 0 {
		text += "; notices: " + strings.Join(v.Notices, ", ")
	}
	return text
}

// expected lists the golds, each with the rank it was retrieved at.
func (v Verdict) expected() string {
	if len(v.Golds) == 0 {
		return "no clause"
	}
	text := places(v.Golds)
	switch {
	case len(v.Golds) == 1:
	case v.AllRequired:
		text += " (all)"
	default:
		text += " (one is enough)"
	}
	return text
}

func places(list []Place) string {
	var texts []string
	for _, p := range list {
		text := p.File + " " + p.Clause
		if p.Rank > 0 {
			text += fmt.Sprintf(" [rank %d]", p.Rank)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// fraction prints a share as 3/4, or a dash when there is nothing to share.
func (s Share) fraction() string {
	if s.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", s.Hits, s.Of)
}

// percent prints the rate of a share.
func (s Share) percent() string {
	if s.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*s.Rate)
}

func decimals(v float64) string { return fmt.Sprintf("%.3f", v) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
