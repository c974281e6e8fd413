package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"unicode/utf8"
)

// A Record is a document that has passed every check of [Store.Put], in the
// form that every Store keeps.
type Record struct {
	Document Document // facts, Origin, Hash and Clauses; Status is StatusUnknown, Version 0
	Text     string
	Clauses  []Clause // Ordinal set; Document and URL empty; no nil slices
	Bytes    []Span   // where each clause lies in Text, in bytes
	Facts    []byte   // the facts alone, as JSON; see ParseFacts
	Digest   string   // of text, facts and clauses; equal means nothing to store
}

// A Span is a half-open range.
type Span struct{ Start, End int }

// NewRecord checks a document for storing. It refuses a document without an
// id, text or facts that are not UTF-8, and clauses that have no id, share
// one, are empty, are not in ascending order, overlap, or whose Text is not
// exactly the code points from Start to End of text. The record keeps nothing
// of the caller's slices and maps.
func NewRecord(doc Document, text string, clauses []Clause) (*Record, error) {
	if doc.ID == "" {
		return nil, fmt.Errorf("document has no id")
	}
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("text is not UTF-8")
	}
	if !utf8.ValidString(fmt.Sprint(doc)) { // prints every string of every field as it is
		return nil, fmt.Errorf("facts are not UTF-8")
	}
	spans, err := checkClauses(text, clauses)
	if err != nil {
		return nil, err
	}
	doc = doc.clone()
	doc.Status, doc.Version, doc.Clauses = StatusUnknown, 0, len(clauses)
	doc.Hash = hexSum([]byte(text))
	facts, err := formatFacts(doc)
	if err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	r := &Record{Document: doc, Text: text, Bytes: spans, Facts: facts}
	for i, c := range clauses {
		c = c.clone()
		c.Document, c.URL, c.Ordinal = Document{}, "", i
		c.Text = text[spans[i].Start:spans[i].End]
		r.Clauses = append(r.Clauses, c)
	}
	r.Digest = Digest(text, facts, r.Clauses)
	return r, nil
}

// checkClauses returns where the clauses lie in text, in bytes, or says what
// is wrong with the first bad one.
func checkClauses(text string, clauses []Clause) ([]Span, error) {
	spans := make([]Span, 0, len(clauses))
	seen := make(map[string]bool, len(clauses))
	var point, at int // the same place in code points and in bytes
	for i, c := range clauses {
		bad := func(format string, args ...any) error {
			return fmt.Errorf("clause %d, id %q: %s", i, c.ID, fmt.Sprintf(format, args...))
		}
		switch {
		case c.ID == "":
			return nil, bad("has no id")
		case seen[c.ID]:
			return nil, bad("the id is taken by an earlier clause")
		case !utf8.ValidString(fmt.Sprint(c.ID, c.Path, c.Heading, c.Parents, c.Departments)):
			return nil, bad("id, path, headings or departments are not UTF-8")
		case c.Start < point:
			return nil, bad("starts at %d, before the end %d of the clause before it", c.Start, point)
		case c.End <= c.Start:
			return nil, bad("span %d to %d is empty", c.Start, c.End)
		}
		seen[c.ID] = true
		start, ok := advance(text, at, c.Start-point)
		end, ok2 := advance(text, start, c.End-c.Start)
		if !ok || !ok2 {
			return nil, bad("span %d to %d is beyond the text", c.Start, c.End)
		}
		if text[start:end] != c.Text {
			return nil, bad("text differs from code points %d to %d of the document", c.Start, c.End)
		}
		spans = append(spans, Span{start, end})
		point, at = c.End, end
	}
	return spans, nil
}

// advance returns the byte offset n code points after at, and whether text
// has that many.
func advance(text string, at, n int) (int, bool) {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at, n == 0
}

// facts are the facts of one version: Document's own JSON and what that leaves
// out.
type facts struct {
	Document
	Notes    map[string]string `json:"notes,omitempty"`
	Mentions []Mention         `json:"mentions,omitempty"`
}

