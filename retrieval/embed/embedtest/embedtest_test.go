package embedtest_test

import (
	"context"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"policybot/retrieval/embed"
	"policybot/retrieval/embed/embedtest"
)

// A broken embedder is a sound one but for what its functions change.
type broken struct {
	embed.Hash
	model      func() string
	dimensions func() int
	embed      func(ctx context.Context, texts []string, vectors [][]float32, err error) ([][]float32, error)
}

func (b broken) Model() string {
	if b.model != nil {
		return b.model()
	}
	return b.Hash.Model()
}

func (b broken) Dimensions() int {
	if b.dimensions != nil {
		return b.dimensions()
	}
	return b.Hash.Dimensions()
}

func (b broken) Embed(ctx context.Context, role embed.Role, texts []string) ([][]float32, error) {
	vectors, err := b.Hash.Embed(ctx, role, texts)
	if b.embed != nil && role == embed.Passage {
		return b.embed(ctx, texts, vectors, err)
	}
	return vectors, err
}

var calls atomic.Int64

// faults are all that the suite must notice: which of its parts fails, and an
// embedder that has the fault.
var faults = map[string]struct {
	part string
	broken
}{
	"sound": {},
	"reversed": {"Order", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		for i, j := 0, len(v)-1; i < j; i, j = i+1, j-1 {
			v[i], v[j] = v[j], v[i]
		}
		return v, err
	}}},
	"one missing": {"Many", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		return v[:min(len(v), 299)], err
	}}},
	"one for none": {"None", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		return append(v, nil)[:max(len(v), 1)], err
	}}},
	"constant": {"Different", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			clear(v[i])
			v[i][0] = 1
		}
		return v, err
	}}},
	"empty is zero": {"Empty", broken{embed: func(_ context.Context, texts []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			if texts[i] == "" {
				clear(v[i])
			}
		}
		return v, err
	}}},
	"NaN": {"One", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			v[i][3] = float32(math.NaN())
		}
		return v, err
	}}},
	"never the same": {"One", broken{embed: func(_ context.Context, _ []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			v[i][3] = float32(calls.Add(1))
		}
		return v, err
	}}},
	"shared": {"Copies", broken{embed: func(_ context.Context, texts []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			for j := range i {
				if texts[i] == texts[j] {
					v[i] = v[j]
				}
			}
		}
		return v, err
	}}},
	"changes its texts": {"Copies", broken{embed: func(_ context.Context, texts []string, v [][]float32, err error) ([][]float32, error) {
		for i := range texts {
			texts[i] = strings.TrimSuffix(texts[i], "方")
		}
		return v, err
	}}},
	"deaf to its context": {"ContextDone", broken{embed: func(_ context.Context, texts []string, v [][]float32, _ error) ([][]float32, error) {
		if v == nil {
			return embed.NewHash(0).Embed(context.Background(), embed.Passage, texts)
		}
		return v, nil
	}}},
	"cut at bytes that are not UTF-8": {"Unicode", broken{embed: func(_ context.Context, texts []string, v [][]float32, err error) ([][]float32, error) {
		for i := range v {
			if strings.Contains(texts[i], "\xff") {
				v[i] = v[i][:1]
			}
		}
		return v, err
	}}},
	"no dimensions":  {"Dimensions", broken{dimensions: func() int { return 0 }}},
	"no model":       {"Model", broken{model: func() string { return "" }}},
	"line in model":  {"Model", broken{model: func() string { return "a\nb" }}},
	"model of a day": {"SameModel", broken{model: func() string { return "m" + strings.Repeat("x", int(calls.Add(1))) }}},
}

const faultVariable = "EMBEDTEST_FAULT"

// TestBites runs the suite, in a process of its own, over every fault.
func TestBites(t *testing.T) {
	if fault, set := os.LookupEnv(faultVariable); set {
		embedtest.TestEmbedder(t, func(*testing.T) embed.Embedder { return faults[fault].broken })
		return
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBites$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), faultVariable+"="+name)
			out, err := cmd.CombinedOutput()
			if failed := err != nil; failed != (fault.part != "") {
				t.Fatalf("the suite failed: %t\n%s", failed, out)
			}
			if fault.part != "" && !strings.Contains(string(out), "--- FAIL: TestBites/"+fault.part+" ") {
				t.Errorf("%s did not fail\n%s", fault.part, out)
			}
		})
	}
}
