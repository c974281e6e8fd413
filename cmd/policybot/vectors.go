package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"policybot/bot/console"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/embed"
	"policybot/retrieval/sqlite"
	"policybot/retrieval/training"
)

type vectorsCmd struct {
	Status   vectorsStatusCmd   `cmd:"" default:"withargs" help:"现在用的是哪些向量 · which vectors are used"`
	Build    vectorsBuildCmd    `cmd:"" help:"为全部条款计算向量，完成后启用 · embed all clauses, then use the vectors"`
	Rollback vectorsRollbackCmd `cmd:"" help:"换回上一个模型的向量 · go back to the vectors of the model before"`
	Off      vectorsOffCmd      `cmd:"" help:"停用向量，只按词检索 · stop using vectors, search by words alone"`
	Drop     vectorsDropCmd     `cmd:"" help:"删除一个不再使用的模型的向量 · delete the vectors of a model that is no longer used"`
}

type vectorsStatusCmd struct {
	JSON bool `name:"json" help:"输出 JSON · print JSON"`
}

// vectorsStatus is the JSON form of the status.
type vectorsStatus struct {
	Configured string                `json:"configured,omitempty"` // model that the configuration asks for
	Active     *retrieval.Collection `json:"active"`
	Previous   *retrieval.Collection `json:"previous"`
	Clauses    int                   `json:"clauses"`
	Missing    int                   `json:"missing"` // clauses without a vector of the active model
	Problem    string                `json:"problem,omitempty"`
}

// Run prints which vectors are used.
func (c *vectorsStatusCmd) Run(ctx context.Context, a *app) error {
	lib, done, err := a.openVectors(ctx)
	if err != nil {
		return err
	}
	defer done()
	model, err := a.configured()
	if err != nil {
		return err
	}
	state := lib.VectorState()
	s := vectorsStatus{Configured: model, Active: state.Active, Previous: state.Previous, Clauses: lib.Len(), Missing: state.Missing}
	if state.Problem != nil {
		s.Problem = a.explain(state.Problem)
	}
	if c.JSON {
		return a.printJSON(s)
	}
	for _, line := range a.statusLines(s) {
		fmt.Fprintln(a.out, terminal.Clean(line))
	}
	return nil
}

func (a *app) statusLines(s vectorsStatus) []string {
	configured := s.Configured
	if configured == "" {
		configured = a.msg("none")
	}
	lines := []string{a.msg("v_configured", configured)}
	if s.Active == nil {
		return append(lines, a.msg("v_none"))
	}
	if s.Active.Weight == 0 {
		lines = append(lines, a.msg("v_off"))
		if s.Previous != nil {
			lines = append(lines, a.msg("v_previous", s.Previous.Model))
		}
		return lines
	}
	lines = append(lines, a.msg("v_active", s.Active.Model, s.Active.Dimensions, s.Active.Weight, minute(s.Active.BuiltAt)))
	if w := (training.Weight{}); json.Unmarshal([]byte(s.Active.Report), &w) == nil && w.Questions > 0 {
		lines = append(lines, a.msg("v_report", w.Questions, w.Before, w.After, w.Low, w.High))
	}
	lines = append(lines, a.msg("v_clauses", s.Clauses-s.Missing, s.Clauses))
	if s.Previous != nil {
		lines = append(lines, a.msg("v_previous", s.Previous.Model))
	}
	if s.Problem != "" {
		lines = append(lines, a.msg("degraded", s.Problem))
	}
	return lines
}

// minute is a stored time as people read it.
func minute(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	return t.Local().Format("2006-01-02 15:04")
}

// Weights that --weight takes: in units of the best BM25 score, beyond which
// words would count nothing.
const (
	leastWeight = 0.01
	mostWeight  = 10
)

type vectorsBuildCmd struct {
	Embedder string   `default:"openai" enum:"openai,default" help:"openai 按环境变量；default 内置，不需要任何服务 · openai as the environment says; default is built in and needs nothing"`
	Weight   *float64 `help:"向量在排序中的权重；不给则用自带的题目测定 · weight of the vectors in the ranking; measured on built-in questions when not given" placeholder:"NUMBER"`
	Again    bool     `help:"模型换了内容而名称没变时：全部重新计算 · embed everything anew, for a model that has changed under its name"`
}

func (c *vectorsBuildCmd) writes() bool { return true }

// Run embeds what has no vector yet and activates the collection. Vectors that
// do not help are not built, and what was in use stays.
func (c *vectorsBuildCmd) Run(ctx context.Context, a *app) error {
	if c.Weight != nil && !(*c.Weight >= leastWeight && *c.Weight <= mostWeight) {
		return usageError{errors.New(a.msg("weight_bad", *c.Weight))}
	}
	e, err := c.embedder(a)
	if err != nil {
		return err
	}
	return a.change(ctx, func(lib *retrieval.Library, _ *sqlite.DB) error {
		e := c.renew(e, lib.VectorState().Active)
		err := a.enter(ctx, console.DidBuildVectors, e.Model(), func() error { return c.build(ctx, a, lib, e) })
		if errors.Is(err, context.Canceled) {
			return &messageError{name: "interrupted"}
		}
		return err
	})
}

