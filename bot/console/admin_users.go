package console

import (
	"errors"
	"net/http"

	"policybot/bot/accounts"
)

// usersData is the page of all accounts.
type usersData struct {
	View
	Users  []userView
	Roles  []string
	SignOn bool // accounts may be without a password
	Wrong  string
	Given  *givenCode
	New    accounts.NewAccount // what the form begins with
}

// A userView is one account.
type userView struct {
	accounts.Account
	Me, Last bool // the reader's own; the last administrator
}

// A givenCode is a one-time code, which is shown once, with the address where it is used.
type givenCode struct{ Name, Code, Address string }

// usersPage lists the accounts.
func (c *Console) usersPage(w http.ResponseWriter, r *http.Request) error {
	return c.showUsers(w, r, http.StatusOK, usersData{})
}

// showUsers shows the page with what came of a form.
func (c *Console) showUsers(w http.ResponseWriter, r *http.Request, status int, page usersData) error {
	all, err := c.Accounts.Accounts(r.Context())
	if err != nil {
		return err
	}
	page.View, page.SignOn = c.adminView(r), c.SignOn != nil
	page.at = "/admin/users"
	admins := count(all, isAdmin)
	for _, a := range all {
		page.Users = append(page.Users, userView{a, a.ID == page.Account.ID, admins == 1 && isAdmin(a)})
	}
	for _, role := range accounts.Roles() {
		page.Roles = append(page.Roles, string(role))
	}
	if page.New.Role == "" {
		page.New.Role = accounts.Viewer
	}
	return c.show(w, r, status, "adminusers", page)
}

// isAdmin reports whether an account is that of an administrator who can sign in.
func isAdmin(a accounts.Account) bool { return a.Role == accounts.Admin && !a.Disabled }

// usersProblem shows the page with what was wrong with a form.
func (c *Console) usersProblem(w http.ResponseWriter, r *http.Request, err error, begun accounts.NewAccount) error {
	wrong, _ := c.view(r).wrong(err)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return errNotFound
	case errors.Is(err, accounts.ErrDenied): // a code for an account that is disabled
		wrong = c.view(r).T("users.disabled_first")
	case wrong == "":
		return err
	}
	return c.showUsers(w, r, http.StatusUnprocessableEntity, usersData{Wrong: wrong, New: begun})
}

// createUser makes an account, and shows the code for its password once.
func (c *Console) createUser(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form := r.PostForm
	n := accounts.NewAccount{
		Name: form.Get("name"), Display: form.Get("display"), Role: accounts.Role(form.Get("role")), Lang: form.Get("lang"),
		SignOn: c.SignOn != nil && form.Get("sign_on") == "yes",
	}
	a, code, err := c.Accounts.Create(r.Context(), by(r), n)
	if err != nil {
		return c.usersProblem(w, r, err, n)
	}
	return c.showUsers(w, r, http.StatusOK, usersData{Given: c.given(r, a.Name, code)})
}

// given is a code with where it is used.
func (c *Console) given(r *http.Request, name, code string) *givenCode {
	scheme := "http://"
	if c.Secure {
		scheme = "https://"
	}
	g := &givenCode{name, code, scheme + r.Host + "/login/code"}
	if code == "" {
		g.Address = scheme + r.Host + "/login"
	}
	return g
}

// resetUser gives a code for a new password, and shows it once.
func (c *Console) resetUser(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	name := r.PathValue("name")
	code, err := c.Accounts.Reset(r.Context(), by(r), name)
	if err != nil {
		return c.usersProblem(w, r, err, accounts.NewAccount{})
	}
	return c.showUsers(w, r, http.StatusOK, usersData{Given: c.given(r, name, code)})
}

// changeUser changes the role of an account, or whether it is disabled.
func (c *Console) changeUser(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	name, form := r.PathValue("name"), r.PostForm
	sure, err := c.sure(w, r, func(v View) question {
		q := question{Title: v.T("users.role_title", name), Text: v.T("users.role_text", v.Named("role", form.Get("role"))), Button: v.T("users.role_do"), Back: "/admin/users"}
		switch form.Get("does") {
		case "disable":
			q.Title, q.Text, q.Button, q.Danger = v.T("users.disable_title", name), v.T("users.disable_text"), v.T("users.disable"), true
		case "enable":
			q.Title, q.Text, q.Button = v.T("users.enable_title", name), v.T("users.enable_text"), v.T("users.enable")
		}
		return q
	})
	if err != nil || !sure {
		return err
	}
	switch form.Get("does") {
	case "role":
		_, err = c.Accounts.SetRole(r.Context(), by(r), name, accounts.Role(form.Get("role")))
	case "disable", "enable":
		_, err = c.Accounts.SetDisabled(r.Context(), by(r), name, form.Get("does") == "disable")
	default:
		return problem(http.StatusBadRequest, "error.form")
	}
	if err != nil {
		return c.usersProblem(w, r, err, accounts.NewAccount{})
	}
	return adminBack(w, r, "/admin/users", "changed")
}
