package callback_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/wecom/callback"
	"policybot/retrieval"
)

// A fakeDesk answers each question by its number: some at once, some slowly with words meanwhile, some after the end of a
// stream, some at length.
type fakeDesk struct{ quick bool }

var number = regexp.MustCompile(`\d+`)

// Explain implements bot.Answerer.
func (f *fakeDesk) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	n := number.FindString(q.Text)
	sum := fnv.New32a()
	sum.Write([]byte(n))
	dice := int(sum.Sum32() % 1000)
	sentences, length := 1+dice%4, 40
	if dice%10 == 0 {
		sentences, length = 6, 900
	}
	if f.quick {
		return madeUp(q, n, 1, 30), bot.Explanation{}, nil
	}
	a := madeUp(q, n, sentences, length)
	wait := time.Duration(dice*20) * time.Millisecond
	switch {
	case dice%3 == 0:
		for i := range a.Sentences {
			if err := rest(ctx, wait/4); err != nil {
				return bot.Answer{}, bot.Explanation{}, err
			}
			so := a
			so.Sentences, so.Citations = a.Sentences[:i+1], a.Citations[:i+1]
			if q.Partly != nil {
				q.Partly(so)
			}
		}
	case dice%25 == 1:
		wait = 6*time.Minute + time.Duration(dice)*time.Second/10
		fallthrough
	default:
		if err := rest(ctx, wait); err != nil {
			return bot.Answer{}, bot.Explanation{}, err
		}
	}
	return a, bot.Explanation{}, nil
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// madeUp is an answer that passes the checks of package bot: it says what its clauses say.
func madeUp(q bot.Question, n string, sentences, length int) bot.Answer {
	a := bot.Answer{ID: q.ID, Question: q.Text, Lang: "zh", Outcome: bot.Answered, Mode: bot.ModeExtractive, AsOf: "2000-01-02"}
	for i := range sentences {
		s := sentenceOf(n, i)
		for j := 1; utf8.RuneCountInString(s) < length; j++ {
			s += fmt.Sprintf("，第%d项再补助%d.5万元", j, 1000+j)
		}
		s += "。"
		d := retrieval.Document{
			ID: fmt.Sprint("doc-", n, "-", i), Title: fmt.Sprintf("第%s号扶持办法之%d", n, i+1), Number: "市府办〔1999〕1号", IssuedOn: "1999-06-01",
			ValidFrom: "1999-06-01", ValidUntil: "2099-12-31", Language: "zh", Source: "fake.txt", Kind: "measures",
		}
		c := retrieval.Clause{ID: d.ID + ".1", Document: d, Path: "一", Text: s, End: utf8.RuneCountInString(s), URL: "https://policy.example/" + d.ID}
		a.Sentences = append(a.Sentences, bot.Sentence{Text: s, Citations: []int{i + 1}})
		a.Citations = append(a.Citations, bot.Citation{N: i + 1, Clause: c, Quote: s, QuoteEnd: c.End})
	}
	a.Text = bot.Compose(a)
	return a
}

// sentenceOf is what only the i-th sentence of the answer to a question begins with.
func sentenceOf(n string, i int) string {
	return fmt.Sprintf("第%s号问题的第%d条答复：符合条件的企业奖励%d万元", n, i+1, 100+i)
}

var errDead = errors.New("the process is gone")

// A process is what ends with a process: what it would store or send afterwards is lost, and what it has sent is stored a
// moment later.
type process struct {
	journal.Journal
	dead  atomic.Bool
	life  context.Context // ends with the process
	quit  context.CancelFunc
	reach http.RoundTripper
	gap   time.Duration
}

// kill ends the process, from outside, without a warning.
func (p *process) kill() {
	p.dead.Store(true)
	p.quit()
}

// RoundTrip implements http.RoundTripper. What was carried out before the end stays so, its answer does not arrive.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.dead.Load() {
		return nil, errDead
	}
	ctx, quit := context.WithCancel(r.Context())
	context.AfterFunc(p.life, quit)
	resp, err := p.reach.RoundTrip(r.WithContext(ctx))
	if p.dead.Load() {
		if err == nil {
			resp.Body.Close()
		}
		return nil, errDead
	}
	return resp, err
}

// alive does something if the process still does anything.
func alive[T any](p *process, do func() (T, error)) (T, error) {
	if p.dead.Load() {
		var none T
		return none, errDead
	}
	return do()
}

func lives(p *process, do func() error) error {
	_, err := alive(p, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

func (p *process) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	return alive(p, func() (journal.Accepted, error) { return p.Journal.Accept(ctx, a) })
}

func (p *process) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	return alive(p, func() (journal.Claim, error) { return p.Journal.Claim(ctx, o) })
}

func (p *process) Renew(ctx context.Context, c journal.Claim, until time.Time) error {
	return lives(p, func() error { return p.Journal.Renew(ctx, c, until) })
}

func (p *process) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return lives(p, func() error { return p.Journal.Complete(ctx, c, r) })
}

func (p *process) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	return lives(p, func() error { return p.Journal.Release(ctx, c, r) })
}

func (p *process) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	return alive(p, func() (journal.Delivery, error) { return p.Journal.Next(ctx, o) })
}

func (p *process) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	time.Sleep(p.gap)
	return lives(p, func() error { return p.Journal.Posted(ctx, d, at, receipt, pause) })
}

func (p *process) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	return lives(p, func() error { return p.Journal.Later(ctx, d, l) })
}

func (p *process) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, c journal.NewCase) error {
	return lives(p, func() error { return p.Journal.GiveUp(ctx, d, at, why, c) })
}

// A robot is a service with a channel on the fake, and the process in which they run.
type robot struct {
	*process
	quit  context.CancelFunc
	ended chan error
}

// boot starts a service and a channel on what is in a journal.
func boot(t testing.TB, p *platform, rows journal.Journal, desk bot.Answerer, gap time.Duration) *robot {
	t.Helper()
	r := &robot{process: &process{Journal: rows, reach: p.client.Transport, gap: gap}, ended: make(chan error, 1)}
	r.life, r.process.quit = context.WithCancel(t.Context())
	o := p.options()
	o.Client = &http.Client{Transport: r.process}
	c, err := callback.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.taking.Store(c)
	limits := bot.DefaultLimits
	limits.PerUser, limits.Total, limits.Age, limits.Answer = 1000, 100_000, 2*time.Hour, 10*time.Minute
	limits.Workers, limits.Senders = 16, 8
	s, err := bot.NewService(t.Context(), bot.Options{
		Journal: r.process, Answerer: desk, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh", Alone: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(t.Context())
	r.quit = quit
	go func() { r.ended <- s.Run(ctx) }()
	return r
}

// end ends the service and waits for it.
func (r *robot) end(t testing.TB) {
	t.Helper()
	r.quit()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}
