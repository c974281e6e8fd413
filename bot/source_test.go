package bot_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// noting notes what its answerer is asked.
type noting struct {
	bot.Answerer
	asked []bot.Question
}

func (n *noting) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	n.asked = append(n.asked, q)
	return n.Answerer.Explain(ctx, q)
}

// sourced is a service that answers from a desk, and shows clauses as that holds them.
func sourced(t *testing.T, with *bot.Desk, rows journal.Journal) *rig {
	t.Helper()
	return sourcedBy(t, with, with, rows)
}

func sourcedBy(t *testing.T, with *bot.Desk, answerer bot.Answerer, rows journal.Journal) *rig {
	t.Helper()
	r := &rig{channel: newFakeChannel(), journal: rows}
	o := bot.Options{Journal: rows, Answerer: answerer, Replies: with, Channels: []channel.Channel{r.channel}, Key: testKey, Limits: bot.DefaultLimits, Lang: "zh", Now: with.Now}
	seldom(r, &o)
	s, err := bot.NewService(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.run(t, s)
	return r
}

const (
	extending = "厦门厂房改扩建有什么支持？"
	robots    = "北京经开区对手术机器人有什么支持？"
)

// bareText is a text without blanks.
func bareText(text string) string { return strings.Join(strings.Fields(text), "") }

// wantSource checks that an answer shows the whole of a clause, word for word and with the words that are quoted of it told
// apart, and that it passes its checks.
func (r *rig) wantSource(t *testing.T, a bot.Answer, of bot.Answer, n int) {
	t.Helper()
	cited := of.Citations[n-1]
	if a.Outcome != bot.Answered || a.Shown == nil || a.Shown.Of != of.ID || a.Shown.N != n || a.Lang != of.Lang || len(a.Citations) != 1 || a.Citations[0].Quote != cited.Clause.Text {
		t.Fatalf("%s: %s %s, %+v\n%s", a.Question, a.Outcome, a.Reason, a.Shown, a.Text)
	}
	var whole, marked string
	for i, s := range a.Sentences {
		whole += s.Text
		if slices.Contains(a.Shown.Marked, i) {
			marked += s.Text
		}
	}
	if bareText(whole) != bareText(cited.Clause.Text) {
		t.Errorf("%s: it shows\n%s\nof\n%s", a.Question, whole, cited.Clause.Text)
	}
	if bareText(marked) != bareText(cited.Quote) {
		t.Errorf("%s: marked is\n%s\nof\n%s", a.Question, marked, cited.Quote)
	}
	for _, s := range a.Sentences {
		if !strings.Contains(a.Text, s.Text) {
			t.Errorf("the text lacks %q", s.Text)
		}
	}
	d := cited.Clause.Document
	for _, part := range []string{d.Title, d.Number, cited.Clause.Path} {
		if !strings.Contains(a.Text, part) {
			t.Errorf("the text lacks %q:\n%s", part, a.Text)
		}
	}
	if checks := bot.Verify(a); !bot.Verified(checks) {
		t.Errorf("%+v", checks)
	}
	e := r.entry(t, a.ID)
	doc := e.Deliveries[0].Doc
	if doc.Label != channel.LabelExtract || len(doc.Buttons) > 0 || len(doc.Citations) != 1 || doc.Citations[0].Clause != cited.Clause.ID || doc.Citations[0].URL != cited.Clause.URL {
		t.Errorf("delivered as %s with %+v, %+v", doc.Label, doc.Buttons, doc.Citations)
	}
	if !strings.Contains(string(e.Question.Record), `"checks"`) {
		t.Errorf("the record has no checks: %s", e.Question.Record)
	}
}

// wantWhich checks that a reply says which sources there are.
func wantWhich(t *testing.T, a bot.Answer, words string) {
	t.Helper()
	if a.Outcome != bot.Clarify || a.Reason != bot.ReasonClause || len(a.Sentences) > 0 || !strings.Contains(a.Text, words) {
		t.Errorf("%s: %s %s, %q; want %q", a.Question, a.Outcome, a.Reason, a.Text, words)
	}
}

// TestSourceShown: a command shows a source of the last answer of the conversation, however often and late, and nobody else's.
func TestSourceShown(t *testing.T) {
	with := *desk(t)
	with.Pages = "https://policy.example"
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := sourced(t, &with, open(t))
				defer r.stop()
				wantWhich(t, r.says(t, "U", "P", "原文 1"), "还没有带依据的回答")
				wantWhich(t, r.says(t, "U", "P", "Show clause"), "no answer with sources")
				one := r.says(t, "U", "P", extending)
				if len(one.Citations) != 1 || one.Citations[0].Clause.URL == "" {
					t.Fatalf("%+v", one.Citations)
				}
				shown := r.says(t, "U", "P", "原文 1")
				r.wantSource(t, shown, one, 1)
				for _, line := range []string{"第 1 条依据的原文全文：", "▼ 回答引用的是：\n“鼓励企业增资扩产", "▲ 引用到此，原文接着是：\n“鼓励企业并构重组", "上一条：三/(三) 新业态催生工程", "下一条：三/(五) 平台基地提升工程", "已经结束，不能当作现行政策申报"} {
					if !strings.Contains(shown.Text, line) {
						t.Errorf("the text lacks %q:\n%s", line, shown.Text)
					}
				}
				wantWhich(t, r.says(t, "U", "P", "原文２"), "原文 1")
				wantWhich(t, r.says(t, "V", "P", "原文 1"), "还没有")
				wantWhich(t, r.says(t, "U", "Q", "原文 1"), "还没有")
				three := r.says(t, "U", "P", robots)
				time.Sleep(26 * time.Hour)
				for n := range 3 { // each further from the answer
					a := r.says(t, "U", "P", fmt.Sprint("依据", n+1))
					r.wantSource(t, a, three, n+1)
					if wants := strings.Contains(three.Text, fmt.Sprintf("[%d]写的是争取、探索", n+1)); wants != strings.Contains(a.Text, "[1]写的是争取、探索") {
						t.Errorf("source %d is an intention: %v, and is shown as\n%s", n+1, wants, a.Text)
					}
				}
				wantWhich(t, r.says(t, "U", "P", "依据"), "1 到 3")
				for _, text := range []string{"依据 4", "依据 0", "原文 99999"} {
					wantWhich(t, r.says(t, "U", "P", text), "1 到 3")
				}
				r.says(t, "U", "P", "上海有什么补贴？") // has no sources
				r.wantSource(t, r.says(t, "U", "P", "第二条依据"), three, 2)
				r.wantSource(t, r.told(t, quotes(asks("U", "P", "看原文 1"), one.Text)), one, 1)
				r.wantSource(t, r.told(t, quotes(asks("U", "P", "原文 1"), shown.Text)), one, 1)
				f, err := r.journal.Figures(t.Context(), journal.Query{})
				if err != nil || len(f.Abstentions) != 1 || f.Abstentions[0].N != 1 {
					t.Errorf("figures count %+v as without an answer, %v", f.Abstentions, err)
				}
				time.Sleep(8 * 24 * time.Hour)
				wantWhich(t, r.says(t, "U", "P", "原文 1"), "还没有")
			})
		})
	}
}

