package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	wecomapp "policybot/bot/wecom/app"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/socket"
)

// A wecomChat is what people talk with in WeCom.
type wecomChat struct {
	app      *wecomapp.Channel // nil where it is not set up
	callback *callback.Channel // nil where it is not set up
}

// wecomChannels are the channels of WeCom that are set up. at is what the console is reached at.
func (v *server) wecomChannels(at net.Addr) ([]channel.Channel, error) {
	a := v.app
	set, on, err := wecomSettings(a.env, a.settings.WeCom)
	if err != nil || !on {
		return nil, err
	}
	var platforms []string
	if set.socket() {
		platforms = append(platforms, set.WSURL)
	}
	if set.app() {
		platforms = append(platforms, set.APIURL)
	}
	pages, err := v.linksAt(at, platforms...)
	if err != nil {
		return nil, err
	}
	quiet := v.quiet()
	var list []channel.Channel
	if set.socket() {
		c, err := socket.New(socket.Options{
			BotID: set.BotID, Secret: set.BotSecret, URL: set.WSURL, Name: set.BotName, Pages: pages, Lease: v.lease(set), Quiet: quiet, Log: v.log,
		})
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if set.app() {
		v.wecom.app, err = wecomapp.New(wecomapp.Options{
			CorpID: set.CorpID, AgentID: set.AgentID, Secret: set.AgentSecret, Token: set.Token, Key: set.Key, APIURL: set.APIURL, Pages: pages, Quiet: quiet, Log: v.log,
		})
		if err != nil {
			return nil, err
		}
		list = append(list, v.wecom.app)
	}
	if set.callback() {
		v.wecom.callback, err = callback.New(callback.Options{Token: set.BotToken, Key: set.BotKey, Name: set.BotName, Pages: pages, Late: v.wecom.late(), Quiet: quiet, Log: v.log})
		if err != nil {
			return nil, err
		}
		list = append(list, v.wecom.callback)
	}
	v.linked = v.linked || len(list) > 0
	return list, nil
}

// quiet reports whether nothing was under way on this data folder lately, so that nothing can have been sent in the last
// minute.
func (v *server) quiet() bool {
	const lately = 10 * time.Minute
	ctx, quit := context.WithTimeout(context.Background(), lately/60)
	defer quit()
	for _, err := range v.journal.Entries(ctx, journal.Filter{Since: time.Now().Add(-lately), Limit: 1, Brief: true}) {
		if err != nil {
			v.log.Warn("wecom: it is not known what was sent lately", "error", err)
		}
		return false
	}
	n, err := v.journal.Count(ctx)
	return err == nil && n.Ready+n.Posting+n.Waiting+n.Claimed+n.OpenCases == 0
}

// late delivers by the self-built app what the AI bot cannot deliver any more; nil where there is no app.
func (w wecomChat) late() func(context.Context, string, channel.Doc, channel.Delivery) error {
	if w.app == nil {
		return nil
	}
	return func(ctx context.Context, user string, d channel.Doc, as channel.Delivery) error {
		r, err := w.app.Begin(ctx, wecomapp.HandleOf(user), d.ID)
		if err != nil {
			return err
		}
		_, err = r.Finish(ctx, d, as)
		return err
	}
}

// wecomRoutes take what WeCom sends over HTTP.
func (v *server) wecomRoutes(mux *http.ServeMux) {
	if v.wecom.app != nil {
		mux.Handle(wecomapp.Path, v.wecom.app.Handler())
	}
	if v.wecom.callback != nil {
		mux.Handle(callback.Path, v.wecom.callback.Handler())
	}
}

// lease waits until no other process of this machine holds the long connection of the same bot: WeCom gives it to the
// last that asks for it. Where there can be no such lock the connection is made without.
func (v *server) lease(set wecomOptions) func(context.Context, func()) (func(), error) {
	path := set.lock()
	return func(ctx context.Context, waiting func()) (func(), error) {
		release, err := lockFile(ctx, path, func() {
			v.log.Error("wecom: another process on this machine holds the connection of the same bot; it is waited for")
			waiting()
		})
		if err != nil && ctx.Err() == nil {
			v.log.Warn("wecom: the lock of the connection cannot be taken; it is made without", "error", err)
			return func() {}, nil
		}
		return release, err
	}
}

// lock is the file that whoever holds the long connection of the bot on this machine has locked.
func (o wecomOptions) lock() string {
	sum := sha256.Sum256([]byte(o.BotID + "\x00" + o.WSURL))
	return filepath.Join(os.TempDir(), fmt.Sprintf("policybot-wecom-%x.lock", sum[:8]))
}
