package sentence

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestSplit reads testdata/cases.txt: a text on one line ("\n" stands for a
// line end), then its sentences, each after "- ".
func TestSplit(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for block := range strings.SplitSeq(string(data), "\n\n") {
		var text string
		var want []string
		for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			if s, ok := strings.CutPrefix(line, "- "); ok {
				want = append(want, strings.ReplaceAll(s, `\n`, "\n"))
			} else if !strings.HasPrefix(line, "#") {
				text = strings.ReplaceAll(line, `\n`, "\n")
			}
		}
		if text == "" {
			continue
		}
		cases++
		var got []string
		for _, s := range Split(text) {
			got = append(got, text[s.Start:s.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
	if cases < 8 {
		t.Fatalf("only %d cases", cases)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("坚持“大胆试。”好；再来。(责任单位:市科委)\nA b. C")
	f.Add(strings.Repeat("支持；", 100))
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, s := range Split(text) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %v after %d in %d bytes", s, at, len(text))
			}
			if strings.TrimFunc(text[at:s.Start], unicode.IsSpace) != "" {
				t.Fatalf("lost %q", text[at:s.Start])
			}
			at = s.End
		}
		if strings.TrimFunc(text[at:], unicode.IsSpace) != "" {
			t.Fatalf("lost %q", text[at:])
		}
	})
}
