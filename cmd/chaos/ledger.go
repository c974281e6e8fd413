//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Ways in.
const (
	viaHTTP = "http"
	viaChat = "chat"
)

// An asked is one question that somebody asked, and what became of it in that person's eyes.
type asked struct {
	via, key string // the Idempotency-Key, or the id of the post
	mark     string // words that are in this question and in no other
	acked    bool   // the program said that it has it
	// replies are the different final replies that the asker saw; in the chat, notices too.
	replies []string
	// turnedAway counts how often it was refused at the door over HTTP. Asked again under its key, such a
	// question is asked anew.
	turnedAway int
	withdrawn  bool // taken back by the asker: none or one is right
	shared     bool // its replies are in a place with those to others: the row itself tells them apart
	untold     bool // one of many that were turned away with one notice for all: none or one is right
}

// A ledger remembers all that was asked in a row. It may be used from several goroutines.
type ledger struct {
	mu    sync.Mutex
	next  int
	asked []*asked
}

// mark gives words that no other question of this ledger has. They have no digits: digits mean something
// in a question.
func (l *ledger) mark() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return markOf(l.next)
}

// markOf writes a number with letters, always five of them.
func markOf(n int) string {
	letters := make([]byte, 5)
	for i := range letters {
		letters[len(letters)-1-i] = byte('a' + n%26)
		n /= 26
	}
	return "ref-" + string(letters)
}

// add remembers a question that is about to be asked.
func (l *ledger) add(via, key, mark string) *asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &asked{via: via, key: key, mark: mark}
	l.asked = append(l.asked, a)
	return a
}

// change changes what is known of a question.
func (l *ledger) change(a *asked, f func(*asked)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(a)
}

// saw notes a reply that the asker saw. The same one again is one.
func (l *ledger) saw(a *asked, reply string) {
	l.change(a, func(a *asked) {
		a.acked = true
		if !slices.Contains(a.replies, reply) {
			a.replies = append(a.replies, reply)
		}
	})
}

// all copies what is known.
func (l *ledger) all() []asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]asked, len(l.asked))
	for i, a := range l.asked {
		out[i] = *a
		out[i].replies = slices.Clone(a.replies)
	}
	return out
}

// A tally sums a ledger up for the table.
type tally struct{ asked, acked, replied int }

func (l *ledger) tally() tally {
	var t tally
	for _, a := range l.all() {
		t.asked++
		if a.acked {
			t.acked++
		}
		if len(a.replies)+a.turnedAway > 0 {
			t.replied++
		}
	}
	return t
}

func (t tally) String() string {
	return fmt.Sprintf("%d asked, %d acknowledged, %d replied", t.asked, t.acked, t.replied)
}

// shorten names at most a few things of a list.
func shorten(list []string, limit int) string {
	if len(list) > limit {
		return strings.Join(list[:limit], "; ") + fmt.Sprintf("; and %d more", len(list)-limit)
	}
	return strings.Join(list, "; ")
}
