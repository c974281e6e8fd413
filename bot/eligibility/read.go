package eligibility

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile is the most bytes of a file of measures.
const maxFile = 4 << 20

// A FileError is a mistake in a file of measures: where it is, and what to do.
type FileError struct {
	File    string
	Line    int // from 1
	Problem string
}

// Error says file, line and problem.
func (e *FileError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// Read reads a file of measures in the form that seeds/measures.yaml explains. The
// name stands in errors and is not opened. The first mistake is returned as a
// [*FileError]: an unknown or missing key, a fact that does not exist, an id that
// occurs twice. Whether the words are those of a document is for [Measure.Bind].
//
// Read is for files of the people who run the program.
func Read(r io.Reader, name string) ([]Measure, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(data) > maxFile:
		return nil, &FileError{name, 1, "the file is larger than 4 MiB"}
	}
	d := decoder{name: name, seen: map[string]int{}}
	root, err := d.root(data)
	if err != nil {
		return nil, err
	}
	return d.file(root)
}

// A decoder turns the nodes of a file into measures.
type decoder struct {
	name  string
	facts []Fact
	seen  map[string]int // id → line
}

func (d *decoder) fail(n ast.Node, format string, args ...any) error {
	return &FileError{d.name, lineOf(n), fmt.Sprintf(format, args...)}
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil {
		return 1
	}
	return max(1, n.GetToken().Position.Line)
}

func (d *decoder) root(data []byte) (*ast.MappingNode, error) {
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		return nil, d.syntax(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, &FileError{d.name, 1, "the file must be one YAML document that begins with measures:"}
	}
	return d.mapping(file.Docs[0].Body)
}

var position = regexp.MustCompile(`\[(\d+):\d+\] ([^\n]*)`)

// syntax gives an error of the parser its line.
func (d *decoder) syntax(err error) error {
	if m := position.FindStringSubmatch(err.Error()); m != nil {
		line := 1
		fmt.Sscan(m[1], &line) //nolint:errcheck // digits
		return &FileError{d.name, line, m[2]}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return &FileError{d.name, 1, first}
}

// mapping gives a node that must be key: value lines.
func (d *decoder) mapping(n ast.Node) (*ast.MappingNode, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n, nil
	case *ast.MappingValueNode:
		return &ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: n.GetToken(), Values: []*ast.MappingValueNode{n}}, nil
	}
	return nil, d.fail(n, "lines of the form key: value are expected here")
}

func (d *decoder) file(root *ast.MappingNode) ([]Measure, error) {
	var measures ast.Node
	for _, kv := range root.Values {
		switch key := kv.Key.String(); key {
		case "facts":
			if err := d.into(kv.Value, &d.facts); err != nil {
				return nil, err
			}
		case "measures":
			measures = kv.Value
		default:
			return nil, d.fail(kv.Key, "%q is not known here: a file has measures: and may have facts: before it", key)
		}
	}
	if _, err := Builtin().With(d.facts); err != nil {
		return nil, &FileError{d.name, lineOf(root), err.Error()}
	}
	if measures == nil || measures.Type() == ast.NullType {
		return nil, nil
	}
	list, ok := measures.(*ast.SequenceNode)
	if !ok {
		return nil, d.fail(measures, "measures: is a list, each entry begins with “- id:”")
	}
	var out []Measure
	for _, n := range list.Values {
		m, err := d.measure(n)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// into decodes a node strictly.
func (d *decoder) into(n ast.Node, v any) error {
	if err := yaml.NodeToValue(n, v, yaml.Strict()); err != nil {
		err = d.syntax(err)
		if at, ok := errors.AsType[*FileError](err); ok && at.Line == 1 {
			at.Line = lineOf(n)
		}
		return err
	}
	return nil
}

// measure reads one entry.
func (d *decoder) measure(n ast.Node) (Measure, error) {
	m := Measure{}
	fields, err := d.mapping(n)
	if err != nil {
		return m, err
	}
	if len(fields.Values) == 0 {
		return m, d.fail(n, "an entry has at least id:, and nothing is here")
	}
	if err := d.into(fields, &m); err != nil {
		return m, err
	}
	m.file, m.line = d.name, lineOf(fields.Values[0].Key)
	if first, ok := d.seen[m.ID]; ok {
		return m, &FileError{d.name, m.line, fmt.Sprintf("id %q is taken on line %d", m.ID, first)}
	}
	d.seen[m.ID] = m.line
	d.lines(fields, &m)
	m.Facts = append(d.used(m), m.Facts...)
	return m, m.parse()
}

// lines notes where the criteria of a measure stand.
func (d *decoder) lines(fields *ast.MappingNode, m *Measure) {
	for _, kv := range fields.Values {
		list, ok := kv.Value.(*ast.SequenceNode)
		if !ok || kv.Key.String() != "criteria" {
			continue
		}
		for i, n := range list.Values[:min(len(list.Values), len(m.Criteria))] {
			m.Criteria[i].line = lineOf(n)
			if flow, ok := n.(*ast.MappingNode); ok && len(flow.Values) > 0 {
				m.Criteria[i].line = lineOf(flow.Values[0].Key)
			}
		}
	}
}

// used are the facts of the file that a measure is about.
func (d *decoder) used(m Measure) []Fact {
	var out []Fact
	for _, f := range d.facts {
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(f.Key) + `\b`)
		if slices.ContainsFunc(m.Criteria, func(c Criterion) bool { return word.MatchString(c.Need) }) {
			out = append(out, f)
		}
	}
	return out
}

var idPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?$`)

// Parse reads the conditions of a measure that did not come from a file: one that
// was drafted or stored.
func (m *Measure) Parse() error { return m.parse() }

func (m *Measure) parse() error {
	v, err := Builtin().With(m.Facts)
	if err != nil {
		return m.fail(m.line, "%s", err)
	}
	switch {
	case !idPattern.MatchString(m.ID):
		return m.fail(m.line, "id %q: only a-z, 0-9, “.” and “-”", m.ID)
	case m.Document == "" || m.Path == "" || m.Quote == "":
		return m.fail(m.line, "%s needs document, clause and quote", m.ID)
	case m.Title.Zh == "" || m.Title.En == "":
		return m.fail(m.line, "%s needs a title in both languages (zh, en)", m.ID)
	case !slices.Contains([]string{Intention, Support, Entitlement}, m.Strength):
		return m.fail(m.line, "%s: strength %q is entitlement, support or intention", m.ID, m.Strength)
	case len(m.Criteria) == 0:
		return m.fail(m.line, "%s needs criteria: to whom is it addressed?", m.ID)
	}
	for i := range m.Criteria {
		c := &m.Criteria[i]
		if c.condition, err = parseCondition(v, c.Need); err != nil {
			return m.fail(c.line, "%s: need %q: %s", m.ID, c.Need, err)
		}
		if c.Words == "" {
			return m.fail(c.line, "%s: need %q has no words: copy from the clause where it is read from", m.ID, c.Need)
		}
		if (c.Text.Zh == "") != (c.Text.En == "") {
			return m.fail(c.line, "%s: need %q: text is in both languages or left out", m.ID, c.Need)
		}
	}
	return nil
}

// fail is an error of a measure, with its place where it has one.
func (m *Measure) fail(line int, format string, args ...any) error {
	if m.file == "" {
		return fmt.Errorf(format, args...)
	}
	return &FileError{m.file, max(line, m.line), fmt.Sprintf(format, args...)}
}
