package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"policybot/bot/journal"
	"policybot/bot/sqlite"
)

// searched is how many questions the log has in which searches are measured.
const searched = 100_000

// logged makes a log of them, a part of which have answers that no other has.
func logged(b *testing.B, once float64, bare bool) (*sqlite.DB, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), sqlite.FileName)
	db := open(b, path)
	sqlite.FillLog(b, db, searched, once, bare)
	return db, path
}

// BenchmarkSearch100k lists questions by single filters and by many together, a third of whose answers are
// unlike all others.
func BenchmarkSearch100k(b *testing.B) {
	db, _ := logged(b, 1.0/3, false)
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		q    journal.Query
	}{
		{"all", journal.Query{}},
		{"page of 200 in the middle", journal.Query{Size: 200, Before: searched / 2}},
		{"a day", journal.Query{Since: day, Until: day.AddDate(0, 0, 1)}},
		{"a month", journal.Query{Since: day, Until: day.AddDate(0, 1, 0)}},
		{"outcome", journal.Query{Outcome: "abstained"}},
		{"document", journal.Query{Document: "doc-7"}},
		{"clause", journal.Query{Clause: "doc-7.3"}},
		{"place", journal.Query{Place: "湖里区"}},
		{"bad", journal.Query{Rating: journal.Bad}},
		{"asker", journal.Query{Asker: "user77"}},
		{"often a word", journal.Query{Words: "补贴"}},
		{"rarely a word", journal.Query{Words: "没有这个词"}},
		{"three words", journal.Query{Words: "补贴 r&d 专利"}},
		{"a word in question or answer", journal.Query{Words: "补贴", InAnswer: true}},
		{"no word in question or answer", journal.Query{Words: "没有这个词", InAnswer: true}},
		{"three words in question or answer", journal.Query{Words: "补贴 r&d 专利", InAnswer: true}},
		{"combined", journal.Query{
			Channel: "chat", Lang: "zh", Outcome: "answered", Mode: "extractive", Place: "厦门市", Notice: "undated", Rating: journal.None, Case: journal.None,
			Verdict: journal.None, Masked: journal.No, Duplicates: journal.No, MsFrom: 10, MsTo: 5000, Words: "补贴", InAnswer: true,
		}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			total := 0
			for b.Loop() {
				page, err := db.Search(b.Context(), tt.q)
				must(b, err)
				total = page.Total
			}
			b.ReportMetric(float64(total), "fit")
		})
	}
	for _, tt := range []struct {
		name string
		q    journal.Query
	}{
		{"all", journal.Query{}},
		{"a month", journal.Query{Since: day, Until: day.AddDate(0, 1, 0)}},
		{"combined", journal.Query{Channel: "chat", Place: "厦门市", Words: "补贴", InAnswer: true}},
	} {
		b.Run("figures of "+tt.name, func(b *testing.B) {
			for b.Loop() {
				_, err := db.Figures(b.Context(), tt.q)
				must(b, err)
			}
		})
	}
}

// BenchmarkSearchAnswers100k looks for words where each of the answers is unlike all others.
func BenchmarkSearchAnswers100k(b *testing.B) {
	db, _ := logged(b, 1, false)
	for name, words := range map[string]string{"often": "补贴", "never": "没有这个词"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := db.Search(b.Context(), journal.Query{Words: words, InAnswer: true})
				must(b, err)
			}
		})
	}
}

// BenchmarkFirstOpen100k opens a log from before there were facts, once.
func BenchmarkFirstOpen100k(b *testing.B) {
	db, path := logged(b, 1.0/3, true)
	must(b, db.Close())
	for b.Loop() {
		db, err := sqlite.Open(b.Context(), path, sqlite.Options{})
		must(b, err)
		page, err := db.Search(b.Context(), journal.Query{})
		must(b, err)
		if page.Total != searched {
			b.Fatalf("%d questions", page.Total)
		}
		must(b, db.Close())
	}
}
