package outgoing_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/wecom/outgoing"
)

// TestRef: the same key has the same reference, and others hardly ever.
func TestRef(t *testing.T) {
	seen := map[string]bool{}
	for i := range 10_000 {
		ref := outgoing.Ref(fmt.Sprint("d-", i))
		if len(ref) != 6 || strings.Trim(ref, "0123456789BCDFGHJKMNPQRSTVWXYZ") != "" || ref != outgoing.Ref(fmt.Sprint("d-", i)) {
			t.Fatalf("the reference %q", ref)
		}
		seen[ref] = true
	}
	if len(seen) < 9_990 {
		t.Errorf("%d references of 10,000 keys", len(seen))
	}
}

// TestQuota: at no time have more been sent to one receiver within a minute or an hour than WeCom takes, and as many as it
// takes are sent.
func TestQuota(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		q := outgoing.NewQuota(30, 200)
		now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
		var sent []time.Time
		for range 2000 {
			switch wait := q.Take([]string{"Ann", "ann"}[r.IntN(2)], now); {
			case wait == 0:
				sent = append(sent, now)
			case r.IntN(2) == 0:
				now = now.Add(wait)
			}
			now = now.Add(time.Duration(r.Int64N(int64(3 * time.Second))))
		}
		most := func(window time.Duration) int {
			n, from := 0, 0
			for i, at := range sent {
				for at.Sub(sent[from]) >= window {
					from++
				}
				n = max(n, i-from+1)
			}
			return n
		}
		if m, h := most(time.Minute), most(time.Hour); m != 30 || h != 200 {
			t.Fatalf("%d in a minute, %d in an hour, want 30 and 200", m, h)
		}
		if q.Take("ben", now) != 0 {
			t.Error("Ben has to wait for Ann")
		}
	}
}

// TestRestarts: processes that follow each other, one in a minute, and know nothing of each other, send no more together than
// WeCom takes; one that knows that it was quiet may send at once.
func TestRestarts(t *testing.T) {
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	var sent []time.Time
	for _, life := range []time.Duration{5 * time.Minute, 65 * time.Second, 5 * time.Minute, 100 * time.Second, 5 * time.Minute} {
		q := outgoing.ForChats(now, false)
		for end := now.Add(life); now.Before(end); now = now.Add(100 * time.Millisecond) {
			if q.Take("Ann", now) == 0 {
				sent = append(sent, now)
			}
		}
	}
	from := 0
	for i, at := range sent {
		for at.Sub(sent[from]) >= time.Minute {
			from++
		}
		if n := i - from + 1; n > 30 {
			t.Fatalf("%d messages in a minute", n)
		}
	}
	if len(sent) < 15*15 {
		t.Errorf("%d messages in 15 minutes", len(sent))
	}
	quiet, n := outgoing.ForChats(now, true), 0
	for quiet.Take("Ann", now) == 0 {
		n++
	}
	if n != 25 {
		t.Errorf("a process that knows that it was quiet sends %d messages at once, want 25", n)
	}
}

// TestMemory: what was kept is there until there is too much, and what is due is due once in a while.
func TestMemory(t *testing.T) {
	m := outgoing.NewMemory[string](3)
	for i := range 3 {
		m.Keep(fmt.Sprint(i), fmt.Sprint("v", i))
	}
	if m.Of("0") != "v0" || m.Of("2") != "v2" || m.Of("3") != "" {
		t.Errorf("%q %q %q", m.Of("0"), m.Of("2"), m.Of("3"))
	}
	if m.Keep("3", "v3"); m.Of("3") != "v3" || m.Of("0") != "" {
		t.Errorf("with too much %q and %q are kept", m.Of("3"), m.Of("0"))
	}
	synctest.Test(t, func(t *testing.T) {
		times := outgoing.NewMemory[time.Time](3)
		if !outgoing.Due(times, "Ann", time.Minute) || outgoing.Due(times, "Ann", time.Minute) || !outgoing.Due(times, "Ben", time.Minute) {
			t.Error("it is not due once")
		}
		time.Sleep(time.Minute)
		if !outgoing.Due(times, "Ann", time.Minute) {
			t.Error("it is not due a minute later")
		}
	})
}
