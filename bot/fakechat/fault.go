package fakechat

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// A Fault makes calls of the bot fail.
type Fault struct {
	Kind  string        `json:"kind"`  // one of the Fault constants
	On    string        `json:"on"`    // OnFinish, OnUpdate or OnAny; "" is OnFinish
	Times int           `json:"times"` // how many calls fail; 0 is 1
	After time.Duration `json:"after"` // of FaultWait and FaultSlow, in nanoseconds
}

// Kinds of fault.
const (
	FaultWait    = "wait"    // 429 with Retry-After
	FaultBroken  = "broken"  // 500, not done
	FaultHang    = "hang"    // done, and then no answer
	FaultLost    = "lost"    // not done, and the connection breaks
	FaultGone    = "gone"    // 410
	FaultSlow    = "slow"    // done after a while, if the bot waits so long
	FaultNoise   = "noise"   // done, and the answer is a page of HTML
	FaultRevoked = "revoked" // 401, and from then on until Mend
)

// Calls of the bot.
const (
	OnFinish = "finish" // that post a message
	OnUpdate = "update" // that change a draft
	OnAny    = "any"
)

var faultKinds = []string{FaultWait, FaultBroken, FaultHang, FaultLost, FaultGone, FaultSlow, FaultNoise, FaultRevoked}

// Break makes the next calls fail. It fails itself when there is no such fault.
func (s *Server) Break(f Fault) error {
	if f.On == "" {
		f.On = OnFinish
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if !slices.Contains(faultKinds, f.Kind) || !slices.Contains([]string{OnFinish, OnUpdate, OnAny}, f.On) || f.Times < 0 || f.After < 0 {
		return fmt.Errorf("fakechat: fault %+v: want a kind of %q on finish, update or any", f, faultKinds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	return nil
}

// dueFault takes the first fault for a call. The caller holds mu.
func (s *Server) dueFault(on string) (Fault, bool) {
	for i := range s.faults {
		f := s.faults[i]
		if f.On != OnAny && f.On != on {
			continue
		}
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		s.stats.Faults++
		s.revoked = s.revoked || f.Kind == FaultRevoked
		return f, true
	}
	return Fault{}, false
}

// longest is how long the platform keeps a connection on which nothing happens.
const longest = 15 * time.Minute

// fail answers a call as a fault wants it.
func (s *Server) fail(f Fault, w http.ResponseWriter, r *http.Request, h func(http.ResponseWriter, *http.Request) bool) {
	switch f.Kind {
	case FaultWait:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.limit(w, f.After)
	case FaultBroken:
		http.Error(w, "a defect", http.StatusInternalServerError)
	case FaultGone:
		http.Error(w, "the place was closed", http.StatusGone)
	case FaultSlow:
		if s.hold(r, f.After) {
			h(w, r)
		}
	case FaultHang:
		h(&nowhere{header: http.Header{}}, r)
		s.hold(r, longest)
		panic(http.ErrAbortHandler)
	case FaultNoise:
		h(&nowhere{header: http.Header{}}, r)
		w.Header().Set("Content-Type", "text/html")
		// What cannot be written was broken off by the other side.
		_, _ = io.WriteString(w, "<html><body><h1>Welcome to the proxy</h1></body></html>")
	default: // FaultLost
		panic(http.ErrAbortHandler)
	}
}

// hold keeps a call waiting, and reports whether the other side waited too.
func (s *Server) hold(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(s.scaled(d))
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
