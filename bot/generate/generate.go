// Package generate lets a language model write answers of which plain code decides
// every sentence. The model gets clauses as data and returns sentences with
// verbatim quotes, a line each; a line is checked when it is complete, against the
// clauses and by package guard, and only then passed on. What fails is replaced by
// its quote, asked for once more where nothing else is left, or dropped.
//
// The model never sees an id of a document or an address, and nothing that it wrote
// but sentences that passed leaves the package, except into the trace for the log.
package generate

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/bot/model"
	"policybot/prompts/task"
	"policybot/retrieval"
)

// A Generator asks a model. Its fields are set before its first use; its methods may
// then be used from several goroutines.
type Generator struct {
	Model    model.Model
	Reranker model.Reranker // nil: clauses stay in the order of the search
	Prompts  *task.Set      // nil: those of the program
	Timeout  time.Duration  // of all calls for one answer together, those of the search too; 0: DefaultTimeout
	// Seed makes the secret of a request, from which its fence, handles and canary
	// are derived; nil: 128 random bits. A replay gives the one of the trace.
	Seed func() string
}

// DefaultTimeout is how long an answer may take to write.
const DefaultTimeout = 45 * time.Second

// Within returns a context that ends when an answer has taken its time: the calls that
// search for it and those that write it share one.
func (g *Generator) Within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, cmp.Or(g.Timeout, DefaultTimeout))
}

// Material is what an answer is written from.
type Material struct {
	Question string // without personal data
	Lang     string // zh or en: of the answer
	History  []task.Turn
	Clauses  []retrieval.Clause // that may be cited, the best first
	// Names are those that sentences are held to. It is called when the first sentence
	// is checked; nil knows none.
	Names func() *grounding.Names
}

// A Statement is one sentence that passed, with its quotes.
type Statement struct {
	Text   string  `json:"text"`
	Quotes []Quote `json:"quotes"` // at least one
	Quoted bool    `json:"quoted"` // the text is the quote itself: what the model wrote did not pass
}

// A Quote is one or more whole sentences of a clause: its bytes [Start, End).
type Quote struct {
	Clause     int `json:"clause"` // index in Material.Clauses
	Start, End int
}

// A Trace is how an answer was written, for the log and for replaying it.
type Trace struct {
	Calls    []Call    `json:"calls"`
	Verdicts []Verdict `json:"verdicts"` // of each line that the model wrote, in order
	// Problem says why the answer is not the model's; "" when it is.
	Problem string `json:"problem,omitempty"`
}

// A Call is one call of the model.
type Call struct {
	Task   string      `json:"task"`
	Prompt string      `json:"prompt"`          // id
	Seed   string      `json:"seed"`            // of fence, handles and canary
	Reply  string      `json:"reply"`           // as it came, at most MaxReply bytes
	Class  model.Class `json:"class,omitempty"` // of the error that ended it
	Error  string      `json:"error,omitempty"`
	Usage  model.Usage `json:"usage"`
	// Dropped is how much of the reply was not taken: of the task measures.
	Dropped int `json:"dropped,omitempty"`
}

// A Verdict is what became of a line.
type Verdict struct {
	Sentence string `json:"sentence"`
	Fate     Fate   `json:"fate"`
	Rule     string `json:"rule,omitempty"` // that it broke
	What     string `json:"what,omitempty"`
}

// A Fate is what became of a sentence.
type Fate string

// Fates.
const (
	Kept     Fate = "kept"
	Replaced Fate = "replaced" // by its quote
	Dropped  Fate = "dropped"
)

// Reasons of no answer of the model's, for [Trace.Problem]. A failure of the model
// is told by its [model.Class].
const (
	ProblemNone   = "none"   // the model says that no clause answers
	ProblemFailed = "failed" // nothing that it wrote passed
)

// MaxReply is how much of a reply is read, in bytes.
const MaxReply = 64 << 10

// Answer has the model answer. pass is called with each statement as soon as it
// passed, in the order of the answer; nil for nobody. When pass fails the writing
// ends. No statements mean that there is no answer of the model's, and the trace's
// problem says why; that is no error. The error is that of pass or, wrapped, of ctx.
func (g *Generator) Answer(ctx context.Context, m Material, pass func(Statement) error) ([]Statement, Trace, error) {
	w := g.writer(m, pass)
	ctx, cancel := g.Within(ctx)
	defer cancel()
	f := g.frame(len(m.Clauses))
	p := g.prompts().Answer(m.Lang, task.Answer{Frame: f.Frame, Clauses: f.clauses(m.Clauses), History: m.History, Question: m.Question})
	err := w.ask(ctx, model.Answer, p, f)
	if len(w.statements) == 0 && len(w.failed) > 0 && retryable(err) && !w.none {
		said := w.failed
		w.failed = nil
		f = g.frame(len(m.Clauses))
		p = g.prompts().Repair(m.Lang, task.Repair{Frame: f.Frame, Clauses: f.clauses(m.Clauses), Question: m.Question, Said: f.said(said)})
		if again := w.ask(ctx, model.Repair, p, f); again != nil {
			err = again
		}
		if len(w.statements) == 0 {
			w.failed = append(said, w.failed...)
		}
	}
	return w.end(ctx, err)
}

