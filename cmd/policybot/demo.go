package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

type demoCmd struct{}

// demoTime is how long one step of the demonstration may take.
const demoTime = 30 * time.Second

// Run has people of a fake workspace talk with the bot, and prints what they see.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	folder, err := os.MkdirTemp("", "policybot-demo-")
	if err != nil {
		return &messageError{"data_folder", []any{os.TempDir(), plain(err)}}
	}
	defer os.RemoveAll(folder)
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	fake, err := slackfake.New(slackfake.Options{
		BotUser: demoBot, Team: "T0DEMO", URL: "http://" + listener.Addr().String(),
		Check: func(surface string, blocks json.RawMessage) error {
			return blockkit.Check(blockkit.Surface(surface), blocks)
		},
	})
	if err != nil {
		listener.Close()
		return err
	}
	web := &http.Server{Handler: fake, ReadHeaderTimeout: demoTime}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener) // it ends because it was closed
	}()
	defer func() {
		fake.Close()
		web.Close()
		<-served
	}()
	return a.demonstrate(ctx, fake, listener.Addr(), folder)
}

// demonstrate runs a service on the fake while people talk with it.
func (a *app) demonstrate(ctx context.Context, fake *slackfake.Server, at net.Addr, folder string) error {
	own := *a
	own.data, own.err = folder, io.Discard
	own.around = func(b bot.Answerer) bot.Answerer { return delayed{b} }
	own.settings = config{Slack: slackConfig{ThreadFollowUps: new(true)}}
	own.env = func(name string) string {
		switch name {
		case "SLACK_BOT_TOKEN":
			return "xoxb-1-fake"
		case "SLACK_APP_TOKEN":
			return "xapp-1-fake"
		case "SLACK_API_URL":
			return "http://" + at.String() + "/api/"
		case "SLACK_STAFF_CHANNEL":
			return demoStaff
		case "POLICYBOT_BASE_URL":
			return ""
		}
		if strings.HasPrefix(name, "SLACK_") || strings.HasPrefix(name, "POLICYBOT_") || strings.HasPrefix(name, "OPENAI_") {
			return ""
		}
		return a.env(name)
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- (&serveCmd{HTTP: "127.0.0.1:0"}).Run(serving, &own) }()
	s := &troupe{fake: fake, out: a.out, lang: a.lang, script: scripts[a.lang]}
	err := s.ready(ctx)
	if err == nil {
		err = s.play(ctx)
	}
	stop()
	if ended := <-done; err == nil {
		err = ended
	}
	if err != nil {
		return fmt.Errorf("demonstrate: %w", err)
	}
	return nil
}
