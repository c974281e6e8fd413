// Package charset turns the bytes of a TXT or Markdown file into text, or
// says clearly why it does not.
//
// It serves files from Windows, from older government sites and from phones,
// that is UTF-8, UTF-16 and the GBK family (GB2312, GBK and GB18030, which are
// decoded as one, GB18030 being a superset of the other two). The text is
// quoted word for word later on, so a wrong guess is worse than a refusal: a
// file whose encoding the bytes do not show is refused, and so is one with a
// single damaged or missing byte.
//
// The package reads no files, keeps no state but one table built on first use,
// and is safe for concurrent use.
package charset

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The encoding names that Decode returns. The first four are also values of
// Error.Looks, as are the last two, which Decode recognises but does not read.
const (
	UTF8    = "UTF-8" // also plain ASCII
	UTF16LE = "UTF-16LE"
	UTF16BE = "UTF-16BE"
	GB18030 = "GB18030" // also GBK and GB2312

	UTF32 = "UTF-32"
	Big5  = "Big5"
)

// Decode returns the text of data as valid UTF-8 together with the name of the
// encoding it was in: UTF8, UTF16LE, UTF16BE or GB18030. data is the whole
// file, is not modified and is not retained; the time and the memory taken are
// linear in its length, on which Decode sets no limit.
//
// The encoding is the first of these that fits:
//
//  1. the one a byte order mark names (Unicode Standard, section 23.8). It is
//     believed, and the rest of the file must be valid in it. UTF-32 is refused;
//  2. UTF-8, when all of data is valid UTF-8 (RFC 3629) without NUL;
//  3. UTF-16 without a mark, when the length is even, no surrogate is unpaired,
//     there is no U+0000 and the text is plausible;
//  4. GB18030 (as in the WHATWG Encoding Standard, so that the byte 0x80 is the
//     euro sign of Windows code page 936), when every byte belongs to a
//     character, there is no NUL and the text is plausible.
//
// Plausible means that frequent Chinese characters and punctuation (and ASCII,
// in UTF-16) outweigh rare characters and unassigned or private code points;
// see minScore. A GB18030 file with hardly any Chinese in it can therefore be
// refused. The other way round, bytes of only a few characters can be valid in
// two encodings, and the order above decides.
//
// In the text
//   - byte order marks at the start are gone (U+FEFF further on stays);
//   - CRLF and lone CR are LF, and so are the vertical tab, which is Word's
//     line break, and the form feed (line breaks by UAX #14, class BK);
//   - the other C0 control characters except LF and TAB, and DEL, are left
//     out: they have no visible form. Ctrl-Z at the end of a DOS file is the
//     usual one. A file with many of them is refused as binary;
//   - every other character is exactly as in the file, full-width forms, runs
//     of spaces, U+0085, U+2028 and U+FFFD (in UTF-8 and UTF-16) included.
//
// The text is not empty, holds a character that is not white space, is valid
// UTF-8, holds neither NUL nor CR, and comes back unchanged, as UTF8, when it
// is decoded again.
//
// On failure text and encoding are empty and err is an *Error: Empty for no
// bytes, only white space or only characters that are left out; Binary for the
// first bytes of a well-known file format, for NUL, or for many control
// characters; Unknown for everything else that cannot be read in full.
func Decode(data []byte) (text string, encoding string, err error) {
	if len(data) == 0 {
		return "", "", &Error{Code: Empty}
	}
	if format := formatOf(data); format != "" {
		return "", "", &Error{Code: Binary, Looks: format}
	}
	if body, name := cutBOM(data); name != "" {
		return decodeAs(name, body)
	}
	hasNUL := bytes.IndexByte(data, 0) >= 0
	if !hasNUL && utf8.Valid(data) {
		return decodeAs(UTF8, data)
	}
	if name := plausibleUTF16(data); name != "" {
		return decodeAs(name, data)
	}
	if hasNUL {
		return "", "", &Error{Code: Binary}
	}
	return decodeLegacy(data)
}

// cutBOM returns data without its byte order mark, and the encoding that the
// mark names; without a mark it returns data and "". The UTF-32LE mark is told
// from that of UTF-16LE by the two zero bytes that follow, since U+0000 does
// not begin a text.
func cutBOM(data []byte) (body []byte, name string) {
	for _, m := range []struct{ mark, name string }{
		{"\xff\xfe\x00\x00", UTF32},
		{"\x00\x00\xfe\xff", UTF32},
		{"\xff\xfe", UTF16LE},
		{"\xfe\xff", UTF16BE},
		{"\xef\xbb\xbf", UTF8},
	} {
		if rest, ok := bytes.CutPrefix(data, []byte(m.mark)); ok {
			return rest, m.name
		}
	}
	return data, ""
}

