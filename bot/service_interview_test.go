package bot_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/bot/eligibility/register"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	journalfile "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

// interviews runs a service that compares measures, inside a bubble. It goes on from the
// journal and from what people saw.
func interviews(t *testing.T, with bot.Answerer, rows journal.Journal, seen *fakeChannel, others ...channel.Channel) *rig {
	t.Helper()
	r := &rig{channel: seen, journal: rows}
	s, err := bot.NewService(t.Context(), bot.Options{
		Journal: rows, Answerer: with, Channels: append(others, seen), Key: testKey, Limits: bot.DefaultLimits, Lang: "zh", Alone: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.run(t, s)
	return r
}

// served is a test of a service that compares measures.
func served(with bot.Answerer, do func(*testing.T, *rig)) func(*testing.T) {
	return func(t *testing.T) {
		r := interviews(t, with, memory.New(), newFakeChannel())
		defer r.stop()
		do(t, r)
	}
}

// says gives what a user says in a place, and returns the answer as it is stored.
func (r *rig) says(t *testing.T, user, place, text string) bot.Answer {
	t.Helper()
	return r.told(t, asks(user, place, text))
}

// told gives a question, and returns the answer as it is stored.
func (r *rig) told(t *testing.T, e channel.Event) bot.Answer {
	t.Helper()
	id := r.ask(t, e)
	synctest.Wait()
	return r.stored(t, id)
}

func (r *rig) stored(t *testing.T, id string) bot.Answer {
	t.Helper()
	var a bot.Answer
	if err := json.Unmarshal(r.entry(t, id).Question.Answer, &a); err != nil {
		t.Fatalf("%s has no answer: %v", id, err)
	}
	return a
}

// learned is what an answer holds of the asker, by fact.
func learned(a bot.Answer) map[string]string {
	facts := map[string]string{}
	if a.Interview != nil {
		for _, k := range a.Interview.Facts {
			facts[k.Key] = k.Value
		}
	}
	return facts
}

// wantLearned checks that an answer holds facts of the asker, and no others.
func wantLearned(t *testing.T, a bot.Answer, want map[string]string) {
	t.Helper()
	if got := learned(a); !maps.Equal(got, want) {
		t.Errorf("%s (%s %s): known is %v, want %v", a.Question, a.Outcome, a.Reason, got, want)
	}
}

const aboutUs = "我们在亦庄，做手术机器人，外资控股，能申请什么？"

// ourFacts are what aboutUs says.
var ourFacts = map[string]string{"place": "北京/经济技术开发区", "device": "yes", "ownership": "jv_foreign"}

// TestInterviewKept: what a conversation has said of the asker stays known, whatever else
// is said and after a restart, and nobody else's conversation knows it.
func TestInterviewKept(t *testing.T) {
	with := desk(t)
	journals := map[string]func(*testing.T) (rows journal.Journal, end func()){
		"memory": func(*testing.T) (journal.Journal, func()) { return memory.New(), func() {} },
		"file": func(t *testing.T) (journal.Journal, func()) {
			db, err := journalfile.Open(t.Context(), filepath.Join(t.TempDir(), journalfile.FileName), journalfile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return db, func() { _ = db.Close() }
		},
	}
	for name, open := range journals {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rows, end := open(t)
				defer end()
				r := interviews(t, with, rows, newFakeChannel())
				a := r.says(t, "U", "P", aboutUs)
				if wantLearned(t, a, ourFacts); len(a.Eligibility) == 0 {
					t.Error("no measure is compared")
				}
				for _, text := range []string{
					"你好", "厦门对生物医药企业上市有什么目标？", "谢谢", "？？", "…", "!!", strings.Repeat("长", bot.MaxQuestion+1), "转人工",
				} {
					wantLearned(t, r.says(t, "U", "P", text), ourFacts)
				}
				r.stop()
				r = interviews(t, with, rows, r.channel)
				wantLearned(t, r.says(t, "V", "P", "/profile"), nil)
				wantLearned(t, r.says(t, "U", "Q", "/profile"), nil)
				wantLearned(t, r.says(t, "V", "P", "我们在厦门海沧，能申请什么？"), map[string]string{"place": "厦门/海沧"})
				a = r.says(t, "U", "P", "我们是企业，现在符合条件吗？")
				want := maps.Clone(ourFacts)
				want["entity"] = "enterprise"
				if wantLearned(t, a, want); len(a.Eligibility) == 0 {
					t.Error("after the restart no measure is compared")
				}
				r.stop()
			})
		})
	}
}

