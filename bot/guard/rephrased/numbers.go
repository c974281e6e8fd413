package rephrased

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What is said about a number.
const (
	exact = iota
	lower // at least, more than
	upper // at most, less than
	about
)

// What a number counts.
const (
	plain  = iota
	yearly // a year of the calendar
	monthly
	daily
	span // years or months that pass
)

// A number is one figure of a text, in digits, Chinese numerals or English words.
type number struct {
	from, to int
	text     string
	value    float64
	scale    float64 // of the word after it: 亿, million; 1 without
	bound    int
	counts   int
	style    byte // 'd' digits, 'z' Chinese, 'e' English
}

// values lists how the number may also be written: with its scale and without.
func (n number) values() []float64 {
	if n.scale == 1 {
		return []float64{n.value}
	}
	return []float64{n.value, round(n.value * n.scale)}
}

func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

var (
	digitsRE  = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`)
	numeralRE = regexp.MustCompile(`[一二两三四五六七八九十百千万亿]+`)
	wordRE    = regexp.MustCompile(`(?i)\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty-seven|twenty-nine|twenty|thirty-six|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b`)
	scaleRE   = regexp.MustCompile(`^[ -]?(万亿|亿|万|千|百|thousand|million|billion|trillion|hundred|%|percent|per cent)`)
	countedRE = regexp.MustCompile(`^(年|个|家|项|款|亿|万|期|级|成|倍|条|类|地|方面|升|区|部委|座|批|处|元|规模|步|层|大)`)
	scales    = map[string]float64{"万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 100, "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
	englishN  = englishValues()
	englishW  = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")
)

// englishValues reads the English words for numbers.
func englishValues() map[string]float64 {
	values := map[string]float64{"twenty-seven": 27, "twenty-nine": 29, "thirty-six": 36}
	for i, w := range englishW {
		values[w] = float64(i)
	}
	for i, w := range strings.Fields("thirty forty fifty sixty seventy eighty ninety") {
		values[w] = float64(i+3) * 10
	}
	return values
}

// numbersOf reads the numbers of a text from left to right. Numbers within a name (G20, 3D, 第三方,
// 一站式) and of documents (〔2020〕57号) are left out.
func numbersOf(text string) []number {
	var all []number
	for _, s := range digitsRE.FindAllStringIndex(text, -1) {
		raw := strings.TrimRight(text[s[0]:s[1]], ",")
		v, err := strconv.ParseFloat(strings.ReplaceAll(raw, ",", ""), 64)
		if err == nil && !inName(text, s[0], s[0]+len(raw)) {
			all = append(all, number{from: s[0], to: s[0] + len(raw), text: raw, value: v, style: 'd'})
		}
	}
	for _, s := range numeralRE.FindAllStringIndex(text, -1) {
		raw := text[s[0]:s[1]]
		v := numeral(raw)
		if v > 0 && numeralCounts(text, s[0], s[1], raw) {
			all = append(all, number{from: s[0], to: s[1], text: raw, value: v, style: 'z'})
		}
	}
	for _, s := range wordRE.FindAllStringIndex(text, -1) {
		all = append(all, number{from: s[0], to: s[1], text: text[s[0]:s[1]], value: englishN[strings.ToLower(text[s[0]:s[1]])], style: 'e'})
	}
	for i := range all {
		all[i].finish(text)
	}
	return all
}

var (
	namedBefore = regexp.MustCompile(`([A-Za-z]-?|第|〔|\[|No\. ?|\d[:.-]|〕|\] ?|\(\d{4}\) ?)$`)
	namedAfter  = regexp.MustCompile(`^([A-Za-z]|〕|\]|号|st |nd |th |rd |:\d|st-|th-)`)
)

func inName(text string, from, to int) bool {
	after := text[to:]
	if strings.HasPrefix(after, "th century") {
		return true
	}
	return namedBefore.MatchString(text[max(0, from-12):from]) || namedAfter.MatchString(after)
}

// numeralCounts says whether a Chinese numeral counts something, and is no part of a word.
func numeralCounts(text string, from, to int, raw string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	if strings.ContainsRune("第“十统其之唯某每同单专有首", before) || before >= '0' && before <= '9' || strings.HasPrefix(raw, "十四") || raw == "十百千" || raw == "千" || raw == "万" || raw == "亿" || raw == "万亿" || raw == "一" {
		return false
	}
	if strings.HasPrefix(text[to:], "次性") || strings.HasPrefix(text[to:], "个一批") {
		return false
	}
	return countedRE.MatchString(text[to:]) || strings.ContainsAny(raw, "亿") && utf8.RuneCountInString(raw) > 1
}

// numeral reads Chinese numerals up to 亿; 0 for what is none.
func numeral(s string) float64 {
	var total, section, digit float64
	for _, r := range s {
		switch i := strings.IndexRune("一二三四五六七八九", r); {
		case i >= 0:
			digit = float64(i/3 + 1)
		case r == '两':
			digit = 2
		case r == '十', r == '百', r == '千':
			section += max(digit, 1) * map[rune]float64{'十': 10, '百': 100, '千': 1000}[r]
			digit = 0
		default:
			total = max(total+section+digit, 1) * map[rune]float64{'万': 1e4, '亿': 1e8}[r]
			section, digit = 0, 0
		}
	}
	return total + section + digit
}

var (
	spanAfter  = regexp.MustCompile(`^( ?(多|余)?个?(年|月)|[ -](consecutive |straight |successive )?(years?|months?)\b)`)
	monthEn    = `(?:Dec\.?|January|February|March|April|May|June|July|August|September|October|November|December)`
	dayAfter   = regexp.MustCompile(`^(日| (Dec\.|Jan\.|Feb\.|Nov\.|Oct\.|Sept?\.|` + monthEn + `))`)
	dayBefore  = regexp.MustCompile(monthEn + ` $`)
	monthAfter = regexp.MustCompile(`^ ?月`)
)

// finish reads what stands around a number.
func (n *number) finish(text string) {
	before, after := text[:n.from], text[n.to:]
	n.scale = 1
	if m := scaleRE.FindStringSubmatch(after); m != nil && scales[m[1]] > 0 {
		n.scale = scales[m[1]]
	}
	n.bound = boundOf(before, after)
	whole := n.style == 'd' && n.value == math.Trunc(n.value) && n.scale == 1
	switch {
	case whole && n.value >= 1990 && n.value <= 2050 && len(n.text) == 4 && !strings.HasPrefix(after, "亿") && !strings.HasPrefix(after, "家"):
		n.counts = yearly
	case whole && n.value <= 31 && (dayAfter.MatchString(after) || dayBefore.MatchString(before)):
		n.counts = daily
	case n.style == 'd' && monthAfter.MatchString(after):
		n.counts = monthly
	case spanAfter.MatchString(after) && n.scale == 1:
		n.counts = span
	}
}

var (
	bounds = []struct {
		bound  int
		before *regexp.Regexp
	}{
		{lower, regexp.MustCompile(`(?i)(不少于|不低于|至少|最低|no less than|not less than|no fewer than|not fewer than|at least)[^,，。;；、]{0,12}$`)},
		{upper, regexp.MustCompile(`(?i)(不超过|不高于|不多于|至多|最多|不足|no more than|not more than|up to|at most|less than|fewer than|under|below|within|not exceed\w*)[^,，。;；、]{0,14}$`)},
		{lower, regexp.MustCompile(`(?i)(超过了?|超|逾|突破|高于|多于|more than|over|above|exceed\w*|surpass\w*|upwards of|topp?\w*|past|beyond)[^,，。;；、]{0,16}$`)},
		{about, regexp.MustCompile(`(?i)(约|大概|近|大约|about|around|roughly|approximately|nearly|almost|some|close to)[^,，。;；、]{0,9}$`)},
	}
	lowerAfter = regexp.MustCompile(`^[^,，。;；、 ]{0,9}(以上|多|余|\+)|^[^,，。;；]{0,16}(or more|or above|and above|or over|or higher)|^(多|余)`)
	upperAfter = regexp.MustCompile(`^[^,，。;；、 ]{0,9}(以内|以下|之内)|^[^,，。;；]{0,16}(or less|or below|or under)`)
	aboutAfter = regexp.MustCompile(`^[^,，。;；、 ]{0,12}(左右|上下|规模)|^[^,，。;；]{0,22}(or so)`)
)

func boundOf(before, after string) int {
	switch {
	case strings.HasPrefix(after, "强") || strings.HasSuffix(before, "top "):
		return lower // who is among the first hundred is among the first five hundred
	case upperAfter.MatchString(after):
		return upper
	case lowerAfter.MatchString(after):
		return lower
	case aboutAfter.MatchString(after):
		return about
	}
	before = before[max(0, len(before)-40):]
	for _, b := range bounds {
		if b.before.MatchString(before) {
			return b.bound
		}
	}
	return exact
}
