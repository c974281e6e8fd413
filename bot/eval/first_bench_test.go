package eval

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/fakemodel"
	"policybot/bot/generate"
	"policybot/bot/guard"
	"policybot/bot/model"
	"policybot/retrieval/metrics"
)

// A timed model notes how long it took itself until the end of its first line.
type timed struct {
	model.Model
	mu   sync.Mutex
	took map[string]time.Duration // by the question
}

// Stream implements model.Model.
func (m *timed) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	begin, own, noted := time.Now(), time.Duration(0), false
	return m.Model.Stream(ctx, r, func(piece string) error {
		if !noted && strings.Contains(piece, "\n") {
			noted = true
			p, err := fakemodel.Parse(r)
			if err != nil {
				return err
			}
			m.mu.Lock()
			m.took[p.Question] = time.Since(begin) - own
			m.mu.Unlock()
		}
		at := time.Now()
		err := pass(piece)
		own += time.Since(at)
		return err
	})
}

// BenchmarkFirstSentence is what the program itself adds until the first sentence is
// passed on, of a model that writes 50 tokens a second: reading the question, the
// search, the prompt and all checks. One question a core is under way.
func BenchmarkFirstSentence(b *testing.B) {
	d, err := seededDesk()
	if err != nil {
		b.Fatal(err)
	}
	guard.Prepare() // as the service does at its start
	var mu sync.Mutex
	var over []float64
	b.SetParallelism(1) // as many as there are cores
	b.RunParallel(func(next *testing.PB) {
		m := &timed{Model: fakemodel.Trickle(fakemodel.Honest{}, 50), took: map[string]time.Duration{}}
		desk := &bot.Desk{Library: d.Library, Now: d.Now, Measures: d.Measures, Writing: &bot.Writing{Generator: &generate.Generator{Model: m}}}
		for next.Next() {
			const text = "厦门对生物医药企业上市有什么目标？"
			ctx, cancel := context.WithCancel(b.Context())
			begin, first := time.Now(), time.Duration(0)
			q := bot.Question{Text: text, Partly: func(bot.Answer) {
				if first == 0 {
					first = time.Since(begin)
					cancel() // the rest is not measured
				}
			}}
			_, _, _ = desk.Explain(ctx, q)
			cancel()
			if first == 0 {
				b.Error("no sentence was passed on")
				continue
			}
			mu.Lock()
			over = append(over, float64(first-m.took[text])/float64(time.Millisecond))
			mu.Unlock()
		}
	})
	b.ReportMetric(metrics.Percentile(over, 50), "p50-ms")
	b.ReportMetric(metrics.Percentile(over, 99), "p99-ms")
}
