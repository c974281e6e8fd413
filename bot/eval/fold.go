package eval

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// punctuation folds full-width and typographic marks; a zero value deletes.
var punctuation = map[rune]rune{
	'，': ',', '。': '.', '、': ',', '；': ';', '：': ':', '？': '?', '！': '!',
	'（': '(', '）': ')', '【': '[', '】': ']', '〔': '[', '〕': ']', '《': '<', '》': '>',
	'“': '"', '”': '"', '「': '"', '」': '"', '『': '"', '』': '"', '‘': '\'', '’': '\'',
	'—': '-', '–': '-', '－': '-', '～': '~', '·': 0, '•': 0,
}

// Norm folds a text for comparison: NFKC, lower case, punctuation and quotation
// marks folded to ASCII, white space removed, thousands separators dropped.
// Two texts that differ only in these have the same Norm. The result is not
// for reading.
func Norm(s string) string {
	return dropThousands(dropSpace(lower(compatible(s))))
}

// spaced folds like Norm but keeps case and one blank for any run of white
// space, so that the bounds of Latin words stay visible.
func spaced(s string) string {
	return oneSpace(dropThousands(compatible(s)))
}

// compatible is NFKC with the punctuation folded before and after.
func compatible(s string) string {
	return foldPunctuation(norm.NFKC.String(foldPunctuation(s)))
}

func foldPunctuation(s string) string {
	return strings.Map(func(r rune) rune {
		folded, ok := punctuation[r]
		switch {
		case !ok:
			return r
		case folded == 0:
			return -1
		}
		return folded
	}, s)
}

// dropThousands deletes a comma between a decimal digit and exactly three
// more: 1,200,000 becomes 1200000, and 1,20 stays.
func dropThousands(s string) string {
	if !strings.Contains(s, ",") {
		return s
	}
	runes := []rune(s)
	decimal := func(i int) bool { return i >= 0 && i < len(runes) && unicode.Is(unicode.Nd, runes[i]) }
	var b strings.Builder
	for i, r := range runes {
		if r == ',' && decimal(i-1) && decimal(i+1) && decimal(i+2) && decimal(i+3) && !decimal(i+4) {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func dropSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if isSpace(r) {
			return -1
		}
		return r
	}, s)
}

func oneSpace(s string) string {
	var b strings.Builder
	inSpace := false
	for _, r := range s {
		if !isSpace(r) {
			b.WriteRune(r)
		} else if !inSpace {
			b.WriteByte(' ')
		}
		inSpace = isSpace(r)
	}
	return b.String()
}

// isSpace is Unicode white space and the four information separators, which
// the reference rules count as white space too.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// isDigit holds for every decimal digit and for the numerals below ten in
// circles and the like.
func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) || unicode.Is(numerals, r) }

// numerals are the characters of numeric type Digit that are not decimal
// digits (Unicode 14: superscripts, circled and bracketed digits, and the
// digits of scripts that do not write decimally).
var numerals = &unicode.RangeTable{
	LatinOffset: 2,
	R16: []unicode.Range16{
		{Lo: 0x00b2, Hi: 0x00b3, Stride: 1},
		{Lo: 0x00b9, Hi: 0x00b9, Stride: 1},
		{Lo: 0x1369, Hi: 0x1371, Stride: 1},
		{Lo: 0x19da, Hi: 0x19da, Stride: 1},
		{Lo: 0x2070, Hi: 0x2070, Stride: 1},
		{Lo: 0x2074, Hi: 0x2079, Stride: 1},
		{Lo: 0x2080, Hi: 0x2089, Stride: 1},
		{Lo: 0x2460, Hi: 0x2468, Stride: 1},
		{Lo: 0x2474, Hi: 0x247c, Stride: 1},
		{Lo: 0x2488, Hi: 0x2490, Stride: 1},
		{Lo: 0x24ea, Hi: 0x24ea, Stride: 1},
		{Lo: 0x24f5, Hi: 0x24fd, Stride: 1},
		{Lo: 0x24ff, Hi: 0x24ff, Stride: 1},
		{Lo: 0x2776, Hi: 0x277e, Stride: 1},
		{Lo: 0x2780, Hi: 0x2788, Stride: 1},
		{Lo: 0x278a, Hi: 0x2792, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x10a40, Hi: 0x10a43, Stride: 1},
		{Lo: 0x10e60, Hi: 0x10e68, Stride: 1},
		{Lo: 0x11052, Hi: 0x1105a, Stride: 1},
		{Lo: 0x1f100, Hi: 0x1f10a, Stride: 1},
	},
}

// lower is full Unicode lower case without a locale. It differs from
// strings.ToLower for two letters: İ becomes two code points, and a capital
// sigma at the end of a word becomes the final sigma.
func lower(s string) string {
	if !strings.ContainsAny(s, "\u0130\u03a3") {
		return strings.ToLower(s)
	}
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == '\u0130':
			b.WriteString("i\u0307")
		case r == '\u03a3' && endsWord(runes, i):
			b.WriteRune('\u03c2')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// endsWord reports whether a cased letter stands before runes[i] and none
// after it, characters that case ignores left aside.
func endsWord(runes []rune, i int) bool {
	before := i - 1
	for before >= 0 && caseIgnorable(runes[before]) {
		before--
	}
	if before < 0 || !cased(runes[before]) {
		return false
	}
	after := i + 1
	for after < len(runes) && caseIgnorable(runes[after]) {
		after++
	}
	return after == len(runes) || !cased(runes[after])
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r)
}