func formatFacts(d Document) ([]byte, error) {
	f := facts{Document: d, Notes: d.Notes, Mentions: d.Mentions}
	f.Document.Status, f.Document.Hash = "", ""
	return json.Marshal(f)
}

// ParseFacts returns the facts that [Record].Facts holds. What is not a fact
// (Status, Origin, Hash, Version, Clauses) is empty.
func ParseFacts(b []byte) (Document, error) {
	var f facts
	if err := json.Unmarshal(b, &f); err != nil {
		return Document{}, fmt.Errorf("facts: %w", err)
	}
	f.Document.Notes, f.Document.Mentions = f.Notes, f.Mentions
	return f.Document, nil
}

// Digest hashes what makes a version: its text, its facts as [Record].Facts
// has them, and its clauses without their Text, Document, URL and Ordinal.
func Digest(text string, facts []byte, clauses []Clause) string {
	h := sha256.New()
	fmt.Fprintf(h, "record 1\n%s\n%d\n%s\n%d\n", hexSum([]byte(text)), len(facts), facts, len(clauses))
	for _, c := range clauses {
		writeList(h, c.ID, c.Path, c.Heading)
		writeList(h, c.Parents...)
		writeList(h, c.Departments...)
		fmt.Fprintf(h, "%d %d\n", c.Start, c.End)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeList(w io.Writer, list ...string) {
	fmt.Fprintf(w, "%d\n", len(list))
	for _, s := range list {
		fmt.Fprintf(w, "%d %s\n", len(s), s)
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// A Holding names the current version of one document and the digest of it.
type Holding struct {
	ID      string
	Version int
	Digest  string
}

// Fingerprint hashes holdings that are ordered by ID. Libraries with the same
// documents in the same versions have the same fingerprint in every Store; any
// change of a text, a fact or a clause gives another one. Because the digests
// are hashed and not the texts alone, a library built anew with other clause
// bounds has another fingerprint although every version is 1 again.
func Fingerprint(holdings []Holding) string {
	h := sha256.New()
	fmt.Fprintf(h, "library 1\n%d\n", len(holdings))
	for _, d := range holdings {
		fmt.Fprintf(h, "%d %s %d %s\n", len(d.ID), d.ID, d.Version, d.Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Memory is a [Store] and a [VectorStore] that keeps everything in memory.
type Memory struct {
	mu       sync.RWMutex
	versions map[string][]*Record // by document, oldest first; a stored record never changes but for its Origin
	listed   map[string]int       // by document: its current version
	last     map[string]int       // by document that was withdrawn: the version that was current
	places   map[string]place     // current clauses by id
	vectors  memoryVectors

	attachments map[string]map[string][]byte // by kind, by id
}

// A place is where a current clause is kept.
type place struct {
	document string
	ordinal  int
}

var (
	_ Store    = (*Memory)(nil)
	_ Versions = (*Memory)(nil)
)

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{
		versions: make(map[string][]*Record), listed: make(map[string]int), last: make(map[string]int),
		places: make(map[string]place), attachments: make(map[string]map[string][]byte),
	}
}

// Put implements [Store]. See [NewRecord] for what it refuses; it also refuses
// a clause id that another document holds. A new Origin alone is taken over
// without a new version.
func (m *Memory) Put(ctx context.Context, doc Document, text string, clauses []Clause) (Change, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("retrieval: put %q: %w", doc.ID, err)
	}
	r, err := NewRecord(doc, text, clauses)
	if err != nil {
		return "", fmt.Errorf("retrieval: put %q: %w", doc.ID, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	change, err := m.put(r)
	if err != nil {
		return "", fmt.Errorf("retrieval: put %q: %w", doc.ID, err)
	}
	return change, nil
}

// put makes a record the current version of its document.
func (m *Memory) put(r *Record) (Change, error) {
	id := r.Document.ID
	if err := m.checkTaken(r); err != nil {
		return "", err
	}
	if old := m.current(id); old != nil && old.Digest == r.Digest {
		old.Document.Origin = r.Document.Origin
		return Unchanged, nil
	}
	change := NewVersion
	if len(m.versions[id]) == 0 {
		change = Added
	}
	r.Document.Version = len(m.versions[id]) + 1
	m.versions[id] = append(m.versions[id], r)
	m.list(id, r.Document.Version)
	return change, nil
}

// current returns the current version of a document, nil when there is none.
func (m *Memory) current(id string) *Record {
	if n := m.listed[id]; n > 0 {
		return m.versions[id][n-1]
	}
	return nil
}

// Documents implements [Store].
func (m *Memory) Documents(ctx context.Context) ([]Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: documents: %w", err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	docs := make([]Document, 0, len(m.listed))
	for _, id := range slices.Sorted(maps.Keys(m.listed)) {
		docs = append(docs, m.current(id).Document.clone())
	}
	return docs, nil
}

// Clauses implements [Store].
func (m *Memory) Clauses(ctx context.Context, documentID string) ([]Clause, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: clauses of %q: %w", documentID, err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	r := m.current(documentID)
	if r == nil {
		return nil, fmt.Errorf("retrieval: clauses of %q: %w", documentID, ErrNotFound)
	}
	return r.clauses(), nil
}

// clauses returns copies of the clauses, each with its document.
func (r *Record) clauses() []Clause {
	list := make([]Clause, 0, len(r.Clauses))
	for i := range r.Clauses {
		list = append(list, r.clause(i))
	}
	return list
}

func (r *Record) clause(i int) Clause {
	c := r.Clauses[i].clone()
	c.Document = r.Document.clone()
	return c
}

// Lookup implements [Store].
func (m *Memory) Lookup(ctx context.Context, ids []string) ([]Clause, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: look up %d clauses: %w", len(ids), err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	list := make([]Clause, 0, len(ids))
	for _, id := range ids {
		if p, ok := m.places[id]; ok {
			list = append(list, m.current(p.document).clause(p.ordinal))
		}
	}
	return list, nil
}

// Version returns one stored version of a document as it was put, with its
// text and clauses; the Origin is empty. The error wraps ErrNotFound when
// there is no such version.
func (m *Memory) Version(ctx context.Context, documentID string, version int) (Document, string, []Clause, error) {
	fail := func(err error) (Document, string, []Clause, error) {
		return Document{}, "", nil, fmt.Errorf("retrieval: version %d of %q: %w", version, documentID, err)
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := m.versions[documentID]
	if version < 1 || version > len(all) {
		return fail(ErrNotFound)
	}
	r := *all[version-1]
	r.Document.Origin = ""
	return r.Document.clone(), r.Text, r.clauses(), nil
}

// Revision returns the [Fingerprint] of what the store holds now. An index
// derived from the store fits it exactly while the revision is the same.
func (m *Memory) Revision(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("retrieval: revision: %w", err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	var list []Holding
	for _, id := range slices.Sorted(maps.Keys(m.listed)) {
		r := m.current(id)
		list = append(list, Holding{id, r.Document.Version, r.Digest})
	}
	return Fingerprint(list), nil
}

// clone returns a copy that shares no map or slice with d; empty ones become nil.
func (d Document) clone() Document {
	d.Facts, d.Notes = cloneMap(d.Facts), cloneMap(d.Notes)
	d.Aliases, d.Mentions = append([]string(nil), d.Aliases...), append([]Mention(nil), d.Mentions...)
	return d
}

func cloneMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}

// clone returns a copy that shares no slice with c but its Document's maps and slices;
// the slices are not nil, so that their JSON is [] and not null.
func (c Clause) clone() Clause {
	c.Parents = append([]string{}, c.Parents...)
	c.Departments = append([]string{}, c.Departments...)
	return c
}
