package quantity

import (
	"math/big"
	"slices"

	"policybot/bot/quantity/fold"
)

// An amount is a number with its unit, before comparators are looked for.
type amount struct {
	numeral
	start int
	unit  *unit
	per   string // 元/吨: ton
	more  bool   // 300余个, 20多家, 300+: more than
	what  Comparator
}

// arabic looks at the digits at i.
func (s *scanner) arabic(i int) int {
	if end := s.marker(i); end > 0 {
		return end
	}
	if end := s.date(i); end > 0 {
		return end
	}
	if end := s.classAfter(i); end > 0 {
		return end
	}
	if end := s.code(i); end > 0 {
		return end
	}
	if end := s.amounts(i); end > 0 {
		return end
	}
	return s.digitsEnd(i)
}

// sign looks at what is neither a digit nor a letter: a Chinese numeral, a
// currency, 甲类 or a quotation mark before 十四五.
func (s *scanner) sign(i int) int {
	for _, try := range []func(int) int{s.plan, s.marker, s.date, s.classAfter, s.portion, s.congress, s.amounts} {
		if end := try(i); end > 0 {
			return end
		}
	}
	if end := s.never(i); end > 0 {
		return end
	}
	for zhNumeral(s.at(i)) && zhNumeral(s.at(i+1)) {
		i++
	}
	return i + 1
}

// never returns the end of the word at i that holds a numeral and is none.
func (s *scanner) never(i int) int {
	for _, w := range s.words.not[s.at(i)] {
		if s.has(i, w) {
			return i + len(w)
		}
	}
	return 0
}

// amounts reads an amount or a range of amounts at i.
func (s *scanner) amounts(i int) int {
	low, ok := s.amount(i)
	if !ok {
		return 0
	}
	var high *amount
	if at := s.separator(low.end, i); at > 0 {
		if h, ok := s.amount(at); ok && s.join(&low, &h) {
			high = &h
		}
	}
	return s.keep(low, high)
}

// separator returns the place after the sign of a range at i, or 0. From 100 to
// 200 is no range but two numbers.
func (s *scanner) separator(i, start int) int {
	at := s.blank(i)
	for _, sign := range []string{"--", "-", "~", "至", "到", "–", "—", "——", "to", "−", "-至"} {
		end := s.text(at, sign)
		if end == 0 {
			continue
		}
		for s.at(end) == s.at(end-1) && !fold.Han(s.at(end)) && !fold.Latin(s.at(end)) {
			end++
		}
		if before := s.back(start); sign == "至" || sign == "到" || sign == "to" {
			if r := s.at(before - 1); r == '由' || r == '从' || r == '自' || s.text(before-4, "from") > 0 {
				return 0
			}
		}
		return s.blank(end)
	}
	if s.text(at, "and") > 0 && s.text(s.back(start)-7, "between") > 0 {
		return s.blank(at + 3)
	}
	return 0
}

// join makes two amounts a range: the unit and the multiplier that only the
// second has hold for the first too.
func (s *scanner) join(low, high *amount) bool {
	if low.words != high.words || low.what != None {
		return false
	}
	if low.unit == nil && low.per == "" {
		low.unit, low.per = high.unit, high.per
		low.share(high)
	}
	if high.unit == nil && low.unit != nil && low.unit.kind == Money {
		high.unit = low.unit // RMB 5-10 million
		low.share(high)
	}
	return unitName(low.unit) == unitName(high.unit) && low.per == high.per && low.value.Cmp(high.value) < 0
}

// share gives low the multiplier of high if it has none and stays lower so:
// 5—10亿, but not 10,000 to 1 million.
func (a *amount) share(high *amount) {
	if a.scale == nil && high.scale != nil {
		if v := new(big.Rat).Mul(a.value, high.scale); v.Cmp(high.value) < 0 {
			a.value = v
		}
	}
}

func unitName(u *unit) string {
	if u == nil {
		return ""
	}
	return u.name
}

