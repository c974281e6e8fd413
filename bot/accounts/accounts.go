// Package accounts owns who may use the console: accounts and their roles, passwords, sign-on, sessions, and
// the audit of what people change. [Book] has the rules; a [Store] keeps the rows. Package memory keeps them in
// memory, package bot/sqlite in a file; both pass the suite of package accountstest.
//
// Whatever Book changes, it enters in the audit in the transaction of the change: both are there or neither is.
// Three things are no changes in this sense and are not entered: a session's last use, the sweeping of what
// expired, and refused logins, of which only those are entered that make an account wait.
//
// Times are in UTC and to the microsecond. Of codes and tokens only a SHA-256 is stored; they are random and too
// long to be guessed, which passwords are not: of these there is an argon2id hash.
package accounts

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Role says what an account may do: each role may do what those before it may.
type Role string

// Roles, the least first.
const (
	Viewer Role = "viewer" // ask, and read the library
	Staff  Role = "staff"  // see to cases
	Ops    Role = "ops"    // operate: the log, documents, switches
	Admin  Role = "admin"  // accounts and the audit
)

var roles = []Role{Viewer, Staff, Ops, Admin}

// Roles lists all roles, the least first.
func Roles() []Role { return slices.Clone(roles) }

// Known reports whether r is a role.
func (r Role) Known() bool { return slices.Contains(roles, r) }

// AtLeast reports whether r may do what least may. What is no role may nothing, and nothing is as much as it.
func (r Role) AtLeast(least Role) bool {
	return least.Known() && slices.Index(roles, r) >= slices.Index(roles, least)
}

// An Account is somebody who may sign in.
type Account struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`              // to sign in with; in small letters, no two alike; it never changes
	Display   string    `json:"display,omitempty"` // how the person is called; "" for the name
	Role      Role      `json:"role"`
	Lang      string    `json:"lang,omitempty"` // of the pages: zh, en, or "" for that of the browser
	Disabled  bool      `json:"disabled,omitempty"`
	Subject   Subject   `json:"subject,omitzero"`
	CreatedAt time.Time `json:"created_at"`
}

// A Subject is who somebody is to a provider of sign-on; the zero Subject is nobody.
type Subject struct {
	Issuer string `json:"issuer"`
	ID     string `json:"id"`
}

// A Record is an account with its password's hash, which nobody but Book and its store sees.
type Record struct {
	Account
	Password Hash
}

// A Hash is an argon2id hash in PHC form; "" when there is no password. It does not print.
type Hash string

// String hides the hash.
func (Hash) String() string { return "***" }

// GoString hides the hash.
func (Hash) GoString() string { return "***" }

// MarshalJSON hides the hash.
func (Hash) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// A Digest is the SHA-256 of a token or code.
type Digest [sha256.Size]byte

// A Session is one place where somebody is signed in.
type Session struct {
	ID        string    `json:"id"` // names it, and opens nothing
	Token     Digest    `json:"-"`
	Account   string    `json:"account"` // id
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`         // of its last use, to the minute
	From      string    `json:"from,omitempty"`  // address of the client
	Agent     string    `json:"agent,omitempty"` // what the client calls itself
}

// A Code lets whoever has it do one thing once.
type Code struct {
	Digest  Digest
	For     Purpose
	Account string // id; "" for the first admin, who has none yet
	Until   time.Time
}

// A Purpose is what a code is for.
type Purpose string

// Purposes of codes.
const (
	ForSetup Purpose = "setup" // making the first admin
	ForReset Purpose = "reset" // setting a password
)

// Errors of a Book. They are wrapped.
var (
	ErrDenied    = errors.New("denied") // for all causes alike
	ErrForbidden = errors.New("only an admin may do this")
	ErrNotFound  = errors.New("not found")
	ErrTaken     = errors.New("another account has this name or sign-on")
	ErrLastAdmin = errors.New("this is the last admin who can sign in")
	ErrName      = errors.New("not a login name")
	ErrRole      = errors.New("not a role")
)

// A WaitError says that somebody has to wait before the next try.
type WaitError struct{ For time.Duration }

// Error implements error.
func (e *WaitError) Error() string { return fmt.Sprintf("try again in %s", e.For) }

// MaxName is how many characters a login name may have.
const MaxName = 64

// FoldName gives a login name as it is stored: in small letters. A name has 1 to [MaxName] characters: letters
// of ASCII, digits, Han characters, and . _ - @ + but not in front. Other letters look too much like these.
// ErrName for anything else.
func FoldName(name string) (string, error) {
	n := 0
	for _, r := range name {
		n++
		plain := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || unicode.Is(unicode.Han, r)
		if !plain && (n == 1 || !strings.ContainsRune("._-@+", r)) {
			return "", ErrName
		}
	}
	if n == 0 || n > MaxName {
		return "", ErrName
	}
	return strings.ToLower(name), nil
}
