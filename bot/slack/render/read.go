package render

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/prompts"
)

// A reader takes a document apart. How its text lists sources is known from the text form alone: a line
// such as 依据： and under it lines that begin with [n], each perhaps followed by lines with the words
// that n quotes. These say what the citations say, with more about the document.
type reader struct {
	d       channel.Doc
	lang    string
	before  []node         // what the document says
	after   []node         // what stands below its sources
	listed  map[int]string // by number of citation: its line in the list, without [n]
	cites   map[int]cited
	numbers []int // of citations, in their order
}

// A node is a part of a document, cleaned.
type node struct {
	kind  channel.NodeKind
	text  string
	cites []int
}

// A cited is a citation, cleaned.
type cited struct {
	channel.Citation
	index int // from 1, unique in the document
}

func newReader(d channel.Doc) *reader {
	r := &reader{d: d, lang: language(d), listed: map[int]string{}, cites: map[int]cited{}}
	for i, c := range d.Citations {
		if _, twice := r.cites[c.N]; twice {
			continue
		}
		c.Title, c.Number, c.Path = line(c.Title), line(c.Number), line(c.Path)
		c.Quote, c.URL = tidy(c.Quote), link(c.URL)
		r.cites[c.N] = cited{c, i + 1}
		r.numbers = append(r.numbers, c.N)
	}
	nodes := d.Nodes
	if len(nodes) == 0 {
		nodes = []channel.Node{{Kind: channel.Line, Text: d.Text}}
	}
	var clean []node
	for _, n := range nodes {
		one := node{n.Kind, tidy(n.Text), r.known(n.Cites)}
		if one.text != "" && !r.onButton(one) {
			clean = append(clean, one)
		}
	}
	r.divide(clean)
	return r
}

// known are the numbers of citations that a document has, each once.
func (r *reader) known(numbers []int) []int {
	var out []int
	for _, n := range numbers {
		if _, ok := r.cites[n]; ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// divide finds the list of sources among nodes.
func (r *reader) divide(nodes []node) {
	r.before = nodes
	for i := 1; i < len(nodes); i++ {
		if n, _ := r.source(nodes[i]); n == 0 || !heading(nodes[i-1]) {
			continue
		}
		r.before = nodes[:i-1]
		for last := 0; i < len(nodes); i++ {
			n, rest := r.source(nodes[i])
			switch {
			case n > 0 && r.listed[n] == "":
				last, r.listed[n] = n, rest
			case last == 0 || !repeats(nodes[i], r.cites[last].Quote):
				r.after = nodes[i:]
				return
			}
		}
		return
	}
	for end := len(nodes); end > 1 && r.below(nodes[end-1]); end-- {
		r.before, r.after = nodes[:end-1], nodes[end-1:]
	}
}

// below reports whether a node stands below an answer that has no sources: in brackets, how it came about.
func (r *reader) below(n node) bool {
	if n.kind != channel.Line {
		return false
	}
	return strings.HasPrefix(n.text, "〔") && strings.HasSuffix(n.text, "〕") || strings.HasPrefix(n.text, "[") && strings.HasSuffix(n.text, "]")
}

// onButton reports whether a line tells the words that ask for a person, where there is a button for it.
func (r *reader) onButton(n node) bool {
	return n.kind == channel.Line && n.text == prompts.Render(r.lang, "ask_person", nil) && has(r.d.Buttons, "person")
}

// heading reports whether a node may be what stands above a list.
func heading(n node) bool {
	return n.kind == channel.Line && utf8.RuneCountInString(n.text) <= 12 && endsInColon(n.text)
}

func endsInColon(s string) bool { return strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":") }

var sourceLine = regexp.MustCompile(`^\[(\d{1,6})\] `)

// source reads a line of the list of sources: the number of a citation, 0 if it is no such line, and what
// follows it.
func (r *reader) source(n node) (int, string) {
	m := sourceLine.FindStringSubmatch(n.text)
	if m == nil || n.kind != channel.Line || strings.Contains(n.text, "\n") {
		return 0, ""
	}
	number, _ := strconv.Atoi(m[1]) // at most six digits
	c, ok := r.cites[number]
	if !ok || !strings.Contains(line(n.text), c.Path) {
		return 0, ""
	}
	return number, strings.TrimSpace(n.text[len(m[0]):])
}

// repeats reports whether a line says no more than words of a quote.
func repeats(n node, quote string) bool {
	if n.kind != channel.Line {
		return false
	}
	const around = 8 // runes that say that it is a quote
	text := squash(n.text)
	for _, piece := range append(strings.Split(quote, "\n"), quote) {
		piece = squash(piece)
		if piece != "" && strings.Contains(text, piece) && utf8.RuneCountInString(text) <= utf8.RuneCountInString(piece)+around {
			return true
		}
	}
	return false
}

// maxLink is the longest address that becomes a link. Slack allows 3,000 characters.
const maxLink = 600

// link is an address of a web page as it may be linked to; "" when it is none.
func link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > maxLink {
		return ""
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>|\"\\`()[]{}^*", r) }) {
		return ""
	}
	return address
}

// clause is what the button of a citation gives: the clause's id, with the place of the quote if the
// address names it; "" when there is no clause.
func (c cited) clause() string {
	const most = 2000
	id := clean(c.Clause)
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

// verbatim reports whether a sentence is to stand in quotation marks: it is copied from what it cites.
func (r *reader) verbatim(n node) bool {
	if n.kind != channel.Sentence || r.d.Label == channel.LabelStaff || r.d.Label == channel.LabelNotice {
		return false
	}
	return r.d.Label == channel.LabelExtract || slices.ContainsFunc(n.cites, func(c int) bool {
		return strings.Contains(squash(r.cites[c].Quote), squash(n.text))
	})
}

// quoted reports whether the words that a citation quotes stand in a sentence above.
func (r *reader) quoted(c cited) bool {
	quote := squash(c.Quote)
	return slices.ContainsFunc(r.d.Nodes, func(n channel.Node) bool {
		return n.Kind == channel.Sentence && slices.Contains(n.Cites, c.N) && strings.Contains(squash(clean(n.Text)), quote)
	})
}

// named gives what an entry of the list of sources says: the document, to be linked, and the rest.
func (r *reader) named(c cited) (name, rest string) {
	n := fmt.Sprintf("[%d] ", c.N)
	listed, ok := r.listed[c.N]
	if at := strings.Index(listed, c.Title); ok && at >= 0 && c.Title != "" && strings.Contains(listed, c.Number) {
		end := at + len(c.Title)
		for end < len(listed) {
			mark, size := utf8.DecodeRuneInString(listed[end:])
			if !strings.ContainsRune("*》”", mark) {
				break
			}
			end += size
		}
		return n + listed[:end], listed[end:]
	}
	if c.Title != "" {
		name = say(r.lang, "title", c.Title)
	}
	if c.Number != "" {
		rest = say(r.lang, "number", c.Number)
	}
	// A line of the list that refers to another names the place with its heading.
	place := c.Path
	if _, after, found := strings.Cut(listed, " · "); found {
		place = after
	}
	if place != "" {
		rest += " · " + place
	}
	return n + name, rest
}
