package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/eligibility/register"
)

// administration is what the pages for administrators stand on, for an address that is listened on.
func (v *server) administration(at net.Addr) console.Administration {
	a := v.app
	return console.Administration{
		Measures: &register.Register{Store: v.store, Library: v.lib}, Changing: a.lock,
		Heads: func() ([]accounts.Head, error) {
			kept, _, err := a.heads()
			return kept, err
		},
		Changed:   func(ctx context.Context) error { return a.embedMissing(ctx, v.lib) },
		Installed: func(ctx context.Context) console.Installation { return v.installation(ctx, at) },
	}
}

// installation tells of the data folder and the configuration. What cannot be read is left out.
func (v *server) installation(ctx context.Context, at net.Addr) console.Installation {
	a := v.app
	out := console.Installation{Public: !onlyHere(at) || a.env("POLICYBOT_BASE_URL") != "", Backup: a.lastBackup(), Configured: a.shownSettings(), DailyTokens: valueOf(a.settings.Model.DailyTokens)}
	entries, _ := os.ReadDir(a.data)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			out.Files = append(out.Files, console.Kept{Name: e.Name(), Size: info.Size()})
		}
	}
	out.Tokens, _ = v.journal.Tokens(ctx, v.extra.now().UTC().Format(time.DateOnly))
	return out
}

// shownSettings are the settings that only a restart changes; "" for what is not set. None of them is a secret.
func (a *app) shownSettings() []console.Configured {
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	return []console.Configured{
		{Name: "POLICYBOT_CHAT_MODEL", Value: a.env("POLICYBOT_CHAT_MODEL")},
		{Name: "POLICYBOT_EMBED_MODEL", Value: a.env("POLICYBOT_EMBED_MODEL")},
		{Name: "service.per_user", Value: number(a.settings.Service.PerUser)},
		{Name: "service.total", Value: number(a.settings.Service.Total)},
		{Name: "sign_on.issuer", Value: a.settings.SignOn.Issuer},
		{Name: "POLICYBOT_READ_ACCESS", Value: a.env("POLICYBOT_READ_ACCESS")},
		{Name: "POLICYBOT_TRUSTED_PROXIES", Value: first(a.env("POLICYBOT_TRUSTED_PROXIES"), strings.Join(a.settings.TrustedProxies, ", "))},
		{Name: "POLICYBOT_BASE_URL", Value: a.env("POLICYBOT_BASE_URL")},
	}
}

// lastBackupName is the file that says when the last backup was made.
const lastBackupName = "last-backup"

// noteBackup remembers when a backup was made. That it cannot be written does no harm: the backup is there.
func (a *app) noteBackup(at time.Time) {
	_ = writeWhole(filepath.Join(a.data, lastBackupName), []byte(at.UTC().Format(time.RFC3339)+"\n"), 0o600)
}

// lastBackup is when the last backup was made; zero where none is known.
func (a *app) lastBackup() time.Time {
	text, err := os.ReadFile(filepath.Join(a.data, lastBackupName))
	if err != nil {
		return time.Time{}
	}
	at, _ := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	return at
}
