package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
)

// ops are the people who run the service.
type ops struct {
	mu     sync.Mutex
	begin  time.Time
	told   []bot.Alert
	after  []time.Duration                          // since the start, each of told
	before func(ctx context.Context, try int) error // nil: nothing
	tried  atomic.Int64
}

func (o *ops) tell(ctx context.Context, a bot.Alert) error {
	try := o.tried.Add(1)
	o.mu.Lock()
	before := o.before
	o.mu.Unlock()
	if before != nil {
		if err := before(ctx, int(try)); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told, o.after = append(o.told, a), append(o.after, time.Since(o.begin))
	return nil
}

// all is what was told so far, and when.
func (o *ops) all() ([]bot.Alert, []time.Duration) {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.told), slices.Clone(o.after)
}

// failing has telling done by do first.
func (o *ops) failing(do func(ctx context.Context, try int) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before = do
}

// want checks what was told: what it is about, and + where it is good again, with words that it has.
func (o *ops) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.told) != len(want) {
		t.Fatalf("told %+v at %v, want %q", o.told, o.after, want)
	}
	for i, a := range o.told {
		about, words, _ := strings.Cut(want[i], ": ")
		if about != a.About+map[bool]string{true: "+"}[a.Good] || !strings.Contains(a.Text, words) || strings.Contains(a.Text, "\n") {
			t.Errorf("alert %d is %+v, want %q", i, a, want[i])
		}
	}
}

// watched is a service whose people are told.
func watched(t *testing.T, change func(*rig, *bot.Options)) (*ops, *rig) {
	t.Helper()
	o := &ops{begin: time.Now()}
	r := start(t, func(r *rig, opts *bot.Options) {
		opts.Alert = o.tell
		if change != nil {
			change(r, opts)
		}
	})
	return o, r
}

// is sets how the channel is.
func (f *fakeChannel) is(s channel.State, why string) {
	f.health.Store(&channel.Health{State: s, Reason: why})
}

func TestAlertsOfChannels(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"down, told once, and up again": func(t *testing.T) {
			o, r := watched(t, nil)
			r.channel.is(channel.Down, "the line\nis cut")
			time.Sleep(119 * time.Second)
			o.want(t)
			time.Sleep(20 * time.Second)
			o.want(t, "channel fake: 渠道 fake 连不上已超过 2 分钟，还在重试：the line is cut")
			time.Sleep(3 * time.Hour)
			o.want(t, "channel fake")
			r.channel.is(channel.Up, "")
			time.Sleep(20 * time.Second)
			o.want(t, "channel fake", "channel fake+: 【policybot 恢复】渠道 fake 已连通")
			time.Sleep(time.Hour)
			o.want(t, "channel fake", "channel fake+")
			r.stop()
		},
		"down for a moment, again and again": func(t *testing.T) {
			o, r := watched(t, nil)
			for range 50 {
				r.channel.is(channel.Down, "")
				time.Sleep(100 * time.Second)
				r.channel.is(channel.Up, "")
				time.Sleep(20 * time.Second)
			}
			o.want(t)
			r.stop()
		},
		"down and up for hours, not more often than every ten minutes": func(t *testing.T) {
			o, r := watched(t, nil)
			for range 40 {
				r.channel.is(channel.Down, "")
				time.Sleep(150 * time.Second)
				r.channel.is(channel.Up, "")
				time.Sleep(60 * time.Second)
			}
			told, after := o.all()
			if n := len(after); n < 5 || n > 15 {
				t.Fatalf("%d alerts at %v", n, after)
			}
			for i := range after[1:] {
				if d := after[i+1] - after[i]; d < 10*time.Minute {
					t.Errorf("%v between two alerts", d)
				}
				if told[i].Good == told[i+1].Good {
					t.Errorf("told twice: %+v", told[i:i+2])
				}
			}
			r.stop()
		},
		"never up": func(t *testing.T) {
			o, r := watched(t, func(r *rig, _ *bot.Options) { r.channel.is(channel.Starting, "") })
			time.Sleep(3 * time.Minute)
			o.want(t, "channel fake: starting")
			r.stop()
		},
		"stopped, told at once": func(t *testing.T) {
			o, r := watched(t, func(r *rig, opts *bot.Options) {
				opts.Lang = "en"
				r.channel.run = func(context.Context) error { return &channel.FatalError{Reason: "the token was revoked"} }
			})
			time.Sleep(6 * time.Second)
			o.want(t, "channel fake: [policybot alert] Channel fake has stopped. It stays so until somebody mends it and starts the service again: the token was revoked")
			time.Sleep(time.Hour)
			o.want(t, "channel fake")
			r.stop()
		},
		"stopped after it was down": func(t *testing.T) {
			o, r := watched(t, nil)
			r.channel.is(channel.Down, "")
			time.Sleep(3 * time.Minute)
			r.channel.is(channel.Stopped, "a second connection")
			time.Sleep(6 * time.Second)
			o.want(t, "channel fake: 重试", "channel fake: 已停止")
			for range 5 {
				r.channel.is(channel.Down, "")
				time.Sleep(6 * time.Second)
				r.channel.is(channel.Stopped, "a second connection")
				time.Sleep(6 * time.Second)
			}
			o.want(t, "channel fake", "channel fake")
			r.stop()
		},
		"taken over, told at once": func(t *testing.T) {
			o, r := watched(t, nil)
			r.channel.is(channel.Kicked, "")
			time.Sleep(6 * time.Second)
			o.want(t, "channel fake: 接管")
			time.Sleep(10 * time.Minute)
			r.channel.is(channel.Up, "")
			time.Sleep(6 * time.Second)
			o.want(t, "channel fake: 接管", "channel fake+: 已连通")
			r.stop()
		},
		"several": func(t *testing.T) {
			other := newFakeChannel()
			other.caps.Name = "other"
			o, r := watched(t, func(_ *rig, opts *bot.Options) { opts.Channels = []channel.Channel{other} })
			other.is(channel.Stopped, "")
			time.Sleep(6 * time.Second)
			r.channel.is(channel.Stopped, "")
			time.Sleep(6 * time.Second)
			o.want(t, "channel other", "channel fake")
			r.stop()
		},
		"as the service ends": func(t *testing.T) {
			o, r := watched(t, nil)
			r.channel.is(channel.Stopped, "")
			r.stop()
			o.want(t)
		},
	})
}

