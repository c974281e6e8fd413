package export

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// exportEnv has the process that runs a benchmark again write a file of this format and end.
const exportEnv = "POLICYBOT_EXPORT_BENCH"

func TestMain(m *testing.M) {
	if f := os.Getenv(exportEnv); f != "" {
		columns, err := Columns("zh")
		if err == nil {
			err = Write(io.Discard, Format(f), columns, manyRows)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// manyRows are 100,000 rows of usual length.
func manyRows(yield func(Row, error) bool) {
	quote := strings.Repeat("对符合条件的企业给予补贴，", 12)
	for n := range 100_000 {
		row := Row{
			ID: fmt.Sprintf("q%07d", n), AcceptedAt: time.Unix(int64(n), 0), Channel: "http", User: strings.Repeat("a", 32), State: "closed",
			Outcome: "answered", Lang: "zh", Mode: "extractive", Label: "extract", Question: fmt.Sprint("补贴有哪些条件？", n), Text: quote + quote + quote,
			Citations: []string{"doc-1.3-4@1", "doc-1.3-5@1", "doc-2.1@1"}, Library: strings.Repeat("f", 64), MsTotal: 12.5, Attempts: 1,
		}
		for range 3 {
			row.Cited = append(row.Cited, Cited{Clause: "doc-1.3-4", Title: "厦门市促进生物医药产业高质量发展若干措施", Number: "厦府办〔2020〕57号", Path: "三/(四)", Quote: quote})
		}
		if !yield(row, nil) {
			return
		}
	}
}

// BenchmarkWrite100k writes them by a process of its own, whose peak of memory it reports.
func BenchmarkWrite100k(b *testing.B) {
	for _, f := range []Format{CSV, JSONL, XLSX} {
		b.Run(string(f), func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), exportEnv+"="+string(f))
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				peak = max(peak, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024)
			}
			b.ReportMetric(peak, "peak-MB")
		})
	}
}
