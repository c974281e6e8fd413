package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"policybot/bot"
	"policybot/bot/understand"
)

// Types of question that have figures of their own, as in [Question].Type.
const (
	TypeJurisdiction = "jurisdiction"  // which place's documents apply
	TypeCrossLingual = "cross_lingual" // asked in another language than that of the clauses
)

// NoNotice is the group of the answers that do not say that a period is over, in
// CitationFigures.ExpiredNotices.
const NoNotice = "(none)"

// CitationFigures say what is cited beyond the gold. The JSON keys are stable.
//
// A clause is of another place when its document applies in none of the places
// that the question names, as the bot understood it; it is marked by a notice
// bot.NoticeOtherPlace about it or by the labels of the sides of an answer.
type CitationFigures struct {
	OneGold        int              `json:"one_gold"`                 // answered questions with one gold, clarify left out
	OneGoldMean    float64          `json:"one_gold_mean"`            // clauses cited for one of them, on average
	OneGoldMax     int              `json:"one_gold_max"`             // and at most
	OtherPlace     Share            `json:"unmarked_other_place"`     // of the clauses cited for jurisdiction questions: of another place and not marked
	AskerElsewhere Share            `json:"unmarked_asker_elsewhere"` // of the same: they do not apply where the asker says to be, and are not marked
	Unmarked       []string         `json:"unmarked"`                 // ids of the questions behind these two
	ExpiredNotices map[string]Share `json:"expired_notices"`          // of the expired_warning questions, by kind of notice that the answer has, or NoNotice
	CrossLingual   *GoldRecall      `json:"cross_lingual"`            // of the cross_lingual questions; null when no search was measured
	English        *GoldRecall      `json:"english"`                  // of the questions in English; likewise
}

// citationFigures measures verdicts.
func citationFigures(verdicts []Verdict, searched bool) CitationFigures {
	f := CitationFigures{
		Unmarked:       []string{},
		ExpiredNotices: map[string]Share{bot.NoticePeriodOver: {}, bot.NoticeTargetYearOver: {}, bot.NoticeDeadlinePassed: {}, NoNotice: {}},
	}
	var expired []Verdict
	cited := 0
	for _, v := range verdicts {
		if len(v.Golds) == 1 && v.Outcome == bot.Answered && v.Expect != ExpectClarify {
			f.OneGold++
			cited += len(v.Cited)
			f.OneGoldMax = max(f.OneGoldMax, len(v.Cited))
		}
		if v.Type == TypeJurisdiction {
			f.addPlaces(v)
		}
		if v.Expect == ExpectExpired {
			expired = append(expired, v)
		}
	}
	f.OneGoldMean = float64(cited) / float64(max(f.OneGold, 1))
	f.addExpired(expired)
	if searched {
		f.CrossLingual = recallWhere(verdicts, func(v Verdict) bool { return v.Type == TypeCrossLingual })
		f.English = recallWhere(verdicts, func(v Verdict) bool { return v.Lang == LangEnglish })
	}
	return f
}

// addPlaces counts the clauses of another place that are not marked.
func (f *CitationFigures) addPlaces(v Verdict) {
	other, elsewhere := len(v.OtherPlace), len(v.AskerElsewhere)
	f.OtherPlace.add(other, len(v.Cited))
	f.AskerElsewhere.add(elsewhere, len(v.Cited))
	if other+elsewhere > 0 {
		f.Unmarked = append(f.Unmarked, v.ID)
	}
}

// addExpired counts the expired_warning questions under each of their notices.
func (f *CitationFigures) addExpired(verdicts []Verdict) {
	for _, v := range verdicts {
		for _, kind := range v.Notices {
			f.ExpiredNotices[kind] = Share{}
		}
	}
	for kind, s := range f.ExpiredNotices {
		for _, v := range verdicts {
			none := !slices.ContainsFunc(v.Notices, saysOver)
			s.count(slices.Contains(v.Notices, kind) || kind == NoNotice && none)
		}
		f.ExpiredNotices[kind] = s
	}
}

// recallWhere measures the ranks of the golds in some of the verdicts.
func recallWhere(verdicts []Verdict, in func(Verdict) bool) *GoldRecall {
	return goldRecall(slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return !in(v) }))
}

// marked reports whether an answer says of what place a cited clause is.
func marked(a bot.Answer, id string) bool {
	return a.Sides || slices.ContainsFunc(a.Notices, func(n bot.Notice) bool {
		return n.Kind == bot.NoticeOtherPlace && slices.Contains(n.Clauses, id)
	})
}

// placeCitations notes the cited clauses, those that are marked left out, that
// apply in none of the places that the question names, and those that do not
// apply where the asker is.
func (v *Verdict) placeCitations(a bot.Answer, places []understand.Place) {
	for i, clause := range citedClauses(a) {
		if marked(a, clause.ID) {
			continue
		}
		named, fits, asker, there := false, false, false, false
		for _, p := range places {
			here := understand.Fits(clause.Document, p.Name)
			named, fits = true, fits || here
			if p.Asker {
				asker, there = true, there || here
			}
		}
		if named && !fits {
			v.OtherPlace = append(v.OtherPlace, v.Cited[i])
		}
		if asker && !there {
			v.AskerElsewhere = append(v.AskerElsewhere, v.Cited[i])
		}
	}
}

// write writes the figures for reading.
func (f CitationFigures) write(b *strings.Builder) {
	b.WriteString("\n")
	t := table{labels: 3}
	share := func(name string, s Share, of string) {
		if s.Of > 0 {
			t.row(name, s.fraction(), s.percent(), "of "+of)
		}
	}
	share("unmarked, other place", f.OtherPlace, "clauses cited for jurisdiction questions")
	share("unmarked, asker elsewhere", f.AskerElsewhere, "clauses cited for jurisdiction questions")
	for _, kind := range slices.Sorted(maps.Keys(f.ExpiredNotices)) {
		of := "expired_warning questions: the answer has such a notice"
		if kind == NoNotice {
			of = "expired_warning questions: no notice that a period is over"
		}
		share("expired: "+kind, f.ExpiredNotices[kind], of)
	}
	t.write(b)
	if len(f.Unmarked) > 0 {
		fmt.Fprintf(b, "unmarked in %s\n", strings.Join(f.Unmarked, " "))
	}
	fmt.Fprintf(b, "with one gold: %d answered, clauses cited for each: mean %.2f, most %d\n", f.OneGold, f.OneGoldMean, f.OneGoldMax)
	for _, g := range []struct {
		name string
		*GoldRecall
	}{{"cross-lingual", f.CrossLingual}, {"English", f.English}} {
		if g.GoldRecall != nil && g.Questions > 0 {
			fmt.Fprintf(b, "%s recall@5: %s over %s with gold\n", g.name, decimals(g.Recall5), plural(g.Questions, "question"))
		}
	}
}
