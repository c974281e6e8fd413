package bot_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/retrieval"
	"policybot/retrieval/training"
)

// BenchmarkAsk answers the development questions, one after another: over the
// seeds, and over a made-up library of 100,000 clauses. It reports percentiles.
func BenchmarkAsk(b *testing.B) {
	b.Run("seeds", func(b *testing.B) { benchmarkAsk(b, desk(b)) })
	b.Run("100k", func(b *testing.B) { benchmarkAsk(b, largeDesk(b, 100_000)) })
}

func benchmarkAsk(b *testing.B, d *bot.Desk) {
	questions := developmentQuestions(b)
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if _, err := d.Ask(b.Context(), questions[len(took)%len(questions)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// largeDesk searches n clauses, 40 a document, put together at random from the
// sentences of the training documents: real words in real proportions. The
// documents are of ten cities and have titles of their own.
func largeDesk(b *testing.B, n int) *bot.Desk {
	b.Helper()
	set, err := training.Clauses(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	var sentences []string
	for _, p := range set.Passages {
		for s := range strings.SplitAfterSeq(p.Text, "。") {
			if strings.TrimSpace(s) != "" {
				sentences = append(sentences, s)
			}
		}
	}
	cities := []string{"北京市", "厦门市", "上海市", "深圳市", "天津市", "重庆市", "杭州市", "南京市", "成都市", "武汉市"}
	r := rand.New(rand.NewPCG(1, 2))
	store := retrieval.NewMemory()
	for i := range n / 40 {
		city := cities[i%len(cities)]
		doc := retrieval.Document{
			ID: fmt.Sprint("d", i), Title: fmt.Sprintf("%s产业发展行动计划（第%d号）", city, i), Jurisdiction: city, Kind: retrieval.KindPlan,
			IssuedOn: fmt.Sprint(2010 + i%15), Language: "zh", Source: fmt.Sprint(i, ".txt"),
		}
		var text strings.Builder
		var clauses []retrieval.Clause
		at := 0
		for k := range 40 {
			var own strings.Builder
			for range 1 + r.IntN(5) {
				own.WriteString(sentences[r.IntN(len(sentences))])
			}
			size := utf8.RuneCountInString(own.String())
			like := set.Passages[r.IntN(len(set.Passages))]
			clauses = append(clauses, retrieval.Clause{
				ID: fmt.Sprintf("%s.c%d", doc.ID, k), Path: fmt.Sprint(k + 1), Parents: strings.Split(like.Path, "\n"), Text: own.String(),
				Start: at, End: at + size, Departments: []string{}, Ordinal: k,
			})
			text.WriteString(own.String() + "\n")
			at += size + 1
		}
		if _, err := store.Put(b.Context(), doc, text.String(), clauses); err != nil {
			b.Fatal(err)
		}
	}
	lib := retrieval.New(store, "")
	if err := lib.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	return &bot.Desk{Library: lib}
}
