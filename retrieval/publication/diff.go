package publication

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
)

// Kinds of change of a clause.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed" // its text, or what stands around it
	Moved   = "moved"   // the same text, but for its own number, in another place
)

// A Place is a clause in one of two versions.
type Place struct {
	ID      string `json:"id"`
	Path    string `json:"path"`
	Heading string `json:"heading"`
	Ordinal int    `json:"ordinal"` // position in its version, from 0
	Text    string `json:"text"`
}

// A ClauseChange is what became of one clause.
type ClauseChange struct {
	Kind string `json:"kind"`
	From *Place `json:"from,omitempty"` // nil for one that was added
	To   *Place `json:"to,omitempty"`   // nil for one that was removed
	// Spans compares the texts where both are there and differ.
	Spans []Span `json:"spans,omitempty"`
	// Around is what differs beside the text: heading, parents, departments.
	Around []FieldChange `json:"around,omitempty"`
}

// A FieldChange is a fact that changes. "" is one that is not known.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// A Diff is what a proposal changes, in the order of the new text; what is removed stands
// where it stood.
type Diff struct {
	Clauses   []ClauseChange `json:"clauses"`
	Unchanged int            `json:"unchanged"` // clauses
	Facts     []FieldChange  `json:"facts"`
	Outside   []Span         `json:"outside,omitempty"` // text that belongs to no clause, where it differs
}

// Empty reports whether nothing changes.
func (d Diff) Empty() bool { return len(d.Clauses)+len(d.Facts)+len(d.Outside) == 0 }

// Touched lists the ids of old clauses whose text is changed, removed, or found under another
// id, in order: what past answers cite and measures quote may hang on these.
func (d Diff) Touched() []string {
	out := []string{}
	for _, c := range d.Clauses {
		if c.From != nil && (c.To == nil || c.To.ID != c.From.ID || c.To.Text != c.From.Text) {
			out = append(out, c.From.ID)
		}
	}
	slices.Sort(out)
	return out
}

