package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
)

// buttonOf is the token of a button of an answer.
func (r *rig) buttonOf(t *testing.T, id, does string) string {
	t.Helper()
	for _, d := range r.entry(t, id).Deliveries {
		for _, b := range d.Doc.Buttons {
			if b.Does == does {
				return b.Token
			}
		}
	}
	t.Fatalf("%s has no button %q", id, does)
	return ""
}

// presses is a press of a button.
func presses(user, place, token string) channel.Event {
	e := asks(user, place, "")
	e.Kind, e.Token, e.ContentKey = channel.Pressed, token, ""
	return e
}

// shared is an event in a channel that is shared with another organisation.
func shared(e channel.Event) channel.Event {
	e.Refuse = channel.RefuseExternal
	return e
}

func TestRefusedWhereOthersReadAlong(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"told once a minute, never answered": func(t *testing.T) {
			r := start(t, nil)
			var ids []string
			for i := range 5 {
				e := shared(asks("U", "P", "厦门有什么补贴？"))
				e.Actor.External = i%2 == 0
				a, err := r.channel.give(t, e)
				if err != nil || a.Refused != bot.ReasonExternal {
					t.Fatal(a, err)
				}
				ids = append(ids, a.ID)
			}
			synctest.Wait()
			r.wantTexts(t, ids[0], "与其他组织共享")
			q := r.entry(t, ids[1]).Question
			if q.State != journal.Refused || q.Reason != bot.ReasonExternal || q.Text == "" || len(r.answerer.texts()) > 0 {
				t.Errorf("stored as %+v, answered %q", q, r.answerer.texts())
			}
			e := shared(asks("V", "P", "What support is there?"))
			e.Lang = "en"
			if a, err := r.channel.give(t, e); err != nil || a.Refused != bot.ReasonExternal {
				t.Fatal(a, err)
			}
			time.Sleep(2 * time.Minute)
			if _, err := r.channel.give(t, shared(asks("U", "P", "厦门有什么补贴？"))); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if seen := r.channel.seen(); len(seen) != 3 || !strings.Contains(seen[1].text, "shared with another organisation") {
				t.Errorf("people saw %+v", seen)
			}
			r.stop()
		},
		"before all else": func(t *testing.T) {
			r := start(t, func(_ *rig, o *bot.Options) { o.Limits.PerUser = 1 })
			if err := bot.SetStopped(t.Context(), r.journal, bot.Stopped{Reason: "更新"}); err != nil || r.Refresh(t.Context()) != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"问题", "转人工"} {
				if a, err := r.channel.give(t, shared(asks("U", "P", text))); err != nil || a.Refused != bot.ReasonExternal {
					t.Errorf("%s: %+v, %v", text, a, err)
				}
			}
			r.stop()
		},
		"a person asked for there, and again once it is open": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			press := presses("U", "P", r.buttonOf(t, id, "person"))
			if a, err := r.channel.give(t, shared(press)); err != nil || a.Refused != bot.ReasonExternal {
				t.Errorf("%+v, %v", a, err)
			}
			if cases, _ := r.Cases(t.Context(), ""); len(cases) != 0 {
				t.Errorf("%+v", cases)
			}
			press.DeliveryKey += "later"
			r.ask(t, press)
			synctest.Wait()
			if cases, _ := r.Cases(t.Context(), ""); len(cases) != 1 {
				t.Errorf("%+v", cases)
			}
			r.stop()
		},
		"for no reason that there is": func(t *testing.T) {
			r := start(t, nil)
			e := asks("U", "P", "问题")
			e.Refuse = "mood"
			if a, err := r.channel.give(t, e); err != nil || a.ID != "" {
				t.Errorf("%+v, %v", a, err)
			}
			r.stop()
		},
	})
}

// TestPressWithWords: the press of a button that rates carries the words of a form.
func TestPressWithWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		id := r.ask(t, asks("U", "P", "问题"))
		synctest.Wait()
		want := func(good bool, reason, text string) {
			t.Helper()
			got := r.entry(t, id).Ratings
			if len(got) != 1 || got[0].Good != good || got[0].Reason != reason || got[0].Text != text {
				t.Errorf("ratings %+v", got)
			}
		}
		give := func(e channel.Event, f *channel.Feedback) {
			t.Helper()
			e.Feedback = f
			if a, err := r.channel.give(t, e); err != nil || a.ID != id {
				t.Fatal(a, err)
			}
		}
		bad, good := presses("U", "P", r.buttonOf(t, id, "bad")), presses("U", "P", r.buttonOf(t, id, "good"))
		give(bad, nil)
		want(false, "", "")
		give(bad, &channel.Feedback{Answer: "another", Good: true, Reason: "outdated", Text: "打我电话13812345678"})
		masked, _ := bot.Mask("打我电话13812345678")
		want(false, "outdated", masked)
		if strings.Contains(masked, "138") {
			t.Errorf("%q", masked)
		}
		give(bad, &channel.Feedback{Reason: "no such reason", Text: "也不对"})
		want(false, "", "也不对")
		give(good, &channel.Feedback{Text: "很清楚"})
		want(true, "", "很清楚")
		if n := len(r.channel.seen()); n != 1 || slices.Contains(r.answerer.texts(), "") {
			t.Errorf("%d messages", n)
		}
		r.stop()
	})
}

