package bot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// Limits of citations.
const (
	maxCited     = 3 // clauses of an ordinary answer
	maxCitedList = 6 // where each of several documents is asked for
)

// The evidence rules. Their figures come from the development questions: see
// docs/design.md, "When it abstains".
const (
	pool        = 20   // clauses that are looked at
	searched    = 60   // clauses that are searched for: more than pool, for those that only vectors found
	minCoverage = 0.04 // least share of what is asked that the best clause must say
	ownWords    = 0.60 // how much full coverage raises a score
	relative    = 0.74 // least evidence of a further clause against the best one
	relativeAll = 0.60 // the same where a list is asked for
	share       = 0.50 // least coverage of a further clause against the best one
	shareAll    = 0.50 // the same where a list is asked for
	sideShare   = 0.50 // least coverage of the best clause of a side against the best of all
)

// A judged hit is a clause with the evidence for it.
type judged struct {
	hit      retrieval.Hit
	coverage float64 // share of what is asked that it says, by rarity
}

// evidence orders clauses: the score of the search, raised for clauses that say
// what is asked rather than what the document's title says.
// What an index entry adds is no evidence of the clause's words.
func (j judged) evidence() float64 { return j.score() * (1 + ownWords*j.coverage) }

// score is that of the search without what an index entry adds.
func (j judged) score() float64 {
	if t := j.hit.Why.Taught; t != nil {
		return j.hit.Score - t.Part
	}
	return j.hit.Score
}

// document is the id of the clause's document.
func (j judged) document() string { return j.hit.Clause.Document.ID }

// rank judges the hits of a question, best first. A clause of another place
// than the question names is left out, unless its document is meant. Beside the clauses that are looked at,
// some that only their vectors found may be in the list: they take nobody's place.
func rank(hits []retrieval.Hit, u understand.Understanding, subject []retrieval.Concept) []judged {
	held := u.Held()
	var out []judged
	left := pool
	for _, h := range hits {
		meant := slices.ContainsFunc(u.Documents, func(n understand.Named) bool { return n.ID == h.Clause.Document.ID })
		if len(held) > 0 && !meant && !slices.ContainsFunc(held, func(p string) bool { return understand.Fits(h.Clause.Document, p) }) {
			continue
		}
		j := judged{h, coverage(h.Clause, subject)}
		if !unsupported(j) {
			if left == 0 {
				break
			}
			left--
		}
		out = append(out, j)
	}
	slices.SortStableFunc(out, func(a, b judged) int { return cmp.Compare(b.evidence(), a.evidence()) })
	return out
}

// subject are the concepts that say what is asked about, without the words that
// only show what kind of answer is wanted, and names of places. Where nothing else
// is asked about than the title of the document found first, the words for the kind
// of answer are what tells its clauses apart: the targets of the industry.
func subject(found retrieval.Found, u understand.Understanding) []retrieval.Concept {
	var shows [][2]int
	for _, f := range intent.Read(u.Query.Text).Intents {
		for _, w := range f.Words {
			if showsKind(f.Intent, w.Text) {
				shows = append(shows, [2]int{w.Start, w.End})
			}
		}
	}
	var out, kinds []retrieval.Concept
	for _, c := range found.Concepts {
		shown := func(s [2]int) bool { return s[0] <= c.Start && c.End <= s[1] }
		place := func(p understand.Place) bool { return p.Held && p.Text == c.Text }
		switch {
		case number.MatchString(c.Text) || slices.ContainsFunc(u.Places, place):
		case !c.Context && (slices.ContainsFunc(shows, shown) || u.Asks(intent.Validity) && asksValidity(c.Text)):
			if u.Main() == intent.Number {
				kinds = append(kinds, c)
			}
		default:
			out = append(out, c)
		}
	}
	switch {
	case len(out) == 0:
		return found.Concepts
	case len(kinds) > 0 && len(found.Hits) > 0 && titled(out, found.Hits[0].Clause.Document):
		return append(out, kinds...)
	}
	return out
}

