package catalogue

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A member is a key with its value. Keys are text, see [decoder.mapping].
type member struct{ *ast.MappingValueNode }

func (m member) key() string { return m.Key.GetToken().Value }

type members []member

// get returns the member with a key; its node is nil when there is none.
func (all members) get(key string) member {
	for _, m := range all {
		if m.key() == key {
			return m
		}
	}
	return member{}
}

// mapping returns the members of a mapping, in order. What is the thing that
// must be one, in the words of messages.
func (d decoder) mapping(n ast.Node, what string, allowed []string) (members, error) {
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		return nil, d.errorIn(n, "%s must consist of keys, each with a colon and a space, not of %s; allowed are %s",
			what, describe(n), strings.Join(allowed, ", "))
	}
	var all members
	for _, v := range mapping.Values {
		m := member{v}
		key, ok := v.Key.(*ast.StringNode)
		if !ok || !slices.Contains(allowed, key.Value) {
			return nil, d.errorIn(v.Key, "unknown key %q in %s; allowed are %s",
				v.Key.GetToken().Value, what, strings.Join(allowed, ", "))
		}
		if all.get(key.Value).MappingValueNode != nil {
			return nil, d.errorIn(v.Key, "%s has the key %q twice", what, key.Value)
		}
		all = append(all, m)
	}
	return all, nil
}

// list returns the items of a list that a mapping has under a key.
func (d decoder) list(parent ast.Node, all members, key string) ([]ast.Node, error) {
	m := all.get(key)
	if m.MappingValueNode == nil {
		return nil, d.errorIn(parent, "%s is missing", key)
	}
	list, ok := m.Value.(*ast.SequenceNode)
	if !ok {
		return nil, d.errorIn(m.Key, "%s must be a list, each item after a dash and a space or all in [ ], not %s", key, describe(m.Value))
	}
	return list.Values, nil
}

// value returns the checked value that a mapping has under a key: that of an
// entry, or with the name of a fact, that of the fact.
func (d decoder) value(parent ast.Node, all members, key, fact string, check func(scalar) string) (string, error) {
	what, need := key, "every entry has a file and an id"
	if fact != "" {
		what, need = key+" of "+fact, "every fact has a value, a source and a where"
	}
	m := all.get(key)
	if m.MappingValueNode == nil {
		return "", d.errorIn(parent, "%s is missing: %s", what, need)
	}
	s, err := d.scalar(m.Value, what)
	if err != nil {
		return "", err
	}
	if problem := check(s); problem != "" {
		return "", d.errorIn(m.Value, "%s %s", what, problem)
	}
	return s.text, nil
}

// scalar returns a single value.
func (d decoder) scalar(n ast.Node, what string) (scalar, error) {
	s := scalar{kind: describe(n)}
	switch n := n.(type) {
	case *ast.StringNode:
		s.text = n.Value
	case *ast.LiteralNode:
		s.text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s.text = n.GetToken().Value
	case *ast.NullNode:
	default:
		return s, d.errorIn(n, "%s must be a single value, not %s", what, s.kind)
	}
	s.text = strings.TrimSpace(s.text)
	return s, nil
}

// describe says what a node is, in the words of messages.
func describe(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return isNone
	case *ast.StringNode, *ast.LiteralNode:
		return isText
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return isNumber
	case *ast.BoolNode:
		return isBool
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	}
	return "a YAML anchor, alias or tag (& * !)"
}

// place returns line and column of a node: of a mapping, those of its first
// key. They are 0 when the parser gives none.
func place(n ast.Node) (line, column int) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if n == nil {
		return 0, 0
	}
	return position(n.GetToken())
}

func position(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 0, 0
	}
	return t.Position.Line, t.Position.Column
}

// tooDeep returns the place where values are nested deeper than maxDepth within
// brackets, or by dashes on one line, or nil. The parser takes time and stack
// for each level; nesting by indentation is bounded by the size of the file.
func tooDeep(tokens token.Tokens) *token.Position {
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets = max(brackets-1, 0)
		case token.SequenceEntryType:
			dashes++
		}
		if brackets > maxDepth || dashes > maxDepth {
			return t.Position
		}
	}
	return nil
}

// syntaxError turns an error of the parser into one of ours.
func (d decoder) syntaxError(err error, data []byte) error {
	problem, line, column := err.Error(), 0, 0
	if e, ok := errors.AsType[yaml.Error](err); ok {
		problem = e.GetMessage()
		line, column = position(e.GetToken())
	}
	problem, _, _ = strings.Cut(problem, "\n")
	hint := "indent with spaces, and put text that holds : # , [ ] { } in double quotes"
	if lines := bytes.Split(data, []byte("\n")); line > 0 && line <= len(lines) && bytes.Contains(lines[line-1], []byte("：")) {
		hint = "after a key stands the half-width : and a space; text that holds : is in double quotes"
	}
	return d.errorAt(line, column, "not YAML: %s; %s", problem, hint)
}

// badByte returns the place of the first byte that is not UTF-8, if any.
func badByte(data []byte) (line, column int, found bool) {
	if utf8.Valid(data) {
		return 0, 0, false
	}
	line = 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			return line, column + 1, true
		case r == '\n':
			line, column = line+1, 0
		default:
			column++
		}
		data = data[size:]
	}
	return 0, 0, false
}
