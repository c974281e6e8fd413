package auditor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"policybot/prompts"
)

var marker = regexp.MustCompile(`\s?\[(\d{1,3})\]`)

// fragments are templates that are a part of a line and never a line.
var fragments = regexp.MustCompile(`^(?:fact_|gloss_pair|renamed_pair|document|kind_|button_|quote$)`)

// lines: G1 of the text. What is left when sentences with their markers are
// taken out has to be notices and templates, whose slots hold only what the
// library or the answer's own fields hold.
func (a *audit) lines() {
	rest := strings.ReplaceAll(a.Text, "\r\n", "\n")
	for _, s := range a.Sentences {
		var ok bool
		if rest, ok = a.without(rest, s); !ok {
			a.bad("G1", "the text does not hold the sentence with its markers: %q", s.Text)
		}
	}
	for line := range strings.Lines(a.unwrapped(rest)) {
		line = strings.TrimSpace(line)
		if line == "" || line == "\x00" || a.isNotice(line) {
			continue
		}
		line = strings.TrimSpace(strings.ReplaceAll(line, "\x00", ""))
		if why := a.template(line); why != "" {
			a.bad("G1", "%s: %q", why, line)
		}
	}
}

// unwrapped brings each quote that the text shows under its source, and that
// wraps lines, into one line.
func (a *audit) unwrapped(text string) string {
	for _, c := range a.Citations {
		if strings.Contains(c.Quote, "\n") {
			shown := prompts.Render(a.Lang, "source_quote", prompts.Slots{"quote": c.Quote})
			text = strings.ReplaceAll(text, shown, strings.Join(strings.Fields(shown), " "))
		}
	}
	return text
}

// without takes one sentence with its markers out of the text.
func (a *audit) without(text string, s sentence) (string, bool) {
	if s.Text == "" {
		return text, false
	}
	for _, form := range []string{"“" + s.Text + "”", "\"" + s.Text + "\"", "「" + s.Text + "」", s.Text} {
		for from := 0; from < len(text); {
			i := strings.Index(text[from:], form)
			if i < 0 {
				break
			}
			at, end := from+i, from+i+len(form)
			lineStart := at == 0 || strings.ContainsAny(text[at-1:at], "\n \x00")
			numbers := []int{}
			for {
				m := marker.FindStringSubmatchIndex(text[end:])
				if m == nil || m[0] != 0 {
					break
				}
				n, _ := strconv.Atoi(text[end+m[2] : end+m[3]])
				numbers = append(numbers, n)
				end += m[1]
			}
			want := slices.Clone(s.Citations)
			slices.Sort(want)
			slices.Sort(numbers)
			if lineStart && slices.Equal(want, numbers) {
				return text[:at] + "\x00" + text[end:], true
			}
			from = at + len(form)
		}
	}
	return text, false
}

func (a *audit) isNotice(line string) bool {
	for _, n := range a.Notices {
		if n.Text != "" && (line == n.Text || line == prompts.Render(a.Lang, "notice", prompts.Slots{"notice": n.Text})) {
			return true
		}
	}
	return false
}

// template says why a line is not made from the closed list, or "".
func (a *audit) template(line string) string {
	if strings.ContainsRune(line, 0) || line == "" {
		return ""
	}
	name, slots, ok := prompts.Match(a.Lang, line)
	if !ok || fragments.MatchString(name) {
		return "no sentence, notice or template"
	}
	if n, err := strconv.Atoi(slots["n"]); err == nil && strings.HasPrefix(name, "source") {
		a.shown = n
	}
	switch name {
	case "source_quote":
		if c, ok := a.byN[a.shown]; !ok || plain(slots["quote"]) != plain(c.Quote) {
			return "not the quote of the source before it"
		}
		return ""
	case "side":
		slots = a.sideSlots(line)
	}
	if ownLine.MatchString(name) {
		return a.ownLine(name, line)
	}
	for slot, value := range slots {
		if slot == "heading" && a.parentHeading(slots["path"], value) {
			continue
		}
		if !a.slot(name, slot, value) {
			return "the template " + name + " holds what nothing bears in {" + slot + "}"
		}
	}
	return ""
}

