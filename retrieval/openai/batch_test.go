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

// TestHideLaws hides keys in texts made of keys' parts and other things.
func TestHideLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.StringMatching(`[a-zA-Z0-9-]{1,30}`).Draw(rt, "key")
		other := rapid.StringMatching(`[^a-zA-Z0-9-]{0,10}`)
		var text strings.Builder
		var kept []string
		for range rapid.IntRange(0, 5).Draw(rt, "parts") {
			start := rapid.IntRange(0, len(key)-1).Draw(rt, "start")
			part := key[start:rapid.IntRange(start, len(key)).Draw(rt, "end")]
			if rapid.Bool().Draw(rt, "upper") {
				part = strings.ToUpper(part)
			}
			between := other.Draw(rt, "between")
			kept = append(kept, between)
			text.WriteString(part + between)
		}
		got := hide(text.String(), key)
		size := min(window, len(key))
		bare := strings.ToLower(strings.ReplaceAll(got, hidden, "\x00"))
		for i := 0; i+size <= len(key); i++ {
			if part := strings.ToLower(key[i : i+size]); strings.Contains(bare, part) {
				rt.Fatalf("hide(%q, %q) = %q still has %q", text.String(), key, got, part)
			}
		}
		for _, between := range kept {
			if !strings.Contains(got, between) {
				rt.Fatalf("hide(%q, %q) = %q lost %q", text.String(), key, got, between)
			}
		}
		if hide(between(kept), key) != between(kept) {
			rt.Fatalf("hide changes %q, which has nothing of the key %q", between(kept), key)
		}
	})
}

func between(parts []string) string { return strings.Join(parts, "") }
