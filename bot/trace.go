package bot

import (
	"encoding/json"
	"errors"
	"fmt"

	"policybot/bot/generate"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// A Trace is what a stored record tells people of how an answer came about: each stage, without the texts of
// clauses, which the library keeps. What a stage did not do is empty.
type Trace struct {
	Program string // version that answered
	Error   string // why there is no answer
	Day     string // YYYY-MM-DD: "today" for validity
	Library string // fingerprint

	Understanding *understand.Understanding // nil when the question was not read
	Searched      Searched
	Sides         []TraceSide // what was searched for: the question, or each of its parts
	Elsewhere     []TraceHit  // the best of other places, where those of the named ones are faint
	Named         []NamedOnly // documents that others name and the library lacks
	RetrieveMs    float64
	Degraded      string // why vectors were not searched

	Words   []string // that a model would search for
	Found   []TraceHit
	Calls   []generate.Call // of a model, to search
	Offered []string        // ids of the clauses that it got
	Written *generate.Trace // nil when no model wrote

	Verdicts []StoredVerdict // of the clauses that were judged, best first
	Checks   []Check
}

// A TraceSide is one search with what it found, best first.
type TraceSide struct {
	Concepts []retrieval.Concept
	Hits     []TraceHit
}

// A TraceHit is a clause that was found, by ids.
type TraceHit struct {
	Clause, Document string
	Version          int
	Score            float64
	Vector           float64 // part of the likeness of meaning
	Taught           *retrieval.TaughtPart
}

// ErrNoTrace says that a record tells of no stage: the question was refused at the door or erased, or an earlier
// version of the program stored it.
var ErrNoTrace = errors.New("the record tells of no stage")

// TraceOf reads a stored record; see [Record]. The error wraps ErrNoTrace for one that is empty.
func TraceOf(record json.RawMessage) (Trace, error) {
	var stored struct {
		Record
		Evidence json.RawMessage `json:"evidence"`
	}
	if len(record) == 0 || string(record) == "null" {
		return Trace{}, ErrNoTrace
	}
	if err := json.Unmarshal(record, &stored); err != nil {
		return Trace{}, fmt.Errorf("read a record: %w", err)
	}
	t := Trace{Program: stored.Program, Error: stored.Error, Verdicts: stored.Hits, Checks: stored.Checks}
	if len(stored.Evidence) == 0 || string(stored.Evidence) == "null" {
		return t, nil
	}
	var e storedEvidence
	if err := json.Unmarshal(stored.Evidence, &e); err != nil {
		return Trace{}, fmt.Errorf("read the evidence of a record: %w", err)
	}
	t.Day, t.Library, t.Searched, t.Understanding = e.Day, e.Library, e.Searched, &e.Understanding
	t.Named, t.RetrieveMs, t.Degraded = e.Named, e.RetrieveMs, e.Degraded
	t.Words, t.Calls, t.Offered, t.Written = e.Words, e.Calls, e.Offered, e.Written
	for i, side := range e.Sides {
		s := TraceSide{Concepts: side.Concepts}
		if i < len(e.Hits) {
			s.Hits = traceHits(e.Hits[i])
		}
		t.Sides = append(t.Sides, s)
	}
	t.Elsewhere, t.Found = traceHits(e.Elsewhere), traceHits(e.Found)
	return t, nil
}

func traceHits(stored []storedHit) []TraceHit {
	var out []TraceHit
	for _, h := range stored {
		out = append(out, TraceHit(h))
	}
	return out
}
