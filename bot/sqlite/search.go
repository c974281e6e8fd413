package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/journal"
)

// A search reads the rows of facts once, from the first to the last, and gives one row: reading and passing on
// each fitting row by itself would take several times as long. Where the questions between two times are few,
// it reads only those. In PostgreSQL the words NOT INDEXED go, group_concat is string_agg and instr is strpos.
const (
	factsAll  = `facts f NOT INDEXED`
	factsSome = `facts f`
	someOf    = 4 // it reads only some when they are less than this part of all
	fieldSep  = "\x1f"
	rowSep    = "\x1e"
)

// A clause is the FROM and WHERE of a search, and the words of which it is left to the program whether they are in
// a question or its answer.
type clause struct {
	text  strings.Builder
	args  []any
	terms []string
	cited map[string]bool // clauses, one of which has to be cited; empty: does not matter
	said  map[int64]int   // the terms that the texts of answers hold, as bits, by id; without those that hold none
}

// columns gives what a search reads of a row, with what has reads, and the arguments of the whole query.
func (c *clause) columns(columns ...string) (string, []any) {
	var args []any
	if len(c.terms) > 0 {
		holds := make([]string, len(c.terms))
		for i, term := range c.terms {
			holds[i] = fmt.Sprintf(`CASE WHEN instr(f.ask, ?) > 0 THEN %d ELSE 0 END`, 1<<i)
			args = append(args, term)
		}
		columns = append(columns, `f.said`, `(`+strings.Join(holds, ` + `)+`)`)
	}
	if len(c.cited) > 0 {
		columns = append(columns, `f.clauses`)
	}
	list := `SELECT COALESCE(group_concat(` + strings.Join(columns, ` || char(31) || `) + `, char(30)), '')`
	return list, append(args, c.args...)
}

// has cuts from the fields of a row what columns added, and reports whether the row fits.
func (c *clause) has(fields []string) ([]string, bool, error) {
	if n := len(fields) - 1; len(c.cited) > 0 {
		if n < 0 {
			return nil, false, errors.New("no fields")
		}
		if !slices.ContainsFunc(unlined(fields[n]), func(id string) bool { return c.cited[id] }) {
			return nil, false, nil
		}
		fields = fields[:n]
	}
	if len(c.terms) == 0 {
		return fields, true, nil
	}
	n := len(fields) - 2
	if n < 0 {
		return nil, false, fmt.Errorf("%d fields", len(fields))
	}
	said, err := strconv.ParseInt(fields[n], 10, 64)
	if err != nil {
		return nil, false, err
	}
	asked, err := strconv.Atoi(fields[n+1])
	return fields[:n], asked|c.said[said] == 1<<len(c.terms)-1, err
}

// read runs a search and gives the fields of each row that fits to f, for the time of the call.
func (t tx) read(c *clause, columns []string, f func(fields []string) error) error {
	list, args := c.columns(columns...)
	var text string
	if _, err := t.get(list+c.text.String(), args, []any{&text}); err != nil {
		return err
	}
	var fields []string
	for text != "" {
		var row string
		row, text, _ = strings.Cut(text, rowSep)
		fields = fields[:0]
		for field := range strings.SplitSeq(row, fieldSep) {
			fields = append(fields, field)
		}
		own, fits, err := c.has(fields)
		if err == nil && fits {
			err = f(own)
		}
		if err != nil {
			return t.file.Corrupt("facts %q: %w", row, err)
		}
	}
	return nil
}

// and adds a condition.
func (c *clause) and(condition string, args ...any) {
	c.text.WriteString(` AND ` + condition)
	c.args = append(c.args, args...)
}

// is adds that a column has a value, if one is wanted.
func (c *clause) is(column, want string) {
	if want != "" {
		c.and(column+` = ?`, want)
	}
}

// there is is for what may not be there at all.
func (c *clause) there(column, want string) {
	switch want {
	case journal.None:
		c.and(column + ` = ''`)
	case journal.Any:
		c.and(column + ` <> ''`)
	default:
		c.is(column, want)
	}
}

// among adds that a list has an entry, if one is wanted.
func (c *clause) among(column, want string) {
	if want != "" {
		c.and(`instr(`+column+`, ?) > 0`, "\n"+journal.Word(want)+"\n")
	}
}

