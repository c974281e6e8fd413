// Package embedtest holds the conformance suite that every [embed.Embedder]
// passes.
package embedtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/embed"
	"policybot/retrieval/vector"
)

var roles = []embed.Role{embed.Passage, embed.Question}

// TestEmbedder checks that an Embedder keeps its contract. open returns one
// that was not used yet; all that open returns are the same model. What the
// suite asks for beyond the comments of [embed.Embedder]:
//
//   - Equal means every value, whatever other texts are embedded with a text.
//   - A text may be empty, 20,000 characters long, or not valid UTF-8.
//   - Texts that share no word get different vectors.
//   - A call whose context is done gives the error of the context.
//   - No vector shares memory with another or with those of another call, and
//     texts are neither changed nor kept.
func TestEmbedder(t *testing.T, open func(t *testing.T) embed.Embedder) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, e embed.Embedder)
	}{
		{"None", testNone},
		{"One", testOne},
		{"Order", testOrder},
		{"Many", testMany},
		{"Different", testDifferent},
		{"Unicode", testUnicode},
		{"Empty", testEmpty},
		{"Dimensions", testDimensions},
		{"Model", testModel},
		{"Copies", testCopies},
		{"ContextDone", testContextDone},
		{"Concurrent", testConcurrent},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
	t.Run("SameModel", func(t *testing.T) { testSameModel(t, open(t), open(t)) })
}

// vectorsOf embeds texts and checks all that holds for every result.
func vectorsOf(t *testing.T, e embed.Embedder, role embed.Role, texts ...string) [][]float32 {
	t.Helper()
	vectors, err := e.Embed(t.Context(), role, texts)
	if err != nil {
		t.Fatalf("Embed of %d texts: %v", len(texts), err)
	}
	if len(vectors) != len(texts) {
		t.Fatalf("Embed gave %d vectors for %d texts", len(vectors), len(texts))
	}
	for i, v := range vectors {
		if err := vector.Check(v, e.Dimensions()); err != nil {
			t.Fatalf("vector of text %d, %.40q: %v", i+1, texts[i], err)
		}
	}
	return vectors
}

// wantAlone fails unless every text has the same vector when it is embedded
// alone.
func wantAlone(t *testing.T, e embed.Embedder, role embed.Role, texts []string, vectors [][]float32) {
	t.Helper()
	for i, text := range texts {
		if alone := vectorsOf(t, e, role, text)[0]; !slices.Equal(alone, vectors[i]) {
			t.Errorf("text %d of %d, %.40q, has another vector when it is embedded alone", i+1, len(texts), text)
		}
	}
}

func testNone(t *testing.T, e embed.Embedder) {
	for _, role := range roles {
		for _, texts := range [][]string{nil, {}} {
			if vectors, err := e.Embed(t.Context(), role, texts); err != nil || len(vectors) != 0 {
				t.Errorf("Embed of no text = %d vectors, %v; want none", len(vectors), err)
			}
		}
	}
}

func testOne(t *testing.T, e embed.Embedder) {
	for _, role := range roles {
		first := vectorsOf(t, e, role, "企业可以申请补贴。")
		if again := vectorsOf(t, e, role, "企业可以申请补贴。"); !slices.Equal(first[0], again[0]) {
			t.Errorf("role %d: the same text has two vectors", role)
		}
	}
}

func testOrder(t *testing.T, e embed.Embedder) {
	texts := []string{"丙", "第一条 为了促进发展", "the second clause", "丙", "100 万元", "甲"}
	for _, role := range roles {
		vectors := vectorsOf(t, e, role, texts...)
		wantAlone(t, e, role, texts, vectors)
		reversed := slices.Clone(texts)
		slices.Reverse(reversed)
		back := vectorsOf(t, e, role, reversed...)
		for i := range texts {
			if !slices.Equal(vectors[i], back[len(back)-1-i]) {
				t.Errorf("role %d: %q has another vector in reversed order", role, texts[i])
			}
		}
	}
}

func testMany(t *testing.T, e embed.Embedder) {
	texts := make([]string, 300)
	for i := range texts {
		texts[i] = fmt.Sprintf("第%d条 对第%d类企业给予%d万元奖励。", i+1, i*7, i*i)
	}
	vectors := vectorsOf(t, e, embed.Passage, texts...)
	for _, i := range []int{0, 1, 63, 64, 127, 128, 255, 256, 299} {
		wantAlone(t, e, embed.Passage, texts[i:i+1], vectors[i:i+1])
	}
}

func testDifferent(t *testing.T, e embed.Embedder) {
	for _, role := range roles {
		vectors := vectorsOf(t, e, role, "人才住房补贴", "export tax refund", "环境保护税")
		for i := range vectors {
			if j := (i + 1) % len(vectors); slices.Equal(vectors[i], vectors[j]) {
				t.Errorf("role %d: texts %d and %d have the same vector", role, i+1, j+1)
			}
		}
	}
}

