package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// maxQuote is the most characters that one clause's sentences may have together;
// the best one is always quoted whole.
const maxQuote = 300

// secondShare is the least share of the best sentence's weight that another
// sentence must add in words of the question that are not quoted yet.
const secondShare = 0.4

// A quote is a piece of a clause's text, in bytes.
type quote struct {
	start, end int
	said       []float64 // how much of each concept of the question it says
	weight     float64   // of what it says, by rarity
}

var departmentsMark = regexp.MustCompile(`责任单位|牵头单位|责任部门|市级部门|主办单位|[Dd]epartments?|[Mm]inistries|State Council|负责`)

// extract picks the sentences of a clause that answer: one, or a run of
// neighbours in the order of the text. It is never empty.
func extract(c retrieval.Clause, u understand.Understanding, concepts []retrieval.Concept) []quote {
	if q, ok := departmentLine(c); ok && u.Main() == intent.Bodies {
		return []quote{q}
	}
	parts := candidates(c)
	if len(parts) == 0 {
		return []quote{{end: len(c.Text)}}
	}
	numbers := u.Asks(intent.Number, intent.Money, intent.Date)
	best := 0
	for i := range parts {
		parts[i].weigh(c.Text, concepts, numbers)
		if parts[i].weight > parts[best].weight {
			best = i
		}
	}
	if next, ok := second(c, parts, best, concepts); ok {
		return parts[min(best, next) : max(best, next)+1]
	}
	return parts[best : best+1]
}

// withNumber is what a sentence with a number counts more where one is asked for.
const withNumber = 1.3

// weigh fills in what the quote says of the concepts.
func (q *quote) weigh(text string, concepts []retrieval.Concept, numbers bool) {
	own := text[q.start:q.end]
	keys := keysOf(own)
	factor := 1.0
	if numbers && strings.ContainsFunc(own, unicode.IsDigit) {
		factor = withNumber
	}
	for _, x := range concepts {
		q.said = append(q.said, said(x, keys))
		q.weight += factor * x.Weight * q.said[len(q.said)-1]
	}
}

// departmentLine is the sentence that names the responsible bodies.
func departmentLine(c retrieval.Clause) (quote, bool) {
	if len(c.Departments) == 0 {
		return quote{}, false
	}
	for _, s := range slices.Backward(sentence.Split(c.Text)) {
		if own := c.Text[s.Start:s.End]; departmentsMark.MatchString(own) && strings.Contains(own, c.Departments[0]) {
			return quote{start: s.Start, end: s.End}, true
		}
	}
	return quote{}, false
}

// second finds the sentence that adds most to the best one, if it adds enough
// and the run from one to the other is not too long to quote.
func second(c retrieval.Clause, parts []quote, best int, concepts []retrieval.Concept) (int, bool) {
	next, most := -1, secondShare*parts[best].weight
	for i, p := range parts {
		from, to := min(p.start, parts[best].start), max(p.end, parts[best].end)
		if i == best || to-from > utf8.UTFMax*maxQuote || utf8.RuneCountInString(c.Text[from:to]) > maxQuote {
			continue
		}
		added := 0.0
		for k, x := range concepts {
			added += x.Weight * max(0, p.said[k]-parts[best].said[k])
		}
		if added > most {
			next, most = i, added
		}
	}
	return next, next >= 0
}

// candidates are the sentences of a clause. Its heading is none of them unless
// the clause has nothing else, nor is its list of departments.
func candidates(c retrieval.Clause) []quote {
	var all, kept []quote
	for i, s := range sentence.Split(c.Text) {
		q := quote{start: s.Start, end: s.End}
		all = append(all, q)
		own := c.Text[s.Start:s.End]
		if i == 0 && c.Heading != "" && strings.HasSuffix(strings.TrimRightFunc(own, isMark), strings.TrimRightFunc(c.Heading, isMark)) {
			continue
		}
		if len(c.Departments) > 0 && strings.HasPrefix(strings.TrimLeft(own, "（("), "责任单位") || strings.HasPrefix(own, "(Municipal departments") ||
			strings.HasPrefix(own, "(Involved ministries") || strings.HasPrefix(own, "(State Council") || strings.HasPrefix(own, "(市级部门") {
			continue
		}
		kept = append(kept, q)
	}
	if len(kept) == 0 {
		return all
	}
	return kept
}

func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) }
