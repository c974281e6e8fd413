package render_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/fakemodel"
	"policybot/bot/generate"
	"policybot/bot/servicetest"
)

// questions reads testdata/questions.txt: for each answer, what is said before it.
func questions(t *testing.T) [][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/questions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	var one []string
	for l := range strings.Lines(string(raw) + "\n\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "#"):
		case l != "":
			one = append(one, l)
		case len(one) > 0:
			all, one = append(all, one), nil
		}
	}
	return all
}

// TestSameCitations wants the answers to thirty questions, copied from documents and in the words of a model that is a fake,
// to carry the same citations wherever they are shown: in a terminal, in Slack, and on every surface of WeCom.
func TestSameCitations(t *testing.T) {
	quoting := servicetest.Desk(t)
	writing := &bot.Desk{
		Library: quoting.Library, Now: quoting.Now, Measures: quoting.Measures, Pages: quoting.Pages,
		Writing: &bot.Writing{Generator: &generate.Generator{Model: fakemodel.Honest{}}},
	}
	seen := map[string]int{}
	for _, q := range questions(t) {
		for _, desk := range []*bot.Desk{quoting, writing} {
			docs := servicetest.DeliveredBy(t, desk, channel.Caps{Name: "wecom", Buttons: 6, Formatted: true}, q, "")
			if len(docs) == 0 {
				t.Fatalf("no answer to %q", q)
			}
			d := docs[len(docs)-1]
			if desk == quoting {
				count(seen, d)
			}
			if d.Label == channel.LabelAI {
				seen["in other words"]++
			}
			t.Run(fmt.Sprintf("%s %s", q[0], d.Label), func(t *testing.T) { wantSame(t, d) })
		}
	}
	for what, least := range map[string]int{
		"several sources": 8, "several documents": 3, "with a number": 4, "without a number": 10, "notices": 20, "over": 4, "machine translation": 8, "in other words": 20,
	} {
		if seen[what] < least {
			t.Errorf("%d answers of kind %q, want %d", seen[what], what, least)
		}
	}
	if seen["zh"] != 15 || seen["en"] != 15 {
		t.Errorf("%d answers in Chinese and %d in English, want 15 each", seen["zh"], seen["en"])
	}
}

// count counts what kind of answer a document is, so that the questions stay as different as they are.
func count(seen map[string]int, d channel.Doc) {
	titles := map[string]bool{}
	numbered := false
	for _, c := range d.Citations {
		titles[c.Title] = true
		numbered = numbered || c.Number != ""
	}
	notices := ""
	for _, n := range d.Nodes {
		if n.Kind == channel.Notice {
			notices += n.Text + "\n"
		}
	}
	seen[d.Lang]++
	for what, is := range map[string]bool{
		"several sources": len(d.Citations) > 1, "several documents": len(titles) > 1, "with a number": numbered, "without a number": !numbered,
		"notices": notices != "", "over": strings.Contains(notices, "已经结束") || strings.Contains(notices, "It is over"),
		"machine translation": strings.Contains(notices, "机器翻译") || strings.Contains(notices, "machine-translated"),
	} {
		if is {
			seen[what]++
		}
	}
}

// wantSame wants every surface to show the citations of a document.
func wantSame(t *testing.T, d channel.Doc) {
	if len(d.Citations) == 0 {
		t.Fatal("no citation")
	}
	plain := read(d.Text)
	for _, s := range views(t, d) {
		sameSources(t, d, plain, s)
		sameMarkers(t, d, plain, s)
		sameLinks(t, d, s)
	}
	wantPrinted(t, d)
	wantCards(t, d)
}

