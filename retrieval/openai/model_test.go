package openai

import "testing"

// TestParseModel: the name of an embedder tells what it was made of.
func TestParseModel(t *testing.T) {
	for _, o := range []Options{
		{Model: "text-embedding-3-small"},
		{Model: "org/bge-m3:latest", Dimensions: 1024, BaseURL: "http://localhost:11434/v1"},
	} {
		e, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if model, dimensions, ok := ParseModel(e.Model()); !ok || model != o.Model || dimensions != o.Dimensions {
			t.Errorf("%s: %q, %d, %t", e.Model(), model, dimensions, ok)
		}
	}
	for _, name := range []string{"", "none", "hash-256-1 han12", "openai m own", "openai  own host", "openai m -1 host", "openai m 0 host", "openai m x host", "other m own host"} {
		if model, dimensions, ok := ParseModel(name); ok {
			t.Errorf("%q: %q, %d", name, model, dimensions)
		}
	}
}
