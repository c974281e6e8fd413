package retrieval_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/outline"
)

// FuzzDescribe: whatever the text, Describe returns, every fact that it states
// is printed in the text, a date is a date, and an end does not come before its
// beginning.
func FuzzDescribe(f *testing.F) {
	for _, file := range sampleFiles(f) {
		if utf8.Valid(file.Data) {
			f.Add(string(file.Data))
		}
	}
	forms, err := os.ReadFile("testdata/forms.golden")
	if err != nil {
		f.Fatal(err)
	}
	for _, part := range strings.Split(string(forms), "\n== ") {
		var text []string
		for line := range strings.Lines(part) {
			if line, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "| "); ok {
				text = append(text, line)
			}
		}
		f.Add(strings.Join(text, "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, '\r') {
			return
		}
		d := retrieval.Describe("a.txt", text, outline.Parse(text))
		if d.Title == "" || !utf8.ValidString(d.Title) {
			t.Errorf("title %q", d.Title)
		}
		checkMarks(t, d)
		printed := bare(text)
		parts := regexp.MustCompile(`、|; `).Split(d.Issuer, -1)
		for _, fact := range append(parts, d.Number) {
			if !strings.Contains(printed, bare(fact)) {
				t.Errorf("%q is not printed", fact)
			}
		}
		for _, date := range []string{d.IssuedOn, d.ValidFrom, d.Deadline} {
			if date != "" && !strings.ContainsAny(text, "0123456789０１２３４５６７８９〇零○Oo一二") {
				t.Errorf("%s without a digit in the text", date)
			}
		}
		if first, last := ends(d.ValidFrom, "-01-01", "-01"), ends(d.ValidUntil, "-12-31", "-31"); first != "" && last != "" && last < first {
			t.Errorf("from %s until %s", d.ValidFrom, d.ValidUntil)
		}
	})
}

// ends completes a date of which only the year or month is known.
func ends(date, year, month string) string {
	switch len(date) {
	case 4:
		return date + year
	case 7:
		return date + month
	}
	return date
}

// bare is text without blanks, in ordinary digits and letters of one width.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s)
}
