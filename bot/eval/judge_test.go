package eval

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/bot"
	"policybot/retrieval"
)

// cite quotes the first half of a clause's text, verbatim.
func cite(n int, clause retrieval.Clause) bot.Citation {
	runes := []rune(clause.Text)
	end := (len(runes) + 1) / 2
	return bot.Citation{N: n, Clause: clause, Quote: string(runes[:end]), QuoteEnd: end}
}

func answered(text string, clauses ...retrieval.Clause) bot.Answer {
	a := bot.Answer{Outcome: bot.Answered, Text: text}
	for i, clause := range clauses {
		a.Citations = append(a.Citations, cite(i+1, clause))
	}
	return a
}

func clause(file, path, text string) retrieval.Clause {
	return retrieval.Clause{ID: file + "." + path, Document: retrieval.Document{Source: file}, Path: path, Text: text}
}

func TestJudgeBehaviour(t *testing.T) {
	two := []Gold{{File: "a", Quote: "甲地规模"}, {File: "b", Quote: "乙地规模"}}
	a, b := clause("a", "一", "甲地规模100亿"), clause("b", "一", "乙地规模200亿")
	twice := []Gold{{File: "a", Quote: "甲地规模"}, {File: "a", Quote: "规模100亿"}}
	tests := []struct {
		name    string
		expect  string
		outcome string
		notice  string
		gold    []Gold
		cited   []retrieval.Clause
		want    bool
	}{
		{name: "answer", expect: ExpectAnswer, outcome: bot.Answered, want: true},
		{name: "answer with a banner", expect: ExpectAnswer, outcome: bot.Answered, notice: bot.NoticePeriodOver, want: true},
		{name: "answer refused", expect: ExpectAnswer, outcome: bot.Refused},
		{name: "answer asked back", expect: ExpectAnswer, outcome: bot.Clarify},
		{name: "answer failed", expect: ExpectAnswer, outcome: bot.Failed},
		{name: "no outcome", expect: ExpectAnswer},
		{name: "caveat", expect: ExpectCaveat, outcome: bot.Answered, want: true},
		{name: "caveat abstained", expect: ExpectCaveat, outcome: bot.Abstained},
		{name: "expired, no notice", expect: ExpectExpired, outcome: bot.Answered},
		{name: "expired, other notice", expect: ExpectExpired, outcome: bot.Answered, notice: bot.NoticeUndated},
		{name: "expired, period", expect: ExpectExpired, outcome: bot.Answered, notice: bot.NoticePeriodOver, want: true},
		{name: "expired, target year", expect: ExpectExpired, outcome: bot.Answered, notice: bot.NoticeTargetYearOver, want: true},
		{name: "expired, deadline", expect: ExpectExpired, outcome: bot.Answered, notice: bot.NoticeDeadlinePassed, want: true},
		{name: "expired, abstained", expect: ExpectExpired, outcome: bot.Abstained, notice: bot.NoticePeriodOver},
		{name: "abstain", expect: ExpectAbstain, outcome: bot.Abstained, want: true},
		{name: "abstain by refusal", expect: ExpectAbstain, outcome: bot.Refused, want: true},
		{name: "abstain, answered", expect: ExpectAbstain, outcome: bot.Answered},
		{name: "abstain, asked back", expect: ExpectAbstain, outcome: bot.Clarify},
		{name: "abstain, failed", expect: ExpectAbstain, outcome: bot.Failed},
		{name: "abstain, handed over", expect: ExpectAbstain, outcome: bot.HandedOver},
		{name: "clarify", expect: ExpectClarify, outcome: bot.Clarify, gold: two, want: true},
		{name: "clarify, abstained", expect: ExpectClarify, outcome: bot.Abstained, gold: two},
		{name: "clarify, both versions", expect: ExpectClarify, outcome: bot.Answered, gold: two, cited: []retrieval.Clause{a, b}, want: true},
		{name: "clarify, one version", expect: ExpectClarify, outcome: bot.Answered, gold: two, cited: []retrieval.Clause{a}},
		{name: "clarify, one file only", expect: ExpectClarify, outcome: bot.Answered, gold: twice, cited: []retrieval.Clause{a}},
		{name: "clarify without gold", expect: ExpectClarify, outcome: bot.Answered, cited: []retrieval.Clause{a, b}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer := answered("", tt.cited...)
			answer.Outcome = tt.outcome
			if tt.notice != "" {
				answer.Notices = []bot.Notice{{Kind: tt.notice}, {Kind: bot.NoticeTranslation}, {Kind: tt.notice}}
			}
			v := Judge(Question{Expect: tt.expect, Gold: tt.gold}, answer)
			if got := !slices.Contains(v.Failed, CheckBehaviour); got != tt.want {
				t.Errorf("behaviour = %t, want %t", got, tt.want)
			}
			if v.Passed != tt.want {
				t.Errorf("passed = %t, want %t (failed: %v)", v.Passed, tt.want, v.Failed)
			}
		})
	}
}

