package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/understand"
	"policybot/prompts"
)

// answerAll answers one question after the other until ctx ends.
func (s *Service) answerAll(ctx context.Context) {
	for {
		now := s.clock.now()
		c, err := s.Journal.Claim(ctx, journal.ClaimOptions{Now: now, Until: now.Add(s.Limits.Lease)})
		if err != nil {
			if s.idle(err, &s.workersEnd) || !s.rest(ctx, err, s.work, "take a question to answer") {
				return
			}
			continue
		}
		s.work.up() // there may be more
		s.Observer.Time(MetricWait, c.Question.Channel, now.Sub(c.Question.AcceptedAt))
		s.handle(ctx, c)
	}
}

// idle reports whether one who looks for work may end: the service drains, and there is none.
func (s *Service) idle(err error, end *atomic.Bool) bool {
	return end.Load() && errors.Is(err, journal.ErrNone)
}

// rest waits after a look for work that found none, or failed. It reports
// whether ctx lasted.
func (s *Service) rest(ctx context.Context, err error, w wake, doing string) bool {
	if !errors.Is(err, journal.ErrNone) && ctx.Err() == nil {
		if !s.health.broken() { // once, not by everyone every second
			s.Log.Error("cannot "+doing, "error", err)
		}
		s.health.store(err)
	}
	return w.wait(ctx, s.Limits.Poll)
}

// handle answers one question and stores what came of it.
func (s *Service) handle(ctx context.Context, c journal.Claim) {
	if err := s.withoutForgotten(ctx, c.Question.User, c.Earlier); err != nil {
		s.release(ctx, c, err)
		return
	}
	r, err := s.underLease(ctx, c)
	if stopped := s.Stopped(); err == nil && stopped.On() && r.Outcome != HandedOver {
		r = s.stoppedResult(c, stopped) // it was switched off meanwhile
	}
	switch {
	case err == nil:
		s.complete(ctx, c, r)
	case errors.Is(err, journal.ErrLost):
		s.Log.Info("a question was withdrawn, changed or taken over", "id", c.Question.ID)
		s.say(telling{question: c.Question, step: stepAbort})
	case ctx.Err() == nil && c.Question.Attempts >= s.Limits.Errors:
		s.Log.Error("a question failed for good", "id", c.Question.ID, "error", err)
		s.complete(ctx, c, s.toStaff(c.Question, Failed, ReasonError, Record{Error: err.Error()}))
	default:
		s.release(ctx, c, err)
	}
}

// underLease answers while it prolongs the lease. The error is ErrLost when the
// question is not ours any more, or says why it has to be tried again.
func (s *Service) underLease(ctx context.Context, c journal.Claim) (journal.Result, error) {
	work, cancel := context.WithTimeout(ctx, s.Limits.Answer)
	defer cancel()
	lost := make(chan error, 1)
	go func() { lost <- s.renew(work, cancel, c) }()
	begin := time.Now()
	r, err := s.safeResult(work, c)
	s.Observer.Time(MetricAnswer, c.Question.Channel, time.Since(begin))
	cancel()
	if gone := <-lost; gone != nil {
		return r, gone
	}
	return r, err
}

// renew prolongs a lease until ctx ends. When the question is lost it ends the work.
func (s *Service) renew(ctx context.Context, cancel func(), c journal.Claim) error {
	began, wait, told := time.Now(), min(s.Limits.Progress, s.Limits.Lease/3), false
	for taken := s.taken.listen(); s.rests(ctx, taken, wait); {
		if !told && time.Since(began) >= wait {
			told = true
			s.say(telling{question: c.Question, step: stepWorking})
		}
		wait = s.Limits.Lease / 3
		taken = s.taken.listen() // before it is looked whether it is ours
		err := s.Journal.Renew(ctx, c, s.clock.now().Add(s.Limits.Lease))
		if errors.Is(err, journal.ErrLost) {
			cancel()
			return err
		}
	}
	return nil
}

// rests waits for a time, or less when a question was taken back or changed: it may
// be this one. It reports whether nothing ended ctx.
func (s *Service) rests(ctx context.Context, taken <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-taken:
	case <-timer.C:
	}
	return true
}

