package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
)

// What a connection and calls over it end with.
var (
	errKicked = errors.New("another connection of the same bot took over")
	errNoLine = errors.New("there is no connection")           // nothing was sent
	errNoAck  = errors.New("WeCom did not say what became of") // it may have arrived
)

// A refusedError is a code that WeCom answered with: what was asked for was not done.
type refusedError struct {
	cmd  string
	code int
	text string // WeCom's words
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("WeCom refuses %s with code %d", e.cmd, e.code)
}

// busy reports whether trying again may help.
func (e *refusedError) busy() bool { return e.code == aibot.CodeBusy || aibot.TooFast(e.code) }

// isOfSecret reports whether WeCom does not take the bot's id and secret.
func (e *refusedError) isOfSecret() bool {
	return e.code == aibot.CodeBotSecret || e.code == aibot.CodeBadSecret
}

// reason says it for people who can mend it.
func (e *refusedError) reason() string {
	return fmt.Sprintf("WeCom refuses the bot's id and secret (code %d): copy both from the bot's page, set WECOM_BOT_ID and WECOM_BOT_SECRET, and start again", e.code)
}

// codeOf is the code that err tells, 0 for none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*refusedError](err); ok {
		return e.code
	}
	return 0
}

// plain says for people why there is no connection, without internals.
func plain(err error) string {
	refused, ok := errors.AsType[*refusedError](err)
	switch {
	case ok && refused.busy():
		return "WeCom asks to wait"
	case ok:
		return refused.Error()
	case errors.Is(err, errKicked):
		return errKicked.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "WeCom does not answer in time"
	case errors.Is(err, errLost):
		return "the connection was lost"
	}
	return "WeCom cannot be reached"
}

var errLost = errors.New("the connection was lost")

// backoff is how long to wait after so many failures, from 1: doubling, and spread so that many do not come at once.
func backoff(failures int, most time.Duration) time.Duration {
	d := min(firstRetry<<min(max(failures, 1)-1, 10), most)
	return d/2 + rand.N(d/2)
}

