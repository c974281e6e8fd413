package console

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"

	"policybot/bot/accounts"
)

// loginData is the page to sign in, to make the first account, or to set a password with a code.
type loginData struct {
	View
	To      string // where to go afterwards
	Name    string
	Wrong   string // what was wrong with the last try
	SignOn  bool   // there is a provider of sign-on
	Code    string
	Waiting int // seconds until the next try
}

// client is where a request comes from.
func client(r *http.Request) accounts.Client {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	return accounts.Client{From: from, Agent: r.UserAgent()}
}

// by is who does what a request asks for, for the audit.
func by(r *http.Request) accounts.Actor {
	g := guestOf(r)
	if g.account == nil {
		return accounts.Actor{From: client(r).From}
	}
	return accounts.Actor{Account: g.account.ID, Name: g.account.Name, From: client(r).From}
}

// loginPage shows the form to sign in.
func (c *Console) loginPage(w http.ResponseWriter, r *http.Request) error {
	to := ownPath(r.URL.Query().Get("to"))
	if guestOf(r).account != nil {
		return seeOther(w, r, to)
	}
	return c.show(w, r, http.StatusOK, "login", loginData{View: c.view(r), To: to, SignOn: c.SignOn != nil})
}

// login signs somebody in.
func (c *Console) login(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	page := loginData{View: c.view(r), To: ownPath(r.PostForm.Get("to")), Name: r.PostForm.Get("name"), SignOn: c.SignOn != nil}
	entered, err := c.Accounts.Login(r.Context(), accounts.Attempt{Name: page.Name, Password: r.PostForm.Get("password"), Client: client(r)})
	if err == nil {
		c.enter(w, r, entered, page.To)
		return nil
	}
	status := http.StatusUnauthorized
	if page.Wrong, page.Waiting = page.wrong(err); page.Wrong == "" {
		return err
	}
	if page.Waiting > 0 {
		status = http.StatusTooManyRequests
	}
	return c.show(w, r, status, "login", page)
}

// enter gives the browser its session, and ends the one that it had. What was asked in it without an account stays with
// who has signed in.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, e accounts.Entered, to string) {
	if before := c.cookie(r, cookieSession); before != "" {
		if err := c.Accounts.Logout(context.WithoutCancel(r.Context()), before); err != nil {
			c.Log.Error("a session was not ended when another took its place", "error", err)
		}
	}
	c.setCookie(w, cookieSession, e.Token, 0)
	c.keepBefore(w, r, e.Account.ID)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// wrong is an error of signing in or of a password as a sentence, "" for one that is not for people.
func (v View) wrong(err error) (sentence string, wait int) {
	if later, ok := errors.AsType[*accounts.WaitError](err); ok {
		wait = int(math.Ceil(later.For.Seconds()))
		return v.T("login.wait", wait), wait
	}
	if bad, ok := errors.AsType[*accounts.PasswordError](err); ok {
		return v.T("password." + bad.Rule), 0
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{accounts.ErrDenied, "login.denied"},
		{accounts.ErrName, "login.name_bad"},
		{accounts.ErrTaken, "login.taken"},
		{accounts.ErrLastAdmin, "login.last_admin"},
		{accounts.ErrRole, "login.role_bad"},
		{accounts.ErrForbidden, "error.role"},
	} {
		if errors.Is(err, known.err) {
			return v.T(known.name), 0
		}
	}
	return "", 0
}

// logout ends the session.
func (c *Console) logout(w http.ResponseWriter, r *http.Request) error {
	if token := c.cookie(r, cookieSession); token != "" {
		if err := c.Accounts.Logout(r.Context(), token); err != nil && !errors.Is(err, accounts.ErrDenied) {
			return err
		}
	}
	c.setCookie(w, cookieSession, "", -1)
	c.setCookie(w, cookieBefore, "", -1)
	return seeOther(w, r, "/")
}

// setupPage shows the form for the first account, whose code stands where the service was started.
func (c *Console) setupPage(w http.ResponseWriter, r *http.Request) error {
	return c.show(w, r, http.StatusOK, "setup", loginData{View: c.view(r), Code: r.URL.Query().Get("code")})
}

