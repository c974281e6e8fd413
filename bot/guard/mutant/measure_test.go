package mutant_test

import (
	"testing"

	"policybot/bot/guard"
	"policybot/bot/guard/mutant"
	"policybot/retrieval/retrievaltest"
)

// least is the share of wrong answers, of all and of each class, that must be
// refused as the program runs.
const least = 0.99

// enough is how many mutants a class needs for its share to say something.
const enough = 50

// gaps are the kinds of mistake that are let through: class, depth and what is
// wrong. They are counted by themselves, so that the rest can be held to least.
// One that is refused by now must leave the list.
var gaps = map[string]string{}

// floors are just below the shares that the rules of grounding refuse by
// themselves, without the rule that a sentence stands word for word in its
// quote, and with no names known.
var floors = map[string]float64{
	mutant.Body: 0.90, mutant.Comparator: 0.94, mutant.Digit: 0.99, mutant.Document: 0.98, mutant.Invention: 0.99, mutant.Place: 0.90,
	mutant.Markup: 0.99, mutant.Modality: 0.93, mutant.Polarity: 0.98, mutant.Swap: 0.97, mutant.Unit: 0.97, mutant.Year: 0.97,
}

// Measures are taken together, because the answers are dear.
type measures struct {
	verbatim, open, advice        table // as the program runs; the open ones by kind
	loose, forms                  table // by grounding alone; paraphrases
	passed, passedLoose, wrongly  missed
	paraphrases, mutants, answers int
}

// TestMeasures makes wrong answers of those that the program gives, and true
// ones said otherwise, and counts what package guard refuses.
func TestMeasures(t *testing.T) {
	lib, err := retrievaltest.Seeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := guard.Known{Clauses: clausesByID(t, lib)}
	rephrased := guard.Known{Clauses: known.Clauses, Rephrased: true}
	m := &measures{
		verbatim: table{}, open: table{}, advice: table{}, loose: table{}, forms: table{},
		passed: missed{}, passedLoose: missed{}, wrongly: missed{},
	}
	for i, a := range answers(t, lib) {
		m.answers++
		for _, k := range []guard.Known{known, rephrased} {
			for _, v := range guard.Check(a.claims, k) {
				t.Errorf("%s, rephrased %v: the true answer is refused: %s %s", a.question, k.Rephrased, v.Rule, v.What)
			}
		}
		for _, one := range mutant.All(a.claims, uint64(i)) {
			m.mutant(a, one, known, rephrased)
		}
		for _, p := range mutant.Paraphrases(a.claims) {
			m.paraphrase(a, p, rephrased)
		}
	}
	m.log(t)
	m.assert(t)
}

func (m *measures) mutant(a answered, one mutant.Mutant, known, rephrased guard.Known) {
	m.mutants++
	refused := len(guard.Check(one.Claims, known)) > 0
	_, open := gaps[kind(one)]
	switch {
	case one.Class == mutant.Advice:
		m.advice.add(kind(one), one.Depth, refused)
	case open:
		m.open.add(kind(one), one.Depth, refused)
	default:
		m.verbatim.add(one.Class, one.Depth, refused)
		if !refused {
			m.passed.add(one, a)
		}
	}
	if one.Depth != mutant.Text {
		return
	}
	refused = len(guard.Check(one.Claims, rephrased)) > 0
	m.loose.add(one.Class, one.Depth, refused)
	if !refused {
		m.passedLoose.add(one, a)
	}
}

func (m *measures) paraphrase(a answered, p mutant.Mutant, rephrased guard.Known) {
	m.paraphrases++
	found := guard.Check(p.Claims, rephrased)
	m.forms.add(p.Class, p.Depth, len(found) > 0)
	if len(found) > 0 {
		p.Note = found[0].Rule + " " + found[0].What
		m.wrongly.add(p, a)
	}
}

func (m *measures) log(t *testing.T) {
	t.Helper()
	t.Logf("%d mutants of %d answers, as the program runs:%s\nlet through:%s", m.mutants, m.answers, m.verbatim, m.passed)
	sum := m.verbatim.all()
	for _, more := range []table{m.open, m.advice} {
		c := more.all()
		sum = count{sum.refused + c.refused, sum.all + c.all}
		t.Logf("with all of the next table: %s", sum)
	}
	t.Logf("known gaps, in none of the shares above:%s", m.open)
	t.Logf("notices that no status or place asks for, in none of the shares above:%s", m.advice)
	t.Logf("by the rules of grounding alone:%s\nlet through:%s", m.loose, m.passedLoose)
	t.Logf("%d paraphrases that are refused:%s%s", m.paraphrases, m.forms, m.wrongly)
}

func (m *measures) assert(t *testing.T) {
	t.Helper()
	if m.mutants < 40_000/every {
		t.Errorf("%d mutants are too few to say anything", m.mutants)
	}
	if all := m.verbatim.all(); all.share() < least {
		t.Errorf("%s of all are refused, want %.0f%%", all, 100*least)
	}
	for class := range m.verbatim {
		if c := m.verbatim.class(class); c.all >= enough && c.share() < least {
			t.Errorf("%s: %s are refused, want %.0f%%", class, c, 100*least)
		}
	}
	for gap := range gaps {
		if c := m.open.class(gap); c.all > 0 && c.share() >= least {
			t.Errorf("%s: %s are refused now; take it off the gaps", gap, c)
		}
	}
	for class, floor := range floors {
		if c := m.loose.class(class); c.all >= enough && c.share() < floor {
			t.Errorf("%s, by the rules of grounding alone: %s are refused, want %.0f%%", class, c, 100*floor)
		}
	}
	for form := range m.forms {
		c := m.forms.class(form)
		if c.share() > 1-least {
			t.Errorf("%s: %s of true sentences are refused", form, c)
		}
	}
}
