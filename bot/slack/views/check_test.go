package views

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// An object is a part of a view as it goes to the platform.
type object = map[string]any

// encode is a view as it goes to the platform.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A checker collects what the platform would refuse, and what must never stand in a view of ours.
type checker struct {
	problems []string
	actions  map[string]bool
	blockIDs map[string]bool
	inputs   int
}

func (c *checker) bad(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// checkView gives what is wrong with a view: the limits of the platform, written down here once more.
func checkView(v any) []string {
	data := encode(v)
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		return []string{err.Error()}
	}
	c := &checker{actions: map[string]bool{}, blockIDs: map[string]bool{}}
	if compact, err := json.Marshal(v); err != nil || len(compact) > 250_000 || !utf8.Valid(data) {
		c.bad("%d bytes, %v", len(compact), err)
	}
	c.most("private_metadata", o["private_metadata"], 3000)
	c.blocks(o["blocks"], 100)
	if o["type"] == "modal" {
		c.text("title", o["title"], 24)
		c.text("close", o["close"], 24)
		if o["submit"] != nil {
			c.text("submit", o["submit"], 24)
		}
		if (o["submit"] != nil) != (c.inputs > 0) {
			c.bad("%d inputs and submit %v", c.inputs, o["submit"])
		}
	}
	return c.problems
}

// checkMessage does so for a message.
func checkMessage(text string, blocks []slack.Block) []string {
	c := &checker{actions: map[string]bool{}, blockIDs: map[string]bool{}}
	var all any
	data := encode(blocks)
	if err := json.Unmarshal(data, &all); err != nil {
		return []string{err.Error()}
	}
	c.blocks(all, 50)
	if n := utf8.RuneCountInString(text); n == 0 || n > 4000 || len(data) > 40_000 {
		c.bad("a text of %d characters, blocks of %d bytes", n, len(data))
	}
	if c.inputs > 0 {
		c.bad("inputs in a message")
	}
	for _, mark := range []string{"<", ">", "<!", "<@"} {
		if strings.Contains(text, mark) {
			c.bad("%q in the text of a message", mark)
		}
	}
	return c.problems
}

// most checks a string; UTF-16 is the longest of the ways to count that Slack may use.
func (c *checker) most(what string, v any, n int) {
	s, _ := v.(string)
	if length := longest(s); length > n {
		c.bad("%s: %d characters of %d", what, length, n)
	}
}

