package bot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
)

// grows is an answerer that tells of its answer as it grows, a sentence a second.
func grows(ctx context.Context, q bot.Question) error {
	a := bot.Answer{Lang: "zh", Outcome: bot.Answered, Mode: bot.ModeGenerative}
	for _, s := range []string{"第一句。", "第二句。", "第三句。"} {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
		a.Sentences = append(slices.Clone(a.Sentences), bot.Sentence{Text: s})
		if q.Partly != nil {
			q.Partly(a)
		}
	}
	return nil
}

// TestShown: an asker sees an answer grow where the channel can show it, and nothing
// after its end.
func TestShown(t *testing.T) {
	streams := func(r *rig, _ *bot.Options) {
		r.answerer.before, r.channel.caps.Stream = grows, channel.StreamReplace
	}
	snapshots := func(r *rig) []string {
		r.channel.mu.Lock()
		defer r.channel.mu.Unlock()
		return slices.DeleteFunc(slices.Clone(r.channel.steps), func(s string) bool { return !strings.HasPrefix(s, "so far: ") })
	}
	each(t, map[string]func(*testing.T){
		"as it grows": func(t *testing.T) {
			r := start(t, streams)
			id := r.ask(t, asks("U", "P", "问题"))
			time.Sleep(1500 * time.Millisecond)
			if got := snapshots(r); len(got) != 1 || !strings.Contains(got[0], "第一句。") || strings.Contains(got[0], "第二句") {
				t.Errorf("%q", got)
			}
			time.Sleep(time.Minute)
			if got := snapshots(r); len(got) < 2 || !strings.Contains(got[1], "第一句。\n第二句。") {
				t.Errorf("%q", got)
			}
			r.wantTexts(t, id, "没有找到")
			r.stop()
		},
		"not where the channel shows only whole answers": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) { r.answerer.before = grows })
			r.wantTexts(t, func() string {
				id := r.ask(t, asks("U", "P", "问题"))
				time.Sleep(time.Minute)
				return id
			}(), "没有找到")
			if got := snapshots(r); len(got) != 0 {
				t.Errorf("%q", got)
			}
			r.stop()
		},
		"a channel that is slow, fails or panics takes no answer away": func(t *testing.T) {
			for name, update := range map[string]func(context.Context) error{
				"slow":   func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
				"fails":  func(context.Context) error { return errors.New("gone") },
				"panics": func(context.Context) error { panic("update") },
			} {
				r := start(t, func(r *rig, o *bot.Options) {
					streams(r, o)
					r.channel.update = update
				})
				id := r.ask(t, asks("U", "P", "问题"))
				time.Sleep(3100 * time.Millisecond)
				synctest.Wait()
				if len(r.channel.textsOf(id)) != 1 {
					t.Errorf("%s: the answer waits for what was to be shown", name)
				}
				r.stop()
			}
		},
		"a question that is taken back ends at once": func(t *testing.T) {
			ended := make(chan time.Time, 1)
			r := start(t, func(r *rig, _ *bot.Options) {
				r.answerer.before = func(ctx context.Context, _ bot.Question) error {
					<-ctx.Done()
					ended <- time.Now()
					return ctx.Err()
				}
			})
			e := asks("U", "P", "问题")
			r.ask(t, e)
			time.Sleep(time.Second)
			e.Kind, e.DeliveryKey = channel.Deleted, "deleted"
			if _, err := r.channel.give(t, e); err != nil {
				t.Fatal(err)
			}
			at := time.Now()
			if took := (<-ended).Sub(at); took > 100*time.Millisecond {
				t.Errorf("the work went on for %s", took)
			}
			r.stop()
		},
	})
}
