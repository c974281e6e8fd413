package retrieval_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
	"policybot/retrieval/ranker"
	"policybot/retrieval/training"
)

// The weights that the program carries are for its signals.
func TestTrainedWeights(t *testing.T) {
	m := retrieval.DefaultModel() // panics when they are not
	if !slices.Equal(m.Names(), retrieval.Signals) {
		t.Errorf("the weights are for %v, want %v", m.Names(), retrieval.Signals)
	}
	if m.Weight(signal(t, "score")) <= 0 {
		t.Errorf("BM25 weighs %v", m.Weight(signal(t, "score")))
	}
	file, err := os.ReadFile("ranker/weights.txt")
	if err != nil || !bytes.Equal(file, ranker.Weights()) {
		t.Errorf("ranker/weights.txt is not what the program carries (%v)", err)
	}
}

// The report beside the weights names the questions and documents as they are
// now. Whoever changes them trains again: see the command train-ranker.
func TestTrainedOnTheseQuestions(t *testing.T) {
	report, err := os.ReadFile("ranker/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, hashes, _ := strings.Cut(string(report), "\nSHA-256 of the data\n\n")
	named := map[string]string{}
	for line := range strings.Lines(hashes) {
		if hash, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok && !strings.HasPrefix(name, "STARD/") {
			named[name] = hash
		}
	}
	want := map[string]string{}
	for prefix, folder := range map[string]fs.FS{"training/": training.Files(), "styles/": osDir("outline/testdata/styles")} {
		err := fs.WalkDir(folder, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || path.Ext(name) != ".txt" {
				return err
			}
			content, err := fs.ReadFile(folder, name)
			sum := sha256.Sum256(content)
			want[prefix+name] = hex.EncodeToString(sum[:])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(want) < 20 {
		t.Fatalf("only %d files of questions and documents", len(want))
	}
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("go run ./cmd/train-ranker must be run again (-files now +report.txt):\n%s", diff)
	}
}
