package journaltest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/journal"
)

func searchCases() []check {
	return []check{
		{"SearchFilters", testSearchFilters},
		{"SearchWords", testSearchWords},
		{"SearchTimes", testSearchTimes},
		{"SearchPages", testSearchPages},
		{"SearchClauses", testSearchClauses},
		{"SearchUncounted", testSearchUncounted},
		{"Matches", testMatches},
		{"SearchRow", testSearchRow},
		{"SearchLatest", testSearchLatest},
		{"SearchErased", testSearchErased},
		{"SearchForgotten", testSearchForgotten},
		{"SearchOddAnswers", testSearchOddAnswers},
		{"Figures", testFigures},
		{"FiguresOfNobody", testFiguresOfNobody},
	}
}

// An answering is what a question of these cases gets.
type answering struct {
	user, text, channel, outcome, reason, mode, model, fallback string
	ms                                                          float64
	clauses                                                     []string // document.clause@place
	notices, others                                             []string
	says                                                        string
	tokens                                                      int
}

// answerTo asks a question and answers it so, at the door of fetched replies. Time passes.
func (b *bench) answerTo(x answering) string {
	b.Helper()
	a := b.arrival(x.user)
	a.Question.Text, a.Question.Lang, a.Question.Dialogue = x.text, "", a.Question.ID
	if x.channel != "" {
		a.Question.Channel = x.channel
	}
	b.accept(a)
	c := b.claim()
	type object = map[string]any
	var citations, notices []object
	for _, id := range x.clauses {
		id, place, _ := strings.Cut(id, "@")
		document, _, _ := strings.Cut(id, ".")
		citations = append(citations, object{"clause": object{"id": id, "document": object{"id": document, "jurisdiction": place}}})
	}
	for _, kind := range x.notices {
		notices = append(notices, object{"kind": kind})
	}
	answer, err := json.Marshal(object{
		"lang": "zh", "mode": x.mode, "model": x.model, "fallback": x.fallback, "ms": object{"total": x.ms}, "citations": citations,
		"notices": notices, "places": object{"others": x.others}, "text": x.says,
	})
	b.must("answer", err)
	calls := []object{{"usage": object{"tokens_in": x.tokens, "tokens_out": x.tokens / 2}}}
	record, err := json.Marshal(object{"evidence": object{"calls": calls, "written": object{"calls": calls}}})
	b.must("record", err)
	b.must("Complete", b.Complete(b.ctx, c, journal.Result{
		Outcome: x.outcome, Reason: x.reason, Answer: answer, Record: record, Doc: doc("text"), Fetched: true, At: b.now,
	}))
	b.tick(time.Second)
	return a.Question.ID
}

// found gives the ids that a query finds on its first page.
func (b *bench) found(q journal.Query) []string {
	b.Helper()
	page, err := b.Search(b.ctx, q)
	b.must("Search", err)
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	if page.Total < len(ids) || page.Total > len(ids) && page.Older == 0 && page.Newer == 0 {
		b.Errorf("Search %+v: Total %d with %d rows and no other page", q, page.Total, len(ids))
	}
	return ids
}

// wantFound checks which questions a query finds, newest first.
func (b *bench) wantFound(name string, q journal.Query, want ...string) {
	b.Helper()
	b.same(name, b.found(q), want)
}

// some makes three questions, each unlike the others in everything.
func (b *bench) some() (one, two, three string) {
	one = b.answerTo(answering{
		user: "ann", text: "申请 补贴 需要什么材料？", outcome: "answered", mode: "extractive", ms: 12.5,
		clauses: []string{"xm.1@厦门", "xm.2@厦门", "fj.3@福建省", "xm.4@厦门"}, notices: []string{"undated", "period_over"}, says: "提交申请表。",
	})
	two = b.answerTo(answering{
		user: "bob", text: "How do I apply for the HIGH-tech Subsidy?", channel: "mail", outcome: "abstained", reason: "not_in_library",
		mode: "generative", model: "m-1", ms: 900, others: []string{"深圳"}, says: "Nothing 100%_sure. 补贴", tokens: 40,
	})
	three = b.answerTo(answering{
		user: "cem", text: "ＡＢＣ公司\n上市奖励", outcome: "failed", reason: "error", mode: "extractive", model: "m-2", fallback: "unverified",
		ms: 3000, clauses: []string{"fj.3@福建省"}, notices: []string{"undated"},
	})
	return one, two, three
}

