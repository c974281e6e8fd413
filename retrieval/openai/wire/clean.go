package wire

import (
	"strings"
	"unicode"
)

const (
	// Window is how many characters of a key in a row are not shown.
	Window = 8
	// MaxQuoted is how many characters of an endpoint's words are shown.
	MaxQuoted = 200

	hidden = "[key]"
)

// Clean makes text that came from outside fit to be shown: one line of at most
// MaxQuoted characters, nothing that is not printable, and nothing of key (see
// [Hide]). An empty key hides nothing.
func Clean(text, key string) string {
	text = Hide(text, key)
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > MaxQuoted {
		text = string(runes[:MaxQuoted]) + "…"
	}
	return text
}

// Hide replaces what text has of key, in upper or lower case: Window characters
// in a row and more, or all of a shorter key.
func Hide(text, key string) string {
	size := min(Window, len(key))
	if size == 0 {
		return text
	}
	lower, secret := lowerASCII(text), lowerASCII(key)
	var b strings.Builder
	shown := 0 // everything before it is written
	for i := 0; i+size <= len(text); {
		if !strings.Contains(secret, lower[i:i+size]) {
			i++
			continue
		}
		end := i + size
		for end < len(text) && strings.Contains(secret, lower[end-size+1:end+1]) {
			end++
		}
		b.WriteString(text[shown:i] + hidden)
		shown, i = end, end
	}
	return b.String() + text[shown:]
}

// lowerASCII keeps the length of s, which strings.ToLower does not.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
