package embed_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"policybot/retrieval/analysis"
	"policybot/retrieval/embed"
	"policybot/retrieval/embed/embedtest"
	"policybot/retrieval/vector"
)

const clause = "第十二条 对新引进的总部企业，自认定之日起连续三年，按照其年度地方经济贡献的百分之五十给予奖励，" +
	"每年最高不超过500万元；对符合条件的高层次人才，给予住房补贴，并协助办理子女入学手续。具体办法由市发展改革部门会同市财政部门另行制定。"

func TestHash(t *testing.T) {
	for _, dimensions := range []int{0, 16, 1024} {
		embedtest.TestEmbedder(t, func(*testing.T) embed.Embedder { return embed.NewHash(dimensions) })
	}
}

func embedded(t testing.TB, e embed.Embedder, role embed.Role, text string) []float32 {
	t.Helper()
	vectors, err := e.Embed(t.Context(), role, []string{text})
	if err != nil {
		t.Fatal(err)
	}
	return vectors[0]
}

func cosine(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum / vector.Norm(a) / vector.Norm(b)
}

func TestHashSimilarity(t *testing.T) {
	h := embed.NewHash(0)
	similar := func(a, b string) float64 {
		return cosine(embedded(t, h, embed.Question, a), embedded(t, h, embed.Passage, b))
	}
	for _, tt := range []struct{ name, a, b string }{
		{"traditional", "臺灣企業", "台湾企业"},
		{"width and case", "ＡＩ 2025", "ai 2025"},
		{"punctuation", "企业，可以申请。", "企业 可以申请"},
		{"plural", "tax refunds", "tax refund"},
	} {
		if got := similar(tt.a, tt.b); got < 1-1e-6 {
			t.Errorf("%s: %q and %q have similarity %.6f, want 1", tt.name, tt.a, tt.b, got)
		}
	}
	question := "总部企业的奖励最高多少？"
	near, far := similar(question, clause), similar(question, "第三条 本规定所称道路，是指公路、城市道路。")
	if near < far+0.2 {
		t.Errorf("%q: similarity %.3f to the clause that answers it, %.3f to another", question, near, far)
	}
	if bigram, unigrams := similar("人才", "人才公寓"), similar("人才", "才干与人口"); bigram <= unigrams {
		t.Errorf("a common bigram counts %.3f, common unigrams %.3f", bigram, unigrams)
	}
}

func TestHashNoKeys(t *testing.T) {
	h := embed.NewHash(8)
	want := []float32{1, 0, 0, 0, 0, 0, 0, 0}
	for _, text := range []string{"", " \n", "。，！", "\xff\xfe"} {
		got := embedded(t, h, embed.Passage, text)
		if !slices.Equal(got, want) {
			t.Errorf("vector of %q = %v, want %v", text, got, want)
		}
		if c := cosine(got, embedded(t, h, embed.Passage, clause)); c != 0 {
			t.Errorf("%q has similarity %v to a clause, want 0", text, c)
		}
	}
}

func TestHashLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := embed.NewHash(rapid.SampledFrom([]int{0, 2, 3, 64, 1000}).Draw(rt, "dimensions"))
		text := rapid.String().Draw(rt, "text")
		v := embedded(t, h, embed.Passage, text)
		if err := vector.Check(v, h.Dimensions()); err != nil {
			rt.Fatal(err)
		}
		if norm := vector.Norm(v); math.Abs(norm-1) > 1e-6 {
			rt.Fatalf("length %v, want 1", norm)
		}
		if !slices.Equal(v, embedded(t, h, embed.Question, analysis.Normalize(text))) {
			rt.Fatalf("%q and its normal form have different vectors", text)
		}
	})
}

// TestHashIsStable holds the exact values: the vectors that people have stored
// belong to the name of the model. When it fails, raise hashVersion.
func TestHashIsStable(t *testing.T) {
	h := embed.NewHash(0)
	if got, want := h.Model(), "hash-256-1 "+analysis.Version; got != want {
		t.Errorf("Model = %q, want %q", got, want)
	}
	if got, want := digest(embedded(t, h, embed.Passage, clause)), "bae65c852c1210c8"; got != want {
		t.Errorf("digest of the vector of a clause = %s, want %s", got, want)
	}
}

func digest(v []float32) string {
	sum := sha256.New()
	if err := binary.Write(sum, binary.LittleEndian, v); err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

func TestNewHashRefuses(t *testing.T) {
	for _, dimensions := range []int{-1, 1} {
		wantPanic(t, "dimensions", func() { embed.NewHash(dimensions) })
	}
	if got := (embed.Hash{}).Model(); got != embed.NewHash(0).Model() {
		t.Errorf("the zero Hash is %q", got)
	}
}

func wantPanic(t *testing.T, part string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if message, _ := recover().(string); !strings.Contains(message, part) {
			t.Errorf("panic = %q, want one about %s", message, part)
		}
	}()
	f()
}

func BenchmarkHash(b *testing.B) {
	h := embed.NewHash(0)
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = clause
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Embed(b.Context(), embed.Passage, texts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/clause")
}
