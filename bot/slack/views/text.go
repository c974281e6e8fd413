package views

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Limits of the platform, in its characters; see units for how they are counted here
// (https://docs.slack.dev/reference/block-kit, https://docs.slack.dev/reference/views).
const (
	maxTitle       = 24 // of a modal, and of its submit and close
	maxHeader      = 150
	maxSection     = 3000
	maxButton      = 75
	maxValue       = 2000 // of a button
	maxLink        = 3000
	maxLabel       = 2000 // of an input, and its hint
	maxPlaceholder = 150
	maxOption      = 75 // text and value
	maxOptions     = 100
	maxInput       = 3000 // max_length of a plain_text_input
	maxMetadata    = 3000
	maxID          = 255 // block_id, action_id
	maxBlocks      = 100
	maxView        = 250_000 // bytes of JSON, https://docs.slack.dev/reference/methods/views.open (view_too_large)
)

// maxRich is how much text one rich_text block gets. The platform documents no limit; this is a section's, with
// room to break at the end of a sentence.
const maxRich = 2800

// A phrase is a text of ours in both languages.
type phrase struct{ zh, en string }

func (p phrase) in(lang string) string {
	if lang == "en" {
		return p.en
	}
	return p.zh
}

// language is lang as it is used here.
func language(lang string) string {
	if lang == "en" {
		return lang
	}
	return "zh"
}

// units is what a character counts at most, whichever way the platform counts: by code points, by UTF-16, or
// with & < > written as entities.
func units(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return max(1, utf16.RuneLen(r))
}

func size(s string) int {
	n := 0
	for _, r := range s {
		n += units(r)
	}
	return n
}

// clean makes a text fit to be shown: valid UTF-8, lines that end with \n, and no characters that cannot be seen
// or that turn the order of others around.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF', r >= 0xE0000 && r <= 0xE007F:
			return -1
		}
		return r
	}, s)
}

// line is a text on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// head is the beginning of a text that is far too long for so many units, so that the rest need not be looked at.
func head(s string, most int) string {
	if most *= 32; len(s) > most { // 4 bytes of each character, and what is dropped between them
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// cut is a text of at most so many units; one that is longer ends with an ellipsis.
func cut(s string, most int) string {
	s = strings.TrimSpace(clean(head(s, most)))
	if size(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		if n += units(r); n > most-1 {
			return strings.TrimRightFunc(s[:i], unicode.IsSpace) + "…"
		}
	}
	return s
}

// short is a text on one line of at most so many units.
func short(s string, most int) string { return cut(line(head(s, most)), most) }

// fill is what a field of so many characters can be filled with, and whether that is all of the text. A field is
// filled with what people wrote, so & counts as one.
func fill(s string, most int) (string, bool) {
	s = strings.TrimSpace(clean(s))
	n := 0
	for i, r := range s {
		if n += max(1, utf16.RuneLen(r)); n > most {
			return s[:i], false
		}
	}
	return s, true
}

// address is an address that people may be sent to, "" for anything but http and https.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || size(s) > maxLink {
		return ""
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F || strings.ContainsRune("<>|\"\\`", r) }) || clean(s) != s {
		return ""
	}
	return s
}

// parts splits a text into pieces of at most so many units each, at the ends of lines or sentences where there
// are such, and gives how many characters are left after the most pieces. Line ends at borders are dropped.
func parts(s string, each, most int) (pieces []string, left int) {
	rs := []rune(strings.TrimSpace(clean(s)))
	for at := 0; at < len(rs); {
		if len(pieces) == most {
			return pieces, len(rs) - at
		}
		end := reach(rs, at, each)
		if end < len(rs) {
			end = border(rs, max(at+1, end-each/4), end)
		}
		if piece := strings.Trim(string(rs[at:end]), "\n"); strings.TrimSpace(piece) != "" {
			pieces = append(pieces, piece)
		}
		at = end
	}
	return pieces, 0
}

// reach is how far so many units go from a place on, at least one character.
func reach(rs []rune, at, most int) int {
	n := 0
	for i := at; i < len(rs); i++ {
		if n += units(rs[i]); n > most && i > at {
			return i
		}
	}
	return len(rs)
}

// border is the last good place to break between two places: after a line, else after a sentence, else at the
// end of them.
func border(rs []rune, from, to int) int {
	sentence := 0
	for i := to; i >= from && i > 0; i-- {
		if rs[i-1] == '\n' {
			return i
		}
		full := strings.ContainsRune("。！？；", rs[i-1])
		latin := i < len(rs) && unicode.IsSpace(rs[i]) && strings.ContainsRune(".!?;", rs[i-1])
		if sentence == 0 && (full || latin) {
			sentence = i
		}
	}
	if sentence > 0 {
		return sentence
	}
	return to
}
