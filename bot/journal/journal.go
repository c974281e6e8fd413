// Package journal owns what the service remembers: questions and what became of them, replies on their
// way out, cases for staff. It says what each step of a question's life does to the rows; package memory
// does it in memory, package bot/sqlite in a file. Both pass the cases of package journaltest.
//
//	          Accept
//	             │
//	   ┌─────────┴──────────┐
//	   ▼                    ▼
//	waiting ◄──Release── claimed      refused (told at the door, never queued)
//	   │  ──Claim──────►    │
//	   │  ◄─lease over──    │
//	Withdraw             Complete ──► answered ──Posted, GiveUp──► closed
//	   │                    │            │
//	   ▼                    ▼            one final delivery:
//	cancelled           cancelled        ready ──Next──► posting ──Posted──► posted
//	                                       ▲                │ └────GiveUp──► failed
//	                                       └──Later, lease──┘
//
// Where askers fetch their replies, Complete closes at once. Erase cancels what is not closed, and drops what
// is not posted.
//
// Every method is one transaction: when it returned nil, what it did outlives the process and a loss of
// power; when it failed, nothing was done. Each step of a question is a row of its own (Step). Times are
// given by the caller, in UTC and to the microsecond; a journal has no clock. All methods may be used from several
// goroutines, and from several processes where the journal is a server.
package journal

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"policybot/bot/channel"
)

// A Journal is all of what the service remembers.
type Journal interface {
	Line
	Cases
	Drafts
	Archive
	Keeper
}

// A Line is the way of a question from the door to its reply.
type Line interface {
	Intake
	Queue
	Outbox
}

// An Intake takes what comes in.
type Intake interface {
	// Accept stores a question once. A delivery key or content key of its channel that is known makes
	// it a duplicate: the new key is remembered for the same question, its Duplicates grow by one, and
	// what is returned tells of that question; nothing else changes. Otherwise the question
	// becomes waiting or, when a.Refuse or a limit says so, refused. Of a user's questions those count
	// that are waiting or claimed, of all questions those waiting. A refused question has the Outcome
	// "refused", the Reason, and the answer that a.Refusal gives; it gets a delivery of Purpose Notice,
	// unless a.TellOnce is above 0 and the same user was told for the same reason a.TellMost times less than that ago. With
	// a.Reask a refused question with the same Digest is no duplicate: it is asked anew, by another
	// question, for which all its keys stand from then on. With a.Fetched there is never a delivery.
	Accept(ctx context.Context, a Arrival) (Accepted, error)
	// Edit changes the text of a question that is not answered yet. A claim of it that is under way is
	// lost, and the question waits again; it keeps its place. Of a question in another state, or one
	// that is not known, only a Step "edit ignored" is written if it is known. It reports the state before.
	Edit(ctx context.Context, e Edit) (State, error)
	// Withdraw cancels a question that is waiting or claimed, whose claim is then lost. In another state
	// only a Step is written. It reports the state before, "" when the question is not known.
	Withdraw(ctx context.Context, w Withdrawal) (State, error)
	// Rate stores what a user thinks of an answer; the last word of each user on each question counts. With
	// r.Withdrawn the user's rating is removed, and nothing changes where there is none.
	// ErrNotFound when there is no such question.
	Rate(ctx context.Context, r Rating) error
}

// A Queue hands out questions to be answered.
type Queue interface {
	// Claim gives the next question under a lease, or ErrNone. It takes one that is waiting with
	// NotBefore not after o.Now, or claimed with its lease ended at o.Now; of each dialogue only the first,
	// by Seq, of those that are waiting or claimed. The order is fair between users: by Turn,
	// then Seq. A new question's Turn is one more than the Turn of the user's latest question that is
	// waiting or claimed, and not less than the smallest Turn that is waiting. Attempts grows by one.
	Claim(ctx context.Context, o ClaimOptions) (Claim, error)
	// Renew prolongs the lease of a claim; ErrLost when the question is no longer claimed by it.
	Renew(ctx context.Context, c Claim, until time.Time) error
	// Complete ends a claim with the answer: the question becomes answered, r.Doc its one delivery of
	// Purpose Final, r.Tokens usable, and r.Case, if there is one, opened: for this question, or for another
	// one that its Question names. With r.Fetched the delivery is posted and the question closed at once. ErrLost when the question
	// is no longer claimed by c; a lease that has ended and was not given to another is no obstacle.
	Complete(ctx context.Context, c Claim, r Result) error
	// Release gives a claim back: the question waits again, not before r.NotBefore. r.Free takes the
	// attempt back. ErrLost as with Complete.
	Release(ctx context.Context, c Claim, r Release) error
}

