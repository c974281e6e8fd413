package bot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/seeds"
)

// answers are whole answers to the questions, but for id and time.
func answersTo(t *testing.T, d *bot.Desk, questions []bot.Question) []string {
	t.Helper()
	var out []string
	for _, q := range questions {
		a, err := d.Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		a.ID, a.Ms = "", bot.Timings{}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(data))
	}
	return out
}

// TestRollBackAnswers changes each of the seeds, and reverts it: every answer is then, to the
// byte, what it was, and those that cite the document were others in between. The same when the
// document was withdrawn.
func TestRollBackAnswers(t *testing.T) {
	store := retrieval.NewMemory()
	lib, err := retrievaltest.SeedsIn(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	d := &bot.Desk{Library: lib, Now: func() time.Time { return day }, Measures: seedRegister(t, store, lib)}
	questions := []bot.Question{{Text: "我们是厦门的生物医药企业，可以申请哪些补贴？"}}
	for i, q := range developmentQuestions(t) {
		if i%9 == 0 {
			questions = append(questions, q)
		}
	}
	before := answersTo(t, d, questions)
	docs, err := lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		_, text, _, err := store.Version(t.Context(), doc.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("支持", "不支持", "1", "7", "support", "refuse").Replace(text)
		facts := func(d *retrieval.Document) bool { d.ID = doc.ID; d.Repealed = true; return true }
		if _, err := lib.Add(t.Context(), retrieval.File{Source: "new.txt", Data: []byte(changed), Facts: facts}); err != nil {
			t.Fatal(err)
		}
		if err := lib.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		differs(t, doc.ID+" changed", before, answersTo(t, d, questions), doc.ID, true)
		for _, withdraw := range []bool{false, true} {
			if withdraw {
				if _, err := lib.Withdraw(t.Context(), doc.ID); err != nil {
					t.Fatal(err)
				}
				differs(t, doc.ID+" withdrawn", before, answersTo(t, d, questions), doc.ID, true)
			}
			if _, err := lib.Revert(t.Context(), doc.ID, 1); err != nil {
				t.Fatal(err)
			}
			differs(t, doc.ID+" reverted", before, answersTo(t, d, questions), doc.ID, false)
		}
	}
}

// seedRegister holds the measures of the seeds, which follow the texts.
func seedRegister(t *testing.T, store retrieval.Store, lib *retrieval.Library) *register.Register {
	t.Helper()
	f, err := seeds.FS().Open("measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := eligibility.Read(f, "measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := &register.Register{Store: store, Library: lib}
	if n, err := r.Import(t.Context(), "measures.yaml", list, register.BySeeds, day); err != nil || n != len(list) {
		t.Fatalf("%d of %d measures, %v", n, len(list), err)
	}
	return r
}

// differs wants answers to be those of before; or else the ones that name a clause of the document
// to differ.
func differs(t *testing.T, what string, before, now []string, document string, want bool) {
	t.Helper()
	for i := range before {
		named := strings.Contains(before[i], `"id":"`+document+`.`)
		if now[i] != before[i] && !want {
			t.Errorf("%s: the answer is\n%s\nand was\n%s", what, now[i], before[i])
			return
		}
		if now[i] == before[i] && want && named {
			t.Errorf("%s: nothing differs in\n%s", what, now[i])
		}
	}
}
