package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// findEmails returns the e-mail addresses in text, but for those in the
// addresses of pages.
func findEmails(text string, pages []page) (found []Found) {
	floor := 0
	for i := 0; i < len(text); {
		if text[i] != '@' && text[i]|0x20 != 'a' && text[i] != 0xef && text[i] != 0xe8 && text[i] != '[' {
			i++
			continue
		}
		if n := placeholderAt(text, i); n > 0 {
			i += n
			floor = i
			continue
		}
		a, ok := atSign(text, i)
		if !ok {
			i++
			continue
		}
		start, end := address(text, floor, a)
		for len(pages) > 0 && pages[0].path <= start {
			pages = pages[1:]
		}
		if len(pages) > 0 && pages[0].start < start && pages[0].path < a.start {
			start = pages[0].path // what looks like a part of the address of the page is none
		}
		if end > 0 && (len(pages) == 0 || start <= pages[0].start || start == pages[0].path) {
			found = append(found, Found{Email, start, end})
			i, floor = end, end
			for len(pages) > 0 && pages[0].start < end {
				pages = pages[1:]
			}
		} else {
			i = a.end
		}
	}
	return found
}

// An at is the sign between the parts of an address.
type at struct {
	start, end int
	spelled    bool // [at] and the like
	bare       bool // the word alone
}

// atSign returns the sign at i: @ in any width, [at], (at), {at}, <at>, #at#, 艾特,
// or the word at between blanks.
func atSign(text string, i int) (at, bool) {
	switch r, w := fold(text, i); {
	case r == '@' || r == '﹫':
		return at{start: i, end: i + w}, true
	case strings.HasPrefix(text[i:], "艾特"):
		return at{i, i + len("艾特"), true, false}, true
	case !hasFoldedPrefix(text[i:], "at"):
		return at{}, false
	}
	start, open := back(text, 0, i)
	end, closing := skip(text, i+2)
	switch {
	case strings.ContainsRune("[({<【#", open) && strings.ContainsRune("])}>】#", closing):
		_, w := fold(text, end) // not at the end of the text, where skip gives no bracket
		return at{start, end + w, true, false}, true
	case start+utf8.RuneLen(open) < i && end > i+2:
		return at{i, i + 2, true, true}, true
	}
	return at{}, false
}

// back returns the last visible character before i that is no blank, and
// where it starts; at most two blanks are passed.
func back(text string, floor, i int) (int, rune) {
	for blanks := 0; i > floor; {
		r, w := foldLast(text[floor:i])
		if r == ' ' {
			blanks++
		}
		if r != ' ' && !invisible(r) || blanks > 2 {
			return i - w, r
		}
		i -= w
	}
	return floor, utf8.RuneError
}

// skip returns where the first visible character after i that is no blank
// starts, and that character; at most two blanks are passed.
func skip(text string, i int) (int, rune) {
	for blanks := 0; i < len(text); {
		r, w := fold(text, i)
		if r == ' ' {
			blanks++
		}
		if r != ' ' && !invisible(r) || blanks > 2 {
			return i, r
		}
		i += w
	}
	return len(text), utf8.RuneError
}

// address returns the address around the sign a, or 0, 0.
func address(text string, floor int, a at) (start, end int) {
	end = domainEnd(text, a)
	if end == 0 {
		return 0, 0
	}
	if start = localStart(text, floor, a.start); start == a.start {
		return 0, 0
	}
	return start, end
}

// localStart returns where the part before the sign at i starts, or i if
// there is none.
func localStart(text string, floor, i int) int {
	first, _ := back(text, floor, i) // blanks before the sign
	at := i
	if first < i {
		_, w := fold(text, first)
		at = first + w
	}
	start := i
	for at > floor {
		r, w := foldLast(text[floor:at])
		switch {
		case isDigit(r), isLetter(r), r > 0x7f && unicode.Is(unicode.Latin, r):
			start = at - w
		case invisible(r), r < 0x7f && strings.IndexByte("._%+-'", byte(r)) >= 0:
		default:
			return start
		}
		at -= w
	}
	return start
}

// common are domains of the top level that are known well enough to be taken
// for one where an address is disguised.
var common = func() map[string]bool {
	m := make(map[string]bool)
	for _, s := range strings.Fields(`com cn net org edu gov mil info biz io me co cc tv top xyz vip club hk mo tw
		us uk jp kr sg my au nz ca de fr it es nl eu ch se ru in br`) {
		m[s] = true
	}
	return m
}()

// domainEnd returns the end of the domain after the sign a, or 0.
func domainEnd(text string, a at) (end int) {
	i, _ := skip(text, a.end)
	disguised := a.spelled || i > a.end && hasBlank(text[a.end:i])
	spoken := false
	for labels := 0; ; labels++ {
		l := readLabel(text, i)
		if l.end == i {
			return end
		}
		if labels > 0 && l.word >= 2 && l.word <= 24 && (!disguised || common[l.top]) && (!a.bare || spoken) {
			if end > 0 && l.capital {
				return end // the next sentence
			}
			end = l.wordEnd
		}
		next, plainDot := dot(text, l.end)
		if next == 0 {
			return end
		}
		if end > 0 && !plainDot {
			return end
		}
		disguised = a.spelled || !plainDot
		spoken = spoken || !plainDot
		i = next
	}
}

func hasBlank(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return plain(r) == ' ' })
}

// A label is a part of a domain.
type label struct {
	end     int
	word    int    // letters at its start: what follows them may be the next thing, without a blank
	wordEnd int    // where they end
	top     string // the first of them, in lower case
	capital bool
}

// readLabel reads letters, digits and hyphens from i on.
func readLabel(text string, i int) (l label) {
	var top [24]byte
	l.end = i
	plain := true
	for at := i; at < len(text); {
		r, w := fold(text, at)
		switch {
		case invisible(r):
			at += w
			continue
		case isLetter(r) && plain:
			l.capital = l.capital || l.word == 0 && r < 'a'
			if l.word < len(top) {
				top[l.word] = byte(r) | 0x20
			}
			l.word++
			l.wordEnd = at + w
		case isLetter(r), isDigit(r), r == '-':
			plain = false
		default:
			l.top = string(top[:min(l.word, len(top))])
			return l
		}
		at += w
		l.end = at
	}
	l.top = string(top[:min(l.word, len(top))])
	return l
}

// dot returns the end of the dot at i, or 0, and whether it is a plain one:
// other forms are 。 点 [dot] (dot) and the word dot, and any between blanks.
func dot(text string, i int) (end int, plainDot bool) {
	at, r := skip(text, i)
	if at == len(text) {
		return 0, false
	}
	_, w := fold(text, at)
	switch {
	case r == '.':
		next, _ := skip(text, at+w)
		return next, !hasBlank(text[i:next])
	case r == '。', r == '点', r == '點', r == '·', r == '｡':
		next, _ := skip(text, at+w)
		return next, false
	case strings.ContainsRune("[({<【", r):
		word, _ := skip(text, at+w)
		if !hasFoldedPrefix(text[word:], "dot") {
			return 0, false
		}
		after, closing := skip(text, word+3)
		if !strings.ContainsRune("])}>】", closing) {
			return 0, false
		}
		_, w := fold(text, after)
		next, _ := skip(text, after+w)
		return next, false
	case hasBlank(text[i:at]) && hasFoldedPrefix(text[at:], "dot "):
		next, _ := skip(text, at+3)
		return next, false
	}
	return 0, false
}
