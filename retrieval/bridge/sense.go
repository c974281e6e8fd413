package bridge

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A Sense is a question prepared to be compared with others; see [Bridge.Sense] and
// [Similar]. It never changes and may be used from several goroutines.
type Sense struct {
	concepts []meant
	all      float64            // weight of the concepts
	own      map[string]bool    // texts of the concepts and of their parts
	closure  map[string]float64 // other forms of those → what they count
	keys     map[uint64]bool    // pairs and words of the text
	folded   []rune             // normal form
	places   map[string]bool    // entries of the places that are named
	figures  map[string]bool    // numbers and years, see figures
	sides    map[int]int        // line of contrasts → the side that the text is on; -1 for several
	denied   []string           // what is said not to be, in two characters or a word
	pieces   []piece
	none     bool // it has nothing to compare
}

// A meant is a concept of a Sense with its weight.
type meant struct {
	Concept
	weight float64
	keys   []uint64
}

// What a concept weighs without a measure of rarity.
const (
	entryWeight = 1.0 // the files of words have it
	wordWeight  = 0.8 // another word
	cutWeight   = 0.5 // two characters next to one another: maybe no word
	yearShare   = 0.3 // of the weight of a year: all that is asked of a plan may name it
)

// Sense prepares a question. rarity tells what a concept weighs, 0 or more, by its text
// and its other forms; nil: by whether the files of words have it. Words that only ask
// weigh nothing, a year little; a sum is one concept, however it is written. Questions that
// are compared need the same bridge, which is [Comparing] but for a reason.
func (b *Bridge) Sense(text string, rarity func(Concept) float64) *Sense {
	folded := analysis.Normalize(text)
	found, _ := b.Read(folded)
	list := numbers(folded)
	s := &Sense{
		own: map[string]bool{}, closure: map[string]float64{}, keys: map[uint64]bool{}, folded: []rune(folded),
		places: map[string]bool{}, figures: map[string]bool{}, denied: denied(folded), pieces: pieces(folded),
	}
	for _, n := range list {
		s.figures[n.value] = true
	}
	for _, k := range analysis.AppendKeys(nil, folded) {
		if analysis.KindOf(k) != analysis.Unigram {
			s.keys[k] = true
		}
	}
	for _, at := range b.find(tokenize(folded)) {
		if entry := b.places[at.form]; entry != "" {
			s.places[entry] = true
		}
	}
	for _, c := range apart(asConcepts(found, list, folded)) {
		m := meant{Concept: c, weight: plainWeight(c), keys: pairs(c.Text)}
		if rarity != nil {
			m.weight = rarity(c)
		}
		if year.MatchString(c.Text) {
			m.weight *= yearShare
		}
		if len(m.keys) == 0 || m.weight <= 0 {
			continue
		}
		s.concepts, s.all = append(s.concepts, m), s.all+m.weight
		s.add(c)
	}
	s.sides = contrasts().sides(folded)
	s.none = s.all == 0
	return s
}

func plainWeight(c Concept) float64 {
	switch {
	case len(c.Forms) > 0:
		return entryWeight
	case c.Cut:
		return cutWeight
	}
	return wordWeight
}

// add enters a concept with its parts.
func (s *Sense) add(c Concept) {
	s.own[c.Text] = true
	for _, f := range c.Forms {
		s.closure[f.Text] = max(s.closure[f.Text], f.Weight)
	}
	for _, p := range c.Parts {
		s.add(p)
	}
}

// apart leaves out of runs of pairs, of which each shares a character with the next,
// every second.
func apart(found []Concept) []Concept {
	var out []Concept
	end := -1
	for _, c := range found {
		if c.Cut && c.Start < end {
			continue
		}
		out, end = append(out, c), c.End
	}
	return out
}

// pairs are the keys of the pairs and words of a text.
func pairs(text string) []uint64 {
	return slices.DeleteFunc(analysis.AppendKeys(nil, text), func(k uint64) bool { return analysis.KindOf(k) == analysis.Unigram })
}

// covers is how much of a concept s says in any of its forms, 0 to 1; nothing for nil.
func (s *Sense) covers(c Concept, keys []uint64) float64 {
	if s == nil {
		return 0
	}
	if s.own[c.Text] {
		return 1
	}
	best := s.closure[c.Text]
	for _, f := range c.Forms {
		if f.Weight > best && s.own[f.Text] {
			best = f.Weight
		}
		if w := sharedForm * f.Weight * s.closure[f.Text]; w > best {
			best = w
		}
	}
	if best >= fully {
		return best
	}
	return max(best, s.covered(c, keys))
}

// covered is how much of a concept s says in its parts or in its pairs and words.
func (s *Sense) covered(c Concept, keys []uint64) float64 {
	if len(c.Parts) > 0 {
		sum, all := 0.0, 0.0
		for _, p := range c.Parts {
			n := float64(utf8.RuneCountInString(p.Text))
			all += n
			sum += n * s.covers(p, pairs(p.Text))
		}
		return inParts * sum / all
	}
	n := 0
	for _, k := range keys {
		if s.keys[k] {
			n++
		}
	}
	if len(keys) == 0 {
		return 0
	}
	return inParts * float64(n) / float64(len(keys))
}

const (
	sharedForm = 0.8 // two words with a form in common
	inParts    = 0.9 // a word of which the parts are said
	fully      = 0.9 // from here on the parts are not looked at
)

// isPlaceName reports whether the English side of an entry of places is a name: kinds
// of place are written small.
func isPlaceName(side string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(side))
	return unicode.IsUpper(r)
}

// placesFile has the names of places, and words for kinds of place.
const placesFile = "zh-en-places.txt"

// everywhere are names that set no two questions apart.
var everywhere = []string{"中国", "中华人民共和国", "我国"}

// Concepts lists what is compared of the question.
func (s *Sense) Concepts() []Concept {
	out := make([]Concept, len(s.concepts))
	for i, c := range s.concepts {
		out[i] = c.Concept
	}
	return out
}

// Foreign is the share of s, by weight, in words that the files of words have and that
// neither another question nor also says: something else is asked about.
func (s *Sense) Foreign(by *Sense, also func(Concept) float64) float64 {
	if s.none {
		return 0
	}
	sum := 0.0
	for _, c := range s.concepts {
		if len(c.Forms) > 0 && by.covers(c.Concept, c.keys) < unsaid && also(c.Concept) < unsaid {
			sum += c.weight
		}
	}
	return sum / s.all
}

const unsaid = 0.35 // below this a word is not said
