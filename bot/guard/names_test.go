package guard_test

import (
	"testing"

	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

func library(t testing.TB) []retrieval.Clause {
	lib, err := retrievaltest.Seeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	docs, err := lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []retrieval.Clause
	for _, d := range docs {
		list, err := lib.Clauses(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	return out
}

// TestNames states which names are told apart, and which are the same.
func TestNames(t *testing.T) {
	names := guard.Names(library(t))
	cases := []struct {
		source, sentence string
		want             grounding.Rule // "" if the sentence is borne out
	}{
		{"支持海淀区建设平台。", "支持海淀建设平台。", ""},
		{"支持海淀区建设平台。", "支持昌平区建设平台。", grounding.RulePlace},
		{"支持海淀区建设平台。", "Haidian District is supported in building platforms.", ""},
		{"支持海淀区建设平台。", "Changping District is supported in building platforms.", grounding.RulePlace},
		{"由市科委组织实施。", "由市教委组织实施。", grounding.RuleBody},
		{"由市科委组织实施。", "The Municipal Science and Technology Commission implements it.", ""},
		{"由市科委组织实施。", "The Municipal Education Commission implements it.", grounding.RuleBody},
		{"报国务院批准。", "报商务部批准。", grounding.RuleBody},
		{"优先推荐参加“海聚工程”评选。", "优先推荐参加“千人计划”评选。", grounding.RuleProgramme},
	}
	for _, c := range cases {
		found := grounding.Check(c.sentence, []grounding.Source{{Text: c.source}}, names)
		ok := c.want == "" && found == nil
		for _, v := range found {
			ok = ok || v.Rule == c.want
		}
		if !ok {
			t.Errorf("%s of %s: %+v, want %q", c.sentence, c.source, found, c.want)
		}
	}
}

func BenchmarkNames(b *testing.B) {
	clauses := library(b)
	for b.Loop() {
		guard.Names(clauses)
	}
}