// A bell wakes all who listen at once. Its zero value is ready.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// listen returns what is closed when the bell rings next.
func (b *bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// result answers the question of a claim, or says why there is no answer. An
// error means that it is to be tried again.
func (s *Service) result(ctx context.Context, c journal.Claim) (journal.Result, error) {
	q, stopped := c.Question, s.Stopped()
	quoted, err := s.quoted(ctx, q)
	if err != nil {
		return journal.Result{}, err
	}
	switch {
	case q.About != "" || isHandOver(q.Text):
		return s.toPerson(c, quoted), nil
	case stopped.On():
		return s.stoppedResult(c, stopped), nil
	case s.clock.now().Sub(q.AcceptedAt) > s.Limits.Age:
		return s.toStaff(q, Failed, ReasonExpired, Record{}), nil
	case q.Attempts > s.Limits.Attempts:
		return s.toStaff(q, Failed, ReasonError, Record{Error: "given up after too many attempts"}), nil
	}
	switch {
	case isStop(q.Text):
		return s.command(c, ReasonStop), nil
	case isHelp(q.Text):
		return s.command(c, ReasonHelp), nil
	}
	if lang := langCommand(q.Text); lang != "" {
		return s.langReply(ctx, c, lang)
	}
	if n, is := sourceCommand(q.Text); is {
		return s.sourceReply(ctx, c, quoted, n)
	}
	a, x, err := s.explain(ctx, c, quoted)
	if err != nil {
		return journal.Result{}, err
	}
	if e := x.Evidence; e != nil && e.Written != nil {
		s.Observer.Count(MetricWritten, q.Channel, cmp.Or(a.Fallback, a.Mode))
	}
	r := s.checked(q, a, x, quoted)
	if r.Outcome == Failed {
		return r, nil
	}
	return r, s.keepProfile(ctx, q, a)
}

// command is the reply to a command that only says something.
func (s *Service) command(c journal.Claim, reason string) journal.Result {
	a := s.notice(c.Question, Clarify, reason)
	a.Lang, a.Interview = s.commandLang(c), question(c, nil).learned()
	return s.finish(c.Question, a, Record{}, nil)
}

// checked is the result of an answer to q that passes its checks; where it does not, the question goes to the staff.
func (s *Service) checked(q journal.Question, a Answer, x Explanation, quoted *quotedAnswer) journal.Result {
	a.ID, a.Question, a.Masked = q.ID, q.Text, q.Masked
	a.Text = Compose(a)
	record := NewRecord(a, x)
	record.Program = s.Program
	if quoted != nil {
		record.Quoted = quoted.ID
	}
	if !Verified(record.Checks) {
		s.Log.Error("an answer failed its checks and was not sent", "id", q.ID, "checks", record.Checks)
		return s.toStaff(q, Failed, ReasonError, record)
	}
	return s.finish(q, a, record, nil)
}

// explain answers the question of a claim, and shows the asker how the answer grows.
func (s *Service) explain(ctx context.Context, c journal.Claim, quoted *quotedAnswer) (Answer, Explanation, error) {
	q := question(c, quoted)
	var err error
	if q.Saved, err = s.savedProfile(ctx, c.Question); err != nil {
		return Answer{}, Explanation{}, err
	}
	partly, end := s.show(ctx, c.Question)
	defer end()
	q.Partly = partly
	a, x, err := s.Answerer.Explain(ctx, q)
	if x.Evidence == nil || x.Evidence.Eligible == nil { // nobody read what the message says of the asker
		a.Interview = cmp.Or(a.Interview, q.learned())
	}
	return a, x, err
}

// learned is what the conversation before a question says of the asker; nil where that
// is nothing.
func (q Question) learned() *Interview {
	if q.Before == nil || len(q.Before.Facts) == 0 {
		return nil
	}
	return q.Before
}

// A panicError is a panic of the answerer.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// safeResult is result. A panic ends one question, not the service.
func (s *Service) safeResult(ctx context.Context, c journal.Claim) (r journal.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("answering panicked", "id", c.Question.ID, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			q := c.Question
			q.Masked = nil
			r, err = s.toStaff(q, Failed, ReasonError, Record{Error: "panic"}), nil
		}
	}()
	return s.result(ctx, c)
}

// stoppedResult is the reply to a question that came before the service was
// switched off.
func (s *Service) stoppedResult(c journal.Claim, why Stopped) journal.Result {
	a := s.notice(c.Question, Refused, ReasonStopped)
	a.Interview, a.Stopped = question(c, nil).learned(), why.Reason
	return s.finish(c.Question, a, Record{}, nil)
}

// notice is an answer that says something about the service.
func (s *Service) notice(q journal.Question, outcome, reason string) Answer {
	a := newAnswer(Question{ID: q.ID, Text: q.Text})
	a.Lang, a.Outcome, a.Reason, a.Masked = s.langOf(q), outcome, reason, q.Masked
	return a
}

func (s *Service) langOf(q journal.Question) string {
	return understand.LanguageOf(understand.Clean(q.Text), cmp.Or(q.Lang, s.Lang))
}

// toStaff is a reply that a question went to the staff, with the case.
func (s *Service) toStaff(q journal.Question, outcome, reason string, record Record) journal.Result {
	a := s.notice(q, outcome, reason)
	a.Case = s.caseID(q.ID)
	return s.finish(q, a, record, &journal.NewCase{ID: a.Case, Question: q.ID, Reason: reason, Text: record.Error})
}

