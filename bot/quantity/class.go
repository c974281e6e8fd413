package quantity

import (
	"math/big"
	"unicode"

	"policybot/bot/quantity/fold"
)

var romans = map[string]int{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}

// zhClasses and enClasses are the words that a class has a number beside.
var (
	zhClasses = map[rune]string{'类': "class", '期': "phase", '级': "level"}
	enClasses = map[string]string{
		"class": "class", "classes": "class", "category": "class", "categories": "class",
		"phase": "phase", "phases": "phase", "stage": "phase", "level": "level", "grade": "level", "tier": "level",
	}
)

// degree reads the number of a class at i: roman, Arabic or Chinese. The 两 of
// 两级 counts, so it is none.
func (s *scanner) degree(i int) (int, int, bool) {
	if fold.Latin(s.at(i)) {
		stop := s.wordEnd(i)
		n := romans[string(s.Runes[i:stop])]
		return n, stop, n > 0 && unicode.IsUpper(s.Original(i)) || n > 0 && s.Original(i) >= 0x2160
	}
	if s.at(i) == '两' || fold.Digit(s.at(i-1)) || zhNumeral(s.at(i-1)) {
		return 0, 0, false
	}
	return s.small(i, 9)
}

// classAfter reads Ⅱ类, 一、二期, Ⅰ—Ⅲ期, 三级 and 甲类 at i.
func (s *scanner) classAfter(i int) int {
	if n := int64(lettered(s.at(i))); n > 0 {
		if r := s.at(i + 1); (r == '类' || r == '级' || r == '等') && s.at(i+2) != '别' {
			return s.add(Quantity{Kind: Class, Value: big.NewRat(n, 1), Unit: "lettered class", Noun: s.noun(i + 2)}, i, i+2)
		}
		return 0
	}
	var starts, ends, values []int
	high := 0
	at := i
	for len(values) < 8 {
		n, end, ok := s.degree(at)
		if !ok {
			return 0
		}
		starts, ends, values = append(starts, at), append(ends, end), append(values, n)
		next := s.text(end, "、", "和", "及", "/", ",")
		if dash := s.text(end, "-", "—", "–", "~", "至", "到"); next == 0 && dash > 0 && len(values) == 1 {
			if h, stop, ok := s.degree(dash); ok && h > n {
				high, ends[0] = h, stop
			}
			break
		}
		if next == 0 {
			break
		}
		at = next
	}
	last := len(values) - 1
	end := s.blank(ends[last])
	name := zhClasses[s.at(end)]
	if name == "" || s.at(end+1) == '别' || s.never(i) > 0 || values[0] == 1 && zhNumeral(s.at(i)) && contains("新高下上同", s.at(i-1)) || name == "phase" && contains("间限刊待", s.at(end+1)) {
		return 0
	}
	ends[last] = end + 1
	for k, n := range values {
		q := Quantity{Kind: Class, Value: big.NewRat(int64(n), 1), Unit: name, Noun: s.noun(end + 1)}
		if high > 0 {
			q.High = big.NewRat(int64(high), 1)
		}
		s.add(q, starts[k], ends[k])
	}
	return end + 1
}

func lettered(r rune) int {
	switch r {
	case '甲':
		return 1
	case '乙':
		return 2
	case '丙':
		return 3
	case '丁':
		return 4
	}
	return 0
}

// classWord reads Class II, Class B, Phase I-III and Phases I and II at the
// word from i to end.
func (s *scanner) classWord(i, end int) int {
	name := enClasses[string(s.Runes[i:end])]
	at := s.blank(end)
	if name == "" || at == end {
		return 0
	}
	stop := s.wordEnd(at)
	if stop == at+1 && s.Runes[at] >= 'a' && s.Runes[at] <= 'd' && unicode.IsUpper(s.Original(at)) {
		return s.add(Quantity{Kind: Class, Value: big.NewRat(int64(s.Runes[at]-'a'+1), 1), Unit: "lettered class", Noun: s.noun(stop)}, i, stop)
	}
	n, stop, ok := s.degree(at)
	if !ok || s.unitAt(s.blank(stop), "") != nil {
		return 0
	}
	q := Quantity{Kind: Class, Value: big.NewRat(int64(n), 1), Unit: name, Noun: s.noun(stop)}
	next := s.blank(stop)
	if dash := s.text(next, "-", "—", "–", "to", "through"); dash > 0 {
		if h, end, ok := s.degree(s.blank(dash)); ok && h > n {
			q.High, q.Noun = big.NewRat(int64(h), 1), s.noun(end)
			return s.add(q, i, end)
		}
	}
	done := s.add(q, i, stop)
	for range 6 {
		and := s.text(s.blank(stop), "and", "or", ",", "/")
		if and == 0 {
			break
		}
		m, end, ok := s.degree(s.blank(and))
		if !ok || m <= n {
			break
		}
		n, stop = m, end
		done = s.add(Quantity{Kind: Class, Value: big.NewRat(int64(n), 1), Unit: name, Noun: s.noun(end)}, s.blank(and), end)
	}
	return done
}

