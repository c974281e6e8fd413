package catalogue_test

import (
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
)

func TestFactCheck(t *testing.T) {
	for _, tt := range []struct {
		field, value string
		ok           bool
	}{
		{"title", "三年行动计划", true},
		{"title", "《三年行动计划》", false},
		{"title", "a\u200bb", false},
		{"title", "", false},
		{"title", "true", false},
		{"issued_on", "2020-06-03", true},
		{"issued_on", "2020-13", false},
		{"valid_until", "2022", true},
		{"target_year", "2025", true},
		{"target_year", "25", false},
		{"target_year", "true", false},
		{"repealed", "true", true},
		{"repealed", "yes", false},
		{"kind", "plan", true},
		{"kind", "novel", false},
		{"language", "zh", true},
		{"issuer", "a\nb", false},
		{"id", "x", false},
		{"", "x", false},
		{"number", "\xff", false},
	} {
		if err := (catalogue.Fact{Field: tt.field, Value: tt.value}).Check(); (err == nil) != tt.ok {
			t.Errorf("%s %q: error %v", tt.field, tt.value, err)
		}
	}
	for _, f := range catalogue.Fields() {
		if err := (catalogue.Fact{Field: f, Value: ""}).Check(); err == nil {
			t.Errorf("%s: no error for nothing", f)
		}
	}
}

func TestState(t *testing.T) {
	before := map[string]string{"title": retrieval.SourceText}
	d := retrieval.Document{Title: "甲", TargetYear: 2024, Facts: before}
	catalogue.State(&d, catalogue.Fact{Field: "repealed", Value: "true", Source: retrieval.SourceCatalogue, Where: "公报"},
		catalogue.Fact{Field: "title", Value: "乙", Source: retrieval.SourceCatalogue}, catalogue.Fact{Field: "target_year"})
	if !d.Repealed || d.Title != "乙" || d.TargetYear != 0 || len(d.Notes) != 1 || d.Notes["repealed"] != "公报" ||
		len(d.Facts) != 2 || d.Facts["title"] != retrieval.SourceCatalogue {
		t.Errorf("stated %+v", d)
	}
	if len(before) != 1 || before["title"] != retrieval.SourceText {
		t.Errorf("the caller's map has changed: %v", before)
	}
}
