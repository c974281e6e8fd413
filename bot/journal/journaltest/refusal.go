package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func refusalCases() []check {
	return []check{
		{"Refuse", testRefuse},
		{"LimitPerUser", testLimitPerUser},
		{"LimitTotal", testLimitTotal},
		{"ReasonsInOrder", testReasonsInOrder},
		{"Reask", testReask},
		{"TellOnce", testTellOnce},
	}
}

func testRefuse(b *bench) {
	a := b.arrival("ann")
	a.Refuse = "maintenance"
	got := b.accept(a)
	if got.Duplicate || !got.Told {
		b.Errorf("Accept: %+v; want a question that is refused and told", got)
	}
	want := a.Question
	want.Seq, want.State, want.Outcome, want.Reason = 1, journal.Refused, "refused", "maintenance"
	_, want.Answer = refusal(want.ID, "maintenance")
	b.same("refused question", visible(got.Question), want)
	b.restart()
	e := b.entry(want.ID)
	b.same("Entry", visible(e.Question), want)
	b.wantSteps(want.ID, "refused")
	b.noClaim("a refused question is never queued")
	b.same("counts", b.count(), journal.Counts{Ready: 1, Questions: 1})
	d := b.next()
	if len(e.Deliveries) != 1 || d.ID != e.Deliveries[0].ID {
		b.Fatalf("deliveries of the question are %+v; want the one notice %s", e.Deliveries, d.ID)
	}
	notice, _ := refusal(want.ID, "maintenance")
	b.same("notice", visibleDelivery(d), journal.Delivery{
		Question: want.ID, Purpose: journal.Notice, Channel: "chat", User: "ann", Dialogue: want.Dialogue, Place: want.Place,
		Reply: want.Reply, Doc: notice, State: journal.Posting, Attempts: 1, CreatedAt: want.AcceptedAt,
	})
	b.post(d)
	b.wantState(journal.Refused, want.ID)
	if at := b.entry(want.ID).Question.ClosedAt; !at.IsZero() {
		b.Errorf("a notice that arrived set ClosedAt of its question to %s", at)
	}
}

// visibleDelivery clears what the suite does not look at.
func visibleDelivery(d journal.Delivery) journal.Delivery {
	d.ID, d.Seq, d.Token, d.NextAt = "", 0, "", time.Time{}
	return d
}

// try accepts an arrival and checks why it is refused, "" for not at all.
func (b *bench) try(what string, a journal.Arrival, want string) journal.Accepted {
	b.Helper()
	got := b.accept(a)
	state := journal.Waiting
	if want != "" {
		state = journal.Refused
	}
	if got.Question.State != state || got.Question.Reason != want {
		b.Errorf("%s: %s for %q; want %s for %q", what, got.Question.State, got.Question.Reason, state, want)
	}
	return got
}

func testLimitPerUser(b *bench) {
	limited := func(user string) journal.Arrival {
		a := b.arrival(user)
		a.Limits.PerUser = 2
		return a
	}
	b.try("first", limited("ann"), "")
	c := b.claim()
	b.try("second, one is claimed", limited("ann"), "")
	b.restart()
	b.try("third", limited("ann"), journal.ReasonUserBusy)
	b.try("after a refusal", limited("ann"), journal.ReasonUserBusy)
	b.try("another user", limited("bob"), "")
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.try("when one is answered", limited("ann"), "")
	unlimited := limited("ann")
	unlimited.Limits.PerUser = 0
	b.try("no limit", unlimited, "")
}

func testLimitTotal(b *bench) {
	limited := func(user string) journal.Arrival {
		a := b.arrival(user)
		a.Limits.Total = 2
		return a
	}
	b.try("first", limited("ann"), "")
	b.try("second", limited("bob"), "")
	b.restart()
	b.try("third", limited("cem"), journal.ReasonBusy)
	c := b.claim()
	b.try("when one is claimed", limited("dan"), "")
	b.try("full again", limited("eve"), journal.ReasonBusy)
	b.must("Release", b.Release(b.ctx, c, journal.Release{At: b.now, NotBefore: b.now.Add(time.Hour)}))
	unlimited := limited("fay")
	unlimited.Limits.Total = 0
	b.try("no limit", unlimited, "")
}

