package auditor

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A segment is a stretch of a text between two marks, the smallest piece that
// speaks of one thing.
type segment struct {
	text     string // folded
	clean    string // unmasked
	tokens   map[string]bool
	sentence int             // which full sentence it belongs to
	governed map[string]bool // classes that stand in it or reach into it
	quote    int             // which quote, among those given
}

var (
	fullStop = regexp.MustCompile(`[。;！!?？\n]|\.(?:\s|$)|\. ?\(`)
	comma    = regexp.MustCompile(`[,:]`)
)

// segmented cuts a folded text at its marks.
func segmented(folded string) []segment {
	var out []segment
	for i, sentence := range fullStop.Split(folded, -1) {
		for _, piece := range pieces(sentence) {
			out = append(out, segment{text: piece, clean: unmasked(piece), tokens: tokensOf(piece), sentence: i})
		}
	}
	govern(out)
	return out
}

// pieces cuts a sentence at its commas; in English only where a verb of its
// own follows.
func pieces(sentence string) []string {
	var out []string
	for _, p := range comma.Split(sentence, -1) {
		switch n := len(out); {
		case strings.TrimSpace(p) == "":
		case n > 0 && !hasHan(p) && !hasHan(out[n-1]) && !startsNew(unmasked(p)):
			out[n-1] += "," + p
		default:
			out = append(out, p)
		}
	}
	return out
}

// reaching are the classes that hold on from one segment to the next.
var reaching = []string{"seek", "explore", "premise", "principle", "approval", "encourage", "support", "may", "zone", "limit"}

// govern finds for each segment the classes that stand in it or reach into it
// from the one before: until a segment begins with a verb of its own. 允许
// begins no such segment, and a premise reaches the next one in any case.
func govern(segs []segment) {
	carry, last := map[string]bool{}, -1
	for i := range segs {
		s := &segs[i]
		if s.sentence != last {
			carry, last = map[string]bool{}, s.sentence
		}
		if startsNew(s.clean) {
			carry = map[string]bool{"premise": carry["premise"], "principle": carry["principle"], "approval": carry["approval"] && carry["premise"]}
		}
		for _, c := range classes {
			switch {
			case !c.in(s.clean):
			case c.name == "may" || c.name == "encourage" || c.name == "support":
				carry = map[string]bool{"seek": carry["seek"], "explore": carry["explore"], "premise": carry["premise"], "principle": carry["principle"], "approval": carry["approval"]}
			case c.name == "premise":
				carry = map[string]bool{"seek": carry["seek"], "explore": carry["explore"]}
			}
		}
		s.governed = map[string]bool{}
		for _, c := range classes {
			if c.governs(s.clean) || carry[c.name] {
				s.governed[c.name] = true
			}
		}
		carry = map[string]bool{}
		for _, name := range reaching {
			carry[name] = s.governed[name]
		}
	}
}

func startsNew(clean string) bool {
	clean = strings.TrimSpace(clean)
	for _, re := range []*pattern{classStart.zh, classStart.en} {
		if at := re.find.FindStringIndex(clean); at != nil && at[0] == 0 {
			return true
		}
	}
	return false
}

// tokensOf are the marks by which two pieces of text are held to speak of the
// same: pairs of characters, concepts, English stems; free words left out.
func tokensOf(folded string) map[string]bool {
	out := map[string]bool{}
	last := rune(0)
	for _, r := range folded {
		if isHan(r) && isHan(last) {
			if pair := string(last) + string(r); !vocab.free[pair] {
				out[pair] = true
			}
		}
		last = r
	}
	for c := range vocab.conceptsOf(folded) {
		out["#"+strconv.Itoa(c)] = true
	}
	for _, w := range latin(folded) {
		if len(w.text) > 1 && !vocab.free[w.stem] && !vocab.freeWords[w.text] && english[w.text] == 0 {
			out["~"+w.stem] = true
		}
	}
	return out
}

func shared(a, b map[string]bool) int {
	n := 0
	for t := range a {
		if b[t] {
			n++
		}
	}
	return n
}

// aligned picks the segments of the quotes that a piece of a sentence speaks
// of: those that share most with it. None when nothing is shared.
func aligned(tokens map[string]bool, quote []segment) []segment {
	best := 0
	for _, q := range quote {
		best = max(best, shared(tokens, q.tokens))
	}
	if best < 2 {
		return nil
	}
	var out []segment
	for _, q := range quote {
		if n := shared(tokens, q.tokens); n >= 2 && n*10 >= best*7 {
			out = append(out, q)
		}
	}
	return out
}

// spokenOf picks the segments of the quotes of whose own words a sentence
// says so many tenths or more. Where the two are in different scripts each known
// word counts once, however many words of the other script stand for it.
func spokenOf(tokens map[string]bool, han bool, quote []segment, tenths int) []segment {
	var out []segment
	for _, q := range quote {
		said, all, least := 0, 0, 2
		if mostlyHan(q.text) != han {
			said, all = knownWords(q.text, tokens)
			all, least = all*5/4, 3
		} else {
			for t := range q.tokens {
				all++
				if tokens[t] {
					said++
				}
			}
		}
		if said >= least && said*10 >= all*tenths {
			out = append(out, q)
		}
	}
	return out
}

// knownWords counts the words of a text that the lists know, the longest at
// each place, and those of which tokens hold one meaning.
func knownWords(folded string, tokens map[string]bool) (said, all int) {
	from := 0
	found := vocab.hits(vocab.said, folded)
	slices.SortStableFunc(found, func(a, b hit) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	for _, h := range found {
		if h.start < from {
			continue
		}
		from = h.end
		all++
		if slices.ContainsFunc(h.lines, func(l int) bool { return tokens["#"+strconv.Itoa(l)] }) {
			said++
		}
	}
	return said, all
}
