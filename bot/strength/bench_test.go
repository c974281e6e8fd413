package strength

import (
	"os"
	"path/filepath"
	"testing"

	"policybot/retrieval/sentence"
)

// sentencesOf returns the sentences of the files that pattern names.
func sentencesOf(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		tb.Fatalf("no file %s: %v", pattern, err)
	}
	var out []string
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		text := string(data)
		for _, s := range sentence.Split(text) {
			out = append(out, text[s.Start:s.End])
		}
	}
	return out
}

// BenchmarkOf judges the sentences of the five seeds one by one; an operation
// is one sentence.
func BenchmarkOf(b *testing.B) {
	all := sentencesOf(b, "../../seeds/*.txt")
	Of(all[0])
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Of(all[i%len(all)])
	}
}