// toPerson hands the question that a person is asked for to the staff: the one
// that is named, or whose answer is quoted, or else the last of the dialogue.
func (s *Service) toPerson(c journal.Claim, quoted *quotedAnswer) journal.Result {
	about := c.Question.About
	for _, e := range c.Earlier {
		if c.Question.About == "" && e.Outcome != HandedOver {
			about = answerOf(e)
		}
	}
	if c.Question.About == "" && quoted != nil {
		about = answerOf(quoted.Question)
	}
	about = cmp.Or(about, c.Question.ID)
	a := s.notice(c.Question, HandedOver, ReasonAsked)
	a.Lang, a.Interview, a.Case = s.commandLang(c), question(c, nil).learned(), s.caseID(about)
	text := c.Question.Text
	if about == c.Question.ID {
		text = ""
	}
	return s.finish(c.Question, a, Record{}, &journal.NewCase{ID: a.Case, Question: about, Reason: ReasonAsked, Text: text})
}

// commandLang is the language of the reply to a command, of whose asker's language Latin letters say little: that of the
// question before it.
func (s *Service) commandLang(c journal.Claim) string {
	lang := s.langOf(c.Question)
	if lang != prompts.English {
		return lang
	}
	for _, e := range slices.Backward(c.Earlier) {
		if !isStop(e.Text) && !isHelp(e.Text) && !isHandOver(e.Text) {
			return s.langOf(e)
		}
	}
	if strings.HasPrefix(strings.TrimSpace(c.Question.Text), "/") {
		return cmp.Or(c.Question.Lang, s.Lang, prompts.Chinese)
	}
	return lang
}

// finish makes the result of an answer to q: its text, its document and its buttons.
func (s *Service) finish(q journal.Question, a Answer, record Record, c *journal.NewCase) journal.Result {
	a.Text = Compose(a)
	doc, tokens := s.snapshot(a, q.Channel)
	return journal.Result{
		Outcome: a.Outcome, Reason: a.Reason, Answer: encode(a), Record: encode(record), Doc: doc, Tokens: tokens, Case: c,
	}
}

// encode gives the JSON of our own types, which have one.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("bot: " + err.Error())
	}
	return b
}

// refusal is the notice of a question that was turned away.
func (s *Service) refusal(q journal.Question, id, reason string) (channel.Doc, json.RawMessage) {
	q.ID = id
	a := s.notice(q, Refused, reason)
	a.Stopped = s.Stopped().Reason
	if reason != ReasonStopped {
		a.Stopped = ""
	}
	a.Text = Compose(a)
	return s.document(a), encode(a)
}

// completeTries is how often storing an answer is tried before its lease is left
// to run out.
const completeTries = 5

// complete stores the answer of a claim and wakes who delivers it.
func (s *Service) complete(ctx context.Context, c journal.Claim, r journal.Result) {
	ctx = context.WithoutCancel(ctx) // what is answered is stored, also at the end
	if ch := s.byName[c.Question.Channel]; ch != nil {
		r.Fetched = ch.Caps().Pull
	}
	for try := 1; ; try++ {
		err := s.store(ctx, c, r)
		s.health.store(err)
		switch {
		case err == nil:
			s.Observer.Count(MetricAnswers, c.Question.Channel, r.Outcome)
			if r.Fetched {
				s.fetch(ctx, c.Question, r.Doc)
			}
			s.work.up() // the next of the dialogue
			if w, ok := s.post[c.Question.Channel]; ok {
				w.up()
			}
			s.told()
			return
		case errors.Is(err, journal.ErrLost):
			return
		case try == completeTries:
			s.Log.Error("an answer could not be stored; it is made again later", "id", c.Question.ID, "error", err)
			return
		}
		sleep(ctx, time.Duration(try)*100*time.Millisecond)
	}
}

// store tries once to store the answer of a claim, with what the staff is told of its case.
func (s *Service) store(ctx context.Context, c journal.Claim, r journal.Result) error {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Lease)
	defer cancel()
	r.At = s.clock.now()
	if r.Case != nil {
		opened, err := s.withPost(ctx, *r.Case)
		if err != nil {
			return err
		}
		r.Case = &opened
	}
	return s.Journal.Complete(ctx, c, r)
}

// fetch tells requests that wait that there is something to fetch. It is a
// courtesy: they look by themselves too.
func (s *Service) fetch(ctx context.Context, q journal.Question, doc channel.Doc) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r, err := s.byName[q.Channel].Begin(ctx, q.Reply, q.ID)
	if err == nil {
		_, err = r.Finish(ctx, doc, channel.Delivery{Key: q.ID})
	}
	if err != nil {
		s.Log.Debug("a waiting request was not told", "id", q.ID, "error", err)
	}
}

// release gives a claim back whose answer failed, or that has to wait for the next start.
func (s *Service) release(ctx context.Context, c journal.Claim, why error) {
	now := s.clock.now()
	r := journal.Release{At: now, NotBefore: now.Add(s.backoff(c.Question.Attempts)), Why: "error"}
	if ctx.Err() != nil {
		r = journal.Release{At: now, NotBefore: now, Why: "drained", Free: true}
	}
	s.Log.Warn("a question was given back", "id", c.Question.ID, "why", r.Why, "error", why)
	store, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.Lease)
	defer cancel()
	if err := s.Journal.Release(store, c, r); err != nil && !errors.Is(err, journal.ErrLost) {
		s.Log.Error("a question could not be given back; its lease runs out", "id", c.Question.ID, "error", err)
	}
}
