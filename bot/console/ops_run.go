package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/erasure"
	"policybot/bot/eval"
	"policybot/retrieval"
)

// Where the last two runs of the golden set are kept, and how long one may take.
const (
	runKind   = erasure.RunKind // of attachments
	runLast   = "last"
	runBefore = "before"
	mostRun   = 10 * time.Minute
)

// A goldenJob is the one run of the golden set that may be under way.
type goldenJob struct {
	mu      sync.Mutex
	running bool
	ended   string // how the last one ended: "", done, cancelled, too_long, failed
	done    int
	total   int
	by      string
	cancel  context.CancelFunc
	work    sync.WaitGroup
}

// A jobView is a run under way, or how the last one ended.
type jobView struct {
	Running     bool
	Done, Total int
	By, Ended   string
}

func (j *goldenJob) view() jobView {
	j.mu.Lock()
	defer j.mu.Unlock()
	return jobView{j.running, j.done, j.total, j.by, j.ended}
}

// Close ends what the console does by itself, and waits for it. The console must not be used afterwards.
func (c *Console) Close() {
	c.golden.stop()
	c.golden.work.Wait()
}

// stop ends the run under way.
func (j *goldenJob) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cancel != nil {
		j.cancel()
	}
}

// start begins a run, unless one is under way.
func (j *goldenJob) start(ctx context.Context, by string, total int, do func(context.Context, *goldenJob) error) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, mostRun)
	j.running, j.ended, j.done, j.total, j.by, j.cancel = true, "", 0, total, by, cancel
	j.work.Go(func() {
		defer cancel()
		err := do(ctx, j)
		ended := "done"
		switch {
		case err == nil:
		case ctx.Err() == context.DeadlineExceeded:
			ended = "too_long"
		case ctx.Err() != nil:
			ended = "cancelled"
		default:
			ended = "failed"
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		j.running, j.ended, j.cancel = false, ended, nil
	})
	return true
}

func (j *goldenJob) step() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done++
}

// A storedRun is a run as it is kept.
type storedRun struct {
	At      time.Time       `json:"at"`
	By      string          `json:"by"`
	Program string          `json:"program"`
	Library string          `json:"library"` // fingerprint
	Report  json.RawMessage `json:"report"`  // an eval.Report
}

// startRun runs the golden set against the answerer of this process, one run at a time. Answers are quoted, not
// written by a model: a run costs nothing, and its figures do not depend on chance.
func (c *Console) startRun(w http.ResponseWriter, r *http.Request) error {
	questions, err := c.goldenSet(r.Context())
	if err != nil {
		return err
	}
	if len(questions) == 0 {
		return problem(http.StatusUnprocessableEntity, "ops.golden_empty")
	}
	busy := problem(http.StatusConflict, "ops.run_busy")
	if c.golden.view().Running {
		return busy
	}
	who := by(r).Name
	err = c.change(r, didRunGolden, "golden", accounts.Facts("count", strconv.Itoa(len(questions))), func(ctx context.Context) error {
		began := c.golden.start(ctx, who, len(questions), func(ctx context.Context, j *goldenJob) error {
			err := c.run(ctx, j, who, questions)
			if err != nil && ctx.Err() == nil {
				c.Log.Error("a run of the golden set failed", "error", err)
			}
			return err
		})
		if !began {
			return busy
		}
		return nil
	})
	if err != nil {
		return err
	}
	return seeOther(w, r, "/ops/golden?done=run_started")
}

// run asks all golden questions and keeps the report, and the one before.
func (c *Console) run(ctx context.Context, j *goldenJob, who string, questions []eval.Question) error {
	desk := &bot.Desk{Library: c.Library, Now: c.Desk.Now, Measures: c.Desk.Measures}
	search := func(ctx context.Context, q bot.Question, k int) ([]retrieval.Clause, error) {
		found, err := desk.Search(ctx, q, k)
		var out []retrieval.Clause
		for _, h := range found.Hits {
			out = append(out, h.Clause)
		}
		return out, err
	}
	report, err := eval.Run(ctx, questions, desk.Explain, search, func(eval.Verdict) { j.step() })
	if err != nil {
		return err
	}
	left, err := c.goldenSet(ctx)
	if err != nil {
		return err
	}
	report.Verdicts = slices.DeleteFunc(report.Verdicts, func(v eval.Verdict) bool { // whose asker was erased meanwhile
		return !slices.ContainsFunc(left, func(q eval.Question) bool { return q.ID == v.ID })
	})
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	data, err := json.Marshal(storedRun{c.moment(), who, c.Version, c.Library.Revision(), text})
	if err != nil {
		return err
	}
	list := []retrieval.Attachment{{Kind: runKind, ID: runLast, Data: data}}
	held, err := c.Store.Attachments(ctx, runKind)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(held, func(a retrieval.Attachment) bool { return a.ID == runLast }); i >= 0 {
		list = append(list, retrieval.Attachment{Kind: runKind, ID: runBefore, Data: held[i].Data})
	}
	return c.Store.PutAttachments(ctx, list...)
}