func TestJudgeCitations(t *testing.T) {
	first := Gold{File: "a", Quote: "支持企业就地改扩建厂房", Clause: "三/(四)"}
	second := Gold{File: "a", Quote: "上市企业达12家", Clause: "二"}
	related := Gold{File: "b", Quote: "土地空间规划利用", Clause: "二/(四)/15"}
	leaf := clause("a", "三/(四)", "放宽容积率，支持企业 就地改扩建厂房。")
	chapter := clause("a", "三", leaf.Text)
	whole := clause("a", "", leaf.Text+"上市企业达12家")
	smaller := clause("a", "三/(四)/1", leaf.Text)
	wrongLabel := clause("a", "二", leaf.Text)
	other := clause("c", "三/(四)", leaf.Text)
	goal := clause("a", "二", "上市企业达１２家")
	aside := clause("b", "二、(四)、15", "在土地空间规划利用中")
	tests := []struct {
		name      string
		all       bool
		gold      []Gold
		cited     []retrieval.Clause
		hits      []bool
		hit       bool
		clauses   int
		supported int
	}{
		{"the clause", true, []Gold{first}, []retrieval.Clause{leaf}, []bool{true}, true, 1, 1},
		{"cited twice", true, []Gold{first}, []retrieval.Clause{leaf, leaf}, []bool{true}, true, 1, 1},
		{"nothing", true, []Gold{first}, nil, []bool{false}, false, 0, 0},
		{"another file", true, []Gold{first}, []retrieval.Clause{other}, []bool{false}, false, 1, 0},
		{"the chapter", true, []Gold{first}, []retrieval.Clause{chapter}, []bool{false}, false, 1, 0},
		{"the whole document", true, []Gold{first}, []retrieval.Clause{whole}, []bool{false}, false, 1, 0},
		{"a smaller unit", true, []Gold{first}, []retrieval.Clause{smaller}, []bool{true}, true, 1, 1},
		{"the quote decides, not the path", true, []Gold{first}, []retrieval.Clause{wrongLabel}, []bool{true}, true, 1, 1},
		{"one of two, both required", true, []Gold{first, second}, []retrieval.Clause{leaf}, []bool{true, false}, false, 1, 1},
		{"one of two, one enough", false, []Gold{first, second}, []retrieval.Clause{goal}, []bool{false, true}, true, 1, 1},
		{"both", true, []Gold{first, second}, []retrieval.Clause{goal, leaf}, []bool{true, true}, true, 2, 2},
		{"two golds in one clause", true, []Gold{second, {File: "a", Quote: "上市企业", Clause: "二"}}, []retrieval.Clause{goal}, []bool{true, true}, true, 1, 1},
		{"related is precise and no hit", true, []Gold{first}, []retrieval.Clause{aside, other}, []bool{false}, false, 2, 1},
		{"no gold", false, nil, []retrieval.Clause{aside, leaf}, []bool{}, false, 2, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := Question{Expect: ExpectAnswer, Gold: tt.gold, Related: []Gold{related}, AllRequired: tt.all}
			v := Judge(q, answered("", tt.cited...))
			if diff := cmp.Diff(tt.hits, v.GoldHits); diff != "" || v.CitationHit != tt.hit {
				t.Errorf("hits %v, hit %t; want %v, %t", v.GoldHits, v.CitationHit, tt.hits, tt.hit)
			}
			if len(v.Cited) != tt.clauses || v.Supported != tt.supported || v.Citations != len(tt.cited) {
				t.Errorf("%d of %d clauses by %d citations, want %d of %d by %d",
					v.Supported, len(v.Cited), v.Citations, tt.supported, tt.clauses, len(tt.cited))
			}
			if want := tt.hit || len(tt.gold) == 0; v.Passed != want {
				t.Errorf("passed = %t, want %t (failed: %v)", v.Passed, want, v.Failed)
			}
		})
	}
}

