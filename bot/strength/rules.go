package strength

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// Rules is a table of rules. It may be used from several goroutines.
type Rules struct {
	masks, sentences, cueRules, guards, pending []*rule

	index *index
	spare sync.Pool // of passages
}

// A rule is one section of the file other than a list.
type rule struct {
	kind, name string
	strength   Strength // that it speaks for, or turns cues into
	weak       bool     // of a cue
	carries    bool     // of a sentence rule: on to what follows a semicolon
	words      set
	conditions []condition
	targets    []string // of a guard: names of strengths or cues
	reach      string   // of a guard
	until      *set

	line     int
	patterns []pattern
}

// A condition says that a list must match or must not match near the words.
type condition struct {
	list   set
	within string
	want   bool
}

// A pattern is one alternative as written.
type pattern struct {
	text string
	line int
}

// A reader reads a rule file.
type reader struct {
	name  string
	lists map[string]string // regular expressions
	rules *Rules
	names map[string]bool // of rules
	now   *rule           // the section that is read; a list is one of kind "list"
}

var kinds = map[string]bool{"list": true, "mask": true, "sentence": true, "cue": true, "guard": true, "pending": true}

var reaches = []string{"after", "before", "on", "clause", "part", "sentence"}

// Parse reads a rule file, whose form is described at its beginning; name is
// used in errors, which begin with "name:line: ".
func Parse(name, file string) (*Rules, error) {
	rd := &reader{name: name, lists: make(map[string]string), rules: &Rules{index: newIndex()}, names: make(map[string]bool)}
	n := 0
	for line := range strings.Lines(file) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := rd.line(n, line); err != nil {
			return nil, err
		}
	}
	if err := rd.finish(); err != nil {
		return nil, err
	}
	if len(rd.rules.cueRules) == 0 {
		return nil, rd.errorf(max(n, 1), "no [cue] section")
	}
	return rd.rules, rd.checkTargets()
}

func (rd *reader) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", rd.name, line, fmt.Sprintf(format, args...))
}

// line reads one line that is not blank.
func (rd *reader) line(n int, line string) error {
	if strings.HasPrefix(line, "[") {
		if err := rd.finish(); err != nil {
			return err
		}
		return rd.head(n, line)
	}
	if rd.now == nil {
		return rd.errorf(n, "words before the first section")
	}
	if key, value, ok := strings.Cut(line, ":"); ok && isOption(key) {
		return rd.option(n, key, strings.TrimSpace(value))
	}
	for alternative := range strings.SplitSeq(line, " | ") {
		if alternative = strings.TrimSpace(alternative); alternative != "" {
			rd.now.patterns = append(rd.now.patterns, pattern{alternative, n})
		}
	}
	return nil
}

// head reads the head of a section, "[kind name strength]".
func (rd *reader) head(n int, line string) error {
	head, ok := strings.CutSuffix(line[1:], "]")
	fields := strings.Fields(head)
	if !ok || len(fields) < 2 || !kinds[fields[0]] {
		return rd.errorf(n, "a section is [list name], [mask name], [pending name], [cue name strength], [sentence name strength] or [guard name strength], not %s", line)
	}
	r := &rule{kind: fields[0], name: fields[1], line: n, reach: "after"}
	rest := fields[2:]
	switch r.kind {
	case "cue", "sentence", "guard":
		if len(rest) == 0 {
			return rd.errorf(n, "[%s %s] lacks its strength", r.kind, r.name)
		}
		r.strength = Strength(rest[0])
		if r.strength != None && r.strength.rank() == 0 {
			return rd.errorf(n, "unknown strength %q", rest[0])
		}
		rest = rest[1:]
		if r.kind == "cue" && len(rest) == 1 && rest[0] == "weak" {
			r.weak, rest = true, nil
		}
		if r.kind == "sentence" && len(rest) == 1 && rest[0] == "carries" {
			r.carries, rest = true, nil
		}
	}
	if len(rest) > 0 {
		return rd.errorf(n, "unknown word %q in the head of %s", rest[0], r.name)
	}
	if _, isList := rd.lists[r.name]; isList && r.kind == "list" || r.kind != "list" && rd.names[r.name] {
		return rd.errorf(n, "a second %s", r.name)
	}
	rd.now = r
	return nil
}

