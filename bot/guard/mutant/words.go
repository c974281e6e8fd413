package mutant

import (
	"cmp"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed words/*.txt
var files embed.FS

// lines are the lines of a word list without comments.
func lines(name string) []string {
	data, err := files.ReadFile("words/" + name)
	if err != nil {
		panic(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// A turn is a pattern with what is said in its place.
type turn struct {
	pattern *regexp.Regexp
	with    string
}

type turns []turn

var (
	unitTurns       = readTurns("unit.txt")
	polarityTurns   = readTurns("polarity.txt")
	comparatorTurns = readTurns("comparator.txt")
	modalityTurns   = readTurns("modality.txt")
	translations    = readTurns("translations.txt")
)

func readTurns(name string) turns {
	var out turns
	for _, line := range lines(name) {
		pattern, with, ok := strings.Cut(line, " => ")
		if !ok {
			panic(fmt.Sprintf("%s: no \" => \" in %q", name, line))
		}
		out = append(out, turn{regexp.MustCompile(pattern), with})
	}
	return out
}

// edits are all places of a text that can be turned.
func (t turns) edits(s string) []edit {
	var out []edit
	for _, one := range t {
		for _, at := range one.pattern.FindAllStringSubmatchIndex(s, -1) {
			with := string(one.pattern.ExpandString(nil, one.with, s, at))
			out = append(out, edit{at[0], at[1], with, "word: " + s[at[0]:at[1]] + " → " + with})
		}
	}
	return out
}

// A name is a thing of a kind with its forms.
type name struct {
	kind, id string
	forms    []string // "-" where there is none
}

// A form is one form of a name.
type form struct {
	*name
	text   string
	column int
}

var names, forms = readNames()

func readNames() ([]name, []form) {
	var list []name
	for _, line := range lines("names.txt") {
		head, rest, _ := strings.Cut(line, ": ")
		kind, id, ok := strings.Cut(head, " ")
		if !ok {
			panic("names.txt: " + line)
		}
		n := name{kind: kind, id: id}
		for f := range strings.SplitSeq(rest, " | ") {
			n.forms = append(n.forms, f)
		}
		list = append(list, n)
	}
	var all []form
	for i := range list {
		for column, text := range list[i].forms {
			if text != "-" {
				all = append(all, form{&list[i], text, column})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b form) int { return cmp.Compare(len(b.text), len(a.text)) })
	return list, all
}

// A cut is where a sentence loses what limits it.
type cut struct {
	tail    bool
	what    string
	pattern *regexp.Regexp
}

var cutPlaces = func() []cut {
	var out []cut
	for _, line := range lines("cut.txt") {
		head, pattern, _ := strings.Cut(line, ": ")
		side, what, _ := strings.Cut(head, " ")
		out = append(out, cut{side == "tail", what, regexp.MustCompile(pattern)})
	}
	return out
}()

// A paper is a document that no answer is from.
type paper struct{ title, number, issuer, english string }

var papers = func() []paper {
	var out []paper
	for _, line := range lines("documents.txt") {
		f := strings.Split(line, " | ")
		out = append(out, paper{f[0], f[1], f[2], f[3]})
	}
	return out
}()

// A template is an invented sentence with places to fill.
type template struct{ lang, what, text string }

var templates = func() []template {
	var out []template
	for _, line := range lines("inventions.txt") {
		head, text, _ := strings.Cut(line, ": ")
		lang, what, _ := strings.Cut(head, " ")
		out = append(out, template{lang, what, text})
	}
	return out
}()

// traditional are the characters with one traditional form.
var traditional = func() map[rune]rune {
	out := map[rune]rune{}
	for _, line := range lines("traditional.txt") {
		for pair := range strings.FieldsSeq(line) {
			if p := []rune(pair); p[0] != p[1] {
				out[p[0]] = p[1]
			}
		}
	}
	return out
}()
