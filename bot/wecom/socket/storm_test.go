package socket_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
	"policybot/bot/wecomfake/storm"
)

var (
	stormSize = flag.Int("storm", 300, "questions of TestStorm")
	stormSeed = flag.Uint64("seed", 1, "seed of TestStorm")
)

// TestStorm: a service on the fake, through expired streams, other connections, lost frames, limits and ends of the
// process. In the end each question has exactly one whole reply, or a failure that somebody sees.
func TestStorm(t *testing.T) {
	storm.Run(t, storm.Options{Questions: *stormSize, Seed: *stormSeed, Open: openStorm})
}

// openStorm is the front of a storm. What the documentation leaves open differs between worlds.
func openStorm(t *testing.T, world int, seed uint64) storm.Front {
	o := wecomfake.Options{Seed: seed}
	o.Bot.TooOftenSilent = world%2 == 0
	o.Bot.ReqIDsEndWithConnection = world%3 == 1
	o.Bot.NoCardWithStream = world%3 == 2
	o.Bot.LenientFinish = world%4 == 3
	o.Bot.Strict = world%5 == 4
	p := newPlatform(t, o)
	f := storm.Front{
		Server: p.Server, Surface: judge.Bot, Bytes: render.Bot.Bytes, Groups: true, Breaks: p.breaks(),
		Connect: func(process *storm.Process) (channel.Channel, error) {
			o := p.options()
			o.Dial, o.Quiet = process.Dial(o.Dial), false
			return socket.New(o)
		},
		Say: func(said storm.Said) (string, error) {
			say := wecomfake.Say{User: said.User, Chat: said.Group, Text: said.Text}
			if said.Quote != "" {
				say.Quote = &wecomfake.Quote{Text: said.Quote}
			}
			return p.Say(say)
		},
		Screen: p.stormScreen,
	}
	for _, lang := range []string{"zh", "en"} {
		f.Own = append(f.Own, render.Stopped(lang), aibot.Follows(lang), said(channel.Question, lang))
	}
	return f
}

func (p *platform) stormScreen(chat string, group bool) []storm.Shown {
	var out []storm.Shown
	for _, m := range p.Messages(chat) {
		if m.User == "" && m.Group == group {
			out = append(out, storm.Shown{ID: m.ID, Chat: m.Chat, Group: m.Group, Text: m.Text, Finished: m.Finished, Hangs: m.Hangs, At: m.At, Gesture: m.Gesture})
		}
	}
	return out
}

// breaks are what can go wrong of a long connection.
func (p *platform) breaks() []storm.Break {
	out := []storm.Break{
		{Name: "cut", Ends: true, Do: func(random *rand.Rand) {
			p.Cut()
			time.AfterFunc(time.Duration(1+random.IntN(40))*time.Second, p.Mend)
		}},
		{Name: "half-open connection", Ends: true, Do: func(*rand.Rand) { p.Stall() }},
		{Name: "not subscribed any more (846609)", Ends: true, Do: func(*rand.Rand) { p.Unsubscribe() }},
		{Name: "kicked by another connection", Ends: true, Do: func(*rand.Rand) { _ = p.Kick() }}, // it fails when there is none
	}
	kinds := []string{
		wecomfake.FaultWait, wecomfake.FaultHang, wecomfake.FaultLost, wecomfake.FaultBroken, wecomfake.FaultNoise, wecomfake.FaultSlow, wecomfake.FaultSilent,
	}
	calls := []string{"aibot_respond_msg", "aibot_respond_msg", "aibot_send_msg", "*", "aibot_subscribe"}
	for _, kind := range kinds {
		out = append(out, storm.Break{Name: kind, Do: func(random *rand.Rand) {
			f := wecomfake.Fault{Call: calls[random.IntN(len(calls))], Kind: kind, Times: 1 + random.IntN(3), After: time.Duration(1+random.IntN(12)) * time.Second}
			if f.Call == "aibot_respond_msg" && random.IntN(2) == 0 {
				f.Only = wecomfake.OnlyWhole
			}
			if err := p.Server.Break(f); err != nil {
				p.t.Error(err)
			}
		}})
	}
	return out
}
