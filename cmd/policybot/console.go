package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/httpapi"
	"policybot/bot/oidc"
)

// withConsole makes the web application for an address that is listened on, and tells how to make the first
// account where there is none.
func (v *server) withConsole(ctx context.Context, at net.Addr) error {
	a := v.app
	base, err := a.baseURL()
	if err != nil {
		return err
	}
	if v.desk.Pages, err = a.pages(); err != nil {
		return err
	}
	open, err := a.readsOpen(at, base)
	if err != nil {
		return err
	}
	root := "http://" + reachable(at)
	if base != nil {
		root = base.String()
	}
	if v.linked {
		v.desk.Pages = root
	}
	provider, err := a.signOn(root)
	if err != nil {
		return err
	}
	trusted, err := a.trustedProxies()
	if err != nil {
		return err
	}
	v.console = console.New(console.Options{
		Service: v.service, Desk: v.desk, Library: v.lib, Store: v.store, Measures: v.desk.Measures, Ask: v.api.Inside(), Channel: httpapi.Name,
		Accounts: v.book, SignOn: provider, Open: open, Hosts: hostsOf(at, base), Trusted: trusted, Secure: base != nil && base.Scheme == "https", Lang: a.lang,
		Admin: v.administration(at), Now: v.extra.now, Log: v.log, Version: version(), Temporary: a.temporary(),
	})
	v.closers = append(v.closers, v.console.Close)
	code, err := v.book.Setup(ctx)
	if err != nil {
		return err
	}
	if code != "" {
		fmt.Fprintln(a.err, a.msg("setup_code", root, code))
	}
	return nil
}

// rules are whom a sign-on lets in.
func (c signOnConfig) rules() accounts.SignOn {
	return accounts.SignOn{Domains: c.Domains, Role: accounts.Role(c.Role), Create: c.Create, Bind: c.Bind}
}

// signOn is the provider that is configured, nil for none. root is the address of the console.
func (a *app) signOn(root string) (*oidc.Provider, error) {
	c := a.settings.SignOn
	if c.Issuer == "" {
		return nil, nil
	}
	p, err := oidc.New(oidc.Config{Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: a.env("POLICYBOT_OIDC_SECRET"), RedirectURL: root + console.SignOnPath})
	if err != nil {
		return nil, &messageError{"sign_on_bad", []any{err}}
	}
	return p, nil
}

// baseURL is the address under which people reach the program; nil where none is set.
func (a *app) baseURL() (*url.URL, error) {
	text := strings.TrimRight(a.env("POLICYBOT_BASE_URL"), "/")
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, &messageError{"base_url_bad", []any{text}}
	}
	return u, nil
}

// pages is the address that the pages of clauses stand under, "" where none is set.
func (a *app) pages() (string, error) {
	base, err := a.baseURL()
	if base == nil {
		return "", err
	}
	return base.String(), nil
}

// behindProxy reports whether people reach the program under an address that is not this machine's own: what comes
// from this machine then comes from a proxy, for whoever is behind it.
func behindProxy(base *url.URL) bool {
	if base == nil || strings.EqualFold(base.Hostname(), "localhost") {
		return false
	}
	addr, err := netip.ParseAddr(base.Hostname())
	return err != nil || !addr.Unmap().IsLoopback()
}

// readsOpen reports whether asking and reading need no account: as POLICYBOT_READ_ACCESS says, else where only this
// machine reaches the address.
func (a *app) readsOpen(at net.Addr, base *url.URL) (bool, error) {
	switch access := a.env("POLICYBOT_READ_ACCESS"); access {
	case "open":
		return true, nil
	case "login":
		return false, nil
	case "":
		return onlyHere(at) && !behindProxy(base), nil
	default:
		return false, &messageError{"read_access_bad", []any{access}}
	}
}

// reachable is an address that is listened on as a browser on this machine can ask for it.
func reachable(at net.Addr) string {
	bound, err := netip.ParseAddrPort(at.String())
	if err == nil && bound.Addr().IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(int(bound.Port())))
	}
	return at.String()
}

// onlyHere reports whether an address is reached from this machine alone.
func onlyHere(at net.Addr) bool {
	bound, err := netip.ParseAddrPort(at.String())
	return err == nil && bound.Addr().Unmap().IsLoopback()
}

// hostsOf are the names that the console answers to: where only this machine reaches it, those of this machine; where an
// address for people is set, also that one's. Else it answers to every name.
func hostsOf(at net.Addr, base *url.URL) []string {
	var hosts []string
	if base != nil {
		hosts = append(hosts, strings.ToLower(base.Hostname()))
	}
	if bound, err := netip.ParseAddrPort(at.String()); err == nil && (base != nil || onlyHere(at)) {
		hosts = append(hosts, "localhost", "127.0.0.1", "::1", bound.Addr().String())
	}
	return hosts
}
