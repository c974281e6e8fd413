package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
)

// Times and sizes of a socket (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	dialTime   = 10 * time.Second
	helloTime  = 10 * time.Second
	writeTime  = 5 * time.Second
	pingEvery  = 8 * time.Second
	silence    = 25 * time.Second // without a sign of life a connection counts as dead
	lastWords  = 30 * time.Second // an old connection is read for so long after Slack has told us to leave it
	firstRetry = 2 * time.Second
	lastRetry  = 20 * time.Second
	maxAnswer  = 20<<10 - 1 // bytes; Slack drops longer acknowledgements without a word
)

// connected counts the connections that have said hello, for the channel's health.
type connected struct {
	c  *Channel
	mu sync.Mutex
	n  int
}

func (u *connected) add(n int, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n += n
	if u.n > 0 {
		u.c.door.Set(channel.Up, "")
	} else {
		u.c.door.Set(channel.Down, reason)
	}
}

// failed tells why no connection can be made, where there is none.
func (u *connected) failed(reason string) { u.add(0, reason) }

// hold keeps one connection until ctx ends. A new one is made before an old one that Slack wants to close is
// left: what is still sent over that is taken.
func (c *Channel) hold(ctx context.Context, in *inlet.Intake, up *connected) {
	var sockets sync.WaitGroup
	defer sockets.Wait()
	for failures := 0; ctx.Err() == nil; {
		s, err := c.connect(ctx)
		if err != nil {
			if reason := fatalReason(err); reason != "" {
				c.revoke(reason)
				return
			}
			up.failed(plain(err))
			c.o.Log.Warn("slack: no connection", "error", plain(err))
			failures++
			if inlet.Pause(ctx, max(backoff(failures), waitOf(err))) != nil {
				return
			}
			continue
		}
		began := time.Now()
		up.add(1, "")
		sockets.Go(func() {
			defer up.add(-1, "the connection was lost")
			c.read(ctx, in, s)
		})
		select {
		case <-s.leave:
		case <-ctx.Done():
			return
		}
		if failures++; s.asked.Load() || time.Since(began) > lastRetry {
			failures = 0 // to be asked to change connections is no failure
		}
		if failures > 0 && inlet.Pause(ctx, backoff(failures)) != nil {
			return
		}
	}
}

// backoff is how long to wait after so many failures, from 1: doubling, and spread so that many do not come at once.
func backoff(failures int) time.Duration {
	d := min(firstRetry<<min(failures-1, 10), lastRetry)
	return d/2 + rand.N(d/2)
}

// A socket is one connection. One goroutine reads; who writes holds the lock.
type socket struct {
	conn    *websocket.Conn
	writing sync.Mutex
	leaving sync.Once
	leave   chan struct{} // closed when another connection is wanted
	early   *envelope     // what came in the place of a hello; nil for nothing
	asked   atomic.Bool   // Slack wants that
}

func (s *socket) left() { s.leaving.Do(func() { close(s.leave) }) }

// connect opens a connection and waits for its hello.
func (c *Channel) connect(ctx context.Context) (*socket, error) {
	if err := c.limits.opens.Wait(ctx); err != nil {
		return nil, err
	}
	url := ""
	err := c.call(ctx, "apps.connections.open", "", func(ctx context.Context) (err error) {
		_, url, err = c.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for a connection (apps.connections.open): %w", err)
	}
	dialling, quit := context.WithTimeout(ctx, dialTime)
	defer quit()
	dialer := *websocket.DefaultDialer
	dialer.WriteBufferSize = 32 << 10 // Slack does not put frames together again
	if c.o.Dial != nil {
		dialer.NetDialContext, dialer.Proxy = c.o.Dial, nil
	}
	conn, response, err := dialer.DialContext(dialling, url, nil)
	if response != nil && response.Body != nil {
		response.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("connect to Slack: %w", err)
	}
	s := &socket{conn: conn, leave: make(chan struct{})}
	conn.SetReadLimit(maxBody)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	err = s.hello()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("wait for Slack's hello: %w", err)
	}
	return s, nil
}

