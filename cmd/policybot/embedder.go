package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"policybot/retrieval"
	"policybot/retrieval/chromem"
	"policybot/retrieval/embed"
	"policybot/retrieval/openai"
	"policybot/retrieval/sqlite"
	"policybot/retrieval/vector"
)

// questionRetries is how often the embedding of a question is tried again: the
// person waits, and words alone find most of it.
const questionRetries = 1

// openai returns the embedder that the environment and the configuration
// describe.
func (a *app) openai() (*openai.Embedder, error) {
	model := a.env("POLICYBOT_EMBED_MODEL")
	if model == "" {
		return nil, &messageError{"embed_model", nil}
	}
	return openai.New(a.openaiOptions(model, a.settings.Embed.Dimensions))
}

func (a *app) openaiOptions(model string, dimensions int) openai.Options {
	return openai.Options{
		APIKey: a.env("OPENAI_API_KEY"), BaseURL: a.env("OPENAI_BASE_URL"), Model: model, Dimensions: dimensions, Batch: a.settings.Embed.Batch,
	}
}

// configured returns the model that the configuration asks for, "" for none.
func (a *app) configured() (string, error) {
	if a.env("POLICYBOT_EMBED_MODEL") == "" {
		return "", nil
	}
	e, err := a.openai()
	if err != nil {
		return "", err
	}
	return e.Model(), nil
}

// again marks the vectors of a model that were embedded anew under its name,
// because it gives others than before.
const again = " again-"

// A renewed embedder is one whose model has changed under its name.
type renewed struct {
	embed.Embedder
	generation int
}

// Model implements embed.Embedder.
func (r renewed) Model() string { return r.Embedder.Model() + again + strconv.Itoa(r.generation) }

// generation splits the name of a collection into that of the model and how
// often it was embedded anew.
func generation(model string) (string, int) {
	name, number, ok := strings.Cut(model, again)
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return model, 0
	}
	return name, n
}

// embedderOf returns the embedder of a model that a collection was built with:
// one that needs nothing, or the model of that name at the configured endpoint.
// Nothing is sent to an endpoint while no model is configured.
func (a *app) embedderOf(model string, retries int) (embed.Embedder, error) {
	name, n := generation(model)
	e, err := a.embedderNamed(name, retries)
	if err != nil {
		return nil, &messageError{"other_model", []any{model}}
	}
	if n > 0 {
		return renewed{e, n}, nil
	}
	return e, nil
}

var errOtherModel = errors.New("another model")

func (a *app) embedderNamed(model string, retries int) (embed.Embedder, error) {
	if h := embed.NewHash(0); h.Model() == model {
		return h, nil
	}
	name, dimensions, ok := openai.ParseModel(model)
	if !ok || a.env("POLICYBOT_EMBED_MODEL") == "" {
		return nil, errOtherModel
	}
	o := a.openaiOptions(name, dimensions)
	o.Retries = retries
	e, err := openai.New(o)
	if err != nil {
		return nil, err
	}
	if e.Model() != model {
		return nil, errOtherModel
	}
	return e, nil
}

// useVectors connects a library with the vectors in its database.
func (a *app) useVectors(lib *retrieval.Library, db *sqlite.DB) {
	lib.UseVectors(retrieval.VectorOptions{
		Store: db, Open: chromem.Open,
		Embedder: func(model string) (embed.Embedder, error) { return a.embedderOf(model, questionRetries) },
	})
}

// remarks tells on standard error what a person should know about the vectors
// before questions are answered. Words go on alone, whatever is wrong with them.
func (a *app) remarks(lib *retrieval.Library) {
	model, err := a.configured()
	if err != nil {
		a.degraded(err)
		return
	}
	active := lib.VectorState().Active
	switch {
	case model == "":
	case active == nil:
		a.complain(a.msg("v_unbuilt", model))
	case active.Weight > 0:
		name, _ := generation(active.Model)
		if _, err := a.embedderOf(active.Model, 0); err == nil && name != model {
			a.complain(a.msg("v_differs", active.Model, model))
		}
	}
}

// degraded tells on standard error that vectors could not be used; of a batch
// only once.
func (a *app) degraded(err error) {
	if err == nil {
		return
	}
	if text := a.msg("degraded", a.explain(err)); text != a.said {
		a.complain(text)
		a.said = text
	}
}

// embedMissing embeds the clauses that came into the library since the active
// collection was built, or builds the first one for the model that is
// configured. That an endpoint does not answer is told and no error: clauses are
// found by their words. The caller holds the lock.
func (a *app) embedMissing(ctx context.Context, lib *retrieval.Library) error {
	state := lib.VectorState()
	if state.Active == nil {
		return a.buildFirst(ctx, lib)
	}
	if state.Active.Weight == 0 || state.Missing == 0 {
		return nil
	}
	c := state.Active
	e, err := a.embedderOf(c.Model, 0)
	if err == nil {
		var built retrieval.Built
		if built, err = lib.BuildVectors(ctx, e, c.Weight, c.Report, nil); err == nil {
			a.complain(a.msg("v_embedded", built.Embedded, built.Reused))
			return nil
		}
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	a.complain(a.msg("v_missing", lib.VectorState().Missing, a.explain(err)))
	return nil
}

// buildFirst builds vectors of the configured model, if there is one.
func (a *app) buildFirst(ctx context.Context, lib *retrieval.Library) error {
	if a.env("POLICYBOT_EMBED_MODEL") == "" {
		return nil
	}
	e, err := a.openai()
	if err == nil {
		err = a.buildMeasured(ctx, a.err, lib, e)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	a.degraded(err)
	return nil
}

// explainEmbedder renders errors of an endpoint.
func (a *app) explainEmbedder(err error) (string, bool) {
	switch {
	case errors.Is(err, retrieval.ErrSlow):
		return a.msg("e_slow"), true
	case errors.Is(err, retrieval.ErrDamaged):
		return a.msg("v_damaged"), true
	case errors.Is(err, retrieval.ErrOtherModel):
		return a.msg("v_other"), true
	}
	if bad, ok := errors.AsType[*vector.Invalid](err); ok && bad.Reason == vector.Dimensions && bad.ID == "" {
		return a.msg("v_other"), true // of a question
	}
	e, ok := errors.AsType[*openai.Error](err)
	if !ok {
		return "", false
	}
	if e.Class == openai.BadOptions {
		return a.msg("e_bad_options", e.Option, e.Detail), true
	}
	detail := e.Detail
	if e.Status != 0 {
		detail = strings.TrimSpace("HTTP " + strconv.Itoa(e.Status) + " " + detail)
	}
	return a.msg("e_"+string(e.Class), e.Model, e.URL, detail), true
}