// Count counts the clauses of a kind.
func (d Diff) Count(kind string) int {
	n := 0
	for _, c := range d.Clauses {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// Compare tells what changes from one content to another; the zero Content is a document that
// is not listed.
func Compare(from, to retrieval.Content) Diff {
	m := newMatch(from.Clauses, to.Clauses)
	m.unmoved()
	m.sameText()
	m.alike()
	d := m.diff()
	if facts := compareFacts(from.Document, to.Document); from.Document.ID != "" && to.Document.ID != "" {
		d.Facts = facts
	}
	if a, b := outside(from), outside(to); a != b {
		d.Outside = Spans(a, b)
	}
	return d
}

// A match finds the clauses of two versions that are the same.
type match struct {
	from, to     []retrieval.Clause
	partner, rev []int        // of each clause its place in the other version, -1 for none
	still        map[int]bool // clauses of from that are where they were, as they were
}

func newMatch(from, to []retrieval.Clause) *match {
	none := func(n int) []int { return slices.Repeat([]int{-1}, n) }
	return &match{from, to, none(len(from)), none(len(to)), map[int]bool{}}
}

func (m *match) pair(i, j int) { m.partner[i], m.rev[j] = j, i }

// unmoved pairs clauses with the same id and text, as many as are in the same order.
func (m *match) unmoved() {
	at := map[string]int{}
	for j, c := range m.to {
		at[c.ID] = j
	}
	var is, js []int
	for i, c := range m.from {
		if j, ok := at[c.ID]; ok && m.to[j].Text == c.Text {
			is, js = append(is, i), append(js, j)
		}
	}
	for _, k := range rising(js) {
		m.pair(is[k], js[k])
		m.still[is[k]] = true
	}
}

// rising returns the places of a longest rising sequence of distinct numbers.
func rising(list []int) []int {
	var tails []int // place of the least end of a sequence of each length
	before := make([]int, len(list))
	for k, v := range list {
		n, _ := slices.BinarySearchFunc(tails, v, func(at, v int) int { return cmp.Compare(list[at], v) })
		before[k] = -1
		if n > 0 {
			before[k] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, k)
		} else {
			tails[n] = k
		}
	}
	var out []int
	if len(tails) > 0 {
		for k := tails[len(tails)-1]; k >= 0; k = before[k] {
			out = append(out, k)
		}
	}
	slices.Reverse(out)
	return out
}

var ownNumber = regexp.MustCompile(`^\s*(?:第[零〇一二三四五六七八九十百千\d]+[条章节款项]|[（(【]?[零〇一二三四五六七八九十百\d]+(?:[.．]\d+)*[)）】]?[、.．)）]?|[①-⑳])\s*`)

// bare is a text without its own number.
func bare(text string) string { return ownNumber.ReplaceAllString(text, "") }

// sameText pairs clauses with the same text but for their numbers, in order, those under the
// same id first.
func (m *match) sameText() {
	for _, sameID := range []bool{true, false} {
		left := map[string][]int{}
		key := func(c retrieval.Clause) string {
			if sameID {
				return c.ID + "\x00" + c.Text
			}
			return bare(c.Text)
		}
		for i, c := range m.from {
			if m.partner[i] < 0 {
				left[key(c)] = append(left[key(c)], i)
			}
		}
		for j, c := range m.to {
			if list := left[key(c)]; m.rev[j] < 0 && len(list) > 0 {
				m.pair(list[0], j)
				left[key(c)] = list[1:]
			}
		}
	}
}

// Shares of pairs of characters from which two texts are versions of one: under the same id,
// and under another; and how many comparisons are tried for the latter.
const (
	alikeSame   = .35
	alikeOther  = .6
	maxCompared = 40_000
)

// alike pairs what is left by how much the texts have in common.
func (m *match) alike() {
	at := map[string]int{}
	var is, js []int
	for j, c := range m.to {
		if m.rev[j] < 0 {
			at[c.ID] = j
		}
	}
	for i, c := range m.from {
		if m.partner[i] >= 0 {
			continue
		}
		if j, ok := at[c.ID]; ok && likeness(pairsOf(c.Text), pairsOf(m.to[j].Text)) >= alikeSame {
			m.pair(i, j)
			continue
		}
		is = append(is, i)
	}
	for j := range m.to {
		if m.rev[j] < 0 {
			js = append(js, j)
		}
	}
	if len(is)*len(js) > maxCompared {
		return
	}
	type candidate struct {
		i, j int
		like float64
	}
	var list []candidate
	news := make([]map[[2]rune]int, len(js))
	for n, j := range js {
		news[n] = pairsOf(bare(m.to[j].Text))
	}
	for _, i := range is {
		old := pairsOf(bare(m.from[i].Text))
		for n, j := range js {
			if like := likeness(old, news[n]); like >= alikeOther {
				list = append(list, candidate{i, j, like})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.like, a.like) })
	for _, c := range list {
		if m.partner[c.i] < 0 && m.rev[c.j] < 0 {
			m.pair(c.i, c.j)
		}
	}
}

// pairsOf counts the pairs of neighbouring characters of a text.
func pairsOf(text string) map[[2]rune]int {
	out, last := map[[2]rune]int{}, rune(0)
	for _, r := range text {
		out[[2]rune{last, r}]++
		last = r
	}
	return out
}

// likeness is the share of pairs that two texts have in common, from 0 to 1.
func likeness(a, b map[[2]rune]int) float64 {
	common, all := 0, 0
	for p, n := range a {
		common += min(n, b[p])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 1
	}
	return 2 * float64(common) / float64(all)
}

func (m *match) diff() Diff {
	d := Diff{Clauses: []ClauseChange{}, Facts: []FieldChange{}}
	next := 0 // clause of from that is to be told of
	removed := func(until int) {
		for ; next < until; next++ {
			if m.partner[next] < 0 {
				d.Clauses = append(d.Clauses, ClauseChange{Kind: Removed, From: place(m.from[next], next)})
			}
		}
	}
	for j, c := range m.to {
		i := m.rev[j]
		if i < 0 {
			d.Clauses = append(d.Clauses, ClauseChange{Kind: Added, To: place(c, j)})
			continue
		}
		removed(i)
		change, same := m.changed(i, j)
		if same {
			d.Unchanged++
			continue
		}
		d.Clauses = append(d.Clauses, change)
	}
	removed(len(m.from))
	return d
}

// changed tells how two clauses that are one differ, and whether they do not.
func (m *match) changed(i, j int) (c ClauseChange, same bool) {
	a, b := m.from[i], m.to[j]
	c = ClauseChange{Kind: Changed, From: place(a, i), To: place(b, j), Around: around(a, b)}
	if a.Text != b.Text {
		c.Spans = Spans(a.Text, b.Text)
	}
	switch {
	case m.still[i] && len(c.Around) == 0:
		return c, true
	case !m.still[i] && bare(a.Text) == bare(b.Text):
		c.Kind = Moved
	}
	return c, false
}

func around(a, b retrieval.Clause) []FieldChange {
	var out []FieldChange
	for _, f := range []FieldChange{
		{"heading", a.Heading, b.Heading},
		{"parents", strings.Join(a.Parents, " / "), strings.Join(b.Parents, " / ")},
		{"departments", strings.Join(a.Departments, "、"), strings.Join(b.Departments, "、")},
	} {
		if f.From != f.To {
			out = append(out, f)
		}
	}
	return out
}

func place(c retrieval.Clause, ordinal int) *Place {
	return &Place{ID: c.ID, Path: c.Path, Heading: c.Heading, Ordinal: ordinal, Text: c.Text}
}

// compareFacts compares what is known of two versions.
func compareFacts(from, to retrieval.Document) []FieldChange {
	a, b := factsOf(from), factsOf(to)
	out := []FieldChange{}
	for _, f := range append(catalogue.Fields(), "aliases") {
		if a[f] != b[f] {
			out = append(out, FieldChange{f, a[f], b[f]})
		}
	}
	return out
}

// factsOf are the facts of a document by their JSON names, those that are not known left out.
func factsOf(d retrieval.Document) map[string]string {
	var fields map[string]any
	if data, err := json.Marshal(d); err != nil || json.Unmarshal(data, &fields) != nil {
		return nil // texts and numbers alone: it cannot be
	}
	out := map[string]string{"aliases": strings.Join(d.Aliases, "、")}
	for name, v := range fields {
		if name != "aliases" {
			out[name] = fmt.Sprint(v)
		}
	}
	return out
}

// outside is the text of a content that belongs to no clause.
func outside(c retrieval.Content) string {
	var b strings.Builder
	text := []rune(c.Text)
	at := 0
	for _, k := range c.Clauses {
		b.WriteString(string(text[at:k.Start]))
		at = k.End
	}
	b.WriteString(string(text[at:]))
	return b.String()
}
