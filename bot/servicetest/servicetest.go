// Package servicetest gives tests the documents that the service delivers, for those who show them.
package servicetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/retrieval/retrievaltest"
)

// A mute channel takes documents and shows nothing. It hands over what the service delivers.
type mute struct {
	caps channel.Caps
	mu   sync.Mutex
	sink channel.Sink
	docs []channel.Doc
}

func (m *mute) Caps() channel.Caps { return m.caps }

func (m *mute) Run(ctx context.Context, sink channel.Sink) error {
	m.mu.Lock()
	m.sink = sink
	m.mu.Unlock()
	<-ctx.Done()
	return nil
}

func (m *mute) Health() channel.Health { return channel.Health{State: channel.Up} }

func (m *mute) Begin(context.Context, channel.Handle, string) (channel.Reply, error) { return m, nil }

func (m *mute) Progress(context.Context, string) error    { return nil }
func (m *mute) Update(context.Context, channel.Doc) error { return nil }
func (m *mute) Abort(context.Context, string) error       { return nil }
func (m *mute) Finish(_ context.Context, d channel.Doc, _ channel.Delivery) (channel.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range d.Buttons {
		d.Buttons[i].Token = fmt.Sprintf("token%017d", i+1) // theirs are random
	}
	m.docs = append(m.docs, d)
	return "", nil
}

// ask gives a question to a service and waits for what it delivers.
func (m *mute) ask(t *testing.T, n int, text string) string {
	t.Helper()
	id := fmt.Sprint("q", n)
	a, err := m.sink(t.Context(), channel.Event{
		Kind: channel.Question, DeliveryKey: id, ContentKey: id, ID: id, Actor: channel.Actor{ID: "U1"}, Place: channel.Place{ID: "D1"}, Text: text,
	})
	if err != nil || a.Refused != "" {
		t.Fatal(a, err)
	}
	time.Sleep(10 * time.Second)
	synctest.Wait()
	return a.ID
}

var seeded = sync.OnceValues(func() (*bot.Desk, error) {
	lib, err := retrievaltest.Seeds(context.Background())
	if err != nil {
		return nil, err
	}
	measures, err := eligibilitytest.Seeds(context.Background(), lib)
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	return &bot.Desk{Library: lib, Now: func() time.Time { return now }, Measures: measures, Pages: "https://policy.example"}, err
})

// Desk is a desk on the seeds that only quotes, on the first day of September 2026. It is one for all tests of a package: it is
// not to be changed.
func Desk(t *testing.T) *bot.Desk {
	t.Helper()
	desk, err := seeded()
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

// Delivered runs a service on the seeds and gives the documents that it delivers in answer to messages of
// one person, and where reply is not empty, a reply by staff to the last. caps are those of the channel that it delivers
// to. Tokens of buttons are counted instead of drawn.
func Delivered(t *testing.T, caps channel.Caps, messages []string, reply string) []channel.Doc {
	t.Helper()
	return DeliveredBy(t, Desk(t), caps, messages, reply)
}

// DeliveredBy is Delivered with another desk, such as one for which a model writes.
func DeliveredBy(t *testing.T, desk *bot.Desk, caps channel.Caps, messages []string, reply string) []channel.Doc {
	t.Helper()
	var docs []channel.Doc
	synctest.Test(t, func(t *testing.T) {
		m := &mute{caps: caps}
		s, err := bot.NewService(t.Context(), bot.Options{
			Key: []byte("0123456789abcdef"), Limits: bot.DefaultLimits, Lang: "zh",
			Journal: memory.New(), Answerer: desk, Channels: []channel.Channel{m},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		id := ""
		for i, text := range messages {
			id = m.ask(t, i, text)
		}
		if reply != "" {
			respond(t, s, desk, id, reply)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		docs = m.docs
	})
	return docs
}

// respond lets staff reply to a question, with a clause that the reply names as [1].
func respond(t *testing.T, s *bot.Service, desk *bot.Desk, id, text string) {
	t.Helper()
	c, err := s.OpenCase(t.Context(), id, "asked")
	if err != nil {
		t.Fatal(err)
	}
	clauses, err := retrievaltest.Clauses(t.Context(), desk.Library)
	if err != nil {
		t.Fatal(err)
	}
	clause := clauses["xiamen-2020-2022.h2"]
	clause.URL = desk.Pages + "/clauses/" + clause.ID
	if _, err := s.RespondWith(t.Context(), journal.Response{Case: c.ID, By: "staff", Text: text}, clause); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
	synctest.Wait()
}
