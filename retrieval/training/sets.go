// Package training holds questions written for this project, with the clauses
// that answer them, and learns from them: the weights of the ranker (see the
// command train-ranker) and how much the vectors of a model are worth.
//
// The questions are in the folder sets, for a person to read and edit. They ask
// about the five documents of package seeds, about invented policies in
// sets/documents, and about those that test the outline parser.
package training

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/seeds"
)

//go:embed sets
var files embed.FS

// Files is a read-only file system with the questions and documents.
func Files() fs.FS { return files }

// A Set is clauses to be found, and questions.
type Set struct {
	Passages  []retrieval.Passage // those of a document together
	Questions []Question
}

// A Question is one with the ids of the passages that answer it, at least one.
type Question struct {
	ID   string // unique in its set
	Text string
	Gold []string
	// Document is that of the first gold: questions about one document are
	// learned from together or not at all when something is cross-validated.
	Document string
}

// Clauses returns the questions with the clauses as the library has them. more
// holds the text files that are not embedded; with nil, questions about them are
// left out.
func Clauses(ctx context.Context, more fs.FS) (Set, error) {
	l, err := newLibrary(ctx, more)
	if err != nil {
		return Set{}, fmt.Errorf("training sets: %w", err)
	}
	var set Set
	for _, c := range l.clauses {
		set.Passages = append(set.Passages, retrieval.PassageOf(c))
	}
	err = l.questions(more != nil, func(id, text string, gold []retrieval.Clause) {
		q := Question{ID: id, Text: text, Document: gold[0].Document.ID}
		for _, c := range gold {
			q.Gold = append(q.Gold, c.ID)
		}
		set.Questions = append(set.Questions, q)
	})
	return set, err
}

// longLine is the length in characters from which a line says something; below
// it is a heading.
const longLine = 25

// Lines returns the same questions with each line of the texts for a clause,
// without a path: what a document is cut into that has no numbering. A line
// answers a question when it is part of a clause that does; headings do only
// where there is nothing else.
func Lines(ctx context.Context, more fs.FS) (Set, error) {
	l, err := newLibrary(ctx, more)
	if err != nil {
		return Set{}, fmt.Errorf("training sets: %w", err)
	}
	var set Set
	lines := map[string][]line{}
	for _, d := range l.documents {
		lines[d.ID] = cutLines(d.ID, l.texts[d.ID])
		for _, n := range lines[d.ID] {
			set.Passages = append(set.Passages, retrieval.Passage{ID: n.id, Document: d.ID, Title: d.Title, Text: n.text})
		}
	}
	err = l.questions(more != nil, func(id, text string, gold []retrieval.Clause) {
		q := Question{ID: id, Text: text, Document: gold[0].Document.ID}
		for _, c := range gold {
			q.Gold = append(q.Gold, linesOf(lines[c.Document.ID], c)...)
		}
		set.Questions = append(set.Questions, q)
	})
	return set, err
}

// A line is one that is not empty.
type line struct {
	id, text   string
	start, end int // code points
}

func cutLines(document, text string) []line {
	var out []line
	at := 0
	for l := range strings.Lines(text) {
		n := utf8.RuneCountInString(l)
		if t := strings.TrimSpace(l); t != "" {
			out = append(out, line{fmt.Sprintf("%s.line%d", document, at), t, at, at + n})
		}
		at += n
	}
	return out
}

func linesOf(lines []line, c retrieval.Clause) []string {
	var long, all []string
	for _, l := range lines {
		if l.start >= c.End || l.end <= c.Start {
			continue
		}
		all = append(all, l.id)
		if utf8.RuneCountInString(l.text) >= longLine {
			long = append(long, l.id)
		}
	}
	if len(long) > 0 {
		return long
	}
	return all
}

// A library is the documents of the sets.
type library struct {
	documents []retrieval.Document
	texts     map[string]string // by document
	clauses   []retrieval.Clause
	byName    map[string]retrieval.Clause // by id, and by file and path
}

func newLibrary(ctx context.Context, more fs.FS) (*library, error) {
	store := retrieval.NewMemory()
	lib := retrieval.New(store, "")
	l := &library{texts: map[string]string{}, byName: map[string]retrieval.Clause{}}
	data, err := seeds.FS().Open("catalogue.yaml")
	if err != nil {
		return nil, err
	}
	defer data.Close()
	cat, err := catalogue.Read(data, "catalogue.yaml")
	if err != nil {
		return nil, err
	}
	documents, err := fs.Sub(files, "sets/documents")
	if err != nil {
		return nil, err
	}
	for _, folder := range []fs.FS{seeds.FS(), documents, more} {
		if folder == nil {
			continue
		}
		names, err := fs.Glob(folder, "*.txt")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := l.add(ctx, lib, store, folder, name, cat); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return l, nil
}

func (l *library) add(ctx context.Context, lib *retrieval.Library, store *retrieval.Memory, folder fs.FS, name string, cat catalogue.Catalogue) error {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	a, err := lib.Add(ctx, retrieval.File{
		Source: name, Data: data, Facts: func(d *retrieval.Document) bool { return cat.Apply(name, d) },
	})
	if err != nil {
		return err
	}
	document, text, clauses, err := store.Version(ctx, a.Document.ID, 1)
	if err != nil {
		return err
	}
	l.documents = append(l.documents, document)
	l.texts[document.ID] = text
	for _, c := range clauses {
		l.clauses = append(l.clauses, c)
		l.byName[c.ID] = c
		l.byName[path.Base(name)+" "+c.Path] = c
	}
	return nil
}

// questions calls yield for each question of both files, in order. Where not
// all documents are there, questions about others are passed over.
func (l *library) questions(all bool, yield func(id, text string, gold []retrieval.Clause)) error {
	for _, file := range []string{"sets/seeds.txt", "sets/written.txt"} {
		data, err := files.ReadFile(file)
		if err != nil {
			return err
		}
		n := 0
		for text := range strings.Lines(string(data)) {
			n++
			text = strings.TrimRight(text, "\n")
			if text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			names, question, ok := strings.Cut(text, "\t")
			if !ok {
				return fmt.Errorf("%s line %d: want clauses, a tab and a question", file, n)
			}
			gold, missing := l.lookup(names)
			if missing != "" && all {
				return fmt.Errorf("%s line %d: there is no clause %q", file, n, missing)
			}
			if missing == "" {
				yield(fmt.Sprintf("%s:%d", path.Base(file), n), question, gold)
			}
		}
	}
	return nil
}

func (l *library) lookup(names string) (gold []retrieval.Clause, missing string) {
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		c, ok := l.byName[name]
		if !ok {
			return nil, name
		}
		gold = append(gold, c)
	}
	return gold, ""
}
