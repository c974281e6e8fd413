package wecomfake

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/wecomfake/envelope"
	"policybot/bot/wecomfake/judge"
)

// An appCallback is something that the app is told.
type appCallback struct {
	gesture *gesture
	user    *member
	inner   []byte      // before encryption
	card    *appMessage // whose button was pressed
	once    bool        // it is not tried again
	last    envelope.Sealed
}

// A statusError is an answer other than 200.
type statusError int

// Error implements error.
func (e statusError) Error() string { return "status " + strconv.Itoa(int(e)) }

// tellApp delivers what a member did, and names the gesture. The caller holds mu.
func (s *Server) tellApp(c *appCallback) string {
	name, g := s.gestured(func() error { s.redeliver(c); return nil })
	c.gesture = g
	s.corp.told[name] = c
	s.start(func() { s.callApp(c) })
	return name
}

// redeliver delivers a callback once more.
func (s *Server) redeliver(c *appCallback) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(func() { s.callApp(c) })
}

// callApp tries to deliver a callback: it waits five seconds, and tries three times more with the same MsgId
// and a timestamp and nonce of their own (https://developer.work.weixin.qq.com/document/path/90238). That it
// tries at once after a time-out, and after a second when there was another reason, is chosen.
func (s *Server) callApp(c *appCallback) {
	for n := range attempts {
		answer, err := s.tryApp(c)
		if err == nil {
			s.arrived(c, answer)
			return
		}
		s.mu.Lock()
		c.gesture.trouble = append(c.gesture.trouble, err.Error())
		s.touch()
		s.mu.Unlock()
		_, isStatus := errors.AsType[statusError](err)
		if c.once || isStatus && s.o.Corp.RetryNetworkOnly || n == attempts-1 {
			return
		}
		if !errors.Is(err, context.DeadlineExceeded) && !s.sleep(pause) {
			return
		}
	}
}

// tryApp makes one attempt and gives the body of the answer. A fault for callbacks delays the request or loses
// its answer.
func (s *Server) tryApp(c *appCallback) ([]byte, error) {
	e, err := s.sealed("", c.inner)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	f := s.dueFault(callEvent, false)
	c.last = e
	s.mu.Unlock()
	if f.Kind == FaultSlow && !s.sleep(f.After) {
		return nil, fmt.Errorf("the server is closed")
	}
	answer, err := s.postSealed(e)
	if err == nil && f.Kind == FaultLost {
		return nil, fmt.Errorf("the answer was lost")
	}
	return answer, err
}

// postSealed posts an envelope as the platform does.
func (s *Server) postSealed(e envelope.Sealed) ([]byte, error) {
	outer := "<xml>" + cdata("ToUserName", s.o.Corp.CorpID) + cdata("AgentID", strconv.Itoa(s.o.Corp.AgentID)) + cdata("Encrypt", e.Text) + "</xml>"
	return s.requestApp(http.MethodPost, e, nil, []byte(outer), patience)
}

