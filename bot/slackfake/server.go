package slackfake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a workspace. The zero value is one with made-up names.
type Options struct {
	BotToken      string // "xoxb-…"
	AppToken      string // "xapp-…", for Socket Mode
	SigningSecret string // of deliveries by HTTP
	Team          string // the workspace, "T…"
	Enterprise    string // the organisation of Enterprise Grid, "E…"; "": none
	OrgInstall    bool   // the app is installed for the whole organisation
	BotUser       string // the bot as a user, "U…"
	BotID         string // the bot as a bot, "B…"
	AppID         string // "A…"

	// URL of the fake without a slash at its end, for links that it gives out; "": as the last request
	// named it. An http URL gives ws links, an https URL wss links.
	URL string
	// Bot is the URL of the bot when events go over HTTP; "": they go over Socket Mode. SetBot changes it.
	Bot    string
	Client *http.Client     // for deliveries by HTTP; nil: one of its own
	Now    func() time.Time // nil: time.Now. Waiting is always done in the time of the process.

	Scopes []string // of the bot token; nil: all that the methods need
	Events []string // subscriptions, such as "app_mention" and "message.im"; nil: all
	Limits bool     // rate limits are enforced
	// Check says what is wrong with the blocks of a "message", "stream", "modal" or "home"; nil: nothing is.
	// A *blockkit.Problem names the error of the call, too; anything else is invalid_blocks.
	Check func(surface string, blocks json.RawMessage) error
	// Seed chooses the connection of each event and the order of what has none; 0 takes the connections in turn.
	Seed uint64
	// Shuffle delays every delivery by up to so much, by random numbers from Seed.
	Shuffle time.Duration
	Echo    bool // the bot hears what it posts itself, as bots in Slack do
	Log     *slog.Logger
}

func (o *Options) fill() error {
	o.BotToken = cmp.Or(o.BotToken, "xoxb-1-fake")
	o.AppToken = cmp.Or(o.AppToken, "xapp-1-fake")
	o.SigningSecret = cmp.Or(o.SigningSecret, "signing-secret-of-the-fake")
	o.Team = cmp.Or(o.Team, "T0000001")
	o.BotUser, o.BotID = cmp.Or(o.BotUser, "U0000BOT"), cmp.Or(o.BotID, "B0000BOT")
	o.AppID = cmp.Or(o.AppID, "A0000001")
	if !strings.HasPrefix(o.BotToken, "xoxb-") || !strings.HasPrefix(o.AppToken, "xapp-") {
		return fmt.Errorf("slackfake: tokens begin with xoxb- (the bot's) and xapp- (the app's)")
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scopes == nil {
		o.Scopes = allScopes()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// A Server is the workspace. It is an http.Handler: /api/METHOD is the Web API, /link a Socket Mode
// connection, /respond/ID a response_url. Its methods may be used from several goroutines.
type Server struct {
	o    Options
	ctx  context.Context
	quit context.CancelFunc
	work sync.WaitGroup // deliveries under way

	mu       sync.Mutex // never held while waiting
	random   *rand.Rand
	base     string // URL of the fake
	bot      string // URL of the bot
	seq      int
	rooms    map[string]*room
	users    map[string]*User
	messages []*message         // in the order in which they were posted
	index    map[place]*message // those that are there and that all can see
	threads  map[place]*Thread
	views    map[string]*view
	stacks   map[string][]*view // open modals by user, the one on top last
	homes    map[string]*view
	triggers map[string]*trigger
	answers  map[string]*responseURL
	gestures map[string]*gesture
	waiting  map[string]*attempt // by envelope id
	conns    []*conn             // open Socket Mode connections, oldest first
	turn     int                 // which of them is next
	tickets  map[string]bool     // links that were given out and not used
	faults   []Fault
	buckets  map[string]*bucket
	cut      bool
	revoked  bool
	calls    []Call
	changed  chan struct{} // closed and made anew at every change
}

// New makes a workspace. It fails when a token is none. The caller closes it.
func New(o Options) (*Server, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	s := &Server{
		o: o, base: o.URL, bot: o.Bot, random: rand.New(rand.NewPCG(o.Seed, 1)),
		index: map[place]*message{}, rooms: map[string]*room{}, users: map[string]*User{}, threads: map[place]*Thread{}, views: map[string]*view{},
		stacks: map[string][]*view{}, homes: map[string]*view{}, triggers: map[string]*trigger{}, answers: map[string]*responseURL{},
		gestures: map[string]*gesture{}, waiting: map[string]*attempt{}, tickets: map[string]bool{}, buckets: map[string]*bucket{},
		changed: make(chan struct{}),
	}
	s.ctx, s.quit = context.WithCancel(context.Background())
	s.users[o.BotUser] = &User{ID: o.BotUser, Name: "policybot", Team: o.Team, Bot: true}
	return s, nil
}

// Close ends deliveries and connections and waits for them.
func (s *Server) Close() {
	s.quit()
	s.mu.Lock()
	conns := slices.Clone(s.conns)
	s.mu.Unlock()
	for _, c := range conns {
		c.end()
	}
	s.work.Wait()
}

// SetBot says where the bot is; "" is Socket Mode. Deliveries from now on go there.
func (s *Server) SetBot(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot = url
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
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.serveAPI(w, r)
	case strings.HasPrefix(r.URL.Path, "/respond/"):
		s.serveRespond(w, r)
	case strings.TrimSuffix(r.URL.Path, "/") == "/link":
		s.serveLink(w, r)
	default:
		http.NotFound(w, r)
	}
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
			return fmt.Errorf("slackfake: wait: the server is closed")
		}
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

// next counts what is named by numbers. The caller holds mu.
func (s *Server) next() int {
	s.seq++
	return s.seq
}

// named gives an id such as Ev00000007. The caller holds mu.
func (s *Server) named(prefix string) string { return fmt.Sprintf("%s%08d", prefix, s.next()) }

// uuid gives an id in the form of a UUID that was not given before. The caller holds mu.
func (s *Server) uuid() string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", s.random.Uint32(), s.next())
}
