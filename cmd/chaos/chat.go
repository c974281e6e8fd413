//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"policybot/bot/fakechat"
)

// A chat is the fake platform of a world and the people in it.
type chat struct {
	ledger *ledger
	server *fakechat.Server
	http   *httptest.Server
	mail   *mail

	mu    sync.Mutex
	posts []*post
	all   []string // gestures of every kind
}

// A post is one question that a person typed.
type post struct {
	*asked
	gesture             string
	user, place, thread string
	from                time.Time
}

// chatSetup is how a platform behaves.
type chatSetup struct {
	speed   float64 // divides the platform's times; 0: usualSpeed
	twice   bool    // each gesture in two events
	shuffle uint64  // events arrive in another order
}

// usualSpeed makes the platform retry at once, after 4 s and after 20 s, and wait 200 ms for an acknowledgement.
const usualSpeed = 15

// newChat starts a platform that tells the bot at a URL of what people do. The caller closes it.
func newChat(bot string, s chatSetup, l *ledger) (*chat, error) {
	if s.speed == 0 {
		s.speed = usualSpeed
	}
	c := &chat{ledger: l, mail: newMail()}
	server, err := fakechat.NewServer(fakechat.ServerOptions{
		Secret: canaryChat, Bot: bot, Client: &http.Client{Transport: c.mail}, Speed: s.speed, Twice: s.twice, Shuffle: s.shuffle,
	})
	if err != nil {
		return nil, err
	}
	c.server, c.http = server, httptest.NewServer(server)
	return c, nil
}

func (c *chat) close() {
	c.server.Close()
	c.http.CloseClientConnections()
	c.http.Close()
	c.mail.inner.CloseIdleConnections()
}

// env tells the program where the platform is.
func (c *chat) env() []string {
	return []string{"POLICYBOT_FAKECHAT_URL=" + c.http.URL, "POLICYBOT_FAKECHAT_SECRET=" + canaryChat}
}

// post lets a person ask in a thread that the question begins, and does not wait.
func (c *chat) post(user, place, text string) (*post, error) {
	c.mu.Lock()
	thread := fmt.Sprint("t-", len(c.posts))
	c.mu.Unlock()
	return c.postIn(user, place, thread, text)
}

// postIn lets a person ask in a thread, and does not wait.
func (c *chat) postIn(user, place, thread, text string) (*post, error) {
	p := &post{user: user, place: place, thread: thread, from: time.Now()}
	gesture, err := c.do(fakechat.TypeMessage, fakechat.Act{User: user, Place: place, Thread: thread, Text: "@bot " + text})
	if err != nil {
		return nil, err
	}
	p.gesture, p.asked = gesture, c.ledger.add(viaChat, gesture, markIn(text))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts = append(c.posts, p)
	return p, nil
}

// do lets somebody do something and remembers it.
func (c *chat) do(kind string, a fakechat.Act) (string, error) {
	gesture, err := c.server.Do(kind, a)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, gesture)
	return gesture, nil
}

// edit changes the text of a post, remove takes it back. Both wait until the bot has acknowledged it.
func (c *chat) edit(ctx context.Context, p *post, text string) error {
	return c.change(ctx, fakechat.TypeEdit, p, "@bot "+text)
}

func (c *chat) remove(ctx context.Context, p *post) error {
	return c.change(ctx, fakechat.TypeDelete, p, "")
}

func (c *chat) change(ctx context.Context, kind string, p *post, text string) error {
	gesture, err := c.do(kind, fakechat.Act{User: p.user, Place: p.place, Thread: p.thread, Of: p.gesture, Text: text})
	if err != nil {
		return err
	}
	return wait(ctx, 10*time.Second, "the "+kind+" is acknowledged", func() (bool, error) { return c.server.Acked(gesture), nil })
}

// resend delivers the first event of a post once more and waits until it is acknowledged.
func (c *chat) resend(ctx context.Context, p *post) error {
	before := c.mail.acks(p.gesture)
	if err := c.server.Redeliver(p.gesture); err != nil {
		return err
	}
	return wait(ctx, 10*time.Second, "an event that is sent again is acknowledged", func() (bool, error) { return c.mail.acks(p.gesture) > before, nil })
}

// acked reports whether the bot has acknowledged a post.
func (c *chat) acked(p *post) bool { return c.server.Acked(p.gesture) }

// waitAcked waits for that.
func (c *chat) waitAcked(ctx context.Context, p *post) error {
	return wait(ctx, 10*time.Second, "the event is acknowledged", func() (bool, error) { return c.acked(p), nil })
}

// ackTook is how long the first acknowledged delivery of a post took; 0 when there is none.
func (c *chat) ackTook(p *post) time.Duration { return c.mail.took(p.gesture) }

