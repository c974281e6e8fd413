package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// titled answers that the library lacks the document that a question names, so that answers differ, and notes what was asked.
type titled struct{ fakeAnswerer }

func (f *titled) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	a, x, err := f.fakeAnswerer.Explain(ctx, q)
	a.Missing = []string{q.Text}
	a.Text = bot.Compose(a)
	return a, x, err
}

// last is what was asked last.
func (f *titled) last() bot.Question {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[len(f.asked)-1]
}

// quotes is a question that quotes.
func quotes(e channel.Event, quote string) channel.Event {
	e.Quote = quote
	return e
}

// inGroup is an event in a place where others read along.
func inGroup(e channel.Event) channel.Event {
	e.Place.Group = true
	return e
}

const (
	landTitle  = "关于工业用地弹性年期出让的若干规定 Land Lease Rules"
	rentTitle  = "关于标准厂房租金补助的实施细则 Rent Grant Rules"
	whoIsAsked = "谁负责？"
)

// asksTwo has answers about two documents given to U in P, and gives the first one's text.
func asksTwo(t *testing.T, r *rig, change func(channel.Event) channel.Event) string {
	t.Helper()
	first := r.told(t, change(asks("U", "P", landTitle))).Text
	r.told(t, change(asks("U", "P", rentTitle)))
	if !strings.Contains(first, "弹性年期") {
		t.Fatalf("%q", first)
	}
	return first
}

// titledService is a service that answers so. It looks for work seldom, so that days go by fast.
func titledService(t *testing.T, rows journal.Journal) (*titled, *rig) {
	t.Helper()
	with, r := &titled{}, &rig{channel: newFakeChannel(), journal: rows}
	o := bot.Options{Journal: rows, Answerer: with, Channels: []channel.Channel{r.channel}, Key: testKey, Limits: bot.DefaultLimits, Lang: "zh"}
	seldom(r, &o)
	s, err := bot.NewService(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.run(t, s)
	return with, r
}

func same(e channel.Event) channel.Event { return e }

// TestQuoteMatched: what a message quotes is found among the answers of its place, however the platform tells it.
func TestQuoteMatched(t *testing.T) {
	forms := map[string]func(string) string{
		"whole":              func(s string) string { return s },
		"cut off":            func(s string) string { return firstOf(s, 40) + "…" },
		"its middle":         func(s string) string { return s[strings.Index(s, "弹性"):strings.LastIndex(s, "Rules")] },
		"in capital letters": strings.ToUpper,
		"in markdown": func(s string) string {
			return "> **" + strings.ReplaceAll(s, "《", "](https://x.example/a_1)《") + "**\n"
		},
		"with marks":          func(s string) string { return strings.ReplaceAll(s, "的", "的[1][2, 3]【4】") },
		"with tags":           func(s string) string { return `<font color="info">` + s + "</font>" },
		"with what breaks":    func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
		"with blanks":         func(s string) string { return strings.Join(strings.Split(s, ""), " ") },
		"with a reference":    func(s string) string { return firstOf(s, 20) + "\n编号 7F3K2Q" },
		"with one in English": func(s string) string { return firstOf(s, 20) + "\nRef 7F3K2Q" },
		"with more around it": func(s string) string { return "政策助手：\n" + s + "\n（1/2）查看详情" },
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				with, r := titledService(t, memory.New())
				defer r.stop()
				first := asksTwo(t, r, same)
				time.Sleep(2 * time.Hour)
				id := r.ask(t, quotes(asks("U", "P", whoIsAsked), form(first)))
				synctest.Wait()
				want := []bot.Turn{{Role: bot.RoleUser, Text: landTitle}, {Role: bot.RoleAssistant, Text: first}}
				if q := with.last(); !slices.Equal(q.History, want) || !q.Quotes {
					t.Errorf("asked with %v %+v, want %+v", q.Quotes, q.History, want)
				}
				if rec := string(r.entry(t, id).Question.Record); !strings.Contains(rec, `"quoted":"a-`) {
					t.Errorf("the record does not tell what was quoted: %s", rec)
				}
			})
		})
	}
}

func firstOf(s string, n int) string { return string([]rune(s)[:n]) }

