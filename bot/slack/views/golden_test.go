package views

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// given are the data of the golden files, in one language.
type given struct {
	clause    ClauseData
	fields    []Field
	caseData  CaseData
	draft     DraftData
	home      HomeData
	hits      []Hit
	text      string
	token     string
	wentWrong []string
}

var zhGiven = given{
	clause: ClauseData{
		Title: "厦门市人民政府办公厅关于印发生物医药产业高质量发展若干措施的通知", Number: "厦府办〔2020〕57号", Path: "三、（二）", Heading: "鼓励企业上市", Status: "已过期",
		Notes: []string{"文件有效期至 2022-12-31。", "申报时间以主管部门通知为准。"},
		Text:  "对在境内外成功上市的生物医药企业，给予奖励。\n力争到2022年，新增上市企业5家以上。\n责任单位：市金融监管局。", QuoteStart: 23, QuoteEnd: 42,
		Before: &Neighbour{Path: "三、（一）", Text: "支持企业做大做强。", ID: "xiamen-2020-57/3.1"}, After: &Neighbour{Path: "三、（三）", Text: "支持并购。", ID: "xiamen-2020-57/3.3"},
		URL: good + "clause/xiamen-2020-57/3.2",
	},
	fields: []Field{
		{Key: "place", Ask: "公司（或项目）在哪个城市、哪个区？", Kind: Text, Hint: "例如：厦门市海沧区"},
		{Key: "entity", Ask: "是企业、医疗机构，还是高校或科研机构？", Kind: Choice, Options: []Option{{"enterprise", "企业"}, {"medical_institution", "医疗机构"}}},
		{Key: "role_rd", Ask: "是做研发的企业吗？", Kind: YesNo},
		{Key: "revenue", Ask: "上一年度营业收入是多少？", Kind: Number, Unit: "万元"},
		{Key: "founded", Ask: "哪天成立的？", Kind: Date},
	},
	caseData: CaseData{
		ID: "a1b2", Asked: "外商独资医院可以在哪里设立？", Reason: "要求转人工", Conversation: []string{"提问：外资医院有什么政策？", "回答：请说明城市。"},
		Draft: "可以在北京、上海等地设立外商独资医院[1]。", Sources: []string{"《独资医院领域扩大开放试点工作方案》二、（一）"}, DeskURL: good + "desk/a1b2",
	},
	draft: DraftData{Text: "您好：\n关于来函所问事项，现答复如下……", Sources: []string{"《若干措施》第三条"}, Notes: []string{"以文件全文为准。"}},
	home: HomeData{
		Documents: []Document{
			{Title: "北京市支持创新医药高质量发展若干措施", Number: "京医保发〔2025〕8号", Issuer: "北京市医疗保障局", Status: "有效", From: "2025-04-07", URL: good + "library/beijing-2025"},
			{Title: "独资医院领域扩大开放试点工作方案", Status: "有效"},
		},
		More: 3, Questions: []Question{{Text: "外商独资医院可以在哪里设立？", When: "昨天 14:03", Outcome: "已回答", URL: good + "questions/1"}},
		Retention: "365 天", Model: "只摘录原文，没有使用大模型", LibraryURL: good + "library", Places: []string{"北京市", "厦门市"},
	},
	hits: []Hit{
		{Title: "若干措施", Number: "厦府办〔2020〕57号", Path: "三、（二）", Text: "力争到2022年，新增上市企业5家以上。", ClauseID: "xiamen-2020-57/3.2", URL: good + "clause/1"},
		{Title: "试点工作方案", Path: "二", Text: "允许在北京设立外商独资医院。", ClauseID: "hospital/2"},
	},
	text: "厦门对器械企业有什么支持？", token: "abcdefghijklmnopqrstuv", wentWrong: []string{"第 1 句没有依据。", "金额与原文不符。"},
}

