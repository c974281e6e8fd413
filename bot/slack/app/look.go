package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

// CallTimeout is how long one call of a Client waits.
const CallTimeout = 10 * time.Second

// A Client asks Slack about an installation. It changes nothing there and opens no connection for events.
type Client struct{ api *slack.Client }

// NewClient makes a client. apiURL ends in a slash; "" is Slack's own. transport is nil for the usual one.
func NewClient(botToken, appToken, apiURL string, transport http.RoundTripper) *Client {
	return &Client{slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(cmp.Or(apiURL, slack.APIURL)),
		slack.OptionHTTPClient(&http.Client{Timeout: CallTimeout, Transport: transport}))}
}

// An Installation is what Slack says of a bot token.
type Installation struct {
	Team, TeamID string
	Enterprise   string // id of the Enterprise organisation; "" where there is none
	Bot          string // name
	IsBot        bool   // the token is a bot's and no person's
	Scopes       []string
	Told         bool // whether Slack said which scopes there are
}

// Installation asks whose the bot token is and what it may do
// (https://docs.slack.dev/reference/methods/auth.test). The error is an *Error.
func (c *Client) Installation(ctx context.Context) (Installation, error) {
	r, err := c.api.AuthTestContext(ctx)
	if err == nil && r.TeamID == "" {
		err = errEmpty
	}
	if err != nil {
		return Installation{}, failed("auth.test", err)
	}
	_, told := r.Header["X-Oauth-Scopes"]
	return Installation{
		Team: r.Team, TeamID: r.TeamID, Enterprise: r.EnterpriseID, Bot: r.User, IsBot: r.BotID != "",
		Scopes: ParseScopes(r.Header.Get("X-OAuth-Scopes")), Told: told,
	}, nil
}

// Connects asks for the address of a Socket Mode connection, which is not opened
// (https://docs.slack.dev/reference/methods/apps.connections.open). The error is an *Error.
func (c *Client) Connects(ctx context.Context) error {
	_, address, err := c.api.StartSocketModeContext(ctx)
	if err == nil && address == "" {
		err = errEmpty
	}
	if err != nil {
		return failed("apps.connections.open", err)
	}
	return nil
}

// A Channel is what Slack says of a channel.
type Channel struct {
	Name     string
	Member   bool // the bot is in it
	Archived bool
	External bool // people of other organisations are in it
}

// Channel asks about a channel by its id (https://docs.slack.dev/reference/methods/conversations.info). One that the bot
// may not see does not exist for it: channel_not_found. The error is an *Error.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	r, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if err == nil && r.ID == "" {
		err = errEmpty
	}
	if err != nil {
		return Channel{}, failed("conversations.info", err)
	}
	return Channel{Name: r.Name, Member: r.IsMember, Archived: r.IsArchived, External: r.IsExtShared || r.IsPendingExtShared}, nil
}

// errEmpty is an answer without what was asked for: the library takes any JSON without an error for one.
var errEmpty = errors.New("the answer lacks what was asked for")

// Codes of an Error that are not Slack's own.
const (
	Unreachable = "unreachable" // no answer
	BadAnswer   = "bad_answer"  // an answer that is not Slack's
	RateLimited = "ratelimited" // also Slack's
)

// An Error is a call that failed. It holds no token.
type Error struct {
	Method string
	Code   string        // as Slack names it, or one of the above
	Needed string        // scopes, of missing_scope; "" where Slack does not say
	After  time.Duration // of RateLimited: when to try again
	Err    error
}

// Error names the method, the code and the cause.
func (e *Error) Error() string {
	return fmt.Sprintf("call %s of Slack: %s: %v", e.Method, e.Code, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// failed makes an Error of what the library says.
func failed(method string, err error) *Error {
	out := &Error{Method: method, Code: Unreachable, Err: err}
	said, answered := errors.AsType[slack.SlackErrorResponse](err)
	limited, isLimited := errors.AsType[*slack.RateLimitedError](err)
	status, isStatus := errors.AsType[slack.StatusCodeError](err)
	_, isNetwork := errors.AsType[net.Error](err)
	switch {
	case answered:
		out.Code, out.Needed = said.Err, said.Needed
	case isLimited:
		out.Code, out.After = RateLimited, limited.RetryAfter
	case isStatus && status.Code == http.StatusTooManyRequests:
		out.Code = RateLimited
	case isStatus && status.Code < http.StatusInternalServerError:
		out.Code = BadAnswer
	case !isStatus && !isNetwork && !errors.Is(err, context.Canceled):
		out.Code = BadAnswer
	}
	return out
}