// sideSlots are the slots of a line of the template side. A title may hold the
// marks that end it, so that the last of them before the markers counts.
func (a *audit) sideSlots(line string) prompts.Slots {
	open, shut := "《", "》"
	if a.Lang == "en" {
		open, shut = ", “", "”"
	}
	place, rest, _ := strings.Cut(line, open)
	end := max(strings.LastIndex(rest, shut), 0)
	marks := strings.TrimRight(strings.TrimPrefix(rest[end:], shut), ":：")
	return prompts.Slots{"place": place, "title": rest[:end], "marker": marks}
}

var onlyMarkers = regexp.MustCompile(`^(?:\s?[\[(]?\[?\d{1,3}\]?[,、和 and]*)*$`)

// slot tells whether a value may stand in a slot.
func (a *audit) slot(name, slot, value string) bool {
	switch slot {
	case "notice":
		return a.isNotice(value)
	case "marker", "n", "first", "second", "documents", "clauses", "limit", "year":
		return onlyMarkers.MatchString(strings.TrimSpace(value))
	case "title", "document", "newer":
		return a.documentSaid(value)
	case "path":
		return a.pathSaid(name, value)
	case "bodies":
		return a.bodiesSaid(value)
	case "pairs":
		return a.pairsSaid(value)
	case "place", "places", "heading", "word", "old", "new":
		return a.librarySays(value)
	case "from", "until", "day", "date":
		return figureOnly.MatchString(value)
	case "case", "kinds", "why":
		return len(value) < 120 && len(unplain(value, "")) == 0 && !strings.ContainsAny(value, "。；")
	}
	return false
}

var figureOnly = regexp.MustCompile(`^(?:\d{4}年?(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{4}(?:-\d\d){0,2}|\d{1,2} [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d{1,2}, \d{4}|[A-Z][a-z]+ \d{4})\*?$`)

// documentSaid: a title of the library, in its marks or not, perhaps followed
// by its facts in brackets; or a title that a clause names.
func (a *audit) documentSaid(value string) bool {
	for _, c := range a.library {
		t := c.Document.Title
		if t == "" {
			continue
		}
		for _, open := range []string{"《" + t, "“" + t, t} {
			if strings.HasPrefix(value, open) {
				facts := strings.TrimLeft(value[len(open):], "*》”")
				return a.factsSaid(strings.Trim(strings.TrimSpace(facts), "（）()"), c.Document)
			}
		}
	}
	title := strings.Trim(value, "《》“”")
	return len(title) > 0 && a.librarySays(title)
}

// factsSaid: each fact is a template whose slots are the document's own.
func (a *audit) factsSaid(facts string, d Document) bool {
	if facts == "" {
		return true
	}
	own := strings.Join([]string{d.Number, d.Jurisdiction, d.Issuer}, "\n")
	for _, f := range strings.FieldsFunc(facts, func(r rune) bool { return r == '，' || r == ',' }) {
		f = strings.ReplaceAll(strings.TrimSpace(f), "*", "")
		if f == "" || strings.Contains(own, f) {
			continue
		}
		name, slots, ok := prompts.Match(a.Lang, f)
		if !ok || !strings.HasPrefix(name, "fact_") {
			return false
		}
		for slot, v := range slots {
			if slot == "place" && v != d.Jurisdiction || slot != "place" && !a.figureOf(v, d) {
				return false
			}
		}
	}
	return true
}

// figureOf: a date or year that the document's fields hold.
func (a *audit) figureOf(v string, d Document) bool {
	said, _ := dates(fold(v))
	if len(said) == 0 {
		return false
	}
	own := []string{d.IssuedOn, d.ValidFrom, d.ValidUntil, d.Deadline}
	if d.TargetYear > 0 {
		own = append(own, strconv.Itoa(d.TargetYear))
	}
	for _, s := range said {
		if !slices.ContainsFunc(own, func(o string) bool { return o != "" && dateBears(o, s.date) }) {
			return false
		}
	}
	return true
}