// sameSources wants the list of sources to be the citations, in their order, each with its document, the document's number,
// its place and its words.
func sameSources(t *testing.T, d channel.Doc, plain page, s view) {
	t.Helper()
	if len(s.page.sources) != len(d.Citations) {
		t.Errorf("%s lists %d sources, want %d:\n%s", s.name, len(s.page.sources), len(d.Citations), s.text)
		return
	}
	for i, c := range d.Citations {
		got, inText := s.page.sources[i], source{}
		if i < len(plain.sources) {
			inText = plain.sources[i]
		}
		if got.n != c.N || got.title != squash(c.Title) || got.number != squash(c.Number) {
			t.Errorf("%s: source %d is [%d] %q %q, want [%d] %q %q", s.name, i+1, got.n, got.title, got.number, c.N, c.Title, c.Number)
		}
		if got.place != inText.place || !strings.HasPrefix(got.place, squash(c.Path)) {
			t.Errorf("%s: [%d] stands in %q, want %q as in the text form %q", s.name, c.N, got.place, c.Path, inText.place)
		}
		sameQuote(t, d, c, got.quote, inText.quote, s.name)
	}
}

// sameQuote wants the words that a citation quotes below its source where the text form has them there, and else in the
// sentences that refer to it.
func sameQuote(t *testing.T, d channel.Doc, c channel.Citation, below, inText string, name string) {
	t.Helper()
	quote := squash(c.Quote)
	if below != inText || below != "" && below != quote {
		t.Errorf("%s: below [%d] stands %q, in the text form %q, want %q", name, c.N, below, inText, quote)
	}
	said := ""
	for _, n := range d.Nodes {
		if n.Kind == channel.Sentence && slices.Contains(n.Cites, c.N) {
			said += squash(n.Text) // which sameMarkers wants to be there
		}
	}
	if quote == "" || below == "" && !strings.Contains(said, quote) {
		t.Errorf("%s does not show what [%d] quotes, %q", name, c.N, quote)
	}
}

// sameMarkers wants each sentence with the markers of its citations, in their order, the same markers in all of what is said
// as in the text form, and a source for each.
func sameMarkers(t *testing.T, d channel.Doc, plain page, s view) {
	t.Helper()
	rest := s.page.said
	for _, n := range d.Nodes {
		if n.Kind != channel.Sentence {
			continue
		}
		_, after, found := strings.Cut(rest, squash(n.Text))
		if !found {
			t.Errorf("%s does not say %q in its place", s.name, n.Text)
			continue
		}
		var want []string
		for _, c := range n.Cites {
			want = append(want, fmt.Sprintf("[%d]", c))
		}
		if got := markersAt(after); !slices.Equal(got, want) {
			t.Errorf("%s: %q has the markers %q, want %q", s.name, n.Text, got, want)
		}
		rest = after
	}
	got, want := marker.FindAllString(s.page.said, -1), marker.FindAllString(plain.said, -1)
	if s.moved {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !s.begun && !slices.Equal(got, want) {
		t.Errorf("%s says the markers %q, want %q", s.name, got, want)
	}
	for _, m := range got {
		if !slices.ContainsFunc(s.page.sources, func(src source) bool { return fmt.Sprintf("[%d]", src.n) == m }) {
			t.Errorf("%s: nothing is listed for %s", s.name, m)
		}
	}
}

// sameLinks wants every link to lead to the page of the clause that its words name, and where a surface has links, one for
// each source.
func sameLinks(t *testing.T, d channel.Doc, s view) {
	t.Helper()
	pages := map[int]string{}
	var numbers []int
	for _, c := range d.Citations {
		pages[c.N] = c.URL
		numbers = append(numbers, c.N)
	}
	var listed []int
	for _, l := range s.links {
		if pages[l.n] == "" || l.url != pages[l.n] {
			t.Errorf("%s: the link %q of [%d] leads to %q, want %q", s.name, l.text, l.n, l.url, pages[l.n])
		}
		if l.source {
			listed = append(listed, l.n)
		}
	}
	if s.linked && !slices.Equal(listed, numbers) {
		t.Errorf("%s: links of sources %v, want %v", s.name, listed, numbers)
	}
}
