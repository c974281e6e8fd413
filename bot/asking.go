package bot

import (
	"regexp"
	"strings"
	"unicode"

	"policybot/retrieval/analysis"
)

// asking are words of a question.
var asking = regexp.MustCompile(`[?]|吗|呢|什么|啥|哪些|哪个|哪里|怎么|如何|咋|多少|谁|几|是否|有没有|可不可以|\S不$|[以行对能会是]么$|对吧$|\S{6}[吧么]$|有[^,。;!]{1,12}没$|(?:^|[,。;!])对吧|没错吧|` +
	`\b(?:what|which|who|how|when|where|why|whether)\b|(?:^|[.,;:!]|\s-+)\s*(?:(?:and|so|but|then|or)\s+)?(?:can|could|do|does|did|is|are|was|were|may|will|would|should|has|have)\b|\b(?:right|correct)$`)

// asks reports whether a text has words of a question.
func asks(text string) bool {
	folded := strings.TrimRightFunc(analysis.Normalize(text), func(r rune) bool { return r != '?' && !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return asking.MatchString(folded) || eitherWay(folded)
}

// eitherWay reports whether a text asks by saying a word and its contrary: 让不让, 支不支持, 有没有.
func eitherWay(text string) bool {
	r := []rune(text)
	for i := 1; i+1 < len(r); i++ {
		if (r[i] == '不' || r[i] == '没') && r[i-1] == r[i+1] && unicode.Is(unicode.Han, r[i-1]) {
			return true
		}
	}
	return false
}