func testSearchFilters(b *bench) {
	one, two, three := b.some()
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "x", Good: true, Reason: "fast", At: b.now}))
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: three, User: "x", Reason: "wrong", At: b.now}))
	b.openCase(journal.NewCase{ID: "k1", Question: two, Reason: "asked"})
	b.openCase(journal.NewCase{ID: "k2", Question: three, Reason: "failed"})
	_, err := b.Respond(b.ctx, journal.Response{Case: "k2", By: "clerk", Doc: doc("x"), At: b.now})
	b.must("Respond", err)
	b.review(journal.Review{Question: two, Verdict: journal.ShouldAnswer, By: "eve"})
	waiting := b.arrival("dan")
	waiting.Question.Masked, waiting.Question.Lang = []string{"phone"}, "en"
	b.accept(waiting)
	waiting.Question.ID = b.accept(waiting).Question.ID
	four := waiting.Question.ID
	b.restart()
	for name, tt := range map[string]struct {
		q    journal.Query
		want []string
	}{
		"all": {journal.Query{}, []string{four, three, two, one}}, "channel": {journal.Query{Channel: "mail"}, []string{two}},
		"language": {journal.Query{Lang: "en"}, []string{four}}, "outcome": {journal.Query{Outcome: "abstained"}, []string{two}},
		"reason": {journal.Query{Reason: "error"}, []string{three}}, "extractive": {journal.Query{Mode: "extractive"}, []string{one}},
		"fallback": {journal.Query{Mode: journal.ModeFallback}, []string{three}}, "model": {journal.Query{Model: "m-1"}, []string{two}},
		"place": {journal.Query{Place: "福建省"}, []string{three, one}}, "place asked about": {journal.Query{Place: "深圳"}, []string{two}},
		"part of a place": {journal.Query{Place: "福建"}, nil}, "document": {journal.Query{Document: "xm"}, []string{one}},
		"clause": {journal.Query{Clause: "fj.3"}, []string{three, one}}, "part of a clause": {journal.Query{Clause: "fj"}, nil},
		"two clauses": {journal.Query{Clause: "xm.1\nxm.2"}, nil}, "notice": {journal.Query{Notice: "period_over"}, []string{one}},
		"good": {journal.Query{Rating: journal.Good}, []string{one}}, "bad": {journal.Query{Rating: journal.Bad}, []string{three}},
		"unrated": {journal.Query{Rating: journal.None}, []string{four, two}}, "rated": {journal.Query{Rating: journal.Any}, []string{three, one}},
		"rating reason": {journal.Query{RatingReason: "wrong"}, []string{three}}, "no case": {journal.Query{Case: journal.None}, []string{four, one}},
		"open case": {journal.Query{Case: string(journal.CaseOpen)}, []string{two}}, "replied": {journal.Query{Case: string(journal.CaseReplied)}, []string{three}},
		"any case": {journal.Query{Case: journal.Any}, []string{three, two}}, "case reason": {journal.Query{CaseReason: "asked"}, []string{two}},
		"unreviewed": {journal.Query{Verdict: journal.None}, []string{four, three, one}}, "verdict": {journal.Query{Verdict: "should_answer"}, []string{two}},
		"reviewed": {journal.Query{Verdict: journal.Any}, []string{two}}, "reviewer": {journal.Query{Reviewer: "eve"}, []string{two}},
		"asker": {journal.Query{Asker: "bob"}, []string{two}}, "dialogue": {journal.Query{Dialogue: "dialogue-dan"}, []string{four}},
		"masked": {journal.Query{Masked: journal.Yes}, []string{four}}, "not masked": {journal.Query{Masked: journal.No}, []string{three, two, one}},
		"duplicates": {journal.Query{Duplicates: journal.Yes}, []string{four}}, "no duplicates": {journal.Query{Duplicates: journal.No}, []string{three, two, one}},
		"slow": {journal.Query{MsFrom: 900}, []string{three, two}}, "fast": {journal.Query{MsTo: 900}, []string{one}},
		"between":        {journal.Query{MsFrom: 12.5, MsTo: 3000}, []string{two, one}},
		"combined":       {journal.Query{Place: "福建省", Notice: "undated", Rating: journal.Good, Words: "材料", MsTo: 100, Case: journal.None}, []string{one}},
		"combined, none": {journal.Query{Place: "福建省", Rating: journal.None}, nil},
	} {
		b.wantFound(name, tt.q, tt.want...)
	}
}

