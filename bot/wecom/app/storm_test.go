package app_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/app"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
	"policybot/bot/wecomfake/storm"
)

var (
	stormSize = flag.Int("storm", 300, "questions of TestStorm")
	stormSeed = flag.Uint64("seed", 1, "seed of TestStorm")
)

// TestStorm: a service on the fake, through tokens that are taken back, addresses that are not trusted, limits, lost
// calls and ends of the process. In the end each question has exactly one whole reply, or a failure that somebody sees.
func TestStorm(t *testing.T) {
	storm.Run(t, storm.Options{Questions: *stormSize, Seed: *stormSeed, Open: openStorm})
}

// TestTwice: a hundred questions, each delivered twice and answered in vain three times, with replays of every request,
// get a hundred answers.
func TestTwice(t *testing.T) {
	storm.Twice(t, storm.Options{Questions: 100, Seed: 1, Open: func(t *testing.T, _ int, _ uint64) storm.Front { return front(t, 0, true) }})
}

// openStorm opens a world of a storm.
func openStorm(t *testing.T, world int, _ uint64) storm.Front { return front(t, world, false) }

// front is the surface in a storm. What the documentation leaves open differs between worlds.
func front(t *testing.T, world int, replayed bool) storm.Front {
	t.Helper()
	p := newPlatform(t, wecomfake.CorpOptions{RetryNetworkOnly: world%3 == 1, RefuseLong: world%2 == 1})
	return storm.Front{
		Server: p.Server, Surface: judge.App, Bytes: render.App.Bytes, Acks: true, Breaks: p.breaks(),
		Own: []string{said(channel.Question, "zh"), said(channel.Question, "")},
		Connect: func(process *storm.Process) (channel.Channel, error) {
			o := p.options()
			o.Client, o.Quiet = process.Client(o.Client), false
			c, err := app.New(o)
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
		Say: func(said storm.Said) (string, error) { return p.AppSay(said.User, said.Text) },
		Screen: func(chat string, _ bool) []storm.Shown {
			var out []storm.Shown
			for _, m := range p.AppMessages(chat) {
				out = append(out, storm.Shown{ID: m.ID, Chat: chat, Text: m.Text, Finished: true, At: m.At})
			}
			return out
		},
	}
}

// breaks are what can go wrong of a self-built app.
func (p *platform) breaks() []storm.Break {
	out := []storm.Break{
		{Name: "cut", Do: func(random *rand.Rand) {
			p.Cut()
			time.AfterFunc(time.Duration(1+random.IntN(40))*time.Second, p.Mend)
		}},
		{Name: "token revoked (40014)", Do: func(*rand.Rand) { p.RevokeToken() }},
		{Name: "token expired (42001)", Do: func(*rand.Rand) { p.ExpireToken() }},
		{Name: "token refreshed by another process", Do: func(*rand.Rand) {
			p.RevokeToken()
			p.fetchToken()
		}},
		{Name: "address not trusted (60020)", Do: func(random *rand.Rand) {
			p.Trust(false)
			time.AfterFunc(time.Duration(1+random.IntN(300))*time.Second, func() { p.Trust(true) })
		}},
		{Name: "answer to a callback lost", Do: p.faults(wecomfake.FaultLost, "callback")},
		{Name: "callback late", Do: p.faults(wecomfake.FaultSlow, "callback")},
	}
	kinds := []string{
		wecomfake.FaultWait, wecomfake.FaultHang, wecomfake.FaultLost, wecomfake.FaultBroken, wecomfake.FaultNoise, wecomfake.FaultSlow, wecomfake.FaultSilent,
	}
	for _, kind := range kinds {
		out = append(out, storm.Break{Name: kind, Do: p.faults(kind, sending, sending, sending, "cgi-bin/gettoken", "*")})
	}
	return out
}

// faults breaks some of the calls that are named.
func (p *platform) faults(kind string, calls ...string) func(random *rand.Rand) {
	return func(random *rand.Rand) {
		f := wecomfake.Fault{Call: calls[random.IntN(len(calls))], Kind: kind, Times: 1 + random.IntN(3), After: time.Duration(1+random.IntN(12)) * time.Second}
		if err := p.Server.Break(f); err != nil {
			p.t.Error(err)
		}
	}
}

// fetchToken fetches an access_token as another process of the app would.
func (p *platform) fetchToken() {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.api+"/cgi-bin/gettoken?corpid="+corpID+"&corpsecret="+secret, http.NoBody)
	if err != nil {
		p.t.Error(err)
		return
	}
	if w, err := p.client.Do(r); err == nil { // else it is cut off, or a fault meant it
		w.Body.Close()
	}
}
