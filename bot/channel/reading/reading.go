// Package reading takes documents apart for those who show them in another form than text: what a document says, its
// sources and what stands below them, each once, and who made it. It knows no platform.
package reading

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/prompts"
)

// A Doc is a document taken apart. How its text lists sources is known from the text form alone: a line
// such as 依据： and under it lines that begin with [n], each perhaps followed by lines with the words
// that n quotes. These say what the citations say, with more about the document.
type Doc struct {
	Lang    string       // zh or en
	Before  []Node       // what the document says
	After   []Node       // what stands below its sources
	Cites   map[int]Cite // by number
	Numbers []int        // of citations, in their order, each once
	Whole   bool         // see [channel.Doc]

	d      channel.Doc
	listed map[int]string // by number of citation: its line in the list, without [n]
}

// A Node is a part of a document: cleaned, with something to see in it. Its citations are those that the document has,
// each once.
type Node struct {
	Kind  channel.NodeKind
	Text  string
	Cites []int
}

// A Cite is a citation, cleaned. Its URL is "" or one that [Link] gives.
type Cite struct {
	channel.Citation
	Index int // from 1, unique in the document
}

// Read takes a document apart. Where it has a button that asks for a person, the line that tells the words for that is
// left out. A document without parts is one Line of its text.
func Read(d channel.Doc) *Doc {
	r := &Doc{d: d, Lang: langOf(d), Whole: d.Whole, listed: map[int]string{}, Cites: map[int]Cite{}}
	for i, c := range d.Citations {
		if _, twice := r.Cites[c.N]; twice {
			continue
		}
		c.Title, c.Number, c.Path = cut.Line(c.Title), cut.Line(c.Number), cut.Line(c.Path)
		c.Quote, c.URL = cut.Tidy(c.Quote), Link(c.URL)
		r.Cites[c.N] = Cite{c, i + 1}
		r.Numbers = append(r.Numbers, c.N)
	}
	nodes := d.Nodes
	if len(nodes) == 0 {
		nodes = []channel.Node{{Kind: channel.Line, Text: d.Text}}
	}
	var clean []Node
	for _, n := range nodes {
		one := Node{n.Kind, cut.Tidy(n.Text), r.known(n.Cites)}
		if one.Text != "" && !r.onButton(one) {
			clean = append(clean, one)
		}
	}
	r.divide(clean)
	return r
}

