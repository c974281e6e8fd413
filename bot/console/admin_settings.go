package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/journal"
	"policybot/prompts"
)

// settingsData is the page of what can be changed while the service runs, and of what the configuration says.
type settingsData struct {
	View
	Stopped    bot.Stopped
	Since      string
	Switches   []switchView
	Numbers    []numberView
	Configured []Configured
	Labels     []string // lines that answers bear, by what made them
	Wrong      string
	Done       string
	Limit      int    // characters of a reason
	Reason     string // of a pause, as it was entered and refused
	Refused    string // what is wrong with it
}

// A switchView is a setting that is on or off.
type switchView struct {
	Name string
	On   bool
}

// switches are the settings of the journal that administrators switch.
var switches = []string{journal.SettingApproval, SettingAlone}

// maxReason is how many characters the reason of a pause may have.
const maxReason = 300

// pausing is the name of the form of a pause among those whose input can be refused.
const pausing = "pause"

// settingsPage shows the settings.
func (c *Console) settingsPage(w http.ResponseWriter, r *http.Request) error {
	return c.showSettings(w, r, http.StatusOK, "", refusedNumber{})
}

// showSettings shows the settings with what was wrong with what was entered, if anything was.
func (c *Console) showSettings(w http.ResponseWriter, r *http.Request, status int, wrong string, refused refusedNumber) error {
	page := settingsData{View: c.adminView(r), Wrong: wrong, Stopped: c.Service.Stopped(), Limit: maxReason}
	page.at, page.Done = "/admin/settings", page.done(r, "done")
	page.Since = page.Time(page.Stopped.At)
	if refused.name == pausing {
		page.Reason, page.Refused, page.Wrong = refused.input, wrong, ""
	}
	for _, name := range switches {
		on, err := c.switchedOn(r.Context(), name)
		if err != nil {
			return err
		}
		page.Switches = append(page.Switches, switchView{name, on})
	}
	for _, name := range []string{journal.SettingRetention, journal.SettingTokens} {
		n, err := c.number(r.Context(), page.View, name)
		if err != nil {
			return err
		}
		if refused.name == name {
			n.Input, n.Refused = refused.input, true
		}
		page.Numbers = append(page.Numbers, n)
	}
	page.Configured = c.installed(r.Context()).Configured
	for _, made := range []string{"label_extractive", "label_generative", "label_fallback"} {
		page.Labels = append(page.Labels, prompts.Render(page.Lang, made, nil))
	}
	return c.show(w, r, status, "adminsettings", page)
}

// pause switches answering off, with a reason that askers read.
func (c *Console) pause(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	reason := strings.Join(strings.Fields(r.PostForm.Get("reason")), " ")
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return c.showSettings(w, r, http.StatusUnprocessableEntity, c.view(r).T("settings.reason_bad", maxReason), refusedNumber{pausing, r.PostForm.Get("reason")})
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{v.T("settings.pause_title"), v.T("settings.pause_text", reason), v.T("settings.pause"), "/admin/settings", true}
	})
	if err != nil || !sure {
		return err
	}
	return c.switchAnswering(w, r, bot.Stopped{Reason: reason, By: by(r).Name, At: c.Now().UTC()}, didPauseAnswers)
}

// resume switches answering on again.
func (c *Console) resume(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{v.T("settings.resume_title"), v.T("settings.resume_text"), v.T("settings.resume"), "/admin/settings", false}
	})
	if err != nil || !sure {
		return err
	}
	return c.switchAnswering(w, r, bot.Stopped{}, didResumeAnswers)
}

// switchAnswering has answering paused for a reason, or go on. Where it is so already, nothing is done.
func (c *Console) switchAnswering(w http.ResponseWriter, r *http.Request, to bot.Stopped, does string) error {
	was, err := bot.ReadStopped(r.Context(), c.Service.Journal)
	if err != nil {
		return err
	}
	if was.Reason != to.Reason {
		err = c.change(r, does, "answering", accounts.Facts("reason_chars", accounts.Length(to.Reason)), func(ctx context.Context) error {
			return bot.SetStopped(ctx, c.Service.Journal, to)
		})
	}
	if err != nil {
		return err
	}
	if err := c.Service.Refresh(r.Context()); err != nil {
		return err
	}
	return adminBack(w, r, "/admin/settings", strings.ReplaceAll(does, ".", "_"))
}

// setSwitch switches a setting of the journal.
func (c *Console) setSwitch(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	name, to := r.PathValue("name"), r.PostForm.Get("to")
	if !slices.Contains(switches, name) || to != "on" && to != "off" {
		return errNotFound
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{v.T("settings." + name + "_" + to), v.T("settings." + name + "_" + to + "_text"), v.T("settings.switch_" + to), "/admin/settings", false}
	})
	if err != nil || !sure {
		return err
	}
	was, err := c.switchedOn(r.Context(), name)
	if err != nil {
		return err
	}
	if was == (to == "on") {
		return adminBack(w, r, "/admin/settings", "changed")
	}
	value := ""
	if to == "on" {
		value = journal.ApprovalOn
	}
	err = c.change(r, didChangeSetting, name, accounts.Facts("to", to), func(ctx context.Context) error {
		return c.Service.Journal.SetSetting(ctx, name, value)
	})
	if err != nil {
		return err
	}
	return adminBack(w, r, "/admin/settings", "changed")
}
