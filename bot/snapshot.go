package bot

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/bot/journal"
	"policybot/prompts"
)

// document is an answer as a channel gets it.
func (s *Service) document(a Answer) channel.Doc {
	return channel.Doc{ID: a.ID, Lang: a.Lang, Label: LabelOf(a.Outcome, a.Mode), Text: a.Text, Nodes: nodes(Parts(a)), Citations: citationsOf(a), Whole: a.Shown != nil && a.Shown.N > 0}
}

// citationsOf are the citations of an answer as a channel gets them.
func citationsOf(a Answer) []channel.Citation {
	var out []channel.Citation
	for _, c := range a.Citations {
		out = append(out, channel.Citation{
			N: c.N, Title: c.Clause.Document.Title, Number: c.Clause.Document.Number, Path: c.Clause.Path, Quote: c.Quote,
			Clause: c.Clause.ID, URL: c.Clause.URL,
		})
	}
	return out
}

// LabelOf tells what made the text of an answer with this outcome and mode.
func LabelOf(outcome, mode string) channel.Label {
	switch {
	case outcome != Answered && outcome != Abstained:
		return channel.LabelNotice
	case mode == ModeExtractive:
		return channel.LabelExtract
	}
	return channel.LabelAI
}

// snapshot is an answer as it is delivered on a channel: with buttons, or where that has
// none, with the words that ask for a person. Where people rate by means of the platform there are no buttons to rate.
func (s *Service) snapshot(a Answer, name string) (channel.Doc, []journal.Token) {
	d := s.document(a)
	var tokens []journal.Token
	button := func(does, label, shows string) {
		t := newToken()
		tokens = append(tokens, journal.Token{Token: t, Question: a.ID, Does: does})
		d.Buttons = append(d.Buttons, channel.Button{Token: t, Label: label, Does: shows})
	}
	for _, text := range replies(a) {
		button(doesReply+text, text, strings.TrimSuffix(doesReply, ":"))
	}
	if d.Label == channel.LabelNotice || a.Shown != nil {
		return d, tokens
	}
	hint := prompts.Render(a.Lang, "ask_person", nil)
	d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Line, Text: hint})
	d.Text += "\n" + hint
	under := []string{doesGood, doesBad, doesPerson}
	if c := s.byName[name]; c != nil && c.Caps().Rates {
		under = []string{doesPerson}
	}
	for _, does := range under {
		button(does, prompts.Render(a.Lang, "button_"+does, nil), does)
	}
	return d, tokens
}

// replies are what can be said with one press to the question that an answer ends
// with: the values of a choice, or yes and no; not to have to know is always one.
func replies(a Answer) []string {
	q := a.Next
	if q == nil || len(q.Keys) > 1 {
		return nil
	}
	out := slices.Clone(q.Choices)
	if len(out) == 0 && q.Kind == eligibility.YesNo {
		out = append(out, prompts.Render(a.Lang, "value_yes", nil), prompts.Render(a.Lang, "value_no", nil))
	}
	return append(out, prompts.Render(a.Lang, "button_dont_know", nil))
}

// newToken is 22 random characters: 128 bits.
func newToken() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
