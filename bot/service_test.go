package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// each runs cases in bubbles of their own.
func each(t *testing.T, cases map[string]func(*testing.T)) {
	t.Helper()
	for name, do := range cases {
		t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
	}
}

// seldom looks for work seldom, for tests that take years.
func seldom(_ *rig, o *bot.Options) { o.Limits.Poll, o.Limits.SweepEvery = 6*time.Hour, 6*time.Hour }

func TestDeliveries(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"one question, one row a step, one reply": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			if got, want := stepsOf(r.entry(t, id)), "accepted claimed answered posting posted"; got != want {
				t.Errorf("steps %q, want %q", got, want)
			}
			r.stop()
		},
		"delivered four times, also at once and days later": func(t *testing.T) {
			r := start(t, seldom)
			e := asks("U", "P", "问题")
			id := r.ask(t, e)
			for _, after := range []time.Duration{0, 0, time.Minute, 5 * time.Minute, 6 * 24 * time.Hour} {
				time.Sleep(after)
				if a, err := r.channel.give(t, e); err != nil || !a.Duplicate || a.ID != id {
					t.Errorf("after %v: %+v, %v", after, a, err)
				}
			}
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			if n := r.entry(t, id).Question.Duplicates; n != 5 {
				t.Errorf("%d duplicates", n)
			}
			r.stop()
		},
		"one gesture told in two events": func(t *testing.T) {
			r := start(t, nil)
			e := asks("U", "P", "问题")
			id := r.ask(t, e)
			e.DeliveryKey, e.Text = e.DeliveryKey+"-mention", "问题 "
			if a, err := r.channel.give(t, e); err != nil || !a.Duplicate || a.ID != id {
				t.Errorf("%+v, %v", a, err)
			}
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"delivered again after a restart": func(t *testing.T) {
			r := start(t, nil)
			e := asks("U", "P", "问题")
			id := r.ask(t, e)
			r.stop()
			r = start(t, func(n *rig, _ *bot.Options) { n.journal, n.channel = r.journal, r.channel })
			if a, err := r.channel.give(t, e); err != nil || !a.Duplicate || a.ID != id {
				t.Errorf("%+v, %v", a, err)
			}
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"two questions in one thread within a second, in order": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(_ context.Context, q bot.Question) error {
					if q.Text == "第一个" {
						time.Sleep(3 * time.Second)
					}
					return nil
				}
			})
			first := r.ask(t, asks("U", "P", "第一个"))
			second := r.ask(t, asks("U", "P", "第二个"))
			time.Sleep(10 * time.Second)
			seen := r.channel.seen()
			if len(seen) != 2 || seen[0].id != first || seen[1].id != second {
				t.Errorf("%+v", seen)
			}
			if n := len(r.answerer.asked[1].History); n != 2 {
				t.Errorf("the second question has %d earlier turns", n)
			}
			r.stop()
		},
		"edited while it waits, and while it is being answered": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(ctx context.Context, _ bot.Question) error {
					select {
					case <-time.After(20 * time.Second):
					case <-ctx.Done():
					}
					return ctx.Err()
				}
			})
			e := asks("U", "P", "原来的")
			id := r.ask(t, e)
			time.Sleep(4 * time.Second)
			e.Kind, e.Text = channel.Edited, "改过的"
			if _, err := r.channel.give(t, e); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			r.wantTexts(t, id, "没有找到")
			if got := r.answerer.texts(); got[len(got)-1] != "改过的" || len(got) != 2 {
				t.Errorf("asked %q", got)
			}
			if e := r.entry(t, id); e.Question.Text != "改过的" || e.Question.Revision != 1 {
				t.Errorf("%+v", e.Question)
			}
			r.stop()
		},
		"taken back": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
			})
			deleted := asks("U", "P", "删除的")
			id := r.ask(t, deleted)
			synctest.Wait()
			deleted.Kind = channel.Deleted
			stranger := deleted
			stranger.Actor.ID = "X"
			if _, err := r.channel.give(t, stranger); err != nil || r.entry(t, id).Question.State != journal.Claimed {
				t.Error("a stranger took a question back", err)
			}
			if _, err := r.channel.give(t, deleted); err != nil {
				t.Fatal(err)
			}
			stopped := r.ask(t, asks("U", "P", "停下的"))
			other := r.ask(t, asks("V", "P", "别人的"))
			r.ask(t, asks("U", "P", " /Stop "))
			time.Sleep(time.Minute)
			for id, want := range map[string]journal.State{id: journal.Cancelled, stopped: journal.Cancelled, other: journal.Waiting} {
				if got := r.entry(t, id).Question.State; got != want && (id != other || got != journal.Claimed) {
					t.Errorf("%s is %s, want %s", id, got, want)
				}
			}
			r.wantTexts(t, id)
			r.wantTexts(t, stopped)
			r.stop()
		},
	})
}

