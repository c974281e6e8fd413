package fakechat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/fakechat"
)

// A broken channel does what the good one does, but for what is set.
type broken struct {
	*fakechat.Channel
	run    func(ctx context.Context, sink channel.Sink) error
	sink   func(next channel.Sink) channel.Sink
	begin  func(ctx context.Context, h channel.Handle, id string) (channel.Reply, error)
	finish func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error)
	update func(ctx context.Context, r channel.Reply, d channel.Doc) error
	abort  func() error
	health func(h channel.Health) channel.Health
	caps   channel.Caps
	// growing is added to Caps.Buttons.
	growing atomic.Int64
}

func (b *broken) Caps() channel.Caps {
	c := b.caps
	c.Buttons += int(b.growing.Load())
	return c
}

func (b *broken) Run(ctx context.Context, sink channel.Sink) error {
	if b.sink != nil {
		sink = b.sink(sink)
	}
	if b.run != nil {
		return b.run(ctx, sink)
	}
	return b.Channel.Run(ctx, sink)
}

func (b *broken) Begin(ctx context.Context, h channel.Handle, id string) (channel.Reply, error) {
	begin := b.Channel.Begin
	if b.begin != nil {
		begin = b.begin
	}
	r, err := begin(ctx, h, id)
	if err != nil {
		return nil, err
	}
	return brokenReply{r, b}, nil
}

func (b *broken) Health() channel.Health {
	h := b.Channel.Health()
	if b.health != nil {
		return b.health(h)
	}
	return h
}

type brokenReply struct {
	channel.Reply
	b *broken
}

func (r brokenReply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	if r.b.finish != nil {
		return r.b.finish(ctx, r.Reply, d, as)
	}
	return r.Reply.Finish(ctx, d, as)
}

func (r brokenReply) Update(ctx context.Context, d channel.Doc) error {
	if r.b.update != nil {
		return r.b.update(ctx, r.Reply, d)
	}
	return r.Reply.Update(ctx, d)
}

func (r brokenReply) Abort(ctx context.Context, why string) error {
	if r.b.abort != nil {
		return r.b.abort()
	}
	return r.Reply.Abort(ctx, why)
}

// changed is a sink that gets events changed.
func changed(change func(e *channel.Event)) func(channel.Sink) channel.Sink {
	return func(next channel.Sink) channel.Sink {
		return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
			change(&e)
			return next(ctx, e)
		}
	}
}

// finishing is a broken Finish that changes what it is given.
func finishing(change func(d *channel.Doc, as *channel.Delivery)) func(*platform, *broken) {
	return func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			change(&d, &as)
			return r.Finish(ctx, d, as)
		}
	}
}

// failing is a broken Finish that changes its error.
func failing(change func(error) error) func(*platform, *broken) {
	return func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			receipt, err := r.Finish(ctx, d, as)
			return receipt, change(err)
		}
	}
}

// tripping is a broken client of the platform.
func tripping(change func(next http.RoundTripper, r *http.Request) (*http.Response, error)) func(*platform, *broken) {
	return func(p *platform, b *broken) {
		client := &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) { return change(p.client.Transport, r) })}
		c, err := fakechat.New(fakechat.Options{Base: p.api, Secret: secret, Client: client})
		if err != nil {
			p.t.Error(err)
			return
		}
		p.taking.Store(c)
		b.Channel = c
	}
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// replaced is a client that changes what it sends.
func replaced(pairs ...string) func(*platform, *broken) {
	return tripping(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Body == nil {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = []byte(strings.NewReplacer(pairs...).Replace(string(body)))
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return next.RoundTrip(r)
	})
}

// handled is a broken way of taking deliveries; it signs again what it changed.
func handled(change func(e map[string]any)) func(*platform, *broken) {
	return func(p *platform, b *broken) {
		p.handle(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			e := map[string]any{}
			if err == nil && json.Unmarshal(body, &e) == nil {
				change(e)
				body, _ = json.Marshal(e)
			}
			fakechat.Sign(r, body, secret, "")
			r.Body = io.NopCloser(bytes.NewReader(body))
			b.Handler().ServeHTTP(w, r)
		})
	}
}

// inParts is a broken Finish that cuts by itself, where at says.
func inParts(at func(s string) int) func(context.Context, channel.Reply, channel.Doc, channel.Delivery) (channel.Receipt, error) {
	return func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
		rest, key := d.Text, as.Key
		for i := 0; rest != ""; i++ {
			n := at(rest)
			d.Text, d.Nodes, as.Key = rest[:n], nil, fmt.Sprint(key, "/", i)
			if _, err := r.Finish(ctx, d, as); err != nil {
				return "", err
			}
			rest = rest[n:]
			time.Sleep(time.Second)
		}
		return "", nil
	}
}

// head is the start of a text, at most n bytes and whole runes.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}
