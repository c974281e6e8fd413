package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func pauseCases() []check {
	return []check{
		{"Apart", testApart},
		{"OtherChannels", testOtherChannels},
		{"Rebase", testRebase},
		{"PausePlace", testPausePlace},
		{"PauseChannel", testPauseChannel},
		{"PausePlaceNotShortened", func(b *bench) { testPauseNotShortened(b, false) }},
		{"PauseChannelNotShortened", func(b *bench) { testPauseNotShortened(b, true) }},
		{"PausePosted", testPausePosted},
	}
}

// answerAt answers a question of a user, in a dialogue of its own, at a place.
func (b *bench) answerAt(channelName, place, thread string) journal.Question {
	b.Helper()
	a := b.arrival("ann")
	a.Question.Channel = channelName
	a.Question.Dialogue += a.Question.ID
	a.Question.Place.ID, a.Question.Place.Thread = place, thread
	b.accept(a)
	b.must("Complete", b.Complete(b.ctx, b.claim(), b.result("answer")))
	return a.Question
}

// nexts checks which questions' deliveries are given, in order, until there are no more.
func (b *bench) nexts(what string, want ...string) {
	b.Helper()
	var got []string
	for range len(want) + 1 { // one more than there should be
		d, err := b.Next(b.ctx, b.nextOptions())
		if err != nil {
			b.wantErr(what, err, journal.ErrNone)
			break
		}
		got = append(got, d.Question)
	}
	b.same(what, got, want)
}

// putOff gives a delivery back with a pause.
func (b *bench) putOff(d journal.Delivery, p journal.Pause) {
	b.Helper()
	b.must("Later", b.Later(b.ctx, d, journal.Later{At: b.now, Next: b.now, Why: "wait", Pause: p}))
}

func testRebase(b *bench) {
	sent, later := b.answerAt("chat", "p", ""), b.answerAt("chat", "p", "2")
	waits, held, released := b.ask("ann"), b.ask("bob"), b.ask("cem")
	ahead := b.now.Add(365 * 24 * time.Hour)
	claim := func() journal.Claim {
		c, err := b.Claim(b.ctx, journal.ClaimOptions{Now: b.now, Until: ahead})
		b.must("Claim", err)
		return c
	}
	b.same("first", claim().Question.ID, waits.ID)
	b.same("second", claim().Question.ID, held.ID)
	c := claim()
	b.must("Release", b.Release(b.ctx, c, journal.Release{At: b.now, NotBefore: ahead}))
	d, err := b.Next(b.ctx, journal.NextOptions{Now: b.now, Until: ahead})
	b.must("Next", err)
	b.same("sent", d.Question, sent.ID)
	b.putOff(b.next(), journal.Pause{Until: ahead})
	b.noClaim("all wait for a year")
	b.noNext("all wait for a year")
	b.restart()
	b.must("Rebase of leases", b.Rebase(b.ctx, b.now, true))
	c = b.claim()
	b.same("the lease of the first is over", c.Question.ID, waits.ID)
	b.noNext("the pause is not over")
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.must("Rebase", b.Rebase(b.ctx, b.now, false))
	b.claims(held.ID, released.ID)
	b.nexts("after that", sent.ID, later.ID, waits.ID)
}

func testOtherChannels(b *bench) {
	b.answerAt("chat", "p", "")
	mail := b.answerAt("mail", "p", "")
	o := b.nextOptions()
	o.Channels, o.Other = []string{"chat", "fax"}, true
	d, err := b.Next(b.ctx, o)
	b.must("Next", err)
	b.same("of another channel", d.Question, mail.ID)
	_, err = b.Next(b.ctx, o)
	b.wantErr("Next of a channel that is named", err, journal.ErrNone)
}

func testApart(b *bench) {
	first := b.answerAt("chat", "p", "1")
	otherThread := b.answerAt("chat", "p", "2")
	otherPlace := b.answerAt("chat", "q", "1")
	otherChannel := b.answerAt("mail", "p", "1")
	apart := b.nextOptions()
	apart.Apart = true
	take := func(why, want string) journal.Delivery {
		d, err := b.Next(b.ctx, apart)
		b.must("Next "+why, err)
		b.same(why, d.Question, want)
		return d
	}
	d := take("the first", first.ID)
	take("not another of the place", otherPlace.ID)
	take("of another channel", otherChannel.ID)
	_, err := b.Next(b.ctx, apart)
	b.wantErr("Next while the place is taken", err, journal.ErrNone)
	b.restart()
	b.post(d)
	take("when the first has arrived", otherThread.ID)
}

func testPausePlace(b *bench) {
	first := b.answerAt("chat", "p", "1")
	sameThread := b.answerAt("chat", "p", "1")
	otherThread := b.answerAt("chat", "p", "2")
	otherPlace := b.answerAt("chat", "q", "1")
	otherChannel := b.answerAt("mail", "p", "1")
	b.putOff(b.next(), journal.Pause{Until: b.now.Add(time.Hour)})
	b.restart()
	b.nexts("other places while one is paused", otherPlace.ID, otherChannel.ID)
	b.tick(time.Hour - time.Microsecond)
	b.restart()
	b.nexts("while it is paused, with leases of the others over", otherPlace.ID, otherChannel.ID)
	b.tick(time.Microsecond)
	b.nexts("when the pause is over", first.ID, sameThread.ID, otherThread.ID)
}

func testPauseChannel(b *bench) {
	first := b.answerAt("chat", "p", "")
	other := b.answerAt("chat", "q", "")
	mail := b.answerAt("mail", "p", "")
	b.putOff(b.next(), journal.Pause{Until: b.now.Add(time.Second), All: true})
	b.restart()
	b.nexts("other channels while one is paused", mail.ID)
	b.tick(time.Second)
	b.nexts("when the pause is over", first.ID, other.ID)
}

func testPauseNotShortened(b *bench, all bool) {
	first := b.answerAt("chat", "p", "")
	b.putOff(b.next(), journal.Pause{})
	d := b.next() // the zero Pause pauses nothing
	second := b.answerAt("chat", "p", "")
	d2 := b.next()
	b.putOff(d, journal.Pause{Until: b.now.Add(time.Minute), All: all})
	b.putOff(d2, journal.Pause{Until: b.now.Add(time.Second), All: all})
	b.restart()
	b.tick(time.Minute - time.Microsecond)
	b.nexts("a pause that is not shortened")
	b.tick(time.Microsecond)
	b.nexts("when it is over", first.ID, second.ID)
}

func testPausePosted(b *bench) {
	b.answerAt("chat", "p", "")
	second := b.answerAt("chat", "p", "")
	b.must("Posted", b.Posted(b.ctx, b.next(), b.now, "", journal.Pause{Until: b.now.Add(time.Second)}))
	b.restart()
	b.nexts("a place that is paused by what arrived")
	b.tick(time.Second)
	b.nexts("when the pause is over", second.ID)
}
