package fakechat_test

import (
	"testing"

	"policybot/bot/channel/channeltest"
)

func TestChannel(t *testing.T) { channeltest.Run(t, start) }