func TestLimits(t *testing.T) {
	stalled := func(r *rig, o *bot.Options) {
		r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
		o.Limits.Answer = 24 * time.Hour
	}
	each(t, map[string]func(*testing.T){
		"three of a user, and one notice of a thousand of the same": func(t *testing.T) {
			r := start(t, stalled)
			for range 3 {
				r.ask(t, asks("U", "P", "同一个问题"))
			}
			for range 997 {
				if a, err := r.channel.give(t, asks("u", "P", "同一个问题")); err != nil || a.Refused != bot.ReasonUserBusy {
					t.Fatal(a, err)
				}
			}
			synctest.Wait()
			if seen := r.channel.seen(); len(seen) != 1 || !strings.Contains(seen[0].text, "还在处理") {
				t.Errorf("%d messages: %+v", len(seen), seen)
			}
			r.ask(t, asks("V", "P", "别人的问题"))
			for n := range 100 {
				if a, err := r.channel.give(t, asks("u", "P", fmt.Sprintf("问题 %d", n))); err != nil || a.Refused != bot.ReasonUserBusy {
					t.Fatal(a, err)
				}
			}
			synctest.Wait()
			if seen := r.channel.seen(); len(seen) != 5 {
				t.Errorf("of others there are %d messages", len(seen))
			}
			r.stop()
		},
		"so many in all": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) { stalled(r, o); o.Limits.Total, o.Limits.Workers = 5, 1 })
			for i := range 6 {
				r.ask(t, asks(fmt.Sprint("U", i), "P", "问题"))
				synctest.Wait()
			}
			if a, err := r.channel.give(t, asks("last", "P", "问题")); err != nil || a.Refused != bot.ReasonBusy {
				t.Error(a, err)
			}
			r.stop()
		},
		"too old": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) { stalled(r, o); o.Limits.Workers = 1 })
			first := r.ask(t, asks("U", "P", "先问的"))
			waiting := r.ask(t, asks("V", "P", "后问的"))
			time.Sleep(9 * time.Minute)
			r.wantTexts(t, waiting)
			time.Sleep(2 * time.Minute)
			r.wantTexts(t, waiting, "已转给工作人员")
			r.wantTexts(t, first)
			cases, err := r.Cases(t.Context(), journal.CaseOpen)
			if err != nil || len(cases) != 1 || cases[0].Question != waiting || cases[0].Asked != "后问的" {
				t.Errorf("%+v, %v", cases, err)
			}
			r.stop()
		},
		"fair between users": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				o.Limits.Workers, o.Limits.PerUser = 1, 100
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(time.Second); return nil }
			})
			for i := range 20 {
				r.ask(t, asks("loud", fmt.Sprint("P", i), fmt.Sprint("吵", i)))
			}
			r.ask(t, asks("quiet", "Q", "静"))
			time.Sleep(time.Minute)
			if at := slices.Index(r.answerer.texts(), "静"); at < 0 || at > 2 {
				t.Errorf("the quiet user is number %d", at)
			}
			r.stop()
		},
		"switched off with a reason": func(t *testing.T) {
			r := start(t, nil)
			if err := bot.SetStopped(t.Context(), r.journal, bot.Stopped{Reason: "资料库正在更新"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			a, err := r.channel.give(t, asks("U", "P", "问题"))
			if err != nil || a.Refused != bot.ReasonStopped {
				t.Error(a, err)
			}
			synctest.Wait()
			r.wantTexts(t, a.ID, "服务已暂停：资料库正在更新")
			if h := r.Health(t.Context()); h.Stopped == nil || !h.Ready {
				t.Errorf("%+v", h)
			}
			if err := bot.SetStopped(t.Context(), r.journal, bot.Stopped{}); err != nil || r.Refresh(t.Context()) != nil {
				t.Fatal(err)
			}
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"switched off while a question waits": func(t *testing.T) {
			r := start(t, nil)
			r.stop()
			n := start(t, func(n *rig, o *bot.Options) {
				n.journal, n.channel = r.journal, r.channel
				n.answerer.before = func(ctx context.Context, _ bot.Question) error { return errors.New("not yet") }
			})
			id := n.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			if err := bot.SetStopped(t.Context(), n.journal, bot.Stopped{Reason: "故障"}); err != nil || n.Refresh(t.Context()) != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			n.wantTexts(t, id, "服务已暂停：故障")
			n.stop()
		},
		"refused over HTTP, and sent again under its key": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				r.channel.caps.Pull = true
				o.Limits.PerUser = 1
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(time.Minute - 1); return nil }
			})
			r.ask(t, asks("U", "P", "一"))
			e := asks("U", "P", "二")
			for range 3 {
				if a, err := r.channel.give(t, e); err != nil || a.Refused != bot.ReasonUserBusy {
					t.Fatal(a, err)
				}
			}
			if n := len(r.channel.seen()); n > 3 {
				t.Errorf("%d notices", n)
			}
			time.Sleep(2 * time.Minute)
			id := r.ask(t, e)
			if again := r.ask(t, e); again != id {
				t.Errorf("asked twice: %s and %s", id, again)
			}
			e.Text = "别的"
			if _, err := r.channel.give(t, e); !errors.Is(err, channel.ErrKeyReused) {
				t.Errorf("another question under the same key: %v", err)
			}
			time.Sleep(time.Hour)
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
	})
}

