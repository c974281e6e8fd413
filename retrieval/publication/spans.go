package publication

import (
	"strings"
	"unicode"
)

// Kinds of span.
const (
	Same  = "same"
	Taken = "taken" // of the old text alone
	Put   = "put"   // of the new text alone
)

// A Span is a piece of an old text, of a new one, or of both. Those that are Same or Taken
// make the old text, in order; those that are Same or Put, the new one.
type Span struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

// Limits of one comparison. What is beyond them is shown as taken and put as a whole.
const (
	maxEdits = 1000       // single steps between two texts
	maxWork  = 20_000_000 // steps times tokens
)

// Spans compares two texts by words and characters. Neighbours differ in Op, no Text is
// empty, and equal texts are one span that is Same; of two empty texts there is none.
func Spans(from, to string) []Span {
	a, b := tokens(from), tokens(to)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var w spanWriter
	w.add(Same, a[:head]...)
	w.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	w.add(Same, a[len(a)-tail:]...)
	return w.finish()
}

// tokens cuts a text: runs of letters and digits of one script without Han, runs of blanks, and
// everything else one by one.
func tokens(text string) []string {
	var out []string
	start, last := 0, 0
	for i, r := range text {
		class := classOf(r)
		if i > start && (class != last || class == single) {
			out, start = append(out, text[start:i]), i
		}
		last = class
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

const (
	single = iota
	word
	digits
	blank
)

func classOf(r rune) int {
	switch {
	case unicode.IsDigit(r):
		return digits
	case unicode.IsSpace(r):
		return blank
	case unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return word
	}
	return single
}

// A spanWriter joins what it gets to spans. What is taken comes before what is put.
type spanWriter struct {
	spans      []Span
	taken, put strings.Builder
}

func (w *spanWriter) add(op string, list ...string) {
	switch op {
	case Taken:
		write(&w.taken, list)
		return
	case Put:
		write(&w.put, list)
		return
	}
	if len(list) == 0 {
		return
	}
	w.flush()
	var b strings.Builder
	write(&b, list)
	if n := len(w.spans); n > 0 && w.spans[n-1].Op == Same {
		w.spans[n-1].Text += b.String()
		return
	}
	w.spans = append(w.spans, Span{Same, b.String()})
}

func write(b *strings.Builder, list []string) {
	for _, s := range list {
		b.WriteString(s)
	}
}

func (w *spanWriter) flush() {
	if w.taken.Len() > 0 {
		w.spans = append(w.spans, Span{Taken, w.taken.String()})
	}
	if w.put.Len() > 0 {
		w.spans = append(w.spans, Span{Put, w.put.String()})
	}
	w.taken.Reset()
	w.put.Reset()
}

func (w *spanWriter) finish() []Span {
	w.flush()
	return w.spans
}

// middle adds what differs, by the shortest way from a to b (E. W. Myers, 1986).
func (w *spanWriter) middle(a, b []string) {
	trace, ok := shortest(a, b)
	if !ok {
		w.add(Taken, a...)
		w.add(Put, b...)
		return
	}
	var back []Span
	x, y := len(a), len(b)
	for d := len(trace) - 1; d >= 0; d-- {
		from, down := 0, false
		if d > 0 {
			from, down = enter(trace[d-1], d, x-y)
		}
		for ; x > from; x, y = x-1, y-1 {
			back = append(back, Span{Same, a[x-1]})
		}
		switch {
		case d == 0:
		case down:
			y--
			back = append(back, Span{Put, b[y]})
		default:
			x--
			back = append(back, Span{Taken, a[x]})
		}
	}
	for i := len(back) - 1; i >= 0; i-- {
		w.add(back[i].Op, back[i].Text)
	}
}

// enter is where the way of d steps enters diagonal k: how far of a it has come, and whether its
// last step put a token of b.
func enter(before []int32, d, k int) (x int, down bool) {
	left, above := reach(before, d-1, k-1), reach(before, d-1, k+1)
	if k == -d || k != d && left < above {
		return above, true
	}
	return left + 1, false
}

// reach is how far the ways of d steps come on diagonal k, -1 where none does. at has a place
// for every second diagonal from -d on.
func reach(at []int32, d, k int) int {
	if k < -d || k > d {
		return -1
	}
	return int(at[(k+d)/2])
}

// shortest finds how far each number of steps comes, until the end is reached. It gives up
// beyond the limits.
func shortest(a, b []string) (trace [][]int32, ok bool) {
	limit := min(maxEdits, len(a)+len(b), maxWork/(len(a)+len(b)+1))
	for d := 0; d <= limit; d++ {
		row := make([]int32, d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x, _ = enter(trace[d-1], d, k)
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			row[(k+d)/2] = int32(x) //nolint:gosec // no text has so many tokens
			if x == len(a) && x-k == len(b) {
				return append(trace, row), true
			}
		}
		trace = append(trace, row)
	}
	return nil, false
}
