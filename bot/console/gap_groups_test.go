package console

import (
	"reflect"
	"testing"

	"policybot/retrieval/bridge"
)

// TestGapGroups wants groups of the list that is asked about, whatever was asked about before and whatever became of
// what was given.
func TestGapGroups(t *testing.T) {
	var g gapGroups
	one := []string{"租金减免", "上市奖励多少", "租金 减免"}
	other := []string{"租金减免", "上市奖励多少", "上市 奖励多少"}
	words := bridge.Comparing()
	for i, texts := range [][]string{one, one, other, one, nil, nil, other} {
		got := g.of(words, texts)
		if want := sameQuestions(words, texts); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("call %d: %v, want %v", i, got, want)
		}
		if len(got) > 1 {
			got[0], got[1] = got[1], got[0]
		}
	}
	if digestOf([]string{"ab", "c"}) == digestOf([]string{"a", "bc"}) {
		t.Error("two lists have one digest")
	}
}
