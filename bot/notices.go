package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/guard"
	"policybot/bot/intent"
	"policybot/bot/quantity"
	"policybot/bot/strength"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
)

// A noticer collects the notices of an answer: each text once, with the clauses
// that it concerns, in the order of the citations.
type noticer struct {
	u    understand.Understanding
	day  time.Time
	list []Notice
	// words are those of a text: of terms that are translated wrongly only those in it are
	// told. "" for all that are quoted.
	words string
}

// notices says what limits what is cited.
func (e *Evidence) notices(a *Answer, day time.Time) []Notice {
	n := &noticer{u: e.Understanding, day: day, list: []Notice{}}
	for _, c := range a.Citations {
		n.document(c)
		n.translated(c)
		n.strength(a.Citations, c, e.lists())
		n.place(c)
		n.newer(c, e.Named)
	}
	if a.Sides {
		n.conflicts(a.Citations)
	}
	return n.list
}

// add adds a notice about clauses; one with the same text gets them too.
func (n *noticer) add(kind, template string, slots prompts.Slots, clauses ...string) {
	text := prompts.Render(n.u.Lang, template, slots)
	i := slices.IndexFunc(n.list, func(o Notice) bool { return o.Kind == kind && o.Text == text })
	if i < 0 {
		i = len(n.list)
		n.list = append(n.list, Notice{Kind: kind, Text: text})
	}
	for _, id := range clauses {
		if !slices.Contains(n.list[i].Clauses, id) {
			n.list[i].Clauses = append(n.list[i].Clauses, id)
		}
	}
}

// document says what its status, dates and deadline are.
func (n *noticer) document(c Citation) {
	d, id := c.Clause.Document, c.Clause.ID
	title := prompts.Slots{"title": d.Title}
	with := func(name, value string) prompts.Slots { return prompts.Slots{"title": d.Title, name: value} }
	switch kind := guard.Limit(d, n.day); kind {
	case guard.NotPolicy:
		n.add(kind, kind, title, id)
		if d.TargetYear > 0 && n.day.Year() > d.TargetYear {
			n.add(guard.TargetYearOver, "target_year_told", with("year", strconv.Itoa(d.TargetYear)), id)
		}
	case guard.Repealed:
		n.add(kind, kind, title, id)
	case guard.PeriodOver:
		n.add(kind, kind, with("until", showDate(d.ValidUntil, n.u.Lang)), id)
	case guard.TargetYearOver:
		n.add(kind, kind, with("year", strconv.Itoa(d.TargetYear)), id)
	case guard.Future:
		n.add(kind, kind, with("from", showDate(d.ValidFrom, n.u.Lang)), id)
	case "":
		if d.IssuedOn == "" && d.ValidFrom == "" {
			n.add(guard.Undated, guard.Undated, title, id)
		}
	}
	if d.Deadline != "" && retrieval.Passed(d.Deadline, n.day) {
		n.add(guard.DeadlinePassed, guard.DeadlinePassed, with("until", showDate(d.Deadline, n.u.Lang)), id)
	}
}

// translated says that a text is machine-translated, and what in the words that
// are quoted cannot be right.
func (n *noticer) translated(c Citation) {
	d, id := c.Clause.Document, c.Clause.ID
	if !d.Translated {
		return
	}
	n.add(guard.Translation, guard.Translation, prompts.Slots{"title": d.Title}, id)
	for _, p := range understand.PlacesIn(c.Quote) {
		if n.words != "" && !hasPhrase(n.words, p.Text) {
			continue
		}
		if d.Jurisdiction != "" && !understand.Fits(d, p.Name) && !understand.Fits(retrieval.Document{Jurisdiction: p.Name}, understand.CityOf(d)) && !slices.Contains(abroad, p.Name) {
			n.add(guard.Translation, "translation_place", prompts.Slots{"word": asPrinted(c.Quote, p.Text), "place": d.Jurisdiction}, id)
		}
	}
	for _, t := range defects {
		if hasPhrase(c.Quote, t.term) && (n.words == "" || hasPhrase(n.words, t.term)) {
			n.add(guard.Translation, "translation_term", prompts.Slots{"word": t.term, "right": t.right}, id)
		}
	}
}

// asPrinted is a word in normal form as a text prints it, where its letters alone
// show which it is.
func asPrinted(text, word string) string {
	if i := strings.Index(strings.ToLower(text), word); i >= 0 && i+len(word) <= len(text) && strings.EqualFold(text[i:i+len(word)], word) {
		return text[i : i+len(word)]
	}
	return word
}

// strength says that what is quoted is sought or supported and no claim: once for all
// citations of which that is so. A list of measures says by itself which are supported.
func (n *noticer) strength(all []Citation, c Citation, list bool) {
	kind := strength.Of(c.Quote).Strength
	asked := (n.u.Asks(intent.Eligible, intent.Money) || n.u.Kind == intent.Guarantee) && !list
	if kind != strength.Intention && (kind != strength.Support || !asked) {
		return
	}
	var numbers []int
	for _, o := range all {
		if strength.Of(o.Quote).Strength == kind {
			numbers = append(numbers, o.N)
		}
	}
	n.add(guard.Intention, string(kind), prompts.Slots{"marker": markers(numbers)}, c.Clause.ID)
}

// place says that a document does not apply where the asker is.
func (n *noticer) place(c Citation) {
	if at := elsewhere(c.Clause.Document, n.u); at != "" {
		n.add(guard.OtherPlace, guard.OtherPlace, prompts.Slots{"title": c.Clause.Document.Title, "place": c.Clause.Document.Jurisdiction, "asker": at}, c.Clause.ID)
	}
}

