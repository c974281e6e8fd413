package eligibility_test

import (
	"errors"
	"strings"
	"testing"

	"policybot/bot/eligibility"
	"policybot/retrieval"
)

// good is a file with one measure, whose lines the cases change.
const good = `facts:
  - key: cnas
    kind: yes_no
    name: {zh: 通过CNAS认可, en: accredited by CNAS}
    ask: {zh: 通过CNAS认可了吗？, en: Is it accredited by CNAS?}
measures:
  - id: m-1
    document: doc
    clause: 一/(一)
    title: {zh: 补贴, en: Subsidy}
    quote: 给予20万元补贴
    strength: entitlement
    criteria:
      - {need: place 苏州, words: 本市企业}
      - {need: revenue >= 2000 or cnas, words: 年营业收入2000万元以上或者通过CNAS认可}
`

// clause is what it was read from.
var clause = retrieval.Clause{
	ID: "doc.h1.b1", Path: "一/(一)", Document: retrieval.Document{ID: "doc", Jurisdiction: "苏州市"},
	Text: "（一）对年营业收入2000万元以上或者通过CNAS认可的本市企业，给予20万元补贴。给予场地支持。给予场地支持。",
}

// load reads a file and binds its measures to the clause.
func load(text string) error {
	measures, err := eligibility.Read(strings.NewReader(text), "measures.yaml")
	for _, m := range measures {
		if _, wrong := m.Bind([]retrieval.Clause{clause}); wrong != nil && err == nil {
			err = wrong
		}
	}
	return err
}

// TestBroken: a mistake in a file of measures is refused with the file, the line and
// what is wrong there.
func TestBroken(t *testing.T) {
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		line     int
		says     string
	}{
		{"quote: 给予20万元补贴", "quote: 给予30万元补贴", 7, "给予30万元补贴"},
		{"quote: 给予20万元补贴", "quote: 给予场地支持", 7, "more than once"},
		{"words: 本市企业", "words: 本市公司", 14, "本市公司"},
		{"clause: 一/(一)", "clause: 一/(二)", 7, "一/(二)"},
		{"need: place 苏州, words: 本市企业", "need: place 苏州", 14, "no words"},
		{"need: revenue >= 2000 or cnas", "need: revenu >= 2000 or cnas", 15, "revenu"},
		{"need: revenue >= 2000 or cnas", "need: revenue >= much or cnas", 15, "much"},
		{"need: revenue >= 2000 or cnas", "need: cnas = yes", 15, "cnas"},
		{"need: place 苏州", "need: size = tiny", 14, "tiny"},
		{"strength: entitlement", "strength: strong", 7, "strong"},
		{"id: m-1", "id: M 1", 7, "M 1"},
		{"title: {zh: 补贴, en: Subsidy}", "title: {zh: 补贴}", 7, "both languages"},
		{"    strength: entitlement\n", "    strength: entitlement\n    amount: 20\n", 13, "amount"},
		{"kind: yes_no", "kind: perhaps", 1, "perhaps"},
		{"measures:\n", "measure:\n", 6, "measure"},
		{"measures:\n", "measures:\n  x: [\n", 0, ""},
		{"measures:\n", "measures:\n  - {}\n", 7, "nothing is here"},
	} {
		err := load(strings.Replace(good, c.from, c.to, 1))
		at, ok := errors.AsType[*eligibility.FileError](err)
		if !ok || at.File != "measures.yaml" || c.line > 0 && at.Line != c.line || !strings.Contains(at.Problem, c.says) {
			t.Errorf("%q instead of %q: %v, want measures.yaml:%d and %q", c.to, c.from, err, c.line, c.says)
		}
	}
	_, measure, _ := strings.Cut(good, "measures:\n")
	twice := good + measure
	if at, ok := errors.AsType[*eligibility.FileError](load(twice)); !ok || at.Line != 16 || !strings.Contains(at.Problem, "line 7") {
		t.Errorf("the same id twice: %v", load(twice))
	}
}

// FuzzRead reads any file: it does not panic, and what it reads has conditions.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add("measures:\n  - id: a\n")
	f.Add("measures: [{id: a, criteria: [1]}]")
	f.Add("measures: [{}]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 { // the parser of YAML takes long for some long files
			return
		}
		measures, err := eligibility.Read(strings.NewReader(text), "f.yaml")
		for _, m := range measures {
			if err == nil && len(m.Criteria) == 0 {
				t.Errorf("%s has no criteria", m.ID)
			}
			_, _ = m.Bind([]retrieval.Clause{clause})
		}
	})
}
