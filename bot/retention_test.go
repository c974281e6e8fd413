package bot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
)

// unread is a journal whose settings cannot be read while fail is set.
type unread struct {
	journal.Journal
	fail atomic.Pointer[error]
}

func (u *unread) Setting(ctx context.Context, name string) (string, error) {
	if fail := u.fail.Load(); fail != nil {
		return "", *fail
	}
	return u.Journal.Setting(ctx, name)
}

// TestRetention wants the setting of the journal to stand before the configured retention from the next hour on.
func TestRetention(t *testing.T) {
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		configured, age time.Duration
		setting         string
		fail            error
		kept            bool
		logs            string
	}{
		"as configured":               {configured: 30 * day, age: 31 * day},
		"configured, not yet":         {configured: 30 * day, age: 29 * day, kept: true},
		"shorter":                     {configured: 30 * day, age: 11 * day, setting: "10"},
		"shorter, not yet":            {configured: 30 * day, age: 9 * day, setting: "10", kept: true},
		"longer":                      {configured: 10 * day, age: 29 * day, setting: "30", kept: true},
		"never":                       {configured: 10 * day, age: 29 * day, setting: "0", kept: true},
		"configured: never":           {age: 400 * day, kept: true},
		"configured: never; set":      {age: 11 * day, setting: "10"},
		"too short":                   {configured: 30 * day, age: 29 * day, setting: "7", kept: true, logs: "the configured one holds"},
		"no number":                   {configured: 30 * day, age: 31 * day, setting: "ten", logs: "the configured one holds"},
		"a journal that fails to say": {configured: 10 * day, age: 11 * day, fail: errors.New("disk"), kept: true, logs: "cannot remove old questions"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				r := start(t, func(r *rig, o *bot.Options) {
					o.Limits.Retention, o.Log = tt.configured, slog.New(slog.NewTextHandler(&log, nil))
					seldom(r, o)
					o.Limits.SweepEvery = time.Hour
					r.journal = &unread{Journal: r.journal}
				})
				id := r.ask(t, asks("U", "P", "问题"))
				time.Sleep(2 * time.Hour) // while the service runs
				if err := r.journal.SetSetting(t.Context(), journal.SettingRetention, tt.setting); err != nil {
					t.Fatal(err)
				}
				if tt.fail != nil {
					r.journal.(*unread).fail.Store(&tt.fail)
				}
				time.Sleep(tt.age)
				r.journal.(*unread).fail.Store(nil)
				if _, err := r.journal.Entry(t.Context(), id); (err == nil) != tt.kept {
					t.Errorf("kept %v, want %v: %v", err == nil, tt.kept, err)
				}
				r.stop()
				if !strings.Contains(log.String(), tt.logs) || tt.logs == "" && strings.Contains(log.String(), "level=ERROR") {
					t.Errorf("the log is %s", log.String())
				}
			})
		})
	}
}

// TestRetentionComesBack wants what a shorter setting has removed to be the only thing that is gone, and the configured
// one to hold again when the setting is removed.
func TestRetentionComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, func(r *rig, o *bot.Options) {
			seldom(r, o)
			o.Limits.SweepEvery = time.Hour
		})
		set := func(days string, want time.Duration) {
			t.Helper()
			if err := r.journal.SetSetting(t.Context(), journal.SettingRetention, days); err != nil {
				t.Fatal(err)
			}
			if got, err := r.Retention(t.Context()); got != want || err != nil {
				t.Errorf("with %q: %v, %v", days, got, err)
			}
		}
		old := r.ask(t, asks("U", "P", "旧的"))
		time.Sleep(20 * 24 * time.Hour)
		recent := r.ask(t, asks("U", "P", "新的"))
		set("10", 10*24*time.Hour)
		time.Sleep(2 * time.Hour)
		if _, err := r.journal.Entry(t.Context(), old); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("after the shorter one: %v", err)
		}
		set("", 365*24*time.Hour)
		time.Sleep(100 * 24 * time.Hour)
		r.entry(t, recent)
		r.stop()
	})
}
