package auditor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/prompts"
)

// warned tells whether a notice of one of the kinds names a clause.
func (a *audit) warned(clause string, kinds ...string) bool {
	for _, n := range a.Notices {
		if slices.Contains(kinds, n.Kind) && slices.Contains(n.Clauses, clause) && strings.Contains(a.Text, n.Text) && n.Text != "" {
			return true
		}
	}
	return false
}

var titleYears = regexp.MustCompile(`(?:19|20)\d\d\s*年?\s*[-—–~至到]+\s*((?:19|20)\d\d)`)

// validity: G8 of each citation.
func (a *audit) validity() {
	day, err := time.Parse(time.DateOnly, a.Day)
	if err != nil {
		a.bad("G8", "the day %q is no date", a.Day)
		return
	}
	if a.Outcome != "answered" && a.Outcome != "clarify" {
		return
	}
	for _, c := range a.Citations {
		stored, ok := a.Clauses[c.Clause.ID]
		if !ok {
			continue
		}
		a.period(c.Clause.ID, stored.Document, day)
		a.place(c.Clause.ID, stored.Document)
	}
}

func (a *audit) period(id string, d Document, day time.Time) {
	want := func(what string, kinds ...string) {
		if !a.warned(id, kinds...) {
			a.bad("G8", "%s: %s and no notice of kind %s names it", id, what, strings.Join(kinds, " or "))
		}
	}
	switch {
	case lastDay(d.ValidUntil) != "" && lastDay(d.ValidUntil) < a.Day:
		want("valid until "+d.ValidUntil, "period_over")
	case d.Status == "not_policy":
		want("no policy document", "not_policy")
	case d.TargetYear > 0 && d.TargetYear < day.Year():
		want("target year "+strconv.Itoa(d.TargetYear), "target_year_over", "period_over")
	default:
		if m := titleYears.FindStringSubmatch(d.Title); m != nil && m[1] < strconv.Itoa(day.Year()) {
			want("its title ends with "+m[1], "period_over", "target_year_over")
		}
	}
	if d.Deadline != "" && lastDay(d.Deadline) < a.Day {
		want("deadline "+d.Deadline, "deadline_passed")
	}
	if d.ValidFrom != "" && d.ValidFrom > a.Day[:min(len(a.Day), len(d.ValidFrom))] {
		want("valid from "+d.ValidFrom, "future")
	}
	if d.Status == "repealed" && !a.warned(id, "period_over", "repealed", "successor_missing") {
		a.bad("G8", "%s is repealed and no notice says so", id)
	}
}

// lastDay completes 2022 and 2022-12 to the last day of it.
func lastDay(s string) string {
	switch len(s) {
	case 4:
		return s + "-12-31"
	case 7:
		return s + "-31"
	}
	return s
}

// place: a clause of another place than the asker's is said to be so.
func (a *audit) place(id string, d Document) {
	if len(a.AskerPlaces) == 0 || d.Jurisdiction == "" || slices.ContainsFunc(a.AskerPlaces, func(p string) bool { return a.covers(d.Jurisdiction, p) }) {
		return
	}
	if !a.warned(id, "other_place") {
		a.bad("G8", "%s applies to %s, the asker is in %s, and no notice says so", id, d.Jurisdiction, strings.Join(a.AskerPlaces, ", "))
	}
}

// within says which city a district of the documents belongs to.
var within = map[string][]string{
	"北京": {"海淀", "昌平", "大兴", "顺义", "东城", "西城", "朝阳", "丰台", "石景山", "通州", "房山", "怀柔", "密云", "平谷", "门头沟", "延庆", "经济技术开发区", "经开区", "亦庄", "中关村", "beijing"},
	"厦门": {"海沧", "翔安", "同安", "思明", "湖里", "集美", "xiamen"},
}

// covers tells whether what holds in a place holds where the asker is.
func (a *audit) covers(jurisdiction, asker string) bool {
	asker = fold(asker)
	for city, parts := range within {
		if !strings.Contains(jurisdiction, city) {
			continue
		}
		if strings.Contains(asker, city) || slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(asker, p) }) {
			return true
		}
	}
	core := strings.TrimRight(fold(jurisdiction), "市省区县")
	return core != "" && strings.Contains(asker, core) || strings.Contains(fold(jurisdiction), strings.TrimRight(asker, "市省区县")) && asker != "" ||
		jurisdiction == "全国" || jurisdiction == "中国"
}

// silence: G9. No outcome is silent, and an abstention says what it searched.
func (a *audit) silence() {
	if strings.TrimSpace(strings.Trim(a.Text, "\x00")) == "" {
		a.bad("G9", "outcome %s with an empty text", a.Outcome)
		return
	}
	if a.Outcome != "answered" && a.Reason == "" {
		a.bad("G9", "outcome %s without a reason", a.Outcome)
	}
	for _, c := range a.Nearest {
		if s, ok := a.Clauses[c.ID]; !ok || s.Text != c.Text {
			a.bad("G9", "the nearest clause %q is not in the library", c.ID)
		}
	}
	if a.Outcome != "abstained" {
		return
	}
	names := map[string]bool{}
	for line := range strings.Lines(a.Text) {
		if name, _, ok := prompts.Match(a.Lang, strings.TrimSpace(line)); ok {
			names[name] = true
		}
	}
	why := slices.ContainsFunc(prompts.Names(a.Lang), func(n string) bool { return strings.HasPrefix(n, "none") && names[n] }) || names["empty"]
	if !names["searched"] && !names["empty"] {
		a.bad("G9", "the abstention does not say what was searched")
	}
	if !why && len(a.Nearest) == 0 && len(a.Contacts) == 0 {
		a.bad("G9", "the abstention shows no clause, names nobody to ask and says no reason")
	}
}

// label: G11. Every answer says how it was made and for which day.
func (a *audit) label() {
	if a.Outcome != "answered" && a.Outcome != "abstained" {
		return
	}
	want := "label_extractive"
	switch {
	case a.Mode == "generative":
		want = "label_generative"
	case a.Fallback != "" && a.Outcome == "answered":
		want = "label_fallback"
	}
	if !strings.Contains(a.Text, prompts.Render(a.Lang, want, nil)) {
		a.bad("G11", "the text lacks the label %s", want)
	}
	if a.AsOf != "" {
		if _, err := time.Parse(time.DateOnly, a.AsOf); err != nil || a.AsOf != a.Day {
			a.bad("G11", "as of %q, for the day %q", a.AsOf, a.Day)
		}
		return
	}
	if found, _ := dates(fold(a.Text)); !slices.ContainsFunc(found, func(q quantity) bool { return q.date == a.Day }) {
		a.bad("G11", "the answer does not say its date")
	}
}
