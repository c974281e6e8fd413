// Package oidc signs people in by a provider that speaks OpenID Connect, with the authorization code flow and
// PKCE. What the provider says of somebody becomes an [accounts.Identity]; whom it lets in is not decided here.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"policybot/bot/accounts"
)

// Config of New. All but the last two must be given.
type Config struct {
	Issuer       string // as the provider writes it; https, or http on this machine alone
	ClientID     string
	ClientSecret string
	RedirectURL  string            // where the provider sends people back to
	Timeout      time.Duration     // of each request to the provider: 10 seconds when 0
	Transport    http.RoundTripper // http.DefaultTransport when nil
}

// Errors of a Provider. They are wrapped.
var (
	ErrUnavailable = errors.New("the provider of sign-on cannot be reached")
	ErrRefused     = errors.New("the provider's word is not good") // or there is none
)

// maxAnswer bounds what is read of an answer of the provider, in bytes.
const maxAnswer = 1 << 20

// signatures are the algorithms with which a provider may sign: public keys alone, never none.
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// A Provider is one provider of sign-on. Make one with New. It may be used by several goroutines.
type Provider struct {
	config Config
	client *http.Client
	asking chan struct{}  // held by who reads or writes found
	found  *oidc.Provider // nil until the provider has said what it is
}

// New checks the configuration. It asks the provider nothing: that is done at first use, and again until it
// succeeds, so that the program starts while the provider is away.
func New(c Config) (*Provider, error) {
	if c.ClientID == "" || c.ClientSecret == "" {
		return nil, errors.New("sign-on needs the id and the secret of a client")
	}
	for name, address := range map[string]string{"issuer": c.Issuer, "redirect URL": c.RedirectURL} {
		if err := safe(address); err != nil {
			return nil, fmt.Errorf("the %s of sign-on: %w", name, err)
		}
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	return &Provider{
		config: c, client: &http.Client{Timeout: c.Timeout, Transport: bounded{c.Transport}}, asking: make(chan struct{}, 1),
	}, nil
}

// safe reports why an address is not one that secrets may go to.
func safe(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%q is no address", address)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return fmt.Errorf("%q does not begin with https", address)
	}
	return nil
}

// bounded cuts answers that are too long.
type bounded struct{ inner http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.inner.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// provider gives what the provider says it is, asking it when it has not said so yet.
func (p *Provider) provider(ctx context.Context) (*oidc.Provider, error) {
	select {
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p.found != nil {
		return p.found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.config.RedirectURL,
		Endpoint: found.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// A Round is what the program must remember of somebody whom it sends to the provider until that one comes back, in
// that one's browser alone. Each is for one sign-in.
type Round struct {
	State    string `json:"state"`    // comes back in the address: the caller compares it
	Nonce    string `json:"nonce"`    // comes back in the provider's word
	Verifier string `json:"verifier"` // proves to the provider that the code is in the right hands
}

// NewRound makes one of random texts.
func NewRound() Round {
	return Round{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
}

// Start gives the address at the provider to which somebody is sent. ErrUnavailable when the provider has never
// been reached and cannot be now.
func (p *Provider) Start(ctx context.Context, r Round) (string, error) {
	if r.State == "" || r.Nonce == "" || r.Verifier == "" {
		return "", errors.New("a round of sign-on lacks its secrets")
	}
	found, err := p.provider(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(found).AuthCodeURL(r.State, oidc.Nonce(r.Nonce), oauth2.S256ChallengeOption(r.Verifier)), nil
}

// claims are what is read of the provider's word.
type claims struct {
	Email         string          `json:"email"`
	EmailVerified json.RawMessage `json:"email_verified"` // true, or "true" from some
	Name          string          `json:"name"`
	Username      string          `json:"preferred_username"`
	Party         string          `json:"azp"`
}

// Finish takes the state and code with which somebody came back, and gives who that is. The provider's word
// must be signed by the provider's key, be from the issuer, for this client, not over, and of this round.
// ErrRefused, or ErrUnavailable.
func (p *Provider) Finish(ctx context.Context, r Round, state, code string) (accounts.Identity, error) {
	if r.Nonce == "" || r.State == "" || subtle.ConstantTimeCompare([]byte(r.State), []byte(state)) != 1 {
		return accounts.Identity{}, fmt.Errorf("%w: it is of another round", ErrRefused)
	}
	found, err := p.provider(ctx)
	if err != nil {
		return accounts.Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	raw, err := p.exchange(ctx, found, r, code)
	if err != nil {
		return accounts.Identity{}, err
	}
	token, err := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: signatures}).Verify(ctx, raw)
	if err != nil {
		return accounts.Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	var c claims
	switch err := token.Claims(&c); {
	case err != nil:
		return accounts.Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(r.Nonce)) != 1:
		return accounts.Identity{}, fmt.Errorf("%w: it has another nonce", ErrRefused)
	case c.Party != "" && c.Party != p.config.ClientID, c.Party == "" && len(token.Audience) > 1:
		return accounts.Identity{}, fmt.Errorf("%w: it was made for another client", ErrRefused)
	case token.Subject == "":
		return accounts.Identity{}, fmt.Errorf("%w: it names nobody", ErrRefused)
	}
	name := c.Name
	if name == "" {
		name = c.Username
	}
	verified := slices.Contains([]string{"true", `"true"`}, strings.TrimSpace(string(c.EmailVerified)))
	return accounts.Identity{Issuer: token.Issuer, Subject: token.Subject, Email: c.Email, EmailVerified: verified && c.Email != "", Name: name}, nil
}

// exchange gives the provider's word for a code. The provider's text about a code that it does not take stays out of
// the error's way to people: it is in the chain.
func (p *Provider) exchange(ctx context.Context, found *oidc.Provider, r Round, code string) (string, error) {
	if code == "" {
		return "", fmt.Errorf("%w: there is no code", ErrRefused)
	}
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(r.Verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response != nil && refused.Response.StatusCode < 500 {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return "", fmt.Errorf("%w: there is none", ErrRefused)
	}
	return raw, nil
}
