// Package bridge says which words mean the same: what lay people say and what
// policies say, Chinese and English, abbreviations and full names, slips of the
// keyboard. The words stand in the folder words, one entry a line, for a clerk to
// edit; its README tells how. The folder plain has more of them, by which questions
// are compared and nothing is searched.
//
// A question is read as concepts ([Bridge.Read]): the words it was asked with,
// each with the other forms that a clause may say it in. Other forms never take
// the place of the user's words; what they count is for the search to say.
package bridge

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"policybot/retrieval/analysis"
)

// A relation tells how two forms of an entry belong together.
type relation int

const (
	translation relation = iota // =, between languages
	synonym                     // two alternatives on one side of =
	official                    // >, from left to right
	another                     // ~, another name
)

// What a form counts against the user's own word, by how it was reached; the
// later alternatives of an entry count a little less each.
var (
	weights = map[relation]float64{translation: 0.9, synonym: 0.7, official: 0.8, another: 1}
	decay   = 0.94
	least   = 0.35 // a form that counts less is left out
)

// MaxForms is how many other forms a concept has at most; see [Bridge.With] for added lines.
const MaxForms = 12

// together is how many words or characters apart the parts of an entry with +
// may stand.
const together = 14

// A Concept is something that a question speaks of.
type Concept struct {
	Text       string // as in the question, in normal form
	Start, End int    // bytes of the question
	Forms      []Form // other forms, those that count most first; may be empty
	// Parts are the concepts that a longer one is made of, for where nothing says
	// the longer one: 独资医院 is 独资 and 医院. None for a word.
	Parts []Concept
	// Cut says that it is two characters next to one another that no entry has:
	// a word, or the end of one and the beginning of the next.
	Cut bool
}

// A Form is another way to say a concept.
type Form struct {
	Text   string  `json:"text"`   // in normal form
	Weight float64 `json:"weight"` // against the user's own word: above 0, at most 1
	Entry  string  `json:"entry"`  // where it stands: file:line
}

// A Bridge knows the words. It never changes and may be used from several
// goroutines.
type Bridge struct {
	trie    trie
	forms   []form         // by number
	numbers map[string]int // keys of a form → number
	joined  []joined       // entries with +
	asking  map[int]bool   // forms that only ask
	entries []string       // all entries: file:line
	places  map[int]string // forms that name a place → the entry
	added   bool           // lines were added, see With: forms from builtin on are theirs alone
	builtin int
}

type form struct {
	text  string
	edges []edge
	parts []int // entries of joined that it is a part of

	entries []string // that it stands in, on any side
}

type edge struct {
	to     int
	kind   relation
	weight float64
	entry  string
	added  bool // of an added line
}

// A joined entry counts when all its parts stand near one another.
type joined struct {
	parts []int // forms
	edges []edge
}

// Entries lists all entries, as file:line in the order of the files' names.
func (b *Bridge) Entries() []string { return slices.Clone(b.entries) }

// A span is a form that stands in a question, in tokens.
type span struct {
	from, to int
	form     int
}

// Read tells what a question speaks of, in its order. Words that only ask are
// left out. What is between known words is cut into pairs of characters (Chinese)
// and words (other languages); single characters are left out. An empty text has
// no concepts.
//
// asking are the places of the words that only ask, as bytes of text.
func (b *Bridge) Read(text string) (out []Concept, asking [][2]int) {
	r := reader{b: b, text: text, tokens: tokenize(text), known: map[int][]Form{}}
	r.spans = b.find(r.tokens)
	r.extra = b.near(r.spans)
	r.own()
	return r.read(0, len(r.tokens), false)
}

// A reader reads one text.
type reader struct {
	b      *Bridge
	text   string
	tokens []token
	spans  []span // all forms, by where they begin
	extra  map[span][]edge
	known  map[int][]Form // other forms of those that nothing is joined with
}

// others lists the other forms of what stands at a span.
func (r *reader) others(s span) []Form {
	if extra := r.extra[s]; len(extra) > 0 {
		return r.b.others(s.form, extra)
	}
	forms, ok := r.known[s.form]
	if !ok {
		forms = r.b.others(s.form, nil)
		r.known[s.form] = forms
	}
	return slices.Clip(forms)
}

