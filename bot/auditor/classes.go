package auditor

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed classes.txt
var classFile string

// A class is a group of words that say how strongly something is said.
type class struct {
	name        string
	isNew, drop bool
	mood        bool
	zh, en      *regexp.Regexp
	byZh, byEn  *regexp.Regexp
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

func zhPattern(p string) *regexp.Regexp {
	return regexp.MustCompile("(?:" + strings.ReplaceAll(p, "..", ".{0,12}?") + ")")
}

func enPattern(p string) *regexp.Regexp { return regexp.MustCompile(`\b(?:` + p + `)\b`) }

func all(re *regexp.Regexp, s string) [][]int {
	if re == nil {
		return nil
	}
	return re.FindAllStringIndex(s, -1)
}

// unmasked blanks the words that only look like words of a class.
func unmasked(folded string) string {
	for _, re := range []*regexp.Regexp{classMask.zh, classMask.en} {
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
