package callback

import (
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
)

// lives are what this process knows of messages and of the replies to them.
type lives struct {
	late  bool       // there is another way to deliver, besides WeCom's
	mu    sync.Mutex // never taken by who holds that of a life
	all   map[string]*life
	users map[string][]*life // streams that may be open, by person
}

// mostLives is how many messages are remembered at most: about 1 KB each, and 20 KB more in the first minutes.
const mostLives = 20_000

func newLives(late bool) *lives {
	return &lives{late: late, all: map[string]*life{}, users: map[string][]*life{}}
}

// streamOf names the stream of the reply to a message: the same however often the message is delivered.
func streamOf(to aibot.Target) string { return aibot.StreamID("reply", to.Chat, to.Msg) }

// arrive is the life of a message that comes in. It has no stream when the person has too many open ones.
func (l *lives) arrive(to aibot.Target, sent, now time.Time) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	user := strings.ToLower(to.User)
	v := l.get(streamOf(to), user, now)
	open := slices.DeleteFunc(l.users[user], func(other *life) bool { return !other.isOpen(now) })
	v.meet(to, sent)
	if !slices.Contains(open, v) {
		if len(open) >= mostOpen {
			v.close()
		} else {
			open = append(open, v)
		}
	}
	l.users[user] = open
	v.arrived()
	return v
}

// stop ends the streams of what somebody asked in a chat, as the question to stop has done with the questions.
func (l *lives) stop(to aibot.Target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range l.users[strings.ToLower(to.User)] {
		v.mu.Lock()
		if v.met && v.chat == to.Chat {
			v.finish("", render.Stopped(v.lang), nil)
		}
		v.mu.Unlock()
	}
}

// of is the life of the message to which a handle replies.
func (l *lives) of(to aibot.Target, now time.Time) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.get(streamOf(to), to.User, now)
	v.meet(to, to.Arrived())
	return v
}

// stream is the life of a stream of somebody's that WeCom asks for.
func (l *lives) stream(name, user string, now time.Time) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.get(name, user, now)
}

// get gives a life of somebody's, made if need be. The caller holds mu.
func (l *lives) get(name, user string, now time.Time) *life {
	v := l.all[name]
	if v == nil {
		v = newLife(name, now)
		v.late = l.late
		l.all[name] = v
		user = strings.ToLower(user)
		l.users[user] = append(l.users[user], v) // an earlier process may have opened it
	}
	return v
}

// known is the life of a stream, nil where this process has none.
func (l *lives) known(name string) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[name]
}

// sweep forgets what is long past, and the oldest where there is too much.
func (l *lives) sweep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keep := keepLives
	for {
		for name, v := range l.all {
			if age := now.Sub(v.made); age > keep {
				delete(l.all, name)
			} else if age > keepTexts {
				v.shed()
			}
		}
		if len(l.all) <= mostLives || keep < 2*streamLife {
			break
		}
		keep /= 2
	}
	for user, open := range l.users {
		open = slices.DeleteFunc(open, func(v *life) bool { return !v.isOpen(now) })
		if l.users[user] = open; len(open) == 0 {
			delete(l.users, user)
		}
	}
}

const mostLabels = 20_000
