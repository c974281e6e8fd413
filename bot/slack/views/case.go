package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// CaseData is a case that somebody of the staff replies to.
type CaseData struct {
	ID           string
	Asked        string
	Reason       string   // why it is a case, worded; may be ""
	Conversation []string // earlier messages, the oldest first
	Draft        string   // of the reply; may be ""
	Sources      []string // of the draft, worded, the first is number 1
	DeskURL      string   // of the case at the desk; no button unless it is http or https
	Approval     bool     // somebody else has to approve replies, which is done at the desk
}

// How much of a case is shown.
const (
	shownAsked   = 3    // blocks
	shownTurns   = 6    // messages of a conversation
	shownTurn    = 300  // units of each
	shownSources = 30   // sources
	shownSource  = 400  // units of each
	shownDraft   = 3    // blocks of a draft that cannot be changed here
	draftParts   = 10   // inputs of a draft that is to be copied
	maxProblem   = 1000 // units of the text under an input
	maxNotice    = 10   // blocks
)

// Case shows a case with its draft in a field that can be changed; what is submitted is the reply ([ReadCase]).
// When replies need approval, or the draft is longer than the 3,000 characters of a field, the draft can only be
// read and there is nothing to submit: the desk has the rest. The token of the button that was pressed is its
// private metadata.
func Case(c CaseData, token, lang string) slack.ModalViewRequest {
	var blocks []slack.Block
	if id := short(c.ID, maxLabel/4); id != "" {
		blocks = append(blocks, small(caseNumber.in(lang)+id))
	}
	asked, left := long(caseAsked.in(lang)+c.Asked, shownAsked)
	blocks = append(blocks, asked...)
	if left > 0 {
		blocks = append(blocks, small(fmt.Sprintf(noticeLonger.in(lang), left)))
	}
	if reason := short(c.Reason, shownNote); reason != "" {
		blocks = append(blocks, small(caseReason.in(lang)+reason))
	}
	blocks = append(blocks, conversation(c.Conversation, lang)...)
	blocks = append(blocks, slack.NewDividerBlock())
	draft, whole := fill(c.Draft, maxInput)
	submit := ""
	switch {
	case c.Approval:
		blocks = append(append(blocks, small(caseApproval.in(lang))), shownReply(c.Draft, lang)...)
	case !whole:
		blocks = append(append(blocks, small(fmt.Sprintf(caseLong.in(lang), maxInput))), shownReply(c.Draft, lang)...)
	default:
		submit = caseSubmit.in(lang)
		blocks = append(blocks, slack.NewInputBlock(blockReply, plain(caseDraft.in(lang), maxLabel), plain(caseDraftHint.in(lang), maxLabel),
			written(fieldValue, draft, maxInput, true)))
	}
	blocks = append(blocks, sources(c.Sources, lang)...)
	blocks = append(blocks, row(open(1, c.DeskURL, caseDesk.in(lang)))...)
	v := modal(act.ViewCase, caseTitle.in(lang), submit, closeText.in(lang), blocks)
	v.PrivateMetadata = metadata(token)
	return v
}

// conversation are the last messages before the question.
func conversation(turns []string, lang string) []slack.Block {
	var items []runs
	for _, turn := range turns[max(0, len(turns)-shownTurns):] {
		if turn = short(turn, shownTurn); turn != "" {
			items = append(items, runs{}.text(turn))
		}
	}
	if len(items) == 0 {
		return nil
	}
	blocks := []slack.Block{paragraph(runs{}.bold(caseConversation.in(lang)))}
	if more := len(turns) - shownTurns; more > 0 {
		blocks = append(blocks, small(fmt.Sprintf(caseEarlier.in(lang), more)))
	}
	return append(blocks, listed(slack.RTEListBullet, items)...)
}

// shownReply is a draft that can only be read.
func shownReply(draft, lang string) []slack.Block {
	blocks := []slack.Block{paragraph(runs{}.bold(caseDraftShown.in(lang)))}
	text, left := long(draft, shownDraft)
	if len(text) == 0 {
		return append(blocks, small(caseNoDraft.in(lang)))
	}
	blocks = append(blocks, text...)
	if left > 0 {
		blocks = append(blocks, small(fmt.Sprintf(noticeLonger.in(lang), left)))
	}
	return blocks
}

