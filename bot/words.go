package bot

import (
	_ "embed"
	"slices"
	"strings"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

//go:embed askwords.txt
var askWordsFile string

//go:embed places.txt
var placesFile string

// askWords are words that ask and do not say what about; longest first.
var askWords = readAskWords(askWordsFile)

// places are the places that a question may name.
var places = readPlaces(placesFile)

// A place is a province, city or zone.
type place struct {
	name  string   // as in a document's jurisdiction, without 省 or 市
	names []string // all names, folded
}

func readAskWords(file string) []string {
	var out []string
	for _, line := range dataLines(file) {
		out = append(out, strings.Fields(line)...)
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

func readPlaces(file string) []place {
	var out []place
	for _, line := range dataLines(file) {
		p := place{}
		for i, n := range strings.Fields(line) {
			if i == 0 {
				p.name = n
			}
			p.names = append(p.names, analysis.Normalize(strings.ReplaceAll(n, "_", " ")))
		}
		out = append(out, p)
	}
	return out
}

// dataLines are the lines of a data file that are neither blank nor comments.
func dataLines(file string) []string {
	var out []string
	for line := range strings.Lines(file) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// mentions reports whether the folded text names the place.
func (p place) mentions(folded string) bool {
	for _, n := range p.names {
		if !isLatin(n) && strings.Contains(folded, n) || isLatin(n) && hasWord(folded, n) {
			return true
		}
	}
	return false
}

// hasWord reports whether w stands in s with no Latin letter beside it.
func hasWord(s, w string) bool {
	letter := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= 'a' && s[i] <= 'z' }
	for at := 0; ; {
		i := strings.Index(s[at:], w)
		if i < 0 {
			return false
		}
		if i += at; !letter(i-1) && !letter(i+len(w)) {
			return true
		}
		at = i + len(w)
	}
}

// splitPlaces lists the places that the text names, by whether the library has
// a document of them.
func splitPlaces(folded string, docs []retrieval.Document) (held, others []string) {
	for _, p := range places {
		switch {
		case !p.mentions(folded):
		case slices.ContainsFunc(docs, func(d retrieval.Document) bool { return covers(d, p.name) }):
			held = append(held, p.name)
		default:
			others = append(others, p.name)
		}
	}
	return held, others
}

// covers reports whether a document is of a place by its jurisdiction, or by
// its title when no jurisdiction is known.
func covers(d retrieval.Document, place string) bool {
	if d.Jurisdiction != "" {
		return strings.Contains(d.Jurisdiction, place)
	}
	return strings.Contains(d.Title, place)
}
