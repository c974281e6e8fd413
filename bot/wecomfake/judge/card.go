package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// Card tells whether a surface takes a template card, which is what stands in template_card: nil, or a *Problem,
// the first that is found. Problems with Advice come after all others. Whether the task_id was there before is
// not looked at.
func Card(s Surface, body json.RawMessage) error { return checkCard(&checker{surface: s}, body) }

// CardUpdate is Card for one that takes the place of another: its questions may be closed, and in an app its
// buttons may have been used.
func CardUpdate(s Surface, body json.RawMessage) error {
	return checkCard(&checker{surface: s, update: true}, body)
}

func checkCard(c *checker, body json.RawMessage) error {
	if c.surface != Bot && c.surface != App && c.surface != Hook {
		return &Problem{Code: codeParameter, Text: fmt.Sprintf("surface %q takes no cards", c.surface)}
	}
	if !utf8.Valid(body) {
		return &Problem{Code: codeSigns, Text: "no UTF-8"}
	}
	v, err := decode(body)
	if err != nil {
		return &Problem{Code: codeFormat, Text: err.Error()}
	}
	kind := get(obj(v), "card_type")
	r := cards[kind]
	if r == nil || c.surface == Hook && kind != "text_notice" && kind != "news_notice" {
		return &Problem{Code: codeParameter, Path: "/card_type", Text: fmt.Sprintf("surface %s has no card of type %q", c.surface, kind)}
	}
	r(c, "", v)
	switch {
	case c.problem != nil:
		return c.problem
	case c.advice != nil:
		return c.advice
	}
	return nil
}

// decode reads one JSON value; numbers stay as they are written.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return v, nil
}

// Parts of cards. Lengths are those of the AI bot, which are the shortest.
var (
	source = object(nil, shape{"icon_url": address, "desc": words(13), "desc_color": whole(0, 1, 2, 3)})

	anyTitle = object(nil, shape{"title": words(26), "desc": words(30)})
	title    = object(shape{"title": filled(26)}, shape{"desc": words(30)})

	menu = object(shape{
		"desc":        filled(0),
		"action_list": list(1, 3, object(shape{"text": filled(0), "key": short(1024)}, nil)),
	}, nil, distinct("action_list", "key"))

	emphasis = object(nil, shape{"title": words(10), "desc": words(15)})

	miniProgram = shape{"appid": short(256), "pagepath": short(1024)}

	quote = object(nil, with(miniProgram, shape{
		"type": whole(0, 1, 2), "url": address, "title": words(0), "quote_text": words(0),
	}), leads, says("title", "quote_text"))

	row = object(shape{"keyname": filled(5)}, shape{
		"type": whole(0, 1, 2, 3), "value": words(26), "url": address, "userid": short(64), "media_id": on(short(512), App, Hook),
	}, func(c *checker, at string, o map[string]any) {
		need(c, at, o, 1, "url")
		need(c, at, o, 2, "media_id")
		need(c, at, o, 3, "userid")
		if kindOf(o) == 2 && c.surface == Bot {
			c.refuse(at+"/type", "an AI bot has no files in cards")
		}
	})

	jump = object(shape{"title": filled(13)}, with(miniProgram, shape{
		"type": whole(0, 1, 2, 3), "url": address, "question": on(short(200), Bot),
	}), leads, func(c *checker, at string, o map[string]any) {
		need(c, at, o, 3, "question")
		if kindOf(o) == 3 && c.surface != Bot {
			c.refuse(at+"/type", "only an AI bot answers")
		}
	})

	action = object(shape{"type": whole(0, 1, 2)}, with(miniProgram, shape{"url": address}), leads)
	// The card as a whole leads somewhere.
	leadingAction = object(shape{"type": whole(1, 2)}, with(miniProgram, shape{"url": address}), leads)

	image = object(shape{"url": address}, shape{"aspect_ratio": ratio})

	imageText = object(shape{"image_url": address}, with(miniProgram, shape{
		"type": whole(0, 1, 2), "url": address, "title": words(0), "desc": words(0),
	}), leads)

	vertical = object(shape{"title": filled(26)}, shape{"desc": words(112)})

	button = object(shape{"text": filled(10)}, shape{
		"key": short(1024), "style": whole(1, 2, 3, 4), "type": on(whole(0, 1), App), "url": on(address, App),
	}, func(c *checker, at string, o map[string]any) {
		need(c, at, o, 0, "key")
		need(c, at, o, 1, "url")
	})

	submit = object(shape{"text": filled(10), "key": short(1024)}, nil)

	selection = object(shape{
		"question_key": short(1024), "option_list": list(1, 10, object(shape{"id": short(128), "text": filled(10)}, nil)),
	}, shape{"title": words(13), "selected_id": short(128), "disable": on(updating(boolean), Bot)}, distinct("option_list", "id"), selected)

	checkbox = object(shape{
		"question_key": short(1024),
		"option_list":  list(1, 20, object(shape{"id": short(128), "text": filled(11)}, shape{"is_checked": boolean})),
	}, shape{"mode": whole(0, 1), "disable": on(updating(boolean), Bot)}, distinct("option_list", "id"), single)

	feedback = object(shape{"id": short(256)}, nil)
)

