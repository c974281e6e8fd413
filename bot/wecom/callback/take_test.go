package callback_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
)

// TestWelcome: who opens the chat is greeted, without anything stored.
func TestWelcome(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		if _, err := w.p.fake.Enter("ann"); err != nil {
			t.Fatal(err)
		}
		w.shows("ann", aibot.Welcome)
		if n := len(w.seen()); n > 0 {
			t.Errorf("%d events", n)
		}
	})
}

// TestWords: what has words is a question, by whatever means it was said; what has none is answered at once, and nothing of
// it hangs.
func TestWords(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		for _, kind := range []string{wecomfake.SaidImage, wecomfake.SaidFile, wecomfake.SaidVideo} {
			if _, err := w.p.fake.Say(wecomfake.Say{User: "ann", Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		w.shows("ann", aibot.Unread("zh"), aibot.Unread("zh"), aibot.Unread("zh"))
		for _, m := range w.bot("ann") {
			if !strings.Contains(m.Text, aibot.Unread("en")) {
				t.Errorf("nobody knows the language, and it is said in one: %q", m.Text)
			}
		}
		if n := len(w.seen()); n > 0 {
			t.Errorf("%d events", n)
		}
		for i, s := range []wecomfake.Say{
			{User: "ben", Text: "补贴多少？", Kind: wecomfake.SaidVoice},
			{User: "cai", Text: "补贴多少？", Kind: wecomfake.SaidMixed},
			{User: "dan", Chat: "room", Text: "补贴多少？", Mention: wecomfake.MentionSpaces},
			{User: "eva", Text: "那它呢？", Quote: &wecomfake.Quote{Text: "本办法已失效。"}},
		} {
			if _, err := w.p.fake.Say(s); err != nil {
				t.Fatal(err)
			}
			events := w.seen()
			if len(events) != i+1 || strings.TrimSpace(events[i].Text) != s.Text || s.Quote != nil && events[i].Quote != s.Quote.Text {
				t.Errorf("%+v gave %+v", s, events)
			}
		}
	})
}

// TestRated (W12): the first snapshot names the answer, so that people can rate it: a stream, and what went to the
// response_url, but not a sentence of the channel's own.
func TestRated(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		var asked []channel.Event
		for range 3 {
			e, _ := w.say("ann", "补贴多少？")
			asked = append(asked, e)
		}
		for _, e := range asked {
			w.must(e, "每年一次。")
		}
		for _, m := range w.bot("ann") {
			if own(m.Text) {
				if len(m.FeedbackIDs) > 0 {
					t.Errorf("%q is no answer and can be rated", m.Text)
				}
				continue
			}
			if len(m.FeedbackIDs) != 1 || !slices.ContainsFunc(asked, func(e channel.Event) bool { return "a-"+e.DeliveryKey == m.FeedbackIDs[0] }) {
				t.Errorf("%q can be rated as %q", m.Text, m.FeedbackIDs)
			}
		}
		id := "a-" + asked[0].DeliveryKey
		for i, tt := range []struct {
			rating wecomfake.Rating
			want   channel.Feedback
		}{
			{wecomfake.Rating{Type: wecomfake.RatedGood}, channel.Feedback{Answer: id, Good: true}},
			{wecomfake.Rating{Type: wecomfake.RatedBad, Reasons: []int{2}, Text: "少了"}, channel.Feedback{Answer: id, Reason: "incomplete", Text: "少了"}},
			{wecomfake.Rating{Type: wecomfake.RatedWithdraw}, channel.Feedback{Answer: id, Withdrawn: true}},
		} {
			name, err := w.p.fake.Rate("ann", id, tt.rating)
			if err != nil {
				t.Fatal(err)
			}
			events := w.seen()
			if e := events[len(events)-1]; len(events) != 4+i || e.Kind != channel.Rated || *e.Feedback != tt.want || !w.p.fake.Acked(name) {
				t.Errorf("%+v gave %d events, the last %+v", tt.rating, len(events), e.Feedback)
			}
		}
	})
}

