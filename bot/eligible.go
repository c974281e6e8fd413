package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/intent"
	"policybot/bot/understand"
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
	ReasonNoMeasure = "no_measure" // none can be listed: none is addressed to the asker, or too little is known
	ReasonFact      = "fact"       // a fact is asked for before anything can be listed
	ReasonDoubt     = "doubt"      // two statements contradict each other
)

// assess finds out what a conversation says of the asker, and whether this message
// asks which measures apply to them. It is nil where there are no measures.
func (d *Desk) assess(ctx context.Context, q Question, u *understand.Understanding) (*Assessment, error) {
	if d.Measures == nil {
		return nil, nil
	}
	measures, err := d.Measures.Approved(ctx)
	if err != nil || len(measures) == 0 {
		return nil, err
	}
	x := &Assessment{measures: measures}
	v := x.vocabulary()
	before := q.before(v)
	question := asks(u.Folded)
	var h heard
	x.Interview, h = before.hear(q.Text, v, ofOwn(q.Text))
	if before.Doubt != nil && x.Interview.Doubt != nil && len(h.facts) == 0 {
		x.Unheard = true
	}
	if len(before.Asked) > 0 && !h.answers && !question && !u.Asks(intent.Attack, intent.SmallTalk, intent.Abuse, intent.OffTopic) && utf8.RuneCountInString(q.Text) <= longestReply {
		h.answers, x.Unheard = true, len(h.facts) == 0 // it was meant to answer
	}
	x.News, x.Replies = h.facts, h.answers
	x.All = h.shows || q.Profile != nil
	x.Interview.Over = h.ends || before.Over && h.answers && !h.shows
	if x.Profile = x.Interview.profile(); q.Profile != nil {
		if x.Profile, x.Unused, err = eligibility.ReadProfile(q.Profile, v); err != nil {
			return nil, err
		}
	}
	x.Wanted = q.Profile != nil || h.answers || u.Asks(intent.Eligible) || x.tells(*u) || x.Interview.Doubt != nil && !question || len(x.News) > 0 && whether.MatchString(u.Folded) ||
		anything.MatchString(u.Folded) && (own.MatchString(u.Folded) || describes(q.Text) || len(u.Places) == 0 && utf8.RuneCountInString(q.Text) <= shortest)
	x.language(u, before, q.Text)
	x.settle(before, h)
	return x, nil
}

// ofOwn reports whether a message speaks of its writer's own case, although perhaps no
// word of it says so.
func ofOwn(text string) bool {
	folded := analysis.Normalize(text)
	return !asks(folded) || own.MatchString(folded) || describes(text)
}

// describes reports whether a message describes somebody and asks what there is to
// get: 厦门做器械的，能申请什么.
func describes(text string) bool {
	return anything.MatchString(analysis.Normalize(text)) && len(phrases.FindAllString(text, 2)) > 1
}

// shortest is in characters: a message that short that asks what there is to get asks
// it for itself.
const shortest = 12

// longestReply is in characters: a longer message that answers nothing is no answer.
const longestReply = 80

// before is the interview that a question goes on from.
func (q Question) before(v *eligibility.Vocabulary) Interview {
	i := Interview{}
	if q.Before != nil {
		i = *q.Before
	} else {
		i = fold(q.History, v)
	}
	if len(i.Facts) == 0 && len(q.Saved) > 0 {
		i.Facts, i.Saved = q.Saved, true
	}
	return i
}

// language keeps the language of an interview for a reply that shows none: a number, a
// word in Latin letters.
func (x *Assessment) language(u *understand.Understanding, before Interview, text string) {
	if x.Replies && before.Lang != "" && !han.MatchString(text) && len(strings.Fields(text)) < 3 {
		u.Lang = before.Lang
	}
	x.Interview.Lang = u.Lang
}

var han = regexp.MustCompile(`\p{Han}`)

// settle tells what the interview is about from here on. Another subject leaves what
// was asked for behind it, to be answered later; another question about the own case
// begins anew.
func (x *Assessment) settle(before Interview, h heard) {
	switch {
	case h.answers:
	case x.Wanted:
		x.Interview.Measures, x.Interview.Verdicts = nil, nil
	default:
		x.Interview.Asked = before.Asked
		if x.Interview.Doubt != nil { // nobody is asked about it now
			x.Interview.Facts = x.Interview.profile().Without(x.Interview.Doubt.Was.Key).Facts
			x.Interview.Doubt = nil
		}
	}
}

// own are words of somebody who speaks of the own enterprise.
var own = regexp.MustCompile(`我|咱|本公司|本企业|本院|\b(?:we|our|us|i|my)\b`)

// tells reports whether a message speaks of the asker and asks for measures, or asks
// nothing.
func (x *Assessment) tells(u understand.Understanding) bool {
	if len(x.News) > 0 && u.Asks(intent.List, intent.Apply, intent.Money) {
		return true
	}
	states := len(x.News) > 1 || len(x.News) == 1 && len(x.Interview.Facts) > 1
	return states && u.Main() == intent.Fact && !asks(u.Folded)
}

