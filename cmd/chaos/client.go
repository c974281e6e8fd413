//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// A client asks over HTTP as a careful caller does: with one key for one question, again and again until
// the answer is there. It may be used from several goroutines. The caller calls close.
type client struct {
	addr   string
	token  string
	ledger *ledger
	http   *http.Client
	limit  time.Duration // of one try
	leaks  func(error)   // told of secrets in an answer
}

func newClient(addr string, l *ledger, leaks func(error)) *client {
	return &client{
		addr: addr, token: canaryToken, ledger: l, limit: 40 * time.Second, leaks: leaks,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}},
	}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// An ask is one question over HTTP.
type ask struct {
	key, user, text string
	mark            string // in text; "" when text must stay as it is
	id              string // wished for; "" for any
}

// An answer is the part of an Answer that rows look at.
type answer struct {
	ID       string `json:"id"`
	Question string `json:"question"`
	Outcome  string `json:"outcome"`
	Reason   string `json:"reason"`
	Text     string `json:"text"`
}

// A response is one try's end.
type response struct {
	status int
	answer answer
	body   []byte
	retry  bool // no word yet on what becomes of the question
}

// ask asks until there is a definite answer or ctx ends, and notes it in the ledger.
func (c *client) ask(ctx context.Context, q ask) (response, error) {
	a := c.ledger.add(viaHTTP, q.key, q.mark)
	return c.follow(ctx, q, a)
}

// follow asks a question that the ledger has already.
func (c *client) follow(ctx context.Context, q ask, a *asked) (response, error) {
	pause := 20 * time.Millisecond
	var last error
	for {
		r, err := c.once(ctx, q)
		if err == nil && r.status == http.StatusAccepted {
			c.ledger.change(a, func(a *asked) { a.acked = true })
		}
		if err == nil && !r.retry {
			c.seen(a, r.answer)
			return r, nil
		}
		if err == nil {
			err = fmt.Errorf("status %d: %s", r.status, clip(string(r.body), 200))
		}
		last = err
		select {
		case <-ctx.Done():
			return response{}, fmt.Errorf("ask %s: no answer: %w", q.key, last)
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
}

// seen notes an answer in the ledger.
func (c *client) seen(a *asked, got answer) {
	switch {
	case got.ID == "":
	case got.turnedAway():
		c.ledger.change(a, func(a *asked) { a.acked, a.turnedAway = true, a.turnedAway+1 })
	default:
		c.ledger.saw(a, got.ID+"\n"+got.Text)
	}
}

// turnedAway reports whether a question was refused for the service's sake, not for what it is.
func (a answer) turnedAway() bool {
	return a.Outcome == "refused" && slices.Contains([]string{"busy", "user_busy", "stopped"}, a.Reason)
}

// once tries one time.
func (c *client) once(ctx context.Context, q ask) (response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	line := map[string]string{"question": q.text}
	if q.id != "" {
		line["id"] = q.id
	}
	body, err := json.Marshal(line)
	if err != nil {
		return response{}, err
	}
	return c.send(ctx, body, q)
}

// send posts a body as it is.
func (c *client) send(ctx context.Context, body []byte, q ask) (response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+"/api/v1/ask", bytes.NewReader(body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	if q.key != "" {
		req.Header.Set("Idempotency-Key", q.key)
	}
	if q.user != "" {
		req.Header.Set("X-Policybot-User", q.user)
	}
	return c.finish(req)
}

// stored asks for an answer by its id.
func (c *client) stored(ctx context.Context, id string) (response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.addr+"/api/v1/answers/"+url.PathEscape(id), nil)
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	return c.finish(req)
}

func (c *client) finish(req *http.Request) (response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return response{}, err
	}
	c.leaks(leak("an answer over HTTP", string(data)))
	r := response{status: resp.StatusCode, body: data}
	if json.Unmarshal(data, &r.answer) != nil || r.answer.Outcome == "" {
		r.answer = answer{}
	}
	definite := r.answer.Outcome != "" || r.status >= 400 && r.status < 500 && r.status != http.StatusTooManyRequests && r.status != http.StatusRequestTimeout
	r.retry = !definite
	return r, nil
}

// fetch asks for a page on a connection of its own, as nobody in particular.
func fetch(ctx context.Context, url string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+canaryToken)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	return resp.StatusCode, data, err
}
