package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
	"policybot/seeds"
)

// seedMeasureCount is how many measures come with the program.
const seedMeasureCount = 47

// measuresOf lists the measures of a data folder.
func measuresOf(t testing.TB, data string, args ...string) []listedMeasure {
	t.Helper()
	r := pb(t, data, append([]string{"measures", "list", "--json"}, args...)...).want(t, exitOK)
	return decode[struct{ Measures []listedMeasure }](t, r).Measures
}

// wantMeasures wants the measures of a document to be these: "m1 approved", "m2 stale".
func wantMeasures(t testing.TB, data, document string, want ...string) {
	t.Helper()
	var got []string
	for _, m := range measuresOf(t, data, "--document", document) {
		got = append(got, m.ID+" "+m.shownState())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has the measures %q, want %q", document, got, want)
	}
}

// measure finds one measure.
func measure(t testing.TB, data, id string) shownMeasure {
	t.Helper()
	return decode[shownMeasure](t, pb(t, data, "measures", "show", "--json", id).want(t, exitOK))
}

func TestMeasuresList(t *testing.T) {
	data := seeded(t)
	all := measuresOf(t, data)
	if len(all) != seedMeasureCount || !slices.IsSortedFunc(all, func(a, b listedMeasure) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("%d measures, want %d, ordered", len(all), seedMeasureCount)
	}
	for _, m := range all {
		if m.State != register.Approved || m.Stale || m.By != register.BySeeds || m.Origin != measuresName || m.At.IsZero() || len(m.Criteria) == 0 {
			t.Errorf("%+v", m)
		}
	}
	v := decode[object](t, pb(t, data, "measures", "list", "--json").want(t, exitOK))
	for _, m := range v["measures"].([]any) {
		wantKeys(t, "measure", m, "id string", "title object", "document string", "clause string", "quote string", "strength string",
			"criteria array", "state string", "origin string", "by string?", "why string?", "at string", "stale bool", "problem string?")
	}
	some := measuresOf(t, data, "--document", xiamen)
	if len(some) == 0 || len(some) == len(all) || slices.ContainsFunc(some, func(m listedMeasure) bool { return m.Document != xiamen }) {
		t.Errorf("--document %s gives %d measures", xiamen, len(some))
	}
	for _, state := range []string{"draft", "rejected", "stale"} {
		if list := measuresOf(t, data, "--state", state); len(list) > 0 {
			t.Errorf("--state %s gives %d measures", state, len(list))
		}
	}
	pb(t, data, "measures", "list").want(t, exitOK).shows(t, "b-04   approved  Research wards", "beijing-2018-2020 · 二/(二)/4")
	pb(t, data, "measures", "list", "--lang", "zh", "--state", "approved").want(t, exitOK).shows(t, "已通过", "三级医疗机构研究型病房")
	pb(t, data, "measures", "list", "--state", "draft").want(t, exitOK).shows(t, "No such measures.")
	pb(t, data, "measures", "list", "--state", "gone").want(t, exitUsage)
	pb(t, data, "measures", "list", "--document", "none").want(t, exitError).says(t, "none", "policybot documents")
	pb(t, data, "measures", "list", "--document", "2020").want(t, exitError).says(t, "any of")
}

// at is the time that a measure was decided about, as it is shown.
var at = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

const shownWard = `b-32  区里自主决定单个项目
已通过 · 应当给予 · 来源 measures.yaml · seeds TIME

文件：北京市加快医药健康协同创新行动计划（2018—2020年）（beijing-2018-2020），
三/(二)
提供：市政府授权北京经济技术开发区、海淀区、大兴区和昌平区自主决定政府各类支持总
额10亿元以内的单个项目。

条件（要同时符合）：
1. 项目在北京经济技术开发区、海淀区、大兴区或昌平区  [place 经济技术开发区, 海
淀, 大兴, 昌平]
   “授权北京经济技术开发区、海淀区、大兴区和昌平区”
2. 有拟申请政府支持的单个项目  [has_project]
   “单个项目”
3. 政府各类支持总额不超过10亿元  [support_yi <= 10]
   “政府各类支持总额10亿元以内”

原文（【】里是抄录的字）：
三/(二)
(二)狠抓任务落实。市有关部门、相关区政府要认真履行职责,结合实际制定配套政策措施
和细化落实方案。市政府【授权北京经济技术开发区、海淀区、大兴区和昌平区自主决定政
府各类支持总额10亿元以内的单个项目】。建立动态考核制度,将行动计划完成情况列入对
有关部门和相关区的考核指标体系,加强检查评估,推动行动计划落到实处。
`

