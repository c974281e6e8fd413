package slackfake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Times of delivery (https://docs.slack.dev/apis/events-api/): the bot has three seconds; an event, but
// nothing else, is delivered again at once, after a minute, and after five minutes more.
const patience = 3 * time.Second

var retries = []time.Duration{0, time.Minute, 5 * time.Minute}

// Types of what is delivered (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	typeEvent       = "events_api"
	typeInteractive = "interactive"
	typeCommand     = "slash_commands"
)

// A gesture is one thing that a person did.
type gesture struct {
	name, kind  string
	channel, ts string
	at          time.Time
	told        []*delivery
	trouble     string
}

// A delivery is one thing on its way to the bot.
type delivery struct {
	of       *gesture
	kind, id string
	payload  raw
	accepts  bool // the acknowledgement may hold an answer
	envelope string
	acked    bool
	ackedAt  time.Time
	over     bool             // it was given up
	answer   func(raw) string // takes the answer, with mu held, and gives what is wrong with it; nil: there is none to take
}

// An attempt is an envelope that waits for its acknowledgement.
type attempt struct {
	d    *delivery
	done chan struct{}
}

// gesture notes that a person did something. The caller holds mu.
func (s *Server) gesture(kind, channel, ts string) *gesture {
	g := &gesture{name: fmt.Sprintf("g-%d", s.next()), kind: kind, channel: channel, ts: ts, at: s.o.Now()}
	s.gestures[g.name] = g
	s.touch()
	return g
}

// tell begins a delivery. The caller holds mu.
func (s *Server) tell(g *gesture, d *delivery, late time.Duration) {
	d.of = g
	g.told = append(g.told, d)
	if s.o.Shuffle > 0 {
		late += time.Duration(s.random.Int64N(int64(s.o.Shuffle)))
	}
	if s.ctx.Err() == nil {
		s.work.Go(func() { s.deliver(d, late) })
	}
}

// deliver tries until the bot has acknowledged or all retries were made.
func (s *Server) deliver(d *delivery, late time.Duration) {
	if !s.sleep(late) {
		return
	}
	reason := ""
	for n := 0; ; n++ {
		why := s.try(d, n, reason)
		if why == "" || s.ctx.Err() != nil {
			return
		}
		s.o.Log.Info("slackfake: not acknowledged", "gesture", d.of.name, "type", d.kind, "id", d.id, "attempt", n, "reason", why)
		if d.kind != typeEvent || n == len(retries) || why == noRetry {
			s.mu.Lock()
			d.over = true
			d.of.trouble = why
			s.touch()
			s.mu.Unlock()
			return
		}
		if reason = why; !s.sleep(retries[n]) {
			return
		}
	}
}

// try makes the n-th attempt of a delivery, from 0, and gives why it failed, or "".
func (s *Server) try(d *delivery, n int, reason string) string {
	s.mu.Lock()
	bot, cut := s.bot, s.cut
	s.mu.Unlock()
	switch {
	case cut:
		return "connection_failed"
	case bot == "":
		return s.trySocket(d, n, reason)
	}
	return s.tryHTTP(bot, d, n, reason)
}

// acknowledged takes an acknowledgement with its answer. The caller holds mu.
func (s *Server) acknowledged(d *delivery, answer raw) {
	if !d.acked {
		d.acked, d.ackedAt = true, s.o.Now()
		if d.answer != nil {
			d.of.trouble = d.answer(answer)
		}
	}
	s.touch()
}

// noRetry is why a delivery is not made again: the bot said so with X-Slack-No-Retry.
const noRetry = "no_retry"