func testUnicode(t *testing.T, e embed.Embedder) {
	texts := []string{
		"臺灣企業　ＡＢＣ１２３", "e\u0301té", "שלום 👩‍👩‍👧", "𠮷野家", "a\x00b\x1b[31m", "line\r\nline\u2028line",
		"invalid \xff\xfe", "\ufeff第一条", strings.Repeat("很长的条款，", 3_334), "\"quoted\" <b>&amp;</b> \\u0041",
	}
	for _, role := range roles {
		wantAlone(t, e, role, texts, vectorsOf(t, e, role, texts...))
	}
}

func testEmpty(t *testing.T, e embed.Embedder) {
	texts := []string{"", "第一条", " \t\n", "", "。……！", ""}
	for _, role := range roles {
		wantAlone(t, e, role, texts, vectorsOf(t, e, role, texts...))
	}
}

func testDimensions(t *testing.T, e embed.Embedder) {
	before := e.Dimensions()
	if before < 0 {
		t.Errorf("Dimensions before the first Embed = %d", before)
	}
	vectorsOf(t, e, embed.Question, "谁可以申请？")
	known := e.Dimensions()
	if known < 1 || before != 0 && before != known {
		t.Errorf("Dimensions = %d after the first Embed, %d before", known, before)
	}
	vectorsOf(t, e, embed.Passage, "企业可以申请。", "", "apply")
	if got := e.Dimensions(); got != known {
		t.Errorf("Dimensions changed from %d to %d", known, got)
	}
}

func testModel(t *testing.T, e embed.Embedder) {
	model := e.Model()
	if model == "" || !utf8.ValidString(model) || strings.ContainsFunc(model, unicode.IsControl) {
		t.Errorf("Model = %q, want a name in valid UTF-8 without control characters", model)
	}
	vectorsOf(t, e, embed.Passage, "第一条")
	if got := e.Model(); got != model {
		t.Errorf("Model changed from %q to %q", model, got)
	}
}

func testSameModel(t *testing.T, a, b embed.Embedder) {
	if a.Model() != b.Model() {
		t.Fatalf("two of the same have the models %q and %q", a.Model(), b.Model())
	}
	for _, role := range roles {
		texts := []string{"第一条 总则", "policy", ""}
		va, vb := vectorsOf(t, a, role, texts...), vectorsOf(t, b, role, texts...)
		for i := range texts {
			if !slices.Equal(va[i], vb[i]) {
				t.Errorf("role %d: two of the same model embed %q differently", role, texts[i])
			}
		}
	}
}

func testCopies(t *testing.T, e embed.Embedder) {
	texts := []string{"甲方", "", "甲方", "乙方"}
	given := slices.Clone(texts)
	vectors := vectorsOf(t, e, embed.Passage, given...)
	if !slices.Equal(given, texts) {
		t.Errorf("Embed changed its texts from %q to %q", texts, given)
	}
	want := make([][]float32, len(vectors))
	for i, v := range vectors {
		want[i] = slices.Clone(v)
	}
	for i := range vectors {
		for j := range vectors[i] {
			vectors[i][j] = 42
		}
		vectors[i] = append(vectors[i], 42)
		for k := i + 1; k < len(vectors); k++ {
			if !slices.Equal(vectors[k], want[k]) {
				t.Fatalf("changing vector %d changed vector %d", i+1, k+1)
			}
		}
	}
	for i := range given {
		given[i] = "other"
	}
	for i, v := range vectorsOf(t, e, embed.Passage, texts...) {
		if !slices.Equal(v, want[i]) {
			t.Errorf("vector of text %d differs after an earlier result was changed", i+1)
		}
	}
}

func testContextDone(t *testing.T, e embed.Embedder) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, tt := range []struct {
		ctx  context.Context
		want error
	}{{cancelled, context.Canceled}, {late, context.DeadlineExceeded}} {
		vectors, err := e.Embed(tt.ctx, embed.Passage, []string{"第一条", "第二条"})
		if !errors.Is(err, tt.want) || vectors != nil {
			t.Errorf("Embed = %d vectors, %v; want none and %v", len(vectors), err, tt.want)
		}
	}
	vectorsOf(t, e, embed.Passage, "第一条")
}

func testConcurrent(t *testing.T, e embed.Embedder) {
	const workers = 8
	texts := []string{"第一条 总则", "the scope", "", "第二条 适用范围"}
	results := make([][][]float32, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			shifted := append(slices.Clone(texts[i%len(texts):]), texts[:i%len(texts)]...)
			vectors, err := e.Embed(t.Context(), roles[i%2], shifted)
			if err != nil || e.Dimensions() < 1 {
				t.Errorf("worker %d: %v, %d dimensions", i, err, e.Dimensions())
			}
			results[i] = vectors
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	for i, vectors := range results {
		shifted := append(slices.Clone(texts[i%len(texts):]), texts[:i%len(texts)]...)
		wantAlone(t, e, roles[i%2], shifted, vectors)
	}
}
