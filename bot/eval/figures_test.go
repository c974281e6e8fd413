package eval

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/bot"
	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// TestFigures reads testdata/figures.txt, which says what its lines are.
func TestFigures(t *testing.T) {
	const path = "testdata/figures.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, cases, _ := strings.Cut(string(data), "\n== ")
	anew := head
	for c := range strings.SplitSeq(cases, "\n== ") {
		name, rest, _ := strings.Cut(c, "\n")
		lines, want, _ := strings.Cut(rest, "--\n")
		got := strings.TrimSpace(printedFigures(t, lines))
		anew += "\n== " + name + "\n" + lines + "--\n" + got + "\n"
		if diff := cmp.Diff(strings.TrimSpace(want), got); diff != "" && !*update {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(anew), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func printedFigures(t *testing.T, lines string) string {
	t.Helper()
	var verdicts []Verdict
	for line := range strings.Lines(lines) {
		verdicts = append(verdicts, lineVerdict(t, line))
	}
	r := newReport(verdicts, true)
	var b strings.Builder
	r.Citations.write(&b)
	r.RiskCoverage.write(&b)
	if r.Parity != nil {
		r.Parity.write(&b)
	}
	return b.String()
}

// lineVerdict reads a verdict off a line of testdata/figures.txt.
func lineVerdict(t *testing.T, line string) Verdict {
	t.Helper()
	f := strings.Fields(line)
	if len(f) < 12 {
		t.Fatalf("line %q has %d fields", line, len(f))
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	list := func(s string) []string {
		if s == "-" {
			return []string{}
		}
		return strings.Split(s, "+")
	}
	v := Verdict{
		ID: f[0], Type: f[1], Lang: f[2], Expect: f[3], Outcome: f[4], Failed: list(f[6]), Cited: make([]Place, number(f[8])), Notices: list(f[9]),
		OtherPlace: make([]Place, number(f[10])), AskerElsewhere: make([]Place, number(f[11])),
	}
	v.Confidence, _ = strconv.ParseFloat(f[5], 64)
	v.Passed = len(v.Failed) == 0
	for _, rank := range list(f[7]) {
		v.Golds = append(v.Golds, Place{File: "a", Rank: number(rank)})
	}
	v.CitationHit = len(v.Golds) > 0 && !strings.Contains(f[6], CheckCitation)
	return v
}

// TestRiskCoverage: the points and the area by hand. Two answers share a
// confidence, one of them wrong; the last is wrong too.
func TestRiskCoverage(t *testing.T) {
	verdict := func(confidence float64, failed ...string) Verdict {
		return Verdict{Expect: ExpectAnswer, Outcome: bot.Answered, Confidence: confidence, Failed: failed}
	}
	verdicts := []Verdict{
		verdict(0.5), verdict(0.2, CheckCitation), verdict(0.9, CheckPoints), verdict(0.5, CheckBehaviour),
		{Expect: ExpectAbstain, Outcome: bot.Refused},
		{Expect: ExpectExpired, Outcome: bot.Abstained, Failed: []string{CheckBehaviour}},
		{Expect: ExpectClarify, Outcome: bot.Answered, Confidence: 1, Failed: []string{CheckBehaviour}},
	}
	got := riskCoverage(verdicts)
	third := 1.0 / 3
	want := RiskCoverage{
		Questions: 6, Answered: 4, Wrong: 2, AURC: 0*0.25 + third*0.5 + 0.5*0.25,
		Coverage1: 1.0 / 6, Coverage5: 1.0 / 6, Coverage10: 1.0 / 6,
		Points: []RiskPoint{{1.0 / 6, 0, 0.9}, {0.5, third, 0.5}, {4.0 / 6, 0.5, 0.2}},
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := riskCoverage(nil); got.Points == nil || got.Questions != 0 || got.AURC != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	// A coverage that is reached again below a worse stretch counts.
	var long []Verdict
	for i := range 40 {
		v := verdict(1 - float64(i)/100)
		if i == 2 {
			v = verdict(1-float64(i)/100, CheckCitation)
		}
		long = append(long, v)
	}
	if got := riskCoverage(long); got.Coverage1 != 0.05 || got.Coverage5 != 1 || got.Coverage10 != 1 {
		t.Errorf("coverage %v, %v, %v; want .05, 1, 1", got.Coverage1, got.Coverage5, got.Coverage10)
	}
	if rows := strings.Count(printedRisk(long), "\n"); rows != riskRows+5 {
		t.Errorf("%d lines:\n%s", rows, printedRisk(long))
	}
}

func printedRisk(verdicts []Verdict) string {
	var b strings.Builder
	riskCoverage(verdicts).write(&b)
	return b.String()
}

// TestPlaceCitations: a clause is of another place when it applies in none of
// the places that are named, and elsewhere when it does not apply where the
// asker is.
func TestPlaceCitations(t *testing.T) {
	of := func(place string) retrieval.Clause {
		c := clause(place, "一", "甲")
		c.Document.Jurisdiction = place
		return c
	}
	cited := []retrieval.Clause{of("北京市中关村国家自主创新示范区"), of("厦门市"), of("全国")}
	xiamen, beijing := understand.Place{Name: "厦门"}, understand.Place{Name: "北京"}
	asker := func(name string) understand.Place { return understand.Place{Name: name, Asker: true} }
	for _, tt := range []struct {
		places           []understand.Place
		other, elsewhere string
	}{
		{nil, "", ""},
		{[]understand.Place{xiamen}, "北京市中关村国家自主创新示范区", ""},
		{[]understand.Place{beijing}, "厦门市", ""},
		{[]understand.Place{xiamen, beijing}, "", ""},
		{[]understand.Place{asker("厦门"), beijing}, "", "北京市中关村国家自主创新示范区"},
		{[]understand.Place{asker("漳州"), xiamen}, "北京市中关村国家自主创新示范区", "北京市中关村国家自主创新示范区 厦门市"},
	} {
		a := answered("", cited...)
		q := Question{ID: "a", Expect: ExpectAnswer}
		v := Judge(q, a)
		v.explain(q, a, bot.Explanation{Understanding: understand.Understanding{Intents: []intent.Intent{"fact"}, Places: tt.places}})
		if other, elsewhere := files(v.OtherPlace), files(v.AskerElsewhere); other != tt.other || elsewhere != tt.elsewhere {
			t.Errorf("%v: of another place %q, elsewhere %q; want %q, %q", tt.places, other, elsewhere, tt.other, tt.elsewhere)
		}
	}
}

// TestPlaceCitationsMarked: a notice marks the clauses that it is about, sides
// all of them.
func TestPlaceCitationsMarked(t *testing.T) {
	one, two := clause("a", "一", "甲"), clause("a", "二", "乙")
	one.Document.Jurisdiction, two.Document.Jurisdiction = "厦门市", "厦门市"
	for _, tt := range []struct {
		name   string
		sides  bool
		notice bot.Notice
		want   string
	}{
		{"not", false, bot.Notice{}, "a a"},
		{"one of two", false, bot.Notice{Kind: bot.NoticeOtherPlace, Clauses: []string{one.ID}}, "a"},
		{"both", false, bot.Notice{Kind: bot.NoticeOtherPlace, Clauses: []string{one.ID, two.ID}}, ""},
		{"by another notice", false, bot.Notice{Kind: bot.NoticeUndated, Clauses: []string{one.ID, two.ID}}, "a a"},
		{"sides", true, bot.Notice{}, ""},
	} {
		a := answered("", one, two)
		a.Sides, a.Notices = tt.sides, []bot.Notice{tt.notice}
		v := Judge(Question{Expect: ExpectAnswer}, a)
		v.placeCitations(a, []understand.Place{{Name: "北京", Asker: true}})
		if other, elsewhere := files(v.OtherPlace), files(v.AskerElsewhere); other != tt.want || elsewhere != tt.want {
			t.Errorf("%s: of another place %q, elsewhere %q; want %q", tt.name, other, elsewhere, tt.want)
		}
	}
}

func files(list []Place) string {
	var names []string
	for _, p := range list {
		names = append(names, p.File)
	}
	return strings.Join(names, " ")
}

// TestWhyBecause: what is said of an answer that missed.
func TestWhyBecause(t *testing.T) {
	gold := Gold{File: "a", Quote: "甲地规模", Clause: "一"}
	hit := func(c retrieval.Clause, score, coverage float64, cited bool) bot.ExplainedHit {
		return bot.ExplainedHit{Hit: retrieval.Hit{Clause: c, Score: score}, Coverage: coverage, Cited: cited}
	}
	right, wrong := clause("a", "一", "甲地规模"), clause("b", "二", "乙地")
	for _, tt := range []struct {
		name   string
		gold   []Gold
		answer bot.Answer
		hits   []bot.ExplainedHit
		want   string
	}{
		{"cited", []Gold{gold}, answered("", right), []bot.ExplainedHit{hit(right, 2, 1, true)}, ""},
		{"not looked at", []Gold{gold}, answered("", wrong), []bot.ExplainedHit{hit(wrong, 2, 1, true)}, "gold 一 is not among the 1 clauses looked at"},
		{
			"behind",
			[]Gold{gold},
			answered("", wrong),
			[]bot.ExplainedHit{hit(wrong, 4, 0.5, true), hit(right, 3, 0.25, false)},
			"gold 一 has 75 % of the first clause's score and says 25 % of what is asked, the first 50 %",
		},
		{"first", []Gold{gold}, answered("", wrong), []bot.ExplainedHit{hit(right, 4, 0.5, false), hit(wrong, 3, 0.5, true)}, "gold 一 is first and was left out for other clauses"},
		{"no gold", nil, bot.Answer{Outcome: bot.Answered, Confidence: 0.25}, []bot.ExplainedHit{hit(wrong, 4, 0.5, true)}, "the first clause says 50 % of what is asked, confidence 0.25"},
		{
			"lacking",
			[]Gold{gold},
			bot.Answer{Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Lacking: "amount", Missing: []string{"办法"}},
			[]bot.ExplainedHit{hit(right, 4, 0.5, false)},
			"abstained not_in_library; the clauses do not say: amount; not in the library: 办法; the first clause says 50 % of what is asked",
		},
		{
			"elsewhere", nil,
			bot.Answer{Outcome: bot.Abstained, Reason: bot.ReasonOtherPlace, Places: bot.Places{Others: []string{"苏州"}}},
			nil,
			"abstained other_place; not in the library: 苏州; no clause was looked at",
		},
		{"refused", nil, bot.Answer{Outcome: bot.Refused, Reason: bot.ReasonOffTopic}, nil, "refused off_topic; off topic: opinion"},
	} {
		u := understand.Understanding{Intents: []intent.Intent{"fact"}}
		if tt.answer.Outcome == bot.Refused {
			u.Kind = "opinion"
		}
		w := newWhy(Question{Gold: tt.gold}, tt.answer, bot.Explanation{Understanding: u, Hits: tt.hits})
		if w.Because != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, w.Because, tt.want)
		}
	}
	if w := newWhy(Question{Gold: []Gold{gold}}, bot.Answer{}, bot.Explanation{}); w != nil {
		t.Errorf("without an explanation: %+v", w)
	}
	if got := ratio(1, 0) + " " + ratio(1, 4); got != "- 25 %" {
		t.Error(got)
	}
}