// A fullStore fails in all that writes while it is dead, as a full disk does.
type fullStore struct{ *crashing }

func (f fullStore) SetSetting(ctx context.Context, name, value string) error {
	return f.call(func() error { return f.crashing.SetSetting(ctx, name, value) })
}

func TestAlertsOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken *crashing
		o, r := watched(t, func(r *rig, opts *bot.Options) {
			broken = &crashing{Journal: r.journal}
			r.journal = fullStore{broken}
			opts.Limits.Age = 2 * time.Hour
		})
		r.ask(t, asks("U", "P", "问题"))
		for range 3 { // not for long
			broken.dead.Store(true)
			time.Sleep(90 * time.Second)
			broken.dead.Store(false)
			time.Sleep(30 * time.Second)
		}
		o.want(t)
		broken.dead.Store(true)
		time.Sleep(130 * time.Second)
		o.want(t, "store: 不接受提问")
		time.Sleep(time.Hour)
		broken.dead.Store(false)
		time.Sleep(20 * time.Second)
		o.want(t, "store", "store+: 数据读写已正常")
		r.stop()
	})
}

func TestAlertsOfWork(t *testing.T) {
	each(t, map[string]func(*testing.T){
		"questions that wait": func(t *testing.T) {
			var hangs sync.Map
			o, r := watched(t, func(r *rig, opts *bot.Options) {
				opts.Limits.Workers, opts.Limits.Answer = 1, 24*time.Hour
				r.answerer.before = func(ctx context.Context, q bot.Question) error {
					if _, held := hangs.Load("held"); held && q.Text == "卡住" {
						time.Sleep(7 * time.Minute)
					}
					return nil
				}
			})
			hangs.Store("held", true)
			r.ask(t, asks("U", "P", "卡住"))
			synctest.Wait()
			r.ask(t, asks("V", "P", "提问人的原话13812345678"))
			r.ask(t, asks("W", "P", "另一个人的话"))
			time.Sleep(299 * time.Second)
			o.want(t)
			time.Sleep(10 * time.Second)
			o.want(t, "waiting: 有 2 个问题排队，最早的已等了 5 分钟")
			time.Sleep(time.Hour)
			o.want(t, "waiting", "waiting+: 已处理")
			told, _ := o.all()
			for _, a := range told {
				if strings.Contains(a.Text, "原话") || strings.Contains(a.Text, "的话") {
					t.Errorf("an alert tells what was asked: %s", a.Text)
				}
			}
			r.stop()
		},
		"cases that wait": func(t *testing.T) {
			o, r := watched(t, nil)
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			for range 2 {
				r.ask(t, asks("U", "P", "转人工"))
				synctest.Wait()
			}
			k, err := r.OpenCase(t.Context(), id, bot.ReasonAsked)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(24*time.Hour - time.Minute)
			o.want(t)
			time.Sleep(2*time.Minute + 10*time.Second)
			o.want(t, "cases: 有 1 件转人工的事等得太久，最早的（编号 "+k.ID+"）已等了 24 小时")
			if _, err := r.Respond(t.Context(), k.ID, "li", "好了"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute)
			o.want(t, "cases")
			time.Sleep(6 * time.Minute)
			o.want(t, "cases", "cases+: 没有等得太久")
			r.stop()
		},
		"cases that wait, where that is no matter": func(t *testing.T) {
			o, r := watched(t, func(_ *rig, opts *bot.Options) { opts.Limits.Overdue = 0 })
			r.ask(t, asks("U", "P", "转人工"))
			time.Sleep(72 * time.Hour)
			o.want(t)
			r.stop()
		},
		"replies that cannot be delivered": func(t *testing.T) {
			o, r := watched(t, func(r *rig, _ *bot.Options) {
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
					return false, &channel.GoneError{Reason: "archived"}
				}
			})
			r.ask(t, asks("U", "P", "问题"))
			time.Sleep(6 * time.Second)
			o.want(t, "replies fake: 有 1 条回复没能送达")
			for i := range 3 {
				r.ask(t, asks(fmt.Sprint("V", i), "P", "问题"))
				time.Sleep(time.Minute)
			}
			o.want(t, "replies fake")
			time.Sleep(10 * time.Minute)
			o.want(t, "replies fake", "replies fake: 有 3 条回复没能送达")
			time.Sleep(time.Hour)
			o.want(t, "replies fake", "replies fake")
			r.stop()
		},
	})
}

