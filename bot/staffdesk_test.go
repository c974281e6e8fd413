package bot_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	journalfile "policybot/bot/sqlite"
)

// office is where the staff is told of cases.
var office = bot.StaffDesk{
	Channel: "fake", Place: channel.Place{ID: "office", Group: true}, Reply: channel.Handle{Data: []byte("office/")}, Lang: "zh",
}

// journals opens an empty journal of each kind.
var journals = map[string]func(*testing.T) journal.Journal{
	"memory": func(*testing.T) journal.Journal { return memory.New() },
	"file": func(t *testing.T) journal.Journal {
		db, err := journalfile.Open(t.Context(), filepath.Join(t.TempDir(), journalfile.FileName), journalfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	},
}

// inOffice are the messages that the staff sees.
func (r *rig) inOffice() []string {
	var out []string
	for _, m := range r.channel.seen() {
		if m.place == "office/" {
			out = append(out, m.text)
		}
	}
	return out
}

// post is the delivery that told the staff of the only case, or of its last round.
func (r *rig) deskPost(t *testing.T) journal.Delivery {
	t.Helper()
	cases, err := r.Cases(t.Context(), "")
	if err != nil || len(cases) != 1 {
		t.Fatalf("%+v, %v", cases, err)
	}
	for _, d := range slices.Backward(r.entry(t, cases[0].Question).Deliveries) {
		if d.Purpose == journal.Desk {
			return d
		}
	}
	t.Fatal("the staff was told nothing")
	return journal.Delivery{}
}

// TestStaffTold: of each round of a case the staff is told once, however it is opened, with what was asked and said.
func TestStaffTold(t *testing.T) {
	type row struct {
		name   string
		change func(*rig, *bot.Options)
		open   func(t *testing.T, r *rig)
		want   []string // in what the staff reads
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []row{
		{"asked for in words", nil, func(t *testing.T, r *rig) {
			for i := range 5 {
				r.ask(t, asks("U", "P", fmt.Sprintf("问题%d %s", i, strings.Repeat("长", 300))))
				synctest.Wait()
			}
			r.ask(t, asks("U", "P", "转人工"))
		}, []string{"要求人工答复", "问题：问题4", "问：问题1", "问：问题3", "答：", "长…", "没有可供参考"}},
		{"asked for by a button", nil, func(t *testing.T, r *rig) {
			id := r.ask(t, asks("U", "P", "能补多少钱"))
			synctest.Wait()
			press := presses("U", "P", r.buttonOf(t, id, "person"))
			press.Text = "我的电话是13812345678"
			r.ask(t, press)
		}, []string{"要求人工答复", "问题：能补多少钱", "提问人补充：我的电话是"}},
		{"asked for over HTTP", func(r *rig, o *bot.Options) {
			r.channel.caps.Name = "pulled"
			r.channel.caps.Pull = true
			o.Channels = []channel.Channel{newFakeChannel()}
		}, func(t *testing.T, r *rig) {
			e := asks("U", "P", "能补多少钱")
			e.History = []channel.Turn{{Role: channel.User, Text: "之前问的"}, {Role: channel.Assistant, Text: "之前答的"}}
			id := r.ask(t, e)
			synctest.Wait()
			e = asks("U", "P", "请打电话")
			e.Kind, e.ContentKey = channel.HandOver, id
			for range 2 {
				_, err := r.channel.give(t, e)
				must(t, err)
			}
		}, []string{"要求人工答复", "问题：能补多少钱", "提问人补充：请打电话", "问：之前问的", "答：之前答的"}},
		{"waited too long", func(r *rig, o *bot.Options) {
			o.Limits.Workers = 1
			o.Limits.Answer = 24 * time.Hour
			r.answerer.before = func(ctx context.Context, q bot.Question) error {
				if q.Text == "先问的" {
					<-ctx.Done()
				}
				return ctx.Err()
			}
		}, func(t *testing.T, r *rig) {
			r.ask(t, asks("U", "P", "先问的"))
			synctest.Wait()
			r.ask(t, asks("V", "P", "后问的"))
			time.Sleep(11 * time.Minute)
		}, []string{"等待时间太长", "问题：后问的", "没有可供参考"}},
		{"something broke", func(r *rig, _ *bot.Options) {
			r.answerer.before = func(context.Context, bot.Question) error { return errors.New("secret path of the disk") }
		}, func(t *testing.T, r *rig) {
			r.ask(t, asks("U", "P", "坏了吗"))
			time.Sleep(5 * time.Minute)
		}, []string{"出了故障", "问题：坏了吗"}},
		{"could not be delivered", func(r *rig, _ *bot.Options) {
			r.channel.finish = func(d channel.Doc, _ channel.Delivery) (bool, error) {
				if strings.HasPrefix(d.ID, "k-") {
					return true, nil
				}
				return false, &channel.GoneError{Reason: "archived"}
			}
		}, func(t *testing.T, r *rig) { r.ask(t, asks("U", "P", "在吗")) }, []string{"没能送到", "问题：在吗", "经过：cannot be delivered: archived"}},
		{"opened by the staff", func(_ *rig, o *bot.Options) { o.StaffDesk.Lang = "en" }, func(t *testing.T, r *rig) {
			id := r.ask(t, asks("U", "P", "没有的事"))
			synctest.Wait()
			for range 2 {
				_, err := r.OpenCase(t.Context(), id, bot.Abstained)
				must(t, err)
			}
		}, []string{"no clause in the library answers it", "Question: 没有的事"}},
	} {
		for kind, open := range journals {
			t.Run(tt.name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := start(t, func(r *rig, o *bot.Options) {
						r.journal, o.StaffDesk = open(t), office
						if tt.change != nil {
							tt.change(r, o)
						}
					})
					tt.open(t, r)
					time.Sleep(time.Minute)
					synctest.Wait()
					staff := r
					if r.channel.caps.Name != "fake" {
						staff = &rig{channel: r.Channels[0].(*fakeChannel)}
					}
					texts := staff.inOffice()
					if len(texts) != 1 {
						t.Fatalf("the staff reads %q", texts)
					}
					d := r.deskPost(t)
					for _, want := range append(tt.want, d.Case) {
						if !strings.Contains(texts[0], want) {
							t.Errorf("%q lacks %q", texts[0], want)
						}
					}
					for _, not := range []string{"13812345678", "secret", "问题0", strings.Repeat("长", 301)} {
						if strings.Contains(texts[0], not) {
							t.Errorf("%q has %q", texts[0], not)
						}
					}
					if b := d.Doc.Buttons; len(b) != 1 || b[0].Does != "case" || d.Doc.Label != channel.LabelNotice || d.State != journal.Posted || bot.CaseOfPost(d.Doc) != d.Case {
						t.Errorf("delivered %+v", d)
					}
					v, err := r.CaseOf(t.Context(), d.Doc.Buttons[0].Token)
					if err != nil || v.Case.ID != d.Case || v.Case.State != journal.CaseOpen || v.Approval || v.Draft.Text != "" {
						t.Errorf("%+v, %v", v, err)
					}
					r.stop()
				})
			})
		}
	}
}

