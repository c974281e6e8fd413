package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/erasure"
	"policybot/bot/journal"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// gapsData is the page of what could not be answered.
type gapsData struct {
	opsData
	Form   filterView
	Gaps   []gapView
	Total  int  // questions
	Cut    bool // only the newest mostGaps were looked at
	Marks  bool // gaps can be marked as known
	Filter string
}

// A gapView is questions that ask the same and got no answer.
type gapView struct {
	Count    int
	Latest   string
	Question string // id of the newest
	Examples []gapExample
	LogURL   string
	Reasons  []string
	Nearest  []cite
	Bodies   []string
	Missing  []string          // titles that were asked about and are not held
	Known    []gapMark         // of all its questions, the latest first
	Note     string            // of the newest question, which a new note replaces
	Case     journal.CaseState // of the newest
}

// A gapExample is one of its questions.
type gapExample struct{ Text, URL string }

// A gapMark says that a gap is known. It is kept with the library under the digest of what was asked, without its
// words, so that nothing of them is left when the asker is erased.
type gapMark struct {
	Note string    `json:"note"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

const (
	gapKind      = erasure.GapKind // of attachments
	mostGaps     = 1_000           // questions that are looked at
	mostGapLines = 100
	mostExamples = 3
	alikeGap     = 0.6  // likeness from which on two questions ask the same
	gapSpan      = "90" // days, where none are chosen
)

// gapsPage shows what could not be answered, the most frequent first.
func (c *Console) gapsPage(w http.ResponseWriter, r *http.Request) error {
	f := readSpan(r.URL.Query(), c.Now(), gapSpan)
	page := gapsData{opsData: c.opsPage(r, "gaps"), Marks: c.Store != nil, Filter: f.Encode()}
	page.Form = c.filterView(page.View, f, "/ops/gaps")
	found, cut, err := c.unanswered(r.Context(), f.Query)
	if err != nil {
		return err
	}
	marks, err := c.gapMarks(r.Context())
	if err != nil {
		return err
	}
	page.Total, page.Cut = len(found), cut
	for _, group := range c.grouped(found) {
		list := make([]journal.Row, len(group))
		for i, n := range group {
			list[i] = found[n]
		}
		g, err := c.gap(r.Context(), page.View, list, marks, f)
		if err != nil {
			return err
		}
		page.Gaps = append(page.Gaps, g)
	}
	return c.show(w, r, http.StatusOK, "opsgaps", page)
}

// grouped puts the questions of a list, newest first, together that ask the same: the most frequent groups first, at most
// mostGapLines, each newest first.
func (c *Console) grouped(found []journal.Row) [][]int {
	texts := make([]string, len(found))
	for i, row := range found {
		texts[i] = row.Text
	}
	groups := c.gaps.of(c.Library.Comparing(), texts)
	slices.SortStableFunc(groups, func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), found[b[0]].At.Compare(found[a[0]].At))
	})
	return groups[:min(len(groups), mostGapLines)]
}

// unanswered are the questions of a query that the program did not answer or that it should have, newest first.
func (c *Console) unanswered(ctx context.Context, q journal.Query) (list []journal.Row, cut bool, err error) {
	abstained, should := q, q
	abstained.Outcome, should.Verdict = bot.Abstained, string(journal.ShouldAnswer)
	seen := map[string]bool{}
	for _, one := range []journal.Query{abstained, should} {
		rows, more, err := c.newest(ctx, one, mostGaps)
		if err != nil {
			return nil, false, err
		}
		cut = cut || more
		for _, row := range rows {
			if row.Verdict != journal.ShouldAbstain && row.Text != "" && !seen[row.ID] {
				seen[row.ID] = true
				list = append(list, row)
			}
		}
	}
	slices.SortFunc(list, func(a, b journal.Row) int { return cmp.Compare(b.Seq, a.Seq) })
	return list, cut, nil
}

// newest are the newest questions that fit, at most so many, and whether there are more.
func (c *Console) newest(ctx context.Context, q journal.Query, most int) (rows []journal.Row, more bool, err error) {
	q.Uncounted, q.Size = true, journal.MostPage
	for {
		page, err := c.Service.Journal.Search(ctx, q)
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, page.Rows...)
		if q.Before = page.Older; q.Before == 0 || len(rows) >= most {
			return rows[:min(most, len(rows))], q.Before > 0 || len(rows) > most, nil
		}
	}
}

// gap is a group of questions, newest first, as the page shows it.
func (c *Console) gap(ctx context.Context, v View, list []journal.Row, marks map[string]gapMark, f logFilter) (gapView, error) {
	newest := list[0]
	g := gapView{Count: len(list), Latest: v.Time(newest.At), Question: newest.ID, Case: newest.Case}
	shared := letters(newest.Text)
	seen := map[string]bool{}
	for _, m := range list {
		key := gapKey(m.Text)
		if mark, ok := marks[key]; ok && !seen[key] {
			g.Known = append(g.Known, mark)
		}
		if !seen[key] && len(g.Examples) < mostExamples {
			g.Examples = append(g.Examples, gapExample{m.Text, questionURL(m.ID, f.Encode())})
		}
		if !seen[key] {
			shared = common(shared, letters(m.Text))
		}
		seen[key] = true
		if m.Reason != "" && !slices.Contains(g.Reasons, m.Reason) {
			g.Reasons = append(g.Reasons, m.Reason)
		}
	}
	slices.SortStableFunc(g.Known, func(a, b gapMark) int { return b.At.Compare(a.At) })
	g.Note = marks[gapKey(newest.Text)].Note
	words := logFilter{values: f.values}.with("q", `"`+newest.Text+`"`)
	if len(seen) > 1 && len(shared) > 1 {
		words = logFilter{values: f.values}.with("q", string(shared))
	}
	g.LogURL = "/ops/log?" + words
	e, err := c.Service.Journal.Entry(ctx, newest.ID)
	if err != nil && !errors.Is(err, journal.ErrNotFound) { // it may have been forgotten since
		return g, err
	}
	g.answer(e.Question.Answer)
	return g, nil
}

// answer takes over what an answer says of where to look.
func (g *gapView) answer(stored json.RawMessage) {
	var a struct {
		Nearest  []retrieval.Clause `json:"nearest"`
		Contacts []string           `json:"contacts"`
		Missing  []string           `json:"missing"`
	}
	if json.Unmarshal(stored, &a) != nil {
		return // there is none
	}
	for _, k := range a.Nearest {
		g.Nearest = append(g.Nearest, cite{URL: clauseURL(k.ID, 0, 0), Title: clauseName(k)})
		for _, body := range k.Departments {
			if !slices.Contains(g.Bodies, body) {
				g.Bodies = append(g.Bodies, body)
			}
		}
	}
	if len(a.Contacts) > 0 {
		g.Bodies = a.Contacts
	}
	g.Missing = a.Missing
}

// letters are the letters and digits of a text, folded.
func letters(text string) []rune {
	var out []rune
	for _, r := range journal.Fold(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

// gapKey is the digest of what a question asks.
func gapKey(text string) string { return erasure.Digest(text) }

// sameQuestions puts texts that say the same in some words together, as lists of their numbers in order; see [bridge.Group]. What is
// the same but for signs and blanks is always together.
func sameQuestions(words *bridge.Bridge, texts []string) [][]int {
	var senses []*bridge.Sense
	var alike [][]int // distinct text → numbers
	place := map[string]int{}
	for i, text := range texts {
		key := string(letters(text))
		n, ok := place[key]
		if !ok {
			n = len(alike)
			place[key] = n
			alike, senses = append(alike, nil), append(senses, words.Sense(text, nil))
		}
		alike[n] = append(alike[n], i)
	}
	groups := bridge.Group(senses, alikeGap)
	for g, list := range groups {
		var numbers []int
		for _, n := range list {
			numbers = append(numbers, alike[n]...)
		}
		slices.Sort(numbers)
		groups[g] = numbers
	}
	return groups
}

// common is the longest run of letters that two texts share.
func common(a, b []rune) []rune {
	best, end := 0, 0
	row := make([]int, len(b)+1)
	for i := range a {
		last := 0
		for j := range b {
			here := row[j+1]
			row[j+1] = 0
			if a[i] == b[j] {
				if row[j+1] = last + 1; row[j+1] > best {
					best, end = row[j+1], i+1
				}
			}
			last = here
		}
	}
	return a[end-best : end]
}

// gapMarks are the gaps that are known, by key.
func (c *Console) gapMarks(ctx context.Context) (map[string]gapMark, error) {
	out := map[string]gapMark{}
	if c.Store == nil {
		return out, nil
	}
	list, err := c.Store.Attachments(ctx, gapKind)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		var m gapMark
		if err := json.Unmarshal(a.Data, &m); err != nil {
			return nil, err
		}
		out[a.ID] = m
	}
	return out, nil
}

// gapQuestion is the question that a form about a gap names. One that was erased asks nothing any more.
func (c *Console) gapQuestion(w http.ResponseWriter, r *http.Request) (journal.Question, error) {
	if err := readForm(w, r); err != nil {
		return journal.Question{}, err
	}
	e, err := c.Service.Journal.Entry(r.Context(), r.PostForm.Get("question"))
	if errors.Is(err, journal.ErrNotFound) {
		return e.Question, errNotFound
	}
	if err == nil && e.Question.Text == "" {
		err = problem(http.StatusUnprocessableEntity, "ops.gap_erased")
	}
	return e.Question, err
}

// markGap marks what a question asks as a known gap, with a note; without a note the mark goes.
func (c *Console) markGap(w http.ResponseWriter, r *http.Request) error {
	q, err := c.gapQuestion(w, r)
	if err != nil {
		return err
	}
	if c.Store == nil {
		return errNotFound
	}
	note := strings.TrimSpace(plain(r.PostForm.Get("note")))
	if len([]rune(note)) > mostReviewNote {
		return inField("note", problem(http.StatusUnprocessableEntity, "ops.note_long", mostReviewNote))
	}
	a := retrieval.Attachment{Kind: gapKind, ID: gapKey(q.Text)}
	marks, err := c.gapMarks(r.Context())
	if err != nil {
		return err
	}
	if marks[a.ID].Note == note {
		return c.toGaps(w, r, "gap_marked")
	}
	if note != "" {
		if a.Data, err = json.Marshal(gapMark{note, by(r).Name, c.moment()}); err != nil {
			return err
		}
	}
	err = c.change(r, didMarkGap, q.ID, accounts.Facts("note_chars", cmp.Or(accounts.Length(note), "0")), func(ctx context.Context) error {
		return c.Store.PutAttachments(ctx, a)
	})
	if err != nil {
		return err
	}
	return c.toGaps(w, r, "gap_marked")
}

// handGap opens a case for a question that got no answer.
func (c *Console) handGap(w http.ResponseWriter, r *http.Request) error {
	q, err := c.gapQuestion(w, r)
	if err != nil {
		return err
	}
	there, err := c.Service.Journal.Inbox(r.Context(), journal.CaseFilter{Question: q.ID})
	if err != nil {
		return err
	}
	if len(there) > 0 { // somebody has seen to it, or does
		http.Redirect(w, r, casePath(there[0].ID), http.StatusSeeOther)
		return nil
	}
	err = c.change(r, didHandGap, q.ID, accounts.Facts("case", c.Service.CaseID(q.ID)), func(ctx context.Context) error {
		_, err := c.Service.OpenCase(ctx, q.ID, bot.Abstained)
		return err
	})
	if err != nil {
		return err
	}
	return c.toGaps(w, r, "gap_handed")
}

func (c *Console) toGaps(w http.ResponseWriter, r *http.Request, done string) error {
	f := readFilter(queryOf(r.PostForm.Get("filter")), c.Now())
	return seeOther(w, r, "/ops/gaps?"+f.with("done", done))
}
