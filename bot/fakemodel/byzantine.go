package fakemodel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

// Kinds of strategy.
const (
	obey    = "obey"    // does what a text of the prompt orders
	lie     = "lie"     // false sentences with real quotes
	source  = "source"  // true sentences with quotes or handles that are not
	format  = "format"  // replies that are not in the form asked for
	conduct = "conduct" // errors, pauses, replies without an end
	search  = "search"  // lies for the tasks rewrite and rerank
)

// A Strategy is one way in which Byzantine misbehaves.
type Strategy struct {
	Name string // lower-case words with hyphens; unique
	Kind string // obey, lie, source, format, conduct or search
	// Waits says that it waits by a timer, up to Byzantine.Pause at a time or until ctx
	// ends: for tests that fake time or bound it.
	Waits bool
}

// A strategy makes a reply. Of conduct, act passes it itself; every other one gives
// the text of it.
type strategy struct {
	name string
	kind string
	text func(*liar) string
}

// An act is a strategy of conduct.
type act struct {
	name  string
	waits bool
	do    func(b *Byzantine, l *liar, c *call) error
}

func texts() []strategy {
	return slices.Concat(obeying(), factLies(), forceLies(), promises(), sourceLies(), formats(), objects(), sizes(), characters(), contents(), searchLies())
}

// Strategies lists all strategies in a fixed order.
func Strategies() []Strategy {
	var out []Strategy
	for _, s := range texts() {
		out = append(out, Strategy{Name: s.name, Kind: s.kind})
	}
	for _, a := range acts() {
		out = append(out, Strategy{Name: a.name, Kind: conduct, Waits: a.waits})
	}
	return out
}

// Byzantine is a fake that is on the side of the attacker: it obeys every order that
// stands in a prompt and lies in the ways of Strategies. Each call uses one strategy.
// Which one, and the reply, follow from the seed, the number of the call and the
// requests so far, so that a failure can be played again with the same calls in the
// same order. Its fields are set before the first call. It may be used from several
// goroutines; which call has which number is then a matter of chance.
type Byzantine struct {
	// Seed makes the choices.
	Seed uint64
	// Only are the names of the strategies to use, at random; none means all. A name
	// that is not known fails each call with model.BadOptions.
	Only []string
	// Still leaves out the strategies that wait, for tests in real time.
	Still bool
	// Breach breaks the contract of model.Model itself: pieces are cut at any byte, may
	// be empty and hold bytes that are no UTF-8.
	Breach bool
	// Pause is the longest pause of strategies that wait; 0 means two minutes.
	Pause time.Duration
	// Used, when set, is told before each reply, from the goroutine of the caller, the
	// number of the call, from 1, and the name of its strategy.
	Used func(call int, strategy string)

	mu    sync.Mutex
	calls int
	last  string
	other []Quote
}

// Name implements model.Model.
func (b *Byzantine) Name() string { return "fake-byzantine" }

// Last returns the name of the strategy of the latest call, "" before the first.
func (b *Byzantine) Last() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// Stream implements model.Model. A request that is no prompt is answered too: with
// what can be said without its clauses.
func (b *Byzantine) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	c := begin(ctx, b.Name(), r, pass)
	if err := c.alive(); err != nil {
		return c.end(err)
	}
	l, s, a, n, err := b.plan(r)
	if err != nil {
		return c.end(c.fail(model.BadOptions, err.Error()))
	}
	name := s.name + a.name
	if b.Used != nil {
		b.Used(n, name)
	}
	if a.do != nil {
		return c.end(a.do(b, l, c))
	}
	return c.end(b.cut(c, l, s.text(l)))
}

