package said

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed cues.txt
var cuesFile string

// cues are the words of cues.txt by section.
var cues = readCues(cuesFile)

func readCues(file string) map[string][]string {
	out := map[string][]string{}
	section := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			for _, form := range strings.Fields(line) {
				out[section] = append(out[section], strings.ReplaceAll(form, "_", " "))
			}
		}
	}
	return out
}

// cue is the pattern for the words of a section.
func cue(section string) *regexp.Regexp { return pattern(cues[section]) }

// keys are the facts that a section lists.
func keys(section string) map[string]bool {
	out := map[string]bool{}
	for _, k := range cues[section] {
		out[strings.ReplaceAll(k, " ", "_")] = true
	}
	return out
}

var (
	ours       = cue("ours")
	unsure     = cue("unsure")
	corrects   = cue("corrects")
	takesBack  = regexp.MustCompile(`^[\s,]*(?:` + cue("takes back").String() + `)`)
	held       = keys("held")
	granted    = keys("granted")
	doing      = keys("doing")
	who        = keys("who")
	made       = keys("made")
	placed     = keys("placed")
	notYet     = cue("not yet")
	names      = keys("names")
	notPhrases = notSections()
)

// notSections are the patterns of the sections [not KEY], by key.
func notSections() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for section := range cues {
		if key, ok := strings.CutPrefix(section, "not "); ok && !strings.Contains(key, " ") {
			out[key] = cue(section)
		}
	}
	return out
}

// outside lists where a pattern is found in a text, but not within what another one
// finds there.
func outside(text string, p, except *regexp.Regexp) [][]int {
	found := p.FindAllStringIndex(text, -1)
	if len(found) == 0 {
		return nil
	}
	spared := except.FindAllStringIndex(text, -1)
	var out [][]int
	for _, m := range found {
		if !within(m, spared) {
			out = append(out, m)
		}
	}
	return out
}

// within reports whether a span lies in one of others.
func within(m []int, spans [][]int) bool {
	for _, s := range spans {
		if s[0] <= m[0] && m[1] <= s[1] {
			return true
		}
	}
	return false
}

// overlaps reports whether a span has bytes in common with one of others.
func overlaps(m []int, spans [][]int) bool {
	for _, s := range spans {
		if s[0] < m[1] && m[0] < s[1] {
			return true
		}
	}
	return false
}