// asksValidity reports whether a word by itself asks whether something is in force, as expire does wherever it stands.
func asksValidity(word string) bool {
	return word == "valid" || slices.ContainsFunc(intent.Read(word).Intents, func(f intent.Found) bool { return f.Intent == intent.Validity })
}

// titled reports whether the title of a document says all of what is asked about.
func titled(concepts []retrieval.Concept, d retrieval.Document) bool {
	title := keysOf(d.Title, d.Number, d.Jurisdiction)
	return !slices.ContainsFunc(concepts, func(x retrieval.Concept) bool { return said(x, title) < wholly })
}

var number = regexp.MustCompile(`^[\d.,]+$|^(?:亿|亿元|万元|万|元|rmb|yuan|million|billion|percent)$`)

// shapes are the intents whose words say what kind of answer is wanted and
// nothing about its subject: 谁负责, 分别, 还有效吗. Longer words hold some of the
// subject too.
var shapes = []intent.Intent{
	intent.Bodies, intent.Compare, intent.List, intent.Validity, intent.Eligible, intent.Date, intent.Number, intent.Money, intent.Define,
}

// longestShape is in characters.
const longestShape = 8

// showsKind reports whether words that show an intent say nothing of the subject. How English asks for validity is
// longer: still in force.
func showsKind(kind intent.Intent, text string) bool {
	most := longestShape
	if kind == intent.Validity && text[0] < utf8.RuneSelf {
		most = 20
	}
	return slices.Contains(shapes, kind) && utf8.RuneCountInString(text) <= most
}

// coverage is the share of the concepts, by rarity, that the clause says in its
// text or the headings above it, in any form. What the document's title, number
// and place say is not counted: every clause of it would have that. A concept
// that nothing in the library says counts fully.
func coverage(c retrieval.Clause, concepts []retrieval.Concept) float64 {
	common := keysOf(c.Document.Title, c.Document.Number, c.Document.Jurisdiction)
	has := keysOf(append([]string{c.Path, c.Text}, c.Parents...)...)
	sum, all := 0.0, 0.0
	for _, x := range concepts {
		if said(x, common) >= wholly {
			continue
		}
		all += x.Weight
		sum += x.Weight * said(x, has)
	}
	if all == 0 {
		return 0
	}
	return sum / all
}

// wholly is the share from which a concept is said.
const wholly = 0.9

// said is how much of a concept the keys have, in the form that they have most of.
func said(x retrieval.Concept, keys map[uint64]bool) float64 {
	best := shareOf(x.Text, keys)
	for _, f := range x.Forms {
		if f.Weight > best {
			best = max(best, f.Weight*shareOf(f.Text, keys))
		}
	}
	return best
}

