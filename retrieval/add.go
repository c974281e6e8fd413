package retrieval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"policybot/retrieval/charset"
	"policybot/retrieval/markdown"
	"policybot/retrieval/outline"
)

// Limits of one document. A policy text is far below all of them; what is
// above is a data file.
const (
	MaxBytes   = 32 << 20  // of the file
	MaxLine    = 1_000_000 // characters of one line
	MaxClauses = 20_000
)

// A File is a document file to add.
type File struct {
	Source string // base name
	Origin string // absolute path; empty when embedded
	Data   []byte
	// Facts fills in what a catalogue knows about the file and reports whether
	// it has an entry; nil: there is no catalogue. An id that it sets is taken.
	Facts func(*Document) bool
	// Before is told of the document when it is about to be stored as new or other than before; its error keeps it from
	// being stored. nil: nobody is told.
	Before func(Document) error
	// Check compares what the catalogue says with the text; nil: nothing to compare.
	Check func(text string) error
}

// A Refusal is the reason why a file was not added.
type Refusal struct {
	Code   RefusalCode
	Detail string // limit, format or encoding, where Code has one
	Err    error  // cause, or nil
}

// A RefusalCode names a reason in a way that messages can be chosen by.
type RefusalCode string

// Reasons to refuse a file.
const (
	RefusedFormat  RefusalCode = "format"  // Detail: the extension
	RefusedEmpty   RefusalCode = "empty"   // no text
	RefusedBinary  RefusalCode = "binary"  // Detail: what it looks like, or ""
	RefusedCharset RefusalCode = "charset" // Detail: what it looks like, or ""
	RefusedSize    RefusalCode = "size"    // Detail: the limit in MB
	RefusedLine    RefusalCode = "line"    // Detail: the limit in characters
	RefusedClauses RefusalCode = "clauses" // Detail: the limit
	// RefusedWithdrawn is a document that people have withdrawn: adding its file again, as a
	// nightly run does, must not bring it back. Detail: its id.
	RefusedWithdrawn RefusalCode = "withdrawn"
)