// TestPress (F20): the press of a button is stored before it is answered; the answer takes the card's place. When it could
// not be stored the card stays, and WeCom delivers again.
func TestPress(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "how much?")
		d := answerOf("Once a year.")
		d.Lang = "en"
		d.Buttons = []channel.Button{{Token: "tok-0000000000000000000", Label: "Ask a person", Does: "person"}}
		if err := w.finish(e, d, channel.Delivery{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		m := w.bot("ann")[0]
		w.set(func() { w.gives = &channel.Accepted{} }) // as with a button that is another's
		if _, err := w.p.fake.Press("ann", m.ID, d.Buttons[0].Token, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if card := string(w.bot("ann")[0].Card); !strings.Contains(card, d.Buttons[0].Token) {
			t.Errorf("after a press that did nothing the card is %s", card)
		}
		w.set(func() { w.gives, w.events = nil, w.events[:1] })
		name, err := w.p.fake.Press("ann", m.ID, d.Buttons[0].Token, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		events := w.seen()
		if len(events) != 2 || events[1].Kind != channel.Pressed || events[1].Token != d.Buttons[0].Token || !w.p.fake.Acked(name) {
			t.Fatalf("%+v", events)
		}
		if card := string(w.bot("ann")[0].Card); strings.Contains(card, d.Buttons[0].Token) || !strings.Contains(card, "Ask a person") {
			t.Errorf("after the press the card is %s", card)
		}
		// What the press asks for is answered by its own response_url, also by a person.
		if err := w.finish(events[1], answerOf("Somebody will call."), channel.Delivery{Key: "k2", Later: true}); err != nil {
			t.Error(err)
		}
		w.shows("ann", "Once a year.", "Somebody will call.")
		if _, err := w.p.fake.Press("ann", m.ID, render.DoneKey, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(w.seen()); n != 2 {
			t.Errorf("pressing what tells of a press is stored: %d events", n)
		}
	})
}

// TestPressKept: WeCom tells of a press once. One that cannot be stored at once is stored later and has its reply; where it
// cannot be stored at all, who pressed is told.
func TestPressKept(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		press := func(n int) {
			e, _ := w.say("ann", "how much?")
			d := answerOf(fmt.Sprintf("Answer %d.", n))
			d.Lang = "en"
			d.Buttons = []channel.Button{{Token: fmt.Sprintf("tok-%019d", n), Label: "Ask a person", Does: "person"}}
			if err := w.finish(e, d, channel.Delivery{Key: fmt.Sprint("k", n)}); err != nil {
				t.Fatal(err)
			}
			m := w.bot("ann")
			w.set(func() { w.fail = errDisk })
			if _, err := w.p.fake.Press("ann", m[len(m)-1].ID, d.Buttons[0].Token, nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(8 * time.Second)
		}
		press(1)
		w.set(func() { w.fail = nil })
		time.Sleep(20 * time.Second)
		events := w.seen()
		if len(events) != 2 || events[1].Kind != channel.Pressed {
			t.Fatalf("%+v", events)
		}
		if err := w.finish(events[1], answerOf("Somebody will call."), channel.Delivery{Key: "p1"}); err != nil {
			t.Error(err)
		}
		w.shows("ann", "Answer 1.", "Somebody will call.")
		press(2)
		time.Sleep(5 * time.Minute)
		w.set(func() { w.fail = nil })
		told, _ := aibot.Lost(channel.Pressed, "en")
		w.shows("ann", "Answer 1.", "Somebody will call.", "Answer 2.", told)
	})
}

// TestQuestionKept: who asked what could not be stored for two minutes is told so, once, even if the first calls fail.
func TestQuestionKept(t *testing.T) {
	for _, kind := range []string{"", wecomfake.FaultBroken, wecomfake.FaultWait} {
		inBubble(t, wecomfake.Options{}, nil, func(w *world) {
			w.set(func() { w.fail = errDisk })
			if _, err := w.p.fake.Say(wecomfake.Say{User: "ann", Text: "how much?"}); err != nil {
				t.Fatal(err)
			}
			if kind != "" {
				w.p.must(wecomfake.Fault{Call: "response", Kind: kind, Times: 4})
			}
			time.Sleep(10 * time.Minute)
			told, _ := aibot.Lost(channel.Question, "en")
			w.shows("ann", told)
		})
	}
}
