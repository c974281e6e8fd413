package blockkit

import (
	"encoding/json"
	"strings"
)

// control reads an element that is not text: a button, menu or picture.
func (r *reader) control(o map[string]any) {
	switch kind := get(o, "type"); kind {
	case "":
	case "image":
		from := get(o, "image_url")
		if from == "" {
			from = get(obj(o["slack_file"]), "url")
		}
		r.shown.Images = append(r.shown.Images, Image{from, get(o, "alt_text")})
	case "button", "workflow_button", "icon_button":
		r.button(kind, o, o)
	case "feedback_buttons":
		r.button("feedback_positive", o, obj(o["positive_button"]))
		r.button("feedback_negative", o, obj(o["negative_button"]))
	default:
		r.shown.Menus = append(r.shown.Menus, r.menu(o))
	}
}

// button reads a button; whose has its id, o the rest.
func (r *reader) button(kind string, whose, o map[string]any) {
	ask := obj(o["confirm"])
	r.shown.Buttons = append(r.shown.Buttons, Button{
		Kind: kind, BlockID: r.block, ActionID: get(whose, "action_id"), Text: r.words(o["text"]), Value: get(o, "value"),
		URL: get(o, "url"), Style: get(o, "style"), Label: get(o, "accessibility_label"),
		Confirm: strings.TrimSpace(r.words(ask["title"]) + "\n" + r.words(ask["text"])),
	})
}

func (r *reader) menu(o map[string]any) Menu {
	m := Menu{Kind: get(o, "type"), BlockID: r.block, ActionID: get(o, "action_id"), Placeholder: r.words(o["placeholder"])}
	all := arr(o["options"])
	for _, g := range arr(o["option_groups"]) {
		all = append(all, arr(obj(g)["options"])...)
	}
	for _, it := range all {
		it := obj(it)
		m.Options = append(m.Options, Option{r.words(it["text"]), get(it, "value"), r.words(it["description"]), get(it, "url")})
	}
	for _, it := range append(arr(o["initial_options"]), o["initial_option"]) {
		if it := obj(it); it != nil {
			m.Initial = append(m.Initial, get(it, "value"))
		}
	}
	return m
}

func (r *reader) input(o map[string]any) {
	e := obj(o["element"])
	in := Input{
		Kind: get(e, "type"), BlockID: r.block, ActionID: get(e, "action_id"), Label: r.words(o["label"]), Hint: r.words(o["hint"]),
		Placeholder: r.words(e["placeholder"]), Initial: get(e, "initial_value"), Optional: o["optional"] == true, Multiline: e["multiline"] == true,
	}
	if n, ok := e["max_length"].(json.Number); ok {
		most, _ := n.Int64()
		in.MaxLength = int(most)
	}
	r.line(in.Label)
	r.line(in.Hint)
	switch in.Kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input":
	case "rich_text_input":
		in.Initial = r.apart(obj(e["initial_value"]))
	default:
		m := r.menu(e)
		in.Menu = &m
		r.shown.Menus = append(r.shown.Menus, m)
	}
	r.shown.Inputs = append(r.shown.Inputs, in)
}