// read reads the tokens from from to to, of which inner leaves out the form that
// is all of them.
func (r *reader) read(from, to int, inner bool) (out []Concept, asking [][2]int) {
	var spans []span
	for _, s := range r.spans[begin(r.spans, from):begin(r.spans, to)] {
		if s.to <= to && (!inner || s.from != from || s.to != to) {
			spans = append(spans, s)
		}
	}
	covered := make([]bool, to-from)
	outermost := r.outermost(spans)
	for _, s := range outermost {
		for i := s.from; i < s.to; i++ {
			covered[i-from] = true
		}
		start, end := r.tokens[s.from].start, r.tokens[s.to-1].end
		if r.b.asking[s.form] {
			asking = append(asking, [2]int{start, end})
			continue
		}
		if inner && r.stands(s) {
			continue // it is read beside the whole, see swallowed
		}
		c := Concept{Text: r.b.forms[s.form].text, Start: start, End: end, Forms: r.others(s)}
		if s.to-s.from > 1 {
			c.Parts, _ = r.read(s.from, s.to, true)
		}
		if len(c.Parts) == 1 && c.Parts[0].Start == start && c.Parts[0].End == end {
			c.Parts = nil // it is a pair of characters itself
		}
		if s.form >= r.b.builtin && r.b.added {
			c.Parts = beside(c.Parts, out)
		}
		out = append(out, c)
	}
	if !inner {
		out = append(out, r.swallowed(spans, outermost)...)
	}
	for _, u := range uncovered(r.tokens[from:to], covered) {
		out = append(out, Concept{Text: analysis.Normalize(r.text[u[0]:u[1]]), Start: u[0], End: u[1], Cut: r.text[u[0]] >= 0x80})
	}
	slices.SortStableFunc(out, func(a, b Concept) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return out, asking
}

// stands reports whether a span is a single character that stands for an added entry with +.
func (r *reader) stands(s span) bool {
	return r.b.single(s.form) && slices.ContainsFunc(r.extra[s], func(e edge) bool { return e.added })
}

// swallowed lists the single characters that stand for an entry with + and lie within a
// longer word: 卖 of 卖药, where that leads nowhere by itself.
func (r *reader) swallowed(spans, outermost []span) []Concept {
	if len(r.extra) == 0 || !r.b.added {
		return nil
	}
	read := make(map[span]bool, len(outermost))
	for _, s := range outermost {
		read[s] = true
	}
	var out []Concept
	for _, s := range spans {
		if t := r.tokens[s.from]; r.stands(s) && !read[s] {
			out = append(out, Concept{Text: r.b.forms[s.form].text, Start: t.start, End: t.end, Forms: r.others(s)})
		}
	}
	return out
}

// find lists every known form in the text, nested ones too.
func (b *Bridge) find(tokens []token) []span {
	var out []span
	for i := range tokens {
		nodes := []int{0}
		for j := i; j < len(tokens) && len(nodes) > 0 && (j == i || !tokens[j].apart); j++ {
			nodes = b.trie.step(nodes, tokens[j])
			for _, node := range nodes {
				for _, n := range b.trie.forms(node) {
					out = append(out, span{i, j + 1, n})
				}
			}
		}
	}
	return out
}

// near finds the entries with + of which all parts stand near one another, and
// tells by the span of the first part what they lead to.
func (b *Bridge) near(spans []span) map[span][]edge {
	at := map[int][]span{} // form → where it stands
	longest := 0
	for _, s := range spans {
		at[s.form] = append(at[s.form], s)
		longest = max(longest, s.to-s.from)
	}
	out := map[span][]edge{}
	for _, s := range spans {
		for _, n := range b.forms[s.form].parts {
			j := b.joined[n]
			if j.parts[0] != s.form {
				continue
			}
			all := true
			for _, p := range j.parts[1:] {
				close := at[p][begin(at[p], s.from-together-longest):begin(at[p], s.to+together+1)]
				all = all && slices.ContainsFunc(close, func(o span) bool { return o != s && s.from-o.to <= together })
			}
			if all {
				out[s] = append(out[s], j.edges...)
			}
		}
	}
	return out
}

// begin is the place of the first of spans, which are by where they begin, that
// begins at a token or after it.
func begin(spans []span, token int) int {
	i, _ := slices.BinarySearchFunc(spans, token, func(s span, token int) int { return cmp.Compare(s.from, token) })
	return i
}

// outermost leaves out spans that lie within another one. Of several forms of
// one span all but the first go: they are one text.
func outermost(spans []span) []span {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var out []span
	end := 0
	for _, s := range spans {
		if s.to > end {
			out = append(out, s)
			end = s.to
		}
	}
	return out
}

// others lists the other forms of a form: those of its entries, and from there
// one step further along another kind of relation: 补贴 > 资金支持 = financial
// support. Those that only added lines lead to come on top of MaxForms.
func (b *Bridge) others(n int, extra []edge) []Form {
	best := b.reached(n, extra, false)
	picked := ranked(best)
	picked = picked[:min(len(picked), MaxForms)]
	if b.added {
		own := best
		best = b.reached(n, extra, true)
		more := maps.Clone(best)
		maps.DeleteFunc(more, func(n int, f Form) bool { return f.Weight <= own[n].Weight || slices.Contains(picked, n) })
		by := ranked(more)
		picked = append(picked, by[:min(len(by), MaxAdded)]...)
		slices.SortFunc(picked, func(n, o int) int { return byWeight(best[n], best[o]) })
	}
	out := make([]Form, len(picked))
	for i, n := range picked {
		out[i] = best[n]
	}
	return out
}

// reached lists the other forms of a form by number, each as it is reached best: with
// added lines, or without.
func (b *Bridge) reached(n int, extra []edge, added bool) map[int]Form {
	best := map[int]Form{}
	reach := func(e edge, weight float64, entry string) {
		if f, ok := best[e.to]; e.to != n && weight >= least && (!ok || weight > f.Weight) {
			best[e.to] = Form{b.forms[e.to].text, weight, entry}
		}
	}
	for _, e := range slices.Concat(b.forms[n].edges, extra) {
		if e.added && !added {
			continue
		}
		reach(e, e.weight, e.entry)
		for _, f := range b.forms[e.to].edges {
			if f.kind != e.kind && f.kind != synonym && e.kind != synonym && (e.kind != translation || f.kind != official) && (added || !f.added) {
				reach(f, e.weight*f.weight, e.entry)
			}
		}
	}
	return best
}

// ranked lists forms by number, those that count most first.
func ranked(forms map[int]Form) []int {
	return slices.SortedFunc(maps.Keys(forms), func(n, o int) int { return byWeight(forms[n], forms[o]) })
}

func byWeight(a, b Form) int {
	return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
}

// uncovered cuts what no form covers into pairs of characters and words, as
// byte offsets.
func uncovered(tokens []token, covered []bool) [][2]int {
	var out [][2]int
	for i, t := range tokens {
		switch {
		case covered[i]:
		case analysis.KindOf(t.key) == analysis.Word:
			out = append(out, [2]int{t.start, t.end})
		case i+1 < len(tokens) && !covered[i+1] && !tokens[i+1].apart && analysis.KindOf(tokens[i+1].key) == analysis.Unigram:
			out = append(out, [2]int{t.start, tokens[i+1].end})
		}
	}
	return out
}

// A token is a character or a word of a text.
type token struct {
	key        uint64
	stems      []uint64 // of what an English word may be a form of
	start, end int
	apart      bool // a mark that ends a part of a sentence stands before it
}

func tokenize(text string) []token {
	var out []token
	end := 0
	for _, t := range analysis.Append(nil, text) {
		if analysis.KindOf(t.Key) == analysis.Bigram {
			continue
		}
		between := text[end:max(t.Start, end)]
		apart := strings.ContainsAny(between, ";?!；。？！\n") || strings.ContainsAny(between, ",:，、：") && analysis.KindOf(t.Key) != analysis.Word
		out = append(out, token{t.Key, stems(text[t.Start:t.End]), t.Start, t.End, apart})
		end = t.End
	}
	return out
}

// stems are the keys of the words that an English word in -ing or -ed may come
// from: licensing from licens, license; planned from plan. Those that are no
// words are in no entry.
func stems(word string) []uint64 {
	var out []uint64
	for _, ending := range []string{"ing", "ed", "ly"} {
		base, ok := strings.CutSuffix(strings.ToLower(word), ending)
		if !ok || len(base) < 3 {
			continue
		}
		out = analysis.AppendKeys(out, base)
		if ending != "ly" {
			out = analysis.AppendKeys(out, base+"e")
		}
		if n := len(base); base[n-1] == base[n-2] {
			out = analysis.AppendKeys(out, base[:n-1])
		}
		if base[len(base)-1] == 'i' {
			out = analysis.AppendKeys(out, base[:len(base)-1]+"y")
		}
	}
	return out
}
