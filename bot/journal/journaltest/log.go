package journaltest

import (
	"encoding/json"
	"time"

	"policybot/bot/journal"
)

func logCases() []check {
	return []check{
		{"Entries", testEntries},
		{"EntriesBrief", testEntriesBrief},
		{"EntriesNoRecord", testEntriesNoRecord},
		{"EntriesLeftEarly", testEntriesLeftEarly},
		{"EntriesWhileUsed", testEntriesWhileUsed},
		{"EntryUnknown", testEntryUnknown},
		{"Ratings", testRatings},
		{"Count", testCount},
		{"Settings", testSettings},
	}
}

func testEntries(b *bench) {
	b.same("an empty journal", ids(b.list(journal.Filter{})), []string(nil))
	closed := b.posted("ann") // 001
	answered := b.answer("ann")
	refused := b.arrival("bob")
	refused.Refuse = "closed"
	b.accept(refused)
	claimed := b.ask("bob")
	b.claim()
	waiting := b.ask("cem")
	b.restart()
	all := []string{closed.ID, answered.ID, refused.Question.ID, claimed.ID, waiting.ID}
	for _, tt := range []struct {
		name   string
		filter journal.Filter
		want   []string
	}{
		{"all", journal.Filter{}, all},
		{"since", journal.Filter{Since: answered.AcceptedAt}, all[1:]},
		{"just after", journal.Filter{Since: answered.AcceptedAt.Add(time.Microsecond)}, all[2:]},
		{"until", journal.Filter{Until: claimed.AcceptedAt}, all[:3]},
		{"since and until", journal.Filter{Since: answered.AcceptedAt, Until: claimed.AcceptedAt}, all[1:3]},
		{"since until the same", journal.Filter{Since: claimed.AcceptedAt, Until: claimed.AcceptedAt}, nil},
		{"waiting", journal.Filter{State: journal.Waiting}, all[4:]},
		{"claimed", journal.Filter{State: journal.Claimed}, all[3:4]},
		{"answered", journal.Filter{State: journal.Answered}, all[1:2]},
		{"closed", journal.Filter{State: journal.Closed}, all[:1]},
		{"refused", journal.Filter{State: journal.Refused}, all[2:3]},
		{"cancelled", journal.Filter{State: journal.Cancelled}, nil},
		{"outcome", journal.Filter{Outcome: "answered"}, all[:2]},
		{"user", journal.Filter{User: "bob"}, all[2:4]},
		{"dialogue", journal.Filter{Dialogue: claimed.Dialogue}, all[2:4]},
		{"channel", journal.Filter{Channel: "chat"}, all},
		{"another channel", journal.Filter{Channel: "mail"}, nil},
		{"place", journal.Filter{Channel: "chat", Place: "place-bob"}, all[2:4]},
		{"the newest of a place", journal.Filter{Channel: "chat", Place: "place-ann", Limit: 1}, all[1:2]},
		{"the place of another channel", journal.Filter{Channel: "mail", Place: "place-bob"}, nil},
		{"user and state", journal.Filter{User: "bob", State: journal.Claimed}, all[3:4]},
		{"nobody", journal.Filter{User: "dan"}, nil},
		{"the newest two", journal.Filter{Limit: 2}, all[3:]},
		{"the newest two of some", journal.Filter{Limit: 2, Until: waiting.AcceptedAt}, all[2:4]},
		{"more than there are", journal.Filter{Limit: 100}, all},
	} {
		b.same(tt.name, ids(b.list(tt.filter)), tt.want)
	}
	for _, q := range b.list(journal.Filter{}) {
		b.same("question "+q.ID, visible(q), visible(b.entry(q.ID).Question))
	}
}

func testEntriesNoRecord(b *bench) {
	q := b.answer("ann")
	for _, got := range b.list(journal.Filter{NoRecord: true}) {
		b.same("answer and record", []string{string(got.Answer), string(got.Record)}, []string{string(b.entry(q.ID).Question.Answer), ""})
	}
}

