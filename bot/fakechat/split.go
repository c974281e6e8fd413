package fakechat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean takes out what could act on whoever reads a text: control characters and changes of direction.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// split cuts a text into parts of at most budget bytes, which is at least utf8.UTFMax: at the end of a
// sentence or line where it can, else at a blank, else between characters. No part is blank but that of
// a blank text; blanks at the cuts are left out.
func split(text string, budget int) []string {
	var parts []string
	for text = strings.TrimSpace(text); len(text) > budget; {
		at := cut(text, budget)
		parts = append(parts, strings.TrimSpace(text[:at]))
		text = strings.TrimSpace(text[at:])
	}
	if text != "" || len(parts) == 0 {
		parts = append(parts, text)
	}
	return parts
}

// cut gives where to cut a text that is longer than budget. It begins with no blank.
func cut(text string, budget int) int {
	sentence, blank, char := 0, 0, 0
	ended := false
	for i, r := range text {
		// What stands before i may be a part, if i is not too far.
		if i > budget {
			break
		}
		char = i
		if ended && !strings.ContainsRune("”’」』）)\"'", r) {
			sentence = i
		}
		if unicode.IsSpace(r) {
			blank = i
		}
		ended = strings.ContainsRune("。！？!?\n", r) || ended && strings.ContainsRune("”’」』）)\"'", r) || r == '.' && spaceAfter(text[i+1:])
	}
	switch {
	case sentence > 0:
		return sentence
	case blank > 0:
		return blank
	}
	return char
}

// spaceAfter reports whether a text goes on with a blank or ends.
func spaceAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || unicode.IsSpace(r)
}
