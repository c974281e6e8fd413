package understand

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// cases calls a test for each line of a file: what stands before and after its
// arrow.
func cases(t *testing.T, file string, least int, test func(t *testing.T, before, after string)) {
	t.Helper()
	all := lines(t, file)
	for _, line := range all {
		before, after, ok := strings.Cut(" "+line+" ", " -> ")
		if !ok {
			t.Errorf("%s: no arrow in %q", file, line)
		}
		test(t, strings.TrimSpace(before), strings.TrimSpace(after))
	}
	if len(all) < least {
		t.Errorf("only %d cases in %s", len(all), file)
	}
}

func TestDays(t *testing.T) {
	cases(t, "days.txt", 30, func(t *testing.T, question, want string) {
		got := Read(Question{Text: question}, nil).AsOf
		if got == "" {
			got = "-"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	})
}

func TestClean(t *testing.T) {
	blanks := func(s string) string {
		s, err := strconv.Unquote(`"` + strings.ReplaceAll(s, "·", " ") + `"`)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	cases(t, "clean.txt", 5, func(t *testing.T, text, want string) {
		if got := Clean(blanks(text)); got != blanks(want) {
			t.Errorf("Clean(%s) = %q, want %q", text, got, blanks(want))
		}
	})
}

func TestLanguageOf(t *testing.T) {
	cases(t, "languages.txt", 15, func(t *testing.T, text, want string) {
		text, preferred, _ := strings.Cut(text, " | ")
		if got := LanguageOf(text, preferred); got != want {
			t.Errorf("LanguageOf(%q, %q) = %s, want %s", text, preferred, got, want)
		}
	})
}

func TestFits(t *testing.T) {
	cases(t, "fits.txt", 10, func(t *testing.T, document, want string) {
		place, title, _ := strings.Cut(document, "|")
		d := retrieval.Document{Jurisdiction: strings.TrimSpace(place), Title: strings.TrimSpace(title)}
		yes, no, _ := strings.Cut(want, "/")
		for _, p := range strings.Fields(yes) {
			if !Fits(d, p) {
				t.Errorf("%q does not apply in %s", document, p)
			}
		}
		for _, p := range strings.Fields(no) {
			if Fits(d, p) {
				t.Errorf("%q applies in %s", document, p)
			}
		}
	})
}

func TestPlacesIn(t *testing.T) {
	cases(t, "places.txt", 12, func(t *testing.T, text, want string) {
		var got []string
		for _, p := range PlacesIn(text) {
			got = append(got, p.Name)
			if !Speaks(text, p.Name) {
				t.Errorf("%q does not speak of %s, which it names", text, p.Name)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q names %q, want %q", text, s, want)
		}
	})
	if !Speaks("北京经济技术开发区", "北京") || Speaks("上海", "北京") || Speaks("北京", "nowhere") {
		t.Error("a name within a longer one is spoken of too, others are not")
	}
}

func TestCityOf(t *testing.T) {
	for jurisdiction, want := range map[string]string{
		"北京市": "北京", "北京市中关村国家自主创新示范区": "北京", "福建省厦门市": "福建", "厦门市": "厦门", "厦门市海沧区": "厦门", "某地": "某地", "": "",
	} {
		if got := CityOf(retrieval.Document{Jurisdiction: jurisdiction}); got != want {
			t.Errorf("CityOf(%q) = %q, want %q", jurisdiction, got, want)
		}
	}
}

// TestPlacesFile: every place lies in one that is there, within the levels that
// are looked at, and no name means two places.
func TestPlacesFile(t *testing.T) {
	if len(places) < 100 {
		t.Fatalf("only %d places", len(places))
	}
	seen := map[string]string{}
	for _, p := range places {
		if p.within != "" && !slices.ContainsFunc(places, func(o place) bool { return o.name == p.within }) {
			t.Errorf("%s lies in %s, which is not there", p.name, p.within)
		}
		if up := around(p.name); len(up) > 3 || slices.Contains(up[1:], p.name) {
			t.Errorf("%s lies in %v", p.name, up)
		}
		for _, n := range p.names {
			if n == "" || n != analysis.Normalize(n) || strings.ContainsAny(n, "_<#") {
				t.Errorf("%s has the name %q", p.name, n)
			}
			if o := seen[n]; o != "" {
				t.Errorf("%q is %s and %s", n, o, p.name)
			}
			seen[n] = p.name
		}
	}
}

// TestAsWritten: what is found is the name, and a part of the text.
func TestAsWritten(t *testing.T) {
	for _, c := range [][3]string{
		{"看《厦门 计划》吧", "厦门计划", "厦门 计划"},
		{"a two-zones plan b", "twozonesplan", "two-zones plan"},
		{"厦府办〔2020〕57号", "厦府办202057号", "厦府办〔2020〕57号"},
		{"无", "别的", "别的"},
	} {
		if got := asWritten(c[0], c[1]); got != c[2] {
			t.Errorf("asWritten(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func FuzzRead(f *testing.F) {
	docs, err := seeded()
	if err != nil {
		f.Fatal(err)
	}
	docs = append(slices.Clone(docs), documents(f)...)
	for _, file := range []string{"questions.txt", "follow.txt"} {
		for _, line := range lines(f, file) {
			asked, _, _ := strings.Cut(line, " -> ")
			text, before, _ := strings.Cut(escapes.Replace(asked), " | ")
			f.Add(text, before, "= 厦门")
		}
	}
	f.Add("厦门\xff\u202e", "\x00", "")
	for _, s := range []string{"厦", "《厦门", "2020年", "a ", "，", "？", "厦府办〔2020〕57号 two zones plan "} {
		f.Add(strings.Repeat(s, 10_000/utf8.RuneCountInString(s)), s, s)
	}
	f.Fuzz(func(t *testing.T, text, user, ours string) {
		u := Read(Question{Text: text, History: []Turn{{User: true, Text: user}, {Text: ours}}}, docs)
		if len(u.Intents) == 0 || u.Lang != "zh" && u.Lang != "en" {
			t.Errorf("%q: intents %v, language %q", text, u.Intents, u.Lang)
		}
		if u.Folded != analysis.Normalize(u.Query.Text) {
			t.Errorf("%q is searched for as %q, but read as %q", text, u.Query.Text, u.Folded)
		}
		for _, p := range u.Parts {
			if !strings.Contains(u.Query.Text, p) {
				t.Errorf("%q has the part %q", text, p)
			}
		}
		for _, p := range u.Places {
			if p.Name == "" || p.Text == "" {
				t.Errorf("%q has the place %+v", text, p)
			}
		}
		for _, w := range u.Removed {
			if !strings.Contains(Clean(text), strings.TrimSpace(w)) {
				t.Errorf("%q: %q was removed", text, w)
			}
		}
		if !u.Follows && len(u.Inherited)+len(u.Query.Context) > 0 {
			t.Errorf("%q follows nothing and inherits %v", text, u.Inherited)
		}
	})
}
