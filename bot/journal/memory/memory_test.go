package memory_test

import (
	"fmt"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/journaltest"
	"policybot/bot/journal/memory"
)

func TestJournal(t *testing.T) {
	journaltest.Test(t, func(*testing.T) (journal.Journal, func() journal.Journal) {
		return memory.New(), nil // nothing outlives the process
	})
}

// TestMany has 10,000 questions of 100 users wait at once, be claimed at once and be delivered.
func TestMany(t *testing.T) {
	const many, users = 10_000, 100
	j, ctx, now := memory.New(), t.Context(), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for i := range many {
		name := fmt.Sprint(i)
		q := journal.Question{
			ID: name, Channel: "chat", User: fmt.Sprint(i % users), Dialogue: name, Place: channel.Place{ID: name}, AskedAt: now, AcceptedAt: now,
		}
		if _, err := j.Accept(ctx, journal.Arrival{Question: q, DeliveryKey: name, Limits: journal.Limits{PerUser: many, Total: many}}); err != nil {
			t.Fatal(err)
		}
	}
	var claims []journal.Claim
	for range many {
		c, err := j.Claim(ctx, journal.ClaimOptions{Now: now, Until: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	for _, c := range claims {
		if err := j.Complete(ctx, c, journal.Result{At: now}); err != nil {
			t.Fatal(err)
		}
	}
	for range many {
		d, err := j.Next(ctx, journal.NextOptions{Now: now, Until: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Posted(ctx, d, now, "", journal.Pause{}); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := j.Count(ctx)
	if want := (journal.Counts{Questions: many}); err != nil || counts != want {
		t.Errorf("Count = %+v, %v; want %+v", counts, err, want)
	}
}
