package fakechat_test

import (
	"strings"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/fakechat"
)

// more is what a message ends with whose document goes on.
const more = "\n(more)"

// shortened is a channel that has two messages for a document. tail is what it ends a longer one with.
func shortened(most int, tail string) func(*platform, *broken) {
	return func(p *platform, b *broken) {
		b.caps.Messages = 2
		finishing(func(d *channel.Doc, _ *channel.Delivery) {
			if len(d.Text) <= most {
				return
			}
			text := head(d.Text, most)
			if at := strings.LastIndexAny(text, "。.\n"); at > 0 {
				text = strings.ToValidUTF8(text[:at+1], "")
			}
			d.Text, d.Nodes = text+tail, nil
		})(p, b)
	}
}

// shorter reads what such a channel shows.
type shorter struct{ breaker }

// Screen implements channeltest.Platform.
func (p shorter) Screen(place channel.Place) channeltest.Screen {
	out := p.breaker.Screen(place)
	for i := range out.Messages {
		out.Messages[i].Text, out.Messages[i].Cut = strings.CutSuffix(out.Messages[i].Text, more)
	}
	return out
}

// TestMessages: of a channel that shows the beginning of a long document and says so the suite asks no more, and it
// notices one that does not say so, one that has more messages, and one that shows less than it could.
func TestMessages(t *testing.T) {
	const full = 7000
	for _, tt := range []struct {
		name  string
		spoil func(*platform, *broken)
		fails string // name of a case, "" for none
	}{
		{"says so", shortened(full, more), ""},
		{"says nothing", shortened(full, ""), "budget/what is longer than all messages says so"},
		{"shows all", shortened(1<<30, ""), "budget/what is longer than all messages says so"},
		{"shows little", shortened(1000, more), "budget/ten messages"},
		{"shows a word", shortened(100, more), "budget/what is longer than all messages says so"},
		{"says so always", func(p *platform, b *broken) {
			b.caps.Messages = 2
			finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Text, d.Nodes = d.Text+more, nil })(p, b)
		}, "finish/English is shown once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := func(t testing.TB) channeltest.Platform {
				return shorter{breaker{newPlatform(t, fakechat.ServerOptions{}, tt.spoil)}}
			}
			n := 0
			for _, c := range channeltest.Cases(t, start) {
				if tt.fails != "" && c.Name != tt.fails {
					continue
				}
				n++
				if err := c.Check(t, start); (err != nil) != (tt.fails != "") {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
			if n == 0 || tt.fails == "" && n < ran {
				t.Errorf("%d cases", n)
			}
		})
	}
}
