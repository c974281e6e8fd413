// Package memory keeps accounts in memory. It is the reference for every other store of accounts, and what tests
// use; what it keeps ends with the process.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/accounts"
)

// A Store is an [accounts.Store] in memory. Make one with New.
type Store struct {
	mu   sync.Mutex
	rows rows
}

var _ accounts.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	return &Store{rows: rows{
		people: map[string]accounts.Record{}, sessions: map[string]accounts.Session{},
		codes: map[accounts.Digest]accounts.Code{}, places: map[place]time.Time{},
	}}
}

// rows are one state of a store, and its transaction.
type rows struct {
	people   map[string]accounts.Record
	sessions map[string]accounts.Session
	codes    map[accounts.Digest]accounts.Code
	places   map[place]time.Time
	trail    []accounts.Entry
	readOnly bool
}

type place struct{ account, address string }

var _ accounts.Tx = (*rows)(nil)

// errReadOnly is of a transaction that only reads.
var errReadOnly = errors.New("this transaction only reads")

// ChangeAccounts implements [accounts.Store].
func (s *Store) ChangeAccounts(ctx context.Context, f func(tx accounts.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	next := rows{
		people: maps.Clone(s.rows.people), sessions: maps.Clone(s.rows.sessions),
		codes: maps.Clone(s.rows.codes), places: maps.Clone(s.rows.places), trail: s.rows.trail,
	}
	if err := f(&next); err != nil {
		return err
	}
	s.rows = next
	return nil
}

// ReadAccounts implements [accounts.Store].
func (s *Store) ReadAccounts(ctx context.Context, f func(tx accounts.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	view := s.rows
	view.readOnly = true
	return f(&view)
}

// writable fails in a transaction that only reads.
func (r *rows) writable() error {
	if r.readOnly {
		return errReadOnly
	}
	return nil
}

// Account implements [accounts.People].
func (r *rows) Account(id string) (accounts.Record, error) {
	p, ok := r.people[id]
	if !ok {
		return accounts.Record{}, fmt.Errorf("account: %w", accounts.ErrNotFound)
	}
	return p, nil
}

func (r *rows) find(fits func(accounts.Record) bool) (accounts.Record, error) {
	for _, p := range r.people {
		if fits(p) {
			return p, nil
		}
	}
	return accounts.Record{}, fmt.Errorf("account: %w", accounts.ErrNotFound)
}

// Named implements [accounts.People].
func (r *rows) Named(name string) (accounts.Record, error) {
	return r.find(func(p accounts.Record) bool { return p.Name == name })
}

// Bound implements [accounts.People].
func (r *rows) Bound(s accounts.Subject) (accounts.Record, error) {
	return r.find(func(p accounts.Record) bool { return s != accounts.Subject{} && p.Subject == s })
}

// Accounts implements [accounts.People].
func (r *rows) Accounts() ([]accounts.Record, error) {
	return slices.SortedFunc(maps.Values(r.people), func(a, b accounts.Record) int { return strings.Compare(a.Name, b.Name) }), nil
}

// PutAccount implements [accounts.People].
func (r *rows) PutAccount(p accounts.Record) error {
	if err := r.writable(); err != nil {
		return err
	}
	if _, err := r.find(func(o accounts.Record) bool {
		return o.ID != p.ID && (o.Name == p.Name || o.Subject == p.Subject && p.Subject != accounts.Subject{})
	}); err == nil {
		return fmt.Errorf("account %q: %w", p.Name, accounts.ErrTaken)
	}
	p.CreatedAt = exact(p.CreatedAt)
	r.people[p.ID] = p
	return nil
}

// Session implements [accounts.Sessions].
func (r *rows) Session(token accounts.Digest) (accounts.Session, error) {
	for _, s := range r.sessions {
		if s.Token == token {
			return s, nil
		}
	}
	return accounts.Session{}, fmt.Errorf("session: %w", accounts.ErrNotFound)
}

// SessionsOf implements [accounts.Sessions].
func (r *rows) SessionsOf(account string) ([]accounts.Session, error) {
	var list []accounts.Session
	for _, s := range r.sessions {
		if s.Account == account {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b accounts.Session) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return list, nil
}

// PutSession implements [accounts.Sessions].
func (r *rows) PutSession(s accounts.Session) error {
	if err := r.writable(); err != nil {
		return err
	}
	if _, ok := r.people[s.Account]; !ok {
		return fmt.Errorf("session of %q: no such account", s.Account)
	}
	s.CreatedAt, s.SeenAt = exact(s.CreatedAt), exact(s.SeenAt)
	r.sessions[s.ID] = s
	return nil
}

// DropSession implements [accounts.Sessions].
func (r *rows) DropSession(id string) error {
	if err := r.writable(); err != nil {
		return err
	}
	delete(r.sessions, id)
	return nil
}

// DropExpired implements [accounts.Sessions].
func (r *rows) DropExpired(seen, created time.Time) (int, error) {
	if err := r.writable(); err != nil {
		return 0, err
	}
	before := len(r.sessions)
	maps.DeleteFunc(r.sessions, func(_ string, s accounts.Session) bool {
		return s.SeenAt.Before(seen) || s.CreatedAt.Before(created)
	})
	return before - len(r.sessions), nil
}

// Code implements [accounts.Codes].
func (r *rows) Code(d accounts.Digest) (accounts.Code, error) {
	c, ok := r.codes[d]
	if !ok {
		return accounts.Code{}, fmt.Errorf("code: %w", accounts.ErrNotFound)
	}
	return c, nil
}

// PutCode implements [accounts.Codes].
func (r *rows) PutCode(c accounts.Code) error {
	if err := r.writable(); err != nil {
		return err
	}
	c.Until = exact(c.Until)
	r.codes[c.Digest] = c
	return nil
}

// DropCodes implements [accounts.Codes].
func (r *rows) DropCodes(p accounts.Purpose, account string) error {
	if err := r.writable(); err != nil {
		return err
	}
	maps.DeleteFunc(r.codes, func(_ accounts.Digest, c accounts.Code) bool { return c.For == p && c.Account == account })
	return nil
}

// DropOldCodes implements [accounts.Codes].
func (r *rows) DropOldCodes(before time.Time) error {
	if err := r.writable(); err != nil {
		return err
	}
	maps.DeleteFunc(r.codes, func(_ accounts.Digest, c accounts.Code) bool { return c.Until.Before(before) })
	return nil
}

// Knows implements [accounts.Places].
func (r *rows) Knows(account, address string) (bool, error) {
	_, ok := r.places[place{account, address}]
	return ok, nil
}

// Remember implements [accounts.Places].
func (r *rows) Remember(account, address string, at time.Time, keep int) error {
	if err := r.writable(); err != nil {
		return err
	}
	r.places[place{account, address}] = exact(at)
	var own []place
	for p := range r.places {
		if p.account == account {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b place) int { // the latest first
		return cmp.Or(r.places[b].Compare(r.places[a]), bytes.Compare([]byte(b.address), []byte(a.address)))
	})
	for _, p := range own[min(keep, len(own)):] {
		delete(r.places, p)
	}
	return nil
}

// Last implements [accounts.Trail].
func (r *rows) Last() (accounts.Entry, error) {
	if len(r.trail) == 0 {
		return accounts.Entry{}, nil
	}
	return r.trail[len(r.trail)-1], nil
}

// Append implements [accounts.Trail].
func (r *rows) Append(e accounts.Entry) error {
	if err := r.writable(); err != nil {
		return err
	}
	if last, _ := r.Last(); e.Seq <= last.Seq {
		return fmt.Errorf("entry %d after %d", e.Seq, last.Seq)
	}
	e.At = exact(e.At)
	r.trail = append(r.trail, e) // what a transaction that fails has put behind the end is written over
	return nil
}

// Entries implements [accounts.Trail].
func (r *rows) Entries(f accounts.Filter) ([]accounts.Entry, error) {
	var list []accounts.Entry
	for _, e := range slices.Backward(r.trail) {
		if f.Limit > 0 && len(list) == f.Limit {
			break
		}
		if f.Fits(e) {
			list = append(list, e)
		}
	}
	return list, nil
}

// EachEntry implements [accounts.Trail].
func (r *rows) EachEntry(f func(accounts.Entry) error) error {
	for _, e := range r.trail {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// exact gives t as a database keeps it.
func exact(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }
