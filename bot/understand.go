package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// An Intent is what a question asks for.
type Intent string

// Intents.
const (
	IntentFact   Intent = "fact"   // what the clause says
	IntentBodies Intent = "bodies" // who is responsible
	IntentNumber Intent = "number" // how much, how many
	IntentDate   Intent = "date"   // when, how long
)

var (
	bodiesAsked = regexp.MustCompile(`谁(来)?(负责|管|牵头|定|批)|归(谁|哪)|责任单位|责任部门|牵头(单位|部门)|主管(单位|部门)|(哪个|哪些|哪几个|什么|由谁|几个)(市级|区级)?(部门|单位|机关|委办局)|找(谁|哪)|who is (responsible|in charge)|in charge of|(which|what) (municipal |government )?(bod(y|ies)|departments?|agenc(y|ies)|authorit(y|ies))`)
	numberAsked = regexp.MustCompile(`多少|几(家|个|项|款|条|年|亿|万|次|名|成)|比例|百分之|占比|规模|金额|额度|上限|多大|how (much|many)|what (share|percentage|proportion|size|scale)|target`)
	dateAsked   = regexp.MustCompile(`什么时候|何时|哪天|哪一天|哪年|日期|几号|多久|有效期|期限|最晚|截止|when|what date|how long|deadline|expire`)
	listAsked   = regexp.MustCompile(`对比|比较|分别|各自|各是|各怎么|有哪些文件|几份|三份|两份|列出|逐条|列举|不同|区别|差多少|compare|respectively|each of|list |differ`)
	followsUp   = regexp.MustCompile(`^(那|它|他们|这|此|该|其|上面|刚才|还有|另外|我问的|我们其实|and |what about|how about|is it|does it|is that|what of)|这条|这个|该条|那边|呢[？?]?$|\b(it|that|this|they|there)\b`)
	newSubject  = regexp.MustCompile(`换个(话题|问题)|另一个问题|different (question|topic|subject)|change of (topic|subject)`)
)

// An Understanding is how a question was read. It holds nothing that was not
// in the question, its history or the library.
type Understanding struct {
	Lang    string          `json:"lang"`    // zh or en: language of the answer
	Intent  Intent          `json:"intent"`  //
	List    bool            `json:"list"`    // several clauses are asked for
	Places  []string        `json:"places"`  // places named that the library has documents of
	Others  []string        `json:"others"`  // places named that it has none of
	Content string          `json:"content"` // the question without words that only ask
	Query   retrieval.Query `json:"query"`
}

// understand reads a question. docs tell which places the library covers.
func understand(q Question, docs []retrieval.Document) Understanding {
	text := clean(q.Text)
	folded := analysis.Normalize(text)
	u := Understanding{
		Lang:    languageOf(text, q.Lang),
		Intent:  intentOf(folded),
		List:    listAsked.MatchString(folded),
		Content: content(folded),
		Query:   retrieval.Query{Text: text, Context: earlier(q.History, folded)},
	}
	u.Places, u.Others = splitPlaces(folded, docs)
	return u
}

// clean replaces characters that nobody types on purpose by blanks: control
// characters, bidirectional overrides, tag characters.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " ")))
}

// languageOf is zh when the text has a Han character or Chinese punctuation, en
// when it has other letters, and else as the caller prefers.
func languageOf(s, preferred string) string {
	han := func(r rune) bool {
		return unicode.Is(unicode.Han, r) || strings.ContainsRune("，。？！：；、（）", r)
	}
	switch {
	case strings.ContainsFunc(s, han):
		return prompts.Chinese
	case strings.ContainsFunc(s, unicode.IsLetter), preferred == prompts.English:
		return prompts.English
	}
	return prompts.Chinese
}

func intentOf(folded string) Intent {
	switch {
	case bodiesAsked.MatchString(folded):
		return IntentBodies
	case numberAsked.MatchString(folded):
		return IntentNumber
	case dateAsked.MatchString(folded):
		return IntentDate
	}
	return IntentFact
}

// earlier is the text of earlier turns that a follow-up needs: the last
// question and the answer to it. A question that stands by itself needs none.
func earlier(history []Turn, folded string) []string {
	if len(history) == 0 || newSubject.MatchString(folded) || !followsUp.MatchString(folded) && len([]rune(folded)) > 24 {
		return nil
	}
	var out []string
	for _, role := range []string{RoleUser, RoleAssistant} {
		for _, t := range slices.Backward(history) {
			if t.Role == role {
				out = append(out, clean(t.Text))
				break
			}
		}
	}
	return out
}

// content removes the words that only ask.
func content(folded string) string {
	for _, w := range askWords {
		switch {
		case !strings.Contains(folded, w):
		case isLatin(w):
			folded = removeWord(folded, w)
		default:
			folded = strings.ReplaceAll(folded, w, " ")
		}
	}
	return strings.Join(strings.Fields(folded), " ")
}

func isLatin(s string) bool { return s[0] < 0x80 }

// removeWord removes w where it stands between blanks or marks.
func removeWord(s, w string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.?!;:\"'()", r) })
	return strings.Join(slices.DeleteFunc(words, func(x string) bool { return x == w }), " ")
}