func TestFaultsOfTheAnswerer(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"an error now and then": func(t *testing.T) {
			failures := 2
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(context.Context, bot.Question) error {
					if failures--; failures >= 0 {
						return errors.New("disk")
					}
					return nil
				}
			})
			id := r.ask(t, asks("U", "P", "问题"))
			time.Sleep(time.Minute)
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"an error for good, and slowness for good": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(ctx context.Context, q bot.Question) error {
					if q.Text == "慢" {
						<-ctx.Done()
						return ctx.Err()
					}
					return errors.New("secret path of the disk")
				}
			})
			broken, slow := r.ask(t, asks("U", "P", "问题")), r.ask(t, asks("V", "P", "慢"))
			time.Sleep(9 * time.Minute)
			for _, id := range []string{broken, slow} {
				r.wantTexts(t, id, "已转给工作人员")
				if strings.Contains(r.channel.textsOf(id)[0], "disk") {
					t.Error("the asker sees internals")
				}
			}
			if cases, _ := r.Cases(t.Context(), ""); len(cases) != 2 {
				t.Errorf("%d cases", len(cases))
			}
			r.stop()
		},
		"a panic": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(_ context.Context, q bot.Question) error {
					if q.Text == "坏" {
						panic("a fault")
					}
					return nil
				}
			})
			bad, good := r.ask(t, asks("U", "P", "坏")), r.ask(t, asks("V", "P", "好"))
			synctest.Wait()
			r.wantTexts(t, bad, "已转给工作人员")
			r.wantTexts(t, good, "没有找到")
			r.stop()
		},
		"told that it takes long, once": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(30 * time.Second); return nil }
			})
			id := r.ask(t, asks("U", "P", "问题"))
			time.Sleep(time.Minute)
			r.wantTexts(t, id, "没有找到")
			if got := strings.Join(r.channel.steps, ","); got != "working "+id {
				t.Errorf("told %q", got)
			}
			r.stop()
		},
	})
}

