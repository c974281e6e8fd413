package slack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/slack"
	"policybot/bot/slack/act"
	"policybot/bot/slackfake"
)

// TestMentionTwice: Slack tells a mention as app_mention and as message, in any order. Both are the same question.
func TestMentionTwice(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		for seed := range uint64(6) {
			in(t, overHTTP, slackfake.Options{Seed: seed + 1, Shuffle: 2 * time.Second}, nil, func(w *world) {
				w.say(slackfake.Said{User: "U1", Channel: "C1", Text: "早 " + mention + "  有什么补贴？ &lt;5人"})
				time.Sleep(5 * time.Second)
				got := w.events()
				if len(got) != 2 || got[0].ContentKey != got[1].ContentKey || got[0].DeliveryKey == got[1].DeliveryKey || got[0].Text != "早  有什么补贴？ <5人" || got[0].Text != got[1].Text {
					w.bubble.Errorf("%+v", got)
				}
			})
		}
	})
}

// TestDroppedCopy: where a message is not heard as a question, the mention that comes after it still is one: nothing
// was told of the copy that could count as having seen it.
func TestDroppedCopy(t *testing.T) {
	in(t, true, slackfake.Options{}, nil, func(w *world) {
		post := func(id, kind, text string) {
			body := fmt.Sprintf(`{"type":"event_callback","team_id":"T1","event_id":%q,"event":{"type":%q,"user":"U1","channel":"C1","ts":"1700000000.000100","text":%q}}`, id, kind, text)
			if status, _, err := w.Post(w.bubble.Context(), "/slack/events", "application/json", []byte(body), ""); err != nil || status != http.StatusOK {
				w.bubble.Errorf("status %d, %v", status, err)
			}
		}
		post("Ev1", "message", "问题")
		w.none()
		post("Ev2", "app_mention", "问题")
		if e := w.one(); e.ContentKey != "C1/1700000000.000100" || e.Kind != channel.Question {
			w.bubble.Errorf("%+v", e)
		}
	})
}

// alone are the subscriptions of a test that counts events: a mention comes as a message only.
var alone = []string{"message.channels", "message.groups", "message.im", "message.mpim", "agent_session_stopped", "member_joined_channel", "reaction_added"}

