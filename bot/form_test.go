package bot_test

import (
	"errors"
	"testing"

	"policybot/bot"
	"policybot/bot/eligibility"
)

// TestClauseAt walks through a document from clause to clause.
func TestClauseAt(t *testing.T) {
	d := desk(t)
	docs, err := d.Library.Documents(t.Context())
	if err != nil || len(docs) == 0 {
		t.Fatal(docs, err)
	}
	clauses, err := d.Library.Clauses(t.Context(), docs[0].ID)
	if err != nil || len(clauses) < 3 {
		t.Fatal(len(clauses), err)
	}
	for i, c := range clauses {
		v, err := d.ClauseAt(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Clause.ID != c.ID || v.N != i+1 || v.Of != len(clauses) {
			t.Errorf("%s is %d of %d", v.Clause.ID, v.N, v.Of)
		}
		if (v.Before == nil) != (i == 0) || v.Before != nil && v.Before.ID != clauses[i-1].ID {
			t.Errorf("before %d: %+v", i, v.Before)
		}
		if (v.After == nil) != (i == len(clauses)-1) || v.After != nil && v.After.ID != clauses[i+1].ID {
			t.Errorf("after %d: %+v", i, v.After)
		}
	}
	for _, id := range []string{"", "none", docs[0].ID} {
		if v, err := d.ClauseAt(t.Context(), id); !errors.Is(err, bot.ErrNoClause) {
			t.Errorf("%q: %+v, %v", id, v, err)
		}
	}
}

// TestFactFields: the form asks for the place first, in both languages for the same facts, and for none that only an
// authority decides.
func TestFactFields(t *testing.T) {
	all, err := desk(t).Measures.Approved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	zh, en := bot.FactFields(all, "zh"), bot.FactFields(all, "en")
	if len(zh) < 10 || len(zh) != len(en) || zh[0].Key != "place" || len(zh[0].Options) > 0 {
		t.Fatalf("%d and %d fields, first %+v", len(zh), len(en), zh)
	}
	kinds := map[eligibility.Kind]int{}
	v := eligibility.VocabularyOf(all)
	for i, f := range zh {
		kinds[f.Kind]++
		known, ok := v.Fact(f.Key)
		if !ok || !known.Askable() || f.Key != en[i].Key || f.Ask == "" || f.Ask == en[i].Ask {
			t.Errorf("field %+v and %+v", f, en[i])
		}
		if want := f.Kind == eligibility.YesNo || f.Kind == eligibility.Choice; want != (len(f.Options) > 1) {
			t.Errorf("%s (%s) has options %+v", f.Key, f.Kind, f.Options)
		}
		if f.Kind == eligibility.YesNo && (f.Options[0] != bot.FactOption{Value: "yes", Label: "是"} || en[i].Options[1] != bot.FactOption{Value: "no", Label: "no"}) {
			t.Errorf("%s has options %+v and %+v", f.Key, f.Options, en[i].Options)
		}
	}
	if len(kinds) < 3 {
		t.Errorf("kinds %v", kinds)
	}
	if got := bot.FactFields(nil, "zh"); got != nil {
		t.Errorf("without measures: %+v", got)
	}
}

func TestFormProfile(t *testing.T) {
	got := bot.FormProfile(map[string]bot.FactEntry{
		"place": {eligibility.Place, " 厦门市海沧区 "}, "device": {eligibility.YesNo, "yes"}, "drug": {eligibility.YesNo, "no"}, "lab": {eligibility.YesNo, "perhaps"},
		"revenue": {eligibility.Number, "1,200.5"}, "staff": {eligibility.Number, "many"}, "ratio": {eligibility.Number, "Inf"}, "open": {eligibility.Choice, " "},
	})
	const want = `{"device":true,"drug":false,"lab":"perhaps","open":null,"place":"厦门市海沧区","ratio":"Inf","revenue":1200.5,"staff":"many"}`
	if string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, nothing := range []map[string]bot.FactEntry{nil, {"open": {eligibility.YesNo, ""}}} {
		if got := bot.FormProfile(nothing); got != nil {
			t.Errorf("a form that tells nothing is %s", got)
		}
	}
}
