package bridge

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// OldNames is the file of bodies that were renamed or merged; the year of the
// change stands behind the #.
const OldNames = "old-names.txt"

// A Renaming is one name of a body and what it was changed to.
type Renaming struct {
	Old, New string
	Year     string // four digits
}

var changeYear = regexp.MustCompile(`#[^#]*?(\d{4})`)

// Renamings returns the lines of OldNames that say in which year; longer old
// names first. It is read once.
var Renamings = sync.OnceValue(func() []Renaming {
	data, err := fs.ReadFile(Files(), OldNames)
	if err != nil {
		panic("bridge: " + err.Error()) // the file is embedded
	}
	var out []Renaming
	for line := range strings.Lines(string(data)) {
		year := changeYear.FindStringSubmatch(line)
		line, _, _ = strings.Cut(line, "#")
		sides := strings.Split(line, "~")
		if year == nil || len(sides) < 2 {
			continue
		}
		to := strings.FieldsFunc(sides[len(sides)-1], isSeparator)
		for _, old := range strings.FieldsFunc(sides[0], isSeparator) {
			out = append(out, Renaming{strings.TrimSpace(old), strings.TrimSpace(to[0]), year[1]})
		}
	}
	slices.SortStableFunc(out, func(a, b Renaming) int { return len(b.Old) - len(a.Old) })
	return out
})

// Renamed finds the change of a body that is called by its level and an old name:
// 市食品药品监管局 is 市 and 食品药品监管局.
func Renamed(body string) (Renaming, bool) {
	for _, r := range Renamings() {
		level, ok := strings.CutSuffix(body, r.Old)
		if !ok || len([]rune(level)) > longestLevel {
			continue
		}
		to := r.New
		if !strings.HasPrefix(to, level) {
			to = level + to
		}
		return Renaming{body, to, r.Year}, true
	}
	return Renaming{}, false
}

// longestLevel is in characters: 北京市.
const longestLevel = 4
