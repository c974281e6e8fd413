package bot

import (
	"regexp"
	"slices"
	"time"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// maxNearest is how many clauses an abstention shows.
const maxNearest = 3

// maxContacts is how many bodies an abstention names.
const maxContacts = 9

// judge cites the clauses that answer, or says why there is no answer.
func (e *Evidence) judge(a *Answer) []ExplainedHit {
	u := e.Understanding
	e.setStatus()
	side := e.Sides[0]
	ranked := e.spoken(rank(side.Hits, u, side.Concepts))
	shown := firstMarked(ranked)
	a.Promise = u.Kind == intent.Guarantee
	if a.Outcome, a.Reason = e.declines(ranked); a.Outcome != "" {
		e.abstain(a, shown)
		return explained(shown, nil)
	}
	chosen := e.withMarked(shown, e.choose(ranked))
	quoted := func(j judged) string { return quotedText(j.hit.Clause, extract(j.hit.Clause, u, side.Concepts)) }
	a.Lacking = e.lacking(chosen, quoted)
	if len(chosen) == 0 || a.Lacking != "" {
		a.Outcome, a.Reason = Abstained, ReasonNotInLibrary
		e.abstain(a, shown)
		return explained(shown, nil)
	}
	a.Outcome, a.Confidence = Answered, max(confidence(ranked, chosen), chosen[0].similarity())
	for n, j := range chosen {
		a.cite(n+1, j.hit.Clause, extract(j.hit.Clause, u, side.Concepts))
	}
	a.Sides, a.AskBack = e.sides(chosen)
	day, _ := time.Parse(time.DateOnly, e.Day)
	a.Notices = e.notices(a, day)
	return explained(shown, chosen)
}

// lacking names what is asked for and what none of the chosen clauses, in the words that would be quoted, says; "" when
// there is nothing.
func (e *Evidence) lacking(chosen []judged, quoted func(judged) string) string {
	name := lacking(e.Understanding, chosen, quoted)
	switch {
	case name != "":
		return name
	case e.unnamed(chosen):
		return "expense"
	case e.undated(chosen, quoted):
		return lackingDate
	}
	return ""
}

// setStatus sets the status of all documents for the day.
func (e *Evidence) setStatus() {
	day, _ := time.Parse(time.DateOnly, e.Day)
	for _, side := range append(slices.Clone(e.Sides), e.Again) {
		for i := range side.Hits {
			d := &side.Hits[i].Clause.Document
			d.Status = d.StatusOn(day)
		}
	}
	for i := range e.Anchors {
		d := &e.Anchors[i].Document
		d.Status = d.StatusOn(day)
	}
}

// declines tells why a question is not looked into; two empty words when it is.
func (e *Evidence) declines(ranked []judged) (outcome, reason string) {
	u := e.Understanding
	switch u.Main() {
	case intent.Attack:
		return Refused, ReasonInjection
	case intent.SmallTalk:
		return Refused, ReasonSmallTalk
	case intent.Abuse:
		return Refused, ReasonAbuse
	case intent.OffTopic:
		switch u.Kind {
		case intent.Guarantee:
		case intent.Prediction, intent.Opinion:
			if len(ranked) == 0 || ranked[0].coverage < clearly {
				return Abstained, ReasonJudgement
			}
		default:
			return Refused, ReasonOffTopic
		}
	}
	switch {
	case e.elsewhere(ranked):
		return Abstained, ReasonOtherPlace
	case len(u.Missing) > 0 && !u.Asks(intent.Validity):
		return Abstained, ReasonNotInLibrary
	case !slices.ContainsFunc(ranked, judged.marked) && (e.onlyElsewhere(ranked) || e.foreign(ranked) && !asksDocument(u)):
		return Abstained, ReasonNotInLibrary
	case len(u.Documents) == 0 && !u.Follows && e.bare():
		return Clarify, ReasonUnclear
	}
	return "", ""
}

// elsewhere reports whether the question is about a place that no document
// applies to: the asker is there, or no other place is named. It is not when the
// best clause speaks of the place itself.
func (e *Evidence) elsewhere(ranked []judged) bool {
	u := e.Understanding
	here := slices.ContainsFunc(u.Places, func(p understand.Place) bool { return p.Held && p.Asker })
	held := len(u.Held()) > 0
	for _, p := range u.Places {
		switch {
		case p.Held || here:
			continue
		case held && (!p.Asker || slices.Contains(abroad, p.Name)):
			continue
		case slices.ContainsFunc(ranked[:min(len(ranked), lookedAt)], func(j judged) bool { return e.speaksOf(j.hit.Clause, p) }):
			continue
		}
		return true
	}
	return false
}

// abroad are places that an investor may come from to a place that is named too.
var abroad = []string{"香港", "澳门", "台湾"}

// lookedAt is how many of the best clauses may speak of the place.
const lookedAt = 5

// speaksOf reports whether a clause names a place. What a machine translation
// says is looked into only for a question about that document.
func (e *Evidence) speaksOf(c retrieval.Clause, p understand.Place) bool {
	meant := slices.ContainsFunc(e.Understanding.Documents, func(n understand.Named) bool { return n.ID == c.Document.ID })
	return (!c.Document.Translated || meant) && understand.Speaks(c.Text, p.Name)
}

// spoken puts the clauses that name a place without documents first: it is what
// the question is about.
func (e *Evidence) spoken(ranked []judged) []judged {
	var first, rest []judged
	for i, j := range ranked {
		names := func(p understand.Place) bool { return !p.Held && e.speaksOf(j.hit.Clause, p) }
		if i < lookedAt && slices.ContainsFunc(e.Understanding.Places, names) {
			first = append(first, j)
		} else {
			rest = append(rest, j)
		}
	}
	return append(first, rest...)
}

// bare reports whether a question says nothing of what it is about: it asks what
// a company can apply for and says no more.
func (e *Evidence) bare() bool {
	if !e.Understanding.Asks(intent.Eligible, intent.List, intent.Apply, intent.Fact, intent.Money) {
		return false
	}
	for _, c := range e.Sides[0].Concepts {
		if !slices.Contains(general, c.Text) {
			return false
		}
	}
	return true
}

// general are words that are in every question about policies.
var general = []string{
	"政策", "申请", "申报", "补贴", "补助", "奖励", "支持", "扶持", "享受", "企业", "公司", "优惠", "项目", "资金", "条件", "符合", "政策支持", "优惠政策",
	"扶持政策", "补贴政策", "产业政策", "资助", "政府", "帮助", "创业", "发展", "拿到", "能申请", "适合", "惠企政策", "企业政策", "政府补贴", "policy", "policies",
	"apply", "support", "subsidy", "company", "business", "grant", "incentive", "help", "government", "benefit", "eligible", "qualify", "startup", "enterprise",
}

// abstain shows what is nearest and whom to ask. Another place's clauses are not
// offered, nor is anything to who asked nothing.
func (e *Evidence) abstain(a *Answer, ranked []judged) {
	u := e.Understanding
	switch {
	case a.Outcome == Refused:
		return
	case a.Reason == ReasonOtherPlace:
		a.Places = Places{Others: u.Others(), Library: e.Places}
		return
	case a.Outcome == Clarify:
		a.AskBack = "company"
		return
	}
	if a.Reason == ReasonNotInLibrary && a.Lacking == "" {
		a.Missing = u.Missing
	}
	for _, j := range ranked[:min(len(ranked), maxNearest)] {
		a.Nearest = append(a.Nearest, j.hit.Clause)
	}
	a.nearestBody(ranked)
	a.Contacts = toAsk(a.Nearest)
}

// toAsk are the bodies that the nearest clauses name, no more than somebody calls: as many of each, those that come first
// in it, which lead.
func toAsk(nearest []retrieval.Clause) []string {
	out, named := []string{}, 0
	for _, c := range nearest {
		named += min(1, len(c.Departments))
	}
	for _, c := range nearest {
		for _, body := range c.Departments[:min(maxContacts/max(1, named), len(c.Departments))] {
			if !slices.Contains(out, body) {
				out = append(out, body)
			}
		}
	}
	return out
}

// nearestBody shows, where a date to come is asked for and none of the nearest clauses names a body, the best one that
// does in the last place: somebody has to know the date.
func (a *Answer) nearestBody(ranked []judged) {
	named := func(c retrieval.Clause) bool { return len(c.Departments) > 0 }
	if a.Lacking != lackingDate || slices.ContainsFunc(a.Nearest, named) {
		return
	}
	if i := slices.IndexFunc(ranked, func(j judged) bool { return named(j.hit.Clause) }); i >= maxNearest {
		a.Nearest[maxNearest-1] = ranked[i].hit.Clause
	}
}

// choose picks the clauses to cite; none means to abstain.
func (e *Evidence) choose(ranked []judged) []judged {
	u := e.Understanding
	if len(e.Anchors) > 0 || asksDocument(u) {
		if out := e.documentFacts(ranked); len(out) > 0 || factsAsked.MatchString(u.Folded) {
			return out
		}
	}
	if gapAsked.MatchString(u.Folded) {
		if out := gap(ranked); len(out) > 1 {
			return out
		}
	}
	out := choose(ranked, u)
	for _, side := range e.Sides[1:] {
		if len(out) > 0 && len(out) < maxCited {
			out = e.choosePart(out, side)
		}
	}
	return out
}

// choosePart adds the best clause for one part of a question, if it says clearly
// more of that part than the clauses that are there, or people marked it.
func (e *Evidence) choosePart(out []judged, side Side) []judged {
	own := slices.DeleteFunc(slices.Clone(side.Concepts), func(c retrieval.Concept) bool { return c.Context })
	best := rank(side.Hits, e.Understanding, own)
	if first := firstMarked(best); len(first) > 0 && first[0].marked() && !cites(out, first[0]) {
		return append(out, first[0])
	}
	if len(own) == 0 || len(best) == 0 || best[0].coverage < clearly || cites(out, best[0]) {
		return out
	}
	for _, j := range out {
		if best[0].coverage < more*coverage(j.hit.Clause, own) {
			return out
		}
	}
	return append(out, best[0])
}

const (
	clearly = 0.30 // least coverage of a clause that answers a part of a question alone
	more    = 1.25 // least lead of its coverage over clauses that are cited already
)

// gapAsked is asked about the distance from what is reached to a target.
var gapAsked = regexp.MustCompile(`(?:还|仍|尚)?差(?:多少|几|多远)|离[^,。;?!]{0,12}目标|距离?[^,。;?!]{0,12}目标|how far (?:from|off|short)|(?:short of|gap to) (?:the |its )?(?:target|goal)`)

// gap picks the best clause that says what is aimed at and the best that says
// what is reached, of one document.
func gap(ranked []judged) []judged {
	var out []judged
	for _, says := range []*regexp.Regexp{ahead, achieved} {
		i := slices.IndexFunc(ranked, func(j judged) bool {
			same := len(out) == 0 || j.document() == out[0].document() && !cites(out, j)
			return same && says.MatchString(j.hit.Clause.Text) && j.coverage >= sideShare*ranked[0].coverage
		})
		if i >= 0 {
			out = append(out, ranked[i])
		}
	}
	return out
}

// foreign reports whether most of what is asked about is in no clause at all, by
// words that are known to be words, and the best clause says little of the rest.
// A pair of characters that no entry has may be the end of one word and the
// beginning of the next; it says nothing.
func (e *Evidence) foreign(ranked []judged) bool {
	absent, all := 0.0, 0.0
	for _, c := range e.Sides[0].Concepts {
		all += c.Weight
		if c.Unknown && c.Entry {
			absent += c.Weight
		}
	}
	if all == 0 || absent < mostAbsent*all {
		return false
	}
	return !slices.ContainsFunc(ranked[:min(len(ranked), lookedAt)], func(j judged) bool { return j.coverage >= little*absent/all })
}

const (
	mostAbsent = 0.45 // least share, by rarity, of what is asked about
	little     = 0.60 // of that share: the coverage of the best clauses
)

// onlyElsewhere reports whether what is asked is said, and clearly so, by
// documents of other places than the question names, and hardly by theirs.
func (e *Evidence) onlyElsewhere(ranked []judged) bool {
	here, there := 0.0, 0.0
	for _, j := range ranked {
		here = max(here, j.coverage)
	}
	languages := map[string]bool{}
	for _, j := range ranked {
		languages[j.hit.Clause.Document.Language] = true
	}
	for _, h := range e.Elsewhere {
		if languages[h.Clause.Document.Language] { // words of the question's language are in a text of that language whatever it is about
			there = max(there, coverage(h.Clause, e.Sides[0].Concepts))
		}
	}
	return there >= stands && here < faint*there
}

const (
	stands = 0.50 // coverage of a clause elsewhere that is about the question
	faint  = 0.55 // share of it below which the clauses here are not
)

func cites(list []judged, j judged) bool {
	return slices.ContainsFunc(list, func(o judged) bool { return o.hit.Clause.ID == j.hit.Clause.ID })
}

// subjectCoverage is the least coverage of a clause on the subject of a question
// about a document.
const subjectCoverage = 0.5

// documentFacts are the anchors, with the clause on the subject before them where
// the question has one.
func (e *Evidence) documentFacts(ranked []judged) []judged {
	var out []judged
	if !factsAsked.MatchString(e.Understanding.Folded) && len(ranked) > 0 && ranked[0].coverage >= subjectCoverage && len(e.Sides[0].Concepts) > 1 {
		out = append(out, ranked[0])
	}
	for _, c := range e.Anchors {
		if j := (judged{hit: retrieval.Hit{Clause: c}}); !cites(out, j) && len(out) < maxCited {
			out = append(out, j)
		}
	}
	return out
}

// sides tells whether the chosen clauses are sides of a comparison, or of places
// of which the question names none: then it would help to know which.
func (e *Evidence) sides(chosen []judged) (sides bool, askBack string) {
	u := e.Understanding
	documents, cities := map[string]bool{}, map[string]bool{}
	for _, j := range chosen {
		documents[j.document()] = true
		cities[understand.CityOf(j.hit.Clause.Document)] = true
	}
	if len(cities) > 1 && len(u.Places) == 0 && len(u.Documents) == 0 {
		return true, "place"
	}
	return len(documents) > 1, ""
}

func quotedText(c retrieval.Clause, run []quote) string {
	return c.Text[run[0].start:run[len(run)-1].end]
}

// confidence tells how clearly the best clause answers: by what it says of the
// question, and by how far it stands out from the next one that is not cited.
func confidence(ranked, chosen []judged) float64 {
	best, next := chosen[0], 0.0
	for _, j := range ranked {
		if !cites(chosen, j) {
			next = j.evidence()
			break
		}
	}
	if best.evidence() <= 0 {
		return best.coverage / 2 // the facts of a document, which were not searched for
	}
	return (best.coverage + max(0, 1-next/best.evidence())) / 2
}
