package render_test

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/channel/reading"
	slack "policybot/bot/slack/render"
	"policybot/bot/slackfake/blockkit"
	"policybot/bot/terminal"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake/judge"
)

// A view is what people see of a document in one place, read by those who know the place and not our renderers.
type view struct {
	name   string
	text   string
	page   page
	links  []link
	linked bool // each source has a link
	moved  bool // notices stand elsewhere than in the text form
	begun  bool // it is still being written
}

// A page is a text with sources, without blanks.
type page struct {
	said    string // what stands above the sources
	sources []source
}

type source struct {
	n                           int
	title, number, place, quote string
}

type link struct {
	n         int // that its words name
	text, url string
	source    bool // of the list of sources
}

// squash is a text without what is not seen.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

var (
	marker    = regexp.MustCompile(`\[\d+\]`)
	markers   = regexp.MustCompile(`^[”"]?((?:\[\d+\])*)`)
	listTitle = regexp.MustCompile(`^(?:依据|Sources)(?:（续）| \(continued\))?[：:]?$`)
	entry     = regexp.MustCompile(`^\[(\d+)\] [《“](.+?)\*?[》”]((?:（| \().*?[）)])? · (.+)$`)
	another   = regexp.MustCompile(`^\[(\d+)\] (?:同|same document as) \[(\d+)\] · (.+)$`)
	number    = regexp.MustCompile(`\p{Han}+〔\d{4}〕\d+号`)
	opens     = regexp.MustCompile(`^(?:打开条款|Open clause) (\d+)$`)
	words     = regexp.MustCompile(`^(?:> |(?:原文：|Text: )?“)`)
	ofSource  = regexp.MustCompile(`^\[(\d+)\]( .)?`)
)

// markersAt are the markers that a text begins with.
func markersAt(s string) []string { return marker.FindAllString(markers.FindStringSubmatch(s)[1], -1) }

// read reads a text that lists its sources. One that names no document is of the one that it refers to, and a document has the
// number that was given with it first.
func read(text string) page {
	var p page
	lines := strings.Split(strings.NewReplacer("\u200b", "", "\u200a", "").Replace(text), "\n") // they break markup
	at := 0
	for ; at < len(lines) && !listTitle.MatchString(lines[at]); at++ {
		p.said += squash(lines[at])
	}
	for ; at < len(lines); at++ {
		l := strings.TrimSpace(lines[at])
		last := len(p.sources) - 1
		switch m := entry.FindStringSubmatch(l); {
		case m != nil:
			n, _ := strconv.Atoi(m[1])
			p.sources = append(p.sources, source{n: n, title: squash(m[2]), number: squash(number.FindString(m[3])), place: squash(m[4])})
			p.sources[last+1].number += p.numberOf(p.sources[last+1])
		case another.MatchString(l):
			m := another.FindStringSubmatch(l)
			n, _ := strconv.Atoi(m[1])
			like, _ := strconv.Atoi(m[2])
			p.sources = append(p.sources, p.like(n, like, squash(m[3])))
		case l == "", listTitle.MatchString(l), opens.MatchString(l):
		case last >= 0 && words.MatchString(l):
			at, p.sources[last].quote = quoteAt(lines, at)
		default:
			return p
		}
	}
	return p
}

// numberOf is the number that the document of a source was given before; "" where it has one itself.
func (p *page) numberOf(s source) string {
	for _, before := range p.sources {
		if s.number == "" && before.title == s.title {
			return before.number
		}
	}
	return ""
}

// like is a source of the document of another.
func (p *page) like(n, other int, place string) source {
	for _, s := range p.sources {
		if s.n == other {
			return source{n: n, title: s.title, number: s.number, place: place}
		}
	}
	return source{n: n, place: place}
}

// quoteAt reads a quote that begins in a line, and gives the line in which it ends. It is set apart line by line, or it stands in
// quotation marks, which are left out.
func quoteAt(lines []string, at int) (int, string) {
	first := strings.TrimSpace(lines[at])
	text, apart := strings.CutPrefix(first, "> ")
	if !apart {
		text = words.ReplaceAllString(first, "")
	}
	for ; at+1 < len(lines); at++ {
		next := strings.TrimSpace(lines[at+1])
		if rest, goesOn := strings.CutPrefix(next, "> "); apart && goesOn {
			text += rest
		} else if !apart && !strings.HasSuffix(text, "”") {
			text += next
		} else {
			break
		}
	}
	if !apart {
		text = strings.TrimSuffix(text, "”")
	}
	return at, squash(text)
}

// withoutLabels is a text without the lines that show who made it.
func withoutLabels(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text + "\n") {
		if render.ParseLabel(l) == "" && reading.ParseLabel(strings.TrimSpace(l)) == "" {
			b.WriteString(l)
		}
	}
	return b.String()
}

