package sqlite

import (
	"strings"

	"policybot/bot/journal"
)

// newest gives a page without counting what is beyond it.
func (t tx) newest(q journal.Query) (journal.Page, error) {
	seqs, err := t.newestSeqs(q)
	if err != nil || len(seqs) == 0 {
		return journal.Page{}, err
	}
	var page journal.Page
	if len(seqs) > q.Rows() {
		seqs = seqs[:q.Rows()]
		page.Older = seqs[len(seqs)-1]
	}
	page.Rows, err = t.rows(seqs)
	return page, err
}

// newestSeqs gives the seqs of a page that is not counted and of one row more, newest first, as far as there are.
func (t tx) newestSeqs(q journal.Query) ([]int64, error) {
	if q.InAnswer && len(journal.Terms(q.Words)) > 0 || len(q.AnyClause) > 0 { // which fit is only known when all are read
		seqs, err := t.fitting(q)
		first, _ := pageOf(seqs, q)
		return seqs[min(first, len(seqs)):min(first+q.Rows()+1, len(seqs))], err
	}
	c, err := t.clauseOf(q)
	if err != nil {
		return nil, err
	}
	c.judged(q)
	if q.Before > 0 {
		c.and(`f.question < ?`, q.Before)
	}
	var seqs []int64
	var seq int64
	err = t.each(newestQuery(c), append(c.args, q.Rows()+1), []any{&seq}, func() { seqs = append(seqs, seq) })
	return seqs, err
}

// judged says of the values of a query that they are not empty, so that the indexes of the few rows that have them serve.
func (c *clause) judged(q journal.Query) {
	for column, want := range map[string]string{`f.rating`: q.Rating, `f.verdict`: q.Verdict} {
		if want != "" && want != journal.None {
			c.and(column + ` <> ''`)
		}
	}
}

// newestQuery reads the seqs that fit from the newest on, up to a number.
func newestQuery(c *clause) string {
	return `SELECT f.question` + strings.Replace(c.text.String(), factsAll, factsSome, 1) + ` ORDER BY f.question DESC LIMIT ?`
}
