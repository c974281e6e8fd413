package grounding

import (
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TestQuote reads testdata/quotes.txt: a quotation | a text | what stands at
// its offsets there; nothing if it is refused.
func TestQuote(t *testing.T) {
	cases := 0
	for _, line := range readLines(t, "quotes.txt") {
		part := strings.Split(line+" ", " | ")
		if len(part) != 3 {
			continue
		}
		cases++
		for k := range part {
			s, err := strconv.Unquote(`"` + strings.ReplaceAll(part[k], `"`, `\"`) + `"`)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			part[k] = s
		}
		want := strings.TrimSuffix(part[2], " ")
		start, end, ok := Quote(part[0], part[1])
		if got := string([]rune(part[1])[start:end]); ok != (want != "") || got != want {
			t.Errorf("%s: got %q, %v", line, got, ok)
		}
	}
	if cases < 15 {
		t.Fatalf("only %d cases", cases)
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("不少于70%的比例", "所获收入可按 不少于７０％ 的比例")
	f.Add("ｱｶﾞ\u0301abcdef", "x ｱｶﾞ\u0301abc\ndef")
	f.Fuzz(func(t *testing.T, quote, text string) {
		start, end, ok := Quote(quote, text)
		if !ok {
			if start != 0 || end != 0 {
				t.Fatalf("refused at %d to %d", start, end)
			}
			return
		}
		runes := []rune(text)
		if start < 0 || end <= start || end > len(runes) {
			t.Fatalf("%d to %d of %d", start, end, len(runes))
		}
		form := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, norm.NFKC.String(s))
		}
		if !strings.Contains(form(string(runes[start:end])), form(quote)) {
			t.Fatalf("%q is not %q", string(runes[start:end]), quote)
		}
	})
}
