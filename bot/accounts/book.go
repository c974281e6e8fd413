package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Options of New. Store must be given; what else is zero has the value of its comment.
type Options struct {
	Store    Store
	Now      func() time.Time // time.Now
	Rand     io.Reader        // crypto/rand
	Log      *slog.Logger     // none
	Idle     time.Duration    // without use a session ends: 8 hours
	Absolute time.Duration    // a session ends: 7 days
	SignOn   SignOn           // nobody new
	Cost     Cost             // DefaultCost
}

// How long codes are good for, how often a session's use is written, and how many sessions an account has.
const (
	CodeAge     = 24 * time.Hour
	seenEvery   = time.Minute
	maxSessions = 50 // the oldest makes room
)

// A Book has the rules of accounts. Make one with New. It may be used by several goroutines, and several
// Books may share a store; each then counts wrong passwords by itself.
type Book struct {
	store          Store
	clock          func() time.Time
	rand           io.Reader
	log            *slog.Logger
	idle, absolute time.Duration
	signOn         SignOn
	hasher         *hasher
	limits         *limiter
}

// New makes a Book. It does not touch the store.
func New(o Options) (*Book, error) {
	if o.Store == nil {
		return nil, errors.New("accounts need a store")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Idle <= 0 {
		o.Idle = 8 * time.Hour
	}
	if o.Absolute <= 0 {
		o.Absolute = 7 * 24 * time.Hour
	}
	signOn, err := o.SignOn.checked()
	if err != nil {
		return nil, err
	}
	return &Book{
		store: o.Store, clock: o.Now, rand: o.Rand, log: o.Log, idle: o.Idle, absolute: o.Absolute, signOn: signOn,
		hasher: newHasher(o.Cost, o.Rand), limits: newLimiter(),
	}, nil
}

// now is the time as stores keep it.
func (b *Book) now() time.Time { return b.clock().UTC().Truncate(time.Microsecond) }

// work is a transaction that notes what it changes.
type work struct {
	Tx
	now   time.Time
	notes []Entry
}

func (w *work) note(e Entry) { w.notes = append(w.notes, e) }

// change runs f in a transaction and enters what it noted.
func (b *Book) change(ctx context.Context, f func(w *work) error) error {
	return b.store.ChangeAccounts(ctx, func(tx Tx) error {
		w := &work{Tx: tx, now: b.now()}
		if err := f(w); err != nil {
			return err
		}
		for _, e := range w.notes {
			if err := enter(tx, w.now, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// An Actor is who changes something. With an Account, that must be an enabled admin at the time of the change,
// else the change is refused with ErrForbidden. Without one it is somebody at the machine itself, who can do
// everything anyway; Name is the login name there.
type Actor struct {
	Account string // id
	Name    string
	From    string // address of the client
}

// allow gives the By of an actor's entries, or ErrForbidden.
func (w *work) allow(a Actor) (string, error) {
	if a.Account == "" {
		return Local + a.Name, nil
	}
	r, err := w.Account(a.Account)
	if errors.Is(err, ErrNotFound) || err == nil && (r.Disabled || !r.Role.AtLeast(Admin)) {
		return "", ErrForbidden
	}
	return r.Name, err
}

// A Client is where somebody signs in from. From should be the client's own address, not that of a proxy.
type Client struct {
	From  string // address
	Agent string // what the client calls itself
}

// endSessions ends all sessions of an account and says how many there were.
func endSessions(tx Tx, account string) (int, error) {
	list, err := tx.SessionsOf(account)
	if err != nil {
		return 0, err
	}
	for _, s := range list {
		if err := tx.DropSession(s.ID); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// governs reports whether an account is of an admin who can sign in. One who has not set a password yet, nor
// come by sign-on, may never do so.
func governs(r Record) bool {
	return !r.Disabled && r.Role == Admin && (r.Password != "" || r.Subject != Subject{})
}

// admins counts the accounts that govern, leaving one out.
func admins(tx Tx, but string) (int, error) {
	list, err := tx.Accounts()
	n := 0
	for _, r := range list {
		if r.ID != but && governs(r) {
			n++
		}
	}
	return n, err
}

// name gives a random id.
func (b *Book) name(prefix string) (string, error) {
	raw := make([]byte, 10)
	_, err := io.ReadFull(b.rand, raw)
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(raw)), err
}

// newToken gives a token of 256 random bits and what is stored of it.
func (b *Book) newToken() (string, Digest, error) {
	raw := make([]byte, 32)
	_, err := io.ReadFull(b.rand, raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	return token, sha256.Sum256([]byte(token)), err
}

// codes are written without the characters that are mistaken for others.
var codes = base32.NewEncoding("ABCDEFGHJKMNPQRSTVWXYZ0123456789").WithPadding(base32.NoPadding)

// newCode gives a code of 120 random bits, in groups for whoever has to type it, and what is stored of it.
func (b *Book) newCode() (string, Digest, error) {
	raw := make([]byte, 15)
	if _, err := io.ReadFull(b.rand, raw); err != nil {
		return "", Digest{}, err
	}
	text := codes.EncodeToString(raw)
	var groups []string
	for ; len(text) > 0; text = text[6:] {
		groups = append(groups, text[:6])
	}
	code := strings.Join(groups, "-")
	return code, digestCode(code), nil
}

// digestCode reads a code as people type it.
func digestCode(code string) Digest {
	code = strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\t', '\n', '\r':
			return -1
		case 'O', 'o':
			return '0'
		case 'I', 'i', 'L', 'l':
			return '1'
		}
		return r
	}, code)
	return sha256.Sum256([]byte(strings.ToUpper(code)))
}

// give stores a new code in the place of older ones of its purpose and account.
func (b *Book) give(w *work, p Purpose, account string) (string, error) {
	code, digest, err := b.newCode()
	if err != nil {
		return "", err
	}
	if err := w.DropCodes(p, account); err != nil {
		return "", err
	}
	return code, w.PutCode(Code{Digest: digest, For: p, Account: account, Until: w.now.Add(CodeAge)})
}

// take looks a code up; ErrDenied when it is not good for p now.
func take(tx Tx, now time.Time, p Purpose, code string) (Code, error) {
	c, err := tx.Code(digestCode(code))
	if errors.Is(err, ErrNotFound) || err == nil && (c.For != p || !now.Before(c.Until)) {
		return Code{}, ErrDenied
	}
	return c, err
}

// Setup gives a code with which whoever has it makes the first admin, "" when there is an admin who can sign in. It is
// for the start of the program, which shows the code at the machine alone. The codes of earlier starts end.
func (b *Book) Setup(ctx context.Context) (string, error) {
	code := ""
	err := b.change(ctx, func(w *work) error {
		code = ""
		n, err := admins(w, "")
		if err != nil {
			return err
		}
		if n > 0 {
			return w.DropCodes(ForSetup, "")
		}
		code, err = b.give(w, ForSetup, "")
		w.note(Entry{By: Program, Does: DidSetup})
		return err
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// First makes the first admin with the code that Setup gave: once, however many try. ErrDenied for a code that is
// not good, ErrName, ErrTaken or a *PasswordError for what can be put right.
func (b *Book) First(ctx context.Context, code, name, password string, c Client) (Account, error) {
	if err := b.store.ReadAccounts(ctx, func(tx Tx) error {
		_, err := take(tx, b.now(), ForSetup, code)
		return err
	}); err != nil {
		return Account{}, err
	}
	folded, err := FoldName(name)
	if err != nil {
		return Account{}, err
	}
	if err := CheckPassword(folded, password); err != nil {
		return Account{}, err
	}
	hash, err := b.hasher.fresh(ctx, password)
	if err != nil {
		return Account{}, err
	}
	id, err := b.name("u")
	if err != nil {
		return Account{}, err
	}
	r := Record{Account{ID: id, Name: folded, Role: Admin}, hash}
	err = b.change(ctx, func(w *work) error {
		if _, err := take(w, w.now, ForSetup, code); err != nil {
			return err
		}
		if n, err := admins(w, ""); err != nil || n > 0 {
			return errors.Join(err, ErrDenied)
		}
		r.CreatedAt = w.now
		w.note(Entry{By: folded, Does: DidFirst, Object: folded, From: c.From})
		return errors.Join(w.DropCodes(ForSetup, ""), w.PutAccount(r))
	})
	if err != nil {
		return Account{}, err
	}
	return r.Account, nil
}

// Sweep removes sessions and codes that expired, and says how many sessions. Signing in does so too.
func (b *Book) Sweep(ctx context.Context) (int, error) {
	n := 0
	err := b.change(ctx, func(w *work) (err error) {
		n, err = b.sweep(w)
		return err
	})
	return n, err
}

func (b *Book) sweep(w *work) (int, error) {
	if err := w.DropOldCodes(w.now); err != nil {
		return 0, err
	}
	return w.DropExpired(w.now.Add(-b.idle), w.now.Add(-b.absolute))
}

// Restored ends all sessions and codes, which a backup brings back as they were. It is for whoever has put one in
// place. Where there never was an account it does nothing.
func (b *Book) Restored(ctx context.Context, by Actor) error {
	return b.change(ctx, func(w *work) error {
		who, err := w.allow(by)
		if err != nil {
			return err
		}
		last, err := w.Last()
		if err != nil || last.Seq == 0 {
			return err
		}
		later := w.now.AddDate(1000, 0, 0)
		if err := w.DropOldCodes(later); err != nil {
			return err
		}
		if _, err := w.DropExpired(later, later); err != nil {
			return err
		}
		w.note(Entry{By: who, Does: DidRestore, From: by.From})
		return nil
	})
}