// TestCaseOfPost: another document is of no case.
func TestCaseOfPost(t *testing.T) {
	for _, id := range []string{"", "a-1", "n-k-1"} {
		if got := bot.CaseOfPost(channel.Doc{ID: id}); got != "" {
			t.Errorf("%q is of case %q", id, got)
		}
	}
}

// TestStaffNotTold: nobody is told where there is no such channel, and what cannot be delivered to the staff makes no case.
func TestStaffNotTold(t *testing.T) {
	handOver := func(t *testing.T, r *rig) {
		t.Helper()
		r.ask(t, asks("U", "P", "问题"))
		synctest.Wait()
		r.ask(t, asks("U", "P", "转人工"))
		synctest.Wait()
	}
	each(t, map[string]func(*testing.T){
		"a channel that is not configured": func(t *testing.T) {
			r := start(t, func(_ *rig, o *bot.Options) { o.StaffDesk = office; o.StaffDesk.Channel = "slack" })
			handOver(t, r)
			if n := len(r.channel.seen()); n != 2 {
				t.Errorf("%d messages", n)
			}
			if cases, err := r.Cases(t.Context(), ""); err != nil || len(cases) != 1 {
				t.Errorf("%+v, %v", cases, err)
			}
			r.stop()
		},
		"a place that is gone": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				o.StaffDesk = office
				r.channel.finish = func(d channel.Doc, _ channel.Delivery) (bool, error) {
					if strings.HasPrefix(d.ID, "k-") {
						return false, &channel.GoneError{Reason: "archived"}
					}
					return true, nil
				}
			})
			handOver(t, r)
			d := r.deskPost(t)
			cases, err := r.Cases(t.Context(), "")
			if err != nil || len(cases) != 1 || cases[0].Reason != bot.ReasonAsked || d.State != journal.Failed {
				t.Errorf("%+v, %v, delivery %+v", cases, err, d)
			}
			if _, err := r.Respond(t.Context(), cases[0].ID, "小王", "请看第三条。"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			seen := r.channel.seen()
			if last := seen[len(seen)-1]; last.place != "P/" || !strings.Contains(last.text, "请看第三条。") {
				t.Errorf("%+v", seen)
			}
			r.stop()
		},
		"the staff's channel is down, the asker's replies go on": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				o.StaffDesk = office
				r.channel.finish = func(d channel.Doc, _ channel.Delivery) (bool, error) {
					if strings.HasPrefix(d.ID, "k-") {
						return false, errors.New("no connection")
					}
					return true, nil
				}
			})
			handOver(t, r)
			id := r.ask(t, asks("U", "P", "下一个问题"))
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			m, err := r.Message(t.Context(), r.deskPost(t).Question)
			if err != nil || m.StaffReply != nil || !m.Handed {
				t.Errorf("%+v, %v", m, err)
			}
			r.channel.finishWith(nil)
			time.Sleep(10 * time.Minute)
			if texts := r.inOffice(); len(texts) != 1 {
				t.Errorf("the staff reads %q", texts)
			}
			r.stop()
		},
		"erased before": func(t *testing.T) {
			r := start(t, func(r *rig, o *bot.Options) {
				o.StaffDesk = office
				r.channel.finish = func(d channel.Doc, _ channel.Delivery) (bool, error) {
					return !strings.HasPrefix(d.ID, "k-"), map[bool]error{true: errors.New("no connection")}[strings.HasPrefix(d.ID, "k-")]
				}
			})
			handOver(t, r)
			token := r.deskPost(t).Doc.Buttons[0].Token
			if _, err := bot.Erase(t.Context(), r.journal, r.Asker("fake", channel.Actor{Tenant: "T", ID: "U"}), time.Now()); err != nil {
				t.Fatal(err)
			}
			r.channel.finishWith(nil)
			time.Sleep(7 * time.Hour)
			if texts := r.inOffice(); len(texts) != 0 {
				t.Errorf("the staff reads %q", texts)
			}
			if v, err := r.CaseOf(t.Context(), token); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("%+v, %v", v, err)
			}
			r.stop()
		},
	})
}

