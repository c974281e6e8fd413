package console

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/journal"
)

// eraseData is the page that erases who a person is and what they asked.
type eraseData struct {
	View
	Platforms []string
	Form      eraseForm
	Wrong     string
	Erased    *journal.Erased
}

// An eraseForm says who is to be erased.
type eraseForm struct{ Platform, Tenant, ID, Hash string }

// accountPlatform stands for the accounts of the console in the form, where people know their names.
const accountPlatform = "account"

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
	found, err := c.Service.Journal.Search(r.Context(), journal.Query{Asker: hash, Size: 1})
	if err != nil {
		return err
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{v.T("erase.sure"), v.T("erase.sure_text", found.Total), v.T("erase.do"), "/admin/erase", true}
	})
	if err != nil || !sure {
		return err
	}
	var erased journal.Erased
	err = c.change(r, didErasePerson, "", accounts.Facts("questions", strconv.Itoa(found.Total)), func(ctx context.Context) (err error) {
		erased, err = bot.Erase(ctx, c.Service.Journal, hash, c.moment())
		return err
	})
	if err != nil {
		return err
	}
	return c.showErase(w, r, http.StatusOK, eraseData{Erased: &erased})
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
