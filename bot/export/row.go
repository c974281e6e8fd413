package export

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"policybot/bot/journal"
)

// A Row is one question as it is exported. Its JSON form is that of the command that exports the log, with more
// of what is cited. Label says what made the text.
type Row struct {
	ID           string            `json:"id"`
	AcceptedAt   time.Time         `json:"accepted_at"`
	AnsweredAt   time.Time         `json:"answered_at,omitzero"`
	ClosedAt     time.Time         `json:"closed_at,omitzero"`
	Channel      string            `json:"channel"`
	User         string            `json:"user"` // keyed hash
	State        journal.State     `json:"state"`
	Outcome      string            `json:"outcome,omitempty"`
	Reason       string            `json:"reason,omitempty"`
	Lang         string            `json:"lang,omitempty"`
	Mode         string            `json:"mode,omitempty"`
	Label        string            `json:"label,omitempty"` // extract, ai or notice
	Question     string            `json:"question"`
	Text         string            `json:"text,omitempty"`
	Citations    []string          `json:"citations,omitempty"` // ids of clauses, each with @ and the version of its document
	Cited        []Cited           `json:"cited,omitempty"`     // the same clauses
	Library      string            `json:"library,omitempty"`
	Model        string            `json:"model,omitempty"`
	Prompt       string            `json:"prompt,omitempty"`
	MsTotal      float64           `json:"ms_total,omitempty"`
	Attempts     int               `json:"attempts"`
	Duplicates   int               `json:"duplicates"`
	Masked       []string          `json:"masked,omitempty"`
	Rating       string            `json:"rating,omitempty"` // good or bad
	RatingReason string            `json:"rating_reason,omitempty"`
	RatingText   string            `json:"rating_text,omitempty"`
	Case         journal.CaseState `json:"case,omitempty"`
	Verdict      journal.Verdict   `json:"verdict,omitempty"` // of the latest review
	Answer       json.RawMessage   `json:"answer,omitempty"`
	Record       json.RawMessage   `json:"record,omitempty"`
}

// A Cited is one clause that an answer cites.
type Cited struct {
	Clause string `json:"clause"` // id
	Title  string `json:"title"`  // of the document, as the others
	Number string `json:"number,omitempty"`
	Path   string `json:"path"`
	Quote  string `json:"quote"`
}

// An answered is what a row shows of an answer; see the JSON of bot.Answer.
type answered struct {
	Lang, Mode, Text, Library, Model, Prompt string
	Ms                                       struct{ Total float64 }
	Citations                                []citation
}

// A citation is what a row shows of one.
type citation struct {
	Clause struct {
		ID, Path string
		Document struct {
			Title, Number string
			Version       int
		}
	}
	Quote string
}

// RowOf gives the row of a question with its Answer, without rating, case and review, and without the answer and
// record themselves. label tells what made the text of an answer with this outcome and mode.
func RowOf(q journal.Question, label func(outcome, mode string) string) Row {
	a := readAnswer(q.Answer) // a question without an answer has none of it
	row := Row{
		ID: q.ID, AcceptedAt: q.AcceptedAt, AnsweredAt: q.AnsweredAt, ClosedAt: q.ClosedAt, Channel: q.Channel, User: q.User, State: q.State,
		Outcome: q.Outcome, Reason: q.Reason, Lang: a.Lang, Mode: a.Mode, Question: q.Text, Text: a.Text, Library: a.Library, Model: a.Model,
		Prompt: a.Prompt, MsTotal: a.Ms.Total, Attempts: q.Attempts, Duplicates: q.Duplicates, Masked: q.Masked,
	}
	if len(q.Answer) > 0 {
		row.Label = label(q.Outcome, a.Mode)
	}
	for _, c := range a.Citations {
		k, d := c.Clause, c.Clause.Document
		row.Citations = append(row.Citations, k.ID+"@"+strconv.Itoa(d.Version))
		row.Cited = append(row.Cited, Cited{Clause: k.ID, Title: d.Title, Number: d.Number, Path: k.Path, Quote: c.Quote})
	}
	return row
}

// Rate gives a row the latest rating of its question.
func (r *Row) Rate(rating journal.Rating) {
	r.Rating, r.RatingReason, r.RatingText = journal.Bad, rating.Reason, rating.Text
	if rating.Good {
		r.Rating = journal.Good
	}
}

// cited tells the clauses that a row cites, a line each.
func (r Row) cited() string {
	var b strings.Builder
	for i, c := range r.Cited {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "[%d] 《%s》", i+1, c.Title)
		if c.Number != "" {
			b.WriteString(" " + c.Number)
		}
		b.WriteString(" " + c.Path + "：“" + c.Quote + "”")
	}
	return b.String()
}
