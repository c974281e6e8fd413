// Package memory is a journal that lives as long as the process. It says in plain code what each method of
// [journal.Journal] does: other journals are compared with it. Tests and trials use it too.
package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"policybot/bot/journal"
)

// A Journal keeps everything in memory. Its methods may be used from several goroutines. Nothing that goes in
// or comes out shares memory with it.
type Journal struct {
	mu sync.Mutex // guards all below

	questions []*question            // by Seq
	byID      map[string]*question   // those that are not forgotten
	byUser    map[string][]*question // by Seq; without those of erased users
	dialogues map[string][]*question // as byUser
	queue     []*question            // waiting and claimed, by Turn, then Seq
	open      map[string][]*question // waiting and claimed, by dialogue, then Seq
	counts    map[journal.State]int
	lastSeq   int64

	ids     map[string]bool // of every question ever accepted
	keys    map[key]string  // id of the question that each key stands for, also of a forgotten one
	persons map[string]journal.Person

	deliveries map[string]*delivery
	outbox     []*delivery // ready and posting, by Seq
	lastOut    int64
	pauses     map[place]time.Time

	cases    []*openedCase // by Seq
	caseByID map[string]*openedCase
	lastCase int64

	tokens   map[string]journal.Token
	settings map[string]string
	views    map[viewKey]journal.View
}

var _ journal.Journal = (*Journal)(nil)

// New makes an empty journal.
func New() *Journal {
	return &Journal{
		byID:       map[string]*question{},
		byUser:     map[string][]*question{},
		dialogues:  map[string][]*question{},
		open:       map[string][]*question{},
		counts:     map[journal.State]int{},
		ids:        map[string]bool{},
		keys:       map[key]string{},
		persons:    map[string]journal.Person{},
		deliveries: map[string]*delivery{},
		pauses:     map[place]time.Time{},
		caseByID:   map[string]*openedCase{},
		tokens:     map[string]journal.Token{},
		settings:   map[string]string{},
		views:      map[viewKey]journal.View{},
	}
}

// A question is one row with all that belongs to it.
type question struct {
	journal.Question
	token      string    // of its claim; "" when it is not claimed
	until      time.Time // end of the lease
	told       bool      // it was refused, and a notice says so
	erased     bool
	steps      []journal.Step
	deliveries []*delivery
	ratings    []journal.Rating // by the call
	reviews    []journal.Review // by N
	tokens     []string
	opened     *openedCase // nil when it has no case
}

// A delivery is one row of the outbox.
type delivery struct {
	journal.Delivery
	until time.Time // end of the lease while it is posting
}

// An openedCase is one case. What it says of its question is looked up when it is read.
type openedCase struct {
	journal.Case
	question *question // nil when there is none
	erased   bool
	drafts   []journal.Draft // by N
}

// A key is a delivery key or a content key of one channel.
type key struct {
	content       bool
	channel, text string
}

// A viewKey tells a view from all others.
type viewKey struct{ owner, name string }

// A place is what can be paused. The zero id with all is the whole channel.
type place struct {
	channel, id string
	all         bool
}

// lock takes the journal for one transaction, unless ctx has ended. The caller unlocks.
func (j *Journal) lock(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	j.mu.Lock()
	return nil
}

// addStep writes that something happened to a question. why may be empty.
func addStep(q *question, at time.Time, name, why string) {
	var detail json.RawMessage
	if why != "" {
		detail, _ = json.Marshal(map[string]string{"why": why}) // strings can always be written
	}
	q.steps = append(q.steps, journal.Step{At: at, Name: name, Detail: detail})
}

// queued reports whether a state is one of the queue.
func queued(s journal.State) bool { return s == journal.Waiting || s == journal.Claimed }

// final reports whether a state is never left.
func final(s journal.State) bool {
	return s == journal.Closed || s == journal.Cancelled || s == journal.Refused
}

// enter brings a stored question into a state and keeps the queue in step. It ends the claim that there was.
func (j *Journal) enter(q *question, to journal.State) {
	if q.State == journal.Claimed {
		q.token, q.until = "", time.Time{}
	}
	i, found := slices.BinarySearchFunc(j.queue, q, byTurn)
	switch {
	case queued(to) && !found:
		j.queue = slices.Insert(j.queue, i, q)
		j.open[q.Dialogue] = append(j.open[q.Dialogue], q)
	case !queued(to) && found:
		j.queue = slices.Delete(j.queue, i, i+1)
		drop(j.open, q.Dialogue, q)
	}
	j.counts[q.State]--
	j.counts[to]++
	q.State = to
}

// byTurn is the order in which questions are handed out.
func byTurn(a, b *question) int {
	return cmp.Or(cmp.Compare(a.Turn, b.Turn), cmp.Compare(a.Seq, b.Seq))
}

// drop takes a question out of one list of an index.
func drop(index map[string][]*question, name string, q *question) {
	rest := slices.DeleteFunc(index[name], func(other *question) bool { return other == q })
	if len(rest) == 0 {
		delete(index, name)
		return
	}
	index[name] = rest
}
