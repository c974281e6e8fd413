package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
)

// BenchmarkExport100k exports 100,000 answered questions, with answers and evidence as the seeds
// give them, by a process of its own, whose peak of memory it reports.
func BenchmarkExport100k(b *testing.B) {
	const questions = 100_000
	data := filledJournal(b, questions)
	for _, format := range []string{"jsonl", "csv"} {
		b.Run(format, func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				cmd := exec.Command(os.Args[0], "--data", data, "log", "export", "--format", format)
				cmd.Env = append(os.Environ(), programEnv+"=1")
				cmd.Stdout = io.Discard
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				peak = max(peak, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024)
			}
			b.ReportMetric(peak, "peak-MB")
			b.ReportMetric(float64(questions*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// filledJournal makes a data folder with so many closed questions.
func filledJournal(b *testing.B, questions int) string {
	b.Helper()
	dir := seeded(b)
	desk, done, err := (&app{data: dir, env: func(string) string { return "" }}).desk(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	answer, why, err := desk.Explain(b.Context(), bot.Question{ID: "q", Text: "厦门对生物医药企业上市有什么目标？"})
	if err != nil {
		b.Fatal(err)
	}
	done()
	answerJSON, _ := json.Marshal(answer)
	record, _ := json.Marshal(bot.NewRecord(answer, why))
	db, err := journaldb.Open(b.Context(), filepath.Join(dir, journaldb.FileName), journaldb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for n := range questions {
		key := fmt.Sprint(n)
		_, err := db.Accept(b.Context(), journal.Arrival{
			Question:    journal.Question{ID: "a-" + key, Channel: "http", User: "u" + key, Dialogue: "d" + key, Text: answer.Question, AskedAt: at, AcceptedAt: at},
			DeliveryKey: key, ContentKey: key,
		})
		if err != nil {
			b.Fatal(err)
		}
		c, err := db.Claim(b.Context(), journal.ClaimOptions{Now: at, Until: at.Add(time.Minute)})
		if err != nil {
			b.Fatal(err)
		}
		r := journal.Result{Outcome: answer.Outcome, Answer: answerJSON, Record: record, Doc: channel.Doc{ID: "a-" + key, Text: answer.Text}, At: at}
		if err := db.Complete(b.Context(), c, r); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d questions, answers of %d bytes, records of %d bytes", questions, len(answerJSON), len(record))
	return dir
}
