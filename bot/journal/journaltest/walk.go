package journaltest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// testWalk does random things to a journal and to one in memory, and compares what can be seen of both.
func testWalk(t *testing.T, often map[string]int, open func(t *testing.T) (journal.Journal, func() journal.Journal)) {
	rapid.Check(t, func(rt *rapid.T) {
		ops := walks(often).Draw(rt, "ops")
		var err error
		t.Run("", func(t *testing.T) { // so that each journal is closed before the next is opened
			j, reopen := open(t)
			err = walk(t.Context(), j, reopen, ops)
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// An op is one thing to do. What User, Which and Span mean depends on it; all their values mean something.
type op struct {
	Do                string
	User, Which, Span int
}

// idle is to do nothing.
const idle = "idle"

func (o op) String() string { return fmt.Sprintf("%s(%d,%d,%d)", o.Do, o.User, o.Which, o.Span) }

// often says how often each thing is done in a walk of questions, compared with others.
var often = map[string]int{
	"ask": 12, "again": 3, "edit": 2, "withdraw": 2, "rate": 1,
	"claim": 10, "renew": 1, "complete": 8, "release": 3,
	"next": 8, "posted": 5, "later": 3, "giveUp": 2,
	"openCase": 2, "respond": 2, "review": 2, "press": 2, "setting": 1,
	"wait": 6, "erase": 1, "forget": 1, "reopen": 2,
}

// walkLength is how many things a walk does. Those of number 0 do nothing.
const walkLength = 60

// fullEvery is how often steps and deliveries are compared too, which is slow; the rest is compared after each op.
const fullEvery = 5

// walks gives lists of things to do.
func walks(often map[string]int) *rapid.Generator[[]op] {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(often)) {
		for range often[name] {
			names = append(names, name)
		}
	}
	one := rapid.Custom(func(t *rapid.T) op { return opOf(rapid.Uint64().Draw(t, "number"), names) })
	return rapid.SliceOfN(one, walkLength, walkLength)
}

// opOf makes an op of a number. Rapid likes small numbers; scattered, each op is as likely as its place in names.
func opOf(number uint64, names []string) op {
	if number == 0 {
		return op{Do: idle}
	}
	number = (number ^ number>>31) * 0x9e3779b97f4a7c15
	number = (number ^ number>>29) * 0xbf58476d1ce4e5b9
	number ^= number >> 32
	roll := func(n int) int {
		rolled := int(number % uint64(n))
		number /= uint64(n)
		return rolled
	}
	return op{Do: names[roll(len(names))], User: roll(4), Which: roll(24), Span: roll(len(spans))}
}

// spans are times to wait, leases, pauses.
var spans = []time.Duration{0, time.Second, 30 * time.Second, time.Minute, 10 * time.Minute, 2 * time.Hour}

// A twin is what one call gave for both journals.
type twin[T any] struct{ got, want T }

// A walker goes with two journals through the same. What is lost or ended stays in its lists, to be tried again.
type walker struct {
	ctx       context.Context //nolint:containedctx // of one walk
	got, want journal.Journal
	reopen    func() journal.Journal
	now       time.Time
	n         int // of names made

	asked  []journal.Arrival
	claims []twin[journal.Claim]
	given  []twin[journal.Delivery]
	laws   laws

	buttons []string // tokens of what the staff was told
}

// walk does ops to j and to a journal in memory. It returns the first difference, or the first law that is broken.
func walk(ctx context.Context, j journal.Journal, reopen func() journal.Journal, ops []op) error {
	w := &walker{ctx: ctx, got: j, want: memory.New(), reopen: reopen, now: start, laws: newLaws()}
	ops = slices.DeleteFunc(slices.Clone(ops), func(o op) bool { return o.Do == idle })
	for i, o := range ops {
		w.now = w.now.Add(time.Microsecond) // no two things happen at once
		err := w.do(o)
		if err == nil {
			err = w.compare(i%fullEvery == 0 || i == len(ops)-1)
		}
		if err != nil {
			return fmt.Errorf("step %d of %d, %s: %w\nall steps: %v", i+1, len(ops), o, err, ops)
		}
	}
	return nil
}

// do does one thing.
func (w *walker) do(o op) error {
	do := map[string]func(*walker, op) error{
		"ask": (*walker).ask, "again": (*walker).again, "edit": (*walker).edit, "withdraw": (*walker).withdraw, "rate": (*walker).rate,
		"claim": (*walker).claim, "renew": (*walker).renew, "complete": (*walker).complete, "release": (*walker).release,
		"next": (*walker).next, "posted": (*walker).posted, "later": (*walker).later, "giveUp": (*walker).giveUp,
		"review": (*walker).review, "openCase": (*walker).openCase, "respond": (*walker).respond, "press": (*walker).press, "setting": (*walker).setting,
		"assign": (*walker).assign, "save": (*walker).save, "decide": (*walker).decide, "closeCase": (*walker).closeCase,
		"reopenCase": (*walker).reopenCase, "approval": (*walker).approval, "inboxes": (*walker).inboxes,
		"erase": (*walker).erase, "forget": (*walker).forget,
		"wait": func(w *walker, o op) error { w.now = w.now.Add(spans[o.Span]); return nil },
		"reopen": func(w *walker, _ op) error {
			if w.reopen != nil {
				w.got = w.reopen()
			}
			return nil
		},
	}[o.Do]
	return do(w, o)
}

// until gives the end of something that lasts as long as an op says.
func (w *walker) until(o op) time.Time { return w.now.Add(spans[o.Span]) }

// name makes a name that none has.
func (w *walker) name(what string) string {
	w.n++
	return fmt.Sprintf("%s%03d", what, w.n)
}

// pick takes one of a list, by a number of any size, counted from the end: small numbers mean what is new.
func pick[T any](list []T, n int) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[len(list)-1-n%len(list)], true
}