// An Outbox hands out documents to be delivered.
type Outbox interface {
	// Next gives the next delivery under a lease, or ErrNone: one that is ready with NextAt not after
	// o.Now, or posting with its lease ended, which makes it Uncertain for good. Of each dialogue only the first that is neither posted
	// nor failed nor dropped is given, so that replies come in order; none to a place or channel that is paused
	// at o.Now; with o.Apart none to a place of a channel to which another is being posted under a lease that lasts.
	// The order is by Seq. Attempts grows by one.
	Next(ctx context.Context, o NextOptions) (Delivery, error)
	// Posted ends a delivery that arrived; a final one closes its question. Until pause.Until its place,
	// or with pause.All its channel, gets nothing more. ErrLost when the delivery is no longer the one that was
	// given (its Token); nothing is changed then.
	Posted(ctx context.Context, d Delivery, at time.Time, receipt channel.Receipt, pause Pause) error
	// Later gives a delivery back, to be tried again not before next. arrived tells whether it may
	// have arrived. The pause is as in Posted. ErrLost as in Posted.
	Later(ctx context.Context, d Delivery, l Later) error
	// GiveUp ends a delivery that cannot arrive: it becomes failed, a final one closes its question,
	// and a case is opened for it, but for one of Purpose Desk, which is of a case already. ErrLost as in Posted.
	GiveUp(ctx context.Context, d Delivery, at time.Time, why string, c NewCase) error
}

// Cases are what a person of the staff has to see to.
type Cases interface {
	// OpenCase opens a case. A question has at most one: when it is open, it is returned as it is; when it
	// was replied to or closed, it is opened again with the new Reason and Text, and can be replied to once more:
	// a new round, in which the drafts before (up to Earlier) are only history. Its Owner stays. Complete and
	// GiveUp open cases in the same way. With c.Post a round that begins is told to the staff by a delivery of Purpose
	// Desk, unless the asker was erased; a case that is open already is not told of again.
	OpenCase(ctx context.Context, c NewCase, at time.Time) (Case, error)
	// ListCases lists cases, oldest first; state "" lists all.
	ListCases(ctx context.Context, state CaseState) ([]Case, error)
	// Inbox gives a page of the cases that fit, by Seq, the oldest first unless f.Newest.
	Inbox(ctx context.Context, f CaseFilter) ([]Case, error)
	// GetCase gives one; ErrNotFound.
	GetCase(ctx context.Context, id string) (Case, error)
	// Respond sends a person's reply to where the case came from, by a delivery of Purpose Staff. The
	// case becomes replied; ErrReplied when it is already, ErrClosed, ErrUnreachable when the asker was erased.
	// In approval mode (SettingApproval, as it is in the same transaction) ErrUnapproved, unless r.Revision is the latest
	// one, it is approved by somebody who wrote no revision of its round, r.Text is its text to the letter, r.Clauses are its
	// clauses or nil, and r.Doc says this text and, before it, at most one line, and cites none but these
	// clauses. Else r.Revision, when it is not 0, must be the latest one: *ConflictError. The Step "replied" says By and Why.
	Respond(ctx context.Context, r Response) (Case, error)
}

// A Log reads what happened.
type Log interface {
	// Entries gives questions that fit the filter in order of Seq, without Steps. It may be left early.
	// The first error ends it.
	Entries(ctx context.Context, f Filter) iter.Seq2[Question, error]
	// Entry gives one question by its id with its steps and deliveries; ErrNotFound.
	Entry(ctx context.Context, id string) (Entry, error)
	// Ratings gives what users think of the questions that fit the filter, whose Limit does not count, in
	// order of time. The first error ends it.
	Ratings(ctx context.Context, f Filter) iter.Seq2[Rating, error]
	// Pressed gives what a button's token stands for; ErrNotFound.
	Pressed(ctx context.Context, token string) (Token, error)
	// Count counts what is under way.
	Count(ctx context.Context) (Counts, error)
}

