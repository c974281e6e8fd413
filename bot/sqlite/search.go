package sqlite

import (
	"context"
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
	factsAll   = `facts f NOT INDEXED`
	factsSome  = `facts f`
	someOf     = 4 // it reads only some when they are less than this part of all
	fieldSep   = "\x1f"
	rowSep     = "\x1e"
	seqsColumn = `COALESCE(group_concat(f.question), '')`
)

// A clause is the FROM and WHERE of a search.
type clause struct {
	text strings.Builder
	args []any
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
	from := factsAll
	if some {
		from = factsSome
	}
	c.text.WriteString(` FROM ` + from + ` WHERE f.workspace = ?`)
	c.args = []any{workspace}
	if some {
		c.and(`f.question >= ? AND f.question <= ?`, first, last)
	}
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
	return &c, nil
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

// words adds what texts have to hold.
func (c *clause) words(q journal.Query) {
	for _, term := range journal.Terms(q.Words) {
		if !q.InAnswer {
			c.and(`instr(f.ask, ?) > 0`, term)
			continue
		}
		c.and(`(instr(f.ask, ?) > 0 OR f.said IN (SELECT a.id FROM answer_texts a NOT INDEXED WHERE a.workspace = ? AND instr(a.text, ?) > 0))`,
			term, workspace, term)
	}
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
// where they are few, and then the rows of the page.
func (db *DB) Search(ctx context.Context, q journal.Query) (journal.Page, error) {
	var page journal.Page
	err := db.read(ctx, "search", func(t tx) error {
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
	var text string
	if _, err := t.get(`SELECT `+seqsColumn+c.text.String(), c.args, []any{&text}); err != nil {
		return nil, err
	}
	var seqs []int64
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		seq, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
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
	err := t.each(`SELECT q.id, q.seq, q.accepted_at, q.channel, f.lang, q.text, q.state, q.outcome, q.reason, f.clauses, f.rating, f.case_state,
		f.verdict, f.took, f.mode FROM facts f JOIN questions q ON q.workspace = f.workspace AND q.seq = f.question
		WHERE f.workspace = ? AND f.question IN (`+marks(len(seqs))+`) ORDER BY f.question DESC`, args,
		[]any{
			&row.ID, &row.Seq, instant{&row.At}, &row.Channel, &row.Lang, &row.Text, &row.State, &row.Outcome, &row.Reason, &clauses,
			&row.Rating, &row.Case, &row.Verdict, &microseconds, &row.Mode,
		}, func() {
			row.Clauses, row.Ms = unlined(clauses), float64(microseconds)/1000
			row.Clauses = row.Clauses[:min(len(row.Clauses), journal.RowClauses)]
			list = append(list, row)
		})
	return list, err
}

// loggedColumns are what figures need, in the order of loggedOf.
var loggedColumns = []string{
	`(f.at_time / 900000000)`, `f.channel`, `f.lang`, `f.outcome`, `f.reason`, `f.took`, `f.tokens_in`, `f.tokens_out`,
	`f.clauses`, `f.documents`, `f.places`, `f.rating`, `f.rating_reason`,
}

var loggedColumn = `COALESCE(group_concat(` + strings.Join(loggedColumns, ` || char(31) || `) + `, char(30)), '')`

// Figures implements [journal.Finder]. It reads the facts as Search does.
func (db *DB) Figures(ctx context.Context, q journal.Query) (journal.Figures, error) {
	if q.OfPerson() {
		return journal.Figures{}, fmt.Errorf("sum up: %w", journal.ErrPersonal)
	}
	var text string
	if err := db.read(ctx, "sum up", func(t tx) error {
		c, err := t.clauseOf(q)
		if err != nil {
			return err
		}
		_, err = t.get(`SELECT `+loggedColumn+c.text.String(), c.args, []any{&text})
		return err
	}); err != nil {
		return journal.Figures{}, err
	}
	tally := journal.NewTally(q.Zone)
	fields := make([]string, 0, len(loggedColumns))
	for text != "" {
		var row string
		row, text, _ = strings.Cut(text, rowSep)
		fields = fields[:0]
		for field := range strings.SplitSeq(row, fieldSep) {
			fields = append(fields, field)
		}
		l, err := loggedOf(fields)
		if err != nil {
			return journal.Figures{}, db.file.Corrupt("facts %q: %w", row, err)
		}
		tally.Add(l)
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
