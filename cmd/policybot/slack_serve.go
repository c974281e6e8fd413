package main

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/slack"
	"policybot/bot/wecom/hook"
)

// platforms are the chat platforms that people meet the service in.
type platforms struct {
	slack     *slack.Channel // nil where none is set up
	hook      *hook.Channel  // WeCom's group webhook; nil where none is set up
	slackHTTP bool           // Slack calls this program
	wecom     wecomChat
	linked    bool          // chats show citations as links
	staff     bot.StaffDesk // where the staff is told of cases
	// alert tells who runs the service what is wrong; nil where there is no place for it
	alert func(ctx context.Context, a bot.Alert) error
}

// linksAt is the address of the console for links in a chat: that which is set, or where it listens for who tries it out
// with a platform on this machine; else "", because nobody could open them. platforms are addresses of the platform; where
// none is known it may be here.
func (v *server) linksAt(at net.Addr, platforms ...string) (string, error) {
	pages, err := v.app.pages()
	if pages != "" || err != nil || slices.ContainsFunc(platforms, func(p string) bool {
		u, err := url.Parse(p)
		return err == nil && p != "" && !isLoopback(u.Hostname())
	}) {
		return pages, err
	}
	return "http://" + reachable(at), nil
}

// slackChannel is the channel of Slack; nil where none is set up. at is what the console is reached at.
func (v *server) slackChannel(at net.Addr) (*slack.Channel, error) {
	a := v.app
	set, on, err := slackSettings(a.env, a.settings.Slack)
	if err != nil || !on {
		return nil, err
	}
	pages, err := v.linksAt(at, cmp.Or(set.APIURL, "https://slack.com"))
	if err != nil {
		return nil, err
	}
	office := &slackOffice{server: v, pages: pages}
	o := slack.Options{
		BotToken: set.BotToken, AppToken: set.AppToken, SigningSecret: set.SigningSecret, APIURL: set.APIURL, External: set.External,
		Pages: pages, Office: office.office(), Log: v.log,
	}
	if set.FollowUps {
		o.Follows = office.follows
	}
	v.slackHTTP = set.HTTP
	v.staffDesk(set.StaffChannel)
	return slack.New(o)
}

// staffDesk has the staff told of cases in a channel, "" for none.
func (v *server) staffDesk(id string) {
	if id != "" {
		v.staff = bot.StaffDesk{Channel: slack.Name, Place: channel.Place{ID: id, Group: true}, Reply: slack.HandleOf(id), Lang: v.app.lang}
	}
}

// checkChats says what is wrong with the settings of chat platforms, before anything is opened.
func (a *app) checkChats() error {
	if _, _, err := slackSettings(a.env, a.settings.Slack); err != nil {
		return err
	}
	_, _, err := wecomSettings(a.env, a.settings.WeCom)
	return err
}

// chats are the chat platforms. Slack's staff channel goes before WeCom's group where neither is insisted on.
func (v *server) chats(at net.Addr) ([]channel.Channel, error) {
	list := v.extra.channels
	var err error
	if v.slack, err = v.slackChannel(at); err != nil {
		return nil, err
	}
	if v.slack != nil {
		list = append(list, v.slack)
		v.linked = true
	}
	if v.hook, err = v.wecomHook(at); err != nil {
		return nil, err
	}
	if v.hook != nil {
		list = append(list, v.hook)
		v.linked = true
	}
	more, err := v.wecomChannels(at)
	return append(list, more...), err
}

// chatRoutes take what chat platforms send over HTTP.
func (v *server) chatRoutes(mux *http.ServeMux) {
	v.wecomRoutes(mux)
	if v.slack != nil && v.slackHTTP {
		mux.Handle("POST /slack/", v.slack.Handler())
	}
}

// follows reports whether a person has asked in a thread before.
func (o *slackOffice) follows(ctx context.Context, who channel.Actor, p channel.Place) bool {
	asked, err := o.server.service.HasAsked(ctx, slack.Name, who, p)
	if err != nil {
		o.server.log.Error("it was not found out whether somebody asked in a thread before", "error", err)
	}
	return asked
}
