package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"policybot/bot"
	"policybot/bot/guard"
	"policybot/bot/journal"
)

// Kinds of field of a filter.
const (
	fieldText   = "text"
	fieldDate   = "date"
	fieldChoice = "choice"
	fieldNumber = "number"
	fieldTick   = "tick"
)

// A logField is one filter of the log. Its name stands in addresses; ops.f.NAME is its label.
type logField struct {
	name, kind string
	usual      bool
	group      string                            // of the names of values; "": they are shown as they are
	values     []string                          // of a choice, and suggestions for a text
	put        func(*journal.Query, string) bool // false: the value cannot be read
	offers     func(*Console) []option           // suggestions instead of values
}

// textField puts a value where the query has it.
func textField(at func(*journal.Query) *string) func(*journal.Query, string) bool {
	return func(q *journal.Query, value string) bool {
		*at(q) = value
		return true
	}
}

// oneOfField is textField for a closed list.
func oneOfField(values []string, at func(*journal.Query) *string) func(*journal.Query, string) bool {
	return func(q *journal.Query, value string) bool {
		*at(q) = value
		return slices.Contains(values, value)
	}
}

// millisecondsField puts a number above 0.
func millisecondsField(at func(*journal.Query) *float64) func(*journal.Query, string) bool {
	return func(q *journal.Query, value string) bool {
		n, err := strconv.ParseFloat(value, 64)
		*at(q) = n
		return err == nil && n > 0 && n < 1e12
	}
}

// dayField puts the beginning of a day in the server's zone, or of the day after it.
func dayField(after int, at func(*journal.Query) *time.Time) func(*journal.Query, string) bool {
	return func(q *journal.Query, value string) bool {
		day, err := time.ParseInLocation(time.DateOnly, value, time.Local)
		if err != nil {
			return false
		}
		*at(q) = day.AddDate(0, 0, after)
		return true
	}
}

