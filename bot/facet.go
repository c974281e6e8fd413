package bot

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/intent"
	"policybot/bot/quantity"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// A facet is something about a subject that a clause must say itself to answer:
// an amount of money, papers to hand in, what was achieved. A clause on the
// right subject that does not say it is shown as near, and is no answer.
type facet struct {
	name  string
	asked func(u understand.Understanding) bool
	says  func(c retrieval.Clause, quoted string) bool
}

var facets = []facet{
	{"amount", func(u understand.Understanding) bool {
		return u.Asks(intent.Money) && !spentAsked.MatchString(u.Folded) && !shareAsked.MatchString(u.Folded)
	}, amountOf(granted)},
	{"amount", func(u understand.Understanding) bool {
		return priceAsked.MatchString(u.Folded) && !u.Asks(intent.Money) && !shareAsked.MatchString(u.Folded)
	}, amountOf(priced)},
	{"amount", words(spentAsked), amountOf(spent)},
	{"amount", words(sumNamed), amountOf(granted)},
	{"amount", words(fundAsked), amountOf(fund)},
	{"reward", words(rewardAsked), states(rewardSaid)},
	{"penalty", words(penaltyAsked), states(penaltySaid)},
	{"payer", words(payerAsked), states(payerSaid)},
	{"procedure", words(procedureAsked), states(procedureSaid)},
	{"days", words(daysAsked), states(daysSaid)},
	{"contact", words(contactAsked), states(contactSaid)},
	{"criteria", words(criteriaAsked), states(criteriaSaid)},
	{"result", words(resultAsked), saysResult},
	{"share", words(percentAsked), saysShare},
}

// literals are the facets that a question names by digits. What a clause must say depends on the question.
func literals(u understand.Understanding) []facet {
	numbers, year := numbersNamed(u.Folded), yearAsked(u)
	return []facet{
		{"number", func(understand.Understanding) bool { return len(numbers) > 0 }, func(c retrieval.Clause, _ string) bool { return saysNumbers(c, numbers) }},
		{"year", func(understand.Understanding) bool { return year > 0 }, func(c retrieval.Clause, _ string) bool { return saysYear(c, year) }},
	}
}

// saysShare is said where the words that would be quoted state a share or a rate.
func saysShare(_ retrieval.Clause, quoted string) bool {
	return shareSaid.MatchString(quoted) || slices.ContainsFunc(quantity.Find(quoted), func(q quantity.Quantity) bool { return q.Kind == quantity.Percent })
}

// words is asked where a question has one of them.
func words(asked *regexp.Regexp) func(understand.Understanding) bool {
	return func(u understand.Understanding) bool { return asked.MatchString(u.Folded) }
}

// states is said where a clause has one of the words.
func states(said *regexp.Regexp) func(retrieval.Clause, string) bool {
	return func(c retrieval.Clause, _ string) bool { return said.MatchString(c.Text) }
}

// amountOf is said where the words that would be quoted state an amount, or a share, of
// money of what is asked about, rather than one that is aimed at.
func amountOf(what *regexp.Regexp) func(retrieval.Clause, string) bool {
	return func(c retrieval.Clause, quoted string) bool {
		if c.Goals() || !what.MatchString(quoted) {
			return false
		}
		return slices.ContainsFunc(quantity.Find(quoted), func(q quantity.Quantity) bool {
			return q.Kind == quantity.Money || q.Kind == quantity.Percent || q.Kind == quantity.Number && strings.ContainsAny(quoted[q.Start:q.End], "亿万")
		})
	}
}

