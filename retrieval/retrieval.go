// Package retrieval owns what the policies say: documents, their clauses, and
// the search over them.
//
// A [Document] is one issued text. Its text is cut by [outline] into clauses;
// a leaf [Clause] is the smallest unit that can be cited. A [Store] is the
// record of documents and clauses. A [Library] adds documents to a store and
// searches it: candidates by their words, through a lexical index that is derived
// from the store, kept in a file of its own and rebuilt whenever it does not fit
// the store, and by vectors where a [VectorStore] has some; all are ordered by a
// trained ranker.
//
// [outline]: policybot/retrieval/outline
package retrieval

import (
	"context"
	"errors"
	"slices"
)

// Workspace is the one workspace that exists today. Every stored row carries
// its workspace, so that several can share a database later.
const Workspace = "main"

// Kinds of document.
const (
	KindPlan         = "plan"             // 行动计划, 方案: targets and tasks for a period
	KindOpinions     = "opinions"         // 意见, 若干措施
	KindMeasures     = "measures"         // 办法, 规定, 条例, 细则, 规则
	KindNotice       = "notice"           // 通知, 公告
	KindGuide        = "guide"            // 申报指南
	KindFAQ          = "faq"              // 问答
	KindTranscript   = "transcript"       // press conference or interview: not a policy
	KindOther        = "other"            // none of these
	StatusInForce    = "in_force"         // a stated period covers the day asked about
	StatusPeriodOver = "period_over"      // a stated period has ended
	StatusTargetOver = "target_year_over" // only a target year has passed; no expiry is stated
	StatusNotYet     = "not_yet"          // the stated period has not begun
	StatusRepealed   = "repealed"         // said to be repealed
	StatusNotPolicy  = "not_policy"       // information, nothing to apply for
	StatusUnknown    = "unknown"          // neither the text nor the catalogue says
)

// Sources of a fact about a document.
const (
	SourceText      = "text"      // printed in the document
	SourceCatalogue = "catalogue" // known from elsewhere and entered by a person
)

// A Document is one issued text. Empty strings and zero years are facts that
// are not known; nothing is ever guessed. Dates are YYYY-MM-DD, or YYYY-MM or
// YYYY where no more is known.
type Document struct {
	ID           string            `json:"id"`                     // [a-z0-9.-]+, stable
	Title        string            `json:"title"`                  //
	Aliases      []string          `json:"aliases,omitempty"`      // names that people use for it, from a catalogue
	Number       string            `json:"number,omitempty"`       // 文号, such as 厦府办〔2020〕57号
	Issuer       string            `json:"issuer,omitempty"`       //
	Jurisdiction string            `json:"jurisdiction,omitempty"` // place or zone that it covers
	IssuedOn     string            `json:"issued_on,omitempty"`
	ValidFrom    string            `json:"valid_from,omitempty"`
	ValidUntil   string            `json:"valid_until,omitempty"` // last day of a stated period
	Deadline     string            `json:"deadline,omitempty"`    // last day for carrying its measures out, where no period is stated
	TargetYear   int               `json:"target_year,omitempty"` // year of its targets where no period is stated
	Status       string            `json:"status"`                // on the day asked about; see StatusOn
	Language     string            `json:"language,omitempty"`    // zh, en or mixed
	Kind         string            `json:"kind,omitempty"`        // one of those above; empty when there is no title to tell it by
	Translated   bool              `json:"translated,omitempty"`  // machine-translated, wholly or in part
	Repealed     bool              `json:"repealed,omitempty"`
	Source       string            `json:"source"`            // base name of the file
	Facts        map[string]string `json:"facts,omitempty"`   // field name (JSON) → SourceText or SourceCatalogue
	Notes        map[string]string `json:"-"`                 // field name → where a catalogue fact comes from
	Mentions     []Mention         `json:"-"`                 // other texts that its clauses name; see MentionsIn. Not in JSON: every clause would repeat them
	Origin       string            `json:"-"`                 // absolute path at the last indexing; empty when embedded
	Hash         string            `json:"hash,omitempty"`    // SHA-256 of the stored text, hex
	Version      int               `json:"version,omitempty"` // 1 for the first text under this id
	Clauses      int               `json:"-"`                 // number of leaf clauses
}