// holds adds that a number is above 0 or not, if that matters.
func (c *clause) holds(column, want string) {
	if want != "" {
		c.and(column + map[bool]string{true: ` > 0`, false: ` = 0`}[want == journal.Yes])
	}
}

// clauseOf makes the FROM and WHERE of a query.
func (t tx) clauseOf(q journal.Query) (*clause, error) {
	var c clause
	first, last, some, err := t.span(q)
	if err != nil {
		return nil, err
	}
	c.from(first, last, some)
	if !q.Since.IsZero() {
		c.and(`f.at_time >= ?`, instant{&q.Since})
	}
	if !q.Until.IsZero() {
		c.and(`f.at_time < ?`, instant{&q.Until})
	}
	if q.MsFrom > 0 {
		c.and(`f.took >= ?`, q.MsFrom*1000)
	}
	if q.MsTo > 0 {
		c.and(`f.took > 0 AND f.took < ?`, q.MsTo*1000)
	}
	c.values(q)
	c.words(q)
	c.cited = map[string]bool{}
	for _, id := range q.AnyClause {
		c.cited[journal.Word(id)] = true
	}
	if q.InAnswer {
		c.terms = journal.Terms(q.Words)
		c.said, err = t.said(c.terms)
	}
	return &c, err
}

// from begins a clause: with the questions from first to last, or with all.
func (c *clause) from(first, last int64, some bool) {
	from := factsAll
	if some {
		from = factsSome
	}
	c.text.WriteString(` FROM ` + from + ` WHERE f.workspace = ?`)
	c.args = []any{workspace}
	if some {
		c.and(`f.question >= ? AND f.question <= ?`, first, last)
	}
}

// values adds what columns have to hold.
func (c *clause) values(q journal.Query) {
	c.is(`f.channel`, q.Channel)
	c.is(`f.lang`, q.Lang)
	c.is(`f.outcome`, q.Outcome)
	c.is(`f.reason`, q.Reason)
	c.is(`f.mode`, q.Mode)
	c.is(`f.model`, q.Model)
	c.is(`f.rating_reason`, q.RatingReason)
	c.is(`f.case_reason`, q.CaseReason)
	c.is(`f.reviewer`, q.Reviewer)
	c.there(`f.rating`, q.Rating)
	c.there(`f.case_state`, q.Case)
	c.there(`f.verdict`, q.Verdict)
	c.among(`f.places`, q.Place)
	c.among(`f.documents`, q.Document)
	c.among(`f.clauses`, q.Clause)
	c.among(`f.notices`, q.Notice)
	c.holds(`f.masked`, q.Masked)
	c.holds(`f.duplicates`, q.Duplicates)
	if q.Asker != "" {
		c.and(`f.question IN (SELECT seq FROM questions WHERE workspace = ? AND asker = ?)`, workspace, q.Asker)
	}
	if q.Dialogue != "" {
		c.and(`f.question IN (SELECT seq FROM questions WHERE workspace = ? AND dialogue = ?)`, workspace, q.Dialogue)
	}
}

// words adds what questions have to hold.
func (c *clause) words(q journal.Query) {
	if q.InAnswer {
		return
	}
	for _, term := range journal.Terms(q.Words) {
		c.and(`instr(f.ask, ?) > 0`, term)
	}
}

// textsQuery reads the texts of all answers.
const textsQuery = `SELECT a.id, a.text FROM answer_texts a NOT INDEXED WHERE a.workspace = ?`

// said gives which terms the texts of answers hold. They are long, and Go looks through them faster than SQLite.
func (t tx) said(terms []string) (map[int64]int, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	held := map[int64]int{}
	var id int64
	var text sql.RawBytes
	words := make([][]byte, len(terms))
	for i, term := range terms {
		words[i] = []byte(term)
	}
	err := t.each(textsQuery, []any{workspace}, []any{&id, &text}, func() {
		bits := 0
		for i, word := range words {
			if bytes.Contains(text, word) {
				bits |= 1 << i
			}
		}
		if bits > 0 {
			held[id] = bits
		}
	})
	return held, err
}

