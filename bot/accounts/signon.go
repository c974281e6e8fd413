package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Identity is who a provider of sign-on says that somebody is. Email counts only when the provider has
// verified that it is the person's.
type Identity struct {
	Issuer, Subject string
	Email           string
	EmailVerified   bool
	Name            string
}

// A SignOn says whom a provider of sign-on may bring. The zero SignOn lets in only accounts that are bound already.
type SignOn struct {
	Domains []string // of e-mail addresses that may come; none: nobody new
	Role    Role     // of accounts that are made: Viewer when "", never Admin
	Create  bool     // accounts are made for who has none
	Bind    bool     // accounts without password or sign-on are bound to who has their name as e-mail address
}

func (s SignOn) checked() (SignOn, error) {
	if s.Role == "" {
		s.Role = Viewer
	}
	if !s.Role.Known() || s.Role == Admin {
		return s, fmt.Errorf("accounts made by sign-on cannot have the role %q: %w", s.Role, ErrRole)
	}
	s.Domains = slices.Clone(s.Domains)
	for i, d := range s.Domains {
		d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if d == "" || strings.ContainsAny(d, "@* ") {
			return s, fmt.Errorf("%q is no domain of e-mail addresses", s.Domains[i])
		}
		s.Domains[i] = d
	}
	return s, nil
}

// allows reports whether an identity may be bound to an account or have one made.
func (s SignOn) allows(id Identity) bool {
	at := strings.IndexByte(id.Email, '@') // one with two signs has no domain of the list
	return id.EmailVerified && at > 0 && slices.Contains(s.Domains, strings.ToLower(id.Email[at+1:]))
}

// Federated starts a session for whom a provider has brought: of the account that is bound to the identity, else of
// one that is bound or made now as Options.SignOn allows. An account that has a password, or another sign-on, is
// never bound, so that nobody takes one over with an address alone. ErrDenied when the account is disabled or
// nobody new may come, ErrTaken when the name of the new account is another's.
func (b *Book) Federated(ctx context.Context, id Identity, c Client) (Entered, error) {
	if id.Issuer == "" || id.Subject == "" {
		return Entered{}, ErrDenied
	}
	fresh, err := b.name("u")
	if err != nil {
		return Entered{}, err
	}
	var e Entered
	err = b.change(ctx, func(w *work) error {
		r, err := w.Bound(Subject{id.Issuer, id.Subject})
		if errors.Is(err, ErrNotFound) {
			r, err = b.admit(w, id, fresh, c)
		}
		if err != nil {
			return err
		}
		if r.Disabled {
			return ErrDenied
		}
		e, err = b.start(w, r.Account, "sign-on", c)
		return err
	})
	if err != nil {
		return Entered{}, err
	}
	return e, nil
}

// admit binds an account to an identity that has none, or makes one.
func (b *Book) admit(w *work, id Identity, fresh string, c Client) (Record, error) {
	if !b.signOn.allows(id) {
		return Record{}, ErrDenied
	}
	subject := Subject{id.Issuer, id.Subject}
	r, err := named(w, id.Email)
	switch {
	case err == nil && b.signOn.Bind && !r.Disabled && r.Password == "" && r.Subject == Subject{}:
		r.Subject = subject
		w.note(Entry{By: r.Name, Does: DidBind, Object: r.Name, Detail: Facts("issuer", id.Issuer), From: c.From})
		return r, errors.Join(w.DropCodes(ForReset, r.ID), w.PutAccount(r))
	case err == nil:
		return Record{}, ErrTaken
	case !errors.Is(err, ErrNotFound):
		return Record{}, err
	case !b.signOn.Create:
		return Record{}, ErrDenied
	}
	name, err := FoldName(id.Email)
	if err != nil { // an address that is no login name
		sum := sha256.Sum256([]byte(id.Issuer + "\x00" + id.Subject))
		name = "sso-" + hex.EncodeToString(sum[:8])
	}
	r = Record{Account: Account{ID: fresh, Name: name, Display: display(id.Name), Role: b.signOn.Role, Subject: subject, CreatedAt: w.now}}
	w.note(Entry{By: Program, Does: DidCreate, Object: name, Detail: Facts("role", string(r.Role), "issuer", id.Issuer), From: c.From})
	return r, w.PutAccount(r)
}