func TestSending(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"fifty in one place, a second apart, the waiting told once": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) { r.channel.caps.Interval = time.Second })
			for i := range 50 {
				r.ask(t, asks(fmt.Sprint("U", i), "P", "问题"))
			}
			time.Sleep(75 * time.Second)
			seen := r.channel.seen()
			if len(seen) != 50 {
				t.Fatalf("%d replies", len(seen))
			}
			for i := range seen[1:] {
				if d := seen[i+1].at.Sub(seen[i].at); d < time.Second {
					t.Errorf("%v between two messages", d)
				}
			}
			told := map[string]int{}
			for _, s := range r.channel.steps {
				told[s]++
				if told[s] > 1 {
					t.Errorf("told twice: %s", s)
				}
			}
			if len(told) < 40 {
				t.Errorf("only %d were told that they wait", len(told))
			}
			r.stop()
		},
		"nobody there any more": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
					return false, &channel.GoneError{Reason: "is archived"}
				}
			})
			id := r.ask(t, asks("U", "P", "问题"))
			time.Sleep(time.Hour)
			r.wantTexts(t, id)
			if e := r.entry(t, id); e.Question.State != journal.Closed || len(e.Deliveries) != 1 || e.Deliveries[0].Attempts != 1 {
				t.Errorf("%+v", e)
			}
			if cases, _ := r.Cases(t.Context(), journal.CaseOpen); len(cases) != 1 || cases[0].Reason != "undeliverable" {
				t.Errorf("%+v", cases)
			}
			r.stop()
		},
		"away for hours": func(t *testing.T) {
			var away atomic.Bool
			away.Store(true)
			r := start(t, func(r *rig, _ *bot.Options) {
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
					if away.Load() {
						return false, errors.New("no route")
					}
					return true, nil
				}
			})
			late, lost := r.ask(t, asks("U", "P", "问题")), ""
			time.Sleep(5 * time.Hour)
			away.Store(false)
			time.Sleep(10 * time.Minute)
			r.wantTexts(t, late, "没有找到")
			away.Store(true)
			lost = r.ask(t, asks("U", "P", "问题"))
			time.Sleep(7 * time.Hour)
			if s := r.entry(t, lost).Question.State; s != journal.Closed {
				t.Errorf("after seven hours it is %s", s)
			}
			r.stop()
		},
		"asked to wait, also across a restart": func(t *testing.T) {
			begin := time.Now()
			calls := []time.Duration{}
			finish := func(channel.Doc, channel.Delivery) (bool, error) {
				calls = append(calls, time.Since(begin))
				if time.Since(begin) < 30*time.Second {
					return false, &channel.WaitError{After: 30 * time.Second, All: true}
				}
				return true, nil
			}
			r := start(t, func(r *rig, o *bot.Options) { r.channel.finish, o.Limits.Drain = finish, time.Second })
			one := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r.stop()
			r = start(t, func(n *rig, _ *bot.Options) { n.journal, n.channel = r.journal, r.channel })
			two := r.ask(t, asks("V", "Q", "问题"))
			time.Sleep(time.Minute)
			r.wantTexts(t, one, "没有找到")
			r.wantTexts(t, two, "没有找到")
			if len(calls) != 3 || calls[1] < 30*time.Second {
				t.Errorf("calls at %v", calls)
			}
			r.stop()
		},
	})
}