var enGiven = given{
	clause: ClauseData{
		Title: "Some Measures for Medicine", Number: "No. 57 (2020)", Path: "3 (2)", Heading: "Going public", Status: "Expired", Notes: []string{"Valid until 2022-12-31."},
		Text: "Companies that go public are rewarded. Five more are to be listed by 2022. Responsible: the finance bureau.", QuoteStart: 39, QuoteEnd: 74,
		Before: &Neighbour{Path: "3 (1)", Text: "Growth.", ID: "xm/3.1"}, URL: good + "clause/xm/3.2",
	},
	fields: []Field{
		{Key: "place", Ask: "Which city and district?", Kind: "place"},
		{Key: "entity", Ask: "Is it an enterprise?", Kind: Choice, Options: []Option{{"enterprise", "an enterprise"}}},
		{Key: "role_rd", Ask: "Does it do research?", Kind: YesNo},
		{Key: "revenue", Ask: "What was last year's revenue?", Kind: Number, Unit: "million yuan"},
	},
	caseData: CaseData{
		ID: "a1b2", Asked: "Where can foreign hospitals be?", Reason: "asked for a person", Draft: "In Beijing [1].", Sources: []string{"Pilot programme, 2 (1)"},
		DeskURL: good + "desk/a1b2", Approval: true,
	},
	draft: DraftData{Text: "Dear all,\nplease find below …", Sources: []string{"Measures, 3"}, Notes: []string{"The full document decides."}},
	home: HomeData{
		Documents: []Document{{Title: "Measures", Number: "No. 8", Issuer: "Bureau", Status: "in force", From: "2025-04-07", Until: "2027-04-06", URL: good + "library/1"}},
		Questions: []Question{{Text: "Where?", When: "yesterday", Outcome: "answered"}}, Retention: "365 days", Model: "Only copied; no model is used.", Places: []string{"Beijing"},
	},
	hits: []Hit{{Title: "Measures", Number: "No. 57", Path: "3 (2)", Text: "Five more are to be listed.", ClauseID: "xm/3.2", URL: good + "clause/1"}},
	text: "What does Xiamen give?", token: "abcdefghijklmnopqrstuv", wentWrong: []string{"Sentence 1 has no source."},
}

func TestGolden(t *testing.T) {
	for lang, g := range map[string]given{"zh": zhGiven, "en": enGiven} {
		searchText, searchBlocks := SearchResults(g.text, g.hits, lang)
		noneText, noneBlocks := SearchResults(g.text, nil, lang)
		approval := g.caseData
		approval.Approval = !approval.Approval
		type message struct {
			Text   string        `json:"text"`
			Blocks []slack.Block `json:"blocks"`
		}
		for name, v := range map[string]any{
			"clause": Clause(g.clause, lang), "feedback": Feedback(g.token, lang), "profile": Profile(g.fields, "", "meta", lang), "ask": Ask(g.text, "meta", lang),
			"case": Case(g.caseData, g.token, lang), "case-other": Case(approval, g.token, lang), "case-problems": CaseProblems(g.wentWrong, lang),
			"draft": Draft(g.draft, lang), "notice": Notice(askTitle.in(lang), g.text, lang), "home": Home(g.home, lang), "home-empty": Home(HomeData{}, lang),
			"help": message{HelpText(lang), Help(lang)}, "search": message{searchText, searchBlocks}, "search-none": message{noneText, noneBlocks},
		} {
			t.Run(name+"."+lang, func(t *testing.T) {
				golden(t, name+"."+lang+".json", encode(v))
				switch v := v.(type) {
				case message:
					wantNone(t, checkMessage(v.Text, v.Blocks))
				case slack.ModalViewRequest, slack.HomeTabViewRequest:
					wantNone(t, checkView(v))
				}
				text := words(v)
				if strings.Contains(text, "%!") {
					t.Errorf("a verb without its value: %s", text)
				}
				if lang == "en" && strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("Chinese in an English view: %s", text)
				}
			})
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (write it anew with -update):\n%s", name, diff)
	}
}

func wantNone(t interface {
	Helper()
	Errorf(string, ...any)
}, problems []string,
) {
	t.Helper()
	for _, p := range problems {
		t.Errorf("%s", p)
	}
}
