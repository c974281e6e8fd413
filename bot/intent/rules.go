package intent

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// rules are those of one file. They do not change once they are read.
type rules struct {
	all      []*rule
	searched int             // how many branches have an expression
	index    map[rune][]hint // by first character, or by pair
}

// A use is what a rule is for.
type use uint8

const (
	findUse   use = iota // shows an intent
	weakUse              // shows an intent that gives way to others
	butUse               // takes back what rules of the intent found in the same place
	topicUse             // shows that a text is about policy
	fillerUse            // may stand beside small talk
)

// A rule is one line of the file.
type rule struct {
	line   int
	use    use
	intent Intent
	kind   Kind
	text   string // the pattern as written
}

// A branch is one alternative of a rule's pattern.
type branch struct {
	rule *rule
	re   *regexp.Regexp // nil where the hint is the whole match
	id   int            // among those with an expression
	clue
	head  bool // a match begins with its hint
	bound bool // the ends of the sentence may matter
}

// A hint is a string that every match of its branch contains.
type hint struct {
	text   string
	branch *branch
}

// parse reads a rule file, whose form is described at its beginning. Errors
// begin with "name:line: ".
func parse(name, file string) (*rules, error) {
	rs := &rules{index: make(map[rune][]hint)}
	n := 0
	for line := range strings.Lines(file) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := rs.add(n, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if len(rs.all) == 0 {
		return nil, fmt.Errorf("%s:%d: no rule", name, max(n, 1))
	}
	return rs, nil
}

// add reads one rule.
func (rs *rules) add(n int, line string) error {
	head, pattern, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("a rule is \"intent: pattern\", not %q", line)
	}
	r := &rule{line: n, text: strings.TrimSpace(pattern)}
	if err := r.head(strings.TrimSpace(head)); err != nil {
		return err
	}
	if r.text == "" {
		return fmt.Errorf("%s has no pattern", head)
	}
	for _, part := range alternatives(foldPattern(r.text)) {
		if err := rs.branch(r, part); err != nil {
			return fmt.Errorf("%s: %w", head, err)
		}
	}
	rs.all = append(rs.all, r)
	return nil
}

// head reads what stands before the colon.
func (r *rule) head(s string) error {
	switch s {
	case "topic":
		r.use = topicUse
		return nil
	case "filler":
		r.use = fillerUse
		return nil
	}
	if rest, ok := strings.CutPrefix(s, "but "); ok {
		r.use, s = butUse, rest
	} else if rest, ok := strings.CutPrefix(s, "weak "); ok {
		r.use, s = weakUse, rest
	}
	intent, kind, _ := strings.Cut(strings.TrimSpace(s), "/")
	r.intent, r.kind = Intent(intent), Kind(kind)
	switch {
	case !slices.Contains(order, r.intent):
		return fmt.Errorf("no intent is called %q", intent)
	case r.intent == OffTopic && !slices.Contains(kinds, r.kind):
		return fmt.Errorf("off_topic has no kind %q", kind)
	case r.intent != OffTopic && kind != "":
		return fmt.Errorf("%s has no kinds", intent)
	}
	return nil
}

// foldPattern brings a pattern into the form of the texts it is for. Signs
// with a meaning in patterns keep it only where they are typed in ASCII.
func foldPattern(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			b.WriteString(regexp.QuoteMeta(foldRune(string(r), r)))
		case r >= 'A' && r <= 'Z' && !escaped:
			b.WriteString(analysis.Normalize(string(r)))
		default:
			b.WriteRune(r)
		}
		escaped = r == '\\' && !escaped
	}
	return b.String()
}

// branch adds one alternative of r.
func (rs *rules) branch(r *rule, source string) error {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return err
	}
	n := width(re)
	switch {
	case n < 0:
		return fmt.Errorf("%s may be of any length: write .{0,9} in place of .*", source)
	case n > 200:
		return fmt.Errorf("%s may be %d characters long, more than 200", source, n)
	}
	if all := exact(re); all != nil {
		for _, s := range all {
			if s == "" {
				return fmt.Errorf("%s matches the empty text", source)
			}
			rs.hint(s, &branch{rule: r})
		}
		return nil
	}
	c := clueOf(re)
	if value(c.words) == 0 {
		return fmt.Errorf("%s has no word that is in every match", source)
	}
	b := &branch{rule: r, id: rs.searched, clue: c, bound: bounded(re)}
	rs.searched++
	b.head = c.before == 0 && !b.bound
	if b.head {
		source = `^(?:` + source + `)`
	}
	if b.re, err = regexp.Compile(source); err != nil {
		return err
	}
	b.re.Longest()
	for _, w := range c.words {
		rs.hint(w, b)
	}
	return nil
}

// hint adds a hint.
func (rs *rules) hint(s string, b *branch) {
	at, _ := utf8.DecodeRuneInString(s)
	if key := pair(s, at); key != 0 {
		at = key
	}
	rs.index[at] = append(rs.index[at], hint{s, b})
}

// pair returns the key of rules.index for hints that begin as s does, which
// begins with r: of two ASCII characters, 0 for any other.
func pair(s string, r rune) rune {
	if r >= utf8.RuneSelf || len(s) < 2 || s[1] >= utf8.RuneSelf {
		return 0
	}
	return utf8.MaxRune + 1 + r<<8 + rune(s[1])
}