func TestStaff(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"asked for in words, answered once": func(t *testing.T) {
			r := start(t, nil)
			question := r.ask(t, asks("U", "P", "能补多少钱"))
			synctest.Wait()
			over := r.ask(t, asks("U", "P", "转人工。"))
			synctest.Wait()
			cases, err := r.Cases(t.Context(), journal.CaseOpen)
			if err != nil || len(cases) != 1 || cases[0].Question != question || cases[0].Asked != "能补多少钱" {
				t.Fatalf("%+v, %v", cases, err)
			}
			r.wantTexts(t, over, cases[0].ID)
			if _, err := r.Respond(t.Context(), cases[0].ID, "小王", "请看第三条。"); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Respond(t.Context(), cases[0].ID, "小李", "再发一次。"); !errors.Is(err, journal.ErrReplied) {
				t.Errorf("replied twice: %v", err)
			}
			synctest.Wait()
			seen := r.channel.seen()
			if last := seen[len(seen)-1]; len(seen) != 3 || last.place != "P/" || !strings.Contains(last.text, "请看第三条。") {
				t.Errorf("%+v", seen)
			}
			var a struct {
				Reply bot.StaffReply `json:"staff_reply"`
			}
			if text, err := r.Answer(t.Context(), question); err != nil || json.Unmarshal(text, &a) != nil || !strings.Contains(a.Reply.Text, "请看第三条") {
				t.Errorf("the answer lacks the staff's reply: %s, %v", text, err)
			}
			r.stop()
		},
		"answered with the clauses that the reply cites": func(t *testing.T) {
			r := start(t, nil)
			r.ask(t, asks("U", "P", "厂房改扩建有什么支持？"))
			synctest.Wait()
			r.ask(t, asks("U", "P", "转人工。"))
			synctest.Wait()
			cases, err := r.Cases(t.Context(), journal.CaseOpen)
			if err != nil || len(cases) != 1 {
				t.Fatalf("%+v, %v", cases, err)
			}
			cited := retrieval.Clause{ID: "d.h1", Path: "一", Text: "支持企业就地改扩建厂房。", Document: retrieval.Document{ID: "d", Title: "甲计划"}}
			if _, err := r.RespondWith(t.Context(), journal.Response{Case: cases[0].ID, By: "小王", Text: "支持改扩建厂房[1]。"}, cited); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			seen := r.channel.seen()
			want := "支持改扩建厂房[1]。\n\n依据：\n[1] 《甲计划》 · 一\n原文：“支持企业就地改扩建厂房。”\n\n"
			if last := seen[len(seen)-1]; !strings.Contains(last.text, cases[0].ID) || !strings.Contains(last.text, want) {
				t.Errorf("%q lacks %q", last.text, want)
			}
			r.stop()
		},
		"asked for by button, pressed twice": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			press := asks("U", "P", "")
			press.Kind, press.Token = channel.Pressed, r.buttonOf(t, id, "person")
			for range 2 {
				press.DeliveryKey += "again"
				if _, err := r.channel.give(t, press); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if cases, _ := r.Cases(t.Context(), ""); len(cases) != 1 || cases[0].Question != id {
				t.Errorf("%+v", cases)
			}
			if seen := r.channel.seen(); len(seen) != 2 {
				t.Errorf("%+v", seen)
			}
			r.stop()
		},
		"ratings, the last word counts": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			press := asks("U", "P", "")
			press.Kind, press.Token = channel.Pressed, r.buttonOf(t, id, "good")
			rated := asks("U", "P", "")
			rated.Kind, rated.Feedback = channel.Rated, &channel.Feedback{Answer: id, Reason: "wrong", Text: "打我电话13812345678"}
			unknown := asks("U", "P", "")
			unknown.Kind, unknown.Token = channel.Pressed, "no-such-token"
			for _, e := range []channel.Event{press, unknown, rated} {
				if _, err := r.channel.give(t, e); err != nil {
					t.Fatal(err)
				}
			}
			got := r.entry(t, id).Ratings
			if len(got) != 1 || got[0].Good || got[0].Reason != "wrong" || strings.Contains(got[0].Text, "138") {
				t.Errorf("%+v", got)
			}
			r.stop()
		},
	})
}

