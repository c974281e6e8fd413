package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// Ids of the fields of forms.
const (
	blockReason   = "pb_reason"
	blockComment  = "pb_comment"
	blockQuestion = "pb_question"
	blockReply    = "pb_reply"
	blockDraft    = "pb_draft_" // followed by a number; nobody reads it

	fieldValue = "pb_value"
	// fieldQuestion is followed by the language of the form.
	fieldQuestion = "pb_question_"
)

// How long what people write may be, in characters.
const (
	maxComment  = 1000
	maxQuestion = 2000
)

// reasons are what can be wrong with an answer, in the words of channel.Reasons.
var reasons = []string{"irrelevant", "incomplete", "wrong", "outdated", "other"}

// Feedback asks why an answer did not help. The token of the button that was pressed is its private metadata.
// See [ReadFeedback].
func Feedback(token, lang string) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, reason := range reasons {
		options = append(options, slack.NewOptionBlockObject(reason, plain(feedbackReasons[reason].in(lang), maxOption), nil))
	}
	v := modal(act.ViewFeedback, feedbackTitle.in(lang), sendText.in(lang), cancelText.in(lang), []slack.Block{
		slack.NewInputBlock(blockReason, plain(feedbackWhy.in(lang), maxLabel), nil, slack.NewRadioButtonsBlockElement(fieldValue, options...)),
		slack.NewInputBlock(blockComment, plain(feedbackComment.in(lang), maxLabel), plain(noPersonal.in(lang), maxLabel),
			written(fieldValue, "", maxComment, true)).WithOptional(true),
	})
	v.PrivateMetadata = metadata(token)
	return v
}

// ReadFeedback gives what was submitted: one of the five reasons or "", and a comment of at most 1,000
// characters or "".
func ReadFeedback(v slack.View) (reason, text string) {
	reason = submitted(v, blockReason).SelectedOption.Value
	if !slices.Contains(reasons, reason) {
		reason = ""
	}
	text, _ = fill(submitted(v, blockComment).Value, maxComment)
	return reason, text
}

// submitted is what was entered in the only field of a block.
func submitted(v slack.View, block string) slack.BlockAction {
	if v.State == nil {
		return slack.BlockAction{}
	}
	return v.State.Values[block][fieldValue]
}

// Ask is the form of a question, filled with text as far as 2,000 characters go. Metadata comes back with the
// submission; more than 3,000 characters of it are left out altogether, and nobody's data belongs there. See
// [ReadAsk].
func Ask(text, meta, lang string) slack.ModalViewRequest {
	var blocks []slack.Block
	if _, whole := fill(text, maxQuestion); !whole {
		blocks = append(blocks, small(fmt.Sprintf(askLong.in(lang), maxQuestion)))
	}
	blocks = append(blocks, questionInput(text, lang))
	v := modal(act.ViewAsk, askTitle.in(lang), askSubmit.in(lang), cancelText.in(lang), blocks)
	v.PrivateMetadata = metadata(meta)
	return v
}

// questionInput is the field of a question.
func questionInput(text, lang string) slack.Block {
	e := written(fieldQuestion+language(lang), text, maxQuestion, true)
	e.Placeholder = plain(askPlaceholder.in(lang), maxPlaceholder)
	return slack.NewInputBlock(blockQuestion, plain(askLabel.in(lang), maxLabel), plain(noPersonal.in(lang), maxLabel), e)
}

// ReadAsk gives the question that was submitted, of at most 2,000 characters. Where there is none, problems say
// so by block id, for response_action "errors"; else they are empty.
func ReadAsk(v slack.View) (text string, problems map[string]string) {
	text, lang := question(v)
	if text == "" {
		problems = map[string]string{blockQuestion: askEmpty.in(lang)}
	}
	return text, problems
}

// question is the question of a form, and the language of the form.
func question(v slack.View) (text, lang string) {
	lang = "zh"
	if v.State == nil {
		return "", lang
	}
	for _, one := range []string{"zh", "en"} {
		if a, ok := v.State.Values[blockQuestion][fieldQuestion+one]; ok {
			text, _ = fill(a.Value, maxQuestion)
			return strings.TrimSpace(text), one
		}
	}
	return "", lang
}
