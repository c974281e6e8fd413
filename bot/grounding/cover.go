package grounding

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
	"policybot/retrieval/bridge"
)

// How a piece of a sentence is accounted for.
type origin int

const (
	unknown origin = iota // not at all
	single                // one Han character, which the sources have
	light                 // by light.txt
	given                 // it is a quantity, a name, a title, or a word of words.txt: other rules look at it
	linked                // by words of the sources
)

// A piece is tokens of a sentence that are accounted for together.
type piece struct {
	i, j     int // tokens
	from, to int // runes
	origin   origin
	at       []int32 // spots that it stands for
	cost     int
	date     bool // a date, which may stand far from what is to happen by then
	weak     bool // a word of a translation alone, which may be of another thing
}

// Costs of pieces: the way of least cost through the sentence counts.
const (
	costLinked  = 10
	costGiven   = 11
	costLight   = 10
	costSingle  = 45
	costUnknown = 200
)

// pieces cuts the claim.
func (c *checker) pieces() []piece {
	list := tokens(&c.claim.Text, 0, len(c.claim.Runes))
	if len(list) == 0 {
		return nil
	}
	options := make([][]piece, len(list))
	add := func(p piece) { options[p.i] = append(options[p.i], p) }
	c.givenPieces(list, add)
	c.wordPieces(list, add)
	c.bridgePieces(list, add)
	best := make([]int, len(list)+1)
	way := make([]piece, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		best[i] = best[i+1] + costUnknown
		way[i] = piece{i: i, j: i + 1, cost: costUnknown}
		for _, p := range options[i] {
			if cost := best[p.j] + p.cost; cost < best[i] {
				best[i], way[i] = cost, p
			}
		}
	}
	var out []piece
	for i := 0; i < len(list); i = way[i].j {
		p := way[i]
		if p.origin == linked {
			p.at = slices.Clone(p.at)
			p.weak = true
			for _, o := range options[i] {
				if o.j == p.j && o.origin == linked {
					p.at, p.weak = append(p.at, o.at...), p.weak && o.weak
				}
			}
		}
		p.from, p.to = list[p.i].from, list[p.j-1].to
		out = append(out, p)
	}
	return out
}

// givenPieces are quantities, names, the mark of a list, links and words of
// words.txt: other rules look at them, or another package.
func (c *checker) givenPieces(list []token, add func(piece)) {
	span := func(from, to, cost int) (piece, bool) {
		i, j := len(list), 0
		for k, t := range list {
			if t.from < to && t.to > from {
				i, j = min(i, k), max(j, k+1)
			}
		}
		ok := i < j && list[i].from >= from && list[j-1].to <= to
		return piece{i: i, j: j, origin: given, cost: cost}, ok
	}
	text := string(c.claim.Runes)
	if at := strings.Index(text, "://"); at >= 0 {
		if p, ok := span(c.claim.link(len([]rune(text[:at])))); ok {
			add(p)
		}
	}
	if m := listMark.FindStringIndex(text); m != nil {
		if p, ok := span(0, max(1, len([]rune(text[:m[1]]))-1), 1); ok {
			add(p)
		}
	}
	for k := range c.claim.quantities {
		q := &c.claim.quantities[k]
		p, ok := span(q.from, q.to, 1)
		if !ok {
			continue
		}
		if at := c.equals(q); len(at) > 0 {
			p.origin, p.at, p.date = linked, at, q.Kind == quantity.Date
		}
		add(p)
	}
	for _, n := range c.claim.named {
		if !n.inner {
			c.namePiece(list, n, add)
		}
	}
	for _, m := range c.allMarks() {
		if p, ok := span(m.from, m.to, costGiven); ok {
			add(p)
		}
	}
}

// allMarks returns the words of words.txt in the sentence.
func (c *checker) allMarks() []mark {
	var out []mark
	for k := range c.claim.phrases {
		for _, m := range c.claim.phrases[k].marks {
			if m.class == will && c.claim.Runes[m.from] == '将' {
				m.to = m.from + 1 // 将加 is 将 and part of 加快
			}
			out = append(out, m)
		}
	}
	return out
}

// link returns the runes of the link around :// at i, and the cost of its piece.
func (t *text) link(i int) (from, to, cost int) {
	from, to = i, i
	for from > 0 && letter(t.Runes[from-1]) {
		from--
	}
	for to < len(t.Runes) && t.Runes[to] > ' ' && t.Runes[to] < 0x80 {
		to++
	}
	return from, to, 1
}

