package fakemodel

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A step changes the words of a sentence and not what it says.
type step struct {
	find *regexp.Regexp
	put  string
}

// stepsZh keep what a Chinese sentence says: its figures are written otherwise.
var stepsZh = []step{
	{regexp.MustCompile(`([\p{Han}”》）])[,，]([\p{Han}“《（])`), "$1，$2"},
	{regexp.MustCompile(`(\d)\s*[-—–~～]\s*(\d+(?:\.\d+)?)\s*(家|个|项|名|年|种|所|%|％|万元|亿元|万|亿|倍|天)`), "${1}至$2$3"},
	{regexp.MustCompile(`(\d)%`), "$1％"},
	{regexp.MustCompile(`(\d)余(家|个|项|名|种|所)`), "${1}多$2"},
	{regexp.MustCompile(`(\d{4})年底前`), "${1}年年底之前"},
	{regexp.MustCompile(`([^高到])达(\d)`), "${1}达到$2"},
}

// stepsEn do the same for English ones.
var stepsEn = []step{
	{regexp.MustCompile(`\s*。`), ". "},
	{regexp.MustCompile(`\b(\d{4})\s*[–—-]\s*(\d{4})\b`), "$1 to $2"},
	{regexp.MustCompile(`(\d)\s*%`), "$1 percent"},
	{regexp.MustCompile(`RMB\s?(\d[\d.,]*) (million|billion)`), "$1 $2 yuan"},
}

func run(s string, steps []step) string {
	for _, t := range steps {
		s = t.find.ReplaceAllString(s, t.put)
	}
	return s
}

// variant chooses one of n ways to say s, always the same.
func variant(s string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(s))
	return int(h.Sum32() % uint32(n))
}

var (
	markZh = regexp.MustCompile(`^(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、．]\s*|[一二三四五六七八九十]是)`)
	markEn = regexp.MustCompile(`^(?:\(\w{1,4}\)|\d{1,2}[.)])\s*`)
	bodies = regexp.MustCompile(`^[（(](责任|牵头|配合|主责)(?:单位|部门)[:：](.+)[)）]$`)
)

// titled reports whether a title can stand in a sentence.
func titled(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 60 && !strings.ContainsFunc(s, unicode.IsControl)
}

// rewordZh says a Chinese sentence in other words.
func (h Honest) rewordZh(k pick) string {
	if m := bodies.FindStringSubmatch(k.text); m != nil {
		return map[string]string{
			"责任": "这项工作由" + m[2] + "负责。", "主责": "这项工作由" + m[2] + "主责。",
			"牵头": "这项工作由" + m[2] + "牵头。", "配合": "这项工作由" + m[2] + "配合。",
		}[m[1]]
	}
	s := markZh.ReplaceAllString(k.text, "")
	s = part(strings.TrimRight(s, "。；;!！.,，"), "；")
	s = run(shorten(exchange(s, words["zh"])), stepsZh)
	if h.Free {
		s = exchange(s, words["zh free"])
	}
	lead := []string{"该条款提出，", "按照该条款，"}
	if titled(k.c.Document) && !strings.Contains(k.c.Document, "《") {
		lead = append(lead, "根据《"+k.c.Document+"》，", "《"+k.c.Document+"》提出，")
	}
	return lead[variant(k.text, len(lead))] + s + "。"
}

// part returns the first part of a long sentence, at sep. A list of conditions or
// cases is left whole.
func part(s, sep string) string {
	if utf8.RuneCountInString(s) <= 80 || strings.Contains(s, "下列") || strings.Contains(s, "以下") || strings.Contains(s, "分别") {
		return s
	}
	first, _, _ := strings.Cut(s, sep)
	if utf8.RuneCountInString(first) < 15 || strings.Count(first, "“") != strings.Count(first, "”") ||
		strings.Count(first, "（")+strings.Count(first, "(") != strings.Count(first, "）")+strings.Count(first, ")") {
		return s
	}
	return first
}

var (
	list    = regexp.MustCompile(`(、[^、，,。；;：:（）()“”《》]{1,16}){2,}等`)
	exclude = regexp.MustCompile(`[除不未无非禁]|分别|以外`)
)

// shorten ends a list that goes on with 等 after its second item. Lists of what is
// not meant stay whole.
func shorten(s string) string {
	if exclude.MatchString(s) {
		return s
	}
	at := list.FindStringIndex(s)
	if at == nil || inWord(s[:at[1]], s[at[1]:]) {
		return s
	}
	items := strings.SplitN(s[at[0]:at[1]], "、", 4)
	if second := items[1]; len(items) > 2 && !strings.ContainsAny(second, "等和与及或") {
		return s[:at[0]] + "、" + second + "等" + s[at[1]:]
	}
	return s
}

// inWord reports whether the 等 at the end of before is a part of a word.
func inWord(before, after string) bool {
	before = strings.TrimSuffix(before, "等")
	l, _ := utf8.DecodeLastRuneInString(before)
	r, _ := utf8.DecodeRuneInString(after)
	return strings.ContainsRune("高同平均何中初对优一二三四五六七八九", l) || strings.ContainsRune("级待次于额效", r)
}

// verbs begin English sentences that say what to do; others that go on in lower case.
var (
	verbs = set(strings.Fields(`support encourage carry establish promote explore strengthen improve build focus give guide accelerate
		implement optimize develop set provide simplify actively relying attract cultivate create introduce expand innovate deepen make`))
	small = set(strings.Fields(`the a an by in on after for we all this these to from with it if each any no`))
)