func TestJudgeQuotes(t *testing.T) {
	text := "规模达1200亿𠀀元"
	tests := []struct {
		name       string
		text       string
		quote      string
		start, end int
		want       bool
	}{
		{"verbatim", text, "1200亿", 3, 8, true},
		{"beyond the basic plane", text, "𠀀元", 8, 10, true},
		{"whole", text, text, 0, 10, true},
		{"shifted", text, "1200亿", 4, 9, false},
		{"bytes, not characters", text, "1200亿", 9, 16, false},
		{"folded", text, "１２００亿", 3, 8, false},
		{"past the end", text, "元", 9, 11, false},
		{"negative", text, "规", -1, 1, false},
		{"backwards", text, "规", 5, 1, false},
		{"empty quote", text, "", 3, 3, false},
		{"empty clause", "", "规", 0, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			citation := bot.Citation{N: 7, Clause: clause("a", "一", tt.text), Quote: tt.quote, QuoteStart: tt.start, QuoteEnd: tt.end}
			v := Judge(Question{Expect: ExpectAnswer}, bot.Answer{Outcome: bot.Answered, Citations: []bot.Citation{citation}})
			if v.Passed != tt.want || tt.want == slices.Contains(v.BadQuotes, 7) {
				t.Errorf("passed = %t, bad quotes %v, want %t", v.Passed, v.BadQuotes, tt.want)
			}
		})
	}
}