func TestAlertsTold(t *testing.T) {
	stoppedSoon := func(r *rig) { r.channel.is(channel.Stopped, "") }
	each(t, map[string]func(*testing.T){
		"at the third time": func(t *testing.T) {
			o, r := watched(t, nil)
			o.failing(func(_ context.Context, try int) error {
				switch try {
				case 1:
					return errors.New("no route")
				case 2:
					panic("a fault")
				}
				return nil
			})
			stoppedSoon(r)
			time.Sleep(28 * time.Second)
			o.want(t)
			time.Sleep(5 * time.Second)
			o.want(t, "channel fake")
			r.stop()
		},
		"never, and no more than a few times": func(t *testing.T) {
			o, r := watched(t, nil)
			o.failing(func(context.Context, int) error { return errors.New("no route") })
			stoppedSoon(r)
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			if n := o.tried.Load(); n != 5 {
				t.Errorf("tried %d times", n)
			}
			r.stop()
		},
		"by what hangs, which keeps nothing from going on": func(t *testing.T) {
			o, r := watched(t, nil)
			o.failing(func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() })
			stoppedSoon(r)
			time.Sleep(6 * time.Second)
			begin := time.Now()
			id := r.ask(t, asks("U", "P", "问题"))
			synctest.Wait()
			r.wantTexts(t, id, "没有找到")
			r.stop()
			if d := time.Since(begin); d > time.Second {
				t.Errorf("the service ended after %v", d)
			}
			o.want(t)
		},
		"of more than can wait": func(t *testing.T) {
			var many []channel.Channel
			for i := range 60 {
				c := newFakeChannel()
				c.caps.Name = fmt.Sprint("c", string(rune('a'+i/26)), string(rune('a'+i%26)))
				c.is(channel.Stopped, "")
				many = append(many, c)
			}
			o, r := watched(t, func(_ *rig, opts *bot.Options) { opts.Channels = many })
			o.failing(func(context.Context, int) error { time.Sleep(time.Second); return nil })
			time.Sleep(5 * time.Minute)
			told, _ := o.all()
			var about []string
			for _, a := range told {
				about = append(about, a.About)
			}
			slices.Sort(about)
			if len(about) != 60 || len(slices.Compact(about)) != 60 {
				t.Errorf("%d alerts: %v", len(told), about)
			}
			r.stop()
		},
		"to nobody": func(t *testing.T) {
			r := start(t, func(r *rig, _ *bot.Options) {
				r.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
					return false, &channel.GoneError{Reason: "archived"}
				}
			})
			stoppedSoon(r)
			r.ask(t, asks("U", "P", "问题"))
			time.Sleep(time.Hour)
			if cases, err := r.Cases(t.Context(), journal.CaseOpen); err != nil || len(cases) != 1 {
				t.Errorf("%+v, %v", cases, err)
			}
			r.stop()
		},
	})
}
