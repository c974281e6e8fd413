// Package setup asks WeCom whether an installation can be used as it is set up: the app's secret and the trusted
// addresses, what the app is, the AI bot's secret, and a callback address, which is tried as WeCom tries it. It changes
// nothing in WeCom and sends no message.
package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// CallTimeout is how long one call waits.
const CallTimeout = 10 * time.Second

// Codes of WeCom: https://developer.work.weixin.qq.com/document/path/90313. That of the bot's secret is not documented
// and was seen in reports of real traffic.
const (
	CodeBusy       = -1
	CodeSecret     = 40001 // the secret of the app is wrong
	CodeCorp       = 40013 // there is no such corporation
	CodeToken      = 40014 // the token does not hold
	CodeExpired    = 42001 // the token does not hold any more
	CodeAgent      = 40056 // there is no such app
	CodeTooFast    = 45009
	CodeAddress    = 60020  // the caller's address is not trusted
	CodeOtherAgent = 301002 // the secret is another app's
	CodeBotSecret  = 853000 // the bot's id or secret is wrong
)

// Ways to fail other than by a code.
const (
	Unreachable = "unreachable" // no answer
	BadAnswer   = "bad_answer"  // an answer that is not what was asked for
)

// An Error is a check that failed. It holds no secret.
type Error struct {
	Call   string // such as gettoken
	Code   int    // WeCom's; 0 where it said none
	Way    string // Unreachable or BadAnswer; "" where there is a Code
	Status int    // of HTTP, where an answer came; else 0
	From   string // of CodeAddress: the address that the call came from, as WeCom saw it; "" where it does not say
	Err    error
}

// Error names the call, the code and the cause.
func (e *Error) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("call %s of WeCom: %d: %v", e.Call, e.Code, e.Err)
	}
	return fmt.Sprintf("call %s of WeCom: %s: %v", e.Call, e.Way, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// A Client asks WeCom about a self-built app.
type Client struct {
	api  string
	http *http.Client
}

// NewClient makes a client of the API at an address without a slash at its end. transport is nil for the usual one.
func NewClient(api string, transport http.RoundTripper) *Client {
	return &Client{api: api, http: direct(transport)}
}

// direct makes an HTTP client that follows no redirect: secrets would go elsewhere with it.
func direct(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Timeout: CallTimeout, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Token asks for an access token of an app (https://developer.work.weixin.qq.com/document/path/91039). Within its two
// hours WeCom gives everybody the same one, so that no service loses its own. The error is an *Error.
func (c *Client) Token(ctx context.Context, corp, secret string) (string, error) {
	var got struct {
		Token string `json:"access_token"`
	}
	if err := c.get(ctx, "gettoken", url.Values{"corpid": {corp}, "corpsecret": {secret}}, &got); err != nil {
		return "", err
	}
	if got.Token == "" {
		return "", &Error{Call: "gettoken", Way: BadAnswer, Err: errors.New("there is no token in it")}
	}
	return got.Token, nil
}

// An Agent is what WeCom says of a self-built app.
type Agent struct {
	Name                   string
	Closed                 bool // it is switched off
	Told                   bool // whether WeCom said who may use it
	Users, Parties, Labels int  // how many may: members, departments, labels of members
}

// Agent asks about an app with its token (https://developer.work.weixin.qq.com/document/path/90227). The error is an
// *Error; CodeAddress when the caller's address is not trusted.
func (c *Client) Agent(ctx context.Context, token string, id int) (Agent, error) {
	var got struct {
		ID    int    `json:"agentid"`
		Name  string `json:"name"`
		Close int    `json:"close"`
		Users *struct {
			User []json.RawMessage `json:"user"`
		} `json:"allow_userinfos"`
		Parties *struct {
			ID []json.RawMessage `json:"partyid"`
		} `json:"allow_partys"`
		Labels *struct {
			ID []json.RawMessage `json:"tagid"`
		} `json:"allow_tags"`
	}
	if err := c.get(ctx, "agent/get", url.Values{"access_token": {token}, "agentid": {strconv.Itoa(id)}}, &got); err != nil {
		return Agent{}, err
	}
	if got.ID != id {
		return Agent{}, &Error{Call: "agent/get", Way: BadAnswer, Err: errors.New("it is about another app")}
	}
	a := Agent{Name: got.Name, Closed: got.Close != 0, Told: got.Users != nil || got.Parties != nil || got.Labels != nil}
	if got.Users != nil {
		a.Users = len(got.Users.User)
	}
	if got.Parties != nil {
		a.Parties = len(got.Parties.ID)
	}
	if got.Labels != nil {
		a.Labels = len(got.Labels.ID)
	}
	return a, nil
}

// get makes one call.
func (c *Client) get(ctx context.Context, call string, query url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/cgi-bin/"+call+"?"+query.Encode(), nil)
	if err != nil {
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		way := BadAnswer
		if resp.StatusCode >= http.StatusInternalServerError {
			way = Unreachable
		}
		return &Error{Call: call, Way: way, Status: resp.StatusCode, Err: errors.New(resp.Status)}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	}
	var said struct {
		Code  *int   `json:"errcode"`
		Words string `json:"errmsg"`
	}
	err = json.Unmarshal(text, &said)
	if err == nil && said.Code != nil && *said.Code != 0 {
		return refused(call, *said.Code, said.Words)
	}
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err == nil && said.Code == nil {
		err = errors.New("it has no errcode")
	}
	if err != nil {
		return &Error{Call: call, Way: BadAnswer, Status: resp.StatusCode, Err: err}
	}
	return nil
}

const maxAnswer = 1 << 20 // bytes

// fromAddress finds the caller's address in what WeCom says of it.
var fromAddress = regexp.MustCompile(`from ip: ?([0-9A-Fa-f.:]+)`)

// refused is an error of what WeCom answered. Its words are kept short: they hold a number to ask WeCom's support with.
func refused(call string, code int, words string) *Error {
	e := &Error{Call: call, Code: code}
	if m := fromAddress.FindStringSubmatch(words); m != nil {
		if a, err := netip.ParseAddr(strings.TrimRight(m[1], ".:")); err == nil {
			e.From = a.String()
		}
	}
	if r := []rune(words); len(r) > 200 {
		words = string(r[:200])
	}
	e.Err = errors.New(strings.Join(strings.Fields(words), " "))
	return e
}

// bare is the cause of an error of the network without the address, which holds secrets.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return err
}