// span gives the least and greatest seq of the questions between the times of a query, and whether they are so
// few that only they should be read.
func (t tx) span(q journal.Query) (first, last int64, some bool, err error) {
	if q.Since.IsZero() && q.Until.IsZero() {
		return 0, 0, false, nil
	}
	all, err := t.last("questions")
	if err != nil {
		return 0, 0, false, err
	}
	first, last = 1, all
	if !q.Since.IsZero() {
		if first, err = t.number(`SELECT MIN(seq) FROM questions WHERE workspace = ? AND accepted_at >= ?`, workspace, instant{&q.Since}); err != nil {
			return 0, 0, false, err
		}
		if first == 0 {
			return 0, 0, true, nil
		}
	}
	if !q.Until.IsZero() {
		if last, err = t.number(`SELECT MAX(seq) FROM questions WHERE workspace = ? AND accepted_at < ?`, workspace, instant{&q.Until}); err != nil {
			return 0, 0, false, err
		}
	}
	return first, last, last-first < all/someOf, nil
}

// Search implements [journal.Finder]. It reads the facts of all questions once, or of those between two times
// where they are few, and then the rows of the page. Uncounted, it reads facts from the newest on until the page is full.
func (db *DB) Search(ctx context.Context, q journal.Query) (journal.Page, error) {
	var page journal.Page
	err := db.read(ctx, "search", func(t tx) error {
		if q.Uncounted {
			var err error
			page, err = t.newest(q)
			return err
		}
		seqs, err := t.fitting(q)
		if err != nil {
			return err
		}
		page = journal.Page{Total: len(seqs)}
		first, end := pageOf(seqs, q)
		if first >= end {
			return nil
		}
		if page.Rows, err = t.rows(seqs[first:end]); err != nil {
			return err
		}
		if first > 0 {
			page.Newer = seqs[first]
		}
		if end < len(seqs) {
			page.Older = seqs[end-1]
		}
		return nil
	})
	if err != nil {
		return journal.Page{}, err
	}
	return page, nil
}

