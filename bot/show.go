package bot

import (
	"context"
	"sync"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// show returns what shows the asker an answer as it grows, where the channel can,
// and what ends that. Of snapshots that come faster than the channel takes them only
// the newest is shown. Nothing is shown after end has returned, so that no snapshot
// comes after the answer. It is a courtesy: what fails is only logged.
func (s *Service) show(ctx context.Context, q journal.Question) (partly func(Answer), end func()) {
	c := s.byName[q.Channel]
	if c == nil || c.Caps().Stream == channel.StreamNone {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	newest := make(chan channel.Doc, 1)
	var showing sync.WaitGroup
	showing.Go(func() { s.showAll(ctx, c, q, newest) })
	partly = func(a Answer) {
		a.ID, a.Question = q.ID, q.Text
		d := s.beginning(a)
		for {
			select {
			case newest <- d:
				return
			case <-newest: // an older one gives way
			}
		}
	}
	return partly, func() {
		cancel()
		showing.Wait()
	}
}

// showAll shows snapshots until ctx ends.
func (s *Service) showAll(ctx context.Context, c channel.Channel, q journal.Question, newest <-chan channel.Doc) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("a channel panicked", "channel", q.Channel, "panic", v)
		}
	}()
	var r channel.Reply
	for {
		select {
		case <-ctx.Done():
			return
		case d := <-newest:
			one, cancel := context.WithTimeout(ctx, s.Limits.Progress)
			var err error
			if r == nil {
				r, err = c.Begin(one, q.Reply, q.ID)
			}
			if err == nil {
				err = r.Update(one, d)
			}
			cancel()
			if err != nil && ctx.Err() == nil {
				s.Log.Debug("an asker was not shown a beginning", "id", q.ID, "error", err)
			}
		}
	}
}

// beginning is an answer that is still being written, as a channel gets it.
func (s *Service) beginning(a Answer) channel.Doc {
	c := begun(a)
	d := s.document(a)
	d.Text, d.Nodes = c.b.String(), nodes(c.parts)
	return d
}
