package channeltest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"policybot/bot/channel"
)

// kindOf makes the gesture of a kind. Those about a question need one that was asked before.
func (w *world) kindOf(k channel.Kind) (Gesture, error) {
	g := Gesture{Kind: k, By: ann, Place: room}
	switch k {
	case channel.Question:
		g.Text = "question"
	case channel.HandOver:
		g.Text = "please"
	case channel.Pressed:
		token, err := w.button()
		if err != nil {
			return g, err
		}
		g.Token = token
	case channel.Edited, channel.Deleted, channel.Rated, channel.Stop:
		t, err := w.asked()
		if err != nil {
			return g, err
		}
		g.Of = t.name
		if k == channel.Edited {
			g.Text = "changed question"
		}
		if k == channel.Rated {
			g.Feedback = &channel.Feedback{Answer: t.id, Good: false, Reason: "wrong", Text: "第三条变了"}
			return g, t.deliver(notice("Answer."))
		}
	}
	return g, nil
}

func eventCases(w *world) []Case {
	var out []Case
	for _, k := range w.can.Kinds {
		out = append(out, Case{"event/" + string(k) + " arrives whole", func(w *world) error { return arrives(w, k) }})
	}
	out = append(out,
		Case{"event/a mark of time is sane", atIsSane},
		Case{"event/two at once are two", twoAtOnce},
		Case{"event/many at once all arrive", manyAtOnce},
		Case{"event/a handle is given and small", handleSmall},
	)
	out = append(out, when(w.can.Places, Case{"event/places are told apart", placesApart})...)
	out = append(out, when(w.can.Places && w.can.Groups, Case{"event/a group is told from a talk between two", groupsApart})...)
	out = append(out, when(w.caps.Threads, Case{"event/each stays in its thread", threadsApart})...)
	out = append(out, when(w.can.People, Case{"event/people are told apart", peopleApart})...)
	out = append(out, when(w.can.Tenants, Case{"event/the same id of two tenants is two people", tenantsApart})...)
	out = append(out, when(w.can.Folds, Case{"event/an id in other case is the same person", idsFold})...)
	out = append(out, when(w.can.Unrates && w.has(channel.Rated), Case{"event/a rating taken back is told", takenBack})...)
	out = append(out, when(w.can.Bots,
		Case{"event/other bots are not heard", func(w *world) error { return botIgnored(w, OtherBot) }},
		Case{"event/the bot does not hear itself", func(w *world) error { return botIgnored(w, OwnBot) }},
		Case{"event/the bot's replies are not events", repliesIgnored})...)
	return out
}

func arrives(w *world, k channel.Kind) error {
	if err := w.start(); err != nil {
		return err
	}
	g, err := w.kindOf(k)
	if err != nil {
		return err
	}
	e, _, err := w.do(g)
	if err != nil {
		return err
	}
	keyed := k == channel.Question || k == channel.Edited || k == channel.Deleted
	err = errors.Join(
		check(e.Kind == k, "kind is %q, want %q", e.Kind, k),
		check(e.DeliveryKey != "", "DeliveryKey is empty"),
		check(!keyed || e.ContentKey != "", "ContentKey is empty"),
		check(e.Actor.ID != "", "Actor.ID is empty"),
		check(e.Place.ID != "", "Place.ID is empty"),
		check(g.Text == "" || e.Text == g.Text, "text is %s, want %s", brief(e.Text), brief(g.Text)),
		check(e.Token == g.Token, "token is %q, want %q", e.Token, g.Token),
	)
	if g.Feedback != nil {
		err = errors.Join(err, check(e.Feedback != nil && *e.Feedback == *g.Feedback, "feedback is %+v, want %+v", e.Feedback, *g.Feedback))
	}
	if k == channel.Edited || k == channel.Deleted {
		asked := w.sink.seen()[0]
		err = errors.Join(err, check(e.ContentKey == asked.ContentKey, "ContentKey is %q, that of the question %q", e.ContentKey, asked.ContentKey),
			check(e.DeliveryKey != asked.DeliveryKey, "DeliveryKey is the question's"))
	}
	return err
}

// takenBack lets who rated an answer take it back.
func takenBack(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	g, err := w.kindOf(channel.Rated)
	if err != nil {
		return err
	}
	rated, _, err := w.do(g)
	if err != nil {
		return err
	}
	g.Feedback = &channel.Feedback{Answer: g.Feedback.Answer, Withdrawn: true}
	e, _, err := w.do(g)
	if err != nil {
		return err
	}
	f := e.Feedback
	return errors.Join(
		check(rated.Feedback != nil && !rated.Feedback.Withdrawn, "the rating is %+v", rated.Feedback),
		check(e.Kind == channel.Rated && f != nil && f.Withdrawn, "taken back it is %q with %+v", e.Kind, f),
		check(f == nil || f.Answer == g.Feedback.Answer, "what is taken back is of another answer"),
		check(e.DeliveryKey != rated.DeliveryKey, "both have the DeliveryKey %q", e.DeliveryKey),
		check(e.Actor == rated.Actor, "both are by one person, and are by %+v and %+v", rated.Actor, e.Actor),
	)
}

func atIsSane(w *world) error {
	e, _, err := w.ask()
	if err != nil {
		return err
	}
	off := time.Since(e.At).Abs()
	return check(e.At.IsZero() || off < time.Hour, "At is %s, %s away from now", e.At, off)
}

func handleSmall(w *world) error {
	e, _, err := w.ask()
	if err != nil {
		return err
	}
	return errors.Join(
		check(len(e.Reply.Data) <= 4096, "the handle has %d bytes, at most 4096 are allowed", len(e.Reply.Data)),
		w.noSecret("the handle", string(e.Reply.Data)),
	)
}