// shareOf is the share of the pairs and words of a text that are among keys.
func shareOf(text string, keys map[uint64]bool) float64 {
	n, all := 0, 0
	for _, k := range analysis.AppendKeys(nil, text) {
		if analysis.KindOf(k) == analysis.Unigram {
			continue // a single character is no evidence: 天 of 天气 is everywhere
		}
		all++
		if keys[k] {
			n++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}

func keysOf(fields ...string) map[uint64]bool {
	out := map[uint64]bool{}
	for _, f := range fields {
		for _, k := range analysis.AppendKeys(nil, f) {
			out[k] = true
		}
	}
	return out
}

// unsupported reports whether only the likeness of its vector speaks for a
// clause. Some clause is always the most alike, whatever is asked: that orders
// clauses and is no evidence.
func unsupported(j judged) bool { return j.hit.Why.Vector > 0 && j.coverage < minCoverage }

// byWords is the evidence without the likeness of the vector.
func (j judged) byWords() float64 {
	return (j.score() - j.hit.Why.Vector) * (1 + ownWords*j.coverage)
}

// choose picks the clauses to cite; none means to abstain. Whether to abstain is
// for words alone to say; vectors help to choose.
func choose(ranked []judged, u understand.Understanding) []judged {
	ranked = slices.DeleteFunc(slices.Clone(ranked), func(j judged) bool {
		return frames(j) && !u.Asks(intent.Date, intent.Validity, intent.Bodies) && !factsAsked.MatchString(u.Folded)
	})
	if len(ranked) == 0 {
		return nil
	}
	first := slices.MaxFunc(ranked, func(a, b judged) int { return cmp.Compare(a.byWords(), b.byWords()) })
	if first.coverage < minCoverage {
		return nil
	}
	ranked = slices.DeleteFunc(ranked, unsupported)
	if sides := bySide(ranked, u); len(sides) > 1 {
		return sides
	}
	if places := byPlace(ranked, u); len(places) > 1 {
		return places
	}
	score, words := relative, share
	if u.Asks(intent.List) {
		score, words = relativeAll, shareAll
	}
	out := ranked[:1:1]
	perDocument := map[string]int{ranked[0].document(): 1}
	for _, j := range ranked[1:] {
		if len(out) == maxCited || j.evidence() < score*ranked[0].evidence() {
			break
		}
		if j.coverage < max(minCoverage, words*ranked[0].coverage) || u.Asks(intent.List) && perDocument[j.document()] > 1 {
			continue
		}
		perDocument[j.document()]++
		out = append(out, j)
	}
	return bodiesFirst(out, u)
}

// frames reports whether a clause is the lines above or below a document, with its number, addressees and date: they
// provide nothing.
func frames(j judged) bool {
	return strings.HasSuffix(j.hit.Clause.ID, ".head") || strings.HasSuffix(j.hit.Clause.ID, ".signature")
}

// documentsAsked is asked about each of several documents.
var documentsAsked = regexp.MustCompile(`(?:[几两三四五各]|多)[份个](?:政策)?(?:文件|材料|计划|方案|政策)|哪(?:几|些)份|各份|先后[^,。;?!]{0,4}文件|(?:all|each|several|these|those|both|three|two) (?:of the )?(?:documents|plans|policies)|different documents`)

// bySide picks the best clause of each side of a comparison: of each document
// that is meant, or else of each place.
func bySide(ranked []judged, u understand.Understanding) []judged {
	var sides []func(judged) bool
	switch held := u.Held(); {
	case len(u.Documents) > 1:
		for _, d := range u.Documents {
			sides = append(sides, func(j judged) bool { return j.document() == d.ID })
		}
	case documentsAsked.MatchString(u.Folded):
		seen := map[string]bool{}
		for _, j := range ranked {
			if id := j.document(); !seen[id] && len(seen) < maxCitedList {
				seen[id] = true
				sides = append(sides, func(j judged) bool { return j.document() == id })
			}
		}
	case len(held) > 1 && u.Asks(intent.Compare, intent.List):
		for _, p := range held {
			sides = append(sides, func(j judged) bool { return understand.Fits(j.hit.Clause.Document, p) })
		}
	}
	var out []judged
	for _, side := range sides {
		i := slices.IndexFunc(ranked, side)
		if i >= 0 && ranked[i].coverage >= sideShare*ranked[0].coverage && !slices.ContainsFunc(out, func(j judged) bool { return j.hit.Clause.ID == ranked[i].hit.Clause.ID }) {
			out = append(out, ranked[i])
		}
	}
	return out
}

// alike is the least evidence, and coverage, of the best clause of a further
// place against the best one, where the question names no place.
const alike = 0.85

// byPlace picks the best clause of each place where the question names neither
// place nor document and the places have about the same to say.
func byPlace(ranked []judged, u understand.Understanding) []judged {
	if len(u.Places) > 0 || len(u.Documents) > 0 {
		return nil
	}
	seen := map[string]bool{}
	var out []judged
	for _, j := range ranked {
		city := understand.CityOf(j.hit.Clause.Document)
		if seen[city] {
			continue
		}
		seen[city] = true
		if len(out) == 0 || j.evidence() >= alike*out[0].evidence() && j.coverage >= alike*out[0].coverage {
			out = append(out, j)
		}
	}
	return out
}
