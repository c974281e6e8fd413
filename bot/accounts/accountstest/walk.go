package accountstest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/bot/accounts"
	"policybot/bot/accounts/memory"
)

// errGivenUp ends transactions of the walk that are not to be kept.
var errGivenUp = errors.New("given up")

// inStep does the same to a store and to package memory, some of it given up half-way, and compares all that both
// hold.
func inStep(t *testing.T, open func(t testing.TB) accounts.Store) {
	rapid.Check(t, func(r *rapid.T) {
		s, reference := open(t), memory.New()
		for range rapid.IntRange(1, 12).Draw(r, "transactions") {
			var does []func(tx accounts.Tx) error
			for range rapid.IntRange(1, 6).Draw(r, "calls") {
				does = append(does, drawCall(r))
			}
			gives := rapid.IntRange(0, 4).Draw(r, "given up") == 0
			run := func(tx accounts.Tx) error {
				for _, do := range does {
					if err := do(tx); err != nil {
						return err
					}
				}
				if gives {
					return errGivenUp
				}
				return nil
			}
			got, want := s.ChangeAccounts(t.Context(), run), reference.ChangeAccounts(t.Context(), run)
			if (got == nil) != (want == nil) || errors.Is(got, accounts.ErrTaken) != errors.Is(want, accounts.ErrTaken) {
				r.Fatalf("the store: %v; the reference: %v", got, want)
			}
			if d := cmp.Diff(everything(t, reference), everything(t, s)); d != "" {
				r.Fatalf("-reference +store:\n%s", d)
			}
		}
	})
}

// drawCall draws something to do in a transaction.
func drawCall(r *rapid.T) func(tx accounts.Tx) error {
	n := rapid.IntRange(1, 4).Draw(r, "n")
	m := rapid.IntRange(1, 4).Draw(r, "m")
	at := Start.Add(time.Duration(rapid.IntRange(-2, 8).Draw(r, "at")) * time.Second)
	account, address := fmt.Sprint("u", m), fmt.Sprint("address", n)
	code := accounts.Code{Digest: digest(address), For: accounts.ForReset, Account: account, Until: at}
	switch rapid.IntRange(0, 9).Draw(r, "does") {
	case 0:
		p := record(n)
		p.Name, p.CreatedAt = fmt.Sprint("name", m), at
		if m > 2 {
			p.Subject = accounts.Subject{}
		}
		return func(tx accounts.Tx) error { return tx.PutAccount(p) }
	case 1:
		return func(tx accounts.Tx) error { return tx.PutAccount(record(n)) }
	case 2:
		s := session(n, account)
		s.SeenAt = at
		return func(tx accounts.Tx) error { return tx.PutSession(s) }
	case 3:
		return func(tx accounts.Tx) error { return tx.DropSession(fmt.Sprint("s", n)) }
	case 4:
		return func(tx accounts.Tx) error {
			_, err := tx.DropExpired(at, Start.Add(time.Duration(n)*time.Second))
			return err
		}
	case 5:
		return func(tx accounts.Tx) error {
			if _, err := tx.Code(code.Digest); err == nil {
				return nil
			}
			return tx.PutCode(code)
		}
	case 6:
		return func(tx accounts.Tx) error { return tx.DropCodes(accounts.ForReset, account) }
	case 7:
		return func(tx accounts.Tx) error { return tx.DropOldCodes(at) }
	case 8:
		return func(tx accounts.Tx) error {
			if _, err := tx.Account(account); err != nil {
				return nil
			}
			return tx.Remember(account, address, at, 2)
		}
	}
	return func(tx accounts.Tx) error {
		last, err := tx.Last()
		return errors.Join(err, tx.Append(entry(last.Seq+1)))
	}
}

// all is what a store holds.
type all struct {
	People   []accounts.Record
	Sessions map[string][]accounts.Session
	Codes    map[string]accounts.Code
	Places   map[string]bool
	Entries  []accounts.Entry
}

func everything(t testing.TB, s accounts.Store) all {
	t.Helper()
	a := all{Sessions: map[string][]accounts.Session{}, Codes: map[string]accounts.Code{}, Places: map[string]bool{}}
	read(t, s, func(tx accounts.Tx) error {
		var err, err2 error
		a.People, err = tx.Accounts()
		a.Entries, err2 = tx.Entries(accounts.Filter{})
		for m := range 5 {
			account := fmt.Sprint("u", m)
			list, e := tx.SessionsOf(account)
			err = errors.Join(err, e)
			a.Sessions[account] = list
			for n := range 5 {
				address := fmt.Sprint("address", n)
				known, e := tx.Knows(account, address)
				err = errors.Join(err, e)
				a.Places[account+address] = known
				if c, e := tx.Code(digest(address)); !errors.Is(e, accounts.ErrNotFound) {
					a.Codes[address] = c
					err = errors.Join(err, e)
				}
			}
		}
		return errors.Join(err, err2)
	})
	return a
}
