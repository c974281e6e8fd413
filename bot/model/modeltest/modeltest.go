// Package modeltest checks what [model.Model] promises, for any model.
package modeltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

// prompt is what Run asks: what a model of the suite replies does not depend on it.
var prompt = model.Request{Task: model.Answer, Prompt: "suite@1", System: "be brief", User: "深圳新引进博士补贴多少？", MaxTokens: 30_000}

// replies are what the models of the suite reply with.
var replies = map[string]string{
	"one letter":      "a",
	"one character":   "深",
	"one emoji":       "😀",
	"English":         "A PhD gets 100,000 yuan a year, for two years [1].",
	"Chinese":         "新引进博士每年补贴10万元，共两年〔1〕。\n\n需在到岗后一年内申请。",
	"JSON":            `{"sentences":[{"text":"say \"yes\" \\ no","citations":[1]}]}`,
	"marks":           "tab\tline\r\nend  <b>&amp;</b> \u2028 \u00a0 e\u0301 👩‍💻 \ufffd",
	"like a protocol": "data: [DONE]\n\n: keep-alive\n\nevent: error\n",
	"long":            long,
}

// long has 18,900 bytes.
var long = strings.Repeat("广州、佛山和香港。", 700)

// Run checks a model: open returns one that replies with reply, whatever it is
// asked, once for each law and reply. It must reply whole, that is with reply and
// without an error, when nobody ends the call. A reply has at most 20,000 bytes;
// the model may pass it on in pieces of any size, but the laws of failure and
// cancellation say more when a long one has several.
func Run(t *testing.T, open func(reply string) model.Model) {
	for name, reply := range replies {
		t.Run("whole/"+name, func(t *testing.T) { report(t, whole(t.Context(), open(reply), reply)) })
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) { report(t, law(t.Context(), open(long))) })
	}
}

func report(t *testing.T, problems []string) {
	t.Helper()
	for _, problem := range problems {
		t.Error(problem)
	}
}

// A law says what a model that replies with long does wrong.
type law func(ctx context.Context, m model.Model) (problems []string)

var laws = map[string]law{
	"name":              named,
	"error of pass":     passFails,
	"later error":       passFailsLater,
	"used again":        usedAgain,
	"cancelled before":  cancelledBefore,
	"deadline before":   deadlineBefore,
	"cancelled between": cancelledBetween,
	"several at once":   several,
}

// A taker takes the pieces of one reply, and checks how they come.
type taker struct {
	then func(count int) error // nil: go on

	text  strings.Builder
	count int
	busy  atomic.Bool
	over  atomic.Bool

	mu   sync.Mutex
	said []string
}

func (k *taker) problem(format string, values ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.said = append(k.said, fmt.Sprintf(format, values...))
}

// problems are what was wrong until now.
func (k *taker) problems() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.said
}

func (k *taker) pass(piece string) error {
	if k.over.Load() {
		k.problem("a piece was passed on after the call")
	}
	if k.busy.Swap(true) {
		k.problem("two pieces were passed on at once")
		return nil
	}
	defer k.busy.Store(false)
	if piece == "" || !utf8.ValidString(piece) {
		k.problem("piece %d is %q: empty, or not UTF-8", k.count+1, piece)
	}
	k.text.WriteString(piece)
	k.count++
	if k.then == nil {
		return nil
	}
	return k.then(k.count)
}

func (k *taker) ask(ctx context.Context, m model.Model) (model.Usage, error) {
	defer k.over.Store(true)
	return m.Stream(ctx, prompt, k.pass)
}

func whole(ctx context.Context, m model.Model, reply string) []string {
	k := &taker{}
	u, err := k.ask(ctx, m)
	if err != nil || k.text.String() != reply {
		k.problem("reply = %q, %v, want %q", k.text.String(), err, reply)
	}
	if u.Model == "" || u.Finish == "" || u.Tries < 1 || u.TokensIn < 1 || u.TokensOut < 1 || u.Bytes != len(reply) {
		k.problem("usage = %+v: something is missing, or Bytes is not %d", u, len(reply))
	}
	if u.First < 0 || u.Total < u.First {
		k.problem("usage = %+v: the first piece came before the call, or after it", u)
	}
	return k.problems()
}

