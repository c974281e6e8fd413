package main

import (
	"context"
	"net"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/wecom/hook"
)

// wecomHook is the channel of the group webhook; nil where none is set up. at is what the console is reached at. Where
// the staff has no other place in a chat, or the configuration wants it, cases are posted there.
func (v *server) wecomHook(at net.Addr) (*hook.Channel, error) {
	a := v.app
	set, _, err := wecomSettings(a.env, a.settings.WeCom)
	if err != nil || !set.hook() {
		return nil, err
	}
	pages, err := v.linksAt(at, set.WebhookURL)
	if err != nil {
		return nil, err
	}
	if set.staffs(v.staff.Channel != "") {
		v.staff = bot.StaffDesk{Channel: hook.Name, Place: hook.Place(), Reply: hook.Handle(), Lang: a.lang}
	}
	c, err := hook.New(hook.Options{URL: set.WebhookURL, Log: v.log, Link: linkToCase(pages)})
	if err == nil && set.Alerts {
		v.alert = func(ctx context.Context, a bot.Alert) error { return c.Alert(ctx, a.Text) }
	}
	return c, err
}

// linkToCase leads from what the staff is told of a case to its page.
func linkToCase(pages string) func(channel.Doc) (words, address string) {
	return func(d channel.Doc) (words, address string) {
		id := bot.CaseOfPost(d)
		if id == "" {
			return "", ""
		}
		return format(d.Lang, "wecom_case"), pages + "/desk/cases/" + id
	}
}
