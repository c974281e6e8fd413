package callback_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
	"policybot/bot/wecomfake/storm"
)

var (
	stormSize = flag.Int("storm", 300, "questions of TestStorm")
	stormSeed = flag.Uint64("seed", 1, "seed of TestStorm")
)

// TestStorm: a service on the fake, through callbacks and answers that are lost, streams that nobody asks for any more,
// response_urls that refuse or hang, and ends of the process. In the end each question has exactly one whole reply, or a
// failure that somebody sees.
func TestStorm(t *testing.T) {
	storm.Run(t, storm.Options{Questions: *stormSize, Seed: *stormSeed, Open: openStorm})
}

// TestTwice: a hundred questions, each delivered twice and answered in vain three times, with replays of every request,
// get a hundred answers.
func TestTwice(t *testing.T) {
	storm.Twice(t, storm.Options{Questions: 100, Seed: 1, Open: func(t *testing.T, _ int, seed uint64) storm.Front { return front(t, 0, seed, true) }})
}

// openStorm opens a world of a storm.
func openStorm(t *testing.T, world int, seed uint64) storm.Front { return front(t, world, seed, false) }

// front is the surface in a storm. What the documentation leaves open differs between worlds.
func front(t *testing.T, world int, seed uint64, replayed bool) storm.Front {
	t.Helper()
	o := wecomfake.Options{Seed: seed}
	o.Bot.TooOftenSilent = world%3 == 0
	o.Bot.SpentSilent = world%3 == 1
	if world%4 == 2 {
		o.Bot.PollEvery = 3 * time.Second
	}
	p := newPlatform(t, o)
	return storm.Front{
		Server: p.fake, Surface: judge.Bot, Bytes: render.Bot.Bytes, Groups: true, Acks: true, Most: 2, Repeats: o.Bot.SpentSilent, Breaks: p.breaks(),
		Own: append(callback.Sentences(), render.Stopped("zh"), render.Stopped("en")),
		Connect: func(process *storm.Process) (channel.Channel, error) {
			o := p.options()
			o.Client, o.Quiet = process.Client(o.Client), false
			c, err := callback.New(o)
			if err != nil {
				return nil, err
			}
			h := process.Guard(c.Handler())
			if replayed {
				h = storm.Replays(h)
			}
			p.door.Store(&h)
			return c, nil
		},
		Say: func(said storm.Said) (string, error) {
			say := wecomfake.Say{User: said.User, Chat: said.Group, Text: said.Text}
			if said.Quote != "" {
				say.Quote = &wecomfake.Quote{Text: said.Quote}
			}
			return p.fake.Say(say)
		},
		Screen: func(chat string, group bool) []storm.Shown {
			var out []storm.Shown
			for _, m := range p.fake.Messages(chat) {
				if m.User == "" && m.Group == group {
					out = append(out, storm.Shown{ID: m.ID, Chat: m.Chat, Group: m.Group, Text: m.Text, Finished: m.Finished, Hangs: m.Hangs, At: m.At, Gesture: m.Gesture})
				}
			}
			return out
		},
	}
}

// breaks are what can go wrong of callbacks.
func (p *platform) breaks() []storm.Break {
	out := []storm.Break{
		{Name: "cut", Do: func(random *rand.Rand) {
			p.fake.Cut()
			time.AfterFunc(time.Duration(1+random.IntN(40))*time.Second, p.fake.Mend)
		}},
		{Name: "answer to a callback lost", Do: p.faults(wecomfake.FaultLost, "callback")},
		{Name: "callback late", Do: p.faults(wecomfake.FaultSlow, "callback")},
		{Name: "snapshot lost", Do: p.faults(wecomfake.FaultLost, "poll")},
		{Name: "asked late for a snapshot", Do: p.faults(wecomfake.FaultSlow, "poll")},
		{Name: "response_url refuses", Do: p.faults(wecomfake.FaultCode, "response")},
	}
	kinds := []string{
		wecomfake.FaultWait, wecomfake.FaultHang, wecomfake.FaultLost, wecomfake.FaultBroken, wecomfake.FaultNoise, wecomfake.FaultSlow, wecomfake.FaultSilent,
	}
	for _, kind := range kinds {
		out = append(out, storm.Break{Name: "response_url: " + kind, Do: p.faults(kind, "response")})
	}
	return out
}

// faults breaks some of the calls of a name.
func (p *platform) faults(kind, call string) func(random *rand.Rand) {
	return func(random *rand.Rand) {
		f := wecomfake.Fault{Call: call, Kind: kind, Times: 1 + random.IntN(3), After: time.Duration(1+random.IntN(12)) * time.Second}
		if kind == wecomfake.FaultCode {
			f.Code = 95020
		}
		p.must(f)
	}
}
