package render_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/wecom/card"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake/judge"
)

// wantCards wants the cards of a document, with buttons and without, to show its first citations, what is shown of each being
// where it begins.
func wantCards(t *testing.T, d channel.Doc) {
	t.Helper()
	without := d
	without.Buttons = nil
	for _, one := range []channel.Doc{d, without} {
		for _, s := range []judge.Surface{judge.Bot, judge.App} {
			c, ok := render.Card(one, render.CardOptions{TaskID: "task", Bot: s == judge.Bot})
			raw, err := json.Marshal(c)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if p := judge.Card(s, raw); p != nil {
				t.Errorf("card: %v", p)
			}
			wantCard(t, d, fmt.Sprintf("card of %s with %d buttons", s, len(one.Buttons)), judge.ReadCard(raw))
		}
	}
}

// rowsOf is how many citations have a row of their own: one alone has none.
func rowsOf(d channel.Doc) int {
	if len(d.Citations) == 1 {
		return 0
	}
	return min(len(d.Citations), card.MaxRows)
}

// wantCard wants the first citation with its words, then a row for each of the first where there are several, else the
// number of the document, and links of the clauses that they name.
func wantCard(t *testing.T, d channel.Doc, name string, c judge.ShownCard) {
	t.Helper()
	first := d.Citations[0]
	head, quote, _ := strings.Cut(c.Quote, "\n")
	rest, found := strings.CutPrefix(head, fmt.Sprintf("[%d] ", first.N))
	wantPlace(t, name, first, rest)
	inner := strings.TrimSuffix(strings.TrimPrefix(quote, "“"), "”")
	whole := !strings.HasSuffix(inner, "…")
	if begin := squash(strings.TrimSuffix(inner, "…")); !found || begin == "" || !strings.HasPrefix(squash(first.Quote), begin) || whole && begin != squash(first.Quote) {
		t.Errorf("%s quotes %q, want %q", name, c.Quote, first.Quote)
	}
	want := rowsOf(d)
	if len(c.Rows) < want {
		t.Fatalf("%s: rows %q, want %d", name, c.Rows, want)
	}
	for i, row := range c.Rows[:want] {
		if row.Key != fmt.Sprintf("[%d]", d.Citations[i].N) {
			t.Errorf("%s: row %d is %q", name, i+1, row)
		}
		wantPlace(t, name, d.Citations[i], row.Value)
	}
	if more := c.Rows[want:]; len(d.Citations) == 1 && first.Number != "" && (len(more) != 1 || more[0].Value != first.Number) {
		t.Errorf("%s: rows %q, want the number %q", name, more, first.Number)
	} else if len(more) > 1 {
		t.Errorf("%s: rows %q", name, more)
	}
	wantCardLinks(t, d, name, c)
}

var shownPlace = regexp.MustCompile(`^[《“](.+?)(…?)[》”](?: (.+?)(…?))?$`)

// wantPlace wants a document and a place in it, each from its beginning.
func wantPlace(t *testing.T, name string, c channel.Citation, got string) {
	t.Helper()
	m := shownPlace.FindStringSubmatch(got)
	if m == nil || !strings.HasPrefix(c.Title, m[1]) || m[2] == "" && c.Title != m[1] || !strings.HasPrefix(c.Path, m[3]) || m[4] == "" && c.Path != m[3] {
		t.Errorf("%s: [%d] is called %q, want %q %q", name, c.N, got, c.Title, c.Path)
	}
}

var lastNumber = regexp.MustCompile(`^(?:原文|Clause|clause) (\d+)$`)

// wantCardLinks wants the card to lead to the first clause, and each row and each line to press to its own.
func wantCardLinks(t *testing.T, d channel.Doc, name string, c judge.ShownCard) {
	t.Helper()
	pages := map[string]string{"": d.Citations[0].URL, c.Quote: d.Citations[0].URL}
	rows := map[string]map[string]bool{} // words of a row → pages of all rows with these words
	for i, row := range c.Rows[:rowsOf(d)] {
		if rows[row.Value] == nil {
			rows[row.Value] = map[string]bool{}
		}
		rows[row.Value][d.Citations[i].URL] = true
	}
	opened := 0
	for _, l := range c.Links {
		want, known := pages[l.Text]
		if m := lastNumber.FindStringSubmatch(l.Text); m != nil {
			want, known = cited(d, m[1]).URL, true
		}
		switch {
		case known && l.URL != want, !known && !rows[l.Text][l.URL]:
			t.Errorf("%s: the link %q leads to %q", name, l.Text, l.URL)
		case !known:
			opened++
		}
	}
	if want := rowsOf(d); opened != want {
		t.Errorf("%s: %d rows open a page, want %d", name, opened, want)
	}
	for _, a := range c.Asks {
		asked, shown := lastNumber.FindStringSubmatch(a.Question), lastNumber.FindStringSubmatch(a.Text)
		if asked == nil || shown == nil || asked[1] != shown[1] || cited(d, asked[1]).Clause == "" {
			t.Errorf("%s: %q asks %q", name, a.Text, a.Question)
		}
	}
}

// cited is the citation with a number.
func cited(d channel.Doc, n string) channel.Citation {
	for _, c := range d.Citations {
		if strconv.Itoa(c.N) == n {
			return c
		}
	}
	return channel.Citation{}
}
