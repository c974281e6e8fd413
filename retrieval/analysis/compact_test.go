package analysis

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// matched returns the keys of text that m finds in its compact form.
func matched(keys []uint64, text string) []uint64 {
	var out []uint64
	NewMatcher(keys).Match(AppendCompact(nil, text), func(k, _ int) { out = append(out, keys[k]) })
	return out
}

// TestMatchFindsKeys: a text matched against all its own keys gives its keys.
func TestMatchFindsKeys(t *testing.T) {
	for _, text := range []string{
		"", "。", "企业", "、企业，补贴。", "《药品管理法》第12条 GLP认证1,200万元 1.5亿", "𠮷野家𠮷", "a𠮷b", "𠮷", "家𠮷", "ABC def-ghi",
		"新冠  疫情\n期间", "㎡①Ⅱ", "한국어テスト", "a", "企a业", "企 业",
	} {
		want := AppendKeys(nil, text)
		if got := matched(want, text); !slices.Equal(got, want) {
			t.Errorf("%q: found %d keys %v, want %d %v", text, len(got), got, len(want), want)
		}
	}
}

// FuzzMatch: of any question, a text is found to have exactly the keys that both have.
func FuzzMatch(f *testing.F) {
	f.Add("企业补贴", "对企业的补贴，GLP")
	f.Add("𠮷家 a", "𠮷家a𠮷")
	f.Fuzz(func(t *testing.T, question, text string) {
		keys := AppendKeys(nil, question)
		var want []uint64
		for _, k := range AppendKeys(nil, text) {
			if slices.Contains(keys, k) {
				want = append(want, k)
			}
		}
		if got := matched(keys, text); !slices.Equal(got, want) {
			t.Errorf("question %q, text %q: found %v, want %v", question, text, got, want)
		}
	})
}

// TestMatchAnyUnits: any units at all are read without a panic, and places lie within them.
func TestMatchAnyUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOf(rapid.OneOf(rapid.Uint16(), rapid.SampledFrom([]uint16{0, wordMark, 0xd842, 0xdfb7, '企'}))).Draw(t, "units")
		keys := AppendKeys(nil, "企业𠮷企 a")
		NewMatcher(keys).Match(units, func(k, at int) {
			if k < 0 || k >= len(keys) || at < 0 || at >= len(units) {
				t.Fatalf("key %d at %d of %d", k, at, len(units))
			}
		})
	})
}
