package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

type measuresApproveCmd struct {
	IDs  []string `arg:"" name:"id" help:"编号 · ids of the measures"`
	With string   `help:"改好的措施（一份措施目录，其中有这个编号） · the corrected measure: a file of measures that has this id" placeholder:"FILE"`
}

func (c *measuresApproveCmd) writes() bool { return true }

// Run approves measures, each by itself.
func (c *measuresApproveCmd) Run(ctx context.Context, a *app) error {
	var with *eligibility.Measure
	if c.With != "" {
		if len(c.IDs) != 1 {
			return usageError{errors.New(a.msg("me_one"))}
		}
		list, err := a.readMeasures(c.With)
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].ID == c.IDs[0] {
				with = &list[i]
			}
		}
		if with == nil {
			return &messageError{"me_without", []any{c.With, c.IDs[0]}}
		}
	}
	detail := ""
	if with != nil {
		detail = accounts.Facts("corrected", "yes")
	}
	return a.decide(ctx, c.IDs, console.DidApprove, detail, func(r *register.Register, id string) (string, error) {
		return a.msg("me_is_approved", id), r.Approve(ctx, id, a.person(), now(), with)
	})
}

type measuresRejectCmd struct {
	IDs    []string `arg:"" name:"id" help:"编号 · ids of the measures"`
	Reason string   `required:"" help:"原因，记入记录 · the reason, for the record" placeholder:"TEXT"`
}

func (c *measuresRejectCmd) writes() bool { return true }

// Run rejects measures, each by itself.
func (c *measuresRejectCmd) Run(ctx context.Context, a *app) error {
	why := strings.Join(strings.Fields(c.Reason), " ")
	if why == "" {
		return usageError{errors.New(a.msg("reason_empty"))}
	}
	detail := accounts.Facts("reason_chars", accounts.Length(why))
	return a.decide(ctx, c.IDs, console.DidReject, detail, func(r *register.Register, id string) (string, error) {
		return a.msg("me_is_rejected", id), r.Reject(ctx, id, a.person(), why, now())
	})
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// decide carries out a decision about each measure, which the audit calls does, and prints what do says of it. A
// measure about which it fails does not keep the others from theirs.
func (a *app) decide(ctx context.Context, ids []string, does, detail string, do func(*register.Register, string) (string, error)) error {
	return a.change(ctx, func(lib *retrieval.Library, db *sqlite.DB) error {
		return a.audited(func(t trail) error {
			return a.decideAll(ctx, ids, func(id string) (said string, err error) {
				err = t.changing(ctx, func(enter accounts.Enter) error {
					said, err = do(&register.Register{Store: db, Library: lib, Before: func(int) error { return enter(does, id, detail) }}, id)
					return err
				})
				return said, err
			})
		})
	})
}

// decideAll carries out a decision about each measure.
func (a *app) decideAll(ctx context.Context, ids []string, do func(id string) (string, error)) error {
	var failed []string
	var last error
	for _, id := range ids {
		said, err := do(id)
		switch {
		case err == nil:
			fmt.Fprintln(a.out, terminal.Clean(said))
			continue
		case ctx.Err() != nil || sqlite.KindOf(err) != "":
			return err
		}
		last = measureError(id, err)
		failed = append(failed, id)
		if len(ids) > 1 {
			fmt.Fprintln(a.out, oneLine(a.msg("me_left", id, a.explain(last))))
		}
	}
	if len(failed) > 0 && len(ids) > 1 {
		return &messageError{"me_failed", []any{len(failed), some(failed)}}
	}
	return last
}

type measuresCheckCmd struct {
	File string `arg:"" help:"措施目录（YAML） · a file of measures"`
}

// Run compares every measure of a file with the texts of the library.
func (c *measuresCheckCmd) Run(ctx context.Context, a *app) error {
	list, err := a.readMeasures(c.File)
	if err != nil {
		return err
	}
	r, done, err := a.register(ctx)
	if err != nil {
		return err
	}
	defer done()
	misfits, err := r.Check(ctx, list)
	if err != nil {
		return err
	}
	for _, misfit := range misfits {
		fmt.Fprintln(a.out, oneLine(misfit.Error()))
	}
	if len(misfits) > 0 {
		return &messageError{"me_misfits", []any{c.File, len(misfits), len(list)}}
	}
	fmt.Fprintln(a.out, terminal.Clean(a.msg("me_fit", c.File, len(list))))
	return nil
}

// readMeasures reads a file of measures that the command line names.
func (a *app) readMeasures(path string) ([]eligibility.Measure, error) {
	f, err := os.Open(a.path(path))
	if err != nil {
		return nil, &messageError{"read_file", []any{path, plain(err)}}
	}
	defer f.Close()
	list, err := eligibility.Read(f, path)
	if at, ok := errors.AsType[*eligibility.FileError](err); ok {
		return nil, &messageError{"measures_bad", []any{at}}
	}
	if err != nil {
		return nil, &messageError{"read_file", []any{path, plain(err)}}
	}
	return list, nil
}

// yamlFile is a file of measures as it is written for editing.
type yamlFile struct {
	Facts    []eligibility.Fact `yaml:"facts,omitempty"`
	Measures []yamlMeasure      `yaml:"measures"`
}

type yamlMeasure struct {
	ID       string           `yaml:"id"`
	Document string           `yaml:"document"`
	Clause   string           `yaml:"clause"`
	Title    eligibility.Text `yaml:"title,flow"`
	Quote    string           `yaml:"quote"`
	Strength string           `yaml:"strength"`
	Criteria []yamlCriterion  `yaml:"criteria"`
}

type yamlCriterion struct {
	Need  string            `yaml:"need"`
	Words string            `yaml:"words"`
	In    string            `yaml:"in,omitempty"`
	Text  *eligibility.Text `yaml:"text,flow,omitempty"`
}

// measureYAML writes a measure as a file that has nothing else.
func measureYAML(m eligibility.Measure) ([]byte, error) {
	out := yamlMeasure{ID: m.ID, Document: m.Document, Clause: m.Path, Title: m.Title, Quote: m.Quote, Strength: m.Strength}
	for _, c := range m.Criteria {
		y := yamlCriterion{Need: c.Need, Words: c.Words, In: c.In}
		if !c.Text.IsZero() {
			y.Text = &c.Text
		}
		out.Criteria = append(out.Criteria, y)
	}
	return yaml.MarshalWithOptions(yamlFile{m.Facts, []yamlMeasure{out}}, yaml.IndentSequence(true), yaml.OmitZero())
}
