package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"policybot/bot/channel"
	wecomapp "policybot/bot/wecom/app"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/hook"
	"policybot/bot/wecom/setup"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecom/wxcrypt"
)

// wecomBudget is how long the whole look at WeCom takes at most.
const wecomBudget = 90 * time.Second

// wecomWishes are what may be done while looking at WeCom.
type wecomWishes struct {
	connect bool // the bot may be connected where no service of this machine holds it
	post    bool // a message may be posted with the webhook
}

// A wecomLook is one look at the settings of WeCom.
type wecomLook struct {
	app    *app
	o      wecomOptions
	wishes wecomWishes
	served served
	checks []check
}

// examineWeCom asks WeCom whether it can be used as configured; nothing where it is not configured.
func (a *app) examineWeCom(ctx context.Context, wishes wecomWishes) []check {
	o, on, err := wecomSettings(a.env, a.settings.WeCom)
	switch {
	case !on:
		return nil
	case err != nil:
		return []check{{"wecom_settings", false, a.explain(err)}}
	}
	ctx, cancel := context.WithTimeout(ctx, wecomBudget)
	defer cancel()
	l := &wecomLook{app: a, o: o, wishes: wishes, served: a.askServed(ctx)}
	l.settings()
	if o.socket() {
		l.bot(ctx)
	}
	if o.callback() {
		l.callback(ctx, callback.Path, o.BotToken, o.BotKey, "")
	}
	if o.app() {
		l.callback(ctx, wecomapp.Path, o.Token, o.Key, o.CorpID)
		l.agent(ctx)
	}
	if o.hook() {
		l.webhook(ctx)
	}
	l.channels()
	l.links()
	l.events(ctx)
	return l.checks
}

func (l *wecomLook) say(name string, ok bool, detail string) {
	l.checks = append(l.checks, check{name, ok, detail})
}

// settings says which surfaces are set up.
func (l *wecomLook) settings() {
	a, o := l.app, l.o
	var on []string
	for _, s := range []struct {
		is   bool
		name string
	}{
		{o.socket(), a.msg("d_wecom_is_socket")},
		{o.callback(), a.msg("d_wecom_is_callback")},
		{o.app(), a.msg("d_wecom_is_app")},
		{o.hook(), a.msg("d_wecom_is_hook")},
	} {
		if s.is {
			on = append(on, s.name)
		}
	}
	detail := a.msg("d_wecom_settings", strings.Join(on, a.msg("d_wecom_comma")))
	if o.socket() && o.callback() {
		detail += a.msg("d_wecom_two_ways")
	}
	if (o.socket() || o.callback()) && o.BotName == "" {
		detail += a.msg("d_wecom_no_name")
	}
	l.say("wecom_settings", true, detail)
}

// bot looks at the long connection. A bot has one: while a service of this machine holds it, the service is asked how it
// is; else the bot is connected for a moment.
func (l *wecomLook) bot(ctx context.Context) {
	a := l.app
	if l.served.running {
		l.say("wecom_bot", l.servedWell(socket.Name), l.servedDetail(socket.Name))
		return
	}
	if !l.wishes.connect {
		l.say("wecom_bot", true, a.msg("d_wecom_bot_untried"))
		return
	}
	lock, free, err := tryLockFile(l.o.lock(), 0o644)
	if err == nil && !free {
		l.say("wecom_bot", false, a.msg("d_wecom_bot_held"))
		return
	}
	if err == nil {
		defer lock.Close()
	}
	if err := setup.Subscribe(ctx, l.o.WSURL, l.o.BotID, l.o.BotSecret, nil); err != nil {
		l.say("wecom_bot", false, a.msg("wc_bot", a.explainWeCom(err, l.o.WSURL)))
		return
	}
	l.say("wecom_bot", true, a.msg("d_wecom_bot"))
}

// servedWell reports whether a channel of the running service is up, or too young to tell.
func (l *wecomLook) servedWell(name string) bool {
	return l.served.starting || l.served.err == nil && l.served.channels[name].State == channel.Up
}