// noSecret checks that a text holds none of the platform's secrets.
func (w *world) noSecret(what, text string) error {
	for _, s := range w.can.Secrets {
		if strings.Contains(text, s) {
			return fmt.Errorf("%s holds a secret of the platform", what)
		}
	}
	return nil
}

// several lets people do things without waiting in between, and gives the events by text.
func (w *world) several(gestures ...Gesture) (map[string]channel.Event, error) {
	if err := w.start(); err != nil {
		return nil, err
	}
	for _, g := range gestures {
		if _, err := w.p.Do(g); err != nil {
			return nil, fmt.Errorf("platform: %s %.40q: %w", g.Kind, g.Text, err)
		}
	}
	if _, err := w.event(len(gestures) - 1); err != nil {
		return nil, err
	}
	out := map[string]channel.Event{}
	for _, e := range w.settled() {
		if before, twice := out[e.Text]; twice {
			return nil, fmt.Errorf("text %s came twice, with delivery keys %q and %q", brief(e.Text), before.DeliveryKey, e.DeliveryKey)
		}
		out[e.Text] = e
	}
	for _, g := range gestures {
		if _, ok := out[g.Text]; !ok {
			return nil, fmt.Errorf("text %s did not arrive", brief(g.Text))
		}
	}
	return out, nil
}

func twoAtOnce(w *world) error {
	events, err := w.several(gesture("first"), gesture("second"))
	if err != nil {
		return err
	}
	a, b := events["first"], events["second"]
	return errors.Join(
		check(a.ContentKey != b.ContentKey, "two questions within a second have the same ContentKey %q", a.ContentKey),
		check(a.DeliveryKey != b.DeliveryKey, "two questions within a second have the same DeliveryKey %q", a.DeliveryKey),
		check(a.Place == b.Place, "places are %+v and %+v, want one", a.Place, b.Place),
	)
}

func manyAtOnce(w *world) error {
	const n = 50
	var all []Gesture
	for i := range n {
		all = append(all, gesture(fmt.Sprintf("question %02d", i)))
	}
	events, err := w.several(all...)
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for _, e := range events {
		keys["c"+e.ContentKey], keys["d"+e.DeliveryKey] = true, true
	}
	return check(len(keys) == 2*n, "%d different keys of %d questions, want 2 each", len(keys), n)
}

func placesApart(w *world) error {
	b := gesture("there")
	b.Place = other
	events, err := w.several(gesture("here"), b)
	if err != nil {
		return err
	}
	return check(events["here"].Place != events["there"].Place, "both are in %+v", events["here"].Place)
}

func groupsApart(w *world) error {
	b := gesture("alone")
	b.Place = channel.Place{ID: "direct-1"}
	events, err := w.several(gesture("group"), b)
	if err != nil {
		return err
	}
	return errors.Join(
		check(events["group"].Place.Group, "in a group, Place.Group is false"),
		check(!events["alone"].Place.Group, "between two, Place.Group is true"),
	)
}

func threadsApart(w *world) error {
	var all []Gesture
	for i := range 12 {
		g := gesture(fmt.Sprintf("thread %d question %d", i%3, i))
		g.Place.Thread = fmt.Sprintf("t%d", i%3)
		all = append(all, g)
	}
	events, err := w.several(all...)
	if err != nil {
		return err
	}
	threads := map[string]string{}
	for _, g := range all {
		e := events[g.Text]
		if first, ok := threads[g.Place.Thread]; ok && first != e.Place.Thread {
			return fmt.Errorf("thread %s is %q and %q", g.Place.Thread, first, e.Place.Thread)
		}
		threads[g.Place.Thread] = e.Place.Thread
	}
	return check(threads["t0"] != threads["t1"] && threads["t1"] != threads["t2"] && threads["t0"] != threads["t2"], "threads got mixed: %v", threads)
}

// keys gives the actor keys of two gestures.
func (w *world) keys(a, b channel.Actor) (string, string, error) {
	x, y := gesture("a"), gesture("b")
	x.By, y.By = a, b
	events, err := w.several(x, y)
	if err != nil {
		return "", "", err
	}
	return events["a"].Actor.Key(w.caps.Name), events["b"].Actor.Key(w.caps.Name), nil
}

func peopleApart(w *world) error {
	a, b, err := w.keys(ann, ben)
	return errors.Join(err, check(err != nil || a != b, "two people have one key"))
}

func tenantsApart(w *world) error {
	a, b, err := w.keys(ann, channel.Actor{Tenant: "T2", ID: ann.ID})
	return errors.Join(err, check(err != nil || a != b, "people of two tenants have one key"))
}

func idsFold(w *world) error {
	a, b, err := w.keys(ann, channel.Actor{Tenant: ann.Tenant, ID: strings.ToUpper(ann.ID)})
	return errors.Join(err, check(a == b, "one person has two keys"))
}

func botIgnored(w *world, who Bot) error {
	if err := w.start(); err != nil {
		return err
	}
	g := gesture("I am a bot")
	g.Bot = who
	if _, err := w.p.Do(g); err != nil {
		return err
	}
	if events := w.settled(); len(events) > 0 {
		return fmt.Errorf("what a bot (%s) said became an event: %s", who, brief(events[0].Text))
	}
	_, _, err := w.ask()
	return err
}

func repliesIgnored(w *world) error {
	if err := w.answerSome(); err != nil {
		return err
	}
	n := len(w.settled())
	return check(n == 2, "%d events for 2 questions and 2 replies", n)
}
