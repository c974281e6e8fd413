package app_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/sqlite"
	"policybot/bot/wecom/app"
	"policybot/bot/wecomfake"
)

// BenchmarkAck measures how soon WeCom is told that a question has arrived, which is after its row is on the disk: 50
// questions a second over real connections of this machine, each answered meanwhile. POLICYBOT_ACK is how long, such as
// 60s; 5 seconds otherwise.
func BenchmarkAck(b *testing.B) {
	for b.Loop() {
		ackBench(b)
	}
}

func ackBench(b *testing.B) {
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
	fake, err := wecomfake.New(wecomfake.Options{Corp: wecomfake.CorpOptions{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, EncodingAESKey: key}})
	if err != nil {
		b.Fatal(err)
	}
	defer fake.Close()
	platform := httptest.NewServer(fake)
	defer platform.Close()
	c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: platform.URL})
	if err != nil {
		b.Fatal(err)
	}
	door := httptest.NewServer(c.Handler())
	defer door.Close()
	fake.SetAppCallback(door.URL + app.Path)
	limits := bot.DefaultLimits
	limits.PerUser = 1000
	s, err := bot.NewService(b.Context(), bot.Options{
		Journal: rows, Answerer: &fakeDesk{asked: map[string]int{}}, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh",
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, quit := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	for tries := 0; c.Health().State != channel.Up; tries++ {
		if tries == 1000 {
			b.Fatalf("the channel is %+v", c.Health())
		}
		<-time.After(10 * time.Millisecond)
	}
	reportAcks(b, fake, int(lasts.Seconds()*perSecond), time.Second/perSecond)
	quit()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// reportAcks asks, and reports how long it took until WeCom was told, in milliseconds.
func reportAcks(b *testing.B, fake *wecomfake.Server, questions int, every time.Duration) {
	b.Helper()
	took := make([]float64, questions)
	var all sync.WaitGroup
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := range questions {
		<-tick.C
		begin := time.Now()
		name, err := fake.AppSay(fmt.Sprint("person-", n%97), fmt.Sprintf("问题 %d", n))
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			ctx, quit := context.WithTimeout(b.Context(), 30*time.Second)
			defer quit()
			if err := fake.Wait(ctx, func() bool { return fake.Acked(name) }); err != nil {
				b.Errorf("%s was not acknowledged: %v, %s", name, err, fake.Trouble(name))
			}
			took[n] = float64(time.Since(begin).Microseconds()) / 1000
		})
	}
	all.Wait()
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
	b.ReportMetric(took[len(took)-1], "max-ms")
	b.ReportMetric(0, "ns/op")
}
