package slack_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/slack"
	"policybot/bot/slackfake"
	"policybot/bot/sqlite"
)

// BenchmarkAck measures how soon Slack is told that an event has arrived, which is after its row is on the disk: 50
// questions a second over real connections of this machine, each answered meanwhile. POLICYBOT_ACK is how long,
// such as 60s; 5 seconds otherwise.
func BenchmarkAck(b *testing.B) {
	for name, overHTTP := range map[string]bool{"socket": false, "http": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ackBench(b, overHTTP)
			}
		})
	}
}

func ackBench(b *testing.B, overHTTP bool) {
	const perSecond = 50
	lasts := 5 * time.Second
	if d, err := time.ParseDuration(os.Getenv("POLICYBOT_ACK")); err == nil {
		lasts = d
	}
	rows, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	fake, err := slackfake.New(slackfake.Options{BotToken: botToken, AppToken: appToken, SigningSecret: secret, BotUser: botUser, Team: "T1", Events: alone})
	if err != nil {
		b.Fatal(err)
	}
	defer fake.Close()
	platform := httptest.NewServer(fake)
	defer platform.Close()
	o := slack.Options{BotToken: botToken, AppToken: appToken, APIURL: platform.URL + "/api/"}
	if overHTTP {
		o.AppToken, o.SigningSecret = "", secret
	}
	c, err := slack.New(o)
	if err != nil {
		b.Fatal(err)
	}
	if overHTTP {
		door := httptest.NewServer(c.Handler())
		defer door.Close()
		fake.SetBot(door.URL)
	}
	limits := bot.DefaultLimits
	limits.PerUser = 1000
	s, err := bot.NewService(b.Context(), bot.Options{
		Journal: rows, Answerer: &fakeDesk{quick: true, asked: map[string]int{}}, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh",
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, quit := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	for c.Health().State != channel.Up {
		if err := rest(b.Context(), 10*time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
	var asked []string
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for n := range int(lasts.Seconds() * perSecond) {
		<-tick.C
		g, err := fake.Say(slackfake.Said{User: fmt.Sprint("U", n%97), Channel: fmt.Sprint("C", n%200), Text: fmt.Sprintf("%s 问题 %d", mention, n)})
		if err != nil {
			b.Fatal(err)
		}
		asked = append(asked, g)
	}
	wait, stop := context.WithTimeout(b.Context(), 30*time.Second)
	defer stop()
	if err := fake.Wait(wait, func() bool { return fake.Pending() == 0 }); err != nil {
		b.Fatal(err)
	}
	reportAcks(b, fake, asked)
	quit()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// reportAcks reports how long acknowledgements took, in milliseconds.
func reportAcks(b *testing.B, fake *slackfake.Server, asked []string) {
	b.Helper()
	var took []float64
	for _, g := range asked {
		d, ok := fake.Acked(g)
		if !ok {
			b.Errorf("%s was not acknowledged: %s", g, fake.Trouble(g))
		}
		took = append(took, float64(d.Microseconds())/1000)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
	b.ReportMetric(took[len(took)-1], "max-ms")
	b.ReportMetric(0, "ns/op")
}
