package blockkit

// Rich text (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block) and the elements in it.

var richStyle = object(nil, shape{
	"bold": boolean, "italic": boolean, "strike": boolean, "underline": boolean, "code": boolean,
	"highlight": boolean, "client_highlight": boolean, "unlink": boolean,
})

// leaf is an element of rich text that has no others in it.
func leaf(kind string, must, may shape) rule {
	return object(with(shape{"type": oneOf(kind)}, must), with(shape{"style": richStyle}, may))
}

// Details of a citation by their citation_type (https://docs.slack.dev/reference/block-kit/block-elements/citation-element).
var sources = map[string]rule{
	"file":     object(shape{"citation_type": anything, "file_id": str(1, 255)}, shape{"descriptor": str(0, unlimited)}),
	"external": object(shape{"citation_type": anything, "app_name": str(1, unlimited), "app_icon_url": address(3000)}, nil),
	"web":      object(shape{"citation_type": anything, "display_name": str(1, unlimited)}, shape{"title": str(0, unlimited), "snippet": str(0, unlimited)}),
	"message":  object(shape{"citation_type": anything, "channel": str(1, 255), "message_ts": str(1, 255)}, nil),
	"memory":   object(shape{"citation_type": anything, "memory_id": str(1, 255)}, nil),
}

func details(c *checker, at string, v any) {
	o, ok := v.(map[string]any)
	if !ok {
		c.refuse(at, "must provide an object")
		return
	}
	kind, _ := o["citation_type"].(string)
	r := sources[kind]
	if r == nil {
		c.refuse(at+"/citation_type", "must be one of: file, external, web, message, memory")
		return
	}
	r(c, at, v)
}

// leaves are the elements of sections and quotes. Those that need a rule but have none here are made by
// Slack's own client and never by an app of ours.
func leaves() map[string]rule {
	m := map[string]rule{
		"text":      leaf("text", shape{"text": read(1, unlimited)}, nil),
		"link":      leaf("link", shape{"url": address(3000)}, shape{"text": read(1, unlimited), "unsafe": boolean}),
		"user":      leaf("user", shape{"user_id": pattern(`^[UW][A-Z0-9]+$`, "a user id")}, nil),
		"usergroup": leaf("usergroup", shape{"usergroup_id": pattern(`^S[A-Z0-9]+$`, "a usergroup id")}, nil),
		"channel":   leaf("channel", shape{"channel_id": pattern(`^[CGD][A-Z0-9]+$`, "a channel id")}, nil),
		"team":      leaf("team", shape{"team_id": pattern(`^[TE][A-Z0-9]+$`, "a team id")}, nil),
		"broadcast": leaf("broadcast", shape{"range": oneOf("here", "channel", "everyone")}, nil),
		"emoji":     leaf("emoji", shape{"name": str(1, 255)}, shape{"unicode": str(1, 255), "skin_tone": whole(1, 6), "url": address(3000)}),
		"color":     leaf("color", shape{"value": pattern(`^#?[0-9a-fA-F]{6}$`, "a hex colour")}, nil),
		"date":      leaf("date", shape{"timestamp": whole(0, 1<<53), "format": str(1, unlimited)}, shape{"url": address(3000), "fallback": read(1, unlimited)}),
		"citation": leaf("citation", shape{"url": address(3000), "text": read(1, unlimited), "index": number, "details": details},
			shape{"from_llm": boolean, "is_slack_url": boolean}),
	}
	for _, unchecked := range []string{
		"attachment_mention", "canvas", "canvas_message_unfurl", "canvas_user_mention", "file", "list_record",
		"message_mention", "salesforce_data_field", "tag", "work_object_mention", "workflow_mention",
	} {
		m[unchecked] = anything
	}
	return m
}

var richText = func() rule {
	inline := byType(leaves())
	border := shape{"border": whole(0, 1)}
	few := byType(map[string]rule{"text": leaves()["text"], "link": leaves()["link"]})
	section := object(shape{"type": oneOf("rich_text_section"), "elements": list(0, unlimited, inline)}, nil)
	return object(shape{"type": oneOf("rich_text"), "elements": list(0, unlimited, byType(map[string]rule{
		"rich_text_section":      section,
		"rich_text_quote":        object(shape{"type": anything, "elements": list(0, unlimited, inline)}, border),
		"rich_text_preformatted": object(shape{"type": anything, "elements": list(0, unlimited, few)}, with(border, shape{"language": str(1, 255)})),
		"rich_text_list": object(shape{
			"type": anything, "style": oneOf("bullet", "ordered"), "elements": list(1, unlimited, byType(map[string]rule{"rich_text_section": section})),
		}, with(border, shape{"indent": whole(0, 8), "offset": whole(0, unlimited)})),
	}))}, shape{"block_id": id})
}()
