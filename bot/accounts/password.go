package accounts

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Lengths of a password in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

// A PasswordError says why a password is not taken.
type PasswordError struct{ Rule string }

// Rules that a password may break.
const (
	TooShort  = "short"  // fewer than MinPassword characters
	TooLong   = "long"   // more than MaxPassword
	IsName    = "name"   // the login name
	TooCommon = "common" // one of those that are tried first
	NotText   = "text"   // not UTF-8
)

// Error implements error.
func (e *PasswordError) Error() string { return "the password is not taken: " + e.Rule }

//go:embed common.txt
var commonText string

// common are passwords that are tried first, in small letters.
var common = func() map[string]bool {
	list := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list[line] = true
		}
	}
	return list
}()

// CheckPassword gives a *PasswordError when an account with this name may not have the password. There are no
// rules of composition: length is what counts, and not to be what everybody tries first.
func CheckPassword(name, password string) error {
	small := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return &PasswordError{NotText}
	case n < MinPassword:
		return &PasswordError{TooShort}
	case n > MaxPassword:
		return &PasswordError{TooLong}
	case small == strings.ToLower(name):
		return &PasswordError{IsName}
	case common[small] || repeats(small) || counts(small):
		return &PasswordError{TooCommon}
	}
	return nil
}

// repeats reports whether a text is one to four characters over and over.
func repeats(s string) bool {
	r := []rune(s)
	for period := 1; period <= 4; period++ {
		same := true
		for i := period; i < len(r) && same; i++ {
			same = r[i] == r[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// counts reports whether a text goes up or down by one character after the other, 0 after 9.
func counts(s string) bool {
	r := []rune(s)
	for _, step := range []rune{1, -1} {
		runs := true
		for i := 1; i < len(r) && runs; i++ {
			runs = r[i] == r[i-1]+step || r[i-1] == '9' && r[i] == '0' && step == 1 || r[i-1] == '0' && r[i] == '9' && step == -1
		}
		if runs {
			return true
		}
	}
	return false
}

// A Cost is what one hash costs. The zero Cost is DefaultCost.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is what OWASP's cheat sheet on password storage asks for at least. Less is for tests alone.
var DefaultCost = Cost{Memory: 19456, Time: 2, Threads: 1}

const (
	saltBytes  = 16
	keyBytes   = 32
	maxMemory  = 1 << 20 // KiB, of a hash that is read
	maxPasses  = 64
	maxThreads = 64
	maxWaiting = 64 // for a slot
)

// errHash marks a stored hash that is none.
var errHash = errors.New("a stored password hash cannot be read")

// A parsed hash.
type parsed struct {
	cost      Cost
	salt, key []byte
}

// parseHash reads the PHC form of argon2id, within bounds.
func parseHash(h Hash) (parsed, error) {
	var p parsed
	var version int
	parts := strings.Split(string(h), "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return p, errHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.cost.Memory, &p.cost.Time, &p.cost.Threads); err != nil {
		return p, errHash
	}
	var err, keyErr error
	p.salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	c := p.cost
	if err != nil || keyErr != nil || c.Memory > maxMemory || c.Time == 0 || c.Time > maxPasses || c.Threads == 0 || c.Threads > maxThreads ||
		len(p.salt) < 8 || len(p.salt) > 64 || len(p.key) < 16 || len(p.key) > 64 {
		return p, errHash
	}
	return p, nil
}

func (p parsed) hash() Hash {
	enc := base64.RawStdEncoding.EncodeToString
	return Hash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.Memory, p.cost.Time, p.cost.Threads, enc(p.salt), enc(p.key)))
}

func (p parsed) derive(password string) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.cost.Time, p.cost.Memory, p.cost.Threads, uint32(len(p.key))) //nolint:gosec // 16 to 64
}

// A hasher hashes passwords, a few at a time: each takes memory, and whoever floods the door must not take all.
type hasher struct {
	cost    Cost
	rand    io.Reader
	slots   chan struct{}
	waiting atomic.Int32
}

func newHasher(c Cost, rand io.Reader) *hasher {
	if c == (Cost{}) {
		c = DefaultCost
	}
	return &hasher{cost: c, rand: rand, slots: make(chan struct{}, min(4, runtime.GOMAXPROCS(0)))}
}

// in runs f in a slot. *WaitError when too many wait for one.
func (h *hasher) in(ctx context.Context, f func()) error {
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return &WaitError{time.Second}
	}
	select {
	case h.slots <- struct{}{}:
		h.waiting.Add(-1)
	case <-ctx.Done():
		h.waiting.Add(-1)
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	f()
	return nil
}

// fresh hashes a password with a salt of its own.
func (h *hasher) fresh(ctx context.Context, password string) (Hash, error) {
	p := parsed{cost: h.cost, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	if _, err := io.ReadFull(h.rand, p.salt); err != nil {
		return "", err
	}
	err := h.in(ctx, func() { p.key = p.derive(password) })
	return p.hash(), err
}

// verify reports whether a password is that of a hash. Without a hash it does the same work in vain.
func (h *hasher) verify(ctx context.Context, stored Hash, password string) (bool, error) {
	p := parsed{cost: h.cost, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	if stored != "" {
		var err error
		if p, err = parseHash(stored); err != nil {
			return false, err
		}
	}
	same := false
	err := h.in(ctx, func() { same = subtle.ConstantTimeCompare(p.derive(password), p.key) == 1 })
	return same && stored != "", err
}

// old reports whether a hash has other parameters than one that would be made now.
func (h *hasher) old(stored Hash) bool {
	p, err := parseHash(stored)
	return err != nil || p.cost != h.cost || len(p.salt) != saltBytes || len(p.key) != keyBytes
}
