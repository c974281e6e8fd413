package console

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"policybot/bot/channel"
)

// mostBefore is how many visitors are kept that an account was in a browser.
const mostBefore = 4

// before are the visitors that an account was in this browser before it signed in. Of another account there are none,
// and after signing out neither.
func (c *Console) before(r *http.Request, account string) []string {
	parts := strings.Split(c.cookie(r, cookieBefore), ".")
	if parts[0] != account {
		return nil
	}
	names := slices.DeleteFunc(parts[1:], func(name string) bool { return len(name) != len(rand.Text()) })
	return names[:min(len(names), mostBefore)]
}

// keepBefore keeps the visitor of the browser for the account that has just signed in, and forgets what was kept for
// another. The browser has no visitor from then on.
func (c *Console) keepBefore(w http.ResponseWriter, r *http.Request, account string) {
	names := c.before(r, account)
	if name := c.cookie(r, cookieVisitor); len(name) == len(rand.Text()) {
		names = append([]string{name}, slices.DeleteFunc(names, func(n string) bool { return n == name })...)
	}
	c.setCookie(w, cookieVisitor, "", -1)
	if len(names) == 0 {
		c.setCookie(w, cookieBefore, "", -1)
		return
	}
	names = names[:min(len(names), mostBefore)]
	c.setCookie(w, cookieBefore, strings.Join(append([]string{account}, names...), "."), year)
}

// recentsBefore are the conversations that the reader had in this browser before signing in.
func (c *Console) recentsBefore(r *http.Request, v View, g guest) ([]recent, error) {
	var all []recent
	for _, name := range g.before {
		list, err := c.recents(r, v, visitorActor(name))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all[:min(mostRecent, len(all))], nil
}

// askedBefore are the questions of a conversation that the reader asked in this browser before signing in, to be read.
func (c *Console) askedBefore(r *http.Request, v View, g guest, id string) ([]answerView, error) {
	for _, name := range g.before {
		who := visitorActor(name)
		list, err := c.Service.Conversation(r.Context(), c.Channel, who, channel.Place{ID: who.ID, Thread: id})
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			continue
		}
		var out []answerView
		for _, m := range list {
			one := v.answerView(m, id)
			one.Before = true
			out = append(out, one)
		}
		return out, nil
	}
	return nil, nil
}
