package fold

import (
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

func TestNew(t *testing.T) {
	for raw, want := range map[string]string{
		"":            "",
		"１２％Ａb":       "12%ab",
		"Ⅱ类\u200b醫療":  "ii类医疗",
		"1,200㎡":      "1,200m2",
		"a\xffb":      "a\ufffdb",
		"\U0002f800e": "丽e",
	} {
		text := New(raw)
		if got := string(text.Runes); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	text := New("类Ⅱ级")
	if start, end := text.Span(1, 3); text.Raw[start:end] != "Ⅱ" || text.Original(2) != 'Ⅱ' {
		t.Errorf("ii comes from %q", text.Raw[start:end])
	}
}

func FuzzNew(f *testing.F) {
	f.Add("１，200元Ⅱ類㎡\xff")
	f.Fuzz(func(t *testing.T, s string) {
		text := New(s)
		last := 0
		for i := range text.Runes {
			start, end := text.Span(i, i+1)
			if start < last || end <= start || end > len(s) {
				t.Fatalf("rune %d at %d to %d", i, start, end)
			}
			last = start
		}
		if got := string(text.Runes); utf8.ValidString(s) && !strings.Contains(s, ",") && !strings.Contains(got, ",") && got != analysis.Normalize(s) {
			t.Fatalf("%q, but normalised %q", got, analysis.Normalize(s))
		}
	})
}
