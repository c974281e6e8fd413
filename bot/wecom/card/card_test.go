package card_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"policybot/bot/wecom/card"
)

// full is a card with everything at its limit.
func full(kind string) card.Card {
	long := func(n int) string { return strings.Repeat("税", n) }
	page := "https://policy.example/" + strings.Repeat("a", card.MaxURL-len("https://policy.example/"))
	c := card.Card{
		Type: kind, Title: &card.Title{Title: long(card.MaxTitle), Desc: long(card.MaxDesc)}, Subtitle: long(card.MaxSubtitle),
		Quote:    &card.Quote{Type: card.Page, URL: page, Title: long(card.MaxQuoteHead), Text: long(card.MaxQuote)},
		Action:   &card.Action{Type: card.Page, URL: page},
		TaskID:   strings.Repeat("a-Z_9@", 30)[:card.MaxTaskID],
		Feedback: &card.FeedbackKey{ID: strings.Repeat("f", card.MaxFeedback)},
	}
	for range card.MaxRows {
		c.Rows = append(c.Rows, card.Row{Type: card.Page, URL: page, Key: long(card.MaxRowKey), Value: long(card.MaxRowValue)})
	}
	if kind == card.TextNotice {
		for range card.MaxJumps {
			c.Jumps = append(c.Jumps, card.Jump{Type: card.Ask, Title: long(card.MaxJump), Question: strings.Repeat("q", card.MaxQuestion)})
		}
		return c
	}
	for i := range card.MaxButtons {
		c.Buttons = append(c.Buttons, card.Button{Text: long(card.MaxButton), Style: 4, Key: fmt.Sprintf("%0*d", card.MaxKey, i)})
	}
	c.Selection = &card.Selection{Key: strings.Repeat("k", card.MaxKey), Title: long(card.MaxSelection)}
	for i := range card.MaxOptions {
		c.Selection.Options = append(c.Selection.Options, card.Option{ID: fmt.Sprintf("%0*d", card.MaxOptionID, i), Text: long(card.MaxOption)})
	}
	c.Selection.Selected = c.Selection.Options[1].ID
	return c
}

