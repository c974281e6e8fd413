package said

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A clause is a part of a message between two marks.
type clause struct {
	text  string // folded
	start int    // bytes of the folded message before it
	first bool   // it begins a sentence
	asked bool   // a question mark follows
	quiet int    // byte from which on it is supposed or not sure
	asks  bool   // it asks something: then only open states anything
	open  [][]int
	turns []turn
}

var (
	// marks end a clause. Points and commas within numbers do not. What group 1 has
	// belongs to the next clause.
	marks = regexp.MustCompile(`[;。?!\n]|,(?:\D|$)|\.(?:\D|$)|\s(but|while|although|however|because|so (?:we|basically)|and (?:we|our|are|is|have|has|make|do|does|want|need|plan|planning|also|now|not)\b)\s|但是?|不过|而且|并且|然后|而是|同时|另外|因此|所以|更(?:不|没)`)
	// tags turn what stands before them into a question.
	tags = regexp.MustCompile(`^\s*(?:right|correct|isn't it|aren't we|don't we|is that right|对吗|对吧|对不对|是吧|是吗|是不是|没错吧)\s*$`)
	// initials before a point do not end a sentence: U.S.
	initials = regexp.MustCompile(`(?:^|[\s.(])[a-z]$`)
)

// longest is the most bytes of a clause, so that the time to read a message grows with
// its length only.
const longest = 480

// clauses cuts a folded message and finds out what of each states something.
func clauses(folded string) []*clause {
	var out []*clause
	at, first := 0, true
	for at <= len(folded) {
		end, next := nextMark(folded, at)
		if end-at > longest {
			for end = at + longest; !utf8.RuneStart(folded[end]); end-- {
			}
			next = end
		}
		if strings.TrimSpace(folded[at:end]) != "" {
			c := &clause{text: folded[at:end], start: at, first: first}
			c.asked = end < len(folded) && folded[end] == '?'
			if c.asked && tags.MatchString(c.text) && len(out) > 0 {
				out[len(out)-1].asked = true
			}
			out = append(out, c)
		}
		first = end < len(folded) && strings.ContainsAny(folded[end:next], ";。?!.\n")
		at = next
	}
	var before *clause
	for _, c := range out {
		c.listen(before)
		c.suppose(before)
		c.question(before)
		before = c
	}
	return out
}

// nextMark is where the clause that begins at a byte ends and the next one begins.
func nextMark(folded string, at int) (end, next int) {
	from := at
	for {
		m := marks.FindStringSubmatchIndex(folded[from:])
		if m == nil {
			return len(folded), len(folded) + 1
		}
		end, next = from+m[0], from+m[1]
		switch {
		case m[2] >= 0:
			next = from + m[2]
		case folded[end] == ',':
			next = end + 1
		case folded[end] == '.':
			next = end + 1
			if initials.MatchString(folded[at:end]) {
				from = next
				continue
			}
		case strings.HasPrefix(folded[end:], "更"):
			next = end + len("更")
		}
		return end, next
	}
}

var (
	supposed = cue("supposed")
	// whether is if in an indirect question.
	whether = regexp.MustCompile(`(?:as|even|ask|know|wonder|see|sure|check)\s(?:if)$`)
)

// suppose finds from where on a clause is supposed or not sure: a supposition goes on
// to the end of the sentence.
func (c *clause) suppose(before *clause) {
	c.quiet = len(c.text)
	if before != nil && !c.first && before.supposes() {
		c.quiet = 0
		return
	}
	for _, p := range []*regexp.Regexp{supposed, unsure} {
		if m := p.FindStringIndex(c.text); m != nil {
			c.quiet = min(c.quiet, m[0])
		}
	}
}

// supposes reports whether a clause makes the rest of its sentence a supposition.
func (c *clause) supposes() bool {
	if c.quiet == 0 && !c.first {
		return !unsure.MatchString(c.text)
	}
	m := supposed.FindStringIndex(c.text)
	return m != nil && !whether.MatchString(c.text[:m[1]])
}

// states reports whether what stands at bytes of a clause is said and not only asked
// or supposed. What is wanted is said by who asks whether it can be done.
func (c *clause) states(start, end int, plan bool) bool {
	switch {
	case end > c.quiet:
		return false
	case !c.asks || plan:
		return true
	}
	return within([]int{start, end}, c.open)
}

// Corrects reports whether a text has words with which people take back what they
// said before.
func Corrects(text string) bool {
	folded := foldText(text)
	return corrects.MatchString(folded) || contrast.MatchString(folded)
}

// contrast is a correction in one sentence.
var contrast = regexp.MustCompile(`不是.{0,12}(?:是|而是)|not .{0,30}but`)
