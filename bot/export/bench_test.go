package export

import (
	"fmt"
	"io"
	"math/rand/v2"
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
	words := strings.Split("补贴 企业 上市 奖励 申请 条件 材料 期限 高新技术 人才 住房 研发 费用 加计 扣除 减免 园区 租金 贷款 贴息", " ")
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 100_000 {
		quote := ""
		for range 60 {
			quote += words[r.IntN(len(words))]
		}
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

// BenchmarkWrite100k writes them by a process of its own, whose peak of memory and time on a
// processor it reports.
func BenchmarkWrite100k(b *testing.B) {
	for _, f := range []Format{CSV, JSONL, XLSX} {
		b.Run(string(f), func(b *testing.B) {
			peak, busy := 0.0, time.Duration(0)
			for b.Loop() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), exportEnv+"="+string(f))
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				busy += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				peak = max(peak, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024)
			}
			b.ReportMetric(peak, "peak-MB")
			b.ReportMetric(busy.Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}
