package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"policybot/bot/faults/control"
)

// A Client commands a program whose build carries package control. It keeps no connections open. It may be
// used from several goroutines. Every method fails when nobody listens or the command is not understood.
type Client struct {
	base string
	http *http.Client
}

// NewClient makes a client for the address that the program under test listens on.
func NewClient(addr string) *Client {
	return &Client{
		base: "http://" + addr,
		http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// Clock sets how far the program's wall clock is ahead of the real one; negative: behind.
func (c *Client) Clock(ctx context.Context, offset time.Duration) error {
	return c.do(ctx, http.MethodPost, "/clock", control.Clock{Offset: offset.String()}, nil)
}

// Stall holds up, or lets go, the answers to questions that hold text; "" means all.
func (c *Client) Stall(ctx context.Context, on bool, text string) error {
	return c.do(ctx, http.MethodPost, "/stall", control.Stall{On: on, Text: text}, nil)
}

// Panic makes the answerer panic for questions that hold text; "" ends that.
func (c *Client) Panic(ctx context.Context, text string) error {
	return c.do(ctx, http.MethodPost, "/panic", control.Panic{Text: text}, nil)
}

// ExitAt ends the process as kill -9 does when it passes a point after having passed it skip times; ""
// takes that back.
func (c *Client) ExitAt(ctx context.Context, point string, skip int) error {
	return c.do(ctx, http.MethodPost, "/exit", control.Exit{At: point, Skip: skip}, nil)
}

// Stats tells what the program holds.
func (c *Client) Stats(ctx context.Context) (control.Stats, error) {
	var s control.Stats
	err := c.do(ctx, http.MethodGet, "/stats", nil, &s)
	return s, err
}

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("faults: is the program built with -tags faultkit? %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return fmt.Errorf("faults: %s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(why))
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
