// Package intent tells what a chat message to a policy bot asks for, in
// Chinese and English, by rules in the file intents.txt.
//
// It reads words, not meaning: it does not know what is written in any
// policy, it keeps nothing between messages, and one message always gives the
// same reading. Its readings steer how an answer is looked for and worded;
// they are no barrier against a message that means harm.
package intent

import (
	"cmp"
	_ "embed"
	"slices"
	"sync"
)

// An Intent is one thing that a message asks for or does.
type Intent string

// Intents of a question about policy.
const (
	Fact       Intent = "fact"       // what is said on a subject; of a message that shows nothing else
	Bodies     Intent = "bodies"     // who decides, who is responsible, whom to ask
	Number     Intent = "number"     // how much, how many, what share, size or target
	Money      Intent = "money"      // how much money one gets
	Date       Intent = "date"       // when, by when, how long
	Validity   Intent = "validity"   // whether it is in force, until when and since when
	Eligible   Intent = "eligible"   // whether the asker may have it
	Apply      Intent = "apply"      // how, where and with what to apply
	Compare    Intent = "compare"    // how several things differ, or each of several
	List       Intent = "list"       // which ones, all of them
	Result     Intent = "result"     // what was achieved
	Article    Intent = "article"    // what a numbered article or section says
	Conditions Intent = "conditions" // criteria, requirements
	Define     Intent = "define"     // what a term means
)

// Intents of a message that is not about policy.
const (
	SmallTalk Intent = "small_talk" // greetings, thanks, what the bot is; only when nothing else is there
	Abuse     Intent = "abuse"      // insults
	Attack    Intent = "attack"     // wants other rules than the bot's, its instructions, or a dictated answer
	OffTopic  Intent = "off_topic"  // a subject or service that the bot does not give; see Kind
)

// A Kind tells off-topic messages apart; it is empty for every other intent.
type Kind string

// Kinds of OffTopic.
const (
	Medical    Kind = "medical"    // treatment of a person
	Investment Kind = "investment" // what to buy, what prices will do
	LegalCase  Kind = "legal_case" // the asker's own dispute
	Personal   Kind = "personal"   // weather, recipes, jokes, homework, code
	Fraud      Kind = "fraud"      // changed figures, fake papers, cheating
	Guarantee  Kind = "guarantee"  // a promise that it will work out
	Prediction Kind = "prediction" // what will be decided or extended
	Opinion    Kind = "opinion"    // what the bot thinks, which policy is better
)

// order is the priority of intents, first to last. Off-topic kinds other than
// Fraud have two places: see rank.
var order = []Intent{
	Attack, OffTopic, Compare, Result, Validity, Eligible, Money, Conditions,
	Bodies, Date, Apply, Number, Article, List, Define, Fact, Abuse, SmallTalk,
}

var kinds = []Kind{Fraud, Medical, Investment, LegalCase, Personal, Guarantee, Prediction, Opinion}

// isPolicy reports whether i is an intent of a question about policy.
func (i Intent) isPolicy() bool {
	return i != Attack && i != OffTopic && i != Abuse && i != SmallTalk
}

// A Word is a stretch of the text that was read: text[Start:End], in bytes,
// which is Text.
type Word struct {
	Text       string
	Start, End int
}

// A Found is one intent that a message has, with the words that show it, in
// the order of the text and without overlap. Fact has no words when it stands
// only for want of anything else.
type Found struct {
	Intent Intent
	Kind   Kind // of OffTopic
	Words  []Word
}

// A Reading is what a message asks for. Intents is never empty, holds each
// intent and kind at most once, and is in order of priority:
//
//   - Attack, then OffTopic of kind Fraud;
//   - other kinds of OffTopic, unless another sentence asks about policy; then
//     they come after what it asks;
//   - what is asked about policy, by kind of question; words that only say
//     "each of them" give way to the rest;
//   - Abuse, SmallTalk.
//
// A number that is money is Money and mostly Number too.
type Reading struct {
	Intents []Found
}

