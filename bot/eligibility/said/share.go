package said

import (
	"math/big"
	"regexp"

	"policybot/bot/quantity"
)

var (
	foreignSide = regexp.MustCompile(`外方|外资|外商|外国|境外|美方|日方|德方|法方|英方|韩方|瑞方|欧方|海外股东|美国|日本|德国|法国|英国|瑞士|韩国|新加坡|\b(?:foreign(?:ers?)?|us|american|german|japanese|french|british|swiss|korean|danish|european|overseas|singapore(?:an)?)\b`)
	chineseSide = regexp.MustCompile(`中方|中资|内资|国内股东|国资|境内|\b(?:chinese|domestic|china|beijing)\b`)
	shareWord   = regexp.MustCompile(`占|控股|全资|比例|持股|持有|股份|股权|股比|出资|\b(?:holds?|held|owns?|owned|stake|shares?|equity|controls?|has|have|side|shareholder|ownership)\b`)
	// party are words for all of one side, whose share tells that of the other.
	party = regexp.MustCompile(`外方|外资|外商|中方|中资|内资|\b(?:foreign|chinese|german|us|american|japanese|swiss|french|british)\s(?:side|partners?|shareholders?|shares?|capital|ownership|stake|equity)\b|\bforeign-owned\b|\bforeign\b`)
	half  = big.NewRat(50, 1)
	whole = big.NewRat(100, 1)
)

// shares notes whose an enterprise is by the share that one side holds: 外方占60%.
func (r *reader) shares(c *clause) {
	if !shareWord.MatchString(c.text) && !foreignSide.MatchString(c.text) && !chineseSide.MatchString(c.text) {
		return
	}
	for _, q := range quantity.Find(c.text) {
		bound := q.Comparator == quantity.MoreThan || q.Comparator == quantity.AtLeast
		if q.Kind != quantity.Percent || q.High != nil || !exact(q) && (!bound || q.Value.Cmp(half) < 0) ||
			!c.states(q.Start, q.End, false) || c.of(q.Start) == them || deniedBefore(c.text, q.Start, "") {
			continue
		}
		foreign, ok := side(c.text, q)
		if !ok {
			continue
		}
		if value := ownerOf(foreign, q, bound); value != "" && (bound || q.Value.Cmp(half) > 0 || party.MatchString(c.text)) {
			r.add("ownership", value, c.start+q.Start, c.start+q.End)
		}
	}
}

// side tells whether a share is that of the foreign or of the Chinese side: of the two
// the one that stands nearer to it, where a word of shares stands beside it.
func side(text string, q quantity.Quantity) (foreign, ok bool) {
	if !shareWord.MatchString(text) {
		return false, false
	}
	f, isForeign := nearest(text, q, foreignSide)
	c, isChinese := nearest(text, q, chineseSide)
	return isForeign && (!isChinese || f < c), isForeign != isChinese || isForeign && f != c
}

// ownerOf is the kind of ownership where one side holds a share; "" where neither has
// more than half.
func ownerOf(foreign bool, q quantity.Quantity, bound bool) string {
	all, most := q.Value.Cmp(whole) == 0, q.Value.Cmp(half) > 0 || bound && q.Comparator == quantity.MoreThan
	switch {
	case q.Value.Cmp(whole) > 0 || q.Value.Cmp(half) == 0 && !most || q.Value.Sign() == 0:
		return ""
	case all && foreign:
		return "wholly_foreign"
	case all:
		return "none"
	case foreign == most:
		return "jv_foreign"
	}
	return "jv_cn_controlled"
}
