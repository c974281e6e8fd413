package console

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"policybot/bot/journal"
)

const (
	retentionURL = "/admin/settings/retention"
	tokensURL    = "/admin/settings/tokens"
)

// TestAdminRetention shortens the retention, which removes as many questions as the page says, and goes back to what is
// configured.
func TestAdminRetention(t *testing.T) {
	s := newWorld(t, setup{files: true})
	boss, visitor := s.signedIn("boss"), s.visitor()
	visitor.post("/ask", url.Values{"c": {"conversation1"}, "question": {listing}}).sees(http.StatusOK)
	s.console.Now = func() time.Time { return time.Now().Add(20 * 24 * time.Hour) }
	holds := func(days int) time.Duration {
		t.Helper()
		got, err := s.service.Retention(t.Context())
		if want := time.Duration(days) * 24 * time.Hour; got != want || err != nil {
			t.Errorf("the retention is %v, %v, want %v", got, err, want)
		}
		return got
	}
	boss.get("/admin/settings").sees(http.StatusOK, "365 days", "as configured").lacks("set here", "Back to the configuration")
	for _, bad := range []string{"", "7", "36501", "-1", "ten", "8.5", `"><b>`} {
		boss.post(retentionURL, sureWith("to", bad)).sees(http.StatusUnprocessableEntity, "How long questions are kept: give 0, or a whole number from 8 to 36500.", `aria-invalid="true"`)
		boss.lacks(`"><b>`)
	}
	boss.post(retentionURL, sureWith("to", "7 days")).sees(http.StatusUnprocessableEntity, `value="7 days"`)
	boss.post(retentionURL, url.Values{"to": {"30"}}).sees(http.StatusOK, "Change how long", "Now: 365 days. From now on: 30 days. There is nothing to remove now.")
	boss.post(retentionURL, url.Values{"to": {" １０ "}}).sees(http.StatusOK, "From now on: 10 days. Questions older than that: 1. They are removed within the hour", `class="danger"`)
	holds(365)
	boss.post(retentionURL, sureWith("to", "10")).sees(http.StatusOK, "Changed; it counts from now on.", "10 days", "set here", "Back to the configuration (365 days)")
	boss.get("/admin").sees(http.StatusOK, "10 days")
	if n, err := s.service.Journal.Forget(t.Context(), s.console.Now().Add(-holds(10)), 0); n != 1 || err != nil {
		t.Errorf("%d are removed, %v", n, err)
	}
	boss.post(retentionURL, url.Values{"to": {"0"}}).sees(http.StatusOK, "From now on: without limit. No question is removed any more.")
	boss.post(retentionURL, sureWith("to", "0")).sees(http.StatusOK, "without limit")
	holds(0)
	boss.post(retentionURL, url.Values{"to": {toConfigured}}).sees(http.StatusOK, "Now: without limit. From now on: 365 days.")
	boss.post(retentionURL, sureWith("to", toConfigured)).sees(http.StatusOK, "365 days").lacks("set here")
	holds(365)
	boss.post(retentionURL, sureWith("to", toConfigured)).sees(http.StatusOK) // nothing to change, nothing to enter
	must(t, s.service.Journal.SetSetting(t.Context(), journal.SettingRetention, "3"))
	boss.get("/admin/settings").sees(http.StatusOK, "What was set here cannot be used", "as configured", "Back to the configuration")
	boss.post(retentionURL, sureWith("to", toConfigured)).sees(http.StatusOK).lacks("cannot be used")
	s.changes(journal.SettingRetention, "from=service.retention_days:365 to=10", "from=10 to=0", "from=0 to=service.retention_days:365", "from=3 to=service.retention_days:365")
}

// changes wants the audit to say how a setting was changed, the first first.
func (w *world) changes(name string, want ...string) {
	w.t.Helper()
	list := w.audited(didChangeSetting)
	if len(list) != len(want) {
		w.t.Fatalf("the audit says %+v", list)
	}
	for i, e := range list {
		if e.Object != name || e.Detail != want[len(want)-1-i] || e.By != "boss" {
			w.t.Errorf("the audit says %+v, want %s", e, want[len(want)-1-i])
		}
	}
}

