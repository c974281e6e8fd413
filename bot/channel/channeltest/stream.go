package channeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/channel"
)

func streamCases(w *world) []Case {
	out := []Case{
		{"stream/the whole document takes the place of snapshots", finishReplaces},
		{"stream/a shorter document takes the place of a longer snapshot", finishShorter},
		{"stream/a hundred snapshots in a second do no harm", manySnapshots},
		{"stream/a snapshot over the budget does no harm", longSnapshot},
		{"stream/progress is gone at the end", progressGone},
		{"stream/a reply taken up twice is shown once", begunTwice},
	}
	out = append(out, when(w.caps.Stream != channel.StreamNone, Case{"stream/the last snapshot is seen", lastSeen})...)
	out = append(out, when(w.caps.Stream == channel.StreamNone, Case{"stream/nothing is seen before the whole", nothingBefore})...)
	out = append(out, when(w.caps.Stream == channel.StreamAppend, Case{"stream/what was seen stays", staysSeen})...)
	for _, kind := range []FaultKind{FaultBroken, FaultLost, FaultHang, FaultNoise, FaultWait, FaultSlow, FaultGone} {
		out = append(out, when(w.breaks(kind), Case{fmt.Sprintf("stream/a snapshot that fails with %s does no harm", kind), func(w *world) error {
			return updateFails(w, kind)
		}})...)
	}
	return out
}

// streamed begins a reply and shows snapshots of it. Their errors do no harm and count for nothing.
func (w *world) streamed(snapshots ...string) (*task, channel.Reply, error) {
	t, err := w.asked()
	if err != nil {
		return nil, nil, err
	}
	r, err := t.begin()
	if err != nil {
		return nil, nil, err
	}
	ctx := context.Background()
	_ = r.Progress(ctx, "searching")
	for _, s := range snapshots {
		_ = r.Update(ctx, t.doc(document(channel.LabelAI, s)))
	}
	return t, r, nil
}

// end finishes a reply that is under way, waiting when it is asked to.
func (t *task) end(r channel.Reply, d channel.Doc) error {
	for range 20 {
		_, err := r.Finish(context.Background(), t.doc(d), channel.Delivery{Key: t.id + "-1"})
		wait, ok := errors.AsType[*channel.WaitError](err)
		if !ok {
			return err
		}
		time.Sleep(wait.After)
		if r, err = t.begin(); err != nil {
			return err
		}
	}
	return errors.New("finish: asked to wait 20 times")
}

func (w *world) ends(t *task, r channel.Reply, d channel.Doc) error {
	if err := t.end(r, d); err != nil {
		return err
	}
	return w.shows(room, d)
}

func finishReplaces(w *world) error {
	t, r, err := w.streamed("第一", "第一句。", "第一句。第二")
	if err != nil {
		return err
	}
	return w.ends(t, r, document(channel.LabelAI, "第一句。第二句。"))
}

func finishShorter(w *world) error {
	t, r, err := w.streamed("a long snapshot that turned out to be wrong")
	if err != nil {
		return err
	}
	return w.ends(t, r, notice("Nothing was found."))
}

func manySnapshots(w *world) error {
	var all []string
	for i := range 100 {
		all = append(all, numbered(4*(i+1)))
	}
	t, r, err := w.streamed(all...)
	if err != nil {
		return err
	}
	return w.ends(t, r, document(channel.LabelAI, numbered(400)))
}

func longSnapshot(w *world) error {
	long := w.long(3)
	t, r, err := w.streamed(long)
	if err != nil {
		return err
	}
	if s := w.screen(room).Snapshot; w.caps.Budget > 0 && len(s) > w.caps.Budget {
		return fmt.Errorf("the snapshot on screen has %d bytes, the budget is %d", len(s), w.caps.Budget)
	}
	return w.ends(t, r, document(channel.LabelAI, long))
}

func progressGone(w *world) error {
	t, r, err := w.streamed()
	if err != nil {
		return err
	}
	return w.ends(t, r, notice("Answer."))
}

// begunTwice takes a reply up once more, as after a restart, with a snapshot of the first on screen.
func begunTwice(w *world) error {
	t, _, err := w.streamed("half of")
	if err != nil {
		return err
	}
	r, err := t.begin()
	if err != nil {
		return err
	}
	return w.ends(t, r, notice("half of the answer and the rest"))
}

