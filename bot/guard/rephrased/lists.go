package rephrased

import (
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed words/*.txt
var wordFiles embed.FS

// A concept is what the names of one line of a list stand for.
type concept struct {
	class, kind string // kind "-": only hides shorter names within it
	names       map[string][]string
	fromOnly    bool
	number      string // of a document
}

// A wording is one rule of wording.txt.
type wording struct {
	class, lang   string
	from          *regexp.Regexp
	to            string
	before, after *regexp.Regexp // nil: anything may stand there
	needs         *regexp.Regexp // nil: needs nothing
}

// A unit is one line of units.txt.
type unit struct {
	lang, group, name string
	size              float64
}

// An invention is one template.
type invention struct{ position, text string }

// lists is everything in words/.
type lists struct {
	concepts   []concept
	wordings   []wording
	unitLines  []unit
	inventions map[string][]invention
	defaults   map[string][]string
	context    map[string]string // by clause: headings and facts of the document
}

// words reads words/ once. The files are part of the program, so that a broken line is a defect of it.
var words = sync.OnceValue(func() *lists {
	l := &lists{inventions: map[string][]invention{}, defaults: map[string][]string{}, context: map[string]string{}}
	for _, f := range []struct{ file, class string }{
		{"places", "place"}, {"bodies", "body"}, {"names", "name"}, {"periods", "year"}, {"documents", "document"},
	} {
		each(f.file, 3, func(c []string) { l.concepts = append(l.concepts, newConcept(f.class, c)) })
	}
	each("wording", 4, func(c []string) { l.wordings = append(l.wordings, newWording(c)) })
	each("units", 4, func(c []string) {
		size, err := strconv.ParseFloat(c[3], 64)
		if err != nil {
			panic(fmt.Sprintf("words/units.txt: %v", err))
		}
		l.unitLines = append(l.unitLines, unit{c[0], c[1], c[2], size})
	})
	for _, lang := range []string{Chinese, English} {
		each("invention-"+lang, 2, func(c []string) { l.inventions[lang] = append(l.inventions[lang], invention{c[0], c[1]}) })
	}
	each("defaults", 2, func(c []string) { l.defaults[c[0]] = append(l.defaults[c[0]], c[1]) })
	each("context", 3, func(c []string) { l.context[c[0]] = c[1] + "；" + c[2] })
	return l
})

// each calls do with the columns of each line of a list that is no comment.
func each(name string, columns int, do func([]string)) {
	data, err := wordFiles.ReadFile("words/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	for n, line := range strings.Split(string(data), "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line+" ", " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) < columns {
			panic(fmt.Sprintf("words/%s.txt:%d: needs %d columns: %q", name, n+1, columns, line))
		}
		do(cells)
	}
}

func newConcept(class string, c []string) concept {
	made := concept{class: class, kind: c[0], names: map[string][]string{}}
	for i, lang := range []string{Chinese, English} {
		for name := range strings.SplitSeq(c[i+1], ";") {
			if name = strings.TrimSpace(name); name != "" && name != "-" {
				made.names[lang] = append(made.names[lang], name)
			}
		}
	}
	if len(c) > 3 {
		made.fromOnly, made.number = c[3] == "from", c[3]
	}
	return made
}

// groupRef is a group in a replacement; braces keep it from the letters that follow.
var groupRef = regexp.MustCompile(`\$(\d)`)

func newWording(c []string) wording {
	for len(c) < 7 {
		c = append(c, "")
	}
	from := c[2]
	if c[1] == English {
		from = "(?i)" + from
		from = strings.Replace(from, `(?i)\bmay\b`, `\bmay\b`, 1) // the month
	}
	made := wording{class: c[0], lang: c[1], from: regexp.MustCompile(from), to: groupRef.ReplaceAllString(c[3], "$${$1}")}
	if c[4] != "" {
		made.before = regexp.MustCompile("(?:" + c[4] + ") ?$")
	}
	if c[5] != "" {
		made.after = regexp.MustCompile("^ ?(?:" + c[5] + ")")
	}
	if c[6] != "" {
		made.needs = regexp.MustCompile(c[6])
	}
	return made
}
