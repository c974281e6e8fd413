package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
	"policybot/bot/accounts/memory"
)

const good = "a long enough password"

var (
	operator = accounts.Actor{Name: "operator"}
	home     = accounts.Client{From: "192.0.2.1", Agent: "Browser/1"}
)

// A desk is a Book with a clock.
type desk struct {
	*accounts.Book
	t     *testing.T
	store accounts.Store
	mu    sync.Mutex
	at    time.Time
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

// newDesk makes a Book with an admin, root.
func newDesk(t *testing.T, change ...func(*accounts.Options)) *desk {
	t.Helper()
	d := emptyDesk(t, change...)
	code, err := d.Setup(t.Context())
	must(t, err)
	_, err = d.First(t.Context(), code, "root", good, home)
	must(t, err)
	return d
}

func emptyDesk(t *testing.T, change ...func(*accounts.Options)) *desk {
	t.Helper()
	d := &desk{t: t, at: accountstest.Start, store: memory.New()}
	o := accounts.Options{Store: d.store, Now: d.now, Cost: accountstest.Cheap}
	for _, f := range change {
		f(&o)
	}
	var err error
	d.Book, err = accounts.New(o)
	must(t, err)
	return d
}

// person makes an account with the good password.
func (d *desk) person(name string, role accounts.Role) accounts.Account {
	d.t.Helper()
	_, code, err := d.Create(d.t.Context(), operator, accounts.NewAccount{Name: name, Role: role})
	must(d.t, err)
	a, err := d.Redeem(d.t.Context(), code, good, home)
	must(d.t, err)
	return a
}

func (d *desk) login(name, password, from string) (accounts.Entered, error) {
	return d.Login(d.t.Context(), accounts.Attempt{Name: name, Password: password, Client: accounts.Client{From: from}})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// waits gives how long an error says to wait, 0 when it does not.
func waits(err error) time.Duration {
	if w, ok := errors.AsType[*accounts.WaitError](err); ok {
		return w.For
	}
	return 0
}

func TestRoles(t *testing.T) {
	all := accounts.Roles()
	for i, r := range all {
		for k, least := range all {
			if r.AtLeast(least) != (i >= k) {
				t.Errorf("%s at least %s: %v", r, least, r.AtLeast(least))
			}
		}
		if r.AtLeast("") || r.AtLeast("root") || accounts.Role("").AtLeast(r) || accounts.Role("ADMIN").AtLeast(r) {
			t.Errorf("%s beside what is no role", r)
		}
	}
	if accounts.Role("").AtLeast("") {
		t.Error("nothing is at least nothing")
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"root": "root", "Li.Wei@Gov.Example": "li.wei@gov.example", "张三": "张三", "a": "a", "7": "7", strings.Repeat("x", 64): strings.Repeat("x", 64),
		"": "", " li": "", "li si": "", "-li": "", "@": "", "l\u0456": "", "ｌｉ": "", "li\x00": "", "local:li": "", strings.Repeat("x", 65): "", "\xff": "", "İ": "",
	} {
		if got, err := accounts.FoldName(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestFirst: the first admin is made once, with the code of the last start, within a day.
func TestFirst(t *testing.T) {
	d := emptyDesk(t)
	ctx := t.Context()
	old, err := d.Setup(ctx)
	must(t, err)
	code, err := d.Setup(ctx)
	must(t, err)
	first := func(code, name, password string) error {
		_, err := d.First(ctx, code, name, password, home)
		return err
	}
	is(t, "no code", first("", "root", good), accounts.ErrDenied)
	is(t, "code of an earlier start", first(old, "root", good), accounts.ErrDenied)
	is(t, "no name", first(code, "r t", good), accounts.ErrName)
	if _, ok := errors.AsType[*accounts.PasswordError](first(code, "root", "short")); !ok {
		t.Error("a short password is taken")
	}
	d.pass(accounts.CodeAge)
	is(t, "code of yesterday", first(code, "root", good), accounts.ErrDenied)
	code, err = d.Setup(ctx)
	must(t, err)
	typed := " " + strings.ToLower(strings.ReplaceAll(code, "-", " "))
	results := make(chan error, 8)
	for i := range cap(results) {
		go func() { results <- first(typed, fmt.Sprintf("root%d", i), good) }()
	}
	won := 0
	for range cap(results) {
		if err := <-results; err == nil {
			won++
		} else {
			is(t, "who comes second", err, accounts.ErrDenied)
		}
	}
	list, err := d.Accounts(ctx)
	must(t, err)
	if won != 1 || len(list) != 1 || list[0].Role != accounts.Admin {
		t.Errorf("%d won; %+v", won, list)
	}
	code, err = d.Setup(ctx)
	if err != nil || code != "" {
		t.Errorf("a code %q is given while there is an admin; %v", code, err)
	}
}

// TestNoDefaults: nobody gets into what was just installed.
func TestNoDefaults(t *testing.T) {
	d := emptyDesk(t)
	i := 0
	for _, name := range []string{"admin", "root", "administrator", "policybot", "user", "guest", "", "program:", "local:root"} {
		for _, password := range []string{"", name, "admin", "password", "changeme", "policybot", "admin1234567"} {
			i++
			if _, err := d.login(name, password, fmt.Sprintf("10.1.%d.1", i)); err == nil || err != nil && waits(err) == 0 && !errors.Is(err, accounts.ErrDenied) {
				t.Errorf("%q with %q: %v", name, password, err)
			}
		}
	}
}

// TestDenied: who is refused does not learn why.
func TestDenied(t *testing.T) {
	d := newDesk(t)
	d.person("li", accounts.Staff)
	_, _, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: "new", Role: accounts.Viewer})
	must(t, err)
	d.person("gone", accounts.Viewer)
	_, err = d.SetDisabled(t.Context(), operator, "gone", true)
	must(t, err)
	var said []string
	for _, try := range [][2]string{{"li", "another password"}, {"nobody", good}, {"gone", good}, {"new", ""}, {"no name", good}, {"li", strings.Repeat("x", 1<<16)}} {
		_, err := d.login(try[0], try[1], "192.0.2.9")
		is(t, try[0], err, accounts.ErrDenied)
		said = append(said, err.Error())
		d.pass(time.Hour)
	}
	if len(slices.Compact(said)) != 1 {
		t.Errorf("%q", said)
	}
	if _, err := d.login("LI", good, "192.0.2.9"); err != nil {
		t.Error(err)
	}
}

func TestExpiry(t *testing.T) {
	d := newDesk(t)
	enter := func() string {
		e, err := d.login("root", good, home.From)
		must(t, err)
		return e.Token
	}
	session := func(token string) error {
		_, _, err := d.Session(t.Context(), token)
		return err
	}
	token := enter()
	d.pass(8*time.Hour - time.Microsecond)
	must(t, session(token))
	d.pass(8 * time.Hour)
	is(t, "idle", session(token), accounts.ErrDenied)
	is(t, "idle", session(token), accounts.ErrDenied)
	token = enter()
	for range 7*24/4 - 1 {
		d.pass(4 * time.Hour)
		must(t, session(token))
	}
	d.pass(4 * time.Hour)
	is(t, "after a week", session(token), accounts.ErrDenied)
	n, err := d.Sweep(t.Context())
	must(t, err)
	if n != 1 { // the other was swept when the second began
		t.Errorf("%d swept, want 1", n)
	}
	is(t, "nothing", session(""), accounts.ErrDenied)
}

// TestSeen: a session's use is written at most once a minute.
func TestSeen(t *testing.T) {
	d := newDesk(t)
	e, err := d.login("root", good, home.From)
	must(t, err)
	for _, tt := range []struct{ pass, want time.Duration }{{59 * time.Second, 0}, {time.Second, time.Minute}, {time.Second, time.Minute}, {time.Hour, time.Hour + time.Minute + time.Second}} {
		d.pass(tt.pass)
		s, _, err := d.Session(t.Context(), e.Token)
		must(t, err)
		if got := s.SeenAt.Sub(e.Session.CreatedAt); got != tt.want {
			t.Errorf("seen after %s, want %s", got, tt.want)
		}
	}
}

// TestPeek: looking at a session does not make it last longer.
func TestPeek(t *testing.T) {
	d := newDesk(t)
	e, err := d.login("root", good, home.From)
	must(t, err)
	for range 8 {
		d.pass(59 * time.Minute)
		if s, a, err := d.Peek(t.Context(), e.Token); err != nil || a.Name != "root" || !s.SeenAt.Equal(e.Session.SeenAt) {
			t.Fatalf("Peek gives %+v of %+v (%v)", s, a, err)
		}
	}
	d.pass(8 * time.Minute)
	if _, _, err := d.Peek(t.Context(), e.Token); !errors.Is(err, accounts.ErrDenied) {
		t.Errorf("a session that was only looked at lasts: %v", err)
	}
}

func TestOwnSessions(t *testing.T) {
	d := newDesk(t)
	d.person("li", accounts.Staff)
	one, err := d.login("root", good, "192.0.2.1")
	must(t, err)
	two, err := d.login("root", good, "192.0.2.2")
	must(t, err)
	other, err := d.login("li", good, "192.0.2.3")
	must(t, err)
	list, err := d.Sessions(t.Context(), one.Token)
	must(t, err)
	if len(list) != 2 || list[0].From != "192.0.2.1" && list[1].From != "192.0.2.1" {
		t.Errorf("%+v", list)
	}
	is(t, "another's", d.LogoutOther(t.Context(), one.Token, other.Session.ID), accounts.ErrNotFound)
	must(t, d.LogoutOther(t.Context(), one.Token, two.Session.ID))
	_, _, err = d.Session(t.Context(), two.Token)
	is(t, "ended", err, accounts.ErrDenied)
	must(t, d.Logout(t.Context(), one.Token))
	must(t, d.Logout(t.Context(), one.Token))
	_, err = d.Sessions(t.Context(), one.Token)
	is(t, "ended", err, accounts.ErrDenied)
	_, _, err = d.Session(t.Context(), other.Token)
	must(t, err)
}

// TestManySessions: the oldest make room.
func TestManySessions(t *testing.T) {
	d := newDesk(t)
	first, err := d.login("root", good, home.From)
	must(t, err)
	var last accounts.Entered
	for range 50 {
		d.pass(time.Second)
		last, err = d.login("root", good, home.From)
		must(t, err)
	}
	_, _, err = d.Session(t.Context(), first.Token)
	is(t, "the oldest", err, accounts.ErrDenied)
	list, err := d.Sessions(t.Context(), last.Token)
	if err != nil || len(list) != 50 {
		t.Errorf("%d sessions, want 50; %v", len(list), err)
	}
}

// TestActor: who is no admin changes nothing, and was one a moment ago is none.
func TestActor(t *testing.T) {
	d := newDesk(t)
	li := d.person("li", accounts.Ops)
	boss := d.person("boss", accounts.Admin)
	ctx := t.Context()
	as := func(a accounts.Account) accounts.Actor {
		return accounts.Actor{Account: a.ID, Name: a.Name, From: home.From}
	}
	forbidden := func(who accounts.Actor) {
		t.Helper()
		_, _, err := d.Create(ctx, who, accounts.NewAccount{Name: "x", Role: accounts.Viewer})
		is(t, "create", err, accounts.ErrForbidden)
		_, err = d.SetRole(ctx, who, "li", accounts.Admin)
		is(t, "role", err, accounts.ErrForbidden)
		_, err = d.SetDisabled(ctx, who, "root", true)
		is(t, "disable", err, accounts.ErrForbidden)
		_, err = d.Reset(ctx, who, "root")
		is(t, "reset", err, accounts.ErrForbidden)
		is(t, "restored", d.Restored(ctx, who), accounts.ErrForbidden)
	}
	forbidden(as(li))
	forbidden(accounts.Actor{Account: "unknown", Name: "root"})
	_, err := d.SetRole(ctx, as(boss), "root", accounts.Staff)
	must(t, err)
	_, err = d.SetRole(ctx, as(boss), "boss", accounts.Staff)
	is(t, "the last", err, accounts.ErrLastAdmin)
	_, err = d.SetDisabled(ctx, operator, "boss", true)
	is(t, "the last", err, accounts.ErrLastAdmin)
	_, err = d.SetRole(ctx, as(boss), "root", accounts.Admin)
	must(t, err)
	_, err = d.SetDisabled(ctx, operator, "boss", true)
	must(t, err)
	forbidden(as(boss))
	list, err := d.Entries(ctx, accounts.Filter{By: "boss", Does: accounts.DidRole})
	if err != nil || len(list) != 2 || list[1].Object != "root" || list[1].Detail != "role=staff was=admin sessions=0" || list[1].From != home.From {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestRestored: what a backup brings back lets nobody in.
func TestRestored(t *testing.T) {
	d := newDesk(t)
	e, err := d.login("root", good, home.From)
	must(t, err)
	_, code, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: "li", Role: accounts.Admin})
	must(t, err)
	must(t, d.Restored(t.Context(), operator))
	_, _, err = d.Session(t.Context(), e.Token)
	is(t, "session", err, accounts.ErrDenied)
	_, err = d.Redeem(t.Context(), code, good, home)
	is(t, "code", err, accounts.ErrDenied)
	empty := emptyDesk(t)
	must(t, empty.Restored(t.Context(), operator))
	if h, err := empty.Head(t.Context()); err != nil || h.Count != 0 {
		t.Errorf("%v %v", h, err)
	}
}

// failing is a store whose writes fail when told to.
type failing struct {
	accounts.Store
	fails bool
}

var errDisk = errors.New("disk full")

func (f *failing) ChangeAccounts(ctx context.Context, do func(accounts.Tx) error) error {
	return f.Store.ChangeAccounts(ctx, func(tx accounts.Tx) error {
		return errors.Join(do(tx), map[bool]error{true: errDisk}[f.fails])
	})
}

// TestFailing: what cannot be written has not happened, and whoever is signed in goes on.
func TestFailing(t *testing.T) {
	broken := &failing{Store: memory.New()}
	d := newDesk(t, func(o *accounts.Options) { o.Store = broken })
	e, err := d.login("root", good, home.From)
	must(t, err)
	broken.fails = true
	d.pass(time.Hour)
	for what, do := range map[string]func() error{
		"login": func() error { e, err := d.login("root", good, home.From); return errors.Join(err, empty(e.Token)) },
		"create": func() error {
			_, code, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: "li", Role: accounts.Staff})
			return errors.Join(err, empty(code))
		},
		"reset": func() error {
			code, err := d.Reset(t.Context(), operator, "root")
			return errors.Join(err, empty(code))
		},
		"setup":  func() error { code, err := d.Setup(t.Context()); return errors.Join(err, empty(code)) },
		"leave":  func() error { return d.Logout(t.Context(), e.Token) },
		"record": func() error { return d.Record(t.Context(), accounts.Entry{By: "x", Does: "y"}) },
	} {
		is(t, what, do(), errDisk)
	}
	if _, a, err := d.Session(t.Context(), e.Token); err != nil || a.Name != "root" {
		t.Errorf("%+v, %v", a, err)
	}
	broken.fails = false
	if h, err := d.Verify(t.Context()); err != nil || h.Count != 3 {
		t.Errorf("%+v, %v, want 3 entries", h, err)
	}
}

// empty fails for a secret that was given out although it is not stored.
func empty(secret string) error {
	if secret != "" {
		return errors.New("a secret was given out")
	}
	return nil
}

func TestNew(t *testing.T) {
	for name, o := range map[string]accounts.Options{
		"no store":        {},
		"admins for free": {Store: memory.New(), SignOn: accounts.SignOn{Role: accounts.Admin}},
		"no role":         {Store: memory.New(), SignOn: accounts.SignOn{Role: "boss"}},
		"any domain":      {Store: memory.New(), SignOn: accounts.SignOn{Domains: []string{"*"}}},
	} {
		if _, err := accounts.New(o); err == nil {
			t.Error(name)
		}
	}
}

// slow is a store in which something happens before a change.
type slow struct {
	accounts.Store
	before func()
}

func (s *slow) ChangeAccounts(ctx context.Context, do func(accounts.Tx) error) error {
	if f := s.before; f != nil {
		s.before = nil
		f()
	}
	return s.Store.ChangeAccounts(ctx, do)
}

// TestMeanwhile: what changes while a password is being hashed counts.
func TestMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*desk) error{
		"disabled": func(d *desk) error { _, err := d.SetDisabled(t.Context(), operator, "li", true); return err },
		"another password": func(d *desk) error {
			code, err := d.Reset(t.Context(), operator, "li")
			must(t, err)
			_, err = d.Redeem(t.Context(), code, good+" 2", home)
			return err
		},
	} {
		store := &slow{Store: memory.New()}
		d := newDesk(t, func(o *accounts.Options) { o.Store = store })
		d.person("li", accounts.Staff)
		code, err := d.Reset(t.Context(), operator, "li")
		must(t, err)
		store.before = func() { must(t, change(d)) }
		_, err = d.login("li", good, home.From)
		is(t, name+": login", err, accounts.ErrDenied)
		_, err = d.Redeem(t.Context(), code, good+" 3", home)
		is(t, name+": code", err, accounts.ErrDenied)
		_, err = d.SetDisabled(t.Context(), operator, "li", false)
		must(t, err)
		_, err = d.Redeem(t.Context(), code, good+" 3", home)
		is(t, name+": code, later", err, accounts.ErrDenied)
	}
}

