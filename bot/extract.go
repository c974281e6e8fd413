package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/sentence"
)

// A weigher tells how rare a word is in the library; see Library.IDF.
type weigher func(key uint64) float64

// maxQuote is the most characters that one clause's sentences may have together;
// the best one is always quoted whole.
const maxQuote = 300

// secondShare is the least share of the best sentence's weight that another
// sentence must add in words of the question that are not quoted yet.
const secondShare = 0.4

// A quote is a piece of a clause's text, in bytes.
type quote struct {
	start, end int
	weight     float64 // idf of the question's words in it
}

var departmentsMark = regexp.MustCompile(`责任单位|牵头单位|责任部门|市级部门|主办单位|[Dd]epartments?|[Mm]inistries|State Council|负责`)

// extract picks the sentences of a clause that answer: one, or a run of
// neighbours in the order of the text. It is never empty.
func extract(c retrieval.Clause, u Understanding, idf weigher) []quote {
	if q, ok := departmentLine(c); ok && u.Intent == IntentBodies {
		return []quote{q}
	}
	parts := candidates(c)
	if len(parts) == 0 {
		return []quote{{end: len(c.Text)}}
	}
	asked := questionKeys(u)
	best := 0
	for i := range parts {
		parts[i].weight = weigh(c.Text[parts[i].start:parts[i].end], asked, idf, u.Intent)
		if parts[i].weight > parts[best].weight {
			best = i
		}
	}
	if next, ok := second(c, parts, best, asked, idf, u.Intent); ok {
		return parts[min(best, next) : max(best, next)+1]
	}
	return parts[best : best+1]
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
func second(c retrieval.Clause, parts []quote, best int, asked map[uint64]bool, idf weigher, intent Intent) (int, bool) {
	left := map[uint64]bool{}
	for k := range asked {
		left[k] = true
	}
	for _, k := range analysis.AppendKeys(nil, c.Text[parts[best].start:parts[best].end]) {
		delete(left, k)
	}
	next, most := -1, secondShare*parts[best].weight
	for i, p := range parts {
		from, to := min(p.start, parts[best].start), max(p.end, parts[best].end)
		if i == best || to-from > utf8.UTFMax*maxQuote || utf8.RuneCountInString(c.Text[from:to]) > maxQuote {
			continue
		}
		if w := weigh(c.Text[p.start:p.end], left, idf, intent); w > most {
			next, most = i, w
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

// questionKeys are the keys of the question's content, and of earlier turns
// where it has hardly any of its own.
func questionKeys(u Understanding) map[uint64]bool {
	out := map[uint64]bool{}
	for _, k := range analysis.AppendKeys(nil, u.Content) {
		out[k] = true
	}
	for _, text := range u.Query.Context {
		for _, k := range analysis.AppendKeys(nil, text) {
			out[k] = true
		}
	}
	return out
}

// weigh sums the rarity of the asked words that s has. Single characters say
// little beside the pairs that hold them. A question for a number prefers
// sentences with numbers.
func weigh(s string, asked map[uint64]bool, idf weigher, intent Intent) float64 {
	seen := map[uint64]bool{}
	sum := 0.0
	for _, k := range analysis.AppendKeys(nil, s) {
		if !asked[k] || seen[k] {
			continue
		}
		seen[k] = true
		sum += idf(k) * kindWeight(k)
	}
	if (intent == IntentNumber || intent == IntentDate) && strings.ContainsFunc(s, unicode.IsDigit) {
		sum *= 1.3
	}
	return sum
}

// kindWeight is what a key counts as evidence.
func kindWeight(key uint64) float64 {
	if analysis.KindOf(key) == analysis.Unigram {
		return 0.2
	}
	return 1
}
