package privacy

import "unicode/utf8"

// fold returns the character of text at i and its width in bytes: full-width
// forms and mathematical digits as ASCII, every blank but a line end or a tab
// as ' '. Invalid UTF-8 is utf8.RuneError of width 1.
func fold(text string, i int) (rune, int) {
	if c := text[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	r, w := utf8.DecodeRuneInString(text[i:])
	return plain(r), w
}

// foldLast is fold for the last character of text, which is not empty.
func foldLast(text string) (rune, int) {
	r, w := utf8.DecodeLastRuneInString(text)
	return plain(r), w
}

func plain(r rune) rune {
	switch {
	case r < 0xa0:
		return r
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0xa0, r >= 0x2000 && r <= 0x200a, r == 0x202f, r == 0x205f, r == 0x3000:
		return ' '
	case r >= 0x1d7ce && r <= 0x1d7ff:
		return '0' + (r-0x1d7ce)%10
	}
	return r
}

// invisible reports whether r leaves no mark: zero-width and direction marks,
// variation selectors, the frame of keycap emoji, tag characters.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x034f, r == 0x061c, r == 0x180e, r == 0x20e3, r == 0xfeff,
		r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe01ef:
		return true
	}
	return false
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// digitOf returns the value of r as a digit, Chinese numerals included, or -1.
func digitOf(r rune) int {
	if r < utf8.RuneSelf {
		if isDigit(r) {
			return int(r - '0')
		}
		return -1
	}
	switch r {
	case '零', '〇', '○':
		return 0
	case '一', '壹', '幺':
		return 1
	case '二', '贰', '貳', '两', '兩':
		return 2
	case '三', '叁', '參':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆', '陸':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

// isCheckX reports whether r may stand for the check character X.
func isCheckX(r rune) bool {
	switch r {
	case 'X', 'x', 'Ⅹ', 'ⅹ', '×', 'Χ', 'χ', 'Х', 'х':
		return true
	}
	return false
}

// A gap is what stands between two digits of a number.
type gap uint8

const (
	none  gap = iota // nothing that can be seen
	turn             // nothing, but one is a Chinese numeral and the other is not
	joint            // blanks, hyphens, dots and strokes: usual inside a number
	list             // commas and brackets: as usual between numbers as inside one
	apart            // anything else: the number ends
)

// gapOf returns what r does between two digits.
func gapOf(r rune) gap {
	switch r {
	case ' ', '-', '.', '/', '_', '*', '~', '|', '‐', '‑', '‒', '–', '—', '―', '−', '﹣',
		'·', '•', '‧', '・', '･', '∙', '⋅':
		return joint
	case ',', '、', '(', ')', '。', '﹑', '､', '｡':
		return list
	}
	return apart
}
