package accounts_test

import (
	"strings"
	"testing"

	"policybot/bot/accounts"
)

const issuer = "https://id.example"

func identity(subject, email string) accounts.Identity {
	return accounts.Identity{Issuer: issuer, Subject: subject, Email: email, EmailVerified: true, Name: "李四"}
}

func signOn(s accounts.SignOn) func(*accounts.Options) {
	return func(o *accounts.Options) { o.SignOn = s }
}

var everybody = accounts.SignOn{Domains: []string{"Gov.Example"}, Create: true, Bind: true}

// TestFederated: who comes for the first time gets an account, and the same one ever after, whatever the address
// says then.
func TestFederated(t *testing.T) {
	d := newDesk(t, signOn(everybody))
	first, err := d.Federated(t.Context(), identity("4711", "Li@gov.example"), home)
	must(t, err)
	if a := first.Account; a.Name != "li@gov.example" || a.Role != accounts.Viewer || a.Display != "李四" || a.Subject.ID != "4711" {
		t.Errorf("%+v", a)
	}
	if _, a, err := d.Session(t.Context(), first.Token); err != nil || a.ID != first.Account.ID {
		t.Errorf("%+v, %v", a, err)
	}
	changed := identity("4711", "chen@elsewhere.example")
	changed.EmailVerified = false
	again, err := d.Federated(t.Context(), changed, home)
	if err != nil || again.Account.ID != first.Account.ID {
		t.Errorf("%+v, %v", again.Account, err)
	}
	_, err = d.Federated(t.Context(), identity("4712", "li@gov.example"), home)
	is(t, "another with the same address", err, accounts.ErrTaken)
	other := identity("4711", "wang@gov.example")
	other.Issuer = "https://other.example"
	if e, err := d.Federated(t.Context(), other, home); err != nil || e.Account.ID == first.Account.ID {
		t.Errorf("the same subject of another issuer: %+v, %v", e.Account, err)
	}
	odd, err := d.Federated(t.Context(), identity("9", "o'neill@gov.example"), home)
	if err != nil || !strings.HasPrefix(odd.Account.Name, "sso-") {
		t.Errorf("an address that is no name: %+v, %v", odd.Account, err)
	}
	_, err = d.login("li@gov.example", "", home.From)
	is(t, "without a password", err, accounts.ErrDenied)
	_, err = d.SetDisabled(t.Context(), operator, "li@gov.example", true)
	must(t, err)
	_, err = d.Federated(t.Context(), identity("4711", "li@gov.example"), home)
	is(t, "disabled", err, accounts.ErrDenied)
	entries, err := d.Entries(t.Context(), accounts.Filter{Object: "li@gov.example", Does: accounts.DidCreate})
	if err != nil || len(entries) != 1 || entries[0].By != accounts.Program {
		t.Errorf("%+v, %v", entries, err)
	}
}

// TestFederatedRules: nobody new comes whom no rule lets in, and nobody takes an account over.
func TestFederatedRules(t *testing.T) {
	unverified := identity("1", "li@gov.example")
	unverified.EmailVerified = false
	for _, tt := range []struct {
		name string
		rule accounts.SignOn
		who  accounts.Identity
		want error
	}{
		{"no rule", accounts.SignOn{}, identity("1", "li@gov.example"), accounts.ErrDenied},
		{"no domains", accounts.SignOn{Create: true, Bind: true}, identity("1", "li@gov.example"), accounts.ErrDenied},
		{"other domain", everybody, identity("1", "li@evil.example"), accounts.ErrDenied},
		{"below the domain", everybody, identity("1", "li@x.gov.example"), accounts.ErrDenied},
		{"domain in front", everybody, identity("1", "gov.example@evil.example"), accounts.ErrDenied},
		{"two signs", everybody, identity("1", "li@gov.example@evil.example"), accounts.ErrDenied},
		{"no address", everybody, identity("1", ""), accounts.ErrDenied},
		{"nothing before the sign", everybody, identity("1", "@gov.example"), accounts.ErrDenied},
		{"not verified", everybody, unverified, accounts.ErrDenied},
		{"nobody", everybody, identity("", "li@gov.example"), accounts.ErrDenied},
		{"not to be made", accounts.SignOn{Domains: []string{"gov.example"}, Bind: true}, identity("1", "li@gov.example"), accounts.ErrDenied},
		{"has a password", everybody, identity("1", "boss@gov.example"), accounts.ErrTaken},
		{"waits, but no binding", accounts.SignOn{Domains: []string{"gov.example"}, Create: true}, identity("1", "waits@gov.example"), accounts.ErrTaken},
		{"disabled", everybody, identity("1", "gone@gov.example"), accounts.ErrTaken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, signOn(tt.rule))
			d.person("boss@gov.example", accounts.Admin)
			for _, name := range []string{"waits@gov.example", "gone@gov.example"} {
				_, code, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: name, Role: accounts.Ops, SignOn: true})
				if err != nil || code != "" {
					t.Fatalf("%q, %v", code, err)
				}
			}
			_, err := d.SetDisabled(t.Context(), operator, "gone@gov.example", true)
			must(t, err)
			before, err := d.Head(t.Context())
			must(t, err)
			e, err := d.Federated(t.Context(), tt.who, home)
			is(t, "federated", err, tt.want)
			if after, _ := d.Head(t.Context()); e.Token != "" || after != before {
				t.Errorf("%+v, entries %d and %d", e, before.Count, after.Count)
			}
		})
	}
}

// TestBind: an account that an admin made ready is bound once, with the role that the admin gave.
func TestBind(t *testing.T) {
	d := newDesk(t, signOn(everybody))
	_, _, err := d.Create(t.Context(), operator, accounts.NewAccount{Name: "Li@Gov.example", Role: accounts.Ops, SignOn: true})
	must(t, err)
	e, err := d.Federated(t.Context(), identity("1", "li@gov.example"), home)
	if err != nil || e.Account.Role != accounts.Ops || e.Account.Subject.ID != "1" {
		t.Fatalf("%+v, %v", e.Account, err)
	}
	_, err = d.Federated(t.Context(), identity("2", "li@gov.example"), home)
	is(t, "another", err, accounts.ErrTaken)
	if _, err := d.Federated(t.Context(), identity("1", ""), home); err != nil {
		t.Error(err)
	}
}
