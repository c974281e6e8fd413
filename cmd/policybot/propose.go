package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"policybot/bot/console"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/draft"
	"policybot/bot/eligibility/register"
	"policybot/bot/generate"
	"policybot/bot/model"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/strength"
	"policybot/bot/terminal"
	"policybot/prompts/task"
	"policybot/retrieval"
)

type measuresDraftCmd struct {
	Documents []string `arg:"" name:"document" help:"文件 · documents"`
	Model     bool     `help:"由配置的语言模型起草 · let the configured language model draft"`
}

func (c *measuresDraftCmd) writes() bool { return true }

// Run drafts the measures of documents again. Drafts await review; those that were
// reviewed stay as they are.
func (c *measuresDraftCmd) Run(ctx context.Context, a *app) error {
	w, done, err := c.generator(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	r, closed, err := a.register(ctx)
	if err != nil {
		return err
	}
	defer closed()
	ids, err := a.documentsNamed(ctx, r.Library, c.Documents)
	if err != nil {
		return err
	}
	p := proposal{origin: register.Rules}
	if w != nil {
		p.origin = w.Model.Name()
	}
	for _, id := range ids {
		clauses, err := r.Store.Clauses(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case len(clauses) == 0:
		case w == nil:
			p.measures = append(p.measures, drafter(clauses[0].Document, clauses)...)
		default:
			p.ask(ctx, w, clauses)
		}
		if p.err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.propose(ctx, r, p)
}

// documentsNamed are the ids of documents by their names, each once, in order.
func (a *app) documentsNamed(ctx context.Context, lib *retrieval.Library, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		d, err := a.documentNamed(ctx, lib, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// generator is the one that asks the configured model, with the journal of the data
// folder, if there is one, to enter what it takes; nil for drafts by rules.
func (c *measuresDraftCmd) generator(ctx context.Context, a *app) (*generate.Generator, func(), error) {
	done := func() {}
	if !c.Model {
		return nil, done, nil
	}
	var ledger *journaldb.DB
	db, err := a.openJournal(ctx, true)
	if err == nil {
		db.Close()
		if db, err = a.openJournal(ctx, false); err == nil {
			ledger, done = db, func() { db.Close() }
		}
	}
	if err != nil && !a.isMissing(err) {
		return nil, done, err
	}
	w, err := a.writing(nil, ledger)
	if err == nil && w == nil {
		err = &messageError{"me_no_model", nil}
	}
	if err != nil {
		done()
		return nil, func() {}, err
	}
	return w.Generator, done, nil
}

// A proposal is drafts before they are stored, and how they came about.
type proposal struct {
	origin   string // register.Rules, or the name of the model
	measures []eligibility.Measure
	clauses  int // that the model has read
	unread   int // that it has not, for a reason that may not hold for the next one
	dropped  int // things that the model said
	in, out  int // tokens
	err      error
}

// ask lets a model read the clauses of one document that may offer something. What it
// says of the clauses before a failure counts; p.err is set when it is no use to go on.
func (p *proposal) ask(ctx context.Context, g *generate.Generator, clauses []retrieval.Clause) {
	doc := clauses[0].Document
	m := generate.Reading{Lang: "zh"}
	if doc.Language == "en" {
		m.Lang = "en"
	}
	for _, f := range draft.Forms(doc, m.Lang) {
		m.Facts = append(m.Facts, task.Fact{Need: f.Need, Name: f.Name})
	}
	var said []draft.Offer
	for _, c := range clauses {
		if !offers(c.Text) {
			continue
		}
		m.Clause = c
		list, call, err := g.Measures(ctx, m)
		p.in, p.out, p.dropped = p.in+call.Usage.TokensIn, p.out+call.Usage.TokensOut, p.dropped+call.Dropped
		for _, o := range list {
			said = append(said, claimed(c.ID, o))
		}
		if err == nil {
			p.clauses++
			continue
		}
		p.unread++
		if call.Down() || ctx.Err() != nil {
			p.err = err
			break
		}
	}
	drafts, dropped := draft.FromModel(doc, clauses, said)
	p.measures, p.dropped = append(p.measures, drafts...), p.dropped+dropped
}

// offers reports whether a sentence of a clause may offer something.
func offers(text string) bool {
	return slices.ContainsFunc(strength.Sentences(text), func(f strength.Finding) bool { return f.Strength != strength.None })
}

// claimed is an offer as package draft takes it.
func claimed(clause string, o generate.Offer) draft.Offer {
	out := draft.Offer{Clause: clause, Quote: o.Quote, Title: eligibility.Text{Zh: o.TitleZh, En: o.TitleEn}}
	for _, c := range o.Criteria {
		out.Criteria = append(out.Criteria, draft.Condition{Words: c.Words, Need: c.Need})
	}
	return out
}

// propose stores drafts while nobody else writes, and tells how many there are.
func (a *app) propose(ctx context.Context, r *register.Register, p proposal) error {
	release, err := a.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	var changed int
	err = a.audited(func(t trail) error {
		changed, err = t.measures(ctx, r, console.DidDraft, func(r *register.Register) (int, error) { return r.Draft(ctx, p.measures, p.origin, now()) })
		return err
	})
	if err != nil {
		return err
	}
	n, err := r.Count(ctx)
	if err != nil {
		return err
	}
	lines := []string{a.msg("me_by_rules", len(p.measures), changed, n[register.Draft])}
	if p.origin != register.Rules {
		lines = []string{a.msg("me_by_model", p.origin, p.clauses, len(p.measures), changed, n[register.Draft], p.dropped, p.in, p.out)}
	}
	if p.unread > 0 {
		lines = append(lines, a.msg("me_unread", p.unread))
	}
	for _, l := range lines {
		fmt.Fprintln(a.out, terminal.Clean(l))
	}
	if e, ok := errors.AsType[*model.Error](p.err); ok {
		return e
	}
	return p.err
}