// lamps are an invented document and its measures, with questions that are answered by
// yes and no.
var lamps = fstest.MapFS{
	"lamps.txt": {Data: []byte("支持灯具产业若干措施\n\n一、对获得绿色标识、设有实验室的灯具企业，给予奖励。\n\n二、对获得绿色标识的灯具企业，优先采购其产品。\n\n三、对设有实验室并出口灯具的企业，给予补助。\n")},
	"catalogue.yaml": {Data: []byte(`documents:
  - file: lamps.txt
    id: lamps
    title: {value: 支持灯具产业若干措施, source: text, where: 支持灯具产业若干措施}
    jurisdiction: {value: 厦门市, source: catalogue, where: invented}
`)},
	"measures.yaml": {Data: []byte(`facts:
  - {key: lamp_green, kind: yes_no, name: {zh: 有绿色标识, en: has the green label}, ask: {zh: 灯具有绿色标识吗？, en: Do the lamps have the green label?}, yes: [有绿色标识]}
  - {key: lamp_lab, kind: yes_no, name: {zh: 设有实验室, en: has a laboratory}, ask: {zh: 设有实验室吗？, en: Is there a laboratory?}, yes: [设有实验室]}
  - {key: lamp_export, kind: yes_no, name: {zh: 出口灯具, en: exports lamps}, ask: {zh: 出口灯具吗？, en: Are lamps exported?}, yes: [出口灯具]}
measures:
  - {id: l-1, title: {zh: 奖励, en: Award}, document: lamps, clause: 一, quote: 给予奖励, strength: support,
     criteria: [{need: lamp_green, words: 绿色标识}, {need: lamp_lab, words: 实验室}]}
  - {id: l-2, title: {zh: 采购, en: Purchase}, document: lamps, clause: 二, quote: 优先采购, strength: support, criteria: [{need: lamp_green, words: 绿色标识}]}
  - {id: l-3, title: {zh: 补助, en: Grant}, document: lamps, clause: 三, quote: 给予补助, strength: support,
     criteria: [{need: lamp_lab, words: 实验室}, {need: lamp_export, words: 出口}, {need: lamp_green, words: 灯具}]}
`)},
}

// lampDesk answers from lamps.
func lampDesk(t *testing.T) *bot.Desk {
	t.Helper()
	lib, err := retrievaltest.FolderIn(t.Context(), retrieval.NewMemory(), lamps)
	if err != nil {
		t.Fatal(err)
	}
	measures, err := eligibilitytest.Folder(t.Context(), lib, lamps)
	if err != nil {
		t.Fatal(err)
	}
	return &bot.Desk{Library: lib, Now: desk(t).Now, Measures: measures}
}

// button finds the button of an answer with a label.
func (r *rig) button(t *testing.T, id, label string) channel.Button {
	t.Helper()
	for _, d := range r.entry(t, id).Deliveries {
		for _, b := range d.Doc.Buttons {
			if b.Label == label {
				return b
			}
		}
	}
	t.Fatalf("%s has no button %s", id, label)
	return channel.Button{}
}

// press has a user press a button, and returns the id of the question that it became.
func (r *rig) press(t *testing.T, user, place string, b channel.Button) channel.Accepted {
	t.Helper()
	e := asks(user, place, "外来的字")
	e.Kind, e.Token, e.Quote, e.Profile = channel.Pressed, b.Token, "外来的字", json.RawMessage(`{"lamp_lab":true}`)
	got, err := r.channel.give(t, e)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return got
}