// texts are the values of a list of a type of texts, behind more.
func texts[T ~string](list []T, more ...string) []string {
	out := slices.Clone(more)
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// Values of closed lists of the log.
var (
	logOutcomes = []string{bot.Answered, bot.Abstained, bot.Clarify, bot.Refused, bot.HandedOver, bot.Failed}
	logReasons  = []string{
		bot.ReasonNotInLibrary, bot.ReasonOtherPlace, bot.ReasonOffTopic, bot.ReasonJudgement, bot.ReasonUnclear, bot.ReasonTooLong, bot.ReasonInjection,
		bot.ReasonSmallTalk, bot.ReasonAbuse, bot.ReasonEmptyLibrary, bot.ReasonAsked, bot.ReasonExpired, bot.ReasonError, bot.ReasonNoMeasure, bot.ReasonFact,
	}
	logNotices = []string{
		guard.PeriodOver, guard.TargetYearOver, guard.DeadlinePassed, guard.Future, guard.Undated, guard.OtherPlace, guard.Translation, guard.Intention,
		guard.NotPolicy, guard.SuccessorMissing, guard.Conflict, guard.Repealed, guard.AIGenerated,
	}
	logRatings  = []string{journal.Good, journal.Bad, journal.None, journal.Any}
	logCases    = texts([]journal.CaseState{journal.CaseOpen, journal.CaseReplied, journal.CaseClosed}, journal.None, journal.Any)
	logVerdicts = texts(journal.Verdicts(), journal.None, journal.Any)
	logModes    = []string{bot.ModeExtractive, bot.ModeGenerative, journal.ModeFallback}
	logSpans    = []string{"1", "7", "30", "90"}
	yesOrNo     = []string{journal.Yes, journal.No}
)

// logFields are all filters of the log in the order of the form.
var logFields = []logField{
	{name: "q", kind: fieldText, usual: true, put: textField(func(q *journal.Query) *string { return &q.Words })},
	{name: "since", kind: fieldDate, usual: true, put: dayField(0, func(q *journal.Query) *time.Time { return &q.Since })},
	{name: "until", kind: fieldDate, usual: true, put: dayField(1, func(q *journal.Query) *time.Time { return &q.Until })},
	{name: "outcome", kind: fieldChoice, usual: true, group: "outcome", values: logOutcomes, put: oneOfField(logOutcomes, func(q *journal.Query) *string { return &q.Outcome })},
	{name: "rating", kind: fieldChoice, usual: true, group: "ops.rating", values: logRatings, put: oneOfField(logRatings, func(q *journal.Query) *string { return &q.Rating })},
	{name: "in", kind: fieldTick, put: func(q *journal.Query, v string) bool { q.InAnswer = true; return v == journal.Yes }},
	{name: "channel", kind: fieldText, offers: (*Console).channelNames, put: textField(func(q *journal.Query) *string { return &q.Channel })},
	{name: "lang", kind: fieldChoice, group: "language", values: []string{chinese, english}, put: textField(func(q *journal.Query) *string { return &q.Lang })},
	{name: "reason", kind: fieldChoice, group: "ops.reason", values: logReasons, put: textField(func(q *journal.Query) *string { return &q.Reason })},
	{name: "mode", kind: fieldChoice, group: "ops.mode", values: logModes, put: oneOfField(logModes, func(q *journal.Query) *string { return &q.Mode })},
	{name: "model", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Model })},
	{name: "place", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Place })},
	{name: "document", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Document })},
	{name: "clause", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Clause })},
	{name: "notice", kind: fieldChoice, group: "ops.notice", values: logNotices, put: textField(func(q *journal.Query) *string { return &q.Notice })},
	{name: "rating_reason", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.RatingReason })},
	{name: "case", kind: fieldChoice, group: "ops.case", values: logCases, put: oneOfField(logCases, func(q *journal.Query) *string { return &q.Case })},
	{name: "case_reason", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.CaseReason })},
	{name: "verdict", kind: fieldChoice, group: "ops.verdict", values: logVerdicts, put: oneOfField(logVerdicts, func(q *journal.Query) *string { return &q.Verdict })},
	{name: "reviewer", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Reviewer })},
	{name: "asker", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Asker })},
	{name: "dialogue", kind: fieldText, put: textField(func(q *journal.Query) *string { return &q.Dialogue })},
	{name: "masked", kind: fieldChoice, group: "ops.yesno", values: yesOrNo, put: oneOfField(yesOrNo, func(q *journal.Query) *string { return &q.Masked })},
	{name: "duplicates", kind: fieldChoice, group: "ops.yesno", values: yesOrNo, put: oneOfField(yesOrNo, func(q *journal.Query) *string { return &q.Duplicates })},
	{name: "ms_from", kind: fieldNumber, put: millisecondsField(func(q *journal.Query) *float64 { return &q.MsFrom })},
	{name: "ms_to", kind: fieldNumber, put: millisecondsField(func(q *journal.Query) *float64 { return &q.MsTo })},
}

// channelNames are the channels of the service.
func (c *Console) channelNames() (list []option) {
	for _, one := range c.Service.Channels {
		list = append(list, option{Value: one.Caps().Name})
	}
	return list
}

// A logFilter is what an address chooses from the log.
type logFilter struct {
	Query  journal.Query
	values url.Values // what is chosen, each value once, and nothing else
	Span   string     // of days up to today, or ""
	Wrong  []string   // names of fields whose value cannot be read; they choose nothing
}

// mostFilter is how many characters a value of a filter may have.
const mostFilter = 300

// readFilter reads a filter from the values of an address. A span of days takes the place of dates.
func readFilter(form url.Values, now time.Time) logFilter {
	f := logFilter{values: url.Values{}, Query: journal.Query{Zone: time.Local}}
	get := func(name string) string {
		return cut(textOf(form, name), mostFilter)
	}
	if span := get("span"); slices.Contains(logSpans, span) {
		f.Span = span
		days, _ := strconv.Atoi(span)
		f.Query.Since = startOfDay(now).AddDate(0, 0, 1-days)
		f.values.Set("span", span)
	}
	for _, field := range logFields {
		value := get(field.name)
		if value == "" || f.Span != "" && field.kind == fieldDate {
			continue
		}
		changed := f.Query
		if !field.put(&changed, value) {
			f.Wrong = append(f.Wrong, field.name)
			continue
		}
		f.Query = changed
		f.values.Set(field.name, value)
	}
	return f
}

