package blockkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A kind is a type of block: where it may stand, and how it is made.
type kind struct {
	surfaces []Surface
	rule     rule
}

var (
	everywhere = []Surface{Message, Modal, Home}
	inMessages = []Surface{Message}
)

// kinds lists the blocks of https://docs.slack.dev/blocks.json. A file block stands nowhere: it comes back from
// Slack and is never sent. Cards in modals, tables in home tabs and containers in home tabs are documented in one
// place and reported not to work, or not documented, in another: they are refused.
var kinds map[string]kind

func init() { // kinds, and rules below, refer to each other
	kinds = map[string]kind{
		"actions":            {everywhere, block("actions", shape{"elements": list(1, 25, byType(actionElements()))}, nil)},
		"alert":              {[]Surface{Modal}, block("alert", shape{"text": text(3000)}, shape{"level": oneOf("default", "info", "warning", "error", "success")})},
		"card":               {[]Surface{Message, Home}, card},
		"carousel":           {[]Surface{Message, Home}, block("carousel", shape{"elements": list(1, 10, nested("card"))}, nil)},
		"container":          {inMessages, container},
		"context":            {everywhere, block("context", shape{"elements": list(1, 10, contextElement)}, nil)},
		"context_actions":    {inMessages, block("context_actions", shape{"elements": list(1, 5, contextAction)}, nil)},
		"data_table":         {inMessages, dataTable},
		"data_visualization": {inMessages, block("data_visualization", shape{"title": read(1, 50), "chart": chart}, nil)},
		"divider":            {everywhere, block("divider", nil, nil)},
		"file":               {nil, anything},
		"header":             {everywhere, block("header", shape{"text": plain(150)}, shape{"level": whole(1, 4)})},
		"image":              {everywhere, block("image", shape{"alt_text": read(1, 2000)}, with(picture, shape{"title": plain(2000)}), needs(true, "image_url", "slack_file"))},
		"input":              {everywhere, input},
		"markdown":           {inMessages, block("markdown", shape{"text": markdownText}, nil)},
		"plan":               {inMessages, block("plan", shape{"title": planTitle}, shape{"tasks": list(0, unlimited, inlineTask)})},
		"rich_text":          {everywhere, richText},
		"section":            {everywhere, section},
		"table":              {inMessages, table},
		"task_card":          {inMessages, block("task_card", taskMust, taskMay)},
		"video":              {everywhere, video},
	}
}

// block joins what every block has.
func block(kind string, must, may shape, also ...func(*checker, string, map[string]any)) rule {
	return object(with(shape{"type": oneOf(kind)}, must), with(shape{"block_id": id}, may), also...)
}

