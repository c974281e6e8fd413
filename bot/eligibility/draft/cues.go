package draft

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"policybot/retrieval/analysis"
)

//go:embed cues.txt
var cuesFile string

// A cue is words that tell one thing.
type cue struct {
	kind string // section of cues.txt
	name string // what it tells: a need, a value, a fact
	re   *regexp.Regexp
}

// A cueSet is the cues of a file.
type cueSet struct {
	lists map[string]*regexp.Regexp
	cues  map[string][]cue  // by kind
	short map[string]string // 京: 北京
}

// cues are those of cues.txt. The tests read the file, so one that does not parse is
// not built into a program that has passed them.
var cues = sync.OnceValue(func() *cueSet {
	c, err := parseCues("cues.txt", cuesFile)
	if err != nil {
		panic("draft: " + err.Error())
	}
	return c
})

// kinds are the sections that tell something by their name.
var kinds = []string{"entity", "who", "any", "zone", "number"}

// needed are the lists that the program uses by name.
var needed = []string{
	"lead", "give", "serve", "mark", "not mark", "action", "done by askers", "direction", "government", "intermediary", "person", "body",
	"status", "all of", "one of", "refers", "unspecified", "premise", "approval", "filler", "exclude before", "exclude after", "here",
	"outsider", "abroad", "scope", "skip", "compound", "other side", "counterpart", "not action", "attribute", "buys", "basis", "takes part", "here too", "thing", "label", "no offer", "or", "departments", "not number", "reach",
}

// parseCues reads a file of cues; see cues.txt. An error says file and line.
func parseCues(name, file string) (*cueSet, error) {
	p := cueParser{out: &cueSet{lists: map[string]*regexp.Regexp{}, cues: map[string][]cue{}, short: map[string]string{}}}
	n := 0
	for line := range strings.Lines(file) {
		n++
		if err := p.line(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := p.close(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	for _, l := range needed {
		if p.out.lists[l] == nil {
			return nil, fmt.Errorf("%s: there is no [list %s]", name, l)
		}
	}
	return p.out, nil
}

type cueParser struct {
	out        *cueSet
	kind, name string
	forms      []string
}

func (p *cueParser) line(line string) error {
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
		return nil
	case strings.HasPrefix(line, "["):
		if err := p.close(); err != nil {
			return err
		}
		kind, name, _ := strings.Cut(strings.Trim(line, "[]"), " ")
		p.kind, p.name = kind, strings.TrimSpace(name)
		if p.kind != "list" && p.kind != "short" && !slices.Contains(kinds, p.kind) {
			return fmt.Errorf("section %q is not known", line)
		}
		return nil
	case p.kind == "":
		return fmt.Errorf("%q stands before the first section", line)
	case p.kind == "short":
		short, long, ok := strings.Cut(line, " ")
		if !ok {
			return fmt.Errorf("%q is no short name and a name", line)
		}
		p.out.short[short] = strings.TrimSpace(long)
		return nil
	}
	for form := range strings.SplitSeq(line, " | ") {
		if form = strings.TrimSpace(form); form != "" {
			p.forms = append(p.forms, pattern(form))
		}
	}
	return nil
}

// close compiles the section that ends.
func (p *cueParser) close() error {
	if p.kind == "" || p.kind == "short" {
		return nil
	}
	if len(p.forms) == 0 {
		return fmt.Errorf("section [%s %s] is empty", p.kind, p.name)
	}
	re, err := regexp.Compile(strings.Join(p.forms, "|"))
	if err != nil {
		return fmt.Errorf("section [%s %s]: %w", p.kind, p.name, err)
	}
	re.Longest()
	p.forms = nil
	if p.kind == "list" {
		p.out.lists[p.name] = re
		return nil
	}
	p.out.cues[p.kind] = append(p.out.cues[p.kind], cue{p.kind, p.name, re})
	return nil
}

// gaps are what ~ stands for.
const (
	gapHan   = `[^。;:!?,]{0,10}?`
	gapLatin = `[^。;:!?,]{0,40}?`
)

// pattern turns words with the signs of cues.txt into a regular expression over text
// in normal form.
func pattern(form string) string {
	latin := !chinese(strings.ReplaceAll(form, "~", ""))
	form = analysis.Normalize(form)
	var b strings.Builder
	depth := 0
	runes := []rune(form)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\\' && i+1 < len(runes):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		case r == '~' && latin:
			b.WriteString(gapLatin)
		case r == '~':
			b.WriteString(gapHan)
		case r == '*':
			b.WriteString(`[a-z]*`)
		case r == '^' || r == '$' || r == '?':
			b.WriteRune(r)
		case r == '(':
			depth++
			b.WriteString("(?:")
		case r == ')':
			depth--
			b.WriteString(")")
		case r == '/' && depth > 0:
			b.WriteString("|")
		case r == ' ':
			b.WriteString(`\s+`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return bordered(runes, b.String())
}

// bordered keeps a form in Latin letters from beginning or ending inside a word.
func bordered(form []rune, re string) string {
	word := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
	if len(form) > 0 && word(form[0]) {
		re = `\b` + re
	}
	if len(form) > 0 && (word(form[len(form)-1]) || form[len(form)-1] == '*') {
		re += `\b`
	}
	return "(?:" + re + ")"
}

// all are the places of a list in a span.
func (t text) all(re *regexp.Regexp, p span) []span {
	var out []span
	for _, m := range re.FindAllStringIndex(t.s[p.a:p.b], -1) {
		if m[0] < m[1] {
			out = append(out, span{p.a + m[0], p.a + m[1]})
		}
	}
	return out
}

// first is the first place of a list in a span.
func (t text) first(re *regexp.Regexp, p span) (span, bool) {
	m := re.FindStringIndex(t.s[p.a:p.b])
	if m == nil || m[0] == m[1] {
		return span{}, false
	}
	return span{p.a + m[0], p.a + m[1]}, true
}

func (c *cueSet) list(name string) *regexp.Regexp { return c.lists[name] }
