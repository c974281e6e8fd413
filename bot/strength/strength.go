// Package strength tells how strongly policy text binds toward an enterprise
// or another beneficiary: whether something may be claimed now, is supported in
// general, is only intended, or is none of these. It reads Chinese, English and
// sentences that mix both, and judges by the verbs with a table of rules that
// can be edited without programming (rules.txt). Text goes in, a Finding comes
// out; nothing is learned or kept.
package strength

import (
	_ "embed"
	"strings"
	"sync"

	"policybot/retrieval/sentence"
)

// Strength is how strongly a text binds.
type Strength string

// The strengths.
const (
	// None is for text without a measure toward beneficiaries: facts, figures,
	// targets of the place, duties among government bodies, principles,
	// headings.
	None Strength = "none"
	// Intention is for what is sought, explored, studied or aimed at; nothing
	// is in force.
	Intention Strength = "intention"
	// Support is for support or encouragement announced without a claim.
	Support Strength = "support"
	// Entitlement is for what is in force: who meets the conditions gets
	// something definite, or is bound or permitted by a rule now. Refusals and
	// prohibitions belong here.
	Entitlement Strength = "entitlement"
)

// rank orders strengths: a higher rank wins over a lower one.
func (s Strength) rank() int {
	switch s {
	case Entitlement:
		return 3
	case Support:
		return 2
	case Intention:
		return 1
	}
	return 0
}

// A Word is a stretch of the text that decided: text[Start:End] == Text.
type Word struct {
	Text       string
	Start, End int // bytes
}

// A Finding is the judgement of a text.
type Finding struct {
	// Strength is one of the constants of this package.
	Strength Strength
	// Words are the words that decided, in order and without overlap, all
	// within one sentence. They are empty if nothing was found to judge by.
	Words []Word
	// Rule names the rule of the rule file that decided; when a guard changed
	// the meaning of a cue it is "cue/guard". It is "" if no rule applied.
	Rule string
	// Start and End are the bytes of the sentence that decided. Both are 0 in
	// the finding of a text without sentences.
	Start, End int
}

//go:embed rules.txt
var rulesFile string

// standard holds the rules of rules.txt. The tests read that file, so a file
// that does not parse is not built into a program that has passed them.
var standard = sync.OnceValue(func() *Rules {
	r, err := Parse("rules.txt", rulesFile)
	if err != nil {
		panic(err)
	}
	return r
})

// Of judges text by the rules built in. See Rules.Of.
func Of(text string) Finding { return standard().Of(text) }

// Sentences judges each sentence of text by the rules built in. See
// Rules.Sentences.
func Sentences(text string) []Finding { return standard().Sentences(text) }

// Of judges text as a whole: each sentence by itself, then the strongest
// decides, in the order Entitlement, Support, Intention, None; of equally
// strong sentences the first. There is one exception, so that the strongest is
// also honest: if a sentence matches a [pending] rule of the file (“the above
// is implemented after approval”), nothing in the text is in force, and what
// would be Entitlement or Support is Intention, decided by that rule. Text
// without sentences is None.
func (r *Rules) Of(text string) Finding {
	best := Finding{Strength: None}
	for i, f := range r.Sentences(text) {
		if i == 0 || f.Strength.rank() > best.Strength.rank() {
			best = f
		}
	}
	if best.Strength.rank() > Intention.rank() {
		if f, ok := r.pendingIn(text); ok {
			return f
		}
	}
	return best
}

// Sentences judges each sentence of text by itself, in order; there is one
// finding for each span of sentence.Split. All offsets are in text. A long
// sentence that Split cuts at its semicolons stays what it began as where a rule
// of the file says so (“by 2025 …; …; …” is a target throughout); those findings
// have no words. Of a sentence longer than 6,000 bytes only these are read.
func (r *Rules) Sentences(text string) []Finding {
	spans := sentence.Split(text)
	out := make([]Finding, len(spans))
	var before *rule
	for i, s := range spans {
		if i > 0 && before != nil && before.carries && semicolon(text[:spans[i-1].End]) {
			out[i] = Finding{Strength: before.strength, Rule: before.name, Start: s.Start, End: s.End}
			continue
		}
		out[i], before = r.judge(text, s)
	}
	return out
}

func semicolon(s string) bool {
	return strings.HasSuffix(s, ";") || strings.HasSuffix(s, "；")
}

// pendingIn returns the finding of the first sentence that puts off all of
// text.
func (r *Rules) pendingIn(text string) (Finding, bool) {
	for _, s := range sentence.Split(text) {
		if f, ok := r.pendingAt(text, s); ok {
			return f, true
		}
	}
	return Finding{}, false
}

func (r *Rules) pendingAt(text string, span sentence.Span) (Finding, bool) {
	p := r.read(text, span)
	defer r.done(p)
	for _, rule := range r.pending {
		if m, ok := p.first(rule); ok {
			return p.finding(Intention, rule.name, m), true
		}
	}
	return Finding{}, false
}
