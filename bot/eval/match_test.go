package eval

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMatching checks the verdicts of testdata/matching.txt.
func TestMatching(t *testing.T) {
	data, err := os.ReadFile("testdata/matching.txt")
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		sign, pair, _ := strings.Cut(line, " ")
		alt, text, ok := strings.Cut(pair, " | ")
		if !ok || sign != "+" && sign != "-" {
			t.Fatalf("line %d: %q; want + or -, an alternative, | and a text", i+1, line)
		}
		pairs++
		if got, want := AltHit(alt, text), sign == "+"; got != want {
			t.Errorf("line %d: AltHit(%q, %q) = %t, want %t", i+1, alt, text, got, want)
		}
	}
	if pairs < 200 {
		t.Errorf("%d pairs, want 200 at least", pairs)
	}
}

// Cases that a line of text cannot hold.
func TestAltHitControl(t *testing.T) {
	tests := []struct {
		alt, text string
		want      bool
	}{
		{"", "", false},
		{"", "家", false},
		{" ", "a b", false}, // nothing is left of it
		{"海\n淀", "海\r\n\t淀区", true},
		{"海\x1f淀", "海淀", true},
		{"white list", "white\nlist", true},
		{" list", "white list", true}, // the blank may stand for nothing
		{" list", "whitelist", false}, // a word must start here
		{"MAH\n", "MAH制度", true},      // a line break at the end does not change the rule
		{"MAH\n", "MAHs", false},      //
		{"MAH\n", "MAH s", true},      // the blank may stand for nothing, and then the word ends
		{"MAH\n\n", "MAHs", true},     // two line breaks do
		{"a\u200bb", "ab", false},     // a zero-width space is a character
		{"\ufeff家", "家", false},       //
		{"aaaa", "aaaaa", true},       //
		{"12", "112、112、12", true},    // later hits count
		{"11", "111", false},          // no hit inside a number, however it is cut
		{"家家家", "x家家家家", true},        //
		{"ΣΑΣ.Σ", "σας.σ", false},     // sigma after a full stop still ends a word …
		{"ΣΑΣ.Σ", "σασ.ς", true},      // … and the one before it does not
		{"~", "~", true},              // a mark is a text as well
	}
	for _, tt := range tests {
		if got := AltHit(tt.alt, tt.text); got != tt.want {
			t.Errorf("AltHit(%q, %q) = %t, want %t", tt.alt, tt.text, got, tt.want)
		}
	}
}

func TestNorm(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{" １，２００ 亿\n", "1200亿"},
		{"1,200,000", "1200000"},
		{"1,2000", "1,2000"},
		{"12,34,567", "12,34567"},
		{"1，200元", "1200元"},
		{"《北京·若干措施》（2025—2026年）", "<北京若干措施>(2025-2026年)"},
		{"“A”「b」‘c’", `"a""b"'c'`},
		{"Ⅱ类①㎡ﬁ", "ii类1m2fi"},
		{"a\u0301\u00e9", "áé"},
		{"İSTANBUL ΑΣ", "i\u0307stanbulας"},
		{"\x1c\u0085\u00a0\u2028\u3000", ""},
		{"•·", ""},
	}
	for _, tt := range tests {
		if got := Norm(tt.in); got != tt.want {
			t.Errorf("Norm(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPointHit(t *testing.T) {
	tests := []struct {
		point, text    string
		hit, checkable bool
	}{
		{"70%|百分之七十", "不少于百分之七十", true, true},
		{"70%|百分之七十", "70％", true, true},
		{"70%|百分之七十", "七成", false, true},
		{"^北京|厦门", "厦门", true, true},
		{"^^北京", "北京", true, true},
		{"北京|^厦门", "厦门", false, true}, // the mark counts at the beginning only
		{"~为人而写", "为人而写", false, false},
		{"|北京|", "天津", false, true}, // an empty alternative is in no text
		{"", "北京", false, true},
	}
	for _, tt := range tests {
		if hit, checkable := PointHit(tt.point, tt.text); hit != tt.hit || checkable != tt.checkable {
			t.Errorf("PointHit(%q, %q) = %t, %t, want %t, %t", tt.point, tt.text, hit, checkable, tt.hit, tt.checkable)
		}
	}
	for _, tt := range []struct {
		entry, text    string
		hit, checkable bool
	}{
		{"不超过70%|最多70%", "最多 70％", true, true},
		{"不超过70%|最多70%", "最多170%", false, true},
		{"^北京", "北京", false, true}, // no mark here: it is part of the wording
		{"~说得太多", "说得太多", false, false},
	} {
		if hit, checkable := MustNotHit(tt.entry, tt.text); hit != tt.hit || checkable != tt.checkable {
			t.Errorf("MustNotHit(%q, %q) = %t, %t, want %t, %t", tt.entry, tt.text, hit, checkable, tt.hit, tt.checkable)
		}
	}
}

func TestCiteHit(t *testing.T) {
	gold := Gold{File: "a.txt", Quote: "规模达1,200亿（2022年）"}
	tests := []struct {
		file, text string
		want       bool
	}{
		{"a.txt", "到期时，产业规模达１２００亿\n(2022年)。", true},
		{"a.txt", "产业规模达1200亿(2022)", false},
		{"b.txt", "产业规模达1200亿(2022年)", false},
		{"a.txt", "", false},
	}
	for _, tt := range tests {
		if got := CiteHit(gold, tt.file, tt.text); got != tt.want {
			t.Errorf("CiteHit(%q, %q) = %t, want %t", tt.file, tt.text, got, tt.want)
		}
	}
}

// FuzzMatching checks that no text makes the rules panic, and two laws: a
// folded text is valid text without white space, and a Chinese alternative is
// found in itself.
func FuzzMatching(f *testing.F) {
	for _, seed := range []string{"", "12家", "1,200 亿", "MAH", "Class II", "Ⅲ类", "^a|b", "~x", "ΑΣ İ", "\xff", " \n"} {
		f.Add(seed, "到2022年,生物医药产业上市企业达112家 MAHs Class III ας")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		AltHit(a, b)
		AltHit(b, a)
		PointHit(a, b)
		MustNotHit(a, b)
		CiteHit(Gold{Quote: a}, "", b)
		folded := Norm(a)
		if utf8.ValidString(a) && !utf8.ValidString(folded) || strings.ContainsFunc(folded, isSpace) {
			t.Errorf("Norm(%q) = %q", a, folded)
		}
		if han := "家" + a + "家"; utf8.ValidString(a) && !AltHit(han, "。"+han+"。") {
			t.Errorf("%q is not found in itself", han)
		}
	})
}
