package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/grounding"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
)

// A Reply is what a person of the staff writes to an enterprise: plain text in which [n]
// at the end of a sentence cites a clause.
type Reply struct {
	Text     string    `json:"text"`
	Clauses  []string  `json:"clauses"`            // ids; [1] in the text is Clauses[0]
	Question string    `json:"question,omitempty"` // that it replies to; "" when there is none
	History  []Turn    `json:"history,omitempty"`  // turns before the question, oldest first: they may tell where the asker is
	Lang     string    `json:"lang,omitempty"`     // zh or en, of messages; "" is that of the text
	AsOf     time.Time `json:"as_of,omitzero"`     // "today" for validity; the zero time means the desk's clock
	// Suggest has clauses looked for that bear what has none. It takes a search for each
	// such sentence, of which the first MaxSuggested are looked at.
	Suggest bool `json:"suggest,omitempty"`
}

// Limits of a reply that is checked.
const (
	MaxReply        = 20_000 // characters
	MaxReplyClauses = 50
	MaxSuggested    = 12  // sentences that clauses are looked for
	longestSentence = 600 // characters: what is longer nobody can check at a glance, nor in time
)

// ErrReplyTooLong is returned, wrapped, for a reply above [MaxReply] or [MaxReplyClauses].
var ErrReplyTooLong = errors.New("the reply is too long to be checked")

// A State is how a sentence of a reply stands to the clauses.
type State string

// States of a sentence.
const (
	Fine     State = "fine"     // what it says stands in the clauses that it cites, or is a limit that holds of them
	Courtesy State = "courtesy" // it says nothing of policy and needs no clause
	Uncited  State = "uncited"  // it says something of policy and cites nothing
	Wrong    State = "wrong"    // it says what the clauses that it cites do not, or what no reply may say
	Dangling State = "dangling" // it cites a clause that there is not
)

// A ProblemKind is what kind of thing is wrong with a sentence of a reply.
type ProblemKind string

// Kinds of problem.
const (
	ProblemNumber     ProblemKind = "number"      // a figure that is not in the clause, or of something else there
	ProblemUnit       ProblemKind = "unit"        // a figure with another unit or multiplier
	ProblemComparator ProblemKind = "comparator"  // 最高, at least, … added, dropped or changed
	ProblemDate       ProblemKind = "date"        //
	ProblemDocument   ProblemKind = "document"    // the number of a document
	ProblemPlace      ProblemKind = "place"       //
	ProblemBody       ProblemKind = "body"        //
	ProblemProgramme  ProblemKind = "programme"   //
	ProblemTitle      ProblemKind = "title"       // 《…》
	ProblemNegation   ProblemKind = "negation"    // a negation or restriction added, dropped or changed
	ProblemForce      ProblemKind = "force"       // more obliging, allowing or granting than the clause
	ProblemCondition  ProblemKind = "condition"   // under which the clause says it, and the sentence does not
	ProblemRole       ProblemKind = "role"        // who does what to whom
	ProblemWord       ProblemKind = "word"        // a word that the clause has nothing for
	ProblemPromise    ProblemKind = "promise"     // something is promised, or the reader's own case is decided
	ProblemCharacter  ProblemKind = "character"   // one that does not show, or looks like another
	ProblemLong       ProblemKind = "long"        // too long to be checked
	ProblemUncited    ProblemKind = "uncited"     // no marker
	ProblemNoSuch     ProblemKind = "no_such"     // a marker above the number of clauses
	ProblemGone       ProblemKind = "clause_gone" // a clause that the library does not hold
)

// A Problem is one thing that is wrong with a sentence.
type Problem struct {
	Kind ProblemKind `json:"kind"`
	// Start and End are code points of the sentence's Text; both 0 where the place cannot
	// be told.
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Word    string `json:"word,omitempty"`   // what the sentence says; of something dropped, what the clause says
	Says    string `json:"says,omitempty"`   // what the clause says instead, as it is printed; "" where that cannot be told
	N       int    `json:"n,omitempty"`      // number of the marker
	Clause  string `json:"clause,omitempty"` // id of the clause that it conflicts with
	Quote   string `json:"quote,omitempty"`  // the sentence of that clause, word for word
	Message string `json:"message"`          // for whoever writes, in the language of the check

	elsewhere bool // the figure stands in a clause, for something else
}

// A Suggestion is a clause that would bear a sentence.
type Suggestion struct {
	Clause  string `json:"clause"`      // id
	N       int    `json:"n,omitempty"` // its number in the reply; 0: it is not among its clauses
	Title   string `json:"title"`       // of the document
	Path    string `json:"path"`
	Heading string `json:"heading,omitempty"`
	Quote   string `json:"quote"`  // what of it bears the sentence
	Passes  bool   `json:"passes"` // the sentence would be fine; else one thing in it would be wrong
}

