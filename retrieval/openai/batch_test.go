package openai

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestBatches checks the two limits of a request, and that no batch could have
// had one text more.
func TestBatches(t *testing.T) {
	long := strings.Repeat("款", 70_000)
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(1, 10).Draw(rt, "batch")
		lengths := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 10_000, 30_000, 59_999, 60_000, 70_000}), 1, 30).Draw(rt, "lengths")
		texts := make([]string, len(lengths))
		for i, n := range lengths {
			texts[i] = long[:n*len("款")]
		}
		texts = sendable(texts)
		for rest := texts; len(rest) > 0; {
			n := batch(rest, most)
			if n < 1 || n > min(most, len(rest)) {
				rt.Fatalf("%d of %d texts in a request, the limit is %d", n, len(rest), most)
			}
			if got := characters(rest[:n]); n > 1 && got > maxCharacters {
				rt.Errorf("%d texts with %d characters in a request", n, got)
			}
			if n < min(most, len(rest)) && characters(rest[:n+1]) <= maxCharacters {
				rt.Errorf("a request of %d texts could have had one more", n)
			}
			rest = rest[n:]
		}
	})
}

func characters(texts []string) int { return len([]rune(strings.Join(texts, ""))) }

func TestSendable(t *testing.T) {
	given := []string{"", "a", "\n"}
	if got, want := sendable(given), []string{" ", "a", "\n"}; !slices.Equal(got, want) || given[0] != "" {
		t.Errorf("sendable = %q, want %q; the texts given are now %q", got, want, given)
	}
}
