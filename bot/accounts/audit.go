package accounts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An Entry of the audit is one thing that was done. It holds no secret and no text of a question.
type Entry struct {
	Seq    int64     `json:"seq"` // from 1, without gaps
	At     time.Time `json:"at"`
	By     string    `json:"by"`               // login name; Local and a name of the machine; API and a name that a caller gives; Slack and an id; or Program
	Does   string    `json:"does"`             // what, such as "account.role"
	Object string    `json:"object,omitempty"` // to what, such as a login name
	Detail string    `json:"detail,omitempty"`
	From   string    `json:"from,omitempty"` // address of the client
	Hash   Digest    `json:"-"`              // of the entry before and this one; see Chain
}

// Local begins the By of somebody at the machine itself; the name that the operating system knows them by follows. No
// login name begins so.
const Local = "local:"

// API begins the By of who a caller of the HTTP API says to act for. No login name begins so.
const API = "api:"

// Slack begins the By of who did it in a chat of Slack; the id of the person there follows. No login name begins so.
const Slack = "slack:"

// Program is the By of what the program does by itself. It is no login name.
const Program = "program:"

// What Book does, as entries call it.
const (
	DidSetup    = "setup.code"       // a code for the first admin was given out
	DidFirst    = "setup.admin"      // the first admin was made
	DidCreate   = "account.created"  // an account was made
	DidRole     = "account.role"     // its role was changed
	DidDisable  = "account.disabled" // it was disabled
	DidEnable   = "account.enabled"  // it was enabled
	DidReset    = "account.reset"    // a code for a new password was given out
	DidPassword = "account.password" // the password was set
	DidBind     = "account.bound"    // it was bound to a sign-on
	DidEnter    = "session.started"  // somebody signed in
	DidLeave    = "session.ended"    // a session was ended by its owner
	DidLeaveAll = "sessions.ended"   // all of an account's were
	DidHold     = "login.held"       // too many wrong passwords: tries have to wait
	DidRestore  = "data.restored"    // a backup was put in place, and all sessions ended
)

// Most bytes of the parts of an entry; what is longer is cut.
const (
	maxShort  = 256
	maxDetail = 2000
)

// clean makes a text fit for one line of any log and for any database.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// Chain gives the hash of an entry that comes after one with the hash before; the first comes after zeros. Each
// part goes in with its length, so that no two entries go in alike.
func Chain(before Digest, e Entry) Digest {
	b := append([]byte("policybot audit 1\n"), before[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))            //nolint:gosec // the same bits
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro())) //nolint:gosec // the same bits
	for _, part := range []string{e.By, e.Does, e.Object, e.Detail, e.From} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return sha256.Sum256(b)
}

// A Filter chooses entries; what is zero does not choose.
type Filter struct {
	By, Does, Object string    // exactly this
	Since, Until     time.Time // from Since, before Until
	Before           int64     // with a smaller Seq: the next page
	Limit            int       // how many at most
}

// Fits reports whether a filter chooses an entry. Limit does not count.
func (f Filter) Fits(e Entry) bool {
	return (f.By == "" || f.By == e.By) && (f.Does == "" || f.Does == e.Does) && (f.Object == "" || f.Object == e.Object) &&
		(f.Since.IsZero() || !e.At.Before(f.Since)) && (f.Until.IsZero() || e.At.Before(f.Until)) &&
		(f.Before == 0 || e.Seq < f.Before)
}

// A Head says how far the audit went at some time. Kept apart from the store, it shows later that nothing up to
// there was taken away or written anew.
type Head struct {
	Count int64
	Hash  Digest
}

// String gives a head as "12:3fb9…", the hash in full.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Count, hex.EncodeToString(h.Hash[:])) }

// ParseHead reads what String gives.
func ParseHead(text string) (Head, error) {
	var h Head
	count, hash, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	raw, hexErr := hex.DecodeString(hash)
	if err := errors.Join(err, hexErr); err != nil || n < 0 || len(raw) != len(h.Hash) {
		return Head{}, fmt.Errorf("%q is no head of an audit, such as 12: and 64 digits", text)
	}
	h.Count = n
	copy(h.Hash[:], raw)
	if n == 0 && h != (Head{}) {
		return Head{}, fmt.Errorf("%q: a head of no entries has no hash", text)
	}
	return h, nil
}

// A BadRow says which entry of the audit is the first that is not as it was written.
type BadRow struct {
	Seq int64
	Why string
	Err error // of reading it; nil when it could be read
}

// Error implements error.
func (e *BadRow) Error() string { return fmt.Sprintf("entry %d of the audit %s", e.Seq, e.Why) }

// Unwrap gives the error of reading.
func (e *BadRow) Unwrap() error { return e.Err }

// VerifyTrail reads the whole audit and gives its head. The error is a *BadRow for the first entry that is missing
// or was changed, and for one that a head kept apart knows otherwise. Without such a head it cannot tell that
// the last entries are gone, or that all were written anew by somebody who knows the program.
func VerifyTrail(t Trail, kept ...Head) (Head, error) {
	var h Head
	differs := func(last bool) error {
		for _, k := range kept {
			if k.Count == h.Count && k.Hash != h.Hash {
				return &BadRow{Seq: k.Count, Why: "is not the one that the kept head knows"}
			}
			if last && k.Count > h.Count {
				return &BadRow{Seq: h.Count + 1, Why: "is missing: the kept head knows it"}
			}
		}
		return nil
	}
	err := t.EachEntry(func(e Entry) error {
		switch {
		case e.Seq != h.Count+1:
			return &BadRow{Seq: h.Count + 1, Why: "is missing"}
		case Chain(h.Hash, e) != e.Hash:
			return &BadRow{Seq: e.Seq, Why: "was changed"}
		}
		h = Head{e.Seq, e.Hash}
		return differs(false)
	})
	if bad, ok := errors.AsType[*BadRow](err); ok {
		return h, bad
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return h, err
	}
	if err != nil {
		return h, &BadRow{Seq: h.Count + 1, Why: "cannot be read: " + err.Error(), Err: err}
	}
	return h, differs(true)
}