const whatIsThere = "我们能享受哪些政策？"

// TestReplyButtons: a button says its label to the question that it stands under, once.
func TestReplyButtons(t *testing.T) {
	with := lampDesk(t)
	run := func(do func(*testing.T, *rig)) func(*testing.T) { return served(with, do) }
	questions := func(t *testing.T, r *rig) int64 { return r.Health(t.Context()).Counts.Questions }
	each(t, map[string]func(*testing.T){
		"one question of two buttons pressed twice": run(func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			if asked.Next == nil || !slices.Equal(asked.Next.Keys, []string{"lamp_green"}) {
				t.Fatalf("asked for %+v", asked.Next)
			}
			first := r.press(t, "U", "P", r.button(t, asked.ID, "是"))
			for _, label := range []string{"是", "否", "不知道"} {
				if again := r.press(t, "U", "P", r.button(t, asked.ID, label)); !again.Duplicate || again.ID != first.ID {
					t.Errorf("%s became %+v, the first press %+v", label, again, first)
				}
			}
			if n := questions(t, r); n != 2 {
				t.Errorf("%d questions", n)
			}
			wantLearned(t, r.stored(t, first.ID), map[string]string{"lamp_green": "yes"})
			if n := len(r.channel.textsOf(first.ID)); n != 1 {
				t.Errorf("%d replies", n)
			}
			q := r.entry(t, first.ID).Question
			if q.Text != "是" || q.Quote != asked.Next.Text || q.Profile != nil || q.History != nil || q.Masked != nil {
				t.Errorf("the press asks %+v", q)
			}
		}),
		"nothing for anybody else": run(func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			for _, b := range []channel.Button{r.button(t, asked.ID, "是"), {Token: "reply:是"}, {Token: ""}} {
				user := "U"
				if b.Label != "" {
					user = "V"
				}
				if got := r.press(t, user, "P", b); got != (channel.Accepted{}) {
					t.Errorf("it became %+v", got)
				}
			}
			if n := questions(t, r); n != 1 || len(r.channel.seen()) != 1 {
				t.Errorf("%d questions, %d messages", n, len(r.channel.seen()))
			}
			wantLearned(t, r.says(t, "V", "P", "/profile"), nil)
		}),
		"only the label": run(func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			var labels []string
			for _, b := range r.entry(t, asked.ID).Deliveries[0].Doc.Buttons {
				labels = append(labels, b.Label)
				kept, err := r.journal.Pressed(t.Context(), b.Token)
				if !regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(b.Token) || b.Does != "reply" || err != nil || kept.Does != "reply:"+b.Label || kept.Question != asked.ID {
					t.Errorf("%+v stands for %+v, %v", b, kept, err)
				}
			}
			if !slices.Equal(labels, []string{"是", "否", "不知道"}) {
				t.Errorf("buttons %q", labels)
			}
		}),
		"in the conversation of its answer": run(func(t *testing.T, r *rig) {
			asked := r.says(t, "U", "P", whatIsThere)
			first := r.press(t, "U", "P/thread", r.button(t, asked.ID, "是"))
			second := r.press(t, "U", "elsewhere", r.button(t, first.ID, "否"))
			wantLearned(t, r.stored(t, second.ID), map[string]string{"lamp_green": "yes", "lamp_lab": "no"})
		}),
		"of an answer that others followed": run(func(t *testing.T, r *rig) {
			green := r.says(t, "U", "P", whatIsThere)
			lab := r.says(t, "U", "P", "是")
			if lab.Next == nil || !slices.Equal(lab.Next.Keys, []string{"lamp_lab"}) {
				t.Fatalf("asked for %+v", lab.Next)
			}
			a := r.stored(t, r.press(t, "U", "P", r.button(t, green.ID, "是")).ID)
			wantLearned(t, a, map[string]string{"lamp_green": "yes"})
			a = r.stored(t, r.press(t, "U", "P", r.button(t, lab.ID, "不知道")).ID)
			wantLearned(t, a, map[string]string{"lamp_green": "yes", "lamp_lab": ""})
			for range 2 {
				r.says(t, "U", "P", "你好")
			}
			asked, before := r.says(t, "U", "P", whatIsThere), questions(t, r)
			if got := r.press(t, "U", "P", r.button(t, lab.ID, "是")); got != (channel.Accepted{}) || questions(t, r) != before {
				t.Errorf("long after, it became %+v", got)
			}
			wantLearned(t, asked, map[string]string{"lamp_green": "yes", "lamp_lab": ""})
		}),
	})
}

