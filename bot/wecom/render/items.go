package render

import (
	"fmt"
	"regexp"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// A form is how an item is shown.
type form int

const (
	asText   form = iota
	asNotice      // a quote, marked
	asSource      // in the list of sources
	asSmall       // below the sources
)

// An item is a piece of a document that stays together.
type item struct {
	form   form
	kind   channel.NodeKind
	text   string // not guarded yet, with its quotation marks and the numbers of its sources
	heads  bool   // it stands above what follows
	goesOn bool   // it began in a part before
	lang   string
	source *source // of asSource
}

// A source is an entry of the list of sources.
type source struct {
	n          int
	name, rest string
	quote      string // "" when the words stand above
	url        string
}

// said are the items of what a document says.
func said(r *reading.Doc) []item {
	var out []item
	for _, n := range r.Before {
		out = append(out, itemOf(r, n))
	}
	return out
}

func itemOf(r *reading.Doc, n reading.Node) item {
	it := item{form: asText, kind: n.Kind, text: n.Text, heads: n.Heads(), lang: r.Lang}
	if n.Kind == channel.Notice {
		it.form = asNotice
	}
	if r.Verbatim(n) {
		it.text = say(r.Lang, "quote", it.text)
	}
	for _, c := range n.Cites {
		it.text += fmt.Sprintf("[%d]", c)
	}
	return it
}

// Bounds of an entry in the list of sources, in bytes.
const (
	maxName  = 600  // of the name, and of what follows it
	maxQuote = 2400 // of the quote
	minQuote = 240
)

// sources are the items of the list of sources. Long quotes are shortened to what leaves room for all.
func sources(r *reading.Doc, s Style) []item {
	var out []item
	room := max(minQuote, min(maxQuote, s.Bytes*2/5, s.Bytes*3/2/max(1, len(r.Numbers))))
	for _, n := range r.Numbers {
		c := r.Cites[n]
		name, rest := r.Named(c)
		src := &source{n: n, name: cut.Shorten(name, maxName), rest: cut.Shorten(rest, maxName)}
		if c.Quote != "" && !r.Whole && !r.Quoted(c) {
			src.quote = cut.Shorten(c.Quote, room)
		}
		if len(c.URL) <= s.Bytes/5 {
			src.url = c.URL
		}
		out = append(out, item{form: asSource, lang: r.Lang, source: src})
	}
	return out
}

// standing are the items below the sources: how to see a clause, and what the document says there.
func standing(r *reading.Doc, s Style) []item {
	var out []item
	if n, many := clauses(r); n > 0 && !s.OneWay && !r.Whole {
		name := "ask one"
		if many {
			name = "ask many"
		}
		out = append(out, item{form: asSmall, kind: channel.Line, lang: r.Lang, text: say(r.Lang, name, n)})
	}
	for _, n := range r.After {
		it := itemOf(r, n)
		if it.form == asText {
			it.form = asSmall
		}
		out = append(out, it)
	}
	return out
}

// clauses is the number of the first source that has a clause to show, 0 where none has, and whether others have one.
func clauses(r *reading.Doc) (first int, many bool) {
	for _, n := range r.Numbers {
		if r.Cites[n].Clause == "" || n < 1 {
			continue
		}
		if first > 0 {
			return first, true
		}
		first = n
	}
	return first, false
}

// markdown is an item as it is sent.
func (it *item) markdown(s Style, room int) string {
	switch it.form {
	case asNotice:
		if it.goesOn {
			return "> " + s.lines(it.text, "> ")
		}
		return "> **" + say(it.lang, "notice") + "**" + say(it.lang, "colon") + s.lines(it.text, "> ")
	case asSource:
		return it.source.markdown(s, it.lang, room)
	}
	return s.lines(it.text, "")
}

// markdown is an entry in at most room bytes, which leave space for its shortest form: a name of 2*maxShort bytes and an
// address.
func (e source) markdown(s Style, lang string, room int) string {
	const maxShort = 150
	text := e.write(s, lang)
	if len(text) <= room {
		return text
	}
	e.name, e.rest = cut.Shorten(e.name, maxName/2), cut.Shorten(e.rest, maxName/2)
	if e.quote != "" {
		e.quote = cut.Shorten(e.quote, minQuote)
	}
	if text = e.write(s, lang); len(text) <= room {
		return text
	}
	e.name, e.rest, e.quote = cut.Shorten(e.name, maxShort), cut.Shorten(e.rest, maxShort), ""
	return e.write(s, lang)
}

func (e source) write(s Style, lang string) string {
	text := s.lines(e.name+e.rest, "")
	if e.url != "" {
		text += s.br() + "[" + say(lang, "page", e.n) + "](" + e.url + ")"
	}
	if e.quote != "" {
		text += "\n> " + s.lines(say(lang, "quote", e.quote), "> ")
	}
	return text
}

// gap is what stands between two items of a part.
func (s Style) gap(a, b *item) string {
	switch {
	case a.form != b.form, b.heads, (a.kind == channel.Sentence) != (b.kind == channel.Sentence):
		return "\n\n"
	case a.form == asText && !a.heads && (counted.MatchString(b.text) || listed(a) && !listed(b)):
		return "\n\n"
	case b.form == asSource && (s.Rich || a.source.quote != ""), s.Rich && b.kind == channel.Sentence:
		return "\n\n"
	}
	return s.br()
}

// counted is how the first line of what is told one by one begins.
var counted = regexp.MustCompile(`^\d{1,3}\. `)

// listed reports whether an item is a line of a list.
func listed(it *item) bool { return strings.HasPrefix(it.text, "- ") }

// title is what stands above the sources of a part.
func title(lang string, again bool) string {
	name := "sources"
	if again {
		name = "sources more"
	}
	return "**" + say(lang, name) + "**"
}