// A CheckedSentence is one sentence of a reply with what was found.
type CheckedSentence struct {
	Start       int          `json:"start"` // code points of the reply's Text, markers included
	End         int          `json:"end"`
	Text        string       `json:"text"`
	Cites       []int        `json:"cites,omitempty"` // numbers of its markers
	State       State        `json:"state"`
	Problems    []Problem    `json:"problems,omitempty"`
	Suggestions []Suggestion `json:"suggestions,omitempty"`
}

// A MissingNotice is a limit of the cited clauses that a reply does not tell.
type MissingNotice struct {
	Notice         // its Text is a ready sentence to be put into the reply
	Message string `json:"message"`
}

// Checked is what was found in a reply.
type Checked struct {
	Lang      string            `json:"lang"` // of the messages
	Sentences []CheckedSentence `json:"sentences"`
	Missing   []MissingNotice   `json:"missing"`
	Unused    []int             `json:"unused,omitempty"` // numbers of clauses that no marker names
	// Sendable tells that every sentence is fine or a courtesy, that there is one, and that
	// no notice is missing.
	Sendable bool `json:"sendable"`
}

// CheckReply checks what a person wrote, sentence by sentence, against the clauses that it
// cites, by plain code. Offsets are code points of r.Text as given, where each byte that is
// not UTF-8 counts as one. A reply without text has no sentences and is not sendable. The
// error wraps [ErrReplyTooLong], or tells that the library could not be read. It may be
// called at every keystroke: what was checked before is remembered.
func (d *Desk) CheckReply(ctx context.Context, r Reply) (Checked, error) {
	r.Text = string([]rune(r.Text))
	if utf8.RuneCountInString(r.Text) > MaxReply || len(r.Clauses) > MaxReplyClauses {
		return Checked{}, fmt.Errorf("check a reply: %w", ErrReplyTooLong)
	}
	x, err := d.replyCheck(ctx, r)
	if err != nil {
		return Checked{}, fmt.Errorf("check a reply: %w", err)
	}
	out := Checked{Lang: x.lang, Sentences: []CheckedSentence{}, Missing: []MissingNotice{}}
	for i := range x.sentences {
		if err := ctx.Err(); err != nil {
			return Checked{}, fmt.Errorf("check a reply: %w", err)
		}
		s, err := x.sentence(ctx, i)
		if err != nil {
			return Checked{}, fmt.Errorf("check a reply: %w", err)
		}
		out.Sentences = append(out.Sentences, s)
	}
	out.Missing = append(out.Missing, x.missing()...)
	out.Unused = x.unused()
	bad := func(s CheckedSentence) bool { return s.State != Fine && s.State != Courtesy }
	out.Sendable = len(out.Sentences) > 0 && len(out.Missing) == 0 && !slices.ContainsFunc(out.Sentences, bad)
	return out, nil
}

// A replyCheck is one reply while it is checked.
type replyCheck struct {
	desk      *Desk
	library   *known
	reply     Reply
	lang      string
	u         understand.Understanding // of the question
	day       time.Time
	clauses   []retrieval.Clause // by number - 1; one without an ID is not held
	sentences []replySentence
	lines     int
	ready     map[string]State  // sentences of the program's own, squeezed
	figures   map[string]string // the same without digits → as they are
	limits    []Notice
	suggested int // sentences that clauses were looked for
}

func (d *Desk) replyCheck(ctx context.Context, r Reply) (*replyCheck, error) {
	library, err := d.library(ctx)
	if err != nil {
		return nil, err
	}
	x := &replyCheck{desk: d, library: library, reply: r, lang: answerIn(cmp.Or(r.Lang, understand.LanguageOf(r.Text, "")))}
	q := Question{Text: r.Question, History: r.History, AsOf: r.AsOf, In: x.lang}
	x.u = library.read(q)
	x.day = d.day(q, x.u)
	found, err := d.Library.Lookup(ctx, r.Clauses)
	if err != nil {
		return nil, err
	}
	x.clauses = make([]retrieval.Clause, len(r.Clauses))
	for i, id := range r.Clauses {
		if k := slices.IndexFunc(found, func(c retrieval.Clause) bool { return c.ID == id }); k >= 0 {
			x.clauses[i] = found[k]
		}
	}
	x.sentences = splitReply(r.Text, r.Question)
	if n := len(x.sentences); n > 0 {
		x.lines = x.sentences[n-1].line + 1
	}
	x.prepare()
	return x, nil
}

