package training_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/embed"
	"policybot/retrieval/training"
	"policybot/retrieval/vector"
)

// largeLibrary is a library of n clauses, put together at random from the
// sentences of the documents that the questions are about: real words in real
// proportions, 40 clauses a document.
func largeLibrary(b *testing.B, n int) ([]retrieval.Passage, []string) {
	b.Helper()
	set, err := training.Clauses(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	var sentences []string
	for _, p := range set.Passages {
		for s := range strings.SplitAfterSeq(p.Text, "。") {
			sentences = append(sentences, s)
		}
	}
	var questions []string
	for _, q := range set.Questions {
		questions = append(questions, q.Text)
	}
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]retrieval.Passage, n)
	for i := range out {
		like := set.Passages[r.IntN(len(set.Passages))]
		var text strings.Builder
		for range 1 + r.IntN(5) {
			text.WriteString(sentences[r.IntN(len(sentences))])
		}
		out[i] = retrieval.Passage{
			ID: fmt.Sprint("clause-", i), Document: fmt.Sprint("document-", i/40), Title: fmt.Sprint(like.Title, i/40), Path: like.Path, Text: text.String(),
		}
	}
	return out, questions
}

// BenchmarkSearch100k searches 100,000 clauses with the ranker: by words alone,
// and with vectors of 1,024 values beside them. It reports milliseconds and the
// most memory that the process ever had, in MB.
func BenchmarkSearch100k(b *testing.B) {
	const clauses, dimensions = 100_000, 1024
	passages, questions := largeLibrary(b, clauses)
	x := training.Index(passages)
	e := embed.NewRandom(dimensions, 1)
	run := func(name string, vectors func() *retrieval.Vectors) {
		b.Run(name, func(b *testing.B) {
			s, err := retrieval.NewSearcher(x, retrieval.DefaultModel(), vectors())
			if err != nil {
				b.Fatal(err)
			}
			var times []float64
			for i := 0; b.Loop(); i++ {
				begin := time.Now()
				if _, err := s.Search(b.Context(), retrieval.Query{Text: questions[i%len(questions)]}, 20); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(begin).Seconds()*1000)
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)/2], "p50-ms")
			b.ReportMetric(times[len(times)*99/100], "p99-ms")
			b.ReportMetric(peakMB(b), "peak-MB")
		})
	}
	run("words", func() *retrieval.Vectors { return nil })
	run("vectors", func() *retrieval.Vectors {
		index, err := vector.NewFlat(randomEntries(b, e, passages), dimensions)
		if err != nil {
			b.Fatal(err)
		}
		return &retrieval.Vectors{Index: index, Embedder: e, Weight: 0.5}
	})
}

func randomEntries(b *testing.B, e embed.Random, passages []retrieval.Passage) []vector.Entry {
	b.Helper()
	entries := make([]vector.Entry, len(passages))
	for i := 0; i < len(passages); i += 1000 {
		var texts []string
		for _, p := range passages[i:min(i+1000, len(passages))] {
			texts = append(texts, p.ID)
		}
		vectors, err := e.Embed(context.Background(), embed.Passage, texts)
		if err != nil {
			b.Fatal(err)
		}
		for j, v := range vectors {
			entries[i+j] = vector.Entry{ID: texts[j], Vector: v}
		}
	}
	return entries
}

// peakMB is the largest resident set that this process has had, 0 where the
// system does not tell.
func peakMB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1000
		}
	}
	return 0
}