func testSearchWords(b *bench) {
	one, two, three := b.some()
	for _, tt := range []struct {
		words    string
		inAnswer bool
		want     []string
	}{
		{"补贴", false, []string{one}},
		{"贴 需要", false, []string{one}},
		{"补贴", true, []string{two, one}},
		{"申请表", false, nil},
		{"申请表 材料", true, []string{one}},
		{"申请表 high", true, nil},
		{"high-TECH", false, []string{two}},
		{"subsidy apply", false, []string{two}},
		{`"subsidy apply"`, false, nil},
		{`"apply for the"`, false, []string{two}},
		{"“APPLY  for” subsidy", false, []string{two}},
		{"abc", false, []string{three}},
		{"ａｂｃ公司", false, []string{three}},
		{`"公司 上市"`, false, []string{three}},
		{"?", false, []string{two, one}},
		{"100%", true, []string{two}},
		{"%", false, nil},
		{"0%_s", true, []string{two}},
		{"_", false, nil},
		{"'", false, nil},
		{"  ", false, []string{three, two, one}},
		{`"`, false, []string{three, two, one}},
	} {
		b.wantFound(tt.words, journal.Query{Words: tt.words, InAnswer: tt.inAnswer}, tt.want...)
	}
	a := b.arrival("eve")
	b.accept(a)
	b.edit(a, journal.Waiting)
	b.wantFound("words before an edit", journal.Query{Words: a.Question.Text})
	b.wantFound("words after an edit", journal.Query{Words: b.entry(a.Question.ID).Question.Text}, a.Question.ID)
}

func testSearchTimes(b *bench) {
	var all []journal.Question
	for range 12 {
		all = append(all, b.ask("ann"))
	}
	for i, from := range all {
		for j := i; j < len(all); j++ {
			var want []string
			for _, q := range all[i:j] {
				want = append(want, q.ID)
			}
			slices.Reverse(want)
			b.wantFound(fmt.Sprint(i, " to ", j), journal.Query{Since: from.AcceptedAt, Until: all[j].AcceptedAt}, want...)
		}
	}
	b.wantFound("just after", journal.Query{Since: all[10].AcceptedAt.Add(time.Microsecond)}, all[11].ID)
	b.wantFound("later", journal.Query{Since: b.now.Add(time.Hour)})
	b.wantFound("earlier", journal.Query{Until: start})
}

func testSearchPages(b *bench) {
	var want []string
	for i := range 11 {
		q := b.ask("ann")
		if i%2 == 0 {
			want = append(want, q.ID)
		} else {
			b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: "x", At: b.now}))
		}
	}
	slices.Reverse(want)
	q := journal.Query{Rating: journal.None, Size: 4}
	first, err := b.Search(b.ctx, q)
	b.must("Search", err)
	b.samePage("first", first, 6, want[:4], false, true)
	q.Before = first.Older
	second, err := b.Search(b.ctx, q)
	b.must("Search", err)
	b.samePage("second", second, 6, want[4:], true, false)
	b.ask("ann")
	q.Before, q.After = 0, second.Newer
	back, err := b.Search(b.ctx, q)
	b.must("Search", err)
	b.samePage("back, when there is one more", back, 7, want[:4], true, true)
	q.After = back.Newer
	newest, err := b.Search(b.ctx, q)
	b.must("Search", err)
	b.samePage("the one more", newest, 7, []string{"q012"}, false, true)
	q.After = newest.Rows[0].Seq
	b.wantNoPage("after the newest", q)
	q.Before, q.After = 1, 0
	b.wantNoPage("before the oldest", q)
	q = journal.Query{Size: 1000}
	b.same("as many as there are", len(b.found(q)), 12)
	if got := q.Rows(); got != journal.MostPage {
		b.Errorf("a page has %d rows, want %d", got, journal.MostPage)
	}
}