// tryHTTP makes one attempt by a signed request. Reasons are those of X-Slack-Retry-Reason
// (https://docs.slack.dev/apis/events-api/).
func (s *Server) tryHTTP(bot string, d *delivery, n int, reason string) string {
	ctx, quit := context.WithTimeout(s.ctx, patience)
	defer quit()
	path, kind, body := "/slack/events", "application/json", []byte(d.payload)
	if d.kind != typeEvent {
		path, kind = "/slack/interactions", "application/x-www-form-urlencoded"
		body = []byte(url.Values{"payload": {string(d.payload)}}.Encode())
	}
	if d.kind == typeCommand {
		path, body = "/slack/commands", commandForm(d.payload)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, bot+path, bytes.NewReader(body))
	if err != nil {
		return "connection_failed"
	}
	req.Header.Set("Content-Type", kind)
	if n > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(n))
		req.Header.Set("X-Slack-Retry-Reason", reason)
	}
	s.sign(req, body, "")
	resp, err := s.o.Client.Do(req)
	if err != nil {
		return failure(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	switch {
	case err != nil:
		return failure(err)
	case resp.StatusCode/100 == 2:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.acknowledged(d, answer)
		return ""
	case resp.Header.Get("X-Slack-No-Retry") == "1":
		return noRetry
	}
	return "http_error"
}

func failure(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "http_timeout"
	}
	return "connection_failed"
}

// Challenge asks the bot to prove that a URL is its own, as Slack does when one is entered
// (https://docs.slack.dev/reference/events/url_verification). It gives an error unless the bot did.
func (s *Server) Challenge(ctx context.Context) error {
	status, answer, err := s.Post(ctx, "/slack/events", "application/json", []byte(`{"token":"fake","challenge":"prove-it","type":"url_verification"}`), "")
	if err == nil && (status != http.StatusOK || !strings.Contains(string(answer), "prove-it")) {
		err = fmt.Errorf("slackfake: the challenge was answered with status %d and %.80q", status, answer)
	}
	return err
}

// Post makes one request to the bot as Slack would: any body to any path. wrong says what is wrong with
// its signature, one of Wrongs or "" for nothing. It gives the status and the answer.
func (s *Server) Post(ctx context.Context, path, contentType string, body []byte, wrong string) (int, []byte, error) {
	s.mu.Lock()
	bot := s.bot
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, bot+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("slackfake: post %s: %w", path, err)
	}
	req.Header.Set("Content-Type", contentType)
	s.sign(req, body, wrong)
	resp, err := s.o.Client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("slackfake: post %s: %w", path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, answer, err
}

// Redeliver delivers all that was told of a gesture once more with the same ids, whatever became of it, as
// Slack was seen to do (https://github.com/slackapi/bolt-js/issues/2487). It does not wait.
func (s *Server) Redeliver(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gestures[name]
	if g == nil || len(g.told) == 0 {
		return fmt.Errorf("slackfake: there is no delivery of a gesture %q", name)
	}
	for _, d := range g.told {
		if s.ctx.Err() == nil {
			s.work.Go(func() { s.try(d, 0, "") })
		}
	}
	return nil
}

// TellAgain tells a gesture in a delivery of its own: the same message with another event_id. It does
// not wait.
func (s *Server) TellAgain(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gestures[name]
	if g == nil || len(g.told) == 0 {
		return fmt.Errorf("slackfake: there is no delivery of a gesture %q", name)
	}
	first := *g.told[0]
	again := &delivery{kind: first.kind, id: s.named("Ev"), accepts: first.accepts, answer: first.answer, payload: first.payload}
	if first.kind == typeEvent {
		again.payload = renamed(first.payload, again.id)
	}
	s.tell(g, again, 0)
	return nil
}

// Acked reports whether all that was told of a gesture was acknowledged, and how long after it.
func (s *Server) Acked(name string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gestures[name]
	if g == nil || len(g.told) == 0 {
		return 0, false
	}
	var last time.Time
	for _, d := range g.told {
		if !d.acked {
			return 0, false
		}
		if d.ackedAt.After(last) {
			last = d.ackedAt
		}
	}
	return last.Sub(g.at), true
}

// Trouble is what a person was told of a gesture that failed: why a delivery was given up, or what was
// wrong with the bot's answer. It is "" when all went well or is not known yet.
func (s *Server) Trouble(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.gestures[name]; g != nil {
		return g.trouble
	}
	return ""
}

// Pending counts the deliveries that are under way or will be tried again.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, g := range s.gestures {
		for _, d := range g.told {
			if !d.acked && !d.over {
				n++
			}
		}
	}
	return n
}

// hears reports whether the app has subscribed to an event.
func (s *Server) hears(event string) bool {
	return s.o.Events == nil || slices.Contains(s.o.Events, event)
}