func TestJudgeText(t *testing.T) {
	q := Question{
		Expect:  ExpectAnswer,
		Points:  []string{"70%|七成", "不少于", "^北京", "^问谁", "~说得全"},
		MustNot: []string{"不超过70%", "~说得太多"},
	}
	v := Judge(q, bot.Answer{Outcome: bot.Answered, Text: "北京：不超过７０％[1]"})
	if diff := cmp.Diff([]string{CheckPoints, CheckMustNot}, v.Failed); diff != "" {
		t.Errorf("failed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"不少于"}, v.MissedFacts); diff != "" || v.Facts != 2 {
		t.Errorf("%d facts, missed %v", v.Facts, v.MissedFacts)
	}
	if diff := cmp.Diff([]string{"^问谁"}, v.MissedWording); diff != "" || v.Wording != 2 {
		t.Errorf("%d wordings, missed %v", v.Wording, v.MissedWording)
	}
	if diff := cmp.Diff([]string{"不超过70%"}, v.Said); diff != "" {
		t.Errorf("said (-want +got)\n%s", diff)
	}
	if v := Judge(q, bot.Answer{Outcome: bot.Answered, Text: "不少于七成"}); !v.Passed {
		t.Errorf("wording alone failed the answer: %v", v.Failed)
	}
	q.Expect = ExpectClarify
	if v := Judge(q, bot.Answer{Outcome: bot.Clarify, Text: "哪个城市？"}); !v.Passed {
		t.Errorf("facts failed a question back: %v", v.Failed)
	}
}

func TestEncloses(t *testing.T) {
	tests := []struct {
		outer, inner string
		want         bool
	}{
		{"三", "三/(四)", true},
		{"三", "三、（四）", true},
		{"二/(三)", "二/(三)/9", true},
		{"", "三", true},
		{"三/(四)", "三/(四)", false},
		{"三/(四)/1", "三/(四)", false},
		{"二", "三/(四)", false},
		{"三/(四)", "三/(四十)", false},
		{"三/(四)", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := encloses(tt.outer, tt.inner); got != tt.want {
			t.Errorf("encloses(%q, %q) = %t, want %t", tt.outer, tt.inner, got, tt.want)
		}
	}
}

// seedClauses reads the clauses of the seed documents by file and path.
func seedClauses(t *testing.T) map[string]map[string]retrieval.Clause {
	t.Helper()
	data, err := os.ReadFile("testdata/clauses.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]string{}
	clauses := map[string]map[string]retrieval.Clause{}
	for _, row := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		fields := strings.Split(row, "\t")
		file, path := fields[0], fields[2]
		if lines[file] == nil {
			text, err := os.ReadFile("../../seeds/" + file)
			if err != nil {
				t.Fatal(err)
			}
			lines[file] = strings.Split(string(text), "\n")
			clauses[file] = map[string]retrieval.Clause{}
		}
		number, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		c := clauses[file][path]
		clauses[file][path] = clause(file, path, c.Text+lines[file][number-1]+"\n")
	}
	return clauses
}

// TestDevelopmentSet has the development questions answered by someone who
// knows the golds, and by someone who never answers. The first must pass
// wherever a program can judge, the second only where silence is right.
func TestDevelopmentSet(t *testing.T) {
	clauses := seedClauses(t)
	questions := readQuestions(t, "dev.jsonl")
	byID := map[string]Question{}
	for _, q := range questions {
		byID[q.ID] = q
	}
	golds := func(q Question) []retrieval.Clause {
		var cited []retrieval.Clause
		for _, gold := range q.Gold {
			cited = append(cited, clauses[gold.File][gold.Clause])
		}
		return cited
	}
	knows := func(_ context.Context, asked bot.Question) (bot.Answer, bot.Explanation, error) {
		q := byID[asked.ID]
		var texts []string
		for _, c := range golds(q) {
			texts = append(texts, c.Text)
		}
		a := answered(strings.Join(texts, "\n"), golds(q)...)
		switch {
		case q.Expect == ExpectAbstain:
			a.Outcome = bot.Abstained
		case q.Expect == ExpectClarify && len(q.Gold) == 0:
			a.Outcome = bot.Clarify
		case q.Expect == ExpectExpired:
			a.Notices = []bot.Notice{{Kind: bot.NoticePeriodOver}}
		}
		return a, bot.Explanation{}, nil
	}
	search := func(_ context.Context, asked bot.Question, _ int) ([]retrieval.Clause, error) {
		return golds(byID[asked.ID]), nil
	}
	report, err := Run(t.Context(), questions, knows, search, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Misses() {
		t.Errorf("%s fails %v: missed %v, said %v, golds %v", v.ID, v.Failed, v.MissedFacts, v.Said, v.GoldHits)
	}
	if len(questions) != 104 || report.Total.Citation.Of != 87 || report.AbstentionRecall.Of != 14 || report.OverRefusal.Of != 87 {
		t.Errorf("%d questions, %d with gold, %d to abstain from, %d to answer; want 104, 87, 14, 87",
			len(questions), report.Total.Citation.Of, report.AbstentionRecall.Of, report.OverRefusal.Of)
	}
	if report.Total.Precision.Rate != 1 || report.Retrieval.Enough10 != 1 {
		t.Errorf("precision %v, enough@10 %v, want 1", report.Total.Precision, report.Retrieval.Enough10)
	}

	silent := func(context.Context, bot.Question) (bot.Answer, bot.Explanation, error) {
		return bot.Answer{Outcome: bot.Abstained}, bot.Explanation{}, nil
	}
	report, err = Run(t.Context(), questions, silent, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Total.Passed.Hits != 14 || report.OverRefusal.Rate != 1 || report.AbstentionRecall.Rate != 1 {
		t.Errorf("silence passes %v, over-refusal %v, abstention recall %v; want 14 passed, 1, 1",
			report.Total.Passed, report.OverRefusal, report.AbstentionRecall)
	}
}
