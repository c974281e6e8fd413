package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"policybot/bot/eligibility"
	"policybot/bot/generate"
	"policybot/bot/grounding"
	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// Evidence is all that an answer is concluded from. The same evidence gives the
// same answer, whatever the library has become since: see [Replay].
type Evidence struct {
	Question      Question                 `json:"-"`
	Day           string                   `json:"day"`     // YYYY-MM-DD: "today" for validity
	Library       string                   `json:"library"` // fingerprint
	Searched      Searched                 `json:"searched"`
	Places        []string                 `json:"places"` // that documents of the library apply to, in order
	Understanding understand.Understanding `json:"understanding"`
	Sides         []Side                   `json:"sides"` // what was searched for: the question, or each of its parts
	Elsewhere     []retrieval.Hit          `json:"-"`     // the best of other places, where those of the named ones are faint
	Anchors       []retrieval.Clause       `json:"-"`     // that state the facts of the documents that are asked about
	Named         []NamedOnly              `json:"named"` // documents that others name and the library lacks
	RetrieveMs    float64                  `json:"retrieve_ms"`
	Degraded      string                   `json:"degraded,omitempty"` // why vectors were not searched

	// Eligible is what is known of the asker, and the measures; nil where there are none.
	Eligible *Assessment `json:"eligible,omitempty"`

	// What a model did for the answer, where one was asked.
	Words   []string         `json:"words,omitempty"`   // that it would search for
	Again   Side             `json:"again,omitzero"`    // what they found
	Calls   []generate.Call  `json:"calls,omitempty"`   // to search, not to write
	Offered []string         `json:"offered,omitempty"` // ids of the clauses that it got, in order
	Written *generate.Trace  `json:"written,omitempty"`
	lexicon *grounding.Names // of what was found
	// turned tells, while an answer is concluded, that it became a list of measures: nothing
	// was asked about, or no document applies where the asker is.
	turned bool
}

// A Side is one search of a question with what it found.
type Side struct {
	Concepts []retrieval.Concept `json:"concepts"` // what was asked about
	Hits     []retrieval.Hit     `json:"-"`
}

// A storedHit is a hit as it is kept: which clause of which version, and its score.
type storedHit struct {
	Clause   string  `json:"clause"`
	Document string  `json:"document"`
	Version  int     `json:"version"`
	Score    float64 `json:"score"`
	Vector   float64 `json:"vector,omitempty"` // part of the likeness of meaning
	// Taught is the index entry that raised the clause, as it was then, without its words: they are somebody's question,
	// which goes from the library when that person is erased.
	Taught *retrieval.TaughtPart `json:"taught,omitempty"`
}

// storedEvidence is the stored form of Evidence.
type storedEvidence struct {
	evidenceFields
	Hits      [][]storedHit   `json:"hits"` // by side
	Elsewhere []storedHit     `json:"elsewhere,omitempty"`
	Anchors   []storedHit     `json:"anchors,omitempty"`
	Found     []storedHit     `json:"found,omitempty"` // by the words of a model
	Measures  []storedMeasure `json:"measures,omitempty"`
}

// A storedMeasure is a measure as it was compared, with the version of its document.
type storedMeasure struct {
	eligibility.Measure
	Version int `json:"version"`
}

type evidenceFields Evidence

// MarshalJSON keeps of each hit which clause it is, not its text, which the
// library keeps in all its versions.
func (e Evidence) MarshalJSON() ([]byte, error) {
	s := storedEvidence{evidenceFields: evidenceFields(e)}
	for _, side := range e.Sides {
		s.Hits = append(s.Hits, storeHits(side.Hits))
	}
	s.Elsewhere, s.Found = storeHits(e.Elsewhere), storeHits(e.Again.Hits)
	for _, c := range e.Anchors {
		s.Anchors = append(s.Anchors, storedHit{Clause: c.ID, Document: c.Document.ID, Version: c.Document.Version})
	}
	if e.Eligible != nil && (e.Eligible.Wanted || e.turned) {
		for _, b := range e.Eligible.measures {
			s.Measures = append(s.Measures, storedMeasure{b.Measure, b.Clause.Document.Version})
		}
	}
	return json.Marshal(s)
}

