package callback_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/sqlite"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecomfake"
)

// BenchmarkAck measures how soon people see that their question has arrived, which is after its row is on the disk: 50
// questions a second over real connections of this machine, each answered meanwhile in a stream that is asked for every
// second. POLICYBOT_ACK is how long, such as 60s; 5 seconds otherwise.
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
	c, err := callback.New(callback.Options{Token: token, Key: aesKey, Name: botName})
	if err != nil {
		b.Fatal(err)
	}
	door := httptest.NewServer(c.Handler())
	defer door.Close()
	idle := &http.Transport{MaxIdleConnsPerHost: 256}
	defer idle.CloseIdleConnections()
	fake, err := wecomfake.New(wecomfake.Options{
		Client: &http.Client{Transport: idle},
		Bot:    wecomfake.BotOptions{Name: botName, Token: token, EncodingAESKey: aesKey, CallbackURL: door.URL + callback.Path, InFlight: -1},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer fake.Close()
	limits := bot.DefaultLimits
	limits.PerUser = 1000
	s, err := bot.NewService(b.Context(), bot.Options{
		Journal: rows, Answerer: &fakeDesk{quick: true}, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh",
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
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	asked := int(lasts.Seconds() * perSecond)
	for n := range asked {
		<-tick.C
		if _, err := fake.Say(wecomfake.Say{User: fmt.Sprint("u", n), Text: fmt.Sprintf("问题 %d", n)}); err != nil {
			b.Fatal(err)
		}
	}
	for range 120 { // not fake.Wait, which would look at every change
		if len(arrivals(fake, asked)) == asked {
			break
		}
		if err := rest(b.Context(), 500*time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
	took := arrivals(fake, asked)
	if len(took) < asked {
		b.Fatalf("%d of %d questions were answered", len(took), asked)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
	b.ReportMetric(took[len(took)-1], "max-ms")
	b.ReportMetric(0, "ns/op")
	quit()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// arrivals are the times, in milliseconds, from a question to the first snapshot of its stream, of those that are finished.
func arrivals(fake *wecomfake.Server, asked int) []float64 {
	var out []float64
	for n := range asked {
		m := fake.Messages(fmt.Sprint("u", n))
		if len(m) == 2 && m[1].Finished {
			out = append(out, float64(m[1].At.Sub(m[0].At).Microseconds())/1000)
		}
	}
	return out
}