// matching gives all that Matches does, at most so many.
func (b *bench) matching(q journal.Query, most int) []journal.Match {
	b.Helper()
	var list []journal.Match
	for m, err := range b.Matches(b.ctx, q) {
		b.must("Matches", err)
		if list = append(list, m); len(list) == most {
			break
		}
	}
	return list
}

func testMatches(b *bench) {
	one, two, three := b.some()
	for i := range 3 {
		b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "x", Good: i == 1, At: b.now}))
	}
	for name, q := range map[string]journal.Query{
		"all": {}, "a page does not count": {Size: 1, Before: 2}, "some": {Document: "fj"}, "one": {Words: "subsidy"}, "rated": {Rating: journal.Bad}, "none": {Words: "nowhere"},
	} {
		whole := q
		whole.Size, whole.Before = 0, 0
		page, err := b.Search(b.ctx, whole)
		b.must("Search", err)
		var rows []journal.Row
		for _, m := range b.matching(q, 0) {
			rows = append(rows, m.Row)
			want := b.entry(m.Row.ID).Question
			want.Record = nil
			b.same(name+": question", m.Question, want)
		}
		b.same(name, rows, page.Rows)
	}
	var ids []string
	for _, m := range b.matching(journal.Query{}, 2) {
		ids = append(ids, m.Question.ID)
	}
	b.same("left early", ids, []string{three, two})
}

// wantNoPage checks that a page is empty although questions fit.
func (b *bench) wantNoPage(name string, q journal.Query) {
	b.Helper()
	page, err := b.Search(b.ctx, q)
	b.must("Search", err)
	b.same(name, page, journal.Page{Total: 7})
}

// samePage checks a page.
func (b *bench) samePage(name string, page journal.Page, total int, want []string, newer, older bool) {
	b.Helper()
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	b.same(name, ids, want)
	b.same(name+": total, newer, older", []any{page.Total, page.Newer != 0, page.Older != 0}, []any{total, newer, older})
}

func testSearchRow(b *bench) {
	one, _, _ := b.some()
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "x", At: b.now}))
	b.openCase(journal.NewCase{ID: "k", Question: one, Reason: "asked"})
	b.review(journal.Review{Question: one, Verdict: journal.Outdated, By: "eve"})
	page, err := b.Search(b.ctx, journal.Query{Clause: "xm.1"})
	b.must("Search", err)
	q := b.entry(one).Question
	b.same("row", page.Rows, []journal.Row{{
		ID: one, Seq: q.Seq, At: q.AcceptedAt, Channel: "chat", Lang: "zh", Text: q.Text, State: journal.Closed, Outcome: "answered",
		Clauses: []string{"xm.1", "xm.2", "fj.3"}, Rating: journal.Bad, Case: journal.CaseOpen, Verdict: journal.Outdated, Ms: 12.5, Mode: "extractive",
	}})
}

// testSearchLatest says which rating, review and case count.
func testSearchLatest(b *bench) {
	one, _, _ := b.some()
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "x", Good: true, At: b.now}))
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "y", Reason: "r", At: b.now.Add(-time.Hour)}))
	b.wantFound("the last call", journal.Query{Rating: journal.Bad, RatingReason: "r"}, one)
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: one, User: "x", Good: true, At: b.now}))
	b.wantFound("said again", journal.Query{Rating: journal.Good}, one)
	_, err := b.Erase(b.ctx, "x", b.now)
	b.must("Erase", err)
	b.wantFound("who rated was erased", journal.Query{Rating: journal.Bad}, one)
	b.review(journal.Review{Question: one, Verdict: journal.Wrong, By: "eve"})
	b.review(journal.Review{Question: one, Base: 1, Verdict: journal.Right, By: "fay"})
	b.wantFound("verdict", journal.Query{Verdict: string(journal.Wrong)})
	b.wantFound("reviewer", journal.Query{Reviewer: "eve"})
	b.wantFound("latest review", journal.Query{Verdict: string(journal.Right), Reviewer: "fay"}, one)
	b.openCase(journal.NewCase{ID: "k", Question: one, Reason: "asked"})
	_, err = b.Respond(b.ctx, journal.Response{Case: "k", By: "clerk", Doc: doc("x"), At: b.now})
	b.must("Respond", err)
	b.openCase(journal.NewCase{ID: "k2", Question: one, Reason: "again"})
	b.wantFound("opened again", journal.Query{Case: string(journal.CaseOpen), CaseReason: "again"}, one)
}