func TestPrivacy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		e := asks("Zhang.San", "D-Zhang", "我是13812345678，邮箱 a.b@example.com，能申请吗？")
		e.History = []channel.Turn{{Role: channel.User, Text: "身份证11010519491231002X"}}
		e.Quote = "卡号6222020200112233445"
		id := r.ask(t, e)
		synctest.Wait()
		r.wantTexts(t, id, "手机号")
		entry := r.entry(t, id)
		for _, secret := range []string{"13812345678", "a.b@example.com", "11010519491231002X"} {
			if text := fmt.Sprintf("%+v", entry); strings.Contains(text, secret) {
				t.Errorf("the journal holds %s", secret)
			}
			if strings.Contains(fmt.Sprintf("%+v", r.answerer.asked), secret) {
				t.Errorf("the answerer was given %s", secret)
			}
		}
		hash := bot.UserHash(testKey, "fake", channel.Actor{Tenant: "t", ID: "ZHANG.SAN"})
		if entry.Question.User != hash || strings.Contains(strings.ToLower(entry.Question.User+entry.Question.Dialogue), "zhang") {
			t.Errorf("the user is %q, want %q", entry.Question.User, hash)
		}
		if other := bot.UserHash(testKey, "fake", channel.Actor{Tenant: "other", ID: "zhang.san"}); other == hash {
			t.Error("two tenants share a user")
		}
		r.stop()
	})
}

// TestHiddenText: what nobody sees is neither stored nor answered.
func TestHiddenText(t *testing.T) {
	cases := map[string]string{
		"厦门\U000e0069\U000e0067有什么目标？":        "厦门有什么目标？",
		"a\x00b\x1b[31mc\u202ed\u200be\ufeff": "ab[31mcde",
		"一\n二\t三":                             "一\n二\t三",
		"👩\u200d💻":                            "👩\u200d💻",
		"13\u200b812345678":                   "[手机号/mobile]",
	}
	for text, want := range cases {
		if got, _ := bot.Mask(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestStartAndEnd(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"what is not finished goes on at the next start": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
			})
			id := r.ask(t, asks("U", "P", "问题"))
			begin := time.Now()
			r.stop()
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("ended after %v", d)
			}
			if q := r.entry(t, id).Question; q.State != journal.Waiting || q.Attempts != 0 {
				t.Errorf("left %s after %d attempts", q.State, q.Attempts)
			}
			r = start(t, func(n *rig, _ *bot.Options) { n.journal, n.channel = r.journal, r.channel })
			time.Sleep(time.Second)
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"the wall clock jumps": func(t *testing.T) {
			offset := time.Duration(0)
			now := func() time.Time { return time.Now().Add(offset) }
			r := start(t, func(r *rig, o *bot.Options) {
				o.Now = now
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(20 * time.Second); return nil }
			})
			ids := []string{}
			for i, jump := range []time.Duration{time.Hour, -time.Hour, 366 * 24 * time.Hour, 0} {
				ids = append(ids, r.ask(t, asks(fmt.Sprint("U", i), "P", "问题")))
				offset = jump
				time.Sleep(5 * time.Second)
			}
			offset = -time.Hour
			r.stop()
			r = start(t, func(n *rig, o *bot.Options) { n.journal, n.channel, o.Now = r.journal, r.channel, now })
			time.Sleep(2 * time.Minute)
			for _, id := range ids {
				r.wantTexts(t, id, "没有找到")
			}
			r.stop()
		},
		"a channel that ends is started again, a fatal one is not": func(t *testing.T) {
			for _, fatal := range []bool{false, true} {
				runs := 0
				r := start(t, func(r *rig, _ *bot.Options) {
					r.channel.run = func(context.Context) error {
						runs++
						if fatal {
							return &channel.FatalError{Reason: "the token was revoked"}
						}
						return errors.New("connection lost")
					}
				})
				time.Sleep(5 * time.Minute)
				h := r.Health(t.Context())
				switch {
				case fatal && (runs != 1 || h.Ready || h.Channels["fake"].State != channel.Stopped || !strings.Contains(h.Reasons[0], "revoked")):
					t.Errorf("fatal: %d runs, %+v", runs, h)
				case !fatal && (runs < 10 || runs > 20):
					t.Errorf("not fatal: %d runs in five minutes", runs)
				}
				r.stop()
			}
		},
		"old questions are removed, late deliveries of them are not asked again": func(t *testing.T) {
			r := start(t, seldom)
			e := asks("U", "P", "问题")
			id := r.ask(t, e)
			time.Sleep(366 * 24 * time.Hour)
			if _, err := r.journal.Entry(t.Context(), id); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("after a year it is still there: %v", err)
			}
			if a, err := r.channel.give(t, e); err != nil || !a.Duplicate {
				t.Error(a, err)
			}
			r.stop()
		},
	})
}

