package understand

import (
	"regexp"
	"slices"
	"strings"

	"policybot/retrieval/analysis"
)

var (
	followsUp  = regexp.MustCompile(`^(?:那|它|他们|这|此|该|其|上面|刚才|还有|另外|我问的|我们其实|如果|要是|换成|and |what about|how about|is it|does it|is that|what of|ok)|这条|这个|该条|那边|呢[?]?$|\b(?:it|that|this|they|there|those)\b`)
	newSubject = regexp.MustCompile(`换个(?:话题|问题)|另一个问题|问个别的|另外问|different (?:question|topic|subject)|change of (?:topic|subject)|new question|another question`)
)

// alone is the length in characters from which a question is taken to stand by
// itself unless its words point back.
const alone = 14

// follow gives a question what earlier turns say: the place and the document
// where it names none, and the subject of the last question. A new subject gets
// nothing. When the place or the document changes, what we answered is of the
// other one and is left out.
func (u *Understanding) follow(q Question, folded string, l *Library) {
	history := q.History
	about := q.Quotes && len(u.Places)+len(u.Documents) == 0 || followsUp.MatchString(folded) || len([]rune(folded)) <= alone
	if len(history) == 0 || newSubject.MatchString(folded) || !about {
		return
	}
	asked, answered := last(history, true), last(history, false)
	if asked == "" && answered == "" {
		return
	}
	u.Follows = true
	before := Understanding{}
	before.read(analysis.Normalize(asked), asked, l)
	reply := Understanding{}
	reply.read(analysis.Normalize(answered), answered, l)
	changed := false
	if len(u.Places) > 0 {
		changed = !slices.ContainsFunc(u.Places, func(p Place) bool {
			return slices.ContainsFunc(append(before.Places, reply.Places...), func(o Place) bool { return o.Name == p.Name })
		})
	} else if len(before.Places) > 0 {
		u.Places = before.Places
		u.Inherited = append(u.Inherited, "place")
	}
	switch {
	case len(u.Documents) > 0:
		changed = true
	case changed:
	case len(before.Documents) > 0 || len(reply.Documents) > 0:
		u.Documents = before.Documents
		if len(u.Documents) == 0 {
			u.Documents = reply.Documents
		}
		u.Inherited = append(u.Inherited, "document")
	}
	u.Inherited = append(u.Inherited, "subject")
	if changed {
		u.Query.Context = []string{without(asked, before)}
		return
	}
	for _, s := range []string{asked, answered} {
		if s != "" {
			u.Query.Context = append(u.Query.Context, s)
		}
	}
}

// without removes the names of places and documents from a question whose place
// or document is no longer meant.
func without(text string, u Understanding) string {
	folded := analysis.Normalize(text)
	for _, p := range u.Places {
		folded = strings.ReplaceAll(folded, p.Text, " ")
	}
	for _, d := range u.Documents {
		for _, w := range d.Words {
			folded = strings.ReplaceAll(folded, analysis.Normalize(w), " ")
		}
	}
	return strings.TrimSpace(folded)
}

// last is the text of the last turn of the user, or of ours.
func last(history []Turn, user bool) string {
	for _, t := range slices.Backward(history) {
		if t.User == user {
			return Clean(t.Text)
		}
	}
	return ""
}
