// Package accountstest holds the conformance suite that every [accounts.Store] passes: cases for the sentences of
// its contract, a random walk in step with package memory, and the laws of a [accounts.Book] on it.
package accountstest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/bot/accounts"
)

// Start is the time at which the suite begins.
var Start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// Cheap is a cost for tests: it protects nothing.
var Cheap = accounts.Cost{Memory: 8, Time: 1, Threads: 1}

// Test checks that a store keeps its contract. open returns an empty store and has it closed at the end of the
// test that it is given.
func Test(t *testing.T, open func(t testing.TB) accounts.Store) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s accounts.Store)
	}{
		{"people", people},
		{"sessions", sessions},
		{"codes", codes},
		{"places", places},
		{"trail", trail},
		{"whole or not at all", whole},
		{"reading changes nothing", reading},
		{"one at a time", oneAtATime},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
	t.Run("in step with memory", func(t *testing.T) { inStep(t, open) })
	t.Run("laws", func(t *testing.T) { Laws(t, open) })
}

// change runs f in a transaction that must succeed.
func change(t testing.TB, s accounts.Store, f func(tx accounts.Tx) error) {
	t.Helper()
	if err := s.ChangeAccounts(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// read runs f in a transaction that reads, which must succeed.
func read(t testing.TB, s accounts.Store, f func(tx accounts.Tx) error) {
	t.Helper()
	if err := s.ReadAccounts(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func is(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// record makes account n.
func record(n int) accounts.Record {
	return accounts.Record{Account: accounts.Account{
		ID: fmt.Sprintf("u%d", n), Name: fmt.Sprintf("name%d", n), Display: "陈 \"某\"", Role: accounts.Ops, Lang: "zh",
		Subject: accounts.Subject{Issuer: "https://id.example", ID: fmt.Sprint(n)}, CreatedAt: Start.Add(time.Duration(n) * time.Microsecond),
	}, Password: "$argon2id$…"}
}

func session(n int, account string) accounts.Session {
	at := Start.Add(time.Duration(n) * time.Second)
	return accounts.Session{
		ID: fmt.Sprintf("s%d", n), Token: digest(fmt.Sprint("token", n)), Account: account,
		CreatedAt: at, SeenAt: at.Add(time.Minute), From: "192.0.2.1", Agent: "Browser/1",
	}
}

func digest(s string) accounts.Digest { return sha256.Sum256([]byte(s)) }

func people(t *testing.T, s accounts.Store) {
	a, b := record(2), record(1)
	b.Subject, b.Password, b.Disabled = accounts.Subject{}, "", true
	change(t, s, func(tx accounts.Tx) error { return errors.Join(tx.PutAccount(a), tx.PutAccount(b)) })
	read(t, s, func(tx accounts.Tx) error {
		got, err := tx.Account(a.ID)
		same(t, "by id", got, a)
		named, err2 := tx.Named(b.Name)
		same(t, "by name", named, b)
		bound, err3 := tx.Bound(a.Subject)
		same(t, "by subject", bound, a)
		all, err4 := tx.Accounts()
		same(t, "all", all, []accounts.Record{b, a})
		for _, unknown := range []func() (accounts.Record, error){
			func() (accounts.Record, error) { return tx.Account("") },
			func() (accounts.Record, error) { return tx.Account("u3") },
			func() (accounts.Record, error) { return tx.Named("NAME1") },
			func() (accounts.Record, error) { return tx.Bound(accounts.Subject{}) },
			func() (accounts.Record, error) {
				return tx.Bound(accounts.Subject{Issuer: "https://other.example", ID: a.Subject.ID})
			},
		} {
			r, err := unknown()
			is(t, "unknown", err, accounts.ErrNotFound)
			same(t, "unknown", r, accounts.Record{})
		}
		return errors.Join(err, err2, err3, err4)
	})
	for name, alike := range map[string]func(r *accounts.Record){
		"name":    func(r *accounts.Record) { r.Name = a.Name },
		"subject": func(r *accounts.Record) { r.Subject = a.Subject },
	} {
		r := record(9)
		alike(&r)
		is(t, "the same "+name, s.ChangeAccounts(t.Context(), func(tx accounts.Tx) error { return tx.PutAccount(r) }), accounts.ErrTaken)
	}
	a.Role, a.Password, a.Subject, a.Display = accounts.Viewer, "", accounts.Subject{}, ""
	change(t, s, func(tx accounts.Tx) error { return tx.PutAccount(a) })
	read(t, s, func(tx accounts.Tx) error {
		got, err := tx.Account(a.ID)
		same(t, "replaced", got, a)
		return err
	})
}

func sessions(t *testing.T, s accounts.Store) {
	a, b := record(1), record(2)
	first, second, other := session(2, a.ID), session(1, a.ID), session(3, b.ID)
	change(t, s, func(tx accounts.Tx) error {
		return errors.Join(tx.PutAccount(a), tx.PutAccount(b), tx.PutSession(first), tx.PutSession(second), tx.PutSession(other))
	})
	wantSessions := func(account string, want ...accounts.Session) {
		t.Helper()
		read(t, s, func(tx accounts.Tx) error {
			list, err := tx.SessionsOf(account)
			same(t, "sessions of "+account, list, want)
			return err
		})
	}
	wantSessions(a.ID, second, first)
	wantSessions("nobody")
	read(t, s, func(tx accounts.Tx) error {
		got, err := tx.Session(other.Token)
		same(t, "by token", got, other)
		_, unknown := tx.Session(digest("another"))
		is(t, "unknown token", unknown, accounts.ErrNotFound)
		return err
	})
	if err := s.ChangeAccounts(t.Context(), func(tx accounts.Tx) error { return tx.PutSession(session(9, "nobody")) }); err == nil {
		t.Error("a session of no account is kept")
	}
	first.SeenAt = first.SeenAt.Add(time.Hour)
	change(t, s, func(tx accounts.Tx) error {
		return errors.Join(tx.PutSession(first), tx.DropSession("none"), tx.DropSession(other.ID))
	})
	wantSessions(a.ID, second, first)
	wantSessions(b.ID)
	drop := func(seen, created time.Time, want int) {
		t.Helper()
		change(t, s, func(tx accounts.Tx) error {
			n, err := tx.DropExpired(seen, created)
			same(t, "dropped", n, want)
			return err
		})
	}
	drop(second.SeenAt, second.CreatedAt, 0) // before, not at
	drop(second.SeenAt.Add(time.Microsecond), second.CreatedAt, 1)
	wantSessions(a.ID, first)
	drop(time.Time{}, first.CreatedAt.Add(time.Microsecond), 1)
	wantSessions(a.ID)
}

func codes(t *testing.T, s accounts.Store) {
	setup := accounts.Code{Digest: digest("setup"), For: accounts.ForSetup, Until: Start}
	reset := accounts.Code{Digest: digest("reset"), For: accounts.ForReset, Account: "u1", Until: Start.Add(time.Second)}
	change(t, s, func(tx accounts.Tx) error { return errors.Join(tx.PutCode(setup), tx.PutCode(reset)) })
	want := func(c accounts.Code, there bool) {
		t.Helper()
		read(t, s, func(tx accounts.Tx) error {
			got, err := tx.Code(c.Digest)
			if !there {
				is(t, "code", err, accounts.ErrNotFound)
				return nil
			}
			same(t, "code", got, c)
			return err
		})
	}
	want(setup, true)
	want(reset, true)
	change(t, s, func(tx accounts.Tx) error {
		return errors.Join(tx.DropCodes(accounts.ForSetup, "u1"), tx.DropCodes(accounts.ForReset, ""), tx.DropOldCodes(Start))
	})
	want(setup, true)
	want(reset, true)
	change(t, s, func(tx accounts.Tx) error { return tx.DropOldCodes(Start.Add(time.Microsecond)) })
	want(setup, false)
	change(t, s, func(tx accounts.Tx) error { return tx.DropCodes(accounts.ForReset, "u1") })
	want(reset, false)
}

func places(t *testing.T, s accounts.Store) {
	change(t, s, func(tx accounts.Tx) error { return errors.Join(tx.PutAccount(record(1)), tx.PutAccount(record(2))) })
	want := func(account string, known ...string) {
		t.Helper()
		read(t, s, func(tx accounts.Tx) error {
			for _, address := range []string{"a", "b", "c", "d"} {
				got, err := tx.Knows(account, address)
				if err != nil {
					return err
				}
				same(t, account+" at "+address, got, slices.Contains(known, address))
			}
			return nil
		})
	}
	remember := func(account, address string, at time.Time) {
		change(t, s, func(tx accounts.Tx) error { return tx.Remember(account, address, at, 2) })
	}
	remember("u1", "a", Start)
	remember("u1", "b", Start.Add(time.Second))
	remember("u1", "a", Start.Add(2*time.Second))
	remember("u2", "d", Start)
	want("u1", "a", "b")
	remember("u1", "c", Start.Add(3*time.Second))
	want("u1", "a", "c")
	want("u2", "d")
	want("")
	remember("u2", "b", Start)
	remember("u2", "c", Start)
	want("u2", "c", "d")
}

// entry makes entry n.
func entry(n int64) accounts.Entry {
	return accounts.Entry{
		Seq: n, At: Start.Add(time.Duration(n) * time.Second), By: fmt.Sprint("by", n%2), Does: fmt.Sprint("does", n%3),
		Object: fmt.Sprint("object", n%5), Detail: "说明=\"x\"", From: "2001:db8::/64", Hash: digest(fmt.Sprint(n)),
	}
}

func trail(t *testing.T, s accounts.Store) {
	read(t, s, func(tx accounts.Tx) error {
		last, err := tx.Last()
		same(t, "last of none", last, accounts.Entry{})
		return err
	})
	const n = 40
	var all []accounts.Entry
	change(t, s, func(tx accounts.Tx) error {
		for i := int64(1); i <= n; i++ {
			all = append(all, entry(i))
			if err := tx.Append(entry(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.ChangeAccounts(t.Context(), func(tx accounts.Tx) error { return tx.Append(entry(n)) }); err == nil {
		t.Error("a number is given twice")
	}
	read(t, s, func(tx accounts.Tx) error {
		last, err := tx.Last()
		same(t, "last", last, all[n-1])
		var seen []accounts.Entry
		err2 := tx.EachEntry(func(e accounts.Entry) error { seen = append(seen, e); return nil })
		same(t, "each", seen, all)
		own := errors.New("enough")
		is(t, "left early", tx.EachEntry(func(accounts.Entry) error { return own }), own)
		return errors.Join(err, err2)
	})
	for _, f := range []accounts.Filter{
		{},
		{Limit: 7},
		{Limit: 7, Before: 12},
		{By: "by1"},
		{Does: "does2", Limit: 3},
		{Object: "object4"},
		{By: "by"},
		{Since: all[10].At},
		{Until: all[10].At},
		{Since: all[5].At, Until: all[30].At, By: "by0", Does: "does1", Object: "object0", Before: 40},
	} {
		var want []accounts.Entry
		for _, e := range slices.Backward(all) {
			if f.Fits(e) && (f.Limit == 0 || len(want) < f.Limit) {
				want = append(want, e)
			}
		}
		read(t, s, func(tx accounts.Tx) error {
			list, err := tx.Entries(f)
			same(t, fmt.Sprintf("%+v", f), list, want)
			return err
		})
	}
}

func whole(t *testing.T, s accounts.Store) {
	change(t, s, func(tx accounts.Tx) error { return errors.Join(tx.PutAccount(record(1)), tx.Append(entry(1))) })
	own := errors.New("no")
	err := s.ChangeAccounts(t.Context(), func(tx accounts.Tx) error {
		return errors.Join(tx.PutAccount(record(2)), tx.PutSession(session(1, "u1")), tx.Append(entry(2)),
			tx.Remember("u1", "a", Start, 5), tx.PutCode(accounts.Code{Digest: digest("x"), For: accounts.ForReset, Account: "u1"}), own)
	})
	is(t, "its own error", err, own)
	read(t, s, func(tx accounts.Tx) error {
		_, account := tx.Account("u2")
		is(t, "account", account, accounts.ErrNotFound)
		_, session := tx.Session(session(1, "u1").Token)
		is(t, "session", session, accounts.ErrNotFound)
		_, code := tx.Code(digest("x"))
		is(t, "code", code, accounts.ErrNotFound)
		known, err := tx.Knows("u1", "a")
		same(t, "place", known, false)
		last, err2 := tx.Last()
		same(t, "last", last, entry(1))
		return errors.Join(err, err2)
	})
	next := entry(2)
	next.Detail = "another"
	change(t, s, func(tx accounts.Tx) error { return tx.Append(next) })
	read(t, s, func(tx accounts.Tx) error {
		list, err := tx.Entries(accounts.Filter{})
		same(t, "after", list, []accounts.Entry{next, entry(1)})
		return err
	})
}

func reading(t *testing.T, s accounts.Store) {
	for name, write := range map[string]func(tx accounts.Tx) error{
		"account": func(tx accounts.Tx) error { return tx.PutAccount(record(1)) },
		"entry":   func(tx accounts.Tx) error { return tx.Append(entry(1)) },
	} {
		_ = s.ReadAccounts(t.Context(), write) // it may fail; that it has no effect counts
		read(t, s, func(tx accounts.Tx) error {
			list, err := tx.Accounts()
			last, err2 := tx.Last()
			if len(list) > 0 || last.Seq > 0 {
				t.Errorf("%s was written in a transaction that reads", name)
			}
			return errors.Join(err, err2)
		})
	}
}

func oneAtATime(t *testing.T, s accounts.Store) {
	const writers, each = 4, 10
	done := make(chan error, writers)
	for range writers {
		go func() {
			for range each {
				if err := s.ChangeAccounts(t.Context(), func(tx accounts.Tx) error {
					last, err := tx.Last()
					return errors.Join(err, tx.Append(entry(last.Seq+1)))
				}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	read(t, s, func(tx accounts.Tx) error {
		last, err := tx.Last()
		same(t, "entries", last.Seq, int64(writers*each))
		return err
	})
}
