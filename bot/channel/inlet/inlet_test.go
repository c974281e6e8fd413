package inlet_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
)

// TestDoor: events go in while it is open and only then; closing waits for who is inside.
func TestDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d inlet.Door
		if d.Health().State != channel.Starting {
			t.Errorf("before anything it is %+v", d.Health())
		}
		if _, err := d.Give(t.Context(), channel.Event{}, time.Second); !errors.Is(err, inlet.ErrClosed) {
			t.Errorf("a closed door gave %v", err)
		}
		var left error
		in := d.Open(t.Context(), func(ctx context.Context, _ channel.Event) (channel.Accepted, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // what is stored is stored to its end
			left = ctx.Err()
			return channel.Accepted{ID: "a"}, nil
		})
		begin := time.Now()
		if got, err := d.Give(t.Context(), channel.Event{}, 5*time.Second); got.ID != "a" || err != nil || time.Since(begin) != 6*time.Second {
			t.Errorf("an event gave %+v, %v after %s", got, err, time.Since(begin))
		}
		go func() { _, _ = d.Give(context.Background(), channel.Event{}, time.Hour) }()
		synctest.Wait()
		begin, left = time.Now(), nil
		in.Close()
		if left == nil || time.Since(begin) != time.Second || d.Enter() != nil {
			t.Errorf("closing took %s, the event ended with %v", time.Since(begin), left)
		}
	})
}

// TestHealth: since when changes with the state alone.
func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d inlet.Door
		d.Set(channel.Down, "one")
		since := time.Now()
		time.Sleep(time.Minute)
		d.Set(channel.Down, "two")
		if h := d.Health(); h.Reason != "two" || !h.Since.Equal(since) {
			t.Errorf("%+v, want since %s", h, since)
		}
		d.Set(channel.Up, "")
		if h := d.Health(); h.Reason != "" || h.Since.Equal(since) {
			t.Errorf("%+v", h)
		}
	})
}

// TestPause: it waits, or ends with the context.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, quit := context.WithTimeout(t.Context(), time.Second)
		defer quit()
		if err := inlet.Pause(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := inlet.Pause(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
	})
}

var errStore = errors.New("the store is broken")

// TestInsist: it is tried until it works, for good reasons no more, for so long, and once more when the context ends.
func TestInsist(t *testing.T) {
	cases := []struct {
		name     string
		gives    func(tries int) error
		quit     time.Duration // 0: never
		want     error
		from, to int // tries
		by       time.Duration
	}{
		{name: "at once", gives: func(int) error { return nil }, from: 1, to: 1},
		{name: "later", gives: func(tries int) error {
			if tries < 4 {
				return errStore
			}
			return nil
		}, from: 4, to: 4, by: 7 * time.Second},
		{name: "never", gives: func(int) error { return errStore }, want: errStore, from: 9, to: 13, by: 135 * time.Second},
		{name: "another's key", gives: func(int) error { return channel.ErrKeyReused }, want: channel.ErrKeyReused, from: 1, to: 1},
		{name: "the end", gives: func(int) error { return errStore }, quit: 500 * time.Millisecond, want: errStore, from: 2, to: 2, by: 500 * time.Millisecond},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, quit := context.WithCancel(t.Context())
				defer quit()
				if c.quit > 0 {
					time.AfterFunc(c.quit, quit)
				}
				begin, tries := time.Now(), 0
				err := inlet.Insist(ctx, 2*time.Minute, func(ctx context.Context) error {
					tries++
					if ctx.Err() != nil {
						t.Error("it is tried with a context that has ended")
					}
					return c.gives(tries)
				})
				if !errors.Is(err, c.want) || tries < c.from || tries > c.to || time.Since(begin) > c.by {
					t.Errorf("%d tries in %s gave %v", tries, time.Since(begin), err)
				}
			})
		})
	}
}

// TestBacklog: an event is in it once, it has room for so many, and what is lost is said.
func TestBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d inlet.Door
		in := d.Open(t.Context(), nil)
		b := inlet.NewBacklog(2)
		var tries, lost atomic.Int64
		add := func(key string) bool {
			return b.Add(in, key, time.Minute, func(context.Context) error {
				tries.Add(1)
				return errStore
			}, func(err error) {
				if errors.Is(err, errStore) {
					lost.Add(1)
				}
			})
		}
		for i, key := range []string{"a", "a", "b", "c"} {
			if add(key) != (i < 3) {
				t.Errorf("event %d is taken or not, wrongly", i)
			}
		}
		time.Sleep(500 * time.Millisecond)
		if tries.Load() != 0 {
			t.Error("it is tried at once")
		}
		time.Sleep(time.Hour)
		if n := tries.Load(); lost.Load() != 2 || n < 8 || n > 20 {
			t.Errorf("%d are lost after %d tries", lost.Load(), n)
		}
		before := tries.Load()
		if !add("d") {
			t.Error("there is no room any more")
		}
		b.Done("d")
		time.Sleep(time.Hour)
		if tries.Load() != before || lost.Load() != 2 {
			t.Error("what was stored is tried again, or is lost")
		}
		if !add("c") {
			t.Error("there is no room any more")
		}
		in.Close()
		if lost.Load() != 3 {
			t.Error("what was tried when the intake closed is neither stored nor lost")
		}
	})
}

// TestRest: a pause is made where there is time for a message after it.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := inlet.Rest(t.Context(), time.Hour); err != nil || time.Since(begin) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		ctx, quit := context.WithTimeout(t.Context(), 20*time.Second)
		defer quit()
		begin = time.Now()
		if err := inlet.Rest(ctx, 10*time.Second); err != nil || time.Since(begin) != 10*time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		begin = time.Now()
		if err := inlet.Rest(ctx, 6*time.Second); err == nil || time.Since(begin) > 0 {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

// TestWithoutAddress: the cause stays, the address goes.
func TestWithoutAddress(t *testing.T) {
	err := inlet.WithoutAddress(fmt.Errorf("send: %w", &url.Error{Op: "Post", URL: "https://example.com/?key=secret", Err: errStore}))
	if !errors.Is(err, errStore) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	if err := inlet.WithoutAddress(errStore); !errors.Is(err, errStore) {
		t.Error(err)
	}
}
