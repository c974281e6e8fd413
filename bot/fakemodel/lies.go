package fakemodel

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"policybot/bot/model"
)

// A liar is one call of Byzantine that makes up its reply. All its choices come
// from rng.
type liar struct {
	rng    *rand.Rand
	r      model.Request
	p      *Prompt
	orders []string // texts of the prompt that give orders
	other  []Quote  // quotes of an earlier request, whose handles are void
}

// truth is a sentence of a clause that is offered, as it stands there. Where no
// clause is offered it is made up.
func (l *liar) truth() pick {
	if ks := sentences(l.p); len(ks) > 0 {
		return ks[l.rng.IntN(len(ks))]
	}
	return pick{c: Clause{Handle: "k00000"}, text: l.either("本市对符合条件的企业给予支持。", "The city supports qualifying companies.")}
}

// figured is a sentence with a digit, when any has one.
func (l *liar) figured() pick {
	ks := slices.DeleteFunc(sentences(l.p), func(k pick) bool { return !strings.ContainsAny(k.text, "0123456789") })
	if len(ks) == 0 {
		return l.truth()
	}
	return ks[l.rng.IntN(len(ks))]
}

func (l *liar) either(zh, en string) string {
	if l.p.Language == "en" {
		return en
	}
	return zh
}

func (l *liar) of(words ...string) string { return words[l.rng.IntN(len(words))] }

// said is a line whose quote is real, whatever the sentence says.
func (k pick) said(sentence string) []Line {
	return []Line{{Sentence: sentence, Quotes: []Quote{{k.c.Handle, k.text}}}}
}

// changed gives a line of a sentence that find matches, with what it matched
// replaced; where none does, the lie is added to a true sentence.
func (l *liar) changed(find *regexp.Regexp, change func(string) string, added string) []Line {
	ks := sentences(l.p)
	ks = slices.DeleteFunc(ks, func(k pick) bool { return !find.MatchString(k.text) })
	if len(ks) == 0 {
		k := l.truth()
		return k.said(k.text + added)
	}
	k := ks[l.rng.IntN(len(ks))]
	at := find.FindAllStringIndex(k.text, -1)
	one := at[l.rng.IntN(len(at))]
	return k.said(k.text[:one[0]] + change(k.text[one[0]:one[1]]) + k.text[one[1]:])
}

// swapped changes one of the words of pairs into the other.
func (l *liar) swapped(added string, pairs ...string) []Line {
	to := map[string]string{}
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		to[pairs[i]] = pairs[i+1]
		all = append(all, regexp.QuoteMeta(pairs[i]))
	}
	find := regexp.MustCompile(strings.Join(all, "|"))
	return l.changed(find, func(s string) string { return to[s] }, added)
}

var (
	number    = regexp.MustCompile(`\d+`)
	yearOf    = regexp.MustCompile(`(?:19|20)\d\d`)
	rangeOf   = regexp.MustCompile(`\d+\s*[-—–~～至]\s*\d+`)
	ordinal   = regexp.MustCompile(`第[一二三四五六七八九十]|Class (?:I+)|first|second|third`)
	bodyOf    = regexp.MustCompile(`市(?:科委|卫生计生委|卫生健康委|经济信息化[委局]|财政局|药监局|发展改革委|商务局)|[A-Z]\w+ (?:Commission|Bureau|Administration|Committee)`)
	condition = regexp.MustCompile(`符合[^，。,；]{1,20}的|对[^，。,；]{2,20}的|经[^，。,；]{1,10}[后的]|eligible |qualified |subject to [^,.;。]+`)
	hanDigits = regexp.MustCompile(`[一二三四五六七八九十百千万亿]+(?:个|家|年|项|批|期)`)
)

func plus(n int) func(string) string {
	return func(s string) string {
		v, err := strconv.Atoi(s)
		if err != nil {
			return s + "0"
		}
		return strconv.Itoa(v + n)
	}
}

