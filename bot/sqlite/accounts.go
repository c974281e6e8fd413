package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"policybot/bot/accounts"
)

var _ accounts.Store = (*DB)(nil)

// ChangeAccounts implements [accounts.Store].
func (db *DB) ChangeAccounts(ctx context.Context, f func(tx accounts.Tx) error) error {
	return db.update(ctx, "change accounts", func(t tx) error { return f(accountsTx{t}) })
}

// ReadAccounts implements [accounts.Store].
func (db *DB) ReadAccounts(ctx context.Context, f func(tx accounts.Tx) error) error {
	return db.read(ctx, "read accounts", func(t tx) error { return f(accountsTx{t}) })
}

// An accountsTx is a transaction on accounts.
type accountsTx struct{ t tx }

var _ accounts.Tx = accountsTx{}

// accountNames are the columns of accounts in the order of accountFields.
var accountNames = []string{"id", "name", "display", "role", "lang", "disabled", "issuer", "subject", "password", "created_at"}

func accountFields(r *accounts.Record) []any {
	return []any{&r.ID, &r.Name, &r.Display, &r.Role, &r.Lang, &r.Disabled, &r.Subject.Issuer, &r.Subject.ID, &r.Password, instant{&r.CreatedAt}}
}

var (
	accountQuery = `SELECT ` + columns("", accountNames) + ` FROM accounts WHERE workspace = ? `
	putAccount   = `INSERT INTO accounts (` + columns("", accountNames) + `, workspace) VALUES (` + marks(len(accountNames)) + `, ?)
		ON CONFLICT (workspace, id) DO UPDATE SET name = excluded.name, display = excluded.display, role = excluded.role, lang = excluded.lang,
		disabled = excluded.disabled, issuer = excluded.issuer, subject = excluded.subject, password = excluded.password, created_at = excluded.created_at`
)

// account reads one.
func (a accountsTx) account(rest string, args ...any) (accounts.Record, error) {
	var r accounts.Record
	found, err := a.t.get(accountQuery+rest, append([]any{workspace}, args...), accountFields(&r))
	if err == nil && !found {
		err = fmt.Errorf("account: %w", accounts.ErrNotFound)
	}
	if err != nil {
		return accounts.Record{}, err
	}
	return r, nil
}

// Account implements [accounts.People].
func (a accountsTx) Account(id string) (accounts.Record, error) { return a.account(`AND id = ?`, id) }

// Named implements [accounts.People].
func (a accountsTx) Named(name string) (accounts.Record, error) {
	return a.account(`AND name = ?`, name)
}

// Bound implements [accounts.People].
func (a accountsTx) Bound(s accounts.Subject) (accounts.Record, error) {
	return a.account(`AND issuer = ? AND subject = ? AND subject <> ''`, s.Issuer, s.ID)
}

// Accounts implements [accounts.People].
func (a accountsTx) Accounts() ([]accounts.Record, error) {
	var list []accounts.Record
	var r accounts.Record
	err := a.t.each(accountQuery+`ORDER BY name`, []any{workspace}, accountFields(&r), func() { list = append(list, r) })
	return list, err
}

// PutAccount implements [accounts.People].
func (a accountsTx) PutAccount(r accounts.Record) error {
	n, err := a.t.number(`SELECT COUNT(*) FROM accounts WHERE workspace = ? AND id <> ? AND (name = ? OR subject <> '' AND issuer = ? AND subject = ?)`,
		workspace, r.ID, r.Name, r.Subject.Issuer, r.Subject.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("account %q: %w", r.Name, accounts.ErrTaken)
	}
	return a.t.exec(putAccount, append(accountFields(&r), workspace)...)
}

// sessionNames are the columns of sessions in the order of sessionFields.
var sessionNames = []string{"id", "token", "account", "created_at", "seen_at", "address", "agent"}

func sessionFields(s *accounts.Session) []any {
	return []any{&s.ID, digest{&s.Token}, &s.Account, instant{&s.CreatedAt}, instant{&s.SeenAt}, &s.From, &s.Agent}
}

var (
	sessionQuery = `SELECT ` + columns("", sessionNames) + ` FROM sessions WHERE workspace = ? `
	putSession   = `INSERT INTO sessions (` + columns("", sessionNames) + `, workspace) VALUES (` + marks(len(sessionNames)) + `, ?)
		ON CONFLICT (workspace, id) DO UPDATE SET token = excluded.token, account = excluded.account, created_at = excluded.created_at,
		seen_at = excluded.seen_at, address = excluded.address, agent = excluded.agent`
)

