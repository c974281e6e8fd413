package retrieval

import (
	"strconv"
	"time"
)

// StatusOn returns the status of the document on a day. Only what is known
// counts: without a period the status is StatusTargetOver when the year of
// its targets has passed, and else StatusUnknown.
func (d Document) StatusOn(day time.Time) string {
	today := day.Format(time.DateOnly)
	switch {
	case d.Kind == KindTranscript:
		return StatusNotPolicy
	case d.Repealed:
		return StatusRepealed
	case d.ValidFrom != "" && today < firstDay(d.ValidFrom):
		return StatusNotYet
	case d.ValidUntil != "" && today > lastDay(d.ValidUntil):
		return StatusPeriodOver
	case d.ValidUntil != "":
		return StatusInForce
	case d.TargetYear > 0 && day.Year() > d.TargetYear:
		return StatusTargetOver
	}
	return StatusUnknown
}

// Passed reports whether a date, month or year has ended before a day.
func Passed(date string, day time.Time) bool { return lastDay(date) < day.Format(time.DateOnly) }

// firstDay and lastDay complete a date of which only the year or month is known.
func firstDay(date string) string {
	switch len(date) {
	case len("2006"):
		return date + "-01-01"
	case len("2006-01"):
		return date + "-01"
	}
	return date
}

func lastDay(date string) string {
	switch len(date) {
	case len("2006"):
		return date + "-12-31"
	case len("2006-01"):
		first, err := time.Parse("2006-01", date)
		if err != nil {
			return date
		}
		return first.AddDate(0, 1, -1).Format(time.DateOnly)
	}
	return date
}

// ValidDate reports whether s is a day, month or year that exists: YYYY-MM-DD,
// YYYY-MM or YYYY.
func ValidDate(s string) bool {
	layouts := map[int]string{10: time.DateOnly, 7: "2006-01", 4: "2006"}
	layout, ok := layouts[len(s)]
	if !ok {
		return false
	}
	_, err := time.Parse(layout, s)
	return err == nil
}

// date formats a day from its printed parts, or "" when there is no such day.
// An empty day or month is left out.
func date(year, month, day string) string {
	s := year
	for _, part := range []string{month, day} {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		s += "-" + string([]byte{byte('0' + n/10%10), byte('0' + n%10)})
	}
	if !ValidDate(s) {
		return ""
	}
	return s
}
