package said

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/eligibility"
	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
)

// A Reply is what a message says to a question.
type Reply struct {
	// Facts are what it states, those asked for and any others. The value "" tells that
	// the asker does not know.
	Facts []eligibility.Known
	// Answers tells that it says something to what was asked; when it does not, it is a
	// message of its own.
	Answers bool
}

var (
	ends     = regexp.MustCompile(`^/?(?:结束|完成|够了|不用问了|别问了|不用再问了?|就这些|没(?:有)?(?:别的|其他|其它)?(?:要问的|问题)了|先这样|到此为止|不想答了|完了|没有了,?就这些|done|enough|finish|(?:that's|that is) (?:all|enough)(?:,? (?:stop asking|thanks|thank you))?|no more questions|(?:please )?stop(?: asking)?|end)$`)
	shows    = regexp.MustCompile(`^/?(?:直接给结果|看结果|结果|全部列出|列出全部|看全部|show (?:me )?(?:the |all )?results?|results?|show all|list all)$`)
	dontKnow = regexp.MustCompile(`不知道|不清楚|不确定|不了解|说不准|没把握|不好说|不晓得|不太清楚|不太确定|跳过|^下一个$|不想说|不方便说|保密|\b(?:don't know|do not know|dont know|not sure|no idea|unsure|skip|dunno|can't say|cannot say|not certain|prefer not)\b|^unknown$`)
	yesWord  = regexp.MustCompile(`^(?:是|是的|对|对的|有|有的|在|在的|可以|符合|会|要|要的|需要|打算|已经|嗯+|好的?|没错|当然|都是|都有|yes|yep|yeah|yup|correct|right|sure|of course|we do|we are|we have|it is|it does|it has|it will|we will|y|true)(?:$|[,。.;!\s])`)
	noWord   = regexp.MustCompile(`^(?:否|不|不是|不是的|没有|没|不在|不符合|不会|不要|不需要|不打算|没打算|还没有?|暂时没有|暂无|目前没有|尚未|都没有|都不是|都不|都没|一个都没有|以上都不是|都不符合|没有这些|无|no|nope|none|none of (?:these|those|them|the above)|neither|nothing|not yet|not really|we don't|we do not|we aren't|we are not|we haven't|it isn't|it is not|it doesn't|it hasn't|n|false)(?:$|[,。.;!\s])`)
	allWord  = regexp.MustCompile(`^(?:都是|都有|全部|全都|都符合|以上都|都要|all|all of (?:these|those|them|the above)|both)(?:$|[,。.;!\s])`)
	both     = regexp.MustCompile(`^(?:both|两个都)`)
	only     = regexp.MustCompile(`只|仅|就这|别的没有|其他没有|其它没有|\b(?:only|just|nothing else|that's all)\b`)
	ordinals = regexp.MustCompile(`^[\s第和与及、,，和\d一二三四五六七八九个and]+$`)
	bare     = regexp.MustCompile(`^(?:[^,。;!?\s]{1,4}|[\d\s、,和]+|yes|yeah|yep|no|nope|none|all|we do|we don't|not yet)$`)
	digits   = regexp.MustCompile(`\d+`)
)

// Answer reads what a message says to a question. Facts that it states besides are
// read too. A message that has neither yes, no, a choice nor a fact that was asked for
// does not answer.
func Answer(message string, q eligibility.Question, v *eligibility.Vocabulary) Reply {
	folded := trimmed(message)
	a := answer{question: q, folded: folded, words: strings.TrimSpace(message)}
	if bare.MatchString(folded) {
		a.words = "" // it says nothing by itself
	}
	doubtful := dontKnow.MatchString(folded)
	for _, f := range Read(message, v, true) {
		if doubtful && f.Value == eligibility.No {
			f.Value = "" // what was not done yet, and nobody knows
		}
		a.facts = append(a.facts, f.Known)
		a.elsewhere = a.elsewhere || !slices.Contains(q.Keys, f.Key)
	}
	a.read()
	return a.reply()
}

// trimmed is a message in normal form, without the marks around it.
func trimmed(message string) string {
	return strings.Trim(strings.TrimSpace(string(fold.Runes(message))), ".。!~ ")
}

// Ends reports whether a message says that its writer wants no more questions, and
// nothing else.
func Ends(message string) bool { return ends.MatchString(trimmed(message)) }

// Shows reports whether a message asks for what has been found so far, and nothing
// else.
func Shows(message string) bool { return shows.MatchString(trimmed(message)) }

type answer struct {
	question  eligibility.Question
	folded    string
	words     string
	facts     []eligibility.Known
	elsewhere bool // it states something that was not asked for
}

func (a *answer) reply() Reply {
	r := Reply{Facts: a.facts}
	for _, f := range a.facts {
		if slices.Contains(a.question.Keys, f.Key) {
			r.Answers = true
		}
	}
	return r
}

// says reports whether a fact is stated already.
func (a *answer) says(key string) bool {
	return slices.ContainsFunc(a.facts, func(k eligibility.Known) bool { return k.Key == key })
}

func (a *answer) set(key, value string) {
	if !a.says(key) {
		a.facts = append(a.facts, eligibility.Known{Key: key, Value: value, Words: a.words})
	}
}

