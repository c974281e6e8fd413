//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"policybot/bot/fakechat"
	"policybot/bot/faults/control"
	"policybot/bot/journal"
)

// slowAnswer is F1: the answerer takes long; the platform must hear at once that the event has arrived.
func slowAnswer(ctx context.Context, e *env) (string, error) {
	w, err := e.stalled(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	p, err := w.post("slow")
	if err != nil {
		return "", err
	}
	slow := time.Duration(either(0, e.opts.long, 20, 3)) * time.Second
	if err := pause(ctx, slow); err != nil {
		return "", err
	}
	took := w.chat.ackTook(p)
	if took <= 0 || took > 500*time.Millisecond {
		return "", fmt.Errorf("acknowledged after %s, want at most 500ms", took)
	}
	if n := len(w.chat.seen(p)); n > 0 {
		return "", fmt.Errorf("%d replies before there was an answer", n)
	}
	if err := w.prog.faults.Stall(ctx, false, ""); err != nil {
		return "", err
	}
	if err := w.chat.replied(ctx, p); err != nil {
		return "", err
	}
	return fmt.Sprintf("acknowledged in %s, answered after %s", took.Round(time.Microsecond), slow), w.settle(ctx)
}

// post asks one question in the chat, in a place of the user's own.
func (w *world) post(user string) (*post, error) {
	return w.chat.post(user, user+"-place", w.question())
}

// answered asks one question in the chat and waits for its reply.
func (w *world) answered(ctx context.Context, user string) (*post, error) {
	p, err := w.post(user)
	if err != nil {
		return nil, err
	}
	return p, w.chat.replied(ctx, p)
}

// once wants a post to have one reply and one question in the journal, with at least so many duplicates.
func (w *world) once(ctx context.Context, p *post, duplicates int) error {
	if err := w.rest(ctx); err != nil {
		return err
	}
	if said := w.chat.seen(p); len(said) != 1 {
		return fmt.Errorf("%d replies, want 1: %q", len(said), clipAll(said))
	}
	found, err := findEntries(ctx, w.launch.data, p.asked.mark)
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].Question.Duplicates < duplicates {
		return fmt.Errorf("the journal has %d questions of it, the first with %d duplicates; want 1 with %d", len(found), first(found).Duplicates, duplicates)
	}
	return nil
}

func first(entries []journal.Entry) journal.Question {
	if len(entries) == 0 {
		return journal.Question{}
	}
	return entries[0].Question
}

// sameEvent is F2: one event comes four times.
func sameEvent(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	p, err := w.post("repeated")
	if err != nil {
		return "", err
	}
	for range 3 { // at once, beside the first
		if err := w.chat.server.Redeliver(p.gesture); err != nil {
			return "", err
		}
	}
	if err := wait(ctx, 30*time.Second, "all four are acknowledged", func() (bool, error) { return w.chat.mail.acks(p.gesture) >= 4, nil }); err != nil {
		return "", err
	}
	if err := errors.Join(w.chat.replied(ctx, p), w.once(ctx, p, 3)); err != nil {
		return "", err
	}
	return "1 question, 3 duplicates, 1 reply", w.settle(ctx)
}