func (c *vectorsBuildCmd) embedder(a *app) (embed.Embedder, error) {
	if c.Embedder == "default" {
		return embed.NewHash(0), nil
	}
	return a.openai()
}

// renew returns e under the name of the active collection's generation, or of
// the next one when everything is to be embedded anew.
func (c *vectorsBuildCmd) renew(e embed.Embedder, active *retrieval.Collection) embed.Embedder {
	n := 0
	if active != nil {
		if name, of := generation(active.Model); name == e.Model() {
			n = of
			if c.Again {
				n++
			}
		}
	}
	if n == 0 {
		return e
	}
	return renewed{e, n}
}

func (c *vectorsBuildCmd) build(ctx context.Context, a *app, lib *retrieval.Library, e embed.Embedder) error {
	if c.Weight == nil {
		return a.buildMeasured(ctx, a.out, lib, e)
	}
	if _, err := e.Embed(ctx, embed.Passage, []string{"政策"}); err != nil { // shows whether the model answers, and how
		return err
	}
	return a.buildVectors(ctx, a.out, lib, e, *c.Weight, "")
}

// buildMeasured measures what the vectors of a model are worth and builds them if
// they are worth anything. If not, what was in use stays; where nothing was, the
// result is kept, so that nobody measures again without being asked to.
func (a *app) buildMeasured(ctx context.Context, out io.Writer, lib *retrieval.Library, e embed.Embedder) error {
	w, err := training.LearnWeight(ctx, e)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, a.msg("v_report", w.Questions, w.Before, w.After, w.Low, w.High))
	report, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if w.Value > 0 {
		return a.buildVectors(ctx, out, lib, e, w.Value, string(report))
	}
	fmt.Fprintln(out, a.msg("v_worthless", e.Model()))
	if active := lib.VectorState().Active; active != nil {
		if active.Weight > 0 {
			fmt.Fprintln(out, a.msg("v_kept", active.Model))
		}
		return nil
	}
	_, err = lib.BuildVectors(ctx, e, 0, string(report), nil)
	return err
}

func (a *app) buildVectors(ctx context.Context, out io.Writer, lib *retrieval.Library, e embed.Embedder, weight float64, report string) error {
	p := terminal.NewProgress(a.err, lib.Len(), terminal.ProgressOptions{})
	at := 0
	built, err := lib.BuildVectors(ctx, e, weight, report, func(done, all int) {
		for ; at < done; at++ {
			p.Step(fmt.Sprintf("%d/%d", done, all))
		}
	})
	p.Done()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, a.msg("v_built", e.Model(), built.Embedded, built.Reused, weight))
	return nil
}

type vectorsRollbackCmd struct{}

func (c *vectorsRollbackCmd) writes() bool { return true }

// Run makes the previous collection the active one.
func (c *vectorsRollbackCmd) Run(ctx context.Context, a *app) error {
	return a.change(ctx, func(lib *retrieval.Library, _ *sqlite.DB) error {
		var active retrieval.Collection
		err := retrieval.ErrNoVectors
		if previous := lib.VectorState().Previous; previous != nil {
			err = a.enter(ctx, console.DidUndoVectors, previous.Model, func() (err error) {
				active, err = lib.RollbackVectors(ctx)
				return err
			})
		}
		if errors.Is(err, retrieval.ErrNoVectors) {
			return &messageError{name: "v_no_previous"}
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, a.msg("v_rolled_back", active.Model))
		if n := lib.VectorState().Missing; n > 0 {
			fmt.Fprintln(a.out, a.msg("v_rebuild", n))
		}
		return nil
	})
}

type vectorsOffCmd struct{}

func (c *vectorsOffCmd) writes() bool { return true }

// noModel is the name of the collection that stands for words alone.
const noModel = "none"

// Run makes searches go by words alone; what was in use can be rolled back to.
func (c *vectorsOffCmd) Run(ctx context.Context, a *app) error {
	return a.change(ctx, func(lib *retrieval.Library, db *sqlite.DB) error {
		if active := lib.VectorState().Active; active != nil && active.Weight > 0 {
			none := retrieval.Collection{Model: noModel, Dimensions: 1, BuiltAt: time.Now().UTC().Format(time.RFC3339Nano)}
			if err := a.enter(ctx, console.DidStopVectors, active.Model, func() error { return db.Activate(ctx, none) }); err != nil {
				return err
			}
		}
		fmt.Fprintln(a.out, a.msg("v_off"))
		return nil
	})
}

type vectorsDropCmd struct {
	Model string `arg:"" help:"模型的完整名称（见 vectors status） · full name of the model (see vectors status)"`
}

func (c *vectorsDropCmd) writes() bool { return true }

// Run deletes the vectors of a model that is neither active nor the previous one.
func (c *vectorsDropCmd) Run(ctx context.Context, a *app) error {
	return a.change(ctx, func(lib *retrieval.Library, db *sqlite.DB) error {
		if err := lib.VectorState().Uses(c.Model); err != nil {
			return &messageError{"v_in_use", []any{c.Model}}
		}
		if err := a.enter(ctx, console.DidDropVectors, c.Model, func() error { return db.DropVectors(ctx, c.Model) }); err != nil {
			return err
		}
		fmt.Fprintln(a.out, a.msg("v_dropped", c.Model))
		return nil
	})
}