// read adds what the message says to the question beyond the facts in it.
func (a *answer) read() {
	keys := a.question.Keys
	f := a.question.Fact(keys[0])
	switch {
	case len(keys) > 1:
		a.several()
	case a.says(keys[0]):
	case dontKnow.MatchString(a.folded) && !a.elsewhere:
		a.set(keys[0], "")
	case f.Kind == eligibility.YesNo && noWord.MatchString(a.folded):
		a.set(keys[0], eligibility.No)
	case f.Kind == eligibility.YesNo && yesWord.MatchString(a.folded):
		a.set(keys[0], eligibility.Yes)
	case f.Kind == eligibility.Choice:
		a.choice(f)
	case f.Kind == eligibility.Number:
		a.number(f)
	}
}

// several reads an answer to a question with choices of which several may be true.
// Those that are picked are yes. The others are no when the answer says that there are
// no others: it is none or only these, or nothing but numbers. Otherwise they are not
// known, and were asked for.
func (a *answer) several() {
	keys := a.question.Keys
	switch {
	case allWord.MatchString(a.folded) && (len(keys) == 2 || !both.MatchString(a.folded)):
		for _, k := range keys {
			a.set(k, eligibility.Yes)
		}
		return
	case noWord.MatchString(a.folded) && !a.picks() && !dontKnow.MatchString(a.folded):
		for _, k := range keys {
			a.set(k, eligibility.No)
		}
		return
	}
	numbers := a.numbers(len(keys))
	for _, i := range numbers {
		a.set(keys[i], eligibility.Yes)
	}
	a.named()
	unknown := dontKnow.MatchString(a.folded) && !a.elsewhere
	if !unknown && !a.picks() {
		return
	}
	closes := len(numbers) > 0 || only.MatchString(a.folded)
	for _, k := range keys {
		switch {
		case a.says(k):
		case closes && !unknown:
			a.facts = append(a.facts, eligibility.Known{Key: k, Value: eligibility.No, Words: a.words, Left: true})
		case unknown || len(keys) > few:
			a.facts = append(a.facts, eligibility.Known{Key: k, Left: !unknown})
		}
	}
}

// few choices are asked for again as long as some of them are open; of more, those
// that were not picked are left.
const few = 4

// picks reports whether one of the choices is said to be true.
func (a *answer) picks() bool {
	return slices.ContainsFunc(a.facts, func(k eligibility.Known) bool {
		return k.Value == eligibility.Yes && slices.Contains(a.question.Keys, k.Key)
	})
}

// named sets the choices whose short names the message has.
func (a *answer) named() {
	for _, k := range a.question.Keys {
		f := a.question.Fact(k)
		for _, label := range []string{f.Label("zh"), f.Label("en")} {
			label = string(fold.Runes(label))
			if i := strings.Index(a.folded, label); i >= 0 && !negated(a.folded[:i], label, a.folded[i+len(label):]) {
				a.set(k, eligibility.Yes)
			}
		}
	}
}

// numbers are the choices, from 0, that a message names by nothing but their numbers.
func (a *answer) numbers(most int) []int {
	if !ordinals.MatchString(a.folded) {
		return nil
	}
	var out []int
	folded := a.folded
	for i, han := range []rune("一二三四五六七八九") {
		folded = strings.ReplaceAll(folded, string(han), strconv.Itoa(i+1)+" ")
	}
	for _, d := range digits.FindAllString(folded, -1) {
		if n, err := strconv.Atoi(d); err == nil && n >= 1 && n <= most {
			out = append(out, n-1)
		}
	}
	return out
}

// choice reads an answer to a question with values: by number, by name, or by a part of
// a name that no other value has. A bare yes or no picks none of them.
func (a *answer) choice(f eligibility.Fact) {
	if n := a.numbers(len(f.Values)); len(n) == 1 {
		a.set(f.Key, f.Values[n[0]].Value)
		return
	}
	head, _, _ := strings.Cut(a.folded, ",")
	bareWord := yesWord.MatchString(head) || noWord.MatchString(head)
	best, length := "", 0
	var parts []string // values of whose names the message is a part
	for _, v := range f.Values {
		for _, name := range []string{valueName(v.Name.Zh), valueName(v.Name.En)} {
			if i := strings.Index(a.folded, name); i >= 0 && len(name) > length && !negated(a.folded[:i], name, a.folded[i+len(name):]) {
				best, length = v.Value, len(name)
			}
			if !bareWord && partOf(head, name) && !slices.Contains(parts, v.Value) {
				parts = append(parts, v.Value)
			}
		}
	}
	if best == "" && len(parts) == 1 && !a.elsewhere {
		best = parts[0]
	}
	if best != "" {
		a.set(f.Key, best)
	}
}

// valueName is the name of a value in normal form. What stands in brackets tells it from
// others, and is left out.
func valueName(name string) string {
	name, _, _ = strings.Cut(string(fold.Runes(name)), "(")
	return strings.TrimSpace(name)
}

// partOf reports whether a text is part of a name: at least two Chinese characters of
// it, or whole words of at least four letters.
func partOf(text, name string) bool {
	if len(text) < 4 {
		return false
	}
	if !latin(text) {
		return strings.Contains(name, text)
	}
	words := func(s string) string { return " " + strings.ReplaceAll(s, "-", " ") + " " }
	return strings.Contains(words(name), words(text))
}

// number reads a bare number, in the unit of the fact where it has none of its own.
func (a *answer) number(f eligibility.Fact) {
	for _, q := range quantity.Find(a.folded) {
		value := amount(q, f.Unit)
		if value == "" && q.Kind == quantity.Number {
			value = eligibility.Decimal(q.Value)
		}
		if value != "" && q.High == nil {
			a.set(f.Key, value)
			return
		}
	}
}