func TestMeasuresShow(t *testing.T) {
	data := seeded(t)
	for _, name := range []string{"show", "review"} {
		r := setting{}.run(t, "--data", data, "--lang", "zh", "measures", name, "b-32").want(t, exitOK)
		if diff := cmp.Diff(shownWard, at.ReplaceAllString(r.out, "TIME")); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	pb(t, data, "measures", "show", "b-10").want(t, exitOK).
		shows(t, "Manufacturers", "Conditions", "“市政府授权北京经济技术开发区”  三/(二)", "\n二/(三)/10\n", "\n三/(二)\n", "【市政府授权北京经济技术开发区】")
	m := measure(t, data, "b-10")
	if len(m.Texts) != 2 || len(m.Conditions) != len(m.Criteria) || m.Conditions[1].Name.En == "" || !strings.Contains(m.Offer, m.Quote) {
		t.Errorf("%+v", m)
	}
	pb(t, data, "measures", "show", "b-99").want(t, exitError).says(t, "b-99", "measures list")
	setting{}.run(t, "--data", data, "--lang", "zh", "measures", "show", "b-99").want(t, exitError).wantHan(t, true)
	pb(t, data, "measures", "show", "--json", "--yaml", "b-10").want(t, exitUsage)
}

// TestMarked puts one mark around words that overlap or touch.
func TestMarked(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{nil, "甲乙丙丁戊"},
		{[]string{"乙丙", "丙丁"}, "甲【乙丙丁】戊"},
		{[]string{"甲", "丁戊", "己"}, "【甲】乙丙【丁戊】"},
		{[]string{"甲乙丙丁戊", "丙"}, "【甲乙丙丁戊】"},
	} {
		if got := (shownText{Text: "甲乙丙丁戊", Words: tt.words}).marked(); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.words, got, tt.want)
		}
	}
}

