package bridge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// Limits of lines that are added to a bridge.
const (
	MaxLines      = 2_000   // that are entries
	MaxLine       = 200     // characters of a line
	MaxText       = 100_000 // characters of all lines
	MaxAdded      = 12      // other forms by added lines that a concept has at most, beside MaxForms
	maxLineWords  = 16      // of an entry
	maxWordShared = 20      // entries that a word stands in
)

// A Mistake is what is wrong with a line.
type Mistake string

// Mistakes of added lines.
const (
	NoMark     Mistake = "mark"   // none of =, > and ~
	TwoMarks   Mistake = "marks"  // several of them, or = or > twice
	EmptySide  Mistake = "empty"  // nothing on one side
	NoLetter   Mistake = "letter" // a word without letter, digit or character
	PartWithin Mistake = "within" // a word with a mark within that ends a part of a sentence
	OneLetter  Mistake = "single" // a single Chinese character, which is no word, but beside another part of +
	OnlyAsks   Mistake = "asks"   // who asks with it asks for nothing: how, please
	LongLine   Mistake = "long"   // more than MaxLine characters
	ManyWords  Mistake = "words"  // more than 16 words
	OftenWord  Mistake = "often"  // a word that more than 20 entries have
	ManyLines  Mistake = "lines"  // the first line beyond MaxLines
	LongText   Mistake = "text"   // the first line beyond MaxText
	NotText    Mistake = "bytes"  // no UTF-8
	Hidden     Mistake = "hidden" // characters that cannot be seen, such as those that turn text around
)

// A LineError is a line that was left out.
type LineError struct {
	Line    int // from 1
	Mistake Mistake
	Word    string // that has the mistake; "" where the line has
}

// Error names line and mistake.
func (e LineError) Error() string {
	if e.Word == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Mistake)
	}
	return fmt.Sprintf("line %d: %s: %q", e.Line, e.Mistake, e.Word)
}

// With returns a bridge with more lines, in the form of the files of words; marks may be
// of full width too. b stays as it is, and is what is returned where no line is an entry.
// Lines with a mistake are left out and listed in their order. Entries are called
// name:line; name is not that of a file of words.
//
// What b reads in a question the new bridge reads there too, with all forms that it had:
// an added word that is longer than one of b stands beside it, and added forms come on
// top of [MaxForms]. Words of lines that lead nowhere, such as the right side of >, do not
// change how a question is read.
func (b *Bridge) With(name, lines string) (*Bridge, []LineError) {
	var bad []LineError
	out := b
	shared, n, entries, size := map[int]int{}, 0, 0, 0
	for line := range strings.Lines(lines) {
		n++
		size += utf8.RuneCountInString(line)
		text := entryText(line)
		if size > MaxText {
			return out, append(bad, LineError{n, LongText, ""})
		}
		if text == "" {
			continue
		}
		if entries++; entries > MaxLines {
			return out, append(bad, LineError{n, ManyLines, ""})
		}
		if out == b {
			out = b.clone()
		}
		if e := out.add(fmt.Sprintf("%s:%d", name, n), line, text, shared); e != nil {
			e.Line = n
			bad = append(bad, *e)
		}
	}
	if len(out.entries) == len(b.entries) {
		return b, bad
	}
	return out, bad
}

// clone returns a bridge to which entries can be added while b is in use.
func (b *Bridge) clone() *Bridge {
	out := *b
	out.trie.edges, out.trie.ends, out.numbers = maps.Clone(b.trie.edges), maps.Clone(b.trie.ends), maps.Clone(b.numbers)
	out.forms, out.joined, out.entries = slices.Clone(b.forms), slices.Clip(b.joined), slices.Clip(b.entries)
	for i, f := range out.forms {
		out.forms[i].edges, out.forms[i].parts, out.forms[i].entries = slices.Clip(f.edges), slices.Clip(f.parts), slices.Clip(f.entries)
	}
	if !out.added {
		out.added, out.builtin = true, len(b.forms)
	}
	return &out
}

// widthMarks are the marks of lines in full width.
var widthMarks = strings.NewReplacer("＝", "=", "＞", ">", "～", "~", "＋", "+", "＃", "#")

// entryText is the entry of a line, "" for none.
func entryText(line string) string {
	line, _, _ = strings.Cut(widthMarks.Replace(line), "#")
	return strings.TrimSpace(line)
}

// add adds an entry that has no mistake; shared counts the added entries of each form.
func (b *Bridge) add(entry, line, text string, shared map[int]int) *LineError {
	switch {
	case !utf8.ValidString(line):
		return &LineError{Mistake: NotText}
	case utf8.RuneCountInString(strings.TrimSpace(line)) > MaxLine:
		return &LineError{Mistake: LongLine}
	case strings.ContainsFunc(strings.TrimSpace(line), isHidden):
		return &LineError{Mistake: Hidden}
	}
	kind, sides, mistake := sidesOf(text)
	if mistake != "" {
		return &LineError{Mistake: mistake}
	}
	all, e := b.check(kind, sides)
	if e != nil {
		return e
	}
	for _, word := range all {
		if n, known := b.number(word); known && shared[n] >= maxWordShared {
			return &LineError{Mistake: OftenWord, Word: strings.TrimSpace(word)}
		}
	}
	if kind == official {
		sides[0] = b.heads(sides[0])
	}
	b.entries = append(b.entries, entry)
	if err := b.entry(entry, kind, sides); err != nil {
		b.entries = b.entries[:len(b.entries)-1]
		return &LineError{Mistake: NoLetter, Word: err.Error()} // check has let it pass: never
	}
	for _, word := range all {
		if n, known := b.number(word); known {
			shared[n]++
		}
	}
	return nil
}

