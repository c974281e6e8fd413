package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/erasure"
)

// eraseData is the page that erases who a person is and what they asked.
type eraseData struct {
	View
	Platforms []string
	Form      eraseForm
	Wrong     string
	Said      string // what was found out
	Erased    *erasure.Erased
	Copies    string // that were removed, in words
	Looks     []eraseLooks
}

// eraseLooks are things of one kind that somebody should look at.
type eraseLooks struct {
	Kind  string
	Links []pair // address and text
}

// An eraseForm says who is to be erased.
type eraseForm struct{ Platform, Tenant, ID, Hash string }

// accountPlatform stands for the accounts of the console in the form, where people know their names.
const accountPlatform = "account"

// AccountPlatform is accountPlatform, for commands that erase a person.
const AccountPlatform = accountPlatform

// AccountActor is the account with this id as the service knows people, on the channel of the console.
func AccountActor(id string) channel.Actor { return accountActor(id) }

// personHash is how the log calls a person.
var personHash = regexp.MustCompile(`^[a-z2-7]{24}$`)

// errWho says that a form does not say who is meant.
var errWho = errors.New("nobody is named, or two ways at once")

// erasePage shows the form.
func (c *Console) erasePage(w http.ResponseWriter, r *http.Request) error {
	return c.showErase(w, r, http.StatusOK, eraseData{Form: eraseForm{Hash: r.URL.Query().Get("user")}})
}

func (c *Console) showErase(w http.ResponseWriter, r *http.Request, status int, page eraseData) error {
	page.View = c.adminView(r)
	page.Platforms = append([]string{accountPlatform}, sortedKeys(c.Service.Health(r.Context()).Channels)...)
	return c.show(w, r, status, "adminerase", page)
}

// erase erases a person.
func (c *Console) erase(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form := eraseForm{}
	for name, to := range map[string]*string{"platform": &form.Platform, "tenant": &form.Tenant, "id": &form.ID, "hash": &form.Hash} {
		*to = strings.TrimSpace(r.PostForm.Get(name))
	}
	hash, err := c.personOf(r.Context(), form)
	if errors.Is(err, errWho) || errors.Is(err, accounts.ErrNotFound) {
		name := map[bool]string{true: "erase.who", false: "erase.no_account"}[errors.Is(err, errWho)]
		return c.showErase(w, r, http.StatusUnprocessableEntity, eraseData{Form: form, Wrong: c.view(r).T(name)})
	}
	if err != nil {
		return err
	}
	who, err := c.whose(r.Context(), hash)
	if err != nil {
		return err
	}
	found, err := erasure.Find(r.Context(), c.stores(), who)
	if err != nil {
		return err
	}
	if found.None() {
		return c.eraseNone(w, r, form, found)
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{v.T("erase.sure"), v.eraseText(found.Counts), v.T("erase.do"), "/admin/erase", true}
	})
	if err != nil || !sure {
		return err
	}
	var erased erasure.Erased
	err = c.change(r, didErasePerson, "", accounts.Facts("questions", strconv.Itoa(found.Questions)), func(ctx context.Context) (err error) {
		erased, err = erasure.Erase(ctx, c.stores(), who, c.moment())
		return err
	})
	if errors.Is(err, erasure.ErrNone) { // somebody else was quicker
		return c.eraseNone(w, r, form, erasure.Found{Before: c.moment()})
	}
	if err != nil {
		return err
	}
	v := c.view(r)
	return c.showErase(w, r, http.StatusOK, eraseData{Erased: &erased, Copies: v.eraseCopies(erased.Counts), Looks: v.eraseLooks(erased.Look)})
}

// personOf is how the log calls who a form names. The error wraps errWho, or accounts.ErrNotFound.
func (c *Console) personOf(ctx context.Context, f eraseForm) (string, error) {
	switch {
	case f.Hash != "" && f.ID == "" && personHash.MatchString(f.Hash):
		return f.Hash, nil
	case f.Hash != "" || f.Platform == "" || f.ID == "":
		return "", errWho
	case f.Platform == accountPlatform:
		a, err := c.Accounts.Account(ctx, f.ID)
		return c.Service.Asker(c.Channel, accountActor(a.ID)), err
	}
	return c.Service.Asker(f.Platform, channel.Actor{Tenant: f.Tenant, ID: f.ID}), nil
}

// stores is all that is kept of people.
func (c *Console) stores() erasure.Stores {
	s := erasure.Stores{Journal: c.Service.Journal, Library: c.Library}
	if c.Store != nil {
		s.Store = c.Store
	}
	return s
}

// whose finds the account of this site that the log calls so, if there is one.
func (c *Console) whose(ctx context.Context, hash string) (erasure.Person, error) {
	p := erasure.Person{User: hash}
	list, err := c.Accounts.Accounts(ctx)
	for _, a := range list {
		if c.Service.Asker(c.Channel, accountActor(a.ID)) == hash {
			p.Account = a.Name
		}
	}
	return p, err
}

// eraseNone says that there is nothing of a person: an error, unless they were erased before.
func (c *Console) eraseNone(w http.ResponseWriter, r *http.Request, form eraseForm, found erasure.Found) error {
	v := c.view(r)
	if found.Before.IsZero() {
		return c.showErase(w, r, http.StatusNotFound, eraseData{Form: form, Wrong: v.T("erase.none")})
	}
	return c.showErase(w, r, http.StatusOK, eraseData{Form: form, Said: v.T("erase.before", v.Time(found.Before))})
}

// eraseText says what erasing removes.
func (v View) eraseText(n erasure.Counts) string {
	text := v.T("erase.sure_text", n.Questions, n.Cases, n.Ratings)
	if n.Copies() > 0 {
		text = v.sentences(text, v.eraseCopies(n))
	}
	if n.Profile > 0 {
		text = v.sentences(text, v.T("erase.profile"))
	}
	return v.sentences(text, v.T("erase.no_way_back"))
}

// eraseCopies says which copies there are.
func (v View) eraseCopies(n erasure.Counts) string {
	return v.T("erase.copies", n.Entries, n.Golden, n.Results, n.Notes, n.Views)
}

// eraseLooks are what somebody should look at, with links.
func (v View) eraseLooks(list []erasure.Look) []eraseLooks {
	var out []eraseLooks
	for _, one := range list {
		if len(out) == 0 || out[len(out)-1].Kind != one.Kind {
			out = append(out, eraseLooks{Kind: one.Kind})
		}
		last := &out[len(out)-1]
		last.Links = append(last.Links, pair{lookURL(one), one.ID})
	}
	return out
}

// lookURL is where something can be looked at.
func lookURL(l erasure.Look) string {
	switch l.Kind {
	case erasure.LookEntry:
		return "/ops/entries?" + url.Values{"clause": {l.ID}}.Encode()
	case erasure.LookCase:
		return casePath(l.ID) + "/history"
	case erasure.LookView:
		return "/ops/log?" + l.ID
	}
	return questionURL(l.ID, "")
}
