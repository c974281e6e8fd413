package said

import (
	"strings"
	"testing"

	"policybot/bot/eligibility"
)

// TestRead reads messages that each show a rule. Words of a fact are not compared.
func TestRead(t *testing.T) {
	for message, want := range map[string]string{
		// Whose enterprise it is.
		"客户是三甲医院，我们给他们做信息化":                                   "",
		"竞争对手拿了专精特新，我们还没有":                                    "",
		"我朋友是做疫苗的，在海淀，他想知道贷款怎么办":                              "",
		"I'm asking for a client: a vaccine maker in Daxing":  "",
		"母公司是世界500强，我们自己只有20个人":                               "employees=20",
		"我们的股东是港澳服务提供者":                                       "ownership=hk_macao",
		"Our client is a WFOE, but we are a domestic company": "ownership=none; entity=enterprise",
		"We sell our stents to public hospitals":              "device=yes",

		// What is only asked, supposed or heard of.
		"什么是专精特新？":              "",
		"我们在不在工业控制线内怎么查？":       "",
		"我们做抗体的能享受什么政策？":        "biologic=yes",
		"申请公用型保税仓库要什么材料":        "",
		"我们能不能在厂里加层？":           "expand=yes",
		"如果我们搬到厦门，算小微企业，能享受什么？": "",
		"听说海淀有家公司是小巨人，拿了补贴":     "",
		"我们可能在工业控制线内，不确定":       "",
		"Are we an SME?": "",
		"Can our class III stent enter the fast-track channel?":                "device_class=III; device=yes",
		"Our device isn't approved yet; the approved ones get a bonus, right?": "device=yes; approved=no",

		// Denial.
		"没有专精特新、小巨人、高企这些资质":                            "q_srdi=no; q_giant=no; q_hnte=no",
		"专精特新、高企都没评上":                                  "q_srdi=no; q_hnte=no",
		"我们是专精特新，不是小巨人":                                "q_srdi=yes; q_giant=no",
		"高企去年过期了，没有续":                                  "q_hnte=no",
		"我们不搞生产，只做研发":                                  "role_production=no; role_rd=yes",
		"我们不仅做研发，还自己生产":                                "role_rd=yes; role_production=yes",
		"北京也没有建总部的计划":                                  "plan_bj_hq=no",
		"We have neither SRDI nor little giant status": "q_srdi=no; q_giant=no",
		"Our HNTE status lapsed last year":             "q_hnte=no",
		"not only R&D but also production lines":       "role_production=yes",

		// What is wanted or was so once.
		"我们打算明年申请专精特新":               "",
		"专精特新正在申请中，高企已经拿到了":          "q_srdi=no; q_hnte=yes",
		"我们曾经是高企":                    "",
		"We expect approval in 2025": "",

		// Corrections.
		"我们在昌平，不对，是海淀":                                "place=北京/海淀",
		"我们是高企，说错了，是小巨人":                              "q_giant=yes",
		"We're in Haidian. Correction: in Changping.": "place=北京/昌平",

		// Places.
		"我们在上海，打算把总部搬到北京":                             "place=上海; plan_bj_hq=yes; site=北京",
		"原来在苏州，去年搬来北京昌平":                              "place=北京/昌平",
		"We moved from Suzhou to Changping last year": "place=北京/昌平",
		"我们给北京的医院供货":                                  "",

		// Numbers.
		"去年营收1.5个亿，员工三十五个人":                      "revenue=15000; employees=35",
		"我们融资5000万，还没有收入":                        "",
		"研发人员20人，全公司42人":                         "entity=enterprise; employees=42",
		"研发费用占比要到5%才行吗？我们是3%":                    "rd_share=3",
		"We are six years old, turnover RMB 35m": "years=6; revenue=3500",
		"营收不到5000万":                              "",

		// Shares.
		"合资公司，外方股份51%，中方49%":           "entity=enterprise; ownership=jv_foreign",
		"瑞士公司和中方各占50%":                 "entity=enterprise",
		"100% owned by a German group": "ownership=wholly_foreign",
	} {
		var got []string
		for _, f := range Read(message, eligibility.Builtin(), false) {
			got = append(got, f.Key+"="+f.Value)
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%q: got %q, want %q", message, s, want)
		}
	}
}

func TestReadAnswersQuestion(t *testing.T) {
	// In an answer nothing has to say whose enterprise it is.
	facts := Read("专精特新企业，有什么补贴？", eligibility.Builtin(), true)
	if len(facts) == 0 || facts[0].Key != "q_srdi" {
		t.Errorf("got %v", facts)
	}
	if facts := Read("专精特新企业，有什么补贴？", eligibility.Builtin(), false); len(facts) > 0 {
		t.Errorf("of a general question: got %v", facts)
	}
}

func TestCorrects(t *testing.T) {
	for text, want := range map[string]bool{
		"不对，我们在海淀": true, "不是昌平而是海淀": true, "Sorry, I meant Haidian": true,
		"我们在海淀": false, "We are in Haidian": false,
	} {
		if got := Corrects(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// FuzzRead reads anything without panic, and the words of a fact are where it says.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"", "我们是海淀的药企，员工120人", "We're a WFOE in the FTZ (60% foreign), U.S. side", "ＡＢ，。？Ⅲ類\xff器械", "不对", "没有、没有，都没有",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	v := eligibility.Builtin()
	f.Fuzz(func(t *testing.T, message string, own bool) {
		seen := map[string]bool{}
		for _, fact := range Read(message, v, own) {
			if fact.Start < 0 || fact.Start >= fact.End || fact.End > len(message) || message[fact.Start:fact.End] != fact.Words {
				t.Errorf("%q: the words of %v are not at %d", message, fact, fact.Start)
			}
			if seen[fact.Key] {
				t.Errorf("%q: %s is read twice", message, fact.Key)
			}
			seen[fact.Key] = true
		}
	})
}

func BenchmarkRead(b *testing.B) {
	v := eligibility.Builtin()
	for b.Loop() {
		Read("您好，我是一家生物医药初创公司的负责人，公司在昌平，成立3年，团队28人，做抗体，还没有收入，明年要上临床，想找贷款，能享受什么政策？", v, false)
	}
}
