package bot_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"policybot/bot"
)

// TestServiceTexts compares what the service says about itself with
// testdata/service.txt, in both languages.
func TestServiceTexts(t *testing.T) {
	var b strings.Builder
	for _, lang := range []string{"zh", "en"} {
		for _, a := range []bot.Answer{
			{Outcome: bot.Refused, Reason: bot.ReasonUserBusy},
			{Outcome: bot.Refused, Reason: bot.ReasonBusy},
			{Outcome: bot.Refused, Reason: bot.ReasonStopped, Stopped: "资料库正在更新 / the library is being updated"},
			{Outcome: bot.Refused, Reason: bot.ReasonTooLong},
			{Outcome: bot.Refused, Reason: bot.ReasonUnclear},
			{Outcome: bot.Refused, Reason: bot.ReasonUnclear, Question: "？？"},
			{Outcome: bot.Failed, Reason: bot.ReasonExpired, Case: "c-abcd2345"},
			{Outcome: bot.Failed, Reason: bot.ReasonError, Case: "c-abcd2345"},
			{Outcome: bot.HandedOver, Reason: bot.ReasonAsked, Case: "c-abcd2345"},
			{Outcome: bot.Abstained, Reason: bot.ReasonEmptyLibrary, Mode: bot.ModeExtractive},
			{Outcome: bot.Failed, Reason: bot.ReasonError, Case: "c-abcd2345", Masked: []string{"account", "bank-card", "email", "mobile", "passport", "resident-id"}},
		} {
			a.Lang = lang
			fmt.Fprintf(&b, "%s %s %s\n%s\n\n", lang, a.Outcome, a.Reason, bot.Compose(a))
		}
	}
	const file = "testdata/service.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
