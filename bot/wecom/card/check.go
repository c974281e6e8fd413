package card

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check tells everything that is wrong with a card: what it lacks and where it is over a limit. nil when it may be sent.
// bot tells that the AI bot sends it; else a self-built app does.
func (c Card) Check(bot bool) error {
	k := checker{bot: bot}
	k.kind(c)
	if t := c.Title; t != nil {
		k.text("main_title.title", t.Title, 0, MaxTitle)
		k.text("main_title.desc", t.Desc, 0, MaxDesc)
	}
	k.text("sub_title_text", c.Subtitle, 0, MaxSubtitle)
	if q := c.Quote; q != nil {
		k.page("quote_area", q.Type, q.URL)
		k.text("quote_area.title", q.Title, 0, MaxQuoteHead)
		k.text("quote_area.quote_text", q.Text, 0, MaxQuote)
	}
	k.most("horizontal_content_list", len(c.Rows), MaxRows)
	for i, r := range c.Rows {
		at := fmt.Sprintf("horizontal_content_list[%d]", i)
		k.page(at, r.Type, r.URL)
		k.text(at+".keyname", r.Key, 1, MaxRowKey)
		k.text(at+".value", r.Value, 0, MaxRowValue)
	}
	k.jumps(c.Jumps)
	if a := c.Action; a != nil {
		k.page("card_action", a.Type, a.URL)
	}
	k.selection(c.Selection)
	k.buttons(c.Buttons)
	if !isTask(c.TaskID) && c.TaskID != "" {
		k.wrong("task_id %q has other characters than [0-9A-Za-z_@-] or more than %d bytes", c.TaskID, MaxTaskID)
	}
	if f := c.Feedback; f != nil {
		k.key("feedback.id", f.ID, MaxFeedback)
		k.want(bot, "feedback is for the AI bot alone")
	}
	return errors.Join(k.errs...)
}

type checker struct {
	bot  bool
	errs []error
}

func (k *checker) wrong(format string, args ...any) {
	k.errs = append(k.errs, fmt.Errorf("card: "+format, args...))
}

func (k *checker) want(ok bool, format string, args ...any) {
	if !ok {
		k.wrong(format, args...)
	}
}

// kind checks what a type of card needs and may have.
func (k *checker) kind(c Card) {
	k.want(c.Title != nil && c.Title.Title != "" || c.Subtitle != "", "neither main_title.title nor sub_title_text is there")
	switch c.Type {
	case TextNotice:
		k.want(c.Action != nil && c.Action.Type == Page, "%s needs a card_action that opens a page", c.Type)
		k.want(c.Selection == nil && len(c.Buttons) == 0, "%s has no buttons", c.Type)
	case ButtonInteraction:
		k.want(len(c.Buttons) > 0, "%s needs a button", c.Type)
		k.want(c.Title != nil, "%s needs a main_title", c.Type)
		k.want(c.TaskID != "", "%s needs a task_id", c.Type)
		k.want(len(c.Jumps) == 0, "%s has no jump_list", c.Type)
	default:
		k.wrong("card_type %q is none that is known here", c.Type)
	}
}

func (k *checker) jumps(list []Jump) {
	k.most("jump_list", len(list), MaxJumps)
	for i, j := range list {
		at := fmt.Sprintf("jump_list[%d]", i)
		k.text(at+".title", j.Title, 1, MaxJump)
		if j.Type == Ask {
			k.want(k.bot, "%s: only the AI bot can be asked", at)
			k.key(at+".question", j.Question, MaxQuestion)
			continue
		}
		k.page(at, j.Type, j.URL)
	}
}

func (k *checker) selection(s *Selection) {
	if s == nil {
		return
	}
	k.key("button_selection.question_key", s.Key, MaxKey)
	k.text("button_selection.title", s.Title, 0, MaxSelection)
	k.want(len(s.Options) > 0, "button_selection has no options")
	k.most("button_selection.option_list", len(s.Options), MaxOptions)
	seen := map[string]bool{}
	for i, o := range s.Options {
		at := fmt.Sprintf("button_selection.option_list[%d]", i)
		k.key(at+".id", o.ID, MaxOptionID)
		k.text(at+".text", o.Text, 1, MaxOption)
		k.want(!seen[o.ID], "%s: two options have the id %q", at, o.ID)
		seen[o.ID] = true
	}
	k.want(s.Selected == "" || seen[s.Selected], "button_selection.selected_id %q is no option", s.Selected)
}

func (k *checker) buttons(list []Button) {
	k.most("button_list", len(list), MaxButtons)
	seen := map[string]bool{}
	for i, b := range list {
		at := fmt.Sprintf("button_list[%d]", i)
		k.text(at+".text", b.Text, 1, MaxButton)
		k.key(at+".key", b.Key, MaxKey)
		k.want(b.Style >= 0 && b.Style <= 4, "%s.style is %d", at, b.Style)
		k.want(!seen[b.Key], "%s: two buttons have the key %q", at, b.Key)
		seen[b.Key] = true
	}
}

// text checks what people read.
func (k *checker) text(at, s string, least, most int) {
	if n := utf8.RuneCountInString(s); n < least || n > most {
		k.wrong("%s has %d characters, want %d to %d: %.80q", at, n, least, most, s)
	}
	k.want(utf8.ValidString(s), "%s is not UTF-8: %.80q", at, s)
	k.want(!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }), "%s has a control character: %.80q", at, s)
}

// key checks what only programs read, and what is said for people: 1 to most bytes.
func (k *checker) key(at, s string, most int) {
	k.want(s != "" && len(s) <= most && utf8.ValidString(s), "%s has %d bytes, want 1 to %d of UTF-8: %.80q", at, len(s), most, s)
}

func (k *checker) page(at string, kind int, url string) {
	switch kind {
	case 0:
		k.want(url == "", "%s has an address that nothing opens", at)
	case Page:
		k.want(strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://"), "%s.url is no address of a page: %.80q", at, url)
		k.want(len(url) <= MaxURL, "%s.url has %d bytes", at, len(url))
	default:
		k.wrong("%s.type is %d", at, kind)
	}
}

func (k *checker) most(at string, n, most int) {
	k.want(n <= most, "%s has %d entries, at most %d may be", at, n, most)
}

// isTask reports whether a text may be a task id.
func isTask(s string) bool {
	return s != "" && len(s) <= MaxTaskID && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_@-") == ""
}