func isOption(key string) bool {
	switch name, _, _ := strings.Cut(key, " "); name {
	case "needs", "unless", "turns", "reach", "until":
		return true
	}
	return false
}

// option reads "needs within: list", "unless within: list", "turns: names",
// "reach: where" or "until: list".
func (rd *reader) option(n int, key, value string) error {
	name, within, _ := strings.Cut(key, " ")
	r := rd.now
	if r.kind == "list" {
		return rd.errorf(n, "a list has no options")
	}
	if r.kind != "guard" && (name == "turns" || name == "reach" || name == "until") {
		return rd.errorf(n, "only a guard has %q", name)
	}
	switch name {
	case "turns":
		r.targets = append(r.targets, strings.Fields(value)...)
		return nil
	case "reach":
		r.reach, within = value, value
	case "until":
		list, err := rd.listsOf(n, value)
		r.until = &list
		return err
	default:
		if within == "" {
			within = "sentence"
		}
		list, err := rd.listsOf(n, value)
		if err != nil {
			return err
		}
		r.conditions = append(r.conditions, condition{list, within, name == "needs"})
	}
	if !slices.Contains(reaches, within) {
		return rd.errorf(n, "%q is none of %s", within, strings.Join(reaches, ", "))
	}
	return nil
}

// listsOf compiles the lists named in value.
func (rd *reader) listsOf(n int, value string) (set, error) {
	var all []string
	for name := range strings.FieldsSeq(value) {
		list, ok := rd.lists[name]
		if !ok {
			return set{}, rd.errorf(n, "no [list %s] above", name)
		}
		all = append(all, list)
	}
	if len(all) == 0 {
		return set{}, rd.errorf(n, "a list is missing")
	}
	return rd.compile(n, all)
}

func (rd *reader) compile(n int, alternatives []string) (set, error) {
	s, err := rd.rules.index.add("(?:" + strings.Join(alternatives, "|") + ")")
	if err != nil {
		return set{}, rd.errorf(n, "%v", err)
	}
	return s, nil
}

// finish ends the section that is read.
func (rd *reader) finish() error {
	r := rd.now
	if r == nil {
		return nil
	}
	rd.now = nil
	if len(r.patterns) == 0 {
		return rd.errorf(r.line, "%s has no words", r.name)
	}
	var all []string
	for _, p := range r.patterns {
		s, err := translate(p.text, rd.lists)
		if err == nil {
			_, err = syntax.Parse(s, syntax.Perl)
		}
		if err != nil {
			return rd.errorf(p.line, "%v", err)
		}
		all = append(all, s)
	}
	if r.kind == "list" {
		rd.lists[r.name] = "(?:" + strings.Join(all, "|") + ")"
		return nil
	}
	rd.names[r.name] = true
	return rd.add(r, all)
}

// add puts a finished rule into the table.
func (rd *reader) add(r *rule, alternatives []string) error {
	var err error
	if r.words, err = rd.compile(r.line, alternatives); err != nil {
		return err
	}
	t := rd.rules
	switch r.kind {
	case "mask":
		t.masks = append(t.masks, r)
	case "sentence":
		t.sentences = append(t.sentences, r)
	case "cue":
		t.cueRules = append(t.cueRules, r)
	case "pending":
		t.pending = append(t.pending, r)
	case "guard":
		if len(r.targets) == 0 {
			return rd.errorf(r.line, "guard %s lacks the line \"turns:\"", r.name)
		}
		t.guards = append(t.guards, r)
	}
	return nil
}

// checkTargets looks for targets of guards that are neither strengths nor cues.
func (rd *reader) checkTargets() error {
	for _, g := range rd.rules.guards {
		for _, name := range g.targets {
			isCue := slices.ContainsFunc(rd.rules.cueRules, func(r *rule) bool { return r.name == name })
			if Strength(name).rank() == 0 && !isCue {
				return rd.errorf(g.line, "guard %s turns %q, which is neither a strength nor a cue", g.name, name)
			}
		}
	}
	return nil
}
