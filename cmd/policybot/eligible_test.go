package main

import (
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/eligibility"
)

// profile is a company in Changping that does research on antibodies.
const profile = `{"jurisdiction":"北京","district":"昌平区","entity":"enterprise","roles":["研发型"],"industry":"抗体","size":"中小微","ownership":"none",` +
	`"facts":{"biologic":true,"need_cmo":null,"zgc":null}}`

// TestProfile asks with a whole profile, by flag and in a batch.
func TestProfile(t *testing.T) {
	data := seeded(t)
	file := write(t, t.TempDir(), "company.json", profile)
	r := pb(t, data, "ask", "--json", "--profile", file, "我们能享受哪些政策？").want(t, exitOK)
	verdicts := map[string]eligibility.Verdict{}
	for _, e := range decode[bot.Answer](t, r).Eligibility {
		verdicts[e.Measure.ID] = e.Verdict
	}
	for id, want := range map[string]eligibility.Verdict{"b-09": eligibility.Met, "b-12": eligibility.Unknown, "t-14": eligibility.Met} {
		if verdicts[id] != want {
			t.Errorf("%s is %q, want %q", id, verdicts[id], want)
		}
	}
	if v := verdicts["b-10"]; v == eligibility.Met || v == eligibility.Unknown {
		t.Errorf("b-10 is offered to a company that does not manufacture: %q", v)
	}
	batch := setting{stdin: `{"id":"p","question":"我们能享受哪些政策？","profile":` + profile + `}`}.run(t, "--data", data, "ask", "--json", "--batch", "-").want(t, exitOK)
	if a, b := decode[bot.Answer](t, r).Text, decode[bot.Answer](t, batch).Text; a != b {
		t.Errorf("by flag %q, in a batch %q", a, b)
	}
	table := pb(t, data, "ask", "--profile", file, "我们能享受哪些政策？").want(t, exitOK)
	list := pb(t, data, "ask", "--checklist", "--profile", file, "我们能享受哪些政策？").want(t, exitOK)
	for _, says := range []string{"研发型企业：审批绿色通道、产研融合", "beijing-two-zones 二/(十四)"} {
		if !strings.Contains(table.out, says) {
			t.Errorf("the table does not say %q", says)
		}
	}
	if !strings.Contains(list.out, "[x] 研发型企业") || !strings.Contains(list.out, "[ ] 有科研样品或临床试验用药的委托生产需求（待核实）") || strings.Contains(list.out, "“") {
		t.Errorf("the checklist: %q", list.out)
	}
	for _, bad := range []string{"[1]", "{", `"x"`} {
		pb(t, data, "ask", "--profile", write(t, t.TempDir(), "bad.json", bad), "x").want(t, exitError).says(t, "bad.json")
	}
	pb(t, data, "ask", "--profile", file+".none", "x").want(t, exitError).says(t, "none")
	if none := pb(t, data, "ask", "--checklist", listingQuestion).want(t, exitOK); len(lines(none.out)) != 1 {
		t.Errorf("a checklist of nothing: %q", none.out)
	}
	more := write(t, t.TempDir(), "more.json", strings.Replace(profile, `"zgc":null`, `"zgc":null,"later":true`, 1))
	if r := pb(t, data, "ask", "--json", "--profile", more, "我们能享受哪些政策？"); r.code != exitOK || !strings.Contains(r.err, "later") {
		t.Errorf("exit %d, and of a fact that is not known it says %q", r.code, r.err)
	}
}
