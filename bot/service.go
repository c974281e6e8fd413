package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// An Answerer answers questions: a [Desk], or what stands before one.
type Answerer interface {
	// Explain answers a question. Abstaining is an outcome; an error is temporary.
	Explain(ctx context.Context, q Question) (Answer, Explanation, error)
}

// An Observer counts and times what the service does. Its methods must not wait.
type Observer interface {
	// Count is told of one more event of a metric, with one label.
	Count(m Metric, channel, label string)
	// Time is told how long a step took.
	Time(m Metric, channel string, d time.Duration)
}

// A Metric is something that is counted or timed.
type Metric string

// Metrics: what the label of a count is, or what is timed.
const (
	MetricArrivals   Metric = "arrivals"         // taken, duplicate, the reason of a refusal, rejected or error
	MetricAnswers    Metric = "answers"          // outcome
	MetricWritten    Metric = "written"          // generative, or why a model's answer was not used
	MetricDeliveries Metric = "deliveries"       // posted, later or failed
	MetricAccept     Metric = "accept_seconds"   // from the event to its row on the disk
	MetricWait       Metric = "wait_seconds"     // from there to a worker
	MetricAnswer     Metric = "answer_seconds"   // one answer
	MetricDelivery   Metric = "delivery_seconds" // one attempt to deliver
	MetricReply      Metric = "reply_seconds"    // from the answer's row to the reply's arrival
)

// Limits of the service, with their usual values.
type Limits struct {
	PerUser     int           // questions waiting or being answered, of one user: 3
	Total       int           // questions waiting: 10,000
	Age         time.Duration // after which a waiting question becomes a case for the staff: 10 min
	Answer      time.Duration // one attempt to answer: 60 s
	Deliver     time.Duration // one attempt to deliver: 20 s
	GiveUp      time.Duration // after which a reply that cannot be delivered becomes a case: 6 h
	Drain       time.Duration // what is under way gets this long at the end: 15 s
	Lease       time.Duration // of a question being answered, prolonged meanwhile: 10 s
	Attempts    int           // to answer one question, those included that ended with the process: 10
	Errors      int           // attempts from which on an error of the answerer makes a case: 3
	Tell        time.Duration // within which one user gets so many notices of the same refusal as TellMost says: 1 min
	TellMost    int           // so many of them within that time: 5
	Retention   time.Duration // after which a question is removed, with all that belongs to it; 0: never; journal.SettingRetention stands before it
	Workers     int           // questions answered at once: 4
	Senders     int           // replies delivered at once, of each channel, where it does not say itself how many: 4
	Progress    time.Duration // after which a waiting asker is told so, where the channel can: 2 s
	SweepEvery  time.Duration // how often it looks for what is too old: 5 s
	Poll        time.Duration // how often it looks for work that nobody told it of: 1 s
	RetryFirst  time.Duration // wait after a first failure; it doubles: 1 s
	RetryLatest time.Duration // and this is the most: 5 min
	Overdue     time.Duration // an open case that waits longer is told of in an alert; 0: never: 24 h
}

// DefaultLimits are the usual values.
var DefaultLimits = Limits{
	PerUser: 3, Total: 10_000, Age: 10 * time.Minute, Answer: time.Minute, Deliver: 20 * time.Second, GiveUp: 6 * time.Hour,
	Drain: 15 * time.Second, Lease: 10 * time.Second, Attempts: 10, Errors: 3, Tell: time.Minute, TellMost: 5, Retention: 365 * 24 * time.Hour,
	Workers: 4, Senders: 4, Progress: 2 * time.Second, SweepEvery: 5 * time.Second, Poll: time.Second,
	RetryFirst: time.Second, RetryLatest: 5 * time.Minute, Overdue: 24 * time.Hour,
}

// Options of a Service. Journal, Answerer and Key are needed.
type Options struct {
	Journal  journal.Journal
	Answerer Answerer
	Channels []channel.Channel // their names differ
	Key      []byte            // of the hashes that stand for users, at least 16 bytes
	Limits   Limits            // start from DefaultLimits
	Lang     string            // of notices whose question shows none: zh or en
	Now      func() time.Time  // wall clock; nil means time.Now
	Log      *slog.Logger      // nil discards; no text of a question is ever written to it
	Observer Observer          // nil for none
	Program  string            // version, for the log
	// ModelHealth tells how the language model of the answerer is; nil where there is
	// none. It must not wait.
	ModelHealth func() ModelHealth
	StaffDesk   StaffDesk // where the staff is told of cases; the zero value: nowhere
	Replies     *Desk     // checks what the staff replies from a chat; nil: nothing can be
	// Alert tells who runs the service that a channel, the journal or the staff's cases are not as they should be, once, and
	// once that they are again; nil: nobody is told. It is called by one goroutine, for as long as Limits.Deliver; what fails
	// is tried again a few times. At most one alert about the same is told in ten minutes, but that a channel has
	// stopped for good is told at once.
	Alert func(ctx context.Context, a Alert) error
	Alone bool // no other service works on the journal: leases that last are of one that has ended
}