// cancelRun ends the run under way; nothing of it is kept.
func (c *Console) cancelRun(w http.ResponseWriter, r *http.Request) error {
	if c.golden.view().Running {
		err := c.change(r, didCancelRun, "golden", "", func(context.Context) error {
			c.golden.stop()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return seeOther(w, r, "/ops/golden?done=run_cancelled")
}

// A runView is the last run beside the one before.
type runView struct {
	At, By, Before string
	SameLibrary    bool
	Figures        []runFigure
	Lines          []runLine
	Changed        int
}

// A runFigure is one figure of both runs.
type runFigure struct{ Name, Now, Before string }

// A runLine is one question in both runs.
type runLine struct {
	ID, Text, Expect string
	Now, Before      *runStatus
	Changed          bool
}

// A runStatus is what came of a question.
type runStatus struct {
	Outcome string
	Rank    int // of the best right clause; 0: not among the first Depth
	Ranked  bool
	Cited   bool
	Passed  bool
}

// lastRun is the last run that was kept, nil where there is none.
func (c *Console) lastRun(ctx context.Context, v View) (*runView, error) {
	if c.Store == nil {
		return nil, nil
	}
	held, err := c.Store.Attachments(ctx, runKind)
	if err != nil {
		return nil, err
	}
	runs := map[string]storedRun{}
	reports := map[string][]eval.Verdict{}
	for _, a := range held {
		var one storedRun
		if err := json.Unmarshal(a.Data, &one); err != nil {
			return nil, fmt.Errorf("run of the golden set: %w", err)
		}
		report, err := eval.ReadAnswers(bytes.NewReader(one.Report))
		if err != nil {
			return nil, fmt.Errorf("run of the golden set: %w", err)
		}
		runs[a.ID], reports[a.ID] = one, report.Verdicts
	}
	last, ok := runs[runLast]
	if !ok {
		return nil, nil
	}
	out := &runView{At: v.Time(last.At), By: last.By}
	before, compared := runs[runBefore]
	if compared {
		out.Before, out.SameLibrary = v.Time(before.At), before.Library == last.Library
	}
	out.compare(v, reports[runLast], reports[runBefore], compared)
	return out, nil
}

// compare sets two runs side by side.
func (o *runView) compare(v View, now, before []eval.Verdict, compared bool) {
	earlier := map[string]*runStatus{}
	for _, one := range before {
		earlier[one.ID] = statusOf(one)
	}
	var nows, befores []*runStatus
	for _, one := range now {
		line := runLine{ID: one.ID, Text: one.Question, Expect: one.Expect, Now: statusOf(one), Before: earlier[one.ID]}
		line.Changed = compared && (line.Before == nil || *line.Before != *line.Now)
		if line.Changed {
			o.Changed++
		}
		nows = append(nows, line.Now)
		o.Lines = append(o.Lines, line)
	}
	for _, one := range before {
		befores = append(befores, earlier[one.ID])
	}
	slices.SortStableFunc(o.Lines, func(a, b runLine) int { return oneIf(b.Changed) - oneIf(a.Changed) })
	for _, f := range []struct {
		name string
		hit  func(*runStatus) (hit, counts bool)
	}{
		{"passed", func(s *runStatus) (bool, bool) { return s.Passed, true }},
		{"cited", func(s *runStatus) (bool, bool) { return s.Cited, s.Ranked }},
		{"first", func(s *runStatus) (bool, bool) { return s.Rank == 1, s.Ranked }},
		{"five", func(s *runStatus) (bool, bool) { return s.Rank > 0 && s.Rank <= 5, s.Ranked }},
	} {
		line := runFigure{Name: v.T("ops.run." + f.name), Now: shareOf(nows, f.hit)}
		if compared {
			line.Before = shareOf(befores, f.hit)
		}
		o.Figures = append(o.Figures, line)
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// statusOf is what came of a question.
func statusOf(v eval.Verdict) *runStatus {
	s := &runStatus{Outcome: v.Outcome, Cited: v.CitationHit, Passed: v.Passed, Ranked: len(v.Golds) > 0}
	for _, g := range v.Golds {
		if g.Rank > 0 && (s.Rank == 0 || g.Rank < s.Rank) {
			s.Rank = g.Rank
		}
	}
	return s
}

// shareOf counts the questions of a run that have something, of those that can.
func shareOf(list []*runStatus, hit func(*runStatus) (hit, counts bool)) string {
	hits, of := 0, 0
	for _, s := range list {
		is, counts := hit(s)
		if counts {
			of++
			hits += oneIf(is && counts)
		}
	}
	return strconv.Itoa(hits) + " / " + strconv.Itoa(of)
}