var (
	shareAsked     = regexp.MustCompile(`比例|百分|几成|占多少|\bshare\b|percent|proportion`)
	percentAsked   = regexp.MustCompile(`百分之(?:几|多少|百)|几成|(?:多大|多少|什么)的?比例|比例(?:是|有|能有)?(?:多少|多大)|利率|利息(?:是|有|要)?(?:多少|几)|\b(?:what|which|how many) percent\w*|\bwhat (?:share|proportion)\b|\binterest rates?\b`)
	shareSaid      = regexp.MustCompile(`[一二三四五六七八九]成|利率|一半|全额|一定的?比例|(?i:\bhalf\b|interest rate|certain proportion)`)
	spentAsked     = regexp.MustCompile(`投(?:资|入)?了?[^,。;?!补奖]{0,4}(?:多少|几)|花了?(?:多少|几)|\bhow much\b[^.?!]{0,40}\b(?:invest(?:ed|ment)?|spent)\b`)
	priceAsked     = regexp.MustCompile(`(?:投资|租金|房租|地价|价格|售价|造价|收费|费用)[^,。;?!]{0,6}(?:多少|几)|多少钱|一(?:平|亩)[^,。;?!]{0,4}(?:多少|几)|\bhow much (?:is|was|are|were|will|does|did|has) [^.?!]{0,40}(?:invest|cost|pay|spend|rent|worth|charge)|\b(?:price|cost|rent|fee) of\b|how much (?:money|does it cost|funding)`)
	sumNamed       = regexp.MustCompile(`[\d一二两三四五六七八九十百千][\d.,一二两三四五六七八九十百千]*个?(?:万|亿)元?(?:人民币)?的?(?:现金|一次性)?(?:补贴|奖励|资助|补助|奖金|补偿)|(?:补贴|奖励|资助|补助|奖)(?:我们)?(?:现金)?[\d一二两三四五六七八九十百千][\d.,一二两三四五六七八九十百千]*个?(?:万|亿)|\d[\d.,]*[- ]?(?:k|m|million|billion|thousand)?[- ]?(?:yuan|rmb|cny)?[- ](?:cash |one-off )?(?:award|grant|subsidy|bonus|reward|incentive)s?\b|\b(?:award|grant|subsidy|bonus|reward|incentive) of (?:up to )?(?:rmb|cny|¥)? ?\d`)
	procedureAsked = regexp.MustCompile(`(?:交|提交|准备|递交|提供|带|填|需要|要)(?:些|哪些|什么|啥)?[^,。;?!]{0,4}(?:材料|资料|表格|手续|证件|申请表)|(?:哪些|什么|啥)(?:申报|申请)?(?:材料|资料|表格|证件)|申报(?:流程|指南|入口|网址|系统|时间)|(?:怎么|如何|在哪|去哪|哪里|上哪)[^,。;?!]{0,3}(?:申报|申请|报名|提交|办理)|\b(?:what|which) (?:documents|paperwork|forms?|materials?)\b|\bhow (?:do|can|should) (?:we|i) (?:apply|file|submit)|application (?:form|process|procedure)`)
	procedureSaid  = regexp.MustCompile(`(?:申报|申请|提交|报送|证明)材料|材料清单|申请表|申报(?:通知|指南|流程|表)|提交|递交|受理|报送|网上(?:申报|办理)|[Aa]pplication (?:form|material)|documents|submit`)
	daysAsked      = regexp.MustCompile(`(?:多少|(?:^|[^好十])几)(?:个)?(?:工作日|天|日)|(?:多久|多长时间)[^,。;?!]{0,4}(?:办|批|下来|拿到|办结|审)|how many (?:working |business )?days|how long (?:does|will|do) (?:it|the (?:approval|review|process))`)
	daysSaid       = regexp.MustCompile(`\d+\s*个?(?:工作日|天|日内)|[一二三四五六七八九十]+个?(?:工作日|天内|日内)|\d+ (?:working |business |calendar )?days`)
	contactAsked   = regexp.MustCompile(`电话|联系方式|地址|邮箱|网址|传真|微信号|\b(?:phone|telephone|email|address|contact (?:number|details)|website|hotline)\b`)
	contactSaid    = regexp.MustCompile(`\d{3,4}[-—]?\d{7,8}|电话[:：]|地址[:：]|邮箱|@|热线|12345`)
	criteriaAsked  = regexp.MustCompile(`(?:怎么|如何|怎样)(?:才能?|能)?(?:被|算|获得?)?(?:认定|评定|评上)|(?:认定|评定|评选|申报|入选|准入|评价|划分)(?:的)?(?:标准|条件|门槛)|\b(?:criteria|recognition standard|requirements) (?:for|to|of)\b`)
	criteriaSaid   = regexp.MustCompile(`标准|条件|符合|具备|满足|以上的企业|须|应当|criteria|requirement|conditions|eligib`)
	resultAsked    = regexp.MustCompile(`(?:实际|最后|最终|到底|究竟|后来)[^,。;?!]{0,6}(?:做到|达到|完成|实现|有|多少)|(?:完成|实现|达到|做到|兑现|达标)(?:了)?(?:没有|没|吗|么)|\b(?:actually|in the end|eventually)\b[^.?!]{0,30}\b(?:reach|achiev|meet|met|attain|hit)|was (?:the|this|that) (?:target|goal) (?:met|reached|achieved)`)
	fundAsked      = regexp.MustCompile(`基金[^,。;?!]{0,10}(?:多大|多少|几个?亿|规模)|(?:多大|多少)[^,。;?!]{0,4}基金|\b(?:how (?:big|large|much)|what size)\b[^.?!]{0,30}\bfunds?\b|\b(?:size|volume) of the [^.?!]{0,20}\bfund\b`)
	fund           = regexp.MustCompile(`基金|(?i:\bfunds?\b)`)
	rewardAsked    = regexp.MustCompile(`(?:有没有|有无|有什么|给不给|给|发|拿到?|领)[^,。;?!]{0,12}(?:奖励|奖金|补贴|补助)|(?:奖励|奖金|补贴|补助)[^,。;?!]{0,3}[吗么没]|\b(?:do|does|will|is|are|can)\b[^.?!]{0,40}\b(?:reward(?:s|ed)?|subsid\w+|bonus(?:es)?|cash)\b`)
	rewardSaid     = regexp.MustCompile(`奖|补[贴助偿]|[、“”"]补[、“”"]|资助|贴息|激励|扶持|资金|减免|优惠|降低|(?i:subsid|grant|reward|award|incentive|\bfund|tax|discount|reduc|exempt)`)
	penaltyAsked   = regexp.MustCompile(`违反|违规|违约|处罚|罚款|罚多少|追责|(?:达不到|没达到|完不成|没完成)[^,。;?!]{0,8}(?:怎么办|后果|会怎样|要退|退回|收回|罚)|\b(?:violat\w+|breach\w*|penalt\w+|punish\w*|fined|sanction\w*)\b`)
	penaltySaid    = regexp.MustCompile(`罚|责令|取消|追究|追回|收回|撤销|违反|违规|违法|失信|惩|(?i:violat|breach|penalt|punish|sanction|revok|illegal)`)
	payerAsked     = regexp.MustCompile(`谁(?:来)?(?:出钱|掏钱|付钱|买单|承担费用|出资|付费)|(?:费用|钱)(?:由)?谁(?:出|付|掏|承担)|\bwho (?:pays|covers|bears|funds)\b`)
	payerSaid      = regexp.MustCompile(`承担|支付|出资|负担|付费|买单|自付|报销|拨付|由[^,，。;；]{1,15}(?:补贴|资助)|资金|经费|(?i:\bpay|\bborne?\b|\bbear|\bfund|reimburs)`)
	granted        = regexp.MustCompile(`奖|补[贴助]|资助|贴息|给予|激励|返还|扶持|政府[^,，。;；]{0,6}支持|subsid|grant|reward|award|support`)
	spent          = regexp.MustCompile(granted.String() + `|` + priced.String())
	priced         = regexp.MustCompile(`投资|租金|价格|费|额|销售|收入|产值|规模|invest|rent|price|cost|fee|revenue|sales`)
	ahead          = regexp.MustCompile(`到20\d\d年|(?:^|[^截])至20\d\d年|20\d\d年(?:底|末)?[,，]|力争|争取|目标|达到|将|[Bb]y 20\d\d|target|will|aim`)
	achieved       = regexp.MustCompile(`已|累计|截至|完成了|实现了|共有|现有|同比|连续|上榜|获批|has been|have been|reached`)
)

// saysResult reports whether the words that would be quoted tell what was
// achieved rather than what is aimed at.
func saysResult(c retrieval.Clause, quoted string) bool {
	return achieved.MatchString(quoted) && !c.Goals()
}

// lacking names the first facet that is asked for and that none of the clauses
// says; "" when there is none.
func lacking(u understand.Understanding, chosen []judged, quoted func(judged) string) string {
	for _, f := range slices.Concat(literals(u), expenses, facets) {
		if !f.asked(u) {
			continue
		}
		said := false
		for _, j := range chosen {
			said = said || f.says(j.hit.Clause, quoted(j))
		}
		if !said {
			return f.name
		}
	}
	return ""
}