// TestQuoteUnmatched: what is no answer of the place is taken for words of ours, as it is told.
func TestQuoteUnmatched(t *testing.T) {
	long := "这是别的机器人在群里说的一段话，与政策无关，也不长。"
	for name, tt := range map[string]struct {
		wait  time.Duration
		asked channel.Event
		in    func(channel.Event) channel.Event // where the answers are given
		quote func(first string) string         // nil: the whole answer
	}{
		"another's words":                   {asked: asks("U", "P", whoIsAsked), quote: func(string) string { return long }},
		"too short":                         {asked: asks("U", "P", whoIsAsked), quote: func(s string) string { return "弹性年期出让的若干规定" }},
		"too long ago":                      {asked: asks("U", "P", whoIsAsked), wait: 8 * 24 * time.Hour},
		"of another person":                 {asked: asks("V", "P", whoIsAsked)},
		"of another place":                  {asked: asks("U", "Q", whoIsAsked)},
		"of a group, alone with the bot":    {asked: asks("U", "Q", whoIsAsked), in: inGroup},
		"alone with the bot, in a group":    {asked: inGroup(asks("U", "P", whoIsAsked))},
		"of another group":                  {asked: inGroup(asks("U", "Q", whoIsAsked)), in: inGroup},
		"less than half of what is told":    {asked: asks("U", "P", whoIsAsked), quote: func(s string) string { return firstOf(s, 20) + strings.Repeat(long, 3) }},
		"nothing but marks and a reference": {asked: asks("U", "P", whoIsAsked), quote: func(string) string { return "**[1]** 编号 7F3K2Q" }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				with, r := titledService(t, memory.New())
				defer r.stop()
				in := tt.in
				if in == nil {
					in = same
				}
				quote := asksTwo(t, r, in)
				if tt.quote != nil {
					quote = tt.quote(quote)
				}
				time.Sleep(2*time.Hour + tt.wait)
				tt.asked.DeliveryKey += t.Name()
				r.told(t, quotes(tt.asked, quote))
				want := []bot.Turn{{Role: bot.RoleAssistant, Text: quote}}
				if q := with.last(); !slices.Equal(q.History, want) || q.Quotes {
					t.Errorf("asked with %v %+v, want %+v", q.Quotes, q.History, want)
				}
			})
		})
	}
}

// TestQuotePlaces: in a group what another was told may be quoted, and the conversation that goes on is one's own up to it.
func TestQuotePlaces(t *testing.T) {
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				with, r := titledService(t, open(t))
				defer r.stop()
				own := r.told(t, inGroup(asks("V", "P", "V 自己先问的一份文件的名称 Earlier Rules")))
				first := asksTwo(t, r, inGroup)
				r.told(t, inGroup(asks("V", "P", "V 后来问的另一份文件的名称 Later Rules")))
				r.told(t, inGroup(quotes(asks("V", "P", whoIsAsked), first)))
				want := []string{own.Question, own.Text, landTitle, first}
				var got []string
				for _, turn := range with.last().History {
					got = append(got, turn.Text)
				}
				if !slices.Equal(got, want) {
					t.Errorf("asked after %q, want %q", got, want)
				}
				again := r.told(t, inGroup(asks("W", "P", landTitle)))
				if again.Text != first {
					t.Fatal("the same question has another answer")
				}
				rec := r.entry(t, r.ask(t, inGroup(quotes(asks("V", "P", whoIsAsked), first)))).Question
				synctest.Wait()
				if rec = r.entry(t, rec.ID).Question; !strings.Contains(string(rec.Record), `"quoted":"`+again.ID) {
					t.Errorf("of two answers that say the same the latest is not taken: %s", rec.Record)
				}
				for i := range 50 {
					r.told(t, inGroup(asks(fmt.Sprint("X", i), "P", fmt.Sprint("又一份文件的名称第", i, "号"))))
				}
				r.told(t, inGroup(quotes(asks("V", "P", whoIsAsked), first)))
				if q := with.last(); q.Quotes {
					t.Errorf("an answer that is too far back is quoted: %+v", q.History)
				}
			})
		})
	}
}

// TestQuoteAndCaller: where the caller keeps the turns a quote changes nothing.
func TestQuoteAndCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		with, r := titledService(t, memory.New())
		defer r.stop()
		e := quotes(asks("U", "P", whoIsAsked), asksTwo(t, r, same))
		e.History = []channel.Turn{{Role: channel.User, Text: "别的"}}
		r.told(t, e)
		if q := with.last(); q.Quotes || !slices.Equal(q.History, e.History) {
			t.Errorf("%+v", q)
		}
	})
}

