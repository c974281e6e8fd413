//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A crowd is many people who ask at a steady rate, over HTTP and in the chat.
type crowd struct {
	w    *world
	wait sync.WaitGroup

	mu      sync.Mutex
	asks    []ask // over HTTP
	took    []time.Duration
	refused int
	errs    []error
}

const (
	crowdUsers  = 300
	crowdPlaces = 150
)

// crowd lets people ask n questions at so many a second and returns at once. share is the part of them who
// ask in the chat, from 0 to 1. Each is followed until the asker has an answer or ctx ends.
func (w *world) crowd(ctx context.Context, n int, rate, share float64) *crowd {
	c := &crowd{w: w}
	c.wait.Go(func() {
		tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
		defer tick.Stop()
		chats := 0.0
		for i := range n {
			select {
			case <-ctx.Done():
				c.note(ctx.Err())
				return
			case <-tick.C:
			}
			if chats += share; chats >= 1 {
				chats--
				c.wait.Go(func() { c.note(c.post(ctx, i)) })
			} else {
				c.wait.Go(func() { c.note(c.ask(ctx, i)) })
			}
		}
	})
	return c
}

func (c *crowd) note(err error) {
	if err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

func (c *crowd) post(ctx context.Context, i int) error {
	_, err := c.w.chat.post(fmt.Sprintf("chatter-%d", i%crowdUsers), fmt.Sprintf("place-%d", i%crowdPlaces), c.w.question()+c.w.mobile(i))
	return err
}

func (c *crowd) ask(ctx context.Context, i int) error {
	text := c.w.question() + c.w.mobile(i)
	mark := markIn(text)
	q := ask{key: "key-" + mark, user: fmt.Sprintf("caller-%d", i%crowdUsers), text: text, mark: mark}
	began := time.Now()
	r, err := c.w.http.ask(ctx, q)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks = append(c.asks, q)
	c.took = append(c.took, time.Since(began))
	if r.answer.turnedAway() {
		c.refused++
	}
	return err
}

// mobile adds a telephone number to every twentieth question.
func (w *world) mobile(i int) string {
	if i%20 != 7 {
		return ""
	}
	return " 我的手机号是" + canaryMobile
}

// done waits until all have asked, and those over HTTP have their answers.
func (c *crowd) done() error {
	c.wait.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.errs) > 5 {
		return fmt.Errorf("%w; and %d more", errors.Join(c.errs[:5]...), len(c.errs)-5)
	}
	return errors.Join(c.errs...)
}

// again asks every nth question over HTTP again with its key; the ledger tells if the answer is another.
func (c *crowd) again(ctx context.Context, nth int) error {
	records := map[string]*asked{}
	c.w.ledger.mu.Lock()
	for _, a := range c.w.ledger.asked {
		if a.via == viaHTTP {
			records[a.key] = a
		}
	}
	c.w.ledger.mu.Unlock()
	for i := 0; i < len(c.asks); i += nth {
		if records[c.asks[i].key].turnedAway > 0 {
			continue // it would be asked anew
		}
		if _, err := c.w.http.follow(ctx, c.asks[i], records[c.asks[i].key]); err != nil {
			return err
		}
	}
	return nil
}
