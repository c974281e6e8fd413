package bot_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// TestReplay concludes every development question again from its record alone,
// after each document of the library was replaced by another text.
func TestReplay(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lib, err := retrievaltest.SeedsIn(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	d := &bot.Desk{Library: lib, Now: desk(t).Now, Pages: "https://policy.example"}
	type logged struct{ record, answer []byte }
	var log []logged
	for _, q := range developmentQuestions(t) {
		a, x, err := d.Explain(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if checks := bot.Verify(a); !bot.Verified(checks) {
			t.Errorf("%s: %+v", q.ID, checks)
		}
		log = append(log, logged{mustJSON(t, bot.NewRecord(a, x)), mustJSON(t, a)})
	}
	replaceDocuments(t, db, lib)
	for _, l := range log {
		again, err := bot.Replay(t.Context(), l.record, l.answer, db)
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Differences) > 0 || !bot.Verified(again.Checks) {
			t.Errorf("%s: %v, %+v", again.Answer.Question, again.Differences, again.Checks)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReplayBites changes a record, or the answer that was logged.
func TestReplayBites(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lib, err := retrievaltest.SeedsIn(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	a, x, err := (&bot.Desk{Library: lib, Now: desk(t).Now}).Explain(t.Context(), bot.Question{ID: "q", Text: "厦门对生物医药企业上市有什么目标？"})
	if err != nil {
		t.Fatal(err)
	}
	record, answer := string(mustJSON(t, bot.NewRecord(a, x))), string(mustJSON(t, a))
	cases := []struct {
		name, old, put string // changed in record and answer alike
		want           string // one of the differences; empty: not replayable
	}{
		{"another quote", `"quote":"`, `"quote":"不`, "citations"},
		{"another concept", `"concepts":[{"text":"生物医药企业"`, `"concepts":[{"text":"进口税收"`, "verdicts"},
		{"another day", `"day":"2026-`, `"day":"2021-`, "notices"},
		{"hits of a side that was not searched", `"hits":[[`, `"hits":[[],[`, ""},
		{"another verdict", `"cited":true`, `"cited":false`, "verdicts"},
		{"a clause that is not there", `"hits":[[{"clause":"`, `"hits":[[{"clause":"no-`, ""},
		{"no evidence", `"evidence":`, `"was":`, ""},
	}
	for _, tt := range cases {
		r, w := strings.Replace(record, tt.old, tt.put, 1), strings.Replace(answer, tt.old, tt.put, 1)
		if r == record && w == answer {
			t.Fatalf("%s: nothing was changed", tt.name)
		}
		again, err := bot.Replay(t.Context(), []byte(r), []byte(w), db)
		switch {
		case tt.want == "" && !errors.Is(err, bot.ErrNotReplayable):
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && !slices.Contains(again.Differences, tt.want):
			t.Errorf("%s: differences %v, %v", tt.name, again.Differences, err)
		}
	}
}

// TestVerifyBites breaks an answer in one place.
func TestVerifyBites(t *testing.T) {
	good, err := desk(t).Ask(t.Context(), bot.Question{ID: "q", Text: "厦门对生物医药企业上市有什么目标？"})
	if err != nil || !bot.Verified(bot.Verify(good)) {
		t.Fatal(err, bot.Verify(good))
	}
	cases := map[string]func(*bot.Answer){
		"quote moved":             func(a *bot.Answer) { a.Citations[0].QuoteStart++ },
		"quote beyond the clause": func(a *bot.Answer) { a.Citations[0].QuoteEnd += 100000 },
		"quote before it":         func(a *bot.Answer) { a.Citations[0].QuoteStart = -1 },
		"digit changed":           func(a *bot.Answer) { a.Sentences[0].Text = strings.Replace(a.Sentences[0].Text, "1", "7", 1) + "7" },
		"sentence without source": func(a *bot.Answer) { a.Sentences[0].Citations = nil },
		"source without number":   func(a *bot.Answer) { a.Sentences[0].Citations = []int{9} },
		"text of its own":         func(a *bot.Answer) { a.Text += "贵公司符合条件。" },
		"no text":                 func(a *bot.Answer) { a.Text = "" },
		"abstained with a claim":  func(a *bot.Answer) { a.Outcome, a.Reason = bot.Abstained, bot.ReasonNotInLibrary },
	}
	for name, change := range cases {
		var a bot.Answer
		if err := json.Unmarshal(mustJSON(t, good), &a); err != nil {
			t.Fatal(err)
		}
		change(&a)
		if bot.Verified(bot.Verify(a)) {
			t.Errorf("%s is not noticed", name)
		}
	}
	if bot.Verified(nil) {
		t.Error("an answer without checks is verified")
	}
}
