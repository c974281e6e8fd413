package retrieval

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// dayIn matches a date in a text that went through plain: year, month, day;
// month and day may be missing.
const dayIn = `((?:19|20)\d\d)年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?`

const monthNames = `January|February|March|April|May|June|July|August|September|October|November|December`

var (
	endDay      = regexp.MustCompile(dayIn + `$`)
	dayForm     = regexp.MustCompile(dayIn)
	hanDay      = regexp.MustCompile(`((?:一九|二[〇零○Oo0])[〇零○Oo0一二三四五六七八九]{2})年(?:([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?`)
	numericDay  = regexp.MustCompile(`\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b`)
	spacedDay   = regexp.MustCompile(`((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*([日号]))?`)
	monthDay    = regexp.MustCompile(`\b(` + monthNames + `) (\d{1,2}), ?((?:19|20)\d\d)\b`)
	dayMonth    = regexp.MustCompile(`\b(\d{1,2}) (` + monthNames + `) ((?:19|20)\d\d)\b`)
	englishWord = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
)

// plain writes marks and digits of full width in half width, and every date as
// 2023年3月1日: 二〇二三年三月一日, 2023-03-01, March 1, 2023.
func plain(s string) string {
	s = strings.Map(halfWidth, s)
	s = hanDay.ReplaceAllStringFunc(s, func(d string) string {
		m := hanDay.FindStringSubmatch(d)
		year := strings.Map(hanDigit, m[1])
		return printDay(year, hanNumber(m[2]), hanNumber(m[3]))
	})
	s = numericDay.ReplaceAllString(s, "${1}年${2}月${3}日")
	s = spacedDay.ReplaceAllString(s, "${1}年${2}月${3}${4}")
	s = dayMonth.ReplaceAllString(s, "$2 $1, $3")
	return monthDay.ReplaceAllStringFunc(s, func(d string) string {
		m := monthDay.FindStringSubmatch(d)
		month, _ := time.Parse("January", m[1])
		day, _ := strconv.Atoi(m[2])
		return printDay(m[3], int(month.Month()), day)
	})
}

func printDay(year string, month, day int) string {
	s := year + "年"
	if month > 0 {
		s += strconv.Itoa(month) + "月"
	}
	if day > 0 {
		s += strconv.Itoa(day) + "日"
	}
	return s
}

// halfWidth maps the full-width forms of ASCII and the blanks of layout.
func halfWidth(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000' || r == '\u00a0':
		return ' '
	}
	return r
}

func hanDigit(r rune) rune {
	if i := strings.IndexRune("一二三四五六七八九", r); i >= 0 {
		return '1' + rune(i/len("一"))
	}
	return '0'
}

// hanNumber is the value of 一 to 九十九, 两 and ASCII digits; 0 for anything else.
func hanNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	n, digit := 0, 0
	for _, r := range s {
		switch {
		case r == '十':
			n, digit = max(digit, 1)*10, 0
		case r == '两':
			digit = 2
		case strings.ContainsRune("一二三四五六七八九", r):
			digit = int(hanDigit(r) - '0')
		default:
			return 0
		}
	}
	return n + digit
}

// onlyDay is the date that a line consists of, in brackets or with a label for
// a date at most, or "".
func onlyDay(line string) string {
	if before, ok := beforeDay(line); !ok || before != "" {
		return ""
	}
	return lastDayIn(line)
}

// beforeDay returns what stands before the date with which a line ends, without
// blanks around it, brackets and a label, and whether there is a date. It need not exist.
func beforeDay(line string) (string, bool) {
	s := strings.TrimRight(plain(line), " ).")
	at := endDay.FindStringIndex(s)
	if at == nil {
		return "", false
	}
	before := strings.TrimSpace(s[:at[0]])
	switch squeeze(before) {
	case "(", "日期:", "Date:", "Date":
		before = ""
	}
	return before, true
}

// lastDayIn is the last date in a line, or "".
func lastDayIn(line string) string {
	all := dayForm.FindAllStringSubmatch(plain(line), -1)
	if all == nil {
		return ""
	}
	return dayOf(all[len(all)-1])
}

// dayOf is the date in a match of dayIn as the first group, or "".
func dayOf(match []string) string {
	if len(match) < 4 || match[1] == "" {
		return ""
	}
	return date(match[1], match[2], match[3])
}

// squeeze removes blanks.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