// readSpan is readFilter where an address without days means the last days, given as one of logSpans.
func readSpan(form url.Values, now time.Time, usual string) logFilter {
	f := readFilter(form, now)
	if f.Span == "" && f.Query.Since.IsZero() && f.Query.Until.IsZero() {
		form.Set("span", usual)
		f = readFilter(form, now)
	}
	return f
}

// placed is the query of a filter at the place in the log that an address names: before or after a question. What is no
// number is no place.
func (f logFilter) placed(form url.Values) journal.Query {
	q := f.Query
	q.Before, _ = strconv.ParseInt(form.Get("before"), 10, 64)
	if q.Before <= 0 {
		q.After, _ = strconv.ParseInt(form.Get("after"), 10, 64)
	}
	q.Before, q.After = max(0, q.Before), max(0, q.After)
	return q
}

// startOfDay is the beginning of a day in the server's zone.
func startOfDay(t time.Time) time.Time {
	y, m, d := t.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.Local)
}

// Encode is the filter as addresses have it: the same for the same choice.
func (f logFilter) Encode() string { return f.values.Encode() }

// with is the filter's address part with one value more, or without it for "".
func (f logFilter) with(name, value string) string {
	values := url.Values{}
	for key, list := range f.values {
		values[key] = list
	}
	values.Del(name)
	if value != "" {
		values.Set(name, value)
	}
	return values.Encode()
}

// A logFieldView is a filter in a form.
type logFieldView struct {
	Name, Kind, Label, Value string
	Options                  []option
}

// A chip is one thing that is chosen, and the address without it.
type chip struct {
	Label, Value, URL string
}

// A filterView is the form of a filter.
type filterView struct {
	View
	Action     string // where the form leads
	Fields     []logFieldView
	More       []logFieldView
	MoreChosen int
	Span       string
	Spans      []option
	Chips      []chip
	Wrong      []string
	ClearURL   string
}

// filterView is a filter as a form that leads to a page.
func (c *Console) filterView(v View, f logFilter, action string) filterView {
	out := filterView{View: v, Action: action, Span: f.Span, ClearURL: action}
	for _, span := range logSpans {
		out.Spans = append(out.Spans, option{Value: span, Label: v.T("ops.span." + span)})
	}
	if f.Span != "" {
		out.Chips = append(out.Chips, chip{v.T("ops.span"), v.T("ops.span." + f.Span), action + "?" + f.with("span", "")})
	}
	for _, field := range logFields {
		one := logFieldView{Name: field.name, Kind: field.kind, Label: v.T("ops.f." + field.name), Value: f.values.Get(field.name)}
		for _, value := range field.values {
			one.Options = append(one.Options, option{Value: value, Label: v.Named(field.group, value)})
		}
		if field.offers != nil {
			one.Options = field.offers(c)
		}
		if one.Value != "" {
			shown := one.Value
			if field.group != "" {
				shown = v.Named(field.group, shown)
			}
			out.Chips = append(out.Chips, chip{one.Label, shown, action + "?" + f.with(field.name, "")})
		}
		if field.usual {
			out.Fields = append(out.Fields, one)
			continue
		}
		if one.Value != "" {
			out.MoreChosen++
		}
		out.More = append(out.More, one)
	}
	for _, name := range f.Wrong {
		out.Wrong = append(out.Wrong, v.T("ops.f."+name))
	}
	return out
}

// opsData is what every page of operations has.
type opsData struct {
	View
	Here  string // of the pages: overview, log, review, gaps, entries, golden
	Done  string // what was done just now, as a sentence
	Wrong string // what could not be done
}

// opsTabs are the pages of operations.
var opsTabs = []option{
	{Value: "/ops", Label: "overview"},
	{Value: "/ops/log", Label: "log"},
	{Value: "/ops/review", Label: "review"},
	{Value: "/ops/gaps", Label: "gaps"},
	{Value: "/ops/entries", Label: "entries"},
	{Value: "/ops/golden", Label: "golden"},
}

// Tabs are the pages of operations.
func (opsData) Tabs() []option { return opsTabs }

// opsPage begins a page of operations. What was done before a redirect is told once, by the name of its sentence.
func (c *Console) opsPage(r *http.Request, here string) opsData {
	v := c.view(r)
	return opsData{View: v, Here: here, Done: v.done(r, "ops.done")}
}