// TestAsked: the newest questions of one person, whatever the place, and nobody else's.
func TestAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		var first string
		for i := range 4 {
			id := r.ask(t, asks("U", fmt.Sprint("P", i%2), fmt.Sprint("问题", i)))
			synctest.Wait()
			if i == 0 {
				first = id
			}
		}
		r.ask(t, asks("V", "P1", "别人的问题"))
		synctest.Wait()
		r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
		for range 8 { // none of these is a question of the list
			e := asks("U", "P0", "撤回的问题")
			r.ask(t, e)
			synctest.Wait()
			e.Kind = channel.Deleted
			if _, err := r.channel.give(t, e); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		r.ask(t, presses("U", "P0", r.buttonOf(t, first, "person")))
		synctest.Wait()
		for _, tt := range []struct {
			n    int
			who  string
			want string
		}{
			{-1, "U", ""}, {0, "U", ""}, {1, "U", "问题3"}, {3, "u", "问题3 问题2 问题1"}, {10, "U", "问题3 问题2 问题1 问题0"}, {5, "V", "别人的问题"}, {5, "W", ""},
		} {
			list, err := r.Asked(t.Context(), "fake", channel.Actor{Tenant: "T", ID: tt.who}, tt.n)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, q := range list {
				got = append(got, q.Text)
				if len(q.Record) > 0 || len(q.Answer) == 0 {
					t.Errorf("%s: record of %d bytes, answer of %d", q.Text, len(q.Record), len(q.Answer))
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("the last %d of %s are %q, want %q", tt.n, tt.who, got, tt.want)
			}
		}
		if list, err := r.Asked(t.Context(), "other", channel.Actor{Tenant: "T", ID: "U"}, 5); err != nil || len(list) > 0 {
			t.Errorf("on another channel: %+v, %v", list, err)
		}
		r.stop()
	})
}

// TestUnsent: what is known not to have been delivered is tried again without a doubt, and a doubt stays.
func TestUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var again []bool
		r := start(t, func(r *rig, _ *bot.Options) {
			r.channel.finish = func(_ channel.Doc, as channel.Delivery) (bool, error) {
				again = append(again, as.Again)
				switch len(again) {
				case 1, 2, 4:
					return false, &channel.UnsentError{Err: errors.New("refused")}
				case 3:
					return false, errors.New("nobody knows")
				}
				return true, nil
			}
		})
		r.ask(t, asks("U", "P", "问题"))
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := []bool{false, false, false, true, true}; !slices.Equal(again, want) {
			t.Errorf("the attempts were made with Again %t, want %t", again, want)
		}
		r.stop()
	})
}

// TestSince: every attempt to deliver a document tells the same time, at which it was made: none was made before.
func TestSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, attempts := time.Now().Add(time.Hour), 0
		r := start(t, func(r *rig, _ *bot.Options) {
			r.channel.finish = func(_ channel.Doc, as channel.Delivery) (bool, error) {
				if attempts++; !as.Since.Equal(asked) || as.Again != (attempts > 1) || attempts > 1 && !time.Now().After(as.Since) {
					t.Errorf("attempt %d at %s: %+v, want since %s", attempts, time.Now(), as, asked)
				}
				if attempts < 4 {
					return false, errors.New("the platform has a defect")
				}
				return true, nil
			}
		})
		time.Sleep(time.Until(asked))
		r.ask(t, asks("U", "P", "问题"))
		time.Sleep(time.Hour)
		synctest.Wait()
		if attempts != 4 {
			t.Errorf("%d attempts, want 4", attempts)
		}
		r.stop()
	})
}