// known are the numbers of citations that a document has, each once.
func (r *Doc) known(numbers []int) []int {
	var out []int
	for _, n := range numbers {
		if _, ok := r.Cites[n]; ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// divide finds the list of sources among nodes.
func (r *Doc) divide(nodes []Node) {
	r.Before = nodes
	for i := 1; i < len(nodes); i++ {
		if n, _ := r.source(nodes[i]); n == 0 || !heading(nodes[i-1]) {
			continue
		}
		r.Before = slices.Clip(nodes[:i-1])
		for last := 0; i < len(nodes); i++ {
			n, rest := r.source(nodes[i])
			switch {
			case n > 0 && r.listed[n] == "":
				last, r.listed[n] = n, rest
			case last == 0 || !repeats(nodes[i], r.Cites[last].Quote):
				r.After = nodes[i:]
				return
			}
		}
		return
	}
	for end := len(nodes); end > 1 && below(nodes[end-1]); end-- {
		r.Before, r.After = slices.Clip(nodes[:end-1]), nodes[end-1:]
	}
}

// below reports whether a node stands below an answer that has no sources: in brackets, how it came about.
func below(n Node) bool {
	if n.Kind != channel.Line {
		return false
	}
	return strings.HasPrefix(n.Text, "〔") && strings.HasSuffix(n.Text, "〕") || strings.HasPrefix(n.Text, "[") && strings.HasSuffix(n.Text, "]")
}

// onButton reports whether a line tells the words that ask for a person, where there is a button for it.
func (r *Doc) onButton(n Node) bool {
	return n.Kind == channel.Line && n.Text == prompts.Render(r.Lang, "ask_person", nil) &&
		slices.ContainsFunc(r.d.Buttons, func(b channel.Button) bool { return b.Does == "person" })
}

// heading reports whether a node may be what stands above a list.
func heading(n Node) bool { return utf8.RuneCountInString(n.Text) <= 12 && n.Heads() }

// Heads reports whether a part stands above others: a line that ends in a colon.
func (n Node) Heads() bool {
	return n.Kind == channel.Line && (strings.HasSuffix(n.Text, "：") || strings.HasSuffix(n.Text, ":"))
}

var sourceLine = regexp.MustCompile(`^\[(\d{1,6})\] `)

// source reads a line of the list of sources: the number of a citation, 0 if it is no such line, and what
// follows it.
func (r *Doc) source(n Node) (int, string) {
	m := sourceLine.FindStringSubmatch(n.Text)
	if m == nil || n.Kind != channel.Line || strings.Contains(n.Text, "\n") {
		return 0, ""
	}
	number, _ := strconv.Atoi(m[1]) // at most six digits
	c, ok := r.Cites[number]
	if !ok || !strings.Contains(cut.Line(n.Text), c.Path) {
		return 0, ""
	}
	return number, strings.TrimSpace(n.Text[len(m[0]):])
}

// repeats reports whether a line says no more than words of a quote.
func repeats(n Node, quote string) bool {
	if n.Kind != channel.Line {
		return false
	}
	const around = 8 // runes that say that it is a quote
	text := cut.Squash(n.Text)
	for _, piece := range append(strings.Split(quote, "\n"), quote) {
		piece = cut.Squash(piece)
		if piece != "" && strings.Contains(text, piece) && utf8.RuneCountInString(text) <= utf8.RuneCountInString(piece)+around {
			return true
		}
	}
	return false
}

// maxLink is the longest address that becomes a link.
const maxLink = 600

// Link is an address of a web page as it may be linked to, in printable ASCII without brackets, quotes and marks of
// markup, at most 600 bytes; "" when it is none.
func Link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > maxLink {
		return ""
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>|\"\\`()[]{}^*", r) }) {
		return ""
	}
	return address
}

// Notices are those of what the document says.
func (r *Doc) Notices() []Node {
	var out []Node
	for _, n := range r.Before {
		if n.Kind == channel.Notice {
			out = append(out, n)
		}
	}
	return out
}

// Verbatim reports whether a sentence is to stand in quotation marks: it is copied from what it cites.
func (r *Doc) Verbatim(n Node) bool {
	if n.Kind != channel.Sentence || r.d.Label == channel.LabelStaff || r.d.Label == channel.LabelNotice {
		return false
	}
	return r.d.Label == channel.LabelExtract || slices.ContainsFunc(n.Cites, func(c int) bool {
		return strings.Contains(cut.Squash(r.Cites[c].Quote), cut.Squash(n.Text))
	})
}

// Quoted reports whether the words that a citation quotes stand in the document, whole: in sentences that cite it, one after
// the other. One that says more than the quote does not count, unless the document is copied: it is no quote.
func (r *Doc) Quoted(c Cite) bool {
	quote := cut.Squash(c.Quote)
	said := ""
	for _, n := range r.d.Nodes {
		text := cut.Squash(cut.Clean(n.Text))
		if n.Kind == channel.Sentence && slices.Contains(n.Cites, c.N) && (r.d.Label == channel.LabelExtract || strings.Contains(quote, text)) {
			said += text
		}
	}
	return strings.Contains(said, quote)
}

// Named gives what an entry of the list of sources says: its number and the document, which may be linked, and the rest.
func (r *Doc) Named(c Cite) (name, rest string) {
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
		name = say(r.Lang, "title", c.Title)
	}
	if c.Number != "" {
		rest = say(r.Lang, "number", c.Number)
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

// langOf is the language of a document: its own, or where it has none, that of its text.
func langOf(d channel.Doc) string {
	if d.Lang == "zh" || d.Lang == "en" {
		return d.Lang
	}
	if strings.IndexFunc(d.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0 {
		return "zh"
	}
	return "en"
}
