package sqlite_test

import (
	"path/filepath"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/sqlite"
)

// TestDraftsMigration: a file of before there were drafts keeps its cases, which have none, and takes drafts for them.
func TestDraftsMigration(t *testing.T) {
	full, path := filepath.Join(t.TempDir(), sqlite.FileName), filepath.Join(t.TempDir(), sqlite.FileName)
	before, err := sqlite.Open(t.Context(), full, sqlite.Options{})
	must(t, err)
	for _, id := range []string{"open", "replied"} {
		_, err := before.OpenCase(t.Context(), journal.NewCase{ID: id, Channel: "chat", User: "user", Dialogue: id}, clock(0))
		must(t, err)
	}
	_, err = before.Respond(t.Context(), journal.Response{Case: "replied", By: "li", Text: "text", Doc: channel.Doc{Text: "text"}, At: clock(1)})
	must(t, err)
	want, err := before.ListCases(t.Context(), "")
	must(t, err)
	must(t, before.Close())
	older(t, path, full, []string{"0001_init.sql", "0002_model_usage.sql", "0003_profiles.sql"})

	db := open(t, path)
	must(t, db.Check(t.Context()))
	got, err := db.ListCases(t.Context(), "")
	must(t, err)
	for i := range got {
		if g, w := got[i], want[i]; g.ID != w.ID || g.State != w.State || g.Delivery != w.Delivery || g.Revision != 0 || g.Stage != "" || !g.ClosedAt.IsZero() || g.Clauses != nil {
			t.Errorf("case %+v, want %+v", g, w)
		}
	}
	if _, err := db.SaveDraft(t.Context(), journal.Draft{Case: "open", Text: "one", By: "li", At: clock(2)}); err != nil {
		t.Error(err)
	}
	must(t, db.Check(t.Context()))
}

// TestCheckFindsApprovals breaks what the rules of drafts say, one row at a time.
func TestCheckFindsApprovals(t *testing.T) {
	for _, broken := range []string{
		`UPDATE cases SET approved_by = 'li'`,
		`UPDATE cases SET approved = 0`,
		`UPDATE cases SET approved = 1, stage = 'editing'`,
		`UPDATE cases SET earlier = revision`,
		`UPDATE cases SET revision = 3`,
		`UPDATE cases SET state = 'lost'`,
		`UPDATE cases SET erased = 1`,
		`DELETE FROM drafts WHERE n = 1`,
	} {
		t.Run(broken, func(t *testing.T) {
			db, _ := fresh(t)
			_, err := db.OpenCase(t.Context(), journal.NewCase{ID: "case", Channel: "chat", User: "user", Dialogue: "d"}, clock(0))
			must(t, err)
			for base, text := range []string{"one", "two"} {
				_, err := db.SaveDraft(t.Context(), journal.Draft{Case: "case", Base: base, Text: text, By: "li", At: clock(1)})
				must(t, err)
			}
			_, err = db.Decide(t.Context(), journal.Decision{Case: "case", Draft: 2, Does: journal.Approve, By: "wang", At: clock(2)})
			must(t, err)
			must(t, db.Check(t.Context()))
			sqlite.Exec(t, db, broken)
			if err := db.Check(t.Context()); err == nil {
				t.Error("Check finds nothing")
			}
		})
	}
}