// TestInterviewReplay concludes what a service has stored of interviews again, after the
// measures were corrected or rejected, and each document replaced.
func TestInterviewReplay(t *testing.T) {
	with := desk(t)
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		lib, err := retrievaltest.SeedsIn(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		measures := readMeasures(t)
		reg := &register.Register{Store: db, Library: lib}
		if err := reg.Seed(t.Context(), "measures.yaml", measures, day); err != nil {
			t.Fatal(err)
		}
		r := interviews(t, &bot.Desk{Library: lib, Now: with.Now, Measures: reg}, memory.New(), newFakeChannel())
		given := asks("W", "P", whatIsThere)
		given.Profile = json.RawMessage(wholeProfile)
		answers := []bot.Answer{r.told(t, given)}
		for _, text := range []string{
			aboutUs, "1", "不知道", "我们是企业", "不对，我们其实在海淀", "我们是内资", "前者", "？？", "你好", "厦门对生物医药企业上市有什么目标？", "那我们符合条件吗？",
			"We are a vaccine company in Haicang, Xiamen. What can we get?", "see the results", "done", "/forget", "有没有什么补贴可以拿？",
			"我们公司在泉州，能享受厦门三年行动计划的支持吗？", "我们是上海的公司，做license-out，有北京的政策能用吗？", "我们在泉州，能去北京当揭榜单位吗？",
		} {
			answers = append(answers, r.says(t, "U", "P", text))
		}
		change(t, reg, measures)
		replaceDocuments(t, db, lib)
		compared := 0
		for _, a := range answers {
			if a.Profile != "" {
				continue // a command, which nothing was concluded for
			}
			e := r.entry(t, a.ID).Question
			again, err := bot.Replay(t.Context(), e.Record, e.Answer, db)
			if err != nil {
				t.Errorf("%s: %v", a.Question, err)
				continue
			}
			if len(again.Differences) > 0 || !bot.Verified(again.Checks) {
				t.Errorf("%s: %v, %+v", a.Question, again.Differences, again.Checks)
			}
			compared += len(a.Eligibility)
		}
		if now := r.says(t, "X", "P", aboutUs); len(now.Eligibility) > 0 || compared < 20 {
			t.Errorf("%d measures were compared, and %d after the change", compared, len(now.Eligibility))
		}
		r.stop()
	})
}

func readMeasures(t *testing.T) []eligibility.Measure {
	t.Helper()
	f, err := seeds.FS().Open("measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := eligibility.Read(f, "measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// change corrects every second measure, and rejects the others.
func change(t *testing.T, reg *register.Register, measures []eligibility.Measure) {
	t.Helper()
	for i, m := range measures {
		err := reg.Reject(t.Context(), m.ID, "tester", "wrong", day)
		if i%2 == 0 {
			m.Title, m.Criteria = eligibility.Text{Zh: "改了", En: "changed"}, m.Criteria[:1]
			err = reg.Approve(t.Context(), m.ID, "tester", day, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// replaceDocuments puts another text in place of each document.
func replaceDocuments(t *testing.T, db *sqlite.DB, lib *retrieval.Library) {
	t.Helper()
	docs, err := lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		text := "全部废止。"
		c := retrieval.Clause{ID: doc.ID + ".x", Path: "一", Text: text, End: 5, Departments: []string{}}
		if _, err := db.Put(t.Context(), doc, text, []retrieval.Clause{c}); err != nil {
			t.Fatal(err)
		}
	}
	if err := lib.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}
