package sqlite_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"policybot/bot/journal"
	"policybot/bot/sqlite"
	"policybot/retrieval/sqlite/engine"
)

// beforeProfiles are the migrations of a file of before there were profiles.
var beforeProfiles = []string{"0001_init.sql", "0002_model_usage.sql"}

// older makes a file at path with some migrations alone, and gives it the rows
// of another that has all, without the columns that were not there yet.
func older(t *testing.T, path, from string, migrations []string) {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range migrations {
		data, err := os.ReadFile(filepath.Join("migrations", name))
		must(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	file, err := engine.Open(t.Context(), path, files, engine.Options{SecureDelete: true})
	must(t, err)
	must(t, file.Close())

	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1) // which has the other file at hand
	_, err = db.ExecContext(t.Context(), `ATTACH ? AS full`, from)
	must(t, err)
	tables := texts(t, db, `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'`)
	for _, table := range tables {
		columns := strings.Join(texts(t, db, `SELECT name FROM pragma_table_info(?, 'main')`, table), ", ")
		_, err := db.ExecContext(t.Context(), `INSERT INTO main.`+table+` (`+columns+`) SELECT `+columns+` FROM full.`+table)
		must(t, err)
	}
}

// texts gives the one column of a query.
func texts(t *testing.T, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		list = append(list, text)
	}
	must(t, rows.Err())
	return list
}

// wantProfile checks what a question has of the asker's enterprise.
func wantProfile(t *testing.T, q journal.Question, profile json.RawMessage, org string) {
	t.Helper()
	if string(q.Profile) != string(profile) || (q.Profile == nil) != (profile == nil) || q.Org != org {
		t.Errorf("question %s has the profile %q and the organisation %q, want %q and %q", q.ID, q.Profile, q.Org, profile, org)
	}
}

// TestProfilesMigration: a file of before there were profiles keeps its questions,
// which have none, and takes new ones with theirs.
func TestProfilesMigration(t *testing.T) {
	full, path := filepath.Join(t.TempDir(), sqlite.FileName), filepath.Join(t.TempDir(), sqlite.FileName)
	before, err := sqlite.Open(t.Context(), full, sqlite.Options{})
	must(t, err)
	for n, user := range []string{"erased", "closed", "waiting"} {
		_, err := before.Accept(t.Context(), arrival(n, user, "text", clock(n)))
		must(t, err)
		if user != "waiting" {
			live(t, before, "answer", clock(n))
		}
	}
	_, err = before.Erase(t.Context(), "erased", clock(3))
	must(t, err)
	must(t, before.Close())
	older(t, path, full, beforeProfiles)

	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true}); engine.KindOf(err) != engine.OlderSchema {
		t.Errorf("Open for reading: %v, want Kind older_schema", err)
	}
	db := open(t, path)
	must(t, db.Check(t.Context()))
	wantOldQuestions(t, db)
	again, err := db.Accept(t.Context(), arrival(1, "closed", "text", clock(4)))
	must(t, err)
	if !again.Duplicate {
		t.Error("an old question is taken twice")
	}
	wantProfile(t, again.Question, nil, "")
	wantProfile(t, live(t, db, "answer", clock(5)), nil, "") // the one that waited

	a := arrival(4, "closed", "later", clock(6))
	_, err = db.Accept(t.Context(), a)
	must(t, err)
	c, err := db.Claim(t.Context(), journal.ClaimOptions{Now: clock(7), Until: clock(8)})
	must(t, err)
	wantProfile(t, c.Question, a.Question.Profile, a.Question.Org)
	for _, q := range c.Earlier {
		wantProfile(t, q, nil, "")
	}
	_, err = db.Erase(t.Context(), "closed", clock(9))
	must(t, err)
	wantNone(t, path, "organisation of closed", `{"profile": "later"}`)
	must(t, db.Check(t.Context()))
}

// wantOldQuestions checks the questions of before there were profiles.
func wantOldQuestions(t *testing.T, db *sqlite.DB) {
	t.Helper()
	want := []journal.Question{
		{State: journal.Closed},
		{State: journal.Closed, Text: "text", Digest: "digest of text", Answer: json.RawMessage(`"answer"`)},
		{State: journal.Waiting, Text: "text", Digest: "digest of text"},
	}
	n := 0
	for q, err := range db.Entries(t.Context(), journal.Filter{}) {
		must(t, err)
		wantProfile(t, q, nil, "")
		w := want[n]
		if q.State != w.State || q.Text != w.Text || q.Digest != w.Digest || string(q.Answer) != string(w.Answer) || !q.AcceptedAt.Equal(clock(n)) {
			t.Errorf("question %d is %+v, want %+v", n, q, w)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d questions, want %d", n, len(want))
	}
}

// TestErasedProfileStays: a profile that an erased question still has is found.
func TestErasedProfileStays(t *testing.T) {
	for _, column := range []string{"profile", "org"} {
		db, path := fresh(t)
		_, err := db.Accept(t.Context(), arrival(1, "user", "text", start))
		must(t, err)
		_, err = db.Erase(t.Context(), "user", start.Add(time.Second))
		must(t, err)
		must(t, db.Check(t.Context()))
		raw, err := sql.Open("sqlite", path)
		must(t, err)
		defer raw.Close()
		_, err = raw.ExecContext(t.Context(), `UPDATE questions SET `+column+` = '{}'`)
		must(t, err)
		if err := db.Check(t.Context()); engine.KindOf(err) != engine.Corrupt {
			t.Errorf("Check with the %s of an erased question: %v, want Kind corrupt", column, err)
		}
	}
}

// TestErasedLongProfiles: profiles that fill pages of their own leave no byte, and those of others stay.
func TestErasedLongProfiles(t *testing.T) {
	db, path := fresh(t)
	const users = 6
	mark := func(user int) string { return fmt.Sprintf("MARK%03dX", user) }
	var given [users]json.RawMessage
	for user := range users {
		a := arrival(user, mark(user), "text", clock(user))
		given[user] = json.RawMessage(`{"profile": "` + strings.Repeat(mark(user)+" ", (32<<10)*(user%3)/9+1) + `"}`) // up to 64 KiB
		a.Question.Profile = given[user]
		_, err := db.Accept(t.Context(), a)
		must(t, err)
	}
	for user := range users {
		_, err := db.Erase(t.Context(), mark(user), clock(users))
		must(t, err)
		wantNone(t, path, mark(user))
		for other := user + 1; other < users; other++ {
			e, err := db.Entry(t.Context(), fmt.Sprintf("q%d", other))
			must(t, err)
			if string(e.Question.Profile) != string(given[other]) {
				t.Errorf("the profile of user %d changed when user %d was erased", other, user)
			}
		}
	}
	must(t, db.Check(t.Context()))
}
