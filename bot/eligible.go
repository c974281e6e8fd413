package bot

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/bot/eligibility"
	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// Measures gives the measures that a person has approved, bound to the clauses that
// the library holds now.
type Measures interface {
	Approved(ctx context.Context) ([]eligibility.Bound, error)
}

// An Eligible is a measure compared with what is known of the asker. It is no ruling.
type Eligible struct {
	Measure  EligibleMeasure     `json:"measure"`
	Clause   retrieval.Clause    `json:"clause"`
	Verdict  eligibility.Verdict `json:"verdict"`
	Criteria []EligibleCriterion `json:"criteria"`
	N        int                 `json:"n,omitempty"` // of its citation; 0 when the text does not tell of it
}

// An EligibleMeasure is a measure as it is told, in the asker's language.
type EligibleMeasure struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Quote    string `json:"quote"` // whole sentences of the clause
	Strength string `json:"strength"`
	Period   string `json:"period,omitempty"` // that its document states: 2020-01-01/2022-12-31, or what of it is known
}

// An EligibleCriterion is a condition as it is told.
type EligibleCriterion struct {
	Text    string              `json:"text"`
	Quote   string              `json:"quote"` // words of the document that it was read from
	Verdict eligibility.Verdict `json:"verdict"`
	Fact    string              `json:"fact"`            // what it rests on, or which fact is not known
	Keys    []string            `json:"keys,omitempty"`  // of the facts
	Words   string              `json:"words,omitempty"` // of the asker
	Who     string              `json:"who,omitempty"`   // who decides it, where the asker cannot know
}

// An Asking is the question that an answer ends with.
type Asking struct {
	Keys     []string         `json:"keys"`
	Kind     eligibility.Kind `json:"kind"` // of the first of them
	Text     string           `json:"text"`
	Choices  []string         `json:"choices"`
	Measures []string         `json:"measures"` // titles of those that it can decide
	Words    string           `json:"words"`    // of the clause that makes it be asked
	Clause   retrieval.Clause `json:"clause"`
}

// Reasons of answers about the asker's own case.
const (
	ReasonNoMeasure = "no_measure" // no measure of the library is addressed to the asker
	ReasonFact      = "fact"       // a fact is asked for before anything can be listed
	ReasonDoubt     = "doubt"      // two statements contradict each other
)

// assess finds out what a conversation says of the asker, and whether this message
// asks which measures apply to them. It is nil where there are no measures.
func (d *Desk) assess(ctx context.Context, q Question, u understand.Understanding) (*Assessment, error) {
	if d.Measures == nil {
		return nil, nil
	}
	measures, err := d.Measures.Approved(ctx)
	if err != nil || len(measures) == 0 {
		return nil, err
	}
	x := &Assessment{measures: measures}
	v := x.vocabulary()
	before := fold(q.History, v)
	if q.Before != nil {
		before = *q.Before
	}
	if len(before.Facts) == 0 && len(q.Saved) > 0 {
		before.Facts, before.Saved = q.Saved, true
	}
	var h heard
	x.Interview, h = before.hear(q.Text, v)
	x.News, x.Replies = h.facts, h.answers
	x.All = h.ends || q.Profile != nil
	x.Interview.Over = h.ends || before.Over && h.answers
	if !h.answers { // another subject
		x.Interview.Measures, x.Interview.Verdicts = nil, nil
	}
	if x.Profile = x.Interview.profile(); q.Profile != nil {
		if x.Profile, x.Unused, err = eligibility.ReadProfile(q.Profile, v); err != nil {
			return nil, err
		}
	}
	x.Wanted = q.Profile != nil || h.answers || u.Asks(intent.Eligible) || x.tells(u) || len(x.News) > 0 && whether.MatchString(u.Folded)
	if !x.Wanted && x.Interview.Doubt != nil { // nobody is asked about it now
		x.Interview.Facts = x.Interview.profile().Without(x.Interview.Doubt.Was.Key).Facts
		x.Interview.Doubt = nil
	}
	return x, nil
}

// tells reports whether a message speaks of the asker and asks for measures, or asks
// nothing.
func (x *Assessment) tells(u understand.Understanding) bool {
	if len(x.News) > 0 && u.Asks(intent.List, intent.Apply, intent.Money) {
		return true
	}
	states := len(x.News) > 1 || len(x.News) == 1 && len(x.Interview.Facts) > 1
	return states && u.Main() == intent.Fact && !asking.MatchString(u.Folded)
}

