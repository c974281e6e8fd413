package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"policybot/retrieval/metrics"
)

// options are the flags.
type options struct {
	corpus, queries, qrels, engines string
	cpus, k, rounds                 int
	phase, folder                   string // of a process that measures
}

// A result is what the two processes of an engine measured.
type result struct {
	Engine               string
	Rate                 float64 // clauses a second
	Stored, Heap, RSS    float64 // MB
	Open, P50, P99       float64 // ms
	Recall10, R100, NDCG float64
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.StringVar(&o.corpus, "corpus", "", "clauses, a line of JSON each; empty for a synthetic corpus")
	flags.StringVar(&o.queries, "queries", "", "queries, a line of JSON each")
	flags.StringVar(&o.qrels, "qrels", "", "judgements: qid, id and grade, separated by tabs")
	flags.StringVar(&o.engines, "engines", "policybot,bleve,fts5", "engines to measure")
	flags.IntVar(&o.cpus, "cpus", 1, "processors to use")
	flags.IntVar(&o.k, "k", 100, "hits a query")
	flags.IntVar(&o.rounds, "rounds", 3, "times to ask each query; the fastest counts")
	flags.StringVar(&o.phase, "phase", "", "used by the program itself")
	flags.StringVar(&o.folder, "folder", "", "used by the program itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.corpus != "" && o.queries == "" {
		return fmt.Errorf("-corpus needs -queries")
	}
	if o.phase != "" {
		r, err := o.measure()
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(r)
	}
	var results []result
	for name := range strings.SplitSeq(o.engines, ",") {
		r, err := o.both(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results = append(results, r)
	}
	return o.print(out, results)
}

// both runs the two processes of an engine.
func (o options) both(name string) (result, error) {
	folder, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(folder)
	var r result
	for _, phase := range []string{"build", "search"} {
		self, err := os.Executable()
		if err != nil {
			return r, err
		}
		c := exec.Command(self, "-corpus", o.corpus, "-queries", o.queries, "-qrels", o.qrels, "-engines", name,
			"-k", strconv.Itoa(o.k), "-rounds", strconv.Itoa(o.rounds), "-phase", phase, "-folder", folder)
		c.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(o.cpus))
		c.Stderr = os.Stderr
		out, err := c.Output()
		if err != nil {
			return r, fmt.Errorf("%s: %w", phase, err)
		}
		if err := json.Unmarshal(out, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// measure does the work of one process.
func (o options) measure() (any, error) {
	b, err := load(o.corpus, o.queries, o.qrels)
	if err != nil {
		return nil, err
	}
	for _, e := range engines {
		if e.name == o.engines {
			if o.phase == "build" {
				return o.measureBuild(e, b)
			}
			return o.measureSearch(e, b)
		}
	}
	return nil, fmt.Errorf("no such engine")
}

func (o options) measureBuild(e engine, b *bench) (any, error) {
	runtime.GC()
	start := time.Now()
	if err := e.build(o.folder, b.clauses); err != nil {
		return nil, err
	}
	took := time.Since(start)
	return map[string]any{
		"Engine": e.name,
		"Rate":   float64(len(b.clauses)) / took.Seconds(),
		"Stored": float64(size(o.folder)) / 1e6,
	}, nil
}

func (o options) measureSearch(e engine, b *bench) (any, error) {
	ids := make([]string, len(b.clauses))
	for i, c := range b.clauses {
		ids[i] = strings.Clone(c.ID)
	}
	b.clauses = nil
	before := heap()
	start := time.Now()
	x, err := e.open(o.folder)
	if err != nil {
		return nil, err
	}
	if _, err := x.search(b.queries[0].Text, o.k); err != nil {
		return nil, err
	}
	open := milliseconds(time.Since(start))
	times, rankings, err := o.ask(x, b, ids)
	if err != nil {
		return nil, err
	}
	r := map[string]any{
		"Open": open, "P50": metrics.Percentile(times, 50), "P99": metrics.Percentile(times, 99),
		"Recall10": metrics.Recall(rankings, 10), "R100": metrics.Recall(rankings, 100), "NDCG": metrics.NDCG(rankings, 10),
	}
	rankings, times = nil, nil
	r["Heap"] = max(0, heap()-before)
	r["RSS"] = resident()
	runtime.KeepAlive(x)
	return r, nil
}

// ask asks all queries, rounds times over, and returns for each the fastest
// time in milliseconds and what was found.
func (o options) ask(x searcher, b *bench, ids []string) ([]float64, []metrics.Ranking, error) {
	times := make([]float64, len(b.queries))
	rankings := make([]metrics.Ranking, len(b.queries))
	for round := range max(1, o.rounds) {
		for i, q := range b.queries {
			start := time.Now()
			units, err := x.search(q.Text, o.k)
			if err != nil {
				return nil, nil, err
			}
			if took := milliseconds(time.Since(start)); round == 0 || took < times[i] {
				times[i] = took
			}
			rankings[i] = metrics.Ranking{Relevant: b.qrels[q.ID]}
			for _, u := range units {
				rankings[i].Ranked = append(rankings[i].Ranked, ids[u])
			}
		}
	}
	return times, rankings, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// heap returns the live heap in MB, after returning the rest to the system.
func heap() float64 {
	runtime.GC() // empties pools, in two steps
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// resident returns the resident memory in MB, 0 where it is not known.
func resident() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	f := strings.Fields(rest)
	if len(f) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(f[0], 64)
	return kb * 1024 / 1e6
}

// size returns the size of all files in a folder.
func size(folder string) (n int64) {
	filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return nil
	})
	return n
}

func (o options) print(out io.Writer, results []result) error {
	b, err := load(o.corpus, o.queries, o.qrels)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d clauses, %d queries, k %d, %d of %d processors, %s %s/%s\n\n",
		len(b.clauses), len(b.queries), o.k, o.cpus, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(out, "engine     clauses/s  stored MB  open ms   p50 ms   p99 ms  heap MB   RSS MB    R@10   R@100  nDCG@10")
	for _, r := range results {
		fmt.Fprintf(out, "%-9s  %9.0f  %9.1f  %7.1f  %7.2f  %7.2f  %7.1f  %7.1f", r.Engine, r.Rate, r.Stored, r.Open, r.P50, r.P99, r.Heap, r.RSS)
		if len(b.qrels) > 0 {
			fmt.Fprintf(out, "  %6.3f  %6.3f  %7.3f", r.Recall10, r.R100, r.NDCG)
		}
		fmt.Fprintln(out)
	}
	return nil
}