// everywhere is what a card of any type may hold.
var everywhere = shape{"source": source, "task_id": task, "feedback": on(feedback, Bot)}

// interactive is what a card must hold whose use is told to the bot.
var interactive = shape{"card_type": words(0), "main_title": title, "task_id": task}

var used = shape{"replace_text": on(updating(filled(10)), App)}

// cards gives a rule for each card_type.
var cards = map[string]rule{
	"text_notice": object(shape{"card_type": words(0), "card_action": leadingAction}, with(everywhere, shape{
		"action_menu": onPeople(menu), "main_title": anyTitle, "emphasis_content": emphasis, "quote_area": quote, "sub_title_text": words(112),
		"horizontal_content_list": list(0, 6, row), "jump_list": list(0, 3, jump),
	}), menuTask, apart, func(c *checker, at string, o map[string]any) {
		if blank(get(obj(o["main_title"]), "title")) && blank(get(o, "sub_title_text")) {
			c.refuse(at, "missing: main_title.title or sub_title_text")
		}
	}),
	"news_notice": object(shape{"card_type": words(0), "card_action": leadingAction, "main_title": title}, with(everywhere, shape{
		"action_menu": onPeople(menu), "quote_area": quote, "card_image": image, "image_text_area": imageText,
		"vertical_content_list": list(0, 4, vertical), "horizontal_content_list": list(0, 6, row), "jump_list": list(0, 3, jump),
	}), menuTask, func(c *checker, at string, o map[string]any) {
		if o["card_image"] == nil && o["image_text_area"] == nil {
			c.refuse(at, "missing: card_image or image_text_area")
		}
	}),
	"button_interaction": object(with(interactive, shape{"button_list": list(1, 6, button)}), with(everywhere, used, shape{
		"action_menu": menu, "quote_area": quote, "sub_title_text": words(112), "horizontal_content_list": list(0, 6, row),
		"card_action": action, "button_selection": selection,
	}), distinct("button_list", "key")),
	"vote_interaction": object(with(interactive, shape{"checkbox": checkbox, "submit_button": submit}), with(everywhere, used)),
	"multiple_interaction": object(
		with(interactive, shape{"select_list": list(1, 3, selection), "submit_button": submit}), with(everywhere, used), distinct("select_list", "question_key")),
}

// onPeople is for what a webhook, which hears nothing, does not have.
func onPeople(r rule) rule { return on(r, Bot, App) }

// need refuses an object of a type that lacks a field.
func need(c *checker, at string, o map[string]any, kind int64, field string) {
	if kindOf(o) == kind && o[field] == nil {
		c.refuse(at, fmt.Sprintf("missing for type %d: %s", kind, field))
	}
}

// leads wants what a type of 1 or 2 leads to.
func leads(c *checker, at string, o map[string]any) {
	need(c, at, o, 1, "url")
	need(c, at, o, 2, "appid")
}

// says wants something to see in one of two fields.
func says(one, other string) func(*checker, string, map[string]any) {
	return func(c *checker, at string, o map[string]any) {
		if blank(get(o, one)) && blank(get(o, other)) {
			c.refuse(at, "missing: "+one+" or "+other)
		}
	}
}

// menuTask wants a task_id where there is a menu.
func menuTask(c *checker, at string, o map[string]any) {
	if o["action_menu"] != nil && o["task_id"] == nil {
		c.refuseAs(codeTask, at, "missing with action_menu: task_id")
	}
}

// apart advises against key figures and a quotation in one card.
func apart(c *checker, at string, o map[string]any) {
	if o["emphasis_content"] != nil && o["quote_area"] != nil {
		c.advise(at+"/quote_area", "not together with emphasis_content")
	}
}

// selected advises that what is chosen from the beginning can be chosen.
func selected(c *checker, at string, o map[string]any) {
	id, found := get(o, "selected_id"), false
	for _, option := range arr(o["option_list"]) {
		found = found || get(obj(option), "id") == id
	}
	if id != "" && !found {
		c.advise(at+"/selected_id", "no id of an option")
	}
}

// single refuses two answers to a question that takes one.
func single(c *checker, at string, o map[string]any) {
	checked := 0
	for _, option := range arr(o["option_list"]) {
		if obj(option)["is_checked"] == true {
			checked++
		}
	}
	if mode, _ := integer(o["mode"]); mode == 0 && checked > 1 {
		c.refuse(at+"/option_list", "more than one is checked, and mode is 0")
	}
}

// ratio takes the shape of a picture.
func ratio(c *checker, at string, v any) {
	n, _ := v.(json.Number)
	if f, err := n.Float64(); err != nil || f < 1.3 || f >= 2.25 {
		c.refuse(at, "not from 1.3 to under 2.25")
	}
}
