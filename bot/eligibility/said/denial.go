package said

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	denies      = cue("denies")
	deniesNext  = cue("denies next")
	neverDenies = cue("never denies")
	endsDenial  = cue("ends denial")
	endsMade    = cue("ends denial of what is made")
	ownOnes     = regexp.MustCompile(`\b(?:our|my) own\b`)
	intent      = cue("wanted")
	formerly    = cue("former")
	wish        = cue("wish")
	serves      = cue("serves")
	neverServes = cue("never serves")
	opens       = cue("opens")
	buys        = cue("buys")
	notHeld     = afterwards("not held after", false)
	pending     = afterwards("pending after", false)
	notDone     = afterwards("not done after", true)
)

// reach is how far a denial reaches: in characters of Chinese, and in English words.
const (
	reach      = 26
	reachWords = 9
)

// afterwards is the pattern of what follows a name directly, over words that fill, over
// other names of a list, or over a few words of English. In Chinese last tells that it
// must end the clause.
func afterwards(section string, last bool) *regexp.Regexp {
	fills, said, ending := cue("fills").String(), cue(section).String(), ""
	if last {
		ending = `[了过的啊呢吧哈这些块\s]*$`
	}
	const (
		list    = `(?:[、和与及跟或][^,;]{1,16}(?:都|均|全|一个也|一个都|也))?`
		english = `(?:\s[\w&'"-]+){0,5}?\s`
		final   = `(?:没有|没|不是|不算|不行|无|否|不在|还没|尚未)\s*$`
	)
	return regexp.MustCompile(`^(?:` + list + `[\s:]*(?:` + fills + `)*[\s:]*(?:(?:` + said + `)` + ending + `|` + final + `)|` + english + `(?:` + said + `))`)
}

// kindOnly is what stands between a denial and a phrase of which it denies only the
// kind: not a self-pay device.
var kindOnly = regexp.MustCompile(`^\s(?:a|an)\s[\w-]+\s`)

// joins end what can be said after a name in English.
var joins = regexp.MustCompile(`\b(?:and|but|which|that|who|or|our|with|without|so|in)\b`)

// negated reports whether a phrase is denied by what stands around it.
func negated(head, phrase, tail string) bool {
	return deniedBefore(head+phrase, len(head), "") || deniedAfter(notDone, tail) || deniedAfter(notHeld, tail)
}

// deniedBefore reports whether what stands before a phrase of a fact, which begins at a
// byte, denies it: 没有A或B. A phrase that names who somebody is is not denied over 的:
// 没做过出口的小公司.
func deniedBefore(text string, at int, key string) bool {
	if m := lastBefore(text, at, denies); m != nil {
		gap := ownOnes.ReplaceAllString(text[m[1]:at], "")
		word := text[m[0]:m[1]]
		over := strings.Contains(gap, "的") && (who[key] || word == "不" || word == "未" || word == "没") || made[key] && endsMade.MatchString(gap)
		if !over && !endsDenial.MatchString(gap) && reaches(gap) {
			return true
		}
	}
	m := lastBefore(text, at, deniesNext)
	return m != nil && utf8.RuneCountInString(text[m[1]:at]) <= 3
}

// lastBefore is the last word that denies before a byte of a text; nil where there is
// none. What looks like denial may reach into the phrase that begins there: not only R&D.
func lastBefore(text string, at int, p *regexp.Regexp) []int {
	found := p.FindAllStringIndex(text[:at], -1)
	spared := neverDenies.FindAllStringIndex(text, -1)
	for _, m := range slices.Backward(found) {
		if !within(m, spared) {
			return m
		}
	}
	return nil
}

// reaches reports whether a gap is short enough.
func reaches(gap string) bool {
	if latin(gap) {
		return len(strings.Fields(gap)) <= reachWords
	}
	return utf8.RuneCountInString(gap) <= reach
}

// ofItsKind reports whether what stands before a byte denies only the kind of what
// begins there.
func ofItsKind(text string, at int) bool {
	m := lastBefore(text, at, denies)
	return m != nil && kindOnly.MatchString(text[m[1]:at])
}

// deniedAfter reports whether what follows a phrase denies it.
func deniedAfter(p *regexp.Regexp, tail string) bool {
	m := p.FindStringIndex(tail)
	return m != nil && !within([]int{m[1] - 1, m[1]}, neverDenies.FindAllStringIndex(tail, -1)) && (!latin(tail[:m[1]]) || !joins.MatchString(tail[:m[1]]))
}

// wanted reports whether a phrase is only wanted.
func wanted(head string) bool { return reachedBy(intent, head) }

// former reports whether a phrase held in former times.
func former(head string) bool { return reachedBy(formerly, head) }

// reachedBy reports whether words before a phrase reach to it.
func reachedBy(p *regexp.Regexp, head string) bool {
	gap, found := behind(p, head)
	return found && !strings.Contains(gap, "的") && !endsDenial.MatchString(gap) && reaches(gap)
}

// served reports whether a phrase names one that the enterprise works for, with or on.
func served(head string) bool {
	found := outside(head, serves, neverServes)
	if len(found) == 0 {
		return togetherWith.MatchString(head)
	}
	gap := head[found[len(found)-1][1]:]
	if latin(gap) {
		return len(strings.Fields(gap)) <= 3 && !ours.MatchString(gap)
	}
	return utf8.RuneCountInString(gap) <= 8 && !ours.MatchString(gap) && !workVerb.MatchString(gap)
}

// workVerb are verbs after those who are served, with which the sentence speaks of the
// enterprise again: 给药企做检测.
var workVerb = regexp.MustCompile(`做|提供|生产|供货|服务|研发|检测|代工|外包|认定|评为|评上|列入`)

// togetherWith are 和 and the like where they are no part of a list.
var togetherWith = regexp.MustCompile(`(?:^|我们|公司|我司|一直|正在|在|想|也)(?:和|与|跟|同)[^,;]{0,8}$`)

// opened reports whether a phrase names an institution that is to be opened.
func opened(head string) bool { return soonAfter(opens, head) }

// bought reports whether a phrase names what the enterprise buys.
func bought(head string) bool { return soonAfter(buys, head) }

// soonAfter reports whether words stand a short way before a phrase.
func soonAfter(p *regexp.Regexp, head string) bool {
	gap, found := behind(p, head)
	if latin(gap) {
		return found && len(strings.Fields(gap)) <= 4
	}
	return found && utf8.RuneCountInString(gap) <= 8
}

// behind is what stands behind the last match in a text.
func behind(p *regexp.Regexp, text string) (rest string, found bool) {
	all := p.FindAllStringIndex(text, -1)
	if len(all) == 0 {
		return "", false
	}
	return text[all[len(all)-1][1]:], true
}