// TestCheck wants a card at every limit taken, and refused when one thing is wrong with it.
func TestCheck(t *testing.T) {
	for _, kind := range []string{card.TextNotice, card.ButtonInteraction} {
		if err := full(kind).Check(true); err != nil {
			t.Errorf("%s at its limits: %v", kind, err)
		}
	}
	cases := []struct {
		name, kind string
		spoil      func(*card.Card)
		want       string
	}{
		{"type", card.TextNotice, func(c *card.Card) { c.Type = "vote" }, `card_type "vote" is none`},
		{"title", card.TextNotice, func(c *card.Card) { c.Title.Title += "税" }, "main_title.title has 27 characters"},
		{"desc", card.TextNotice, func(c *card.Card) { c.Title.Desc += "税" }, "main_title.desc has 31 characters"},
		{"subtitle", card.TextNotice, func(c *card.Card) { c.Subtitle += "税" }, "sub_title_text has 113 characters"},
		{"neither title nor subtitle", card.TextNotice, func(c *card.Card) { c.Title.Title, c.Subtitle = "", "" }, "neither main_title.title nor sub_title_text"},
		{"title of a quote", card.TextNotice, func(c *card.Card) { c.Quote.Title += "税" }, "quote_area.title has 41"},
		{"quote", card.TextNotice, func(c *card.Card) { c.Quote.Text += "税" }, "quote_area.quote_text has 161"},
		{"address of nothing", card.TextNotice, func(c *card.Card) { c.Quote.Type = 0 }, "quote_area has an address that nothing opens"},
		{"type of a quote", card.TextNotice, func(c *card.Card) { c.Quote.Type = 7 }, "quote_area.type is 7"},
		{"rows", card.TextNotice, func(c *card.Card) { c.Rows = append(c.Rows, c.Rows[0]) }, "horizontal_content_list has 7 entries"},
		{"key of a row", card.TextNotice, func(c *card.Card) { c.Rows[2].Key += "税" }, "horizontal_content_list[2].keyname has 6"},
		{"row without a key", card.TextNotice, func(c *card.Card) { c.Rows[2].Key = "" }, "horizontal_content_list[2].keyname has 0"},
		{"value of a row", card.TextNotice, func(c *card.Card) { c.Rows[5].Value += "税" }, "horizontal_content_list[5].value has 27"},
		{"address of a row", card.TextNotice, func(c *card.Card) { c.Rows[0].URL = "javascript:alert(1)" }, "horizontal_content_list[0].url is no address"},
		{"long address", card.TextNotice, func(c *card.Card) { c.Action.URL += "a" }, "card_action.url has 1025 bytes"},
		{"jumps", card.TextNotice, func(c *card.Card) { c.Jumps = append(c.Jumps, c.Jumps[0]) }, "jump_list has 4 entries"},
		{"title of a jump", card.TextNotice, func(c *card.Card) { c.Jumps[1].Title += "税" }, "jump_list[1].title has 14"},
		{"question of a jump", card.TextNotice, func(c *card.Card) { c.Jumps[1].Question += "q" }, "jump_list[1].question has 201 bytes"},
		{"nothing to ask", card.TextNotice, func(c *card.Card) { c.Jumps[1].Question = "" }, "jump_list[1].question has 0 bytes"},
		{"jump without an address", card.TextNotice, func(c *card.Card) { c.Jumps[1].Type = card.Page }, "jump_list[1].url is no address"},
		{"no action", card.TextNotice, func(c *card.Card) { c.Action = nil }, "text_notice needs a card_action"},
		{"buttons of a notice", card.TextNotice, func(c *card.Card) { c.Buttons = []card.Button{{Text: "x", Key: "x"}} }, "text_notice has no buttons"},
		{"task", card.TextNotice, func(c *card.Card) { c.TaskID += "a" }, "task_id"},
		{"character of a task", card.TextNotice, func(c *card.Card) { c.TaskID = "a.b" }, `task_id "a.b" has other characters`},
		{"feedback", card.TextNotice, func(c *card.Card) { c.Feedback.ID += "f" }, "feedback.id has 257 bytes"},
		{"control character", card.TextNotice, func(c *card.Card) { c.Subtitle = "\x1b[31m" }, "sub_title_text has a control character"},
		{"not UTF-8", card.TextNotice, func(c *card.Card) { c.Subtitle = "\xff" }, "sub_title_text is not UTF-8"},
		{"jumps beside buttons", card.ButtonInteraction, func(c *card.Card) { c.Jumps = full(card.TextNotice).Jumps }, "button_interaction has no jump_list"},
		{"no buttons", card.ButtonInteraction, func(c *card.Card) { c.Buttons = nil }, "button_interaction needs a button"},
		{"no task", card.ButtonInteraction, func(c *card.Card) { c.TaskID = "" }, "button_interaction needs a task_id"},
		{"no title", card.ButtonInteraction, func(c *card.Card) { c.Title = nil }, "button_interaction needs a main_title"},
		{"buttons", card.ButtonInteraction, func(c *card.Card) { c.Buttons = append(c.Buttons, card.Button{Text: "x", Key: "x"}) }, "button_list has 7 entries"},
		{"text of a button", card.ButtonInteraction, func(c *card.Card) { c.Buttons[0].Text += "税" }, "button_list[0].text has 11"},
		{"style of a button", card.ButtonInteraction, func(c *card.Card) { c.Buttons[0].Style = 5 }, "button_list[0].style is 5"},
		{"key of a button", card.ButtonInteraction, func(c *card.Card) { c.Buttons[0].Key += "k" }, "button_list[0].key has 1025 bytes"},
		{"a key twice", card.ButtonInteraction, func(c *card.Card) { c.Buttons[1].Key = c.Buttons[0].Key }, "button_list[1]: two buttons have the key"},
		{"key of a selection", card.ButtonInteraction, func(c *card.Card) { c.Selection.Key = "" }, "button_selection.question_key has 0 bytes"},
		{"title of a selection", card.ButtonInteraction, func(c *card.Card) { c.Selection.Title += "税" }, "button_selection.title has 14"},
		{"options", card.ButtonInteraction, func(c *card.Card) {
			c.Selection.Options = append(c.Selection.Options, card.Option{ID: "x", Text: "x"})
		}, "option_list has 11 entries"},
		{"no options", card.ButtonInteraction, func(c *card.Card) { c.Selection.Options, c.Selection.Selected = nil, "" }, "button_selection has no options"},
		{"text of an option", card.ButtonInteraction, func(c *card.Card) { c.Selection.Options[0].Text += "税" }, "option_list[0].text has 11"},
		{"id of an option", card.ButtonInteraction, func(c *card.Card) { c.Selection.Options[0].ID += "0" }, "option_list[0].id has 129 bytes"},
		{"an id twice", card.ButtonInteraction, func(c *card.Card) { c.Selection.Options[2].ID = c.Selection.Options[1].ID }, "two options have the id"},
		{"no such option", card.ButtonInteraction, func(c *card.Card) { c.Selection.Selected = "x" }, `selected_id "x" is no option`},
	}
	for _, c := range cases {
		spoilt := full(c.kind)
		c.spoil(&spoilt)
		err := spoilt.Check(true)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q alone", c.name, err, c.want)
		}
	}
	app := full(card.TextNotice).Check(false)
	if app == nil || !strings.Contains(app.Error(), "jump_list[0]: only the AI bot can be asked") || !strings.Contains(app.Error(), "feedback is for the AI bot alone") {
		t.Errorf("of an app: %v", app)
	}
}

