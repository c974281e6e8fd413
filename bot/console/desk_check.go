package console

import (
	"errors"
	"net/http"
	"slices"

	"policybot/bot"
	"policybot/bot/journal"
)

// checkedView is what the check of a reply has found.
type checkedView struct {
	View
	ID        string // of the case
	Tongue    string // language of the messages, for the attribute lang
	Sentences []checkedSentence
	Missing   []missingView
	Unused    []int
	Blanks    []string // of the program's letter that nobody has filled in
	Sendable  bool
	Good, Bad int
}

// A checkedSentence is one sentence of a reply with its state.
type checkedSentence struct {
	Text, State string
	Problems    []problemView
	Suggestions []suggestionView
}

// Fit reports whether nothing is wrong with the sentence.
func (s checkedSentence) Fit() bool {
	return s.State == string(bot.Fine) || s.State == string(bot.Courtesy)
}

// InOrder are the sentences as they are shown: first those with which something is wrong, and then, as Fit, the others.
func (v checkedView) InOrder(fit bool) []checkedSentence {
	return slices.DeleteFunc(slices.Clone(v.Sentences), func(s checkedSentence) bool { return s.Fit() != fit })
}

// A problemView is one thing that is wrong with a sentence.
type problemView struct{ Message, Quote string }

// A suggestionView is a clause that would bear a sentence.
type suggestionView struct {
	Apply string // what the button sends: the clause and the place of its marker
	Title, Path, Quote,
	URL string
	Passes bool
}

// A missingView is a notice that the reply lacks.
type missingView struct{ Message, Text string }

// checked checks a reply. Nothing is stored.
func (c *Console) checked(r *http.Request, v View, k journal.Case, t written) (*checkedView, error) {
	found, err := c.Desk.CheckReply(r.Context(), bot.Reply{Text: t.Text, Clauses: t.Clauses, Question: k.Asked, AsOf: c.Now(), Suggest: true})
	if errors.Is(err, bot.ErrReplyTooLong) {
		return nil, problem(http.StatusUnprocessableEntity, "case.too_long", bot.MaxReply)
	}
	if err != nil {
		return nil, err
	}
	out := &checkedView{View: v, ID: k.ID, Tongue: View{Lang: found.Lang}.HTMLLang(), Sendable: found.Sendable, Unused: found.Unused}
	if out.Blanks = bot.Blanks(t.Text, found.Lang); len(out.Blanks) > 0 {
		out.Sendable = false
	}
	for _, s := range found.Sentences {
		one := checkedSentence{Text: s.Text, State: string(s.State)}
		if one.Fit() {
			out.Good++
		} else {
			out.Bad++
		}
		for _, p := range s.Problems {
			one.Problems = append(one.Problems, problemView{p.Message, p.Quote})
		}
		for _, g := range s.Suggestions {
			one.Suggestions = append(one.Suggestions, suggestionView{
				applying(g.Clause, s.End), g.Title, g.Path, g.Quote, clauseURL(g.Clause, 0, 0), g.Passes,
			})
		}
		out.Sentences = append(out.Sentences, one)
	}
	for _, m := range found.Missing {
		out.Missing = append(out.Missing, missingView{m.Message, m.Text})
	}
	return out, nil
}

// checkDraft checks what is in the editor and shows each sentence with its state.
func (c *Console) checkDraft(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	t := writtenOf(r)
	if r.Header.Get(headerPart) == "" {
		t.Check = true
		return c.showCase(w, r, http.StatusOK, k, t, "")
	}
	found, err := c.checked(r, c.view(r), k, t)
	if err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "casechecked", found)
}
