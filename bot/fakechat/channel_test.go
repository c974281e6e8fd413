package fakechat_test

import (
	"strings"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/fakechat"
)

// ran is how many cases of the suite ran when this was written. It may only grow.
const ran = 227

func TestChannel(t *testing.T) {
	channeltest.Run(t, start)
	if n := len(channeltest.Cases(t, start)); n < ran {
		t.Errorf("%d cases apply, there were %d", n, ran)
	}
}

func TestNewNeedsOptions(t *testing.T) {
	for _, o := range []fakechat.Options{{}, {Base: "http://x"}, {Secret: "s"}} {
		if _, err := fakechat.New(o); err == nil || !strings.Contains(err.Error(), "Options") {
			t.Errorf("New(%+v): error %v, want one that says what to set", o, err)
		}
	}
	c, err := fakechat.New(fakechat.Options{Base: "http://x/", Secret: "s", Name: "other"})
	if err != nil || c.Caps().Name != "other" || c.Health().State != channel.Starting {
		t.Errorf("New: %v, %+v, %+v", err, c.Caps(), c.Health())
	}
}
