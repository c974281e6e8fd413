package main

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/goccy/go-yaml"

	slackapp "policybot/bot/slack/app"
)

type slackCmd struct {
	Manifest slackManifestCmd `cmd:"" help:"输出用来建立 Slack 应用的清单 · print the manifest that a Slack app is made from"`
}

type slackManifestCmd struct {
	HTTP    bool   `name:"http" help:"由 Slack 访问本程序，而不用 Socket Mode · Slack calls this program; else Socket Mode"`
	BaseURL string `name:"base-url" help:"Slack 访问的网址（默认 $$POLICYBOT_BASE_URL） · address that Slack calls" placeholder:"https://HOST"`
	JSON    bool   `name:"json" xor:"form" help:"输出 JSON（默认） · print JSON (default)"`
	YAML    bool   `name:"yaml" xor:"form" help:"输出 YAML · print YAML"`
}

// Run prints the manifest for what is switched on, and nothing else.
func (c *slackManifestCmd) Run(a *app) error {
	o := a.slackWishes()
	o.HTTP = o.HTTP || c.HTTP
	base := ""
	if o.HTTP {
		var err error
		if base, err = slackBase(cmp.Or(c.BaseURL, a.env("POLICYBOT_BASE_URL"))); err != nil {
			return err
		}
	}
	text, err := slackapp.JSON(slackapp.Manifest(o.features(base), a.lang))
	if err != nil {
		return err
	}
	if c.YAML {
		if text, err = yaml.JSONToYAML(text); err != nil {
			return err
		}
	}
	_, err = a.out.Write(text)
	return err
}

// slackWishes are the settings of Slack before there are tokens: what is missing is no error.
func (a *app) slackWishes() slackOptions {
	o, _, _ := slackSettings(a.env, a.settings.Slack)
	return o
}

// slackBase checks the address that Slack is to call: https, without a path, and not this machine's own.
func slackBase(text string) (string, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || isLoopback(u.Hostname()) {
		return "", &messageError{"slack_base", []any{text}}
	}
	return u.String(), nil
}
