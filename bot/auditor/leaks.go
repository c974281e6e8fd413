package auditor

import (
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`(?i)\bhttps?://[^\s<>|)\]"”》]+`)

// channelLink is a link in the markup of a chat: <url|label> or [label](url).
var channelLink = regexp.MustCompile(`<(https?://[^\s|>]+)(?:\|[^>]*)?>|\[[^\]\n]*\]\((https?://[^\s)]+)\)`)

// leaks: G2 and G7 of the whole text.
func (a *audit) leaks() {
	text := a.Text
	if a.Channel {
		text = channelLink.ReplaceAllStringFunc(text, func(m string) string {
			at := channelLink.FindStringSubmatch(m)
			if a.ownLink(at[1] + at[2]) {
				return ""
			}
			return m
		})
	}
	text = link.ReplaceAllStringFunc(text, func(u string) string {
		if a.ownLink(u) {
			return ""
		}
		return u
	})
	for _, w := range unplain(text, a.quoted()) {
		a.bad("G7", "the text has %s", w)
	}
	for _, s := range append([]string{text}, a.spoken()...) {
		a.leaked(s)
	}
}

// quoted is all that clauses say, in which anything may stand.
func (a *audit) quoted() string {
	var b strings.Builder
	for _, c := range a.Citations {
		b.WriteString(a.Clauses[c.Clause.ID].Text + "\n")
	}
	for _, c := range a.library {
		b.WriteString(c.Heading + "\n" + c.Document.Title + "\n")
	}
	return b.String()
}

func (a *audit) spoken() []string {
	var out []string
	for _, s := range a.Sentences {
		out = append(out, s.Text)
	}
	for _, n := range a.Notices {
		out = append(out, n.Text)
	}
	return out
}

func (a *audit) leaked(s string) {
	for _, h := range a.Handles {
		if h != "" && strings.Contains(s, h) {
			a.bad("G2", "the citation token %q came out", h)
		}
	}
	for _, c := range a.Canary {
		if c != "" && strings.Contains(plain(strings.ToLower(s)), plain(strings.ToLower(c))) {
			a.bad("G7", "a secret of the prompt came out")
		}
	}
	for id, c := range a.Clauses {
		for _, id := range []string{id, c.Document.ID} {
			if len(id) >= 4 && strings.ContainsAny(id, "-.0123456789") && holds(strings.ToLower(s), strings.ToLower(id)) && !strings.Contains(a.quoted(), id) {
				a.bad("G2", "the id %q stands in the text", id)
				return
			}
		}
	}
}
