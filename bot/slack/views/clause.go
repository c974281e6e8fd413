package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// ClauseData is a clause as it is shown.
type ClauseData struct {
	Title, Number string   // of the document; the number (文号) may be ""
	Path, Heading string   // of the clause; either may be ""
	Status        string   // of the document, worded; may be ""
	Notes         []string // limits that the reader must know, worded
	Text          string   // of the clause, of any length
	// QuoteStart and QuoteEnd are the part of Text that a reply quotes, in code points; equal for none.
	// What lies outside of Text is cut off.
	QuoteStart, QuoteEnd int
	Before, After        *Neighbour // the clauses beside it; nil for none
	URL                  string     // of the page of the clause; no button unless it is http or https
}

// A Neighbour is the clause before or after the one that is shown.
type Neighbour struct {
	Path, Text string
	ID         string // the value of its button; no button when it is "" or longer than 2,000 characters
}

// How much of a clause and what is beside it is shown, in units.
const (
	shownClause    = 9000
	shownLead      = 1500 // before the quote, where the clause is longer than what is shown
	shownNeighbour = 200
	shownNote      = 500
	shownNotes     = 6
)

// Clause shows a clause with its quote in bold and boxed, the clauses beside it with a button each ([act.Clause]
// 1 for the one before, 2 for the one after; the value is the clause's id) and a button that opens its page
// ([act.Link] 1). Of a clause longer than about 9,000 characters it shows the part around the quote and says how
// much is left out.
func Clause(c ClauseData, lang string) slack.ModalViewRequest {
	blocks := clauseHead(c, lang)
	blocks = append(blocks, clauseText(c, lang)...)
	beside := slices.Concat(neighbour(c.Before, 1, clauseBefore, lang), neighbour(c.After, 2, clauseAfter, lang))
	if len(beside) > 0 {
		blocks = append(append(blocks, slack.NewDividerBlock()), beside...)
	}
	blocks = append(blocks, row(open(1, c.URL, clauseOpen.in(lang)))...)
	return modal(act.ViewClause, clauseTitle.in(lang), "", closeText.in(lang), blocks)
}

// clauseHead says what the clause is of.
func clauseHead(c ClauseData, lang string) []slack.Block {
	var blocks []slack.Block
	if title := line(c.Title); size(title) <= maxHeader {
		blocks = append(blocks, header(title))
	} else {
		blocks = append(blocks, paragraph(runs{}.bold(cut(title, maxRich))))
	}
	var place []string
	for _, s := range []string{c.Number, c.Path, c.Heading} {
		if s = short(s, 500); s != "" {
			place = append(place, s)
		}
	}
	if len(place) > 0 {
		blocks = append(blocks, paragraph(runs{}.text(strings.Join(place, " · "))))
	}
	if s := short(c.Status, shownNote); s != "" {
		blocks = append(blocks, paragraph(runs{}.bold(s)))
	}
	return append(blocks, notes(c.Notes, lang)...)
}

// notes are remarks with bullets; those that are too many are counted.
func notes(all []string, lang string) []slack.Block {
	var items []runs
	more := 0
	for _, s := range all {
		switch {
		case strings.TrimSpace(s) == "":
		case len(items) == shownNotes:
			more++
		default:
			items = append(items, runs{}.text(cmp.Or(short(s, shownNote), nothing)))
		}
	}
	if more > 0 {
		items = append(items, runs{}.text(fmt.Sprintf(moreText.in(lang), more)))
	}
	return listed(slack.RTEListBullet, items)
}

// clauseText is the text of the clause around its quote.
func clauseText(c ClauseData, lang string) []slack.Block {
	rs := []rune(c.Text)
	from := min(max(c.QuoteStart, 0), len(rs))
	to := min(max(c.QuoteEnd, from), len(rs))
	if strings.TrimSpace(clean(c.Text)) == "" {
		return []slack.Block{small(clauseEmpty.in(lang))}
	}
	first, last := window(rs, from, to)
	var blocks []slack.Block
	if from < to {
		blocks = append(blocks, small(clauseLegend.in(lang)))
	}
	if first > 0 {
		blocks = append(blocks, small(fmt.Sprintf(clauseLeftBefore.in(lang), first)))
	}
	for at := first; at < last; {
		end := reach(rs[:last], at, maxRich)
		if end < last {
			end = border(rs, max(at+1, end-maxRich/4), end)
		}
		if r := highlighted(rs, at, end, from, to); len(r) > 0 {
			blocks = append(blocks, paragraph(r))
		}
		at = end
	}
	if to > last {
		blocks = append(blocks, small(clauseQuoteCut.in(lang)))
	}
	if left := len(rs) - last; left > 0 {
		blocks = append(blocks, small(fmt.Sprintf(clauseLeftAfter.in(lang), left)))
	}
	return blocks
}

// highlighted are the characters from at to end, those of the quote in a style of their own. It is empty when
// there is nothing to see.
func highlighted(rs []rune, at, end, from, to int) runs {
	for at < end && (rs[at] == '\n' || rs[at] == '\r') {
		at++
	}
	for at < end && (rs[end-1] == '\n' || rs[end-1] == '\r') {
		end--
	}
	if strings.TrimSpace(clean(string(rs[at:end]))) == "" {
		return nil
	}
	inside := func(i int) int { return min(max(i, at), end) }
	from, to = inside(from), inside(to)
	return runs{}.text(clean(string(rs[at:from]))).
		styled(clean(string(rs[from:to])), &slack.RichTextSectionTextStyle{Bold: true, Code: true}).
		text(clean(string(rs[to:end])))
}

// window is the part of a clause that is shown: all of it, or what is around its quote.
func window(rs []rune, from, to int) (first, last int) {
	if last = reach(rs, 0, shownClause); last == len(rs) {
		return 0, last
	}
	if from < to {
		first = back(rs, from, shownLead)
		last = reach(rs, first, shownClause)
		if last == len(rs) {
			first = min(first, back(rs, last, shownClause))
		}
	}
	if first > 0 {
		if start := border(rs, first, min(first+shownLead/3, len(rs))); start < first+shownLead/3 && (start <= from || from == to) {
			first = start
		}
	}
	if last < len(rs) {
		last = border(rs, max(first+1, last-shownLead/3), last)
	}
	return first, last
}

// back is how far so many units go back from a place.
func back(rs []rune, at, most int) int {
	n := 0
	for i := at; i > 0; i-- {
		if n += units(rs[i-1]); n > most {
			return i
		}
	}
	return 0
}

// neighbour is a clause beside the one that is shown.
func neighbour(c *Neighbour, n int, name phrase, lang string) []slack.Block {
	if c == nil {
		return nil
	}
	text := short(c.Text, shownNeighbour)
	if path := short(c.Path, shownNeighbour); path != "" {
		text = path + "\n" + text
	}
	block := slack.NewSectionBlock(plain(name.in(lang)+strings.TrimRight(text, "\n"), maxSection), nil, nil)
	block.Accessory = show(n, c.ID, lang)
	return []slack.Block{block}
}

// show is a button that shows a clause, nil where its id cannot be carried.
func show(n int, id, lang string) *slack.Accessory {
	if id == "" || size(id) > maxValue || clean(id) != id {
		return nil
	}
	return slack.NewAccessory(button(fmt.Sprint(act.Clause, n), id, clauseShow.in(lang)))
}
