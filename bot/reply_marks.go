package bot

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DropMarker takes clause n out of the markers of a reply and numbers those above it anew, as is needed when the
// clause is taken from the list. A marker that named nothing else goes with the blank before it. What is no marker,
// such as the number of a document in brackets, stays.
func DropMarker(text string, n int) string {
	var b strings.Builder
	at := 0
	for _, m := range findMarks(text) {
		var left []int
		for _, k := range m.numbers {
			switch {
			case k > n:
				left = append(left, k-1)
			case k < n:
				left = append(left, k)
			}
		}
		if slices.Equal(left, m.numbers) {
			continue
		}
		before := text[at:m.start]
		if len(left) == 0 {
			before = strings.TrimRight(before, " \u3000")
		}
		b.WriteString(before)
		for _, k := range left {
			b.WriteString("[" + strconv.Itoa(k) + "]")
		}
		at = m.end
	}
	return b.String() + text[at:]
}

// PutMarker puts a marker of clause n into a reply behind the code point at; one beyond the end is the end. Where one
// of n stands there already, nothing changes. end is the place behind it, in code points.
func PutMarker(text string, at, n int) (changed string, end int) {
	mark := "[" + strconv.Itoa(n) + "]"
	runes := []rune(text)
	at = max(0, min(at, len(runes)))
	before, after := string(runes[:at]), string(runes[at:])
	if strings.HasSuffix(before, mark) || strings.HasPrefix(after, mark) {
		return text, at
	}
	return before + mark + after, at + utf8.RuneCountInString(mark)
}