// Matches implements [journal.Finder]. It finds what fits at once, and then reads a part after the other, so that
// a long reading holds neither memory nor an old state of the file.
func (db *DB) Matches(ctx context.Context, q journal.Query) iter.Seq2[journal.Match, error] {
	return func(yield func(journal.Match, error) bool) {
		var seqs []int64
		err := db.read(ctx, "search", func(t tx) (err error) {
			seqs, err = t.fitting(q)
			return err
		})
		for part := range slices.Chunk(seqs, page) {
			var list []journal.Match
			if list, err = db.matches(ctx, part); err != nil {
				break
			}
			for _, m := range list {
				if !yield(m, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(journal.Match{}, err)
		}
	}
}

// matches reads questions by their seqs, which are given newest first.
func (db *DB) matches(ctx context.Context, seqs []int64) ([]journal.Match, error) {
	args := []any{workspace}
	for _, seq := range seqs {
		args = append(args, seq)
	}
	var list []journal.Match
	err := db.read(ctx, "read questions", func(t tx) error {
		rows, err := t.rows(seqs)
		if err != nil {
			return err
		}
		var q journal.Question
		return t.each(answerQuery+`WHERE q.workspace = ? AND q.seq IN (`+marks(len(seqs))+`) ORDER BY q.seq DESC`, args, answerFields(&q), func() {
			for len(rows) > 0 && rows[0].Seq > q.Seq {
				rows = rows[1:]
			}
			if len(rows) > 0 && rows[0].Seq == q.Seq {
				list = append(list, journal.Match{Row: rows[0], Question: q})
			}
		})
	})
	return list, err
}

// fitting gives the seqs of the questions that fit, newest first.
func (t tx) fitting(q journal.Query) ([]int64, error) {
	c, err := t.clauseOf(q)
	if err != nil {
		return nil, err
	}
	var seqs []int64
	if err := t.read(c, []string{`f.question`}, func(fields []string) error {
		seq, err := strconv.ParseInt(fields[0], 10, 64)
		seqs = append(seqs, seq)
		return err
	}); err != nil {
		return nil, err
	}
	slices.Sort(seqs)
	slices.Reverse(seqs)
	return seqs, nil
}

// pageOf gives which of the seqs, newest first, are on the page of a query: from first, before end.
func pageOf(seqs []int64, q journal.Query) (first, end int) {
	descending := func(seq, target int64) int { return int(min(1, max(-1, target-seq))) }
	end = len(seqs)
	if q.Before > 0 {
		first, _ = slices.BinarySearchFunc(seqs, q.Before-1, descending)
	}
	if q.After > 0 {
		end, _ = slices.BinarySearchFunc(seqs, q.After, descending)
		first = max(0, end-q.Rows())
	}
	return first, min(end, first+q.Rows())
}

// rows reads the rows of a page, whose seqs are given newest first.
func (t tx) rows(seqs []int64) ([]journal.Row, error) {
	args := []any{workspace}
	for _, seq := range seqs {
		args = append(args, seq)
	}
	var list []journal.Row
	var row journal.Row
	var microseconds int64
	var clauses string
	err := t.each(rowsQuery(len(seqs)), args,
		[]any{
			&row.ID, &row.Seq,
			instant{&row.At},
			&row.Channel, &row.Lang, &row.Text, &row.State, &row.Outcome, &row.Reason, &clauses,
			&row.Rating, &row.Case, &row.Verdict, &microseconds, &row.Mode,
		}, func() {
			row.Clauses, row.Ms = unlined(clauses), float64(microseconds)/1000
			row.Clauses = row.Clauses[:min(len(row.Clauses), journal.RowClauses)]
			list = append(list, row)
		})
	return list, err
}

// rowsQuery reads so many rows by their seqs.
func rowsQuery(n int) string {
	return `SELECT q.id, q.seq, q.accepted_at, q.channel, f.lang, q.text, q.state, q.outcome, q.reason, f.clauses, f.rating, f.case_state,
		f.verdict, f.took, f.mode FROM facts f JOIN questions q ON q.workspace = f.workspace AND q.seq = f.question
		WHERE f.workspace = ? AND f.question IN (` + marks(n) + `) ORDER BY f.question DESC`
}

// loggedColumns are what figures need, in the order of loggedOf.
var loggedColumns = []string{
	`(f.at_time / 900000000)`, `f.channel`, `f.lang`, `f.outcome`, `f.reason`, `f.took`, `f.tokens_in`, `f.tokens_out`,
	`f.clauses`, `f.documents`, `f.places`, `f.rating`, `f.rating_reason`,
}

// Figures implements [journal.Finder]. It reads the facts as Search does.
func (db *DB) Figures(ctx context.Context, q journal.Query) (journal.Figures, error) {
	if q.OfPerson() {
		return journal.Figures{}, fmt.Errorf("sum up: %w", journal.ErrPersonal)
	}
	tally := journal.NewTally(q)
	if err := db.read(ctx, "sum up", func(t tx) error {
		c, err := t.clauseOf(q)
		if err != nil {
			return err
		}
		return t.read(c, loggedColumns, func(fields []string) error {
			l, err := loggedOf(fields)
			if err == nil {
				tally.Add(l)
			}
			return err
		})
	}); err != nil {
		return journal.Figures{}, err
	}
	return tally.Figures(), nil
}

// loggedOf reads what loggedColumns keep.
func loggedOf(fields []string) (journal.Logged, error) {
	if len(fields) != len(loggedColumns) {
		return journal.Logged{}, fmt.Errorf("%d fields, want %d", len(fields), len(loggedColumns))
	}
	var numbers [4]int64
	for i, at := range []int{0, 5, 6, 7} {
		n, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return journal.Logged{}, err
		}
		numbers[i] = n
	}
	return journal.Logged{
		At: time.Unix(numbers[0]*900, 0), Channel: fields[1], Lang: fields[2], Outcome: fields[3], Reason: fields[4],
		Took: time.Duration(numbers[1]) * time.Microsecond, TokensIn: numbers[2], TokensOut: numbers[3],
		Clauses: unlined(fields[8]), Documents: unlined(fields[9]), Places: unlined(fields[10]), Rating: fields[11], RatingReason: fields[12],
	}, nil
}
