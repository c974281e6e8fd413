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
	return openai.New(a.openaiOptions(model, a.embed.Dimensions))
}

func (a *app) openaiOptions(model string, dimensions int) openai.Options {
	return openai.Options{
		APIKey: a.env("OPENAI_API_KEY"), BaseURL: a.env("OPENAI_BASE_URL"), Model: model, Dimensions: dimensions, Batch: a.embed.Batch,
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

// embedderOf returns the embedder of a model that a collection was built with:
// one that needs nothing, or the model of that name at the configured endpoint.
func (a *app) embedderOf(model string) (embed.Embedder, error) {
	fields := strings.Fields(model)
	name, dimensions, _ := strings.Cut(strings.TrimPrefix(fields[0], "hash-"), "-")
	if n, err := strconv.Atoi(name); err == nil && dimensions != "" && n > 1 {
		if h := embed.NewHash(n); h.Model() == model {
			return h, nil
		}
	}
	if len(fields) == 4 && fields[0] == "openai" {
		n, _ := strconv.Atoi(fields[2]) // "own" is 0
		o := a.openaiOptions(fields[1], n)
		o.Retries = questionRetries
		if e, err := openai.New(o); err == nil && e.Model() == model {
			return e, nil
		}
	}
	return nil, &messageError{"other_model", []any{model}}
}

// useVectors connects a library with the vectors in its database.
func (a *app) useVectors(lib *retrieval.Library, db *sqlite.DB) {
	lib.UseVectors(retrieval.VectorOptions{Store: db, Embedder: a.embedderOf, Open: chromem.Open})
}

// remarks tells on standard error what a person should know about the vectors
// before questions are answered.
func (a *app) remarks(lib *retrieval.Library) error {
	model, err := a.configured()
	if err != nil || model == "" {
		return err
	}
	switch active := lib.VectorState().Active; {
	case active == nil:
		a.complain(a.msg("v_unbuilt", model))
	case active.Model != model:
		a.complain(a.msg("v_differs", active.Model, model))
	}
	return nil
}

// degraded tells on standard error that vectors could not be used.
func (a *app) degraded(err error) {
	if err != nil {
		a.complain(a.msg("degraded", a.explain(err)))
	}
}

// embedMissing embeds the clauses that came into the library since the active
// collection was built. That an endpoint does not answer is told and no error:
// those clauses are found by their words.
func (a *app) embedMissing(ctx context.Context, lib *retrieval.Library) error {
	state := lib.VectorState()
	if state.Active == nil || state.Active.Weight == 0 || state.Missing == 0 {
		return nil
	}
	c := state.Active
	e, err := a.embedderOf(c.Model)
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

// explainEmbedder renders errors of an endpoint.
func (a *app) explainEmbedder(err error) (string, bool) {
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
