package auditor

import (
	"regexp"
	"slices"
	"strings"
)

// A measure is one that an answer compares with the asker's own case.
type measure struct {
	Measure struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Quote string `json:"quote"`
	} `json:"measure"`
	Clause   Clause      `json:"clause"`
	Verdict  string      `json:"verdict"`
	Criteria []criterion `json:"criteria"`
	N        int         `json:"n"`
}

type criterion struct {
	Text    string `json:"text"`
	Quote   string `json:"quote"`
	Verdict string `json:"verdict"`
	Words   string `json:"words"`
}

// ownCase: what a measure offers is verbatim in a clause of the library and, where the
// text tells of it, quoted under its number; each condition was read from words of the
// same document; the measure is met when every condition is, and not met when one is
// not; words put into the asker's mouth are the asker's.
func (a *audit) ownCase() {
	for _, m := range a.Measures {
		own, ok := a.Clauses[m.Clause.ID]
		if !ok || !strings.Contains(own.Text, m.Measure.Quote) || m.Measure.Quote == "" {
			a.bad("G3", "the offer of %s is not in its clause: %q", m.Measure.ID, m.Measure.Quote)
			continue
		}
		if c, ok := a.byN[m.N]; m.N > 0 && (!ok || c.Clause.ID != m.Clause.ID) {
			a.bad("G2", "%s stands under [%d], which is not its clause", m.Measure.ID, m.N)
		}
		want := "met"
		for _, c := range m.Criteria {
			a.criterion(m, c)
			switch {
			case c.Verdict == "not_met":
				want = "not_met"
			case c.Verdict != "met" && want == "met":
				want = "unknown"
			}
		}
		if m.Verdict != want || len(m.Criteria) == 0 {
			a.bad("G6", "%s is said to be %s, and its conditions make it %s", m.Measure.ID, m.Verdict, want)
		}
	}
}

// criterion: its words stand in the document, and those of the asker were said.
func (a *audit) criterion(m measure, c criterion) {
	stands := func(own Clause) bool {
		return own.Document.ID == m.Clause.Document.ID && strings.Contains(own.Text, c.Quote)
	}
	if c.Quote != "" && !slices.ContainsFunc(a.library, stands) {
		a.bad("G3", "a condition of %s is not in its document: %q", m.Measure.ID, c.Quote)
	}
	if c.Words != "" && !a.wasSaid(c.Words) {
		a.bad("G1", "the asker never said %q", c.Words)
	}
}

func (a *audit) wasSaid(words string) bool {
	return slices.ContainsFunc(a.Said, func(s string) bool { return strings.Contains(plain(s), plain(words)) })
}

// ownLine are the names of the templates that tell of the asker's own case.
var ownLine = regexp.MustCompile(`^(?:elig|crit|heard|doubt|ask_fact|ask_because)`)

var (
	// marksOf cut such a line into what it puts together.
	marksOf = regexp.MustCompile(`[；;：:（）()“”《》\n]|[，,] |\s?·\s?|\[\d+\]|^\d+\. |^- |，|、|等。|\.$|。`)
	// ownWords are the fixed words of these templates, a part each.
	ownWords = regexp.MustCompile(`^(?:不?符合|待核实|您说|所给情况|由.{1,12}决定|所列条件都符合|文件写的期限或目标年份已过|还不能确定|有\s?\d+\s?项要核实|已记下|不对的请直接更正|请问|都不是就回答|没有|为什么问|.{0,40}写着|关系到\s?\d+\s?项|文件写的是(?:支持|争取)|鼓励|本身不等于有权得到|探索或计划|还不能据此申请|文件写明应当给予或可以办理|仍由主管部门审核|共对照\s?\d+\s?项措施|待核实\s?\d+\s?项|不?符合\s?\d+\s?项|其中\s?\d+\s?项没有变化|没有再列|待核实的有\s?\d+\s?项|目前除了地点还看不出与您的情况有关|没有列出|回复|看结果|列出全部|您前面说|现在说|以哪一个为准？|按您说的情况逐条对照|供参考|不是资格认定|` +
		`(?:not )?met|to be checked|you said|given|decided by .{1,40}|every listed condition is met\. .*|not certain yet|\d+ to be checked.*|The plan supports or encourages this|by itself it does not entitle you to anything|The document .*|explores or plans this|nothing can be applied for on this ground yet|the authority still examines it|Noted|.*Please correct what is wrong|Question|if none|reply|none|Why it is asked|.{0,40}says|\d+ measures depend on it|.*and others|\d+ measures compared|\d+ (?:not )?met|\d+ of these have not changed and are not listed again|Of those to be checked|\d+ are not listed|beyond the place|nothing known yet ties them to you|show results|for all|You said|before and|now|which of them holds\?|What you said|compared condition by condition|for guidance|not a determination|[一二三四五六七八九十\d]+/(?:[\d.]+)?|yes|no|是|否|不清楚|not known|\d+)$`)
)

var amountPart = regexp.MustCompile(`^(?:RMB )?\d[\d.]*(?:亿元|万元|元|人|年|件|%| (?:billion|million|people|years|items))?$`)

// ownLine says what of a line about the asker's own case is neither reviewed, nor said
// by the asker, nor in the library, nor a fixed word; "" when all is.
func (a *audit) ownLine(name, line string) string {
	for part := range strings.SplitSeq(marksOf.ReplaceAllString(line, "\x00"), "\x00") {
		part = strings.TrimSpace(part)
		if part == "" || ownWords.MatchString(part) || a.reviewed(part) || a.wasSaid(part) || a.librarySays(part) || a.pathSaid("", strings.TrimSuffix(strings.TrimSuffix(part, " 写着"), " says")) {
			continue
		}
		if name == "heard" && amountPart.MatchString(part) {
			continue // told back in another unit, for correction
		}
		return "the template " + name + " holds what nobody reviewed or said: " + part
	}
	return ""
}

// reviewed reports whether a part of a line stands in what people have approved; the
// number of a choice may stand before it.
func (a *audit) reviewed(part string) bool {
	part = plain(strings.TrimLeft(part, "0123456789 "))
	return part == "" || slices.ContainsFunc(a.Reviewed, func(r string) bool { return strings.Contains(plain(r), part) })
}