// retryable reports whether it is worth asking once more after a call that ended so.
func retryable(err error) bool {
	class := model.ClassOf(err)
	return err == nil || class == model.Cut || class == model.BadAnswer
}

// Draft has the model put statements that passed into the style of a letter, under
// the same checks. It returns as Answer does; the trace's problem tells why a draft
// has to be made of the statements as they are.
func (g *Generator) Draft(ctx context.Context, m Material, said []Statement, pass func(Statement) error) ([]Statement, Trace, error) {
	w := g.writer(m, pass)
	ctx, cancel := g.Within(ctx)
	defer cancel()
	f := g.frame(len(m.Clauses))
	lines := make([]line, len(said))
	for i, s := range said {
		lines[i] = line{sentence: s.Text, quotes: s.Quotes}
	}
	p := g.prompts().Draft(m.Lang, task.Repair{Frame: f.Frame, Clauses: f.clauses(m.Clauses), Question: m.Question, Said: f.saidOf(m.Clauses, lines)})
	return w.end(ctx, w.ask(ctx, model.Draft, p, f))
}

func (g *Generator) prompts() *task.Set {
	if g.Prompts != nil {
		return g.Prompts
	}
	return embedded
}

var embedded = task.Embedded()

func (g *Generator) seed() string {
	if g.Seed != nil {
		return g.Seed()
	}
	return rand.Text()
}

// A writer collects what passes of one answer.
type writer struct {
	g          *Generator
	m          Material
	pass       func(Statement) error
	statements []Statement
	failed     []line // that may be replaced or asked for again
	none       bool
	trace      Trace
}

func (g *Generator) writer(m Material, pass func(Statement) error) *writer {
	if pass == nil {
		pass = func(Statement) error { return nil }
	}
	return &writer{g: g, m: m, pass: pass, trace: Trace{Calls: []Call{}, Verdicts: []Verdict{}}}
}

