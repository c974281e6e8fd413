package app_test

import (
	"testing"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
)

// TestChannel runs the conformance suite.
func TestChannel(t *testing.T) {
	channeltest.Run(t, func(t testing.TB) channeltest.Platform { return breaker{newPlatform(t, wecomfake.CorpOptions{})} })
}
