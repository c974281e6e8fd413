package accounts

import (
	"context"
	"time"
)

// A Store keeps rows in transactions. It may be used by several goroutines.
type Store interface {
	// ChangeAccounts runs f in one transaction that writes; no other writes meanwhile. When it returns nil, all
	// that f did is kept and outlives the process; else nothing of it is. The error is that of f when there is one.
	// f must not keep tx and must not call the store.
	ChangeAccounts(ctx context.Context, f func(tx Tx) error) error
	// ReadAccounts runs f in one transaction that only reads.
	ReadAccounts(ctx context.Context, f func(tx Tx) error) error
}

// A Tx is one transaction. What is given to it and what it gives are the caller's own.
type Tx interface {
	People
	Sessions
	Codes
	Places
	Trail
}

// People are the accounts. There is no deleting: an account that did something stays known.
type People interface {
	// Account gives one by its id; ErrNotFound.
	Account(id string) (Record, error)
	// Named gives the one with a name as FoldName gives it; ErrNotFound.
	Named(name string) (Record, error)
	// Bound gives the one that a subject is; ErrNotFound, also for the zero Subject.
	Bound(s Subject) (Record, error)
	// Accounts gives all in order of their names by bytes.
	Accounts() ([]Record, error)
	// PutAccount adds one or replaces that with its id. ErrTaken when another has its Name or its Subject.
	PutAccount(r Record) error
}

// Sessions are where people are signed in.
type Sessions interface {
	// Session gives the one with a token; ErrNotFound.
	Session(token Digest) (Session, error)
	// SessionsOf gives those of an account, oldest first, then by id.
	SessionsOf(account string) ([]Session, error)
	// PutSession adds one or replaces that with its ID.
	PutSession(s Session) error
	// DropSession removes the one with an id, if there is one.
	DropSession(id string) error
	// DropExpired removes those that were last seen before a time, and those made before another, and says how many.
	DropExpired(seen, created time.Time) (int, error)
}

// Codes are what lets somebody in once.
type Codes interface {
	// Code gives the one with a digest; ErrNotFound.
	Code(d Digest) (Code, error)
	// PutCode adds one.
	PutCode(c Code) error
	// DropCodes removes those of a purpose and an account.
	DropCodes(p Purpose, account string) error
	// DropOldCodes removes those whose Until is before a time.
	DropOldCodes(before time.Time) error
}

// Places are the addresses from which people have signed in.
type Places interface {
	// Knows reports whether an account has signed in from an address.
	Knows(account, address string) (bool, error)
	// Remember keeps that it has. Of each account the latest keep addresses are kept, of those with the same time
	// the last by bytes.
	Remember(account, address string, at time.Time, keep int) error
}

// A Trail is the audit.
type Trail interface {
	// Last gives the entry with the highest Seq, the zero Entry when there is none.
	Last() (Entry, error)
	// Append adds one, whose Seq must be higher than all.
	Append(e Entry) error
	// Entries gives those that fit, newest first, f.Limit of them at most (0: all).
	Entries(f Filter) ([]Entry, error)
	// EachEntry gives every entry to f in order of Seq until f fails, whose error it then returns. An error of
	// its own is about the entry after the last that it gave.
	EachEntry(f func(Entry) error) error
}