// ask makes one call and takes its lines as they come.
func (w *writer) ask(ctx context.Context, name string, p task.Prompt, f frame) error {
	call, err := w.g.lines(ctx, request(name, p), f, func(text string) error { return w.take(text, f) })
	w.trace.Calls = append(w.trace.Calls, call)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// lines makes one call and passes on each object of its reply as it comes. The error
// is errEnough when the reply was not read to its end; the call does not take it for one.
func (g *Generator) lines(ctx context.Context, r model.Request, f frame, take func(text string) error) (Call, error) {
	call := Call{Task: r.Task, Prompt: r.Prompt, Seed: f.seed}
	lines := objectReader{take: take}
	usage, err := g.Model.Stream(ctx, r, func(piece string) error {
		call.Reply += piece[:min(len(piece), MaxReply-len(call.Reply))]
		if len(call.Reply) == MaxReply {
			return errEnough
		}
		return lines.write(piece)
	})
	if err == nil {
		err = lines.close()
	}
	call.Usage = usage
	if !errors.Is(err, errEnough) {
		call.failed(err)
	}
	return call, err
}

// failed notes the error that ended a call, if one did. The time of the answer that
// is over is a slow model.
func (c *Call) failed(err error) {
	if err == nil {
		return
	}
	c.Class, c.Error = classOf(err), err.Error()
}

// Down reports whether the call failed in a way that another one now would fail in too.
func (c Call) Down() bool {
	switch c.Class {
	case "", model.Cut, model.BadAnswer, model.Refused:
		return false
	}
	return true
}

func classOf(err error) model.Class {
	if errors.Is(err, context.DeadlineExceeded) {
		return model.Slow
	}
	return model.ClassOf(err)
}

// MaxTokens is the most that a reply may have; a line that it cuts is not used.
const MaxTokens = 1500

func request(name string, p task.Prompt) model.Request {
	return model.Request{Task: name, Prompt: p.ID, System: p.System, User: p.User, MaxTokens: MaxTokens}
}

// errEnough ends a call when more would not be used.
var errEnough = errors.New("the answer is long enough")

// take checks one line.
func (w *writer) take(text string, f frame) error {
	l, problem := readLine(text, f, w.m.Clauses)
	switch {
	case l.none:
		w.none = true
		return nil
	case problem == nil:
		problem = w.check(l, f)
	}
	if problem != nil {
		l.problem = *problem
		w.failed = append(w.failed, l)
		return w.refused(l)
	}
	return w.keep(Statement{Text: l.sentence, Quotes: l.quotes}, Verdict{Sentence: l.sentence, Fate: Kept})
}

// refused notes a line that did not pass. Its fate is settled at the end.
func (w *writer) refused(l line) error {
	w.trace.Verdicts = append(w.trace.Verdicts, Verdict{Sentence: clip(l.sentence), Fate: Dropped, Rule: l.problem.Rule, What: clip(l.problem.What)})
	if len(w.trace.Verdicts) >= maxLines {
		return errEnough
	}
	return nil
}

// Limits of one answer.
const (
	maxLines      = 24 // that are looked at
	maxStatements = 8
)

// keep passes a statement on.
func (w *writer) keep(s Statement, v Verdict) error {
	w.trace.Verdicts = append(w.trace.Verdicts, v)
	w.statements = append(w.statements, s)
	if err := w.pass(s); err != nil {
		return &passError{err}
	}
	if len(w.statements) >= maxStatements || len(w.trace.Verdicts) >= maxLines {
		return errEnough
	}
	return nil
}

// A passError is an error of whom the statements are for.
type passError struct{ err error }

func (e *passError) Error() string { return e.err.Error() }
func (e *passError) Unwrap() error { return e.err }

// end settles what becomes of the lines that failed, and why there is no answer.
func (w *writer) end(ctx context.Context, err error) ([]Statement, Trace, error) {
	if e, ok := errors.AsType[*passError](err); ok {
		return w.statements, w.trace, e.err
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return w.statements, w.trace, fmt.Errorf("write an answer: %w", ctx.Err())
	}
	for _, l := range w.failed {
		if err := w.replace(l); err != nil {
			return w.statements, w.trace, err
		}
	}
	if len(w.statements) == 0 {
		switch {
		case w.none:
			w.trace.Problem = ProblemNone
		case err != nil:
			w.trace.Problem = cmp.Or(string(classOf(err)), ProblemFailed)
		default:
			w.trace.Problem = ProblemFailed
		}
	}
	return w.statements, w.trace, nil
}

// replace puts the quotes of a line in the place of its sentence, if they are not
// said yet. It is a sentence of the clause then, which anybody may say.
func (w *writer) replace(l line) error {
	for _, q := range l.quotes {
		if len(w.statements) >= maxStatements || w.said(q) {
			continue
		}
		s := Statement{Text: w.m.Clauses[q.Clause].Text[q.Start:q.End], Quotes: []Quote{q}, Quoted: true}
		w.statements = append(w.statements, s)
		for i := range w.trace.Verdicts {
			if v := &w.trace.Verdicts[i]; v.Fate == Dropped && v.Sentence == clip(l.sentence) {
				v.Fate = Replaced
			}
		}
		if err := w.pass(s); err != nil {
			return err
		}
	}
	return nil
}

// said reports whether a statement has the quote already.
func (w *writer) said(q Quote) bool {
	for _, s := range w.statements {
		for _, o := range s.Quotes {
			if o.Clause == q.Clause && o.Start < q.End && q.Start < o.End {
				return true
			}
		}
	}
	return false
}

// clip cuts what a model wrote to what a log needs.
func clip(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// check holds a line against the guarantees.
func (w *writer) check(l line, f frame) *guard.Violation {
	for _, s := range w.statements {
		if s.Text == l.sentence {
			return violation("form", "said already")
		}
	}
	known := guard.Known{Rephrased: true}
	if w.m.Names != nil {
		known.Names = w.m.Names()
	}
	claims := guard.Claims{Lang: w.m.Lang, Sentences: []guard.Sentence{{Text: l.sentence}}}
	for i, q := range l.quotes {
		claims.Citations = append(claims.Citations, Cite(i+1, w.m.Clauses[q.Clause], q))
		claims.Sentences[0].Citations = append(claims.Sentences[0].Citations, i+1)
	}
	if found := guard.CheckSoFar(claims, known); len(found) > 0 {
		return &found[0]
	}
	if guard.Verbatim(l.sentence, claims.Citations[0]) {
		return nil // a quotation, in whatever form and language the clause has
	}
	if v := form(l.sentence, w.m.Lang, f); v != nil {
		return v
	}
	return foreign(l.sentence, w.m.Lang)
}