// TestSourceInEnglish: an English answer's source is shown with its terms, and what has the words of a command is a question.
func TestSourceInEnglish(t *testing.T) {
	with := desk(t)
	synctest.Test(t, func(t *testing.T) {
		r := sourced(t, with, memory.New())
		defer r.stop()
		one := r.says(t, "U", "P", "Does Xiamen support extending existing factory buildings?")
		shown := r.says(t, "U", "P", "show clause 1")
		r.wantSource(t, shown, one, 1)
		for _, line := range []string{"The whole text of source 1:", "▼ The answer quotes this:\n“鼓励企业增资扩产", "▲ The quotation ends here.", "Key terms[1], ours", "After it: 三/(五)", "ended on 31 December 2022"} {
			if !strings.Contains(shown.Text, line) {
				t.Errorf("the text lacks %q:\n%s", line, shown.Text)
			}
		}
		r.wantSource(t, r.says(t, "U", "P", "原文 1"), one, 1) // in the answer's language
		wantWhich(t, r.says(t, "U", "P", "Clause 2"), "one source")
		if a := r.says(t, "U", "P", "Does Xiamen support extending existing factory buildings? Name the source."); a.Shown != nil || a.Outcome != bot.Answered {
			t.Errorf("%s %+v", a.Outcome, a.Shown)
		}
	})
}