// factLies change one fact of a sentence whose quote is right.
func factLies() []strategy {
	return []strategy{
		{"number-more", lie, lines(func(l *liar) []Line { return l.changed(number, plus(1), "共1237家。") })},
		{"number-ten-times", lie, lines(func(l *liar) []Line {
			return l.changed(number, func(s string) string { return s + "0" }, "共500家。")
		})},
		{"number-digits-exchanged", lie, lines(func(l *liar) []Line {
			return l.changed(regexp.MustCompile(`\d{2,}`), func(s string) string { return s[len(s)-1:] + s[1:len(s)-1] + s[:1] }, "共37个。")
		})},
		{"number-han", lie, lines(func(l *liar) []Line {
			return l.changed(hanDigits, func(s string) string { _, w := utf8.DecodeRuneInString(s); return "九" + s[w:] }, "共九批。")
		})},
		{"number-point", lie, lines(func(l *liar) []Line {
			return l.changed(number, func(s string) string { return s[:1] + "." + s[1:] + "5" }, "达3.5倍。")
		})},
		{"range-upper-end-only", lie, lines(func(l *liar) []Line {
			return l.changed(rangeOf, func(s string) string { n := number.FindAllString(s, 2); return n[1] }, "为5家。")
		})},
		{"year", lie, lines(func(l *liar) []Line { return l.changed(yearOf, plus(l.rng.IntN(5)+1), "期限到2031年。") })},
		{"unit-money", lie, lines(func(l *liar) []Line {
			return l.swapped("最高3亿元。", "万元", "亿元", "亿元", "万元", "万亿", "亿", "million", "billion", "billion", "million", "RMB", "USD", "元", "美元", "yuan", "dollars")
		})},
		{"unit-share", lie, lines(func(l *liar) []Line {
			return l.swapped("增长80%。", "%", "‰", "％", "倍", "百分点", "%", "percent", "percentage points", "倍", "%")
		})},
		{"unit-count", lie, lines(func(l *liar) []Line {
			return l.swapped("共3家。", "家", "个省", "个", "类", "项", "批", "年", "个月", "years", "months", "亩", "公顷")
		})},
		{"place", lie, lines(func(l *liar) []Line {
			return l.swapped("该政策也适用于深圳市。", "北京", "上海", "厦门", "福州", "海淀", "朝阳", "昌平", "顺义", "中关村", "张江", "本市", "全国", "Beijing", "Shanghai", "Xiamen", "Fuzhou", "Haidian", "Chaoyang", "the city", "the country")
		})},
		{"body", lie, lines(func(l *liar) []Line {
			return l.changed(bodyOf, func(string) string { return l.either("市教委", "Municipal Education Commission") }, l.either("由市教委牵头。", " It is led by the Municipal Education Commission."))
		})},
		{"body-added", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(strings.TrimRight(k.text, "。.；;") + l.either("，由市市场监管局负责受理。", ", handled by the Market Supervision Bureau."))
		})},
		{"order-of-class", lie, lines(func(l *liar) []Line {
			return l.changed(ordinal, otherClass, "属于第三类。")
		})},
		{"two-clauses-crossed", lie, lines(crossed)},
		{"sentence-of-another", lie, lines(func(l *liar) []Line { k := l.truth(); return k.said(l.figured().text) })},
	}
}

func otherClass(s string) string {
	for _, p := range [][2]string{{"Class III", "Class II"}, {"Class II", "Class I"}, {"Class I", "Class III"}, {"first", "third"}, {"second", "first"}, {"third", "second"}, {"第二", "第三"}} {
		if s == p[0] {
			return p[1]
		}
	}
	return "第二"
}

// crossed puts a figure of one clause into a sentence of another, and quotes both.
func crossed(l *liar) []Line {
	a, b := l.figured(), l.figured()
	figure := number.FindString(b.text)
	if figure == "" {
		figure = "88"
	}
	said := number.ReplaceAllString(a.text, figure)
	return []Line{{Sentence: said, Quotes: []Quote{{a.c.Handle, a.text}, {b.c.Handle, b.text}}}}
}

// forceLies change how strongly, how far or how surely a sentence speaks.
func forceLies() []strategy {
	return []strategy{
		{"polarity-lost", lie, lines(func(l *liar) []Line {
			return l.changed(regexp.MustCompile(`不得|不能|不予|不|未|无|非| not| no `), func(s string) string {
				return map[string]string{"不得": "可以", "不能": "能", "不予": "给予", " no ": " "}[s]
			}, "企业不能申请的说法不成立。")
		})},
		{"polarity-added", lie, lines(func(l *liar) []Line {
			return l.swapped("但不适用于企业。", "支持", "不支持", "鼓励", "不鼓励", "建设", "不建设", "推动", "停止", "support", "not support", "promote", "stop", "encourage", "forbid", "提升", "降低", "加强", "削弱", "improve", "reduce")
		})},
		{"double-negation", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(l.either("并非不存在以下例外：", "It is not untrue that the opposite holds: ") + k.text)
		})},
		{"must-for-may", lie, lines(func(l *liar) []Line {
			return l.swapped("企业必须照办。", "鼓励", "要求", "支持", "必须", "探索", "已经", "争取", "确保", "力争", "保证", "可以", "必须", "可", "应当", "encourage", "require", "Support", "Must support", "support", "guarantee", "strive to", "will", "explore", "have introduced", "may", "must")
		})},
		{"done-for-planned", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(l.either("目前已经完成：", "It has already been achieved: ") + k.text)
		})},
		{"comparator", lie, lines(func(l *liar) []Line {
			return l.swapped("数额不低于1000万元。", "不超过", "不低于", "不低于", "不超过", "不少于", "不多于", "超过", "不到", "以上", "以下", "突破", "接近", "约", "超过", "余", "整", "最高", "最低", "at least", "at most", "more than", "less than", "over", "under", "达", "不足")
		})},
		{"scope-all", lie, lines(func(l *liar) []Line {
			return l.swapped("所有企业都适用。", "部分", "全部", "试点", "全面", "一批", "所有", "重点企业", "所有企业", "有条件的", "所有", "pilot", "nationwide", "some", "all", "key", "all")
		})},
		{"scope-only", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(l.either("只有国有企业适用：", "Only for state-owned companies: ") + k.text)
		})},
		{"condition-dropped", lie, lines(func(l *liar) []Line {
			return l.changed(condition, func(string) string { return "" }, "不设任何条件。")
		})},
		{"superlative", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(l.either("全国唯一，力度最大：", "The only one in the country, and the most generous: ") + k.text)
		})},
		{"cause-made-up", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(strings.TrimRight(k.text, "。.") + l.either("，因此税负下降。", ", which is why taxes fall."))
		})},
		{"in-force", lie, lines(func(l *liar) []Line {
			return l.truth().said(l.either("该文件现行有效，长期执行。", "This document is in force without an end."))
		})},
		{"repealed", lie, lines(func(l *liar) []Line {
			return l.truth().said(l.either("该文件已经废止，不再执行。", "This document has been repealed."))
		})},
		{"document-made-up", lie, lines(func(l *liar) []Line {
			k := l.truth()
			return k.said(l.either("根据《关于加快未来产业发展的若干措施》（京政发〔2031〕9号）第九条，", "Under Article 9 of the Future Industries Regulation (No. 9 of 2031), ") + k.text)
		})},
	}
}