// listMark is what an item of a list begins with.
var listMark = regexp.MustCompile(`^\s*[（(]?[一二三四五六七八九十0-9]{1,3}[)）、.](?:[^0-9]|$)`)

// equals returns where the texts of the sources have the value of q.
func (c *checker) equals(q *amount) []int32 {
	var out []int32
	for _, a := range c.corpus.amounts {
		if quantity.Relate(q.Quantity, a.Quantity).Value {
			out = append(out, a.at)
		}
	}
	return out
}

// namePiece is a name, which stands for every form of it in the sources.
func (c *checker) namePiece(list []token, n named, add func(piece)) {
	i, j := len(list), 0
	for k, t := range list {
		if t.from >= n.from && t.to <= n.to {
			i, j = min(i, k), max(j, k+1)
		}
	}
	if i >= j {
		return
	}
	at := slices.Clone(c.corpus.named[n.name])
	for _, m := range c.claim.named { // the same words may be a form of two names
		if m.from == n.from && m.to == n.to && m.name != n.name {
			at = append(at, c.corpus.named[m.name]...)
		}
	}
	p := piece{i: i, j: j, origin: given, cost: 1}
	if len(at) > 0 {
		p.origin, p.at = linked, at
	}
	add(p)
}

// sourceOf returns the text of a number of spot.source.
func (c *checker) sourceOf(k int) *text {
	if k < 0 {
		return &c.about[-1-k]
	}
	return &c.sources[k]
}

// wordPieces are words of the sources and those of the lists.
func (c *checker) wordPieces(list []token, add func(piece)) {
	k, v := c.corpus, words()
	for i, t := range list {
		n, at := k.run(list, i)
		for l := 1; l <= n; l++ {
			switch {
			case !t.han && l == 1 && lightKey(t.key):
			case !t.han:
				add(piece{i: i, j: i + l, origin: linked, at: at[l], cost: costLinked})
			case t.han && l == 1:
				add(piece{i: i, j: i + 1, origin: single, at: at[l], cost: costSingle})
			case t.han:
				cost := costLinked
				if lightKey(t.key) || lightKey(list[i+l-1].key) {
					cost += 13 // the end of one word and the beginning of the next
				}
				add(piece{i: i, j: i + l, origin: linked, at: at[l], cost: cost})
			}
		}
		if at := k.rendered[t.key]; !t.han && len(at) > 0 {
			add(piece{i: i, j: i + 1, origin: linked, at: at, cost: costLinked + 8, weak: true})
		}
		v.light.at(list, i, func(end int, _ []entry) {
			if end == i+1 && qualifies(&c.claim, list, i) {
				return
			}
			cost := costLight
			if t.han && end == i+1 {
				cost += 2 // it may be part of a word: 家 of 国家
			}
			add(piece{i: i, j: end, origin: light, cost: cost})
		})
		if t.han && strings.Contains(helpers, t.key) {
			add(piece{i: i, j: i + 1, origin: light, cost: costLight + 20})
		}
		c.samePieces(list, i, add)
		k.spelled.at(list, i, func(end int, entries []entry) {
			for _, e := range entries {
				add(piece{i: i, j: end, origin: linked, at: k.speltAt[e.line], cost: costLinked + 1})
			}
		})
	}
}

// samePieces are the words at i for which same.txt has others that stand in the
// sources.
func (c *checker) samePieces(list []token, i int, add func(piece)) {
	words().same.at(list, i, func(end int, entries []entry) {
		for _, e := range entries {
			at := c.corpus.lines[e.line]
			switch {
			case !e.says || len(at) == 0:
			case list[i].han && end == i+1: // a character may be part of another word
				add(piece{i: i, j: end, origin: single, at: at, cost: costSingle})
			default:
				add(piece{i: i, j: end, origin: linked, at: at, cost: costLinked + 1})
			}
		}
	})
}

// trusted are the files of retrieval/bridge whose words mean the same; what the
// others have only helps a search.
var trusted = []string{"abbreviations.txt", "synonyms-official.txt", "synonyms-english.txt", "zh-en-", "old-names.txt"}