func join(sets ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func actionElements() map[string]rule {
	return join(menus(), choices(), map[string]rule{
		"button": button, "overflow": overflow, "workflow_button": workflow, "datetimepicker": datetime, "rich_text_input": richIn,
	})
}

var (
	section = block("section", nil, shape{
		"text": text(3000), "fields": list(1, 10, text(2000)), "expand": boolean,
		"accessory": byType(join(menus(), choices(), map[string]rule{"button": button, "overflow": overflow, "workflow_button": workflow, "image": image})),
	}, needs(false, "text", "fields"))

	contextElement = byType(map[string]rule{"image": image, "plain_text": plain(3000), "mrkdwn": mrkdwn(3000)})
	contextAction  = byType(map[string]rule{"feedback_buttons": feedback, "icon_button": iconTip})

	card = block("card", nil, shape{
		"hero_image": image, "icon": image, "title": text(150), "subtitle": text(150), "body": text(200),
		"actions": list(1, 3, byType(map[string]rule{"button": button})),
	}, needs(false, "hero_image", "title", "actions", "body"))

	container = block("container", shape{"child_blocks": list(1, 10, childBlock)}, shape{
		"title": plain(150), "rich_text_title": richText, "subtitle": text(150), "icon": image,
		"width":          oneOf("narrow", "standard", "wide", "full"),
		"is_collapsible": boolean, "default_collapsed": boolean, "has_header_divider": boolean,
	}, needs(false, "title", "rich_text_title"), func(c *checker, at string, o map[string]any) {
		if o["default_collapsed"] == true && o["is_collapsible"] != true {
			c.refuse(at+"/default_collapsed", "requires is_collapsible")
		}
	})

	input = block("input", shape{"label": plain(2000), "element": byType(join(menus(), choices(), inputs()))},
		shape{"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
		func(c *checker, at string, o map[string]any) {
			c.inputs++
			if e, _ := o["element"].(map[string]any); e["type"] == "file_input" && o["dispatch_action"] == true {
				c.refuse(at+"/dispatch_action", "file_input cannot dispatch")
			}
		})

	urlSource = object(shape{"type": oneOf("url"), "url": address(3000), "text": read(1, unlimited)}, nil)
	taskMust  = shape{"task_id": str(1, 255), "title": read(1, unlimited)}
	taskMay   = shape{
		"details": richText, "output": richText, "sources": list(0, unlimited, urlSource),
		"status": oneOf("pending", "in_progress", "complete", "error"), "hide_title": boolean, "icon": anything,
	}
	inlineTask = object(taskMust, with(taskMay, shape{"type": oneOf("task_card"), "block_id": id}))

	video = block("video", shape{
		"alt_text": read(1, 2000), "title": plain(199), "thumbnail_url": address(3000), "video_url": address(3000),
	}, shape{
		"title_url": address(3000), "author_name": read(1, 49), "provider_name": read(1, unlimited), "provider_icon_url": address(3000),
		"description": plain(199),
	})
)

// nested takes a block of one of these types inside another.
func nested(types ...string) rule {
	return func(c *checker, at string, v any) {
		o, _ := v.(map[string]any)
		if kind, ok := o["type"].(string); ok && !slices.Contains(types, kind) {
			c.refuse(at+"/type", "unsupported type: "+kind)
			return
		}
		anyBlock(c, at, v)
	}
}

// childBlock takes what may stand in a container.
var childBlock = nested("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video")

func markdownText(c *checker, at string, v any) {
	read(1, MaxMarkdown)(c, at, v)
	s, _ := v.(string)
	c.markdown += utf8.RuneCountInString(s)
}

func planTitle(c *checker, at string, v any) {
	if _, ok := v.(string); ok {
		read(1, unlimited)(c, at, v)
		return
	}
	plain(3000)(c, at, v)
}

var (
	cell = map[string]rule{
		"raw_text":   object(shape{"type": anything, "text": read(1, unlimited)}, nil),
		"raw_number": object(shape{"type": anything, "value": number}, shape{"text": read(1, unlimited)}),
		"rich_text":  richText,
	}
	align = object(nil, shape{"align": oneOf("left", "center", "right"), "is_wrapped": boolean})
	table = sized(block("table", shape{"rows": list(1, 100, list(1, 20, byType(cell)))}, shape{"column_settings": list(0, 20, orNull(align))}))

	dataTable = sized(block("data_table", shape{"rows": list(2, 101, list(1, 20, byType(cell))), "caption": read(1, unlimited)},
		shape{"page_size": whole(1, 100), "row_header_column_index": whole(0, 19)}, even))

	chart = func(c *checker, at string, v any) {
		byType(map[string]rule{"line": anything, "bar": anything, "area": anything, "pie": anything})(c, at, v)
	}
)

func orNull(r rule) rule {
	return func(c *checker, at string, v any) {
		if v != nil {
			r(c, at, v)
		}
	}
}

// sized refuses a table whose cells are too long together.
func sized(r rule) rule {
	return func(c *checker, at string, v any) {
		before := c.text
		r(c, at, v)
		if c.text-before > MaxTable {
			c.refuse(at+"/rows", fmt.Sprintf("must be less than %d characters", MaxTable+1))
		}
	}
}

// even refuses a data table with rows of different width, rich text in its head, or a row header beyond its columns.
func even(c *checker, at string, o map[string]any) {
	rows, _ := o["rows"].([]any)
	head, _ := rows[0].([]any)
	for i, r := range rows {
		if row, _ := r.([]any); len(row) != len(head) {
			c.refuse(at+"/rows/"+strconv.Itoa(i), "all rows must have the same number of values")
		}
	}
	for i, it := range head {
		if it.(map[string]any)["type"] == "rich_text" {
			c.refuse(at+"/rows/0/"+strconv.Itoa(i), "rich_text cannot be used for header cells")
		}
	}
	if n, ok := o["row_header_column_index"].(json.Number); ok {
		if i, err := n.Int64(); err == nil && i >= int64(len(head)) {
			c.refuse(at+"/row_header_column_index", "there is no such column")
		}
	}
}

// viewMay is what both kinds of view may have.
var viewMay = shape{"private_metadata": str(0, 3000), "callback_id": str(0, 255), "external_id": str(0, 255)}

func viewBlocks(c *checker, at string, v any) {
	if items, ok := v.([]any); ok {
		c.blocks(at, items)
		return
	}
	c.refuse(at, "must provide an array")
}

func modalView(c *checker, at string, o map[string]any) {
	object(shape{"type": anything, "title": plain(24), "blocks": viewBlocks}, with(viewMay, shape{
		"close": plain(24), "submit": plain(24), "clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean,
	}), func(c *checker, at string, o map[string]any) {
		if _, ok := o["submit"]; !ok && c.inputs > 0 {
			c.refuse(at, "missing required field: submit")
		}
	})(c, at, o)
}

func homeView(c *checker, at string, o map[string]any) {
	object(shape{"type": anything, "blocks": viewBlocks}, viewMay)(c, at, o)
}
