package views

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// A Field is one thing that the form of eligibility asks.
type Field struct {
	Key     string // of the fact; a key that came before, is empty or is longer than 200 characters is left out
	Ask     string // the question
	Kind    string // one of the kinds below; any other counts as text
	Unit    string // of a number, such as 万元; a field with one longer than 25 characters may be left out
	Options []Option
	Hint    string // may be ""
}

// An Option is one of the values of a choice.
type Option struct {
	Value string // 1 to 75 characters; of two that are the same the first counts
	Label string
}

// Kinds of field. The kinds "yes_no" and "place" are those of [YesNo] and [Text] as package eligibility names them.
const (
	YesNo  = "yesno"  // yes, no, or not known
	Choice = "choice" // one of Options, 1 to 99 of them; none may have the value "?"
	Number = "number" // of Unit
	Text   = "text"   // at most 100 characters, such as a place
	Date   = "date"   // YYYY-MM-DD

	yesNo = "yes_no"
	place = "place"
)

// Ids of what a form asks: a block for each fact, named after its key, with a field named after its kind.
const (
	blockFact = "pb_fact_"

	fieldYesNo  = "pb_yesno"
	fieldChoice = "pb_choice"
	fieldText   = "pb_text"
	fieldDate   = "pb_date"
	fieldNumber = "pb_number_" // followed by the unit, escaped
)

// Values of options beside those of a choice.
const (
	yes     = "yes"
	no      = "no"
	unknown = "?"
)

const (
	maxKey  = 200
	maxFact = 100 // characters of a text
	maxAsk  = 300 // units of a question of ours, so that a form stays readable
	// maxForm is how many bytes of fields a form has, with room for what is around them.
	maxForm = maxView - 50_000
)

// Profile is the form of eligibility: the question, filled in and required, then the fields, all optional. The
// platform takes 100 blocks and 250 KB: the fields that do not fit, and those that it cannot show, are named at
// the end. An empty question is the usual one of the form. Metadata is as in [Ask]. See [ReadProfile].
func Profile(fields []Field, asked, meta, lang string) slack.ModalViewRequest {
	if strings.TrimSpace(clean(asked)) == "" {
		asked = profileQuestion.in(lang)
	}
	blocks := []slack.Block{small(profileIntro.in(lang)), questionInput(asked, lang)}
	seen, bytes := map[string]bool{}, 0
	var left []string
	for _, f := range fields {
		if seen[f.Key] {
			continue
		}
		seen[f.Key] = true
		block, ok := f.input(lang)
		if ok {
			bytes += weight(block)
		}
		if !ok || len(blocks) >= maxBlocks-1 || bytes > maxForm {
			left = append(left, cmp.Or(short(f.Ask, maxAsk), short(f.Key, maxAsk)))
			continue
		}
		blocks = append(blocks, block)
	}
	if len(left) > 0 {
		blocks = append(blocks, small(fmt.Sprintf(profileLeft.in(lang), len(left), strings.Join(left, listSeparator.in(lang)))))
	}
	v := modal(act.ViewProfile, profileTitle.in(lang), profileSubmit.in(lang), cancelText.in(lang), blocks)
	v.PrivateMetadata = metadata(meta)
	return v
}

// input is the field as a block, and whether there can be one.
func (f Field) input(lang string) (slack.Block, bool) {
	if f.Key == "" || size(f.Key) > maxKey || line(f.Key) != f.Key {
		return nil, false
	}
	element, ok := f.element(lang)
	if !ok {
		return nil, false
	}
	label, hint := cmp.Or(short(f.Ask, maxAsk), f.Key), short(f.Hint, maxAsk)
	if unit := short(f.Unit, maxPlaceholder); f.Kind == Number && unit != "" {
		label += fmt.Sprintf(inBrackets.in(lang), unit)
		hint = cmp.Or(hint, profileNumber.in(lang))
	}
	if f.Kind == place {
		hint = cmp.Or(hint, profilePlace.in(lang))
	}
	block := slack.NewInputBlock(blockFact+f.Key, plain(label, maxLabel), nil, element).WithOptional(true)
	if hint != "" {
		block.Hint = plain(hint, maxLabel)
	}
	return block, true
}

