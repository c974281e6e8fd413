package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"time"
)

// Clock is the body of POST /clock.
type Clock struct {
	// Offset is added to the real time, as time.ParseDuration reads it: "1h", "-1h", "0s".
	Offset string `json:"offset"`
}

// Stall is the body of POST /stall. Each replaces the one before, which lets all go on that wait.
type Stall struct {
	On   bool   `json:"on"`
	Text string `json:"text,omitempty"` // only questions that hold it; "": all
}

// Panic is the body of POST /panic.
type Panic struct {
	Text string `json:"text"` // questions that hold it panic; "": none
}

// Exit is the body of POST /exit.
type Exit struct {
	At   string `json:"at"`             // name of a point; "": nowhere
	Skip int    `json:"skip,omitempty"` // how often to pass it first
}

// Stats is what GET /stats gives. A collection of garbage goes before it.
type Stats struct {
	Goroutines int            `json:"goroutines"` // those that answer this request are among them
	FDs        int            `json:"fds"`        // open descriptors; -1 where that cannot be told
	HeapBytes  uint64         `json:"heap_bytes"` // in use
	Points     map[string]int `json:"points"`     // how often each point was passed
}

const maxBody = 64 << 10

func (c *Control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /clock", take(func(b Clock) error {
		d, err := time.ParseDuration(b.Offset)
		if err != nil {
			return fmt.Errorf("offset: %w", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.offset = d
		return nil
	}))
	mux.Handle("POST /stall", take(func(b Stall) error { c.setStall(b); return nil }))
	mux.Handle("POST /panic", take(func(b Panic) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.panics = b.Text
		return nil
	}))
	mux.Handle("POST /exit", take(func(b Exit) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.exit = b
		return nil
	}))
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(c.stats()) // who asked may have gone
	})
	return mux
}

// take reads a body of type T, hands it to do and answers 204, or 400 with the reason.
func take[T any](do func(T) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		dec.DisallowUnknownFields()
		err := dec.Decode(&body)
		if err == nil {
			err = do(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (c *Control) stats() Stats {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := Stats{Goroutines: runtime.NumGoroutine(), FDs: -1, HeapBytes: m.HeapAlloc}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.FDs = len(entries) - 1 // without the one that reads them
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Points = maps.Clone(c.points)
	return s
}
