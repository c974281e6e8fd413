package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"policybot/bot/journal"
	"policybot/bot/sqlite"
)

// kilobyte is about the text of a question.
var kilobyte = strings.Repeat("住房公积金提取条件", 38)

// usual makes question n, of one of a thousand users.
func usual(n int) journal.Arrival {
	a := arrival(n, fmt.Sprintf("user%d", n%1000), kilobyte, clock(n))
	a.Question.Quote, a.Question.History, a.Question.Digest = "", nil, strings.Repeat("0", 64)
	a.Question.Profile = nil
	return a
}

func BenchmarkAccept(b *testing.B) {
	db, _ := fresh(b)
	n := 0
	for b.Loop() {
		n++
		_, err := db.Accept(b.Context(), usual(n))
		must(b, err)
	}
}

func BenchmarkLife(b *testing.B) {
	db, _ := fresh(b)
	n := 0
	for b.Loop() {
		n++
		_, err := db.Accept(b.Context(), usual(n))
		must(b, err)
		live(b, db, kilobyte, clock(n))
	}
}

func BenchmarkEntries100k(b *testing.B) {
	db, _ := filled(b, 100_000)
	for b.Loop() {
		n := 0
		for _, err := range db.Entries(b.Context(), journal.Filter{Brief: true}) {
			must(b, err)
			n++
		}
		if n != 100_000 {
			b.Fatalf("%d questions", n)
		}
	}
}

// BenchmarkInbox lists a page of fifty of 100,000 open cases, from the middle on.
func BenchmarkInbox(b *testing.B) {
	const cases = 100_000
	db, _ := fresh(b)
	sqlite.FillCases(b, db, cases)
	for _, bb := range []struct {
		name   string
		filter journal.CaseFilter
		want   int
	}{
		{"open", journal.CaseFilter{State: journal.CaseOpen}, 50},
		{"all", journal.CaseFilter{}, 50},
		{"owner", journal.CaseFilter{State: journal.CaseOpen, Owner: "owner7"}, 50},
		{"owner of any state", journal.CaseFilter{Owner: "owner7"}, 50},
		{"nobody's, newest", journal.CaseFilter{State: journal.CaseOpen, Unowned: true, Newest: true}, 50},
		{"awaiting", journal.CaseFilter{State: journal.CaseOpen, Stage: journal.StageAwaiting}, 50},
		{"awaiting of any state", journal.CaseFilter{Stage: journal.StageAwaiting}, 50},
		{"reason", journal.CaseFilter{State: journal.CaseOpen, Reason: "failed"}, 50},
		{"nothing fits", journal.CaseFilter{State: journal.CaseOpen, Unowned: true, Stage: journal.StageReturned, Reason: "asked"}, 0},
		{"nothing fits in any state", journal.CaseFilter{Unowned: true, Stage: journal.StageReturned, Reason: "asked"}, 0},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.filter.Limit, bb.filter.After = 50, cases/2
			for b.Loop() {
				list, err := db.Inbox(b.Context(), bb.filter)
				must(b, err)
				if len(list) != bb.want {
					b.Fatalf("%d cases, want %d", len(list), bb.want)
				}
			}
		})
	}
	b.Run("Count", func(b *testing.B) {
		for b.Loop() {
			_, err := db.Count(b.Context())
			must(b, err)
		}
	})
}

// BenchmarkMillion measures in a file of a million questions, which it first
// makes: that takes minutes and gigabytes.
func BenchmarkMillion(b *testing.B) {
	const questions = 1_000_000
	db, _ := filled(b, questions)
	n := questions
	b.Run("Accept", func(b *testing.B) {
		for b.Loop() {
			n++
			_, err := db.Accept(b.Context(), usual(n))
			must(b, err)
		}
	})
	b.Run("Life", func(b *testing.B) { // of those that Accept left
		for b.Loop() {
			n++
			_, err := db.Accept(b.Context(), usual(n))
			must(b, err)
			live(b, db, kilobyte, clock(n))
		}
	})
	user := 0
	b.Run("Erase", func(b *testing.B) { // the first one clears the unused bytes of the whole file
		for b.Loop() {
			user++
			e, err := db.Erase(b.Context(), fmt.Sprintf("user%d", user), clock(n))
			must(b, err)
			if e.Questions < questions/1000 {
				b.Fatalf("erased %d questions", e.Questions)
			}
		}
	})
}

// filled makes a file of closed questions of a thousand users.
func filled(b *testing.B, questions int) (*sqlite.DB, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), sqlite.FileName)
	db := open(b, path)
	sqlite.Fill(b, db, questions, usual(0), result(kilobyte, "button of q0", clock(0)))
	return db, path
}