// TestCodesForOneThing: a code for one thing does no other, and an admin who came by another way ends the setup.
func TestCodesForOneThing(t *testing.T) {
	d := emptyDesk(t)
	setup, err := d.Setup(t.Context())
	must(t, err)
	_, reset, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: "boss", Role: accounts.Admin})
	must(t, err)
	_, err = d.First(t.Context(), reset, "root", good, home)
	is(t, "a code for a password", err, accounts.ErrDenied)
	_, err = d.Redeem(t.Context(), setup, good, home)
	is(t, "the code of the setup", err, accounts.ErrDenied)
	if again, err := d.Setup(t.Context()); err != nil || again == "" {
		t.Errorf("an admin without a password counts: %q, %v", again, err)
	} else {
		setup = again
	}
	_, err = d.Redeem(t.Context(), reset, good, home)
	must(t, err)
	_, err = d.Redeem(t.Context(), reset, good+" 2", home)
	is(t, "a code twice", err, accounts.ErrDenied)
	_, err = d.First(t.Context(), setup, "root", good, home)
	is(t, "after another admin", err, accounts.ErrDenied)
	reset, err = d.Reset(t.Context(), operator, "boss")
	must(t, err)
	e, err := d.login("boss", good, home.From)
	must(t, err)
	must(t, d.ChangePassword(t.Context(), e.Token, good, good+" 2", home))
	_, err = d.Redeem(t.Context(), reset, good+" 3", home)
	is(t, "a code after another password", err, accounts.ErrDenied)
}