// TestLater: of the documents that go out with one handle, the reply to its event is the one that is not a later one.
func TestLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		r := start(t, func(r *rig, o *bot.Options) {
			o.StaffDesk, o.Limits.PerUser = office, 1
			r.channel.finish = func(d channel.Doc, as channel.Delivery) (bool, error) {
				got = append(got, fmt.Sprintf("%c%v", d.ID[0], as.Later))
				return true, nil
			}
		})
		id := r.ask(t, asks("U", "P", "问题"))
		synctest.Wait()
		for round := range 2 {
			e := presses("U", "P", r.buttonOf(t, id, "person"))
			if round > 0 { // the button asks once; words ask again
				e = asks("U", "P", "转人工")
			}
			r.ask(t, e)
			synctest.Wait()
			cases, err := r.Cases(t.Context(), journal.CaseOpen)
			if err != nil || len(cases) != 1 {
				t.Fatalf("%+v, %v", cases, err)
			}
			if _, err := r.Respond(t.Context(), cases[0].ID, "小王", "请看第三条。"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		slices.Sort(got)
		want := "afalse afalse afalse ktrue ktrue rtrue rtrue"
		if strings.Join(got, " ") != want {
			t.Errorf("delivered %q, want %q", got, want)
		}
		got = nil
		r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
		r.ask(t, asks("U", "P", "问题"))
		if a, err := r.channel.give(t, asks("U", "P", "问题")); err != nil || a.Refused == "" {
			t.Fatal(a, err)
		}
		synctest.Wait()
		if strings.Join(got, " ") != "afalse" {
			t.Errorf("a notice is delivered as %q", got)
		}
		r.stop()
	})
}

// TestRates: where the platform lets people rate, an answer has no buttons to rate, and those of other answers stay.
func TestRates(t *testing.T) {
	for rates, want := range map[bool]string{false: "good bad person", true: "person"} {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) { r.channel.caps.Rates = rates })
			defer r.stop()
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			doc := r.entry(t, id).Deliveries[0].Doc
			var got []string
			for _, b := range doc.Buttons {
				got = append(got, b.Does)
				if _, err := r.journal.Pressed(t.Context(), b.Token); err != nil {
					t.Error(b.Label, err)
				}
			}
			if strings.Join(got, " ") != want || !strings.Contains(doc.Text, "转人工") {
				t.Errorf("rates %v: buttons %q, text %q", rates, got, doc.Text)
			}
			e := asks("U", "P", "")
			e.Kind, e.ContentKey, e.Feedback = channel.Rated, "", &channel.Feedback{Answer: id, Reason: "outdated"}
			if a, err := r.channel.give(t, e); err != nil || a.ID != id {
				t.Errorf("%+v, %v", a, err)
			}
			if list := r.entry(t, id).Ratings; len(list) != 1 || list[0].Good || list[0].Reason != "outdated" {
				t.Errorf("%+v", list)
			}
		})
	}
}

// TestRatingTakenBack: a person's word on an answer goes when they take it back, and nobody else's with it.
func TestRatingTakenBack(t *testing.T) {
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, func(r *rig, _ *bot.Options) { r.journal = open(t) })
				defer r.stop()
				id := r.ask(t, asks("U", "P", "问题"))
				synctest.Wait()
				rate := func(user string, f channel.Feedback) {
					t.Helper()
					e := asks(user, "P", "")
					f.Answer, e.Kind, e.ContentKey, e.Feedback = id, channel.Rated, "", &f
					if a, err := r.channel.give(t, e); err != nil || a.ID != id {
						t.Errorf("%+v, %v", a, err)
					}
				}
				want := func(list ...bool) {
					t.Helper()
					got := []bool{}
					for _, one := range r.entry(t, id).Ratings {
						got = append(got, one.Good)
					}
					if !slices.Equal(got, list) {
						t.Errorf("ratings are %v, want %v", got, list)
					}
					bad, err := r.journal.Search(t.Context(), journal.Query{Rating: journal.Bad})
					if f, ferr := r.journal.Figures(t.Context(), journal.Query{}); ferr != nil || err != nil || f.All.Bad != len(bad.Rows) {
						t.Errorf("%d are counted as bad, %d found; %v, %v", f.All.Bad, len(bad.Rows), ferr, err)
					}
					if stands := len(list) > 0 && !list[len(list)-1]; stands != (len(bad.Rows) == 1) {
						t.Errorf("%d answers wait for a look at their bad rating", len(bad.Rows))
					}
				}
				back := channel.Feedback{Withdrawn: true, Good: true, Reason: "wrong", Text: "13812345678"}
				rate("U", back)
				want([]bool{}...)
				rate("V", channel.Feedback{Good: true})
				time.Sleep(time.Second)
				rate("U", channel.Feedback{Reason: "wrong", Text: "不对"})
				want(true, false)
				rate("U", back)
				rate("U", back)
				want(true)
				e := presses("U", "P", r.buttonOf(t, id, "bad")) // a press takes nothing back
				e.Feedback = &channel.Feedback{Withdrawn: true}
				if _, err := r.channel.give(t, e); err != nil {
					t.Error(err)
				}
				want(true, false)
				if got := stepsOf(r.entry(t, id)); !strings.HasSuffix(got, "rated rated rating withdrawn rated") {
					t.Errorf("steps %q", got)
				}
			})
		})
	}
}
