package bot_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// TestStopping: who stops is told that nothing is being answered, where there was nothing to stop, or where a channel
// shows nothing of it; a message that stopped something says no more when it comes again.
func TestStopping(t *testing.T) {
	stalled := func(stream channel.StreamMode) func(*rig, *bot.Options) {
		return func(r *rig, o *bot.Options) {
			r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
			o.Limits.Answer = 24 * time.Hour
			r.channel.caps.Stream = stream
		}
	}
	each(t, map[string]func(*testing.T){
		"nothing, in both languages": func(t *testing.T) {
			r := start(t, nil)
			for text, want := range map[string]string{"停止": "现在没有正在回答的问题", "停止回答！": "现在没有", "stop": "No question is being answered now", "Stop, please.": ""} {
				id := r.ask(t, asks("U"+text, "P", text))
				synctest.Wait()
				if want == "" { // words that are no command are a question
					want = "答"
				}
				r.wantTexts(t, id, want)
			}
			r.ask(t, asks("V", "P", "厦门有什么补贴？"))
			synctest.Wait()
			for _, text := range []string{"stop", "/stop"} { // in the language of the conversation
				id := r.ask(t, asks("V", "P", text))
				synctest.Wait()
				r.wantTexts(t, id, "现在没有正在回答的问题")
			}
			r.stop()
		},
		"where it is seen": func(t *testing.T) {
			r := start(t, stalled(channel.StreamReplace))
			r.ask(t, asks("U", "P", "厦门有什么补贴？"))
			e := asks("U", "P", "停止")
			for range 3 {
				if id := r.ask(t, e); id != "" {
					t.Errorf("it is a question, %s", id)
				}
				synctest.Wait()
			}
			later := r.ask(t, asks("U", "P", "北京呢？"))
			synctest.Wait()
			r.ask(t, e) // once more
			synctest.Wait()
			if s := r.entry(t, later).Question.State; s == journal.Cancelled {
				t.Error("what was asked after it is stopped too")
			}
			r.stop()
		},
		"where it is not seen": func(t *testing.T) {
			r := start(t, stalled(channel.StreamNone))
			one, two := r.ask(t, asks("U", "P", "厦门有什么补贴？")), r.ask(t, asks("U", "P", "北京呢？"))
			id := r.ask(t, asks("U", "P", "停止"))
			synctest.Wait()
			for _, q := range []string{one, two} {
				if s := r.entry(t, q).Question.State; s != journal.Cancelled {
					t.Errorf("a question is %s", s)
				}
			}
			r.wantTexts(t, id, "已停止")
			r.stop()
		},
	})
}

// TestHelpAndThanks: whoever asks for help learns the commands, and who says thanks is not greeted.
func TestHelpAndThanks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := sourced(t, desk(t), memory.New())
		defer r.stop()
		for _, c := range []struct{ text, want string }{
			{"帮助", "发送“转人工”"},
			{"Help!", `Send "ask a person"`},
			{"/help", ""},
			{"怎么用？", "发送“原文 1”"},
			{"谢谢", "不客气"},
			{"Thanks a lot!", "You are welcome"},
			{"你好", "您好"},
		} {
			if a := r.says(t, "U"+c.text, "P", c.text); !strings.Contains(a.Text, c.want) || len(a.Citations) > 0 {
				t.Errorf("%q: %s", c.text, a.Text)
			}
		}
	})
}

// TestPersonWords: a person is asked for in many words, and what follows a mark goes along.
func TestPersonWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := sourced(t, desk(t), memory.New())
		defer r.stop()
		for i, text := range []string{
			"转人工", "请转人工", "我要找人工", "找工作人员", "我要人工服务", "转人工，我想问专利质押的事", "转人工 我想问专利质押的事", "Ask staff", "talk to a human", "transfer to human", "agent", "Ask a person: who handles loans?",
		} {
			if a := r.says(t, strings.Repeat("U", i+1), "P", text); a.Outcome != bot.HandedOver {
				t.Errorf("%q: %s, %s", text, a.Outcome, a.Text)
			}
		}
		for _, text := range []string{"人工智能企业有什么支持？", "人工", "转人工服务外包有什么支持？", "ask a person who handles loans", "What does an agent of the park do?", "停止补贴的条款是哪条？"} {
			if a := r.says(t, "V", "P", text); (a.Outcome == bot.HandedOver) != (text == "人工") {
				t.Errorf("%q: %s", text, a.Outcome)
			}
		}
	})
}

// TestSourceOfOthers: in a group everybody may see the source of the answer that stands there; in a talk of two, and in
// another group, nobody else.
func TestSourceOfOthers(t *testing.T) {
	in := func(user, place, text string, group bool) channel.Event {
		e := asks(user, place, text)
		e.Place.Group = group
		return e
	}
	synctest.Test(t, func(t *testing.T) {
		r := sourced(t, desk(t), memory.New())
		defer r.stop()
		one := r.told(t, in("U", "G", extending, true))
		r.wantSource(t, r.told(t, in("V", "G", "原文 1", true)), one, 1)
		wantWhich(t, r.told(t, in("V", "H", "原文 1", true)), "还没有")
		wantWhich(t, r.told(t, in("V", "G", "原文 1", false)), "还没有")
		own := r.told(t, in("V", "G", robots, true))
		r.told(t, in("U", "G", extending, true))
		r.wantSource(t, r.told(t, in("V", "G", "原文 2", true)), own, 2) // of the own answer, where there is one
	})
}