// lastSeen waits between snapshots, so that a channel that shows few of them can show the last.
func lastSeen(w *world) error {
	t, r, err := w.streamed()
	if err != nil {
		return err
	}
	for _, s := range []string{"第一", "第一句。", "第一句。第二句"} {
		_ = r.Update(context.Background(), t.doc(document(channel.LabelAI, s)))
		time.Sleep(time.Minute)
	}
	s := w.screen(room)
	if bare(s.Snapshot) != "第一句。第二句" || len(s.Messages) > 0 {
		return fmt.Errorf("snapshot %s and %d messages on screen, want the last snapshot and none", brief(s.Snapshot), len(s.Messages))
	}
	return w.ends(t, r, document(channel.LabelAI, "第一句。第二句。"))
}

// staysSeen shows snapshots of which some do not go on where those before ended.
func staysSeen(w *world) error {
	t, r, err := w.streamed()
	if err != nil {
		return err
	}
	seen := ""
	for _, s := range []string{"第一句。", "第一句。第二", "第二句。", "第一句。第二句。", "第一句。第二句。第三"} {
		_ = r.Update(context.Background(), t.doc(document(channel.LabelAI, s)))
		time.Sleep(time.Minute)
		next := bare(w.screen(room).Snapshot)
		if !strings.HasPrefix(next, seen) {
			return fmt.Errorf("snapshot %s on screen does not go on from %s", brief(next), brief(seen))
		}
		seen = next
	}
	return w.ends(t, r, document(channel.LabelAI, "第一句。第二句。第三句。"))
}

func nothingBefore(w *world) error {
	t, r, err := w.streamed("half")
	if err != nil {
		return err
	}
	if s := w.screen(room); len(s.Messages) > 0 || s.Snapshot != "" {
		return fmt.Errorf("snapshot %s and %d messages on screen before the whole document", brief(s.Snapshot), len(s.Messages))
	}
	return w.ends(t, r, notice("whole"))
}

func updateFails(w *world, kind FaultKind) error {
	t, r, err := w.streamed()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: kind, On: OnUpdate, After: 3 * time.Second, Times: 2})
	_ = r.Update(context.Background(), t.doc(document(channel.LabelAI, "half")))
	return w.ends(t, r, document(channel.LabelAI, "half of it and the rest"))
}

func abortCases(w *world) []Case {
	out := []Case{
		{"abort/before anything was shown leaves nothing", func(w *world) error { return aborts(w, false) }},
		{"abort/leaves no half reply", func(w *world) error { return aborts(w, false, "half") }},
		{"abort/after the next question begins leaves that", abortNext},
	}
	return append(out, when(w.can.Lasting, Case{"abort/by a fresh channel leaves no half reply", func(w *world) error { return aborts(w, true, "half") }})...)
}

func aborts(w *world, restart bool, snapshots ...string) error {
	t, r, err := w.streamed(snapshots...)
	if err != nil {
		return err
	}
	if restart {
		if err := w.restart(); err != nil {
			return err
		}
		if r, err = t.begin(); err != nil {
			return err
		}
	}
	if err := r.Abort(context.Background(), "the question was taken back"); err != nil {
		return fmt.Errorf("abort: %w", err)
	}
	s := w.screen(room)
	if s.Snapshot != "" || s.Progress != "" || slices.ContainsFunc(s.Messages, func(m Message) bool { return strings.Contains(m.Text, "half") }) {
		return fmt.Errorf("after Abort the screen shows snapshot %s, progress %s, %d messages", brief(s.Snapshot), brief(s.Progress), len(s.Messages))
	}
	return nil
}

func abortNext(w *world) error {
	_, r, err := w.streamed("half")
	if err != nil {
		return err
	}
	next, nextReply, err := w.streamed()
	if err != nil {
		return err
	}
	if err := r.Abort(context.Background(), "stopped"); err != nil {
		return fmt.Errorf("abort: %w", err)
	}
	d := notice("Answer.")
	if err := next.end(nextReply, d); err != nil {
		return err
	}
	s := w.screen(room)
	n := len(s.Messages)
	return check(s.Snapshot == "" && n > 0 && bare(s.Messages[n-1].Text) == "Answer.", "the answer to the next question is not on screen: %d messages, snapshot %s", n, brief(s.Snapshot))
}