// An envelope is what comes over a socket.
type envelope struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
	Reason     string          `json:"reason"` // of a disconnect
	Answerable bool            `json:"accepts_response_payload"`
	Attempt    int             `json:"retry_attempt"` // never looked at: after a new connection it is the only delivery
}

// hello waits for the first thing that comes, which is a hello unless Slack is in a hurry.
func (s *socket) hello() error {
	if err := s.conn.SetReadDeadline(time.Now().Add(helloTime)); err != nil {
		return err
	}
	var e envelope
	if err := s.conn.ReadJSON(&e); err != nil {
		return err
	}
	if e.Type != "hello" {
		s.early = &e
	}
	return nil
}

// read takes what comes over a socket until it ends, and closes it. What it began is ended then.
func (c *Channel) read(ctx context.Context, in *inlet.Intake, s *socket) {
	ctx, quit := context.WithCancel(ctx)
	var own sync.WaitGroup
	defer own.Wait()
	defer quit()
	defer s.left()
	own.Go(func() { s.stayAlive(ctx) })
	var end time.Time // of what is read after Slack has told us to leave
	alive := func() {
		next := time.Now().Add(silence)
		if !end.IsZero() && end.Before(next) {
			next = end
		}
		_ = s.conn.SetReadDeadline(next) // if it fails the next read does
	}
	answer := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error {
		alive()
		return answer(data)
	})
	s.conn.SetPongHandler(func(string) error {
		alive()
		return nil
	})
	alive()
	stay := func(e envelope) bool {
		if e.Type != "disconnect" {
			c.envelope(ctx, in, s, e)
			return true
		}
		end = time.Now().Add(lastWords)
		return c.dismissed(s, e.Reason)
	}
	if s.early != nil && !stay(*s.early) {
		return
	}
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			if ctx.Err() == nil {
				c.o.Log.Info("slack: a connection ended", "closed", websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway))
			}
			return
		}
		alive()
		var e envelope
		if err := json.Unmarshal(data, &e); err != nil {
			c.once("a message of Slack cannot be read", "bytes", len(data))
			continue
		}
		if !stay(e) {
			return
		}
	}
}

// dismissed is told that Slack wants to close a connection. It reports whether it is still worth to read it.
func (c *Channel) dismissed(s *socket, reason string) bool {
	c.o.Log.Info("slack: asked to leave a connection", "reason", reason)
	if fatal := fatalErrors[reason]; fatal != "" {
		c.revoke(fatal)
		return false
	}
	s.asked.Store(reason == "warning" || reason == "refresh_requested")
	s.left()
	return true
}

// stayAlive pings until ctx ends, and then closes the connection.
func (s *socket) stayAlive(ctx context.Context) {
	defer s.conn.Close()
	for inlet.Pause(ctx, pingEvery) == nil {
		if s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTime)) != nil {
			return
		}
	}
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
}

// envelope has one envelope's event stored, in a goroutine that in owns, and acknowledges it then.
func (c *Channel) envelope(ctx context.Context, in *inlet.Intake, s *socket, e envelope) {
	if e.EnvelopeID == "" {
		return // hello, and what has nothing for us
	}
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	in.Go(func(context.Context) {
		defer func() { <-c.slots }()
		answer, err := c.take(in, delivery{kind: e.Type, payload: e.Payload})
		if err != nil {
			if !errors.Is(err, errUnreadable) {
				return // it comes again
			}
			c.once("an event of Slack cannot be read", "type", e.Type, "bytes", len(e.Payload))
		}
		if err := s.acknowledge(e.EnvelopeID, answer); err != nil {
			c.o.Log.Info("slack: an event was not acknowledged; it comes again")
		}
	})
}

// acknowledge tells Slack that an envelope has arrived, with an answer where one is wanted.
func (s *socket) acknowledge(id string, answer any) error {
	data, err := json.Marshal(struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}{id, answer})
	if err != nil || len(data) > maxAnswer {
		data = fmt.Appendf(nil, `{"envelope_id":%q}`, id)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return s.conn.WriteMessage(websocket.TextMessage, data)
}
