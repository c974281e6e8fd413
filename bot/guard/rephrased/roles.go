package rephrased

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	acts    = regexp.MustCompile(`^(市|地区)?(将|会|要|还|也|积极|将积极|计划)?(支持|鼓励|引导|允许|授权|帮助|授权给|培育|服务)(中关村|本市|当地|该|各类|三级|生产型|研发型|中药|创新|更多|本地|其)?$|^ (will |is to |also |actively )*(supports?|encourages?|guides?|allows?|authori[sz]es?|helps?|has authori[sz]ed) (the |its |innovative |local )*$`)
	actedOn = regexp.MustCompile(`^ (are|is|will be) [a-z]+ (by|from) (the )?$`)
)

// turnedRoles lets the one that is supported, guided or authorised do so to the other.
func (w *work) turnedRoles() []edit {
	var all []edit
	s := w.p.Sentence
	ms := w.mentioned()
	for i := 1; i < len(ms); i++ {
		a, b := ms[i-1], ms[i]
		ca, cb := words().concepts[a.concept], words().concepts[b.concept]
		if ca.class != "place" && ca.class != "body" || cb.class != "place" && cb.class != "body" || ca.kind == "-" || cb.kind == "-" || cb.kind == "abroad" || a.concept == b.concept {
			continue
		}
		gap := s[a.to:b.from]
		if (acts.MatchString(gap) || actedOn.MatchString(gap)) && !w.negated(a.from) {
			all = append(all, exchange(s, a.from, a.to, b.from, b.to))
		}
	}
	return all
}

// otherQuoted puts in another figure of the quotes, which is said there of something else.
func (w *work) otherQuoted() []edit {
	var all []edit
	for _, q := range w.p.Quotes {
		quoted := numbersOf(q.Text)
		for _, n := range w.numbers {
			if n.style != 'd' || w.inTitle(n.from) {
				continue
			}
			for _, home := range quoted {
				if home.style != 'd' || home.value*home.scale != n.value*n.scale || home.counts != n.counts {
					continue
				}
				for _, other := range quoted {
					if w.elsewhere(q.Text, quoted, n, home, other) {
						all = append(all, replace(w.p.Sentence, n.from, n.to, written(other.value*other.scale/n.scale, n.text)))
					}
				}
			}
		}
	}
	return all
}

// elsewhere says whether a figure of a quote is said of something else than the one of the sentence, and
// may stand in its place: written alike, not in the sentence, and no bound that follows from the true one.
func (w *work) elsewhere(quote string, quoted []number, n, home, other number) bool {
	if other.value == home.value || other.style != 'd' || other.scale != home.scale || other.counts != n.counts || n.counts == span || strings.Contains(w.p.Sentence, other.text) {
		return false
	}
	for _, third := range quoted { // the same value somewhere else may be said of the same thing
		if third.value == other.value && third.from != other.from || third.value == home.value && third.from != home.from {
			return false
		}
	}
	if sameSegment(quote, [2]int{home.from, home.to}, [2]int{other.from, other.to}) {
		return false
	}
	switch w.boundIn(n) {
	case lower:
		return other.value > home.value
	case upper:
		return other.value < home.value
	case about:
		return other.value > 2*home.value || other.value*2 < home.value
	}
	return n.counts != yearly || !w.deadline(n) || other.value < home.value
}

// written writes a value with commas where the number that it replaces has them.
func written(v float64, like string) string {
	text := strconv.FormatFloat(round(v), 'f', -1, 64)
	if strings.Contains(like, ",") && !strings.Contains(text, ".") {
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + "," + text[i:]
		}
	}
	return text
}
