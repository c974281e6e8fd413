package slack

import (
	"context"

	"policybot/bot/channel"
	"policybot/bot/slack/views"
)

// An Office is what the surfaces beside the conversation are made of: modals, the home tab, the slash command.
// A function that is nil stands for what there is not; people are told so. The functions must return soon:
// Slack waits three seconds. lang is zh or en.
type Office struct {
	// Lang is the language a person has chosen, or that their texts are in; "" where nothing is known.
	Lang func(ctx context.Context, who channel.Actor) string
	// SetLang chooses it.
	SetLang func(ctx context.Context, who channel.Actor, lang string) error
	// Home is what a person's home tab shows.
	Home func(ctx context.Context, who channel.Actor, lang string) (views.HomeData, error)
	// Forget forgets what is kept of a person's organisation and conversations for eligibility.
	Forget func(ctx context.Context, who channel.Actor) error
	// Clause is one clause with its neighbours. quote is a span of code points, "start-end", or "".
	Clause func(ctx context.Context, id, quote, lang string) (views.ClauseData, error)
	// Search finds clauses without answering.
	Search func(ctx context.Context, query, lang string) ([]views.Hit, error)
	// Fields is the form of eligibility with the question that it is asked with.
	Fields func(ctx context.Context, lang string) (fields []views.Field, question string, err error)
	// Draft drafts a formal reply to a message, for the staff.
	Draft func(ctx context.Context, text, lang string) (views.DraftData, error)
	// Case is what a person of the staff needs to reply to the case that a button stands for.
	Case func(ctx context.Context, token string, by channel.Actor) (data views.CaseData, lang string, err error)
	// Respond sends a reply to a case, once. Problems tell what is wrong with the text; nothing was sent then.
	Respond func(ctx context.Context, token string, by channel.Actor, text string) (problems []string, err error)
}