func testEntriesBrief(b *bench) {
	b.answer("ann")
	full, brief := b.list(journal.Filter{})[0], b.list(journal.Filter{Brief: true})[0]
	if full.Answer == nil || full.Record == nil || brief.Answer != nil || brief.Record != nil {
		b.Errorf("Answer and Record are %s, %s, brief %s, %s; want none when brief", full.Answer, full.Record, brief.Answer, brief.Record)
	}
	full.Answer, full.Record = nil, nil
	b.same("brief question", visible(brief), visible(full))
}

func testEntriesLeftEarly(b *bench) {
	for range 3 {
		b.ask("ann")
	}
	n := 0
	for _, err := range b.Entries(b.ctx, journal.Filter{}) {
		b.must("Entries", err)
		if n++; n == 2 {
			break
		}
	}
	b.ask("ann") // nothing is held
	b.same("questions", len(b.list(journal.Filter{})), 4)
}

// testEntriesWhileUsed changes what is listed from within the loop.
func testEntriesWhileUsed(b *bench) {
	for range 3 {
		b.ask("ann")
	}
	n := 0
	for q, err := range b.Entries(b.ctx, journal.Filter{}) {
		b.must("Entries", err)
		b.entry(q.ID)
		b.must("SetSetting", b.SetSetting(b.ctx, "seen", q.ID))
		b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: "bob", At: b.now}))
		n++
	}
	b.same("questions", n, 3)
}

func testEntryUnknown(b *bench) {
	b.ask("ann")
	for _, id := range []string{"", "none", "Q001", "q001 "} {
		_, err := b.Entry(b.ctx, id)
		b.wantErr("Entry "+id, err, journal.ErrNotFound)
		_, err = b.Pressed(b.ctx, id)
		b.wantErr("Pressed "+id, err, journal.ErrNotFound)
	}
}

// ratings gives the ratings of the questions that fit a filter.
func (b *bench) ratings(f journal.Filter) []journal.Rating {
	b.Helper()
	var list []journal.Rating
	for r, err := range b.Ratings(b.ctx, f) {
		b.must("Ratings", err)
		list = append(list, r)
	}
	return list
}

func testRatings(b *bench) {
	b.same("an empty journal", b.ratings(journal.Filter{}), []journal.Rating(nil))
	first, second := b.posted("ann"), b.ask("bob")
	rate := func(q journal.Question, user string) journal.Rating {
		b.Helper()
		r := journal.Rating{Question: q.ID, User: user, Good: user == "ann", Reason: "other", Text: "by " + user, At: b.now}
		b.must("Rate", b.Rate(b.ctx, r))
		b.tick(time.Second)
		return r
	}
	rate(first, "ann")
	late := rate(second, "bob")
	cem := rate(first, "cem")
	ann := rate(first, "ann") // her last word
	b.restart()
	for _, tt := range []struct {
		name   string
		filter journal.Filter
		want   []journal.Rating
	}{
		{"all, in order of time", journal.Filter{}, []journal.Rating{late, cem, ann}},
		{"of a state", journal.Filter{State: journal.Closed}, []journal.Rating{cem, ann}},
		{"of questions accepted since", journal.Filter{Since: second.AcceptedAt}, []journal.Rating{late}},
		{"of questions accepted until", journal.Filter{Until: second.AcceptedAt}, []journal.Rating{cem, ann}},
		{"of an outcome", journal.Filter{Outcome: "answered"}, []journal.Rating{cem, ann}},
		{"of one who asked", journal.Filter{User: "bob"}, []journal.Rating{late}},
		{"of one who only rated", journal.Filter{User: "cem"}, nil},
		{"a limit does not count", journal.Filter{Limit: 1}, []journal.Rating{late, cem, ann}},
	} {
		b.same(tt.name, b.ratings(tt.filter), tt.want)
	}
	for r, err := range b.Ratings(b.ctx, journal.Filter{}) {
		b.must("Ratings", err)
		b.entry(r.Question)
		b.must("SetSetting", b.SetSetting(b.ctx, "seen", r.Question))
		break // nothing is held
	}
	b.erase("cem", journal.Erased{Ratings: 1})
	b.same("when who rated is erased", b.ratings(journal.Filter{}), []journal.Rating{late, ann})
	b.erase("ann", journal.Erased{Questions: 1})
	b.same("when who asked is erased", b.ratings(journal.Filter{}), []journal.Rating{late})
}

