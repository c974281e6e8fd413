package auditor

import (
	_ "embed"
	"regexp"
	"strings"
	"unicode/utf8"
)

//go:embed opposites.txt
var oppositeFile string

// scales are the lines of opposites.txt: the steps of each, with their forms.
var scales = loadScales()

// A scale is the forms of each of its steps; absent asks only for steps of which
// the quote has nothing.
type scale struct {
	steps  [][]string
	absent bool
}

func loadScales() []scale {
	var out []scale
	for _, line := range listLines(oppositeFile) {
		var steps [][]string
		line, absent := strings.CutPrefix(line, "absent:")
		for _, step := range strings.Split(line, "|") {
			steps = append(steps, splitForms(step))
		}
		out = append(out, scale{steps, absent})
	}
	return out
}

// neither blanks words that hold a step of a scale and say none, or all of them.
var neither = regexp.MustCompile(`国内外|境内外|海内外|进出口|世界500强|世界卫生|前沿|前提|当前|目前|提前|前瞻|前景|此前|前期|前来|后续|先后|背后|今后|落后|前后|售后|后备|后台|对外开放|` +
	`home and abroad|domestic and (?:foreign|international|overseas)|(?:foreign|international|overseas) and domestic|imports? and exports?|world's top|(?:global|world|world's) top|fortune global|fortune 500|at home and`)

func withoutPairs(folded string) string {
	return neither.ReplaceAllStringFunc(folded, func(m string) string { return strings.Repeat(" ", len(m)) })
}

// opposed: of the words of a scale the sentence says that which the quote says
// in the same place.
func (h *held) opposed() {
	said, quote := withoutPairs(h.folded), withoutPairs(h.quote)
	for _, scale := range scales {
		inQuote := make([][][2]int, len(scale.steps))
		for k, step := range scale.steps {
			inQuote[k] = placesOfStep(quote, step)
		}
		for k, step := range scale.steps {
			if scale.absent && len(inQuote[k]) > 0 {
				continue
			}
			for _, at := range placesOfStep(said, step) {
				if h.stepOfAnother(said, quote, at, inQuote, k) {
					h.bad("G6", "the quote says another than %q here", h.folded[at[0]:at[1]])
				}
			}
		}
	}
}

// stepOfAnother: the quote has another step beside the words that stand beside
// this one in the sentence, and not this step.
func (h *held) stepOfAnother(said, quote string, at [2]int, inQuote [][][2]int, k int) bool {
	words := beside(said, at)
	own, other := 0, 0
	for i, places := range inQuote {
		for _, p := range places {
			n := shared(words, beside(quote, p))
			if i == k {
				own = max(own, n)
			} else {
				other = max(other, n)
			}
		}
	}
	if len(inQuote[k]) == 0 {
		return other > 0 && !strings.Contains(h.about, h.folded[at[0]:at[1]])
	}
	return own == 0 && other > 0 || farther(said, quote, at, inQuote, k)
}

// farther: in the whole part the quote fits the other step much better.
func farther(said, quote string, at [2]int, inQuote [][][2]int, k int) bool {
	var all []quantity
	var places []map[string]bool
	var step []int
	for i, found := range inQuote {
		for _, p := range found {
			q := quantity{start: p[0], end: p[1]}
			all, places, step = append(all, q), append(places, around(quote, nil, q)), append(step, i)
		}
	}
	rare := rarityOf(places, all, false)
	words := around(said, nil, quantity{start: at[0], end: at[1]})
	own, other := 0.0, 0.0
	for i, p := range places {
		if fit := weigh(words, p, rare); step[i] == k {
			own = max(own, fit)
		} else {
			other = max(other, fit)
		}
	}
	return other > own+1
}

// placesOfStep finds the forms of a step in a folded text.
func placesOfStep(text string, forms []string) [][2]int {
	var out [][2]int
	for _, f := range forms {
		f, whole := strings.CutSuffix(f, ".")
		for from := 0; ; {
			i := strings.Index(text[from:], f)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(f)
			if hasHan(f) || (at == 0 || !isASCIILetter(text[at-1])) && (!whole || from == len(text) || !isASCIILetter(text[from])) {
				out = append(out, [2]int{at, from})
			}
		}
	}
	return out
}

// beside are the tokens right before and after a place, up to the next mark.
func beside(text string, at [2]int) map[string]bool {
	reach := 18
	if !mostlyHan(text[max(0, at[0]-30):min(len(text), at[1]+30)]) {
		reach = 30
	}
	from, to := max(0, at[0]-reach), min(len(text), at[1]+reach)
	if i := strings.LastIndexAny(text[from:at[0]], ",;。\n"); i >= 0 {
		from += i + 1
	}
	if i := strings.IndexAny(text[at[1]:to], ",;。\n"); i >= 0 {
		to = at[1] + i
	}
	before, after := strings.ToValidUTF8(text[from:at[0]], ""), strings.ToValidUTF8(text[at[1]:to], "")
	if i := strings.IndexByte(before, ' '); i >= 0 && from > 0 {
		before = before[i:] // the first word may be half
	}
	if i := strings.LastIndexByte(after, ' '); i >= 0 && to < len(text) {
		after = after[:i]
	}
	return tokensOf(before + " " + after)
}

var backed = regexp.MustCompile(`支持|鼓励|support|encourag`)

var backing = regexp.MustCompile(`(?:支持|鼓励)\p{Han}| (?:supports|encourages) `)

// backers: who is supported is not said to support. Who stands right before the
// verb in the sentence does not stand only after it in the quote.
func (h *held) backers() {
	quoted := backed.FindAllStringIndex(h.quote, -1)
	for _, m := range backing.FindAllStringIndex(h.folded, -1) {
		who := tokensOf(lastWords(h.folded[:m[0]]))
		before, after := 0, 0
		for _, q := range quoted {
			before += shared(who, tokensOf(lastWords(h.quote[:q[0]])))
			to := min(len(h.quote), q[1]+40)
			after += shared(who, tokensOf(strings.ToValidUTF8(h.quote[q[1]:to], "")))
		}
		if before == 0 && after > 0 {
			h.bad("G6", "the quote does not say who does this: %q", h.folded[m[0]:])
		}
	}
}

// lastWords is the end of a text: the last word, or the last two characters
// when the text ends in Chinese and no mark.
func lastWords(text string) string {
	text = strings.TrimRight(text, " ")
	if text == "" {
		return ""
	}
	last, size := utf8.DecodeLastRuneInString(text)
	if isHan(last) {
		before, n := utf8.DecodeLastRuneInString(text[:len(text)-size])
		if isHan(before) {
			return text[len(text)-size-n:]
		}
		return ""
	}
	if !isASCIILetter(text[max(0, len(text)-1)]) {
		return ""
	}
	return text[strings.LastIndexByte(text, ' ')+1:]
}
