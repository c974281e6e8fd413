// Package said reads what people say of their own enterprise in a message: where it
// is, what it makes, what it holds, what it wants. Text goes in, facts with the words
// that say them come out; nothing is inferred beyond the words, and what is only asked
// about, heard of, supposed or said of others is no fact. The phrases are those of
// bot/eligibility/facts.yaml; the words around them that decide are in cues.txt.
package said

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/quantity/fold"
)

// A Fact is something that a message states, by the bytes of its words.
type Fact struct {
	eligibility.Known
	Start, End int
}

// Read lists what a message states of its writer's enterprise, in the order of the
// words, each fact once. own tells that the message answers a question about the
// enterprise, so that it needs no word such as 我们 to be about it.
//
// Two values of one fact in one message are dropped, unless a correction stands
// between them.
func Read(message string, v *eligibility.Vocabulary, own bool) []Fact {
	t := fold.New(message)
	r := reader{text: t, folded: strings.ReplaceAll(string(t.Runes), "’", "'"), vocabulary: v}
	r.list = clauses(r.folded)
	r.speaks = slices.ContainsFunc(r.list, func(c *clause) bool { return len(c.own()) > 0 })
	if len(r.list) == 0 || !own && !r.speaks && !ofTheWriter(r.list) {
		return nil
	}
	for i, c := range r.list {
		r.clauses = append(r.clauses, len(r.found))
		if i > 0 && takesBack.MatchString(c.text) {
			r.corrected = append(r.corrected, i)
		}
		r.clause(i)
	}
	return r.facts()
}

// elliptic begins a clause that leaves out its subject.
var elliptic = regexp.MustCompile(`^\s*(?:做|是|想|打算|准备|注册在|在|位于|成立|刚成立|主营|专做|有一|founded|established|based|located|registered|planning|looking)|[\d一二三四五六七八九十百千]\s*[多来几]?[名个位]?(?:人|员工)|年收入|营收|营业收入|\d\s(?:employees|staff|people)|\b(?:revenue|turnover|headcount)\b`)

// ofTheWriter reports whether a message without a word such as 我们 is about its
// writer's enterprise: it asks nothing, or leaves out the subject.
func ofTheWriter(list []*clause) bool {
	asking := slices.ContainsFunc(list, func(c *clause) bool { return c.asks })
	return !asking || slices.ContainsFunc(list, func(c *clause) bool { return !c.asks && elliptic.MatchString(c.text) })
}

// A reader collects what a message states.
type reader struct {
	text       fold.Text
	folded     string
	vocabulary *eligibility.Vocabulary
	speaks     bool // it has a word such as 我们
	list       []*clause
	found      []Fact
	clauses    []int // of each clause, how many facts were found before it
	corrected  []int // clauses that take back the one before
	planned    []int // facts that say where something is to be
}

// clause reads one clause of the list.
func (r *reader) clause(i int) {
	c := r.list[i]
	all := r.hits(c)
	for _, h := range all {
		if !r.hidden(h, all) {
			r.phrase(c, h)
		}
	}
	r.shares(c)
	r.numbers(c, i)
	r.places(c, all)
}

// add notes a fact by the bytes of the folded text.
func (r *reader) add(key, value string, start, end int) {
	i, j := utf8.RuneCountInString(r.folded[:start]), utf8.RuneCountInString(r.folded[:end])
	from, to := r.text.Span(i, j)
	r.found = append(r.found, Fact{eligibility.Known{Key: key, Value: value, Words: r.text.Raw[from:to]}, from, to})
}

// facts are what was found, each fact once: of words within one another the longer,
// of two values the one after a correction, else none.
func (r *reader) facts() []Fact {
	found := r.standing()
	slices.SortStableFunc(found, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var kept []Fact
	for _, f := range found {
		inside := slices.ContainsFunc(found, func(o Fact) bool {
			return o.Key == f.Key && o.Start <= f.Start && f.End <= o.End && o.End-o.Start > f.End-f.Start
		})
		if !inside {
			kept = append(kept, f)
		}
	}
	var out []Fact
	for i, f := range kept {
		if slices.ContainsFunc(kept[:i], func(o Fact) bool { return o.Key == f.Key }) {
			continue
		}
		if one, ok := r.settle(f, kept[i+1:]); ok {
			out = append(out, one)
		}
	}
	return out
}

// standing are the facts that hold in the end. A clause such as 说错了 takes back those
// of the clause before, unless what follows says one of them anew, which corrects only
// that one. Where something is to be is the site, where it also says where it is.
func (r *reader) standing() []Fact {
	ends := append(slices.Clone(r.clauses[1:]), len(r.found))
	gone := map[int]bool{}
	for _, i := range r.corrected {
		from, to := r.clauses[i-1], ends[i-1]
		said, after := r.found[from:to], r.found[r.clauses[i]:]
		if !slices.ContainsFunc(after, func(f Fact) bool { return mentions(said, f.Key) }) {
			for k := from; k < to; k++ {
				gone[k] = true
			}
		}
	}
	seated := false
	for i, f := range r.found {
		seated = seated || f.Key == "place" && !slices.Contains(r.planned, i)
	}
	var out []Fact
	for i, f := range r.found {
		planned := seated && slices.Contains(r.planned, i)
		if planned {
			f.Key = "site"
		}
		if !gone[i] && (!planned || founding.MatchString(r.folded)) {
			out = append(out, f)
		}
	}
	return out
}

// founding are verbs of who sets something up somewhere.
var founding = regexp.MustCompile(`设|建|开(?:一|个|家|办|设|医|诊|厂|分)|办(?:一|个|家|医|厂)|落户|落地|搬|迁|成立|注册|投资|\b(?:set(?:ting)? up|open(?:ing)?|build(?:ing)?|establish(?:ing)?|mov(?:e|ing)|relocat(?:e|ing)|locat(?:e|ing)|invest(?:ing)?|register(?:ing)?)\b`)

func mentions(facts []Fact, key string) bool {
	return slices.ContainsFunc(facts, func(f Fact) bool { return f.Key == key })
}

// loose are words that any enterprise may use of itself or others.
var loose = regexp.MustCompile(`^(?i:公司|企业|厂|company|firm|enterprise|business)$`)

// settle picks one of the values that a message has of a fact.
func (r *reader) settle(f Fact, later []Fact) (Fact, bool) {
	fact, _ := r.vocabulary.Fact(f.Key)
	for _, o := range later {
		switch {
		case o.Key != f.Key || o.Value == f.Value:
		case fact.All && o.Value == eligibility.No:
			f = o
		case fact.All:
		case o.Key == "place" && strings.HasPrefix(o.Value, f.Value+"/"):
			f = o // says it more closely
		case o.Key == "place" && strings.HasPrefix(f.Value, o.Value+"/"):
		case Corrects(r.text.Raw[min(f.End, o.Start):o.Start]):
			f = o
		case f.Key == "entity" && firmer(f, o):
		case f.Key == "entity" && firmer(o, f):
			f = o
		default:
			return f, false
		}
	}
	return f, true
}

// firmer reports whether the words of one kind of enterprise say more than others.
func firmer(f, o Fact) bool {
	own := func(w string) bool { return ours.MatchString(foldText(w)) }
	return own(f.Words) && !own(o.Words) || own(f.Words) == own(o.Words) && !loose.MatchString(f.Words) && loose.MatchString(o.Words)
}