// A Keeper keeps settings and forgets.
type Keeper interface {
	Forgetter
	// Setting gives a value, "" when there is none.
	Setting(ctx context.Context, name string) (string, error)
	// SetSetting sets a value; "" removes it.
	SetSetting(ctx context.Context, name, value string) error
	// Rebase ends at now what ends later: leases, whose holders must be gone, and, unless onlyLeases, every
	// NotBefore, NextAt and pause. It is for a start: after a crash, and after the clock was ahead.
	Rebase(ctx context.Context, now time.Time, onlyLeases bool) error
}

// Errors of a journal. They are wrapped.
var (
	ErrNone        = errors.New("nothing is due")
	ErrLost        = errors.New("somebody else has it now")
	ErrNotFound    = errors.New("not found")
	ErrPending     = errors.New("the question is not answered yet")
	ErrReplied     = errors.New("the case was replied to already")
	ErrUnreachable = errors.New("the asker can no longer be reached")
)

// An Arrival is a question at the door.
type Arrival struct {
	Question    Question // ID, Channel, User, Dialogue, Place, Reply, Lang, Text, Masked, Quote, About, History, Profile, Org, AsOf, Digest, AskedAt and AcceptedAt are taken
	DeliveryKey string
	ContentKey  string
	Person      Person
	OtherID     string // used when another question has Question.ID already
	Refuse      string // why every question is refused now; "" when it is not
	Limits      Limits
	// Refusal gives the notice of a refusal and the question's Answer. It may be called more than once.
	Refusal  func(id, reason string) (channel.Doc, json.RawMessage)
	TellOnce time.Duration // 0: each is told
	TellMost int           // so many times within TellOnce, and once of questions with one digest; 0 means once
	Reask    bool
	Fetched  bool // the asker fetches replies
}

// Limits bound what may wait; 0 means no limit.
type Limits struct {
	PerUser int // reason ReasonUserBusy
	Total   int // reason ReasonBusy
}

// Reasons of a refusal: by a limit, and by whoever switched the service off.
const (
	ReasonUserBusy = "user_busy"
	ReasonBusy     = "busy"
	ReasonStopped  = "stopped"
)

// A Person is who a user is: the erasable map from a keyed hash.
type Person struct {
	Platform string `json:"platform"`
	Tenant   string `json:"tenant"`
	ID       string `json:"id"`
}

// Accepted tells what Accept did.
type Accepted struct {
	Question  Question // as it is now
	Duplicate bool
	Told      bool // a notice of a refusal is on its way
}

// An Edit is a changed question. Text, Masked and Digest replace the old ones.
type Edit struct {
	Channel, ContentKey string
	User                string // must be the question's, else it is not known
	Text, Digest        string
	Masked              []string
	At                  time.Time
}

// A Withdrawal takes a question back. It is found by ContentKey or, if that is empty, is every question of
// Dialogue that is not answered yet; the state of the last is reported.
type Withdrawal struct {
	Channel, ContentKey string
	Dialogue            string
	User                string // must be the question's, else it is not known
	Why                 string
	At                  time.Time
}

// A Rating is one user's feedback on one question's answer.
type Rating struct {
	Question string    `json:"question"`
	User     string    `json:"user"`
	Good     bool      `json:"good"`
	Reason   string    `json:"reason,omitempty"`
	Text     string    `json:"text,omitempty"`
	At       time.Time `json:"at"`
	// Withdrawn takes back what the user said before. A stored rating never is.
	Withdrawn bool `json:"-"`
}

// ClaimOptions of Queue.Claim.
type ClaimOptions struct {
	Now   time.Time
	Until time.Time // end of the lease
	// AcceptedBefore, when it is not zero, takes only questions accepted before it.
	AcceptedBefore time.Time
}

// A Claim is a question under a lease.
type Claim struct {
	Question Question
	Token    string // random; tells this claim from any other
	// Earlier are the latest answered questions of the dialogue, oldest first, at most three, asked in the
	// hour before this one; with Text and Answer.
	Earlier []Question
}

