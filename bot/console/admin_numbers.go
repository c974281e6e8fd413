package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// A numberView is a setting of the journal that is a number and stands before what the configuration says: what holds,
// and where it comes from.
type numberView struct {
	Name        string // of the setting
	URL         string // that its form is sent to
	Key         string // in the configuration
	Value       int    // what holds
	Holds       string // the same in words
	Set         bool   // something is set here
	Unread      bool   // and it is no value that the setting may have: the configuration holds
	Configured  string // what the configuration says, in words
	Least, Most int    // that it may be besides 0
	Used        string // of it today; "" where that is nothing to say
	Idle        bool   // there is no model that it would count for
	Input       string // what the form begins with
	Refused     bool   // Input was refused

	configured int
}

// A refusedNumber is what was entered for a setting and cannot be taken; the zero value for nothing.
type refusedNumber struct{ name, input string }

// toConfigured is what the form of a number sends to go back to the configuration.
const toConfigured = "configured"

// number tells how a setting is that is a number.
func (c *Console) number(ctx context.Context, v View, name string) (numberView, error) {
	n := numberView{Name: name}
	n.Least, n.Most = journal.Range(name)
	if name == journal.SettingRetention {
		n.URL, n.Key, n.configured = "/admin/settings/retention", "service.retention_days", int(c.Service.Limits.Retention/(24*time.Hour))
	} else {
		in := c.installed(ctx)
		n.URL, n.Key, n.configured = "/admin/settings/tokens", "model.daily_tokens", in.DailyTokens
		n.Used, n.Idle = strconv.Itoa(in.Tokens), c.Service.ModelHealth == nil
	}
	value, set, err := journal.ReadNumber(ctx, c.Service.Journal, name)
	n.Unread = errors.Is(err, journal.ErrSetting)
	if err != nil && !n.Unread {
		return n, err
	}
	if n.Value, n.Set = value, set || n.Unread; !set {
		n.Value = n.configured
	}
	n.Holds, n.Configured, n.Input = v.number(name, n.Value), v.number(name, n.configured), strconv.Itoa(n.Value)
	return n, nil
}

// Source is the name of the words for where what holds comes from.
func (n numberView) Source() string {
	if n.Set && !n.Unread {
		return "settings.from_console"
	}
	return "settings.from_configured"
}

// number is a value of a setting that is a number, in words.
func (v View) number(name string, n int) string {
	switch {
	case name == journal.SettingRetention && n == 0:
		return v.T("admin.retention_never")
	case name == journal.SettingRetention:
		return v.T("admin.retention_days", n)
	case n == 0:
		return v.T("admin.no_budget")
	}
	return v.T("admin.budget_tokens", n)
}

// setRetention sets after how many days questions are removed.
func (c *Console) setRetention(w http.ResponseWriter, r *http.Request) error {
	return c.setNumber(w, r, journal.SettingRetention)
}

// setTokens sets how many tokens language models may take in a day.
func (c *Console) setTokens(w http.ResponseWriter, r *http.Request) error {
	return c.setNumber(w, r, journal.SettingTokens)
}

// setNumber sets a number, or goes back to the configuration.
func (c *Console) setNumber(w http.ResponseWriter, r *http.Request, name string) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	ctx, v := r.Context(), c.adminView(r)
	now, err := c.number(ctx, v, name)
	if err != nil {
		return err
	}
	text, to, shown := journal.Fold(r.PostForm.Get("to")), now.configured, now.Configured
	if text == toConfigured {
		text = ""
	} else if to, err = journal.ParseNumber(name, text); err != nil {
		wrong := v.T("settings.number_bad", v.T("settings."+name), now.Least, now.Most)
		return c.showSettings(w, r, http.StatusUnprocessableEntity, wrong, refusedNumber{name, r.PostForm.Get("to")})
	} else {
		shown = v.number(name, to)
	}
	effect, danger, err := c.numberEffect(ctx, v, name, to)
	if err != nil {
		return err
	}
	sure, err := c.sure(w, r, func(v View) question {
		said := v.sentences(v.T("settings.number_text", now.Holds, shown), effect)
		return question{v.T("settings." + name + "_title"), said, v.T("settings.number_change"), "/admin/settings", danger}
	})
	if err != nil || !sure {
		return err
	}
	if err := c.storeNumber(r, now, text); err != nil {
		return err
	}
	return adminBack(w, r, "/admin/settings", "changed")
}

// storeNumber sets a number, "" for that of the configuration, where another is set.
func (c *Console) storeNumber(r *http.Request, n numberView, to string) error {
	was, err := c.Service.Journal.Setting(r.Context(), n.Name)
	if err != nil || was == to {
		return err
	}
	return c.change(r, didChangeSetting, n.Name, accounts.Facts("from", n.recorded(was), "to", n.recorded(to)), func(ctx context.Context) error {
		return c.Service.Journal.SetSetting(ctx, n.Name, to)
	})
}

// recorded is a value as the audit has it, "" for that of the configuration.
func (n numberView) recorded(text string) string {
	if text == "" {
		return n.Key + ":" + strconv.Itoa(n.configured)
	}
	return text
}

// numberEffect says what a number would bring about now, and whether something is removed by it.
func (c *Console) numberEffect(ctx context.Context, v View, name string, to int) (said string, removes bool, err error) {
	if name == journal.SettingTokens {
		used := c.installed(ctx).Tokens
		if to != 0 && used >= to {
			return v.T("settings.tokens_gone", used), false, nil
		}
		return v.T("settings.tokens_used", used), false, nil
	}
	if to == 0 {
		return v.T("settings.older_never"), false, nil
	}
	old, err := c.Service.Journal.Old(ctx, c.Now().Add(-time.Duration(to)*24*time.Hour))
	if err != nil {
		return "", false, err
	}
	said = v.T("settings.older_none")
	if old.Removed > 0 {
		said = v.T("settings.older", old.Removed)
	}
	if old.Kept > 0 {
		said = v.sentences(said, v.T("settings.older_kept", old.Kept))
	}
	return said, old.Removed > 0, nil
}

// sentences puts sentences one after the other.
func (v View) sentences(all ...string) string {
	if v.Lang == chinese {
		return strings.Join(all, "")
	}
	return strings.Join(all, " ")
}
