package accountstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"policybot/bot/accounts"
)

// Laws walks at random through what a Book does on a store, and wants after each step: an account that is disabled
// has no session; there is an enabled admin; each change is one entry of the audit, and what changes nothing is
// none; the audit's chain holds; who is signed in, and with which password, is what a simple model says.
func Laws(t *testing.T, open func(t testing.TB) accounts.Store) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWalk(t, r, open(t))
		for range rapid.IntRange(10, 30).Draw(r, "steps") {
			w.step()
			w.check()
		}
	})
}

// A walk is a Book with a model of it.
type walk struct {
	t       testing.TB
	r       *rapid.T
	store   accounts.Store
	book    *accounts.Book
	now     time.Time
	admin   accounts.Actor
	names   []string
	people  map[string]*person
	tokens  []token // all that were ever given
	entries int64
	tries   int // so that each comes from its own address
}

type person struct {
	password string
	role     accounts.Role
	disabled bool
	code     string
	until    time.Time
}

// governs reports whether the person is an admin who can sign in.
func (p *person) governs() bool { return !p.disabled && p.role == accounts.Admin && p.password != "" }

type token struct {
	text, name string
	made, seen time.Time
	over       bool
}

const (
	idle     = 3 * time.Hour
	absolute = 10 * time.Hour
)

func newWalk(t testing.TB, r *rapid.T, store accounts.Store) *walk {
	t.Helper()
	w := &walk{t: t, r: r, store: store, now: Start, people: map[string]*person{}, names: []string{"root", "boss", "li", "new"}}
	var err error
	w.book, err = accounts.New(accounts.Options{Store: store, Now: func() time.Time { return w.now }, Idle: idle, Absolute: absolute, Cost: Cheap})
	w.must(err)
	code, err := w.book.Setup(w.ctx())
	w.must(err)
	a, err := w.book.First(w.ctx(), code, "root", password(0), accounts.Client{})
	w.must(err)
	w.people["root"] = &person{password: password(0), role: accounts.Admin}
	w.admin = accounts.Actor{Name: "operator"}
	for name, role := range map[string]accounts.Role{"boss": accounts.Admin, "li": accounts.Staff} {
		_, code, err := w.book.Create(w.ctx(), w.admin, accounts.NewAccount{Name: name, Role: role})
		w.must(err)
		_, err = w.book.Redeem(w.ctx(), code, password(0), accounts.Client{})
		w.must(err)
		w.people[name] = &person{password: password(0), role: role}
	}
	if rapid.Bool().Draw(r, "by an account") {
		w.admin = accounts.Actor{Account: a.ID, Name: "root"}
	}
	w.entries = 6
	return w
}

func (w *walk) ctx() context.Context { return w.t.Context() }

func (w *walk) must(err error) {
	if err != nil {
		w.r.Fatal(err)
	}
}

// expect compares an error and counts one entry when there is none.
func (w *walk) expect(what string, err, want error, changes int64) {
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		w.r.Fatalf("%s: %v, want %v", what, err, want)
	}
	if err == nil {
		w.entries += changes
	}
}

func password(n int) string { return fmt.Sprintf("a long enough password %d", n) }

// step does one thing.
func (w *walk) step() {
	w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 20, 200}).Draw(w.r, "minutes")) * time.Minute)
	name := rapid.SampledFrom(w.names).Draw(w.r, "name")
	p := w.people[name]
	switch does := rapid.IntRange(0, 11).Draw(w.r, "does"); {
	case does < 4:
		w.login(name, p)
	case does == 4:
		w.setRole(name, p)
	case does < 7:
		w.disable(name, p)
	case does == 7:
		w.reset(name, p)
	case does == 8:
		w.redeem(name, p)
	case does == 9:
		w.logout()
	case does == 10:
		w.changePassword()
	default:
		w.create(name, p)
	}
}

