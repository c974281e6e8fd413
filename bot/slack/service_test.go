package slack_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/slack"
	"policybot/retrieval"
)

// A fakeDesk answers with sentences that it makes up of the number in a question, and cites a clause for each. How
// long it takes, how much it says, and whether it fails follow from the number.
type fakeDesk struct {
	quick bool // always at once, briefly and well
	mu    sync.Mutex
	asked map[string]int // how often each question was answered
}

var number = regexp.MustCompile(`\d+`)

// Explain implements bot.Answerer.
func (f *fakeDesk) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	n := number.FindString(q.Text)
	sum := fnv.New32a()
	sum.Write([]byte(n))
	dice := int(sum.Sum32() % 1000)
	f.mu.Lock()
	f.asked[n]++
	times := f.asked[n]
	f.mu.Unlock()
	sentences, length := 1+dice%4, 40
	switch {
	case f.quick:
		return madeUp(q, n, 1, 30), bot.Explanation{}, nil
	case dice < 20 && times == 1:
		return bot.Answer{}, bot.Explanation{}, errors.New("the library cannot be read")
	case dice < 30:
		panic("a fault of the answerer")
	case dice < 130:
		sentences, length = 6, 900
	}
	a := madeUp(q, n, sentences, length)
	if dice%3 == 0 { // written slowly
		for i := range a.Sentences {
			if err := rest(ctx, time.Duration(500+dice*7)*time.Millisecond); err != nil {
				return bot.Answer{}, bot.Explanation{}, err
			}
			so := a
			so.Sentences, so.Citations = a.Sentences[:i+1], a.Citations[:i+1]
			if q.Partly != nil {
				q.Partly(so)
			}
		}
	}
	if dice >= 995 { // until a stream has expired
		if err := rest(ctx, 6*time.Minute); err != nil {
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
		s := fmt.Sprintf("第%s号问题的第%d条答复：符合条件的企业奖励%d万元", n, i+1, 100+i)
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

func TestMadeUp(t *testing.T) {
	a := madeUp(bot.Question{ID: "a", Text: "问题 1"}, "1", 3, 200)
	for _, c := range bot.Verify(a) {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Problem)
		}
	}
}

var errGone = errors.New("the process is gone")

// A process is what ends with a process: what it would store or send afterwards is lost.
type process struct {
	journal.Journal
	dead  atomic.Bool
	life  context.Context // ends with the process
	quit  context.CancelFunc
	reach http.RoundTripper
	mu    sync.Mutex
	conns []net.Conn
}

// kill ends the process, from outside, without a warning.
func (p *process) kill() {
	p.dead.Store(true)
	p.quit()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

// RoundTrip implements http.RoundTripper. What was carried out before the end stays so, its answer does not arrive.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.dead.Load() {
		return nil, errGone
	}
	ctx, quit := context.WithCancel(r.Context())
	context.AfterFunc(p.life, quit)
	resp, err := p.reach.RoundTrip(r.WithContext(ctx))
	if p.dead.Load() {
		if err == nil {
			resp.Body.Close()
		}
		return nil, errGone
	}
	return resp, err
}

func (p *process) dial(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if p.dead.Load() {
			return nil, errGone
		}
		conn, err := dial(ctx, network, address)
		if err == nil {
			p.mu.Lock()
			p.conns = append(p.conns, conn)
			p.mu.Unlock()
		}
		return conn, err
	}
}

func (p *process) alive(do func() error) error {
	if p.dead.Load() {
		return errGone
	}
	return do()
}

func (p *process) Accept(ctx context.Context, a journal.Arrival) (out journal.Accepted, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Accept(ctx, a); return e })
	return out, err
}

func (p *process) Claim(ctx context.Context, o journal.ClaimOptions) (out journal.Claim, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Claim(ctx, o); return e })
	return out, err
}

func (p *process) Renew(ctx context.Context, c journal.Claim, until time.Time) error {
	return p.alive(func() error { return p.Journal.Renew(ctx, c, until) })
}

func (p *process) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return p.alive(func() error { return p.Journal.Complete(ctx, c, r) })
}

func (p *process) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	return p.alive(func() error { return p.Journal.Release(ctx, c, r) })
}

func (p *process) Next(ctx context.Context, o journal.NextOptions) (out journal.Delivery, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Next(ctx, o); return e })
	return out, err
}

func (p *process) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	return p.alive(func() error { return p.Journal.Posted(ctx, d, at, receipt, pause) })
}

func (p *process) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	return p.alive(func() error { return p.Journal.Later(ctx, d, l) })
}

func (p *process) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, c journal.NewCase) error {
	return p.alive(func() error { return p.Journal.GiveUp(ctx, d, at, why, c) })
}

// A bot is a service with a channel on the fake, and the process in which they run.
type robot struct {
	*process
	service *bot.Service
	quit    context.CancelFunc
	ended   chan error
}

// boot starts a service and a channel on what is in a journal.
func boot(t testing.TB, p *platform, rows journal.Journal, desk bot.Answerer) *robot {
	t.Helper()
	r := &robot{process: &process{Journal: rows, reach: p.client.Transport}, ended: make(chan error, 1)}
	r.life, r.process.quit = context.WithCancel(t.Context())
	o := p.options()
	o.Client = &http.Client{Transport: r.process}
	if o.Dial != nil {
		o.Dial = r.dial(o.Dial)
	}
	c, err := slack.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.taking.Store(c)
	limits := bot.DefaultLimits
	limits.PerUser, limits.Total, limits.Age, limits.Answer = 1000, 100_000, 2*time.Hour, 10*time.Minute
	limits.Workers, limits.Senders = 16, 8
	r.service, err = bot.NewService(t.Context(), bot.Options{
		Journal: r.process, Answerer: desk, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh", Alone: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(t.Context())
	r.quit = quit
	go func() { r.ended <- r.service.Run(ctx) }()
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

// A slowDesk writes for an hour.
type slowDesk struct{}

// Explain implements bot.Answerer.
func (slowDesk) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	a := madeUp(q, number.FindString(q.Text), 1, 40)
	if q.Partly != nil {
		q.Partly(a)
	}
	err := rest(ctx, time.Hour)
	return a, bot.Explanation{}, err
}