var enOrdinals = map[string]int64{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
	"eighteenth": 18, "nineteenth": 19, "twentieth": 20,
}

// ordinalUnits are what ordinals count, in both languages.
var ordinalUnits = map[string]string{
	"批": "batch", "批次": "batch", "条": "article", "章": "chapter", "节": "section", "届": "session", "季度": "quarter",
	"batch": "batch", "article": "article", "chapter": "chapter", "section": "section", "session": "session", "quarter": "quarter",
	"plenary": "plenary", "plenum": "plenary",
}

// ordinal reads 第八批 and 第二类 at i.
func (s *scanner) ordinal(i int) int {
	for _, w := range s.words.lists["not ordinal"] {
		if s.has(i, w) {
			return i + len(w)
		}
	}
	n, ok := s.numeral(s.blank(i + 1))
	if !ok || !n.value.IsInt() {
		return i + 1
	}
	end := s.blank(n.end)
	if name := zhClasses[s.at(end)]; name != "" && s.at(end+1) != '别' {
		return s.add(Quantity{Kind: Class, Value: n.value, Unit: name, Noun: s.noun(end + 1)}, i, end+1)
	}
	if stop := s.orderNumber(i, n, end); stop > 0 {
		return stop
	}
	q := Quantity{Kind: Ordinal, Value: n.value}
	for _, length := range []int{2, 1} {
		if end+length <= len(s.Runes) {
			if u := ordinalUnits[string(s.Runes[end:end+length])]; u != "" {
				q.Unit = u
				return s.add(q, i, end+length)
			}
		}
	}
	if r := s.at(end); r == '号' || r == '位' || r == '名' {
		q.Unit, end = string(r), end+1
	} else if u := s.unitAt(end, ""); u != nil {
		q.Unit, end = u.name, end+len(u.form)
	} else {
		end = n.end
	}
	q.Noun = s.noun(end)
	q.Loose = n.words && n.value.Cmp(big.NewRat(1, 1)) == 0 && q.Unit == ""
	return s.add(q, i, end)
}

// ordinalWord reads first batch, 8th batch, second category, 14th Five-Year
// Plan: value of the ordinal, which ends at end.
func (s *scanner) ordinalWord(i, end int, value int64) int {
	at := s.blank(end)
	if at == end {
		return 0
	}
	stop := s.wordEnd(at)
	w := string(s.Runes[at:stop])
	q := Quantity{Kind: Ordinal, Value: big.NewRat(value, 1)}
	switch {
	case w == "class" && value == 1:
		return 0 // a first class service
	case enClasses[w] != "":
		q.Kind, q.Unit = Class, enClasses[w]
	case ordinalUnits[w] != "":
		q.Unit = ordinalUnits[w]
	case s.text(at, "five-year plan", "five year plan") > 0:
		q.Kind, q.Unit, stop = Class, "plan", s.text(at, "five-year plan", "five year plan")
	case s.text(at, "national congress", "cpc national congress", "party congress") > 0:
		q.Unit, stop = "national congress", s.text(at, "national congress", "cpc national congress", "party congress")
	case fold.Digit(s.at(i)):
		stop = end
	default:
		return 0
	}
	q.Noun = s.noun(stop)
	return s.add(q, i, stop)
}

// orderWord reads Article 3 and Chapter 2 at the word from i to end.
func (s *scanner) orderWord(i, end int) int {
	w := string(s.Runes[i:end])
	at := s.blank(end)
	if w != "article" && w != "chapter" && w != "section" || !fold.Digit(s.at(at)) {
		return 0
	}
	value, stop, ok := s.decimal(at)
	if !ok {
		return 0
	}
	return s.add(Quantity{Kind: Ordinal, Value: value, Unit: w}, i, stop)
}

// plan reads 十四五 at i: the fourteenth five-year plan.
func (s *scanner) plan(i int) int {
	if s.at(i) != '十' || zhNumeral(s.at(i-1)) || s.at(i+2) != '五' || zhNumeral(s.at(i+3)) {
		return 0
	}
	d, ok := zhDigits[s.at(i+1)]
	if !ok || d == 0 || s.at(i+1) == '两' {
		return 0
	}
	return s.add(Quantity{Kind: Class, Value: big.NewRat(10+d, 1), Unit: "plan", Noun: s.noun(i + 3)}, i, i+3)
}

// congress reads 十九大, 十八届 and 三中全会 at i.
func (s *scanner) congress(i int) int {
	n, ok := s.chinese(i)
	if !ok || !zhNumeral(s.at(i)) {
		return 0
	}
	q := Quantity{Kind: Ordinal, Value: n.value}
	after := s.at(n.end + 1)
	switch {
	case s.at(n.end) == '大' && n.length > 1 && (s.text(i-2, "党的") > 0 || contains("精报以召会和及、,。", after)):
		q.Unit = "national congress"
	case s.at(n.end) == '届':
		q.Unit = "session"
	case s.at(n.end) == '中' && n.length == 1 && (s.text(n.end+1, "全会") > 0 || after == '、' && s.at(n.end+3) == '中'):
		q.Unit = "plenary"
	default:
		return 0
	}
	return s.add(q, i, n.end+1)
}
