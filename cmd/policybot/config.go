package main

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// config is what --config FILE may set. The command line and the environment
// go before it.
type config struct {
	Data string `yaml:"data"`
	Lang string `yaml:"lang"`

	Embed   embedConfig   `yaml:"embed"`
	Model   modelConfig   `yaml:"model"`
	Service serviceConfig `yaml:"service"`
	SignOn  signOnConfig  `yaml:"sign_on"`
	Slack   slackConfig   `yaml:"slack"`
	WeCom   wecomConfig   `yaml:"wecom"`

	TrustedProxies []string `yaml:"trusted_proxies"` // addresses and ranges (CIDR); see app.trustedProxies
}

// embedConfig is how an endpoint is asked for vectors; which one says the
// environment.
type embedConfig struct {
	Dimensions int `yaml:"dimensions"` // 0: the model's own
	Batch      int `yaml:"batch"`      // texts in a request; 0: the usual number
}

// signOnConfig is where an organisation's own accounts sign in to the console, by OpenID Connect. The secret is
// in POLICYBOT_OIDC_SECRET.
type signOnConfig struct {
	Issuer   string   `yaml:"issuer"` // "": nowhere
	ClientID string   `yaml:"client_id"`
	Domains  []string `yaml:"domains"` // of e-mail addresses that may come
	Role     string   `yaml:"role"`    // of accounts that are made: viewer, staff or ops; "": viewer
	Create   bool     `yaml:"create"`  // accounts are made for who has none
	Bind     bool     `yaml:"bind"`    // accounts made for an e-mail address are bound to who has it
}

// configure settles folder and language: command line, environment,
// configuration file, default.
func (a *app) configure(c cli) error {
	if a.within != nil {
		a.promptsDir = c.Prompts
		a.data, a.lang, a.settings = a.within.data, first(a.within.lang, a.lang), a.within.config
		return nil
	}
	var f config
	if c.Config != "" {
		text, err := os.ReadFile(c.Config)
		if err != nil {
			return &messageError{"config_read", []any{c.Config, err}}
		}
		text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
			return &messageError{"config_bad", []any{c.Config, yaml.FormatError(err, false, false)}}
		}
		for _, check := range []func() (string, string, string){f.Service.check, f.Model.check, f.Slack.check, f.WeCom.check} {
			if name, value, allowed := check(); name != "" {
				line, column := position(text, name)
				return &messageError{"config_value", []any{c.Config, line, column, name, value, allowed}}
			}
		}
	}
	lang := first(c.Lang, f.Lang)
	if lang != "" && lang != "zh" && lang != "en" {
		return usageError{errors.New(a.msg("lang_bad", lang))}
	}
	a.lang, a.promptsDir = first(lang, a.lang), c.Prompts
	a.data = first(c.Data, a.env("POLICYBOT_DATA"), f.Data, "data")
	a.settings = f
	if a.env("DATABASE_URL") != "" {
		return &messageError{name: "no_postgres"}
	}
	return nil
}

// position tells where a value stands in a text of YAML, by its name with dots.
func position(text []byte, name string) (line, column int) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return 0, 0
	}
	path, err := yaml.PathString("$." + name)
	if err != nil {
		return 0, 0
	}
	node, err := path.FilterFile(file)
	if err != nil {
		return 0, 0
	}
	at := node.GetToken().Position
	return at.Line, at.Column
}

// byteOrderMark is what some editors put before a text.
const byteOrderMark = "\ufeff"

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// languageFrom takes the language of messages from --lang, so that mistakes in
// the rest of the command line are told in it too, or else from the locale.
func languageFrom(args []string, env func(string) string) string {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	for i, arg := range args {
		if arg == "--lang" && i+1 < len(args) {
			arg += "=" + args[i+1]
		}
		if arg == "--lang=zh" || arg == "--lang=en" {
			return strings.TrimPrefix(arg, "--lang=")
		}
	}
	if strings.HasPrefix(first(env("LC_ALL"), env("LC_MESSAGES"), env("LANG")), "zh") {
		return "zh"
	}
	return "en"
}

// A messageError is an error that messages has words for.
type messageError struct {
	name string
	args []any
}

func (e *messageError) Error() string { return format("en", e.name, e.args...) }

// explain renders an error in the language of messages.
func (a *app) explain(err error) string {
	var m *messageError
	if errors.As(err, &m) {
		return a.msg(m.name, m.args...)
	}
	if s, ok := a.explainEmbedder(err); ok {
		return s
	}
	if s, ok := a.explainModel(err); ok {
		return s
	}
	if s, ok := a.explainStore(err); ok {
		return s
	}
	return err.Error()
}
