package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// clauseData is the page of one clause.
type clauseData struct {
	View
	Clause     clauseLine
	Parents    []string
	Text       []marked
	Before     *clauseLine
	After      *clauseLine
	BeforeText string
	AfterText  string
	Measures   []measureView
	N, Of      int            // its place among the clauses of the document
	Answered   int            // questions whose answers cite it
	Questions  []questionLine // the latest of them, for the staff
	Taught     []string       // questions that people marked for it, for the staff
}

// A questionLine is a question in a list.
type questionLine struct {
	Text, URL, At string
}

// mostQuestions is how many questions the page of a clause lists.
const mostQuestions = 8

// answeredFrom finds the questions whose answers cite a clause. What others asked is for the staff; everybody sees how
// many there are.
func (c *Console) answeredFrom(ctx context.Context, page *clauseData) error {
	found, err := c.Service.Journal.Search(ctx, journal.Query{Clause: page.Clause.ID, Size: mostQuestions})
	if err != nil {
		return err
	}
	page.Answered = found.Total
	if !page.May(string(staff)) {
		return nil
	}
	for _, row := range found.Rows {
		line := questionLine{Text: row.Text, At: page.Ago(row.At)}
		if page.May(string(ops)) {
			line.URL = "/ops/questions/" + url.PathEscape(row.ID)
		}
		page.Questions = append(page.Questions, line)
	}
	entries, err := c.Library.Taught(ctx, page.Clause.ID)
	for _, e := range entries {
		page.Taught = append(page.Taught, e.Question)
	}
	return err
}

// clausePage shows one clause, with a quote marked, between its neighbours.
func (c *Console) clausePage(w http.ResponseWriter, r *http.Request) error {
	v := c.view(r)
	at, err := c.Desk.ClauseAt(r.Context(), r.PathValue("id"))
	if errors.Is(err, bot.ErrNoClause) {
		return problem(http.StatusNotFound, "error.no_clause")
	}
	if err != nil {
		return err
	}
	page := clauseData{View: v, Clause: v.clauseLine(at.Clause), Parents: at.Clause.Parents, N: at.N, Of: at.Of}
	page.Text = markQuote(at.Clause.Text, r.URL.Query().Get("quote"))
	page.Before, page.BeforeText = v.neighbour(at.Before)
	page.After, page.AfterText = v.neighbour(at.After)
	if page.Measures, err = c.measuresOf(r.Context(), v, at.Clause.ID); err != nil {
		return err
	}
	if err := c.answeredFrom(r.Context(), &page); err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "clause", page)
}

// neighbour names the clause beside another, with its text; nil where there is none.
func (v View) neighbour(clause *retrieval.Clause) (*clauseLine, string) {
	if clause == nil {
		return nil, ""
	}
	line := v.clauseLine(*clause)
	return &line, clause.Text
}

// markQuote marks the code points from start to end, given as "start-end", in a text. A span that the text does
// not have marks nothing.
func markQuote(text, span string) []marked {
	from, to, _ := strings.Cut(span, "-")
	start, err1 := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	runes := []rune(text)
	if err1 != nil || err2 != nil || start < 0 || end <= start || end > len(runes) {
		return []marked{{text, false}}
	}
	var parts []marked
	for _, p := range []marked{{string(runes[:start]), false}, {string(runes[start:end]), true}, {string(runes[end:]), false}} {
		if p.Text != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// measuresOf are the approved measures that a clause offers.
func (c *Console) measuresOf(ctx context.Context, v View, clause string) ([]measureView, error) {
	if c.Measures == nil {
		return nil, nil
	}
	all, err := c.Measures.Approved(ctx)
	if err != nil {
		return nil, err
	}
	var out []measureView
	for _, b := range all {
		if b.Clause.ID != clause {
			continue
		}
		m := measureView{Title: b.Title.In(v.Lang), Strength: string(b.Strength), Quote: b.Offer()}
		for _, k := range b.Criteria {
			m.Criteria = append(m.Criteria, criterionView{Text: k.Name(b.Vocabulary(), v.Lang), Quote: k.Words})
		}
		out = append(out, m)
	}
	return out, nil
}

// splitLines are the lines of a text.
func splitLines(text string) []string {
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
}
