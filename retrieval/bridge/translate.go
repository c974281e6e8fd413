package bridge

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"policybot/retrieval/analysis"
)

// A Glossary knows the entries with = of the Chinese-English files, as they are
// spelled. It never changes and may be used from several goroutines.
type Glossary struct {
	trie  trie
	forms [][]Translation // by number
	known map[string]int  // keys of a form → number
}

// A Translation is one entry that a form stands in.
type Translation struct {
	Form  string // the form as the entry spells it
	First string // the first alternative of the form's own side; Form if it is that
	// Texts are the alternatives of the other side, in their order and spelling.
	Texts   []string
	Chinese bool   // the form is on the Chinese side: Texts are English
	Own     int    // the form's place among the alternatives of its side, from 0
	Entry   string // where it stands: file:line
}

// Translations returns the glossary of the words of this project. It is made
// once.
var Translations = sync.OnceValue(func() *Glossary {
	g, err := ReadGlossary(Files())
	if err != nil {
		panic("bridge: " + err.Error()) // the files are embedded and tested
	}
	return g
})

// ReadGlossary reads the entries with = of the files zh-en-*.txt in a folder; the
// left side is Chinese. Other lines are left out: Read judges them.
func ReadGlossary(folder fs.FS) (*Glossary, error) {
	names, err := fs.Glob(folder, "zh-en-*.txt")
	if err != nil {
		return nil, fmt.Errorf("read glossary: %w", err)
	}
	g := &Glossary{trie: newTrie(), known: map[string]int{}}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read glossary: %w", err)
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			line, _, _ = strings.Cut(line, "#")
			zh, en, ok := strings.Cut(line, "=")
			if !ok {
				continue
			}
			left, right := spelled(zh), spelled(en)
			if len(left) == 0 || len(right) == 0 {
				return nil, fmt.Errorf("read glossary: %s line %d: a side is empty", name, n)
			}
			entry := fmt.Sprintf("%s:%d", name, n)
			g.add(left, right, true, entry)
			g.add(right, left, false, entry)
		}
	}
	for _, list := range g.forms {
		slices.SortStableFunc(list, func(a, b Translation) int { return cmp.Compare(a.Own, b.Own) })
	}
	return g, nil
}

// spelled lists the alternatives of a side.
func spelled(side string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(side, isSeparator) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (g *Glossary) add(side, other []string, chinese bool, entry string) {
	for i, form := range side {
		keys := wordKeys(form)
		if len(keys) == 0 {
			continue
		}
		name := keyName(keys)
		n, ok := g.known[name]
		if !ok {
			n = len(g.forms)
			g.known[name] = n
			g.forms = append(g.forms, nil)
			g.trie.add(keys, n)
		}
		g.forms[n] = append(g.forms[n], Translation{form, side[0], other, chinese, i, entry})
	}
}

// wordKeys are the keys of the characters and words of a form.
func wordKeys(form string) []uint64 {
	return slices.DeleteFunc(analysis.AppendKeys(nil, form), func(k uint64) bool { return analysis.KindOf(k) == analysis.Bigram })
}

func keyName(keys []uint64) string {
	var b []byte
	for _, k := range keys {
		b = binary.LittleEndian.AppendUint64(b, k)
	}
	return string(b)
}

// Translate lists the entries that form stands in, those first where it is an
// earlier alternative. Small and capital letters, plural and singular are the
// same. It must not be changed. A form that no entry has gives nil.
func (g *Glossary) Translate(form string) []Translation {
	if n, ok := g.known[keyName(wordKeys(form))]; ok {
		return g.forms[n]
	}
	return nil
}

// Forms lists all forms of both sides, each in one spelling, in the order of the
// files.
func (g *Glossary) Forms() []string {
	var out []string
	for _, list := range g.forms {
		out = append(out, list[0].Form)
	}
	return out
}

// A Place is a form that stands in a text at bytes Start to End, with what
// Translate says of it.
type Place struct {
	Start, End   int
	Translations []Translation
}

// Places lists where forms stand in a text, nested and overlapping ones too, by
// Start and End. No form goes across a mark that ends a part of a sentence, nor
// has it one bracket without the other.
func (g *Glossary) Places(text string) []Place {
	tokens := slices.DeleteFunc(analysis.Append(nil, text), func(t analysis.Token) bool { return analysis.KindOf(t.Key) == analysis.Bigram })
	var out []Place
	for i := range tokens {
		node := 0
		for j := i; j < len(tokens); j++ {
			if j > i && !joins(text[max(0, tokens[j-1].End):max(tokens[j-1].End, tokens[j].Start)]) {
				break
			}
			next, ok := g.trie.edges[step{node, tokens[j].Key}]
			if !ok {
				break
			}
			node = next
			start, end := tokens[i].Start, tokens[j].End
			for _, n := range g.trie.forms(node) {
				if balanced(text[start:end]) {
					out = append(out, Place{start, end, g.forms[n]})
				}
			}
		}
	}
	return out
}

// joins reports whether what stands between two words leaves them in one phrase.
func joins(between string) bool {
	return len(between) <= 4 && !strings.ContainsAny(between, ".,;:?!\n\t，。；：？！、“”\"《》")
}

func balanced(s string) bool {
	return !strings.ContainsAny(s, "()（）") ||
		strings.Count(s, "(")+strings.Count(s, "（") == strings.Count(s, ")")+strings.Count(s, "）")
}
