package fakechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"policybot/bot/channel"
)

var errRevoked = errors.New("the platform refuses the secret")

// call makes one call of the platform's API. in is sent as JSON unless it is nil; out is read. The error
// is a *channel.WaitError or a *channel.GoneError where the platform said so, and holds no secret. Any
// other leaves open whether the platform did what it was asked.
func (c *Channel) call(ctx context.Context, limit time.Duration, method, path string, in, out any) error {
	ctx, quit := context.WithTimeout(ctx, limit)
	defer quit()
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.o.Base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.o.Secret)
	resp, err := c.o.Client.Do(req)
	if err != nil {
		// A *url.Error tells method and URL; the secret is in neither.
		return err
	}
	defer resp.Body.Close()
	if err := failed(resp); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not JSON: %w", method, path, err)
	}
	return nil
}

// failed reads a status.
func failed(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusTooManyRequests:
		return &channel.WaitError{After: retryAfter(resp.Header.Get("Retry-After"))}
	case http.StatusNotFound, http.StatusGone:
		return &channel.GoneError{Reason: "the platform answered " + resp.Status}
	case http.StatusUnauthorized, http.StatusForbidden:
		return errRevoked
	}
	why, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	if err != nil {
		why = nil
	}
	return fmt.Errorf("the platform answered %s: %q", resp.Status, why)
}

// retryAfter reads whole seconds or, when they cannot be read, is a few.
func retryAfter(header string) time.Duration {
	n, err := strconv.Atoi(header)
	if err != nil || n < 1 || n > 24*60*60 {
		return 5 * time.Second
	}
	return time.Duration(n) * time.Second
}

// query makes the path of a call with values.
func query(path string, values map[string]string) string {
	q := url.Values{}
	for name, value := range values {
		q.Set(name, value)
	}
	return path + "?" + q.Encode()
}
