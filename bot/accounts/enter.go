package accounts

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
)

// An Attempt is somebody who says to be somebody.
type Attempt struct {
	Name, Password string
	Client
}

// Entered is somebody who has signed in. Token is for the client alone; it is not stored and cannot be had again.
type Entered struct {
	Token   string
	Session Session
	Account Account
}

// Login starts a session. ErrDenied when name and password do not fit, whatever the cause: it takes the same work
// for a name that nobody has, and for an account that is disabled or has no password. *WaitError after too many
// wrong tries: from the address, or for the account from addresses that it is not known from.
func (b *Book) Login(ctx context.Context, a Attempt) (Entered, error) {
	r, back, err := b.prove(ctx, a.Name, a.Password, a.Client)
	if err != nil {
		return Entered{}, err
	}
	renewed := Hash("")
	if b.hasher.old(r.Password) {
		if renewed, err = b.hasher.fresh(ctx, a.Password); err != nil {
			return Entered{}, err
		}
	}
	var e Entered
	err = b.change(ctx, func(w *work) error {
		now, err := b.still(w, r)
		if err != nil {
			return err
		}
		if renewed != "" {
			now.Password = renewed
			if err := w.PutAccount(now); err != nil {
				return err
			}
		}
		e, err = b.start(w, now.Account, "password", a.Client)
		return err
	})
	if err != nil {
		return Entered{}, err
	}
	back()
	return e, nil
}

// prove gives the account that a name and a password belong to, and what takes the try back.
func (b *Book) prove(ctx context.Context, name, password string, c Client) (Record, func(), error) {
	var r Record
	t := try{name: clean(name, maxShort), address: c.From}
	err := b.store.ReadAccounts(ctx, func(tx Tx) (err error) {
		if r, err = named(tx, name); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		t.account = r.ID
		t.known, err = tx.Knows(r.ID, network(c.From))
		return err
	})
	if err != nil {
		return Record{}, nil, err
	}
	back, fails, wait := b.limits.begin(b.now(), t)
	if wait > 0 {
		return Record{}, nil, &WaitError{wait}
	}
	fits, err := b.hasher.verify(ctx, r.Password, password)
	if err != nil {
		back()
		return Record{}, nil, err
	}
	if fits && !r.Disabled {
		return r, back, nil
	}
	b.log.WarnContext(ctx, "login refused", "account", r.ID, "from", c.From)
	if r.ID != "" && enters(fails) {
		if err := b.change(ctx, func(w *work) error {
			w.note(Entry{By: Program, Does: DidHold, Object: r.Name, Detail: Facts("tries", strconv.Itoa(fails)), From: c.From})
			return nil
		}); err != nil {
			return Record{}, nil, err
		}
	}
	return Record{}, nil, ErrDenied
}

// still gives an account as it is now, ErrDenied when it has been disabled or has another password since.
func (b *Book) still(tx Tx, r Record) (Record, error) {
	now, err := tx.Account(r.ID)
	if errors.Is(err, ErrNotFound) || err == nil && (now.Disabled || now.Password != r.Password) {
		return Record{}, ErrDenied
	}
	return now, err
}

// start starts a session of an account that is enabled.
func (b *Book) start(w *work, a Account, with string, c Client) (Entered, error) {
	if _, err := b.sweep(w); err != nil {
		return Entered{}, err
	}
	list, err := w.SessionsOf(a.ID)
	if err != nil {
		return Entered{}, err
	}
	for ; len(list) >= maxSessions; list = list[1:] {
		if err := w.DropSession(list[0].ID); err != nil {
			return Entered{}, err
		}
	}
	token, digest, err := b.newToken()
	if err != nil {
		return Entered{}, err
	}
	id, err := b.name("s")
	if err != nil {
		return Entered{}, err
	}
	s := Session{
		ID: id, Token: digest, Account: a.ID, CreatedAt: w.now, SeenAt: w.now,
		From: clean(c.From, maxShort), Agent: clean(c.Agent, maxShort),
	}
	if err := w.PutSession(s); err != nil {
		return Entered{}, err
	}
	if c.From != "" {
		if err := w.Remember(a.ID, network(c.From), w.now, keptPlaces); err != nil {
			return Entered{}, err
		}
	}
	w.note(Entry{By: a.Name, Does: DidEnter, Object: id, Detail: Facts("with", with), From: c.From})
	return Entered{token, s, a}, nil
}

