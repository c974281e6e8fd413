package outline

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A style is a way of numbering. The values are the usual order of levels,
// outermost first; rank applies what a document itself shows.
type style int

const (
	styleNone          style = iota
	stylePart                // 第一编, Part I
	styleChapter             // 第一章, Chapter 1
	styleSection             // 第一节, Section 1
	styleArticle             // 第一条, Article 1
	styleParagraph           // 第一款
	styleHan                 // 一、
	styleHanBracket          // （一）
	styleItem                // 第一项
	styleArabic              // 1.
	styleDecimal             // 1.1
	styleDecimal3            // 1.1.1
	styleArabicBracket       // （1） 1)
	styleLetter              // (a)
	styleRoman               // (i)
	styleCircled             // ①
	styleOrdinal             // 一是
)

// A mark is the number at the start of a line.
type mark struct {
	style style
	n     int    // value of the number
	sub   int    // 第三条之一: 1; 1.2: the part before the last point
	label string // as printed, half-width
	size  int    // bytes of the number with its punctuation and following blanks
	loose bool   // followed by text at once, as a reference would be
}

// scanMark reads the number at the start of a line. Whether it really starts a
// unit depends on the lines around it; see markNumbers.
func scanMark(s string) (mark, bool) {
	for _, scan := range []func(string) (mark, bool){scanOrdinalUnit, scanEnglish, scanBracket, scanCircled, scanPlain} {
		if m, ok := scan(s); ok {
			rest := s[m.size:]
			m.size += len(rest) - len(strings.TrimLeftFunc(rest, blank))
			return m, true
		}
	}
	return mark{}, false
}

var ordinalUnits = map[rune]style{'编': stylePart, '章': styleChapter, '节': styleSection, '条': styleArticle, '款': styleParagraph, '项': styleItem}

// scanOrdinalUnit reads 第三条, 第3条, 第 三 条, 第三条之一.
func scanOrdinalUnit(s string) (mark, bool) {
	rest, ok := strings.CutPrefix(s, "第")
	if !ok {
		return mark{}, false
	}
	rest = strings.TrimLeft(rest, " ")
	n, size, _ := number(rest)
	if size == 0 {
		return mark{}, false
	}
	printed := rest[:size]
	rest = strings.TrimLeft(rest[size:], " ")
	r, w := utf8.DecodeRuneInString(rest)
	st, ok := ordinalUnits[r]
	if !ok {
		return mark{}, false
	}
	m := mark{style: st, n: n, label: "第" + strings.Map(fold, printed) + string(r)}
	rest = rest[w:]
	if after, ok := strings.CutPrefix(rest, "之"); ok {
		if sub, size, _ := number(after); size > 0 {
			m.sub, m.label = sub, m.label+"之"+strings.Map(fold, after[:size])
			rest = after[size:]
		}
	}
	m.size = len(s) - len(rest)
	next, _ := utf8.DecodeRuneInString(rest)
	m.loose = rest != "" && !blank(next) && next != '【' && next != '['
	if trimmed := strings.TrimLeft(rest, "：:、，,"); m.loose && trimmed != rest {
		m.size += len(rest) - len(trimmed)
		m.loose = rest[0] != ':' && !strings.HasPrefix(rest, "：")
	}
	return m, true
}

var englishUnits = map[string]style{"Part": stylePart, "Chapter": styleChapter, "Section": styleSection, "Article": styleArticle}

// scanEnglish reads Article 3, CHAPTER II, Section 4. and (a), (iv).
func scanEnglish(s string) (mark, bool) {
	if len(s) > 2 && s[0] == '(' {
		return scanLetter(s)
	}
	word, rest, ok := strings.Cut(s, " ")
	if !ok || word == "" {
		return mark{}, false
	}
	name := strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
	st, ok := englishUnits[name]
	if !ok || word != name && word != strings.ToUpper(word) {
		return mark{}, false
	}
	numeral := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); i >= 0 {
		numeral = rest[:i]
	}
	n, err := strconv.Atoi(numeral)
	if err != nil {
		n = romans[strings.ToLower(numeral)]
	}
	if n <= 0 {
		return mark{}, false
	}
	if tail := rest[len(numeral):]; len(tail) > 1 && tail[0] == '.' && tail[1] >= '0' && tail[1] <= '9' {
		return mark{}, false // Section 2.2 is a reference
	}
	after := strings.TrimLeft(rest[len(numeral):], ".:-–— \u3000\u00a0")
	first, _ := utf8.DecodeRuneInString(after)
	return mark{
		style: st, n: n, label: name + " " + numeral, size: len(s) - len(after),
		loose: unicode.IsLower(first) || first == ',' || first == '(',
	}, true
}

func scanLetter(s string) (mark, bool) {
	end := strings.IndexByte(s, ')')
	if end < 2 || end > 5 {
		return mark{}, false
	}
	in := s[1:end]
	if n := romans[in]; n > 0 && len(in) > 1 {
		return mark{style: styleRoman, n: n, label: "(" + in + ")", size: end + 1}, true
	}
	if len(in) == 1 && in[0] >= 'a' && in[0] <= 'z' {
		return mark{style: styleLetter, n: int(in[0]-'a') + 1, label: "(" + in + ")", size: end + 1}, true
	}
	return mark{}, false
}

