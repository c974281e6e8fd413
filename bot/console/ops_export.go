package console

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/export"
	"policybot/bot/journal"
)

// exportLog writes the questions of a filter as a file. It is entered in the audit before the first row leaves.
func (c *Console) exportLog(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	format := export.Format(r.PostForm.Get("format"))
	values, err := url.ParseQuery(r.PostForm.Get("filter"))
	if format.MediaType() == "" || err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	f, v := readFilter(values, c.Now()), c.view(r)
	columns, err := export.Columns(v.Lang)
	if err != nil {
		return err
	}
	one := f.Query
	one.Size = 1
	found, err := c.Service.Journal.Search(r.Context(), one)
	if err != nil {
		return err
	}
	detail := auditFilter(f) + " " + accounts.Facts("format", string(format), "count", strconv.Itoa(found.Total))
	if err := c.record(r, didExportLog, "log", strings.TrimSpace(detail)); err != nil {
		return err
	}
	ratings, err := c.latestRatings(r.Context(), f.Query)
	if err != nil {
		return err
	}
	attach(w, format.MediaType(), export.FileName(format, c.Now().Local()))
	if err := export.WriteIn(c.Temporary, w, format, columns, c.exportRows(r.Context(), f.Query, ratings)); err != nil {
		c.Log.Error("an export of the log ended early", "format", format, "error", err)
		panic(http.ErrAbortHandler) // what was written is no whole file, and must not look like one
	}
	return nil
}

// auditFilter tells a filter in the audit: which fields choose, and the values that are days, numbers or of closed lists.
// Of what people wrote, and of who asked, it tells that it chooses.
func auditFilter(f logFilter) string {
	facts := []string{"span", f.Span}
	for _, field := range logFields {
		value := f.values.Get(field.name)
		if value != "" && (field.kind == fieldText || field.kind == fieldChoice && !slices.Contains(field.values, value)) {
			value = "…"
		}
		facts = append(facts, field.name, value)
	}
	return accounts.Facts(facts...)
}

// latestRatings are the latest ratings of questions in the time of a query, by question.
func (c *Console) latestRatings(ctx context.Context, q journal.Query) (map[string]journal.Rating, error) {
	out := map[string]journal.Rating{}
	for one, err := range c.Service.Journal.Ratings(ctx, journal.Filter{Since: q.Since, Until: q.Until}) {
		if err != nil {
			return nil, err
		}
		out[one.Question] = one
	}
	return out, nil
}

// A rowBatch is rows of a file that are being made.
type rowBatch struct {
	matches []journal.Match
	rows    []export.Row
	err     error
	done    chan struct{} // closed when rows are there
}

// Batches of an export: how many questions each has, and how many are read ahead.
const (
	batchRows  = 200
	batchAhead = 4
)

// exportRows are the questions of a query as rows of a file, in the order of the list. While some are written the next
// are read and made.
func (c *Console) exportRows(ctx context.Context, q journal.Query, ratings map[string]journal.Rating) iter.Seq2[export.Row, error] {
	return func(yield func(export.Row, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		ahead := make(chan *rowBatch, batchAhead)
		var work sync.WaitGroup
		defer work.Wait()
		defer stop()
		work.Go(func() {
			defer close(ahead)
			c.readBatches(ctx, q, func(b *rowBatch) bool {
				work.Go(func() { b.fill(ratings) })
				select {
				case ahead <- b:
					return true
				case <-ctx.Done():
					return false
				}
			})
		})
		for b := range ahead {
			<-b.done
			for _, row := range b.rows {
				if !yield(row, nil) {
					return
				}
			}
			if b.err != nil {
				yield(export.Row{}, b.err)
				return
			}
		}
	}
}

// readBatches reads the questions of a query, until give returns false.
func (c *Console) readBatches(ctx context.Context, q journal.Query, give func(*rowBatch) bool) {
	b := &rowBatch{done: make(chan struct{})}
	for m, err := range c.Service.Journal.Matches(ctx, q) {
		if err != nil {
			b.err = err
			break
		}
		if b.matches = append(b.matches, m); len(b.matches) < batchRows {
			continue
		}
		if !give(b) {
			return
		}
		b = &rowBatch{done: make(chan struct{})}
	}
	give(b)
}

// fill makes the rows.
func (b *rowBatch) fill(ratings map[string]journal.Rating) {
	defer close(b.done)
	label := func(outcome, mode string) string { return string(bot.LabelOf(outcome, mode)) }
	for _, m := range b.matches {
		row := export.RowOf(m.Question, label)
		row.Case, row.Verdict = m.Row.Case, m.Row.Verdict
		if rating, ok := ratings[row.ID]; ok {
			row.Rate(rating)
		}
		b.rows = append(b.rows, row)
	}
}
