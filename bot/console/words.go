package console

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed words/*.txt
var wordFiles embed.FS

// Languages of the pages.
const (
	chinese = "zh"
	english = "en"
)

// words are the texts of the pages by language and name: a line each in the files words/*.LANG.txt, as
// name = text. In a text {} stands for a value, in order.
var words = map[string]map[string]string{chinese: readWords(chinese), english: readWords(english)}

// readWords reads the files of a language. It panics on a line that is no new name = text, which tests show.
func readWords(lang string) map[string]string {
	out := map[string]string{}
	entries, err := wordFiles.ReadDir("words")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "."+lang+".txt") {
			continue
		}
		text, err := wordFiles.ReadFile("words/" + e.Name())
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' {
				continue
			}
			name, said, ok := strings.Cut(line, " = ")
			if !ok || out[name] != "" {
				panic(fmt.Sprintf("console: words/%s: %q is no new name = text", e.Name(), line))
			}
			out[name] = said
		}
	}
	return out
}

// wordNames lists the names of a language in order.
func wordNames(lang string) []string { return slices.Sorted(maps.Keys(words[lang])) }

// say gives a text of the pages with values in the places of {}. It panics where the name is not known or the
// values are too few or too many: a mistake of a page, which the tests of all pages show.
func say(lang, name string, values ...any) string {
	text, ok := words[lang][name]
	if !ok {
		panic(fmt.Sprintf("console: no text %q in %q", name, lang))
	}
	if n := strings.Count(text, "{}"); n != len(values) {
		panic(fmt.Sprintf("console: text %q takes %d values and got %d", name, n, len(values)))
	}
	for _, v := range values {
		before, after, _ := strings.Cut(text, "{}")
		text = before + strings.ReplaceAll(fmt.Sprint(v), "{}", "{\u200b}") + after
	}
	return text
}

// sayIf is say for a name that may have no text: then it is the name's last part.
func sayIf(lang, group, name string) string {
	if text, ok := words[lang][group+"."+name]; ok {
		return text
	}
	return name
}