// views reads a document wherever it is shown whole.
func views(t *testing.T, d channel.Doc) []view {
	t.Helper()
	out := []view{{name: "text", text: d.Text}}
	out = append(out, slackViews(t, d)...)
	for _, on := range styles {
		s := view{name: "WeCom " + on.name, linked: true}
		for _, part := range render.Parts(d, on.s, "7F3K2Q") {
			shown := judge.Read(surface(on.s), part)
			s.text += withoutLabels(shown.Text)
			for _, l := range shown.Links {
				m := opens.FindStringSubmatch(l.Text)
				n := 0
				if m != nil {
					n, _ = strconv.Atoi(m[1])
				}
				s.links = append(s.links, link{n, l.Text, l.URL, true})
			}
		}
		out = append(out, s)
	}
	for i := range out {
		out[i].page = read(out[i].text)
	}
	return append(out, view{name: "WeCom bot, begun", begun: true, page: page{said: squash(judge.Read(judge.Bot, render.Snapshot(d, render.Bot)).Text), sources: out[0].page.sources}})
}

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// slackViews reads the messages of Slack: with its citations, without them, as text alone, and as a stream with what
// follows it.
func slackViews(t *testing.T, d channel.Doc) []view {
	t.Helper()
	native, plain, text := view{name: "Slack", linked: true}, view{name: "Slack, plain", linked: true}, view{name: "Slack, text"}
	stream := view{name: "Slack, streamed", linked: true, moved: true}
	for _, m := range slack.Messages(d, "key") {
		native.blocks(t, m.Blocks)
		plain.blocks(t, m.Plain)
		text.text += withoutLabels(unescape.Replace(m.Text))
	}
	shown := blockkit.ReadMarkdown(slack.Markdown(d))
	stream.text = shown.Text + "\n"
	for _, l := range shown.Links {
		stream.link(l.Text, l.URL)
	}
	for _, m := range slack.Tail(d, "key") {
		stream.blocks(t, m.Blocks)
	}
	return []view{native, plain, text, stream}
}

// blocks adds what is seen of blocks.
func (s *view) blocks(t *testing.T, blocks any) {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	shown := blockkit.Read(raw)
	s.text += withoutLabels(shown.Text)
	for _, c := range shown.Citations {
		if got := ofSource.FindStringSubmatch(c.Text); got == nil || got[1] != strconv.Itoa(c.Index) {
			t.Errorf("%s: the citation %q has the index %d", s.name, c.Text, c.Index)
		}
		s.link(c.Text, c.URL)
	}
	for _, l := range shown.Links {
		s.link(l.Text, l.URL)
	}
	for _, b := range shown.Buttons {
		if n, found := strings.CutPrefix(b.ActionID, "pb_clause_"); found {
			i, _ := strconv.Atoi(n)
			s.links = append(s.links, link{n: i, text: b.Text, url: "https://policy.example/clauses/" + b.Value})
		}
	}
}

// link adds a link whose words begin with a marker; what follows it tells that it is a source.
func (s *view) link(text, url string) {
	l := link{text: text, url: url}
	if m := ofSource.FindStringSubmatch(text); m != nil {
		l.n, _ = strconv.Atoi(m[1])
		l.source = m[2] != ""
	}
	s.links = append(s.links, l)
}

// wantPrinted wants a terminal to print the text form, as an answer to `ask` and in a chat, whatever its width, with colour
// and without.
func wantPrinted(t *testing.T, d channel.Doc) {
	t.Helper()
	for _, o := range []terminal.Options{{Width: 60, Color: terminal.Never}, {Width: 120, Color: terminal.Always}} {
		var asked, chat bytes.Buffer
		a := bot.Answer{Text: d.Text}
		for _, c := range d.Citations {
			a.Citations = append(a.Citations, bot.Citation{N: c.N})
		}
		terminal.New(&asked, o).Answer(a)
		c := terminal.NewChat(strings.NewReader(""), &chat, terminal.ChatOptions{User: "u", Interactive: terminal.Never, Screen: o})
		r, err := c.Begin(t.Context(), channel.Handle{Data: []byte(`{"session":"s","n":1}`)}, d.ID)
		if err == nil {
			_, err = r.Finish(t.Context(), d, channel.Delivery{Key: "k"})
		}
		if err != nil {
			t.Fatal(err)
		}
		want := squash(d.Text)
		if got := printed(&asked); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
		if got := printed(&chat); !strings.HasSuffix(got, want) { // below its label
			t.Errorf("a chat prints %q, want %q", got, want)
		}
	}
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

func printed(r io.Reader) string {
	raw, _ := io.ReadAll(r) // of a buffer
	return squash(colour.ReplaceAllString(string(raw), ""))
}