// restart ends a service and starts another on what it left behind.
func (r *rig) restart(t *testing.T, change func(*rig, *bot.Options)) *rig {
	t.Helper()
	r.stop()
	return r.again(t, change)
}

// again starts another service on what one that has ended left behind.
func (r *rig) again(t *testing.T, change func(*rig, *bot.Options)) *rig {
	t.Helper()
	return start(t, func(n *rig, o *bot.Options) {
		n.journal, n.channel = r.journal, r.channel
		if change != nil {
			change(n, o)
		}
	})
}

func TestHardEnds(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"the clock was a year ahead, and is right at the next start": func(t *testing.T) {
			offset := 366 * 24 * time.Hour
			now := func() time.Time { return time.Now().Add(offset) }
			r := start(t, func(r *rig, o *bot.Options) {
				o.Now, o.Limits.Drain = now, time.Second
				r.answerer.before = func(context.Context, bot.Question) error { return errors.New("not yet") }
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
					return false, &channel.WaitError{After: time.Hour, All: true}
				}
			})
			first, second := r.ask(t, asks("U", "P", "问题")), r.ask(t, asks("U", "P", "又一个"))
			time.Sleep(100 * time.Second)
			r.channel.finishWith(nil)
			r.stop()
			offset = 0
			r = r.again(t, func(_ *rig, o *bot.Options) { o.Now = now })
			time.Sleep(10 * time.Minute)
			if n := len(r.channel.textsOf(first)) + len(r.channel.textsOf(second)); n != 2 {
				t.Errorf("%d replies", n)
			}
			r.stop()
		},
		"a clock that is a year ahead at a start does not empty the log": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r = r.restart(t, func(_ *rig, o *bot.Options) {
				o.Now = func() time.Time { return time.Now().Add(366 * 24 * time.Hour) }
			})
			time.Sleep(23 * time.Hour)
			r.entry(t, id)
			r.stop()
		},
		"a reply for a channel that is not configured any more": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				o.Limits.Drain = time.Second
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) { return false, errors.New("down") }
			})
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r.stop()
			n := start(t, func(n *rig, _ *bot.Options) { n.journal = r.journal; n.channel.caps.Name = "other" })
			begin := time.Now()
			n = n.restart(t, func(n *rig, _ *bot.Options) { n.channel.caps.Name = "other" })
			if d := time.Since(begin); d > time.Second {
				t.Errorf("to end took %v", d)
			}
			time.Sleep(8 * time.Hour)
			if cases, _ := n.Cases(t.Context(), journal.CaseOpen); len(cases) != 1 || cases[0].Question != id {
				t.Errorf("%+v", cases)
			}
			n.stop()
		},
		"switched off while an answer is being made": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(20 * time.Second); return nil }
			})
			id := r.ask(t, asks("U", "P", "问题"))
			time.Sleep(time.Second)
			if err := bot.SetStopped(t.Context(), r.journal, bot.Stopped{Reason: "出错"}); err != nil || r.Refresh(t.Context()) != nil {
				t.Fatal(err)
			}
			over := r.ask(t, asks("V", "P", "转人工"))
			time.Sleep(time.Minute)
			r.wantTexts(t, id, "服务已暂停")
			r.wantTexts(t, over, "已转给工作人员")
			r.stop()
		},
		"an answerer that does not obey": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(context.Context, bot.Question) error { time.Sleep(3 * time.Hour); return nil }
			})
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			begin := time.Now()
			r.stop()
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("to end took %v", d)
			}
			if s := r.entry(t, id).Question.State; s != journal.Claimed {
				t.Errorf("left %s", s)
			}
			time.Sleep(4 * time.Hour) // until it ends by itself
		},
		"a reply of the staff that cannot be delivered comes back": func(t *testing.T) {
			r := start(t, nil)
			id := r.ask(t, asks("U", "P", "转人工"))
			synctest.Wait()
			r.channel.finishWith(func(channel.Doc, channel.Delivery) (bool, error) {
				return false, &channel.GoneError{Reason: "has left"}
			})
			cases, _ := r.Cases(t.Context(), journal.CaseOpen)
			if len(cases) != 1 || cases[0].Question != id {
				t.Fatalf("%+v", cases)
			}
			if _, err := r.Respond(t.Context(), cases[0].ID, "小王", "请看第三条。"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if cases, _ := r.Cases(t.Context(), journal.CaseOpen); len(cases) != 1 || cases[0].Reason != "undeliverable" {
				t.Errorf("%+v", cases)
			}
			r.stop()
		},
		"events that make no sense": func(t *testing.T) {
			r := start(t, nil)
			unknown := asks("U", "P", "")
			unknown.Kind, unknown.Feedback = channel.Rated, &channel.Feedback{Answer: "no-such"}
			noKey := asks("U", "P", "问题")
			noKey.DeliveryKey = ""
			noContent := asks("U", "P", "问题")
			noContent.ContentKey = ""
			for _, e := range []channel.Event{unknown, noKey, noContent} {
				if _, err := r.channel.give(t, e); err != nil {
					t.Errorf("a platform would send it for ever: %v", err)
				}
			}
			if h := r.Health(t.Context()); !h.Ready || h.Counts.Questions != 0 {
				t.Errorf("%+v", h)
			}
			r.stop()
		},
	})
}

// TestUnverified: an answer that fails its checks is never sent.
func TestUnverified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		r.stop()
		liar := &lying{}
		s, err := bot.NewService(t.Context(), bot.Options{
			Journal: r.journal, Answerer: liar, Channels: []channel.Channel{r.channel}, Key: testKey, Limits: bot.DefaultLimits, Lang: "zh",
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		id := r.ask(t, asks("U", "P", "我们符合条件吗？"))
		synctest.Wait()
		r.wantTexts(t, id, "已转给工作人员")
		if strings.Contains(r.channel.textsOf(id)[0], "符合条件") {
			t.Error("the lie was sent")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// lying answers what no clause says.
type lying struct{}

func (*lying) Explain(_ context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	a := bot.Answer{
		ID: q.ID, Question: q.Text, Lang: "zh", Outcome: bot.Answered, Mode: bot.ModeExtractive,
		Sentences: []bot.Sentence{{Text: "贵公司符合条件。", Citations: []int{1}}},
		Citations: []bot.Citation{{N: 1, Quote: "贵公司符合条件。", QuoteEnd: 8}},
	}
	a.Text = bot.Compose(a)
	return a, bot.Explanation{}, nil
}
