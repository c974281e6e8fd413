package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// TestRespondToTheLetter: in approval mode any text that could be saved and was approved goes out as it is, behind
// one line, and with a rune more or less it does not.
func TestRespondToTheLetter(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		j, ctx := memory.New(), t.Context()
		must := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		must(j.SetSetting(ctx, journal.SettingApproval, journal.ApprovalOn))
		_, err := j.OpenCase(ctx, journal.NewCase{ID: "c-1", Channel: "chat", User: "u", Dialogue: "d", Text: rapid.SampledFrom([]string{"谢谢", "thanks"}).Draw(rt, "asked")}, at)
		must(err)
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \n\r\t　[1]补。")))).Draw(rt, "text")
		d, err := j.SaveDraft(ctx, journal.Draft{Case: "c-1", Text: text, By: "li", At: at})
		if errors.Is(err, journal.ErrDraft) && (strings.TrimSpace(text) == "" || !utf8.ValidString(text)) {
			return
		}
		must(err)
		_, err = j.Decide(ctx, journal.Decision{Case: "c-1", Draft: d.N, Does: journal.Approve, By: "wang", At: at})
		must(err)
		for _, other := range []string{text + "x", "x" + text, text + "\n" + text} {
			r := journal.Response{Case: "c-1", By: "li", Text: other, Revision: d.N, At: at}
			if _, err := bot.Respond(ctx, j, r, "zh"); !errors.Is(err, journal.ErrUnapproved) {
				rt.Fatalf("%q went out, %v; %q was approved", other, err, text)
			}
		}
		_, err = bot.Respond(ctx, j, journal.Response{Case: "c-1", By: "li", Text: text, Revision: d.N, At: at}, "zh")
		must(err)
		out, err := j.Next(ctx, journal.NextOptions{Now: at, Until: at.Add(time.Minute)})
		must(err)
		head, found := strings.CutSuffix(out.Doc.Text, "\n"+text)
		if !found || head == "" || strings.ContainsAny(head, "\r\n") || out.Doc.Nodes[1].Text != text || len(out.Doc.Nodes) != 2 {
			rt.Fatalf("%q went out; %q was approved", out.Doc.Text, text)
		}
	})
}
