package quantity

import (
	"strings"

	"policybot/bot/quantity/fold"
)

// monthNames are the English names of the months, whole and short.
var monthNames = map[string]int{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
	"september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

// englishParts are words before a year or a month.
var englishParts = []struct{ form, part string }{
	{"the end of", "end"},
	{"end of", "end"},
	{"late", "end"},
	{"year-end", "end"},
	{"end", "end"},
	{"the beginning of", "start"},
	{"beginning of", "start"},
	{"early", "start"},
	{"the middle of", "mid"},
	{"middle of", "mid"},
	{"mid", "mid"},
	{"the first half of", "h1"},
	{"first half of", "h1"},
	{"the second half of", "h2"},
	{"second half of", "h2"},
	{"the first quarter of", "q1"},
	{"first quarter of", "q1"},
	{"the second quarter of", "q2"},
	{"second quarter of", "q2"},
	{"the third quarter of", "q3"},
	{"third quarter of", "q3"},
	{"the fourth quarter of", "q4"},
	{"fourth quarter of", "q4"},
}

// partWords are the first words of englishParts.
var partWords = func() map[string]bool {
	m := make(map[string]bool)
	for _, p := range englishParts {
		first, _, _ := strings.Cut(p.form, " ")
		first, _, _ = strings.Cut(first, "-")
		m[first] = true
	}
	return m
}()

// englishDay reads 3 June 2020, June 3, 2020, June 2020 and the end of 2022.
func (s *scanner) englishDay(i int) (day, int, bool) {
	if fold.Digit(s.at(i)) {
		n, end, ok := s.small(i, 31)
		if !ok {
			return day{}, 0, false
		}
		if stop := s.text(end, "st", "nd", "rd", "th"); stop > 0 {
			end = stop
		}
		end = s.blank(end)
		if stop := s.text(end, "of"); stop > 0 {
			end = s.blank(stop)
		}
		m, stop := s.month(end)
		d := day{month: m, day: n}
		return s.yearAfter(d, stop), s.yearEnd(stop), m > 0
	}
	if !fold.Latin(s.at(i)) {
		return day{}, 0, false
	}
	for _, p := range englishParts {
		end := s.text(i, p.form)
		if end == 0 {
			continue
		}
		at := s.blank(end)
		if s.at(at) == '-' {
			at++
		}
		d, stop, ok := s.monthYear(at)
		if !ok {
			d, stop, ok = s.bareYear(at)
		}
		if ok && d.day == 0 {
			d.part = p.part
			return d, stop, true
		}
	}
	return s.monthYear(i)
}

// month returns the month named at i, or 0, and the end of the name.
func (s *scanner) month(i int) (int, int) {
	stop := s.wordEnd(i)
	m := monthNames[string(s.Runes[min(i, stop):stop])]
	if m > 0 && stop-i <= 4 && s.at(stop) == '.' {
		stop++
	}
	return m, stop
}

// monthYear reads June 2020, June 3, 2020 and June 3.
func (s *scanner) monthYear(i int) (day, int, bool) {
	m, stop := s.month(i)
	if m == 0 {
		return day{}, 0, false
	}
	at := s.blank(stop)
	d := day{month: m}
	if y, end, ok := s.bareYear(at); ok {
		d.year = y.year
		return d, end, true
	}
	n, end, ok := s.small(at, 31)
	if !ok || !fold.Digit(s.at(at)) || at == stop {
		return d, stop, false
	}
	if x := s.text(end, "st", "nd", "rd", "th"); x > 0 {
		end = x
	}
	d.day = n
	if s.unitAt(s.blank(end), "") != nil {
		return d, end, false // may 3 people
	}
	return s.yearAfter(d, end), s.yearEnd(end), true
}

// yearAfter adds the year that stands at i, perhaps after a comma.
func (s *scanner) yearAfter(d day, i int) day {
	if y, _, ok := s.bareYear(s.commaBlank(i)); ok {
		d.year = y.year
	}
	return d
}

// yearEnd returns the end of the year at i, or i.
func (s *scanner) yearEnd(i int) int {
	if _, end, ok := s.bareYear(s.commaBlank(i)); ok {
		return end
	}
	return i
}

func (s *scanner) commaBlank(i int) int {
	at := s.blank(i)
	if s.at(at) == ',' {
		at = s.blank(at + 1)
	}
	if at == i {
		return len(s.Runes)
	}
	return at
}