// sources are numbered as in the draft: one that is empty keeps its number.
func sources(all []string, lang string) []slack.Block {
	if len(all) == 0 {
		return nil
	}
	var items []runs
	for _, s := range all[:min(len(all), shownSources)] {
		if s = short(s, shownSource); s == "" {
			s = nothing
		}
		items = append(items, runs{}.text(s))
	}
	blocks := append([]slack.Block{paragraph(runs{}.bold(caseSources.in(lang)))}, listed(slack.RTEListOrdered, items)...)
	if more := len(all) - shownSources; more > 0 {
		blocks = append(blocks, small(fmt.Sprintf(moreText.in(lang), more)))
	}
	return blocks
}

// ReadCase gives the reply that was submitted, at most 3,000 characters, without blanks around it.
func ReadCase(v slack.View) (text string) {
	text, _ = fill(submitted(v, blockReply).Value, maxInput)
	return text
}

// CaseProblems says under the reply of [Case] why it was not sent: the texts for response_action "errors" by block
// id. The problems are worded; those that do not fit are cut off.
func CaseProblems(problems []string, lang string) map[string]string {
	var all []string
	for _, p := range problems {
		if p = line(p); p != "" {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return map[string]string{blockReply: caseProblemsNone.in(lang)}
	}
	if len(all) > 1 {
		for i := range all {
			all[i] = fmt.Sprintf("(%d) %s", i+1, all[i])
		}
	}
	return map[string]string{blockReply: cut(caseProblems.in(lang)+strings.Join(all, " "), maxProblem)}
}

// DraftData is a formal reply to a message that was drafted.
type DraftData struct {
	Text    string   // of any length
	Sources []string // worded, the first is number 1
	Notes   []string // limits that the reader must know, worded
}

// Draft shows a drafted reply in fields, from which it can be copied: several when it is longer than 3,000
// characters. The platform wants a submit button beside a field; what is submitted means nothing.
func Draft(d DraftData, lang string) slack.ModalViewRequest {
	blocks := []slack.Block{small(draftIntro.in(lang))}
	pieces, left := parts(d.Text, maxInput, draftParts)
	for i, piece := range pieces {
		label := draftLabel.in(lang)
		if len(pieces) > 1 {
			label = fmt.Sprintf(draftPart.in(lang), i+1, len(pieces))
		}
		id := fmt.Sprint(blockDraft, i+1)
		blocks = append(blocks, slack.NewInputBlock(id, plain(label, maxLabel), nil, written(fieldValue, piece, maxInput, true)).WithOptional(true))
	}
	submit := draftSubmit.in(lang)
	if len(pieces) == 0 {
		submit = ""
		blocks = append(blocks, small(caseNoDraft.in(lang)))
	}
	if left > 0 {
		blocks = append(blocks, small(fmt.Sprintf(draftLeft.in(lang), left)))
	}
	if remarks := notes(d.Notes, lang); len(remarks) > 0 {
		blocks = slices.Concat(blocks, []slack.Block{paragraph(runs{}.bold(draftLimits.in(lang)))}, remarks)
	}
	blocks = append(blocks, sources(d.Sources, lang)...)
	return modal(act.ViewDraft, draftTitle.in(lang), submit, closeText.in(lang), blocks)
}

// Notice is a modal that says one thing, such as that something is under way or not allowed. Both texts are
// worded; a title has at most 24 characters, and a text without end is cut after about 28,000.
func Notice(title, text, lang string) slack.ModalViewRequest {
	blocks, left := long(text, maxNotice)
	if left > 0 {
		blocks = append(blocks, small(fmt.Sprintf(noticeLonger.in(lang), left)))
	}
	if len(blocks) == 0 {
		blocks = append(blocks, small(nothing))
	}
	return modal("", title, "", closeText.in(lang), blocks)
}
