package publication

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"policybot/retrieval"
)

// Kinds of warning.
const (
	WarnHidden       = "hidden"       // characters that nobody sees; Detail counts them
	WarnInstructions = "instructions" // words that speak to a model; Detail quotes them
	WarnName         = "name"         // the file's name holds what nobody sees; Detail counts it
	WarnSameText     = "same_text"    // another document has exactly this text; Detail: its id
	WarnNamesake     = "namesake"     // another document has the same title; Detail: its id
	WarnWithdrawn    = "withdrawn"    // this document was withdrawn, or another one with this text; Detail: its id
	WarnOverruled    = "overruled"    // a fact stays as a person stated it; Detail: its field and what the text says
	WarnShrinks      = "shrinks"      // more than half of the clauses go; Detail: how many of how many
)

// A Warning is something that whoever decides should look at. It keeps nothing from being
// published.
type Warning struct {
	Kind   string `json:"kind"`
	Clause string `json:"clause,omitempty"` // id in the proposed version; empty for the document as a whole
	Detail string `json:"detail"`
}

// maxWarnings is the most warnings of one proposal. The last one counts those left out.
const maxWarnings = 100

// hidden are characters that nobody sees and a model reads: zero-width and joining ones, the tag
// characters, those that turn the direction of writing, and selectors of variants.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00AD, 0x00AD, 1},
		{0x034F, 0x034F, 1},
		{0x061C, 0x061C, 1},
		{0x115F, 0x1160, 1},
		{0x17B4, 0x17B5, 1},
		{0x180B, 0x180F, 1},
		{0x200B, 0x200F, 1},
		{0x202A, 0x202E, 1},
		{0x2060, 0x206F, 1},
		{0x3164, 0x3164, 1},
		{0xFE00, 0xFE0F, 1},
		{0xFEFF, 0xFEFF, 1},
		{0xFFA0, 0xFFA0, 1},
		{0xFFF9, 0xFFFB, 1},
	},
	R32: []unicode.Range32{{0x1D173, 0x1D17A, 1}, {0xE0000, 0xE0FFF, 1}},
}

// hiddenIn counts the hidden characters of a text, "" for none: U+200B×2 U+202E×1. Tag
// characters are counted as one.
func hiddenIn(text string) string {
	counts := map[string]int{}
	for _, r := range text {
		switch {
		case r >= 0xE0000 && r <= 0xE007F:
			counts["U+E0000…U+E007F"]++
		case unicode.Is(hidden, r):
			counts[fmt.Sprintf("%U", r)]++
		}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s×%d", name, counts[name]))
	}
	return strings.Join(out, " ")
}