// TestAdminTokens changes what language models may take in a day.
func TestAdminTokens(t *testing.T) {
	s := newWorld(t, setup{files: true})
	boss := s.signedIn("boss")
	boss.get("/admin/settings").sees(http.StatusOK, "5000 tokens", "as configured", "1200", "No language model is configured")
	for _, bad := range []string{"-1", strconv.Itoa(journal.MostTokens + 1), "1e6", "many"} {
		boss.post(tokensURL, sureWith("to", bad)).sees(http.StatusUnprocessableEntity, "Tokens of language models a day: give 0, or a whole number from 1 to 1000000000.", `value="`+bad+`"`, `value="365"`)
	}
	boss.post(tokensURL, url.Values{"to": {"1200"}}).sees(http.StatusOK, "Now: 5000 tokens. From now on: 1200 tokens. Used today: 1200; for the rest of the day the models write nothing")
	boss.post(tokensURL, url.Values{"to": {"2000"}}).sees(http.StatusOK, "Used today: 1200.").lacks("write nothing")
	boss.post(tokensURL, sureWith("to", "2000")).sees(http.StatusOK, "Changed; it counts from now on.", "2000 tokens", "Back to the configuration (5000 tokens)")
	boss.post(tokensURL, sureWith("to", "0")).sees(http.StatusOK, "no limit")
	if n, ok, err := journal.ReadNumber(t.Context(), s.service.Journal, journal.SettingTokens); n != 0 || !ok || err != nil {
		t.Errorf("%d, %v, %v", n, ok, err)
	}
	boss.lang = chinese
	boss.post(tokensURL, url.Values{"to": {toConfigured}}).sees(http.StatusOK, "现在：未设上限。改为：5000 词元。今天已用 1200。")
	boss.post(tokensURL, sureWith("to", toConfigured)).sees(http.StatusOK, "按配置").lacks("在本页设定")
	s.changes(journal.SettingTokens, "from=model.daily_tokens:5000 to=2000", "from=2000 to=0", "from=0 to=model.daily_tokens:5000")
}

// TestAdminRetentionOfCases wants a question to stay as long as its case is open: the page of the settings counts it apart,
// and that of the case says why it is still there.
func TestAdminRetentionOfCases(t *testing.T) {
	s := newWorld(t, setup{files: true})
	boss, asker := s.signedIn("boss"), s.asker()
	k := asker.handedOver(listing)
	at := "/desk/cases/" + k.ID
	boss.get(at).sees(http.StatusOK).lacks("goes when closed")
	s.console.Now = func() time.Time { return time.Now().Add(20 * 24 * time.Hour) }
	boss.get(at).sees(http.StatusOK).lacks("goes when closed")
	boss.post(retentionURL, url.Values{"to": {"10"}}).sees(http.StatusOK, "There is nothing to remove now. Older ones that stay until their case is closed: 1").lacks(`class="danger"`)
	boss.post(retentionURL, sureWith("to", "10")).sees(http.StatusOK)
	boss.get(at).sees(http.StatusOK, "Older than 10 days, after which questions are removed; goes when closed.")
	forget := func(want int) {
		t.Helper()
		if n, err := s.service.Journal.Forget(t.Context(), s.console.Now().Add(-10*24*time.Hour), 0); n != want || err != nil {
			t.Errorf("%d are removed, %v; want %d", n, err, want)
		}
	}
	forget(0)
	boss.post(at+"/close", url.Values{"why": {"a duplicate"}}).sees(http.StatusOK).lacks("goes when closed")
	boss.post(retentionURL, url.Values{"to": {"9"}}).sees(http.StatusOK, "Questions older than that: 1.").lacks("stay until")
	forget(1)
}