// retryWhileRunning is F3: the event comes again while its question is being answered.
func retryWhileRunning(ctx context.Context, e *env) (string, error) {
	w, err := e.stalled(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	p, err := w.post("again")
	if err != nil {
		return "", err
	}
	if err := w.claimed(ctx, 1); err != nil {
		return "", err
	}
	if err := w.chat.resend(ctx, p); err != nil {
		return "", fmt.Errorf("the second delivery: %w", err)
	}
	if err := w.prog.faults.Stall(ctx, false, ""); err != nil {
		return "", err
	}
	if err := errors.Join(w.chat.replied(ctx, p), w.once(ctx, p, 1)); err != nil {
		return "", err
	}
	found, err := findEntries(ctx, w.launch.data, p.asked.mark)
	if err == nil && first(found).Attempts != 1 {
		err = fmt.Errorf("it was answered %d times", first(found).Attempts)
	}
	return "both acknowledged, answered once", errors.Join(err, w.settle(ctx))
}

// claimed waits until so many questions are being answered.
func (w *world) claimed(ctx context.Context, n int) error {
	return wait(ctx, 10*time.Second, fmt.Sprintf("%d questions are being answered", n), func() (bool, error) {
		counts, err := countJournal(ctx, w.launch.data)
		return counts.Claimed >= n, err
	})
}

// retryAfterRestart is F4: the process is killed, before and after it has answered, and the event comes again.
func retryAfterRestart(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	after, err := w.answered(ctx, "after")
	if err != nil {
		return "", err
	}
	if err := w.prog.faults.Stall(ctx, true, ""); err != nil {
		return "", err
	}
	before, err := w.post("before")
	if err != nil {
		return "", err
	}
	if err := w.claimed(ctx, 1); err != nil {
		return "", err
	}
	if err := w.restart(ctx); err != nil {
		return "", err
	}
	if err := errors.Join(w.chat.resend(ctx, after), w.chat.resend(ctx, before)); err != nil {
		return "", err
	}
	if err := errors.Join(w.chat.replied(ctx, before), w.once(ctx, before, 1), w.once(ctx, after, 1)); err != nil {
		return "", err
	}
	return "killed while answering and after the reply: 1 reply each", w.settle(ctx)
}

// lateRetry is F5: the event comes again six days later, also after a restart.
func lateRetry(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	p, err := w.answered(ctx, "late")
	if err != nil {
		return "", err
	}
	w.prog.kill()
	w.launch.env = append(w.launch.env, control.ClockEnv+"=144h")
	if err := w.begin(ctx); err != nil {
		return "", err
	}
	if err := w.chat.resend(ctx, p); err != nil {
		return "", err
	}
	if err := pause(ctx, time.Duration(either(0, e.opts.long, 12, 0))*time.Second); err != nil { // what is done now and then has been done
		return "", err
	}
	if err := errors.Join(w.chat.resend(ctx, p), w.once(ctx, p, 2)); err != nil {
		return "", err
	}
	return "sent again twice to a program whose clock is 6 days ahead: 1 reply", w.settle(ctx)
}

// twoEvents is F6: the platform tells one post in two events.
func twoEvents(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{chat: chatSetup{twice: true}})
	if err != nil {
		return "", err
	}
	defer w.close()
	p, err := w.answered(ctx, "double")
	if err != nil {
		return "", err
	}
	if err := w.once(ctx, p, 1); err != nil {
		return "", err
	}
	return "2 events of one post: 1 question, 1 reply", w.settle(ctx)
}

