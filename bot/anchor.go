package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// factsAsked is asked about a document rather than about what it says.
var factsAsked = regexp.MustCompile(`文号|发文(?:字号|机关|单位|日期)|(?:印发|发布|签发|落款|成文|出台|下发)(?:的)?(?:日期|时间)|(?:哪天|哪年|哪一年|什么时候|何时|几号|几月)(?:正式)?(?:印发|发布|签发|出台|下发|发的|签的)|(?:印发|发布|签发|出台|下发)(?:的|于|是)?(?:哪|什么时候|何时|几)|谁(?:印发|发|下发|发布)的|document number|(?:issue|issuance|publication) date|date of (?:issue|issuance)|when (?:was|were) [^.?!]{0,60}(?:issued|published|signed|released)|who issued`)

// asksDocument reports whether a question is about the documents that it means:
// their number, date or validity.
func asksDocument(u understand.Understanding) bool {
	return len(u.Documents) > 0 && (factsAsked.MatchString(u.Folded) || u.Asks(intent.Validity))
}

// maxAnchors is how many clauses of a document tell its facts at most.
const maxAnchors = 2

// anchors are the clauses of a document that state what is asked about it: its
// number and date, or until when it runs. There are none where the text does not
// say.
func anchors(clauses []retrieval.Clause, u understand.Understanding) []retrieval.Clause {
	if len(clauses) == 0 {
		return nil
	}
	d := clauses[0].Document
	var out []retrieval.Clause
	add := func(match func(c retrieval.Clause) bool) {
		if i := slices.IndexFunc(clauses, match); i >= 0 && len(out) < maxAnchors && !slices.ContainsFunc(out, func(c retrieval.Clause) bool { return c.ID == clauses[i].ID }) {
			out = append(out, clauses[i])
		}
	}
	has := func(word string) func(retrieval.Clause) bool {
		want := understand.Squeeze(word)
		return func(c retrieval.Clause) bool { return want != "" && strings.Contains(understand.Squeeze(c.Text), want) }
	}
	if factsAsked.MatchString(u.Folded) {
		add(has(d.Number))
		add(has(printedDate(d.IssuedOn)))
		return out
	}
	if d.ValidUntil != "" {
		add(has(d.Title))
		add(has(printedDate(d.ValidUntil)))
	}
	if d.Deadline != "" {
		add(func(c retrieval.Clause) bool {
			return has(printedDate(d.Deadline))(c) || has(englishDate(d.Deadline))(c)
		})
	}
	if d.TargetYear > 0 {
		year := strconv.Itoa(d.TargetYear)
		add(func(c retrieval.Clause) bool { return c.Goals() && strings.Contains(c.Text, year) })
	}
	add(has(printedDate(d.IssuedOn)))
	return out
}

// printedDate is a whole date as Chinese documents print it, or "".
func printedDate(date string) string {
	if len(date) != len("2006-01-02") {
		return ""
	}
	return showDate(date, "zh")
}

// englishDate is a whole date as English documents print it: December 31, 2022.
func englishDate(date string) string {
	if len(date) != len("2006-01-02") {
		return ""
	}
	return formatDate(date, "January 2, 2006")
}