// setup makes the first account and signs it in.
func (c *Console) setup(w http.ResponseWriter, r *http.Request) error {
	return c.withCode(w, r, "setup", func(code, name, password string) (accounts.Account, error) {
		return c.Accounts.First(r.Context(), code, name, password, client(r))
	})
}

// redeemPage shows the form for a new password, for who was given a code.
func (c *Console) redeemPage(w http.ResponseWriter, r *http.Request) error {
	return c.show(w, r, http.StatusOK, "redeem", loginData{View: c.view(r), Code: r.URL.Query().Get("code")})
}

// redeem sets a password with a code.
func (c *Console) redeem(w http.ResponseWriter, r *http.Request) error {
	return c.withCode(w, r, "redeem", func(code, _, password string) (accounts.Account, error) {
		return c.Accounts.Redeem(r.Context(), code, password, client(r))
	})
}

// withCode does what a code is for, and signs in with the password that it set.
func (c *Console) withCode(w http.ResponseWriter, r *http.Request, name string, do func(code, name, password string) (accounts.Account, error)) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form := r.PostForm
	page := loginData{View: c.view(r), Code: form.Get("code"), Name: form.Get("name")}
	if form.Get("password") != form.Get("again") {
		page.Wrong = page.T("password.differ")
		return c.show(w, r, http.StatusUnprocessableEntity, name, page)
	}
	a, err := do(form.Get("code"), form.Get("name"), form.Get("password"))
	if err != nil {
		if page.Wrong, _ = page.wrong(err); page.Wrong == "" {
			return err
		}
		return c.show(w, r, http.StatusUnprocessableEntity, name, page)
	}
	entered, err := c.Accounts.Login(r.Context(), accounts.Attempt{Name: a.Name, Password: form.Get("password"), Client: client(r)})
	if err != nil {
		return seeOther(w, r, "/login")
	}
	c.enter(w, r, entered, "/")
	return nil
}

// accountData is the page of one's own account.
type accountData struct {
	View
	Sessions []sessionView
	Wrong    string
}

// A sessionView is one place where the reader is signed in.
type sessionView struct {
	ID, From, Agent, Seen string
	Here                  bool
}

// accountPage shows the reader's own account.
func (c *Console) accountPage(w http.ResponseWriter, r *http.Request) error {
	return c.showAccount(w, r, http.StatusOK, "")
}

func (c *Console) showAccount(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	token := c.cookie(r, cookieSession)
	here, _, err := c.Accounts.Session(r.Context(), token)
	if err != nil {
		return err
	}
	list, err := c.Accounts.Sessions(r.Context(), token)
	if err != nil {
		return err
	}
	page := accountData{View: c.view(r), Wrong: wrong}
	for _, s := range list {
		page.Sessions = append(page.Sessions, sessionView{s.ID, s.From, s.Agent, page.Time(s.SeenAt), s.ID == here.ID})
	}
	return c.show(w, r, status, "account", page)
}

// changePassword sets the reader's own password and signs in again with it.
func (c *Console) changePassword(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form, v := r.PostForm, c.view(r)
	if form.Get("password") != form.Get("again") {
		return c.showAccount(w, r, http.StatusUnprocessableEntity, v.T("password.differ"))
	}
	err := c.Accounts.ChangePassword(r.Context(), c.cookie(r, cookieSession), form.Get("old"), form.Get("password"), client(r))
	if err != nil {
		wrong, _ := v.wrong(err)
		if wrong == "" {
			return err
		}
		return c.showAccount(w, r, http.StatusUnprocessableEntity, wrong)
	}
	entered, err := c.Accounts.Login(r.Context(), accounts.Attempt{Name: v.Account.Name, Password: form.Get("password"), Client: client(r)})
	if err != nil {
		return seeOther(w, r, "/login")
	}
	c.enter(w, r, entered, "/account")
	return nil
}

// endSession signs the reader out elsewhere.
func (c *Console) endSession(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	err := c.Accounts.LogoutOther(r.Context(), c.cookie(r, cookieSession), r.PostForm.Get("session"))
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return err
	}
	return seeOther(w, r, "/account")
}
