package embed_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"policybot/retrieval/embed"
	"policybot/retrieval/embed/embedtest"
)

var answers = map[string][]string{
	"谁可以申请？": {"企业可以申请。", "个人不得申请。"},
	"多少钱":    {"最高500万元。"},
	"":       {"空"},
	"没有答案":   nil,
}

func TestFakes(t *testing.T) {
	for name, open := range map[string]func(*testing.T) embed.Embedder{
		"Random":     func(*testing.T) embed.Embedder { return embed.NewRandom(64, 7) },
		"Oracle":     func(*testing.T) embed.Embedder { return embed.NewOracle(64, 0.5, answers) },
		"NoAnswers":  func(*testing.T) embed.Embedder { return embed.NewOracle(2, 0, nil) },
		"HugeOracle": func(*testing.T) embed.Embedder { return embed.NewOracle(8, 1e100, answers) },
	} {
		t.Run(name, func(t *testing.T) { embedtest.TestEmbedder(t, open) })
	}
}

func TestRandom(t *testing.T) {
	texts := []string{"甲", "乙", "甲方", "policy", ""}
	a, b := embed.NewRandom(1024, 1), embed.NewRandom(1024, 2)
	var vectors [][]float32
	for _, text := range texts {
		vectors = append(
			vectors,
			embedded(t, a, embed.Passage, text), embedded(t, a, embed.Question, text), embedded(t, b, embed.Passage, text),
		)
	}
	for i := range vectors {
		for j := range i {
			if c := cosine(vectors[i], vectors[j]); math.Abs(c) > 0.2 {
				t.Errorf("vectors %d and %d of other texts, roles or seeds have similarity %.3f, want about 0", i, j, c)
			}
		}
	}
	if a.Model() == b.Model() {
		t.Errorf("seeds 1 and 2 are the same model %q", a.Model())
	}
}

func TestOracle(t *testing.T) {
	const others = 1000
	for _, tt := range []struct {
		noise    float64
		question string
		top      int // golds must be within so many of the passages; 0: need not
	}{
		{0, "多少钱", 1},
		{0, "谁可以申请？", 2},
		{0.5, "多少钱", 1},
		{0.5, "谁可以申请？", 2},
		{1000, "多少钱", 0},
		{0, "没有答案", 0},
		{0, "unknown", 0},
	} {
		o := embed.NewOracle(256, tt.noise, answers)
		q := embedded(t, o, embed.Question, tt.question)
		var crowd []float64
		for i := range others {
			crowd = append(crowd, cosine(q, embedded(t, o, embed.Passage, fmt.Sprint("条款", i))))
		}
		best := slices.Max(crowd)
		if best > 0.35 {
			t.Errorf("noise %v, %q: similarity %.3f to a passage that is no answer", tt.noise, tt.question, best)
		}
		for _, gold := range answers[tt.question] {
			c := cosine(q, embedded(t, o, embed.Passage, gold))
			if tt.top > 0 && c < best+0.1 {
				t.Errorf("noise %v, %q: similarity %.3f to %q, %.3f to the best of the others", tt.noise, tt.question, c, gold, best)
			}
			if tt.top == 0 && c > 0.35 {
				t.Errorf("noise %v, %q: similarity %.3f to the answer", tt.noise, tt.question, c)
			}
		}
	}
}

// TestOracleKeepsItsAnswers changes the map that an Oracle was made of.
func TestOracleKeepsItsAnswers(t *testing.T) {
	golds := []string{"最高500万元。"}
	given := map[string][]string{"多少钱": golds}
	o := embed.NewOracle(64, 0, given)
	model, want := o.Model(), embedded(t, o, embed.Question, "多少钱")
	golds[0] = "other"
	delete(given, "多少钱")
	if !slices.Equal(embedded(t, o, embed.Question, "多少钱"), want) || o.Model() != model {
		t.Error("an Oracle changed with the map that it was made of")
	}
	for _, other := range []*embed.Oracle{
		embed.NewOracle(32, 0, answers), embed.NewOracle(64, 0.1, answers), embed.NewOracle(64, 0, nil),
		embed.NewOracle(64, 0, map[string][]string{"多少钱": {"other"}}),
	} {
		if other.Model() == model {
			t.Errorf("another Oracle is the same model %q", model)
		}
	}
}

// TestFakesAreStable holds the exact values, so that figures measured with fakes
// can be compared between machines and over time.
func TestFakesAreStable(t *testing.T) {
	for _, tt := range []struct {
		e    embed.Embedder
		role embed.Role
		want string
	}{
		{embed.NewRandom(64, 1), embed.Passage, "a11513ae14b1e37e"},
		{embed.NewOracle(64, 0.5, answers), embed.Passage, "31cd7d7eb9955aec"},
		{embed.NewOracle(64, 0.5, answers), embed.Question, "cc2cb594f7c0c232"},
	} {
		if got := digest(embedded(t, tt.e, tt.role, "谁可以申请？")); got != tt.want {
			t.Errorf("%s, role %d: digest = %s, want %s", tt.e.Model(), tt.role, got, tt.want)
		}
	}
}

func TestFakesRefuse(t *testing.T) {
	wantPanic(t, "dimensions", func() { embed.NewRandom(0, 1) })
	wantPanic(t, "dimensions", func() { embed.NewOracle(-1, 0, nil) })
	for _, noise := range []float64{-0.1, math.NaN(), math.Inf(1)} {
		wantPanic(t, "noise", func() { embed.NewOracle(8, noise, nil) })
	}
}
