package bot_test

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkAsk answers the development questions over the seeds, one after
// another, and reports percentiles.
func BenchmarkAsk(b *testing.B) {
	d := desk(b)
	questions := developmentQuestions(b)
	var took []time.Duration
	for b.Loop() {
		q := questions[len(took)%len(questions)]
		begin := time.Now()
		if _, err := d.Ask(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
