// Package catalogue reads the file in which a person states what is known about
// documents: title, issuer, number, dates, place. It lies beside the documents,
// is named catalogue.yaml by custom, and holds one entry for each file:
//
//	documents:
//	  - file: plan.txt
//	    id: xiamen-2020-2022
//	    aliases: [厦门三年行动计划]
//	    issued_on:
//	      value: 2020-06-03
//	      source: text
//	      where: "2020年6月3日"
//
// Every fact says how it is known. A fact with source text is printed in the
// document, and where repeats the words that show it: [CheckText] looks for
// them. A fact with source catalogue is known from elsewhere, and where notes
// from where. A fact that is not known has no line at all.
package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"policybot/retrieval"
)

// A Catalogue is what a catalogue file states. The zero value states nothing.
type Catalogue struct {
	entries []Entry
	byFile  map[string]int // index in entries
}

// An Entry is what a catalogue states about one document.
type Entry struct {
	File    string   // base name of the document's file, exactly
	ID      string   // [a-z0-9.-]+, begins and ends with a letter or digit
	Aliases []string // names that people use for the document; may be empty
	Facts   []Fact   // in the order of the file, each field at most once

	name string // of the catalogue, for errors
}

// A Fact is one thing that is known about a document.
type Fact struct {
	Field  string // JSON name of a field of retrieval.Document, such as issued_on
	Value  string // checked for its field; a target year in digits, true or false
	Source string // retrieval.SourceText or retrieval.SourceCatalogue
	Where  string // SourceText: words of the document; SourceCatalogue: where the fact comes from

	line, column int // of Where in the catalogue
}

// An Error is a mistake in a catalogue file, with its place for the person who
// mends it.
type Error struct {
	Name    string // of the catalogue, as the caller of Read gave it
	Line    int    // from 1
	Column  int    // in code points, from 1
	Problem string // one line of English, with what is allowed instead
}

// Error returns NAME:LINE:COLUMN: PROBLEM, on one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Problem)
}

// Files lists the files that have an entry, in the order of the catalogue,
// each once. Whether they exist is for the caller to see.
func (c Catalogue) Files() []string {
	files := make([]string, 0, len(c.entries))
	for _, e := range c.entries {
		files = append(files, e.File)
	}
	return files
}

// Entry returns the entry of a file, given its base name, and whether there is
// one. The caller may change what it gets.
func (c Catalogue) Entry(file string) (Entry, bool) {
	i, ok := c.byFile[file]
	if !ok {
		return Entry{}, false
	}
	e := c.entries[i]
	e.Aliases, e.Facts = slices.Clone(e.Aliases), slices.Clone(e.Facts)
	return e, true
}

// Apply sets in doc the id, the aliases and the facts of the entry of a file, given
// its base name, and reports whether there is one. What the catalogue states
// replaces what doc has; a field about which it says nothing stays. Facts gets the
// source of each fact, Notes the origin of those that are not from the text. The
// maps and slices of doc are replaced, not changed. Source, Status and the rest of
// doc stay.
func (c Catalogue) Apply(file string, doc *retrieval.Document) bool {
	i, ok := c.byFile[file]
	if !ok {
		return false
	}
	e := c.entries[i]
	doc.ID = e.ID
	if len(e.Aliases) > 0 {
		doc.Aliases = slices.Clone(e.Aliases)
	}
	doc.Facts, doc.Notes = clone(doc.Facts), clone(doc.Notes)
	for _, fact := range e.Facts {
		fields[fact.Field].set(doc, fact.Value)
		doc.Facts[fact.Field] = fact.Source
		delete(doc.Notes, fact.Field)
		if fact.Source == retrieval.SourceCatalogue {
			doc.Notes[fact.Field] = fact.Where
		}
	}
	return true
}

// Fields lists the facts that can be stated, by their JSON names in [retrieval.Document].
func Fields() []string { return slices.Clone(fieldNames) }

// Check tells what is wrong with Field and Value of a fact, in one line of English; nil for
// nothing. A catalogue file holds none that has a mistake; this is for facts that are stated
// elsewhere.
func (f Fact) Check() error {
	field, ok := fields[f.Field]
	if !ok {
		return fmt.Errorf("%q is no fact: must be one of %s", f.Field, strings.Join(fieldNames, ", "))
	}
	kind := isText
	if f.Value == "true" || f.Value == "false" {
		kind = isBool
	} else if f.Field == "target_year" {
		kind = isNumber
	}
	if problem := field.check(scalar{kind, f.Value}); problem != "" {
		return fmt.Errorf("%s %s", f.Field, problem)
	}
	return nil
}

// State sets in doc facts that pass Check, as Apply does. One without a Value takes the fact
// away: it is then not known. A Where that is empty notes nothing.
func State(doc *retrieval.Document, facts ...Fact) {
	doc.Facts, doc.Notes = clone(doc.Facts), clone(doc.Notes)
	for _, fact := range facts {
		fields[fact.Field].set(doc, fact.Value)
		delete(doc.Facts, fact.Field)
		delete(doc.Notes, fact.Field)
		if fact.Value != "" {
			doc.Facts[fact.Field] = fact.Source
		}
		if fact.Value != "" && fact.Where != "" && fact.Source == retrieval.SourceCatalogue {
			doc.Notes[fact.Field] = fact.Where
		}
	}
}

// clone returns a copy of m that is never nil.
func clone(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

// CheckText checks that the words which an entry quotes stand in the document:
// Where of every fact with source text must be in text, character for
// character. It returns nil, or all the misses joined ([errors.Join]) in the
// order of the catalogue, each an [*Error] on a line of its own.
func CheckText(e Entry, text string) error {
	var misses []error
	for _, fact := range e.Facts {
		if fact.Source != retrieval.SourceText || strings.Contains(text, fact.Where) {
			continue
		}
		misses = append(misses, &Error{e.name, fact.line, fact.column, fmt.Sprintf(
			"%s is said to be in the text, but %s does not have %q: copy the words exactly, or use source: %s",
			fact.Field, e.File, fact.Where, retrieval.SourceCatalogue)})
	}
	return errors.Join(misses...)
}
