package intent

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func (rs *rules) strip(text string) (rest string, removed []string) {
	p := fold(text)
	var attacks []Word
	for _, f := range assemble(p, rs.scan(p)) {
		if f.Intent == Attack {
			attacks = f.Words
		}
	}
	if len(attacks) == 0 {
		return text, nil
	}
	var kept strings.Builder
	for _, c := range clauses(text) {
		if !slices.ContainsFunc(attacks, func(w Word) bool { return w.Start < c.to && c.from < w.End }) {
			kept.WriteString(text[c.from:c.to])
		} else {
			removed = append(removed, strings.TrimSpace(text[c.from:c.to]))
		}
	}
	rest = strings.TrimRight(strings.TrimSpace(kept.String()), ",，、:： ")
	if rest != "" && !rs.asks(rest) {
		return "", append(removed, rest)
	}
	return rest, removed
}

// asks reports whether text asks something about policy.
func (rs *rules) asks(text string) bool {
	return slices.ContainsFunc(rs.scan(fold(text)), func(at place) bool {
		return at.rule.use == topicUse || at.rule.use <= weakUse && at.rule.intent.isPolicy()
	})
}

// clauses cuts text after each mark; a mark within a number or a name as in
// 1,200 or gov.cn is none.
func clauses(text string) []stretch {
	var out []stretch
	from := 0
	for i, r := range text {
		if !strings.ContainsRune("。！？；，：,.;:!?\n", r) || within(text, i, r) {
			continue
		}
		to := i + utf8.RuneLen(r)
		out = append(out, stretch{from, to})
		from = to
	}
	if from < len(text) {
		out = append(out, stretch{from, len(text)})
	}
	return out
}

// within reports whether the mark r at text[i] is part of a number or a name.
func within(text string, i int, r rune) bool {
	switch r {
	case ',', ':':
		return between(text, i, isDigit)
	case '.':
		return between(text, i, func(c byte) bool { return isDigit(c) || isLetter(c|0x20) })
	}
	return false
}
