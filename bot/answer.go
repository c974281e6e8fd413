// Package bot turns a question into an answer in which every sentence is
// backed by an exact clause ([Desk]), and sees to it that each question that was
// taken gets one reply ([Service]). It knows no chat platform, no database and no
// file format: see the packages beneath and beside it.
package bot

import (
	"policybot/bot/channel"
	"policybot/bot/guard"
	"policybot/bot/intent"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// Outcomes of a question.
const (
	Answered   = "answered"
	Abstained  = "abstained"
	Clarify    = "clarify"
	Refused    = "refused"
	HandedOver = "handed_over"
	Failed     = "failed"
)

// Reasons of every outcome but Answered.
const (
	ReasonNotInLibrary = "not_in_library" // no clause answers the question
	ReasonUnclear      = "unclear"        // empty or unreadable question
	ReasonTooLong      = "too_long"       // over MaxQuestion characters
	ReasonOffTopic     = "off_topic"
	ReasonOtherPlace   = "other_place"
	ReasonEmptyLibrary = "empty_library"
	ReasonJudgement    = "needs_judgement" // a promise or a forecast is asked for
	ReasonInjection    = "injection"       // it would have the program follow other rules
	ReasonSmallTalk    = "small_talk"
	ReasonAbuse        = "abuse"
	ReasonUserBusy     = journal.ReasonUserBusy // the asker has too many questions waiting
	ReasonBusy         = journal.ReasonBusy     // too many questions are waiting
	ReasonStopped      = journal.ReasonStopped  // somebody switched the service off
	ReasonExternal     = channel.RefuseExternal // another organisation would read along
	ReasonExpired      = "expired"              // it waited too long
	ReasonError        = "error"                // something broke
	ReasonAsked        = "asked"                // a person was asked for

	ReasonUndeliverable = "undeliverable" // of a case: a reply could not be delivered
)

// Kinds of notice; see package guard.
const (
	NoticePeriodOver     = guard.PeriodOver
	NoticeTargetYearOver = guard.TargetYearOver
	NoticeDeadlinePassed = guard.DeadlinePassed
	NoticeFuture         = guard.Future
	NoticeUndated        = guard.Undated
	NoticeTranslation    = guard.Translation
	NoticeNotPolicy      = guard.NotPolicy
	NoticeOtherPlace     = guard.OtherPlace
	NoticeRepealed       = guard.Repealed
	NoticeAIGenerated    = guard.AIGenerated
)

// MaxQuestion is the longest question accepted, in characters (code points).
const MaxQuestion = 2000

// An Answer is what one question gets. Its JSON form is fixed: the outside
// relies on it.
type Answer struct {
	ID        string             `json:"id"`
	Question  string             `json:"question"`
	Lang      string             `json:"lang"` // zh or en
	Outcome   string             `json:"outcome"`
	Reason    string             `json:"reason,omitempty"`
	Text      string             `json:"text"` // sentences, notices and templates, nothing else
	Sentences []Sentence         `json:"sentences"`
	Citations []Citation         `json:"citations"`
	Notices   []Notice           `json:"notices"`
	Nearest   []retrieval.Clause `json:"nearest"`
	Contacts  []string           `json:"contacts"` // responsible bodies
	// Eligibility compares measures with what is known of the asker, where that is asked.
	Eligibility []Eligible    `json:"eligibility,omitempty"`
	Counts      *Counts       `json:"eligibility_counts,omitempty"` // of all measures compared
	Same        int           `json:"eligibility_same,omitempty"`   // measures that the text leaves out: unchanged since they were told, or too many
	Heard       []string      `json:"heard,omitempty"`              // facts of the asker that this message states
	Next        *Asking       `json:"next,omitempty"`               // what the answer asks for
	Interview   *Interview    `json:"interview,omitempty"`          // what the conversation says of the asker so far
	Unused      []string      `json:"profile_unused,omitempty"`     // of the profile that was given: what could not be used
	Unheard     bool          `json:"unheard,omitempty"`            // the message was meant to answer a question, and was not understood
	Profile     string        `json:"profile,omitempty"`            // what a command about that did: shown, saved or forgotten
	Known       []string      `json:"known,omitempty"`              // lines of what is known, where it is shown
	Shown       *Shown        `json:"shown,omitempty"`              // the message asked to see a source of another answer
	Mode        string        `json:"mode"`                         // extractive or generative
	Model       string        `json:"model,omitempty"`
	Prompt      string        `json:"prompt,omitempty"`
	Library     string        `json:"library"` // fingerprint of the library that was searched
	Ms          Timings       `json:"ms"`
	Searched    Searched      `json:"searched"`
	AsOf        string        `json:"as_of,omitempty"` // day that its notices are for: YYYY-MM-DD
	Asked       intent.Intent `json:"asked,omitempty"` // what the question asks for
	Places      Places        `json:"places,omitzero"`
	Confidence  float64       `json:"confidence,omitempty"` // evidence for the best citation, 0 to 1; for ordering answers, no probability
	Lacking     string        `json:"lacking,omitempty"`    // what the nearest clauses do not say, where that is why there is no answer
	Missing     []string      `json:"missing,omitempty"`    // titles asked about that the library does not hold
	Sides       bool          `json:"sides,omitempty"`      // the citations are sides to be told apart by document and place
	AskBack     string        `json:"ask_back,omitempty"`   // what the answer would be narrower with: place, company
	// Fallback tells why an answer is extractive although a model was asked; see
	// [generate.Trace].
	Fallback    string   `json:"fallback,omitempty"`
	SearchedFor []string `json:"searched_for,omitempty"` // words of a model that found what those of the question did not
	Promise     bool     `json:"promise,omitempty"`      // a promise was asked for, which nothing here is
	Masked      []string `json:"masked,omitempty"`       // kinds of personal data that were masked in the question
	Case        string   `json:"case,omitempty"`         // of the staff, when the outcome is HandedOver or Failed
	Stopped     string   `json:"stopped,omitempty"`      // why, when the reason is ReasonStopped
}

// A Sentence is one sentence of an answer; see package guard, which checks it.
type Sentence = guard.Sentence

// A Citation backs a sentence.
type Citation = guard.Citation

// A Notice is a limit that the asker must know.
type Notice = guard.Notice

// Searched is how much was searched.
type Searched struct {
	Documents int `json:"documents"`
	Clauses   int `json:"clauses"`
}

// Places tells, when the outcome's reason is ReasonOtherPlace, which places
// were asked about and which ones the library's documents apply to.
type Places struct {
	Others  []string `json:"others"`
	Library []string `json:"library"`
}

// Timings are in milliseconds.
type Timings struct {
	Total    float64 `json:"total"`
	Retrieve float64 `json:"retrieve"`
	Generate float64 `json:"generate"`
}
