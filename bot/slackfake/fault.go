package slackfake

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Fault makes calls of the bot fail.
type Fault struct {
	// Method is the name of one, such as "chat.update", the beginning of several with a dot at its end,
	// such as "chat.", or "*" for all of the Web API. "response_url" and "link", which is the opening of
	// a Socket Mode connection, are only met by their names.
	Method string
	Kind   string        // one of the Fault constants
	Error  string        // of FaultError, and of FaultGone, where "" is channel_not_found
	After  time.Duration // of FaultWait, in whole seconds, and of FaultSlow
	Times  int           // how many calls fail; 0 is 1
}

// Kinds of fault.
const (
	FaultWait    = "wait"    // 429 with Retry-After, not done
	FaultGone    = "gone"    // not done: the conversation is not there
	FaultError   = "error"   // not done, with any name of an error
	FaultHang    = "hang"    // done, and then no answer
	FaultLost    = "lost"    // not done, and the connection breaks
	FaultBroken  = "broken"  // not done, status 500
	FaultNoise   = "noise"   // done, and the answer is a page of HTML
	FaultSlow    = "slow"    // done after a while, if the bot waits so long
	FaultRevoked = "revoked" // not done: the bot's token was taken back, until Mend
)

var faultKinds = []string{FaultWait, FaultGone, FaultError, FaultHang, FaultLost, FaultBroken, FaultNoise, FaultSlow, FaultRevoked}

// Break makes the next calls fail. It fails itself when there is no such fault.
func (s *Server) Break(f Fault) error {
	if f.Times == 0 {
		f.Times = 1
	}
	if !slices.Contains(faultKinds, f.Kind) || f.Method == "" || f.Times < 0 || f.After < 0 || f.Kind == FaultError && f.Error == "" {
		return fmt.Errorf("slackfake: fault %+v: want a method, a kind of %q and, for error, a name", f, faultKinds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	return nil
}

func (f Fault) meets(name string) bool {
	switch {
	case f.Method == name:
		return true
	case name == "link" || name == "response_url":
		return false
	}
	return f.Method == "*" || strings.HasSuffix(f.Method, ".") && strings.HasPrefix(name, f.Method)
}

// dueFault takes the first fault for a call, or the zero Fault.
func (s *Server) dueFault(name string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.meets(name) {
			continue
		}
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		s.revoked = s.revoked || f.Kind == FaultRevoked
		return f
	}
	return Fault{}
}

// refusal is the error that a fault gives in the place of an answer, or nil.
func (f Fault) refusal() error {
	switch {
	case f.Kind == FaultWait:
		return &apiError{name: "ratelimited", wait: f.After}
	case f.Kind == FaultError || f.Kind == FaultGone && f.Error != "":
		return refuse(f.Error)
	case f.Kind == FaultGone:
		return refuse("channel_not_found")
	}
	return nil
}

// longest is how long the fake keeps a connection on which nothing happens.
const longest = 15 * time.Minute

// withFaults lets do answer a call, or spoils it as the fault that is due for it wants.
func (s *Server) withFaults(w http.ResponseWriter, r *http.Request, name string, a args, do func(http.ResponseWriter, Fault)) {
	f := s.dueFault(name)
	undone := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.noted(name, a, f, fmt.Errorf("not done"))
	}
	switch f.Kind {
	case FaultBroken:
		undone()
		http.Error(w, "a defect", http.StatusInternalServerError)
	case FaultLost:
		undone()
		panic(http.ErrAbortHandler)
	case FaultSlow:
		if s.hold(r, f.After) {
			do(w, f)
		} else {
			undone()
		}
	case FaultHang:
		do(&nowhere{header: http.Header{}}, f)
		s.hold(r, longest)
		panic(http.ErrAbortHandler)
	case FaultNoise:
		do(&nowhere{header: http.Header{}}, f)
		w.Header().Set("Content-Type", "text/html")
		// What cannot be written was broken off by the other side.
		_, _ = io.WriteString(w, "<html><body><h1>Welcome to the proxy</h1></body></html>")
	default:
		do(w, f)
	}
}

// hold keeps a call waiting, and reports whether the other side waited too.
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
