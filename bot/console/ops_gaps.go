package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"policybot/bot"
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
	at       time.Time
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
	gapKind      = "gap" // of attachments
	mostGaps     = 1_000 // questions that are looked at
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
	texts := make([]string, len(found))
	for i, m := range found {
		texts[i] = m.Question.Text
	}
	for _, group := range sameQuestions(texts) {
		var list []journal.Match
		for _, i := range group {
			list = append(list, found[i])
		}
		page.Gaps = append(page.Gaps, page.gap(list, marks, f))
	}
	slices.SortStableFunc(page.Gaps, func(a, b gapView) int { return cmp.Or(cmp.Compare(b.Count, a.Count), b.at.Compare(a.at)) })
	page.Gaps = page.Gaps[:min(len(page.Gaps), mostGapLines)]
	return c.show(w, r, http.StatusOK, "opsgaps", page)
}

// unanswered are the questions of a query that the program did not answer or that it should have, newest first.
func (c *Console) unanswered(ctx context.Context, q journal.Query) (list []journal.Match, cut bool, err error) {
	abstained, should := q, q
	abstained.Outcome, should.Verdict = bot.Abstained, string(journal.ShouldAnswer)
	seen := map[string]bool{}
	for _, one := range []journal.Query{abstained, should} {
		n := 0
		for m, err := range c.Service.Journal.Matches(ctx, one) {
			if err != nil {
				return nil, false, err
			}
			if n++; n > mostGaps {
				cut = true
				break
			}
			if m.Row.Verdict != journal.ShouldAbstain && m.Question.Text != "" && !seen[m.Row.ID] {
				seen[m.Row.ID] = true
				list = append(list, m)
			}
		}
	}
	slices.SortFunc(list, func(a, b journal.Match) int { return cmp.Compare(b.Row.Seq, a.Row.Seq) })
	return list, cut, nil
}

// gap is a group of questions, newest first, as the page shows it.
func (p *gapsData) gap(list []journal.Match, marks map[string]gapMark, f logFilter) gapView {
	newest := list[0]
	g := gapView{
		Count: len(list), at: newest.Row.At, Latest: p.Time(newest.Row.At), Question: newest.Row.ID, Case: newest.Row.Case,
	}
	shared := letters(newest.Row.Text)
	seen := map[string]bool{}
	for _, m := range list {
		key := gapKey(m.Row.Text)
		if mark, ok := marks[key]; ok && !seen[key] {
			g.Known = append(g.Known, mark)
		}
		if !seen[key] && len(g.Examples) < mostExamples {
			g.Examples = append(g.Examples, gapExample{m.Row.Text, questionURL(m.Row.ID, f.Encode())})
		}
		if !seen[key] {
			shared = common(shared, letters(m.Row.Text))
		}
		seen[key] = true
		if m.Row.Reason != "" && !slices.Contains(g.Reasons, m.Row.Reason) {
			g.Reasons = append(g.Reasons, m.Row.Reason)
		}
	}
	slices.SortStableFunc(g.Known, func(a, b gapMark) int { return b.At.Compare(a.At) })
	g.Note = marks[gapKey(newest.Row.Text)].Note
	words := logFilter{values: f.values}.with("q", `"`+newest.Row.Text+`"`)
	if len(seen) > 1 && len(shared) > 1 {
		words = logFilter{values: f.values}.with("q", string(shared))
	}
	g.LogURL = "/ops/log?" + words
	g.answer(newest.Question.Answer)
	return g
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
func gapKey(text string) string {
	sum := sha256.Sum256([]byte(string(letters(text))))
	return hex.EncodeToString(sum[:12])
}

// sameQuestions puts texts that say the same together, as lists of their numbers in order; see [bridge.Group]. What is
// the same but for signs and blanks is always together.
func sameQuestions(texts []string) [][]int {
	words := bridge.Comparing()
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

// gapQuestion is the question that a form about a gap names.
func (c *Console) gapQuestion(w http.ResponseWriter, r *http.Request) (journal.Question, error) {
	if err := readForm(w, r); err != nil {
		return journal.Question{}, err
	}
	e, err := c.Service.Journal.Entry(r.Context(), r.PostForm.Get("question"))
	if errors.Is(err, journal.ErrNotFound) {
		return e.Question, errNotFound
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
	if note != "" {
		if a.Data, err = json.Marshal(gapMark{note, by(r).Name, c.moment()}); err != nil {
			return err
		}
	}
	if err := c.Store.PutAttachments(r.Context(), a); err != nil {
		return err
	}
	if err := c.record(r, "gap.marked", q.ID, ""); err != nil {
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
	k, err := c.Service.OpenCase(r.Context(), q.ID, bot.Abstained)
	if err != nil {
		return err
	}
	if err := c.record(r, "gap.handed", q.ID, "case="+k.ID); err != nil {
		return err
	}
	return c.toGaps(w, r, "gap_handed")
}

func (c *Console) toGaps(w http.ResponseWriter, r *http.Request, done string) error {
	f := readFilter(queryOf(r.PostForm.Get("filter")), c.Now())
	return seeOther(w, r, "/ops/gaps?"+f.with("done", done))
}