// TestMessages: what is a question, and what is nothing.
func TestMessages(t *testing.T) {
	type said = slackfake.Said
	follows := func(o *slack.Options) {
		o.Follows = func(_ context.Context, a channel.Actor, p channel.Place) bool { return a.ID == "U1" && p.Thread != "" }
	}
	cases := map[string]struct {
		said   said
		thread bool // in a thread
		change func(*slack.Options)
		want   string // the text of the question; "" for none
	}{
		"direct message":                    {said: said{User: "U1", Text: "补贴？"}, want: "补贴？"},
		"direct, with the bot's name":       {said: said{User: "U1", Text: mention + " 补贴？"}, want: "补贴？"},
		"direct, in a thread":               {said: said{User: "U1", Text: "补贴？"}, thread: true, want: "补贴？"},
		"mention":                           {said: said{User: "U1", Channel: "C1", Text: mention + " 补贴？"}, want: "补贴？"},
		"mention in a private channel":      {said: said{User: "U1", Channel: "G1", Text: mention + " 补贴？"}, want: "补贴？"},
		"mention in a thread":               {said: said{User: "U1", Channel: "C1", Text: mention + " 补贴？"}, thread: true, want: "补贴？"},
		"mention with a file":               {said: said{User: "U1", Channel: "C1", Text: mention + " 补贴？", Files: true}, want: "补贴？"},
		"mention, also sent to the channel": {said: said{User: "U1", Channel: "C1", Text: mention + " 补贴？", Subtype: "thread_broadcast"}, thread: true, want: "补贴？"},
		"follow-up":                         {said: said{User: "U1", Channel: "C1", Text: "那外地呢？"}, thread: true, change: follows, want: "那外地呢？"},
		"follow-up of somebody else":        {said: said{User: "U2", Channel: "C1", Text: "那外地呢？"}, thread: true, change: follows},
		"follow-up to somebody else":        {said: said{User: "U1", Channel: "C1", Text: "<@U2> 你看呢？"}, thread: true, change: follows},
		"follow-up outside of the thread":   {said: said{User: "U1", Channel: "C1", Text: "那外地呢？"}, change: follows},
		"follow-up where nobody says so":    {said: said{User: "U1", Channel: "C1", Text: "那外地呢？"}, thread: true},
		"no mention":                        {said: said{User: "U1", Channel: "C1", Text: "吃饭去"}},
		"mention of another":                {said: said{User: "U1", Channel: "C1", Text: "<@U2> 吃饭去"}},
		"another bot":                       {said: said{User: "U9", Bot: "B9", Channel: "C1", Text: mention + " 补贴？"}},
		"another bot, directly":             {said: said{User: "U9", Bot: "B9", Channel: "D1", Text: "补贴？"}},
		"a bot message":                     {said: said{Bot: "B9", Channel: "C1", Text: mention + " 补贴？", Subtype: "bot_message"}},
		"the bot itself":                    {said: said{Bot: "B0000BOT", Channel: "C1", Text: mention + " 补贴？"}},
		"a join":                            {said: said{User: "U1", Channel: "C1", Text: mention + " has joined", Subtype: "channel_join"}},
		"a topic":                           {said: said{User: "U1", Channel: "C1", Text: mention + " set the topic", Subtype: "channel_topic"}},
		"a me message":                      {said: said{User: "U1", Channel: "C1", Text: mention, Subtype: "assistant_app_thread"}},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, overHTTP bool) {
				in(t, overHTTP, slackfake.Options{Events: alone}, tt.change, func(w *world) {
					s := tt.said
					if tt.thread {
						_, s.Thread = w.say(said{User: "U2", Bot: "B9", Channel: s.Channel, Text: "根"})
						if s.Channel == "" {
							s.Channel = "D1"
						}
					}
					g, ts := w.say(s)
					got := w.events()
					if _, acked := w.platform.Server.Acked(g); !acked {
						w.bubble.Error("not acknowledged")
					}
					if tt.want == "" {
						if len(got) > 0 {
							w.bubble.Errorf("%+v", got)
						}
						return
					}
					if len(got) != 1 || got[0].Text != tt.want || got[0].Kind != channel.Question || !strings.HasSuffix(got[0].ContentKey, "/"+ts) || got[0].Actor != (channel.Actor{Tenant: "T1", ID: "U1"}) {
						w.bubble.Fatalf("%+v", got)
					}
					if p := got[0].Place; p.Group != (s.Channel != "" && s.Channel[0] != 'D') || p.Group && p.Thread == "" || !p.Group && p.Thread != "" {
						w.bubble.Errorf("place %+v", p)
					}
				})
			})
		})
	}
}

// TestQuote: who calls the bot in a thread means the message above by "this".
func TestQuote(t *testing.T) {
	in(t, false, slackfake.Options{Events: alone}, nil, func(w *world) {
		_, root := w.say(slackfake.Said{User: "U2", Channel: "C1", Text: "公司想上市 &amp; 拿补贴"})
		w.say(slackfake.Said{User: "U1", Channel: "C1", Thread: root, Text: mention + " 这个怎么办？"})
		if e := w.one(); e.Quote != "公司想上市 & 拿补贴" {
			w.bubble.Errorf("quote %q", e.Quote)
		}
		w.broken(slackfake.Fault{Method: "conversations.replies", Kind: slackfake.FaultHang})
		g, _ := w.say(slackfake.Said{User: "U1", Channel: "C1", Thread: root, Text: mention + " 还有呢？"})
		time.Sleep(3 * time.Second)
		if e := w.one(); e.Quote != "" {
			w.bubble.Errorf("quote %q", e.Quote)
		}
		if after, ok := w.platform.Server.Acked(g); !ok || after > 3*time.Second {
			w.bubble.Errorf("acknowledged after %s", after)
		}
	})
}

// TestChanges: a message that is changed or removed.
func TestChanges(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		in(t, overHTTP, slackfake.Options{Events: alone}, nil, func(w *world) {
			g, _ := w.say(slackfake.Said{User: "U1", Channel: "C1", Text: mention + " 补贴？"})
			asked := w.one()
			if _, err := w.Edit(g, mention+" 补助？"); err != nil {
				w.bubble.Fatal(err)
			}
			if e := w.one(); e.Kind != channel.Edited || e.Text != "补助？" || e.ContentKey != asked.ContentKey || e.Actor != asked.Actor || e.Place != asked.Place || e.DeliveryKey == asked.DeliveryKey {
				w.bubble.Errorf("%+v", e)
			}
			if _, err := w.Edit(g, mention+" 补助？"); err != nil { // a link was unfurled
				w.bubble.Fatal(err)
			}
			w.none()
			if _, err := w.Delete(g); err != nil {
				w.bubble.Fatal(err)
			}
			if e := w.one(); e.Kind != channel.Deleted || e.ContentKey != asked.ContentKey || e.Actor != asked.Actor || e.Place != asked.Place {
				w.bubble.Errorf("%+v", e)
			}
		})
	})
}

