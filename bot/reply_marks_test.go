package bot_test

import (
	"testing"

	"pgregory.net/rapid"

	"policybot/bot"
)

func TestDropMarker(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 1, ""},
		{"甲。[1]乙。[2]", 1, "甲。乙。[1]"},
		{"甲。 [1]\n乙。", 1, "甲。\n乙。"},
		{"甲。[1,2]乙。［３］", 2, "甲。[1]乙。[2]"},
		{"甲。[1、3]", 2, "甲。[1][2]"},
		{"国发[2]号与[2]", 2, "国发[2]号与"},
		{"甲。[1]", 2, "甲。[1]"},
		{"[x] [0] 甲。[12]", 3, "[x] [0] 甲。[11]"},
	} {
		if got := bot.DropMarker(c.text, c.n); got != c.want {
			t.Errorf("DropMarker(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestPutMarker(t *testing.T) {
	for _, c := range []struct {
		text  string
		at, n int
		want  string
		end   int
	}{
		{"甲。乙。", 2, 3, "甲。[3]乙。", 5},
		{"甲。", 99, 1, "甲。[1]", 5},
		{"甲。", -4, 1, "[1]甲。", 3},
		{"甲。[1]", 2, 1, "甲。[1]", 2},
		{"甲。[1]", 5, 1, "甲。[1]", 5},
		{"", 0, 50, "[50]", 4},
	} {
		if got, end := bot.PutMarker(c.text, c.at, c.n); got != c.want || end != c.end {
			t.Errorf("PutMarker(%q, %d, %d) = %q, %d, want %q, %d", c.text, c.at, c.n, got, end, c.want, c.end)
		}
	}
}

// TestMarkersComeAndGo: a marker that was put where none touches it is gone again when its clause is dropped, and the
// others are as they were.
func TestMarkersComeAndGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(甲|b|。|\[1\]。|\[2\]。|\n){0,20}`).Draw(t, "text")
		at := rapid.IntRange(0, len([]rune(text))).Draw(t, "at")
		if runes := []rune(text); at > 0 && at < len(runes) && (runes[at-1] == '[' || runes[at] == ']') {
			return // within a marker
		}
		with, _ := bot.PutMarker(text, at, 3)
		if got := bot.DropMarker(with, 3); got != text {
			t.Fatalf("%q became %q, and then %q", text, with, got)
		}
	})
}
