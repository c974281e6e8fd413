package rephrased

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// swaps exchanges two figures, two years, two names of a kind or the roles of two parties.
func (w *work) swaps() []edit {
	return slices.Concat(w.swappedNumbers(), w.swappedNames(), w.turnedRoles(), w.otherQuoted(), w.worded("swap")())
}

// swappedNumbers exchanges two figures that count different things.
func (w *work) swappedNumbers() []edit {
	var all []edit
	s := w.p.Sentence
	for i, a := range w.numbers {
		for _, b := range w.numbers[i+1:] {
			if a.from > b.from {
				a, b = b, a
			}
			if a.counts != b.counts || a.style != b.style || a.value == b.value || a.counts == monthly || a.counts == daily || a.counts == span ||
				w.inTitle(a.from) || w.inTitle(b.from) || w.boundIn(a) != exact && w.boundIn(b) != exact {
				continue
			}
			if sameSegment(s, [2]int{a.from, a.to}, [2]int{b.from, b.to}) {
				continue
			}
			all = append(all, exchange(s, a.from, a.to, b.from, b.to))
		}
	}
	return all
}

func exchange(s string, a, b, c, d int) edit {
	first := s[c:d]
	if a == 0 {
		first = likeFirst(s[a:b], first)
	}
	return edit{was: s[a:b] + "…" + s[c:d], is: first + "…" + s[a:b], parts: []part{{a, b, first}, {c, d, s[a:b]}}}
}

var (
	segmentEnds = regexp.MustCompile(`[,，。;；、:：()（）]| and | while | whereas | with |和|以及|并`)
	bareWords   = regexp.MustCompile(`[\d.\s\-一二两三四五六七八九十百千万亿元家个项年]|\b(the|an?|of|in|to|by|for|has|have|will|be|is|are|at|about|yuan|billion|million|each|its|respectively|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b`)
)

// segment is the stretch between marks around a place, with the place masked.
func segment(s string, at [2]int) string {
	from, to := 0, len(s)
	for _, m := range segmentEnds.FindAllStringIndex(s, -1) {
		if m[1] <= at[0] {
			from = m[1]
		} else if m[0] >= at[1] {
			to = m[0]
			break
		}
	}
	return strings.TrimSpace(bareWords.ReplaceAllString(strings.ToLower(s[from:at[0]]+s[at[1]:to]), ""))
}

// sameSegment says whether two places stand in the same words, so that an exchange changes nothing, or
// in none.
func sameSegment(s string, a, b [2]int) bool {
	first, second := segment(s, a), segment(s, b)
	return first == second || utf8.RuneCountInString(first) < 2 || utf8.RuneCountInString(second) < 2
}

var (
	// symmetric words make no difference between two parties.
	symmetric = regexp.MustCompile(`(?i)合作|联合|协同|共同|共建|联动|对接|结合|互|一道|携手|联盟|融合|之间|分别|同步|负责|责任|牵头单位|均|都|及其|还|并|一并|其中|between|jointly|together|cooperat|co-operat|collaborat|partner|mutual|link|both|combin|integrat|respons|shared|along with|as well as|among|each|also|including|joint|promote this`)
	// directed words stand between two parties of different roles.
	directed = regexp.MustCompile(`(?i)^[^,，。;；、]{0,40}(向|由|为|授权|委托|带动|引导|提供给|组织|帮助|服务于|交给|支持|转为| to | by | from | for | authori[sz]| guid| help| serv| leads?\b| instead)`)
	// otherClause begins another clause of an English sentence.
	otherClause = regexp.MustCompile(`; | while | whereas |, and (is|are|will|supports|encourages|the [a-z ]{3,20} (is|are|will))\b`)
	listed      = regexp.MustCompile(`^[\s、,，和及与或/（）()“”"']*(以及|and|or|of|the|,|&|as well as|等|city's|'s|市|区)*[\s、,，和及与或/“”"']*(the )?$`)
)

// swappedNames exchanges two names of a kind that are no members of one list.
func (w *work) swappedNames() []edit {
	var all []edit
	s := w.p.Sentence
	concepts := words().concepts
	ms := w.mentioned()
	for i, a := range ms {
		for j, b := range ms[i+1:] {
			ca, cb := concepts[a.concept], concepts[b.concept]
			if ca.class != "place" && ca.class != "body" && (ca.class != "name" || w.p.Lang == English) || ca.class != cb.class || ca.kind != cb.kind || ca.kind == "-" || ca.kind == "city" || ca.kind == "abroad" || a.concept == b.concept {
				continue
			}
			if w.apart(ms, a, b, j) {
				all = append(all, exchange(s, a.from, a.to, b.from, b.to))
			}
		}
	}
	return all
}

// apart says whether two names have different roles: different words around them, not in one list, and
// nothing that makes them equal. A name that comes twice stands for itself.
func (w *work) apart(ms []mention, a, b mention, between int) bool {
	s := w.p.Sentence
	gap, at := "", a.to
	for _, m := range ms {
		if m.from >= a.to && m.to <= b.from {
			gap, at = gap+s[at:m.from], m.to
		}
	}
	gap += s[at:b.from]
	if listed.MatchString(gap) || symmetric.MatchString(s) || strings.Count(s, s[a.from:a.to]) > 1 || strings.Count(s, s[b.from:b.to]) > 1 {
		return false
	}
	if between == 0 && !strings.ContainsAny(gap, ",，;；。、") {
		return directed.MatchString(gap) && !strings.HasSuffix(gap, "与") && !strings.HasSuffix(gap, "和")
	}
	if sameSegment(s, [2]int{a.from, a.to}, [2]int{b.from, b.to}) {
		return false
	}
	if w.p.Lang == English {
		return otherClause.MatchString(gap)
	}
	return strings.ContainsAny(gap, ",，;；。") && utf8.RuneCountInString(gap) > 8
}