// element is what the field is answered with.
func (f Field) element(lang string) (slack.BlockElement, bool) {
	switch f.Kind {
	case YesNo, yesNo:
		return selection(fieldYesNo, []Option{{yes, yesText.in(lang)}, {no, noText.in(lang)}}, lang), true
	case Choice:
		options, ok := f.options()
		return selection(fieldChoice, options, lang), ok
	case Number:
		id, ok := numberField(f.Unit)
		return written(id, "", maxFact, false), ok
	case Date:
		return slack.NewDatePickerBlockElement(fieldDate), true
	}
	return written(fieldText, "", maxFact, false), true
}

// options are the values of a choice, each once, and whether all of them can be offered.
func (f Field) options() (all []Option, ok bool) {
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.Value == "" || o.Value == unknown || size(o.Value) > maxOption || clean(o.Value) != o.Value {
			return nil, false
		}
		if !seen[o.Value] {
			all = append(all, o)
		}
		seen[o.Value] = true
	}
	return all, 0 < len(all) && len(all) < maxOptions
}

// selection is a menu of options, with one more for what is not known: what was picked cannot be unpicked.
func selection(id string, options []Option, lang string) slack.BlockElement {
	var all []*slack.OptionBlockObject
	for _, o := range append(slices.Clone(options), Option{unknown, unknownText.in(lang)}) {
		all = append(all, slack.NewOptionBlockObject(o.Value, plain(cmp.Or(line(o.Label), o.Value), maxOption), nil))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(profileOpen.in(lang), maxPlaceholder), id, all...)
}

// numberField is the id of the field of a number, which carries the unit, and whether it can.
func numberField(unit string) (id string, ok bool) {
	id = fieldNumber + url.QueryEscape(fold(unit))
	return id, len(id) <= maxID
}

// ReadProfile gives what was submitted with [Profile]: the question, and each fact by its key as the console
// gives it: true or false, a number (float64), a text, and nil for what was left open or is not known. Facts are
// nil when nothing was told at all. Problems say by block id what is to be corrected, in the language of the
// form, for response_action "errors"; a fact with a problem is not among the facts.
func ReadProfile(v slack.View) (asked string, facts map[string]any, problems map[string]string) {
	asked, lang := question(v)
	facts, problems = map[string]any{}, map[string]string{}
	if asked == "" {
		problems[blockQuestion] = askEmpty.in(lang)
	}
	told := false
	if v.State != nil {
		for block, fields := range v.State.Values {
			key, ok := strings.CutPrefix(block, blockFact)
			if !ok || key == "" || len(fields) == 0 {
				continue
			}
			id := slices.Min(slices.Collect(maps.Keys(fields)))
			value, problem := fact(id, fields[id], lang)
			if problem != "" {
				problems[block] = problem
				continue
			}
			facts[key] = value
			told = told || value != nil
		}
	}
	if !told {
		facts = nil
	}
	return asked, facts, problems
}

// fact is what a field tells; nil for nothing. Problem says what is wrong with it.
func fact(id string, a slack.BlockAction, lang string) (value any, problem string) {
	written, _ := fill(line(a.Value), maxFact)
	switch {
	case id == fieldYesNo && (a.SelectedOption.Value == yes || a.SelectedOption.Value == no):
		return a.SelectedOption.Value == yes, ""
	case id == fieldChoice && a.SelectedOption.Value != "" && a.SelectedOption.Value != unknown:
		return a.SelectedOption.Value, ""
	case id == fieldDate && a.SelectedDate != "":
		if _, err := time.Parse(time.DateOnly, a.SelectedDate); err != nil {
			return nil, profileBadDate.in(lang)
		}
		return a.SelectedDate, ""
	case id == fieldText && written != "":
		return written, ""
	case strings.HasPrefix(id, fieldNumber) && written != "":
		unit, err := url.QueryUnescape(strings.TrimPrefix(id, fieldNumber))
		if n, ok := number(written, unit); ok && err == nil {
			return n, ""
		}
		return nil, fmt.Sprintf(profileBadNumber.in(lang), short(written, 40))
	}
	return nil, ""
}
