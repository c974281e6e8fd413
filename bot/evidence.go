package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"policybot/retrieval"
)

// Evidence is all that an answer is concluded from. The same evidence gives the
// same answer, whatever the library has become since: see [Replay].
type Evidence struct {
	Question      Question           `json:"-"`
	Day           string             `json:"day"`     // YYYY-MM-DD: "today" for validity
	Library       string             `json:"library"` // fingerprint
	Searched      Searched           `json:"searched"`
	Places        []string           `json:"places"` // that documents of the library apply to, in order
	Understanding Understanding      `json:"understanding"`
	Hits          []retrieval.Hit    `json:"-"`
	Weights       map[string]float64 `json:"weights"` // rarity of the words that were looked up, by key in hexadecimal
	RetrieveMs    float64            `json:"retrieve_ms"`
	Degraded      string             `json:"degraded,omitempty"` // why vectors were not searched

	missing bool // a word was looked up that Weights lacks
}

// A storedHit is a hit as it is kept: which clause of which version, and its score.
type storedHit struct {
	Clause   string  `json:"clause"`
	Document string  `json:"document"`
	Version  int     `json:"version"`
	Score    float64 `json:"score"`
	Vector   float64 `json:"vector,omitempty"` // part of the likeness of meaning
}

// storedEvidence is the stored form of Evidence.
type storedEvidence struct {
	evidenceFields
	Hits []storedHit `json:"hits"`
}

type evidenceFields Evidence

// MarshalJSON keeps of each hit which clause it is, not its text, which the
// library keeps in all its versions.
func (e Evidence) MarshalJSON() ([]byte, error) {
	s := storedEvidence{evidenceFields(e), make([]storedHit, len(e.Hits))}
	for i, h := range e.Hits {
		d := h.Clause.Document
		s.Hits[i] = storedHit{h.Clause.ID, d.ID, d.Version, h.Score, h.Why.Vector}
	}
	return json.Marshal(s)
}

// Versions gives one stored version of a document with its clauses.
type Versions interface {
	Version(ctx context.Context, documentID string, version int) (retrieval.Document, string, []retrieval.Clause, error)
}

// readEvidence reads what MarshalJSON wrote, with the clauses of the versions
// that were found then.
func readEvidence(ctx context.Context, data []byte, versions Versions) (*Evidence, error) {
	var s storedEvidence
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	e := Evidence(s.evidenceFields)
	type key struct {
		document string
		version  int
	}
	read := map[key]map[string]retrieval.Clause{}
	for _, h := range s.Hits {
		k := key{h.Document, h.Version}
		if read[k] == nil {
			_, _, list, err := versions.Version(ctx, h.Document, h.Version)
			if err != nil {
				return nil, err
			}
			read[k] = map[string]retrieval.Clause{}
			for _, c := range list {
				read[k][c.ID] = c
			}
		}
		c, ok := read[k][h.Clause]
		if !ok {
			return nil, fmt.Errorf("version %d of %s has no clause %s", h.Version, h.Document, h.Clause)
		}
		e.Hits = append(e.Hits, retrieval.Hit{Clause: c, Score: h.Score, Why: retrieval.Why{Vector: h.Vector}})
	}
	return &e, nil
}

// gather reads the question and searches the library. degraded says why it went
// by words alone although there are vectors.
func (d *Desk) gather(ctx context.Context, q Question) (e *Evidence, degraded, err error) {
	docs, err := d.Library.Documents(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("answer: %w", err)
	}
	e = &Evidence{
		Question: q, Day: d.day(q).Format(time.DateOnly), Library: d.Library.Revision(),
		Searched:      Searched{Documents: len(docs), Clauses: d.Library.Len()},
		Understanding: understand(q, docs), Weights: map[string]float64{}, Places: []string{},
	}
	for _, doc := range docs {
		if doc.Jurisdiction != "" && !slices.Contains(e.Places, doc.Jurisdiction) {
			e.Places = append(e.Places, doc.Jurisdiction)
		}
	}
	if outcome, _ := refuse(q.Text, len(docs)); outcome != "" {
		return e, nil, nil
	}
	begin := time.Now()
	found, err := d.Library.Search(ctx, e.Understanding.Query, searched)
	if err != nil {
		return nil, nil, fmt.Errorf("answer: %w", err)
	}
	e.Hits = found.Hits
	e.RetrieveMs = milliseconds(time.Since(begin))
	if found.Degraded != nil {
		e.Degraded = found.Degraded.Error()
	}
	return e, found.Degraded, nil
}

