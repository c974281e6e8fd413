// Package prompts holds every sentence that policybot may say in its own
// words: a closed list of templates in Chinese and English. Whatever else
// stands in an answer is a quotation or a notice.
//
// The templates are the files templates.zh.txt and templates.en.txt, a line
// each: name = text with {slots}. Both files have the same names and slots,
// which a test checks, so that whoever edits one is told about the other.
package prompts

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

//go:embed templates.zh.txt
var zh string

//go:embed templates.en.txt
var en string

// Languages of the templates.
const (
	Chinese = "zh"
	English = "en"
)

var templates = map[string]map[string]string{Chinese: parse(zh), English: parse(en)}

// parse reads name = text lines; blank lines and lines that begin with # are
// skipped. It panics on any other line, which the tests would show.
func parse(file string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(file) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, text, ok := strings.Cut(line, " = ")
		if !ok || out[name] != "" {
			panic(fmt.Sprintf("prompts: line %q is not a new name = text", line))
		}
		out[name] = text
	}
	return out
}

// Names lists the templates of a language in alphabetical order.
func Names(lang string) []string { return slices.Sorted(maps.Keys(templates[lang])) }

// Slots are the values that go into a template.
type Slots map[string]string

// Render fills a template. It panics when the language, the name or a slot
// does not exist or a slot is left over: a mistake of the program that calls.
func Render(lang, name string, slots Slots) string {
	text, ok := templates[lang][name]
	if !ok {
		panic(fmt.Sprintf("prompts: no template %q in %q", name, lang))
	}
	used := 0
	out := slot.ReplaceAllStringFunc(text, func(s string) string {
		v, ok := slots[s[1:len(s)-1]]
		if !ok {
			panic(fmt.Sprintf("prompts: template %q needs slot %s", name, s))
		}
		used++
		return v
	})
	if used != len(slots) {
		panic(fmt.Sprintf("prompts: template %q got %d slots and used %d", name, len(slots), used))
	}
	return out
}

var slot = regexp.MustCompile(`\{[a-z_]+\}`)

// Match reports which template of the language a whole line may have been made
// from, and what stood in its slots. Where several fit, the one with the most
// fixed text is returned. A test uses it to show that an answer holds nothing
// but sentences, notices and templates.
func Match(lang, line string) (name string, slots Slots, ok bool) {
	best := 0 // a template that is nothing but a slot is part of a line, never a line
	for _, n := range Names(lang) {
		text := templates[lang][n]
		fixed := len(slot.ReplaceAllString(text, ""))
		if fixed <= best {
			continue
		}
		if s, fits := fit(text, line); fits {
			name, slots, ok, best = n, s, true, fixed
		}
	}
	return name, slots, ok
}

func fit(template, line string) (Slots, bool) {
	var pattern strings.Builder
	var names []string
	at := 0
	for _, m := range slot.FindAllStringIndex(template, -1) {
		pattern.WriteString(regexp.QuoteMeta(template[at:m[0]]) + "(.*?)")
		names = append(names, template[m[0]+1:m[1]-1])
		at = m[1]
	}
	pattern.WriteString(regexp.QuoteMeta(template[at:]))
	m := regexp.MustCompile("^(?s:" + pattern.String() + ")$").FindStringSubmatch(line)
	if m == nil {
		return nil, false
	}
	out := Slots{}
	for i, n := range names {
		out[n] = m[i+1]
	}
	return out, true
}
