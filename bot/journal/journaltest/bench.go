package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// start is the time at which each case begins.
var start = time.Date(2026, 3, 2, 8, 0, 0, 1000, time.UTC)

// A bench is a journal under test with a clock and words to use it briefly. Its steps fail the case at once
// when the journal gives an error.
type bench struct {
	failer
	journal.Journal
	ctx    context.Context //nolint:containedctx // of one case, as long as the bench
	reopen func() journal.Journal
	now    time.Time
	n      int // of what was made, for names
}

// tick lets time pass.
func (b *bench) tick(d time.Duration) { b.now = b.now.Add(d) }

// restart continues in a new process, where the journal outlives one.
func (b *bench) restart() {
	if b.reopen != nil {
		b.Journal = b.reopen()
	}
}

// must fails the case at once when err is not nil.
func (b *bench) must(what string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
}

// wantErr checks which error came.
func (b *bench) wantErr(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s: error %v; want %v", what, err, want)
	}
}

// same checks that two values are alike. A nil list and an empty one are.
func (b *bench) same(what string, got, want any) {
	b.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// arrival makes a question of a user in the user's own dialogue. Each has keys and an id of its own.
func (b *bench) arrival(user string) journal.Arrival {
	b.n++
	name := fmt.Sprintf("%03d", b.n)
	return journal.Arrival{
		Question: journal.Question{
			ID: "q" + name, Channel: "chat", User: user, Dialogue: "dialogue-" + user,
			Place: channel.Place{ID: "place-" + user, Thread: "thread", Group: true},
			Reply: channel.Handle{Data: []byte("reply-" + user), Expires: b.now.Add(time.Hour)},
			Lang:  "zh", Profile: json.RawMessage(`{"of": "` + user + `"}`), Org: "org-" + user, Text: "text " + name, Digest: "digest " + name, AskedAt: b.now, AcceptedAt: b.now,
		},
		DeliveryKey: "delivery " + name, ContentKey: "content " + name, OtherID: "other" + name,
		Person:  journal.Person{Platform: "chat", ID: "person-" + user},
		Refusal: refusal,
	}
}

// refusal is how arrivals of this suite are refused.
func refusal(id, reason string) (channel.Doc, json.RawMessage) {
	return doc("sorry " + id + " " + reason), json.RawMessage(`{"refused":"` + reason + `"}`)
}

// doc makes a document.
func doc(text string) channel.Doc {
	return channel.Doc{
		ID: "doc", Lang: "zh", Label: channel.LabelExtract, Text: text,
		Nodes:     []channel.Node{{Kind: channel.Sentence, Text: text, Cites: []int{1}}},
		Citations: []channel.Citation{{N: 1, Title: "title", Path: "path", Quote: text, Clause: "a.1"}},
		Buttons:   []channel.Button{{Token: "button", Label: "good", Does: "good"}},
	}
}

// accept gives an arrival to the journal. Time passes.
func (b *bench) accept(a journal.Arrival) journal.Accepted {
	b.Helper()
	got, err := b.Accept(b.ctx, a)
	b.must("Accept", err)
	b.tick(time.Second)
	return got
}

// ask accepts a question of a user and gives it as the journal has it.
func (b *bench) ask(user string) journal.Question {
	b.Helper()
	got := b.accept(b.arrival(user))
	if got.Duplicate || got.Question.State != journal.Waiting {
		b.Fatalf("Accept: %+v; want a question that waits", got)
	}
	return got.Question
}

// claim takes the next question for a minute.
func (b *bench) claim() journal.Claim {
	b.Helper()
	c, err := b.Claim(b.ctx, journal.ClaimOptions{Now: b.now, Until: b.now.Add(time.Minute)})
	b.must("Claim", err)
	return c
}

// noClaim checks that there is nothing to claim.
func (b *bench) noClaim(why string) {
	b.Helper()
	c, err := b.Claim(b.ctx, journal.ClaimOptions{Now: b.now, Until: b.now.Add(time.Minute)})
	if !errors.Is(err, journal.ErrNone) {
		b.Fatalf("Claim gave %q, %v; want ErrNone: %s", c.Question.ID, err, why)
	}
}

// claims checks which questions are given next, in order. They stay claimed.
func (b *bench) claims(want ...string) {
	b.Helper()
	var got []string
	for range want {
		got = append(got, b.claim().Question.ID)
	}
	b.same("order of claims", got, want)
}

// result is an answer.
func (b *bench) result(text string) journal.Result {
	return journal.Result{
		Outcome: "answered", Reason: "because", Doc: doc(text), At: b.now,
		Answer: json.RawMessage(`{"answer": "` + text + `"}`), Record: json.RawMessage(`{"record":  "` + text + `"}`),
	}
}

// answer claims a user's next question and completes it. Time passes.
func (b *bench) answer(user string) journal.Question {
	b.Helper()
	b.ask(user)
	c := b.claim()
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer to "+c.Question.ID)))
	b.tick(time.Second)
	return c.Question
}

// next takes the next delivery for a minute.
func (b *bench) next() journal.Delivery {
	b.Helper()
	d, err := b.Next(b.ctx, b.nextOptions())
	b.must("Next", err)
	return d
}

// nextOptions asks for any delivery, for a minute.
func (b *bench) nextOptions() journal.NextOptions {
	return journal.NextOptions{Now: b.now, Until: b.now.Add(time.Minute)}
}

// noNext checks that nothing is to be delivered.
func (b *bench) noNext(why string) {
	b.Helper()
	d, err := b.Next(b.ctx, b.nextOptions())
	if !errors.Is(err, journal.ErrNone) {
		b.Fatalf("Next gave a delivery of %q, %v; want ErrNone: %s", d.Question, err, why)
	}
}

// post ends a delivery well. Time passes.
func (b *bench) post(d journal.Delivery) {
	b.Helper()
	b.must("Posted", b.Posted(b.ctx, d, b.now, "receipt", journal.Pause{}))
	b.tick(time.Second)
}

// posted answers a user's question and delivers the answer.
func (b *bench) posted(user string) journal.Question {
	b.Helper()
	q := b.answer(user)
	b.post(b.next())
	return q
}

// entry reads a question.
func (b *bench) entry(id string) journal.Entry {
	b.Helper()
	e, err := b.Entry(b.ctx, id)
	b.must("Entry "+id, err)
	return e
}

// wantState checks the state of questions.
func (b *bench) wantState(want journal.State, ids ...string) {
	b.Helper()
	for _, id := range ids {
		if got := b.entry(id).Question.State; got != want {
			b.Errorf("question %s is %s; want %s", id, got, want)
		}
	}
}

// wantSteps checks the names of the steps of a question.
func (b *bench) wantSteps(id string, want ...string) {
	b.Helper()
	b.same("steps of "+id, stepNames(b.entry(id)), want)
}

// stepNames gives the names of the steps of an entry.
func stepNames(e journal.Entry) []string {
	var names []string
	for _, s := range e.Steps {
		names = append(names, s.Name)
	}
	return names
}

// count counts.
func (b *bench) count() journal.Counts {
	b.Helper()
	c, err := b.Count(b.ctx)
	b.must("Count", err)
	return c
}

// list gives the questions that fit a filter.
func (b *bench) list(f journal.Filter) []journal.Question {
	b.Helper()
	var list []journal.Question
	for q, err := range b.Entries(b.ctx, f) {
		b.must("Entries", err)
		list = append(list, q)
	}
	return list
}

// ids gives the ids of questions.
func ids(list []journal.Question) []string {
	var names []string
	for _, q := range list {
		names = append(names, q.ID)
	}
	return names
}

// visible clears what the suite does not look at.
func visible(q journal.Question) journal.Question {
	q.Turn, q.NotBefore = 0, time.Time{}
	return q
}
