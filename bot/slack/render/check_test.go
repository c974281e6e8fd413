package render_test

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"policybot/bot/slack/render"
)

// A tester is *testing.T or *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// seen is what people see of blocks: everything that is text in them, with their limits checked on the way.
type seen struct {
	t       tester
	ids     map[string]bool
	actions map[string]bool
	total   int
	all     strings.Builder
	links   []string
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// limit checks the length of one field, from the tables at https://docs.slack.dev/reference/block-kit.
func (s *seen) limit(what, text string, least, most int) {
	s.t.Helper()
	s.total += units(text)
	if n := units(text); n < least || n > most {
		s.t.Fatalf("%s has %d characters, want %d to %d: %.80q", what, n, least, most, text)
	}
	if !utf8.ValidString(text) {
		s.t.Fatalf("%s is not valid UTF-8: %.80q", what, text)
	}
}

// look checks blocks by their JSON, as Slack gets them, and reads them.
func look(t tester, blocks []slack.Block) *seen {
	t.Helper()
	s := &seen{t: t, ids: map[string]bool{}, actions: map[string]bool{}}
	raw, err := json.Marshal(slack.Blocks{BlockSet: blocks})
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 || len(list) > render.MaxBlocks {
		t.Fatalf("%d blocks", len(list))
	}
	for _, b := range list {
		id, _ := b["block_id"].(string)
		s.limit("block id", id, 1, 255)
		if s.ids[id] {
			t.Fatalf("two blocks have the id %q", id)
		}
		s.ids[id] = true
		s.block(b)
	}
	if s.total > render.MaxChars {
		t.Fatalf("%d characters in %d blocks", s.total, len(list))
	}
	return s
}

func (s *seen) block(b map[string]any) {
	s.t.Helper()
	elements, _ := b["elements"].([]any)
	if len(elements) == 0 {
		s.t.Fatalf("a block without elements: %v", b)
	}
	most := map[string]int{"rich_text": 1 + 2*5, "context": 10, "actions": 25, "context_actions": 5}[b["type"].(string)]
	if len(elements) > most {
		s.t.Fatalf("%d elements in a block of type %v", len(elements), b["type"])
	}
	for _, e := range elements {
		switch e := e.(map[string]any); e["type"] {
		case "rich_text_section", "rich_text_quote":
			for _, part := range e["elements"].([]any) {
				s.rich(part.(map[string]any))
			}
			s.all.WriteString("\n")
		case "plain_text":
			s.limit("context line", e["text"].(string), 1, 3000)
			s.all.WriteString(html.UnescapeString(e["text"].(string)) + "\n")
		case "button":
			s.action(e)
			s.press(e)
		case "feedback_buttons":
			s.action(e)
			s.press(e["positive_button"].(map[string]any))
			s.press(e["negative_button"].(map[string]any))
		default:
			s.t.Fatalf("an element that we do not make: %v", e)
		}
	}
}

func (s *seen) action(e map[string]any) {
	s.t.Helper()
	id := e["action_id"].(string)
	s.limit("action id", id, 1, 255)
	if s.actions[id] {
		s.t.Fatalf("two elements have the action id %q", id)
	}
	s.actions[id] = true
}

func (s *seen) press(b map[string]any) {
	s.t.Helper()
	text := b["text"].(map[string]any)
	if text["type"] != "plain_text" {
		s.t.Fatalf("the text of a button is %v", text)
	}
	s.limit("button", text["text"].(string), 1, 75)
	s.limit("value", b["value"].(string), 1, 2000)
	if label, ok := b["accessibility_label"].(string); ok {
		s.limit("label for screen readers", label, 1, 75)
	}
}

func (s *seen) rich(e map[string]any) {
	s.t.Helper()
	text, _ := e["text"].(string)
	s.limit("text", text, 1, 3000)
	switch e["type"] {
	case "text":
	case "link", "citation":
		s.limit("address", e["url"].(string), 1, 3000)
		s.links = append(s.links, e["url"].(string))
		if d, ok := e["details"].(map[string]any); ok {
			s.limit("name of a citation", d["display_name"].(string), 1, 150)
			if snippet, ok := d["snippet"].(string); ok {
				s.limit("snippet", snippet, 1, 300)
			}
		}
	default:
		s.t.Fatalf("a rich text element that we do not make: %v", e)
	}
	s.all.WriteString(text)
}

// text is what is seen, in order.
func (s *seen) text() string { return s.all.String() }

// readable writes messages for a golden file.
func readable(messages []render.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "=== message %d of %d\n", m.Part, m.Parts)
		writeBlocks(&b, m.Blocks)
		b.WriteString("--- text\n" + m.Text + "\n")
	}
	return b.String()
}

func writeBlocks(b *strings.Builder, blocks []slack.Block) {
	for _, block := range blocks {
		switch block := block.(type) {
		case *slack.RichTextBlock:
			for _, e := range block.Elements {
				before := ""
				var parts []slack.RichTextSectionElement
				switch e := e.(type) {
				case *slack.RichTextSection:
					parts = e.Elements
				case *slack.RichTextQuote:
					parts, before = e.Elements, "| "
				}
				b.WriteString(before + strings.ReplaceAll(richLine(parts), "\n", "\n"+before) + "\n")
			}
		case *slack.ContextBlock:
			b.WriteString("(" + block.ContextElements.Elements[0].(*slack.TextBlockObject).Text + ")\n")
		case *slack.ActionBlock:
			for _, e := range block.Elements.ElementSet {
				button := e.(*slack.ButtonBlockElement)
				fmt.Fprintf(b, "<%s: %s=%s> ", button.Text.Text, button.ActionID, button.Value)
			}
			b.WriteString("\n")
		case *slack.ContextActionsBlock:
			f := block.Elements.ElementSet[0].(*slack.FeedbackButtonsBlockElement)
			fmt.Fprintf(b, "<+ %s=%s | - %s=%s: %s>\n", f.PositiveButton.Text.Text, f.PositiveButton.Value, f.NegativeButton.Text.Text, f.NegativeButton.Value, f.ActionID)
		}
		b.WriteString("\n")
	}
}

func richLine(parts []slack.RichTextSectionElement) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *slack.RichTextSectionTextElement:
			b.WriteString(p.Text)
		case *slack.RichTextSectionCitationElement:
			fmt.Fprintf(&b, "{%s %g → %s}", p.Text, p.Index, p.URL)
		case *slack.RichTextSectionLinkElement:
			fmt.Fprintf(&b, "{%s → %s}", p.Text, p.URL)
		}
	}
	return b.String()
}
