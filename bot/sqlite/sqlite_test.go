package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/journaltest"
	"policybot/bot/sqlite"
	"policybot/retrieval/sqlite/engine"
)

// start is the time at which tests begin.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// open opens a file that is closed at the end of the test.
func open(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// fresh opens a new file.
func fresh(t testing.TB) (*sqlite.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	return open(t, path), path
}

// TestPrivate: nobody else on the machine reads who asked what.
func TestPrivate(t *testing.T) {
	db, path := fresh(t)
	must(t, db.SetSetting(t.Context(), "name", "value"))
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the rights %v", filepath.Base(f), info.Mode().Perm())
		}
	}
}

func TestJournal(t *testing.T) {
	journaltest.Test(t, func(t *testing.T) (journal.Journal, func() journal.Journal) {
		path := filepath.Join(t.TempDir(), sqlite.FileName)
		var last *sqlite.DB
		reopen := func() journal.Journal { // beside the handle before, which does no more, as one that crashed
			db, err := sqlite.Open(context.WithoutCancel(t.Context()), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if last != nil {
				last.Close()
			}
			last = db
			return db
		}
		first := reopen()
		t.Cleanup(func() {
			if err := errors.Join(last.Check(context.Background()), last.Close()); err != nil {
				t.Error(err)
			}
		})
		return first, reopen
	})
}

// arrival makes question n of a user, with a text.
func arrival(n int, user, text string, at time.Time) journal.Arrival {
	return journal.Arrival{
		Question: journal.Question{
			ID: fmt.Sprintf("q%d", n), Channel: "chat", User: user, Dialogue: "dialogue of " + user,
			Place: channel.Place{ID: "place of " + user, Thread: "thread of " + user}, Reply: channel.Handle{Data: []byte("reply to " + user)},
			Text: text, Quote: "quote " + text, History: []channel.Turn{{Role: channel.User, Text: "history " + text}},
			Profile: json.RawMessage(fmt.Sprintf(`{"profile": %q}`, text)), Org: "organisation of " + user,
			Digest: "digest of " + text, AskedAt: at, AcceptedAt: at,
		},
		DeliveryKey: fmt.Sprintf("delivery %d of %s", n, user), ContentKey: fmt.Sprintf("content %d of %s", n, user),
		Person: journal.Person{Platform: "chat", Tenant: "tenant", ID: "name of " + user},
		Refusal: func(id, reason string) (channel.Doc, json.RawMessage) {
			return channel.Doc{ID: id, Text: reason}, json.RawMessage(`{}`)
		},
	}
}

// result makes an answer.
func result(text, button string, at time.Time) journal.Result {
	answer, _ := json.Marshal(text)
	return journal.Result{
		Outcome: "answered", Answer: answer, Record: answer, Doc: channel.Doc{ID: "a", Text: text}, At: at,
		Tokens: []journal.Token{{Token: button, Does: "good"}},
	}
}

// live takes the next question through all of its life.
func live(t testing.TB, db *sqlite.DB, text string, at time.Time) journal.Question {
	t.Helper()
	c, err := db.Claim(t.Context(), journal.ClaimOptions{Now: at, Until: at.Add(time.Minute)})
	must(t, err)
	must(t, db.Complete(t.Context(), c, result(text, "button of "+c.Question.ID, at)))
	d, err := db.Next(t.Context(), journal.NextOptions{Now: at, Until: at.Add(time.Minute)})
	must(t, err)
	must(t, db.Posted(t.Context(), d, at, "receipt", journal.Pause{}))
	return c.Question
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantNone looks for texts in the bytes of the file and of those beside it.
func wantNone(t *testing.T, path string, texts ...string) {
	t.Helper()
	for _, name := range []string{path, path + "-wal", path + "-journal"} {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, text := range texts {
			if n := bytes.Count(data, []byte(text)); n > 0 {
				t.Errorf("%s has %d times %q, which was erased", filepath.Base(name), n, text)
			}
		}
	}
}

// draftSome writes drafts about a user for a case, of many lengths, and sends one back.
func draftSome(t testing.TB, db *sqlite.DB, id, user string, n int, at time.Time) {
	t.Helper()
	for base := range 3 {
		d := journal.Draft{Case: id, Base: base, Text: strings.Repeat(user+" draft ", 1+(n*11+base*17)%200), Clauses: []string{user + " clause"}, By: "li", At: at}
		_, err := db.SaveDraft(t.Context(), d)
		must(t, err)
	}
	for _, does := range []journal.Verb{journal.Submit, journal.Return} {
		_, err := db.Decide(t.Context(), journal.Decision{Case: id, Draft: 3, Does: does, By: "wang", Why: user + " why", At: at})
		must(t, err)
	}
}

// TestErasedBytes has users with all that a question can carry, erases one
// after the other, and wants no byte of them in the files, while the others'
// is all there.
func TestErasedBytes(t *testing.T) {
	db, path := fresh(t)
	const users, questions = 24, 6
	at := start
	mark := func(user int) string { return fmt.Sprintf("MARK%03dX", user) }
	n := 0
	for round := range questions {
		for user := range users {
			n++
			at = at.Add(time.Second)
			text := bytes.Repeat([]byte(mark(user)+" "), 1+(user*7+round*13)%150) // from one word to beyond a page
			_, err := db.Accept(t.Context(), arrival(n, mark(user), string(text), at))
			must(t, err)
		}
		for user := range users {
			at = at.Add(time.Second)
			if round == questions-1 && user%3 == 0 {
				continue // stays waiting
			}
			q := live(t, db, mark(user)+" answer", at)
			must(t, db.Rate(t.Context(), journal.Rating{Question: q.ID, User: q.User, Text: q.User + " rating", At: at}))
			if round%4 == 0 {
				_, err := db.OpenCase(t.Context(), journal.NewCase{ID: "case " + q.ID, Question: q.ID, Text: q.User + " case"}, at)
				must(t, err)
				draftSome(t, db, "case "+q.ID, q.User, round*user, at)
				_, err = db.Respond(t.Context(), journal.Response{Case: "case " + q.ID, Text: q.User + " reply", Doc: channel.Doc{Text: q.User}, At: at})
				must(t, err)
			}
		}
	}
	for user := range users {
		e, err := db.Erase(t.Context(), mark(user), at)
		must(t, err)
		if e.Questions != questions {
			t.Errorf("erased %d questions, want %d", e.Questions, questions)
		}
		wantNone(t, path, mark(user))
		must(t, db.Check(t.Context()))
	}
	count, err := db.Count(t.Context())
	must(t, err)
	if count.Waiting+count.Ready+count.Posting > 0 || count.Questions != users*questions {
		t.Errorf("counts %+v, want nothing under way", count)
	}
}

func TestForgottenBytes(t *testing.T) {
	db, path := fresh(t)
	const questions, forgotten = 100, 80
	var marks []string
	for n := range questions {
		marks = append(marks, fmt.Sprintf("MARK%03dX", n))
		_, err := db.Accept(t.Context(), arrival(n, "user", marks[n], clock(n)))
		must(t, err)
		q := live(t, db, marks[n]+" answer", clock(n))
		if n%7 == 0 {
			_, err = db.OpenCase(t.Context(), journal.NewCase{ID: "case " + q.ID, Question: q.ID, Text: marks[n]}, clock(n))
			must(t, err)
			draftSome(t, db, "case "+q.ID, marks[n], n, clock(n))
			_, err = db.CloseCase(t.Context(), journal.Closing{Case: "case " + q.ID, By: "li", Why: marks[n], At: clock(n)})
			must(t, err)
		}
	}
	for _, tt := range []struct{ limit, want int }{{50, 50}, {50, forgotten - 50}, {50, 0}} {
		n, err := db.Forget(t.Context(), clock(forgotten), tt.limit)
		must(t, err)
		if n != tt.want {
			t.Errorf("forgot %d questions, want %d", n, tt.want)
		}
	}
	wantNone(t, path, marks[:forgotten]...)
	must(t, db.Check(t.Context()))
	again, err := db.Accept(t.Context(), arrival(3, "user", "text", start))
	must(t, err)
	if !again.Duplicate || again.Question.ID != "q3" {
		t.Errorf("a forgotten question arrives again: %+v, want a duplicate", again)
	}
}

func TestReadOnly(t *testing.T) {
	db, path := fresh(t)
	_, err := db.Accept(t.Context(), arrival(1, "user", "text", start))
	must(t, err)
	reader, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	must(t, err)
	defer reader.Close()
	if _, err := reader.Accept(t.Context(), arrival(2, "user", "text", start)); engine.KindOf(err) != engine.NotWritable {
		t.Errorf("Accept: %v, want Kind not_writable", err)
	}
	if _, err := reader.Erase(t.Context(), "user", start); engine.KindOf(err) != engine.NotWritable {
		t.Errorf("Erase: %v, want Kind not_writable", err)
	}
	must(t, reader.Check(t.Context()))
	e, err := reader.Entry(t.Context(), "q1")
	must(t, err)
	if e.Question.Text != "text" {
		t.Errorf("text %q, want that of the writer", e.Question.Text)
	}
	missing := filepath.Join(t.TempDir(), "none.db")
	if _, err := sqlite.Open(t.Context(), missing, sqlite.Options{ReadOnly: true}); engine.KindOf(err) != engine.Missing {
		t.Errorf("Open: %v, want Kind missing", err)
	}
}

func TestCopyTo(t *testing.T) {
	db, _ := fresh(t)
	_, err := db.Accept(t.Context(), arrival(1, "user", "text", start))
	must(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, db.CopyTo(t.Context(), path))
	copied := open(t, path)
	must(t, copied.Check(t.Context()))
	if q := live(t, copied, "answer", start); q.ID != "q1" {
		t.Errorf("the copy has question %q, want q1", q.ID)
	}
	if e, err := db.Entry(t.Context(), "q1"); err != nil || e.Question.State != journal.Waiting {
		t.Errorf("the question is %s, %v; want it untouched", e.Question.State, err)
	}
}

// TestEntriesPages reads over the ends of pages, with writes between.
func TestEntriesPages(t *testing.T) {
	db, _ := fresh(t)
	const questions = 1203
	sqlite.Fill(t, db, questions, arrival(0, "user0", "text", clock(0)), result("text", "button of q0", clock(0)))
	for _, tt := range []struct {
		name   string
		filter journal.Filter
		want   func(seq int64) bool
	}{
		{"all", journal.Filter{}, func(int64) bool { return true }},
		{"brief", journal.Filter{Brief: true}, func(int64) bool { return true }},
		{"newest", journal.Filter{Limit: 701}, func(seq int64) bool { return seq > questions-701 }},
		{"newest of more than there are", journal.Filter{Limit: questions + 1}, func(int64) bool { return true }},
		{"one page", journal.Filter{Limit: 500}, func(seq int64) bool { return seq > questions-500 }},
		{"since", journal.Filter{Since: clock(100)}, func(seq int64) bool { return seq > 100 }},
		{"until", journal.Filter{Until: clock(100)}, func(seq int64) bool { return seq <= 100 }},
		{"since the future", journal.Filter{Since: clock(questions)}, func(int64) bool { return false }},
		{"until the past", journal.Filter{Until: clock(0)}, func(int64) bool { return false }},
		{"user", journal.Filter{User: "user7"}, func(seq int64) bool { return seq%1000 == 8 }},
		{"newest of a user", journal.Filter{User: "user7", Limit: 1}, func(seq int64) bool { return seq == 1008 }},
		{"nobody", journal.Filter{User: "nobody"}, func(int64) bool { return false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want, got []int64
			for seq := range int64(questions) {
				if tt.want(seq + 1) {
					want = append(want, seq+1)
				}
			}
			for q, err := range db.Entries(t.Context(), tt.filter) {
				must(t, err)
				got = append(got, q.Seq)
				if len(got)%400 == 0 {
					must(t, db.SetSetting(t.Context(), "name", q.ID))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d questions, want %d: %d, want %d", len(got), len(want), got, want)
			}
		})
	}
}
