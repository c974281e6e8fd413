package journaltest

import (
	"encoding/json"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func acceptCases() []check {
	return []check{
		{"Accept", testAccept},
		{"AcceptEveryField", testAcceptEveryField},
		{"AcceptNoHistory", testAcceptNoHistory},
		{"AcceptProfile", testAcceptProfile},
		{"DuplicateKeys", testDuplicateKeys},
		{"DuplicateTeachesKeys", testDuplicateTeachesKeys},
		{"DuplicateTwoQuestions", testDuplicateTwoQuestions},
		{"DuplicateStates", testDuplicateStates},
		{"OtherID", testOtherID},
	}
}

func testAccept(b *bench) {
	first := b.ask("ann")
	b.restart()
	second := b.ask("bob")
	if first.Seq != 1 || second.Seq != 2 {
		b.Errorf("Seq are %d and %d; want 1 and 2", first.Seq, second.Seq)
	}
	b.wantSteps(first.ID, "accepted")
	if at := b.entry(first.ID).Steps[0].At; !at.Equal(first.AcceptedAt) {
		b.Errorf("step accepted at %s; want AcceptedAt, %s", at, first.AcceptedAt)
	}
	b.same("counts", b.count(), journal.Counts{Waiting: 2, Questions: 2, Oldest: first.AcceptedAt})
	b.noNext("nothing is answered")
}

func testAcceptEveryField(b *bench) {
	taken := journal.Question{
		ID: "A.b_c-1", Channel: "chat", User: "u", Dialogue: "d", Lang: "en", Text: "税 <b>\n\x01 'quoted\" 😀",
		Place: channel.Place{ID: "P", Thread: "1.2", Group: true}, Masked: []string{"phone", "name"},
		Reply: channel.Handle{Data: []byte{0, 255, '\n', 0xc3, 0x28}, Expires: start.Add(time.Hour)},
		Quote: "quote", About: "earlier", History: []channel.Turn{{Role: channel.User, Text: "a"}, {Role: channel.Assistant, Text: "b"}},
		Profile: json.RawMessage(`{"地区": "厦门", "b": [1.50, null]}`), Org: "org",
		AsOf: "2026-01-31", Digest: "digest", AskedAt: start.Add(-time.Hour), AcceptedAt: start,
	}
	given := taken
	given.Seq, given.State, given.Reason, given.Outcome = 77, journal.Closed, "reason", "outcome"
	given.AnsweredAt, given.ClosedAt, given.NotBefore = start, start, start.Add(time.Hour)
	given.Turn, given.Revision, given.Attempts, given.Duplicates = 9, 9, 9, 9
	given.Answer, given.Record = json.RawMessage(`1`), json.RawMessage(`2`)
	got := b.accept(journal.Arrival{Question: given, DeliveryKey: "k", ContentKey: "c"})
	want := taken
	want.Seq, want.State = 1, journal.Waiting
	b.same("accepted", got.Question.ID, want.ID)
	b.same("Accept", journal.Accepted{Question: visible(got.Question)}, journal.Accepted{Question: want})
	b.restart()
	b.same("Entry", visible(b.entry(want.ID).Question), want)
	b.same("Entries", visible(b.list(journal.Filter{})[0]), want)
	claimed := b.claim().Question
	want.State, want.Attempts = journal.Claimed, 1
	b.same("Claim", visible(claimed), want)
}

func testAcceptNoHistory(b *bench) {
	a := b.arrival("ann")
	a.Question.History = nil
	b.accept(a)
	c := b.arrival("bob")
	c.Question.History = []channel.Turn{}
	b.accept(c)
	b.restart()
	if got := b.claim().Question.History; got != nil {
		b.Errorf("History is %v; want nil, as given", got)
	}
	if got := b.claim().Question.History; got == nil || len(got) != 0 {
		b.Errorf("History is %#v; want an empty one that is not nil, as given", got)
	}
}

// longProfile is how many bytes the longest profile has that a journal must take.
const longProfile = 64 << 10

// testAcceptProfile checks that a profile comes back as it was given, byte for byte, and with it the organisation.
func testAcceptProfile(b *bench) {
	const head, tail = `{"long": "`, `税"}`
	long := head + strings.Repeat("x", longProfile-len(head)-len(tail)) + tail
	for _, tt := range []struct{ name, profile, org string }{
		{"neither", "", ""},
		{"organisation alone", "", "org"},
		{"profile alone", `{"a":1}`, ""},
		{"empty object", `{}`, "org"},
		{"blanks, order and numbers", ` {"b" : 1.50,` + "\n\t" + `"a": 12345678901234567890, "c": 1e400} `, "org"},
		{"beyond ASCII", `{"地区": "厦门 😀 \u53a6\ud83d\ude00 é e\u0301 \u0000 \"\\' %_?"}`, "机构"},
		{"long", long, strings.Repeat("o", 200)},
	} {
		a := b.arrival("ann")
		a.Question.Profile, a.Question.Org = nil, tt.org
		if tt.profile != "" {
			a.Question.Profile = json.RawMessage(tt.profile)
		}
		b.accept(a)
		b.restart()
		id := a.Question.ID
		b.wantProfile(tt.name+": Entry", b.entry(id).Question, tt.profile, tt.org)
		b.wantProfile(tt.name+": duplicate", b.accept(a).Question, tt.profile, tt.org)
		newest := journal.Filter{Limit: 1}
		b.wantProfile(tt.name+": Entries", b.list(newest)[0], tt.profile, tt.org)
		newest.NoRecord = true
		b.wantProfile(tt.name+": Entries without records", b.list(newest)[0], tt.profile, tt.org)
		b.edit(a, journal.Waiting)
		c := b.claim()
		b.wantProfile(tt.name+": Claim after Edit", c.Question, tt.profile, tt.org)
		b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
		b.post(b.next())
		b.wantProfile(tt.name+": Entry of an answered question", b.entry(id).Question, tt.profile, tt.org)
	}
	refused := b.arrival("bob")
	refused.Refuse, refused.Question.Profile, refused.Question.Org = "closed", json.RawMessage(`{"a":1}`), "org"
	b.accept(refused)
	b.wantProfile("refused", b.entry(refused.Question.ID).Question, `{"a":1}`, "org")
}

// wantProfile checks what a question has of the asker's enterprise. A profile "" is none, which is nil.
func (b *bench) wantProfile(what string, q journal.Question, profile, org string) {
	b.Helper()
	if string(q.Profile) != profile || (q.Profile == nil) != (profile == "") {
		b.Errorf("%s: the profile has %d bytes and begins %.40q; want the %d that begin %.40q", what, len(q.Profile), q.Profile, len(profile), profile)
	}
	b.same(what+": organisation", q.Org, org)
}

func testDuplicateKeys(b *bench) {
	for _, tt := range []struct {
		name, channel, delivery, content string
		duplicate                        bool
	}{
		{"both", "chat", "d", "c", true},
		{"delivery key", "chat", "d", "c2", true},
		{"content key", "chat", "d3", "c", true},
		{"delivery key alone", "chat", "d", "", true},
		{"content key alone", "chat", "", "c", true},
		{"other channel", "mail", "d", "c", false},
		{"delivery key like a content key", "chat", "c", "c5", false},
		{"content key like a delivery key", "chat", "d6", "d", false},
		{"other case", "chat", "D", "C", false},
		{"blank", "chat", "d ", "c ", false},
		{"no keys", "chat", "", "", false},
		{"no keys again", "chat", "", "", false},
	} {
		a := b.arrival("ann")
		a.Question.Channel, a.DeliveryKey, a.ContentKey = tt.channel, tt.delivery, tt.content
		if b.n == 1 {
			first := a
			first.Question.ID, first.Question.Channel, first.DeliveryKey, first.ContentKey = "first", "chat", "d", "c"
			b.accept(first)
		}
		b.restart()
		before := b.entry("first")
		got := b.accept(a)
		if got.Duplicate != tt.duplicate {
			b.Errorf("%s: Duplicate is %t; want %t", tt.name, got.Duplicate, tt.duplicate)
			continue
		}
		want := before
		if tt.duplicate {
			want.Question.Duplicates++
			want.Steps = append(want.Steps, journal.Step{At: a.Question.AcceptedAt, Name: "duplicate"})
			b.same(tt.name+": what is returned", visible(got.Question), visible(want.Question))
		}
		after := b.entry("first")
		after.Steps[len(after.Steps)-1].Detail = nil
		want.Steps[len(want.Steps)-1].Detail = nil
		b.same(tt.name+": the first question", after, want)
	}
}

func testDuplicateTeachesKeys(b *bench) {
	first := b.arrival("ann")
	b.accept(first)
	second := b.arrival("ann")
	second.ContentKey = first.ContentKey // a delivery key nobody has seen
	b.accept(second)
	b.restart()
	third := b.arrival("ann")
	third.DeliveryKey = second.DeliveryKey // a content key nobody has seen
	b.accept(third)
	b.restart()
	fourth := b.arrival("ann")
	fourth.ContentKey = third.ContentKey
	if got := b.accept(fourth); !got.Duplicate || got.Question.ID != first.Question.ID || got.Question.Duplicates != 3 {
		b.Errorf("Accept with a key learned from duplicates: %+v; want the third duplicate of %s", got, first.Question.ID)
	}
	b.same("counts", b.count().Questions, int64(1))
	if got, err := b.Edit(b.ctx, journal.Edit{Channel: "chat", ContentKey: third.ContentKey, User: "ann", Text: "edited", At: b.now}); err != nil || got != journal.Waiting {
		b.Errorf("Edit by a learned content key: %q, %v; want %q", got, err, journal.Waiting)
	}
}

func testDuplicateTwoQuestions(b *bench) {
	first, second := b.arrival("ann"), b.arrival("ann")
	b.accept(first)
	b.accept(second)
	mixed := b.arrival("ann")
	mixed.DeliveryKey, mixed.ContentKey = second.DeliveryKey, first.ContentKey
	if got := b.accept(mixed); !got.Duplicate || got.Question.ID != second.Question.ID {
		b.Errorf("Accept with keys of two questions: %+v; want a duplicate of %s, whose delivery key it is", got, second.Question.ID)
	}
	b.same("content key", b.accept(journal.Arrival{Question: first.Question, ContentKey: first.ContentKey}).Question.ID, first.Question.ID)
}

// testDuplicateStates brings a question into each state; its duplicate tells of that state and changes none.
func testDuplicateStates(b *bench) {
	a := b.arrival("ann")
	again := func(want journal.State) {
		b.Helper()
		b.restart()
		twice := a
		twice.Refuse = "closed today"
		twice.Limits = journal.Limits{PerUser: 1, Total: 1}
		twice.Question.AcceptedAt = b.now
		got := b.accept(twice)
		if !got.Duplicate || got.Told || got.Question.State != want || got.Question.ID != a.Question.ID {
			b.Errorf("Accept of a question that is %s: %+v; want a duplicate, not told, in that state", want, got)
		}
	}
	b.accept(a)
	again(journal.Waiting)
	c := b.claim()
	again(journal.Claimed)
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	again(journal.Answered)
	b.post(b.next())
	again(journal.Closed)
	a = b.arrival("bob")
	b.accept(a)
	_, err := b.Withdraw(b.ctx, journal.Withdrawal{Channel: "chat", ContentKey: a.ContentKey, User: "bob", At: b.now})
	b.must("Withdraw", err)
	again(journal.Cancelled)
	a = b.arrival("cem")
	a.Refuse = "closed"
	b.accept(a)
	again(journal.Refused)
	b.same("notices", b.count().Ready, 1)
}

func testOtherID(b *bench) {
	first := b.ask("ann")
	a := b.arrival("bob")
	a.Question.ID, a.OtherID = first.ID, "other"
	if got := b.accept(a).Question.ID; got != "other" {
		b.Errorf("a question with a known id got the id %q; want OtherID", got)
	}
	b.same("text of the first", b.entry(first.ID).Question.Text, first.Text)
	b.same("text of the second", b.entry("other").Question.Text, a.Question.Text)
	b.restart()
	taken := b.arrival("cem")
	taken.Question.ID, taken.OtherID = first.ID, "other"
	if got, err := b.Accept(b.ctx, taken); err == nil {
		b.Errorf("Accept with two ids that are taken gave %q; want an error", got.Question.ID)
	}
	b.same("questions", b.count().Questions, int64(2))
	taken.OtherID = "third"
	if got := b.accept(taken); got.Duplicate || got.Question.ID != "third" || got.Question.Seq != 3 {
		b.Errorf("Accept after one that failed: %+v; want a question with id third and Seq 3", got)
	}
	refused := b.arrival("dan")
	refused.Question.ID, refused.OtherID, refused.Refuse = first.ID, "fourth", "closed"
	if got := b.accept(refused); got.Question.ID != "fourth" || string(got.Question.Answer) != `{"refused":"closed"}` {
		b.Errorf("a refused question with a known id: %+v; want OtherID", got)
	}
	b.same("notice", b.next().Doc.Text, "sorry fourth closed")
}
