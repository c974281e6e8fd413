package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal/memory"
)

// TestLanguageKept: what a person chose counts where the text shows no language, and for nobody else.
func TestLanguageKept(t *testing.T) {
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, func(r *rig, o *bot.Options) { r.journal, o.Limits.PerUser = open(t), 1 })
				who := channel.Actor{Tenant: "T", ID: "u"}
				kept := func(want string) {
					t.Helper()
					if got, err := r.LangOf(t.Context(), "fake", who); err != nil || got != want {
						t.Errorf("kept is %q, %v; want %q", got, err, want)
					}
				}
				says := func(user, text string) bot.Answer {
					t.Helper()
					return r.says(t, user, "P", text)
				}
				kept("")
				if a := says("U", "lang en"); a.Lang != "en" || a.Reason != bot.ReasonLang || !strings.Contains(a.Text, "in English") {
					t.Errorf("%+v", a)
				}
				kept("en")
				if n := len(r.answerer.texts()); n != 0 {
					t.Errorf("the command was asked: %q", r.answerer.texts())
				}
				asked := func(user, text, lang string, e *channel.Event) {
					t.Helper()
					one := asks(user, "P", text)
					if e != nil {
						one.Lang = e.Lang
					}
					r.told(t, one)
					if q := r.answerer.asked[len(r.answerer.asked)-1]; q.Text != text || q.Lang != lang {
						t.Errorf("%q of %s was asked in %q, want %q", q.Text, user, q.Lang, lang)
					}
				}
				asked("U", "2022?", "en", nil)
				asked("U", "2022?", "zh", &channel.Event{Lang: "zh"})
				asked("V", "2022?", "", nil)
				if a := says("U", "用中文回答"); a.Lang != "zh" || !strings.Contains(a.Text, "用中文回答") {
					t.Errorf("%+v", a)
				}
				kept("zh")
				if err := r.SetLang(t.Context(), "fake", who, "en"); err != nil {
					t.Fatal(err)
				}
				r.answerer.before = func(ctx context.Context, _ bot.Question) error { <-ctx.Done(); return ctx.Err() }
				r.ask(t, asks("U", "Q", "2022?"))
				if a, err := r.channel.give(t, asks("U", "Q", "2023?")); err != nil || a.Refused == "" || r.stored(t, a.ID).Lang != "en" {
					t.Errorf("%+v, %v", a, err)
				}
				if err := r.SetLang(t.Context(), "fake", who, "fr"); err == nil {
					t.Error("fr was kept")
				}
				kept("en")
				if err := r.SetLang(t.Context(), "fake", who, ""); err != nil {
					t.Fatal(err)
				}
				kept("")
				if err := errors.Join(r.SetLang(t.Context(), "fake", who, "en"), r.Forget(t.Context(), "fake", who)); err != nil {
					t.Fatal(err)
				}
				kept("")
				if err := r.SetLang(t.Context(), "fake", who, "en"); err != nil {
					t.Fatal(err)
				}
				if yes, err := bot.ProfileKept(t.Context(), r.journal, r.Asker("fake", who)); err != nil || !yes {
					t.Errorf("%v, %v", yes, err)
				}
				if _, err := bot.Erase(t.Context(), r.journal, r.Asker("fake", who), time.Now()); err != nil {
					t.Fatal(err)
				}
				kept("")
				if yes, err := bot.ProfileKept(t.Context(), r.journal, r.Asker("fake", who)); err != nil || yes {
					t.Errorf("%v, %v", yes, err)
				}
				r.stop()
			})
		})
	}
}

// TestForgetAtOnce: without a question, all conversations of a person forget what they noted, and the organisation what
// was kept for it; others' conversations do not.
func TestForgetAtOnce(t *testing.T) {
	with := desk(t)
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := interviews(t, with, open(t), newFakeChannel())
				defer r.stop()
				for _, place := range []string{"P", "Q"} {
					wantLearned(t, r.says(t, "U", place, aboutUs), ourFacts)
				}
				wantLearned(t, r.says(t, "V", "P", aboutUs), ourFacts)
				r.says(t, "U", "P", "/profile save")
				r.says(t, "U", "P", "lang en")
				wantLearned(t, r.says(t, "W", "P", "/profile"), ourFacts) // kept for the organisation
				for range 2 {
					time.Sleep(time.Second)
					if err := r.Forget(t.Context(), "fake", channel.Actor{Tenant: "T", ID: "U"}); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Second)
				for _, place := range []string{"P", "Q"} {
					wantLearned(t, r.says(t, "U", place, "/profile"), nil)
				}
				wantLearned(t, r.says(t, "X", "P", "/profile"), nil)
				wantLearned(t, r.says(t, "V", "P", "/profile"), ourFacts)
				wantLearned(t, r.says(t, "U", "P", aboutUs), ourFacts) // and goes on from there
				wantLearned(t, r.says(t, "U", "P", "/profile"), ourFacts)
				if list, err := r.Asked(t.Context(), "fake", channel.Actor{Tenant: "T", ID: "U"}, 20); err != nil || len(list) != 8 {
					t.Errorf("%d questions are in the log, %v", len(list), err)
				}
			})
		})
	}
}

// A slowAnswerer answers after a while.
type slowAnswerer struct {
	bot.Answerer
	wait time.Duration
}

func (f slowAnswerer) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	time.Sleep(f.wait)
	return f.Answerer.Explain(ctx, q)
}

// TestForgetUnderWay: a question that is being answered while its asker has all forgotten hands nothing on.
func TestForgetUnderWay(t *testing.T) {
	with := slowAnswerer{desk(t), 30 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		r := interviews(t, with, memory.New(), newFakeChannel())
		defer r.stop()
		id := r.ask(t, asks("U", "P", aboutUs))
		time.Sleep(time.Second)
		if err := r.Forget(t.Context(), "fake", channel.Actor{Tenant: "T", ID: "U"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		wantLearned(t, r.stored(t, id), ourFacts)
		id = r.ask(t, asks("U", "P", "/profile"))
		time.Sleep(time.Minute)
		wantLearned(t, r.stored(t, id), nil)
	})
}

// TestLetterOfAMessage: a draft needs no more than the text of a message and what was said before.
func TestLetterOfAMessage(t *testing.T) {
	d := desk(t)
	history := []bot.Turn{{Role: bot.RoleUser, Text: "厦门市对生物医药企业上市有什么目标？"}, {Role: bot.RoleAssistant, Text: "……"}}
	for _, tt := range []struct {
		text string
		with []bot.Turn
		lang string
		want string
	}{
		{"厦门市对生物医药企业上市有什么目标？", nil, "", "厦门"},
		{"这个文件到什么时候为止？", history, "", "2022年12月31日"},
		{"What is Xiamen's target for listed biomedical companies?", nil, "", "Dear Sir or Madam"},
	} {
		l, err := d.Letter(t.Context(), bot.Question{Text: tt.text, History: tt.with}, tt.lang)
		if err != nil || !strings.Contains(l.Text, tt.want) || len(l.Citations) == 0 {
			t.Errorf("%s: %v\n%s", tt.text, err, l.Text)
		}
	}
	for _, text := range []string{"", "你好", "？？？"} {
		if l, err := d.Letter(t.Context(), bot.Question{Text: text}, ""); !errors.Is(err, bot.ErrNoLetter) {
			t.Errorf("%q: %+v, %v", text, l, err)
		}
	}
}
