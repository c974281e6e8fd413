package intent

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A place is where a rule holds: passage.s[from:to].
type place struct {
	rule     *rule
	sentence int
	from, to int
}

// scan returns the places in p where rules hold, sentence by sentence, those
// taken back left out.
func (rs *rules) scan(p *passage) []place {
	var out []place
	done := make([]int32, rs.searched) // by branch: where its last match ended in p.s
	for n, at := range p.sentences {
		first := len(out)
		out = rs.sentence(out, done, p.s[:at.to], at.from)
		for i := first; i < len(out); i++ {
			out[i].sentence = n
		}
		out = takeBack(out, first)
	}
	return out
}

// sentence appends the places in the sentence that begins at s[from] and ends
// where s ends.
func (rs *rules) sentence(out []place, done []int32, s string, from int) []place {
	for i, r := range s[from:] {
		i += from
		out = try(out, done, rs.index[r], s, from, i)
		if key := pair(s[i:], r); key != 0 {
			out = try(out, done, rs.index[key], s, from, i)
		}
	}
	return out
}

// try appends the places that hints at s[i] lead to.
func try(out []place, done []int32, hints []hint, s string, from, i int) []place {
	for _, h := range hints {
		to := i + len(h.text)
		switch {
		case !strings.HasPrefix(s[i:], h.text):
		case h.branch.re == nil:
			if whole(s, i, to) {
				out = append(out, place{rule: h.branch.rule, from: i, to: to})
			}
		case done[h.branch.id] <= int32(i):
			out = h.branch.match(out, done, s, from, i)
		}
	}
	return out
}

// match appends the places where b holds around a hint at s[at], in the
// sentence from s[from] to the end of s.
func (b *branch) match(out []place, done []int32, s string, from, at int) []place {
	lo, hi := b.window(s, max(from, int(done[b.id])), at)
	if !contains(s[lo:hi], b.also) {
		return out
	}
	for lo <= at {
		m := b.re.FindStringIndex(s[lo:hi])
		if m == nil || m[0] == m[1] {
			break
		}
		begin, end := lo+m[0], lo+m[1]
		if begin <= at && at < end && whole(s, begin, end) {
			out = append(out, place{rule: b.rule, from: begin, to: end})
			done[b.id] = int32(end)
			break
		}
		if b.head {
			break
		}
		lo = end
	}
	return out
}

// window returns the part of s, not before from, in which a match with a hint
// at s[at] must be. Where the ends of the sentence may matter it is a character
// longer on both sides than any match, so that its own ends are not taken for
// them.
func (b *branch) window(s string, from, at int) (lo, hi int) {
	lo, hi = at, at
	more := 0
	if b.bound {
		more = 1
	}
	for n := b.before + more; n > 0 && lo > from; n-- {
		_, w := utf8.DecodeLastRuneInString(s[from:lo])
		lo -= w
	}
	for n := b.after + more; n > 0 && hi < len(s); n-- {
		_, w := utf8.DecodeRuneInString(s[hi:])
		hi += w
	}
	return lo, hi
}

// contains reports whether s has one of words, or words is empty.
func contains(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return len(words) == 0
}

// takeBack removes from places[first:] the rules that take back, and what they
// take back.
func takeBack(places []place, first int) []place {
	out := places[:first]
	buts := false
	for _, at := range places[first:] {
		buts = buts || at.rule.use == butUse
	}
	if !buts {
		return places
	}
	all := append([]place(nil), places[first:]...)
	for _, at := range all {
		if at.rule.use != butUse && !takenBack(at, all) {
			out = append(out, at)
		}
	}
	return out
}

func takenBack(at place, all []place) bool {
	for _, x := range all {
		if x.rule.use == butUse && x.rule.intent == at.rule.intent && x.rule.kind == at.rule.kind &&
			at.rule.use <= weakUse && x.from < at.to && at.from < x.to {
			return true
		}
	}
	return false
}

// leftover is how many letters and digits may stand beside small talk, when
// they say nothing of policy.
const leftover = 3

// smallTalk returns the words of small talk in a text that shows no other
// intent, none if it says more than that.
func smallTalk(p *passage, seen []place) []Word {
	covered := make([]bool, len(p.s))
	var talk []place
	for _, at := range seen {
		switch {
		case at.rule.use == topicUse:
			return nil
		case at.rule.intent == SmallTalk:
			talk = append(talk, at)
		}
		for i := at.from; i < at.to; i++ {
			covered[i] = true
		}
	}
	n := 0
	for i, r := range p.s {
		if !covered[i] && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			n++
		}
	}
	if n > leftover {
		return nil
	}
	return p.words(talk)
}