// TestMeasuresYAML: every measure, written as a file, is read as the same measure.
func TestMeasuresYAML(t *testing.T) {
	f, err := seeds.FS().Open(measuresName)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := eligibility.Read(f, measuresName)
	if err != nil {
		t.Fatal(err)
	}
	own, err := eligibility.Read(strings.NewReader(ownFacts), "own")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(list, own...) {
		text, err := measureYAML(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := eligibility.Read(bytes.NewReader(text), "again")
		if err != nil || len(again) != 1 {
			t.Fatalf("%s: %v:\n%s", m.ID, err, text)
		}
		ours := cmpopts.IgnoreUnexported(eligibility.Measure{}, eligibility.Criterion{})
		if diff := cmp.Diff(m, again[0], ours, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", m.ID, diff)
		}
	}
}

// ownFacts is a file with each kind of fact, and with texts that YAML could misread.
const ownFacts = `
facts:
  - {key: own_share, kind: number, unit: "%", name: {zh: 比例, en: share}, ask: {zh: 多少？, en: "How much: #1?"}, yes: ["占: 比"]}
  - {key: own_kind, kind: choice, name: {zh: 种类, en: "{value}"}, ask: {zh: 哪种？, en: Which?}, values: [{value: "no", name: {zh: 否, en: "no"}}, {value: "1", name: {zh: 一, en: "- one"}, yes: ["一"]}]}
  - {key: own_yes, kind: yes_no, open: true, name: {zh: 有, en: has}, never: {zh: 由局定, en: "decided: by others"}, implies: [role_rd], no: ["没有"]}
measures:
  - id: own-1
    document: d
    clause: "2020"
    title: {zh: "“题”：#一", en: "title: a, {b}"}
    quote: "- [x] 'y' \"z\" & *"
    strength: intention
    criteria:
      - {need: own_share >= 10 or own_kind = no, words: "null"}
      - {need: not own_yes, words: "true", in: "1.0", text: {zh: 没, en: "no"}}
`

// offering is a policy with two offers; measuresFile states the first of them, or both.
func offering(word string) string {
	return "某市办法\n\n一、总则\n（一）为支持企业发展，制定本措施。\n" +
		"二、支持内容\n（一）对研发型企业的" + word + "项目给予一次性资助，最高50万元。\n（二）对生产型企业的" + word + "项目优先安排用地。\n"
}

const offeringCatalogue = `documents:
  - file: a.txt
    id: offer-a
  - file: b.txt
    id: offer-b
`

func measureEntry(id, document, clause, quote, words string) string {
	return fmt.Sprintf("  - id: %s\n    document: %s\n    clause: %s\n    title: {zh: 题, en: title}\n    quote: %s\n    strength: support\n"+
		"    criteria:\n      - {need: role_rd, words: %s}\n", id, document, clause, quote, words)
}

// TestMeasuresIndex: a file of measures beside documents is taken over after them, and
// what it says wrong is told with its line.
func TestMeasuresIndex(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	write(t, dir, catalogueName, offeringCatalogue)
	a, b := write(t, dir, "a.txt", offering("青蒿素")), write(t, dir, "b.txt", offering("奎宁"))
	one := measureEntry("o-1", "offer-a", "二/(一)", "给予一次性资助", "研发型企业")
	file := write(t, dir, measuresName, "measures:\n"+one+measureEntry("o-2", "offer-a", "二/(二)", "优先安排土地", "生产型企业"))
	pb(t, data, "index", a).want(t, exitError).shows(t, "added  "+a, "refused: ").says(t, measuresName+":10", "o-2", "优先安排土地")
	wantMeasures(t, data, "offer-a")
	l := index(t, data, exitError, a)[measuresName]
	if l.Result != resultRefused || !strings.Contains(l.Reason, measuresName+":10") || l.Path != file {
		t.Errorf("%+v", l)
	}
	pb(t, data, "measures", "check", file).want(t, exitError).shows(t, measuresName+":10").says(t, "1 of its measures", "(of 2)")

	write(t, dir, measuresName, "measures:\n"+one+measureEntry("o-2", "offer-a", "二/(二)", "优先安排用地", "生产型企业")+
		measureEntry("o-3", "offer-b", "二/(一)", "给予一次性资助", "研发型企业"))
	if l := index(t, data, exitOK, file)[measuresName]; l.Result != resultImported || l.Measures != 2 || l.New != 2 || l.Later != 1 {
		t.Errorf("%+v", l)
	}
	wantMeasures(t, data, "offer-a", "o-1 approved", "o-2 approved")
	pb(t, data, "index").want(t, exitOK).shows(t, "unchanged  "+a, "measures  "+file, "(2, of which 0 are new or changed)", "1 more")
	setting{}.run(t, "--data", data, "--lang", "zh", "index", b).want(t, exitOK).shows(t, "措施  "+file, "3 项，新增或改动 1 项")
	wantMeasures(t, data, "offer-b", "o-3 approved")
	if m := measure(t, data, "o-3"); m.By != me() || m.Origin != measuresName {
		t.Errorf("%+v", m)
	}
	pb(t, data, "measures", "check", file).want(t, exitOK).shows(t, "all 3 measures fit")

	write(t, dir, measuresName, "measures:\n"+measureEntry("o-1", "offer-c", "二/(一)", "给予一次性资助", "研发型企业"))
	pb(t, data, "index", dir).want(t, exitError).says(t, measuresName+":2", `no document "offer-c"`)
	write(t, dir, measuresName, "measures: [")
	pb(t, data, "index", dir).want(t, exitError).says(t, measuresName+":1")
	write(t, dir, "c.pdf", "x")
	pb(t, data, "index", dir).want(t, exitError).shows(t, measuresName+":1").says(t, "not added: 1")
	pb(t, data, "measures", "check", file+"x").want(t, exitError).says(t, "yamlx")
	setting{}.run(t, "--data", data, "--lang", "zh", "measures", "check", file).want(t, exitError).wantHan(t, true)
}

// TestMeasuresStale: after a change of the text a measure does not count until it is
// corrected or the words are back.
func TestMeasuresStale(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	write(t, dir, catalogueName, offeringCatalogue)
	write(t, dir, "b.txt", offering("奎宁"))
	a := write(t, dir, "a.txt", offering("青蒿素"))
	file := write(t, dir, measuresName, "measures:\n"+measureEntry("o-1", "offer-a", "二/(一)", "最高50万元", "研发型企业"))
	pb(t, data, "index", dir).want(t, exitOK)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	text := read(t, a)
	write(t, dir, "a.txt", strings.Replace(text, "最高50万元", "最高80万元", 1))
	pb(t, data, "index", dir).want(t, exitOK).shows(t, "1 approved measures do not fit", "--state stale")
	wantMeasures(t, data, "offer-a", "o-1 stale")
	pb(t, data, "measures", "list", "--state", "stale").want(t, exitOK).shows(t, "o-1", "stale", "最高50万元")
	if list := measuresOf(t, data, "--state", "approved"); len(list) != seedMeasureCount {
		t.Errorf("%d measures count", len(list))
	}
	pb(t, data, "measures", "show", "o-1").want(t, exitOK).shows(t, "stale", "not in the text", "最高80万元", "【研发型企业】")
	pb(t, data, "measures", "approve", "o-1").want(t, exitError).says(t, "o-1", "--with", "最高50万元")

	fixed := write(t, t.TempDir(), "fixed.yaml", strings.Replace(pb(t, data, "measures", "show", "--yaml", "o-1").want(t, exitOK).out, "最高50万元", "最高80万元", 1))
	pb(t, data, "measures", "approve", "o-1", "--with", fixed).want(t, exitOK).shows(t, "approved: o-1")
	wantMeasures(t, data, "offer-a", "o-1 approved")
	if m := measure(t, data, "o-1"); m.By != me() || m.Quote != "最高80万元" || m.Origin != measuresName {
		t.Errorf("%+v", m)
	}
	write(t, dir, "a.txt", text)
	pb(t, data, "index", dir).want(t, exitOK)
	wantMeasures(t, data, "offer-a", "o-1 stale")
	write(t, dir, measuresName, "measures:\n"+measureEntry("o-1", "offer-a", "二/(一)", "最高50万元", "研发型企业"))
	pb(t, data, "index", dir).want(t, exitOK) // the file says what it said: the person's decision stays
	wantMeasures(t, data, "offer-a", "o-1 stale")
}

// TestMeasuresReview: what reviewing refuses, and several at once.
func TestMeasuresReview(t *testing.T) {
	data := seeded(t)
	pb(t, data, "measures", "reject", "b-04", "b-99", "b-09", "--reason", "  重复 \n 了 ").want(t, exitError).
		shows(t, "rejected: b-04", "rejected: b-09", "left as it was: b-99").says(t, "1, b-99")
	if m := measure(t, data, "b-04"); m.State != register.Rejected || m.Why != "重复 了" || m.By != me() {
		t.Errorf("%+v", m)
	}
	setting{}.run(t, "--data", data, "--lang", "zh", "measures", "list", "--state", "rejected").want(t, exitOK).shows(t, "已退回", "重复 了", "b-09")
	pb(t, data, "measures", "show", "b-04").want(t, exitOK).shows(t, "Rejected because: 重复 了")
	pb(t, data, "measures", "reject", "b-04").want(t, exitUsage)
	pb(t, data, "measures", "reject", "b-04", "--reason", " ").want(t, exitUsage)
	pb(t, data, "measures", "reject", "--reason", "x").want(t, exitUsage)
	pb(t, data, "measures", "approve").want(t, exitUsage)
	pb(t, data, "measures", "approve", "b-99").want(t, exitError).says(t, "b-99", "measures list")
	setting{}.run(t, "--data", data, "--lang", "zh", "measures", "approve", "b-04", "b-09").want(t, exitOK).shows(t, "已通过：b-04", "已通过：b-09")
	if list := measuresOf(t, data, "--state", "approved"); len(list) != seedMeasureCount {
		t.Errorf("%d measures count", len(list))
	}

	file := write(t, t.TempDir(), "b-04.yaml", pb(t, data, "measures", "show", "--yaml", "b-04").want(t, exitOK).out)
	pb(t, data, "measures", "approve", "b-04", "b-09", "--with", file).want(t, exitUsage).says(t, "--with")
	pb(t, data, "measures", "approve", "b-09", "--with", file).want(t, exitError).says(t, "b-04.yaml", "b-09")
	pb(t, data, "measures", "approve", "b-04", "--with", file+"x").want(t, exitError).says(t, "b-04.yamlx")
	write(t, filepath.Dir(file), "b-04.yaml", strings.Replace(read(t, file), "need: q_tertiary", "need: q_tertiary or no_such_fact", 1))
	pb(t, data, "measures", "approve", "b-04", "--with", file).want(t, exitError).says(t, "b-04.yaml:14", "no_such_fact")
	write(t, filepath.Dir(file), "b-04.yaml", strings.NewReplacer("q_tertiary or no_such_fact", "q_tertiary", "words: 国家及", "words: 国家和").Replace(read(t, file)))
	pb(t, data, "measures", "approve", "b-04", "--with", file).want(t, exitError).says(t, "b-04.yaml:10", "国家和")
	setting{}.run(t, "--data", data, "--lang", "zh", "measures", "approve", "b-04", "--with", file).want(t, exitError).wantHan(t, true)
}

// TestMeasuresDrafts: documents that nobody has reviewed get drafts, which await review
// and are not made again of what was reviewed. It stands in for the drafter, so it runs
// alone.
func TestMeasuresDrafts(t *testing.T) {
	old := drafter
	defer func() { drafter = old }()
	drafter = func(d retrieval.Document, clauses []retrieval.Clause) (out []eligibility.Measure) {
		for _, c := range clauses {
			if strings.Contains(c.Text, "项目") {
				out = append(out, eligibility.Measure{
					ID: c.ID + ".m1", Document: d.ID, Path: c.Path, Quote: "项目", Strength: eligibility.Support, Title: eligibility.Text{Zh: "题", En: "title"},
					Criteria: []eligibility.Criterion{{Need: "role_rd", Words: "企业"}},
				})
			}
		}
		return out
	}
	data, dir := seeded(t), t.TempDir()
	a, b := write(t, dir, "a.txt", offering("青蒿素")), write(t, dir, "b.txt", policy("乙办法", "奎宁")) // b does not say 企业 there
	pb(t, data, "index", a, b).want(t, exitOK).shows(t, "2 measures were drafted, 2 await review", "measures list --state draft")
	if r := pb(t, data, "index", a, b).want(t, exitOK); strings.Contains(r.out, "drafted") {
		t.Errorf("nothing is new:\n%s", r.out)
	}
	wantMeasures(t, data, "a", "a.h2.b1.m1 draft", "a.h2.b2.m1 draft")
	wantMeasures(t, data, "b")
	if list := measuresOf(t, data, "--state", "approved"); len(list) != seedMeasureCount {
		t.Errorf("%d measures count", len(list))
	}
	pb(t, data, "measures", "approve", "a.h2.b1.m1").want(t, exitOK)
	pb(t, data, "measures", "reject", "a.h2.b2.m1", "--reason", "x").want(t, exitOK)
	c := strings.Replace(offering("青蒿素"), "二、支持内容\n", "二、支持内容\n（三）企业的项目。\n", 1)
	write(t, dir, "a.txt", strings.Replace(c, "优先安排用地", "优先用地", 1))
	setting{}.run(t, "--data", data, "--lang", "zh", "index", a).want(t, exitOK).shows(t, "新起草了 1 项措施，共 1 项待审")
	if list := measuresOf(t, data, "--document", "a"); len(list) != 3 {
		t.Errorf("%d measures, want one more", len(list))
	}
	for _, args := range [][]string{{"index", "--json", b}, {"index", "--json"}} {
		for _, l := range decodeAll[indexLine](t, pb(t, data, args...).want(t, exitOK)) {
			if l.Path == "" {
				t.Errorf("%+v", l)
			}
		}
	}

	// A file of measures is the whole review of its documents.
	write(t, dir, measuresName, "measures:\n"+measureEntry("o-1", "a", "二/(一)", "给予一次性资助", "研发型企业"))
	pb(t, data, "index", a).want(t, exitOK)
	wantMeasures(t, data, "a", "a.h2.b1.m1 approved", "a.h2.b2.m1 rejected", "o-1 approved")
	write(t, dir, "a.txt", strings.Replace(c, "优先安排用地", "优先供地", 1))
	pb(t, data, "index", a).want(t, exitOK)
	wantMeasures(t, data, "a", "a.h2.b1.m1 approved", "a.h2.b2.m1 rejected", "o-1 approved")
}

// TestMeasuresOldFolder: a data folder of before there were measures gets those of the
// seeds, once, and keeps what people have decided.
func TestMeasuresOldFolder(t *testing.T) {
	data := seeded(t)
	db := filepath.Join(data, "policybot.db")
	raw(t, db, `ALTER TABLE documents DROP COLUMN withdrawn`, `DROP TABLE attachments`, `DELETE FROM schema_migrations WHERE version >= 4`)
	if n := len(measuresOf(t, data)); n != seedMeasureCount {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
	pb(t, data, "measures", "reject", "b-04", "--reason", "x").want(t, exitOK)
	raw(t, db, `DELETE FROM attachments WHERE kind = 'measures.seeded' OR id = 'b-09'`)
	pb(t, data, "doctor").want(t, exitOK)
	if list := measuresOf(t, data); len(list) != seedMeasureCount || list[0].State != register.Rejected || list[0].By != me() || list[1].By != register.BySeeds {
		t.Errorf("%d measures, %+v, %+v", len(list), list[0], list[1])
	}
	raw(t, db, `DELETE FROM attachments WHERE id = 'b-09'`) // nothing is to do: it is not looked at
	if n := len(measuresOf(t, data)); n != seedMeasureCount-1 {
		t.Errorf("%d measures, want %d", n, seedMeasureCount-1)
	}
}

// TestMeasuresAtOnce: several runs that find an empty folder add each measure once.
func TestMeasuresAtOnce(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			if r := pb(t, data, "measures", "list", "--json"); r.code != exitOK {
				t.Errorf("exit %d: %s", r.code, r.err)
			}
		})
	}
	runs.Wait()
	if n := len(measuresOf(t, data)); n != seedMeasureCount {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
}

