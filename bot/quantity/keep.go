package quantity

import (
	"math/big"
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// keep adds an amount, or the range from low to high, with the comparator
// beside it.
func (s *scanner) keep(low amount, high *amount) int {
	last := low
	if high != nil {
		last = *high
	}
	q := Quantity{Kind: Number, Value: low.value, Unit: unitName(low.unit)}
	if high != nil {
		q.High = high.value
	}
	if low.unit != nil {
		q.Kind = low.unit.kind
	}
	if low.per != "" {
		q.Unit += "/" + low.per
	}
	end := last.end
	start, what := s.comparedBefore(low.start)
	if q.Kind == Duration && what == Nearly && s.at(low.start-1) == '近' {
		start, what = low.start, None // 近三年: the last three years
	}
	if q.Kind == Duration && what == MoreThan && s.text(start, "over") > 0 {
		start, what = low.start, None // paid over three years
	}
	if what == None {
		what = s.comparedFar(low.start)
	}
	stop, after := s.comparedAfter(end, &q)
	switch {
	case what != None && (after == None || after == About):
	case after != None:
		what, end = after, stop
		start = low.start
	case last.more:
		what = MoreThan
	}
	if what == None && q.Kind != Date && s.over(low.start) {
		start, what = low.start-1, AtLeast
	}
	q.Comparator = what
	if q.Noun = s.noun(last.end); q.Noun == "" || end > last.end && fold.Han(s.at(last.end)) {
		q.Noun = s.noun(end)
	}
	if q.Kind == Number && q.Noun != "" && low.scale == nil && fold.Latin(rune(q.Noun[0])) {
		q.Kind = Count
	}
	if q.Kind == Number && low.scale == nil && fold.Han(s.at(last.end)) && q.Noun != "" {
		q.Kind = Count
	}
	q.Loose = low.words && q.Value.Cmp(big.NewRat(1, 1)) == 0 && what == None && (q.Kind == Count || q.Kind == Number)
	return s.add(q, start, end)
}

// over reports whether 上 before i makes the amount a least one: 上亿元.
func (s *scanner) over(i int) bool {
	r := s.at(i)
	return s.at(i-1) == '上' && i-1 >= s.low && (r == '亿' || r == '万' || r == '千' || r == '百')
}

// fillers may stand between a comparator and its number.
var fillers = [][]rune{[]rune("了"), []rune("达到"), []rune("达"), []rune("为"), []rune("人民币"), []rune("a total of"), []rune("total of"), []rune("the"), []rune("共")}

// comparedBefore returns the comparator that ends before i and where it starts.
func (s *scanner) comparedBefore(i int) (int, Comparator) {
	at := s.back(i)
	for range 3 {
		if at <= s.low {
			break
		}
		for _, c := range s.words.before[s.at(at-1)] {
			if start := at - len(c.form); start >= s.low && s.has(start, c.form) && !slices.Contains(c.not, s.at(start-1)) {
				return start, c.what
			}
		}
		skipped := at
		for _, f := range fillers {
			if start := at - len(f); start >= s.low && s.has(start, f) {
				skipped = s.back(start)
				break
			}
		}
		if skipped == at {
			break
		}
		at = skipped
	}
	return i, None
}

// comparedFar returns the limit that stands further before i in the same phrase:
// 最高为实际投资额的50%, 最多可主张11个月, the maximum award is RMB 5 million.
func (s *scanner) comparedFar(i int) Comparator {
	most := 8
	if s.at(i-1) == '的' {
		i, most = i-1, 16
	}
	for at := i - 3; at > s.low && i-at < 40 && (fold.Latin(s.at(at)) || s.at(at) == ' '); at-- {
		if s.text(at, "maximum") > 0 {
			return UpTo
		} else if s.text(at, "minimum") > 0 {
			return AtLeast
		}
	}
	for at := i; at > s.low && i-at < most && (fold.Han(s.at(at-1)) || s.at(at-1) == ' '); at-- {
		for _, c := range s.words.before[s.at(at-1)] {
			limits := c.form[0] == '最' || most > 8 && (c.what == AtLeast || c.what == AtMost)
			if limits && at-len(c.form) >= s.low && s.has(at-len(c.form), c.form) {
				return c.what
			}
		}
	}
	return None
}

// comparedAfter returns the comparator at i, after the unit or one English noun,
// and where it ends.
func (s *scanner) comparedAfter(i int, q *Quantity) (int, Comparator) {
	if q.Kind == Duration && s.at(i) == '内' {
		return i + 1, AtMost
	}
	at := s.blank(i)
	for range 2 {
		for _, c := range s.words.after[s.at(at)] {
			end := at + len(c.form)
			if other := c.form[0] == '起' && s.at(end) == '步' || len(c.form) == 1 && c.form[0] == '多'; s.has(at, c.form) && !other && !s.starts(end, c) {
				return end, c.what
			}
		}
		stop := s.wordEnd(at)
		if stop == at {
			break
		}
		at = s.blank(stop)
	}
	return i, None
}

// starts reports whether what looks like a comparator before end begins another
// amount: 10 years, at least 5 people.
func (s *scanner) starts(end int, c comparing) bool {
	if !fold.Latin(c.form[0]) {
		return false
	}
	at := s.blank(end)
	return fold.Digit(s.at(at)) || s.words.signs[s.at(at)] > 0 || enNumbers[string(s.Runes[at:s.wordEnd(at)])] > 0 || s.unitAt(at, Money) != nil
}

const (
	nounRunes = 12
	nounWords = 4
)

// noun returns the words that follow at i in the same phrase.
func (s *scanner) noun(i int) string {
	for s.at(i) == '的' || s.at(i) == '规' && s.at(i+1) == '模' {
		if s.at(i) == '规' {
			i++
		}
		i++
	}
	if fold.Han(s.at(i)) {
		end := i
		for (fold.Han(s.at(end)) || fold.Latin(s.at(end))) && end-i < nounRunes && s.at(end) != '和' && s.at(end) != '及' {
			end++
		}
		return string(s.Runes[i:end])
	}
	var list []string
	at := s.blank(i)
	if s.at(at) == '-' {
		at++
	}
	for len(list) < nounWords {
		stop := s.wordEnd(at)
		w := string(s.Runes[at:stop])
		if w == "" || s.words.sets["english stop"][w] || enNumbers[w] > 0 || !s.words.sets["english stop"][w] && fold.Digit(s.at(stop)) {
			break
		}
		list = append(list, w)
		at = stop
		if s.at(at) == '-' {
			at++
		}
		next := s.blank(at)
		if next == at && s.at(at-1) != '-' {
			break
		}
		at = next
	}
	return strings.Join(list, " ")
}