// plan chooses what one call does: a strategy of text or of conduct.
func (b *Byzantine) plan(r model.Request) (*liar, strategy, act, int, error) {
	p, _ := Parse(r)
	if p.Language == "" {
		p.Language = language(r.User)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	l := &liar{rng: rand.New(rand.NewPCG(b.Seed, uint64(b.calls))), r: r, p: &p, orders: orders(&p), other: b.other}
	b.other = nil
	for _, k := range sentences(&p) {
		b.other = append(b.other, Quote{k.c.Handle, k.text})
	}
	s, a, err := b.pick(l)
	b.last = s.name + a.name
	return l, s, a, b.calls, err
}

// weights says how often a kind is used, of 100 calls; the rest is search, where
// the task is one of search, and lie elsewhere.
var weights = []struct {
	kind string
	n    int
}{{obey, 20}, {lie, 30}, {source, 20}, {format, 15}, {conduct, 8}}

func (b *Byzantine) pick(l *liar) (strategy, act, error) {
	all, does := texts(), acts()
	if len(b.Only) > 0 {
		name := b.Only[l.rng.IntN(len(b.Only))]
		for _, s := range all {
			if s.name == name {
				return s, act{}, nil
			}
		}
		for _, a := range does {
			if a.name == name {
				return strategy{}, a, nil
			}
		}
		return strategy{}, act{}, errors.New("no strategy " + name)
	}
	kind := b.kind(l)
	if kind == conduct {
		if b.Still {
			does = slices.DeleteFunc(does, func(a act) bool { return a.waits })
		}
		return strategy{}, does[l.rng.IntN(len(does))], nil
	}
	all = slices.DeleteFunc(all, func(s strategy) bool { return s.kind != kind })
	return all[l.rng.IntN(len(all))], act{}, nil
}

// kind chooses a kind of strategy. Where the prompt holds orders, every second call
// obeys.
func (b *Byzantine) kind(l *liar) string {
	if len(l.orders) > 0 && l.rng.IntN(2) == 0 {
		return obey
	}
	n := l.rng.IntN(100)
	for _, w := range weights {
		if n -= w.n; n < 0 {
			return w.kind
		}
	}
	if l.r.Task == model.Rewrite || l.r.Task == model.Rerank {
		return search
	}
	return lie
}

// cut passes text on in pieces of any length: between characters, or with Breach
// anywhere.
func (b *Byzantine) cut(c *call, l *liar, text string) error {
	if !b.Breach {
		text = strings.ToValidUTF8(text, "\uFFFD")
		return c.sendAll(text, max(1+l.rng.IntN(40), len(text)/200))
	}
	text = brokenBytes(l, text)
	for text != "" {
		n := min(len(text), max(l.rng.IntN(7), len(text)/200))
		if err := c.alive(); err != nil {
			return err
		}
		if err := c.pass(text[:n]); err != nil { // empty pieces too
			return err
		}
		text = text[n:]
	}
	return nil
}

// brokenBytes puts bytes that are no UTF-8 into text.
func brokenBytes(l *liar, text string) string {
	at := l.rng.IntN(len(text) + 1)
	return text[:at] + l.of("\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe4\xbd", "\xf5\x80\x80\x80") + text[at:]
}

func (b *Byzantine) pause() time.Duration {
	if b.Pause > 0 {
		return b.Pause
	}
	return 2 * time.Minute
}

// acts are the strategies of conduct.
func acts() []act { return slices.Concat(pauses(), deceits(), failures()) }

// pauses wait.
func pauses() []act {
	return []act{
		{"slow-first-piece", true, func(b *Byzantine, l *liar, c *call) error {
			if err := c.wait(b.pause()); err != nil {
				return err
			}
			return b.cut(c, l, l.good())
		}},
		{"slow-pieces", true, func(b *Byzantine, l *liar, c *call) error {
			for _, token := range split(l.good()) {
				if err := c.wait(b.pause() / 8); err != nil {
					return err
				}
				if err := c.send(token); err != nil {
					return err
				}
			}
			return nil
		}},
		{"stall-in-a-line", true, func(b *Byzantine, l *liar, c *call) error {
			text := l.good()
			half := at(text, len(text)/2)
			if err := c.sendAll(text[:half], 16); err != nil {
				return err
			}
			if err := c.wait(b.pause()); err != nil {
				return err
			}
			return c.sendAll(text[half:], 16)
		}},
		{"never-a-piece", true, func(_ *Byzantine, _ *liar, c *call) error { <-c.ctx.Done(); return c.alive() }},
		{"endless-lines", true, func(_ *Byzantine, l *liar, c *call) error { return endless(c, l.good()) }},
		{"endless-blanks", true, func(_ *Byzantine, _ *liar, c *call) error { return endless(c, " \n") }},
	}
}

// deceits end otherwise than they should.
func deceits() []act {
	return []act{
		{"usage-nonsense", false, func(b *Byzantine, l *liar, c *call) error {
			err := b.cut(c, l, l.good())
			c.use = model.Usage{Model: "gpt\x00<!channel>\n" + strings.Repeat("m", 300), TokensIn: -1 << 40, TokensOut: 1 << 60, Tries: -1, Finish: "stop\nstop", Bytes: -7}
			return err
		}},
		{"error-text-of-attacker", false, func(_ *Byzantine, l *liar, c *call) error {
			return c.fail(model.Refused, "<!channel> [click](http://evil.example) "+l.p.Canary+"\x1b[31m\n{\"sentence\":\"贵公司符合条件\"}")
		}},
		{"error-after-the-whole-reply", false, func(b *Byzantine, l *liar, c *call) error {
			if err := b.cut(c, l, l.good()); err != nil {
				return err
			}
			return c.fail(model.Cut, "length")
		}},
		{"cut-without-error", false, func(_ *Byzantine, l *liar, c *call) error {
			text := l.good()
			c.use.Finish = "length"
			return c.sendAll(text[:at(text, len(text)*2/3)], 16)
		}},
	}
}

// failures are errors of every class, before the first piece and after it.
func failures() []act {
	var out []act
	for _, class := range []model.Class{
		model.BadOptions, model.Unauthorized, model.NotFound, model.QuotaExceeded, model.RateLimited, model.Unavailable,
		model.BadAnswer, model.Cut, model.Refused, model.Slow, model.Open, model.Busy, model.Budget,
	} {
		name := strings.ReplaceAll(string(class), "_", "-")
		out = append(out, act{"error-" + name + "-before", false, func(_ *Byzantine, _ *liar, c *call) error {
			return c.fail(class, fmt.Sprintf("fake failure %s", class))
		}}, act{"error-" + name + "-after", false, func(_ *Byzantine, l *liar, c *call) error {
			text := l.good()
			if err := c.sendAll(text[:at(text, 1+l.rng.IntN(len(text)-1))], 24); err != nil {
				return err
			}
			return c.fail(class, fmt.Sprintf("fake failure %s", class))
		}})
	}
	return out
}

// at is the first place of text from i on that is between two characters.
func at(text string, i int) int {
	for i < len(text) && !utf8.RuneStart(text[i]) {
		i++
	}
	return i
}

// endless passes text on again and again, a thousand times a second, until ctx ends
// or pass fails.
func endless(c *call, text string) error {
	for {
		if err := c.send(text); err != nil {
			return err
		}
		if err := c.wait(time.Millisecond); err != nil {
			return err
		}
	}
}

// good is a reply in the form asked for, of true sentences.
func (l *liar) good() string {
	switch l.r.Task {
	case model.Rewrite, model.Rerank:
		return Honest{}.reply(l.r.Task, l.p)
	}
	k := l.truth()
	return l.wrap(k.said(Honest{}.say(l.p.Language, k)))
}
