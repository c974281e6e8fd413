package journaltest

import (
	"encoding/json"
	"fmt"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// user gives the name of a user by number.
func user(n int) string { return fmt.Sprintf("user%d", n) }

func (w *walker) ask(o op) error {
	name := w.name("")
	channelName, place := "chat", fmt.Sprintf("place%d", o.Which%2)
	if o.Which%7 == 6 {
		channelName = "mail"
	}
	a := journal.Arrival{
		Question: journal.Question{
			ID: "q" + name, Channel: channelName, User: user(o.User), Dialogue: channelName + user(o.User) + place,
			Place: channel.Place{ID: place}, Reply: channel.Handle{Data: []byte("reply")}, Lang: "zh",
			Text: "text" + name, Quote: "quote", Profile: json.RawMessage(`{"of": "` + name + `"}`), Org: "org" + user(o.User), Digest: "digest", AskedAt: w.now, AcceptedAt: w.now,
		},
		DeliveryKey: "d" + name, ContentKey: "c" + name, OtherID: "other" + name,
		Person: journal.Person{ID: user(o.User)}, Refusal: refusal, TellOnce: spans[o.Span],
	}
	switch o.Which {
	case 20, 21:
		a.Limits.PerUser = 2
	case 22:
		a.Limits.Total = 2
	case 23:
		a.Refuse = "closed"
	case 19:
		if old, ok := pick(w.asked, o.Span); ok {
			a.Question.ID = old.Question.ID
		}
	}
	return w.accept(a)
}

// accept gives an arrival to both journals.
func (w *walker) accept(a journal.Arrival) error {
	got, gotErr := w.got.Accept(w.ctx, a)
	want, wantErr := w.want.Accept(w.ctx, a)
	if err := alike("Accept", gotErr, wantErr); err != nil {
		return err
	}
	got.Question, want.Question = plain(got.Question), plain(want.Question)
	if wantErr == nil && !want.Duplicate {
		w.laws.accepted++
	}
	a.Question.ID = want.Question.ID
	w.asked = append(w.asked, a)
	return differ("Accept", got, want)
}

func (w *walker) again(o op) error {
	a, ok := pick(w.asked, o.Which)
	if !ok {
		return nil
	}
	a.Question.AcceptedAt, a.Question.AskedAt = w.now, w.now
	a.Question.ID, a.OtherID = w.name("q"), w.name("other")
	switch o.Span {
	case 0, 1:
		a.DeliveryKey = w.name("d")
	case 2, 3:
		a.ContentKey = w.name("c")
	case 4:
		other, _ := pick(w.asked, o.User)
		a.ContentKey = other.ContentKey
	}
	return w.accept(a)
}

func (w *walker) edit(o op) error {
	a, _ := pick(w.asked, o.Which)
	e := journal.Edit{
		Channel: a.Question.Channel, ContentKey: a.ContentKey, User: a.Question.User,
		Text: w.name("edited"), Digest: "edited", Masked: []string{"phone"}, At: w.now,
	}
	if o.Span == 0 {
		e.User = user(o.User)
	}
	got, gotErr := w.got.Edit(w.ctx, e)
	want, wantErr := w.want.Edit(w.ctx, e)
	return both("Edit", got, want, gotErr, wantErr)
}

func (w *walker) withdraw(o op) error {
	a, _ := pick(w.asked, o.Which)
	t := journal.Withdrawal{Channel: a.Question.Channel, ContentKey: a.ContentKey, User: a.Question.User, Why: "why", At: w.now}
	if o.Span%2 == 0 {
		t.ContentKey, t.Dialogue = "", a.Question.Dialogue
	}
	if o.Span == 1 {
		t.User = user(o.User)
	}
	got, gotErr := w.got.Withdraw(w.ctx, t)
	want, wantErr := w.want.Withdraw(w.ctx, t)
	return both("Withdraw", got, want, gotErr, wantErr)
}

func (w *walker) rate(o op) error {
	a, _ := pick(w.asked, o.Which)
	r := journal.Rating{Question: a.Question.ID, User: user(o.User), Good: o.Span > 2, Text: w.name("feedback"), At: w.now, Withdrawn: o.Span == 1}
	return alike("Rate", w.got.Rate(w.ctx, r), w.want.Rate(w.ctx, r))
}

func (w *walker) claim(o op) error {
	options := journal.ClaimOptions{Now: w.now, Until: w.until(o)}
	if o.Which%5 == 4 {
		options.AcceptedBefore = w.now.Add(-spans[o.User])
	}
	got, gotErr := w.got.Claim(w.ctx, options)
	want, wantErr := w.want.Claim(w.ctx, options)
	if err := alike("Claim", gotErr, wantErr); err != nil || gotErr != nil {
		return err
	}
	w.claims = append(w.claims, twin[journal.Claim]{got, want})
	if err := w.laws.claimed(got, options); err != nil {
		return err
	}
	if err := differ("Claim", plain(got.Question), plain(want.Question)); err != nil {
		return err
	}
	for _, list := range [][]journal.Question{got.Earlier, want.Earlier} {
		for i, q := range list {
			list[i] = journal.Question{ID: q.ID, Text: q.Text, Answer: q.Answer}
		}
	}
	return differ("Earlier", got.Earlier, want.Earlier)
}

func (w *walker) renew(o op) error {
	c, _ := pick(w.claims, o.Which)
	err := w.got.Renew(w.ctx, c.got, w.until(o))
	if err == nil {
		w.laws.renewed(c.got, w.until(o))
	}
	return alike("Renew", err, w.want.Renew(w.ctx, c.want, w.until(o)))
}

func (w *walker) complete(o op) error {
	c, ok := pick(w.claims, o.Which%3)
	if !ok {
		return nil
	}
	text := w.name("answer")
	id := c.want.Question.ID
	r := journal.Result{
		Outcome: "answered", Reason: "reason", Doc: doc(text), At: w.now,
		Answer: json.RawMessage(`{"answer":"` + text + `"}`), Record: json.RawMessage(`{"record":"` + text + `"}`),
		Tokens: []journal.Token{{Token: "token-" + id, Question: id, Does: "good"}},
	}
	if o.Which%4 == 3 {
		r.Case = &journal.NewCase{ID: w.name("case"), Question: id, Reason: "expired", Post: w.deskPost(o)}
	}
	return alike("Complete", w.got.Complete(w.ctx, c.got, r), w.want.Complete(w.ctx, c.want, r))
}

func (w *walker) release(o op) error {
	c, _ := pick(w.claims, o.Which%3)
	r := journal.Release{At: w.now, NotBefore: w.until(o), Why: "why", Free: o.Which%2 == 0}
	return alike("Release", w.got.Release(w.ctx, c.got, r), w.want.Release(w.ctx, c.want, r))
}

func (w *walker) next(o op) error {
	options := journal.NextOptions{Now: w.now, Until: w.until(o), Apart: o.Which%3 == 2}
	if o.Which%5 == 4 {
		options.Channels = []string{"mail"}
	}
	got, gotErr := w.got.Next(w.ctx, options)
	want, wantErr := w.want.Next(w.ctx, options)
	if err := alike("Next", gotErr, wantErr); err != nil || gotErr != nil {
		return err
	}
	w.given = append(w.given, twin[journal.Delivery]{got, want})
	if err := w.laws.desk.delivered(got); err != nil {
		return err
	}
	return differ("Next", visibleDelivery(got), visibleDelivery(want))
}

// pause makes a pause of every third op.
func (w *walker) pause(o op) journal.Pause {
	if o.Which%3 != 0 {
		return journal.Pause{}
	}
	return journal.Pause{Until: w.now.Add(spans[o.User]), All: o.Which%2 == 0}
}

func (w *walker) posted(o op) error {
	d, _ := pick(w.given, o.Which%3)
	err := w.got.Posted(w.ctx, d.got, w.now, "receipt", w.pause(o))
	if err := alike("Posted", err, w.want.Posted(w.ctx, d.want, w.now, "receipt", w.pause(o))); err != nil {
		return err
	}
	if err != nil {
		return nil // both lost it
	}
	return w.laws.posted(d.got)
}

func (w *walker) later(o op) error {
	d, _ := pick(w.given, o.Which%3)
	l := journal.Later{At: w.now, Next: w.until(o), Why: w.name("why"), Arrived: o.User == 0, Pause: w.pause(o)}
	return alike("Later", w.got.Later(w.ctx, d.got, l), w.want.Later(w.ctx, d.want, l))
}

func (w *walker) giveUp(o op) error {
	d, _ := pick(w.given, o.Which%3)
	c := journal.NewCase{
		ID: w.name("case"), Question: d.want.Question, Reason: "undeliverable", Text: "text",
		Channel: d.want.Channel, User: d.want.User, Dialogue: d.want.Dialogue, Place: d.want.Place, Reply: d.want.Reply, Post: w.deskPost(o),
	}
	return alike("GiveUp", w.got.GiveUp(w.ctx, d.got, w.now, "gone", c), w.want.GiveUp(w.ctx, d.want, w.now, "gone", c))
}

func (w *walker) openCase(o op) error {
	c := journal.NewCase{ID: w.name("case"), Reason: "asked", Text: w.name("text"), Post: w.deskPost(o)}
	if a, ok := pick(w.asked, o.Which); ok && o.Span > 1 {
		c.Question = a.Question.ID
	} else {
		c.Channel, c.User, c.Place.ID = "chat", user(o.User), "place0"
		c.Dialogue = "chat" + c.User + "place0"
	}
	got, gotErr := w.got.OpenCase(w.ctx, c, w.now)
	want, wantErr := w.want.OpenCase(w.ctx, c, w.now)
	return both("OpenCase", plainCase(got), plainCase(want), gotErr, wantErr)
}

// deskPost tells the staff of a case, of every second op.
func (w *walker) deskPost(o op) *journal.DeskPost {
	if o.User%2 == 0 {
		return nil
	}
	p := deskPost(w.name("post"))
	w.buttons = append(w.buttons, p.Tokens[0].Token)
	return p
}

func (w *walker) press(o op) error {
	a, _ := pick(w.asked, o.Which)
	token := "token-" + a.Question.ID
	if button, ok := pick(w.buttons, o.Which); ok && o.Span > 2 {
		token = button
	}
	got, gotErr := w.got.Pressed(w.ctx, token)
	want, wantErr := w.want.Pressed(w.ctx, token)
	return both("Pressed", got, want, gotErr, wantErr)
}

func (w *walker) setting(o op) error {
	name, value := fmt.Sprintf("setting%d", o.User), ""
	if o.Span > 0 {
		value = w.name("value")
	}
	if err := alike("SetSetting", w.got.SetSetting(w.ctx, name, value), w.want.SetSetting(w.ctx, name, value)); err != nil {
		return err
	}
	other := fmt.Sprintf("setting%d", o.Which%4)
	got, gotErr := w.got.Setting(w.ctx, other)
	want, wantErr := w.want.Setting(w.ctx, other)
	return both("Setting", got, want, gotErr, wantErr)
}

func (w *walker) erase(o op) error {
	got, gotErr := w.got.Erase(w.ctx, user(o.User), w.now)
	want, wantErr := w.want.Erase(w.ctx, user(o.User), w.now)
	return both("Erase", got, want, gotErr, wantErr)
}

func (w *walker) forget(o op) error {
	before, limit := w.now.Add(-spans[o.Span]), o.Which%4
	old, oldErr := w.got.Old(w.ctx, before)
	wantOld, wantOldErr := w.want.Old(w.ctx, before)
	if err := both("Old", old, wantOld, oldErr, wantOldErr); err != nil {
		return err
	}
	got, gotErr := w.got.Forget(w.ctx, before, limit)
	want, wantErr := w.want.Forget(w.ctx, before, limit)
	w.laws.forgotten += got
	return both("Forget", got, want, gotErr, wantErr)
}

// timeless clears times that are there for both and that nothing is said of.
func timeless(d journal.Delivery) journal.Delivery {
	next := d.NextAt
	d = visibleDelivery(d)
	if d.State == journal.Ready && d.Attempts > 0 {
		d.NextAt = next
	}
	return d
}

// plain clears what the suite does not look at in a question.
func plain(q journal.Question) journal.Question {
	q = visible(q)
	if q.User == "" {
		q.Attempts, q.Duplicates, q.Revision = 0, 0, 0
	}
	return q
}

// plainCase clears what differs from journal to journal in a case.
func plainCase(c journal.Case) journal.Case {
	c.Seq = 0
	if c.Delivery != "" {
		c.Delivery = "some"
	}
	if c.User == "" {
		c.By = ""
	}
	c.OpenedAt = c.OpenedAt.Round(time.Microsecond)
	return c
}
