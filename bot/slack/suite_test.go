package slack_test

import (
	"testing"

	"policybot/bot/channel/channeltest"
	"policybot/bot/slackfake"
)

// TestChannel runs the conformance suite over both transports.
func TestChannel(t *testing.T) {
	for _, tt := range []struct {
		name string
		http bool
	}{{"socket", false}, {"http", true}} {
		t.Run(tt.name, func(t *testing.T) {
			channeltest.Run(t, func(t testing.TB) channeltest.Platform {
				return breaker{newPlatform(t, slackfake.Options{}, tt.http)}
			})
		})
	}
}
