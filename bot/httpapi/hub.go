package httpapi

import (
	"sync"

	"policybot/bot/channel"
)

// A hub leads from replies to the requests that wait for them, by the key of the question. The zero hub
// is ready.
type hub struct {
	mu        sync.Mutex
	listeners map[string]map[*listener]bool
}

// A listener is one request that waits.
type listener struct {
	wake chan struct{} // holds one when there are news
	mu   sync.Mutex
	news news
}

// news is what happened since it was taken last. Of documents and steps the latest is enough.
type news struct {
	doc       *channel.Doc
	step      string
	withdrawn bool
}

// listen adds a listener for a key. It must be taken away by leave.
func (h *hub) listen(key string) *listener {
	l := &listener{wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[string]map[*listener]bool{}
	}
	if h.listeners[key] == nil {
		h.listeners[key] = map[*listener]bool{}
	}
	h.listeners[key][l] = true
	return l
}

func (h *hub) leave(key string, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners[key], l)
	if len(h.listeners[key]) == 0 {
		delete(h.listeners, key)
	}
}

// tell changes the news of every listener of a key. It does not wait for them.
func (h *hub) tell(key string, change func(*news)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners[key] {
		l.mu.Lock()
		change(&l.news)
		l.mu.Unlock()
		select {
		case l.wake <- struct{}{}:
		default: // it is to wake already
		}
	}
}

// take gives the news and forgets them.
func (l *listener) take() news {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.news
	l.news = news{}
	return n
}
