//go:build !faultkit

package main

import (
	"context"
	"net/http"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
)

// extras are what a build for tests adds to the service: nothing in this one.
type extras struct{ channels []channel.Channel }

func startExtras(context.Context, *app) (*extras, error) { return &extras{}, nil }

func (*extras) close()                                    {}
func (*extras) now() time.Time                            { return time.Now() }
func (*extras) routes(*http.ServeMux)                     {}
func (*extras) answerer(a bot.Answerer) bot.Answerer      { return a }
func (*extras) journal(j journal.Journal) journal.Journal { return j }
