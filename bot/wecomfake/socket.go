package wecomfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Properties of the long connection (https://developer.work.weixin.qq.com/document/path/101463).
const (
	cmdSubscribe = "aibot_subscribe"
	cmdPing      = "ping"
	cmdRespond   = "aibot_respond_msg"
	cmdWelcome   = "aibot_respond_welcome_msg"
	cmdUpdate    = "aibot_respond_update_msg"
	cmdSend      = "aibot_send_msg"
	cmdMessage   = "aibot_msg_callback"
	cmdEvent     = "aibot_event_callback"

	maxFrame    = 16 << 20 // chosen
	writeWithin = 10 * time.Second
	maxReqID    = 256 // bytes of a req_id
)

// A conn is one long connection. Its reader is the request that opened it.
type conn struct {
	ws        *websocket.Conn
	out       chan outFrame
	gone      chan struct{} // closed when it ends
	once      sync.Once
	stalled   chan struct{} // closed when nothing is read or written any more
	stallOnce sync.Once
	pending   map[string]int // frames without an answer, by req_id; under Server.mu
	deaf      bool           // nothing is written any more; under Server.mu
}

type outFrame struct {
	kind int // of package websocket
	data []byte
	at   time.Time // not before
	sent func()    // is called before it is written; nil: nothing is
	last bool      // the connection ends after it
	of   *gesture  // that it tells of; nil: of none
}

// A frame is what goes over a long connection, either way.
type frame struct {
	Cmd     string          `json:"cmd,omitempty"`
	Headers headers         `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
	ErrCode *int            `json:"errcode,omitempty"`
	ErrMsg  string          `json:"errmsg,omitempty"`
}

type headers struct {
	ReqID string `json:"req_id"`
}

// end closes the connection as a cable that is cut would.
func (c *conn) end() {
	c.once.Do(func() {
		close(c.gone)
		c.ws.Close()
	})
}

func (c *conn) isStalled() bool {
	select {
	case <-c.stalled:
		return true
	default:
		return false
	}
}

// send puts a frame in the queue; a connection on which too much waits ends.
func (c *conn) send(f outFrame) {
	select {
	case c.out <- f:
	default:
		c.end()
	}
}

func textFrame(v any) outFrame { return outFrame{kind: websocket.TextMessage, data: encode(v)} }

// serveSocket opens a connection and reads until it ends.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		http.Error(w, "want a WebSocket", http.StatusBadRequest)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{ws: ws, out: make(chan outFrame, 4096), gone: make(chan struct{}), stalled: make(chan struct{}), pending: map[string]int{}}
	defer c.end()
	if !s.admit(c) {
		return
	}
	defer s.work.Done()
	s.read(c)
	s.forget(c)
}

// admit adds a connection and starts its writer, unless the server is closed or cut.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || s.cut {
		return false
	}
	s.work.Add(1) // for the reader
	s.work.Go(func() { s.write(c) })
	s.bot.conns = append(s.bot.conns, c)
	s.touch()
	return true
}

// forget takes away a connection that has ended.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot.conns = slices.DeleteFunc(s.bot.conns, func(other *conn) bool { return other == c })
	if s.bot.live == c {
		s.bot.live = nil
	}
	s.touch()
}

// write sends what is in the queue.
func (s *Server) write(c *conn) {
	defer s.unsent(c)
	defer c.end()
	for {
		select {
		case <-c.gone:
			return
		case <-c.stalled:
			<-c.gone
			return
		case f := <-c.out:
			if !c.ready(f) {
				return
			}
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin)) // the write says what is wrong
			err := c.ws.WriteMessage(f.kind, f.data)
			if err == nil && f.last {
				bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
				_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeWithin))
			}
			if err != nil || f.last {
				return
			}
		}
	}
}

// unsent notes the gestures of which a connection that ends told nobody.
func (s *Server) unsent(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.deaf = true
	for {
		select {
		case f := <-c.out:
			if f.of != nil {
				f.of.trouble = append(f.of.trouble, "the connection ended before it was told")
			}
		default:
			s.touch()
			return
		}
	}
}

// ready waits until a frame may be sent, and reports false when the connection ended first.
func (c *conn) ready(f outFrame) bool {
	if d := time.Until(f.at); d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.gone:
			return false
		}
	}
	if f.sent != nil {
		f.sent()
	}
	return true
}

// read takes frames until the connection ends. One on which nothing comes for too long is closed.
func (s *Server) read(c *conn) {
	pong := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error {
		if c.isStalled() {
			return nil
		}
		return pong(data)
	})
	c.ws.SetReadLimit(maxFrame)
	for {
		_ = c.ws.SetReadDeadline(time.Now().Add(s.o.Bot.PingWithin)) // the read says what is wrong
		kind, data, err := c.ws.ReadMessage()
		if c.isStalled() { // what came is not read
			<-c.gone
			return
		}
		if err != nil {
			return
		}
		if kind == websocket.TextMessage {
			s.take(c, data)
		}
	}
}

// unfinished reports whether a frame is a snapshot of a stream that goes on.
func (f frame) unfinished() bool {
	var b struct {
		Stream *struct{ Finish bool }
	}
	return json.Unmarshal(f.Body, &b) == nil && b.Stream != nil && !b.Stream.Finish
}

// take answers a frame, or spoils it as the fault that is due for it wants. What is no frame gets no
// answer, which is chosen.
func (s *Server) take(c *conn, data []byte) {
	var fr frame
	if json.Unmarshal(data, &fr) != nil || fr.Cmd == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.dueFault(fr.Cmd, fr.unfinished())
	c.pending[fr.Headers.ReqID]++
	switch f.Kind {
	case FaultLost, FaultSilent:
		c.answered(s, fr, codeBusy, f)
		if f.Kind == FaultLost {
			s.start(c.end)
		}
	case FaultSlow:
		s.start(func() {
			if s.sleep(f.After) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.answer(c, fr, f)
			}
		})
	default:
		s.answer(c, fr, f)
	}
}

// answered notes a frame and what became of it. The caller holds mu.
func (c *conn) answered(s *Server, fr frame, code int, f Fault) {
	early := c.pending[fr.Headers.ReqID] > 1
	s.noted(Call{Name: fr.Cmd, ReqID: fr.Headers.ReqID, Body: fr.Body, Code: code, Fault: f.Kind, Early: early})
	if f.Kind == FaultLost || f.Kind == FaultSilent || f.Kind == FaultHang || f.Kind == FaultNoise {
		c.release(fr)
	}
}

// answer does what a frame asks for and acknowledges it. The caller holds mu.
func (s *Server) answer(c *conn, fr frame, f Fault) {
	select {
	case <-c.gone: // while it was held
		c.answered(s, fr, codeBusy, Fault{Kind: FaultLost})
		return
	default:
	}
	code, text := f.refusal(), "refused by a fault"
	if code == 0 {
		code, text = codeOf(s.do(c, fr))
	}
	c.answered(s, fr, code, f)
	switch f.Kind {
	case FaultHang:
		s.start(func() {
			s.sleep(f.After)
			c.end()
		})
	case FaultNoise:
		c.send(outFrame{kind: websocket.TextMessage, data: []byte(noise)})
	default:
		s.acknowledge(c, fr, code, text)
	}
}

// acknowledge sends {headers, errcode, errmsg}, which has no cmd. The caller holds mu.
func (s *Server) acknowledge(c *conn, fr frame, code int, text string) {
	out := textFrame(frame{Headers: fr.Headers, ErrCode: &code, ErrMsg: text})
	out.last = fr.Cmd == cmdSubscribe && code != 0
	if s.o.Bot.AckAfter == 0 {
		c.release(fr)
		c.send(out)
		return
	}
	out.at = time.Now().Add(s.o.Bot.AckAfter)
	out.sent = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		c.release(fr)
	}
	c.send(out)
}

// release counts a frame as answered. The caller holds mu.
func (c *conn) release(fr frame) {
	id := fr.Headers.ReqID
	if c.pending[id]--; c.pending[id] <= 0 {
		delete(c.pending, id)
	}
}

// do does what a frame asks for. The caller holds mu.
func (s *Server) do(c *conn, fr frame) error {
	id := fr.Headers.ReqID
	switch {
	case id == "" || len(id) > maxReqID:
		return refuse(codeNoReq, "invalid req_id")
	case fr.Cmd == cmdSubscribe:
		return s.subscribe(c, fr.Body)
	case fr.Cmd == cmdPing:
		return nil
	case c != s.bot.live:
		return refuse(codeNoSub, "aibot websocket not subscribed")
	case s.o.Bot.Strict && c.pending[id] > 1:
		return refuse(codeBusy, "a frame of req_id %s is not answered yet", id)
	}
	var b replyBody
	if err := b.read(fr.Body); err != nil {
		return err
	}
	switch fr.Cmd {
	case cmdRespond:
		return s.respond(id, b)
	case cmdWelcome:
		return s.welcome(id, b)
	case cmdUpdate:
		return s.update(id, b)
	case cmdSend:
		return s.send(b)
	}
	return refuse(codeTooLong, "no such cmd: %s", fr.Cmd)
}

// subscribe makes a connection the one of the bot, and throws the former one out. The caller holds mu.
func (s *Server) subscribe(c *conn, body json.RawMessage) error {
	var b struct {
		BotID  string `json:"bot_id"`
		Secret string
	}
	now := time.Now()
	s.bot.subs = slices.DeleteFunc(s.bot.subs, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	s.bot.subs = append(s.bot.subs, now)
	switch {
	case json.Unmarshal(body, &b) != nil || b.BotID != s.o.Bot.BotID || b.Secret != s.o.Bot.Secret || s.revoked || s.bot.callback != "":
		return refuse(codeSecret, "invalid bot_id or secret")
	case len(s.bot.subs) > s.o.Bot.Subscribes:
		return refuse(codeTooOften, "too many subscriptions")
	}
	if s.bot.live != c {
		s.kick()
		s.bot.live = c
	}
	s.touch()
	return nil
}

// kick tells the connection of the bot that another has taken over, and closes it. The caller holds mu.
func (s *Server) kick() {
	c := s.bot.live
	if c == nil {
		return
	}
	s.bot.live = nil
	f := textFrame(frame{Cmd: cmdEvent, Headers: headers{ReqID: s.named("req-")}, Body: encode(map[string]any{
		"msgid": s.named("msg"), "create_time": time.Now().Unix(), "aibotid": s.o.Bot.BotID, "msgtype": "event",
		"event": map[string]any{"eventtype": "disconnected_event"},
	})})
	f.last = true
	c.send(f)
}

// push delivers over the long connection, which acknowledges nothing. What comes while nobody is
// subscribed is lost, as public repositories report. The caller holds mu.
func (s *Server) push(in *inbound) {
	g, c := s.gestures[in.gesture], s.bot.live
	switch {
	case c == nil:
		g.trouble = append(g.trouble, "nobody is subscribed")
		s.touch()
		return
	case c.deaf:
		g.trouble = append(g.trouble, "the connection has ended")
		s.touch()
		return
	case c.isStalled():
		g.trouble = append(g.trouble, "the connection is half open")
		s.touch()
		return
	}
	o := s.originOf(in, s.named("req-"), c)
	cmd := cmdEvent
	if in.kind == ofMessage {
		cmd = cmdMessage
	}
	f := textFrame(frame{Cmd: cmd, Headers: headers{ReqID: o.reqID}, Body: s.bodyOf(in)})
	f.of = g
	c.send(f)
	s.touch()
}

// Connections counts the open long connections, subscribed or not.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bot.conns)
}

// Subscribed reports whether one of them is subscribed.
func (s *Server) Subscribed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot.live != nil
}

// Kick does as if another connection had subscribed: the bot's gets a disconnected_event and is closed. It
// fails when there is none.
func (s *Server) Kick() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bot.live == nil {
		return fmt.Errorf("wecomfake: kick: nobody is subscribed")
	}
	s.kick()
	return nil
}

// Unsubscribe lets the platform forget the subscription and keep the connection: frames are refused with
// 846609, pings are answered, and nothing is delivered.
func (s *Server) Unsubscribe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot.live = nil
	s.touch()
}

// Stall leaves the open connections half open: nothing is read from them or written to them any more, and
// they are not closed. New ones are as usual.
func (s *Server) Stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.bot.conns {
		c.stallOnce.Do(func() { close(c.stalled) })
	}
}

// SendRaw sends a frame as it is: half a document, too much of it, or binary data. It fails when nobody is
// subscribed.
func (s *Server) SendRaw(data []byte, binary bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := outFrame{kind: websocket.TextMessage, data: data}
	if binary {
		f.kind = websocket.BinaryMessage
	}
	if s.bot.live == nil {
		return fmt.Errorf("wecomfake: send %d bytes: nobody is subscribed", len(data))
	}
	s.bot.live.send(f)
	return nil
}

// endConns breaks the long connections.
func (s *Server) endConns() {
	s.mu.Lock()
	conns := slices.Clone(s.bot.conns)
	s.mu.Unlock()
	for _, c := range conns {
		c.end()
	}
}