func testReasonsInOrder(b *bench) {
	b.ask("ann")
	a := b.arrival("ann")
	a.Refuse, a.Limits = "closed", journal.Limits{PerUser: 1, Total: 1}
	b.try("all", a, "closed")
	a = b.arrival("ann")
	a.Limits = journal.Limits{PerUser: 1, Total: 1}
	b.try("both limits", a, journal.ReasonUserBusy)
	a = b.arrival("bob")
	a.Limits = journal.Limits{PerUser: 1, Total: 1}
	b.try("the total", a, journal.ReasonBusy)
}

func testReask(b *bench) {
	refused := b.arrival("ann")
	refused.Refuse = "closed"
	first := b.accept(refused).Question
	other := refused
	other.DeliveryKey = "another delivery"
	if got := b.accept(other); !got.Duplicate || got.Question.ID != first.ID {
		b.Errorf("without Reask: %+v; want a duplicate", got)
	}
	again := refused
	again.Refuse, again.Reask, again.OtherID = "", true, "again"
	changed := again
	changed.Question.Digest = "another question"
	if got := b.accept(changed); !got.Duplicate || got.Question.ID != first.ID {
		b.Errorf("another Digest: %+v; want a duplicate", got)
	}
	got := b.accept(again)
	if got.Duplicate || got.Question.ID != "again" || got.Question.State != journal.Waiting {
		b.Fatalf("asked anew: %+v; want a question that waits", got)
	}
	b.restart()
	for _, a := range []journal.Arrival{again, other, refused} {
		if got := b.accept(a); !got.Duplicate || got.Question.ID != "again" {
			b.Errorf("after that %s: %+v; want a duplicate of the new one", a.DeliveryKey, got)
		}
	}
	b.wantState(journal.Refused, first.ID)
	b.wantState(journal.Waiting, "again")
}

func testTellOnce(b *bench) {
	digest := ""
	for _, tt := range []struct {
		name, user, reason string
		after, once        time.Duration
		told               bool
		most               int
		same               bool // digest as that before
	}{
		{"first", "ann", "closed", 0, time.Minute, true, 0, false},
		{"soon again", "ann", "closed", 10 * time.Second, time.Minute, false, 0, false},
		{"other reason", "ann", "full", 0, time.Minute, true, 0, false},
		{"other user", "bob", "closed", 0, time.Minute, true, 0, false},
		{"just before the time is over", "ann", "closed", 50*time.Second - time.Microsecond, time.Minute, false, 0, false},
		{"when it is over: not told counts for nothing", "ann", "closed", time.Microsecond, time.Minute, true, 0, false},
		{"soon after that", "ann", "closed", time.Second, time.Minute, false, 0, false},
		{"each time", "ann", "closed", 0, 0, true, 0, false},
		{"told each time counts", "ann", "closed", 30 * time.Second, time.Minute, false, 0, false},
		{"the first of three", "ann", "often", 0, time.Minute, true, 3, false},
		{"the same question", "ann", "often", 0, time.Minute, false, 3, true},
		{"the second", "ann", "often", time.Second, time.Minute, true, 3, false},
		{"the third", "ann", "often", 0, time.Minute, true, 3, false},
		{"a fourth", "ann", "often", time.Second, time.Minute, false, 3, false},
	} {
		b.tick(tt.after)
		b.restart()
		a := b.arrival(tt.user)
		a.Refuse, a.TellOnce, a.TellMost = tt.reason, tt.once, tt.most
		if tt.same {
			a.Question.Digest = digest
		}
		digest = a.Question.Digest
		got, err := b.Accept(b.ctx, a) // and no time passes
		b.must(tt.name, err)
		if got.Told != tt.told || got.Question.State != journal.Refused {
			b.Errorf("%s: %s, told %t; want refused, told %t", tt.name, got.Question.State, got.Told, tt.told)
		}
		deliveries := 0
		if tt.told {
			deliveries = 1
		}
		b.same(tt.name+": deliveries", len(b.entry(a.Question.ID).Deliveries), deliveries)
		_, answer := refusal(a.Question.ID, tt.reason)
		b.same(tt.name+": answer", got.Question.Answer, answer)
	}
}
