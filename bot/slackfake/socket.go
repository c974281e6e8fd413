package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Properties of Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	maxConns    = 10               // of an app
	warningLead = 10 * time.Second // from a warning to the end
	maxAck      = 20 << 10         // longer answers are dropped without a word (socketmode.go of slack-go; not on the page)
	pingEvery   = 5 * time.Second  // measured: every few seconds (https://github.com/slackapi/node-slack-sdk/issues/2254)
	writeWithin = 10 * time.Second
	deadAfter   = 30 * time.Second // a connection that says nothing gets no more events; chosen
)

// Reasons of a disconnect message.
const (
	ReasonWarning      = "warning"             // the connection ends in ten seconds
	ReasonRefresh      = "refresh_requested"   // it ends now
	ReasonLinkDisabled = "link_disabled"       // Socket Mode was switched off
	reasonTooMany      = "too_many_websockets" // https://github.com/slackapi/node-slack-sdk/issues/1654
)

// A conn is one Socket Mode connection. Its reader is the request that opened it.
type conn struct {
	ws        *websocket.Conn
	out       chan frame
	gone      chan struct{} // closed when it ends
	once      sync.Once
	stalled   chan struct{} // closed when nothing is read or written any more
	stallOnce sync.Once
	stalledAt time.Time // under Server.mu
}

type frame struct {
	kind int // of package websocket
	data []byte
	last bool // the connection ends after it
}

// end closes the connection as a cable that is cut would.
func (c *conn) end() {
	c.once.Do(func() {
		close(c.gone)
		c.ws.Close()
	})
}

// send puts a frame in the queue, and reports whether there was room.
func (c *conn) send(f frame) bool {
	select {
	case c.out <- f:
		return true
	default:
		return false
	}
}

func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	var f Fault
	s.withFaults(w, r, "link", args{}, func(w http.ResponseWriter, due Fault) {
		f = due
		if _, ok := w.(*nowhere); ok {
			return
		}
		s.link(w, r, f)
	})
}

// link opens a connection and reads until it ends.
func (s *Server) link(w http.ResponseWriter, r *http.Request, f Fault) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	good := s.tickets[ticket] && s.ctx.Err() == nil
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if e, ok := errors.AsType[*apiError](f.refusal()); ok {
		s.reply(w, "link", nil, e)
		return
	}
	if !good {
		http.Error(w, "no such ticket", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{ws: ws, out: make(chan frame, 1024), gone: make(chan struct{}), stalled: make(chan struct{})}
	defer c.end()
	if !s.admit(c) {
		return
	}
	defer s.work.Done()
	s.read(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == c })
	s.touch()
}

// admit adds a connection, greets it and starts its writer, unless the server is closed.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || s.cut {
		return false
	}
	s.work.Add(1) // for the reader
	s.work.Go(func() { s.write(c) })
	if len(s.conns) >= maxConns {
		c.send(disconnectFrame(reasonTooMany, true))
		return true
	}
	s.conns = append(s.conns, c)
	c.send(textFrame(obj{
		"type": "hello", "num_connections": len(s.conns), "connection_info": obj{"app_id": s.o.AppID},
		"debug_info": obj{"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
	}))
	s.touch()
	return true
}

func textFrame(v any) frame { return frame{kind: websocket.TextMessage, data: encode(v)} }

func disconnectFrame(reason string, last bool) frame {
	f := textFrame(obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-1"}})
	f.last = last
	return f
}

// write sends what is in the queue, and pings.
func (s *Server) write(c *conn) {
	defer c.end()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-c.gone:
			return
		case <-c.stalled:
			<-c.gone
			return
		case <-ping.C:
			err = c.ws.WriteControl(websocket.PingMessage, []byte("Ping from applink-1"), time.Now().Add(writeWithin))
		case f := <-c.out:
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin)) // the write says what is wrong
			err = c.ws.WriteMessage(f.kind, f.data)
			if err == nil && f.last {
				bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
				_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeWithin))
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// read takes acknowledgements until the connection ends.
func (s *Server) read(c *conn) {
	pong := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error {
		select {
		case <-c.stalled:
			return nil
		default:
			return pong(data)
		}
	})
	c.ws.SetReadLimit(maxBody)
	for {
		kind, data, err := c.ws.ReadMessage()
		select {
		case <-c.stalled: // what came is not read
			<-c.gone
			return
		default:
		}
		if err != nil {
			return
		}
		if kind == websocket.TextMessage {
			s.takeAck(data)
		}
	}
}

