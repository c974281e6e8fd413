package sqlite

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// TestOldJournal takes from a journal what one from before there were facts does not have, and opens it again: it
// finds the same, also when the filling was cut short.
func TestOldJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const questions = 2*factsBatch + 100
	FillLog(t, db, questions, 0.1, false)
	if _, err := db.OpenCase(t.Context(), journal.NewCase{ID: "k", Question: "q0000077", Reason: "asked"}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Accept(t.Context(), journal.Arrival{
		Question: journal.Question{ID: "waiting", Channel: "chat", Text: "TEXT", AcceptedAt: time.Unix(2e9, 0)}, Refuse: "closed",
		Refusal: func(string, string) (channel.Doc, json.RawMessage) {
			return channel.Doc{}, json.RawMessage(`{"lang": "en", "text": "sorry"}`)
		},
	}); err != nil {
		t.Fatal(err)
	}
	want := seen(t, db)
	for _, kept := range []int{0, 1500} {
		if err := db.update(t.Context(), "forget facts", func(x tx) error {
			for _, statement := range []string{
				`DELETE FROM facts WHERE workspace = ? AND question <= ?`,
				`UPDATE answer_texts SET uses = (SELECT COUNT(*) FROM facts f WHERE f.said = answer_texts.id) WHERE workspace = ? AND ? > 0`,
				`DELETE FROM answer_texts WHERE workspace = ? AND uses = 0 AND ? > 0`,
				`INSERT INTO counters (workspace, name, value) VALUES (?, 'facts_due', ?) ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value`,
			} {
				if err := x.exec(statement, workspace, questions+1-kept); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = Open(t.Context(), path, Options{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, seen(t, db)); diff != "" {
			t.Errorf("with the facts of %d questions, what is found differs (-want +got):\n%s", kept, diff)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// seen is what some searches find.
func seen(t *testing.T, db *DB) []any {
	t.Helper()
	var all []any
	for _, q := range []journal.Query{
		{}, {Words: "补贴"}, {Words: "补贴", InAnswer: true}, {Rating: journal.Bad}, {Case: journal.Any}, {Model: "m-1"}, {Clause: "doc-7.3"}, {Masked: journal.Yes},
	} {
		page, err := db.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		f, err := db.Figures(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total == 0 {
			t.Errorf("%+v finds nothing", q)
		}
		all = append(all, page, f)
	}
	return all
}
