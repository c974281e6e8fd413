package understand

import (
	"regexp"
	"strconv"
	"time"
)

var (
	zhDay  = regexp.MustCompile(`(20\d\d)年(?:(\d{1,2})月)?(?:(\d{1,2})[日号])?(?:底|末|初)?`)
	enDay  = regexp.MustCompile(`\b(?:(\d{1,2}) )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? ?(?:(\d{1,2})(?:st|nd|rd|th)?,? )?(20\d\d)\b`)
	isoDay = regexp.MustCompile(`\b(20\d\d)-(\d{1,2})(?:-(\d{1,2}))?\b`)

	bareYear = regexp.MustCompile(`\b(20\d\d)()()\b`)
	saysYear = regexp.MustCompile(`(?:today is|as of|(?:suppose|supposing|assume|assuming|imagine|imagining)(?: it is| it's| that it is)?|say it is|it is now|the year is) (?:the year )?$`)

	yearGoesOn = regexp.MustCompile(`^\s*[-–—~年至到]|^\s*(?:to|plan)`)

	says     = regexp.MustCompile(`(?:今天|今日|现在|当前|目前|假设|假如|假定|如果|设想|截至|站在|时间是|日期是)[^,。;?!]{0,6}$|(?:today is|it is(?: now)?|as of|suppose(?: it is| today is)?|assume(?: it is)?|now|imagine(?: it is)?|say it is|assuming(?: it is)?)[^.?!]{0,12}$`)
	notAsOf  = regexp.MustCompile(`^[^,。;?!]{0,4}?(?:那|的?(?:发布会|文件|意见|计划|方案|通知|办法|那份|那场|政策)|发布|印发|出台|召开|开的|以?前|之前|之后|以来|起)|^\s*(?:press|conference|opinion|plan|document|policy|notice|issue)`)
	meansNow = regexp.MustCompile(`还|仍|当时|那时|来得及|想|打算|要|能|可以|期内|有效|还在|算数|apply|still|at that time|could|can|valid|in force|want|would`)
)

// months by the first three letters of their English names.
var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

// asOf finds the day that a question is asked for, as YYYY-MM-DD, and the words
// that say so; "" when it is the present one. A year alone is a day only where
// the question says that it is now; with a month, where it asks about something
// that could be done then.
func asOf(folded string) (day, words string) {
	for _, form := range []*regexp.Regexp{zhDay, isoDay, enDay, bareYear} {
		for _, m := range form.FindAllStringSubmatchIndex(folded, -1) {
			part := func(i int) string {
				if m[2*i] < 0 {
					return ""
				}
				return folded[m[2*i]:m[2*i+1]]
			}
			date, month := dateOf(form, part)
			if date.IsZero() {
				continue
			}
			rest := folded[m[1]:]
			before := folded[max(0, m[0]-beforeDay):m[0]]
			said := says.MatchString(before)
			if form == bareYear {
				said = saysYear.MatchString(before) && !yearGoesOn.MatchString(rest)
			}
			if said || month && !notAsOf.MatchString(rest) && meansNow.MatchString(rest) {
				return date.Format(time.DateOnly), folded[m[0]:m[1]]
			}
		}
	}
	return "", ""
}

// beforeDay is how many bytes before a day may say that it is now.
const beforeDay = 120

// dateOf is the first day of what is said, and whether a month is.
func dateOf(form *regexp.Regexp, part func(int) string) (date time.Time, month bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	year, mon, day := number(part(1)), number(part(2)), number(part(3))
	if form == enDay {
		year, mon, day = number(part(4)), int(months[part(2)]), max(number(part(1)), number(part(3)))
	}
	if year == 0 || mon > 12 || day > 31 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(max(mon, 1)), max(day, 1), 0, 0, 0, 0, time.UTC), mon > 0
}