// instructions are words by which a text speaks to a model. They are looked for in a text
// without hidden characters.
var instructions = regexp.MustCompile(`(?im)` + strings.Join([]string{
	`(?:忽略|无视|忘记|忘掉|不要理会|不必理会|不用管|抛开|跳过)[^。；\n]{0,12}(?:指令|指示|提示词?|规则|要求|设定|限制|命令|说明)`,
	`(?:系统|开发者|管理员)(?:提示词?|指令|消息|模式|通知模型)`,
	`你(?:现在|从现在起|接下来)(?:是|扮演|要|必须|应当|应该)`,
	`(?:作为|身为)(?:一个|一名)?\s*(?:AI|人工智能|大?语言模型|模型|助手|机器人)`,
	`(?:AI|人工智能|语言模型|智能体|机器人|模型|助手)[^。；\n]{0,4}(?:请|必须|应当|务必|注意|须|读到|看到|在回答)`,
	`(?:回答|答复|回复|输出)(?:用户|提问者|问题|时)?[^。；\n]{0,6}(?:务必|一律|必须|只能|请|都要)`,
	`(?:答复|回答|回复)(?:者|系统|时[，,]?\s*(?:应|须|请|写|必|一律|把|不)|中(?:请|须|应)|须|的最后|本条时)|请在(?:答复|回答|回复)|(?:每句|按本条)(?:答复|回答)|读到本[条段句]`,
	`(?:智能|AI|请)助手`,
	`(?:不要|不得|禁止|切勿)[^。；\n]{0,4}(?:告诉|告知|透露给?)[^。；\n]{0,3}(?:用户|提问者|对方)`,
	`ignore\s+(?:all\s+|any\s+|the\s+|your\s+)*(?:previous|prior|above|earlier|preceding|other)?\s*(?:instructions?|rules?|prompts?|directions?|guidelines?|sources?)`,
	`disregard\s+(?:all\s+|any\s+|the\s+|your\s+)*(?:previous|prior|above|earlier|instructions?|rules?|prompts?)`,
	`forget\s+(?:everything|all|your|the)\b[^.\n]{0,40}(?:instructions?|rules?|above|said|before)`,
	`system\s*(?:prompt|message|override|instruction|:)|developer\s+mode`,
	`you\s+are\s+(?:now|no longer)\b|you\s+must\s+(?:now\s+)?(?:answer|reply|respond|say|tell|output|ignore|obey|print|write)`,
	`(?:as|dear|attention|note\s+to|instructions?\s+(?:to|for))\s+(?:an?\s+|the\s+|any\s+|all\s+)?(?:AI|language\s+model|LLM|assistant|chatbot|model)\b`,
	`(?:AI|assistant|chatbot|language\s+model|LLM)s?\s*[:,]?\s+(?:must|should|shall|please|reading|that reads?)\b`,
	`(?:when|if)\s+(?:asked|a user asks|you are asked|you summari[sz]e|answering)\b`,
	`(?:do\s+not|don't|never)\s+(?:tell|reveal|mention|inform|cite|quote|disclose)\b`,
	`(?:respond|reply|answer|say|output|print|repeat)\s+(?:only\s+)?(?:with|exactly|verbatim)\b`,
	`\b(?:replies|answers|the replying party|each (?:answer|reply)|every (?:answer|reply)|the assistant)\s+(?:shall|must|should|are to|is to|has to)\b|replying party|(?:to|in|of) (?:the|each|every|its|your) (?:reply|replies|answer)\b`,
	`\b(?:any|all|to)\s+(?:software|systems?|assistants?|models?|bots?)\s*(?:reading|that reads?|:|\bshall\b)|notice to assistants`,
	`(?:!\[[^\]]*\]|\]|href=|src=)\(?["']?(?:https?|javascript|data):|javascript:|<!?[@!a-z][^<>\n]{0,80}>|</[a-z]+>|<<[^<>\n]{0,60}>>|^\s*\{"`,
	`<\|[a-z_]+\|>|\[/?INST\]|<<SYS>>|</?(?:system|assistant|user|instructions?)>|^\s*(?:system|assistant|human)\s*[:：]`,
}, "|"))

// maxQuoted is how many characters of a text a warning quotes.
const maxQuoted = 60

// instructionIn quotes the first words of a text that speak to a model, "" for none.
func instructionIn(text string) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case r > 0xE0020 && r < 0xE007F:
			return r - 0xE0000 // what tag characters spell
		case unicode.Is(hidden, r):
			return -1
		}
		return r
	}, text)
	at := instructions.FindStringIndex(seen)
	if at == nil {
		return ""
	}
	return clip(seen[at[0]:at[1]], maxQuoted)
}

// warnings are those that a text gives rise to.
func warnings(c retrieval.Content, name string) []Warning {
	var out []Warning
	note := func(kind, clause, detail string) {
		if detail != "" {
			out = append(out, Warning{kind, clause, detail})
		}
	}
	note(WarnName, "", hiddenIn(name))
	note(WarnInstructions, "", instructionIn(name))
	rest := outside(c)
	note(WarnHidden, "", hiddenIn(rest))
	note(WarnInstructions, "", instructionIn(rest))
	for _, k := range c.Clauses {
		note(WarnHidden, k.ID, hiddenIn(k.Text))
		note(WarnInstructions, k.ID, instructionIn(k.Text))
	}
	if n := len(out) - maxWarnings; n > 0 {
		out = append(out[:maxWarnings-1], Warning{out[maxWarnings-1].Kind, "", fmt.Sprintf("+%d", n+1)})
	}
	return out
}

// maxName is how many characters of a file's name are kept.
const maxName = 120

// CleanName is the name of a file as people may be shown it: on one line, of at most 120
// characters, without control characters, line ends and characters that nobody sees, which are
// shown as U+FFFD. It is never the name of a file of ours.
func CleanName(name string) string {
	return clip(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(hidden, r) ||
			unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co) {
			return unicode.ReplacementChar
		}
		return r
	}, name), maxName)
}

// clip cuts a text down to n characters, the last of which is then …
func clip(text string, n int) string {
	count := 0
	for i := range text {
		if count++; count > n {
			short := []rune(text[:i])
			return string(short[:n-1]) + "…"
		}
	}
	return text
}