// TestQuoteToPerson: who quotes an answer and asks for a person means that answer.
func TestQuoteToPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r := titledService(t, memory.New())
		defer r.stop()
		first := asksTwo(t, r, same)
		a := r.told(t, quotes(asks("U", "P", "转人工"), first))
		cases, err := r.Cases(t.Context(), journal.CaseOpen)
		if err != nil || len(cases) != 1 || cases[0].Asked != landTitle || cases[0].ID != a.Case {
			t.Errorf("%+v, %v", cases, err)
		}
	})
}

// TestQuoteAndInterview: who quotes an answer goes on with what it asked for; in a group, not with what it knew of another.
func TestQuoteAndInterview(t *testing.T) {
	with := lampDesk(t)
	each(t, map[string]func(*testing.T){
		"one's own, much later": served(with, func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			time.Sleep(3 * time.Hour)
			r.says(t, "U", "P", "厦门有哪些灯具产业的奖励？")
			a := r.told(t, quotes(asks("U", "P", "是"), asked.Text))
			wantLearned(t, a, map[string]string{"lamp_green": "yes"})
		}),
		"one's own, in the conversation that knows more by now": served(with, func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			wantLearned(t, r.says(t, "U", "P", "是"), map[string]string{"lamp_green": "yes"})
			a := r.told(t, quotes(asks("U", "P", "我们还设有实验室"), asked.Text))
			wantLearned(t, a, map[string]string{"lamp_green": "yes", "lamp_lab": "yes"})
		}),
		"one that asked for nothing, when another has": served(with, func(t *testing.T, r *rig) {
			about := r.says(t, "U", "P", "对出口灯具的企业怎么规定？")
			if asked := r.says(t, "U", "P", whatIsThere); about.Next != nil || asked.Next == nil {
				t.Fatalf("%+v, %+v", about.Next, asked.Next)
			}
			wantLearned(t, r.told(t, quotes(asks("U", "P", "是"), about.Text)), nil)
			wantLearned(t, r.says(t, "U", "P", whatIsThere), nil)
		}),
		"one's own, forgotten since": served(with, func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			time.Sleep(3 * time.Hour)
			if err := r.Forget(t.Context(), "fake", channel.Actor{Tenant: "T", ID: "U"}); err != nil {
				t.Fatal(err)
			}
			wantLearned(t, r.told(t, quotes(asks("U", "P", "是"), asked.Text)), nil)
		}),
		"another's": served(with, func(t *testing.T, r *rig) {
			r.told(t, inGroup(asks("U", "P", whatIsThere)))
			asked := r.told(t, inGroup(asks("U", "P", "是")))
			wantLearned(t, asked, map[string]string{"lamp_green": "yes"})
			wantLearned(t, r.told(t, inGroup(quotes(asks("V", "P", "是"), asked.Text))), nil)
		}),
	})
}

// TestQuoteInContext: with the real documents, a question that quotes an answer is about that one, whatever came since.
func TestQuoteInContext(t *testing.T) {
	with := desk(t)
	for _, tt := range []struct{ name, about, since, asked, want string }{
		{"Chinese", "厂房改扩建有什么支持？", "北京经开区对手术机器人有什么支持？", "谁负责？", "各有关区政府"},
		{"Chinese, more words", "厂房改扩建有什么支持？", "北京经开区对手术机器人有什么支持？", "由哪些部门来负责牵头和具体落实工作呢？", "各有关区政府"},
		{"English", "Does Xiamen support extending existing factory buildings?", "How does Beijing support surgical robots?", "Which bodies are responsible?", "各有关区政府"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := interviews(t, with, memory.New(), newFakeChannel())
				defer r.stop()
				about := r.says(t, "U", "P", tt.about)
				if about.Outcome != bot.Answered {
					t.Fatalf("%s", about.Text)
				}
				r.says(t, "U", "P", tt.since)
				without := r.says(t, "U", "P", tt.asked)
				if strings.Contains(without.Text, tt.want) {
					t.Fatalf("without a quote it says the same: %s", without.Text)
				}
				for _, wait := range []time.Duration{0, 26 * time.Hour} {
					time.Sleep(wait)
					a := r.told(t, quotes(asks("U", "P", tt.asked), firstOf(about.Text, 60)))
					if a.Outcome != bot.Answered || !strings.Contains(a.Text, tt.want) || a.Lang != about.Lang {
						t.Errorf("after %s: %s %s", wait, a.Outcome, a.Text)
					}
				}
			})
		})
	}
}
