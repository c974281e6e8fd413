package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
	"policybot/bot/wecomfake"
)

type demoCmd struct {
	Platform string `arg:"" optional:"" enum:"slack,wecom" default:"slack" help:"slack（默认）或 wecom（企业微信） · slack (default) or wecom"`
}

// demoTime is how long one step of the demonstration may take.
const demoTime = 30 * time.Second

// A theatre is a fake platform with people who talk with the bot.
type theatre struct {
	handler http.Handler
	close   func()
	env     map[string]string // of a service that takes part
	play    func(ctx context.Context) error
}

// Run has people of a fake platform talk with the bot, and prints what they see.
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
	open := a.slackTheatre
	if c.Platform == "wecom" {
		open = a.wecomTheatre
	}
	t, err := open(listener.Addr().String())
	if err != nil {
		listener.Close()
		return err
	}
	web := &http.Server{Handler: t.handler, ReadHeaderTimeout: demoTime}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener) // it ends because it was closed
	}()
	defer func() {
		t.close()
		web.Close()
		<-served
	}()
	return a.demonstrate(ctx, t, folder)
}

// slackTheatre is a fake workspace of Slack that is reached at an address.
func (a *app) slackTheatre(at string) (*theatre, error) {
	fake, err := slackfake.New(slackfake.Options{
		BotUser: demoBot, Team: "T0DEMO", URL: "http://" + at,
		Check: func(surface string, blocks json.RawMessage) error {
			return blockkit.Check(blockkit.Surface(surface), blocks)
		},
	})
	if err != nil {
		return nil, err
	}
	s := &troupe{boards: boards{a.out, a.lang, scripts[a.lang].notes}, fake: fake, script: scripts[a.lang]}
	return &theatre{handler: fake, close: fake.Close, env: map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-1-fake", "SLACK_APP_TOKEN": "xapp-1-fake", "SLACK_API_URL": "http://" + at + "/api/", "SLACK_STAFF_CHANNEL": demoStaff,
	}, play: func(ctx context.Context) error {
		if err := s.ready(ctx); err != nil {
			return err
		}
		return s.play(ctx)
	}}, nil
}

// wecomTheatre is a fake corporation of WeCom that is reached at an address.
func (a *app) wecomTheatre(at string) (*theatre, error) {
	s := &wecomTroupe{boards: boards{a.out, a.lang, wecomNotes[a.lang]}, script: wecomScripts[a.lang], seen: map[string]bool{}}
	name := s.in(wecomBot[0], wecomBot[1])
	fake, err := wecomfake.New(wecomfake.Options{
		URL: "http://" + at, Bot: wecomfake.BotOptions{BotID: "aibDEMO", Secret: "fake", Name: name}, Corp: wecomfake.CorpOptions{HookKeys: []string{wecomHookKey}},
	})
	if err != nil {
		return nil, err
	}
	s.fake = fake
	return &theatre{handler: fake, close: fake.Close, env: map[string]string{
		"WECOM_BOT_ID": "aibDEMO", "WECOM_BOT_SECRET": "fake", "WECOM_WS_URL": "ws://" + at + "/ws", "WECOM_BOT_NAME": name,
		"WECOM_WEBHOOK_URL": "http://" + at + "/cgi-bin/webhook/send?key=" + wecomHookKey,
	}, play: func(ctx context.Context) error {
		if err := s.until(ctx, "the bot's connection", fake.Subscribed); err != nil {
			return err
		}
		return s.play(ctx)
	}}, nil
}

// demonstrate runs a service while people of a fake platform talk with it.
func (a *app) demonstrate(ctx context.Context, t *theatre, folder string) error {
	own := *a
	own.data, own.err = folder, io.Discard
	own.around = func(b bot.Answerer) bot.Answerer { return delayed{b} }
	own.settings = config{Slack: slackConfig{ThreadFollowUps: new(true)}}
	own.env = func(name string) string {
		if value, ok := t.env[name]; ok {
			return value
		}
		for _, of := range []string{"SLACK_", "WECOM_", "POLICYBOT_", "OPENAI_"} {
			if strings.HasPrefix(name, of) {
				return ""
			}
		}
		return a.env(name)
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- (&serveCmd{HTTP: "127.0.0.1:0"}).Run(serving, &own) }()
	err := t.play(ctx)
	stop()
	if ended := <-done; err == nil {
		err = ended
	}
	if err != nil {
		return fmt.Errorf("demonstrate: %w", err)
	}
	return nil
}
