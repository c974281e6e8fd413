package privacy

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed words.txt
var wordsFile string

// wordLists are the sections of words.txt.
type wordLists struct {
	mobile, resident, card, payee labels
	passport, account             labels
	public, other                 labels
	units                         units
	attached                      map[string]bool
	between                       map[rune][]string // by last character
}

var words = sync.OnceValue(func() *wordLists { return readWords(wordsFile) })

// readWords reads words.txt.
func readWords(file string) *wordLists {
	sections := make(map[string][]string)
	name := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			name = line[1 : len(line)-1]
		default:
			for word := range strings.FieldsSeq(line) {
				sections[name] = append(sections[name], squeeze(word))
			}
		}
	}
	w := &wordLists{attached: make(map[string]bool), between: byLast(sections["between"])}
	for name, l := range map[string]*labels{
		"mobile": &w.mobile, "resident": &w.resident, "card": &w.card, "payee": &w.payee,
		"passport": &w.passport, "account": &w.account, "public": &w.public, "other": &w.other,
	} {
		*l = labels{first: byFirst(sections[name]), last: byLast(sections[name]), between: w.between}
	}
	w.units = units{byFirst(sections["unit"]), byFirst(sections["nounit"])}
	for _, word := range sections["attached"] {
		w.attached[word] = true
	}
	return w
}

// squeeze folds the width and case of s and leaves out blanks and what cannot
// be seen.
func squeeze(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, w := fold(s, i)
		i += w
		if r != ' ' && !invisible(r) {
			b.WriteRune(lower(r))
		}
	}
	return b.String()
}

func lower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r | 0x20
	}
	return r
}

func byLast(list []string) map[rune][]string {
	m := make(map[rune][]string)
	for _, s := range list {
		r, _ := utf8.DecodeLastRuneInString(s)
		m[r] = append(m[r], s)
	}
	return m
}

func byFirst(list []string) map[rune][]string {
	m := make(map[rune][]string)
	for _, s := range list {
		r, _ := utf8.DecodeRuneInString(s)
		m[r] = append(m[r], s)
	}
	return m
}

// contextLength is how many characters before a number may hold its label.
const contextLength = 24

// context returns the last characters before i, squeezed, or "" if a number
// ends before i: that has the label then.
func (s *scanner) context(i int) string {
	if s.afterNumber(i) {
		return ""
	}
	var b [contextLength]rune
	n := len(b)
	for n > 0 {
		r, at := s.before(i)
		if at == i || r == 0 {
			break
		}
		i = at
		if r != ' ' && r != '\n' && r != '\r' && r != '\t' {
			n--
			b[n] = lower(r)
		}
	}
	return string(b[n:])
}

// afterNumber reports whether a digit stands before i and at most two blanks
// or hyphens.
func (s *scanner) afterNumber(i int) bool {
	r, at := s.before(i)
	for n := 0; (r == ' ' || r == '-') && n < 2; n++ {
		r, at = s.before(at)
	}
	return isDigit(r)
}

// labels are words that may stand before a number.
type labels struct {
	first   map[rune][]string
	last    map[rune][]string
	between map[rune][]string
}

// precede reports whether ctx ends in one of the labels and words that stand
// between a label and its number.
func (l *labels) precede(ctx string) bool {
	for ctx != "" {
		r, _ := utf8.DecodeLastRuneInString(ctx)
		for _, word := range l.last[r] {
			if strings.HasSuffix(ctx, word) {
				return true
			}
		}
		cut := 0
		for _, word := range l.between[r] {
			if len(word) > cut && strings.HasSuffix(ctx, word) {
				cut = len(word)
			}
		}
		if cut == 0 {
			return false
		}
		ctx = ctx[:len(ctx)-cut]
	}
	return false
}

// within reports whether one of the labels is anywhere in ctx.
func (l *labels) within(ctx string) bool {
	for i, r := range ctx {
		for _, word := range l.first[r] {
			if strings.HasPrefix(ctx[i:], word) {
				return true
			}
		}
	}
	return false
}

// units are words that may stand after an amount, by their first character.
type units struct{ words, not map[rune][]string }

// follow reports whether text begins with a unit.
func (u units) follow(text string) bool {
	if text == "" {
		return false
	}
	r, _ := fold(text, 0)
	r = lower(r)
	for _, word := range u.not[r] {
		if strings.HasPrefix(text, word) {
			return false
		}
	}
	for _, word := range u.words[r] {
		if !isLetter(r) && strings.HasPrefix(text, word) || r == '%' {
			return true
		}
		if isLetter(r) && hasFoldedPrefix(text, word) && (len(text) == len(word) || !isLetter(rune(text[len(word)]))) {
			return true
		}
	}
	return false
}