func longest(s string) int {
	n := 0
	for _, r := range strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

func (c *checker) text(what string, v any, n int) {
	o, _ := v.(object)
	s, _ := o["text"].(string)
	if o["type"] != "plain_text" || o["emoji"] != false || strings.TrimSpace(s) == "" {
		c.bad("%s: %v", what, v)
	}
	c.most(what, s, n)
	c.seen(what, s)
}

// seen checks what people see.
func (c *checker) seen(what, s string) {
	if strings.ContainsAny(s, "\u202e\u2066\u0000\u001b\r") {
		c.bad("%s: %q", what, s)
	}
}

func (c *checker) blocks(v any, most int) {
	all, _ := v.([]any)
	if len(all) == 0 || len(all) > most {
		c.bad("%d blocks", len(all))
	}
	for _, one := range all {
		c.block(one.(object))
	}
}

func (c *checker) block(b object) {
	if id, _ := b["block_id"].(string); id != "" {
		if c.blockIDs[id] || longest(id) > 255 {
			c.bad("block id %q", id)
		}
		c.blockIDs[id] = true
	}
	switch b["type"] {
	case "header":
		c.text("header", b["text"], 150)
	case "section":
		c.text("section", b["text"], 3000)
		if b["accessory"] != nil {
			c.element(b["accessory"].(object))
		}
	case "context":
		for _, e := range c.some(b, 10) {
			c.text("context", e, 2000)
		}
	case "actions":
		for _, e := range c.some(b, 25) {
			c.element(e.(object))
		}
	case "input":
		c.inputs++
		c.text("label", b["label"], 2000)
		if b["hint"] != nil {
			c.text("hint", b["hint"], 2000)
		}
		c.element(b["element"].(object))
	case "rich_text":
		before := len(c.problems)
		if n := c.rich(b["elements"]); n == 0 || n > 3000 {
			c.bad("rich text of %d characters", n)
		}
		if len(c.problems) > before {
			c.bad("%s", encode(b))
		}
	case "divider":
	default:
		c.bad("block of type %v", b["type"])
	}
}

func (c *checker) some(b object, most int) []any {
	all, _ := b["elements"].([]any)
	if len(all) == 0 || len(all) > most {
		c.bad("%v with %d elements", b["type"], len(all))
	}
	return all
}

func (c *checker) element(e object) {
	id, _ := e["action_id"].(string)
	if id == "" || longest(id) > 255 || e["type"] == "button" && c.actions[id] && id != act.HomeAsk {
		c.bad("action id %q", id)
	}
	c.actions[id] = true
	if e["placeholder"] != nil {
		c.text("placeholder", e["placeholder"], 150)
	}
	switch e["type"] {
	case "button":
		c.text("button", e["text"], 75)
		c.most("value", e["value"], 2000)
		c.url(e["url"])
		if strings.HasPrefix(id, act.Link) != (e["url"] != nil) {
			c.bad("button %q leads to %v", id, e["url"])
		}
		if confirm, ok := e["confirm"].(object); ok {
			c.text("confirm title", confirm["title"], 100)
			c.text("confirm text", confirm["text"], 300)
			c.text("confirm", confirm["confirm"], 30)
			c.text("deny", confirm["deny"], 30)
		}
	case "static_select":
		c.options(e["options"], 100)
	case "radio_buttons":
		c.options(e["options"], 10)
	case "plain_text_input":
		most, _ := e["max_length"].(float64)
		initial, _ := e["initial_value"].(string)
		if most < 1 || most > 3000 || len(slices.Collect(strings.SplitSeq(initial, ""))) > int(most) {
			c.bad("input of %d characters of %v", len(initial), most)
		}
		c.seen("input", initial)
	case "datepicker":
	default:
		c.bad("element of type %v", e["type"])
	}
}

func (c *checker) options(v any, most int) {
	all, _ := v.([]any)
	if len(all) == 0 || len(all) > most {
		c.bad("%d options", len(all))
	}
	values := map[any]bool{"": true}
	for _, one := range all {
		o := one.(object)
		c.text("option", o["text"], 75)
		if values[o["value"]] {
			c.bad("an option without a value of its own: %q", o["value"])
		}
		values[o["value"]] = true
		c.most("value", o["value"], 75)
	}
}

func (c *checker) url(v any) {
	s, ok := v.(string)
	if !ok {
		return
	}
	if !strings.HasPrefix(s, good) || strings.ContainsAny(s, " <>|\n") {
		c.bad("an address that is not ours: %q", s)
	}
	c.most("url", s, 3000)
}

// good begins every address that tests give and that may be linked.
const good = "https://policy.example.org/"

// rich walks through rich text and counts its characters.
func (c *checker) rich(v any) int {
	n := 0
	all, _ := v.([]any)
	if len(all) == 0 {
		c.bad("rich text without elements")
	}
	for _, one := range all {
		o := one.(object)
		switch o["type"] {
		case "rich_text_section", "rich_text_list":
			n += c.rich(o["elements"])
		case "text", "link":
			s, _ := o["text"].(string)
			if s == "" {
				c.bad("an empty text")
			}
			c.url(o["url"])
			c.seen("rich text", s)
			n += longest(s)
		default:
			c.bad("rich text of type %v", o["type"])
		}
	}
	return n
}

// words are all texts of a view that people see, one after another.
func words(v any) string {
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case object:
			for _, key := range []string{"title", "text", "label", "hint", "placeholder", "element", "elements", "accessory", "options", "blocks", "initial_value", "submit", "close", "confirm", "deny"} {
				if s, ok := v[key].(string); ok {
					b.WriteString(s + "\n")
				} else {
					walk(v[key])
				}
			}
		}
	}
	var o any
	if err := json.Unmarshal(encode(v), &o); err != nil {
		panic(err)
	}
	walk(o)
	return b.String()
}

// TestCheckBites breaks a view in each way that the checks above look for.
func TestCheckBites(t *testing.T) {
	section := func(s string) slack.Block {
		return slack.NewSectionBlock(slack.NewTextBlockObject("plain_text", s, false, false), nil, nil)
	}
	for name, blocks := range map[string][]slack.Block{
		"no blocks":            {},
		"101 blocks":           slices.Repeat([]slack.Block{slack.NewDividerBlock()}, 101),
		"an empty text":        {section(" ")},
		"3,001 characters":     {section(strings.Repeat("x", 3001))},
		"entities":             {section(strings.Repeat("<", 751))},
		"markup":               {slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*x*", false, false), nil, nil)},
		"text turned around":   {section("a\u202eb")},
		"a long header":        {slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", strings.Repeat("x", 151), false, false))},
		"an address of others": row(button(act.Link+"1", "", "x").WithURL("https://evil.example/")),
		"a link of others":     {paragraph(runs{}.link("https://evil.example/", "x"))},
		"a button without one": row(button(act.Link+"1", "", "x")),
		"two of one id":        row(button("a", "", "x"), button("a", "", "y")),
		"a long value":         row(button("a", strings.Repeat("x", 2001), "x")),
		"an empty rich text":   {slack.NewRichTextBlock("")},
		"a long rich text":     {paragraph(runs{}.text(strings.Repeat("x", 3001)))},
		"an input":             {slack.NewInputBlock("a", plain("x", 9), nil, written("a", "", 10, false))},
		"a block of its own":   {slack.NewMarkdownBlock("", "x")},
	} {
		v := modal("", "x", "", "x", blocks)
		if problems := checkView(v); len(problems) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
	v := modal("", "x", "x", "x", []slack.Block{section("x")})
	if problems := checkView(v); len(problems) != 1 {
		t.Errorf("a submit without input: %q", problems)
	}
	v.Submit = nil
	wantNone(t, checkView(v))
	v.PrivateMetadata = strings.Repeat("x", 3001)
	if problems := checkView(v); len(problems) != 1 {
		t.Errorf("long metadata: %q", problems)
	}
	if problems := checkMessage("<!channel>", []slack.Block{section("x")}); len(problems) == 0 {
		t.Error("markup in the text of a message is not found")
	}
}
