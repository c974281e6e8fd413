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
			{Outcome: bot.Refused, Reason: bot.ReasonExternal},
			{Outcome: bot.Refused, Reason: bot.ReasonTooLong},
			{Outcome: bot.Refused, Reason: bot.ReasonUnclear},
			{Outcome: bot.Refused, Reason: bot.ReasonUnclear, Question: "？？"},
			{Outcome: bot.Refused, Reason: bot.ReasonInjection},
			{Outcome: bot.Refused, Reason: bot.ReasonSmallTalk},
			{Outcome: bot.Refused, Reason: bot.ReasonSmallTalk, Question: "谢谢！"},
			{Outcome: bot.Clarify, Reason: bot.ReasonHelp},
			{Outcome: bot.Clarify, Reason: bot.ReasonStop},
			{Outcome: bot.Refused, Reason: bot.ReasonAbuse},
			{Outcome: bot.Refused, Reason: bot.ReasonOffTopic},
			{Outcome: bot.Clarify, Reason: bot.ReasonLang},
			{Outcome: bot.Clarify, Reason: bot.ReasonUnclear, Question: "能申请什么？", AskBack: "company", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonJudgement, Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonOtherPlace, Places: bot.Places{Others: []string{"上海"}, Library: []string{"北京市", "厦门市"}}, Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Missing: []string{"甲办法", "乙条例"}, Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "amount", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "procedure", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "days", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "contact", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "criteria", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "result", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "share", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "year", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "number", Mode: bot.ModeExtractive},
			{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "date", Mode: bot.ModeExtractive},
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