// decodeAs decodes body, which has no byte order mark, from the encoding name
// (not GB18030), which it is known or said to be in. It fails where a byte is
// not valid in it.
func decodeAs(name string, body []byte) (text string, encoding string, err error) {
	refusal := &Error{Code: Unknown, Looks: name}
	switch name {
	case UTF8:
		if !utf8.Valid(body) {
			return "", "", refusal
		}
		return finish(bytes.Clone(body), name)
	case UTF16LE, UTF16BE:
		out, ok := decodeUTF16(body, byteOrder(name))
		if !ok {
			return "", "", refusal
		}
		return finish(out, name)
	}
	return "", "", refusal
}

// decodeLegacy decodes data, which is not empty, not valid UTF-8 and without
// NUL, as GB18030, or says what else it looks like.
func decodeLegacy(data []byte) (text string, encoding string, err error) {
	if looksDamagedUTF8(data) {
		return "", "", &Error{Code: Unknown, Looks: UTF8}
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err == nil {
		s := scoreText(out)
		if s.plausible() && s.replaced == 0 {
			return finish(out, GB18030)
		}
		if s.plausible() && s.replaced <= s.scored/damagedShare+1 {
			return "", "", &Error{Code: Unknown, Looks: GB18030}
		}
	}
	if _, dropped := normalize(bytes.Clone(data)); tooManyControls(dropped, len(data)) {
		return "", "", &Error{Code: Binary}
	}
	if looksBig5(data) {
		return "", "", &Error{Code: Unknown, Looks: Big5}
	}
	return "", "", &Error{Code: Unknown}
}

// decodeUTF16 returns the UTF-8 form of data, which has no byte order mark. It
// reports false for an odd length or an unpaired surrogate.
func decodeUTF16(data []byte, order binary.ByteOrder) (out []byte, ok bool) {
	if len(data)%2 != 0 {
		return nil, false
	}
	out = make([]byte, 0, len(data)+len(data)/2) // a unit is at most 3 bytes
	for len(data) > 0 {
		r, size := nextUTF16(data, order)
		if size == 0 {
			return nil, false
		}
		out = utf8.AppendRune(out, r)
		data = data[size:]
	}
	return out, true
}

// nextUTF16 returns the first character of data, whose length is even and not
// zero, and the number of bytes it takes: 2 or 4, or 0 for an unpaired
// surrogate (Unicode Standard, section 3.9, D91).
func nextUTF16(data []byte, order binary.ByteOrder) (r rune, size int) {
	r = rune(order.Uint16(data))
	if r < 0xd800 || r > 0xdfff {
		return r, 2
	}
	if r > 0xdbff || len(data) < 4 {
		return 0, 0
	}
	low := rune(order.Uint16(data[2:]))
	if low < 0xdc00 || low > 0xdfff {
		return 0, 0
	}
	return 0x10000 + (r-0xd800)<<10 + (low - 0xdc00), 4
}

// byteOrder returns the byte order that name, UTF16LE or UTF16BE, stands for.
func byteOrder(name string) binary.ByteOrder {
	if name == UTF16BE {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// finish applies to buf, which is valid UTF-8 and which it may overwrite, the
// rules for the text that Decode lists. What it returns passes through Decode
// and finish unchanged: nothing is left to cut or to drop, and the checks that
// Decode makes on the bytes of a file are made here on those of the text.
func finish(buf []byte, name string) (text string, encoding string, err error) {
	if bytes.IndexByte(buf, 0) >= 0 {
		return "", "", &Error{Code: Binary}
	}
	buf, dropped := normalize(buf)
	if tooManyControls(dropped, utf8.RuneCount(buf)+dropped) {
		return "", "", &Error{Code: Binary}
	}
	for bytes.HasPrefix(buf, []byte("\ufeff")) {
		buf = buf[len("\ufeff"):]
	}
	if format := formatOf(buf); format != "" {
		return "", "", &Error{Code: Binary, Looks: format}
	}
	text = string(buf)
	if strings.TrimFunc(text, isBlank) == "" {
		return "", "", &Error{Code: Empty}
	}
	return text, name, nil
}

// isBlank reports whether r leaves no mark: Unicode white space (U+3000
// included), the zero-width space and the zero-width no-break space.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
}

// normalize overwrites buf with its text under the rules for line ends and
// control characters that Decode lists, and returns it together with the
// number of control characters left out. Every byte it acts on is below 0x80,
// so valid UTF-8 stays valid.
func normalize(buf []byte) (out []byte, dropped int) {
	var prev byte
	n := 0 // bytes written, never more than read
	for _, b := range buf {
		switch {
		case b >= 0x20 && b != 0x7f || b == '\t':
			buf[n] = b
			n++
		case b == '\n' && prev == '\r':
			// The LF of a CRLF: its CR was written as LF.
		case b == '\n' || b == '\r' || b == '\v' || b == '\f':
			buf[n] = '\n'
			n++
		default:
			dropped++
		}
		prev = b
	}
	return buf[:n], dropped
}

// tooManyControls reports whether controls among total characters are more
// than a text holds: over 2 and 1 in 50. Text files hold next to none (a
// Ctrl-Z, a stray backspace), machine formats about 1 in 8 (28 of the 256
// byte values are C0 controls that normalize leaves out).
func tooManyControls(controls, total int) bool {
	return controls > 2+total/50
}