// servedDetail says how a channel of the running service is.
func (l *wecomLook) servedDetail(name string) string {
	a := l.app
	h, there := l.served.channels[name]
	switch {
	case l.served.starting:
		return a.msg("d_wecom_starting", name)
	case l.served.err != nil:
		return a.msg("d_wecom_silent", name, l.served.err)
	case !there:
		return a.msg("d_wecom_absent", name)
	case h.State == channel.Up:
		return a.msg("d_wecom_up", name, a.when(h.Since))
	case h.State == channel.Kicked:
		return a.msg("d_wecom_kicked", name, a.when(h.Since))
	}
	return a.msg("d_wecom_down", name, h.State, a.when(h.Since), h.Reason)
}

// callback asks the program's own callback address for an echo, as WeCom does when the address is saved.
func (l *wecomLook) callback(ctx context.Context, path, token, key, receiver string) {
	const name = "wecom_callback"
	a := l.app
	base, err := a.baseURL()
	if err != nil || base == nil {
		l.say(name, false, a.msg("d_wecom_no_base", path))
		return
	}
	address := base.String() + path
	c, err := wxcrypt.New(token, key, receiver)
	if err != nil {
		l.say(name, false, a.msg("wc_callback", address, err))
		return
	}
	err = setup.Verify(ctx, address, c, nil)
	failed, _ := errors.AsType[*setup.Error](err)
	switch {
	case err == nil && isLoopback(base.Hostname()):
		l.say(name, true, a.msg("d_wecom_callback_here", address))
	case err == nil:
		l.say(name, true, a.msg("d_wecom_callback", address))
	case failed != nil && failed.Way == setup.Unreachable && !l.served.running:
		l.say(name, true, a.msg("d_wecom_callback_untried", address))
	default:
		l.say(name, false, a.msg("wc_callback", address, a.explainCallback(failed)))
	}
}

// agent looks at the app: its secret, whether this machine's address is trusted, and who may use it.
func (l *wecomLook) agent(ctx context.Context) {
	a, c := l.app, setup.NewClient(l.o.APIURL, nil)
	token, err := c.Token(ctx, l.o.CorpID, l.o.AgentSecret)
	if err != nil {
		l.say("wecom_token", false, a.msg("wc_app", a.explainWeCom(err, l.o.APIURL)))
		return
	}
	l.say("wecom_token", true, a.msg("d_wecom_token"))
	g, err := c.Agent(ctx, token, l.o.AgentID)
	switch {
	case err != nil:
		l.say("wecom_agent", false, a.msg("wc_app", a.explainWeCom(err, l.o.APIURL)))
	case g.Closed:
		l.say("wecom_agent", false, a.msg("d_wecom_closed", g.Name))
	case !g.Told:
		l.say("wecom_agent", true, a.msg("d_wecom_named", g.Name))
	case g.Users+g.Parties+g.Labels == 0:
		l.say("wecom_agent", false, a.msg("d_wecom_unseen", g.Name))
	default:
		l.say("wecom_agent", true, a.msg("d_wecom_agent", g.Name, g.Users, g.Parties, g.Labels))
	}
}

// webhook says what is posted with the webhook. Nothing is, unless that is wished.
func (l *wecomLook) webhook(ctx context.Context) {
	a := l.app
	slack, on, _ := slackSettings(a.env, a.settings.Slack)
	var uses []string
	if l.o.staffs(on && slack.StaffChannel != "") {
		uses = append(uses, a.msg("d_wecom_posts_cases"))
	}
	if l.o.Alerts {
		uses = append(uses, a.msg("d_wecom_posts_alerts"))
	}
	if len(uses) == 0 {
		uses = append(uses, a.msg("d_wecom_posts_none"))
	}
	what := strings.Join(uses, a.msg("d_wecom_comma"))
	if !l.wishes.post {
		l.say("wecom_webhook", true, a.msg("d_wecom_webhook", what))
		return
	}
	c, err := hook.New(hook.Options{URL: l.o.WebhookURL})
	if err == nil {
		err = c.Alert(ctx, a.msg("d_wecom_try"))
	}
	if err != nil {
		l.say("wecom_webhook", false, a.msg("wc_webhook", a.explainHook(err, l.o.WebhookURL)))
		return
	}
	l.say("wecom_webhook", true, a.msg("d_wecom_posted", what))
}

