package inlet_test

import (
	"context"
	"errors"
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