// whether are words with which somebody asks about the own case.
var whether = regexp.MustCompile(`吗|是不是|能不能|能否|可否|是否|可以|能(?:享受|申请|申报|拿|用|去|按|设|够|自己|直接)|行不行|行得通|支持我|\b(?:can|may|could)\b|\b(?:eligible|qualify|qualifies|allowed|entitled)\b`)

// asking are words of a question.
var asking = regexp.MustCompile(`[?]|吗|呢|什么|哪些|哪个|哪里|怎么|如何|多少|谁|几|是否|有没有|\b(?:what|which|who|how|when|where|why|whether)\b|^\s*(?:can|could|do|does|is|are|may|will|would|should)\b`)

// anything are the words of a question for whatever there is.
var anything = regexp.MustCompile(`(?:哪些|什么|啥|哪几)(?:样的|种)?(?:惠企|优惠|扶持|支持|补贴|奖励|资金|相关|产业|医药|生物医药)*(?:的)?(?:政策|支持|补贴|优惠|扶持|措施|项目|资金|奖励|好处|条款|待遇)|(?:享受|申请|申报|拿到?|得到|获得|符合|适用|用上?)(?:到)?(?:哪些|什么|啥)|(?:哪些|什么)(?:能|可以)(?:享受|申请|申报|拿|用)|我们(?:适用|符合)(?:吗|什么)|(?:我们|我司|公司)(?:能|可以)享受吗|\b(?:what|which)\b[^?]{0,24}\b(?:support|policy|policies|measures?|incentives?|programmes?|programs?|subsid\w+|grants?|benefits?|funding)\b|\bwhat (?:can|could|may|are|do) we\b|\banything (?:for us|we)\b|\bdo we qualify for anything`)

var phrases = regexp.MustCompile(`(?:[^，,。；;！!？?\n.]|\.\S)+`)

// broad reports whether a question asks for whatever applies to the asker: the phrase
// that asks says nothing beside what is known of the asker and words that are in every
// question about policies. So does a message that asks nothing.
func (e *Evidence) broad() bool {
	x := e.Eligible
	if len(e.Sides) == 0 || !asking.MatchString(e.Understanding.Folded) && x.tells(e.Understanding) {
		return true
	}
	text, asks := e.Understanding.Query.Text, false
	for _, at := range phrases.FindAllStringIndex(text, -1) {
		if !anything.MatchString(analysis.Normalize(text[at[0]:at[1]])) {
			continue
		}
		asks = true
		for _, c := range e.Sides[0].Concepts {
			if !c.Context && at[0] <= c.Start && c.End <= at[1] && !e.isTold(c.Text) {
				return false
			}
		}
	}
	return asks || e.bare()
}

// isTold reports whether a concept is known of the asker, or says nothing.
func (e *Evidence) isTold(concept string) bool {
	in := func(words string) bool { return strings.Contains(analysis.Normalize(words), concept) }
	return slices.Contains(general, concept) || anything.MatchString(concept) ||
		slices.ContainsFunc(e.Eligible.Interview.Facts, func(k eligibility.Known) bool { return in(k.Words) }) ||
		slices.ContainsFunc(e.Understanding.Places, func(p understand.Place) bool { return in(p.Text) })
}

// scope is the measures that the answer is about: those asked about before for a
// reply, all of a broad question or for a whole profile, else those of the cited clauses.
func (x *Assessment) scope(cited []Citation) []eligibility.Bound {
	var out []eligibility.Bound
	for _, b := range x.measures {
		own := func(c Citation) bool { return c.Clause.ID == b.Clause.ID }
		asked := len(x.Interview.Measures)
		if asked > 0 && slices.Contains(x.Interview.Measures, b.ID) || asked == 0 && (x.Listed || x.Profile.Closed || slices.ContainsFunc(cited, own)) {
			out = append(out, b)
		}
	}
	return out
}

// Limits of what is told of measures.
const (
	maxTold = 5 // measures that a conversation is told of at once; with a whole profile all are
	maxNear = 6 // measures that are not met and nearly are
)

// eligible adds to an answer what is known of the measures that it is about.
func (e *Evidence) eligible(a *Answer) {
	x := e.Eligible
	day, _ := time.Parse(time.DateOnly, e.Day)
	var results []eligibility.Result
	for _, b := range x.scope(a.Citations) {
		b.Clause.Document.Status = b.Clause.Document.StatusOn(day)
		results = append(results, b.Evaluate(x.Profile, day))
	}
	sortResults(results)
	if x.Listed || x.Profile.Closed {
		e.listed(a, results)
	} else {
		results = e.about(a, results)
		for _, r := range results {
			a.Eligibility = append(a.Eligibility, e.compared(r, a.numberOf(r.Bound)))
		}
	}
	e.interviewed(a, results)
}

