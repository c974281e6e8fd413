package console

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/oidc"
)

// cookieSignOn carries what somebody has to bring back from the provider of sign-on, for signOnTime.
const (
	cookieSignOn = "policybot_signon"
	signOnTime   = 10 * time.Minute
)

// A signingOn is what that cookie holds.
type signingOn struct {
	Round oidc.Round `json:"round"`
	To    string     `json:"to"`
}

// startSignOn sends the reader to the provider of sign-on.
func (c *Console) startSignOn(w http.ResponseWriter, r *http.Request) error {
	if c.SignOn == nil {
		return errNotFound
	}
	kept := signingOn{oidc.NewRound(), ownPath(r.URL.Query().Get("to"))}
	to, err := c.SignOn.Start(r.Context(), kept.Round)
	if err != nil {
		return c.signOnFailed(err)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	c.setCookie(w, cookieSignOn, base64.RawURLEncoding.EncodeToString(text), int(signOnTime/time.Second))
	return seeOther(w, r, to)
}

// finishSignOn takes the reader back from the provider.
func (c *Console) finishSignOn(w http.ResponseWriter, r *http.Request) error {
	if c.SignOn == nil {
		return errNotFound
	}
	var kept signingOn
	text, err := base64.RawURLEncoding.DecodeString(c.cookie(r, cookieSignOn))
	if err != nil || json.Unmarshal(text, &kept) != nil {
		return problem(http.StatusBadRequest, "login.provider_late")
	}
	c.setCookie(w, cookieSignOn, "", -1)
	query := r.URL.Query()
	who, err := c.SignOn.Finish(r.Context(), kept.Round, query.Get("state"), query.Get("code"))
	if err != nil {
		return c.signOnFailed(err)
	}
	entered, err := c.Accounts.Federated(r.Context(), who, client(r))
	if errors.Is(err, accounts.ErrDenied) || errors.Is(err, accounts.ErrTaken) {
		return problem(http.StatusForbidden, "login.no_account")
	}
	if err != nil {
		return err
	}
	c.enter(w, r, entered, ownPath(kept.To)) // the cookie may hold anything
	return nil
}

// signOnFailed is an error of the provider for people; why is in the log.
func (c *Console) signOnFailed(err error) error {
	switch {
	case errors.Is(err, oidc.ErrUnavailable):
		c.Log.Error("the provider of sign-on cannot be reached", "error", err)
		return problem(http.StatusBadGateway, "login.provider")
	case errors.Is(err, oidc.ErrRefused):
		c.Log.Warn("a sign-on was refused", "error", err)
		return problem(http.StatusForbidden, "login.provider_late")
	}
	return err
}