// find gives the session of a token with its account, ErrDenied when it is over.
func (b *Book) find(tx Tx, token string) (Session, Account, error) {
	s, err := tx.Session(sha256.Sum256([]byte(token)))
	if errors.Is(err, ErrNotFound) {
		return Session{}, Account{}, ErrDenied
	}
	if err != nil {
		return Session{}, Account{}, err
	}
	now := b.now()
	if !now.Before(s.SeenAt.Add(b.idle)) || !now.Before(s.CreatedAt.Add(b.absolute)) {
		return Session{}, Account{}, ErrDenied
	}
	r, err := tx.Account(s.Account)
	if errors.Is(err, ErrNotFound) || err == nil && r.Disabled {
		return Session{}, Account{}, ErrDenied
	}
	return s, r.Account, err
}

// Session gives the session that a token stands for, and whose it is; ErrDenied when there is none or it is over.
// It notes the use, at most once a minute. When that cannot be written, the session goes on as long as it would
// have without the use.
func (b *Book) Session(ctx context.Context, token string) (Session, Account, error) {
	s, a, err := b.Peek(ctx, token)
	if err != nil {
		return Session{}, Account{}, err
	}
	if b.now().Sub(s.SeenAt) < seenEvery {
		return s, a, nil
	}
	var seen Session
	var owner Account
	err = b.store.ChangeAccounts(ctx, func(tx Tx) (err error) {
		if seen, owner, err = b.find(tx, token); err != nil {
			return err
		}
		seen.SeenAt = b.now()
		return tx.PutSession(seen)
	})
	switch {
	case errors.Is(err, ErrDenied):
		return Session{}, Account{}, err
	case err != nil:
		b.log.ErrorContext(ctx, "a session's use was not written", "error", err)
		return s, a, nil
	}
	return seen, owner, nil
}

// Peek is Session for what a page does of its own accord: it is no use, and the session goes on no longer because of it.
func (b *Book) Peek(ctx context.Context, token string) (Session, Account, error) {
	var s Session
	var a Account
	err := b.store.ReadAccounts(ctx, func(tx Tx) (err error) {
		s, a, err = b.find(tx, token)
		return err
	})
	if err != nil {
		return Session{}, Account{}, err
	}
	return s, a, nil
}

// Sessions lists where the owner of a token is signed in, oldest first. ErrDenied when the token is not good.
func (b *Book) Sessions(ctx context.Context, token string) ([]Session, error) {
	var list []Session
	err := b.store.ReadAccounts(ctx, func(tx Tx) error {
		_, a, err := b.find(tx, token)
		if err != nil {
			return err
		}
		list, err = tx.SessionsOf(a.ID)
		list = slices.DeleteFunc(list, func(s Session) bool {
			now := b.now()
			return !now.Before(s.SeenAt.Add(b.idle)) || !now.Before(s.CreatedAt.Add(b.absolute))
		})
		return err
	})
	return list, err
}

// Logout ends the session of a token. Nothing happens when it is over already.
func (b *Book) Logout(ctx context.Context, token string) error { return b.leave(ctx, token, "") }

// LogoutOther ends another of one's own sessions by its ID; ErrNotFound when one has none with it.
func (b *Book) LogoutOther(ctx context.Context, token, id string) error {
	return b.leave(ctx, token, id)
}

// leave ends one session: that of a token, or with an id another of the same account.
func (b *Book) leave(ctx context.Context, token, id string) error {
	return b.change(ctx, func(w *work) error {
		s, a, err := b.find(w, token)
		if errors.Is(err, ErrDenied) && id == "" {
			return nil
		}
		if err != nil {
			return err
		}
		if id == "" {
			id = s.ID
		}
		own, err := w.SessionsOf(a.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(own, func(s Session) bool { return s.ID == id }) {
			return ErrNotFound
		}
		w.note(Entry{By: a.Name, Does: DidLeave, Object: id, From: s.From})
		return w.DropSession(id)
	})
}

// LogoutAll ends all sessions of the owner of a token and says how many. ErrDenied when the token is not good.
func (b *Book) LogoutAll(ctx context.Context, token string) (int, error) {
	n := 0
	err := b.change(ctx, func(w *work) error {
		s, a, err := b.find(w, token)
		if err != nil {
			return err
		}
		if n, err = endSessions(w, a.ID); err != nil {
			return err
		}
		w.note(Entry{By: a.Name, Does: DidLeaveAll, Object: a.Name, Detail: Facts("sessions", strconv.Itoa(n)), From: s.From})
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