func testSearchErased(b *bench) {
	one, two, _ := b.some()
	same := b.answerTo(answering{user: "ann", text: personal, outcome: "answered", says: "shared " + personal, mode: "extractive", model: personal, ms: 5, clauses: []string{"a.1@" + personal}, notices: []string{personal}, tokens: 9})
	other := b.answerTo(answering{user: "bob", text: "other", outcome: "answered", says: "shared " + personal})
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: same, User: "x", Good: true, Reason: personal, At: b.now}))
	b.review(journal.Review{Question: same, Verdict: journal.Wrong, By: "eve", Note: personal, Text: personal, Clause: personal})
	b.erase("ann", journal.Erased{Questions: 2})
	b.wantFound("the text of an answer that another has", journal.Query{Words: personal, InAnswer: true}, other)
	b.wantFound("lists show erased questions", journal.Query{Outcome: "answered"}, other, same, one)
	page, err := b.Search(b.ctx, journal.Query{Asker: ""})
	b.must("Search", err)
	q := b.entry(same).Question
	b.same("what is left", page.Rows[1], journal.Row{ID: same, Seq: q.Seq, At: q.AcceptedAt, Channel: "chat", State: journal.Closed, Outcome: "answered"})
	for name, query := range map[string]journal.Query{
		"asker": {Asker: "ann"}, "model": {Model: personal}, "place": {Place: personal}, "clause": {Clause: "a.1"}, "document": {Document: "xm"},
		"notice": {Notice: personal}, "rating": {Rating: journal.Any}, "verdict": {Verdict: journal.Any}, "reviewer": {Reviewer: "eve"},
		"words": {Words: "材料"}, "answer": {Words: "提交", InAnswer: true}, "extractive": {Mode: "extractive"}, "fast": {MsTo: 100, MsFrom: 1},
	} {
		b.wantFound(name, query)
	}
	list, err := b.Reviews(b.ctx, same)
	b.must("Reviews", err)
	b.same("reviews", list, []journal.Review(nil))
	f, err := b.Figures(b.ctx, journal.Query{})
	b.must("Figures", err)
	if text := fmt.Sprint(f); strings.Contains(text, personal) {
		b.Errorf("Figures tell of who was erased: %s", text)
	}
	_, err = b.SaveReview(b.ctx, journal.Review{Question: same, Verdict: journal.Wrong, By: "eve", At: b.now})
	b.wantErr("a review of what was erased", err, journal.ErrNotFound)
	b.erase("bob", journal.Erased{Questions: 2})
	b.wantFound("the text that nobody has any more", journal.Query{Words: personal, InAnswer: true})
	b.wantFound("still listed", journal.Query{Outcome: "abstained"}, two)
}

func testSearchForgotten(b *bench) {
	one, two, three := b.some()
	b.review(journal.Review{Question: one, Verdict: journal.Wrong, By: "eve"})
	n, err := b.Forget(b.ctx, b.entry(three).Question.AcceptedAt, 0)
	b.must("Forget", err)
	b.same("forgotten", n, 2)
	b.wantFound("what is left", journal.Query{}, three)
	b.wantFound("words", journal.Query{Words: "补贴", InAnswer: true})
	_, err = b.Reviews(b.ctx, one)
	b.wantErr("Reviews", err, journal.ErrNotFound)
	f, err := b.Figures(b.ctx, journal.Query{})
	b.must("Figures", err)
	b.same("questions in the figures", f.All.Questions, 1)
	_, err = b.SaveReview(b.ctx, journal.Review{Question: two, Verdict: journal.Wrong, By: "eve", At: b.now})
	b.wantErr("SaveReview", err, journal.ErrNotFound)
}