// requestApp makes a request to the app and gives the body of an answer with status 200.
func (s *Server) requestApp(method string, e envelope.Sealed, more url.Values, body []byte, limit time.Duration) ([]byte, error) {
	s.mu.Lock()
	to, cut := s.corp.callback, s.cut
	s.mu.Unlock()
	if to == "" || cut {
		return nil, fmt.Errorf("no connection to %q", to)
	}
	q := url.Values{"msg_signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}
	for k, v := range more {
		q[k] = v
	}
	ctx, quit := context.WithTimeout(s.ctx, limit)
	defer quit()
	r, err := http.NewRequestWithContext(ctx, method, to+"?"+q.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request to %q: %w", to, err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "text/xml")
	}
	resp, err := s.o.Client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("request to %q: %w", to, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("answer of %q: %w", to, err)
	}
	if resp.StatusCode != http.StatusOK {
		return answer, statusError(resp.StatusCode)
	}
	return answer, nil
}

// arrived notes that the app took a callback, and shows what it answered.
func (s *Server) arrived(c *appCallback, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.gesture.acked = true
	if err := s.passive(c, answer); err != nil {
		c.gesture.trouble = append(c.gesture.trouble, err.Error())
	}
	s.touch()
}

// A passiveReply is the answer to a callback (https://developer.work.weixin.qq.com/document/path/90241).
type passiveReply struct {
	To      string `xml:"ToUserName"`
	From    string `xml:"FromUserName"`
	At      int64  `xml:"CreateTime"`
	Type    string `xml:"MsgType"`
	Content string
	Button  struct{ ReplaceName string }
}

// passive shows the answer to a callback: none, the word success, or a reply of type text or update_button.
// Others are not known to the fake. The caller holds mu.
func (s *Server) passive(c *appCallback, answer []byte) error {
	if t := strings.TrimSpace(string(answer)); t == "" || t == "success" {
		return nil
	}
	inner, err := s.openPassive(answer)
	if err != nil {
		return err
	}
	var r passiveReply
	if err := xml.Unmarshal(inner, &r); err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	if !strings.EqualFold(r.To, c.user.id) || r.From != s.o.Corp.CorpID || r.At == 0 {
		return fmt.Errorf("the answer is from %q to %q", r.From, r.To)
	}
	switch {
	case r.Type == TypeText:
		m := &appMessage{kind: TypeText, text: cut(r.Content, judge.MaxText), passive: true, at: time.Now(), seen: map[*member]*appView{}}
		m.id, m.cut, m.to = s.named("msg"), len(r.Content) > judge.MaxText, []*member{c.user}
		s.corp.sent = append(s.corp.sent, m)
		return judge.Text(judge.App, m.text)
	case r.Type == "update_button" && c.card != nil && r.Button.ReplaceName != "":
		v := c.card.view(c.user)
		v.used = r.Button.ReplaceName
		c.card.seen[c.user] = &v
		return nil
	}
	return fmt.Errorf("the answer is of type %q", r.Type)
}

// openPassive gives what stands in the envelope of an answer.
func (s *Server) openPassive(answer []byte) ([]byte, error) {
	var e struct {
		Encrypt      string
		MsgSignature string
		TimeStamp    string
		Nonce        string
	}
	if err := xml.Unmarshal(answer, &e); err != nil {
		return nil, fmt.Errorf("the answer is no XML: %w", err)
	}
	inner, err := s.corp.box.Open(e.MsgSignature, e.TimeStamp, e.Nonce, e.Encrypt)
	if err != nil {
		return nil, fmt.Errorf("the answer: %w", err)
	}
	return inner, nil
}

// cdata is an element with a text, as WeCom writes it.
func cdata(name, text string) string {
	return "<" + name + "><![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">"
}

// AppVerify checks the address of the app as the administration page does: a GET with a sealed echostr. It
// fails unless exactly the text comes back within a second.
func (s *Server) AppVerify() error {
	_, plain := s.stamp()
	got, err := s.AppVerifySpoilt("", plain)
	if err != nil {
		return err
	}
	if string(got) != plain {
		return fmt.Errorf("wecomfake: check of the address: got %q, want %q", got, plain)
	}
	return nil
}

// AppVerifySpoilt checks the address with an echostr that is wrong in a way; "" is right. It gives the answer
// and, with a status other than 200, an error besides.
func (s *Server) AppVerifySpoilt(way envelope.Way, plain string) ([]byte, error) {
	e, err := s.sealed(way, []byte(plain))
	if err != nil {
		return nil, err
	}
	answer, err := s.requestApp(http.MethodGet, e, url.Values{"echostr": {e.Text}}, nil, verifyWithin)
	if err != nil {
		return answer, fmt.Errorf("wecomfake: check of the address: %w", err)
	}
	return answer, nil
}

// sealed makes an envelope that is wrong in a way; "" is right.
func (s *Server) sealed(way envelope.Way, inner []byte) (envelope.Sealed, error) {
	var e envelope.Sealed
	e.Timestamp, e.Nonce = s.stamp()
	if way == "" {
		e.Text, e.Signature = s.corp.box.Seal(inner, e.Timestamp, e.Nonce)
		return e, nil
	}
	e, err := s.corp.box.Spoil(way, inner, e.Timestamp, e.Nonce)
	if err != nil {
		return e, fmt.Errorf("wecomfake: %w", err)
	}
	return e, nil
}

// AppPost posts one callback with any inner document, which may be wrong, in an envelope that is wrong in a
// way; "" is right. It does not try again. It gives the status of the answer; 0 with an error: there was none.
func (s *Server) AppPost(way envelope.Way, inner []byte) (int, error) {
	e, err := s.sealed(way, inner)
	if err != nil {
		return 0, err
	}
	return statusOf(s.postSealed(e))
}

// AppReplay posts the last attempt at a gesture once more, with the same timestamp and nonce, as somebody would
// who has overheard it. It gives the status of the answer; 0 with an error: there was none.
func (s *Server) AppReplay(gesture string) (int, error) {
	s.mu.Lock()
	c := s.corp.told[gesture]
	var e envelope.Sealed
	if c != nil {
		e = c.last
	}
	s.mu.Unlock()
	if e.Text == "" {
		return 0, fmt.Errorf("wecomfake: replay: nothing was posted for a gesture %q", gesture)
	}
	return statusOf(s.postSealed(e))
}

// AppPostOuter posts one callback whose outer document is body, with a signature of nothing. It does not try
// again. It gives the status of the answer; 0 with an error: there was none.
func (s *Server) AppPostOuter(body []byte) (int, error) {
	e, err := s.sealed("", nil)
	if err != nil {
		return 0, err
	}
	return statusOf(s.requestApp(http.MethodPost, e, nil, slices.Clone(body), patience))
}

func statusOf(_ []byte, err error) (int, error) {
	if status, ok := errors.AsType[statusError](err); ok {
		return int(status), nil
	}
	if err != nil {
		return 0, err
	}
	return http.StatusOK, nil
}