// A Result ends a claim.
type Result struct {
	Outcome, Reason string
	Answer, Record  json.RawMessage
	Doc             channel.Doc
	Tokens          []Token
	Case            *NewCase // opened with it
	Fetched         bool     // the asker fetches replies: nothing is to be delivered
	At              time.Time
}

// A Release gives a claim back.
type Release struct {
	At, NotBefore time.Time
	Why           string
	Free          bool // the attempt does not count
}

// A Token is what a button stands for.
type Token struct {
	Token    string
	Question string
	Does     string // good, bad, person, case, or reply: and what is said
}

// A Purpose is what a delivery is for.
type Purpose string

// Purposes.
const (
	Final  Purpose = "final"  // the one reply to a question
	Notice Purpose = "notice" // a question was refused
	Staff  Purpose = "staff"  // a person's reply to a case
	Desk   Purpose = "desk"   // the staff is told of a case
)

// A DeliveryState is where a delivery is.
type DeliveryState string

// States of a delivery. The last three are final.
const (
	Ready   DeliveryState = "ready"
	Posting DeliveryState = "posting" // given to the channel; whether it arrived is not known
	Posted  DeliveryState = "posted"
	Failed  DeliveryState = "failed"
	Dropped DeliveryState = "dropped" // its asker was erased first
)

// A Delivery is one document on its way out.
type Delivery struct {
	ID        string         `json:"id"` // the same for each attempt
	Seq       int64          `json:"seq"`
	Question  string         `json:"question"` // "" only for a case without one
	Case      string         `json:"case,omitempty"`
	Purpose   Purpose        `json:"purpose"`
	Channel   string         `json:"channel"`
	User      string         `json:"user"`
	Dialogue  string         `json:"-"`
	Place     channel.Place  `json:"-"`
	Reply     channel.Handle `json:"-"`
	Doc       channel.Doc    `json:"doc"`
	State     DeliveryState  `json:"state"`
	Token     string         `json:"-"` // random, of this attempt
	Attempts  int            `json:"attempts"`
	Uncertain bool           `json:"uncertain,omitempty"` // an earlier attempt may have arrived
	CreatedAt time.Time      `json:"created_at"`
	NextAt    time.Time      `json:"next_at,omitzero"`
	PostedAt  time.Time      `json:"posted_at,omitzero"`
	Receipt   string         `json:"receipt,omitempty"`
	Why       string         `json:"why,omitempty"` // of the last failure
}

// NextOptions of Outbox.Next.
type NextOptions struct {
	Now, Until time.Time
	Channels   []string // only these; nil: any
	Other      bool     // only those that are not in Channels
	Apart      bool     // one at a time to each place
}

// A Pause keeps a place or a whole channel from getting more. The zero Pause pauses nothing. A pause never
// shortens one that is there.
type Pause struct {
	Until time.Time
	All   bool
}

// Later of Outbox.Later.
type Later struct {
	At, Next time.Time
	Why      string
	Arrived  bool // it may have arrived: sets Uncertain, which stays
	Pause    Pause
}

// A NewCase is a case to be opened.
type NewCase struct {
	ID       string
	Question string // "" when there is none
	Reason   string // such as "asked", "expired", "failed", "undeliverable"
	Text     string // what the asker says to it, or what happened
	// Where to reply, when there is no question; else they are the question's.
	Channel, User, Dialogue string
	Place                   channel.Place
	Reply                   channel.Handle
	Post                    *DeskPost // nil: the staff is told nothing
}

// A DeskPost is what the staff is told of a case, and where. Its delivery is the asker's as far as erasing and forgetting
// go, and has a Dialogue of its own.
type DeskPost struct {
	Channel, Dialogue string
	Place             channel.Place
	Reply             channel.Handle
	Doc               channel.Doc
	Tokens            []Token // of its buttons, of the case's question; usable only where there is one
}

// A CaseState is where a case is.
type CaseState string

// States of a case.
const (
	CaseOpen    CaseState = "open"
	CaseReplied CaseState = "replied"
	CaseClosed  CaseState = "closed" // without a reply
)

