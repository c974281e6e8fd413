package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
)

// fatalErrors are errors of the Web API after which nothing works until somebody mends it, with what to do.
var fatalErrors = map[string]string{
	"invalid_auth":            "Slack refuses the token (invalid_auth): set the right SLACK_BOT_TOKEN and SLACK_APP_TOKEN and start again",
	"not_authed":              "Slack got no token (not_authed): set SLACK_BOT_TOKEN and start again",
	"account_inactive":        "the bot's account is not active (account_inactive): install the app again and set the new token",
	"token_revoked":           "the token was revoked (token_revoked): install the app again and set the new token",
	"token_expired":           "the token has expired (token_expired): switch token rotation off, install the app again and set the new token",
	"not_allowed_token_type":  "a token is of the wrong kind (not_allowed_token_type): SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-",
	"app_uninstalled":         "the app was removed from the workspace: install it again and set the new token",
	"link_disabled":           "Socket Mode was switched off for the app (link_disabled): switch it on at api.slack.com/apps and start again",
	"org_login_required":      "the workspace is being moved to another organisation (org_login_required): start again afterwards",
	"team_access_not_granted": "the app is not installed in this workspace (team_access_not_granted): install it there and start again",
}

// goneErrors are errors of the Web API that tell that nobody can be reached there any more.
var goneErrors = map[string]string{
	"channel_not_found":                        "the channel does not exist, or the bot cannot see it",
	"not_in_channel":                           "the bot is not in the channel",
	"is_archived":                              "the channel is archived",
	"user_not_found":                           "the person does not exist",
	"user_disabled":                            "the person's account was closed",
	"user_not_visible":                         "the person cannot be seen by the bot",
	"cannot_dm_bot":                            "it is no person",
	"messages_tab_disabled":                    "direct messages to the app are switched off",
	"restricted_action":                        "an administrator does not let the bot post there",
	"restricted_action_read_only_channel":      "the channel is read-only",
	"restricted_action_thread_only_channel":    "only threads are allowed in the channel",
	"restricted_action_non_threadable_channel": "threads are not allowed in the channel",
	"restricted_action_thread_locked":          "the thread is locked",
	"posting_to_general_channel_denied":        "an administrator does not let the bot post there",
	"is_inactive":                              "the channel is not active",
	"external_channel_migrating":               "the channel is being moved to another organisation",
	"team_not_found":                           "the workspace does not exist",
}

// errorName is the name of an error that Slack answered with, "" for another kind of failure. A method that is not
// there may also be told by the status, by what stands in Slack's place.
func errorName(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[slack.StatusCodeError](err); ok && e.Code == http.StatusNotFound {
		return "unknown_method"
	}
	return ""
}

// fatalReason says what somebody has to mend, "" where trying again may help.
func fatalReason(err error) string { return fatalErrors[errorName(err)] }

// retryAfter is how long Slack asked to wait, 0 where it did not.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return max(e.RetryAfter, time.Second)
	}
	if name := errorName(err); name == "ratelimited" || name == "rate_limited" {
		return 30 * time.Second // it does not say how long
	}
	return 0
}

// waitOf is how long a call must not be made again, 0 where that is not said.
func waitOf(err error) time.Duration {
	if wait, ok := errors.AsType[*channel.WaitError](err); ok {
		return wait.After
	}
	return retryAfter(err)
}

// faults are errors of Slack itself, after which a call may have been carried out in part:
// https://docs.slack.dev/reference/methods/chat.postMessage#errors.
var faults = map[string]bool{"internal_error": true, "fatal_error": true, "service_unavailable": true, "request_timeout": true}

// uncertain reports whether a call that failed may have been carried out: there was no answer, or none that
// can be read, or Slack failed itself.
func uncertain(err error) bool {
	name := errorName(err)
	return err != nil && (name == "" || faults[name]) && retryAfter(err) == 0 && !waiting(err) && !channel.IsGone(err)
}

// failure turns what a call failed with into what a reply may fail with. It notes when the bot's rights are gone.
func (c *Channel) failure(doing string, err error) error {
	if err == nil || waiting(err) {
		return err
	}
	name := errorName(err)
	if reason := fatalErrors[name]; reason != "" {
		c.revoke(reason)
		return fmt.Errorf("%s: %s", doing, reason)
	}
	if reason := goneErrors[name]; reason != "" {
		return &channel.GoneError{Reason: reason + " (" + name + ")"}
	}
	if after := retryAfter(err); after > 0 {
		return &channel.WaitError{After: after}
	}
	if name == "missing_scope" {
		e, _ := errors.AsType[slack.SlackErrorResponse](err)
		c.once("a scope is missing: add it to the app's manifest and install the app again", "doing", doing, "needed", e.Needed)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// plain says for people what a call failed with, without internals.
func plain(err error) string {
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return fmt.Sprintf("Slack answers with %d %s", code.Code, http.StatusText(code.Code))
	}
	switch name := errorName(err); {
	case name != "":
		return "Slack answers " + name
	case waitOf(err) > 0:
		return fmt.Sprintf("Slack asks to wait %s", waitOf(err).Round(time.Second))
	case errors.Is(err, context.DeadlineExceeded):
		return "Slack does not answer in time"
	}
	return "Slack cannot be reached"
}
