package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Drafts are how the staff work on a case together: who sees to it, what they write, who lets it go out.
// Every method wraps ErrNotFound when there is no such case. All but ListDrafts refuse a case that is not open, with
// ErrReplied or ErrClosed; SaveDraft and Decide refuse one whose asker was erased, with ErrUnreachable.
type Drafts interface {
	// Assign makes owner, an account's name, see to a case; "" gives it back. The last call counts. It writes the
	// Step "assigned" unless the owner is the same as before.
	Assign(ctx context.Context, id, owner, by string, at time.Time) (Case, error)
	// SaveDraft stores the next revision of what is to be replied and gives it with its N. d.Base must be the case's
	// Revision, else *ConflictError tells the latest one and nothing is stored. Every revision is kept. What its author
	// saves once more on top of the same, or on top of itself, is no new revision: it is given as it is, and nothing
	// changes. A new revision makes the Stage editing: it takes back a submission and an approval. ErrDraft when
	// d is beyond MaxDraft or MaxClauses, is blank, is not UTF-8, or says nobody's name.
	SaveDraft(ctx context.Context, d Draft) (Draft, error)
	// ListDrafts gives every revision of a case, oldest first, those of earlier rounds too.
	ListDrafts(ctx context.Context, id string) ([]Draft, error)
	// Decide submits, returns or approves the latest revision; *ConflictError when d.Draft is another, or of an
	// earlier round. A revision is submitted in the stages editing and returned, returned (ErrNoReason without a Why) in
	// the stages awaiting and approved, and approved in every stage; ErrStage in another. Who approves has
	// written no revision of this round nor, in approval mode, submitted this one: ErrOwnApproval. Names are compared without case.
	// What the same person has decided alike is not an error, and changes nothing; of two approvals the last counts. A Step "submitted", "returned" or
	// "approved" is written.
	Decide(ctx context.Context, d Decision) (Case, error)
	// CloseCase closes a case without a reply, for which c must say why (ErrNoReason), and writes the Step "closed case".
	// OpenCase opens it again.
	CloseCase(ctx context.Context, c Closing) (Case, error)
}

// SettingApproval is the setting of the approval mode, which is on when its value is ApprovalOn. In this mode
// a reply goes out only as somebody approved it who wrote no revision of its round.
const (
	SettingApproval = "approval"
	ApprovalOn      = "on"
)

// Most of what a draft may have.
const (
	MaxDraft   = 20_000 // characters of the text
	MaxClauses = 50
)

// Errors of the work on a case. They are wrapped.
var (
	ErrClosed      = errors.New("the case was closed without a reply")
	ErrDraft       = errors.New("the draft cannot be stored")
	ErrStage       = errors.New("this cannot be decided at this stage")
	ErrNoReason    = errors.New("a reason is needed")
	ErrOwnApproval = errors.New("nobody approves what they wrote or submitted themselves")
	ErrUnapproved  = errors.New("the reply was not approved as it is")
)

// A ConflictError says that another revision is the latest now.
type ConflictError struct {
	Latest Draft // zero: the case has none
}

// Error tells the number alone, not what the draft says.
func (e *ConflictError) Error() string {
	if e.Latest.N == 0 {
		return "the case has no draft yet"
	}
	return fmt.Sprintf("draft %d is the latest now", e.Latest.N)
}

// An Origin says what wrote a draft.
type Origin string

// Origins. "" means a person.
const (
	ByPerson  Origin = "person"
	ByProgram Origin = "program"
)

// A Draft is one revision of what is to be replied to a case. It is never changed, until its asker is erased:
// then its Text and Clauses are removed.
type Draft struct {
	Case    string    `json:"case"`
	N       int       `json:"n"`    // from 1, for each case
	Base    int       `json:"base"` // N of the revision that it was written on; 0: none
	Text    string    `json:"text"`
	Clauses []string  `json:"clauses,omitempty"` // ids; [1] in the text is the first
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Origin  Origin    `json:"origin"`
}

// A Stage is how far the draft of a case is.
type Stage string

// Stages. A case without a draft in this round has none ("").
const (
	StageEditing  Stage = "editing"
	StageAwaiting Stage = "awaiting" // submitted, waits for an approval
	StageReturned Stage = "returned" // to be changed, see ReturnReason
	StageApproved Stage = "approved"
)

// A Verb is what a Decision does.
type Verb string

// Verbs.
const (
	Submit  Verb = "submit"
	Return  Verb = "return"
	Approve Verb = "approve"
)

// A Decision is about exactly one revision.
type Decision struct {
	Case  string
	Draft int // its N
	Does  Verb
	By    string
	Why   string // of a return
	At    time.Time
}

// A Closing closes a case without a reply.
type Closing struct {
	Case, By, Why string
	At            time.Time
}

// A CaseFilter chooses cases; the zero CaseFilter chooses all.
type CaseFilter struct {
	State    CaseState
	Owner    string
	Unowned  bool // only those that nobody sees to
	Stage    Stage
	Reason   string
	Question string // id of the question that it is about
	Newest   bool   // the newest first; else the oldest
	After    int64  // Seq of the last case of the page before; 0: from the beginning
	Limit    int    // at most so many; 0: no limit
}

// Fits reports whether a case is one that the filter chooses, but for After and Limit.
func (f CaseFilter) Fits(c Case) bool {
	return (f.State == "" || c.State == f.State) && (f.Owner == "" || c.Owner == f.Owner) && (!f.Unowned || c.Owner == "") &&
		(f.Stage == "" || c.Stage == f.Stage) && (f.Reason == "" || c.Reason == f.Reason) && (f.Question == "" || c.Question == f.Question)
}