// TestReplyFromChat: the staff goes on from the program's answer, which the check lets pass, and replies once.
func TestReplyFromChat(t *testing.T) {
	const question = "厦门市生物医药产业2022年的产值目标是多少？"
	d := desk(t)
	for kind, open := range journals {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := newFakeChannel()
				s, err := bot.NewService(t.Context(), bot.Options{
					Journal: open(t), Answerer: d, Channels: []channel.Channel{seen}, Key: testKey, Limits: bot.DefaultLimits, Lang: "zh",
					StaffDesk: office, Replies: d, Now: d.Now,
				})
				if err != nil {
					t.Fatal(err)
				}
				r := &rig{channel: seen, journal: s.Journal}
				r.run(t, s)
				defer r.stop()
				id := r.ask(t, asks("U", "P", question))
				synctest.Wait()
				if a := r.stored(t, id); a.Outcome != bot.Answered {
					t.Fatalf("%+v", a)
				}
				r.ask(t, presses("U", "P", r.buttonOf(t, id, "person")))
				synctest.Wait()
				post := r.deskPost(t)
				if n := len(post.Doc.Citations); n == 0 || !slices.ContainsFunc(post.Doc.Nodes, func(n channel.Node) bool { return n.Kind == channel.Sentence && len(n.Cites) > 0 }) {
					t.Errorf("the staff is told %+v", post.Doc)
				}
				if !strings.Contains(post.Doc.Text, "未使用生成式人工智能") || !strings.Contains(post.Doc.Text, "依据：") {
					t.Errorf("the staff reads %q", post.Doc.Text)
				}
				token := post.Doc.Buttons[0].Token
				v, err := r.CaseOf(t.Context(), token)
				if err != nil || v.Lang != "zh" || v.Draft.Text == "" || len(v.Clauses) == 0 || len(v.Clauses) != len(v.Draft.Clauses) || v.Clauses[0].ID != v.Draft.Clauses[0] {
					t.Fatalf("%+v, %v", v, err)
				}
				if k, err := r.CheckFrom(t.Context(), token, v.Draft.Text, v.Draft.Clauses); err != nil || k.ID != v.Case.ID {
					t.Errorf("the program's draft: %+v: %+v", err, err)
				}
				for text, want := range map[string]string{
					"": "还没有写", " \n": "还没有写", v.Draft.Text + "\n我们一定给贵公司5000万元。": "我们一定给贵公司", "（单位名称）：\n" + v.Draft.Text: "（单位名称）",
					"目标见[9]。": "[9]", strings.Repeat("长", bot.MaxReply+1): "太长",
				} {
					_, err := r.RespondFrom(t.Context(), token, "小王", text, v.Draft.Clauses)
					found, ok := errors.AsType[*bot.FindingsError](err)
					if !ok || found.Lang != "zh" || !strings.Contains(strings.Join(found.Findings, "\n"), want) {
						t.Errorf("%.40q: %v %+v, want %q", text, err, found, want)
					}
				}
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				must(r.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
				if v, err := r.CaseOf(t.Context(), token); err != nil || !v.Approval {
					t.Errorf("%+v, %v", v, err)
				}
				if _, err := r.RespondFrom(t.Context(), token, "小王", v.Draft.Text, v.Draft.Clauses); !errors.Is(err, journal.ErrUnapproved) {
					t.Errorf("in approval mode: %v", err)
				}
				must(r.journal.SetSetting(t.Context(), journal.SettingApproval, ""))
				_, err = r.journal.SaveDraft(t.Context(), journal.Draft{Case: v.Case.ID, Text: "在写。", By: "小李", At: time.Now()})
				must(err)
				if v, err := r.CaseOf(t.Context(), token); err != nil || v.Draft.Text != "在写。" {
					t.Errorf("%+v, %v", v, err)
				}
				k, err := r.RespondFrom(t.Context(), token, "小王", v.Draft.Text, v.Draft.Clauses)
				if err != nil || k.State != journal.CaseReplied || k.By != "小王" || !slices.Equal(k.Clauses, v.Draft.Clauses) {
					t.Errorf("%+v, %v", k, err)
				}
				if _, err := r.RespondFrom(t.Context(), token, "小李", v.Draft.Text, v.Draft.Clauses); !errors.Is(err, journal.ErrReplied) {
					t.Errorf("replied twice: %v", err)
				}
				synctest.Wait()
				all := r.channel.seen()
				if last := all[len(all)-1]; last.place != "P/" || !strings.Contains(last.text, k.ID) || !strings.Contains(last.text, v.Draft.Text) {
					t.Errorf("%+v", last)
				}
				if v, err := r.CaseOf(t.Context(), token); err != nil || v.Case.State != journal.CaseReplied {
					t.Errorf("%+v, %v", v, err)
				}
				for _, other := range []string{"", "none", r.buttonOf(t, id, "good"), r.buttonOf(t, id, "person")} {
					if v, err := r.CaseOf(t.Context(), other); !errors.Is(err, journal.ErrNotFound) {
						t.Errorf("the token %q: %+v, %v", other, v, err)
					}
				}
				if a, err := r.channel.give(t, presses("X", "office", token)); err != nil || a != (channel.Accepted{}) {
					t.Errorf("a press of it is %+v, %v", a, err)
				}
			})
		})
	}
}
