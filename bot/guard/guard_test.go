package guard_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"policybot/bot/gloss"
	"policybot/bot/guard"
	"policybot/retrieval"
)

const text = "(二)用地。在符合规划的前提下,可以提高容积率。补助不超过10万元。(责任单位:市自然资源局)"

func clause() retrieval.Clause {
	return retrieval.Clause{
		ID: "a.h2", Path: "二", Text: text, End: len([]rune(text)), Departments: []string{"市自然资源局"},
		Document: retrieval.Document{ID: "a", Title: "甲市用地办法", Jurisdiction: "甲市", IssuedOn: "2020-01-01", ValidFrom: "2020", ValidUntil: "2021-12-31", Language: "zh"},
	}
}

func claims() guard.Claims {
	return guard.Claims{
		Sentences: []guard.Sentence{{Text: "补助不超过10万元。", Citations: []int{1}}},
		Citations: []guard.Citation{{N: 1, Clause: clause(), Quote: "补助不超过10万元。", QuoteStart: 24, QuoteEnd: 34}},
		Notices:   []guard.Notice{{Kind: guard.PeriodOver, Text: "已经结束。", Clauses: []string{"a.h2"}}},
		Lang:      "zh", Day: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

// TestCheckBites spoils true claims in one place each.
func TestCheckBites(t *testing.T) {
	known := guard.Known{Clauses: map[string]retrieval.Clause{"a.h2": clause()}}
	if found := guard.Check(claims(), known); found != nil {
		t.Fatalf("true claims: %+v", found)
	}
	cases := []struct {
		name, rule string
		spoil      func(c *guard.Claims)
	}{
		{"no citation", "G1", func(c *guard.Claims) { c.Sentences[0].Citations = nil }},
		{"number that is not there", "G2", func(c *guard.Claims) { c.Sentences[0].Citations = []int{2} }},
		{"number 0", "G2", func(c *guard.Claims) { c.Sentences[0].Citations = []int{0} }},
		{"citations out of order", "G2", func(c *guard.Claims) { c.Citations[0].N = 2 }},
		{"clause that was not found", "G2", func(c *guard.Claims) { c.Citations[0].Clause.ID = "a.h3" }},
		{"clause with another text", "G2", func(c *guard.Claims) { c.Citations[0].Clause.Text += "全额补助。" }},
		{"another place of the document", "G2", func(c *guard.Claims) { c.Citations[0].Clause.Document.Jurisdiction = "乙市" }},
		{"another body", "G2", func(c *guard.Claims) { c.Citations[0].Clause.Departments = []string{"市财政局"} }},
		{"quote moved", "G3", func(c *guard.Claims) { c.Citations[0].QuoteStart-- }},
		{"quote beyond the clause", "G3", func(c *guard.Claims) { c.Citations[0].QuoteEnd = 1000 }},
		{"quote that begins within a sentence", "G3", func(c *guard.Claims) {
			c.Citations[0].Quote, c.Citations[0].QuoteStart, c.Citations[0].QuoteEnd = "可以提高容积率。", 16, 24
			c.Sentences[0].Text = "可以提高容积率。"
		}},
		{"part of a sentence", "G3", func(c *guard.Claims) { c.Sentences[0].Text = "10万元" }},
		{"other words", "G3", func(c *guard.Claims) { c.Sentences[0].Text = "补助10万元。" }},
		{"gloss of another amount", "G4", func(c *guard.Claims) {
			c.Citations[0].Gloss = []gloss.Fact{{Kind: gloss.Number, Text: "10万元", Start: 9, End: 17, Gloss: "RMB 1 million"}}
		}},
		{"link in a notice", "G7", func(c *guard.Claims) { c.Notices[0].Text += "https://example.com" }},
		{"invisible character", "G7", func(c *guard.Claims) { c.Notices[0].Text += "\u200b" }},
		{"period not said", "G8", func(c *guard.Claims) { c.Notices = nil }},
		{"period said of another clause", "G8", func(c *guard.Claims) { c.Notices[0].Clauses = []string{"a.h1"} }},
		{"period said with nothing", "G8", func(c *guard.Claims) { c.Notices[0].Text = " " }},
		{"place not said", "G8", func(c *guard.Claims) { c.Elsewhere = []string{"a.h2"} }},
	}
	for _, tt := range cases {
		c := claims()
		tt.spoil(&c)
		found := guard.Check(c, known)
		if len(found) == 0 || found[0].Rule != tt.rule {
			t.Errorf("%s: %+v, want %s", tt.name, found, tt.rule)
		}
	}
}

// TestRephrased lets sentences in other words through that the clause bears out.
func TestRephrased(t *testing.T) {
	known := guard.Known{Clauses: map[string]retrieval.Clause{"a.h2": clause()}, Rephrased: true}
	cases := map[string]string{
		"补助不超过100000元。":                   "",
		"补助不超过20万元。":                      "G4",
		"补助不少于10万元。":                      "G4",
		"不得提高容积率。":                        "G6",
		"补助不超过10万元，见https://example.com。": "G7",
		"补助不超过10万元 -- 。":                  "G7",
		"补助不超过٢٠万元。":                      "G7",
		"补助（ВАТ）不超过10万元。":                 "G7",
		"“补助不超过10万元。":                     "G7",
		"“补助”不超过10万元。":                    "",
	}
	for sentence, want := range cases {
		c := claims()
		c.Sentences[0].Text = sentence
		found := guard.Check(c, known)
		if want == "" && len(found) > 0 || want != "" && !slices.ContainsFunc(found, func(v guard.Violation) bool { return v.Rule == want }) {
			t.Errorf("%s: %v, want %q", sentence, found, want)
		}
	}
}

// TestViolationsAreReadable: what is wrong goes into the log as JSON.
func TestViolationsAreReadable(t *testing.T) {
	c := claims()
	c.Sentences[0].Citations = nil
	data, err := json.Marshal(guard.Check(c, guard.Known{}))
	if err != nil || string(data) != `[{"rule":"G1","what":"no citation for \"补助不超过10万元。\""}]` {
		t.Errorf("%s, %v", data, err)
	}
}
