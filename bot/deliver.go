package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// sendAll delivers one reply of a channel after the other until ctx ends.
func (s *Service) sendAll(ctx context.Context, name string) {
	apart := !s.byName[name].Caps().Pull // the parts of two documents do not mix, and posts keep their distance
	for {
		now := s.clock.now()
		d, err := s.Journal.Next(ctx, journal.NextOptions{Now: now, Until: now.Add(s.Limits.Deliver + s.Limits.Lease), Channels: []string{name}, Apart: apart})
		if err != nil {
			if s.idle(err, &s.sendersEnd) || !s.rest(ctx, err, s.post[name], "take a reply to deliver") {
				return
			}
			continue
		}
		s.post[name].up() // there may be more
		s.deliver(ctx, d)
	}
}

// deliver makes one attempt, and stores how it went.
func (s *Service) deliver(ctx context.Context, d journal.Delivery) {
	begin := time.Now()
	began, receipt, err := s.attempt(ctx, d)
	s.Observer.Time(MetricDelivery, d.Channel, time.Since(begin))
	now := s.clock.now()
	stored := s.outcome(context.WithoutCancel(ctx), d, now, began, receipt, err)
	s.health.store(stored)
	if stored != nil && !errors.Is(stored, journal.ErrLost) {
		s.Log.Error("what became of a delivery was not stored; it is looked into again", "delivery", d.ID, "error", stored)
	}
	s.post[d.Channel].up() // the next of the dialogue
}

// attempt gives a document to its channel. began tells whether it may have
// arrived although there is an error.
func (s *Service) attempt(ctx context.Context, d journal.Delivery) (began bool, receipt channel.Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Deliver)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("a channel panicked", "channel", d.Channel, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = &panicError{v}
		}
	}()
	reply, err := s.byName[d.Channel].Begin(ctx, d.Reply, d.Doc.ID)
	if err != nil {
		return false, "", err
	}
	began = true
	receipt, err = reply.Finish(ctx, d.Doc, channel.Delivery{Key: d.ID, Again: d.Uncertain, Since: d.CreatedAt, Later: later(d.Purpose)})
	return began, receipt, err
}

// later reports whether a delivery is something else than the reply to the event that its handle is of. A question gets one
// reply of its own, final or a notice; each press of a button brings a handle of its own.
func later(p journal.Purpose) bool { return p != journal.Final && p != journal.Notice }

// outcome stores how an attempt went.
func (s *Service) outcome(ctx context.Context, d journal.Delivery, now time.Time, began bool, receipt channel.Receipt, err error) error {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Lease)
	defer cancel()
	interval := s.byName[d.Channel].Caps().Interval
	wait, asked := errors.AsType[*channel.WaitError](err)
	switch {
	case err == nil:
		s.Observer.Count(MetricDeliveries, d.Channel, "posted")
		s.Observer.Time(MetricReply, d.Channel, now.Sub(d.CreatedAt))
		return s.Journal.Posted(ctx, d, now, receipt, s.pause(now, interval, false))
	case channel.IsGone(err), s.overdue(d, now):
		s.Observer.Count(MetricDeliveries, d.Channel, "failed")
		s.Log.Warn("a reply cannot be delivered", "delivery", d.ID, "purpose", d.Purpose, "error", err)
		return s.giveUp(ctx, d, now, err.Error())
	case asked:
		s.Observer.Count(MetricDeliveries, d.Channel, "later")
		after := max(wait.After, s.Limits.RetryFirst)
		return s.Journal.Later(ctx, d, journal.Later{At: now, Next: now.Add(after), Why: err.Error(), Pause: s.pause(now, after, wait.All)})
	}
	s.Observer.Count(MetricDeliveries, d.Channel, "later")
	s.Log.Warn("a reply was not delivered and is tried again", "delivery", d.ID, "attempt", d.Attempts, "error", err)
	after := s.backoff(d.Attempts)
	after += time.Duration(rand.Int64N(int64(after)/4 + 1)) // apart from the others that failed at once
	return s.Journal.Later(ctx, d, journal.Later{At: now, Next: now.Add(after), Why: err.Error(), Arrived: began && !channel.IsUnsent(err)})
}

// settle is how long channels get after a start before a reply is given up that
// has been overdue since before.
const settle = 10 * time.Minute

// overdue reports whether a reply has been tried for long enough.
func (s *Service) overdue(d journal.Delivery, now time.Time) bool {
	return now.Sub(d.CreatedAt) > s.Limits.GiveUp && now.Sub(s.begun) > min(settle, s.Limits.GiveUp)
}

// giveUp ends a delivery that cannot arrive and opens a case for the staff, but for what told the staff of one.
func (s *Service) giveUp(ctx context.Context, d journal.Delivery, now time.Time, why string) error {
	c := journal.NewCase{
		ID: s.caseID(cmp.Or(d.Question, d.ID)), Question: d.Question, Reason: ReasonUndeliverable, Text: why,
		Channel: d.Channel, User: d.User, Dialogue: d.Dialogue, Place: d.Place, Reply: d.Reply,
	}
	if d.Purpose != journal.Desk {
		var err error
		if c, err = s.withPost(ctx, c); err != nil {
			return err
		}
	}
	defer s.told()
	err := s.Journal.GiveUp(ctx, d, now, why, c)
	if err == nil && s.Alert != nil {
		s.alerts.gaveUp(d.Channel)
	}
	return err
}

func (s *Service) pause(now time.Time, d time.Duration, all bool) journal.Pause {
	if d <= 0 {
		return journal.Pause{}
	}
	return journal.Pause{Until: now.Add(d), All: all}
}