func storeHits(hits []retrieval.Hit) []storedHit {
	out := make([]storedHit, len(hits))
	for i, h := range hits {
		d := h.Clause.Document
		out[i] = storedHit{h.Clause.ID, d.ID, d.Version, h.Score, h.Why.Vector, nil}
		if t := h.Why.Taught; t != nil {
			out[i].Taught = &retrieval.TaughtPart{Entry: t.Entry, Similarity: t.Similarity, Part: t.Part}
		}
	}
	return out
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
	if len(s.Hits) != len(e.Sides) {
		return nil, fmt.Errorf("%d lists of hits for %d searches", len(s.Hits), len(e.Sides))
	}
	read := storedClauses{versions: versions, read: map[versionKey][]retrieval.Clause{}}
	var err error
	for i, hits := range s.Hits {
		if e.Sides[i].Hits, err = read.hits(ctx, hits); err != nil {
			return nil, err
		}
	}
	if e.Elsewhere, err = read.hits(ctx, s.Elsewhere); err != nil {
		return nil, err
	}
	if e.Again.Hits, err = read.hits(ctx, s.Found); err != nil {
		return nil, err
	}
	for _, h := range s.Anchors {
		c, err := read.clause(ctx, h)
		if err != nil {
			return nil, err
		}
		e.Anchors = append(e.Anchors, c)
	}
	for _, m := range s.Measures {
		b, err := read.measure(ctx, m)
		if err != nil {
			return nil, err
		}
		e.Eligible.measures = append(e.Eligible.measures, b)
	}
	return &e, nil
}

// storedClauses reads clauses of stored versions, each version once.
type storedClauses struct {
	versions Versions
	read     map[versionKey][]retrieval.Clause
}

type versionKey struct {
	document string
	version  int
}

func (s storedClauses) hits(ctx context.Context, stored []storedHit) ([]retrieval.Hit, error) {
	var out []retrieval.Hit
	for _, h := range stored {
		c, err := s.clause(ctx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, retrieval.Hit{Clause: c, Score: h.Score, Why: retrieval.Why{Vector: h.Vector, Taught: h.Taught}})
	}
	return out, nil
}

func (s storedClauses) clause(ctx context.Context, h storedHit) (retrieval.Clause, error) {
	list, err := s.document(ctx, h.Document, h.Version)
	if err != nil {
		return retrieval.Clause{}, err
	}
	for _, c := range list {
		if c.ID == h.Clause {
			return c, nil
		}
	}
	return retrieval.Clause{}, fmt.Errorf("version %d of %s has no clause %s", h.Version, h.Document, h.Clause)
}

// document gives the clauses of one version of a document.
func (s storedClauses) document(ctx context.Context, id string, version int) ([]retrieval.Clause, error) {
	k := versionKey{id, version}
	if s.read[k] == nil {
		_, _, list, err := s.versions.Version(ctx, id, version)
		if err != nil {
			return nil, err
		}
		s.read[k] = list
	}
	return s.read[k], nil
}

// measure binds a measure to the version that it was compared in.
func (s storedClauses) measure(ctx context.Context, m storedMeasure) (eligibility.Bound, error) {
	list, err := s.document(ctx, m.Document, m.Version)
	if err != nil {
		return eligibility.Bound{}, err
	}
	if err := m.Parse(); err != nil {
		return eligibility.Bound{}, err
	}
	return m.Bind(list)
}

// gather reads the question and searches the library. degraded says why it went
// by words alone although there are vectors.
func (d *Desk) gather(ctx context.Context, q Question) (e *Evidence, degraded, err error) {
	known, err := d.library(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("answer: %w", err)
	}
	docs, u := known.docs, known.read(q)
	e = &Evidence{
		Question: q, Day: d.day(q, u).Format(time.DateOnly), Library: known.revision,
		Searched:      Searched{Documents: len(docs), Clauses: d.Library.Len()},
		Understanding: u, Places: known.places, Sides: []Side{}, Named: known.named,
	}
	if outcome, _ := refuse(q.Text, len(docs)); outcome != "" {
		return e, nil, nil
	}
	if e.Eligible, err = d.assess(ctx, q, &e.Understanding); err != nil {
		return nil, nil, fmt.Errorf("answer: read the measures: %w", err)
	}
	if e.Eligible != nil && e.Eligible.Replies {
		e.Eligible.Listed = true
		return e, nil, nil
	}
	begin := time.Now()
	for i, query := range e.queries() {
		query.Told = -1
		if d.Words {
			query.Told = told
		}
		most := searched
		if i > 0 {
			most = pool
		}
		found, err := d.Library.Search(ctx, query, most)
		if err != nil {
			return nil, nil, fmt.Errorf("answer: %w", err)
		}
		e.Sides = append(e.Sides, Side{subject(found, u), found.Hits})
		degraded = found.Degraded
	}
	if e.Elsewhere, err = d.elsewhere(ctx, e, docs); err != nil {
		return nil, nil, err
	}
	if e.Anchors, err = d.anchors(ctx, u, docs); err != nil {
		return nil, nil, err
	}
	if x := e.Eligible; x != nil && x.Wanted {
		x.Listed = e.broad()
	}
	e.RetrieveMs = milliseconds(time.Since(begin))
	if degraded != nil {
		e.Degraded = degraded.Error()
	}
	return e, degraded, nil
}

// Where no clause of the named places says more than this of a question, those
// of other places are looked at too.
const (
	hardly     = 0.35
	otherMost  = 8 // clauses
	otherPlace = 3 // how much they are raised: above all others
)