// about picks the measures that a question is about, of those of the clauses that its
// answer cites, which hold more: what the answer quotes is the offer and something of it
// is decided, or a condition of the measure's own is met. Those come first of which the message decides most, and
// those of which it decides much less than of others are left out.
func (e *Evidence) about(a *Answer, results []eligibility.Result) []eligibility.Result {
	decides := map[string]int{}
	most := 0
	for _, r := range results {
		n, met := 0, false
		for _, c := range r.Criteria {
			if c.Standing != "" || c.Verdict == eligibility.Unknown {
				continue
			}
			met = met || a.quotes(r.Bound) || c.Verdict == eligibility.Met && c.Criterion.Own()
			if c.Criterion.Own() {
				n++
			}
		}
		if met {
			decides[r.Bound.ID] = n + 1
			most = max(most, n+1)
		}
	}
	out := slices.DeleteFunc(slices.Clone(results), func(r eligibility.Result) bool {
		n := decides[r.Bound.ID]
		return n == 0 || 5*n <= 3*most && n < most
	})
	slices.SortStableFunc(out, func(x, y eligibility.Result) int { return decides[y.Bound.ID] - decides[x.Bound.ID] })
	return out
}

// quotes reports whether an answer quotes the offer of a measure.
func (a *Answer) quotes(b eligibility.Bound) bool {
	return slices.ContainsFunc(a.Citations, func(c Citation) bool { return c.Clause.ID == b.Clause.ID && strings.Contains(c.Quote, b.Offer()) })
}

// meant cites the measures whose own conditions a message speaks of one and all,
// in place of what the search found, where that hardly stands out.
func (e *Evidence) meant(a *Answer) {
	x := e.Eligible
	plain := a.Outcome == Answered || a.Reason == ReasonNotInLibrary && a.Lacking == "" && len(a.Missing) == 0
	if x.Listed || !x.Wanted || x.Profile.Closed || !plain || a.Confidence >= sure {
		return
	}
	missed := func(b eligibility.Bound) bool { return a.numberOf(b) == 0 && e.statesAll(b) }
	if slices.ContainsFunc(x.measures, missed) {
		a.Sentences, a.Citations, a.Contacts, a.Sides, a.AskBack = []Sentence{}, []Citation{}, []string{}, false, ""
	}
	for _, b := range x.measures {
		if len(a.Citations) < maxCited+1 && missed(b) {
			a.citeOffer(b)
			a.Outcome, a.Reason = Answered, ""
		}
	}
	if len(a.Citations) > 0 {
		a.Nearest, a.Lacking, a.Missing, a.Places = []retrieval.Clause{}, "", nil, Places{}
		day, _ := time.Parse(time.DateOnly, e.Day)
		a.Notices = e.notices(a, day)
	}
}

// statesAll reports whether a message states every fact that a measure's own
// conditions are about, and at least two. What earlier messages stated counts for one
// that follows up on them and adds to it.
func (e *Evidence) statesAll(b eligibility.Bound) bool {
	x, n, adds := e.Eligible, 0, false
	facts := x.News
	if e.Understanding.Follows {
		facts = x.Interview.Facts
	}
	in := func(list []eligibility.Known, c *eligibility.Criterion) bool {
		return slices.ContainsFunc(list, func(k eligibility.Known) bool { return slices.Contains(c.Keys(), k.Key) })
	}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		adds = adds || in(x.News, c)
		if !c.Own() {
			continue
		}
		if !in(facts, c) {
			return false
		}
		n++
	}
	return n >= 2 && adds
}

// listed makes the answer that lists measures: those that apply or may apply, of a
// few that were asked about all.
func (e *Evidence) listed(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	few := len(x.Interview.Measures) > 0
	var offered, near []eligibility.Result
	for _, r := range results {
		switch {
		case few, r.Fits(), r.Verdict == eligibility.Unknown && x.Profile.Closed:
			offered = append(offered, r)
		case r.Verdict == eligibility.NotMet && nearly(r) && len(near) < maxNear:
			near = append(near, r)
		}
	}
	tell := x.tell(offered, few)
	a.Same = len(offered) - len(tell)
	for _, r := range append(slices.Clone(offered), near...) {
		n := 0
		if slices.ContainsFunc(tell, func(t eligibility.Result) bool { return t.Bound.ID == r.Bound.ID }) {
			n = a.citeOffer(r.Bound)
		}
		a.Eligibility = append(a.Eligibility, e.compared(r, n))
	}
	e.settleOutcome(a, results)
}