// changedMind is F7: one question is edited while it waits, another deleted.
func changedMind(ctx context.Context, e *env) (string, error) {
	w, err := e.stalled(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	edited, err := w.post("edits")
	if err != nil {
		return "", err
	}
	deleted, err := w.post("deletes")
	if err != nil {
		return "", err
	}
	if err := w.claimed(ctx, 2); err != nil {
		return "", err
	}
	latest := "人工智能企业可以申请哪些补贴？ LATEST " + edited.asked.mark
	if err := errors.Join(w.chat.edit(ctx, edited, latest), w.chat.remove(ctx, deleted)); err != nil {
		return "", err
	}
	w.ledger.change(deleted.asked, func(a *asked) { a.withdrawn = true })
	if err := w.prog.faults.Stall(ctx, false, ""); err != nil {
		return "", err
	}
	if err := errors.Join(w.chat.replied(ctx, edited), w.once(ctx, edited, 0)); err != nil {
		return "", err
	}
	now, err := findEntries(ctx, w.launch.data, edited.asked.mark)
	if err != nil {
		return "", err
	}
	gone, err := findEntries(ctx, w.launch.data, deleted.asked.mark)
	if err != nil {
		return "", err
	}
	if first(now).Text != latest || first(gone).State != journal.Cancelled || len(w.chat.seen(deleted)) > 0 {
		return "", fmt.Errorf("answered was %q; the deleted one is %s with %d replies", first(now).Text, first(gone).State, len(w.chat.seen(deleted)))
	}
	return "latest text answered once; the deleted one cancelled, no reply", w.settle(ctx)
}

// bots is F8: messages of the bot itself and of another one, which answers whatever it sees.
func bots(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	const place = "bots-place"
	speak := func(bot, text string) error {
		gesture, err := w.chat.do(fakechat.TypeMessage, fakechat.Act{User: bot, Bot: bot, Place: place, Text: "@bot " + text})
		if err != nil {
			return err
		}
		return wait(ctx, 10*time.Second, "the event is acknowledged", func() (bool, error) { return w.chat.server.Acked(gesture), nil })
	}
	for _, bot := range []string{fakechat.BotID, "B0OTHER"} {
		if err := speak(bot, w.question()); err != nil {
			return "", err
		}
	}
	p, err := w.chat.post("person", place, w.question())
	if err != nil {
		return "", err
	}
	if err := w.chat.replied(ctx, p); err != nil {
		return "", err
	}
	for _, reply := range w.chat.seen(p) { // the other bot answers, and the platform tells the bot of its own words
		if err := errors.Join(speak("B0OTHER", reply), speak(fakechat.BotID, reply)); err != nil {
			return "", err
		}
	}
	if err := w.rest(ctx); err != nil {
		return "", err
	}
	if said := w.chat.seenIn(place); len(said) != 1 {
		return "", fmt.Errorf("%d messages of the bot, want the one to the person: %q", len(said), clipAll(said))
	}
	return "4 messages of bots: 0 replies; 1 to a person in the same place", w.settle(ctx)
}

// shuffled is F9: events of several threads come in another order than they happened.
func shuffled(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{chat: chatSetup{speed: 1, shuffle: e.opts.seed | 1}})
	if err != nil {
		return "", err
	}
	defer w.close()
	const n = 12
	posts := make([]*post, n)
	for i := range n {
		thread := fmt.Sprint("thread-", i%4)
		if posts[i], err = w.chat.postIn(fmt.Sprint("threads-", i), "threads-"+thread, thread, w.question()); err != nil {
			return "", err
		}
		w.ledger.change(posts[i].asked, func(a *asked) { a.shared = true })
	}
	if err := wait(ctx, 30*time.Second, "all are delivered", func() (bool, error) { return w.chat.undelivered() == 0, nil }); err != nil {
		return "", err
	}
	if err := w.rest(ctx); err != nil {
		return "", err
	}
	for _, p := range posts {
		if err := w.repliedInThread(ctx, p); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d events of 4 threads: each answered in its own", n), w.settle(ctx)
}

// repliedInThread wants a post answered once, in its thread, by the id that the journal has for it.
func (w *world) repliedInThread(ctx context.Context, p *post) error {
	found, err := findEntries(ctx, w.launch.data, p.mark)
	if err != nil {
		return err
	}
	for _, m := range w.chat.server.Seen(p.place, p.thread).Messages {
		if m.Answer == first(found).ID && m.Part <= 1 {
			w.ledger.saw(p.asked, m.ID)
		}
	}
	if n := len(p.replies); n != 1 {
		return fmt.Errorf("%d replies to %s in %s, want 1", n, p.mark, p.thread)
	}
	return nil
}

// onePlace is F26: many people ask in one place within a second.
func onePlace(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{chat: chatSetup{speed: 1}})
	if err != nil {
		return "", err
	}
	defer w.close()
	n := either(0, e.opts.long, 50, 20)
	began := time.Now()
	for i := range n {
		if _, err := w.chat.post(fmt.Sprint("crowded-", i), "crowded", w.question()); err != nil {
			return "", err
		}
		if err := pause(ctx, time.Second/time.Duration(n)); err != nil {
			return "", err
		}
	}
	if err := wait(ctx, 90*time.Second, "all are answered", func() (bool, error) { return len(w.chat.seenIn("crowded")) >= n, nil }); err != nil {
		return "", err
	}
	took := time.Since(began)
	times := slices.SortedFunc(slices.Values(w.chat.timesIn("crowded")), time.Time.Compare)
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap < 900*time.Millisecond {
			return "", fmt.Errorf("two messages to one place within %s", gap)
		}
	}
	return fmt.Sprintf("%d questions in 1 s, all answered after %s, never 2 posts in a second", n, took.Round(time.Second)), w.settle(ctx)
}
