package fakechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// ServerOptions of a platform.
type ServerOptions struct {
	Secret string       // shared with the bot; not empty
	Bot    string       // URL of the bot without a path; it may be set later with Server.SetBot
	Client *http.Client // for deliveries; nil: one of its own
	File   string       // where the state is kept; "" for nowhere
	// Speed divides every time of the platform: with 10, it waits 0.3 s for the bot instead of 3 s. 0 is 1.
	Speed float64
	// Interval is the least time between two messages of the bot in one place; 0 is a second, below 0 none.
	Interval time.Duration
	Twice    bool // every gesture is told in two deliveries
	// Shuffle, when it is not 0, delays every delivery by up to half a second, by random numbers from
	// this seed, so that they arrive in another order.
	Shuffle uint64
	Log     *slog.Logger // nil: none
}

// A Server is the platform. It is an http.Handler for the bot, under /api/, and for whoever plays the
// people, under /admin/. Its methods may be used from several goroutines.
type Server struct {
	o      ServerOptions
	mux    *http.ServeMux
	ctx    context.Context
	quit   context.CancelFunc
	work   *sync.WaitGroup // deliveries under way
	random *rand.Rand      // nil without Shuffle

	mu      sync.Mutex
	state   state
	bot     string
	faults  []Fault
	cut     bool
	revoked bool
	changed chan struct{}        // closed and made anew at every change
	lastAt  map[string]time.Time // of the bot's last message, by place and kind
	stats   Stats
}

// Stats count what happened since the server began.
type Stats struct {
	Gestures   int `json:"gestures"`
	Deliveries int `json:"deliveries"` // attempts
	Acked      int `json:"acked"`      // gestures of which a delivery was acknowledged
	Pending    int `json:"pending"`    // deliveries that are under way or will be tried again
	Given      int `json:"given_up"`   // deliveries that were given up
	Calls      int `json:"calls"`      // of the bot
	Posts      int `json:"posts"`      // messages of the bot that are shown
	Searches   int `json:"searches"`   // for keys
	Limited    int `json:"limited"`    // calls that were told to wait
	Faults     int `json:"faults"`     // calls that were made to fail
}

// NewServer makes a platform, with the state from o.File if there is one. The caller closes it.
func NewServer(o ServerOptions) (*Server, error) {
	if o.Secret == "" {
		return nil, errors.New("fakechat: the platform needs a secret: set ServerOptions.Secret")
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Speed < 0 {
		return nil, fmt.Errorf("fakechat: speed %g: it must be above 0", o.Speed)
	}
	if o.Interval == 0 {
		o.Interval = time.Second
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, bot: o.Bot, work: new(sync.WaitGroup), changed: make(chan struct{}), lastAt: map[string]time.Time{}}
	if o.Shuffle != 0 {
		s.random = rand.New(rand.NewPCG(o.Shuffle, 0))
	}
	if err := s.state.load(o.File); err != nil {
		return nil, err
	}
	s.ctx, s.quit = context.WithCancel(context.Background())
	s.mux = s.routes()
	for _, d := range s.state.Deliveries {
		if !d.Acked && !d.Over {
			s.work.Go(func() { s.deliver(d) })
		}
	}
	return s, nil
}

// Close ends all deliveries. Those that are not acknowledged are kept in the file.
func (s *Server) Close() {
	s.quit()
	s.work.Wait()
}

// SetBot says where the bot is. Deliveries from now on go there.
func (s *Server) SetBot(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot = url
}

// Cut makes the platform unreachable both ways until Mend.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// Mend undoes Cut and a fault of kind revoked.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut, s.revoked = false, false
}

// Stats gives what happened so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Gestures = len(s.state.Gestures)
	for _, d := range s.state.Deliveries {
		if !d.Acked && !d.Over {
			out.Pending++
		}
	}
	for _, g := range s.state.Gestures {
		if s.state.acked(g.Name) {
			out.Acked++
		}
	}
	return out
}

// Acked reports whether a delivery of a gesture was acknowledged.
func (s *Server) Acked(gesture string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.acked(gesture)
}

// Seen is what people see in a place.
type Seen struct {
	Messages []Message `json:"messages"` // of the bot, oldest first
	Drafts   []Draft   `json:"drafts"`   // replies under way
}

// Seen gives what people see of the bot in a thread of a place.
func (s *Server) Seen(place, thread string) Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen(place, thread)
}

func (s *Server) seen(place, thread string) Seen {
	out := Seen{Messages: []Message{}, Drafts: []Draft{}}
	for _, m := range s.state.Messages {
		if m.Place == place && m.Thread == thread {
			m.Buttons, m.Sources = slices.Clone(m.Buttons), slices.Clone(m.Sources)
			out.Messages = append(out.Messages, m)
		}
	}
	for _, d := range s.state.Drafts {
		if d.Place == place && d.Thread == thread {
			out.Drafts = append(out.Drafts, d)
		}
	}
	return out
}

// WaitSeen waits until the bot has shown at least n messages there, or until ctx ends, and gives what
// people see then.
func (s *Server) WaitSeen(ctx context.Context, place, thread string, n int) Seen {
	for {
		s.mu.Lock()
		seen, changed := s.seen(place, thread), s.changed
		s.mu.Unlock()
		if len(seen.Messages) >= n {
			return seen
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return seen
		case <-s.ctx.Done():
			return seen
		}
	}
}

// touch saves the state and wakes who waits for a change. The caller holds mu.
func (s *Server) touch() {
	if err := s.state.save(s.o.File); err != nil {
		s.o.Log.Error("fakechat: keep the state", "file", s.o.File, "err", err)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// scaled is a time of the platform at its speed.
func (s *Server) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.o.Speed)
}

// sleep waits for a time of the platform, and reports false when the server ended first.
func (s *Server) sleep(d time.Duration) bool {
	t := time.NewTimer(s.scaled(d))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}