// A Case is something for a person of the staff.
type Case struct {
	ID        string         `json:"id"`
	Seq       int64          `json:"seq"`
	Question  string         `json:"question,omitempty"`
	Reason    string         `json:"reason"`
	Text      string         `json:"text,omitempty"`
	Asked     string         `json:"asked,omitempty"` // text of the question
	Channel   string         `json:"channel"`
	User      string         `json:"user"`
	Dialogue  string         `json:"-"`
	Place     channel.Place  `json:"-"`
	Reply     channel.Handle `json:"-"`
	State     CaseState      `json:"state"`
	OpenedAt  time.Time      `json:"opened_at"`
	RepliedAt time.Time      `json:"replied_at,omitzero"`
	By        string         `json:"by,omitempty"`
	Response  string         `json:"response,omitempty"`
	Delivery  string         `json:"delivery,omitempty"` // id of the delivery of the response
	Sent      int            `json:"sent,omitempty"`     // revision that the response was; 0: none
	Clauses   []string       `json:"clauses,omitempty"`  // of the response

	Owner        string    `json:"owner,omitempty"`         // account that sees to it
	Stage        Stage     `json:"stage,omitempty"`         // of the draft; as it was when the case was replied or closed
	Revision     int       `json:"revision,omitempty"`      // N of the latest draft; 0: none
	Earlier      int       `json:"earlier,omitempty"`       // N of the last draft of the rounds before
	SubmittedBy  string    `json:"submitted_by,omitempty"`  // of the latest draft; "" when it is not
	Approved     int       `json:"approved,omitempty"`      // N of the draft that is approved; 0: none
	ApprovedBy   string    `json:"approved_by,omitempty"`   // who approved it
	ReturnReason string    `json:"return_reason,omitempty"` // of the last return, until it is submitted or approved
	ClosedAt     time.Time `json:"closed_at,omitzero"`
	ClosedBy     string    `json:"closed_by,omitempty"`
	ClosedWhy    string    `json:"closed_why,omitempty"`
}

// A Response is a person's reply to a case.
type Response struct {
	Case string
	By   string
	Text string
	Doc  channel.Doc
	At   time.Time
	// Revision is the draft that it is, 0 when it is none. Clauses back it: [1] in Text is the first; nil: those
	// of the draft.
	Revision int
	Clauses  []string
	Why      string // it goes out although something speaks against it; for the Step, "" for none
}

// A Step is one thing that happened to a question. Steps are only ever added.
type Step struct {
	At     time.Time       `json:"at"`
	Name   string          `json:"step"` // accepted, duplicate, refused, edited, "edit ignored", claimed, released, answered, withdrawn, "withdrawal ignored", posting, posted, retried, failed, rated, "rating withdrawn", case, assigned, submitted, returned, approved, replied, "closed case", reviewed, erased
	Detail json.RawMessage `json:"detail,omitempty"`
}

// An Entry is a question with all that happened to it.
type Entry struct {
	Question   Question   `json:"question"`
	Steps      []Step     `json:"steps"`      // in order
	Deliveries []Delivery `json:"deliveries"` // in order of Seq
	Ratings    []Rating   `json:"ratings"`    // in order of time
}

// A Filter chooses questions; the zero Filter chooses all.
type Filter struct {
	Since, Until time.Time // of AcceptedAt: from Since, before Until
	State        State
	Outcome      string
	User         string
	Dialogue     string
	Channel      string
	Place        string // id of a place of Channel
	Limit        int    // the newest so many; 0: no limit
	Brief        bool   // without Answer and Record
	NoRecord     bool   // without Record
}

// Counts of what is under way.
type Counts struct {
	Waiting   int       `json:"waiting"` // questions
	Claimed   int       `json:"claimed"`
	Answered  int       `json:"answered"`
	Ready     int       `json:"ready"` // deliveries
	Posting   int       `json:"posting"`
	OpenCases int       `json:"open_cases"`
	Awaiting  int       `json:"awaiting_cases"`  // open cases whose draft waits for an approval
	Oldest    time.Time `json:"oldest,omitzero"` // AcceptedAt of the oldest that is waiting; zero when none is
	Questions int64     `json:"questions"`       // all, ever
}