// Verify is VerifyTrail on the book's audit.
func (b *Book) Verify(ctx context.Context, kept ...Head) (Head, error) {
	var h Head
	err := b.store.ReadAccounts(ctx, func(tx Tx) (err error) {
		h, err = VerifyTrail(tx, kept...)
		return err
	})
	return h, err
}

// Head gives the head of the audit as it stands, unverified.
func (b *Book) Head(ctx context.Context) (Head, error) {
	var h Head
	err := b.store.ReadAccounts(ctx, func(tx Tx) error {
		e, err := tx.Last()
		h = Head{e.Seq, e.Hash}
		return err
	})
	return h, err
}

// Pages of Entries.
const (
	PageEntries    = 100   // when no limit is given
	MaxPageEntries = 10000 // what a limit is cut to
)

// Entries lists the audit, newest first. The next page is that before the last Seq of this one.
func (b *Book) Entries(ctx context.Context, f Filter) ([]Entry, error) {
	if f.Limit <= 0 {
		f.Limit = PageEntries
	}
	f.Limit = min(f.Limit, MaxPageEntries)
	var list []Entry
	err := b.store.ReadAccounts(ctx, func(tx Tx) (err error) {
		list, err = tx.Entries(f)
		return err
	})
	return list, err
}

// Record enters what somebody did elsewhere. Of e, By, Does, Object, Detail and From are taken; control characters
// become spaces, and what is too long is cut. By and Does must not be empty.
func (b *Book) Record(ctx context.Context, e Entry) error {
	if e.By == "" || e.Does == "" {
		return errors.New("an entry of the audit says who did what")
	}
	return b.change(ctx, func(w *work) error {
		w.note(e)
		return nil
	})
}

// Failed is the Detail of a second entry with the Does and Object of one before: what that announced was not done.
const Failed = "failed"

// Change enters what somebody is about to do elsewhere, and then has it done. So there is no change without its entry,
// in whichever database the change is: where it cannot be entered, it is not done. When do fails, a second entry says
// so, see [Failed], and the error of do is given. After a crash in between the last entry may tell of a change that is
// not there, never the reverse. e is as Record takes it; do must not change the accounts. A ctx that ends keeps neither entry back.
func (b *Book) Change(ctx context.Context, e Entry, do func() error) error {
	return b.Changing(ctx, e, func(enter Enter) error {
		if err := enter(e.Does, e.Object, e.Detail); err != nil {
			return err
		}
		return do()
	})
}

// Enter enters what is about to be done. Where it fails, that must not be done.
type Enter func(does, object, detail string) error

// Changing is Change for what finds out by itself whether there is anything to do, and what: do calls enter before it
// changes something. Of e By and From are taken. When do fails after it has called enter, it is the last entry that
// failed.
func (b *Book) Changing(ctx context.Context, e Entry, do func(enter Enter) error) error {
	ctx = context.WithoutCancel(ctx)
	entered := false
	err := do(func(does, object, detail string) error {
		e.Does, e.Object, e.Detail, entered = does, object, detail, false
		err := b.Record(ctx, e)
		entered = err == nil
		return err
	})
	if err == nil || !entered {
		return err
	}
	e.Detail = Failed
	if unsaid := b.Record(ctx, e); unsaid != nil {
		return errors.Join(err, unsaid)
	}
	return err
}

// enter appends an entry to the chain.
func enter(t Trail, at time.Time, e Entry) error {
	last, err := t.Last()
	if err != nil {
		return err
	}
	e.Seq, e.At = last.Seq+1, at
	e.By, e.Does, e.Object = clean(e.By, maxShort), clean(e.Does, maxShort), clean(e.Object, maxShort)
	e.Detail, e.From = clean(e.Detail, maxDetail), clean(e.From, maxShort)
	e.Hash = Chain(last.Hash, e)
	return t.Append(e)
}

// Facts writes the Detail of an entry: pairs of a name and a value, as name=value, the value in quotation marks where it
// is not plain. Pairs without a value are left out. What people write in their own words is no value: entries outlive
// the erasing of a person, see [Length].
func Facts(pairs ...string) string {
	var b bytes.Buffer
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		value := pairs[i+1]
		if strings.ContainsAny(value, " =\"\\") {
			value = strconv.Quote(value)
		}
		b.WriteString(pairs[i] + "=" + value)
	}
	return b.String()
}

// Length is what an entry says of a text that people have written: how many characters it has; "" for none.
func Length(text string) string {
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// ReadFacts reads what Facts writes, and gives pairs of a name and a value. A word that is no pair has the name "".
func ReadFacts(detail string) [][2]string {
	var out [][2]string
	for rest := strings.TrimLeft(detail, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		word, _, _ := strings.Cut(rest, " ")
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			name, value = "", word
		} else if quoted, err := strconv.QuotedPrefix(rest[len(name)+1:]); err == nil && quoted[0] == '"' {
			word = name + "=" + quoted
			value, _ = strconv.Unquote(quoted) // it is a text in quotation marks
		}
		out, rest = append(out, [2]string{name, value}), rest[len(word):]
	}
	return out
}