// amount reads a currency, a number and a unit at i.
func (s *scanner) amount(i int) (amount, bool) {
	a := amount{start: i}
	at := i
	prefix := s.currencyAt(i)
	if prefix != nil {
		at = s.blank(i + len(prefix.form))
	} else if r := s.at(i - 1); s.never(i) > 0 && r != '上' || zhScales[s.at(i)] > 0 && (r == '数' || r == '几') {
		return a, false // 数百万元: how many is not said
	}
	n, ok := s.numeral(at)
	if !ok {
		return a, false
	}
	a.numeral = n
	if prefix == nil {
		a.start, prefix = s.currencyBefore(i)
	}
	s.suffixes(&a, prefix)
	if prefix != nil && (a.unit == nil || a.unit.kind != Money) {
		a.unit = prefix
	} else if prefix != nil && prefix.name != "CNY" {
		a.unit = prefix // US$5 million dollars
	}
	return a, s.credible(at, &a)
}

// currencyAt returns the currency written at i before a number.
func (s *scanner) currencyAt(i int) *unit {
	if r := s.at(i); fold.Digit(r) || zhNumeral(r) {
		return nil
	}
	u := s.unitAt(i, Money)
	if u == nil || u.form[0] == '元' {
		return nil
	}
	if at := s.blank(i + len(u.form)); !fold.Digit(s.at(at)) && !zhNumeral(s.at(at)) && (!fold.Latin(s.at(at)) || len(u.form) >= 5) {
		return nil
	}
	return u
}

// currencyBefore returns the currency that ends before the number at i, and
// where it starts.
func (s *scanner) currencyBefore(i int) (int, *unit) {
	end := s.back(i)
	for _, n := range []int{3, 2, 1} {
		if at := end - n; at >= s.low {
			if u := s.currencyAt(at); u != nil && at+len(u.form) == end {
				return at, u
			}
		}
	}
	return i, nil
}

// back returns the place before the blanks that end at i.
func (s *scanner) back(i int) int {
	for n := 0; n < 2 && s.at(i-1) == ' ' && i-1 >= s.low; n++ {
		i--
	}
	return i
}

// suffixes reads what follows the number: 余, the unit, a rate, 半 and 以上.
func (s *scanner) suffixes(a *amount, prefix *unit) {
	if by := shortScales[string(s.Runes[min(a.end, len(s.Runes)):s.wordEnd(a.end)])]; by > 0 && !a.words {
		if stop := s.wordEnd(a.end); prefix != nil || s.unitAt(s.blank(stop), Money) != nil {
			a.scaled(by)
			a.end = stop
		}
	}
	if r := s.at(a.end); r == '余' || r == '多' || r == '+' {
		a.more = true
		a.end++
		a.numeral = s.multiply(a.numeral) // 300多万
	}
	at := s.blank(a.end)
	if at == a.end && s.at(at) == '-' && fold.Latin(s.at(at+1)) {
		at++ // three-year
	}
	if u := s.unitAt(at, ""); u != nil && !s.listed(at, u) {
		a.unit, a.end = u, at+len(u.form)
		if u.name == "per mille" {
			a.unit, a.value = percentUnit, new(big.Rat).Mul(a.value, big.NewRat(1, 10))
		}
	} else if s.at(at) == '成' && a.value.Cmp(big.NewRat(10, 1)) <= 0 && at == a.end && s.tenths(at+1) {
		a.unit, a.end = percentUnit, at+1
		a.value = new(big.Rat).Mul(a.value, big.NewRat(10, 1))
		if d := zhDigits[s.at(a.end)]; d > 0 && s.unitAt(a.end+1, "") == nil {
			a.value.Add(a.value, big.NewRat(d, 1)) // 三成五
			a.end++
		}
	}
	if at := s.back(a.start); a.unit == nil && (s.text(at-4, "aged") > 0 || s.text(at-3, "age") > 0 || s.text(at-6, "age of") > 0) {
		a.unit = &unit{kind: Duration, name: "age"}
	}
	if a.unit != nil && (a.unit.kind == Money || a.unit.kind == Measure) {
		s.rate(a)
	}
	if a.unit != nil && a.unit.kind == Duration && s.at(a.end) == '半' {
		a.value = new(big.Rat).Add(a.value, big.NewRat(1, 2)) // 一年半
		a.end++
	}
	if !a.more && s.at(a.end) == '多' && a.unit != nil && s.at(a.end+1) != '元' && s.at(a.end+1) != '样' {
		a.more = true
		a.end++
	}
}

