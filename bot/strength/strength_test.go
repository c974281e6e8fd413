package strength

import (
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/retrieval/sentence"
)

// TestOf holds the sentences that the guards are for.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		text string
		want Strength
	}{
		{"积极争取国家授权后，允许外资企业开展人体干细胞业务。", Intention},
		{"支持企业建设研发中心，给予最高100万元奖励。", Entitlement},
		{"鼓励各区给予企业奖励。", Support},
		{"力争2025年专精特新企业达到500家。", None},
		{"According to the authorization, foreign investors are allowed to set up wholly owned hospitals。", Intention},
		{"The authorization has been granted, and according to the authorization foreign investors are allowed to set up wholly owned hospitals.", Entitlement},
		{"对弄虚作假的企业，不予支持。", Entitlement},
		{"申报单位不得重复申报。", Entitlement},
		{"各区应当于每季度末向市科技局报送进展。", None},
		{"支持企业上市，探索设立并购基金。", Support},
		{"探索设立并购基金，支持企业上市。", Intention},
		{"对获得国家药监局批准上市的新药，给予一次性奖励500万元。", Entitlement},
		{"对已认定的企业，给予50万元补贴。", Entitlement},
		{"推动免征进口环节增值税。", Intention},
		{"我市将向国务院申请，允许境外医师短期执业。", Intention},
		{"研究对初创企业给予最高50万元补贴。", Intention},
		{"We will strive for the support of the ministry, allowing enterprises to import reagents。", Intention},
		{"Once the State Council approves, firms are permitted to import reagents.", Intention},
		{"Eligible firms will receive a subsidy of up to RMB 2 million.", Entitlement},
		{"对营业收入达到1亿元的企业给予支持。", Support},
		{"（三）支持企业做强做大。", None},
		{"(责任单位:市科委、市财政局)", None},
		{"支持企业申请专利。积极争取国家试点。", Support},
		{"允许企业自主定价。上述措施待国务院批准后实施。", Intention},
		{"ＷＥ　ＷＩＬＬ　ＥＸＰＬＯＲＥ a new model.", Intention},
		{"對符合條件的企業給予最高１００萬元獎勵。", Entitlement},
		{"", None},
		{"\n \n", None},
	} {
		f := Of(c.text)
		if f.Strength != c.want {
			t.Errorf("%s by %s %v, want %s: %s", f.Strength, f.Rule, f.Words, c.want, c.text)
		}
		checkFinding(t, c.text, f)
	}
}

// TestCases holds invented sentences, most of them for single rules.
func TestCases(t *testing.T) {
	examples := readExamples(t, "testdata/cases.txt")
	if len(examples) < 40 {
		t.Fatalf("only %d cases", len(examples))
	}
	for _, e := range examples {
		f := e.found
		if f.Strength != e.label {
			t.Errorf("%s by %s %v, want %s: %s", f.Strength, f.Rule, f.Words, e.label, e.text)
		}
		checkFinding(t, e.text, f)
	}
}

// TestWords checks which words are shown.
func TestWords(t *testing.T) {
	text := "　支持企业。积极争取国家支持，允许外资参与。"
	all := Sentences(text)
	if len(all) != 2 {
		t.Fatal(all)
	}
	if f := all[0]; f.Strength != Support || f.Rule != "support" || len(f.Words) != 1 || f.Words[0].Text != "支持" {
		t.Errorf("%+v", f)
	}
	if f := all[1]; f.Strength != Intention || len(f.Words) == 0 || f.Words[0].Text != "争取" {
		t.Errorf("%+v", f)
	}
	if f := Of("According to the authorization, firms are allowed to trade."); f.Rule != "permit/authorised" || len(f.Words) != 2 || f.Words[1].Text != "are allowed to" {
		t.Errorf("%+v", f)
	}
}

// TestCarries: a target that is cut at its semicolons stays a target.
func TestCarries(t *testing.T) {
	text := "到2025年，培育一批领军企业，产业规模达到1000亿元；" + strings.Repeat("推动创新能力显著提升，支持产业发展，", 8) + "探索形成经验；探索形成新模式。"
	all := Sentences(text)
	if len(all) < 2 {
		t.Fatal("not cut")
	}
	for _, f := range all {
		if f.Strength != None || f.Rule != "target" {
			t.Errorf("%+v", f)
		}
	}
}

func checkFinding(t *testing.T, text string, f Finding) {
	t.Helper()
	if f.Strength != None && f.Strength.rank() == 0 {
		t.Errorf("strength %q", f.Strength)
	}
	if f.Start < 0 || f.End < f.Start || f.End > len(text) {
		t.Fatalf("sentence %d to %d of %d bytes", f.Start, f.End, len(text))
	}
	at := f.Start
	for _, w := range f.Words {
		if w.Start < at || w.End <= w.Start || w.End > f.End || text[w.Start:w.End] != w.Text {
			t.Fatalf("word %+v after %d in %q", w, at, text)
		}
		if utf8.ValidString(text) && !utf8.ValidString(w.Text) {
			t.Fatalf("word %q cuts a character", w.Text)
		}
		at = w.End
	}
}

func FuzzOf(f *testing.F) {
	f.Add("争取国家授权后，允许外资①½㎡ﬁ企业。We will explore；给予最高1,200万元\n(责任单位:市科委)")
	f.Add("\xff支持\xe6…《a》。!:;")
	f.Add("到2025年," + strings.Repeat("支持；", 60))
	f.Fuzz(func(t *testing.T, text string) {
		all := Sentences(text)
		if n := len(sentence.Split(text)); len(all) != n {
			t.Fatalf("%d findings for %d sentences", len(all), n)
		}
		for _, x := range all {
			checkFinding(t, text, x)
		}
		checkFinding(t, text, Of(text))
	})
}