// allowed is ErrForbidden when the actor is no admin any more.
func (w *walk) allowed() error {
	if p := w.people["root"]; w.admin.Account != "" && (p.disabled || p.role != accounts.Admin) {
		return accounts.ErrForbidden
	}
	return nil
}

func (w *walk) create(name string, p *person) {
	role := rapid.SampledFrom(accounts.Roles()).Draw(w.r, "role")
	_, code, err := w.book.Create(w.ctx(), w.admin, accounts.NewAccount{Name: name, Role: role})
	want := w.allowed()
	if want == nil && p != nil {
		want = accounts.ErrTaken
	}
	w.expect("create", err, want, 1)
	if err == nil {
		w.people[name] = &person{role: role, code: code, until: w.now.Add(accounts.CodeAge)}
	}
}

func (w *walk) login(name string, p *person) {
	given := password(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(w.r, "password"))
	w.tries++
	e, err := w.book.Login(w.ctx(), accounts.Attempt{Name: name, Password: given, Client: accounts.Client{From: fmt.Sprintf("10.0.%d.%d", w.tries/250, w.tries%250)}})
	var wait *accounts.WaitError
	if errors.As(err, &wait) { // wrong ones before; package accounts looks at these
		return
	}
	var want error
	if p == nil || p.disabled || p.password != given {
		want = accounts.ErrDenied
	}
	if want != nil {
		w.entries += w.held()
	}
	w.expect("login", err, want, 1)
	if err == nil {
		w.tokens = append(w.tokens, token{text: e.Token, name: name, made: w.now, seen: w.now})
	}
}

// held is how many entries tell that tries have to wait, beyond those known of.
func (w *walk) held() int64 {
	h, err := w.book.Head(w.ctx())
	w.must(err)
	list, err := w.book.Entries(w.ctx(), accounts.Filter{Does: accounts.DidHold, Since: w.now})
	w.must(err)
	return min(int64(len(list)), h.Count-w.entries)
}

func (w *walk) setRole(name string, p *person) {
	role := rapid.SampledFrom(accounts.Roles()).Draw(w.r, "role")
	_, err := w.book.SetRole(w.ctx(), w.admin, name, role)
	w.alter("role", name, p, err, p != nil && p.role != role, func() { p.role = role })
}

func (w *walk) disable(name string, p *person) {
	disabled := rapid.Bool().Draw(w.r, "disabled")
	_, err := w.book.SetDisabled(w.ctx(), w.admin, name, disabled)
	w.alter("disable", name, p, err, p != nil && p.disabled != disabled, func() {
		p.disabled = disabled
		if disabled {
			p.code = ""
		}
	})
}

// alter judges a change of an account that ends its sessions.
func (w *walk) alter(what, name string, p *person, err error, changes bool, do func()) {
	want := w.allowed()
	switch {
	case want != nil:
	case p == nil:
		want = accounts.ErrNotFound
	case changes:
		before, governed := *p, p.governs()
		do()
		if governed && w.admins() == 0 {
			*p, want = before, accounts.ErrLastAdmin
		}
	}
	w.expect(what+" "+name, err, want, 0)
	if err == nil && changes {
		w.entries++
		w.end(name)
	}
}

func (w *walk) admins() int {
	n := 0
	for _, p := range w.people {
		if p.governs() {
			n++
		}
	}
	return n
}

func (w *walk) end(name string) {
	for i := range w.tokens {
		if w.tokens[i].name == name {
			w.tokens[i].over = true
		}
	}
}

func (w *walk) reset(name string, p *person) {
	code, err := w.book.Reset(w.ctx(), w.admin, name)
	want := w.allowed()
	switch {
	case want != nil:
	case p == nil:
		want = accounts.ErrNotFound
	case p.disabled:
		want = accounts.ErrDenied
	}
	w.expect("reset", err, want, 1)
	if err == nil {
		p.code, p.until = code, w.now.Add(accounts.CodeAge)
	}
}

