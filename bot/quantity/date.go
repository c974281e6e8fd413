package quantity

import (
	"math/big"

	"policybot/bot/quantity/fold"
)

// A day is a date; what is not said is 0 or "".
type day struct {
	year, month, day int
	part             string // start, mid, end, h1, h2, q1 to q4
}

func (d day) value() *big.Rat { return big.NewRat(int64(d.year*10000+d.month*100+d.day), 1) }

// date reads a date or a range of dates at i and returns its end, or 0.
func (s *scanner) date(i int) int {
	first, end, ok := s.day(i)
	if ok {
		at := s.rangeSign(end)
		if last, stop, both := s.dayAfter(at, first); at > 0 && both {
			return s.keepDate(i, stop, first, &last)
		}
		return s.keepDate(i, end, first, nil)
	}
	year, end, ok := s.bareYear(i)
	if !ok {
		return 0
	}
	if at := s.rangeSign(end); at > 0 {
		last, stop, both := s.day(at)
		if !both || last.year == 0 {
			last, stop, both = s.bareYear(at)
			both = both && s.unitAt(s.blank(stop), "") == nil && zhScales[s.at(stop)] == 0
		}
		if both && last.year > year.year {
			return s.keepDate(i, stop, year, &last)
		}
	}
	if s.meansYear(i, end) {
		return s.keepDate(i, end, year, nil)
	}
	return 0
}

// rangeSign returns the place after the sign of a range of dates at i, or 0.
func (s *scanner) rangeSign(i int) int {
	at := s.blank(i)
	end := s.text(at, "-", "~", "至", "到", "–", "—", "to", "until", "and")
	if end == 0 || s.at(at) == 'a' && s.text(at-12, "between") == 0 && s.text(at-13, "between") == 0 {
		return 0
	}
	for r := s.at(end); r == '-' || r == '—' || r == '–'; r = s.at(end) {
		end++
	}
	return s.blank(end)
}

// dayAfter reads the end of a range, which may leave out the year or the month
// of its beginning.
func (s *scanner) dayAfter(i int, first day) (day, int, bool) {
	d, end, ok := s.day(i)
	if !ok && first.month == 0 {
		d, end, ok = s.bareYear(i)
	}
	if !ok && first.day > 0 {
		if n, stop, is := s.small(i, 31); is && s.at(stop) == '日' {
			d, end, ok = day{first.year, first.month, n, ""}, stop+1, true
		}
	}
	if ok && d.year == 0 {
		d.year = first.year
	}
	return d, end, ok && d.value().Cmp(first.value()) > 0
}

// day reads one date that is sure by its form.
func (s *scanner) day(i int) (day, int, bool) {
	if d, end, ok := s.yearFirst(i); ok {
		return d, end, true
	}
	if d, end, ok := s.dashed(i); ok {
		return d, end, true
	}
	if d, end, ok := s.englishDay(i); ok {
		return d, end, true
	}
	if s.at(i-1) == '个' {
		return day{}, 0, false
	}
	return s.monthFirst(i, day{})
}

// yearFirst reads 2020年, 2020年6月3日, 二〇二〇年 and 2022年底.
func (s *scanner) yearFirst(i int) (day, int, bool) {
	d, end, ok := s.bareYear(i)
	if !ok {
		d, end, ok = s.spelledYear(i)
	}
	if at := s.blank(end); !ok || s.at(at) != '年' {
		return d, end, false
	} else {
		end = at + 1
	}
	if s.at(end) == '度' {
		end++
	}
	if full, stop, ok := s.monthFirst(s.blank(end), d); ok {
		return full, stop, true
	}
	d.part, end = s.partAt(end)
	return d, end, true
}

var chineseParts = []struct{ form, part string }{
	{"年底", "end"},
	{"底", "end"},
	{"末", "end"},
	{"年末", "end"},
	{"初", "start"},
	{"年初", "start"},
	{"年中", "mid"},
	{"上半年", "h1"},
	{"下半年", "h2"},
	{"第一季度", "q1"},
	{"第二季度", "q2"},
	{"第三季度", "q3"},
	{"第四季度", "q4"},
	{"一季度", "q1"},
	{"二季度", "q2"},
	{"三季度", "q3"},
	{"四季度", "q4"},
}

func (s *scanner) partAt(i int) (string, int) {
	for _, p := range chineseParts {
		if end := s.text(i, p.form); end > 0 {
			return p.part, end
		}
	}
	return "", i
}

// bareYear reads four digits that may be a year.
func (s *scanner) bareYear(i int) (day, int, bool) {
	end := s.digitsEnd(i)
	if end-i != 4 || fold.Digit(s.at(i-1)) || s.at(i-1) == '.' || s.at(end) == '.' && fold.Digit(s.at(end+1)) || s.separates(end) {
		return day{}, 0, false
	}
	y := 0
	for _, r := range s.Runes[i:end] {
		y = y*10 + int(r-'0')
	}
	return day{year: y}, end, y >= 1900 && y <= 2100
}

// spelledYear reads 二〇二〇.
func (s *scanner) spelledYear(i int) (day, int, bool) {
	y := 0
	for k := range 4 {
		d, ok := zhDigits[s.at(i+k)]
		if !ok {
			return day{}, 0, false
		}
		y = y*10 + int(d)
	}
	return day{year: y}, i + 4, y >= 1900 && y <= 2100
}

