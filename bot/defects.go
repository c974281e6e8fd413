package bot

import (
	_ "embed"
	"strings"

	"policybot/retrieval/analysis"
)

//go:embed defects.txt
var defectsFile string

// A defect is a term that machine translation gets wrong.
type defect struct{ term, right string }

var defects = readDefects(defectsFile)

func readDefects(file string) []defect {
	var out []defect
	for _, line := range dataLines(file) {
		term, right, _ := strings.Cut(line, " = ")
		out = append(out, defect{term, right})
	}
	return out
}

// hasPhrase reports whether a text has a phrase of Latin words, whatever their
// case, with no letter beside it.
func hasPhrase(text, phrase string) bool {
	text, phrase = analysis.Normalize(text), analysis.Normalize(phrase)
	letter := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= 'a' && text[i] <= 'z' }
	for at := 0; ; {
		i := strings.Index(text[at:], phrase)
		if i < 0 {
			return false
		}
		if i += at; !letter(i-1) && !letter(i+len(phrase)) {
			return true
		}
		at = i + len(phrase)
	}
}