// bridgePieces are words for which retrieval/bridge has others that stand in
// the sources.
func (c *checker) bridgePieces(list []token, add func(piece)) {
	normal := string(c.claim.Runes)
	starts, ends := make(map[int]int, len(list)), make(map[int]int, len(list))
	bytes, r := 0, 0
	forward := func(to int) int {
		for ; r < to; r++ {
			bytes += len(string(c.claim.Runes[r]))
		}
		return bytes
	}
	for i, t := range list {
		starts[forward(t.from)] = i
		ends[forward(t.to)] = i + 1
	}
	var each func(all []bridge.Concept)
	each = func(all []bridge.Concept) {
		for _, k := range all {
			each(k.Parts)
			i, ok := starts[k.Start]
			j, ends := ends[k.End]
			if !ok || !ends || k.Cut {
				continue
			}
			for _, f := range k.Forms {
				if !slices.ContainsFunc(trusted, func(file string) bool { return strings.HasPrefix(f.Entry, file) }) {
					continue
				}
				if at := c.corpus.phrased(keysOf(f.Text)); len(at) > 0 {
					add(piece{i: i, j: j, origin: linked, at: at, cost: costLinked + 2})
				}
			}
		}
	}
	all, _ := bridge.Default().Read(normal)
	each(all)
}

// words notes what of the sentence is not accounted for.
func (c *checker) words() {
	pieces := c.parts
	for k := 0; k < len(pieces); k++ {
		p := pieces[k]
		if p.origin != unknown && p.origin != single {
			continue
		}
		end, bad := k, false
		for end < len(pieces) && (pieces[end].origin == unknown || pieces[end].origin == single) && (end == k || pieces[end].from-pieces[end-1].to <= 1 && !c.claim.comma(pieces[end].from)) {
			bad = bad || pieces[end].origin == unknown || end > k
			end++
		}
		if !bad && k > 0 { // 就业, of 就 and a character that stands elsewhere
			l := pieces[k-1]
			bad = l.origin == light && l.to == p.from && l.j-l.i == 1 && fold.Han(c.claim.Runes[l.from]) && !strings.ContainsRune("的和与及或在为对把将以并到于由向被等而让就是有", c.claim.Runes[l.from])
			bad = bad || l.to == p.from && (c.claim.Runes[l.from] == '就' || c.claim.Runes[l.from] == '和') && l.j-l.i == 1
		}
		if bad {
			c.add(RuleWord, "", p.from, pieces[end-1].to)
		}
		k = end - 1
	}
	c.helping()
	c.sorts()
	c.cutNumbers()
	c.speakers()
}

// helpers are characters that add nothing to a verb beside them, and are parts of
// many words.
const helpers = "会出再进"

// helping notes 会 and 出 where what stands right beside them is not accounted
// for: they are parts of another word there, as in 协会.
func (c *checker) helping() {
	for k := range c.parts {
		p := &c.parts[k]
		if p.origin != light || p.to-p.from != 1 || !strings.ContainsRune(helpers, c.claim.Runes[p.from]) {
			continue
		}
		loose := func(i int) bool {
			return i >= 0 && i < len(c.parts) && (c.parts[i].origin == single || c.parts[i].origin == unknown) && (c.parts[i].to == p.from || c.parts[i].from == p.to)
		}
		if loose(k-1) || loose(k+1) {
			c.add(RuleWord, "", p.from, p.to)
		}
	}
}

// comma reports whether a mark of a list stands before the rune at i.
func (t *text) comma(i int) bool { return strings.ContainsRune("、,/", t.at(i-1)) }

// sorts notes members of kinds.txt that the sources do not name.
func (c *checker) sorts() {
	list := tokens(&c.claim.Text, 0, len(c.claim.Runes))
	hidden := func(t token) bool {
		return slices.ContainsFunc(c.claim.named, func(n named) bool { return n.from <= t.from && t.to <= n.to })
	}
	for i := 0; i < len(list); i++ {
		end, fits := 0, false
		words().kinds.at(list, i, func(to int, entries []entry) {
			if slices.ContainsFunc(entries, func(e entry) bool { return e.says }) {
				end, fits = to, slices.ContainsFunc(entries, func(e entry) bool { return e.says && c.corpus.kinds[e.line] })
			}
		})
		if end > 0 {
			if !fits && !hidden(list[i]) {
				c.add(RuleWord, "", list[i].from, list[end-1].to)
			}
			i = end - 1
		}
	}
}