// testSearchOddAnswers completes with answers that say nothing or say it in odd ways.
func testSearchOddAnswers(b *bench) {
	for _, answer := range []string{
		``, `null`, `[]`, `"text"`, `{"ms": {"total": -1}}`, `{"ms": {"total": 1e300}}`, `{"citations": null}`, `{"citations": [{}]}`, `{"mode": 3}`,
		`{"lang": "z\u0000h", "text": "\u001f\u001e"}`, `{"notices": [{"kind": "a\nb"}, {"kind": "a\nb"}]}`,
	} {
		b.ask("ann")
		c := b.claim()
		b.must("Complete", b.Complete(b.ctx, c, journal.Result{
			Outcome: "answered\x1f", Reason: "\x1e", Answer: json.RawMessage(answer), Record: json.RawMessage(`{"tokens_in": []}`), Doc: doc("x"), Fetched: true, At: b.now,
		}))
	}
	b.same("all", len(b.found(journal.Query{})), 11)
	b.same("kind of notice with a line feed", len(b.found(journal.Query{Notice: "a\nb"})), 1)
	f, err := b.Figures(b.ctx, journal.Query{})
	b.must("Figures", err)
	b.same("figures", []any{f.All.Questions, f.All.Outcomes, f.Langs}, []any{11, []journal.Count{{Name: "answered ", N: 11}}, f.Langs})
}

func testFigures(b *bench) {
	one, two, three := b.some()
	for _, q := range []string{one, two} {
		b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q, User: "x", Good: q == one, Reason: "dull", At: b.now}))
	}
	b.tick(50 * time.Hour)
	four := b.ask("dan")
	f, err := b.Figures(b.ctx, journal.Query{Size: 1, Before: 2, Zone: time.FixedZone("", 16*3600)})
	b.must("Figures", err)
	b.same("times", []any{f.Hours, len(f.Times), f.Times[0].Format(time.DateTime)}, []any{false, 3, "2026-03-03 00:00:00"})
	all := f.All
	b.same("all", []any{all.Questions, all.Volume, all.Good, all.Bad, all.BadReasons, all.TokensIn, all.TokensOut, all.Latency.Answers}, []any{
		4, []int{3, 0, 1}, 1, 1, []journal.Count{{Name: "dull", N: 1}}, int64(80), int64(40), 3,
	})
	b.same("outcomes", all.Outcomes, []journal.Count{{Name: "", N: 1}, {Name: "abstained", N: 1}, {Name: "answered", N: 1}, {Name: "failed", N: 1}})
	for _, near := range [][2]float64{{all.Latency.P50, 900}, {all.Latency.P95, 3000}, {all.Latency.P99, 3000}} {
		if got, want := near[0], near[1]; got < want*(1-journal.LatencyError) || got > want*(1+journal.LatencyError) {
			b.Errorf("a quantile is %g ms, want %g within %g", got, want, journal.LatencyError)
		}
	}
	b.same("channels", groupSizes(f.Channels), []string{"chat 3", "mail 1"})
	b.same("places", groupSizes(f.Places), []string{"福建省 2", "厦门 1", "深圳 1"})
	b.same("documents", groupSizes(f.Documents), []string{"fj 2", "xm 1"})
	b.same("languages", groupSizes(f.Langs), []string{"zh 4"})
	b.same("abstentions", f.Abstentions, []journal.Count{{Name: "not_in_library", N: 1}})
	b.same("clauses", f.Clauses, []journal.Count{{Name: "fj.3", N: 2}, {Name: "xm.1", N: 1}, {Name: "xm.2", N: 1}, {Name: "xm.4", N: 1}})
	hours, err := b.Figures(b.ctx, journal.Query{Until: four.AcceptedAt, Words: "上市"})
	b.must("Figures", err)
	b.same("hours", []any{hours.Hours, len(hours.Times), hours.All.Volume, groupSizes(hours.Documents)}, []any{true, 1, []int{1}, []string{"fj 1"}})
	b.same("ids are not in figures", strings.Contains(fmt.Sprint(f), three), false)
	none, err := b.Figures(b.ctx, journal.Query{Words: "nothing"})
	b.must("Figures", err)
	b.same("none", none, journal.Figures{Hours: true})
}

// groupSizes tells groups and how many questions each has.
func groupSizes(groups []journal.Group) []string {
	var list []string
	for _, g := range groups {
		list = append(list, fmt.Sprint(g.Name, " ", g.Questions))
	}
	return list
}

func testFiguresOfNobody(b *bench) {
	b.some()
	for name, q := range map[string]journal.Query{"asker": {Asker: "ann"}, "dialogue": {Dialogue: "d"}, "reviewer": {Reviewer: "eve"}} {
		_, err := b.Figures(b.ctx, q)
		b.wantErr("Figures of one "+name, err, journal.ErrPersonal)
	}
}