// undelivered counts events that the platform has not given up and the bot not acknowledged.
func (c *chat) undelivered() int { return c.server.Stats().Pending }

// replied waits until a person has a reply.
func (c *chat) replied(ctx context.Context, p *post) error {
	return wait(ctx, 60*time.Second, "a reply to "+p.mark, func() (bool, error) { return len(c.seen(p)) > 0, nil })
}

// seen are the replies in the thread of a post, of those with several parts the first. A part that is shown
// twice counts as a reply of its own.
func (c *chat) seen(p *post) []string {
	return replies(c.server.Seen(p.place, p.thread).Messages)
}

func replies(messages []fakechat.Message) []string {
	var out []string
	shown := map[string]bool{}
	for _, m := range messages {
		part := fmt.Sprint(m.Key, " ", m.Part)
		if m.Part <= 1 || shown[part] {
			out = append(out, m.ID+" "+m.Text)
		}
		shown[part] = true
	}
	return out
}

// seenIn are the replies in all threads of a place.
func (c *chat) seenIn(place string) []string {
	var out []string
	for thread := range c.threads(place) {
		out = append(out, replies(c.server.Seen(place, thread).Messages)...)
	}
	return out
}

// timesIn are the times of all messages of a place, in no order.
func (c *chat) timesIn(place string) []time.Time {
	var out []time.Time
	for thread := range c.threads(place) {
		for _, m := range c.server.Seen(place, thread).Messages {
			out = append(out, m.At)
		}
	}
	return out
}

// threads are those of a place in which somebody asked, and the place itself.
func (c *chat) threads(place string) map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]bool{"": true}
	for _, p := range c.posts {
		if p.place == place {
			out[p.thread] = true
		}
	}
	return out
}

// collect notes in the ledger what people have seen and what was acknowledged.
func (c *chat) collect() {
	c.mu.Lock()
	posts := append([]*post(nil), c.posts...)
	c.mu.Unlock()
	for _, p := range posts {
		acked := c.mail.acks(p.gesture) > 0
		seen := c.seen(p)
		c.ledger.change(p.asked, func(a *asked) {
			a.acked = a.acked || acked
			if !a.shared {
				a.replies = seen
			}
		})
	}
}

// everything is all that people see of the bot now.
func (c *chat) everything() []fakechat.Seen {
	c.mu.Lock()
	places := map[[2]string]bool{}
	for _, p := range c.posts {
		places[[2]string{p.place, p.thread}] = true
		places[[2]string{p.place, ""}] = true
	}
	c.mu.Unlock()
	var out []fakechat.Seen
	for at := range places {
		out = append(out, c.server.Seen(at[0], at[1]))
	}
	return out
}

// pings counts how often the bot's messages called on people.
func (c *chat) pings() int {
	n := 0
	for _, seen := range c.everything() {
		for _, m := range seen.Messages {
			n += m.Pings
		}
	}
	return n
}

// texts are all words that people have seen of the bot.
func (c *chat) texts() []string {
	var out []string
	for _, seen := range c.everything() {
		for _, m := range seen.Messages {
			out = append(out, m.Text+"\n"+strings.Join(m.Sources, "\n"))
		}
		for _, d := range seen.Drafts {
			out = append(out, d.Text+"\n"+d.Progress)
		}
	}
	return out
}

// A mail carries the platform's events to the bot and measures how fast they are acknowledged.
type mail struct {
	inner *http.Transport

	mu    sync.Mutex
	tried map[string]int
	acked map[string]int
	first map[string]time.Duration
}

func newMail() *mail {
	return &mail{inner: &http.Transport{MaxIdleConnsPerHost: 20}, tried: map[string]int{}, acked: map[string]int{}, first: map[string]time.Duration{}}
}

// RoundTrip implements http.RoundTripper.
func (m *mail) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	var event struct {
		Gesture string `json:"gesture"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, fmt.Errorf("an event of the platform: %w", err)
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	began := time.Now()
	resp, err := m.inner.RoundTrip(req)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried[event.Gesture]++
	if err == nil && resp.StatusCode == http.StatusOK {
		if m.acked[event.Gesture]++; m.acked[event.Gesture] == 1 {
			m.first[event.Gesture] = time.Since(began)
		}
	}
	return resp, err
}

// acks counts the acknowledged deliveries of a gesture.
func (m *mail) acks(gesture string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.acked[gesture]
}

// tries counts the deliveries of a gesture that have ended, however.
func (m *mail) tries(gesture string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tried[gesture]
}

// took is how long the first of them took.
func (m *mail) took(gesture string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first[gesture]
}
