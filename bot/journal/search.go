package journal

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"
	"unicode"
)

// An Archive is what is read, counted and reviewed afterwards.
type Archive interface {
	Log
	Finder
	Reviewer
	Views
}

// A Finder searches the log.
type Finder interface {
	// Search gives the questions that fit, newest first, a page at a time, and how many fit in all.
	Search(ctx context.Context, q Query) (Page, error)
	// Figures sums up the questions that fit, whatever q's page. ErrPersonal when q names a person: an
	// asker, a dialogue or a reviewer.
	Figures(ctx context.Context, q Query) (Figures, error)
	// Matches gives every question that fits, newest first, whatever q's page, without Record. It may be left
	// early; what changes or is removed meanwhile is given as it is when its turn comes, or left out. The first
	// error ends it.
	Matches(ctx context.Context, q Query) iter.Seq2[Match, error]
}

// A Match is a question that a search found, with what a list shows of it.
type Match struct {
	Row      Row
	Question Question
}

// ErrPersonal says that figures of one person were asked for, which there are none of.
var ErrPersonal = errors.New("there are no figures of one person")

// Sizes of a page.
const (
	UsualPage = 50  // rows, when none is asked for
	MostPage  = 200 // rows
)

// Values of a Query besides those of the log.
const (
	Yes  = "yes"
	No   = "no"
	None = "none" // what is asked for is not there
	Any  = "any"  // whatever it is, it is there
)

// Ratings of an answer, as a Query and a Row name them.
const (
	Good = "good"
	Bad  = "bad"
)

// ModeFallback is the mode of an answer that a model was asked to write and that was put together from clauses
// instead. The other modes are those of the answer.
const ModeFallback = "fallback"

// A Query chooses questions; the zero Query chooses all. All that is given has to hold.
type Query struct {
	Since, Until time.Time // of AcceptedAt: from Since, before Until

	Channel, Lang, Outcome, Reason string
	Mode                           string // extractive, generative or ModeFallback
	Model                          string
	Place                          string   // of a document that is cited, or a place asked about
	Document, Clause               string   // id of what is cited
	AnyClause                      []string // ids: at least one of them is cited; empty: does not matter
	Notice                         string   // kind
	Rating                         string   // Good, Bad, None, Any: of who rated last
	RatingReason                   string
	Case                           string // None, Any, or a CaseState
	CaseReason                     string
	Verdict                        string // of the latest review: None, Any, or a Verdict
	Reviewer                       string // who wrote the latest review
	Asker, Dialogue                string // keyed hash
	Masked, Duplicates             string // Yes or No: personal data was masked; it arrived more than once

	MsFrom, MsTo float64 // how long the answer took in milliseconds: from MsFrom, less than MsTo; 0: no bound

	// Words must all be in the question, each as a part of any word; what stands between quotation marks
	// is one phrase. Upper and lower case, half and full width are alike. With InAnswer each may be in
	// the text of the answer instead.
	Words    string
	InAnswer bool

	// Size is how many rows a page has; 0: UsualPage, at most MostPage. Before is the Older of a page: its
	// rows are those before; After is the Newer of a page: its rows are those after. At most one is given.
	Size          int
	Before, After int64

	// Uncounted asks Search for no more than the rows of the page, which is quicker where few of many are wanted:
	// Total and Newer of the page stay 0, and After must not be given.
	Uncounted bool

	Zone *time.Location // whose days Figures counts; nil: UTC
}

// Rows gives how many rows a page of q has.
func (q Query) Rows() int {
	if q.Size <= 0 {
		return UsualPage
	}
	return min(q.Size, MostPage)
}

// OfPerson reports whether q is about one person.
func (q Query) OfPerson() bool { return q.Asker != "" || q.Dialogue != "" || q.Reviewer != "" }

// A Page is some of the questions that fit, newest first.
type Page struct {
	Rows  []Row `json:"rows"`
	Total int   `json:"total"`           // of all pages, unless it was not to be counted
	Older int64 `json:"older,omitempty"` // Query.Before of the next page; 0: there is none
	Newer int64 `json:"newer,omitempty"` // Query.After of the page before; 0: there is none
}

// A Row is what a list shows of a question.
type Row struct {
	ID      string    `json:"id"`
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"` // AcceptedAt
	Channel string    `json:"channel"`
	Lang    string    `json:"lang,omitempty"`
	Text    string    `json:"text"`
	State   State     `json:"state"`
	Outcome string    `json:"outcome,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Clauses []string  `json:"clauses,omitempty"` // ids of what is cited, at most three
	Rating  string    `json:"rating,omitempty"`  // Good, Bad or "": of who rated last
	Case    CaseState `json:"case,omitempty"`
	Verdict Verdict   `json:"verdict,omitempty"` // of the latest review
	Ms      float64   `json:"ms,omitempty"`      // how long the answer took; 0: there is none
	Mode    string    `json:"mode,omitempty"`
}

// RowClauses is how many clauses a Row has at most.
const RowClauses = 3

// MostTerms is how many words and phrases of a search count: the first ones.
const MostTerms = 16

// Terms gives the words and phrases of a search, folded, each once.
func Terms(words string) []string {
	var terms []string
	seen := map[string]bool{}
	quotes := strings.NewReplacer("“", `"`, "”", `"`, "＂", `"`)
	for i, part := range strings.Split(quotes.Replace(words), `"`) {
		list := []string{part}
		if i%2 == 0 {
			list = strings.Fields(part)
		}
		for _, term := range list {
			if term = Fold(term); term != "" && !seen[term] && len(terms) < MostTerms {
				seen[term] = true
				terms = append(terms, term)
			}
		}
	}
	return terms
}

// Fold gives a text as searches compare it: in lower case, in half width, with one space for all white space
// between words and none around.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) || r < ' ' {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