// Error implements error. Messages for people are chosen by Code.
func (r *Refusal) Error() string {
	s := "refused: " + string(r.Code)
	if r.Detail != "" {
		s += " " + r.Detail
	}
	if r.Err != nil {
		s += ": " + r.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// formats are the extensions that are read.
var formats = map[string]bool{".txt": true, ".text": true, ".md": true, ".markdown": true}

// Readable reports whether a file of this name is of a format that is read.
func Readable(source string) bool { return formats[strings.ToLower(extension(source))] }

// An Addition is what became of a file.
type Addition struct {
	Change   Change
	Document Document
	SameText string // id of another document, or of the one that Document is, that has exactly this text under another name
	Namesake string // id of another document with the same title
	Missing  error  // what Check found wrong; the document is added all the same
}

// Add reads a file, cuts it into clauses and stores it. The document is
// recognised by its catalogue id, else by its origin, else by its text; under
// the same name that is a file that was moved, and its origin is taken over. The
// error is a *Refusal when the file is at fault, or its document was withdrawn. What was
// added is searchable after Refresh.
func (l *Library) Add(ctx context.Context, f File) (Addition, error) {
	doc, text, o, err := describe(f)
	if err != nil {
		return Addition{}, err
	}
	l.adding.Lock()
	defer l.adding.Unlock()
	held, err := l.store.Documents(ctx)
	if err != nil {
		return Addition{}, err
	}
	gone, err := l.Withdrawn(ctx)
	if err != nil {
		return Addition{}, err
	}
	hash := hexSum([]byte(text))
	if same, ok := identify(held, gone, &doc, hash); ok {
		return Addition{Change: Unchanged, Document: same, SameText: same.ID}, nil
	}
	if slices.ContainsFunc(gone, func(d Document) bool { return d.ID == doc.ID }) {
		return Addition{}, &Refusal{Code: RefusedWithdrawn, Detail: doc.ID}
	}
	clauses := Cut(doc.ID, text, o)
	doc.Mentions = MentionsIn(doc, clauses)
	if err := l.before(ctx, f, held, doc, text, clauses); err != nil {
		return Addition{}, err
	}
	change, err := l.store.Put(ctx, doc, text, clauses)
	if err != nil {
		return Addition{}, fmt.Errorf("store %s: %w", f.Source, err)
	}
	doc.Clauses = len(clauses)
	a := Addition{Change: change, Document: doc}
	if f.Check != nil {
		a.Missing = f.Check(text)
	}
	a.SameText, a.Namesake = twins(held, doc, hash)
	return a, nil
}

// before tells who wants to know that a document is about to be stored, unless it is there as it is.
func (l *Library) before(ctx context.Context, f File, held []Document, doc Document, text string, clauses []Clause) error {
	if f.Before == nil {
		return nil
	}
	i := slices.IndexFunc(held, func(d Document) bool { return d.ID == doc.ID })
	versions, ok := l.store.(Versions)
	if ok && i >= 0 && held[i].Hash == hexSum([]byte(text)) {
		was, old, parts, err := versions.Version(ctx, doc.ID, held[i].Version)
		if err != nil {
			return err
		}
		a, err := NewRecord(was, old, parts)
		if err != nil {
			return err
		}
		b, err := NewRecord(doc, text, clauses)
		if err != nil || a.Digest == b.Digest {
			return err
		}
	}
	return f.Before(doc)
}

// describe reads a file and what is known of its document.
func describe(f File) (Document, string, outline.Outline, error) {
	text, err := readText(f)
	if err != nil {
		return Document{}, "", outline.Outline{}, err
	}
	o := outline.Parse(text)
	if n := len(o.Leaves()); n == 0 {
		return Document{}, "", o, &Refusal{Code: RefusedEmpty}
	} else if n > MaxClauses {
		return Document{}, "", o, &Refusal{Code: RefusedClauses, Detail: strconv.Itoa(MaxClauses)}
	}
	doc := Describe(f.Source, text, o)
	doc.Origin = f.Origin
	if f.Facts != nil {
		f.Facts(&doc)
	}
	return doc, text, o, nil
}

// twins finds another document with the text of doc, and another with its title.
func twins(held []Document, doc Document, hash string) (sameText, namesake string) {
	for _, d := range held {
		switch {
		case d.ID == doc.ID:
		case d.Hash == hash:
			sameText = d.ID
		case d.Title == doc.Title:
			namesake = d.ID
		}
	}
	return sameText, namesake
}

// Read reads and cuts a file as Add does, as the document id, and stores nothing. Facts may
// set anything but the id. The error is a *Refusal when the file is at fault.
func Read(f File, id string) (Content, error) {
	doc, text, o, err := describe(f)
	if err != nil {
		return Content{}, err
	}
	doc.ID, doc.Hash = id, hexSum([]byte(text))
	clauses := Cut(id, text, o)
	doc.Mentions, doc.Clauses = MentionsIn(doc, clauses), len(clauses)
	return Content{Document: doc, Text: text, Clauses: clauses}, nil
}

// FreeID is an id made of a file's name that no document has or had. Somebody else may take it
// meanwhile.
func (l *Library) FreeID(ctx context.Context, source string) (string, error) {
	held, err := l.store.Documents(ctx)
	if err != nil {
		return "", err
	}
	gone, err := l.Withdrawn(ctx)
	if err != nil {
		return "", err
	}
	return freeID(append(held, gone...), source), nil
}

func freeID(known []Document, source string) string {
	taken := map[string]bool{}
	for _, d := range known {
		taken[d.ID] = true
	}
	id := slug(source)
	for n := 2; taken[id]; n++ {
		id = slug(source) + "-" + strconv.Itoa(n)
	}
	return id
}

// identify gives doc its id. It returns the document that already holds the
// same text under another name, if doc is known by nothing else. One that is known as a
// document that was withdrawn gets the id of that.
func identify(held, gone []Document, doc *Document, hash string) (Document, bool) {
	known := slices.Concat(held, gone)
	for _, d := range known {
		if doc.Origin != "" && d.Origin == doc.Origin { // also when a catalogue names it only now
			doc.ID = d.ID
			return Document{}, false
		}
	}
	if doc.ID != "" {
		return Document{}, false
	}
	for _, d := range held {
		if d.Hash == hash && moved(d, *doc) {
			doc.ID = d.ID
			return Document{}, false
		}
	}
	for _, d := range held {
		if d.Hash == hash {
			return d, true
		}
	}
	for _, d := range gone {
		if d.Hash == hash || d.Source == doc.Source {
			doc.ID = d.ID
			return Document{}, false
		}
	}
	doc.ID = freeID(known, doc.Source)
	return Document{}, false
}

// moved reports whether doc, whose text is that of held, is the same file in
// another folder. Where a person has stated facts about held, which describing it
// anew would lose, it is left as it is.
func moved(held, doc Document) bool {
	for _, source := range held.Facts {
		if source == SourceCatalogue {
			return false
		}
	}
	return len(held.Aliases) == 0 && held.Source == doc.Source && held.Origin != "" && doc.Origin != ""
}

// readText decodes a file and checks its size.
func readText(f File) (string, error) {
	if !Readable(f.Source) {
		return "", &Refusal{Code: RefusedFormat, Detail: extension(f.Source)}
	}
	if len(f.Data) > MaxBytes {
		return "", &Refusal{Code: RefusedSize, Detail: strconv.Itoa(MaxBytes >> 20)}
	}
	text, _, err := charset.Decode(f.Data)
	if err != nil {
		return "", charsetRefusal(err)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > MaxLine && utf8.RuneCountInString(line) > MaxLine {
			return "", &Refusal{Code: RefusedLine, Detail: strconv.Itoa(MaxLine)}
		}
	}
	if ext := strings.ToLower(extension(f.Source)); ext == ".md" || ext == ".markdown" {
		text = markdown.Text(text)
	}
	return text, nil
}

func charsetRefusal(err error) error {
	var e *charset.Error
	if !errors.As(err, &e) {
		return err
	}
	code := map[charset.Code]RefusalCode{charset.Empty: RefusedEmpty, charset.Binary: RefusedBinary, charset.Unknown: RefusedCharset}[e.Code]
	return &Refusal{Code: code, Detail: e.Looks, Err: err}
}
