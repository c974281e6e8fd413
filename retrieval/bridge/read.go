package bridge

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

//go:embed words/*.txt
var files embed.FS

// Files is a read-only file system with the files of words.
func Files() fs.FS {
	sub, err := fs.Sub(files, "words")
	if err != nil {
		panic("bridge: " + err.Error()) // the name is constant
	}
	return sub
}

// Default returns the bridge of the words of this project. It is made once.
var Default = sync.OnceValue(func() *Bridge {
	b, err := Read(Files())
	if err != nil {
		panic("bridge: " + err.Error()) // the files are embedded and tested
	}
	return b
})

//go:embed plain/*.txt
var plainFiles embed.FS

// Comparing returns the bridge by which questions are compared: the words of Default, and
// plain ones that are no use to search by. It is made once.
var Comparing = sync.OnceValue(func() *Bridge {
	b, err := Read(Files())
	if err == nil {
		err = b.read(plainFiles, "plain/*.txt")
	}
	if err != nil {
		panic("bridge: " + err.Error()) // the files are embedded and tested
	}
	return b
})

// AskWords is the file of words that only ask; it has words alone, separated by
// blanks, _ for a blank within a phrase.
const AskWords = "ask-words.txt"

// marks between the sides of an entry.
var marks = []struct {
	text string
	kind relation
}{{"=", translation}, {">", official}, {"~", another}}

// Read reads the files of words (*.txt) in a folder. A line that is no entry is
// an error that names its file and line.
func Read(folder fs.FS) (*Bridge, error) {
	b := &Bridge{trie: newTrie(), numbers: map[string]int{}, asking: map[int]bool{}, places: map[int]string{}}
	if err := b.read(folder, "*.txt"); err != nil {
		return nil, err
	}
	return b, nil
}

// read adds the files of a folder to a bridge that nobody uses yet.
func (b *Bridge) read(folder fs.FS, pattern string) error {
	names, err := fs.Glob(folder, pattern)
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("read words: %w", err)
		}
		if !utf8.Valid(data) {
			return fmt.Errorf("read words: %s is not UTF-8", name)
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := b.line(path.Base(name), n, line); err != nil {
				return fmt.Errorf("read words: %s line %d: %w", name, n, err)
			}
		}
	}
	return nil
}

func (b *Bridge) line(file string, n int, line string) error {
	if file == AskWords {
		for w := range strings.FieldsSeq(line) {
			number, err := b.form(strings.ReplaceAll(w, "_", " "))
			if err != nil {
				return err
			}
			b.asking[number] = true
		}
		return nil
	}
	entry := fmt.Sprintf("%s:%d", file, n)
	for _, m := range marks {
		sides := strings.Split(line, m.text)
		if len(sides) == 1 {
			continue
		}
		if m.kind != another && len(sides) > 2 {
			return fmt.Errorf("%q stands twice", m.text)
		}
		b.entries = append(b.entries, entry)
		return b.entry(entry, m.kind, sides)
	}
	return fmt.Errorf("want =, > or ~ between words that belong together")
}

// separators of alternatives.
func isSeparator(r rune) bool { return r == ';' || r == '；' || r == '、' }

func (b *Bridge) entry(entry string, kind relation, sides []string) error {
	var numbers [][]int // forms by side
	for i, side := range sides {
		var list []int
		for _, alternative := range strings.FieldsFunc(side, isSeparator) {
			if isJoined(alternative, kind, i) {
				continue // below, when the right side is known
			}
			n, err := b.form(alternative)
			if err != nil {
				return err
			}
			b.forms[n].entries = append(b.forms[n].entries, entry)
			if kind == translation && strings.HasPrefix(entry, placesFile) && isPlaceName(sides[1]) && !slices.Contains(everywhere, b.forms[n].text) {
				b.places[n] = entry
			}
			list = append(list, n)
		}
		numbers = append(numbers, list)
	}
	last := len(sides) - 1
	if len(numbers[last]) == 0 || len(numbers[0]) == 0 && !isJoined(sides[0], kind, 0) {
		return fmt.Errorf("a side is empty")
	}
	if kind == another {
		b.connect(slices.Concat(numbers...), slices.Concat(numbers...), another, entry)
		return nil
	}
	b.connect(numbers[0], numbers[1], kind, entry)
	if kind == translation {
		b.connect(numbers[1], numbers[0], translation, entry)
		b.connect(numbers[0], numbers[0], synonym, entry)
		b.connect(numbers[1], numbers[1], synonym, entry)
	}
	return b.join(sides[0], kind, numbers[last], entry)
}

// isJoined reports whether an alternative has parts joined by +; elsewhere than
// left of > a + is a character like others (互联网+).
func isJoined(alternative string, kind relation, side int) bool {
	return kind == official && side == 0 && strings.Contains(alternative, "+")
}

func (b *Bridge) connect(from, to []int, kind relation, entry string) {
	for _, f := range from {
		b.forms[f].edges = append(b.forms[f].edges, b.edgesTo(to, f, kind, entry)...)
	}
}

func (b *Bridge) edgesTo(to []int, from int, kind relation, entry string) []edge {
	var out []edge
	weight := weights[kind]
	for _, t := range to {
		if t != from {
			out = append(out, edge{t, kind, weight, entry, b.added})
		}
		weight *= decay
	}
	return out
}

// join adds the alternatives with + of a left side.
func (b *Bridge) join(side string, kind relation, to []int, entry string) error {
	for _, alternative := range strings.FieldsFunc(side, isSeparator) {
		if !isJoined(alternative, kind, 0) {
			continue
		}
		var j joined
		for part := range strings.SplitSeq(alternative, "+") {
			n, err := b.form(part)
			if err != nil {
				return err
			}
			b.forms[n].entries = append(b.forms[n].entries, entry)
			j.parts = append(j.parts, n)
		}
		j.edges = b.edgesTo(to, j.parts[0], official, entry)
		for _, n := range j.parts {
			b.forms[n].parts = append(b.forms[n].parts, len(b.joined))
		}
		b.joined = append(b.joined, j)
	}
	return nil
}

// single reports whether a form is one character.
func (b *Bridge) single(n int) bool {
	return b.forms[n].text[0] >= 0x80 && utf8.RuneCountInString(b.forms[n].text) == 1
}

// form returns the number of a form and adds it when it is new.
func (b *Bridge) form(text string) (int, error) {
	text = strings.Join(strings.Fields(analysis.Normalize(text)), " ")
	tokens := tokenize(text)
	if len(tokens) == 0 {
		return 0, fmt.Errorf("%q has no letter, digit or character", text)
	}
	for i, t := range tokens {
		if i > 0 && t.apart {
			return 0, fmt.Errorf("%q has a mark within that ends a part of a sentence", text)
		}
	}
	keys, name := named(tokens)
	if n, ok := b.numbers[name]; ok {
		return n, nil
	}
	n := len(b.forms)
	b.numbers[name] = n
	b.forms = append(b.forms, form{text: text})
	b.trie.add(keys, n)
	return n, nil
}

// number is the number of a form, where it is one.
func (b *Bridge) number(text string) (int, bool) {
	_, name := named(tokenize(strings.Join(strings.Fields(analysis.Normalize(text)), " ")))
	n, ok := b.numbers[name]
	return n, ok
}

// named gives the keys of tokens, and what they are called: a plural is its singular.
func named(tokens []token) ([]uint64, string) {
	keys := make([]uint64, len(tokens))
	for i, t := range tokens {
		keys[i] = t.key
	}
	return keys, fmt.Sprint(keys)
}