// whether are words with which somebody asks about the own case.
var whether = regexp.MustCompile(`吗|是不是|能不能|能否|可否|是否|可以|能(?:享受|申请|申报|拿|用|去|按|设|够|自己|直接)|行不行|行得通|支持我|\b(?:can|may|could)\b|\b(?:eligible|qualify|qualifies|allowed|entitled)\b`)

// anything are the words of a question for whatever there is.
var anything = regexp.MustCompile(`(?:哪些|什么|啥|哪几)(?:样的|种)?(?:惠企|优惠|扶持|支持|补贴|奖励|资金|相关|产业|医药|生物医药)*(?:的)?(?:政策|支持|补贴|优惠|扶持|措施|项目|资金|奖励|好处|条款|待遇)|(?:享受|申请|申报|拿到?|得到|获得|符合|适用|用上?)(?:到)?(?:哪些|什么|啥)|(?:哪些|什么)(?:能|可以)(?:享受|申请|申报|拿|用)|(?:能|可以)(?:拿|领|要)(?:点|些|到)?钱|有(?:啥|什么|没有)[^,。?!]{0,4}(?:能|可以)|有没有我们能|有没有(?:什么)?(?:政策|补贴|支持)|(?:能|可以|能否|可否)(?:不能)?(?:拿|申请|申领|领|得|享受|获得)(?:到|得到)?(?:一?[些点])?(?:政府|政策)?(?:的)?(?:补助|补贴|资助|奖励|扶持|支持|优惠)(?:资金|政策)?吗|能 ?apply|我们(?:适用|符合)(?:吗|什么)|(?:我们|我司|公司)(?:能|可以)享受吗|\b(?:what|which)\b[^?]{0,24}\b(?:support|policy|policies|measures?|incentives?|programmes?|programs?|subsid\w+|grants?|benefits?|funding)\b|\bwhat (?:else )?(?:can|could|may|are|do|would) (?:we|i|a \w+)\b|\bany (?:support|help|funding|money|incentives?|subsid\w+|grants?|benefits?|polic\w+|measures?|programmes?|programs?)\b(?: available)?(?: (?:for|to|that) (?:us|we|me|our)\b)?|\bfree money\b|\bmoney for us\b|\banything (?:for us|we)\b|\bdo we qualify for anything`)

var phrases = regexp.MustCompile(`(?:[^，,。；;！!？?\n.]|\.\S)+`)

// broad reports whether a question asks for whatever applies to the asker: the phrase
// that asks, and all of it where it does not speak of the asker, says nothing beside what
// is known of the asker and words that are in every question about policies. So does a
// message that asks nothing. A sum that is named is not whatever there is.
func (e *Evidence) broad() bool {
	x := e.Eligible
	if sumNamed.MatchString(e.Understanding.Folded) {
		return false
	}
	if len(e.Sides) == 0 || !asks(e.Understanding.Folded) && (x.tells(e.Understanding) || x.Interview.Doubt != nil) {
		return true
	}
	text, found := e.Understanding.Query.Text, false
	all := !own.MatchString(e.Understanding.Folded)
	for _, at := range phrases.FindAllStringIndex(text, -1) {
		question := anything.FindString(analysis.Normalize(text[at[0]:at[1]]))
		if question == "" {
			continue
		}
		found = true
		for _, c := range e.Sides[0].Concepts {
			if !c.Context && (all || at[0] <= c.Start && c.End <= at[1]) && !strings.Contains(question, c.Text) && !e.isTold(c.Text) {
				return false
			}
		}
	}
	return found || e.bare()
}

// whatever are words of a question for whatever there is, beside the general ones.
var whatever = []string{"measure", "measures", "use", "used", "available", "offer", "offered", "there", "us", "else", "find", "receive", "plan", "plans", "scheme", "schemes", "biomedical", "生物医药", "适用", "使用", "可用", "有用", "领取", "拿", "领", "钱", "措施", "条款", "帮忙"}

// isTold reports whether a concept is known of the asker, or says nothing.
func (e *Evidence) isTold(concept string) bool {
	in := func(words string) bool { return strings.Contains(analysis.Normalize(words), concept) }
	return slices.Contains(general, concept) || slices.Contains(whatever, concept) || anything.MatchString(concept) ||
		slices.ContainsFunc(e.Eligible.Interview.Facts, func(k eligibility.Known) bool { return in(k.Words) }) ||
		slices.ContainsFunc(e.Understanding.Places, func(p understand.Place) bool { return in(p.Text) })
}

// scope is the measures that the answer is about: those asked about before for a
// reply, all of a broad question or for a whole profile, else those of the cited clauses.
func (e *Evidence) scope(cited []Citation) []eligibility.Bound {
	x, list := e.Eligible, e.lists()
	var out []eligibility.Bound
	for _, b := range x.measures {
		own := func(c Citation) bool { return c.Clause.ID == b.Clause.ID }
		asked := len(x.Interview.Measures)
		if asked > 0 && slices.Contains(x.Interview.Measures, b.ID) || asked == 0 && (list || x.Profile.Closed || slices.ContainsFunc(cited, own)) {
			out = append(out, b)
		}
	}
	return out
}