// A Mention is a title that a document's clauses name.
type Mention struct {
	Title  string `json:"title"`  // what stands between 《 and 》, exactly
	Clause string `json:"clause"` // id of the first clause that names it
}

// A Clause is a leaf clause: the smallest citable unit of a document.
type Clause struct {
	ID          string   `json:"id"`            // Document.ID + "." + path in ASCII; stable under edits elsewhere
	Document    Document `json:"document"`      //
	Path        string   `json:"path"`          // 三/(四): half-width brackets, outermost first
	Heading     string   `json:"heading"`       // the unit's own heading without its number; may be empty
	Text        string   `json:"text"`          // exactly the document's text from Start to End
	Start       int      `json:"start"`         // code points into the stored text
	End         int      `json:"end"`           //
	Departments []string `json:"departments"`   // responsible bodies, the lead body first when it is said
	URL         string   `json:"url,omitempty"` // clause page, empty when nothing serves it
	Parents     []string `json:"-"`             // headings of the enclosing units, outermost first
	Ordinal     int      `json:"-"`             // position among the document's leaf clauses, from 0
}

// Goals reports whether the clause stands under a heading of goals.
func (c Clause) Goals() bool {
	return slices.ContainsFunc(append(slices.Clone(c.Parents), c.Heading), isGoals)
}

// Change says what [Store.Put] did.
type Change string

// Results of storing a document.
const (
	Added      Change = "added"
	Unchanged  Change = "unchanged"
	NewVersion Change = "new version"
)

// ErrNotFound is returned, wrapped, for an id that the store does not hold.
var ErrNotFound = errors.New("not found")

// A Reader reads the record of documents and clauses. All methods may be
// called from several goroutines.
type Reader interface {
	// Documents lists the current version of every document, ordered by ID.
	// Status is StatusUnknown: it depends on the day; see Document.StatusOn.
	Documents(ctx context.Context) ([]Document, error)
	// Clauses lists the leaf clauses of one document in order, with texts.
	// The error wraps ErrNotFound for an unknown document.
	Clauses(ctx context.Context, documentID string) ([]Clause, error)
	// Lookup returns the current clauses with these ids in the given order,
	// ids that do not exist left out.
	Lookup(ctx context.Context, ids []string) ([]Clause, error)
	// Revision names what the store holds now; see Fingerprint. What is derived
	// from the store fits it while the revision is the same.
	Revision(ctx context.Context) (string, error)
}

// A Store is the record of documents and clauses. Implementations: memory
// (NewMemory) and SQLite (package sqlite); the conformance suite is
// retrievaltest.TestStore.
type Store interface {
	Reader
	// Put stores text as the current version of doc and clauses as its leaf
	// clauses, all or nothing. doc.ID is the identity. A document whose text,
	// facts and clauses equal the stored ones is left Unchanged; a different
	// text, or the same text with other facts or clauses, gets the next version
	// number. Earlier versions stay readable for the record but are not listed (see
	// Versions). A document that was withdrawn is listed again, as its next version.
	// doc.Hash, doc.Version and doc.Clauses are set by Put.
	Put(ctx context.Context, doc Document, text string, clauses []Clause) (Change, error)
	// Attachments lists the attachments of a kind, ordered by ID.
	Attachments(ctx context.Context, kind string) ([]Attachment, error)
	// PutAttachments stores attachments, all or nothing, each in place of the one with
	// its Kind and ID; one without Data is removed. Of several with the same name the
	// last counts. The Revision stays as it is. See [Attachment.Check] for what is refused.
	PutAttachments(ctx context.Context, list ...Attachment) error
}
