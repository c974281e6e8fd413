package retrieval

import (
	"iter"
	"regexp"
	"strings"
)

// Limits of what is read as the title of another text.
const (
	maxMentions = 200 // of one document
	maxMention  = 200 // characters of one title
)

var (
	// formTitle ends the name of a paper that is filled in or handed out.
	formTitle = regexp.MustCompile(`(?:表格?|[^清]单|[^皮]书|证|执照|批件|样式|模板|范本|格式|合同|协议|回执|台账)$`)
	// standardTitle begins with the number of a standard or ends as such a name does.
	standardTitle = regexp.MustCompile(`^[A-Z]{2,6}(?:/[A-Z]{1,2})? ?\d|标准$`)
	// standardNumber follows the name of a standard.
	standardNumber = regexp.MustCompile(`^[ \x{3000}\x{a0}]?[(（]?(?:GB|YY|HJ|JGJ|CJJ|WS|DB\d*|ISO|IEC|T)(?:/[A-Z]{1,3})?[ \x{a0}]?\d`)
)

// MentionsIn lists the titles in 《》 that the clauses of doc name, each once with
// the first clause that names it, in text order; at most 200. Left out are the
// titles of doc itself, by any of its names or as that of the text that it passes
// on, and what is no document: forms, certificates and numbered standards. Width,
// case, traditional characters and blanks make no difference between titles. Titles
// that stand within others are part of those.
func MentionsIn(doc Document, clauses []Clause) []Mention {
	seen := map[string]bool{"": true}
	for _, own := range append([]string{doc.Title}, doc.Aliases...) {
		seen[fold(own)] = true
	}
	for title := range titlesIn("《" + passedOn(doc.Title) + "》") {
		seen[fold(title)], seen[fold(doc.Jurisdiction+title)] = true, true
	}
	var out []Mention
	for _, c := range clauses {
		for title, after := range titlesIn(c.Text) {
			key := fold(title)
			if seen[key] || noDocument(title, after) {
				continue
			}
			seen[key] = true
			if out = append(out, Mention{Title: title, Clause: c.ID}); len(out) == maxMentions {
				return out
			}
		}
	}
	return out
}

// titlesIn yields what stands in 《》 in s, each with what follows it.
func titlesIn(s string) iter.Seq2[string, string] {
	return func(yield func(title, after string) bool) {
		for title, end := nextTitle(s); end > 0; title, end = nextTitle(s) {
			if s = s[end:]; !yield(title, s) {
				return
			}
		}
	}
}

// nextTitle returns what stands between the first 《 of s that is closed and its
// 》, and the offset behind it; 0 when there is none.
func nextTitle(s string) (title string, end int) {
	for from := 0; ; {
		open := strings.Index(s[from:], "《")
		if open < 0 {
			return "", 0
		}
		from += open + len("《")
		if n := closes(s[from:]); n >= 0 {
			return s[from : from+n], from + n + len("》")
		}
	}
}

// closes is the offset of the 》 that closes the 《 before s, -1 when none does
// within the length of a title.
func closes(s string) int {
	depth, length := 1, 0
	for i, r := range s {
		switch r {
		case '《':
			depth++
		case '》':
			depth--
		}
		if depth == 0 {
			return i
		}
		if length++; length > maxMention {
			break
		}
	}
	return -1
}

// noDocument reports whether a title, with what follows it, is that of a form, a
// certificate or a standard.
func noDocument(title, after string) bool {
	bare := strings.TrimSpace(withoutBrackets(title))
	return formTitle.MatchString(bare) || standardTitle.MatchString(bare) || standardNumber.MatchString(after)
}