// tell picks the measures that are told of: in a conversation those whose verdict is
// new, unless all are wanted.
func (x *Assessment) tell(offered []eligibility.Result, few bool) []eligibility.Result {
	out := slices.Clone(offered)
	if !x.All && !few {
		out = slices.DeleteFunc(out, func(r eligibility.Result) bool { return x.Interview.Verdicts[r.Bound.ID] == r.Verdict })
	}
	if !x.Profile.Closed && !x.All && len(out) > maxTold {
		out = out[:maxTold]
	}
	return out
}

// settleOutcome tells what kind of answer a list of measures is.
func (e *Evidence) settleOutcome(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	_, more := e.next(results)
	switch {
	case len(a.Citations) > 0:
		a.Outcome, a.Reason, a.Confidence = Answered, "", 1
		a.Nearest, a.Lacking, a.Missing, a.Places = []retrieval.Clause{}, "", nil, Places{}
		day, _ := time.Parse(time.DateOnly, e.Day)
		a.Notices = e.notices(a, day)
	case x.Interview.Doubt != nil:
		a.Outcome, a.Reason = Clarify, ReasonDoubt
	case more && !x.Interview.Over:
		a.Outcome, a.Reason = Clarify, ReasonFact
	default:
		a.Outcome, a.Reason = Abstained, ReasonNoMeasure
	}
}

// sortResults puts what is met first, then what is unknown by how little is, then the
// rest, each in the order of the measures.
func sortResults(results []eligibility.Result) {
	rank := func(r eligibility.Result) int {
		switch r.Verdict {
		case eligibility.Met:
			return 0
		case eligibility.Unknown:
			return len(r.Open())
		}
		return 1000
	}
	slices.SortStableFunc(results, func(a, b eligibility.Result) int { return cmp.Compare(rank(a), rank(b)) })
}

// nearly reports whether one condition alone is not met, and not for the place.
func nearly(r eligibility.Result) bool {
	failed := 0
	for _, c := range r.Criteria {
		if c.Verdict != eligibility.NotMet {
			continue
		}
		if failed++; c.Standing != "" || len(c.Used) > 0 && (c.Used[0].Key == "place" || c.Used[0].Key == "entity") {
			return false
		}
	}
	return failed == 1 && len(r.Criteria) > 2
}

// numberOf is the number of the citation that quotes a measure's offer, or of any of
// its clause.
func (a *Answer) numberOf(b eligibility.Bound) int {
	n := 0
	for _, c := range a.Citations {
		if c.Clause.ID != b.Clause.ID {
			continue
		}
		if n == 0 || strings.Contains(c.Quote, b.Offer()) {
			n = c.N
		}
	}
	return n
}

// citeOffer quotes what a measure offers and returns the number of the citation. Two
// measures of one sentence share it.
func (a *Answer) citeOffer(b eligibility.Bound) int {
	for _, c := range a.Citations {
		if c.Clause.ID == b.Clause.ID && c.Quote == b.Offer() {
			return c.N
		}
	}
	n := len(a.Citations) + 1
	a.cite(n, b.Clause, []quote{{start: b.Start, end: b.End}})
	a.Citations[n-1].Gloss = nil // the title says it in the asker's language
	return n
}

// compared is a result as the asker is told it.
func (e *Evidence) compared(r eligibility.Result, n int) Eligible {
	b, lang := r.Bound, e.Understanding.Lang
	out := Eligible{
		Measure: EligibleMeasure{ID: b.ID, Title: b.Title.In(lang), Quote: b.Offer(), Strength: b.Strength, Period: periodOf(b.Clause.Document)},
		Clause:  b.Clause, Verdict: r.Verdict, N: n, Criteria: []EligibleCriterion{},
	}
	for _, c := range r.Criteria {
		out.Criteria = append(out.Criteria, e.criterion(b, c))
	}
	return out
}

// periodOf is what a document states of its period.
func periodOf(d retrieval.Document) string {
	switch {
	case d.ValidFrom != "" || d.ValidUntil != "":
		return cmp.Or(d.ValidFrom, "..") + "/" + cmp.Or(d.ValidUntil, "..")
	case d.Deadline != "":
		return "../" + d.Deadline
	case d.TargetYear > 0:
		return fmt.Sprintf("../%d", d.TargetYear)
	}
	return ""
}