// sentence checks one sentence.
func (x *replyCheck) sentence(ctx context.Context, i int) (CheckedSentence, error) {
	s := x.sentences[i]
	text := x.reply.Text
	out := CheckedSentence{Text: text[s.start:s.end], Cites: s.cites}
	out.Start = utf8.RuneCountInString(text[:s.start])
	out.End = out.Start + utf8.RuneCountInString(out.Text)
	c := claimOf(text, s)
	held, dangling := x.held(s)
	out.Problems = append(out.Problems, dangling...)
	out.Problems = append(out.Problems, x.problems(s, c, held, &out)...)
	switch {
	case slices.ContainsFunc(out.Problems, Problem.wrong):
		out.State = Wrong
	case len(dangling) > 0:
		out.State = Dangling
	case len(out.Problems) > 0:
		out.State = Uncited
	}
	if x.reply.Suggest && x.suggested < MaxSuggested && (out.State == Uncited || out.State == Wrong || out.State == Dangling && len(held) == 0) {
		var err error
		x.suggested++
		if out.Suggestions, err = x.suggest(ctx, c, held); err != nil {
			return out, err
		}
	}
	return out, nil
}

// wrong reports whether a problem makes a sentence wrong.
func (p Problem) wrong() bool {
	return p.Kind != ProblemUncited && p.Kind != ProblemNoSuch && p.Kind != ProblemGone
}

// held are the numbers of a sentence whose clauses there are, and problems with the others.
func (x *replyCheck) held(s replySentence) (held []int, bad []Problem) {
	for _, n := range s.cites {
		switch {
		case n > len(x.clauses):
			bad = append(bad, x.problem(Problem{Kind: ProblemNoSuch, N: n}))
		case x.clauses[n-1].ID == "":
			bad = append(bad, x.problem(Problem{Kind: ProblemGone, N: n, Clause: x.reply.Clauses[n-1]}))
		default:
			held = append(held, n)
		}
	}
	return held, bad
}

// problems are those of a sentence but for its markers. Where there are none, out has the
// state of the sentence.
func (x *replyCheck) problems(s replySentence, c claim, held []int, out *CheckedSentence) []Problem {
	odd := x.odd(c, held)
	state, ours := x.ours(c, held)
	switch {
	case ours != nil:
		return append(odd, *ours)
	case state != "":
		out.State = state
		return odd
	case utf8.RuneCountInString(c.text) > longestSentence && !x.quotes(c, held):
		return append(odd, x.problem(Problem{Kind: ProblemLong}))
	}
	last := s.line >= x.lines-3
	if courtesy(x.reply.Text, x.reply.Question, s, c, last) {
		out.State = Courtesy
		return odd
	}
	found := slices.Concat(odd, x.promise(c, held))
	if len(held) > 0 {
		found = append(found, x.grounded(c, held, len(found) > 0)...)
	} else if len(s.cites) == 0 && len(found) == 0 {
		found = append(found, x.problem(Problem{Kind: ProblemUncited}))
	}
	out.State = Fine
	return found
}

// unused are the numbers of clauses that no marker names.
func (x *replyCheck) unused() []int {
	var out []int
	for n := 1; n <= len(x.clauses); n++ {
		if !slices.ContainsFunc(x.sentences, func(s replySentence) bool { return slices.Contains(s.cites, n) }) {
			out = append(out, n)
		}
	}
	return out
}

// problem fills in the message of a problem.
func (x *replyCheck) problem(p Problem) Problem {
	name := "reply_" + string(p.Kind)
	slots := prompts.Slots{}
	mark := markers([]int{p.N})
	switch p.Kind {
	case ProblemUncited, ProblemLong, ProblemPromise:
	case ProblemNoSuch:
		slots["marker"], slots["count"] = mark, fmt.Sprint(len(x.clauses))
	case ProblemGone:
		slots["marker"] = mark
	case ProblemCharacter:
		slots["word"] = p.Word
	case ProblemNegation, ProblemForce, ProblemRole, ProblemWord, ProblemCondition:
		slots["word"], slots["marker"] = p.Word, mark
	default:
		slots["word"], slots["marker"] = p.Word, mark
		switch {
		case p.Says != "":
			name = "reply_differs"
			slots["says"] = strings.Join(strings.Fields(p.Says), " ")
		case p.elsewhere:
			name = "reply_elsewhere"
		default:
			name = "reply_absent"
		}
	}
	p.Message = prompts.Render(x.lang, name, slots)
	return p
}

// kindOf are the kinds of problem for the rules of package grounding.
var kindOf = map[grounding.Rule]ProblemKind{
	grounding.RuleNumber: ProblemNumber, grounding.RuleUnit: ProblemUnit, grounding.RuleComparator: ProblemComparator,
	grounding.RuleDate: ProblemDate, grounding.RuleDocument: ProblemDocument, grounding.RulePlace: ProblemPlace,
	grounding.RuleBody: ProblemBody, grounding.RuleProgramme: ProblemProgramme, grounding.RuleTitle: ProblemTitle,
	grounding.RulePolarity: ProblemNegation, grounding.RuleModality: ProblemForce, grounding.RuleWord: ProblemWord,
	grounding.RulePromise: ProblemPromise, grounding.RuleRole: ProblemRole,
}
