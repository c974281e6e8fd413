package console

import (
	"net/url"
	"strconv"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/retrieval"
)

// An answerView is one question of a conversation with its answer, as a page shows it.
type answerView struct {
	View
	ID, Conversation string
	Asked            string
	At               string
	Machine          string // the same for <time>
	State            string // waiting, answered, handed_over, replied
	Handed           bool   // a person was asked for and has not replied yet
	Outcome, Reason  string
	AnswerLang       string // of the answer
	Blocks           []block
	Measures         []measureView
	Sources          []source
	Nearest          []source
	Next             *nextView
	Why              []string // lines of what is asked next, and why
	Standing         []string
	Text             string // whole, for copying
	Staff            *staffView
	Person           bool // a person can be asked for
	Reasons          []string
	Desk             bool   // it is shown to the staff, with nothing to press but its clauses
	Before           bool   // the reader asked it before signing in: it is to be read
	About            bool   // it is the one that the case is about
	Version          string // changes when what is shown changes
}

// A block is one line of an answer.
type block struct {
	Kind  channel.NodeKind
	Text  string
	Cites []cite
}

// A cite is a number that opens the clause.
type cite struct {
	N     int
	URL   string
	Title string // of its clause, for who points at it or hears it
}

// A source is a clause that an answer rests on, or one that comes close.
type source struct {
	N      int // 0 for one that is only near
	Clause clauseLine
	Quote  string
	URL    string // of the clause with the quote marked
}

// A clauseLine names a clause.
type clauseLine struct {
	ID, Path, Heading, URL string
	Document               documentLine
	Departments            []string
}

// A measureView is a measure compared with what is known of the asker.
type measureView struct {
	Title, Strength, Verdict, Period string
	Force                            string // what its words are worth
	Cites                            []cite
	Quote                            string
	Criteria                         []criterionView
}

// A criterionView is one condition of it.
type criterionView struct {
	Text, Quote, Verdict, Fact, Who string
}

// A nextView is the question that an answer ends with, as a form.
type nextView struct {
	Kind, Text string
	Choices    []string
	Many       bool // several may be picked
	Cite       cite
	Over       bool // more has been asked since: there is no form
}

// A staffView is a reply of a person.
type staffView struct {
	Lines   []string
	At      string
	Sources []source // clauses that its markers name
}

// States of an answerView.
const (
	stateWaiting  = "waiting"
	stateAnswered = "answered"
	stateHanded   = "handed_over"
	stateReplied  = "replied"
)

// answerView is a question as a page shows it.
func (v View) answerView(m bot.Message, conversation string) answerView {
	a := answerView{
		View: v, ID: m.ID, Conversation: conversation, Asked: m.Text, At: v.Time(m.AcceptedAt), Machine: v.Machine(m.AcceptedAt),
		State: stateWaiting, AnswerLang: v.HTMLLang(), Reasons: channel.Reasons,
	}
	if m.Answer == nil {
		a.Version = stateWaiting
		return a
	}
	said := *m.Answer
	a.State, a.Outcome, a.Reason, a.Text = stateAnswered, said.Outcome, said.Reason, said.Text
	if said.Lang != "" {
		a.AnswerLang = View{Lang: said.Lang}.HTMLLang()
	}
	if said.Outcome == bot.HandedOver || said.Outcome == bot.Failed || m.Handed {
		a.State = stateHanded
	}
	a.Person = said.Outcome == bot.Answered || said.Outcome == bot.Abstained || said.Outcome == bot.Clarify
	a.fill(said)
	if m.Handed {
		a.State, a.Handed = stateHanded, true
	}
	if s := m.StaffReply; s != nil {
		a.Staff = &staffView{Lines: splitLines(s.Body), At: v.Time(s.At)}
		for _, k := range s.Citations {
			a.Staff.Sources = append(a.Staff.Sources, source{
				N: k.N, Quote: k.Quote, URL: clauseURL(k.Clause, 0, 0), Clause: clauseLine{ID: k.Clause, Path: k.Path, Document: documentLine{Title: k.Title, Number: k.Number}},
			})
		}
		if !m.Handed {
			a.State = stateReplied
		}
	}
	a.Version = a.State + strconv.Itoa(len(a.Blocks))
	return a
}

// fill takes over what an answer says.
func (a *answerView) fill(said bot.Answer) {
	cites := map[int]cite{}
	for _, s := range said.Citations {
		one := a.source(s.Clause, s.N, s.Quote, s.QuoteStart, s.QuoteEnd)
		a.Sources = append(a.Sources, one)
		cites[s.N] = cite{s.N, one.URL, one.Clause.Document.Title + " " + one.Clause.Path}
	}
	for _, p := range bot.Parts(said) {
		switch p.Section {
		case bot.SectionSources, bot.SectionNearest, bot.SectionEligibility:
		case bot.SectionQuestion:
			a.Why = append(a.Why, p.Text)
		case bot.SectionStanding:
			a.Standing = append(a.Standing, p.Text)
		default:
			a.Blocks = append(a.Blocks, block{p.Kind, p.Text, pick(cites, p.Cites)})
		}
	}
	for _, n := range said.Nearest {
		a.Nearest = append(a.Nearest, a.source(n, 0, "", 0, 0))
	}
	for _, m := range said.Eligibility {
		if m.N > 0 {
			one := a.measure(m, cites)
			one.Force = said.Force(m)
			a.Measures = append(a.Measures, one)
		}
	}
	if said.Next != nil {
		a.Next = a.next(*said.Next)
		a.Why = a.Why[min(1, len(a.Why)):] // the first is the question, which the form has
	}
}

// pick gives the cites of numbers.
func pick(cites map[int]cite, numbers []int) []cite {
	var out []cite
	for _, n := range numbers {
		if one, ok := cites[n]; ok {
			out = append(out, one)
		}
	}
	return out
}

func (v View) source(clause retrieval.Clause, n int, quote string, start, end int) source {
	return source{n, v.clauseLine(clause), quote, clauseURL(clause.ID, start, end)}
}

func (a *answerView) measure(m bot.Eligible, cites map[int]cite) measureView {
	out := measureView{
		Title: m.Measure.Title, Strength: string(m.Measure.Strength), Verdict: string(m.Verdict), Period: m.Measure.Period,
		Cites: pick(cites, []int{m.N}), Quote: m.Measure.Quote,
	}
	for _, k := range m.Criteria {
		out.Criteria = append(out.Criteria, criterionView{k.Text, k.Quote, string(k.Verdict), k.Fact, k.Who})
	}
	return out
}

func (a *answerView) next(n bot.Asking) *nextView {
	out := &nextView{Kind: string(n.Kind), Text: n.Text, Choices: n.Choices, Many: len(n.Keys) > 1}
	if n.Kind == eligibility.YesNo && len(n.Keys) == 1 {
		out.Choices = []string{a.T("ask.yes"), a.T("ask.no")}
	}
	if n.Clause.ID != "" {
		out.Cite = cite{0, clauseURL(n.Clause.ID, 0, 0), n.Clause.Document.Title + " " + n.Clause.Path}
	}
	return out
}

// clauseURL is the page of a clause, with the code points from start to end marked where end is above start.
func clauseURL(id string, start, end int) string {
	u := "/clauses/" + url.PathEscape(id)
	if end > start {
		u += "?quote=" + strconv.Itoa(start) + "-" + strconv.Itoa(end)
	}
	return u
}
