package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"policybot/bot/journal"
	slackapp "policybot/bot/slack/app"
	journaldb "policybot/bot/sqlite"
)

const (
	slackChannel = "slack" // name of the channel in the journal
	chatNewest   = 5000    // questions that are looked through for a platform's
	slackBudget  = 30 * time.Second
)

// A slackLook is one look at the settings of Slack.
type slackLook struct {
	app    *app
	o      slackOptions
	client *slackapp.Client
	checks []check
}

// examineSlack asks Slack whether it can be used as configured; nothing where it is not configured.
func (a *app) examineSlack(ctx context.Context) []check {
	o, on, err := slackSettings(a.env, a.settings.Slack)
	switch {
	case !on:
		return nil
	case err != nil:
		return []check{{"slack_settings", false, a.explain(err)}}
	}
	ctx, cancel := context.WithTimeout(ctx, slackBudget)
	defer cancel()
	l := &slackLook{app: a, o: o, client: slackapp.NewClient(o.BotToken, o.AppToken, o.APIURL, nil)}
	known := l.bot(ctx)
	l.transport(ctx)
	if known {
		l.staff(ctx)
	}
	l.links()
	l.events(ctx)
	return l.checks
}

func (l *slackLook) say(name string, ok bool, detail string) {
	l.checks = append(l.checks, check{name, ok, detail})
}

// bot looks at the bot token and its scopes, and reports whether Slack knows it.
func (l *slackLook) bot(ctx context.Context) bool {
	a := l.app
	in, err := l.client.Installation(ctx)
	if err != nil {
		l.say("slack_bot", false, a.msg("sl_name", a.explainSlack(err, l.o)))
		return false
	}
	if !in.IsBot {
		l.say("slack_bot", false, a.msg("d_slack_person", in.Bot))
		return true
	}
	team, mode := in.Team, "Socket Mode"
	if in.Enterprise != "" {
		team = a.msg("d_slack_grid", team, in.Enterprise)
	}
	if l.o.HTTP {
		mode = "HTTP"
	}
	l.say("slack_bot", true, a.msg("d_slack_bot", team, in.Bot, mode))
	l.scopes(in)
	return true
}

// scopes compares what the installation has with what the features need.
func (l *slackLook) scopes(in slackapp.Installation) {
	a, f := l.app, l.o.features("")
	missing, extra := slackapp.Missing(f, in.Scopes), slackapp.Extra(f, in.Scopes)
	switch {
	case !in.Told:
		l.say("slack_scopes", true, a.msg("d_slack_untold"))
	case len(missing) > 0:
		for i, s := range missing {
			missing[i] = a.msg("d_slack_scope", s, slackapp.Why(s, a.lang))
		}
		l.say("slack_scopes", false, a.msg("d_slack_missing", strings.Join(missing, ", ")))
	default:
		detail := a.msg("d_slack_scopes", len(f.Scopes()))
		if len(extra) > 0 {
			detail += a.msg("d_slack_extra", strings.Join(extra, ", "))
		}
		l.say("slack_scopes", true, detail)
	}
}

// transport looks at the way by which events come. Over HTTP nothing can be tried from here.
func (l *slackLook) transport(ctx context.Context) {
	a := l.app
	if l.o.HTTP {
		base, err := slackBase(a.env("POLICYBOT_BASE_URL"))
		if err != nil {
			l.say("slack_connection", false, a.msg("d_slack_no_base"))
			return
		}
		l.say("slack_connection", true, a.msg("d_slack_http", base+slackapp.PathEvents))
		return
	}
	if err := l.client.Connects(ctx); err != nil {
		l.say("slack_connection", false, a.msg("sl_connection", a.explainSlack(err, l.o)))
		return
	}
	l.say("slack_connection", true, a.msg("d_slack_socket"))
}

// staff looks at the channel of the staff.
func (l *slackLook) staff(ctx context.Context) {
	a, id := l.app, l.o.StaffChannel
	if id == "" {
		l.say("slack_staff", true, a.msg("d_slack_no_staff"))
		return
	}
	c, err := l.client.Channel(ctx, id)
	failure, _ := errors.AsType[*slackapp.Error](err)
	switch {
	case failure != nil && failure.Code == "channel_not_found":
		l.say("slack_staff", false, a.msg("d_slack_no_channel", id))
	case err != nil:
		l.say("slack_staff", false, a.msg("sl_staff", a.explainSlack(err, l.o)))
	case c.Archived:
		l.say("slack_staff", false, a.msg("d_slack_archived", c.Name))
	case !c.Member:
		l.say("slack_staff", false, a.msg("d_slack_outside", c.Name))
	case c.External:
		l.say("slack_staff", false, a.msg("d_slack_shared", c.Name))
	default:
		l.say("slack_staff", true, a.msg("d_slack_staff", c.Name))
	}
}

