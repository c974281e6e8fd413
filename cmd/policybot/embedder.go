package main

import (
	"policybot/retrieval/embed"
	"policybot/retrieval/openai"
)

// openai returns the embedder that the environment describes.
func (a *app) openai() (embed.Embedder, error) {
	model := a.env("POLICYBOT_EMBED_MODEL")
	if model == "" {
		return nil, &messageError{"embed_model", nil}
	}
	return openai.New(openai.Options{APIKey: a.env("OPENAI_API_KEY"), BaseURL: a.env("OPENAI_BASE_URL"), Model: model})
}

// degraded tells on standard error that vectors could not be used.
func (a *app) degraded(err error) {
	if err != nil {
		a.complain(a.msg("degraded", a.explain(err)))
	}
}