// TestJSON wants the names of WeCom, and nothing that is empty.
func TestJSON(t *testing.T) {
	c := card.Card{
		Type: card.ButtonInteraction, Title: &card.Title{Title: "a"}, Quote: &card.Quote{Type: card.Page, URL: "https://b.example", Title: "c", Text: "d"}, Subtitle: "e",
		Rows: []card.Row{{Key: "f", Value: "g"}}, Action: &card.Action{Type: card.Page, URL: "https://h.example"},
		Selection: &card.Selection{Key: "i", Title: "j", Selected: "k", Options: []card.Option{{ID: "k", Text: "l"}}},
		Buttons:   []card.Button{{Text: "m", Style: 2, Key: "n"}}, TaskID: "o",
	}
	want := `{"card_type":"button_interaction","main_title":{"title":"a"},"quote_area":{"type":1,"url":"https://b.example","title":"c","quote_text":"d"},"sub_title_text":"e",` +
		`"horizontal_content_list":[{"keyname":"f","value":"g"}],"card_action":{"type":1,"url":"https://h.example"},` +
		`"button_selection":{"question_key":"i","title":"j","selected_id":"k","option_list":[{"id":"k","text":"l"}]},"button_list":[{"text":"m","style":2,"key":"n"}],"task_id":"o"}`
	if got, err := json.Marshal(c); string(got) != want || err != nil {
		t.Errorf("%s, %v, want\n%s", got, err, want)
	}
	c = card.Card{Type: card.TextNotice, Jumps: []card.Jump{{Type: card.Ask, Title: "a", Question: "b"}}, Feedback: &card.FeedbackKey{ID: "c"}}
	want = `{"card_type":"text_notice","jump_list":[{"type":3,"title":"a","question":"b"}],"feedback":{"id":"c"}}`
	if got, err := json.Marshal(c); string(got) != want || err != nil {
		t.Errorf("%s, %v, want\n%s", got, err, want)
	}
}

// TestTaskID wants every text to have a task id of its own, and one that may be one to be it.
func TestTaskID(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []string{"a-Z_9@", "", "a.b", "a b", "税", strings.Repeat("a", 128), strings.Repeat("a", 129), strings.Repeat("a", 130)} {
		id := card.TaskID(s)
		c := card.Card{Type: card.ButtonInteraction, Title: &card.Title{Title: "x"}, Buttons: []card.Button{{Text: "x", Key: "x"}}, TaskID: id}
		if err := c.Check(true); err != nil || seen[id] || id != card.TaskID(s) {
			t.Errorf("%q has the task id %q: %v", s, id, err)
		}
		seen[id] = true
	}
	if card.TaskID("a-Z_9@") != "a-Z_9@" {
		t.Error("what may be a task id is changed")
	}
}