// channels says how the channels of the running service are, besides that of the long connection.
func (l *wecomLook) channels() {
	if !l.served.running {
		return
	}
	ok, details := true, []string{}
	for _, c := range []struct {
		is   bool
		name string
	}{{l.o.callback(), callback.Name}, {l.o.app(), wecomapp.Name}, {l.o.hook(), hook.Name}} {
		if !c.is {
			continue
		}
		details = append(details, l.servedDetail(c.name))
		ok = ok && l.servedWell(c.name)
	}
	if len(details) > 0 {
		l.say("wecom_channels", ok, strings.Join(details, "; "))
	}
}

// links says where links in answers lead. A wrong address is told by the check of proxies.
func (l *wecomLook) links() {
	a := l.app
	base, err := a.baseURL()
	switch {
	case err != nil:
	case base == nil:
		l.say("wecom_links", true, a.msg("d_wecom_links"))
	case isLoopback(base.Hostname()):
		l.say("wecom_links", true, a.msg("d_wecom_loopback", base))
	default:
		l.say("wecom_links", true, a.msg("d_wecom_linked", base))
	}
}

// events says when questions last came in.
func (l *wecomLook) events(ctx context.Context) {
	a := l.app
	if !l.o.socket() && !l.o.callback() && !l.o.app() {
		return
	}
	direct, group, err := a.lastAsked(ctx, socket.Name, callback.Name, wecomapp.Name)
	switch {
	case err != nil: // the check of the journal says it
	case direct.IsZero() && group.IsZero():
		l.say("wecom_events", true, a.msg("d_wecom_no_events"))
	default:
		l.say("wecom_events", true, a.msg("d_wecom_events", a.when(direct), a.when(group)))
	}
}

// explainWeCom says what is wrong and what to do. Secrets are not shown. address is what was called.
func (a *app) explainWeCom(err error, address string) string {
	e, ok := errors.AsType[*setup.Error](err)
	if !ok {
		return err.Error()
	}
	host := hostOf(address)
	switch {
	case e.Way == setup.Unreachable:
		return a.msg("wc_unreachable", host, e.Err)
	case e.Way != "":
		return a.msg("wc_bad_answer", host, e.Err)
	case e.Code == setup.CodeAddress && e.From == "":
		return a.msg("wc_some_address")
	case e.Code == setup.CodeAddress:
		return a.msg("wc_address", e.From)
	}
	for _, c := range wecomCodes {
		if slices.Contains(c.codes, e.Code) {
			return a.msg(c.message)
		}
	}
	return a.msg("wc_other", e.Code, e.Err, e.Code)
}

// hostOf is the host of an address, without what may be secret in it.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return ""
}

// wecomCodes are the codes of WeCom that have words of their own.
var wecomCodes = []struct {
	codes   []int
	message string
}{
	{[]int{setup.CodeSecret}, "wc_secret"},
	{[]int{setup.CodeCorp}, "wc_corp"},
	{[]int{setup.CodeToken, setup.CodeExpired}, "wc_token"},
	{[]int{setup.CodeAgent, setup.CodeOtherAgent}, "wc_agent"},
	{[]int{setup.CodeBotSecret}, "wc_bot_secret"},
	{[]int{setup.CodeTooFast, setup.CodeBusy}, "wc_too_fast"},
}

// explainHook says why nothing was posted with the webhook. Its key is not shown.
func (a *app) explainHook(err error, address string) string {
	_, wait := errors.AsType[*channel.WaitError](err)
	switch code := hook.Code(err); {
	case wait:
		return a.msg("wc_too_fast")
	case code != 0:
		return a.msg("wc_robot", code)
	}
	return a.msg("wc_unreachable", hostOf(address), bare(err))
}

// explainCallback says why a callback address did not echo.
func (a *app) explainCallback(e *setup.Error) string {
	switch {
	case e == nil:
		return a.msg("wc_echo_other", "")
	case e.Way == setup.Unreachable:
		return a.msg("wc_echo_unreachable", e.Err)
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return a.msg("wc_echo_token", e.Status)
	case e.Status == http.StatusBadRequest:
		return a.msg("wc_echo_key", e.Status)
	case e.Status == http.StatusNotFound:
		return a.msg("wc_echo_path", e.Status)
	case e.Status == http.StatusOK:
		return a.msg("wc_echo_changed", e.Err)
	}
	return a.msg("wc_echo_other", e.Err)
}