// rewordEn says an English sentence in other words.
func (h Honest) rewordEn(k pick) string {
	s := markEn.ReplaceAllString(k.text, "")
	s = part(strings.TrimRight(s, "。.;； "), ";")
	s = run(exchange(s, words["en"]), stepsEn)
	if h.Free {
		s = exchange(s, words["en free"])
	}
	s = strings.TrimSpace(s) + "."
	first, rest, _ := strings.Cut(s, " ")
	low := strings.ToLower(first)
	switch {
	case verbs[low] && low != "relying" && low != "actively":
		return []string{"The clause is to ", "One aim of the clause is to "}[variant(k.text, 2)] + low + " " + rest
	case small[low] && titled(k.c.Document) && variant(k.text, 2) == 0:
		return "Under “" + k.c.Document + "”, " + low + " " + rest
	case small[low]:
		return "The clause says that " + low + " " + rest
	}
	return "The clause says: " + s
}

var (
	figuresZh = regexp.MustCompile(`(\d+(?:\.\d+)?)(%|％|万亿元|亿元|万元|年)`)
	figuresEn = regexp.MustCompile(`RMB (\d+(?:\.\d+)?) (million|billion)|(\d+(?:\.\d+)?) (million|billion) yuan|(\d+(?:\.\d+)?)(%| percent)|\b((?:19|20)\d\d)\b`)
)

// translate says in the other language which terms and figures a sentence has; ""
// when it knows none.
func translate(lang string, k pick) string {
	var named, given []string
	lower := strings.ToLower(k.text)
	for _, t := range terms["terms"] {
		if len(named) == 3 {
			break
		}
		if lang == "en" && strings.Contains(k.text, t.from) {
			named = append(named, t.to)
		} else if lang == "zh" && strings.Contains(lower, t.to) && bounded(before(lower, t.to), t.to, after(lower, t.to)) {
			named = append(named, t.from)
		}
	}
	given = figures(lang, k.text)
	place := ""
	for _, t := range terms["places"] {
		if k.c.Place == t.from && lang == "en" {
			place = t.to
		} else if k.c.Place == t.to && lang == "zh" && place == "" {
			place = t.from
		}
	}
	if len(named)+len(given) == 0 {
		return ""
	}
	if lang == "zh" {
		return chineseFacts(place, named, given)
	}
	return englishFacts(place, named, given)
}

func before(s, word string) string { b, _, _ := strings.Cut(s, word); return b }
func after(s, word string) string  { _, a, _ := strings.Cut(s, word); return a }

func chineseFacts(place string, named, given []string) string {
	s := "该条款"
	if place != "" {
		s = place + "的这一条款"
	}
	if len(named) > 0 {
		s += "提到" + strings.Join(named, "、")
	}
	if len(given) > 0 {
		if len(named) > 0 {
			s += "，"
		}
		s += "写有" + strings.Join(given, "、")
	}
	return s + "。"
}

func englishFacts(place string, named, given []string) string {
	s := "The clause"
	if place != "" {
		s = "The clause for " + place
	}
	if len(named) > 0 {
		s += " speaks of " + join(named)
	}
	if len(given) > 0 {
		if len(named) > 0 {
			s += " and"
		}
		s += " gives " + join(given)
	}
	return s + "."
}

func join(items []string) string {
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// figures writes at most three percentages, sums of yuan and years of s as the
// other language does.
func figures(lang, s string) []string {
	var out []string
	add := func(f string) {
		if f != "" && len(out) < 3 && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	if lang == "en" {
		for _, m := range alone(figuresZh, s) {
			switch m[2] {
			case "%", "％":
				add(m[1] + "%")
			case "万亿元":
				add("RMB " + m[1] + " trillion")
			case "亿元":
				add("RMB " + shift(m[1], 2) + " million")
			case "万元":
				add("RMB " + shift(m[1], 4))
			case "年":
				if n, err := strconv.Atoi(m[1]); err == nil && n > 1900 && n < 2100 {
					add("the year " + m[1])
				}
			}
		}
		return out
	}
	for _, m := range alone(figuresEn, s) {
		switch n, scale := m[1]+m[3], m[2]+m[4]; {
		case scale == "million":
			add(shift(n, 2) + "万元")
		case scale == "billion":
			add(shift(n, 1) + "亿元")
		case m[5] != "":
			add(m[5] + "%")
		default:
			add(m[7] + "年")
		}
	}
	return out
}

// alone finds figures that are not the end of a longer one or of a range.
func alone(find *regexp.Regexp, s string) [][]string {
	var out [][]string
	for _, at := range find.FindAllStringSubmatchIndex(s, -1) {
		l, _ := utf8.DecodeLastRuneInString(s[:at[0]])
		if inNumber(s[:at[0]], l) || strings.HasSuffix(strings.TrimSpace(s[:at[0]]), "to") {
			continue
		}
		m := make([]string, len(at)/2)
		for i := range m {
			if at[2*i] >= 0 {
				m[i] = s[at[2*i]:at[2*i+1]]
			}
		}
		out = append(out, m)
	}
	return out
}

// inNumber reports whether what follows before, which ends with l, is no number of its own.
func inNumber(before string, l rune) bool {
	if strings.ContainsRune(",，", l) {
		before = strings.TrimRight(before, ",，")
		return before != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9'
	}
	return strings.ContainsRune("0123456789.-—–~～至", l)
}

// shift moves the decimal point of a number n places to the right.
func shift(number string, n int) string {
	whole, frac, _ := strings.Cut(number, ".")
	if len(frac) < n {
		frac += strings.Repeat("0", n-len(frac))
	}
	whole, frac = whole+frac[:n], strings.TrimRight(frac[n:], "0")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if frac != "" {
		return fmt.Sprintf("%s.%s", whole, frac)
	}
	return whole
}
