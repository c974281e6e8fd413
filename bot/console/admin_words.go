package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/eval"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// A wordsView is the form of the lines that this installation adds to the lists.
type wordsView struct {
	Text     string // in the form
	Base     int    // the version that it goes on from; 0: none
	Question string // to be tried
	Entries  int    // of the latest version
	Bad      []badLine
	Clash    *wordsVersion // what somebody else has saved meanwhile
	Versions []wordsVersion
	Tried    *triedWords

	latest retrieval.Words
}

// A badLine is a line that cannot be added.
type badLine struct {
	Line      int
	Why, Word string
}

// A wordsVersion is one version of the added lines.
type wordsVersion struct {
	retrieval.Words
	Time    string
	Entries int
	Latest  bool
}

// triedWords is what would be found with lines that nobody else sees yet.
type triedWords struct {
	Question string // "" where none was given
	Rows     []triedRow
	Golden   int // golden questions that were tried
	Moved    []eval.Moved
	Falls    int
	Late     bool // trying the golden questions took too long
}

// A triedRow is a clause that is found before or after.
type triedRow struct {
	Name, URL     string
	Before, After int // rank; 0: not among the first EffectDepth
}

// Limits of trying lines.
const (
	triedTop  = 5                // clauses of each side
	mostTried = 20 * time.Second // for the golden questions
)

// words is the form with the latest of the versions, which come latest first.
func (v View) words(list []retrieval.Words) wordsView {
	out := wordsView{}
	for i, w := range list {
		out.Versions = append(out.Versions, wordsVersion{w, v.Time(w.At), entriesOf(w.Text), i == 0})
	}
	if len(list) > 0 {
		out.latest = list[0]
		out.Text, out.Base, out.Entries = list[0].Text, list[0].N, out.Versions[0].Entries
		out.Bad = v.badLines(retrieval.CheckWords(out.Text))
	}
	return out
}

// entriesOf counts the entries of lines, those that are left out aside.
func entriesOf(text string) int {
	with, _ := bridge.Default().With(retrieval.WordsName, text)
	return len(with.Entries()) - len(bridge.Default().Entries())
}

// badLines says what is wrong with lines.
func (v View) badLines(bad []bridge.LineError) []badLine {
	var out []badLine
	for _, e := range bad {
		out = append(out, badLine{e.Line, v.Named("mistake", string(e.Mistake)), e.Word})
	}
	return out
}

// setWords tries lines, or puts them in the place of those that there are.
func (c *Console) setWords(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	page, err := c.vocabulary(r)
	if err != nil {
		return err
	}
	latest := page.Words.latest
	form := &page.Words
	form.Text, form.Question = strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"), cut(textOf(r.PostForm, "question"), bot.MaxQuestion)
	form.Base, _ = strconv.Atoi(r.PostForm.Get("base"))
	form.Bad = page.badLines(retrieval.CheckWords(form.Text))
	if len(form.Bad) > 0 {
		page.Wrong = page.T("vocabulary.bad_lines", len(form.Bad))
		return c.show(w, r, http.StatusUnprocessableEntity, "adminvocabulary", page)
	}
	if r.PostForm.Get("do") != "save" {
		if form.Tried, err = c.tryWords(r.Context(), form.Text, form.Question); err != nil {
			return err
		}
		return c.show(w, r, http.StatusOK, "adminvocabulary", page)
	}
	switch {
	case form.Base != latest.N:
		return c.clashWords(w, r, page, latest)
	case form.Text == latest.Text:
		return adminBack(w, r, "/admin/vocabulary", "words_same")
	}
	return c.keepWords(w, r, page, didSetWords, "")
}