// elsewhere finds the best clauses of other places.
func (d *Desk) elsewhere(ctx context.Context, e *Evidence, docs []retrieval.Document) ([]retrieval.Hit, error) {
	u, side := e.Understanding, e.Sides[0]
	held := u.Held()
	if len(held) == 0 || len(u.Documents) > 0 || slices.ContainsFunc(rank(side.Hits, u, side.Concepts), func(j judged) bool { return j.coverage >= hardly }) {
		return nil, nil
	}
	query := u.Query
	query.Focus, query.Told, query.Bare = nil, -1, true
	for _, doc := range docs {
		if !slices.ContainsFunc(held, func(p string) bool { return understand.Fits(doc, p) }) {
			query.Focus = append(query.Focus, retrieval.Focus{Document: doc.ID, Weight: otherPlace})
		}
	}
	if len(query.Focus) == 0 {
		return nil, nil
	}
	found, err := d.Library.Search(ctx, query, otherMost)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return found.Hits, nil
}

// told is of how many hits an explanation can tell the words.
const told = 10

// maxParts is how many questions of one message are searched for by themselves.
const maxParts = 3

// queries are what is searched for: the question, and each of its parts where it
// has several. The first part gives the later ones their subject.
func (e *Evidence) queries() []retrieval.Query {
	u := e.Understanding
	out := []retrieval.Query{u.Query}
	for i, p := range u.Parts[:min(len(u.Parts), maxParts)] {
		q := retrieval.Query{Text: p, Context: u.Query.Context, Focus: u.Query.Focus}
		if i > 0 {
			q.Context = []string{u.Parts[0]}
		}
		out = append(out, q)
	}
	return out
}

// anchors finds the clauses that state the facts of the documents that a
// question is about.
func (d *Desk) anchors(ctx context.Context, u understand.Understanding, docs []retrieval.Document) ([]retrieval.Clause, error) {
	if len(u.Missing) > 0 && u.Asks(intent.Validity) {
		return d.mentions(ctx, u.Missing, docs)
	}
	var out []retrieval.Clause
	if !asksDocument(u) {
		return nil, nil
	}
	for _, n := range u.Documents[:min(len(u.Documents), maxAnchored)] {
		clauses, err := d.Library.Clauses(ctx, n.ID)
		if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
			return nil, fmt.Errorf("answer: %w", err)
		}
		out = append(out, anchors(clauses, u)...)
	}
	return out, nil
}

// mentions are the clauses that name documents which the library lacks.
func (d *Desk) mentions(ctx context.Context, titles []string, docs []retrieval.Document) ([]retrieval.Clause, error) {
	var ids []string
	for _, doc := range docs {
		for _, m := range doc.Mentions {
			if slices.ContainsFunc(titles, func(t string) bool { return understand.Squeeze(t) == understand.Squeeze(m.Title) }) {
				ids = append(ids, m.Clause)
			}
		}
	}
	clauses, err := d.Library.Lookup(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return clauses, nil
}

// maxAnchored is how many documents are looked through for their facts.
const maxAnchored = 2

// ErrNotReplayable is returned for a record that is not complete.
var ErrNotReplayable = errors.New("the record does not hold what the answer was concluded from")

// A Record is how an answer came about, as the log keeps it.
type Record struct {
	Evidence *Evidence       `json:"evidence"`
	Hits     []StoredVerdict `json:"verdicts"`          // of the clauses that were judged, best first
	Checks   []Check         `json:"checks"`            // what plain code found in the finished answer
	Program  string          `json:"program,omitempty"` // version that answered
	Error    string          `json:"error,omitempty"`   // why there is no answer
	Quoted   string          `json:"quoted,omitempty"`  // id of the question whose answer the asker quoted
}

// A StoredVerdict is how a clause was judged.
type StoredVerdict struct {
	Clause   string  `json:"clause"`
	Score    float64 `json:"score"`
	Coverage float64 `json:"coverage"`
	Cited    bool    `json:"cited"`
}

// NewRecord is the record of an answer that was concluded. Without the evidence
// the answer is checked by itself.
func NewRecord(a Answer, x Explanation) Record {
	if x.Evidence == nil {
		return Record{Hits: verdicts(x.Hits), Checks: Verify(a)}
	}
	return Record{Evidence: x.Evidence, Hits: verdicts(x.Hits), Checks: x.Evidence.verify(a)}
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
	again, judged := e.conclude()
	again.Masked = was.Masked
	if e.Eligible == nil {
		again.Interview = was.Interview // as the conversation before had it
	}
	again.Text = Compose(again)
	out := Replayed{Answer: again, Verdicts: verdicts(judged), Checks: e.verify(again), Differences: []string{}, Program: stored.Program}
	out.Differences = append(out.Differences, differences(was, again)...)
	if !slices.Equal(stored.Hits, out.Verdicts) {
		out.Differences = append(out.Differences, "verdicts")
	}
	return out, nil
}

// differences names the fields of two answers that are not equal, times and addresses left out.
func differences(was, is Answer) []string {
	was.Ms, is.Ms = Timings{}, Timings{}
	was.link("")
	is.link("")
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
