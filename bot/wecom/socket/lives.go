package socket

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"policybot/bot/wecom/aibot"
)

// A life is what this process knows of the replies to one message.
type life struct {
	lock  chan struct{} // holds one while somebody sends; not a mutex, because that is waited for with a context
	made  time.Time
	fresh atomic.Bool // this process stored the message: what it does not know of has not happened
	req   string
	lang  string

	stream string    // id of the first reply's stream
	opened time.Time // when its first snapshot was sent; zero: not by this process
	shown  time.Time // when a snapshot of the document was sent last
	over   bool      // it has ended without the document, or WeCom takes no more of it
	taken  string    // key of the document that it belongs to; "" while it is under way

	parts map[string]*part // by key and number
}

// A part is one message of a document.
type part struct {
	done  bool
	doubt bool      // it may have arrived
	first time.Time // when it was sent first, or may have been at the earliest
	known bool      // what was tried before is known
	paid  bool      // it is counted in the quota
}

func newLife(to aibot.Target) *life {
	return &life{
		lock: make(chan struct{}, 1), made: time.Now(), req: to.Req, lang: to.Lang,
		stream: aibot.StreamID("reply", to.Chat, to.Msg), parts: map[string]*part{},
	}
}

// enter waits until nobody else sends a reply to the message.
func (v *life) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case v.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *life) leave() { <-v.lock }

// lives are those of the messages that this process has to do with.
type lives struct {
	mu  sync.Mutex
	all map[string]*life
}

func newLives() *lives { return &lives{all: map[string]*life{}} }

// of is what is known of the replies to a message.
func (l *lives) of(to aibot.Target) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := to.Chat + "\x00" + to.Msg
	v := l.all[name]
	if v == nil {
		v = newLife(to)
		l.all[name] = v
	}
	return v
}

// sweep forgets what began more than a day ago, or an hour when there is much.
func (l *lives) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	keep := reqLife
	if len(l.all) > 20_000 {
		keep = time.Hour
	}
	for name, v := range l.all {
		if time.Since(v.made) > keep {
			delete(l.all, name)
		}
	}
}

// list gives all of them.
func (l *lives) list() []*life {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*life, 0, len(l.all))
	for _, v := range l.all {
		out = append(out, v)
	}
	return out
}