// weigher looks words up in from and notes what it finds; without from, in what
// was noted.
func (e *Evidence) weigher(from weigher) weigher {
	return func(key uint64) float64 {
		name := strconv.FormatUint(key, 16)
		w, ok := e.Weights[name]
		switch {
		case ok:
		case from == nil:
			e.missing = true
		default:
			w = from(key)
			e.Weights[name] = w
		}
		return w
	}
}

// ErrNotReplayable is returned for a record that is not complete.
var ErrNotReplayable = errors.New("the record does not hold what the answer was concluded from")

// A Record is how an answer came about, as the log keeps it.
type Record struct {
	Evidence *Evidence       `json:"evidence"`
	Hits     []StoredVerdict `json:"verdicts"`          // of the clauses that were judged, best first
	Checks   []Check         `json:"checks"`            // what plain code found in the finished answer
	Program  string          `json:"program,omitempty"` // version that answered
	Error    string          `json:"error,omitempty"`   // why there is no answer
}

// A StoredVerdict is how a clause was judged.
type StoredVerdict struct {
	Clause   string  `json:"clause"`
	Score    float64 `json:"score"`
	Coverage float64 `json:"coverage"`
	Cited    bool    `json:"cited"`
}

// NewRecord is the record of an answer that was concluded.
func NewRecord(a Answer, x Explanation) Record {
	return Record{Evidence: x.Evidence, Hits: verdicts(x.Hits), Checks: Verify(a)}
}

func verdicts(hits []ExplainedHit) []StoredVerdict {
	out := []StoredVerdict{}
	for _, h := range hits {
		out = append(out, StoredVerdict{h.Clause.ID, h.Score, h.Coverage, h.Cited})
	}
	return out
}

// A Replayed is an answer concluded once more.
type Replayed struct {
	Answer   Answer          `json:"answer"`
	Verdicts []StoredVerdict `json:"verdicts"`
	Checks   []Check         `json:"checks"`
	// Differences name what is not as it was stored; none when all is.
	Differences []string `json:"differences"`
	Program     string   `json:"program,omitempty"` // version that answered then
}

// Replay concludes a logged answer once more from what is stored: record and
// answer as the log has them. Clauses come from the versions that were found
// then, so a library that has changed since makes no difference; a program that
// has may. The error wraps ErrNotReplayable for an entry without evidence.
func Replay(ctx context.Context, record, answer []byte, versions Versions) (Replayed, error) {
	var was Answer
	var stored struct {
		Record
		Evidence json.RawMessage `json:"evidence"`
	}
	if err := json.Unmarshal(answer, &was); err != nil {
		return Replayed{}, fmt.Errorf("%w: its answer: %w", ErrNotReplayable, err)
	}
	if err := json.Unmarshal(record, &stored); err != nil || len(stored.Evidence) == 0 || string(stored.Evidence) == "null" {
		return Replayed{}, cmp.Or(err, ErrNotReplayable)
	}
	e, err := readEvidence(ctx, stored.Evidence, versions)
	if err != nil {
		return Replayed{}, fmt.Errorf("%w: its evidence: %w", ErrNotReplayable, err)
	}
	e.Question = Question{ID: was.ID, Text: was.Question}
	again, judged := e.conclude(nil)
	again.Masked = was.Masked
	again.Text = Compose(again)
	out := Replayed{Answer: again, Verdicts: verdicts(judged), Checks: Verify(again), Differences: []string{}, Program: stored.Program}
	if e.missing {
		out.Differences = append(out.Differences, "words")
	}
	out.Differences = append(out.Differences, differences(was, again)...)
	if !slices.Equal(stored.Hits, out.Verdicts) {
		out.Differences = append(out.Differences, "verdicts")
	}
	return out, nil
}

// differences names the fields of two answers that are not equal, times left out.
func differences(was, is Answer) []string {
	was.Ms, is.Ms = Timings{}, Timings{}
	fields := func(a Answer) map[string]json.RawMessage {
		text, _ := json.Marshal(a) // strings and numbers only
		var out map[string]json.RawMessage
		_ = json.Unmarshal(text, &out)
		return out
	}
	a, b := fields(was), fields(is)
	var out []string
	for name := range a {
		if string(a[name]) != string(b[name]) {
			out = append(out, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
