package console

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/channel"
)

// A guest is who sent a request.
type guest struct {
	account *accounts.Account // nil: not signed in
	visitor string            // random name of the browser where nobody is signed in; "" where it has none yet
	ended   bool              // the browser has a session that is over
	before  []string          // visitors that the account was in this browser before it signed in, the latest first
}

type guestKey struct{}

// guestOf is who sent a request that has passed guarded.
func guestOf(r *http.Request) guest {
	g, _ := r.Context().Value(guestKey{}).(guest)
	return g
}

// Names of cookies. Where the console is reached over HTTPS they carry the prefix that keeps other hosts of the
// same domain from setting them (RFC 6265bis, section 4.1.3.2).
const (
	cookieSession = "policybot_session"
	cookieVisitor = "policybot_visitor"
	cookieBefore  = "policybot_before"
	cookieLang    = "policybot_lang"
	cookieTheme   = "policybot_theme"
)

func (c *Console) cookieName(name string) string {
	if c.Secure {
		return "__Host-" + name
	}
	return name
}

// cookie gives the value of a cookie, "" where it is not there.
func (c *Console) cookie(r *http.Request, name string) string {
	found, err := r.Cookie(c.cookieName(name))
	if err != nil {
		return ""
	}
	return found.Value
}

// setCookie sets a cookie for this host; maxAge in seconds, 0: until the browser ends, below 0: removes it.
func (c *Console) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: c.cookieName(name), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// known reports whether the console answers to a Host header.
func (c *Console) known(host string) bool {
	if len(c.Hosts) == 0 {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(strings.TrimSuffix(strings.ToLower(host), "."), "[]")
	return slices.Contains(c.Hosts, host)
}

// guarded serves a route to who may use it. Who is not signed in and would have to be is sent to sign in.
func (c *Console) guarded(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g, err := c.guest(r)
		if err == nil {
			r = r.WithContext(context.WithValue(r.Context(), guestKey{}, g))
			err = c.allow(to.need, g)
			if err == nil && g.ended && to.need == reader && r.Method != http.MethodGet {
				err = errSignIn // what is sent is not to be somebody else's than who wrote it
			}
		}
		if err == nil {
			err = to.serve(c, w, r)
		}
		switch {
		case err == nil:
		case errors.Is(err, errSignIn) && r.Method == http.MethodGet && r.Header.Get(headerPart) == "":
			http.Redirect(w, r, "/login?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		case isOver(r, err):
			c.over(w, r)
		case asField(err) != nil:
			c.onceMore(w, r, asField(err))
		default:
			c.fail(w, r, err)
		}
	})
}

// errSignIn is for who is not signed in.
var errSignIn = problem(http.StatusUnauthorized, "error.sign_in")

// headerBeat marks what a page asks of its own accord, with nobody at it: it does not make a session last longer.
const headerBeat = "X-Policybot-Beat"

// guest finds out who sent a request. An error is one of the store: nobody is let in because of it.
func (c *Console) guest(r *http.Request) (guest, error) {
	g := guest{visitor: c.cookie(r, cookieVisitor)}
	if len(g.visitor) != len(rand.Text()) {
		g.visitor = ""
	}
	token := c.cookie(r, cookieSession)
	if token == "" {
		return g, nil
	}
	know := c.Accounts.Session
	if r.Header.Get(headerBeat) != "" {
		know = c.Accounts.Peek
	}
	_, account, err := know(r.Context(), token)
	if errors.Is(err, accounts.ErrDenied) {
		g.ended = true
		return g, nil
	}
	if err != nil {
		return guest{}, err
	}
	g.account = &account
	g.before = c.before(r, account.ID)
	return g, nil
}

// allow tells why a guest may not use something, nil where they may.
func (c *Console) allow(n need, g guest) error {
	switch {
	case n == anyone, n == reader && c.Open:
		return nil
	case g.account == nil:
		return errSignIn
	case n == reader:
		n = viewer
	}
	if !g.account.Role.AtLeast(accounts.Role(n)) {
		return errRole
	}
	return nil
}

// actor is a guest as the service knows people, and as the HTTP API does by the actor's ID. A visitor without a name has
// none that anything was asked under.
func (g guest) actor() channel.Actor {
	if g.account != nil {
		return accountActor(g.account.ID)
	}
	return visitorActor(g.visitor)
}

// visitorActor is a visitor as the service knows people.
func visitorActor(name string) channel.Actor { return channel.Actor{ID: "visitor " + name} }

// accountActor is an account as the service knows people.
func accountActor(id string) channel.Actor { return channel.Actor{ID: "account " + id} }

// actor is the guest's actor. A visitor without a name gets one.
func (c *Console) actor(w http.ResponseWriter, g guest) channel.Actor {
	if g.account == nil && g.visitor == "" {
		g.visitor = rand.Text()
		c.setCookie(w, cookieVisitor, g.visitor, year)
	}
	return g.actor()
}

// mostReport is how many bytes of a report are read; browsers send less.
const mostReport = 64 << 10

// report logs what a browser tells of the content security policy. Only its directive is written: the rest may
// hold what people wrote. Anybody may send reports: few are logged.
func (c *Console) report(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostReport))
	if found := directiveOf(body); err == nil && c.reports.pass(found, c.Now()) {
		c.Log.Warn("a browser kept a page from doing what the content security policy forbids", "directive", found)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