// links says where links in answers lead. A wrong address is told by the check of proxies.
func (l *slackLook) links() {
	a := l.app
	base, err := a.baseURL()
	switch {
	case err != nil:
	case base == nil:
		l.say("slack_links", true, a.msg("d_slack_links"))
	case isLoopback(base.Hostname()):
		l.say("slack_links", true, a.msg("d_slack_loopback", base))
	default:
		l.say("slack_links", true, a.msg("d_slack_linked", base))
	}
}

// events says when questions last came in. Slack has no method by which a bot reads its subscriptions.
func (l *slackLook) events(ctx context.Context) {
	a := l.app
	direct, group, err := a.lastAsked(ctx, slackChannel)
	switch {
	case err != nil: // the check of the journal says it
	case direct.IsZero() && group.IsZero():
		l.say("slack_events", true, a.msg("d_slack_no_events", strings.Join(l.o.features("").Events(), ", ")))
	default:
		l.say("slack_events", true, a.msg("d_slack_events", a.when(direct), a.when(group)))
	}
}

// lastAsked is when questions last came in over channels, directly and in groups; the zero time for never, or not among
// the newest.
func (a *app) lastAsked(ctx context.Context, channels ...string) (direct, group time.Time, err error) {
	err = a.withJournal(ctx, func(db *journaldb.DB) error {
		for q, err := range db.Entries(ctx, journal.Filter{Limit: chatNewest, Brief: true}) {
			switch {
			case err != nil:
				return err
			case !slices.Contains(channels, q.Channel):
			case q.Place.Group:
				group = q.AcceptedAt
			default:
				direct = q.AcceptedAt
			}
		}
		return nil
	})
	if m, ok := errors.AsType[*messageError](err); ok && m.name == "no_journal" {
		err = nil
	}
	return direct, group, err
}

// when shows a time, or that there is none.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return a.msg("d_slack_none")
	}
	return t.Local().Format(time.DateTime)
}

// slackCodes are the errors of Slack that have words of their own, with the name of a token.
var slackCodes = map[string]string{
	"invalid_auth":            "sl_invalid_auth",
	"not_authed":              "sl_not_authed",
	"token_revoked":           "sl_token_revoked",
	"token_expired":           "sl_token_expired",
	"account_inactive":        "sl_account_inactive",
	"not_allowed_token_type":  "sl_not_allowed_token_type",
	"team_access_not_granted": "sl_team_access_not_granted",
	"forbidden_team":          "sl_forbidden_team",
}

// explainSlack says what is wrong and what to do. Tokens are not shown.
func (a *app) explainSlack(err error, o slackOptions) string {
	e, ok := errors.AsType[*slackapp.Error](err)
	if !ok {
		return err.Error()
	}
	token := "SLACK_BOT_TOKEN"
	if e.Method == "apps.connections.open" {
		token = "SLACK_APP_TOKEN"
	}
	switch e.Code {
	case "missing_scope":
		if token == "SLACK_APP_TOKEN" {
			return a.msg("sl_connect_scope", token, slackapp.ConnectScope)
		}
		return a.msg("sl_missing_scope", token, cmp.Or(e.Needed, "?"))
	case slackapp.RateLimited:
		return a.msg("sl_rate_limited", max(1, int(e.After.Seconds())))
	case slackapp.Unreachable:
		return a.msg("sl_unreachable", slackHost(o.APIURL), bare(e.Err))
	case slackapp.BadAnswer:
		return a.msg("sl_bad_answer", slackHost(o.APIURL), bare(e.Err))
	}
	if name, ok := slackCodes[e.Code]; ok {
		return a.msg(name, token)
	}
	return a.msg("sl_other", token, e.Code, e.Method)
}

// slackHost is the host that is called.
func slackHost(apiURL string) string {
	if u, err := url.Parse(apiURL); err == nil && u.Host != "" {
		return u.Host
	}
	return "slack.com"
}

// bare is the cause of an error of the network without the address, which stands beside it.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return err
}
