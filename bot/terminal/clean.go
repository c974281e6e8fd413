package terminal

import (
	"strings"
	"unicode"
)

// replacement stands for a character that is not sent to a terminal.
const replacement = '\uFFFD'

// Clean makes a text safe to send to a terminal. It replaces, each by U+FFFD so
// that its place can be seen: control characters (C0, among them escape, and
// C1), the controls that turn the direction of text, line and paragraph
// separators, and bytes that are no UTF-8, which some terminals take for C1. A
// line feed stays, a carriage return before it is dropped, and a tab becomes a
// blank. Clean of a clean text changes nothing.
func Clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && obeyed(r):
			return replacement
		}
		return r // U+FFFD for a byte that is no UTF-8
	}, s)
}

// cleanLine is Clean of a text on one line: line feeds and runs of blanks
// become one blank, those at the ends are dropped.
func cleanLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// obeyed reports whether a terminal would act on r rather than show it.
func obeyed(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