func testCount(b *bench) {
	b.same("an empty journal", b.count(), journal.Counts{})
	old := b.arrival("ann")
	old.Question.AcceptedAt = start.Add(-time.Hour)
	first := b.ask("bob")
	b.accept(old)
	b.same("the oldest is not the first", b.count(), journal.Counts{Waiting: 2, Questions: 2, Oldest: start.Add(-time.Hour)})
	b.withdraw(old, journal.Waiting)
	b.same("one cancelled", b.count(), journal.Counts{Waiting: 1, Questions: 2, Oldest: first.AcceptedAt})
	c := b.claim()
	b.same("one claimed", b.count(), journal.Counts{Claimed: 1, Questions: 2})
	b.tick(time.Hour)
	b.same("the lease is over, nobody has it yet", b.count(), journal.Counts{Claimed: 1, Questions: 2})
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.openCase(journal.NewCase{ID: "case", Question: first.ID})
	b.restart()
	b.same("answered", b.count(), journal.Counts{Answered: 1, Ready: 1, OpenCases: 1, Questions: 2})
	d := b.next()
	b.same("posting", b.count(), journal.Counts{Answered: 1, Posting: 1, OpenCases: 1, Questions: 2})
	b.post(d)
	_, err := b.respond("case")
	b.must("Respond", err)
	b.same("replied", b.count(), journal.Counts{Ready: 1, Questions: 2})
}

func testSettings(b *bench) {
	want := func(name, want string) {
		b.Helper()
		got, err := b.Setting(b.ctx, name)
		if err != nil || got != want {
			b.Errorf("Setting(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	want("mode", "")
	b.must("SetSetting of none", b.SetSetting(b.ctx, "mode", ""))
	b.must("SetSetting", b.SetSetting(b.ctx, "mode", "开 'on'"))
	b.must("SetSetting", b.SetSetting(b.ctx, "Mode", "other"))
	b.restart()
	want("mode", "开 'on'")
	want("Mode", "other")
	b.must("SetSetting", b.SetSetting(b.ctx, "mode", "off"))
	want("mode", "off")
	b.must("SetSetting", b.SetSetting(b.ctx, "mode", ""))
	b.restart()
	want("mode", "")
	want("Mode", "other")
}

// all reads everything that the methods of a journal show, as one text.
func (b *bench) all() string {
	b.Helper()
	var all []any
	for _, q := range b.list(journal.Filter{}) {
		e := b.entry(q.ID)
		all = append(all, q, string(q.Reply.Data), q.Digest, q.Dialogue, e, string(e.Question.Reply.Data), e.Question.Digest, e.Question.Dialogue)
		for _, d := range e.Deliveries {
			all = append(all, string(d.Reply.Data), d.Dialogue)
		}
	}
	list, err := b.ListCases(b.ctx, "")
	b.must("ListCases", err)
	for _, c := range list {
		got, err := b.GetCase(b.ctx, c.ID)
		b.must("GetCase", err)
		drafts, err := b.ListDrafts(b.ctx, c.ID)
		b.must("ListDrafts", err)
		all = append(all, drafts, c, string(c.Reply.Data), c.Dialogue, got, string(got.Reply.Data), got.Dialogue)
	}
	all = append(all, b.ratings(journal.Filter{}))
	text, err := json.Marshal(all)
	b.must("Marshal", err)
	return string(text)
}
