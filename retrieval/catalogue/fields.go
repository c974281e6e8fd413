package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval"
)

// A scalar is a single value as it stands in the file.
type scalar struct {
	kind string // one of those below
	text string // without quotes and blanks around it
}

// Kinds of scalar, in the words of error messages.
const (
	isText   = "text"
	isNumber = "a number"
	isBool   = "true or false"
	isNone   = "nothing"
)

// A field is a fact that an entry may state. The check says what is wrong with
// a value, in words that follow the name of the field, or "".
type field struct {
	check func(scalar) string
	set   func(*retrieval.Document, string)
}

// fieldNames are the facts that an entry may state, by their JSON names in
// [retrieval.Document] and in the order of messages.
var fieldNames = []string{
	"title", "number", "issuer", "issued_on", "valid_from", "valid_until", "deadline", "target_year",
	"jurisdiction", "language", "kind", "translated", "repealed",
}

var fields = map[string]field{
	"title":        {checkTitle, func(d *retrieval.Document, v string) { d.Title = v }},
	"number":       {checkLine, func(d *retrieval.Document, v string) { d.Number = v }},
	"issuer":       {checkLine, func(d *retrieval.Document, v string) { d.Issuer = v }},
	"issued_on":    {checkDate, func(d *retrieval.Document, v string) { d.IssuedOn = v }},
	"valid_from":   {checkDate, func(d *retrieval.Document, v string) { d.ValidFrom = v }},
	"valid_until":  {checkDate, func(d *retrieval.Document, v string) { d.ValidUntil = v }},
	"deadline":     {checkDate, func(d *retrieval.Document, v string) { d.Deadline = v }},
	"target_year":  {checkYear, func(d *retrieval.Document, v string) { d.TargetYear, _ = strconv.Atoi(v) }},
	"jurisdiction": {checkLine, func(d *retrieval.Document, v string) { d.Jurisdiction = v }},
	"language":     {oneOf(languages), func(d *retrieval.Document, v string) { d.Language = v }},
	"kind":         {oneOf(kinds), func(d *retrieval.Document, v string) { d.Kind = v }},
	"translated":   {checkBool, func(d *retrieval.Document, v string) { d.Translated = v == "true" }},
	"repealed":     {checkBool, func(d *retrieval.Document, v string) { d.Repealed = v == "true" }},
}

var (
	languages = []string{"zh", "en", "mixed"}
	kinds     = []string{
		retrieval.KindPlan, retrieval.KindOpinions, retrieval.KindMeasures, retrieval.KindNotice,
		retrieval.KindGuide, retrieval.KindFAQ, retrieval.KindTranscript, retrieval.KindOther,
	}
	sources = []string{retrieval.SourceText, retrieval.SourceCatalogue}
)

// idForm leaves out "." and "..", which are no names in an address.
var idForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// Years that a date may have. Others are slips of the finger.
const minYear, maxYear = 1900, 2199

// checkText refuses what is not text, is blank, or holds characters that are
// neither seen nor white space.
func checkText(s scalar) string {
	switch {
	case s.kind == isNone || s.kind == isText && s.text == "":
		return "is empty"
	case s.kind != isText:
		return "must be text, not " + s.kind + ": put it in double quotes"
	case !utf8.ValidString(s.text):
		return "is not UTF-8"
	}
	for _, r := range s.text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return fmt.Sprintf("holds the control character %U: take it out", r)
		}
	}
	return ""
}

// checkLine is checkText for what is printed on one line and compared: it also
// refuses characters that nobody sees.
func checkLine(s scalar) string {
	if problem := checkText(s); problem != "" {
		return problem
	}
	for _, r := range s.text {
		switch {
		case r == '\n' || r == '\t':
			return "must be on one line, without tabs"
		case unicode.Is(unicode.Cf, r):
			return fmt.Sprintf("holds the invisible character %U: take it out", r)
		}
	}
	return ""
}

func checkTitle(s scalar) string {
	if problem := checkLine(s); problem != "" {
		return problem
	}
	inner, opens := strings.CutPrefix(s.text, "《")
	inner, closes := strings.CutSuffix(inner, "》")
	if opens && closes && !strings.ContainsAny(inner, "《》") {
		return "is written without 《》 around it"
	}
	return ""
}

func checkFile(s scalar) string {
	if problem := checkLine(s); problem != "" {
		return problem
	}
	if strings.ContainsAny(s.text, `/\`) || s.text == "." || s.text == ".." {
		return fmt.Sprintf("must be the name of a file beside the catalogue, without folders, not %q", s.text)
	}
	return ""
}

func checkID(s scalar) string {
	if problem := checkLine(s); problem != "" {
		return problem
	}
	if !idForm.MatchString(s.text) {
		return fmt.Sprintf("must be made of a-z, 0-9, \".\" and \"-\", with a letter or digit at both ends, not %q", s.text)
	}
	return ""
}

func checkDate(s scalar) string {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02"} {
		day, err := time.Parse(layout, s.text)
		if err == nil && len(s.text) == len(layout) && day.Year() >= minYear && day.Year() <= maxYear {
			return ""
		}
	}
	return fmt.Sprintf("must be a day, month or year from %d to %d, written YYYY-MM-DD, YYYY-MM or YYYY, not %s",
		minYear, maxYear, s)
}

func checkYear(s scalar) string {
	year, err := strconv.Atoi(s.text)
	if s.kind != isNumber || err != nil || len(s.text) != 4 || year < minYear || year > maxYear {
		return fmt.Sprintf("must be a year from %d to %d in four digits, without quotes, not %s", minYear, maxYear, s)
	}
	return ""
}

func checkBool(s scalar) string {
	if s.kind != isBool {
		return fmt.Sprintf("must be true or false, without quotes, not %s", s)
	}
	return ""
}

// oneOf checks for one of a few words.
func oneOf(allowed []string) func(scalar) string {
	return func(s scalar) string {
		if s.kind == isText && slices.Contains(allowed, s.text) {
			return ""
		}
		return fmt.Sprintf("must be one of %s, not %s", strings.Join(allowed, ", "), s)
	}
}

// String is the value as messages show it.
func (s scalar) String() string {
	switch s.kind {
	case isNone:
		return s.kind
	case isText:
		return strconv.Quote(s.text)
	}
	return s.text
}
