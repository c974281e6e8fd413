package wecomfake

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// A Fault makes calls of the bot fail.
type Fault struct {
	// Call is the command of a frame, such as "aibot_respond_msg", or the path of a request without a
	// slash at its beginning, such as "cgi-bin/message/send" or "response"; "*" is all of them but "ping"
	// and "aibot_subscribe". "callback" and "poll" are what the platform asks of the bot: slow delays it,
	// and lost loses the answer.
	Call  string
	Kind  string        // one of the Fault constants
	Only  string        // one of the Only constants
	Code  int           // errcode of FaultCode; of FaultWait 0 is 45009, of FaultGone 86008
	After time.Duration // of FaultSlow, and of FaultHang until the connection is closed
	Times int           // how many calls fail; 0 is 1
}

// What a fault meets of the frames of a stream.
const (
	OnlyAll        = ""           // all
	OnlyUnfinished = "unfinished" // snapshots of a stream that goes on
	OnlyWhole      = "whole"      // all but those
)

// Kinds of fault.
const (
	FaultWait    = "wait"    // not done: too many calls
	FaultGone    = "gone"    // not done: nobody is there
	FaultCode    = "code"    // not done, with any errcode
	FaultHang    = "hang"    // done, and then no answer; the connection is closed
	FaultLost    = "lost"    // not done, and the connection breaks
	FaultBroken  = "broken"  // not done: errcode -1, or status 500
	FaultNoise   = "noise"   // done, and the answer is a page of HTML
	FaultSlow    = "slow"    // done after a while, if the connection lasts so long
	FaultSilent  = "silent"  // not done, and no answer; the connection stays
	FaultRevoked = "revoked" // at once: the bot's rights were taken back until Mend; connections are closed
)

var faultKinds = []string{FaultWait, FaultGone, FaultCode, FaultHang, FaultLost, FaultBroken, FaultNoise, FaultSlow, FaultSilent, FaultRevoked}

// Break makes the next calls fail. It fails itself when there is no such fault.
func (s *Server) Break(f Fault) error {
	if f.Times == 0 {
		f.Times = 1
	}
	if !slices.Contains(faultKinds, f.Kind) || f.Call == "" || f.Times < 0 || f.After < 0 || f.Kind == FaultCode && f.Code == 0 {
		return fmt.Errorf("wecomfake: fault %+v: want a call, a kind of %q and, for code, a code", f, faultKinds)
	}
	s.mu.Lock()
	if f.Kind != FaultRevoked {
		s.faults = append(s.faults, f)
		s.mu.Unlock()
		return nil
	}
	s.revoked = true
	s.mu.Unlock()
	s.endConns()
	return nil
}

// Cut makes the fake unreachable both ways until Mend: connections break, calls and callbacks fail.
func (s *Server) Cut() {
	s.mu.Lock()
	s.cut = true
	s.mu.Unlock()
	s.endConns()
}

// Mend undoes Cut and a fault of kind revoked.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut, s.revoked = false, false
	s.touch()
}

func (f Fault) meets(name string) bool {
	if f.Call == "*" {
		return name != cmdPing && name != cmdSubscribe && name != callEvent && name != callPoll
	}
	return f.Call == name
}

// dueFault takes the first fault for a call, or the zero Fault. unfinished tells that it is a snapshot of a stream that
// goes on. The caller holds mu.
func (s *Server) dueFault(name string, unfinished bool) Fault {
	for i, f := range s.faults {
		if !f.meets(name) || f.Only == OnlyUnfinished && !unfinished || f.Only == OnlyWhole && unfinished {
			continue
		}
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return Fault{}
}

// refusal is the errcode that a fault gives in the place of an answer, or 0.
func (f Fault) refusal() int {
	switch {
	case f.Kind == FaultCode || f.Code != 0 && (f.Kind == FaultWait || f.Kind == FaultGone):
		return f.Code
	case f.Kind == FaultWait:
		return codeTooOften
	case f.Kind == FaultGone:
		return codeNoChat
	case f.Kind == FaultBroken:
		return codeBusy
	}
	return 0
}

// longest is how long the fake keeps a request on which nothing happens.
const longest = 15 * time.Minute

// withFaults lets do answer a request, or spoils it as the fault that is due for the name wants. do notes
// the call, and refuses it with f.refusal() when that is not 0.
func (s *Server) withFaults(w http.ResponseWriter, r *http.Request, name string, body []byte, do func(w http.ResponseWriter, f Fault)) {
	s.mu.Lock()
	f := s.dueFault(name, false)
	if f.Kind == FaultBroken || f.Kind == FaultLost || f.Kind == FaultSilent {
		s.noted(Call{Name: name, Body: body, Code: codeBusy, Fault: f.Kind})
	}
	s.mu.Unlock()
	switch f.Kind {
	case FaultBroken:
		http.Error(w, "a defect", http.StatusInternalServerError)
	case FaultLost:
		panic(http.ErrAbortHandler)
	case FaultSilent:
		s.hold(r, longest)
		panic(http.ErrAbortHandler)
	case FaultSlow:
		if s.hold(r, f.After) {
			do(w, f)
		}
	case FaultHang:
		do(&nowhere{header: http.Header{}}, f)
		s.hold(r, longest)
		panic(http.ErrAbortHandler)
	case FaultNoise:
		do(&nowhere{header: http.Header{}}, f)
		w.Header().Set("Content-Type", "text/html")
		// What cannot be written was broken off by the other side.
		_, _ = io.WriteString(w, noise)
	default:
		do(w, f)
	}
}

const noise = "<html><body><h1>Welcome to the proxy</h1></body></html>"

// hold keeps a request waiting, and reports whether the other side waited too.
func (s *Server) hold(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	case <-s.ctx.Done():
		return false
	}
}

// nowhere is an answer that is lost.
type nowhere struct{ header http.Header }

// Header implements http.ResponseWriter.
func (n *nowhere) Header() http.Header { return n.header }

// Write implements http.ResponseWriter.
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (n *nowhere) WriteHeader(int) {}
