package blockkit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addresses finds the bare addresses that a client makes into links: http://, https://, mailto:, www. and those
// of mail. An address ends at a space, at a sign that no address has, and at the first letter or sign that is not
// ASCII: text in Chinese goes on without a space.
func (r *reader) addresses(s string) {
	for at := 0; at < len(s); {
		n := addressAt(s, at)
		if n == 0 {
			_, w := utf8.DecodeRuneInString(s[at:])
			at += w
			continue
		}
		words := s[at : at+n]
		to := words
		switch {
		case strings.Contains(words, "://") || hasFold(words, "mailto:"):
		case hasFold(words, "www."):
			to = "http://" + words
		default:
			to = "mailto:" + words
		}
		r.link(to, words)
		at += n
	}
}

// addressAt gives the length of the address that begins at a place; 0 if none does.
func addressAt(s string, at int) int {
	if before, _ := utf8.DecodeLastRuneInString(s[:at]); at > 0 && isWord(before) {
		return 0
	}
	rest := s[at:]
	for _, begin := range []string{"http://", "https://", "mailto:", "www."} {
		if !hasFold(rest, begin) {
			continue
		}
		if n := len(trimmed(rest)); n > len(begin) {
			return n
		}
	}
	return mailbox(rest)
}

// trimmed is the part of s, from its beginning, that can be an address.
func trimmed(s string) string {
	end := strings.IndexFunc(s, func(c rune) bool {
		return c > unicode.MaxASCII || c <= ' ' || c == 0x7f || strings.ContainsRune("<>\"|`", c)
	})
	if end >= 0 {
		s = s[:end]
	}
	for {
		t := strings.TrimRight(s, ".,;:!?'*_~]")
		if strings.HasSuffix(t, ")") && strings.Count(t, ")") > strings.Count(t, "(") {
			t = t[:len(t)-1]
		}
		if t == s {
			return s
		}
		s = t
	}
}

// mailbox gives the length of name@host.tld at the beginning of s.
func mailbox(s string) int {
	at := strings.IndexFunc(s, func(c rune) bool { return !isWord(c) && c != '+' })
	if at <= 0 || s[at] != '@' {
		return 0
	}
	host := s[at+1:]
	if end := strings.IndexFunc(host, func(c rune) bool { return !isWord(c) || c == '_' }); end >= 0 {
		host = host[:end]
	}
	host = strings.TrimRight(host, ".-")
	if dot := strings.LastIndexByte(host, '.'); dot <= 0 || len(host)-dot < 3 {
		return 0
	}
	return at + 1 + len(host)
}

func hasFold(s, begin string) bool {
	return len(s) >= len(begin) && strings.EqualFold(s[:len(begin)], begin)
}