// criterion is a condition as the asker is told it.
func (e *Evidence) criterion(b eligibility.Bound, c eligibility.Compared) EligibleCriterion {
	lang, v := e.Understanding.Lang, b.Vocabulary()
	out := EligibleCriterion{Verdict: c.Verdict}
	if c.Standing != "" {
		out.Text = render(lang, "standing_"+c.Standing, "day", showDate(e.Day, lang))
		out.Fact = showDate(e.Day, lang)
		return out
	}
	out.Text, out.Quote = c.Criterion.Name(v, lang), c.Criterion.Words
	var facts []string
	for _, k := range c.Used {
		f, _ := v.Fact(k.Key)
		out.Keys = append(out.Keys, k.Key)
		if c.Verdict == eligibility.Unknown {
			out.Who = f.Never.In(lang)
			facts = append(facts, label(f, lang))
			continue
		}
		out.Words = cmp.Or(out.Words, k.Words)
		facts = append(facts, e.stated(f, k))
	}
	out.Fact = strings.Join(facts, map[string]string{"zh": "；", "en": "; "}[lang])
	return out
}

// label names a fact by itself, without a value.
func label(f eligibility.Fact, lang string) string {
	if f.Kind == eligibility.YesNo || f.Kind == eligibility.Number {
		return f.Label(lang)
	}
	return render(lang, "name_"+f.Key)
}

// stated tells the value of a fact.
func (e *Evidence) stated(f eligibility.Fact, k eligibility.Known) string {
	lang := e.Understanding.Lang
	value := k.Value
	switch f.Kind {
	case eligibility.YesNo:
		value = render(lang, "value_"+cmp.Or(k.Value, "unknown"))
	case eligibility.Choice, eligibility.Place:
		value = f.ValueName(k.Value, lang)
	case eligibility.Number:
		value = f.Amount(k.Value, lang)
	}
	if k.Value == "" || k.Value == eligibility.No && f.Kind != eligibility.YesNo {
		value = render(lang, "value_unknown")
	}
	return render(lang, "name_value", "fact", label(f, lang), "value", value)
}

// render fills a template with names and values in turn.
func render(lang, name string, pairs ...string) string {
	slots := prompts.Slots{}
	for i := 0; i+1 < len(pairs); i += 2 {
		slots[pairs[i]] = pairs[i+1]
	}
	return prompts.Render(lang, name, slots)
}

// next is what is asked next.
func (e *Evidence) next(results []eligibility.Result) (eligibility.Question, bool) {
	var skip []string
	for _, k := range e.Eligible.Profile.Facts {
		if k.Value == "" {
			skip = append(skip, k.Key)
		}
	}
	return eligibility.Next(results, skip)
}

// interviewed ends an answer with what is asked next, and keeps the interview in it.
func (e *Evidence) interviewed(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	i := x.Interview
	i.Verdicts = map[string]eligibility.Verdict{}
	for _, t := range a.Eligibility {
		i.Verdicts[t.Measure.ID] = t.Verdict
	}
	if !x.Listed && len(i.Measures) == 0 {
		for _, r := range results {
			i.Measures = append(i.Measures, r.Bound.ID)
		}
	}
	a.Counts, a.Unused = count(results), x.Unused
	if q, ok := e.next(results); ok && i.Doubt == nil && !i.Over && !x.Profile.Closed && a.Outcome != Abstained && a.Outcome != Refused {
		a.Next = e.asking(q)
		i.Asked = q.Keys
	}
	if len(a.Eligibility) > 0 || a.Next != nil || i.Doubt != nil || a.Outcome == Abstained {
		a.Heard = e.heard()
	}
	a.Interview = &i
}

// heard are the facts of this message, as they are told back.
func (e *Evidence) heard() []string {
	v := e.Eligible.vocabulary()
	var out []string
	for _, k := range e.Eligible.News {
		if k.Left {
			continue
		}
		f, _ := v.Fact(k.Key)
		out = append(out, e.stated(f, k))
	}
	return out
}

// asking is a question as it is put.
func (e *Evidence) asking(q eligibility.Question) *Asking {
	lang := e.Understanding.Lang
	text, choices := q.Ask(lang)
	b := q.Measures[0]
	out := &Asking{Keys: q.Keys, Kind: q.Fact(q.Keys[0]).Kind, Text: text, Choices: choices, Words: q.Because.Words, Clause: b.Clause, Measures: []string{}}
	if !strings.Contains(b.Clause.Text, out.Words) { // they stand in another clause of the document
		out.Words = b.Quote
	}
	for _, m := range q.Measures {
		out.Measures = append(out.Measures, m.Title.In(lang))
	}
	return out
}

// Counts count measures by verdict.
type Counts struct {
	Met     int `json:"met"`
	Unknown int `json:"unknown"`
	NotMet  int `json:"not_met"`
}

func count(results []eligibility.Result) *Counts {
	var c Counts
	for _, r := range results {
		switch r.Verdict {
		case eligibility.Met:
			c.Met++
		case eligibility.Unknown:
			c.Unknown++
		default:
			c.NotMet++
		}
	}
	return &c
}
