package auditor

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed classes.txt
var classFile string

// A class is a group of words that say how strongly something is said.
type class struct {
	name        string
	isNew, drop bool
	mood        bool
	zh, en      *pattern
	byZh, byEn  *pattern
}

// A pattern is a list of alternatives with what each begins with, so that a text
// that holds none of those is not searched. No begins: it always is.
type pattern struct {
	find   *regexp.Regexp
	begins []string
	latin  bool // of English words
}

func latinLetter(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' }) >= 0
}

// classes of the word list; mask, start and target stand apart.
var classes, classMask, classStart, classTarget = loadClasses()

func loadClasses() (all []class, mask, start, target class) {
	for _, block := range strings.Split(classFile, "\n\n") {
		lines := listLines(block)
		if len(lines) == 0 {
			continue
		}
		head := strings.Fields(lines[0])
		c := class{name: head[0]}
		for _, flag := range head[1:] {
			c.isNew, c.drop, c.mood = c.isNew || flag == "new", c.drop || flag == "drop", c.mood || flag == "mood"
		}
		for _, line := range lines[1:] {
			switch key, pattern, _ := strings.Cut(line, " "); key {
			case "zh":
				c.zh = zhPattern(pattern)
			case "en":
				c.en = enPattern(pattern)
			case "by":
				if rest, ok := strings.CutPrefix(pattern, "zh "); ok {
					c.byZh = zhPattern(rest)
				} else {
					c.byEn = enPattern(strings.TrimPrefix(pattern, "en "))
				}
			}
		}
		switch c.name {
		case "mask":
			mask = c
		case "start":
			start = c
		case "target":
			target = c
		default:
			all = append(all, c)
		}
	}
	return all, mask, start, target
}

func zhPattern(p string) *pattern {
	p = strings.ReplaceAll(p, "..", ".{0,12}?")
	return &pattern{regexp.MustCompile("(?:" + p + ")"), beginnings(p), false}
}

func enPattern(p string) *pattern {
	return &pattern{regexp.MustCompile(`\b(?:` + p + `)\b`), beginnings(p), true}
}

// beginnings are the plain characters that the alternatives of a pattern begin
// with; none when one of them begins with something else.
func beginnings(p string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range p + "|" {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '|':
			if depth > 0 {
				continue
			}
			plain := p[from:i]
			from = i + 1
			if at := strings.IndexAny(plain, `\.?*+{([`); at >= 0 {
				_, last := utf8.DecodeLastRuneInString(plain[:at])
				if strings.ContainsRune(`?*{`, rune(plain[at])) {
					at -= last // the character before may be left out
				}
				plain = plain[:at]
			}
			if plain == "" {
				return nil
			}
			out = append(out, plain)
		}
	}
	return out
}

func all(p *pattern, s string) [][]int {
	if p == nil || p.latin && !latinLetter(s) {
		return nil
	}
	if p.begins != nil && !slices.ContainsFunc(p.begins, func(b string) bool { return strings.Contains(s, b) }) {
		return nil
	}
	return p.find.FindAllStringIndex(s, -1)
}

// unmasked blanks the words that only look like words of a class.
func unmasked(folded string) string {
	for _, re := range []*pattern{classMask.zh, classMask.en} {
		for _, m := range all(re, folded) {
			folded = blank(folded, m[0], m[1])
		}
	}
	return folded
}

// found lists where a class stands in an unmasked text.
func (c class) found(text string) [][]int { return append(all(c.zh, text), all(c.en, text)...) }

// in tells whether a text says the class.
func (c class) in(text string) bool { return len(c.found(text)) > 0 }

// borne tells whether a quote says the class or what stands for it.
func (c class) borne(text string) bool {
	return c.in(text) || len(all(c.byZh, text)) > 0 || len(all(c.byEn, text)) > 0
}

// classNamed is one of the classes; a name that the list lacks is a mistake of
// the program, which the tests show.
func classNamed(name string) class {
	for _, c := range classes {
		if c.name == name {
			return c
		}
	}
	panic("auditor: classes.txt has no class " + name)
}

// governs tells whether a class stands in a piece of text so that it holds for
// it: 支持 and 鼓励 only near its beginning, not in 加快审查支持立项.
func (c class) governs(clean string) bool {
	at := c.found(clean)
	if c.name != "support" && c.name != "encourage" {
		return len(at) > 0
	}
	for _, m := range at {
		if m[0] <= 15 || m[0] <= 30 && !mostlyHan(clean) {
			return true
		}
	}
	return false
}
