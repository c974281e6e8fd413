//go:build faultkit

package main

import (
	"context"
	"net/http"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/fakechat"
	"policybot/bot/faults/control"
	"policybot/bot/journal"
)

// extras are what a build for fault tests adds to the service: a clock and an
// answerer that obey a control socket, points at which the process can be made
// to end, and a fake chat platform's channel.
type extras struct {
	channels []channel.Channel
	control  *control.Control
	chat     *fakechat.Channel
}

func startExtras(ctx context.Context, a *app) (*extras, error) {
	x := &extras{}
	if addr := a.env("POLICYBOT_FAULT_CONTROL"); addr != "" {
		c, err := control.Start(context.WithoutCancel(ctx), addr)
		if err != nil {
			return nil, err
		}
		x.control = c
	}
	if base := a.env("POLICYBOT_FAKECHAT_URL"); base != "" {
		c, err := fakechat.New(fakechat.Options{Base: base, Secret: a.env("POLICYBOT_FAKECHAT_SECRET")})
		if err != nil {
			x.close()
			return nil, err
		}
		x.chat, x.channels = c, []channel.Channel{c}
	}
	return x, nil
}

func (x *extras) close() {
	if x.control != nil {
		_ = x.control.Close() // the process ends
	}
}

func (x *extras) now() time.Time { return x.control.Now() }

func (x *extras) routes(mux *http.ServeMux) {
	if x.chat != nil {
		mux.Handle("POST /fakechat/events", x.chat.Handler())
	}
}

func (x *extras) answerer(a bot.Answerer) bot.Answerer { return obedient{a, x.control} }

// obedient answers when the control lets it.
type obedient struct {
	bot.Answerer
	control *control.Control
}

func (o obedient) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	if err := o.control.Before(ctx, q.Text); err != nil {
		return bot.Answer{}, bot.Explanation{}, err
	}
	return o.Answerer.Explain(ctx, q)
}

func (x *extras) journal(j journal.Journal) journal.Journal { return pointed{j, x.control} }

// pointed passes a named point before and after each step of a question.
type pointed struct {
	journal.Journal
	control *control.Control
}

func (p pointed) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	p.control.Point("before-accepted")
	got, err := p.Journal.Accept(ctx, a)
	p.control.Point("after-accepted")
	return got, err
}

func (p pointed) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	c, err := p.Journal.Claim(ctx, o)
	if err == nil {
		p.control.Point("after-claimed")
	}
	return c, err
}

func (p pointed) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	p.control.Point("before-answered")
	err := p.Journal.Complete(ctx, c, r)
	p.control.Point("after-answered")
	return err
}

func (p pointed) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	d, err := p.Journal.Next(ctx, o)
	if err == nil {
		p.control.Point("after-posting")
	}
	return d, err
}

func (p pointed) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	p.control.Point("before-posted")
	err := p.Journal.Posted(ctx, d, at, receipt, pause)
	p.control.Point("after-posted")
	return err
}