// deliverBody posts an event to the channel and wants it acknowledged.
func (w *world) deliverBody(inner, outer string) {
	w.bubble.Helper()
	body := fmt.Sprintf(`{"type":"event_callback","team_id":"T1","event_id":"Ev%d"%s,"event":%s}`, len(inner), outer, inner)
	status, _, err := w.Post(w.bubble.Context(), "/slack/events", "application/json", []byte(body), "")
	if err != nil || status != http.StatusOK {
		w.bubble.Errorf("%.100s: status %d, %v", inner, status, err)
	}
}

// TestBodiesOfEvents: events as Slack may send them one day. All are acknowledged; what can be understood is taken.
func TestBodiesOfEvents(t *testing.T) {
	const m = `"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1700000000.000100","text":"问题"`
	cases := map[string]struct {
		inner, outer string
		want         channel.Kind
	}{
		"plain":                        {"{" + m + "}", "", channel.Question},
		"a block nobody knows":         {"{" + m + `,"blocks":[{"type":"hologram","elements":[17,null,{"a":[]}]}]}`, "", channel.Question},
		"blocks that are none":         {"{" + m + `,"blocks":{"type":17}}`, "", channel.Question},
		"attachments that are none":    {"{" + m + `,"attachments":"none"}`, "", channel.Question},
		"an attachment that is odd":    {"{" + m + `,"attachments":[17,{"is_share":"yes","text":["a"]}]}`, "", channel.Question},
		"files that are odd":           {"{" + m + `,"files":17}`, "", channel.Question},
		"a time that is a text":        {"{" + m + "}", `,"event_time":"1700000000"`, channel.Question},
		"a time with a fraction":       {"{" + m + "}", `,"event_time":1700000000.5`, channel.Question},
		"authorizations that are none": {"{" + m + "}", `,"authorizations":null`, channel.Question},
		"authorizations that are odd":  {"{" + m + "}", `,"authorizations":{"a":1}`, channel.Question},
		"enterprise is null":           {"{" + m + "}", `,"enterprise_id":null`, channel.Question},
		"an event nobody knows":        {`{"type":"weather_changed","user":{"id":1}}`, "", ""},
		"another event nobody knows":   {`{"type":"weather_changed","user":"U1","channel":{"id":"C1"}}`, "", ""},
		"tombstone":                    {`{"type":"message","subtype":"message_changed","channel":"D1","channel_type":"im","message":{"subtype":"tombstone","ts":"1.000002","user":"USLACKBOT"},"previous_message":{"user":"U1","ts":"1.000002","text":"x"}}`, "", channel.Deleted},
		"tombstone of the bot's":       {`{"type":"message","subtype":"message_changed","channel":"D1","channel_type":"im","message":{"subtype":"tombstone","ts":"1.000002"},"previous_message":{"user":"U0BOT","bot_id":"B0000BOT","ts":"1.000002","text":"x"}}`, "", ""},
		"an unfurled link":             {`{"type":"message","subtype":"message_changed","channel":"D1","message":{"user":"U1","ts":"1.000002","text":"x","attachments":[{"title":"a"}]},"previous_message":{"user":"U1","ts":"1.000002","text":"x"}}`, "", ""},
		"an edit":                      {`{"type":"message","subtype":"message_changed","channel":"D1","message":{"user":"U1","ts":"1.000002","text":"y"},"previous_message":{"user":"U1","ts":"1.000002","text":"x"}}`, "", channel.Edited},
		"an edit of the bot's":         {`{"type":"message","subtype":"message_changed","channel":"D1","message":{"user":"U0BOT","bot_id":"B0000BOT","ts":"1.000002","text":"y"},"previous_message":{"user":"U0BOT","bot_id":"B0000BOT","ts":"1.000002","text":"x"}}`, "", ""},
		"rate limited":                 {`{"type":"app_rate_limited_of_old"}`, "", ""},
		"a shared message":             {"{" + m + `,"attachments":[{"is_share":true,"text":"那条消息"}]}`, "", channel.Question},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, true, slackfake.Options{}, nil, func(w *world) {
				w.deliverBody(tt.inner, tt.outer)
				if tt.want == "" {
					w.none()
					return
				}
				if e := w.one(); e.Kind != tt.want || e.Kind == channel.Question && e.Text != "问题" || e.Actor.ID != "U1" {
					w.bubble.Errorf("%+v", e)
				}
			})
		})
	}
}

