package blockkit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// Elements, as https://docs.slack.dev/reference/block-kit/block-elements lists them, and the objects they are
// made of (https://docs.slack.dev/reference/block-kit/composition-objects).

var (
	confirm = object(shape{"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)}, shape{"style": oneOf("primary", "danger")})

	slackFile = object(nil, shape{"id": str(1, unlimited), "url": address(3000)}, needs(true, "id", "url"))
	picture   = shape{"image_url": address(3000), "slack_file": slackFile}
	image     = object(shape{"type": oneOf("image"), "alt_text": read(1, 2000)}, picture, needs(true, "image_url", "slack_file"))

	dispatch = object(shape{"trigger_actions_on": list(1, 2, oneOf("on_enter_pressed", "on_character_entered"))}, nil)
	filter   = object(nil, shape{
		"include":                          list(1, 4, oneOf("im", "mpim", "private", "public")),
		"exclude_external_shared_channels": boolean, "exclude_bot_users": boolean,
	}, needs(false, "include", "exclude_external_shared_channels", "exclude_bot_users"))

	// action, typed, focused and held are what many elements have.
	action  = shape{"action_id": id}
	asked   = with(action, shape{"confirm": confirm})
	focused = shape{"focus_on_load": focus}
	held    = shape{"placeholder": plain(150)}
	typed   = with(action, focused, held, shape{"dispatch_action_config": dispatch})
)

// focus counts the elements that want the cursor: only one may.
func focus(c *checker, at string, v any) {
	boolean(c, at, v)
	if v == true {
		c.counts["focus"]++
	}
}

func option(words rule, may shape) rule {
	return object(shape{"text": words, "value": str(1, 150)}, with(shape{"description": words}, may))
}

var (
	menuOption   = option(plain(75), nil)
	choiceOption = option(text(75), nil)
	overOption   = option(plain(75), shape{"url": address(3000)})
	optionGroup  = object(shape{"label": plain(75), "options": list(1, 100, menuOption)}, nil)
	menuOptions  = shape{"options": list(1, 100, menuOption), "option_groups": list(1, 100, optionGroup)}
)

// offered refuses values that stand twice and initial options that are not among the options.
func offered(c *checker, at string, o map[string]any) {
	all, _ := o["options"].([]any)
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		in, _ := g.(map[string]any)["options"].([]any)
		all = append(all, in...)
	}
	values := map[any]bool{}
	for _, it := range all {
		v := it.(map[string]any)["value"]
		if values[v] {
			c.refuse(at+"/options", "option values must be unique")
		}
		values[v] = true
	}
	first, _ := o["initial_options"].([]any)
	if v, ok := o["initial_option"]; ok {
		first = append(first, v)
	}
	for _, v := range first {
		if !contains(all, v) {
			c.refuse(at, "initial option must be one of the options")
		}
	}
}

func contains(all []any, v any) bool {
	for _, it := range all {
		if reflect.DeepEqual(it, v) {
			return true
		}
	}
	return false
}

// element joins the type to the fields of an element and sees to its action_id.
func element(kind string, must, may shape, also ...func(*checker, string, map[string]any)) rule {
	return object(with(shape{"type": oneOf(kind)}, must), may, append(also, distinct)...)
}

// distinct refuses an action_id that stands twice in a block.
func distinct(c *checker, at string, o map[string]any) {
	if id, ok := o["action_id"].(string); ok {
		if c.actionIDs[id] {
			c.refuse(at+"/action_id", "action_id already exists: "+id)
		}
		c.actionIDs[id] = true
	}
}

// on lets an element stand on these surfaces only.
func on(r rule, surfaces ...Surface) rule {
	return func(c *checker, at string, v any) {
		here := c.surface
		if here == Stream {
			here = Message
		}
		for _, s := range surfaces {
			if s == here {
				r(c, at, v)
				return
			}
		}
		c.refuse(at+"/type", fmt.Sprintf("unsupported type: %v", obj(v)["type"]))
	}
}

// pair gives both forms of a menu: of one choice, and of many.
func pair(into map[string]rule, kind string, may, one, many shape, also ...func(*checker, string, map[string]any)) {
	both := with(asked, focused, held, may)
	into[kind] = element(kind, nil, with(both, one), also...)
	into["multi_"+kind] = element("multi_"+kind, nil, with(both, many, shape{"max_selected_items": whole(1, 100)}), also...)
}

func menus() map[string]rule {
	ids := list(1, 100, str(1, 255))
	answering := shape{"response_url_enabled": boolean}
	here := shape{"default_to_current_conversation": boolean, "filter": filter}
	m := map[string]rule{}
	pair(m, "static_select", menuOptions, shape{"initial_option": menuOption}, shape{"initial_options": list(1, 100, menuOption)},
		needs(true, "options", "option_groups"), offered)
	pair(m, "external_select", shape{"min_query_length": whole(0, unlimited)}, shape{"initial_option": menuOption}, shape{"initial_options": list(1, 100, menuOption)})
	pair(m, "users_select", nil, shape{"initial_user": id}, shape{"initial_users": ids})
	pair(m, "conversations_select", here, with(answering, shape{"initial_conversation": id}), shape{"initial_conversations": ids})
	pair(m, "channels_select", nil, with(answering, shape{"initial_channel": id}), shape{"initial_channels": ids})
	return m
}

func choices() map[string]rule {
	ten := shape{"options": list(1, 10, choiceOption)}
	return map[string]rule{
		"checkboxes":    element("checkboxes", ten, with(asked, focused, shape{"initial_options": list(1, 10, choiceOption)}), offered),
		"radio_buttons": element("radio_buttons", ten, with(asked, focused, shape{"initial_option": choiceOption}), offered),
		"datepicker": element("datepicker", nil, with(asked, focused, held, shape{
			"initial_date": pattern(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, "a date YYYY-MM-DD"),
		})),
		"timepicker": element("timepicker", nil, with(asked, focused, held, shape{
			"initial_time": pattern(`^([01]\d|2[0-3]):[0-5]\d$`, "a time HH:mm"), "timezone": str(1, 255),
		})),
	}
}

var (
	button = element("button", shape{"text": plain(75)}, with(asked, shape{
		"url": address(3000), "value": str(1, 2000), "style": oneOf("primary", "danger"), "accessibility_label": str(1, 75),
	}))
	overflow = element("overflow", shape{"options": list(1, 5, overOption)}, asked, offered)
	workflow = on(element("workflow_button", shape{"text": plain(75), "workflow": object(shape{"trigger": object(
		shape{"url": address(3000)}, shape{"customizable_input_parameters": list(0, unlimited, anything)},
	)}, nil)}, with(action, shape{"style": oneOf("primary", "danger"), "accessibility_label": str(1, 75)})), Message)
	datetime = on(element("datetimepicker", nil, with(asked, focused, shape{"initial_date_time": whole(1e9, 9_999_999_999)})), Message, Modal)
	richIn   = on(element("rich_text_input", nil, with(typed, shape{
		"initial_value": richText, "min_lines": whole(1, 100), "max_lines": whole(1, 100),
	})), Modal, Home)

	thumb    = object(shape{"text": plain(75), "value": str(1, 2000)}, shape{"accessibility_label": str(1, 75)})
	feedback = element("feedback_buttons", shape{"positive_button": thumb, "negative_button": thumb}, action)
	iconTip  = element("icon_button", shape{"icon": oneOf("trash"), "text": plain(75)}, with(asked, shape{
		"value": str(1, 2000), "accessibility_label": str(1, 75), "visible_to_user_ids": list(0, unlimited, str(1, 255)),
	}))
)

// inputs are the elements of input blocks only.
func inputs() map[string]rule {
	initial := shape{"initial_value": str(0, 3000)}
	decimal := pattern(`^-?\d+(\.\d+)?$`, "a number")
	return map[string]rule{
		"plain_text_input": element("plain_text_input", nil, with(typed, initial, shape{
			"multiline": boolean, "min_length": whole(0, 3000), "max_length": whole(1, 3000),
		}), ordered("min_length", "max_length")),
		"email_text_input": on(element("email_text_input", nil, with(typed, initial)), Modal),
		"url_text_input":   on(element("url_text_input", nil, with(typed, initial)), Modal),
		"number_input": on(element("number_input", shape{"is_decimal_allowed": boolean}, with(typed, shape{
			"initial_value": decimal, "min_value": decimal, "max_value": decimal,
		}), ordered("min_value", "max_value")), Modal),
		"file_input": on(element("file_input", nil, with(action, shape{
			"filetypes": list(0, unlimited, str(1, 255)), "max_files": whole(1, 10),
		})), Modal),
		"datetimepicker":  datetime,
		"rich_text_input": richIn,
	}
}

// ordered refuses a least value above the greatest.
func ordered(least, most string) func(*checker, string, map[string]any) {
	value := func(v any) (float64, error) {
		switch v := v.(type) {
		case json.Number:
			return v.Float64()
		case string:
			return strconv.ParseFloat(v, 64)
		}
		return 0, strconv.ErrSyntax
	}
	return func(c *checker, at string, o map[string]any) {
		low, err1 := value(o[least])
		high, err2 := value(o[most])
		if err1 == nil && err2 == nil && low > high {
			c.refuse(at+"/"+least, "must not be greater than "+most)
		}
	}
}