// keepWords asks whether to put the lines of the form in place, and does so. as is the number of an earlier version that
// they are of, "" for none.
func (c *Console) keepWords(w http.ResponseWriter, r *http.Request, page *vocabularyData, does, as string) error {
	form := &page.Words
	if r.PostForm.Get("sure") != "yes" {
		tried, err := c.tryWords(r.Context(), form.Text, "")
		if err != nil {
			return err
		}
		_, err = c.sure(w, r, func(v View) question {
			then := entriesOf(form.Text)
			text := v.T("vocabulary.save_text", form.Entries, then, tried.Golden, tried.Falls)
			if tried.Late {
				text = v.T("vocabulary.save_late", form.Entries, then)
			}
			return question{v.T("vocabulary.save_title"), text, v.T("vocabulary.save"), "/admin/vocabulary", tried.Falls > 0}
		})
		return err
	}
	detail := accounts.Facts("version", strconv.Itoa(form.Base+1), "entries", strconv.Itoa(entriesOf(form.Text)), "as", as)
	err := c.change(r, does, "words", detail, func(ctx context.Context) error {
		_, err := c.Library.SetWords(ctx, retrieval.Words{N: form.Base, Text: form.Text, By: by(r).Name, At: c.moment()})
		return err
	})
	if clash, ok := errors.AsType[*retrieval.WordsConflict](err); ok {
		return c.clashWords(w, r, page, clash.Latest)
	}
	if err != nil {
		return err
	}
	return adminBack(w, r, "/admin/vocabulary", strings.ReplaceAll(does, ".", "_"))
}

// clashWords shows the page with both texts, and lets the reader go on from the other's.
func (c *Console) clashWords(w http.ResponseWriter, r *http.Request, page *vocabularyData, latest retrieval.Words) error {
	page.Words.Clash = &wordsVersion{latest, page.Time(latest.At), entriesOf(latest.Text), true}
	page.Words.Base = latest.N
	return c.show(w, r, http.StatusConflict, "adminvocabulary", page)
}

// undoWords puts an earlier version of the lines in place again, as a new one.
func (c *Console) undoWords(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	page, err := c.vocabulary(r)
	if err != nil {
		return err
	}
	form := &page.Words
	i := slices.IndexFunc(form.Versions, func(v wordsVersion) bool { return strconv.Itoa(v.N) == r.PostForm.Get("to") })
	if i < 0 || strconv.Itoa(form.latest.N) != r.PostForm.Get("base") {
		page.Wrong = page.T("vocabulary.undo_moved")
		return c.show(w, r, http.StatusConflict, "adminvocabulary", page)
	}
	form.Text = form.Versions[i].Text
	if form.Bad = page.badLines(retrieval.CheckWords(form.Text)); len(form.Bad) > 0 {
		page.Wrong = page.T("vocabulary.bad_lines", len(form.Bad))
		return c.show(w, r, http.StatusUnprocessableEntity, "adminvocabulary", page)
	}
	return c.keepWords(w, r, page, didUndoWords, strconv.Itoa(form.Versions[i].N))
}

// tryWords tells what a question, where there is one, and the golden questions find with lines, and what they find now.
func (c *Console) tryWords(ctx context.Context, text, asked string) (*triedWords, error) {
	trial, err := c.Library.TryWords(ctx, text)
	if err != nil {
		return nil, err
	}
	now, with := &bot.Desk{Library: c.Library, Now: c.Desk.Now}, &bot.Desk{Library: trial, Now: c.Desk.Now}
	out := &triedWords{Question: asked}
	if asked != "" {
		if out.Rows, err = triedRows(ctx, now, with, asked); err != nil {
			return nil, err
		}
	}
	golden, err := c.goldenSet(ctx)
	if err != nil {
		return nil, err
	}
	out.Golden = len(golden)
	limited, cancel := context.WithTimeout(ctx, mostTried)
	defer cancel()
	moved, err := eval.Compared(limited, now, with, golden)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		out.Late = true
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Moved = moved
	for _, m := range moved {
		if m.Falls() {
			out.Falls++
		}
	}
	return out, nil
}

// triedRows are the first clauses that a question finds with other words, and then those that it finds now.
func triedRows(ctx context.Context, now, with *bot.Desk, asked string) ([]triedRow, error) {
	var hits [2][]retrieval.Hit
	for i, desk := range []*bot.Desk{with, now} {
		found, err := desk.Search(ctx, bot.Question{Text: asked}, eval.EffectDepth)
		if err != nil {
			return nil, err
		}
		hits[i] = found.Hits
	}
	var out []triedRow
	seen := map[string]bool{}
	for _, list := range hits {
		for _, h := range list[:min(len(list), triedTop)] {
			if seen[h.Clause.ID] {
				continue
			}
			seen[h.Clause.ID] = true
			rank := func(in []retrieval.Hit) int {
				return 1 + slices.IndexFunc(in, func(o retrieval.Hit) bool { return o.Clause.ID == h.Clause.ID })
			}
			out = append(out, triedRow{clauseName(h.Clause), clauseURL(h.Clause.ID, 0, 0), rank(hits[1]), rank(hits[0])})
		}
	}
	return out, nil
}
