//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"policybot/bot/fakechat"
	"policybot/bot/faults"
)

// lostAcks is F15: events arrive and their acknowledgements are lost on the way back.
func lostAcks(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	proxy, err := faults.Listen(ctx, w.launch.http)
	if err != nil {
		return "", err
	}
	defer proxy.Close()
	w.chat.mail.inner.CloseIdleConnections()
	w.chat.server.SetBot("http://" + proxy.Addr())
	proxy.Set(faults.DropReply)
	const n = 10
	posts := make([]*post, n)
	for i := range n {
		if posts[i], err = w.post(fmt.Sprint("lost-", i)); err != nil {
			return "", err
		}
	}
	if err := wait(ctx, 10*time.Second, "acknowledgements are lost", func() (bool, error) { return proxy.Dropped() >= n, nil }); err != nil {
		return "", err
	}
	proxy.Set(faults.Pass)
	for _, p := range posts {
		if err := errors.Join(w.chat.waitAcked(ctx, p), w.chat.replied(ctx, p)); err != nil {
			return "", err
		}
	}
	if err := w.once(ctx, posts[0], 1); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d acknowledgements lost; %d questions, 1 reply each", proxy.Dropped(), n), w.settle(ctx)
}

// sendFails is F21 and F22: the platform asks to wait, fails, loses a call, or shows the message and never says so.
func sendFails(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	for _, f := range []fakechat.Fault{
		{Kind: fakechat.FaultWait, After: 2 * time.Second},
		{Kind: fakechat.FaultBroken},
		{Kind: fakechat.FaultLost},
		{Kind: fakechat.FaultNoise},
		{Kind: fakechat.FaultHang},
	} {
		if err := w.chat.server.Break(f); err != nil {
			return "", err
		}
		p, err := w.post("fault-" + f.Kind)
		if err != nil {
			return "", err
		}
		if err := errors.Join(w.chat.replied(ctx, p), w.once(ctx, p, 0)); err != nil {
			return "", fmt.Errorf("%s: %w", f.Kind, err)
		}
	}
	return fmt.Sprintf("%d calls failed; 1 message each", w.chat.server.Stats().Faults), w.settle(ctx)
}

// beforePosted is the point between a message shown and that stored.
const beforePosted = "before-posted"

// killedBeforePosted is F23: the process ends after the platform showed the message and before that was stored;
// and at other points.
func killedBeforePosted(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	s, err := w.prog.faults.Stats(ctx)
	if err != nil {
		return "", err
	}
	names := slices.Sorted(maps.Keys(s.Points))
	if !slices.Contains(names, beforePosted) {
		return "", fmt.Errorf("the program did not pass %s: its faultkit build does not call Control.Point there; it passed %q", beforePosted, names)
	}
	if !e.opts.long {
		names = []string{beforePosted, names[e.random.IntN(len(names))]}
	}
	for _, name := range names {
		if err := w.prog.faults.ExitAt(ctx, name, 0); err != nil {
			return "", err
		}
		p, err := w.post("point-" + name)
		if err != nil {
			return "", err
		}
		if err := w.prog.ends(ctx, 20*time.Second); err != nil {
			return "", fmt.Errorf("at point %s: %w", name, err)
		}
		if err := w.begin(ctx); err != nil {
			return "", err
		}
		if err := errors.Join(w.chat.replied(ctx, p), w.once(ctx, p, 0)); err != nil {
			return "", fmt.Errorf("killed at %s: %w", name, err)
		}
	}
	return fmt.Sprintf("killed at %s: 1 message each", strings.Join(names, ", ")), w.settle(ctx)
}
