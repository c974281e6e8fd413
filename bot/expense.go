package bot

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"policybot/bot/understand"
	"policybot/retrieval"
)

//go:embed expenses.txt
var expensesFile string

// expenses are the facets of expenses.txt: a subsidy for one expense says nothing of a subsidy for another.
var expenses = readExpenses(expensesFile)

// What is said beside an expense: in a question, that somebody pays or waives it; in a clause, any support.
const (
	paidZh = `(?:补贴|补助|补偿|资助|贴息|报销|返还|减免|退还|奖励|优惠|给不给补|给补|能补|有补)`
	paidEn = `\b(?:subsid\w*|reimburs\w*|refund\w*|rebate\w*|allowances?|grants?|relief|waive\w*|discounts?|(?:money|fees?) back|(?:cut|break|credit|holiday|deduction)s?)\b`
	payFor = `\b(?:do|does|did|will|would|can|could|to) (?:[a-z]+ ){0,3}pay for\b`
	helped = `奖|补|资助|贴息|给予|激励|返还|扶持|支持|减|免|退|优惠|保障|降低|报销|subsid|grant|reward|award|support|rebate|refund|reduc|exempt|discount`
)

func readExpenses(file string) []facet {
	var out []facet
	for _, line := range dataLines(file) {
		zh, en := expenseWords(strings.Fields(line))
		out = append(out, expenseFacet(zh, en))
	}
	return out
}

// expenseWords are patterns of the Chinese words and of the Latin words of a line.
func expenseWords(words []string) (zh, en string) {
	var han, latin []string
	for _, w := range words {
		if w[0] >= 0x80 {
			han = append(han, regexp.QuoteMeta(w))
			continue
		}
		latin = append(latin, strings.NewReplacer(`?`, ` `, `*`, `\w*`).Replace(w))
	}
	return anyOf(han), `\b` + anyOf(latin) + `\b`
}

// anyOf is a pattern of one of some patterns; of none, one that nothing fits.
func anyOf(patterns []string) string {
	if len(patterns) == 0 {
		return `[^\x00-\x{10FFFF}]`
	}
	return `(?:` + strings.Join(patterns, "|") + `)`
}

func expenseFacet(zh, en string) facet {
	asked := regexp.MustCompile(zh + `[^,。;?!:]{0,10}` + paidZh + `|` + paidZh + `[^,。;?!:]{0,4}` + zh +
		`|` + en + `[^.,;?!]{0,30}` + paidEn + `|(?:` + paidEn + `|` + payFor + `)[^.,;?!]{0,30}` + en)
	named, support := regexp.MustCompile(zh+`|(?i:`+en+`)`), regexp.MustCompile(`(?i)`+helped)
	return facet{
		"expense",
		func(u understand.Understanding) bool { return asked.MatchString(u.Folded) },
		func(c retrieval.Clause, _ string) bool {
			return slices.ContainsFunc(strings.FieldsFunc(c.Text, endsSentence), func(s string) bool {
				return named.MatchString(s) && support.MatchString(s)
			})
		},
	}
}

// endsSentence reports whether a character ends a sentence of a clause.
func endsSentence(r rune) bool { return strings.ContainsRune("。;；\n", r) }
