package slack

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// reference finds what Slack puts between < and > (https://docs.slack.dev/messaging/formatting-message-text/#retrieving-messages):
// people, channels, groups, special mentions and links. What people type themselves has &lt; in its place.
var reference = regexp.MustCompile(`<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>`)

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// spoken is the text of a message as the person typed it, without the mention of the bot.
func spoken(markup, bot string) string {
	found := false
	out := reference.ReplaceAllStringFunc(markup, func(m string) string {
		part := reference.FindStringSubmatch(m)
		kind, what, label := part[1], part[2], part[3]
		switch {
		case kind == "@" && what == bot:
			found = true
			return "\x00"
		case kind == "@":
			return "@" + first(label, what)
		case kind == "#":
			return "#" + first(label, what)
		case kind == "!":
			what, _, _ = strings.Cut(what, "^")
			return first(label, "@"+what)
		}
		return first(label, strings.TrimPrefix(what, "mailto:"))
	})
	if found { // with the blanks that a client puts around it
		out = mention.ReplaceAllString(out, " ")
		out = strings.Trim(out, " ")
	}
	return entities.Replace(out)
}

var mention = regexp.MustCompile(` ?\x00[ \x{a0}]?`)

// mentions reports whether markup names the bot.
func mentions(markup, bot string) bool {
	return bot != "" && (strings.Contains(markup, "<@"+bot+">") || strings.Contains(markup, "<@"+bot+"|"))
}

// addresses reports whether markup begins by naming somebody else than the bot.
func addresses(markup, bot string) bool {
	return strings.HasPrefix(strings.TrimSpace(markup), "<@") && !strings.HasPrefix(strings.TrimSpace(markup), "<@"+bot)
}

// shorten cuts an escaped text to at most n characters, not within an escape.
func shorten(escaped string, n int) string {
	if utf8.RuneCountInString(escaped) <= n {
		return escaped
	}
	short := string([]rune(escaped)[:n-1])
	if i := strings.LastIndexByte(short, '&'); i >= 0 && !strings.Contains(short[i:], ";") {
		short = short[:i]
	}
	return short + "…"
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
