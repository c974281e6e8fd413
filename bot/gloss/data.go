package gloss

import (
	"embed"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

//go:embed words/*.txt
var files embed.FS

// data are the files of the folder words.
var data = readData()

type dataFiles struct {
	general  map[string]bool     // keys of words that are not shown
	choices  map[string]string   // keys of a form → the alternative that is meant, or ""
	ending   map[string][]string // how a name ends → what it ends in or has in the other language
	organs   map[string]bool     // Chinese endings of bodies that have names
	heads    map[string]bool     // English words for bodies, in small letters
	levels   map[string]string   // 市 → Municipal
	capitals map[string]string   // in small letters → as written
	blocks   map[rune][]string   // by first character
	before   string              // characters that may stand before a level
	longest  int                 // bytes of the longest ending
}

func readData() *dataFiles {
	d := &dataFiles{
		general: map[string]bool{}, choices: map[string]string{}, ending: map[string][]string{}, organs: map[string]bool{},
		heads: map[string]bool{}, levels: map[string]string{}, capitals: map[string]string{}, blocks: map[rune][]string{},
	}
	for line := range lines("general.txt") {
		for w := range strings.FieldsSeq(line) {
			d.general[keyOf(strings.ReplaceAll(w, "_", " "))] = true
		}
	}
	for line := range lines("choices.txt") {
		form, text := pair(line)
		if text == "-" {
			text = ""
		}
		d.choices[keyOf(form)] = text
	}
	for line := range lines("heads.txt") {
		left, right := pair(line)
		left, named := strings.CutPrefix(left, "*")
		for w := range strings.SplitSeq(right, ";") {
			w = strings.TrimSpace(w)
			d.ending[left] = append(d.ending[left], w)
			d.ending[w] = append(d.ending[w], left)
			d.heads[w] = d.heads[w] || named
		}
		d.organs[left] = named
	}
	for e := range d.ending {
		d.longest = max(d.longest, len(e))
	}
	for line := range lines("levels.txt") {
		left, right := pair(line)
		if left == "before" {
			d.before = right
			continue
		}
		d.levels[left] = right
	}
	for line := range lines("capitals.txt") {
		d.capitals[strings.ToLower(line)] = line
	}
	for line := range lines("blocks.txt") {
		for w := range strings.FieldsSeq(line) {
			r, _ := utf8.DecodeRuneInString(w)
			d.blocks[r] = append(d.blocks[r], w)
		}
	}
	return d
}

// lines calls yield with each line of a file, without comments.
func lines(name string) func(yield func(string) bool) {
	text, err := files.ReadFile("words/" + name)
	if err != nil {
		panic("gloss: " + err.Error()) // the files are embedded
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" && !yield(line) {
				return
			}
		}
	}
}

// pair splits a line at its =. A line without one stops the program when it
// starts, which every test would show.
func pair(line string) (left, right string) {
	left, right, ok := strings.Cut(line, "=")
	left, right = strings.TrimSpace(left), strings.TrimSpace(right)
	if !ok || left == "" || right == "" {
		panic("gloss: no = in " + line)
	}
	return left, right
}

// keyOf is the same for what reads the same: small and capital letters, plural
// and singular, traditional and simplified characters.
func keyOf(s string) string {
	var room [16]uint64
	var b []byte
	for _, k := range analysis.AppendKeys(room[:0], s) {
		b = binary.LittleEndian.AppendUint64(b, k)
	}
	return string(b)
}

// isGeneral reports whether a word is too general to show.
func (d *dataFiles) isGeneral(text string) bool { return d.general[keyOf(text)] }

// headsOf says by what a name ends in what the other language has for it, the
// best first.
func (d *dataFiles) headsOf(name string) []string {
	if name[0] < utf8.RuneSelf {
		for _, w := range reversed(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' })) {
			if list, ok := d.ending[w]; ok {
				return list
			}
		}
		return nil
	}
	return d.ending[d.end(name)]
}

func reversed(list []string) []string {
	out := make([]string, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i])
	}
	return out
}

// end is the longest known ending of a Chinese name.
func (d *dataFiles) end(name string) string {
	for i := range name {
		if _, ok := d.ending[name[i:]]; ok && len(name)-i <= d.longest {
			return name[i:]
		}
	}
	return ""
}

// isOrgan reports whether a Chinese body is one that has a name of its own.
func (d *dataFiles) isOrgan(name string) bool { return d.organs[d.end(name)] }

// levelOf is the level that a Chinese place ends in, in English.
func (d *dataFiles) levelOf(place string) string {
	r, _ := utf8.DecodeLastRuneInString(place)
	return d.levels[string(r)]
}

// chineseLevel is the level that an English word says.
func (d *dataFiles) chineseLevel(word string) string {
	for zh, en := range d.levels {
		if en == word {
			return zh
		}
	}
	return ""
}

// mayStand reports whether the level of a body may follow a text, or would be the
// end of another word: 市 in 城市.
func (d *dataFiles) mayStand(before string) bool {
	r, n := utf8.DecodeLastRuneInString(before)
	return n == 0 || r < 0x4E00 || r > 0x9FFF || strings.ContainsRune(d.before, r)
}

// isHead reports whether an English word says a kind of body or place.
func (d *dataFiles) isHead(word string) bool {
	_, body := d.heads[strings.ToLower(word)]
	return body || d.isLevel(word)
}

func (d *dataFiles) isLevel(word string) bool { return d.chineseLevel(word) != "" }
