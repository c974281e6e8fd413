package catalogue

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

const (
	maxSize  = 4 << 20 // bytes of a file; an entry has about 1,500
	maxDepth = 16      // brackets or dashes within each other; a catalogue needs 2
)

// Keys of an entry and of a fact.
var (
	entryKeys = append([]string{"file", "id", "aliases"}, fieldNames...)
	factKeys  = []string{"value", "source", "where"}
)

// Read reads a catalogue in UTF-8 with LF or CRLF line ends, with or without a
// byte order mark, up to 4 MiB. The name stands in errors and is not opened.
//
// It is strict: unknown, missing and repeated keys, values of another type or
// outside of what the field allows, days that do not exist, a period that ends
// before it begins, and ids and files that occur twice are errors, and so are
// YAML's anchors, aliases, tags and further documents. The first mistake is
// returned as an [*Error]; an error of r is returned with the name, wrapped.
//
// Read is for files of the people who run the program. The YAML parser takes
// time in the square of the size for some files that are no catalogues, so a
// hostile one near the limit can take minutes; catalogues take well under a
// second.
func Read(r io.Reader, name string) (Catalogue, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Catalogue{}, fmt.Errorf("%s: %w", name, err)
	}
	d := decoder{name}
	if len(data) > maxSize {
		return Catalogue{}, d.errorAt(1, 1, "the file is larger than %d MiB: split it, a folder for each part", maxSize>>20)
	}
	root, err := d.parse(data)
	if err != nil {
		return Catalogue{}, err
	}
	entries, err := d.documents(root)
	if err != nil {
		return Catalogue{}, err
	}
	c := Catalogue{entries: entries, byFile: make(map[string]int, len(entries))}
	for i, e := range entries {
		c.byFile[e.File] = i
	}
	return c, nil
}

// A decoder turns the nodes of a YAML file into entries.
type decoder struct{ name string }

func (d decoder) errorAt(line, column int, format string, args ...any) error {
	return &Error{d.name, max(line, 1), max(column, 1), fmt.Sprintf(format, args...)}
}

// errorIn is errorAt with the place of a node, which may be nil.
func (d decoder) errorIn(n ast.Node, format string, args ...any) error {
	line, column := place(n)
	return d.errorAt(line, column, format, args...)
}

// parse returns the one value that the file holds.
func (d decoder) parse(data []byte) (ast.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if line, column, ok := badByte(data); ok {
		return nil, d.errorAt(line, column, "the file is not UTF-8: save it as UTF-8")
	}
	tokens := lexer.Tokenize(string(data))
	if at := tooDeep(tokens); at != nil {
		return nil, d.errorAt(at.Line, at.Column, "more than %d brackets or dashes within each other", maxDepth)
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // mapping finds them
	if err != nil {
		return nil, d.syntaxError(err, data)
	}
	if len(file.Docs) == 0 || len(file.Docs) == 1 && file.Docs[0].Body == nil {
		return nil, d.errorAt(1, 1, "the file is empty: it begins with documents: and has one entry for each file")
	}
	if len(file.Docs) > 1 {
		return nil, d.errorIn(file.Docs[1].Body, "the file must be one YAML document, without --- between entries and without %% lines")
	}
	return file.Docs[0].Body, nil
}

// documents reads the whole file.
func (d decoder) documents(root ast.Node) ([]Entry, error) {
	top, err := d.mapping(root, "the file", []string{"documents"})
	if err != nil {
		return nil, err
	}
	list, err := d.list(root, top, "documents")
	if err != nil {
		return nil, err
	}
	ids, files := map[string]int{}, map[string]int{} // lines
	entries := make([]Entry, 0, len(list))
	for _, n := range list {
		e, err := d.entry(n, ids, files)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// entry reads one entry. The maps hold the lines of ids and files so far.
func (d decoder) entry(n ast.Node, ids, files map[string]int) (Entry, error) {
	e := Entry{name: d.name}
	all, err := d.mapping(n, "an entry", entryKeys)
	if err != nil {
		return e, err
	}
	if e.File, err = d.unique(n, all, "file", checkFile, files); err != nil {
		return e, err
	}
	if e.ID, err = d.unique(n, all, "id", checkID, ids); err != nil {
		return e, err
	}
	for _, m := range all {
		switch key := m.key(); key {
		case "file", "id":
		case "aliases":
			e.Aliases, err = d.aliases(n, all)
		default:
			var fact Fact
			fact, err = d.fact(m)
			e.Facts = append(e.Facts, fact)
		}
		if err != nil {
			return e, err
		}
	}
	return e, d.checkPeriod(all, e.Facts)
}

// unique reads file or id, of which no other entry may have the same.
func (d decoder) unique(entry ast.Node, all members, key string, check func(scalar) string, seen map[string]int) (string, error) {
	value, err := d.value(entry, all, key, "", check)
	if err != nil {
		return "", err
	}
	n := all.get(key).Value
	if first, ok := seen[value]; ok {
		return "", d.errorIn(n, "%s %q is taken on line %d: every entry has its own", key, value, first)
	}
	seen[value], _ = place(n)
	return value, nil
}

func (d decoder) aliases(entry ast.Node, all members) ([]string, error) {
	list, err := d.list(entry, all, "aliases")
	if err != nil {
		return nil, err
	}
	var aliases []string
	for _, n := range list {
		s, err := d.scalar(n, "an alias")
		if err != nil {
			return nil, err
		}
		if problem := checkLine(s); problem != "" {
			return nil, d.errorIn(n, "an alias %s", problem)
		}
		if slices.Contains(aliases, s.text) {
			return nil, d.errorIn(n, "alias %q is listed twice", s.text)
		}
		aliases = append(aliases, s.text)
	}
	return aliases, nil
}

// fact reads one fact with its source.
func (d decoder) fact(m member) (Fact, error) {
	f := Fact{Field: m.key()}
	if describe(m.Value) == isNone {
		return f, d.errorIn(m.Key, "%s has no value: a fact that is not known is left out", f.Field)
	}
	all, err := d.mapping(m.Value, f.Field, factKeys)
	if err != nil {
		return f, err
	}
	if f.Value, err = d.value(m.Key, all, "value", f.Field, fields[f.Field].check); err != nil {
		return f, err
	}
	if f.Source, err = d.value(m.Key, all, "source", f.Field, oneOf(sources)); err != nil {
		return f, err
	}
	if f.Where, err = d.value(m.Key, all, "where", f.Field, checkText); err != nil {
		return f, err
	}
	f.line, f.column = place(all.get("where").Value)
	return f, nil
}

// checkPeriod refuses a period that ends before it begins.
func (d decoder) checkPeriod(all members, facts []Fact) error {
	var from, until string
	for _, f := range facts {
		switch f.Field {
		case "valid_from":
			from = f.Value
		case "valid_until":
			until = f.Value
		}
	}
	// As far as both are known: 2020-06 does not end before 2020-06-03.
	if n := min(len(from), len(until)); until[:n] < from[:n] {
		return d.errorIn(all.get("valid_until").Key, "valid_until %s is before valid_from %s", until, from)
	}
	return nil
}
