package fakechat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/fakechat"
)

// variants are broken channels and cases that notice it.
var variants = []struct {
	name  string
	spoil func(p *platform, b *broken)
	cases string // names, one a line
}{
	{"acknowledges before it stores", func(_ *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			var stores sync.WaitGroup
			defer stores.Wait()
			return b.Channel.Run(ctx, func(_ context.Context, e channel.Event) (channel.Accepted, error) {
				stores.Go(func() { _, _ = sink(ctx, e) })
				return channel.Accepted{}, nil
			})
		}
	}, "stored/question is stored before it is acknowledged\nstored/a sink that hangs for minutes is not acknowledged\nstored/pressed is stored before it is acknowledged"},
	{"acknowledges what could not be stored", func(_ *platform, b *broken) {
		b.sink = func(next channel.Sink) channel.Sink {
			return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
				a, _ := next(ctx, e)
				return a, nil
			}
		}
	}, "stored/question that cannot be stored is not acknowledged\nstored/a key used for another question is not acknowledged"},
	{"never acknowledges", func(_ *platform, b *broken) {
		b.sink = func(next channel.Sink) channel.Sink {
			return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
				a, err := next(ctx, e)
				return a, errors.Join(err, errors.New("never"))
			}
		}
	}, "stored/question is stored before it is acknowledged"},
	{"takes events on after Run", func(p *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			p.handle(func(_ http.ResponseWriter, r *http.Request) {
				var e struct{ ID, Message, Text string }
				if json.NewDecoder(r.Body).Decode(&e) == nil {
					_, _ = sink(r.Context(), channel.Event{Kind: channel.Question, DeliveryKey: e.ID, ContentKey: e.Message, Text: e.Text})
				}
			})
			return b.Channel.Run(ctx, sink)
		}
	}, "run/takes nothing after its end"},
	{"gives the context's error", func(_ *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			return errors.Join(b.Channel.Run(ctx, sink), ctx.Err())
		}
	}, "run/ends with nil\nrun/ends with nil when the context is over before\nrun/runs again"},
	{"leaks a goroutine", func(p *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			go func() { <-p.closed }()
			return b.Channel.Run(ctx, sink)
		}
	}, "run/leaves no goroutine\nrun/leaves no goroutine after questions"},
	{"leaks a goroutine for each reply", func(p *platform, b *broken) {
		b.update = func(ctx context.Context, r channel.Reply, d channel.Doc) error {
			go func() { <-p.closed }()
			return r.Update(ctx, d)
		}
	}, "run/leaves no goroutine of a reply that was not ended"},
	{"returns while its sink is busy", func(p *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			go func() {
				_ = b.Channel.Run(ctx, func(_ context.Context, e channel.Event) (channel.Accepted, error) {
					return sink(context.Background(), e)
				})
			}()
			<-ctx.Done()
			return nil
		}
	}, "run/lets go of a sink that is busy"},
	{"takes the delivery for the gesture", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.ContentKey = e.DeliveryKey })
	}, "keys/question told twice is one gesture\nkeys/pressed told twice is one gesture\nevent/edited arrives whole\nevent/deleted arrives whole"},
	{"takes the gesture for the delivery", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.DeliveryKey = e.ContentKey })
	}, "keys/question told twice is one gesture\nevent/edited arrives whole"},
	{"takes the words for the gesture", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.ContentKey = e.Place.ID + e.Text })
	}, "keys/the same words twice are two questions"},
	{"takes the second for the gesture", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.ContentKey = fmt.Sprint(e.Place.ID, e.At.Unix()) })
	}, "event/two at once are two\nevent/many at once all arrive"},
	{"makes up keys", func(_ *platform, b *broken) {
		var n atomic.Int64
		b.sink = changed(func(e *channel.Event) { e.DeliveryKey = fmt.Sprint(n.Add(1)) })
	}, "keys/question delivered again has the same keys\nkeys/delivered ten times has the same keys\nstored/question that cannot be stored is not acknowledged"},
	{"counts keys anew after a restart", func(_ *platform, b *broken) {
		keys, born := map[string]string{}, time.Now().String()
		var mu sync.Mutex
		b.sink = changed(func(e *channel.Event) {
			mu.Lock()
			defer mu.Unlock()
			if keys[e.DeliveryKey] == "" {
				keys[e.DeliveryKey] = fmt.Sprint(born, len(keys))
			}
			e.DeliveryKey = keys[e.DeliveryKey]
		})
	}, "keys/a fresh channel gives the same keys"},
	{"drops what comes again", func(_ *platform, b *broken) {
		var seen sync.Map
		b.sink = func(next channel.Sink) channel.Sink {
			return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
				if _, again := seen.LoadOrStore(e.DeliveryKey, true); again {
					return channel.Accepted{}, nil
				}
				return next(ctx, e)
			}
		}
	}, "stored/question that cannot be stored is not acknowledged\nkeys/question delivered again has the same keys"},
	{"takes one question a thread", func(_ *platform, b *broken) {
		var seen sync.Map
		b.sink = func(next channel.Sink) channel.Sink {
			return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
				if _, again := seen.LoadOrStore(e.Place, true); again {
					return channel.Accepted{}, nil
				}
				return next(ctx, e)
			}
		}
	}, "event/two at once are two\nevent/each stays in its thread"},
	{"mixes threads", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Place.Thread = "" })
	}, "event/each stays in its thread"},
	{"mixes places", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Place.ID = "here" })
	}, "event/places are told apart"},
	{"takes a group for a talk between two", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Place.Group = false })
	}, "event/a group is told from a talk between two"},
	{"has no tenants", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Actor.Tenant = "" })
	}, "event/the same id of two tenants is two people"},
	{"gives ids a hash", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Actor.ID = fmt.Sprintf("%x", e.Actor.ID) })
	}, "event/an id in other case is the same person"},
	{"knows nobody", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Actor.ID = "somebody" })
	}, "event/people are told apart"},
	{"cleans what comes in", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Text = strings.Trim(strings.ReplaceAll(e.Text, "\u200b", ""), "*#`") })
	}, "text in/zero width\ntext in/markdown"},
	{"leaves markup in what comes in", handled(func(e map[string]any) {
		if text, ok := e["text"].(string); ok {
			e["text"] = strings.ReplaceAll(text, "&", "&amp;")
		}
	}), "text in/markup\ntext in/mention of all"},
	{"hears bots", handled(func(e map[string]any) { delete(e, "bot") }), "event/other bots are not heard\nevent/the bot does not hear itself"},
	{"takes what nobody signed", handled(func(map[string]any) {}), "garbage/a wrong signature\ngarbage/no signature\ngarbage/a signature of yesterday"},
	{"takes half an event", handled(func(e map[string]any) {
		for _, name := range []string{"id", "user", "place"} {
			if e[name] == "" {
				e[name] = "unknown"
			}
		}
	}), "garbage/an event without an id\ngarbage/an event without a person\ngarbage/an event without a place"},
	{"is dead after garbage", func(p *platform, b *broken) {
		var dead atomic.Bool
		p.handle(func(w http.ResponseWriter, r *http.Request) {
			if dead.Load() {
				http.Error(w, "dead", http.StatusInternalServerError)
				return
			}
			status := &statusWriter{ResponseWriter: w}
			b.Handler().ServeHTTP(status, r)
			dead.Store(status.code >= 400)
		})
	}, "garbage/half of an event\ngarbage/no JSON"},
	{"posts twice", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			receipt, err := r.Finish(ctx, d, as)
			if err == nil && !as.Again {
				time.Sleep(time.Second)
				as.Key += "again"
				_, _ = r.Finish(ctx, d, as)
			}
			return receipt, err
		}
	}, "finish/the label ai is seen\nmany/replies to one place are all shown, in order\ntext out/plain English"},
	{
		"ignores Again", finishing(func(_ *channel.Doc, as *channel.Delivery) { as.Again = false }),
		"again/after success in the same channel shows one\nagain/after hang shows one\nagain/after noise shows one\nagain/a long document after hang shows one",
	},
	{"takes Again for done", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if as.Again {
				return "", nil
			}
			return r.Finish(ctx, d, as)
		}
	}, "again/where nothing had arrived shows one\nagain/after lost shows one\nagain/a long document after hang shows one"},
	{"knows only in memory what it posted", func(_ *platform, b *broken) {
		done := map[string]bool{}
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if done[as.Key] {
				return "", nil
			}
			as.Again = false
			receipt, err := r.Finish(ctx, d, as)
			done[as.Key] = err == nil
			return receipt, err
		}
	}, "again/after success and a restart shows one\nagain/after hang and a restart shows one"},
	{"searches by the words", func(_ *platform, b *broken) {
		done := map[string]bool{}
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if done[d.Text] && as.Again {
				return "", nil
			}
			receipt, err := r.Finish(ctx, d, as)
			done[d.Text] = err == nil
			return receipt, err
		}
	}, "again/of one document does not hide another of the same words"},
	{"tries again by itself", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			receipt, err := r.Finish(ctx, d, as)
			if err == nil {
				return receipt, nil
			}
			time.Sleep(time.Second)
			return r.Finish(ctx, d, as)
		}
	}, "again/after hang shows one\nagain/after noise shows one"},
	{
		"cuts runes in two", func(_ *platform, b *broken) { b.finish = inParts(func(s string) int { return min(len(s), 4000) }) },
		"budget/Chinese without an end\nbudget/a rune across the budget",
	},
	{"cuts sentences in two", func(_ *platform, b *broken) {
		b.finish = inParts(func(s string) int { return len(head(s, 4000)) })
	}, "budget/Chinese sentences\nbudget/English sentences\nbudget/sentences in quotes\nbudget/ten messages"},
	{"exceeds the budget", func(_ *platform, b *broken) { b.caps.Budget = 3500 }, "budget/one byte over the budget\nbudget/one long word\nbudget/ten messages"},
	{"wastes messages", func(_ *platform, b *broken) {
		b.finish = inParts(func(s string) int { return len(head(s, 1000)) })
	}, "budget/exactly the budget\nbudget/one byte less than the budget"},
	{"cuts off what is over the budget", finishing(func(d *channel.Doc, _ *channel.Delivery) {
		d.Text, d.Nodes = head(d.Text, 4000), nil
	}), "budget/one byte over the budget\nbudget/ten messages\ntext out/1 MB"},
	{"turns parts round", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			d.Nodes = nil
			if half := strings.Index(d.Text, "9"); half > 0 {
				d.Text = d.Text[half:] + d.Text[:half]
			}
			return r.Finish(ctx, d, as)
		}
	}, "budget/ten messages"},
	{
		"adds words", finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Text, d.Nodes = "Dear user, "+d.Text, nil }),
		"finish/English is shown once\ntext out/plain Chinese",
	},
	{
		"loses the label", finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Label = "" }),
		"finish/the label ai is seen\nfinish/the label notice is seen\nfinish/a later document follows",
	},
	{"takes what is taken back for a rating", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) {
			if e.Feedback != nil {
				e.Feedback.Withdrawn = false
			}
		})
	}, "event/a rating taken back is told"},
	{"takes each document of a fresh channel for the reply", func(p *platform, b *broken) {
		var mu sync.Mutex
		first := true // of this process
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			mu.Lock()
			defer mu.Unlock()
			if first {
				first = false
				if !p.replied.CompareAndSwap(false, true) { // what a platform takes once for each event
					return "", nil
				}
			}
			return r.Finish(ctx, d, as)
		}
	}, "finish/a later document by a fresh channel follows"},
	{
		"has one label", finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Label = channel.LabelAI }),
		"finish/the label extract is seen\nfinish/the label staff is seen",
	},
	{"shows the label on the first part only", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if len(d.Text) > 4000 {
				d.Nodes = nil
				rest := d
				d.Text, rest.Text, rest.Label = d.Text[:3000], d.Text[3000:], ""
				if _, err := r.Finish(ctx, d, as); err != nil {
					return "", err
				}
				time.Sleep(time.Second)
				as.Key += "b"
				return r.Finish(ctx, rest, as)
			}
			return r.Finish(ctx, d, as)
		}
	}, "budget/one long word\nbudget/English sentences"},
	{"loses the sources", finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Citations = nil }), "finish/parts and sources are seen"},
	{"calls on people", replaced(`\u0026lt;`, `\u003c`, `\u0026gt;`, `\u003e`), "text out/mention of all\ntext out/mention of a person\nfinish/parts and sources are seen"},
	{"shows markup", replaced(`\u0026lt;`, `\u0026amp;lt;`), "text out/markup\ntext out/link"},
	{"puts data into buttons", finishing(func(d *channel.Doc, _ *channel.Delivery) {
		d.Buttons = slices.Clone(d.Buttons)
		for i := range d.Buttons {
			d.Buttons[i].Token += " " + d.Buttons[i].Does + " " + d.ID
		}
	}), "buttons/carry their token and no more\nbuttons/a press gives the token"},
	{
		"loses buttons", finishing(func(d *channel.Doc, _ *channel.Delivery) { d.Buttons = nil }),
		"buttons/as many as there may be\nbuttons/under a long document are seen once",
	},
	{"waits for a default time", failing(func(err error) error {
		if wait, ok := errors.AsType[*channel.WaitError](err); ok {
			wait.After = 2 * time.Second
		}
		return err
	}), "fault/wait is told with the platform's time\nfault/wait of half an hour is told"},
	{"takes wait for a defect", failing(func(err error) error {
		if _, ok := errors.AsType[*channel.WaitError](err); ok {
			return errors.New("too many requests")
		}
		return err
	}), "fault/wait is told with the platform's time"},
	{"takes gone for a defect", failing(func(err error) error {
		if channel.IsGone(err) {
			return errors.New("410")
		}
		return err
	}), "fault/gone is told\nfault/gone in one place leaves the others"},
	{"takes a defect for gone", failing(func(err error) error {
		if err != nil {
			return &channel.GoneError{Reason: err.Error()}
		}
		return nil
	}), "fault/defects of the platform are temporary\nagain/after broken shows one\nfault/a context that is over delivers nothing or one"},
	{"hides failures", failing(func(error) error { return nil }), "fault/gone is told\nfault/defects of the platform are temporary\nfault/slow ends with the context"},
	{"tells the secret in errors", failing(func(err error) error {
		if err != nil {
			return fmt.Errorf("with %s: %w", secret, err)
		}
		return nil
	}), "fault/gone is told\nfault/defects of the platform are temporary"},
	{"tells wait in the middle", func(_ *platform, b *broken) {
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if len(d.Text) <= 4000 || as.Again {
				return r.Finish(ctx, d, as)
			}
			rest := d
			rest.Nodes, rest.Text = nil, d.Text[:3000]
			if _, err := r.Finish(ctx, rest, as); err != nil {
				return "", err
			}
			return "", &channel.WaitError{After: time.Second}
		}
	}, "fault/wait in the middle of a long document loses nothing"},
	{"has no time-outs and forgets the context", tripping(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	}), "fault/slow ends with the context\nfault/slow ends by itself"},
	{"holds its secret in handles", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) {
			e.Reply.Data = slices.Replace(slices.Clone(e.Reply.Data), 0, 1, []byte(`{"secret":"`+secret+`",`)...)
		})
	}, "event/a handle is given and small"},
	{"has large handles", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) {
			e.Reply.Data = append(bytes.Repeat([]byte(" "), 4096), e.Reply.Data...)
		})
	}, "event/a handle is given and small"},
	{"keeps handles in memory", func(_ *platform, b *broken) {
		handles := map[string]channel.Handle{}
		var mu sync.Mutex
		b.sink = changed(func(e *channel.Event) {
			mu.Lock()
			defer mu.Unlock()
			handles[e.DeliveryKey] = e.Reply
			e.Reply = channel.Handle{Data: []byte(e.DeliveryKey)}
		})
		b.begin = func(ctx context.Context, h channel.Handle, id string) (channel.Reply, error) {
			mu.Lock()
			defer mu.Unlock()
			return b.Channel.Begin(ctx, handles[string(h.Data)], id)
		}
	}, "handle/serves a fresh channel"},
	{"replies anywhere to a damaged handle", func(_ *platform, b *broken) {
		b.begin = func(ctx context.Context, h channel.Handle, id string) (channel.Reply, error) {
			if r, err := b.Channel.Begin(ctx, h, id); err == nil {
				return r, nil
			}
			return b.Channel.Begin(ctx, channel.Handle{Data: []byte(`{"place":"room-1"}`)}, id)
		}
	}, "handle/that is damaged does no harm"},
	{"leaves snapshots", func(_ *platform, b *broken) {
		b.update = func(ctx context.Context, _ channel.Reply, d channel.Doc) error {
			time.Sleep(time.Second)
			r, err := b.Channel.Begin(ctx, channel.Handle{Data: []byte(`{"place":"room-1"}`)}, "other")
			return errors.Join(err, r.Update(ctx, d))
		}
	}, "stream/the whole document takes the place of snapshots\nstream/a reply taken up twice is shown once\nabort/leaves no half reply"},
	{"posts snapshots", func(_ *platform, b *broken) {
		b.update = func(ctx context.Context, r channel.Reply, d channel.Doc) error {
			_, err := r.Finish(ctx, d, channel.Delivery{Key: d.Text})
			return err
		}
	}, "stream/the last snapshot is seen\nstream/a shorter document takes the place of a longer snapshot"},
	{"shows no snapshots", func(_ *platform, b *broken) {
		b.update = func(context.Context, channel.Reply, channel.Doc) error { return nil }
	}, "stream/the last snapshot is seen"},
	{"shows the first snapshot", func(_ *platform, b *broken) {
		shown := false
		b.update = func(ctx context.Context, r channel.Reply, d channel.Doc) error {
			if shown {
				return nil
			}
			shown = true
			time.Sleep(time.Second)
			return r.Update(ctx, d)
		}
	}, "stream/the last snapshot is seen"},
	{"gives up after a snapshot failed", func(_ *platform, b *broken) {
		var failed error
		b.update = func(ctx context.Context, r channel.Reply, d channel.Doc) error {
			time.Sleep(time.Second)
			failed = r.Update(ctx, d)
			return failed
		}
		b.finish = func(ctx context.Context, r channel.Reply, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
			if failed != nil {
				return "", failed
			}
			return r.Finish(ctx, d, as)
		}
	}, "stream/a snapshot that fails with broken does no harm\nstream/a snapshot that fails with hang does no harm"},
	{
		"leaves half replies", func(_ *platform, b *broken) { b.abort = func() error { return nil } },
		"abort/leaves no half reply\nabort/by a fresh channel leaves no half reply",
	},
	{"is always up", func(_ *platform, b *broken) {
		b.health = func(channel.Health) channel.Health { return channel.Health{State: channel.Up} }
	}, "health/is known before Run\nhealth/goes down with a reason and up again\nhealth/rights taken back end Run for good"},
	{"is down without a reason", func(_ *platform, b *broken) {
		b.health = func(h channel.Health) channel.Health { h.Reason = ""; return h }
	}, "health/goes down with a reason and up again"},
	{"tells the secret in its health", func(_ *platform, b *broken) {
		b.health = func(h channel.Health) channel.Health {
			if h.State == channel.Down {
				h.Reason += secret
			}
			return h
		}
	}, "health/goes down with a reason and up again"},
	{"gives up when the line is cut", func(p *platform, b *broken) {
		ctx, quit := context.WithCancel(context.Background())
		p.t.Cleanup(quit)
		b.run = func(outer context.Context, sink channel.Sink) error {
			defer context.AfterFunc(outer, quit)()
			return b.Channel.Run(ctx, sink)
		}
		b.health = func(h channel.Health) channel.Health {
			if h.State == channel.Down {
				quit()
			}
			return h
		}
	}, "health/goes down with a reason and up again\nhealth/events arrive after the line was mended"},
	{"tries for ever without rights", func(_ *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			for ctx.Err() == nil {
				if err := b.Channel.Run(ctx, sink); err != nil {
					time.Sleep(time.Minute)
				}
			}
			return nil
		}
	}, "health/rights taken back end Run for good"},
	{"has no delivery keys", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.DeliveryKey = "" })
	}, "event/question arrives whole\nevent/handover arrives whole"},
	{"takes milliseconds for seconds", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.At = time.Unix(e.At.UnixMilli(), 0) })
	}, "event/a mark of time is sane"},
	{"has handles that cannot be stored", func(_ *platform, b *broken) {
		b.sink = changed(func(e *channel.Event) { e.Reply.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) })
	}, "handle/stored and read again is the same\nhandle/serves a fresh channel"},
	{"complains while it is up", func(_ *platform, b *broken) {
		b.health = func(h channel.Health) channel.Health { h.Reason = "was down before"; return h }
	}, "health/is up while Run takes events"},
	{"runs once on a machine", func(p *platform, b *broken) {
		b.run = func(ctx context.Context, sink channel.Sink) error {
			if !p.claimed.CompareAndSwap(nil, b) && p.claimed.Load() != b {
				return errors.New("the port is in use")
			}
			return b.Channel.Run(ctx, sink)
		}
	}, "run/a fresh channel runs"},
	{"changes its caps", func(_ *platform, b *broken) {
		b.sink = changed(func(*channel.Event) { b.growing.Add(1) })
	}, "run/caps are in range and stay"},
}

// TestSuiteBites breaks the channel in one way at a time. The cases named with it, and perhaps others,
// must notice.
func TestSuiteBites(t *testing.T) {
	cases := map[string]channeltest.Case{}
	for _, c := range channeltest.Cases(t, start) {
		cases[c.Name] = c
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			for name := range strings.SplitSeq(v.cases, "\n") {
				c, ok := cases[name]
				if !ok {
					t.Errorf("there is no case %q", name)
					continue
				}
				err := c.Check(t, func(t testing.TB) channeltest.Platform {
					return breaker{newPlatform(t, fakechat.ServerOptions{}, v.spoil)}
				})
				if err == nil {
					t.Errorf("case %q notices nothing", name)
				}
			}
		})
	}
}