// elsewhere is the place where the asker is, when a document does not apply
// there; else "".
func elsewhere(d retrieval.Document, u understand.Understanding) string {
	at := ""
	for _, p := range u.Places {
		switch {
		case !p.Asker:
		case understand.Fits(d, p.Name):
			return ""
		case at == "":
			at = p.Name
		}
	}
	if d.Jurisdiction == "" {
		return ""
	}
	return at
}

// A NamedOnly is a document with a year in its title that the library's
// documents name and that it does not hold.
type NamedOnly struct {
	Title  string `json:"title"`
	Year   int    `json:"year"`   // the last one in the title
	City   string `json:"city"`   // of the document that names it
	Clause string `json:"clause"` // that names it
}

var titleYear = regexp.MustCompile(`20\d\d`)

// namedOnly lists the documents that others name and the library lacks.
func namedOnly(docs []retrieval.Document) []NamedOnly {
	out := []NamedOnly{}
	for _, d := range docs {
		for _, m := range d.Mentions {
			years := titleYear.FindAllString(m.Title, -1)
			held := slices.ContainsFunc(docs, func(o retrieval.Document) bool {
				return strings.Contains(understand.Squeeze(o.Title), understand.Squeeze(m.Title)) || strings.Contains(understand.Squeeze(m.Title), understand.Squeeze(o.Title))
			})
			if len(years) == 0 || held {
				continue
			}
			year, _ := strconv.Atoi(slices.Max(years))
			out = append(out, NamedOnly{m.Title, year, understand.CityOf(d), m.Clause})
		}
	}
	return out
}

// newer says that a newer document on the same subject is named and not held.
func (n *noticer) newer(c Citation, named []NamedOnly) {
	d := c.Clause.Document
	for _, m := range named {
		if m.City == understand.CityOf(d) && m.Year > lastYear(d) && sameSubject(m.Title, d.Title) {
			n.add(guard.SuccessorMissing, guard.SuccessorMissing, prompts.Slots{"title": d.Title, "newer": m.Title}, c.Clause.ID)
		}
	}
}

// lastYear is the last year that a document is known to be about, or 0.
func lastYear(d retrieval.Document) int {
	for _, date := range []string{d.ValidUntil, d.Deadline, d.IssuedOn} {
		if len(date) >= 4 {
			year, _ := strconv.Atoi(date[:4])
			return max(year, d.TargetYear)
		}
	}
	return d.TargetYear
}

// sameSubject reports whether two titles share at least two pairs of characters
// that are not in the titles of all policies.
func sameSubject(a, b string) bool {
	shared := 0
	runes := []rune(a)
	seen := map[string]bool{}
	for i := 0; i+1 < len(runes); i++ {
		w := string(runes[i : i+2])
		if runes[i] < 0x3400 || runes[i+1] < 0x3400 || seen[w] || strings.Contains(commonInTitles, w) {
			continue
		}
		seen[w] = true
		if strings.Contains(b, w) {
			shared++
		}
	}
	return shared >= 2
}

const commonInTitles = "行动计划 实施方案 若干措施 若干政策 指导意见 实施意见 管理办法 北京市 上海市 天津市 重庆市 厦门市 加快推进 高质量发展 支持促进 产业发展 三年行动 工作方案 关于印发 的通知 年行"

// conflicts says that documents of one place state different figures.
func (n *noticer) conflicts(citations []Citation) {
	for i, a := range citations {
		for _, b := range citations[i+1:] {
			x, y := a.Clause.Document, b.Clause.Document
			if x.ID != y.ID && understand.CityOf(x) == understand.CityOf(y) && differ(a.Quote, b.Quote) {
				n.add(guard.Conflict, guard.Conflict, prompts.Slots{"first": markers([]int{a.N}), "second": markers([]int{b.N})}, a.Clause.ID, b.Clause.ID)
			}
		}
	}
}

// differ reports whether two texts state amounts that can be compared, and none
// that is the same. A share is not compared with a sum.
func differ(a, b string) bool {
	x, y := amounts(a), amounts(b)
	comparable := false
	for _, q := range x {
		if quantity.Supported(q, y) {
			return false
		}
		comparable = comparable || slices.ContainsFunc(y, func(r quantity.Quantity) bool {
			return (q.Kind == quantity.Percent) == (r.Kind == quantity.Percent)
		})
	}
	return comparable
}

func amounts(text string) []quantity.Quantity {
	return slices.DeleteFunc(quantity.Find(text), func(q quantity.Quantity) bool {
		return q.Kind != quantity.Money && q.Kind != quantity.Percent && (q.Kind != quantity.Number || !strings.ContainsAny(text[q.Start:q.End], "亿万"))
	})
}

// showDate prints a date of the form YYYY, YYYY-MM or YYYY-MM-DD for reading.
func showDate(date, lang string) string {
	for layout, form := range map[string][2]string{
		"2006":        {"2006年", "2006"},
		"2006-01":     {"2006年1月", "January 2006"},
		time.DateOnly: {"2006年1月2日", "2 January 2006"},
	} {
		if t, err := time.Parse(layout, date); err == nil && len(layout) == len(date) {
			if lang == prompts.Chinese {
				return t.Format(form[0])
			}
			return t.Format(form[1])
		}
	}
	return date
}

// formatDate prints a whole date in a layout of package time; "" when it is none.
func formatDate(date, layout string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return t.Format(layout)
}
