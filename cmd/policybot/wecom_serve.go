package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"policybot/bot/channel"
	"policybot/bot/wecom/socket"
)

// wecomChannels are the channels of WeCom that are set up. at is what the console is reached at.
func (v *server) wecomChannels(at net.Addr) ([]channel.Channel, error) {
	a := v.app
	set, on, err := wecomSettings(a.env, a.settings.WeCom)
	if err != nil || !on {
		return nil, err
	}
	pages, err := a.pages()
	if err != nil {
		return nil, err
	}
	if pages == "" {
		pages = "http://" + reachable(at) // for who tries it out on this machine
	}
	var list []channel.Channel
	if set.socket() {
		c, err := socket.New(socket.Options{
			BotID: set.BotID, Secret: set.BotSecret, URL: set.WSURL, Name: set.BotName, Pages: pages, Lease: v.lease(set), Log: v.log,
		})
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	v.linked = v.linked || len(list) > 0
	return list, nil
}

// lease waits until no other process of this machine holds the long connection of the same bot: WeCom gives it to the
// last that asks for it. Where there can be no such lock the connection is made without.
func (v *server) lease(set wecomOptions) func(context.Context) (func(), error) {
	path := set.lock()
	return func(ctx context.Context) (func(), error) {
		release, err := lockFile(ctx, path, func() {
			v.log.Error("wecom: another process on this machine holds the connection of the same bot; it is waited for")
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
