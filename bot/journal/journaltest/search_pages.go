package journaltest

import (
	"fmt"
	"time"

	"policybot/bot/journal"
)

// testSearchClauses looks for answers that cite one of several clauses.
func testSearchClauses(b *bench) {
	one, _, three := b.some()
	four := b.answerTo(answering{user: "dan", text: "租金", outcome: "answered", clauses: []string{"fj.30@福建省", "xm.1@厦门"}, says: "租金减半。"})
	for _, tt := range []struct {
		any  []string
		want []string
	}{
		{[]string{"fj.3"}, []string{three, one}},
		{[]string{"nowhere", "xm.4", "fj.30"}, []string{four, one}},
		{[]string{"xm.1", "fj.3"}, []string{four, three, one}},
		{[]string{"fj", "xm.1\nxm.2"}, nil},
	} {
		b.wantFound(fmt.Sprint(tt.any), journal.Query{AnyClause: tt.any}, tt.want...)
		page, err := b.Search(b.ctx, journal.Query{AnyClause: tt.any, Uncounted: true})
		b.must("Search", err)
		b.same(fmt.Sprint(tt.any, " uncounted"), len(page.Rows), len(tt.want))
	}
	b.wantFound("with words", journal.Query{AnyClause: []string{"xm.1", "fj.3"}, Words: "租金 减半", InAnswer: true}, four)
	f, err := b.Figures(b.ctx, journal.Query{AnyClause: []string{"xm.1", "xm.2", "nowhere"}})
	b.must("Figures", err)
	b.same("figures", []any{f.All.Questions, f.Clauses}, []any{2, []journal.Count{{Name: "xm.1", N: 2}, {Name: "xm.2", N: 1}}})
}

// testSearchUncounted wants the rows and the way on of pages that are counted.
func testSearchUncounted(b *bench) {
	b.some()
	for i := range 8 {
		b.answerTo(answering{user: "ann", text: "上市 奖励", outcome: "answered", says: fmt.Sprint("补贴 ", i%3), clauses: []string{"fj.3@福建省"}})
	}
	for name, q := range map[string]journal.Query{
		"all": {}, "filter": {Document: "fj"}, "words": {Words: "奖励"}, "in answers": {Words: `补贴 "1"`, InAnswer: true}, "none": {Words: "nowhere"},
		"time": {Since: start.Add(3 * time.Second), Until: b.now},
	} {
		for _, q.Size = range []int{0, 1, 3} {
			q.Before = 0
			for range 12 {
				counted, err := b.Search(b.ctx, q)
				b.must("Search", err)
				uncounted := q
				uncounted.Uncounted = true
				got, err := b.Search(b.ctx, uncounted)
				b.must("Search", err)
				b.same(fmt.Sprint(name, " of ", q.Size, " before ", q.Before), got, journal.Page{Rows: counted.Rows, Older: counted.Older})
				if q.Before = counted.Older; q.Before == 0 {
					break
				}
			}
		}
	}
}