// A frame is what goes over a connection.
type frame struct {
	Cmd     string          `json:"cmd,omitempty"`
	Headers headers         `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
	Code    *int            `json:"errcode,omitempty"` // of an acknowledgement
	Message string          `json:"errmsg,omitempty"`
}

type headers struct {
	ReqID string `json:"req_id"`
}

// Commands.
const (
	cmdSubscribe = "aibot_subscribe"
	cmdPing      = "ping"
	cmdRespond   = "aibot_respond_msg"
	cmdWelcome   = "aibot_respond_welcome_msg"
	cmdUpdate    = "aibot_respond_update_msg"
	cmdSend      = "aibot_send_msg"
	cmdMessage   = "aibot_msg_callback"
	cmdEvent     = "aibot_event_callback"
)

// A line is one connection.
type line struct {
	conn    *websocket.Conn
	writing chan struct{} // holds one while somebody writes
	over    chan struct{} // closed when the connection has ended
	ending  sync.Once
	number  atomic.Int64 // of our own requests

	mu      sync.Mutex
	waiting map[string]*request // by req_id

	early []frame // what came before the subscription was acknowledged; of who made the connection
}

// A request waits for its acknowledgement.
type request struct {
	acked   chan struct{} // closed when it is there
	code    int
	text    string
	expires time.Time
}

func (l *line) end() {
	l.ending.Do(func() {
		close(l.over)
		l.conn.Close()
	})
}

func (l *line) ended() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// ownID names a request of ours.
func (l *line) ownID(cmd string) string {
	return fmt.Sprintf("%s_%d_%08x", cmd, l.number.Add(1), rand.Uint32())
}

// connect opens a connection and subscribes.
func (c *Channel) connect(ctx context.Context) (*line, error) {
	dialling, quit := context.WithTimeout(ctx, dialTime)
	defer quit()
	dialer := *websocket.DefaultDialer
	if c.o.Dial != nil {
		dialer.NetDialContext, dialer.Proxy = c.o.Dial, nil
	}
	conn, response, err := dialer.DialContext(dialling, c.o.URL, nil)
	if response != nil && response.Body != nil {
		response.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("connect to WeCom: %w", err)
	}
	conn.SetReadLimit(maxFrame)
	l := &line{conn: conn, writing: make(chan struct{}, 1), over: make(chan struct{}), waiting: map[string]*request{}}
	defer context.AfterFunc(dialling, l.cut)()
	if err := c.subscribe(dialling, l); err != nil {
		l.end()
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return l, nil
}

// cut breaks the connection off, so that who reads or writes stops.
func (l *line) cut() { l.conn.Close() }

// subscribe says who we are, and reads until WeCom has said what it thinks of it. The acknowledgement may be lost, and
// messages may come before it.
func (c *Channel) subscribe(ctx context.Context, l *line) error {
	id := l.ownID(cmdSubscribe)
	if err := l.write(ctx, cmdSubscribe, id, map[string]string{"bot_id": c.o.BotID, "secret": c.o.Secret}); err != nil {
		return err
	}
	if err := l.conn.SetReadDeadline(time.Now().Add(dialTime)); err != nil {
		return err
	}
	for {
		var f frame
		if err := l.conn.ReadJSON(&f); err != nil {
			return err
		}
		switch {
		case f.Cmd == cmdMessage || f.Cmd == cmdEvent: // who is told of what happens is subscribed
			l.early = append(l.early, f)
			return ctx.Err()
		case f.Headers.ReqID != id:
		case f.Code != nil && *f.Code != aibot.CodeOK:
			return &refusedError{cmd: cmdSubscribe, code: *f.Code, text: f.Message}
		default:
			return ctx.Err()
		}
	}
}

// write sends one frame.
func (l *line) write(ctx context.Context, cmd, req string, body any) error {
	f := frame{Cmd: cmd, Headers: headers{req}}
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("write %s: %w", cmd, err)
		}
		f.Body = data
	}
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write %s: %w", cmd, err)
	}
	select {
	case l.writing <- struct{}{}:
	case <-l.over:
		return errNoLine
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.writing }()
	if l.ended() { // both were ready
		return errNoLine
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return fmt.Errorf("write %s: %w", cmd, errNoAck)
	}
	if err := l.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		l.cut()
		return fmt.Errorf("write %s: %w", cmd, errNoAck)
	}
	return nil
}

// call sends a frame and waits for its acknowledgement. Calls of one req_id go one after the other. It fails with a
// *refusedError, with errNoAck where it may have been carried out, and with another error where it was not sent.
func (l *line) call(ctx context.Context, cmd, req string, body any) error {
	r, err := l.turn(ctx, req)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	if err := l.write(ctx, cmd, req, body); err != nil {
		if !errors.Is(err, errNoAck) {
			l.forget(req, r)
		}
		return err
	}
	timer := time.NewTimer(ackTime)
	defer timer.Stop()
	select {
	case <-r.acked:
	case <-timer.C:
		return fmt.Errorf("%s: %w", cmd, errNoAck)
	case <-l.over:
		return fmt.Errorf("%s: %w", cmd, errNoAck)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w: %w", cmd, errNoAck, ctx.Err())
	}
	if r.code == aibot.CodeNotSubscribed {
		l.end() // another connection has to be made, and nothing more is sent over this one
	}
	if r.code != aibot.CodeOK {
		return &refusedError{cmd: cmd, code: r.code, text: r.text}
	}
	return nil
}

// turn waits until no other call of a req_id waits for its acknowledgement.
func (l *line) turn(ctx context.Context, req string) (*request, error) {
	for {
		l.mu.Lock()
		before := l.waiting[req]
		if before == nil || !time.Now().Before(before.expires) {
			r := &request{acked: make(chan struct{}), expires: time.Now().Add(ackTime)}
			l.waiting[req] = r
			l.mu.Unlock()
			return r, nil
		}
		l.mu.Unlock()
		timer := time.NewTimer(time.Until(before.expires))
		select {
		case <-before.acked:
		case <-timer.C:
		case <-l.over:
			timer.Stop()
			return nil, errNoLine
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
		timer.Stop()
	}
}

// forget gives a turn back.
func (l *line) forget(req string, r *request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting[req] == r {
		delete(l.waiting, req)
	}
}

// acknowledged takes an acknowledgement.
func (l *line) acknowledged(f frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.waiting[f.Headers.ReqID]
	if r == nil {
		return
	}
	delete(l.waiting, f.Headers.ReqID)
	if f.Code != nil {
		r.code, r.text = *f.Code, f.Message
	}
	close(r.acked)
}

// read takes what comes over a connection until it ends. It gives errKicked, errLost, or why ctx ended.
func (c *Channel) read(ctx context.Context, in *inlet.Intake, l *line) error {
	var own sync.WaitGroup
	defer own.Wait()
	defer l.end()
	own.Go(func() { l.stayAlive(ctx) })
	own.Go(func() { c.cutAfter(ctx, l) })
	_ = l.conn.SetReadDeadline(time.Now().Add(silence)) // if it fails the next read does
	for _, f := range l.early {
		if c.took(ctx, in, l, f) {
			return errKicked
		}
	}
	for {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			return errLost
		}
		_ = l.conn.SetReadDeadline(time.Now().Add(silence))
		var f frame
		if json.Unmarshal(data, &f) != nil {
			c.o.Log.Debug("wecom: a frame cannot be read", "bytes", len(data))
			continue
		}
		if c.took(ctx, in, l, f) {
			return errKicked
		}
	}
}

// took takes a frame, and reports whether another connection took over.
func (c *Channel) took(ctx context.Context, in *inlet.Intake, l *line, f frame) (kicked bool) {
	switch {
	case f.Cmd == cmdMessage, f.Cmd == cmdEvent:
		return c.take(ctx, in, l, f)
	case f.Cmd == "", f.Code != nil:
		l.acknowledged(f)
	}
	return false
}

// cutAfter closes the connection when ctx ends: once those are told whose questions could not be stored, and what is being
// sent has arrived, which is waited for a little.
func (c *Channel) cutAfter(ctx context.Context, l *line) {
	select {
	case <-ctx.Done():
	case <-l.over:
		return
	}
	for end := time.Now().Add(lastTime); (len(c.pending) > 0 || c.sending.Load() > 0) && !l.ended() && time.Now().Before(end); {
		_ = inlet.Pause(context.WithoutCancel(ctx), lookEvery) // it does not end early
	}
	l.cut()
}

// stayAlive pings until ctx ends or the connection has.
func (l *line) stayAlive(ctx context.Context) {
	timer := time.NewTicker(pingEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.over:
			return
		case <-timer.C:
			if l.write(ctx, cmdPing, l.ownID(cmdPing), nil) != nil {
				l.cut()
				return
			}
		}
	}
}
