package fakemodel

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed words.txt
var wordsFile string

//go:embed terms.txt
var termsFile string

var (
	words = readPairs(wordsFile)
	terms = readPairs(termsFile)
)

// A pair is one line: from may be replaced by to, but not inside the words of not.
type pair struct {
	from, to string
	not      []string
}

// readPairs reads sections of pairs.
func readPairs(file string) map[string][]pair {
	out := map[string][]pair{}
	section := ""
	for line := range strings.SplitSeq(file, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			from, rest, _ := strings.Cut(line, "=")
			to, not, _ := strings.Cut(rest, "!")
			p := pair{from: strings.TrimSpace(from), to: strings.TrimSpace(to)}
			for w := range strings.SplitSeq(not, " ") {
				if w = strings.TrimSpace(w); w != "" {
					p.not = append(p.not, w)
				}
			}
			out[section] = append(out[section], p)
		}
	}
	return out
}

// exchange replaces what pairs say, each where it stands as a word of its own.
func exchange(s string, pairs []pair) string {
	for _, p := range pairs {
		s = p.apply(s)
	}
	return s
}

func (p pair) apply(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, p.from)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(p.from)
		switch {
		case !bounded(b.String()+s[:i], p.from, s[end:]) || p.elsewhere(b.String(), s, i):
			b.WriteString(s[:end])
		case p.to == "":
			b.WriteString(s[:i])
			if end < len(s) && s[end] == ' ' { // of the two blanks beside an English word one stays
				end++
			}
		default:
			b.WriteString(s[:i] + p.to)
		}
		s = s[end:]
	}
}

// elsewhere reports whether the word at s[i:] is part of another; before stands
// before s.
func (p pair) elsewhere(before, s string, i int) bool {
	all, at := before+s, len(before)+i
	for _, w := range p.not {
		for from := 0; ; {
			k := strings.Index(w[from:], p.from)
			if k < 0 {
				break
			}
			k += from
			if at >= k && strings.HasPrefix(all[at-k:], w) {
				return true
			}
			from = k + 1
		}
	}
	return false
}

// bounded reports whether a word of Latin letters has no letter beside it.
func bounded(before, word, after string) bool {
	if word[0] >= utf8.RuneSelf {
		return true
	}
	l, _ := utf8.DecodeLastRuneInString(before)
	r, _ := utf8.DecodeRuneInString(after)
	return !unicode.IsLetter(l) && !unicode.IsLetter(r)
}

// language is zh for a text of mostly Han characters, else en.
func language(s string) string {
	han, latin := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	if han*3 > latin {
		return "zh"
	}
	return "en"
}
