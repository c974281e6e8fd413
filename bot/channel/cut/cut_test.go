package cut

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCut wants texts cut at the best border; | marks where.
func TestCut(t *testing.T) {
	cases := []struct {
		name, text string
		budget     int
	}{
		{"Chinese sentences", "对符合。对符合。|对符合。", 30},
		{"English sentences", "It was so. It was so.| It was so.", 25},
		{"not in an abbreviation or a number", "Section 3.14 says so:| 1,234,567.89 yuan", 30},
		{"a number stays whole", "共计|1234567890元", 12},
		{"a number with a sign stays whole", "达到|99.5%以上的企业", 10},
		{"years stay whole", "实施期|2020-2022年", 14},
		{"a closing quote stays", "“好。”|“好。”", 20},
		{"a closing bracket stays", "（见附件。）|其他", 21},
		{"a citation marker stays with its sentence", "第一句。[12]|第二句。", 24},
		{"a citation marker stays whole", "见|[12]条", 6},
		{"clauses where there is no sentence", "第一项，第二项；|第三项第四项", 33},
		{"a word stays whole", "the |allowance", 9},
		{"lines", "a line\n|a line\n", 10},
		{"an emoji of several runes stays whole", "好|👩‍👩‍👧‍👦好", 20},
		{"a flag stays whole", "🇨🇳|🇬🇧", 12},
		{"a tone of skin stays", "好|👍🏽", 8},
		{"a mark stays on its letter", "好|e\u0301好", 4},
		{"a word with marks stays whole", "好|e\u0301tude", 7},
		{"a long word is cut", "xxxxxxxxxx|xxxxx", 10},
		{"an emoji that is too long is cut between runes", "👩‍|👩‍👧‍👦", 8},
		{"an address stays whole", "见|https://policy.example/a?b=1-2#c，谢谢", 30},
		{"an address without a scheme stays whole", "see |www.gov.example/a:b c", 20},
		{"what fits is not cut", "对符合。|", 100},
	}
	for _, c := range cases {
		before, after, _ := strings.Cut(c.text, "|")
		text := before + after
		if got := At(text, c.budget); got != len(before) {
			t.Errorf("%s: cut after %q, want %q", c.name, text[:got], c.text)
		}
	}
}

// FuzzCut wants a piece within the budget that ends with a rune.
func FuzzCut(f *testing.F) {
	f.Add("对符合条件的企业[1]给予补贴。It was 1,234.5%. 👩‍👩‍👧‍👦", 12)
	f.Add("\u0301\u0301\u0301\u0301", 4)
	f.Fuzz(func(t *testing.T, text string, budget int) {
		text = strings.ToValidUTF8(text, "?")
		if text == "" || budget < utf8.UTFMax || budget > 1000 {
			return
		}
		at := At(text, budget)
		if at <= 0 || at > budget && len(text) > budget || !utf8.ValidString(text[:at]) || len(text) <= budget && at != len(text) {
			t.Errorf("At(%q, %d) = %d", text, budget, at)
		}
	})
}

// TestRunes wants texts of at most so many runes, cut between characters.
func TestRunes(t *testing.T) {
	cases := []struct {
		text string
		n    int
		want string
	}{
		{"", 1, ""},
		{"对符合", 3, "对符合"},
		{"对符合条", 3, "对符…"},
		{"对", 1, "对"},
		{"对符", 1, "…"},
		{"a b c", 3, "a…"},
		{"好👍🏽好好", 3, "好…"},
		{"好👍🏽好好", 4, "好👍🏽…"},
		{"👩‍👩‍👧‍👦好", 5, "👩‍👩‍…"},
		{"e\u0301tude", 3, "e\u0301…"},
		{"🇨🇳🇬🇧", 3, "🇨🇳…"},
		{"见[12]条", 4, "见…"},
	}
	for _, c := range cases {
		if got := Runes(c.text, c.n); got != c.want || utf8.RuneCountInString(got) > c.n {
			t.Errorf("%q in %d runes is %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
