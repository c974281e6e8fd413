package bot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// TestWalks lets people ask, ask twice, edit and take back, while the answerer
// fails, panics and dawdles, the platform refuses, asks to wait and loses
// replies of its own, and the process crashes between any two steps. In the end
// each question that was taken has exactly one reply, unless it was taken back, and the
// staff was told once of each case.
func TestWalks(t *testing.T) {
	const walks = 60
	messages, crashes, asked, cases := 0, 0, 0, 0
	for seed := range walks {
		synctest.Test(t, func(t *testing.T) {
			w := newWalk(seed)
			for _, problem := range w.day(t) {
				t.Errorf("seed %d: %s", seed, problem)
			}
			messages, crashes, asked, cases = messages+len(w.channel.seen()), crashes+w.crashes, asked+len(w.asked), cases+w.rounds
		})
	}
	t.Logf("%d walks, %d questions, %d crashes, %d messages, %d cases", walks, asked, crashes, messages, cases)
	if crashes < walks || asked < 10*walks || cases < walks {
		t.Errorf("too few to mean anything: %d crashes, %d questions, %d cases", crashes, asked, cases)
	}
}

func newWalk(seed int) *walk {
	w := &walk{
		random: rand.New(rand.NewPCG(uint64(seed), 1)), channel: newFakeChannel(), rows: memory.New(), asked: map[string]*askedQuestion{},
	}
	w.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) {
		switch w.n(10) {
		case 0:
			return false, errors.New("no connection")
		case 1:
			return true, errors.New("the connection broke after the message was accepted")
		case 2:
			return false, &channel.WaitError{After: 3 * time.Second, All: w.n(2) == 0}
		}
		return true, nil
	}
	return w
}

// day does 40 things and lets the service come to rest. It returns what is wrong then.
func (w *walk) day(t *testing.T) []string {
	w.boot(t, 40)
	for range 40 {
		w.step(t)
	}
	w.reboot(t, 0) // no more crashes
	time.Sleep(40 * time.Minute)
	synctest.Wait()
	w.rig.stop()
	return w.problems(t)
}

// problems compares what people saw with what they are due.
func (w *walk) problems(t *testing.T) []string {
	t.Helper()
	var out []string
	seen := map[string]int{}
	for _, m := range w.channel.seen() {
		seen[m.id]++
	}
	for _, q := range w.asked {
		e, err := w.rows.Entry(t.Context(), q.id)
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		if rounds, told := len(regexp.MustCompile(`\bcase\b`).FindAllString(stepsOf(e), -1)), seen["k-"+strings.TrimPrefix(w.rig.CaseID(q.id), "c-")]; rounds != told {
			out = append(out, fmt.Sprintf("the staff was told %d times of %d rounds of the case of %s", told, rounds, q.id))
		}
		w.rounds += strings.Count(stepsOf(e), " case")
		n := seen[q.id]
		switch state := e.Question.State; {
		case q.refused && state == journal.Refused && n <= 1:
		case state == journal.Cancelled && q.deleted && n == 0:
		case state == journal.Closed && n == 1:
		default:
			out = append(out, fmt.Sprintf("%s is %s with %d messages, deleted %v: %s", q.id, state, n, q.deleted, stepsOf(e)))
		}
	}
	c, err := w.rows.Count(t.Context())
	if err != nil || c.Waiting+c.Claimed+c.Answered+c.Ready+c.Posting > 0 || c.Questions != int64(len(w.asked)) {
		out = append(out, fmt.Sprintf("%d questions were asked; left: %+v, %v", len(w.asked), c, err))
	}
	return out
}

// A broken journal breaks one promise.
type broken struct {
	journal.Journal
	accept func(journal.Journal, context.Context, journal.Arrival) (journal.Accepted, error)
	posted func(journal.Journal, context.Context, journal.Delivery) error
}

func (b broken) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	if b.accept != nil {
		return b.accept(b.Journal, ctx, a)
	}
	return b.Journal.Accept(ctx, a)
}

func (b broken) Posted(ctx context.Context, d journal.Delivery, at time.Time, r channel.Receipt, p journal.Pause) error {
	if b.posted != nil {
		return b.posted(b.Journal, ctx, d)
	}
	return b.Journal.Posted(ctx, d, at, r, p)
}

// TestWalksBite breaks one promise each and wants some walk to notice.
func TestWalksBite(t *testing.T) {
	cases := map[string]func(*walk){
		"the channel does not look before it sends again": func(w *walk) { w.channel.blind = true },
		"the channel says that what is lost has arrived": func(w *walk) {
			w.channel.finish = func(channel.Doc, channel.Delivery) (bool, error) { return w.n(5) > 0, nil }
		},
		"the journal forgets keys": func(w *walk) {
			w.rows = broken{Journal: w.rows, accept: func(j journal.Journal, ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
				n := events.Add(1)
				a.DeliveryKey, a.ContentKey = fmt.Sprint(n), fmt.Sprint(n)
				return j.Accept(ctx, a)
			}}
		},
		"the journal loses a question": func(w *walk) {
			w.rows = broken{Journal: w.rows, accept: func(j journal.Journal, ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
				if w.n(10) == 0 {
					return journal.Accepted{Question: a.Question}, nil
				}
				return j.Accept(ctx, a)
			}}
		},
		"the journal does not note what was posted": func(w *walk) {
			w.rows = broken{Journal: w.rows, posted: func(journal.Journal, context.Context, journal.Delivery) error { return nil }}
		},
	}
	for name, spoil := range cases {
		noticed := false
		for seed := 0; seed < 20 && !noticed; seed++ {
			synctest.Test(t, func(t *testing.T) {
				w := newWalk(seed)
				spoil(w)
				noticed = len(w.day(t)) > 0
			})
		}
		if !noticed {
			t.Errorf("nobody notices that %s", name)
		}
	}
}