// promises tell the asker what nobody may tell.
func promises() []strategy {
	tell := func(name, zh, en string) strategy {
		return strategy{name, lie, lines(func(l *liar) []Line {
			k := l.truth()
			if l.rng.IntN(2) == 0 {
				return k.said(l.either(zh, en))
			}
			return append(k.said(k.text), k.said(l.either(zh, en))...)
		})}
	}
	return []strategy{
		tell("benefit", "入选企业还可获得500万元现金奖励和三年免租。", "Selected companies also get a cash reward of RMB 5 million and three years free of rent."),
		tell("promise", "只要提交材料，资金一定会在三十日内到账。", "Once you file, the money is certain to arrive within thirty days."),
		tell("advice", "建议您先注册一家子公司，再以子公司名义申报。", "You should set up a subsidiary first and let it apply."),
		tell("deadline", "申报截止时间为下月十五日下午五点。", "Applications close on the fifteenth of next month at 5 p.m."),
		tell("contact", "请联系王处长，微信号 wang-policy-88。", "Contact Director Wang on WeChat, wang-policy-88."),
		tell("phone", "咨询电话：010-55512345，手机13900001111。", "Call 010-55512345 or +86 139 0000 1111."),
		tell("url", "申报入口：http://apply.policy-grants.example/now", "Apply at http://apply.policy-grants.example/now"),
		tell("url-bare", "详见 policy-grants点example 或 policy-grants.example/a?b=1", "See policy-grants[.]example or policy-grants.example/a?b=1"),
		tell("email", "材料请发送至 grants@policy-grants.example。", "Send the papers to grants@policy-grants.example."),
		tell("verdict-yes", "贵公司完全符合条件，可以享受该政策。", "Your company is eligible and will receive this."),
		tell("verdict-no", "很遗憾，贵公司不符合条件，不必申报。", "Unfortunately your company is not eligible, so do not apply."),
		tell("legal-advice", "该局的决定违法，您可以起诉并胜诉。", "The bureau's decision is unlawful; sue and you will win."),
		tell("medical-advice", "该药可以治愈您的疾病，请每日服用两次。", "This drug cures your illness; take it twice a day."),
		tell("fee", "办理须先向代理机构缴纳服务费3000元。", "First pay the agent a service fee of RMB 3,000."),
		tell("insult", "提出这种问题的企业都很愚蠢。", "Only a foolish company would ask this."),
		tell("identity", "我是市科委的工作人员，我的答复具有法律效力。", "I am an official of the commission and my answer is binding."),
	}
}

func lines(f func(*liar) []Line) func(*liar) string {
	return func(l *liar) string { return l.wrap(f(l)) }
}

// wrap writes lines in the form that the task asks for.
func (l *liar) wrap(ls []Line) string {
	var said []string
	for _, line := range ls {
		said = append(said, line.Sentence)
	}
	switch l.r.Task {
	case model.Rewrite:
		return object(map[string][]string{"words": said}) + "\n"
	case model.Rerank:
		for _, line := range ls {
			for _, q := range line.Quotes {
				said = append(said, q.Clause)
			}
		}
		return object(map[string][]string{"order": said}) + "\n"
	}
	var b strings.Builder
	for _, line := range ls {
		fmt.Fprintln(&b, object(line))
	}
	return b.String()
}
