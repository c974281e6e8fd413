package callback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
)

// urlLives reports whether the hour in which WeCom takes a reply goes on.
func (s *sending) urlLives() bool { return time.Since(s.to.Arrived()) < urlLife }

// certain reports whether it is known that no other document had the response_url. WeCom may not tell: reports of real traffic
// say that it takes a second message without a word and shows nothing.
func (s *sending) certain() bool { return !s.as.Later || s.life.isFresh() }

// respond sends a message to the response_url, or the document by another way where that takes nothing any more. A message
// whose end is not known is sent again: the response_url shows one only.
func (s *sending) respond(ctx context.Context, text string) error {
	address := ""
	if s.urlLives() && s.certain() {
		address = s.life.spend(s.as.Key)
	}
	if address == "" {
		return s.otherwise(ctx, "the hour in which WeCom takes a reply is over, or its one reply was used")
	}
	err := errors.New("WeCom asks for time again and again")
	for range 3 {
		if err := s.pay(ctx); err != nil {
			return s.unspent(err)
		}
		var code int
		code, err = s.c.post(ctx, address, aibot.Pushed("", text, s.feedback()))
		asked, waits := errors.AsType[*channel.WaitError](err)
		switch {
		case err == nil && code == aibot.CodeOK:
			return nil
		case waits:
			err = s.patient(ctx, asked.After)
		case aibot.TooFast(code):
			err = s.patient(ctx, time.Minute)
		case code == aibot.CodeBusy:
			return s.unspent(errors.New("WeCom is busy (-1)"))
		case code != 0:
			return s.refusal(ctx, code)
		default:
			s.known.posting = true
			if ctx.Err() != nil {
				return err
			}
			continue // it shows one message only
		}
		if err != nil {
			return s.unspent(err)
		}
	}
	return err
}

// unspent is what a call fails with that has surely done nothing.
func (s *sending) unspent(err error) error {
	if !s.known.posting {
		s.life.keepURL()
	}
	return err
}

// refusal is for a code that nothing can be done about. Of a message that may have arrived it does not tell whether it is
// what has used the response_url, or whether that cannot be used: no documentation names a code for either.
func (s *sending) refusal(ctx context.Context, code int) error {
	switch {
	case aibot.Gone(code) != "":
		return s.unspent(&channel.GoneError{Reason: fmt.Sprintf("%s (%d)", aibot.Gone(code), code)})
	case s.known.posting || s.known.doubt:
		return errUnknowable
	}
	s.c.o.Log.Warn("wecombot: a response_url takes no reply", "code", code)
	return s.otherwise(ctx, fmt.Sprintf("WeCom takes no reply to the message any more (%d)", code))
}

// otherwise delivers the document by another way, if there is one and it surely was not delivered before.
func (s *sending) otherwise(ctx context.Context, why string) error {
	switch {
	case s.known.posting, s.known.doubt && time.Since(s.to.Arrived()) < 2*urlLife:
		return errUnknowable
	case s.c.o.Late == nil || s.to.User == "":
		return &channel.GoneError{Reason: why}
	}
	err := s.c.o.Late(ctx, s.to.User, s.doc, s.as)
	if _, waits := errors.AsType[*channel.WaitError](err); waits && s.known.streamed {
		return fmt.Errorf("in the middle of a document: %s", err) //nolint:errorlint // no WaitError: a part was delivered
	}
	return err
}

// pay counts the message, and waits while there are too many in the chat.
func (s *sending) pay(ctx context.Context) error {
	for !s.known.paid {
		wait := s.c.quota.Take(s.to.Chat, time.Now())
		if wait == 0 {
			s.known.paid = true
			break
		}
		if err := s.patient(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// patient waits. Where nothing of the document has been shown it lets the caller wait.
func (s *sending) patient(ctx context.Context, after time.Duration) error {
	if !s.known.streamed && !s.known.posting {
		return &channel.WaitError{After: after}
	}
	return inlet.Rest(ctx, after)
}

// post sends a message of markdown to a response_url (https://developer.work.weixin.qq.com/document/path/101138) and gives
// WeCom's code. An error that is no *channel.WaitError leaves open what came of it.
func (c *Channel) post(ctx context.Context, address string, m aibot.Message) (code int, err error) {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	data, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("encode a reply: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return 0, errors.New("the response_url is no address")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send a reply to the response_url: %w", inlet.WithoutAddress(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return 0, &channel.WaitError{After: retryAfter(resp.Header)}
	case resp.StatusCode >= 400 && resp.StatusCode < 500:
		return resp.StatusCode, nil
	case resp.StatusCode != http.StatusOK:
		return 0, fmt.Errorf("send a reply to the response_url: WeCom answers %d", resp.StatusCode)
	case err != nil:
		return 0, fmt.Errorf("read the answer of the response_url: %w", inlet.WithoutAddress(err))
	}
	var answer struct {
		Code *int `json:"errcode"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Code == nil {
		return 0, fmt.Errorf("the answer of the response_url cannot be read, %d bytes", len(body))
	}
	return *answer.Code, nil
}

// retryAfter is how long an answer asks to wait; a minute where it does not say.
func retryAfter(h http.Header) time.Duration {
	s, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || s < 1 || s > 3600 {
		return time.Minute
	}
	return time.Duration(s) * time.Second
}
