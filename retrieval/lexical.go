package retrieval

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bm25"
	"policybot/retrieval/bridge"
)

// layout names what a clause is indexed with. It changes with fields.
const layout = "title+number+place+path+text-2"

// LexicalVersion names everything that a stored lexical index depends on
// besides the library's content.
func LexicalVersion() string {
	return fmt.Sprintf("%s %s %+v", layout, analysis.Version, bm25.Default)
}

// A Lexical is the lexical index of a library: BM25 over title, path and text
// of each clause, plus a share of the whole document's score, and the texts in
// a form that signals are read from. It never changes and may be searched from
// several goroutines.
type Lexical struct {
	index  *bm25.Index
	ids    []string // unit → clause id
	keys   []Key    // unit → what its vector is stored under
	titles texts    // of documents, which are the groups of index
	paths  texts    // of clauses, with the headings above them
	bodies texts    // of clauses
	bridge *bridge.Bridge
	// comparing are the words that questions are compared by; nil for [bridge.Comparing].
	comparing *bridge.Bridge
}

// WithBridge returns the index with other words that bridge what people say and
// what clauses say; nil for none. A new one has [bridge.Default].
func (x *Lexical) WithBridge(b *bridge.Bridge) *Lexical {
	y := *x
	y.bridge = b
	return &y
}

// A Passage is what a clause can be found by.
type Passage struct {
	ID       string
	Document string // the same for all clauses of one
	Title    string // what is known of the document: title, number, place
	Path     string // where the clause stands: headings above it and its own number
	Text     string
}

// PassageOf returns what a clause of a library can be found by; see layout.
func PassageOf(c Clause) Passage {
	return Passage{
		ID: c.ID, Document: c.Document.ID,
		Title: strings.Join([]string{c.Document.Title, c.Document.Number, c.Document.Jurisdiction}, "\n"),
		Path:  strings.Join(append(slices.Clone(c.Parents), c.Path), "\n"),
		Text:  c.Text,
	}
}

// Embedded is the text that a vector of the clause stands for.
func (p Passage) Embedded() string {
	return strings.Join([]string{p.Title, p.Path, p.Text}, "\n")
}

// A Key names a text that is embedded: its SHA-256.
type Key [sha256.Size]byte

// Key returns the key of Embedded.
func (p Passage) Key() Key { return keyOf(p.Embedded()) }

func keyOf(text string) Key { return sha256.Sum256([]byte(text)) }

// String returns k in hex, as stores have it.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// A LexicalBuilder collects clauses for a Lexical.
type LexicalBuilder struct {
	b    *bm25.Builder
	x    *Lexical
	keys []uint64
	last string // document
}

// NewLexicalBuilder returns an empty builder.
func NewLexicalBuilder() *LexicalBuilder {
	return &LexicalBuilder{b: bm25.NewBuilder(bm25.Default), x: &Lexical{bridge: bridge.Default()}}
}

// Add adds a clause. The clauses of one document must follow one another, in
// their order; the Title of the first counts for all.
func (b *LexicalBuilder) Add(p Passage) {
	if b.x.titles.len() == 0 || p.Document != b.last {
		b.x.titles.add(p.Title)
		b.last = p.Document
	}
	b.x.paths.add(p.Path)
	b.x.bodies.add(p.Text)
	b.keys = b.keys[:0]
	for _, f := range []string{p.Title, p.Path, p.Text} {
		b.keys = analysis.AppendKeys(b.keys, f)
	}
	b.b.Add(b.keys, b.x.titles.len()-1)
	b.x.ids = append(b.x.ids, p.ID)
	b.x.keys = append(b.x.keys, p.Key())
}

// Build returns the index. The builder must not be used afterwards.
func (b *LexicalBuilder) Build() *Lexical {
	x := b.x
	x.index = b.b.Build()
	x.titles.clip()
	x.paths.clip()
	x.bodies.clip()
	return x
}

// units maps the id of each clause to its unit.
func (x *Lexical) units() map[string]int {
	out := make(map[string]int, len(x.ids))
	for i, id := range x.ids {
		out[id] = i
	}
	return out
}

// Len is the number of clauses.
func (x *Lexical) Len() int { return len(x.ids) }

const lexicalMagic = "policybot lexical 2\n"

// write writes the index with the revision of the library that it fits.
func (x *Lexical) write(w io.Writer, revision string) error {
	head := []byte(lexicalMagic)
	head = appendString(head, LexicalVersion())
	head = appendString(head, revision)
	head = binary.AppendUvarint(head, uint64(len(x.ids)))
	for i, id := range x.ids {
		head = append(appendString(head, id), x.keys[i][:]...)
	}
	sum := crc32.NewIEEE()
	out := io.MultiWriter(w, sum)
	if _, err := out.Write(head); err != nil {
		return err
	}
	for _, t := range []*texts{&x.titles, &x.paths, &x.bodies} {
		if err := t.write(out); err != nil {
			return err
		}
	}
	if err := binary.Write(w, binary.LittleEndian, sum.Sum32()); err != nil {
		return err
	}
	_, err := x.index.WriteTo(w)
	return err
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// readLexical reads what write wrote. It fails when the bytes are damaged or
// belong to another version or revision.
func readLexical(data []byte, revision string) (*Lexical, error) {
	r := &fieldReader{data: data}
	if string(r.take(len(lexicalMagic))) != lexicalMagic {
		return nil, fmt.Errorf("not a lexical index")
	}
	if v := r.text(); v != LexicalVersion() {
		return nil, fmt.Errorf("made by other rules: %q", v)
	}
	if v := r.text(); v != revision {
		return nil, fmt.Errorf("made for another library")
	}
	n := r.number()
	if n > uint64(len(data)) {
		return nil, fmt.Errorf("damaged")
	}
	ids, keys := make([]string, 0, n), make([]Key, 0, n)
	for range n {
		ids = append(ids, r.text())
		keys = append(keys, Key(r.take(sha256.Size)))
	}
	titles, paths, bodies := r.texts(), r.texts(), r.texts()
	sum := crc32.ChecksumIEEE(data[:r.at])
	if got := r.take(4); r.bad || binary.LittleEndian.Uint32(got) != sum {
		return nil, fmt.Errorf("damaged")
	}
	index, err := bm25.Read(data[r.at:])
	if err != nil {
		return nil, err
	}
	if n := index.Units(); n != len(ids) || n != paths.len() || n != bodies.len() || index.Groups() != titles.len() {
		return nil, fmt.Errorf("damaged: %d clauses of %d documents, %d ids", n, index.Groups(), len(ids))
	}
	return &Lexical{index: index, ids: ids, keys: keys, titles: titles, paths: paths, bodies: bodies, bridge: bridge.Default()}, nil
}

// A fieldReader reads fields from bytes; after an error all it reads is empty.
type fieldReader struct {
	data []byte
	at   int
	bad  bool
}

func (r *fieldReader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.data)-r.at {
		r.bad = true
		return make([]byte, min(max(n, 0), sha256.Size))
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *fieldReader) number() uint64 {
	n, size := binary.Uvarint(r.data[r.at:])
	if r.bad || size <= 0 {
		r.bad = true
		return 0
	}
	r.at += size
	return n
}

func (r *fieldReader) text() string {
	n := r.number()
	if n > uint64(len(r.data)) {
		r.bad = true
		return ""
	}
	return string(r.take(int(n)))
}
