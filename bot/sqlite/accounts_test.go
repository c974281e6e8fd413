package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
	"policybot/bot/sqlite"
	"policybot/retrieval/sqlite/engine"
)

func TestAccounts(t *testing.T) {
	accountstest.Test(t, func(t testing.TB) accounts.Store {
		db, _ := fresh(t)
		return db
	})
}

// newBook makes a Book on a file, with an admin and some entries in the audit.
func newBook(t testing.TB, db *sqlite.DB) *accounts.Book {
	t.Helper()
	book, err := accounts.New(accounts.Options{Store: db, Cost: accountstest.Cheap})
	must(t, err)
	code, err := book.Setup(t.Context())
	must(t, err)
	_, err = book.First(t.Context(), code, "root", "a long enough password", accounts.Client{From: "192.0.2.1"})
	must(t, err)
	for i := range 8 {
		must(t, book.Record(t.Context(), accounts.Entry{By: "root", Does: "setting.changed", Object: fmt.Sprintf("MARK%03d", i), Detail: "x=1", From: "192.0.2.1"}))
	}
	return book
}

// TestAuditColumns: whatever column of whichever entry is changed behind the program's back, the entry is named, and
// Check says that the file is not as it was left.
func TestAuditColumns(t *testing.T) {
	for _, change := range []string{
		`at_time = at_time + 1`, `who = 'roos'`, `does = does || ' '`, `object = lower(object) || ''`, `detail = ''`, `address = 'x'`,
		`hash = zeroblob(32)`, `hash = zeroblob(31)`, `at_time = 'soon'`, `workspace = 'other'`, `seq = seq + 100`,
	} {
		t.Run(change, func(t *testing.T) {
			db, path := fresh(t)
			book := newBook(t, db)
			must(t, db.Check(t.Context()))
			for _, seq := range []int64{10, 6} { // the first of two is named
				raw, err := sql.Open("sqlite", path)
				must(t, err)
				_, err = raw.ExecContext(t.Context(), `UPDATE audit SET `+change+` WHERE seq = ?`, seq)
				must(t, err)
				must(t, raw.Close())
				_, err = book.Verify(t.Context(), accounts.Head{Count: 10, Hash: accounts.Digest{1}})
				if bad, ok := errors.AsType[*accounts.BadRow](err); !ok || bad.Seq != seq {
					t.Errorf("%v, want entry %d named", err, seq)
				}
			}
			err := db.Check(t.Context())
			if e, ok := errors.AsType[*engine.Error](err); !ok || e.Kind != engine.Corrupt || !strings.Contains(err.Error(), "entry 6") {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestAuditBytes: one byte of an entry is flipped in the file itself.
func TestAuditBytes(t *testing.T) {
	db, path := fresh(t)
	book := newBook(t, db)
	head, err := book.Verify(t.Context())
	must(t, err)
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, db.CopyTo(t.Context(), copied))
	good, err := os.ReadFile(copied)
	must(t, err)
	for i := range 8 {
		row := bytes.Index(good, fmt.Appendf(nil, "rootsetting.changedMARK%03dx=1192.0.2.1", i))
		if row < 0 {
			t.Fatalf("entry %d is not in %s", i+3, path)
		}
		for _, at := range []int{0, 4, 22, 27, 36, 38, 60} { // who, does, object, detail, address, hash
			bad := slices.Clone(good)
			bad[row+at] ^= 4
			name := filepath.Join(t.TempDir(), "bad.db")
			must(t, os.WriteFile(name, bad, 0o600))
			tampered := open(t, name)
			other, err := accounts.New(accounts.Options{Store: tampered})
			must(t, err)
			_, err = other.Verify(t.Context(), head)
			if bad, ok := errors.AsType[*accounts.BadRow](err); !ok || bad.Seq != int64(i)+3 {
				t.Errorf("byte %d: %v, want entry %d named", at, err, i+3)
			}
		}
	}
}

// TestAccountRules: Check finds what no method leaves.
func TestAccountRules(t *testing.T) {
	for name, change := range map[string]string{
		"role":     `UPDATE accounts SET role = 'boss'`,
		"session":  `UPDATE accounts SET disabled = 1`,
		"code":     `INSERT INTO codes VALUES ('default', zeroblob(32), 'reset', '', 0)`,
		"of whom":  `INSERT INTO codes VALUES ('default', zeroblob(32), 'reset', 'nobody', 0)`,
		"a digest": `UPDATE audit SET hash = x'00'`,
	} {
		t.Run(name, func(t *testing.T) {
			db, path := fresh(t)
			book := newBook(t, db)
			_, err := book.Login(t.Context(), accounts.Attempt{Name: "root", Password: "a long enough password"})
			must(t, err)
			must(t, db.Check(t.Context()))
			raw, err := sql.Open("sqlite", path)
			must(t, err)
			_, err = raw.ExecContext(t.Context(), change)
			must(t, errors.Join(err, raw.Close()))
			if e, ok := errors.AsType[*engine.Error](db.Check(t.Context())); !ok || e.Kind != engine.Corrupt {
				t.Errorf("check: %v", e)
			}
		})
	}
}

// TestBeforeAccounts: a file of before there were accounts gets the tables, and loses nothing.
func TestBeforeAccounts(t *testing.T) {
	db, from := fresh(t)
	_, err := db.Accept(t.Context(), arrival(1, "user", "text", start))
	must(t, err)
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	older(t, path, from, append(slices.Clone(beforeProfiles), "0003_profiles.sql"))
	now := open(t, path)
	newBook(t, now)
	must(t, now.Check(t.Context()))
	if c, err := now.Count(t.Context()); err != nil || c.Questions != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestAccountsStay: who is signed in is so after a restart, and what is sealed is sealed.
func TestAccountsStay(t *testing.T) {
	db, path := fresh(t)
	book := newBook(t, db)
	e, err := book.Login(t.Context(), accounts.Attempt{Name: "root", Password: "a long enough password"})
	must(t, err)
	head, err := book.Head(t.Context())
	must(t, err)
	must(t, db.Close())
	next, err := accounts.New(accounts.Options{Store: open(t, path)})
	must(t, err)
	_, a, err := next.Session(t.Context(), e.Token)
	must(t, err)
	if now, err := next.Verify(t.Context(), head); err != nil || now != head || a.Name != "root" {
		t.Errorf("%v, %v, %+v", now, err, a)
	}
}

// BenchmarkSession is what each request of somebody signed in costs.
func BenchmarkSession(b *testing.B) {
	db, _ := fresh(b)
	book := newBook(b, db)
	e, err := book.Login(b.Context(), accounts.Attempt{Name: "root", Password: "a long enough password"})
	must(b, err)
	for b.Loop() {
		if _, _, err := book.Session(b.Context(), e.Token); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify is the audit of 100,000 entries read whole.
func BenchmarkVerify(b *testing.B) {
	db, _ := fresh(b)
	book := newBook(b, db)
	last, err := book.Head(b.Context())
	must(b, err)
	must(b, db.ChangeAccounts(b.Context(), func(tx accounts.Tx) error {
		hash := last.Hash
		for seq := last.Count + 1; seq <= 100_000; seq++ {
			e := accounts.Entry{Seq: seq, At: start, By: "root", Does: "setting.changed", Object: "approval", Detail: "on", From: "192.0.2.1"}
			e.Hash = accounts.Chain(hash, e)
			hash = e.Hash
			if err := tx.Append(e); err != nil {
				return err
			}
		}
		return nil
	}))
	for b.Loop() {
		if h, err := book.Verify(b.Context()); err != nil || h.Count != 100_000 {
			b.Fatal(h, err)
		}
	}
}