// scanBracket reads （一） (1) and the half-open 一） 1).
func scanBracket(s string) (mark, bool) {
	rest := s
	open := false
	for _, b := range []string{"(", "（", "〔", "﹙"} {
		if r, ok := strings.CutPrefix(rest, b); ok {
			rest, open = r, true
			break
		}
	}
	rest = strings.TrimLeftFunc(rest, blank)
	n, size, han := number(rest)
	if size == 0 || n > 99 {
		return mark{}, false
	}
	printed := strings.Map(fold, rest[:size])
	rest = strings.TrimLeftFunc(rest[size:], blank)
	closed := false
	for _, b := range []string{")", "）", "〕", "﹚"} {
		if r, ok := strings.CutPrefix(rest, b); ok {
			rest, closed = r, true
			break
		}
	}
	if !closed {
		return mark{}, false
	}
	if open { // （一）、 and （1）.
		rest = strings.TrimLeft(rest, "、.．")
	}
	m := mark{style: styleArabicBracket, n: n, label: "(" + printed + ")", size: len(s) - len(rest)}
	if han {
		m.style = styleHanBracket
	}
	return m, true
}

func scanCircled(s string) (mark, bool) {
	r, w := utf8.DecodeRuneInString(s)
	switch {
	case r >= '①' && r <= '⑳':
		return mark{style: styleCircled, n: int(r-'①') + 1, label: string(r), size: w}, true
	case r >= '⑴' && r <= '⒇':
		n := int(r-'⑴') + 1
		return mark{style: styleArabicBracket, n: n, label: "(" + strconv.Itoa(n) + ")", size: w}, true
	case r >= '㈠' && r <= '㈩':
		n := int(r-'㈠') + 1
		return mark{style: styleHanBracket, n: n, label: "(" + hanNumeral(n) + ")", size: w}, true
	case r >= '⒈' && r <= '⒛':
		n := int(r-'⒈') + 1
		return mark{style: styleArabic, n: n, label: strconv.Itoa(n), size: w}, true
	}
	return mark{}, false
}

// year is how a dated item begins: 1.2023年12月31日前注册.
var year = regexp.MustCompile(`^(?:19|20|１９|２０)[0-9０-９]{2}\s*年`)

// scanPlain reads 一、 一是 1. 1、 1.2 and rejects 1.5亿元, 2024.6.30, 一、二期.
func scanPlain(s string) (mark, bool) {
	n, size, han := number(s)
	if size == 0 {
		return mark{}, false
	}
	printed := strings.Map(fold, s[:size])
	sep, w := utf8.DecodeRuneInString(s[size:])
	rest := s[size+w:]
	if han {
		return scanHan(n, size, printed, sep, w, rest)
	}
	if n > 199 || !strings.ContainsRune(".．、", sep) {
		return mark{}, false
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if next = fold(next); next < '0' || next > '9' || year.MatchString(rest) {
		return mark{style: styleArabic, n: n, label: printed, size: size + w}, true
	}
	if fold(sep) != '.' {
		return mark{}, false
	}
	return scanDecimal(s)
}

func scanHan(n, size int, printed string, sep rune, w int, rest string) (mark, bool) {
	switch {
	case strings.ContainsRune("、．.", sep):
		if _, more, h := number(rest); h && more > 0 { // 一、二期工程
			r, _ := utf8.DecodeRuneInString(rest[more:])
			if strings.ContainsRune("期批级类线、", r) {
				return mark{}, false
			}
		}
		return mark{style: styleHan, n: n, label: printed, size: size + w}, true
	case sep == '是' && n < 20:
		r, _ := utf8.DecodeRuneInString(rest)
		if !isHan(r) && !strings.ContainsRune("：:，,", r) {
			return mark{}, false
		}
		return mark{style: styleOrdinal, n: n, label: printed + "是", size: size + w}, true
	}
	return mark{}, false
}

// scanDecimal reads 1.2 and 1.2.3 followed by a blank or a Han character that
// is no unit of measure.
func scanDecimal(s string) (mark, bool) {
	var parts []int
	rest := s
	for {
		n, size := arabicNumber(rest)
		if size == 0 {
			break
		}
		parts = append(parts, n)
		rest = rest[size:]
		r, w := utf8.DecodeRuneInString(rest)
		if fold(r) != '.' {
			break
		}
		rest = rest[w:]
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if len(parts) < 2 || len(parts) > 3 || parts[0] > 99 || parts[len(parts)-1] > 99 ||
		!blank(next) && (!isHan(next) || strings.ContainsRune("万亿元千百倍个家年月日米公平亩吨", next)) {
		return mark{}, false
	}
	m := mark{style: styleDecimal, n: parts[len(parts)-1], sub: parts[len(parts)-2], size: len(s) - len(rest)}
	if len(parts) == 3 {
		m.style = styleDecimal3
	}
	m.label = strings.TrimSuffix(strings.Map(fold, s[:m.size]), ".")
	return m, true
}