func named(ctx context.Context, m model.Model) []string {
	k := &taker{}
	name := m.Name()
	if _, err := k.ask(ctx, m); err != nil {
		k.problem("%v", err)
	}
	if name == "" || name != m.Name() || strings.TrimSpace(name) != name {
		k.problem("name = %q, then %q", name, m.Name())
	}
	return k.problems()
}

var errOwn = errors.New("enough")

// failing fails pass at this piece.
func failing(at int) *taker {
	return &taker{then: func(count int) error {
		if count >= at {
			return errOwn
		}
		return nil
	}}
}

func passFails(ctx context.Context, m model.Model) []string {
	k := failing(1)
	u, err := k.ask(ctx, m)
	if err != errOwn { //nolint:errorlint // as it is, not wrapped
		k.problem("error = %v, want that of pass as it is", err)
	}
	if k.count != 1 || u.Tries < 1 || u.TokensIn < 1 {
		k.problem("%d pieces after an error of pass at the first; usage = %+v", k.count, u)
	}
	return k.problems()
}

func passFailsLater(ctx context.Context, m model.Model) []string {
	k := failing(3)
	_, err := k.ask(ctx, m)
	if err != errOwn && k.count >= 3 || k.count > 3 { //nolint:errorlint // as it is, not wrapped
		k.problem("error = %v after %d pieces, want that of pass at the third", err, k.count)
	}
	return k.problems()
}

// usedAgain: a call that was ended leaves nothing behind.
func usedAgain(ctx context.Context, m model.Model) []string {
	for range 20 {
		k := failing(1)
		if _, err := k.ask(ctx, m); !errors.Is(err, errOwn) {
			return []string{fmt.Sprintf("error = %v, want that of pass", err)}
		}
	}
	k := &taker{}
	if _, err := k.ask(ctx, m); err != nil || k.text.String() != long {
		k.problem("after 20 calls that were ended: %d bytes, %v", k.text.Len(), err)
	}
	return k.problems()
}

// limit is how long a call may go on after its context ended.
const limit = 100 * time.Millisecond

func cancelledBefore(ctx context.Context, m model.Model) []string {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return endedBefore(ctx, m)
}

func deadlineBefore(ctx context.Context, m model.Model) []string {
	ctx, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	return endedBefore(ctx, m)
}

func endedBefore(ctx context.Context, m model.Model) []string {
	k := &taker{}
	if _, err := k.ask(ctx, m); !errors.Is(err, ctx.Err()) || k.count != 0 {
		k.problem("error = %v and %d pieces, want that of the context and none", err, k.count)
	}
	return k.problems()
}

// cancelledBetween ends the context at the first piece. One call of five has to be
// in time: a machine with other work may hold any of them up.
func cancelledBetween(ctx context.Context, m model.Model) []string {
	best := time.Hour
	for try := 0; try < 5 && best > limit; try++ {
		took, problems := cancelOnce(ctx, m)
		if len(problems) > 0 {
			return problems
		}
		best = min(best, took)
	}
	if best > limit {
		return []string{fmt.Sprintf("the call ended %s after its context at the soonest, want at most %s", best, limit)}
	}
	return nil
}

// cancelOnce returns how long a call went on after its context. Only a reply that
// was whole by then may be without an error.
func cancelOnce(ctx context.Context, m model.Model) (time.Duration, []string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var at time.Time
	var had int
	k := &taker{}
	k.then = func(count int) error {
		if count == 1 {
			at, had = time.Now(), k.text.Len()
			cancel()
		}
		return nil
	}
	_, err := k.ask(ctx, m)
	took := time.Since(at)
	if !errors.Is(err, context.Canceled) && had < len(long) {
		k.problem("error = %v, want that of the context", err)
	}
	return took, k.problems()
}

func several(ctx context.Context, m model.Model) []string {
	var wg sync.WaitGroup
	all := &taker{}
	for range 4 {
		wg.Go(func() {
			k := &taker{}
			u, err := k.ask(ctx, m)
			if err != nil || k.text.String() != long || u.Bytes != len(long) {
				all.problem("%d bytes, %+v, %v", k.text.Len(), u, err)
			}
			for _, problem := range k.problems() {
				all.problem("%s", problem)
			}
		})
	}
	wg.Wait()
	return all.problems()
}