// A Service takes questions from channels and sees to it that each gets one
// reply: it stores before it acknowledges, answers under a lease, and delivers
// from an outbox. It knows no platform. Make one with NewService.
type Service struct {
	Options
	byName map[string]channel.Channel
	clock  steady
	work   wake            // a question may be waiting
	post   map[string]wake // a reply may be ready for this channel
	tell   chan telling
	taken  bell // a question was taken back or changed
	stops  stops
	alerts *alerts
	paces  *paces
	health *healths

	begun      time.Time // by the steady clock
	forgetFrom time.Time // when old questions are next removed; of sweepAll

	workersEnd, sendersEnd atomic.Bool // who finds nothing to do ends

	stopRead sync.Mutex // held while stopped is read from the journal
	stopMu   sync.RWMutex
	stopped  Stopped
}

// NewService prepares a service; Run starts it.
func NewService(ctx context.Context, o Options) (*Service, error) {
	if o.Journal == nil || o.Answerer == nil || len(o.Key) < 16 {
		return nil, errors.New("service: journal, answerer and a key of 16 bytes are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = noObserver{}
	}
	s := &Service{
		Options: o, byName: map[string]channel.Channel{}, work: newWake(), post: map[string]wake{},
		tell: make(chan telling, 64), paces: newPaces(), health: newHealths(),
	}
	s.alerts = newAlerts(s)
	for _, c := range o.Channels {
		name := c.Caps().Name
		if s.byName[name] != nil {
			return nil, fmt.Errorf("service: two channels are called %q", name)
		}
		s.byName[name], s.post[name] = c, newWake()
	}
	if err := s.startClock(ctx); err != nil {
		return nil, fmt.Errorf("service: read the journal: %w", err)
	}
	return s, s.readStopped(ctx)
}

// Run takes events and sends replies until ctx ends. It then takes no more
// events, goes on with what is under way for at most Limits.Drain, and returns.
// What was not finished goes on at the next start. What does not obey its
// context, such as a channel's Run, is left behind after that time, which the log
// says. A Service runs once.
func (s *Service) Run(ctx context.Context) error {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var workers, senders, channels, others sync.WaitGroup
	for range s.Limits.Workers {
		workers.Go(func() { s.answerAll(working) })
	}
	for name, c := range s.byName {
		for range cmp.Or(c.Caps().Senders, s.Limits.Senders) {
			senders.Go(func() { s.sendAll(working, name) })
		}
		channels.Go(func() { s.supervise(ctx, c) })
	}
	others.Go(func() { s.tellAll(working) })
	others.Go(func() { s.sweepAll(working) })
	if s.Alert != nil {
		others.Go(func() { s.alerts.watch(ctx) })
		others.Go(func() { s.alerts.tellAll(working) })
	}
	<-ctx.Done()
	s.Log.Info("draining")
	drained, cancel := context.WithTimeout(working, s.Limits.Drain)
	defer cancel()
	s.await(drained, &channels, "channels")
	s.workersEnd.Store(true)
	s.await(drained, &workers, "questions being answered")
	s.sendersEnd.Store(true)
	s.await(drained, &senders, "replies being delivered")
	stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTime)
	defer cancel()
	for _, group := range []*sync.WaitGroup{&channels, &workers, &senders, &others} {
		s.await(last, group, "work that does not end")
	}
	s.Log.Info("drained")
	return nil
}

// lastTime is how long what was told to end gets to do so.
const lastTime = 3 * time.Second

// await wakes whoever waits for work, and waits until a group has ended or ctx has.
func (s *Service) await(ctx context.Context, group *sync.WaitGroup, what string) {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	again := time.NewTicker(20 * time.Millisecond) // each wake wakes one
	defer again.Stop()
	for {
		s.work.up()
		for _, w := range s.post {
			w.up()
		}
		select {
		case <-done:
			return
		case <-again.C:
		case <-ctx.Done():
			s.Log.Warn("left for the next start", "what", what)
			return
		}
	}
}

// Refresh takes over what another handle of the journal has changed, without
// waiting for the next look.
func (s *Service) Refresh(ctx context.Context) error {
	s.work.up()
	for _, w := range s.post {
		w.up()
	}
	return s.readStopped(ctx)
}

// sleep waits for d and reports whether ctx lasted.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// A wake tells one of several that there may be work.
type wake chan struct{}

func newWake() wake { return make(wake, 1) }

func (w wake) up() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// wait waits to be woken or for at most d, and reports whether ctx lasted.
func (w wake) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-w:
	case <-t.C:
	}
	return true
}

// backoff is how long to wait after so many failures, from 1.
func (s *Service) backoff(failures int) time.Duration {
	d := s.Limits.RetryFirst
	for range min(failures-1, 20) {
		d *= 2
	}
	return min(d, s.Limits.RetryLatest)
}

type noObserver struct{}

func (noObserver) Count(Metric, string, string)       {}
func (noObserver) Time(Metric, string, time.Duration) {}
