package callback_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
)

// TestChannel runs the conformance suite.
func TestChannel(t *testing.T) {
	channeltest.Run(t, func(t testing.TB) channeltest.Platform { return polled{newPlatform(t, wecomfake.Options{})} })
}

// TestResponseURL runs the cases about whole documents where WeCom does not ask for streams, so that all of them go to the
// response_url, which takes a second message without a word, as WeCom was seen to do.
func TestResponseURL(t *testing.T) {
	start := func(t testing.TB) channeltest.Platform {
		return unpolled{newPlatform(t, wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: 24 * time.Hour, InFlight: -1, SpentSilent: true}})}
	}
	groups := []string{"finish", "text out", "again", "fault", "many"}
	two := []string{"long document", "later document", "long word", "1 MB", "many attempts"} // of more than one message
	n := 0
	for _, c := range channeltest.Cases(t, start) {
		group, _, _ := strings.Cut(c.Name, "/")
		if !slices.Contains(groups, group) || slices.ContainsFunc(two, func(part string) bool { return strings.Contains(c.Name, part) }) {
			continue
		}
		n++
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Check(t, start); err != nil {
				t.Error(err)
			}
		})
	}
	if n < 40 {
		t.Errorf("%d cases", n)
	}
}