func isHidden(r rune) bool {
	return r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// sidesOf splits an entry at its mark.
func sidesOf(text string) (relation, []string, Mistake) {
	var kind relation
	var sides []string
	for _, m := range marks {
		list := strings.Split(text, m.text)
		if len(list) == 1 {
			continue
		}
		if sides != nil || m.kind != another && len(list) > 2 {
			return 0, nil, TwoMarks
		}
		kind, sides = m.kind, list
	}
	if sides == nil {
		return 0, nil, NoMark
	}
	return kind, sides, ""
}

// check lists the words of an entry, or says what is wrong with one.
func (b *Bridge) check(kind relation, sides []string) ([]string, *LineError) {
	var all []string
	for i, side := range sides {
		alternatives := slices.DeleteFunc(strings.FieldsFunc(side, isSeparator), func(s string) bool { return strings.TrimSpace(s) == "" })
		if len(alternatives) == 0 {
			return nil, &LineError{Mistake: EmptySide}
		}
		for _, word := range alternatives {
			parts := []string{strings.TrimSpace(word)}
			if isJoined(word, kind, i) {
				parts = strings.Split(word, "+")
			}
			if e := b.checkParts(parts, kind == official && i == 1); e != nil {
				return nil, e
			}
			all = append(all, parts...)
		}
	}
	if len(all) > maxLineWords {
		return nil, &LineError{Mistake: ManyWords}
	}
	return all, nil
}

// checkParts says what is wrong with a word, or with one of parts that are joined, nil for
// nothing. What is only led to may be words that ask. Of joined parts one must be able to
// stand for the whole, or all are single characters, as 卖+药.
func (b *Bridge) checkParts(parts []string, led bool) *LineError {
	var first *LineError
	whole, single := false, 0
	for _, part := range parts {
		m := b.wrong(part)
		if m == "" || m == OnlyAsks && led {
			whole = true
			continue
		}
		e := &LineError{Mistake: m, Word: strings.TrimSpace(part)}
		if m != OneLetter && m != OnlyAsks {
			return e
		}
		if m == OneLetter {
			single++
		}
		first = cmp.Or(first, e)
	}
	if whole || single > 1 && single == len(parts) {
		return nil
	}
	return first
}

// wrong says what is wrong with a word, "" for nothing.
func (b *Bridge) wrong(word string) Mistake {
	tokens := tokenize(strings.Join(strings.Fields(analysis.Normalize(word)), " "))
	switch {
	case len(tokens) == 0:
		return NoLetter
	case slices.ContainsFunc(tokens[1:], func(t token) bool { return t.apart }):
		return PartWithin
	case len(tokens) == 1 && analysis.KindOf(tokens[0].key) == analysis.Unigram:
		return OneLetter
	}
	if n, known := b.number(word); known && b.asking[n] {
		return OnlyAsks
	}
	return ""
}

// heads puts first, of parts joined by +, one that can stand for the whole; single
// characters stay as they are.
func (b *Bridge) heads(side string) string {
	var out []string
	for _, alternative := range strings.FieldsFunc(side, isSeparator) {
		if strings.Contains(alternative, "+") {
			parts := strings.Split(alternative, "+")
			i := slices.IndexFunc(parts, func(p string) bool { return b.wrong(p) == "" })
			if i > 0 {
				parts[0], parts[i] = parts[i], parts[0]
			}
			alternative = strings.Join(parts, "+")
		}
		out = append(out, alternative)
	}
	return strings.Join(out, ";")
}

// own adds, to what stands at a span of b, what added lines lead to from another form of
// the same words.
func (r *reader) own() {
	if !r.b.added {
		return
	}
	builtin := map[[2]int]span{}
	for _, s := range r.spans {
		if _, taken := builtin[[2]int{s.from, s.to}]; !taken && s.form < r.b.builtin {
			builtin[[2]int{s.from, s.to}] = s
		}
	}
	for _, s := range r.spans {
		if at, ok := builtin[[2]int{s.from, s.to}]; ok && s.form >= r.b.builtin {
			r.extra[at] = slices.Concat(r.extra[at], r.b.forms[s.form].edges, r.extra[s])
		}
	}
}

// outermost picks the forms that a text is read as: those of b that lie in no other one
// of b, and those of added lines that lead somewhere and lie in none of these.
func (r *reader) outermost(spans []span) []span {
	if !r.b.added {
		return outermost(spans)
	}
	var own, added []span
	for _, s := range spans {
		switch {
		case s.form < r.b.builtin:
			own = append(own, s)
		case len(r.others(s)) > 0:
			added = append(added, s)
		}
	}
	own = outermost(own)
	for _, s := range outermost(added) {
		if !slices.ContainsFunc(own, func(o span) bool { return o.form < r.b.builtin && o.from <= s.from && s.to <= o.to }) {
			own = append(own, s)
		}
	}
	return own
}

// beside leaves out of the parts of a concept of an added line what stands beside it.
func beside(parts, out []Concept) []Concept {
	return slices.DeleteFunc(parts, func(p Concept) bool {
		return slices.ContainsFunc(out, func(c Concept) bool { return c.Start == p.Start && c.End == p.End })
	})
}
