package outline

import "strings"

const hanDigits = "零一二三四五六七八九"

// hanNumber reads a Chinese numeral from 1 to 9999 at the start of s and
// returns its value and length in bytes, or 0, 0.
func hanNumber(s string) (n, size int) {
	section, digit := 0, -1
	for i, r := range s {
		switch {
		case r == '〇' || r == '零':
			digit = 0
		case r == '两':
			digit = 2
		case strings.ContainsRune(hanDigits, r):
			d := strings.Index(hanDigits, string(r)) / len("一")
			if digit > 0 { // 一二: two numerals, not one
				return section + digit, i
			}
			digit = d
		case r == '十' || r == '百' || r == '千':
			unit := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]
			if digit <= 0 {
				digit = 1
			}
			section += digit * unit
			digit = -1
		default:
			return finish(section, digit, i)
		}
		size = i + len(string(r))
		if size > 30 {
			return 0, 0
		}
	}
	return finish(section, digit, size)
}

func finish(section, digit, size int) (int, int) {
	if digit > 0 {
		section += digit
	}
	if section == 0 {
		return 0, 0
	}
	return section, size
}

// hanNumeral prints n, 1 to 99, as a Chinese numeral.
func hanNumeral(n int) string {
	digit := func(d int) string { return string([]rune(hanDigits)[d]) }
	switch {
	case n < 10:
		return digit(n)
	case n < 20:
		return "十" + strings.TrimPrefix(digit(n%10), "零")
	default:
		return digit(n/10) + "十" + strings.TrimPrefix(digit(n%10), "零")
	}
}

// arabicNumber reads at most four half- or full-width digits at the start of
// s and returns the value and length in bytes, or 0, 0.
func arabicNumber(s string) (n, size int) {
	digits := 0
	for i, r := range s {
		r = fold(r)
		if r < '0' || r > '9' {
			break
		}
		if digits++; digits > 4 {
			return 0, 0
		}
		n = n*10 + int(r-'0')
		size = i + runeLen(s[i:])
	}
	if n == 0 {
		return 0, 0
	}
	return n, size
}

func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

// number reads either kind of numeral.
func number(s string) (n, size int, han bool) {
	if n, size = arabicNumber(s); size > 0 {
		return n, size, false
	}
	n, size = hanNumber(s)
	return n, size, size > 0
}

var romans = map[string]int{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12}
