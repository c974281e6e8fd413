package fakechat

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	cases := []struct {
		name, text string
		budget     int
		want       []string
	}{
		{"empty", "", 10, []string{""}},
		{"blank", " \n ", 10, []string{""}},
		{"fits", "abc", 3, []string{"abc"}},
		{"fits without its blanks", " abc ", 3, []string{"abc"}},
		{"at a full stop", "It is. So it is.", 10, []string{"It is.", "So it is."}},
		{"not in a number", "It is 1.5 now and then.", 9, []string{"It is 1.5", "now and", "then."}},
		{"at a Chinese full stop", "好。不好。", 12, []string{"好。", "不好。"}},
		{"after a closing quote", "“好。”他说。", 17, []string{"“好。”", "他说。"}},
		{"at a line", "one\ntwo", 5, []string{"one", "two"}},
		{"at a blank", "one two", 5, []string{"one", "two"}},
		{"between characters", "税税税", 7, []string{"税税", "税"}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if got := split(tt.text, tt.budget); !slices.Equal(got, tt.want) {
				t.Errorf("split(%q, %d) = %q, want %q", tt.text, tt.budget, got, tt.want)
			}
		})
	}
}

// Parts keep the budget, lose only blanks and are not blank themselves.
func TestSplitLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab 。.！”)\n税👩\u200d\u3000"))).Draw(t, "text")
		budget := rapid.IntRange(utf8.UTFMax, 40).Draw(t, "budget")
		parts := split(text, budget)
		for _, p := range parts {
			if len(p) > budget || !utf8.ValidString(p) || p != strings.TrimSpace(p) || p == "" && len(parts) > 1 {
				t.Fatalf("part %q of %d", p, len(parts))
			}
		}
		if got, want := unspaced(strings.Join(parts, "")), unspaced(text); got != want {
			t.Fatalf("together %q, want %q", got, want)
		}
	})
}

func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func TestCleanLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := clean(string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")))
		if !utf8.ValidString(s) || strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) >= 0 {
			t.Fatalf("clean gave %q", s)
		}
		if clean(s) != s {
			t.Fatalf("cleaned twice %q becomes %q", s, clean(s))
		}
	})
}

func TestEscapeLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("<>&!@;ltgamp channel"))).Draw(t, "text")
		if m := escape(s); unescape(m) != s || ping.MatchString(m) {
			t.Fatalf("%q became the markup %q, which is read as %q", s, m, unescape(m))
		}
	})
}
