package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Read tells what a person sees of blocks. It takes anything: what [Check] refuses is read as far as it can be
// understood, what is not JSON gives nothing.
func Read(blocks json.RawMessage) Shown {
	v, err := decode(blocks)
	if err != nil {
		return Shown{}
	}
	r := &reader{}
	r.list(v)
	return r.end()
}

// ReadView tells what a person sees of a modal or home tab: the title of a modal is the first line, its buttons to
// submit and close are among the buttons, with the kinds submit and close.
func ReadView(view json.RawMessage) Shown {
	v, err := decode(view)
	if err != nil {
		return Shown{}
	}
	r, o := &reader{}, obj(v)
	r.line(r.words(o["title"]))
	r.list(o["blocks"])
	for _, kind := range []string{"submit", "close"} {
		if t := r.words(o[kind]); t != "" {
			r.shown.Buttons = append(r.shown.Buttons, Button{Kind: kind, Text: t})
		}
	}
	return r.end()
}

// A reader gathers what is shown.
type reader struct {
	shown Shown
	lines []string
	block string // id of the block in hand
}

func (r *reader) end() Shown {
	r.shown.Text = strings.Join(r.lines, "\n")
	return r.shown
}

// line adds a text of one line or more, unless it is empty.
func (r *reader) line(s string) {
	if s != "" {
		r.lines = append(r.lines, strings.Split(s, "\n")...)
	}
}

func (r *reader) list(v any) {
	for _, b := range arr(v) {
		r.one(obj(b))
	}
}

// one reads a block.
func (r *reader) one(o map[string]any) {
	if o == nil {
		return
	}
	r.block = get(o, "block_id")
	switch get(o, "type") {
	case "section":
		r.line(r.words(o["text"]))
		for _, f := range arr(o["fields"]) {
			r.line(r.words(f))
		}
		r.control(obj(o["accessory"]))
	case "header", "alert":
		r.line(r.words(o["text"]))
	case "markdown":
		r.line(r.markdown(get(o, "text")))
	case "rich_text":
		r.rich(o)
	case "context":
		r.context(o)
	case "actions", "context_actions":
		for _, e := range arr(o["elements"]) {
			r.control(obj(e))
		}
	case "image":
		r.line(r.words(o["title"]))
		r.control(o)
	case "input":
		r.input(o)
	default:
		r.rare(o)
	}
}

// rare reads the blocks of lists, tables and tasks.
func (r *reader) rare(o map[string]any) {
	switch get(o, "type") {
	case "card":
		r.control(obj(o["hero_image"]))
		r.control(obj(o["icon"]))
		for _, part := range []string{"title", "subtitle", "body"} {
			r.line(r.words(o[part]))
		}
		for _, b := range arr(o["actions"]) {
			r.control(obj(b))
		}
	case "carousel":
		r.list(o["elements"])
	case "container":
		r.container(o)
	case "table", "data_table":
		r.line(get(o, "caption"))
		for _, row := range arr(o["rows"]) {
			r.row(arr(row))
		}
	case "task_card":
		r.task(o)
	case "plan":
		r.line(or(get(o, "title"), r.words(o["title"])))
		for _, t := range arr(o["tasks"]) {
			r.task(obj(t))
		}
	case "video":
		r.line(r.words(o["title"]))
		r.line(r.words(o["description"]))
		r.link(get(o, "video_url"), r.words(o["title"]))
		r.link(get(o, "title_url"), r.words(o["title"]))
	case "data_visualization":
		r.line(get(o, "title"))
	}
}

func (r *reader) container(o map[string]any) {
	if t := obj(o["rich_text_title"]); t != nil {
		r.rich(t)
	} else {
		r.line(r.words(o["title"]))
	}
	r.line(r.words(o["subtitle"]))
	r.control(obj(o["icon"]))
	r.list(o["child_blocks"])
}

func (r *reader) context(o map[string]any) {
	var parts []string
	for _, e := range arr(o["elements"]) {
		if e := obj(e); get(e, "type") == "image" {
			r.control(e)
		} else if t := r.words(e); t != "" {
			parts = append(parts, t)
		}
	}
	t := strings.Join(parts, "  ")
	r.shown.Context = append(r.shown.Context, t)
	r.line(t)
}

func (r *reader) row(cells []any) {
	var parts []string
	for _, c := range cells {
		parts = append(parts, r.cell(obj(c)))
	}
	r.line(strings.Join(parts, " | "))
}

func (r *reader) cell(o map[string]any) string {
	if get(o, "type") == "rich_text" {
		return strings.ReplaceAll(r.apart(o), "\n", " ")
	}
	if t := get(o, "text"); t != "" || o["value"] == nil {
		return t
	}
	return fmt.Sprint(o["value"])
}

func (r *reader) task(o map[string]any) {
	t := Task{ID: get(o, "task_id"), Title: get(o, "title"), Status: get(o, "status")}
	r.line(t.Title)
	t.Details, t.Output = r.apart(obj(o["details"])), r.apart(obj(o["output"]))
	r.line(t.Details)
	r.line(t.Output)
	for _, s := range arr(o["sources"]) {
		s := obj(s)
		l := Link{get(s, "url"), or(get(s, "text"), get(s, "url"))}
		t.Sources = append(t.Sources, l)
		r.link(l.URL, l.Text)
		r.line(l.Text)
	}
	r.shown.Tasks = append(r.shown.Tasks, t)
}

// words reads a text object.
func (r *reader) words(v any) string {
	o := obj(v)
	switch get(o, "type") {
	case "mrkdwn":
		verbatim, _ := o["verbatim"].(bool)
		return r.mrkdwn(get(o, "text"), !verbatim)
	case "plain_text":
		return unescape(get(o, "text"))
	}
	return ""
}

func (r *reader) link(to, words string) {
	if to != "" {
		r.shown.Links = append(r.shown.Links, Link{to, or(words, to)})
	}
}

func (r *reader) mention(kind, id string) {
	r.shown.Mentions = append(r.shown.Mentions, Mention{kind, id})
}

// unescape turns back the three entities that Slack knows (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// obj, arr and get read what may be anything.
func obj(v any) map[string]any { o, _ := v.(map[string]any); return o }

func arr(v any) []any { a, _ := v.([]any); return a }

func get(o map[string]any, name string) string { s, _ := o[name].(string); return s }

func or(s, instead string) string {
	if s != "" {
		return s
	}
	return instead
}