// Session implements [accounts.Sessions].
func (a accountsTx) Session(token accounts.Digest) (accounts.Session, error) {
	var s accounts.Session
	found, err := a.t.get(sessionQuery+`AND token = ?`, []any{workspace, digest{&token}}, sessionFields(&s))
	if err == nil && !found {
		err = fmt.Errorf("session: %w", accounts.ErrNotFound)
	}
	if err != nil {
		return accounts.Session{}, err
	}
	return s, nil
}

// SessionsOf implements [accounts.Sessions].
func (a accountsTx) SessionsOf(account string) ([]accounts.Session, error) {
	var list []accounts.Session
	var s accounts.Session
	err := a.t.each(sessionQuery+`AND account = ? ORDER BY created_at, id`, []any{workspace, account}, sessionFields(&s),
		func() { list = append(list, s) })
	return list, err
}

// PutSession implements [accounts.Sessions].
func (a accountsTx) PutSession(s accounts.Session) error {
	return a.t.exec(putSession, append(sessionFields(&s), workspace)...)
}

// DropSession implements [accounts.Sessions].
func (a accountsTx) DropSession(id string) error {
	return a.t.exec(`DELETE FROM sessions WHERE workspace = ? AND id = ?`, workspace, id)
}

// DropExpired implements [accounts.Sessions].
func (a accountsTx) DropExpired(seen, created time.Time) (int, error) {
	n, err := a.t.number(`SELECT COUNT(*) FROM sessions WHERE workspace = ? AND (seen_at < ? OR created_at < ?)`,
		workspace, instant{&seen}, instant{&created})
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), a.t.exec(`DELETE FROM sessions WHERE workspace = ? AND (seen_at < ? OR created_at < ?)`,
		workspace, instant{&seen}, instant{&created})
}

// Code implements [accounts.Codes].
func (a accountsTx) Code(d accounts.Digest) (accounts.Code, error) {
	c := accounts.Code{Digest: d}
	found, err := a.t.get(`SELECT purpose, account, until_time FROM codes WHERE workspace = ? AND digest = ?`,
		[]any{workspace, digest{&d}}, []any{&c.For, &c.Account, instant{&c.Until}})
	if err == nil && !found {
		err = fmt.Errorf("code: %w", accounts.ErrNotFound)
	}
	if err != nil {
		return accounts.Code{}, err
	}
	return c, nil
}

// PutCode implements [accounts.Codes].
func (a accountsTx) PutCode(c accounts.Code) error {
	return a.t.exec(`INSERT INTO codes (workspace, digest, purpose, account, until_time) VALUES (?, ?, ?, ?, ?)`,
		workspace, digest{&c.Digest}, c.For, c.Account, instant{&c.Until})
}

// DropCodes implements [accounts.Codes].
func (a accountsTx) DropCodes(p accounts.Purpose, account string) error {
	return a.t.exec(`DELETE FROM codes WHERE workspace = ? AND purpose = ? AND account = ?`, workspace, p, account)
}

// DropOldCodes implements [accounts.Codes].
func (a accountsTx) DropOldCodes(before time.Time) error {
	return a.t.exec(`DELETE FROM codes WHERE workspace = ? AND until_time < ?`, workspace, instant{&before})
}

// Knows implements [accounts.Places].
func (a accountsTx) Knows(account, address string) (bool, error) {
	n, err := a.t.number(`SELECT COUNT(*) FROM sign_in_places WHERE workspace = ? AND account = ? AND address = ?`, workspace, account, address)
	return n > 0, err
}

// Remember implements [accounts.Places].
func (a accountsTx) Remember(account, address string, at time.Time, keep int) error {
	if err := a.t.exec(`INSERT INTO sign_in_places (workspace, account, address, seen_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (workspace, account, address) DO UPDATE SET seen_at = excluded.seen_at`, workspace, account, address, instant{&at}); err != nil {
		return err
	}
	return a.t.exec(`DELETE FROM sign_in_places WHERE workspace = ? AND account = ? AND address NOT IN
		(SELECT address FROM sign_in_places WHERE workspace = ? AND account = ? ORDER BY seen_at DESC, address DESC LIMIT ?)`,
		workspace, account, workspace, account, keep)
}

// checkAccounts reads the audit whole and looks for accounts, sessions and codes that no rule allows.
func (t tx) checkAccounts() error {
	a := accountsTx{t}
	if _, err := a.Accounts(); err != nil {
		return err
	}
	_, err := accounts.VerifyTrail(a)
	if bad, ok := errors.AsType[*accounts.BadRow](err); ok && (bad.Err == nil || t.ctx.Err() == nil) {
		return t.file.Corrupt("%s", bad)
	}
	return err
}
