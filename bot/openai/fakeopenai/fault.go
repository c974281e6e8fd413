package fakeopenai

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// A Plan is how one request is answered.
type Plan struct {
	// Answer, when it is set, answers instead of a stream.
	Answer http.HandlerFunc
	// At is after how many bytes of the body Then happens; -1: never.
	At   int
	Then Ending
	// Hang sends not even a header.
	Hang bool
	// PerSecond is how many pieces are sent in a second; 0: all at once.
	PerSecond float64
	// KeepAlives is how many comments stand before each event, and Every the time
	// between them.
	KeepAlives int
	Every      time.Duration
	// CRLF ends lines so, and NoBlank writes data:{…}.
	CRLF, NoBlank bool
	// Whole answers with one JSON object, as a server that does not stream.
	Whole bool
	// Finish is the finish_reason; "" is stop, "-" none.
	Finish string
	// NoDone leaves [DONE] out.
	NoDone bool
	// ErrorAfter puts Error, an event, after so many pieces; 0 with Error "": none.
	ErrorAfter int
	Error      string
	// Pieces are sent instead of the reply: the insides of strings of JSON, as they
	// are.
	Pieces []string
	// Choices is how many replies there are beside the one; they say "other".
	Choices int
	// Linger is how long the body stays open after its last event.
	Linger time.Duration
	// Lasting goes on with pieces until so many bytes of text were sent.
	Lasting int
}

// An Ending is how a body ends early.
type Ending int

// Endings.
const (
	Stall Ending = iota // nothing more comes
	Cut                 // as if that were all
	Break               // the connection is closed
	Reset               // the connection is reset; in memory as Break
)

// A Fault changes how one request is answered.
type Fault func(*Plan)

// Both is several faults at once.
func Both(faults ...Fault) Fault {
	return func(p *Plan) {
		for _, fault := range faults {
			fault(p)
		}
	}
}

// Status answers with a status and a body; headers are names and values in turn.
// The type is application/json unless they say otherwise.
func Status(code int, body string, headers ...string) Fault {
	return func(p *Plan) {
		p.Answer = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
}

// Refuse answers with a status and a report as OpenAI writes it.
func Refuse(status int, code, message string, headers ...string) Fault {
	return Status(status, fmt.Sprintf(`{"error":{"message":%q,"type":"some_error","param":null,"code":%q}}`, message, code), headers...)
}

// HTML answers with status 200 and a page to log in.
func HTML() Fault {
	return Status(200, "<!DOCTYPE html><html><body>Log in</body></html>", "Content-Type", "text/html; charset=utf-8")
}

// Hang sends not even a header.
func Hang() Fault { return func(p *Plan) { p.Hang = true } }

// After ends the body after n bytes.
func After(n int, then Ending) Fault { return func(p *Plan) { p.At, p.Then = n, then } }

// Trickle sends so many pieces in a second.
func Trickle(perSecond float64) Fault { return func(p *Plan) { p.PerSecond = perSecond } }

// KeepAlive sends n comments before each event, with a pause after each.
func KeepAlive(n int, every time.Duration) Fault {
	return func(p *Plan) { p.KeepAlives, p.Every = n, every }
}

// Finish ends with another finish_reason, "-" with none.
func Finish(reason string) Fault { return func(p *Plan) { p.Finish = reason } }

// NoDone leaves [DONE] out.
func NoDone() Fault { return func(p *Plan) { p.NoDone = true } }

// Report sends an event, as of a failure, after n pieces, and ends.
func Report(n int, event string) Fault {
	return func(p *Plan) { p.ErrorAfter, p.Error = n, event }
}

// Pieces sends these instead of the reply, as they are: insides of strings of JSON.
func Pieces(raw ...string) Fault { return func(p *Plan) { p.Pieces = raw } }

// Lasting goes on until so many bytes of text were sent.
func Lasting(bytes int) Fault { return func(p *Plan) { p.Lasting = bytes } }

// Linger keeps the body open for a while after its last event.
func Linger(d time.Duration) Fault { return func(p *Plan) { p.Linger = d } }

// Whole answers with one JSON object instead of a stream.
func Whole() Fault { return func(p *Plan) { p.Whole = true } }

// Odd writes events with CR and LF, without the blank after the colon, and with
// two more replies.
func Odd() Fault { return func(p *Plan) { p.CRLF, p.NoBlank, p.Choices = true, true, 2 } }

// A body is what goes to the client, with the ending that was planned.
type body struct {
	w    http.ResponseWriter
	r    *http.Request
	plan Plan
	sent int
}

// errEnded stops what writes a body.
type errEnded struct{}

// write sends text, and panics with errEnded when no more is to come.
func (b *body) write(text string) {
	if b.plan.CRLF {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	cut := b.plan.At >= 0 && b.sent+len(text) >= b.plan.At
	if cut {
		text = text[:b.plan.At-b.sent]
	}
	b.sent += len(text)
	if _, err := fmt.Fprint(b.w, text); err != nil || b.r.Context().Err() != nil {
		panic(errEnded{})
	}
	http.NewResponseController(b.w).Flush()
	if cut {
		b.end()
	}
}

// end ends the body early.
func (b *body) end() {
	switch b.plan.Then {
	case Stall:
		<-b.r.Context().Done()
	case Break:
		panic(http.ErrAbortHandler)
	case Reset:
		conn, _, err := http.NewResponseController(b.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // at worst it is closed
		}
		conn.Close()
	}
	panic(errEnded{})
}

// wait lets time pass.
func (b *body) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.r.Context().Done():
		panic(errEnded{})
	}
}