func (w *walk) redeem(name string, p *person) {
	code := "none"
	if p != nil && p.code != "" {
		code = p.code
	}
	given := password(rapid.IntRange(0, 1).Draw(w.r, "password"))
	_, err := w.book.Redeem(w.ctx(), code, given, accounts.Client{})
	var want error
	if code == "none" || !w.now.Before(p.until) {
		want = accounts.ErrDenied
	}
	w.expect("redeem", err, want, 1)
	if err == nil {
		p.password, p.code = given, ""
		w.end(name)
	}
}

// good reports whether a token is one of a session that goes on, and notes its use.
func (w *walk) good(k *token) bool {
	if k.over || !w.now.Before(k.seen.Add(idle)) || !w.now.Before(k.made.Add(absolute)) {
		k.over = true
	}
	return !k.over
}

func (w *walk) logout() {
	if len(w.tokens) == 0 {
		return
	}
	k := &w.tokens[rapid.IntRange(0, len(w.tokens)-1).Draw(w.r, "token")]
	good := w.good(k)
	if rapid.Bool().Draw(w.r, "all") {
		var want error
		if !good {
			want = accounts.ErrDenied
		}
		_, err := w.book.LogoutAll(w.ctx(), k.text)
		w.expect("log out everywhere", err, want, 1)
		if err == nil {
			w.end(k.name)
		}
		return
	}
	w.expect("log out", w.book.Logout(w.ctx(), k.text), nil, 0)
	if good {
		w.entries++
		k.over = true
	}
}

func (w *walk) changePassword() {
	if len(w.tokens) == 0 {
		return
	}
	k := &w.tokens[rapid.IntRange(0, len(w.tokens)-1).Draw(w.r, "token")]
	p := w.people[k.name]
	old, given := password(rapid.IntRange(0, 1).Draw(w.r, "old")), password(rapid.IntRange(0, 1).Draw(w.r, "password"))
	good := w.good(k)
	if good && w.now.Sub(k.seen) >= time.Minute {
		k.seen = w.now
	}
	w.tries++
	err := w.book.ChangePassword(w.ctx(), k.text, old, given, accounts.Client{From: fmt.Sprintf("10.0.%d.%d", w.tries/250, w.tries%250)})
	var wait *accounts.WaitError
	if good && errors.As(err, &wait) {
		return
	}
	var want error
	if !good || old != p.password {
		want = accounts.ErrDenied
		w.entries += w.held()
	}
	w.expect("change password", err, want, 1)
	if err == nil {
		p.password, p.code = given, ""
		w.end(k.name)
	}
}

// check wants the laws.
func (w *walk) check() {
	h, err := w.book.Verify(w.ctx())
	w.must(err)
	if h.Count != w.entries {
		w.r.Fatalf("the audit has %d entries, want %d", h.Count, w.entries)
	}
	enabled := 0
	w.must(w.store.ReadAccounts(w.ctx(), func(tx accounts.Tx) error {
		list, err := tx.Accounts()
		for _, a := range list {
			open, err := tx.SessionsOf(a.ID)
			if err != nil {
				return err
			}
			if a.Disabled && len(open) > 0 {
				w.r.Fatalf("%s is disabled and has %d sessions", a.Name, len(open))
			}
			if p := w.people[a.Name]; p == nil || p.role != a.Role || p.disabled != a.Disabled {
				w.r.Fatalf("%+v, want %+v", a.Account, p)
			}
			if !a.Disabled && a.Role == accounts.Admin && a.Password != "" {
				enabled++
			}
		}
		return err
	}))
	if enabled == 0 {
		w.r.Fatal("no admin can sign in")
	}
	for i := range w.tokens {
		k := &w.tokens[i]
		good := w.good(k)
		_, a, err := w.book.Session(w.ctx(), k.text)
		if good != (err == nil) || good && a.Name != k.name || err != nil && !errors.Is(err, accounts.ErrDenied) {
			w.r.Fatalf("a session of %s: %v, want it good: %v", k.name, err, good)
		}
		if good && w.now.Sub(k.seen) >= time.Minute {
			k.seen = w.now
		}
	}
}
