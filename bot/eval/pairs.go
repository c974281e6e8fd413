package eval

import (
	"fmt"
	"strings"
)

// A Parity compares the two languages over pairs of questions that ask the same
// in Chinese and in English: their ids differ in the last letter only, z for
// Chinese and e for English. A pair with one side only is left out. The JSON
// keys are stable.
type Parity struct {
	Pairs       int         `json:"pairs"`
	Passed      SharePair   `json:"passed"`
	Citation    SharePair   `json:"citation"`     // of the pairs with gold, clarify left out
	Recall5     *RecallPair `json:"recall@5"`     // of the pairs with gold; null when no search was measured
	OnlyChinese []string    `json:"only_chinese"` // ids, without the last letter, of the pairs of which only the Chinese side passed
	OnlyEnglish []string    `json:"only_english"` // the same for the English side
}

// A SharePair is a share by language.
type SharePair struct {
	Chinese    Share   `json:"zh"`
	English    Share   `json:"en"`
	Difference float64 `json:"difference"` // zh - en
}

// A RecallPair is the mean share of a question's golds among the first five
// clauses, by language.
type RecallPair struct {
	Pairs      int     `json:"pairs"`
	Chinese    float64 `json:"zh"`
	English    float64 `json:"en"`
	Difference float64 `json:"difference"` // zh - en
}

func (p *SharePair) count(zh, en bool) {
	p.Chinese.count(zh)
	p.English.count(en)
	p.Difference = p.Chinese.Rate - p.English.Rate
}

// parity compares the pairs among verdicts; nil when there is none.
func parity(verdicts []Verdict, searched bool) *Parity {
	english := map[string]Verdict{}
	for _, v := range verdicts {
		if stem, ok := strings.CutSuffix(v.ID, "e"); ok {
			english[stem] = v
		}
	}
	p := &Parity{OnlyChinese: []string{}, OnlyEnglish: []string{}}
	var zhRanked, enRanked []Verdict
	for _, zh := range verdicts {
		stem, ok := strings.CutSuffix(zh.ID, "z")
		en, paired := english[stem]
		if !ok || !paired {
			continue
		}
		p.Pairs++
		p.Passed.count(zh.Passed, en.Passed)
		if zh.citationScored() && en.citationScored() {
			p.Citation.count(zh.CitationHit, en.CitationHit)
		}
		if len(zh.Golds) > 0 && len(en.Golds) > 0 {
			zhRanked, enRanked = append(zhRanked, zh), append(enRanked, en)
		}
		switch {
		case zh.Passed && !en.Passed:
			p.OnlyChinese = append(p.OnlyChinese, stem)
		case en.Passed && !zh.Passed:
			p.OnlyEnglish = append(p.OnlyEnglish, stem)
		}
	}
	if p.Pairs == 0 {
		return nil
	}
	if searched {
		r := &RecallPair{Pairs: len(zhRanked)}
		r.Chinese, _ = recallAt(zhRanked, 5)
		r.English, _ = recallAt(enRanked, 5)
		r.Difference = r.Chinese - r.English
		p.Recall5 = r
	}
	return p
}

// write writes the comparison for reading.
func (p *Parity) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nThe same in Chinese and English: %s\n\n", plural(p.Pairs, "pair"))
	var t table
	t.row("", "zh", "en", "zh - en")
	share := func(name string, s SharePair) {
		t.row(name, s.Chinese.fraction()+" "+s.Chinese.percent(), s.English.fraction()+" "+s.English.percent(), signed(s.Difference))
	}
	share("passed", p.Passed)
	share("gold cited", p.Citation)
	if r := p.Recall5; r != nil {
		t.row("recall@5", decimals(r.Chinese), decimals(r.English), signed(r.Difference))
	}
	t.write(b)
	fmt.Fprintf(b, "only zh passed: %s\nonly en passed: %s\n", orNone(p.OnlyChinese), orNone(p.OnlyEnglish))
}

// orNone lists ids after their number.
func orNone(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", len(ids), strings.Join(ids, " "))
}