// TestMeasuresBackup: decisions go with a backup.
func TestMeasuresBackup(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	file, other := filepath.Join(dir, "b.tar.gz"), filepath.Join(dir, "other")
	pb(t, data, "measures", "reject", "b-04", "--reason", "不对").want(t, exitOK)
	pb(t, data, "backup", file).want(t, exitOK)
	pb(t, data, "measures", "approve", "b-04").want(t, exitOK)
	pb(t, other, "restore", file).want(t, exitOK)
	if m := measure(t, other, "b-04"); m.State != register.Rejected || m.By != me() || m.Why != "不对" {
		t.Errorf("%+v", m)
	}
	if n := len(measuresOf(t, other)); n != seedMeasureCount {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
}

// TestMeasuresCarried: a running service carries reviews out, and answers by them at
// once.
func TestMeasuresCarried(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	var desk *register.Register
	s := serving(t, data, nil, func(v *server) { desk = &register.Register{Store: v.store, Library: v.lib} })
	approved := func() int {
		t.Helper()
		list, err := desk.Approved(t.Context())
		if err != nil {
			t.Error(err)
		}
		return len(list)
	}
	if n := approved(); n != seedMeasureCount {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
	pb(t, data, "measures", "reject", "b-04", "b-99", "--reason", "x").want(t, exitError).shows(t, "rejected: b-04").says(t, "b-99")
	if n := approved(); n != seedMeasureCount-1 {
		t.Errorf("%d measures, want %d", n, seedMeasureCount-1)
	}
	if m := measure(t, data, "b-04"); m.By != me() {
		t.Errorf("%+v", m)
	}
	cmd := program("--data", data, "measures", "approve", "b-04", "--with", "fixed.yaml")
	cmd.Dir = dir // the path is that of the caller
	write(t, dir, "fixed.yaml", strings.Replace(pb(t, data, "measures", "show", "--yaml", "b-04").out, "三级医疗机构研究型病房", "病房", 1))
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "approved: b-04\n" {
		t.Errorf("%v: %s", err, out)
	}
	if n := approved(); n != seedMeasureCount || measure(t, data, "b-04").Title.Zh != "病房" {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
	a := write(t, dir, "a.txt", offering("青蒿素"))
	write(t, dir, measuresName, "measures:\n"+measureEntry("o-1", "a", "二/(一)", "最高50万元", "研发型企业"))
	pb(t, data, "index", a).want(t, exitOK)
	if n := approved(); n != seedMeasureCount+1 {
		t.Errorf("%d measures, want %d", n, seedMeasureCount+1)
	}
	write(t, dir, "a.txt", strings.Replace(offering("青蒿素"), "最高50万元", "最高80万元", 1))
	pb(t, data, "index", a).want(t, exitError).says(t, measuresName+":2")
	if n := approved(); n != seedMeasureCount {
		t.Errorf("%d measures, want %d", n, seedMeasureCount)
	}
	s.stop()
}