// TestOtherOrganisations: channels that are shared over Slack Connect, and people from there.
func TestOtherOrganisations(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		for _, open := range []bool{false, true} {
			in(t, overHTTP, slackfake.Options{Events: alone}, func(o *slack.Options) { o.External = open }, func(w *world) {
				w.AddChannel(slackfake.Channel{ID: "C7", Kind: slackfake.KindChannel, Shared: true})
				for team, want := range map[string]channel.Actor{"": {Tenant: "T1", ID: "U1"}, "T9": {Tenant: "T9", ID: "U9", External: true}} {
					_, ts := w.say(slackfake.Said{User: want.ID, Team: team, Channel: "C7", Text: mention + " 补贴？"})
					e := w.one()
					if e.Actor != want || (e.Refuse == channel.RefuseExternal) == open {
						w.bubble.Errorf("open %v: %+v refused %q", open, e.Actor, e.Refuse)
					}
					if !open || team == "" {
						continue
					}
					w.finishWith(e, answer("a"+ts, 1, 20), "d"+ts)
					w.press("C7", e.Place.Thread, want.ID, "aaaaaaaaaaaaaaaaaaaaaa")
					if p := w.one(); p.Actor != want {
						w.bubble.Errorf("the press of %+v is of %+v", want, p.Actor)
					}
				}
			})
		}
	})
}

// finishWith delivers a document at once.
func (w *world) finishWith(e channel.Event, d channel.Doc, key string) {
	w.bubble.Helper()
	if err := w.finish(e, d, channel.Delivery{Key: key}); err != nil {
		w.bubble.Fatal(err)
	}
}

// press presses the button with a token in a thread.
func (w *world) press(in, thread, user, token string) {
	w.bubble.Helper()
	for _, m := range own(w.Messages(in, thread)) {
		for _, b := range read(m).Buttons {
			if b.Value == token {
				for _, action := range []string{act.Rate, act.RateGood, act.RateBad, act.Person} {
					for _, value := range []string{token, act.Bad + token} {
						if _, err := w.Press(slackfake.Press{User: user, Channel: in, TS: m.TS, Action: action, Value: value}); err == nil {
							w.settle()
							return
						}
					}
				}
			}
		}
	}
	w.bubble.Fatalf("nobody sees a button with %s", token)
}

// TestEnterprise: in an organisation of Enterprise Grid a person is the same in all of its workspaces, whatever they do.
func TestEnterprise(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		in(t, overHTTP, slackfake.Options{Enterprise: "E1", OrgInstall: true, Events: alone}, nil, func(w *world) {
			want := channel.Actor{Tenant: "E1", ID: "U1"}
			w.say(slackfake.Said{User: "U1", Channel: "C1", Text: mention + " 补贴？"})
			e := w.one()
			w.say(slackfake.Said{User: "U1", Channel: "C2", Workspace: "T2", Text: mention + " 补贴？"})
			other := w.one()
			w.finishWith(e, short, "d-1")
			w.press("C1", e.Place.Thread, "U1", "aaaaaaaaaaaaaaaaaaaaaa")
			press := w.one()
			w.Command(slackfake.Command{User: "U1", Channel: "C1", Name: act.Command, Text: "补贴？"})
			command := w.one()
			for name, a := range map[string]channel.Actor{"mention": e.Actor, "another workspace": other.Actor, "press": press.Actor, "command": command.Actor} {
				if a != want {
					w.bubble.Errorf("%s: %+v, want %+v", name, a, want)
				}
			}
		})
	})
}

// TestRepeated: a delivery that is made again is taken whatever its number says: it may be the only one that arrived.
func TestRepeated(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		in(t, overHTTP, slackfake.Options{Events: alone}, nil, func(w *world) {
			fails := 2
			w.storeWith(func(context.Context, channel.Event) error {
				if fails--; fails >= 0 {
					return errors.New("the disk is full")
				}
				return nil
			})
			g, _ := w.say(slackfake.Said{User: "U1", Text: "问题"})
			w.none()
			if _, ok := w.platform.Server.Acked(g); ok {
				w.bubble.Error("acknowledged, and not stored")
			}
			time.Sleep(2 * time.Minute) // at once, after a minute: the number is 2
			if e := w.one(); e.Text != "问题" {
				w.bubble.Errorf("%+v", e)
			}
			if _, ok := w.platform.Server.Acked(g); !ok {
				w.bubble.Error("not acknowledged in the end")
			}
		})
	})
}
