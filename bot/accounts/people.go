package accounts

import (
	"context"
	"errors"
	"strconv"
	"unicode/utf8"
)

// A NewAccount is an account to be made.
type NewAccount struct {
	Name, Display string
	Role          Role
	Lang          string // "", zh or en
	SignOn        bool   // has no password: Name is an e-mail address, and its owner signs in by the provider
}

// maxDisplay is how many characters the name of a person may have.
const maxDisplay = 100

// checked gives the account that is to be made.
func (n NewAccount) checked() (Account, error) {
	name, err := FoldName(n.Name)
	if err != nil {
		return Account{}, err
	}
	if !n.Role.Known() {
		return Account{}, ErrRole
	}
	if n.Lang != "zh" && n.Lang != "en" {
		n.Lang = ""
	}
	return Account{Name: name, Display: display(n.Display), Role: n.Role, Lang: n.Lang}, nil
}

// display gives a person's name as it is stored.
func display(s string) string {
	s = clean(s, 4*maxDisplay)
	for utf8.RuneCountInString(s) > maxDisplay {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// Create makes an account and gives the code with which its owner sets the password within a day; with n.SignOn
// there is none. ErrName, ErrRole, ErrTaken.
func (b *Book) Create(ctx context.Context, by Actor, n NewAccount) (Account, string, error) {
	a, err := n.checked()
	if err != nil {
		return Account{}, "", err
	}
	if a.ID, err = b.name("u"); err != nil {
		return Account{}, "", err
	}
	code := ""
	err = b.change(ctx, func(w *work) error {
		who, err := w.allow(by)
		if err != nil {
			return err
		}
		a.CreatedAt = w.now
		if err := w.PutAccount(Record{Account: a}); err != nil {
			return err
		}
		w.note(Entry{By: who, Does: DidCreate, Object: a.Name, Detail: Facts("role", string(a.Role)), From: by.From})
		if !n.SignOn {
			code, err = b.give(w, ForReset, a.ID)
		}
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, code, nil
}

// Accounts lists all accounts in order of their names.
func (b *Book) Accounts(ctx context.Context) ([]Account, error) {
	var list []Account
	err := b.store.ReadAccounts(ctx, func(tx Tx) error {
		all, err := tx.Accounts()
		for _, r := range all {
			list = append(list, r.Account)
		}
		return err
	})
	return list, err
}

// Account gives the account with a login name; ErrNotFound.
func (b *Book) Account(ctx context.Context, name string) (Account, error) {
	var r Record
	err := b.store.ReadAccounts(ctx, func(tx Tx) (err error) {
		r, err = named(tx, name)
		return err
	})
	return r.Account, err
}

// named finds an account by its name as people write it.
func named(tx Tx, name string) (Record, error) {
	folded, err := FoldName(name)
	if err != nil {
		return Record{}, ErrNotFound
	}
	return tx.Named(folded)
}

// alter changes the account with a name, ends its sessions, and enters what was done. f says what, "" for nothing.
func (b *Book) alter(ctx context.Context, by Actor, name string, f func(w *work, r *Record) (does string, detail []string, err error)) (Account, error) {
	var r Record
	err := b.change(ctx, func(w *work) error {
		who, err := w.allow(by)
		if err != nil {
			return err
		}
		if r, err = named(w, name); err != nil {
			return err
		}
		governed := governs(r)
		does, detail, err := f(w, &r) // detail: names and values
		if err != nil || does == "" {
			return err
		}
		if governed && !governs(r) {
			if n, err := admins(w, r.ID); err != nil || n == 0 {
				return errors.Join(err, ErrLastAdmin)
			}
		}
		ended, err := endSessions(w, r.ID)
		if err != nil {
			return err
		}
		detail = append(detail, "sessions", strconv.Itoa(ended))
		w.note(Entry{By: who, Does: does, Object: r.Name, Detail: Facts(detail...), From: by.From})
		return w.PutAccount(r)
	})
	if err != nil {
		return Account{}, err
	}
	return r.Account, nil
}

// SetRole changes what an account may do, and ends its sessions. Nothing happens when it has the role already.
// ErrNotFound, ErrRole, ErrLastAdmin.
func (b *Book) SetRole(ctx context.Context, by Actor, name string, role Role) (Account, error) {
	if !role.Known() {
		return Account{}, ErrRole
	}
	return b.alter(ctx, by, name, func(_ *work, r *Record) (string, []string, error) {
		if r.Role == role {
			return "", nil, nil
		}
		detail := []string{"role", string(role), "was", string(r.Role)}
		r.Role = role
		return DidRole, detail, nil
	})
}

// SetDisabled disables an account, which ends its sessions and codes, or enables it. Nothing happens when it is so
// already. ErrNotFound, ErrLastAdmin.
func (b *Book) SetDisabled(ctx context.Context, by Actor, name string, disabled bool) (Account, error) {
	return b.alter(ctx, by, name, func(w *work, r *Record) (string, []string, error) {
		if r.Disabled == disabled {
			return "", nil, nil
		}
		r.Disabled = disabled
		if !disabled {
			return DidEnable, nil, nil
		}
		return DidDisable, nil, w.DropCodes(ForReset, r.ID)
	})
}

// Reset gives a code with which the owner of an account sets a new password within a day. Codes from before end;
// the password stays until then. ErrNotFound; ErrDenied for an account that is disabled.
func (b *Book) Reset(ctx context.Context, by Actor, name string) (string, error) {
	code := ""
	err := b.change(ctx, func(w *work) error {
		who, err := w.allow(by)
		if err != nil {
			return err
		}
		r, err := named(w, name)
		if err != nil {
			return err
		}
		if r.Disabled {
			return ErrDenied
		}
		w.note(Entry{By: who, Does: DidReset, Object: r.Name, From: by.From})
		code, err = b.give(w, ForReset, r.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// Redeem sets the password of the account that a code of Create or Reset is for, once, and ends its sessions.
// ErrDenied for a code that is not good, *PasswordError for a password that is not taken; the code stays good then.
func (b *Book) Redeem(ctx context.Context, code, password string, c Client) (Account, error) {
	var r Record
	find := func(tx Tx) error {
		given, err := take(tx, b.now(), ForReset, code)
		if err != nil {
			return err
		}
		r, err = tx.Account(given.Account)
		if errors.Is(err, ErrNotFound) || err == nil && r.Disabled {
			return ErrDenied
		}
		return err
	}
	if err := b.store.ReadAccounts(ctx, find); err != nil {
		return Account{}, err
	}
	if err := CheckPassword(r.Name, password); err != nil {
		return Account{}, err
	}
	hash, err := b.hasher.fresh(ctx, password)
	if err != nil {
		return Account{}, err
	}
	err = b.change(ctx, func(w *work) error {
		if err := find(w); err != nil {
			return err
		}
		return b.setPassword(w, &r, hash, "code", c)
	})
	if err != nil {
		return Account{}, err
	}
	return r.Account, nil
}

// setPassword sets a password in a transaction, by its owner.
func (b *Book) setPassword(w *work, r *Record, hash Hash, with string, c Client) error {
	if err := w.DropCodes(ForReset, r.ID); err != nil {
		return err
	}
	ended, err := endSessions(w, r.ID)
	if err != nil {
		return err
	}
	r.Password = hash
	w.note(Entry{By: r.Name, Does: DidPassword, Object: r.Name, Detail: Facts("with", with, "sessions", strconv.Itoa(ended)), From: c.From})
	return w.PutAccount(*r)
}

// ChangePassword sets one's own password and ends all of one's sessions, this one too. ErrDenied when the session or
// the old password is not right, *WaitError after too many wrong ones, *PasswordError for a password not taken.
func (b *Book) ChangePassword(ctx context.Context, token, old, password string, c Client) error {
	_, a, err := b.Session(ctx, token)
	if err != nil {
		return err
	}
	r, back, err := b.prove(ctx, a.Name, old, c)
	if err != nil {
		return err
	}
	back()
	if err := CheckPassword(r.Name, password); err != nil {
		return err
	}
	hash, err := b.hasher.fresh(ctx, password)
	if err != nil {
		return err
	}
	return b.change(ctx, func(w *work) error {
		now, err := b.still(w, r)
		if err != nil {
			return err
		}
		return b.setPassword(w, &now, hash, "password", c)
	})
}
