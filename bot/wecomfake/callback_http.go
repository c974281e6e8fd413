package wecomfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"policybot/bot/wecomfake/envelope"
)

const (
	verifyWithin = time.Second // https://developer.work.weixin.qq.com/document/path/101033
	maxAnswer    = 1 << 20     // bytes of the answer to a callback; chosen
)

// An unreadable answer is one that the platform cannot open. It is an answer all the same: the callback is
// not made again, which is chosen.
type unreadable struct{ why error }

// Error implements error.
func (e *unreadable) Error() string { return fmt.Sprintf("the answer cannot be read: %v", e.why) }

// tryCall makes one attempt and gives the text of the answer, which is nil when the bot says nothing. A fault
// for the name delays the request or loses its answer.
func (s *Server) tryCall(name string, body json.RawMessage) ([]byte, error) {
	s.mu.Lock()
	f, cut := s.dueFault(name, false), s.cut
	s.mu.Unlock()
	if f.Kind == FaultSlow && !s.sleep(f.After) {
		return nil, fmt.Errorf("the server is closed")
	}
	if cut {
		return nil, fmt.Errorf("no connection")
	}
	at, nonce := s.stamp()
	text, signature := s.bot.box.Seal(body, at, nonce)
	query := url.Values{"msg_signature": {signature}, "timestamp": {at}, "nonce": {nonce}}
	status, answer, err := s.Raw(s.ctx, http.MethodPost, query, encode(map[string]string{"encrypt": text}))
	switch {
	case err != nil:
		return nil, err
	case f.Kind == FaultLost:
		return nil, fmt.Errorf("the answer was lost")
	case status != http.StatusOK:
		return nil, fmt.Errorf("status %d", status)
	case len(answer) == 0:
		return nil, nil
	}
	plain, err := s.openAnswer(answer, nonce)
	if err != nil {
		return nil, &unreadable{err}
	}
	return plain, nil
}

// stamp gives the timestamp and the nonce of a callback.
func (s *Server) stamp() (at, nonce string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	return strconv.FormatInt(time.Now().Unix(), 10), fmt.Sprintf("%d%07d", 100+s.random.IntN(900), s.seq)
}

// openAnswer opens what the bot answers: an envelope whose nonce is that of the callback
// (https://developer.work.weixin.qq.com/document/path/101033).
func (s *Server) openAnswer(answer []byte, nonce string) ([]byte, error) {
	var a struct {
		Encrypt   string
		Signature string `json:"msgsignature"`
		Timestamp json.Number
		Nonce     string
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	at, err := a.Timestamp.Int64()
	if bad := bytes.Contains(answer, []byte(`"`+a.Timestamp.String()+`"`)); err != nil || bad {
		return nil, fmt.Errorf("timestamp %q is no number of seconds", a.Timestamp)
	}
	if off := time.Since(time.Unix(at, 0)).Abs(); off > 10*time.Minute { // chosen
		return nil, fmt.Errorf("timestamp %d is %s off", at, off)
	}
	if a.Nonce != nonce {
		return nil, fmt.Errorf("nonce is %q, that of the callback %q", a.Nonce, nonce)
	}
	plain, err := s.bot.box.Open(a.Signature, a.Timestamp.String(), nonce, a.Encrypt)
	if err != nil {
		return nil, fmt.Errorf("open it: %w", err)
	}
	return plain, nil
}

// Raw makes a request to the bot's callback address, with nothing added but the query, and gives the status
// and the body of the answer, for which it waits five seconds.
func (s *Server) Raw(ctx context.Context, method string, query url.Values, body []byte) (int, []byte, error) {
	s.mu.Lock()
	address := s.bot.callback
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if strings.Contains(address, "?") {
		address += "&" + query.Encode()
	} else {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, address, err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := s.o.Client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", err)
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(w.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("callback: read the answer: %w", err)
	}
	return w.StatusCode, answer, nil
}

// Verify does what happens when an administrator saves the callback address: a GET whose echostr has to come
// back in clear, without anything around it, within a second. It says what is wrong.
func (s *Server) Verify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, verifyWithin)
	defer cancel()
	at, nonce := s.stamp()
	plain := "16161403175555" + nonce
	text, signature := s.bot.box.Seal([]byte(plain), at, nonce)
	query := url.Values{"msg_signature": {signature}, "timestamp": {at}, "nonce": {nonce}, "echostr": {text}}
	status, answer, err := s.Raw(ctx, http.MethodGet, query, nil)
	if err != nil {
		return fmt.Errorf("wecomfake: verify: %w", err)
	}
	if status != http.StatusOK || string(answer) != plain {
		return fmt.Errorf("wecomfake: verify: status %d, %q came back, want %q", status, answer, plain)
	}
	return nil
}

// Spoil lets somebody who is not the platform tell the bot of a text in an envelope that is wrong, and gives
// the status of the answer. No person sees anything of it.
func (s *Server) Spoil(ctx context.Context, way envelope.Way, user, text string) (int, error) {
	s.mu.Lock()
	body := encode(map[string]any{
		"msgid": s.named("msg"), "aibotid": s.o.Bot.BotID, "chattype": "single", "from": map[string]any{"userid": user}, "msgtype": typeText,
		"text": map[string]any{"content": text},
	})
	s.mu.Unlock()
	at, nonce := s.stamp()
	sealed, err := s.bot.box.Spoil(way, body, at, nonce)
	if err != nil {
		return 0, fmt.Errorf("wecomfake: spoil: %w", err)
	}
	query := url.Values{"msg_signature": {sealed.Signature}, "timestamp": {sealed.Timestamp}, "nonce": {sealed.Nonce}}
	status, _, err := s.Raw(ctx, http.MethodPost, query, encode(map[string]string{"encrypt": sealed.Text}))
	return status, err
}