// small reads a number from 1 to most, in digits or Chinese.
func (s *scanner) small(i, most int) (int, int, bool) {
	n, ok := numeral{}, false
	if fold.Digit(s.at(i)) {
		if end := s.digitsEnd(i); end-i <= 2 {
			v := 0
			for _, r := range s.Runes[i:end] {
				v = v*10 + int(r-'0')
			}
			return v, end, v >= 1 && v <= most
		}
		return 0, 0, false
	}
	if zhNumeral(s.at(i)) {
		n, ok = s.chinese(i)
	}
	if !ok || !n.value.IsInt() || n.value.Cmp(big.NewRat(int64(most), 1)) > 0 || n.value.Sign() <= 0 {
		return 0, 0, false
	}
	return int(n.value.Num().Int64()), n.end, true
}

// monthFirst reads 6月, 6月3日 and 6月底.
func (s *scanner) monthFirst(i int, d day) (day, int, bool) {
	m, end, ok := s.small(i, 12)
	at := s.blank(end)
	if !ok || s.at(at) != '月' {
		return d, 0, false
	}
	d.month, end = m, at+1
	n, stop, ok := s.small(s.blank(end), 31)
	if at = s.blank(stop); ok && (s.at(at) == '日' || s.at(at) == '号') {
		d.day = n
		return d, at + 1, true
	}
	switch s.at(end) {
	case '底', '末':
		d.part, end = "end", end+1
	case '初':
		d.part, end = "start", end+1
	}
	return d, end, true
}

// dashed reads 2020-06-03, 2020/6/3 and 2020.6.3.
func (s *scanner) dashed(i int) (day, int, bool) {
	end := s.digitsEnd(i)
	sign := s.at(end)
	if end-i != 4 || sign != '-' && sign != '/' && sign != '.' {
		return day{}, 0, false
	}
	m, end2, ok := s.small(end+1, 12)
	if !ok || s.at(end2) != sign {
		return day{}, 0, false
	}
	n, stop, ok := s.small(end2+1, 31)
	y := 0
	for _, r := range s.Runes[i:end] {
		y = y*10 + int(r-'0')
	}
	return day{y, m, n, ""}, stop, ok && y >= 1900 && y <= 2100 && !fold.Latin(s.at(stop)) && s.at(stop) != sign
}

// meansYear reports whether four digits from i to end are a year and not a
// number of something.
func (s *scanner) meansYear(i, end int) bool {
	at := s.blank(end)
	if s.unitAt(at, "") != nil || zhScales[s.at(end)] > 0 || s.at(end) == '余' || s.at(end) == '多' {
		return false
	}
	if at == end && fold.Latin(s.at(at)) || enScales[string(s.Runes[at:s.wordEnd(at)])] > 0 {
		return false
	}
	if _, prefix := s.currencyBefore(i); prefix != nil {
		return false
	}
	before := s.back(i)
	start := before
	for fold.Latin(s.at(start - 1)) {
		start--
	}
	if s.words.sets["english year"][string(s.Runes[start:before])] {
		return true
	}
	if _, what := s.comparedBefore(i); what != None && what != AtMost && what != LessThan {
		return false
	}
	stop := s.wordEnd(at)
	return stop == at || s.Runes[stop-1] != 's'
}

// keepDate adds a date with what stands beside it.
func (s *scanner) keepDate(i, end int, first day, last *day) int {
	q := Quantity{Kind: Date, Value: first.value(), Unit: first.part}
	if last != nil {
		q.High = last.value()
		q.Unit = last.part
	}
	start, what := s.dateBefore(i, first)
	q.Comparator = what
	if q.Comparator == None || q.Comparator == AtLeast {
		if stop, what := s.dateAfter(end); what != None {
			q.Comparator, end = what, stop
		}
	}
	return s.add(q, start, end)
}

func (s *scanner) dateAfter(i int) (int, Comparator) {
	for _, c := range []struct {
		form, not string
		what      Comparator
	}{
		{"以前", "", AtMost},
		{"之前", "", AtMost},
		{"前", "沿期景置提列瞻往端述言后", AtMost},
		{"以来", "", AtLeast},
		{"开始", "", AtLeast},
		{"起", "步草诉", AtLeast},
		{"以后", "", MoreThan},
		{"之后", "", MoreThan},
		{"后", "续期台备", MoreThan},
	} {
		if end := s.text(i, c.form); end > 0 && !contains(c.not, s.at(end)) {
			return end, c.what
		}
	}
	return i, None
}

func (s *scanner) dateBefore(i int, d day) (int, Comparator) {
	at := s.back(i)
	if s.text(at-3, "the") > 0 {
		at = s.back(at - 3)
	}
	for _, c := range []struct {
		form string
		what Comparator
		full bool // only before a full date
	}{
		{"自", AtLeast, true},
		{"since", AtLeast, false},
		{"starting", AtLeast, false},
		{"from", AtLeast, true},
		{"before", AtMost, false},
		{"prior to", AtMost, false},
		{"no later than", AtMost, false},
		{"not later than", AtMost, false},
		{"until", AtMost, false},
		{"不晚于", AtMost, false},
		{"不迟于", AtMost, false},
		{"after", MoreThan, false},
		{"晚于", MoreThan, false},
	} {
		form := []rune(c.form)
		if start := at - len(form); start >= s.low && s.has(start, form) && (!c.full || d.day > 0) {
			return start, c.what
		}
	}
	return i, None
}

func contains(set string, r rune) bool {
	for _, x := range set {
		if x == r {
			return true
		}
	}
	return false
}