// TestSourceGoesOn: who has seen a source goes on with the answer and the clause, and a person who is asked for gets the question.
func TestSourceGoesOn(t *testing.T) {
	with := desk(t)
	synctest.Test(t, func(t *testing.T) {
		notes := &noting{Answerer: with}
		r := sourcedBy(t, with, notes, memory.New())
		defer r.stop()
		r.says(t, "U", "P", robots)
		one := r.says(t, "U", "P", extending)
		seen := r.says(t, "U", "P", "原文 1")
		r.says(t, "U", "P", "原文 7")
		if len(notes.asked) != 2 {
			t.Errorf("a command is asked: %+v", notes.asked[2:])
		}
		if a := r.says(t, "U", "P", whoIsAsked); !strings.Contains(a.Text, "各有关区政府") {
			t.Errorf("it goes on with %s", a.Text)
		}
		want := []bot.Turn{{Role: bot.RoleUser, Text: extending}, {Role: bot.RoleAssistant, Text: one.Text}, {Role: bot.RoleAssistant, Text: seen.Text}}
		if got := notes.asked[2].History; !slices.Equal(got, want) {
			t.Errorf("it goes on from %+v", got)
		}
		r.says(t, "U", "P", "原文 1")
		a := r.says(t, "U", "P", "转人工")
		cases, err := r.Cases(t.Context(), journal.CaseOpen)
		if err != nil || len(cases) != 1 || cases[0].ID != a.Case || cases[0].Asked != whoIsAsked {
			t.Errorf("%+v, %v", cases, err)
		}
		r.told(t, quotes(asks("U", "P", "转人工"), r.told(t, quotes(asks("U", "P", "原文 1"), one.Text)).Text))
		if cases, err = r.Cases(t.Context(), journal.CaseOpen); err != nil || len(cases) != 2 || cases[1].Asked != extending {
			t.Errorf("%+v, %v", cases, err)
		}
	})
}

// TestSourceChanged: a clause that the library has no more, or that says something else by now, is shown as it was cited; what its
// document is by now is told.
func TestSourceChanged(t *testing.T) {
	lamp := func(more string) fstest.MapFS {
		changed := maps.Clone(lamps)
		changed["lamps.txt"] = &fstest.MapFile{Data: []byte(strings.Replace(string(lamps["lamps.txt"].Data), "优先采购其产品", more, 1))}
		return changed
	}
	other := fstest.MapFS{"other.txt": {Data: []byte("支持园区产业若干措施\n\n一、支持园区建设。\n")}, "catalogue.yaml": {Data: []byte(strings.NewReplacer("lamps", "other", "灯具", "园区").Replace(string(lamps["catalogue.yaml"].Data)))}}
	library := func(files fs.FS) *bot.Desk {
		lib, err := retrievaltest.FolderIn(t.Context(), retrieval.NewMemory(), files)
		if err != nil {
			t.Fatal(err)
		}
		return &bot.Desk{Library: lib, Now: desk(t).Now}
	}
	before := library(lamp("优先采购其产品"))
	synctest.Test(t, func(t *testing.T) {
		rows := memory.New()
		r := sourced(t, before, rows)
		of := r.says(t, "U", "P", "绿色标识的灯具企业的产品优先采购吗？")
		if of.Outcome != bot.Answered {
			t.Fatal(of.Text)
		}
		r.wantSource(t, r.says(t, "U", "P", "原文 1"), of, 1)
		r.stop()
		for what, now := range map[string]*bot.Desk{"changed": library(lamp("给予优先")), "gone": library(other)} {
			r = sourced(t, now, rows)
			a := r.says(t, "U", "P", "原文 1")
			if r.wantSource(t, a, of, 1); a.Shown.Before != nil || a.Shown.After != nil {
				t.Errorf("%s: neighbours %+v, %+v", what, a.Shown.Before, a.Shown.After)
			}
			r.stop()
		}
		over := maps.Clone(lamps)
		over["catalogue.yaml"] = &fstest.MapFile{Data: append(slices.Clone(lamps["catalogue.yaml"].Data), "    valid_until: {value: 2021-12-31, source: catalogue, where: invented}\n"...)}
		r = sourced(t, library(over), rows)
		defer r.stop()
		a := r.says(t, "U", "P", "原文 1")
		if r.wantSource(t, a, of, 1); !strings.Contains(a.Text, "2021年12月31日为止，已经结束") || strings.Contains(of.Text, "已经结束") || a.Shown.Before == nil || a.Shown.After == nil {
			t.Errorf("%s", a.Text)
		}
	})
}