// tenths reports whether 成 before i means tenths: 三成 of them, not 三成为.
func (s *scanner) tenths(i int) bool {
	return !slices.Contains([]rune("为立果本员功长熟效都品就分套交群型"), s.at(i))
}

// listed reports whether the unit at i is a bare letter that may stand for
// something else.
func (s *scanner) listed(i int, u *unit) bool {
	return len(u.form) == 1 && fold.Latin(u.form[0]) && s.at(i-1) != ' ' && fold.Digit(s.at(i+1))
}

// rate reads /ton, per ton and 每吨 after a unit.
func (s *scanner) rate(a *amount) {
	at := s.blank(a.end)
	end := s.text(at, "/", "per")
	if end == 0 {
		return
	}
	at = s.blank(end)
	for _, kind := range []Kind{"", Count} {
		if u := s.unitAt(at, kind); u != nil {
			a.per, a.end = u.name, at+len(u.form)
			return
		}
	}
	if r := s.at(at); r == '年' || r == '月' {
		a.per, a.end = map[rune]string{'年': "year", '月': "month"}[r], at+1
	}
}

// unitAt returns the longest unit at i, of one kind or of any.
func (s *scanner) unitAt(i int, kind Kind) *unit {
	list := s.words.units[s.at(i)]
	for k := range list {
		u := &list[k]
		if kind != "" && u.kind != kind || !s.has(i, u.form) {
			continue
		}
		end := i + len(u.form)
		if !slices.ContainsFunc(u.not, func(not []rune) bool { return s.has(end, not) }) {
			return u
		}
	}
	return nil
}

// credible reports whether a number in words at i is meant as one.
func (s *scanner) credible(i int, a *amount) bool {
	if !a.words || a.unit != nil && a.unit.kind == Money && a.unit.form[0] != '元' {
		return true
	}
	run := s.Runes[i : i+a.length]
	if fold.Latin(run[0]) {
		return s.credibleEnglish(i, a)
	}
	if fold.Digit(s.at(i - 1)) {
		return false
	}
	if a.value.Cmp(big.NewRat(1, 1)) == 0 && slices.ContainsFunc(s.words.lists["not one after"], func(f []rune) bool { return s.has(i-1, f) }) {
		return false
	}
	bare := zhScales[run[0]] >= 100 // 百, 千, 万: also names and idioms
	switch {
	case a.unit != nil && (a.unit.kind == Count || a.unit.kind == Duration):
		return !bare || a.length > 1 || s.at(i-1) == '上' || a.unit.name == "强"
	case a.unit != nil:
		return true
	case a.scale != nil && a.length > 1:
		return !bare || a.scale.Cmp(big.NewRat(1e8, 1)) >= 0
	}
	_, what := s.comparedBefore(i)
	return what != None && a.length > 1
}

// credibleEnglish leaves out one of, two-way and no one.
func (s *scanner) credibleEnglish(i int, a *amount) bool {
	if s.at(i-1) == '-' || a.unit == nil && s.at(a.end) == '-' {
		return false
	}
	if first := string(s.Runes[i:s.wordEnd(i)]); enScales[first] > 0 && s.text(s.back(i)-1, "a") == 0 {
		return false // Thousand Talents
	}
	if a.scale != nil || a.unit != nil || a.value.Cmp(big.NewRat(1, 1)) != 0 {
		return s.text(a.end, "s") == 0
	}
	at := s.blank(a.end)
	return s.text(at, "of", "another", "and", "or", "is", "who", "that", "to") == 0 && s.at(at) != '\'' && s.text(i-3, "no ") == 0 && fold.Latin(s.at(at))
}
