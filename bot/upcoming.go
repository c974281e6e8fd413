package bot

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/bot/quantity"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// lackingDate is what is lacking where a date to come is asked for.
const lackingDate = "date"

const (
	whenZh = `(?:什么时候|啥时候|什么时间|啥时|何时|哪天|哪一天|哪个月|几时|几月|几号|多久|多会儿|时间|日期)`
	whenEn = `\b(?:when|how soon|how long (?:until|before)|(?:what|which) (?:day|date|month|week|time)|dates? (?:of|for|on))\b`
	// noticed is what is announced or opened on some day, opened that it is.
	noticedZh = `(?:名单|结果|申报|申请|报名|征集|评选|遴选|招标|公示|公告|通知|指南|目录|细则|通道|窗口|入口|批次)`
	openedZh  = `(?:公布|公示|发布|出台|出炉|出来|下来|开放|开启|启动|开始|开通|受理)`
	noticedEn = `(?:lists?|results?|winners|recipients|applications?|calls?|rounds?|batch(?:es)?|window|portal|guidelines?|implementing rules|detailed rules|catalogue|notice|registration|names)`
	openedEn  = `(?:announce[ds]?|announcing|publish(?:ed|ing)?|opens?|opened|opening|reopens?|release[ds]?|launch(?:ed|ing)?|come out|coming out|starts?|begins?|accept(?:ed|ing)?|be out|issued?|disclosed?)`
	// which is the one of several whose day is asked for.
	whichZh = `第[二三四五六七八九十\d]+(?:批|轮|届)`
	whichEn = `\b(?:second|third|fourth|fifth) (?:batch|round|list|call|cohort|intake|tranche)\b`
	nextZh  = `(?:下一?个?(?:批次|批|轮|次|期|回|波|届|季)|新一(?:批|轮|期|届))`
	nextEn  = `\b(?:next|upcoming) (?:[a-z-]+ ){0,4}(?:batch|round|list|call|cohort|intake|window|cycle|tranche|catalogue|edition|announcement|notice|selection|application|competition|invitation|funding|subsidy|subsidies|grant|award|recognition|review)(?:e?s)?\b`
)

var (
	// nextAsked is asked about the day of what comes next, which no day that is over can be.
	nextAsked = regexp.MustCompile(eitherOrder(`[^。;?!]{0,24}`, nextZh, whenZh) + `|` + eitherOrder(`[^.?!]{0,60}`, nextEn, whenEn))
	// openingAsked is asked about the day on which something is announced or opens.
	openingAsked = regexp.MustCompile(noticedZh + `[^,。;?!]{0,8}` + whenZh + `[^,。;?!]{0,6}` + openedZh + `|` +
		whenZh + `[^,。;?!]{0,10}` + openedZh + `[^,。;?!]{0,12}` + noticedZh + `|` +
		eitherOrder(`[^。;?!]{0,24}`, whichZh, whenZh) + `|` + eitherOrder(`[^.?!]{0,60}`, whichEn, whenEn) + `|` +
		whenEn + `[^.?!]{0,60}\b` + noticedEn + `\b[^.?!]{0,40}\b` + openedEn + `\b|` + whenEn + `[^.?!]{0,40}\b` + openedEn + ` (?:[a-z-]+ ){0,4}` + noticedEn + `\b`)
	// bygone is asked about a day that has been.
	bygone = regexp.MustCompile(openedZh + `过?的(?:$|[?,。;!吗呢啊])|(?:已经?|曾)[^,。;?!]{0,8}` + openedZh + `|\b(?:was|were|did|had|has|have)\b`)
	// eventSaid is what a sentence tells that dates an announcement, an opening or a round.
	eventSaid = regexp.MustCompile(noticedZh + `|` + openedZh + `|[批轮届]|(?i:\b(?:` + noticedEn + `|` + openedEn + `|apply|tranche|cohort|intake)\b)`)
	// oftenSaid is a time that comes again, or a term that begins with another event.
	oftenSaid = regexp.MustCompile(`每(?:年|季|半年|个?月|个?季度|两年|三年)|常年|全年(?:受理|开放|接受)|随时|滚动|按(?:年度?|季度?|月)(?:公布|发布|申报|受理|评)|[\d一二三四五六七八九十]+个?(?:工作日|日|天|月)(?:之)?内|` +
		`(?i:\b(?:every|each) (?:year|month|quarter|spring|summer|autumn|fall|winter)\b|\b(?:annually|yearly|quarterly|monthly|year-round|at any time|rolling)\b|\b(?:once|twice) (?:a|per) year\b|\bwithin [a-z\d]+ (?:working |business |calendar )?(?:days?|weeks?|months?)\b)`)
)

// eitherOrder matches one pattern before the other, with no more than gap between them.
func eitherOrder(gap, a, b string) string { return a + gap + b + `|` + b + gap + a }

// undated reports whether a question asks for the day of an announcement, an opening or a
// round that none of the clauses, in the words that would be quoted, states. That of the
// next one is not before today. Questions about documents themselves and
// about days that have been are none of these.
func (e *Evidence) undated(chosen []judged, quoted func(judged) string) bool {
	u := e.Understanding
	next := nextAsked.MatchString(u.Folded)
	if asksDocument(u) || !next && (!openingAsked.MatchString(u.Folded) || bygone.MatchString(u.Folded)) {
		return false
	}
	var from time.Time
	if next {
		from, _ = time.Parse(time.DateOnly, e.Day)
	}
	return !slices.ContainsFunc(chosen, func(j judged) bool { return datesEvent(quoted(j), from) })
}

// datesEvent reports whether one sentence of a text states, for an announcement, an
// opening or a round, a day that is not before from or a time that comes again.
func datesEvent(text string, from time.Time) bool {
	return slices.ContainsFunc(sentence.Split(text), func(s sentence.Span) bool {
		own := text[s.Start:s.End]
		return eventSaid.MatchString(own) && (oftenSaid.MatchString(own) || slices.ContainsFunc(quantity.Find(own), func(q quantity.Quantity) bool {
			return q.Kind == quantity.Date && !over(q, from)
		}))
	})
}

// over reports whether a date, or the end of a range, is before the day. A date without
// a year comes again.
func over(q quantity.Quantity, day time.Time) bool {
	n := cmp.Or(q.High, q.Value).Num().Int64()
	written := fmt.Sprintf("%04d-%02d-%02d", n/10000, n/100%100, n%100)
	written = strings.TrimSuffix(strings.TrimSuffix(written, "-00"), "-00") // what is not said
	return n >= 10000 && retrieval.Passed(written, day)
}