// takeAck reads {"envelope_id": …, "payload": …}. What is too long, no acknowledgement, or of an envelope
// that nobody waits for any more is dropped.
func (s *Server) takeAck(data []byte) {
	var ack struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    raw
	}
	if len(data) >= maxAck || json.Unmarshal(data, &ack) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.waiting[ack.EnvelopeID]
	if at == nil {
		return
	}
	delete(s.waiting, ack.EnvelopeID)
	s.acknowledged(at.d, ack.Payload)
	close(at.done)
}

// choose gives the connection for the next envelope, or nil. The caller holds mu.
func (s *Server) choose() *conn {
	alive := slices.DeleteFunc(slices.Clone(s.conns), func(c *conn) bool {
		return !c.stalledAt.IsZero() && s.o.Now().Sub(c.stalledAt) > deadAfter
	})
	if len(alive) == 0 {
		return nil
	}
	if s.o.Seed != 0 {
		return alive[s.random.IntN(len(alive))]
	}
	s.turn++
	return alive[s.turn%len(alive)]
}

// trySocket makes one attempt over one of the connections. A retry has an envelope_id of its own; what
// is delivered once more by Redeliver has that of the first attempt.
func (s *Server) trySocket(d *delivery, n int, reason string) string {
	s.mu.Lock()
	c := s.choose()
	if c == nil {
		s.mu.Unlock()
		return "connection_failed"
	}
	id := d.envelope
	if id == "" || n > 0 {
		id = s.uuid()
		d.envelope = id
	}
	at := &attempt{d: d, done: make(chan struct{})}
	s.waiting[id] = at
	s.mu.Unlock()
	defer s.forget(id, at)
	envelope := obj{"envelope_id": id, "type": d.kind, "payload": d.payload, "accepts_response_payload": d.accepts}
	if d.kind == typeEvent {
		envelope["retry_attempt"], envelope["retry_reason"] = n, reason
	}
	if !c.send(textFrame(envelope)) {
		return "connection_failed"
	}
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-at.done:
		return ""
	case <-c.gone:
		return "connection_failed"
	case <-s.ctx.Done():
		return "connection_failed"
	case <-t.C:
		return "timeout" // as seen in https://github.com/slackapi/bolt-js/issues/2487
	}
}

func (s *Server) forget(id string, at *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[id] == at {
		delete(s.waiting, id)
	}
}

// Connections counts the Socket Mode connections.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Disconnect tells all connections that they end, for one of the reasons. After a warning they take
// events for ten seconds more.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.send(disconnectFrame(reason, reason != ReasonWarning))
		if reason == ReasonWarning && s.ctx.Err() == nil {
			s.work.Go(func() { s.endLater(c) })
		}
	}
}

func (s *Server) endLater(c *conn) {
	t := time.NewTimer(warningLead)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.gone:
	case <-s.ctx.Done():
	}
	c.end()
}

// Cut makes the fake unreachable both ways until Mend: connections break, calls and deliveries fail.
func (s *Server) Cut() {
	s.mu.Lock()
	s.cut = true
	conns := slices.Clone(s.conns)
	s.mu.Unlock()
	for _, c := range conns {
		c.end()
	}
}

// Mend undoes Cut and a fault of kind revoked.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut, s.revoked = false, false
}

// Stall leaves the open connections half open: nothing is read from them or written to them any more, and
// they are not closed. New ones are as usual.
func (s *Server) Stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.stallOnce.Do(func() { close(c.stalled) })
		c.stalledAt = s.o.Now()
	}
}

// SendRaw sends a frame as it is over one connection: half a document, too much of it, or binary data. It
// fails when there is no connection.
func (s *Server) SendRaw(data []byte, binary bool) error {
	s.mu.Lock()
	c := s.choose()
	s.mu.Unlock()
	f := frame{kind: websocket.TextMessage, data: data}
	if binary {
		f.kind = websocket.BinaryMessage
	}
	if c == nil || !c.send(f) {
		return fmt.Errorf("slackfake: send %d bytes: there is no connection", len(data))
	}
	return nil
}
