package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
)

// rich adds the lines of a rich text.
func (r *reader) rich(o map[string]any) { r.line(r.apart(o)) }

// apart gives the text of a rich text without adding it to the lines.
func (r *reader) apart(o map[string]any) string {
	var parts []string
	for _, e := range arr(o["elements"]) {
		switch e := obj(e); get(e, "type") {
		case "rich_text_list":
			parts = append(parts, r.items(e))
		case "rich_text_quote":
			parts = append(parts, "> "+strings.ReplaceAll(r.inline(e), "\n", "\n> "))
		default:
			parts = append(parts, r.inline(e))
		}
	}
	return strings.TrimSuffix(strings.Join(parts, "\n"), "\n")
}

func (r *reader) items(e map[string]any) string {
	indent := strings.Repeat("    ", min(max(count(e["indent"]), 0), 8))
	var lines []string
	for i, item := range arr(e["elements"]) {
		mark := "• "
		if get(e, "style") == "ordered" {
			mark = fmt.Sprintf("%d. ", count(e["offset"])+i+1)
		}
		lines = append(lines, indent+mark+r.inline(obj(item)))
	}
	return strings.Join(lines, "\n")
}

func count(v any) int {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// inline reads the elements of one section, quote or preformatted text. Text in rich text is never parsed again:
// no markup, no mentions, no bare addresses.
func (r *reader) inline(e map[string]any) string {
	var b strings.Builder
	for _, l := range arr(e["elements"]) {
		b.WriteString(r.leaf(obj(l)))
	}
	return b.String()
}

func (r *reader) leaf(o map[string]any) string {
	named := func(kind, sign, field string) string {
		r.mention(kind, get(o, field))
		return sign + get(o, field)
	}
	switch get(o, "type") {
	case "text":
		return get(o, "text")
	case "link":
		words := or(get(o, "text"), get(o, "url"))
		r.link(get(o, "url"), words)
		return words
	case "citation":
		return r.citation(o)
	case "user", "canvas_user_mention":
		return named("user", "@", "user_id")
	case "usergroup":
		return named("usergroup", "@", "usergroup_id")
	case "channel":
		return named("channel", "#", "channel_id")
	case "team":
		return named("team", "@", "team_id")
	case "broadcast":
		return named("special", "@", "range")
	case "emoji":
		return ":" + get(o, "name") + ":"
	case "color":
		return get(o, "value")
	case "date":
		words := or(get(o, "fallback"), get(o, "format"))
		r.link(get(o, "url"), words)
		return words
	}
	r.link(get(o, "url"), get(o, "text"))
	return get(o, "text")
}

func (r *reader) citation(o map[string]any) string {
	d := obj(o["details"])
	index := 0
	if n, ok := o["index"].(json.Number); ok {
		f, _ := n.Float64()
		index = int(f)
	}
	r.shown.Citations = append(r.shown.Citations, Citation{
		Index: index, URL: get(o, "url"), Text: get(o, "text"), Kind: get(d, "citation_type"),
		Source: or(get(d, "display_name"), get(d, "app_name")), Title: get(d, "title"), Snippet: get(d, "snippet"),
	})
	return get(o, "text")
}
