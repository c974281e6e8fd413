package wecomfake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options of a fake. The zero value has made-up names.
type Options struct {
	Bot  BotOptions
	Corp CorpOptions

	// URL of the fake without a slash at its end, for links that it gives out; "": as the last request
	// named it, and http://wecom.fake before the first.
	URL    string
	Client *http.Client // for callbacks to the bot; nil: one of its own
	// Check says what is wrong with what the AI bot sends: the surface is "template_card",
	// "update_template_card", "markdown", "stream" or "text", the body is the object of that name; for the
	// second it is the template_card. nil: package judge does. An error that has a method Errcode() int names
	// the code of the answer, too; any other is 40058.
	Check func(surface string, body json.RawMessage) error
	// Seed makes what is random; the zero value is a seed, too.
	Seed uint64
}

// A Server is the platform. It is an http.Handler: / and /ws are the long connection of the AI bot,
// /response/ID a response_url, the rest belongs to the self-built app. Its methods may be used from several
// goroutines.
type Server struct {
	o    Options
	mux  *http.ServeMux // filled by New
	ctx  context.Context
	quit context.CancelFunc
	work sync.WaitGroup // what is under way

	mu       sync.Mutex // never held while waiting
	random   *rand.Rand
	base     string // URL of the fake
	seq      int
	gestures map[string]*gesture
	faults   []Fault
	cut      bool
	revoked  bool
	calls    []Call
	drops    []Drop
	advice   []string
	changed  chan struct{} // closed and made anew at every change

	bot  bot
	corp corp
}

// New makes a fake. It fails when an option is out of range. The caller closes it.
func New(o Options) (*Server, error) {
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	s := &Server{
		o: o, base: cmp.Or(o.URL, "http://wecom.fake"), mux: http.NewServeMux(), random: rand.New(rand.NewPCG(o.Seed, 1)),
		gestures: map[string]*gesture{}, changed: make(chan struct{}),
	}
	s.ctx, s.quit = context.WithCancel(context.Background())
	if err := cmp.Or(s.openBot(), s.openCorp()); err != nil {
		s.quit()
		return nil, fmt.Errorf("wecomfake: %w", err)
	}
	return s, nil
}

// Close ends callbacks and connections and waits for them.
func (s *Server) Close() {
	s.quit()
	s.endConns()
	s.work.Wait()
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.o.URL == "" {
		s.base = "http://" + r.Host
	}
	cut := s.cut
	s.mu.Unlock()
	if cut {
		panic(http.ErrAbortHandler)
	}
	s.mux.ServeHTTP(w, r)
}

// Wait waits until done gives true, which is asked at every change and may call the Server's methods. It
// gives the error of ctx when that ends first, and an error when the Server is closed.
func (s *Server) Wait(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return fmt.Errorf("wecomfake: wait: the server is closed")
		}
	}
}

// start does a piece of work in a goroutine that Close waits for, unless the server is closed. The caller
// holds mu.
func (s *Server) start(do func()) {
	if s.ctx.Err() == nil {
		s.work.Go(do)
	}
}

// touch wakes who waits for a change. The caller holds mu.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// sleep waits, and reports false when the server ended first.
func (s *Server) sleep(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// named gives an id such as msg00000007. The caller holds mu.
func (s *Server) named(prefix string) string {
	s.seq++
	return fmt.Sprintf("%s%08d", prefix, s.seq)
}

// A Call is one thing that the bot asked of the platform.
type Call struct {
	Name  string // the command of a frame, or the path of a request
	ReqID string // of a frame
	Body  json.RawMessage
	At    time.Time
	Code  int    // errcode of the answer
	Fault string // Kind of the fault that met it, "" when none did
	Early bool   // a frame that came before the answer to another of its req_id
}

// Calls gives all calls, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// noted keeps a call. The caller holds mu.
func (s *Server) noted(c Call) {
	c.At = time.Now()
	s.calls = append(s.calls, c)
	s.touch()
}

// A Drop is a message that was acknowledged and that nobody sees.
type Drop struct {
	Chat string
	Body json.RawMessage
	At   time.Time
}

// SilentDrops gives all of them, oldest first.
func (s *Server) SilentDrops() []Drop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Drop(nil), s.drops...)
}

// Advice tells what the platform took and clients show in part: what is longer than the documentation
// advises, oldest first.
func (s *Server) Advice() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.advice...)
}

// dropped keeps a drop. The caller holds mu.
func (s *Server) dropped(chat string, body json.RawMessage) {
	s.drops = append(s.drops, Drop{Chat: chat, Body: body, At: time.Now()})
	s.touch()
}

// encode makes JSON of what always can be.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("wecomfake: encode %T: %v", v, err))
	}
	return b
}
