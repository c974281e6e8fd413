package retrieval

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"policybot/retrieval/outline"
)

// Describe finds the facts of a document that its text prints in so many
// words, and marks each of them SourceText. A title is the file's name when
// none is printed, without a mark. Nothing is concluded from what other
// documents say or from the body's references.
func Describe(source, text string, o outline.Outline) Document {
	d := Document{Source: source, Status: StatusUnknown, Facts: map[string]string{}}
	set := func(field *string, name, value string) {
		if *field == "" && value != "" {
			*field, d.Facts[name] = value, SourceText
		}
	}
	h := readHead(text, o)
	title := h.title(o)
	h.dropForeign(title)
	set(&d.Number, "number", h.number())
	set(&d.IssuedOn, "issued_on", h.issuedOn())
	bodies := h.issuers(title, d.Number)
	set(&d.Issuer, "issuer", joinBodies(bodies))
	set(&d.Title, "title", withIssuer(title, d.Issuer, h.lines))
	set(&d.Jurisdiction, "jurisdiction", commonPlace(bodies))
	set(&d.Jurisdiction, "jurisdiction", titlePlace(d.Title))
	p := readPeriod(text, o, d.Title, d.IssuedOn)
	set(&d.ValidFrom, "valid_from", p.from)
	set(&d.ValidUntil, "valid_until", p.until)
	if last := deadline(text, o); d.ValidUntil == "" && last >= firstDay(d.IssuedOn) {
		set(&d.Deadline, "deadline", last)
	}
	if y := targetYear(text, o); d.ValidUntil == "" && y > 0 {
		d.TargetYear, d.Facts["target_year"] = y, SourceText
	}
	d.Kind = kindOf(d.Title, o)
	d.Language = languageOf(text)
	if d.Title == "" {
		d.Title = strings.TrimSuffix(source, extension(source))
	}
	return d
}

var targetForm = regexp.MustCompile(`(?:^|[^截])(?:到|至|力争)(20\d\d)年|\b[Bb]y (?:the end of )?(20\d\d)\b`)

// targetYear is the last year that a clause of goals names as 到…年 or 至…年,
// or as by ….
func targetYear(text string, o outline.Outline) int {
	year := 0
	for i, u := range o.Units {
		if !u.Leaf || !slices.ContainsFunc(append(o.Parents(i), u.Heading), isGoals) {
			continue
		}
		for _, m := range targetForm.FindAllStringSubmatch(plain(text[u.Span.Start:u.Span.End]), -1) {
			if y, err := strconv.Atoi(m[1] + m[2]); err == nil {
				year = max(year, y)
			}
		}
	}
	return year
}

func isGoals(heading string) bool {
	heading = strings.ToLower(heading)
	return strings.Contains(heading, "目标") || strings.Contains(heading, "target") || strings.Contains(heading, "objective")
}

// languageOf counts Han characters against Latin words: a text is of one
// language when the other has less than a tenth.
func languageOf(text string) string {
	han, words := 0, 0
	inWord := false
	for _, r := range text {
		letter := r < 0x250 && unicode.IsLetter(r)
		if letter && !inWord {
			words++
		}
		if inWord = letter; unicode.Is(unicode.Han, r) {
			han++
		}
	}
	words *= 2 // a word says about as much as two characters
	switch {
	case han == 0 && words == 0:
		return ""
	case words*10 <= han+words:
		return "zh"
	case han*10 <= han+words:
		return "en"
	}
	return "mixed"
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i:]
	}
	return ""
}
