package render

import (
	"net/url"
	"regexp"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// A reader is a document that is shown.
type reader struct {
	*reading.Doc
	d channel.Doc
}

func newReader(d channel.Doc) *reader { return &reader{reading.Read(d), d} }

// clause is what the button of a citation gives: the clause's id, with the place of the quote if the
// address names it; "" when there is no clause.
func clause(c reading.Cite) string {
	const most = 2000
	id := cut.Clean(c.Clause)
	if id != c.Clause || id == "" || chars(id) > most-60 {
		return ""
	}
	if u, err := url.Parse(c.URL); err == nil {
		if quote := u.Query().Get("quote"); span.MatchString(quote) {
			id += "?quote=" + quote
		}
	}
	return id
}

var span = regexp.MustCompile(`^\d{1,9}-\d{1,9}$`)

// chars counts characters as Slack does: UTF-16 units.
func chars(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
