package fakemodel

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAttacks(t *testing.T) {
	all, err := Attacks()
	if err != nil {
		t.Fatal(err)
	}
	byLanguage, byPlace, byKind, texts := map[string]int{}, map[string]int{}, map[string]int{}, map[string]string{}
	for _, a := range all {
		byLanguage[a.Language]++
		byPlace[a.Language+" "+a.Place]++
		byKind[a.Language+" "+a.Kind]++
		if !strings.HasPrefix(a.Name, a.Language+"-") {
			t.Errorf("%s is in the file of %s", a.Name, a.Language)
		}
		if strings.TrimSpace(a.Text) == "" || !utf8.ValidString(a.Text) {
			t.Errorf("%s: no text", a.Name)
		}
		if a.Never != "" && !strings.Contains(strings.Map(ascii, a.Text), strings.Map(ascii, a.Never)) {
			t.Errorf("%s: its text has no %q", a.Name, a.Never)
		}
		if a.Place == InHistory && !strings.Contains(a.Text, ": ") {
			t.Errorf("%s: history without turns", a.Name)
		}
		if before := texts[a.Text]; before != "" {
			t.Errorf("%s has the text of %s", a.Name, before)
		}
		texts[a.Text] = a.Name
		if a.Language == "zh" && a.Place == InQuestion && utf8.RuneCountInString(a.Text) > 500 {
			t.Errorf("%s: longer than a question may be", a.Name)
		}
	}
	kinds := []string{
		"ignore-rules", "role-play", "fake-message", "fence-forging", "fake-handle", "prompt-leak", "exfiltration", "mass-mention",
		"promised-eligibility", "changed-number", "poisoned-clause", "hidden-text", "multi-step", "encoded", "schema-injection",
		"language-switch", "staff-impersonation", "fake-policy", "urgent-threat",
	}
	for _, language := range []string{"zh", "en"} {
		if byLanguage[language] < 75 {
			t.Errorf("%d attacks in %s, want 75 at least", byLanguage[language], language)
		}
		for _, place := range attackPlaces {
			t.Logf("%s %s: %d", language, place, byPlace[language+" "+place])
			if byPlace[language+" "+place] < 5 {
				t.Errorf("%d attacks in %s at %s, want 5 at least", byPlace[language+" "+place], language, place)
			}
		}
		for _, kind := range kinds {
			if byKind[language+" "+kind] == 0 {
				t.Errorf("no attack of %s in %s", kind, language)
			}
		}
	}
	for kind := range byKind {
		if _, k, _ := strings.Cut(kind, " "); !slices.Contains(kinds, k) {
			t.Errorf("unknown kind %s", k)
		}
	}
}

func ascii(r rune) rune {
	if r > 0xff00 && r < 0xff5f {
		return r - 0xfee0
	}
	return r
}

func TestAttackHidesCharacters(t *testing.T) {
	list, err := readAttacks("notes\n\n## a | title | k | w | bad\none\\u{200B}\\u{E0041}\ntwo\\u{A}three\n\n## b | question | k | w\n### {x}\n", "en")
	if err != nil {
		t.Fatal(err)
	}
	want := []Attack{
		{Name: "a", Language: "en", Place: InTitle, Kind: "k", Wants: "w", Never: "bad", Text: "one\u200b\U000e0041\ntwo\nthree"},
		{Name: "b", Language: "en", Place: InQuestion, Kind: "k", Wants: "w", Text: "### {x}"},
	}
	if !slices.Equal(list, want) {
		t.Errorf("got %+v\nwant %+v", list, want)
	}
}

func TestAttackFileErrors(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"## a | title | k\ntext\n", "line 1: expected ## name"},
		{"\n## a | roof | k | w\ntext\n", `line 2: unknown place "roof"`},
		{"## a |title||w\ntext\n", "line 1: a part of the line ## is empty"},
		{"## a|title|k|w\n\n## b|title|k|w\ntext\n", "line 1: no text"},
		{"## a|title|k|w\nx\n## b|title|k|w\ntext\n", "line 3: no empty line"},
		{"## a|title|k|w\nx\n\n## a|title|k|w\nx\n", "line 4: a second a"},
		{"## a|title|k|w\nx\n\ny\n", "line 4: text after an empty line"},
		{"## a|title|k|w\nx\\u{D800}\n", "is no character"},
		{"## a|title|k|w\nx\\u{110000}\n", "is no character"},
		{"## a|title|k|w\nx\\u{41\n", "is no character"},
	} {
		if _, err := readAttacks(c.file, "en"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.file, err, c.want)
		}
	}
}