// Has reports whether i is among the intents of r.
func (r Reading) Has(i Intent) bool {
	return slices.ContainsFunc(r.Intents, func(f Found) bool { return f.Intent == i })
}

// Main returns the first intent of r, and Fact for the zero Reading.
func (r Reading) Main() Intent {
	if len(r.Intents) == 0 {
		return Fact
	}
	return r.Intents[0].Intent
}

// Kind returns the kind of the first OffTopic of r, and "" when r has none.
func (r Reading) Kind() Kind {
	for _, f := range r.Intents {
		if f.Intent == OffTopic {
			return f.Kind
		}
	}
	return ""
}

//go:embed intents.txt
var file string

// builtin is the rules of this package. Reading them takes some milliseconds,
// once in a process.
var builtin = sync.OnceValue(func() *rules {
	r, err := parse("intents.txt", file)
	if err != nil {
		panic(err)
	}
	return r
})

// Read tells what text asks for. Any text is fine, also one that is empty or
// not UTF-8. It may be called from several goroutines.
func Read(text string) Reading {
	return builtin().read(text)
}

// Strip returns text without the clauses that carry an attack and, in order,
// the clauses it took out. A clause ends at a comma, colon, semicolon, full
// stop, question or exclamation mark, Chinese or not, and at a line break. A
// text without attack is returned as it is. The rest is empty when what is
// left asks nothing about policy; that too is then among removed.
func Strip(text string) (rest string, removed []string) {
	return builtin().strip(text)
}

func (rs *rules) read(text string) Reading {
	p := fold(text)
	seen := rs.scan(p)
	out := assemble(p, seen)
	if len(out) == 0 {
		out = []Found{{Intent: Fact}}
		if w := smallTalk(p, seen); len(w) > 0 {
			out[0] = Found{Intent: SmallTalk, Words: w}
		}
	}
	return Reading{out}
}

// assemble makes the intents of a text out of the places that rules found,
// small talk aside.
func assemble(p *passage, seen []place) []Found {
	type group struct {
		Found
		weak   bool
		places []place
	}
	var groups []*group
	for _, at := range seen {
		r := at.rule
		if r.intent == SmallTalk || r.use == topicUse || r.use == fillerUse {
			continue
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.Intent == r.intent && g.Kind == r.kind })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{Found: Found{Intent: r.intent, Kind: r.kind}, weak: true})
		}
		groups[i].places = append(groups[i].places, at)
		groups[i].weak = groups[i].weak && r.use == weakUse
	}
	aside := asksAside(seen)
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Compare(rank(a.Found, a.weak, aside), rank(b.Found, b.weak, aside))
	})
	out := make([]Found, len(groups))
	for i, g := range groups {
		out[i] = g.Found
		out[i].Words = p.words(g.places)
	}
	return out
}

// rank is the place of f in a reading. aside tells that a sentence without
// off-topic words asks about policy.
func rank(f Found, weak, aside bool) int {
	at := 100 * slices.Index(order, f.Intent)
	switch {
	case f.Intent == OffTopic && f.Kind != Fraud && aside:
		at = 100*slices.Index(order, Fact) + 2
	case weak:
		at = 100*slices.Index(order, Fact) - 1
	}
	if f.Kind != "" {
		at += slices.Index(kinds, f.Kind)
	}
	return at
}

// asksAside reports whether some sentence shows a question about policy and
// nothing off topic.
func asksAside(seen []place) bool {
	asks, off := map[int]bool{}, map[int]bool{}
	for _, at := range seen {
		switch {
		case at.rule.intent == OffTopic:
			off[at.sentence] = true
		case at.rule.use <= weakUse && at.rule.intent.isPolicy():
			asks[at.sentence] = true
		}
	}
	for s := range asks {
		if !off[s] {
			return true
		}
	}
	return false
}
