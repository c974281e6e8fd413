package said

import (
	"regexp"
	"strings"
)

// A clause is a part of a message between two marks.
type clause struct {
	text  string // folded
	start int    // bytes of the folded message before it
	skip  bool   // it is hearsay, a supposition, or about others
	cut   int    // bytes from which on it only asks; len(text) where it does not ask
	from  int    // bytes before which a question in English says nothing of its asker
}

var (
	// marks end a clause. Points and commas within numbers do not.
	marks = regexp.MustCompile(`[;。?!\n:]|,(?:\D|$)|\.(?:\D|$)|\s(?:but|and we|and our|however)\s|但是?|不过|而且|并且|然后`)
	// asker are words of somebody who speaks of the own enterprise.
	asker = regexp.MustCompile(`我们|我司|我公司|本公司|我院|我厂|我校|我所|我是|我想|我有|我的|我在|我打算|咱们|咱|敝司|本企业|本院|本所|鄙司|自己|\b(?:we|we're|our|ours|my|i|i'm|us|we've|i've)\b`)
	// ownWord are phrases that say whose they are.
	ownWord = regexp.MustCompile(`我|本公司|本企业|本院|\b(?:our|my|we)\b`)
	// aside begins what is heard, supposed or said of others.
	aside = regexp.MustCompile(`听说|据说|看到|新闻|文件(?:里|中|上)?(?:说|写|提)|政策(?:里|中)?(?:说|写|提|规定)|方案(?:里|中)?(?:说|写|提|规定)|条款|规定的|如果|假如|假设|要是|若是|万一|比如|例如|别的|其他(?:公司|企业)|同行|竞争对手|朋友的?|邻居|\bif\b|suppose|assuming|i heard|i read|the (?:plan|policy|notice|document|opinions) (?:says?|states?|mentions?)|according to|competitors?|other companies|a friend|another company`)
	// asks are words of a question in Chinese, from which on it states nothing.
	asks = regexp.MustCompile(`能不能|可不可以|能否|可否|是否|是不是|有没有|算不算|要不要|需不需要|该不该|够不够|什么|哪些|哪个|哪里|哪条|哪家|怎么|如何|多少|为什么|谁|几个|(?:^|[^功性智节效潜可机职动只])能(?:[^力源量]|$)|可以|吗|呢|么$|享受|符合条件|有啥|算吗`)
	// asksEnglish begin a question in English.
	asksEnglish = regexp.MustCompile(`^\s*(?:so |and |then |hi |hello |please |ok |also )*(?:can|could|may|might|do|does|did|is|are|am|was|were|will|would|should|shall|has|have|what|which|who|whom|whose|when|where|why|how|whether|any|tell)\b|\b(?:what|which|whether|how|who)\b[^,]*$`)
	// askerEnglish is where a question in English begins to speak of its asker.
	askerEnglish = regexp.MustCompile(`\b(?:we|our|my|i|us)\b`)
	// gets are verbs with which a question in English begins to ask.
	gets = regexp.MustCompile(`\b(?:get|apply|enjoy|qualify|qualified|use|receive|benefit|claim|need|needed|eligible|required?|entitled|count|still|allowed|covered|be)\b`)
)

// clauses cuts a folded message.
func clauses(folded string) []clause {
	var out []clause
	at := 0
	for at <= len(folded) {
		end, next := len(folded), len(folded)+1
		if m := marks.FindStringIndex(folded[at:]); m != nil {
			end, next = at+m[0], at+m[1]
			if c := folded[end]; c == ',' || c == '.' {
				next = end + 1
			}
		}
		asked := end < len(folded) && folded[end] == '?'
		if strings.TrimSpace(folded[at:end]) != "" {
			out = append(out, newClause(folded[at:end], at, asked))
		}
		at = max(next, at+1)
	}
	return out
}

// newClause finds out what of a clause states something.
func newClause(text string, start int, asked bool) clause {
	c := clause{text: text, start: start, cut: len(text), skip: aside.MatchString(text)}
	if m := asks.FindStringIndex(text); m != nil {
		c.cut = m[0]
		return c
	}
	if (asked || asksEnglish.MatchString(text)) && latin(text) {
		c.cut, c.from = 0, 0
		if m := askerEnglish.FindStringIndex(text); m != nil {
			c.from, c.cut = m[0], len(text)
			if g := gets.FindStringIndex(text[m[1]:]); g != nil {
				c.cut = m[1] + g[0]
			}
		}
	}
	return c
}

// latin reports whether a text is in Latin letters for the most part.
func latin(s string) bool {
	n := 0
	for _, r := range s {
		if r < 0x80 {
			n++
		}
	}
	return 2*n > len([]rune(s))
}

// states reports whether what stands at bytes of a clause is said and not only asked.
// What is wanted is said by who asks whether it can be done.
func (c clause) states(start, end int, plan bool) bool {
	if plan {
		return start >= c.from || c.cut == 0
	}
	return start >= c.from && end <= c.cut
}

// before are words that make what follows them be denied.
var (
	before = regexp.MustCompile(`(?:不是|并不|不属于|不在|不算|不做|不搞|不生产|不需要|不需|不打算|不用|不想|不涉及|不提供|不具备|不符合|没有?|未|尚未|并非|从未|暂无|(?:^|[^有])无|非)[^,;、]{0,5}$|(?:\bnot|\bno|\bnever|\bwithout|n't|\bnor|\bneither|\bcannot|yet to)\s(?:[\w-]+\s){0,3}$`)
	after  = regexp.MustCompile(`^(?:的?(?:资质|认定|证书?|资格|项目|目录|通道)?)?(?:也|都|我们|目前|暂时)?(?:还没|尚未|还未|没有?(?:拿到|取得|评上|通过|列入|进|入选|批|做|办)|未(?:取得|列入|入选|通过|获批)|不做|不搞|没做)|^\s(?:is |are |was |has |have )?(?:not|pending)\b`)
	twice  = regexp.MustCompile(`不仅|不只|不但|不光|非常|未来|无论|不错|not only|no doubt`)
)

// negated reports whether a phrase is denied by what stands around it. A phrase that
// denies by itself is not denied twice.
func negated(head, phrase, tail string) bool {
	m := before.FindStringIndex(head)
	if m != nil && !twice.MatchString(head[max(0, m[0]-3):]) {
		return true
	}
	return after.MatchString(tail)
}

var corrects = regexp.MustCompile(`(?i)不对|说错|更正|其实|应该是|应为|改成|改为|准确地?说|不是.{0,12}(?:是|而是)|actually|correction|sorry|i mean|rather|instead|in fact|not .{0,30}but`)

// Corrects reports whether a text has words with which people take back what they
// said before.
func Corrects(text string) bool { return corrects.MatchString(text) }
