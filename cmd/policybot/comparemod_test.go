package main

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCompareModule wants the module of comparisons, which builds this one from its folder, to require what both require
// in the version of this one; else it does not build before go mod tidy.
func TestCompareModule(t *testing.T) {
	fsys := moduleTree(t)
	read := func(name string) map[string]string {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		return requiredIn(string(text))
	}
	root, compare := read("go.mod"), read("retrieval/compare/go.mod")
	both := 0
	for _, module := range slices.Sorted(maps.Keys(compare)) {
		if want, ok := root[module]; ok {
			if both++; compare[module] != want {
				t.Errorf("retrieval/compare/go.mod: %s %s, want %s: run go mod tidy there", module, compare[module], want)
			}
		}
	}
	if both < 5 {
		t.Errorf("both require %d modules alone", both)
	}
}

func TestRequiredIn(t *testing.T) {
	got := requiredIn("module m\n\nrequire a v1\n\nrequire (\n\tb v2 // indirect\n\t// c v3\n)\n\nexclude (\n\td v4\n)\nreplace e => ../e\n")
	if want := map[string]string{"a": "v1", "b": "v2"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// requiredIn are the modules that the text of a go.mod requires, with their versions.
func requiredIn(mod string) map[string]string {
	required, block := map[string]string{}, ""
	for line := range strings.Lines(mod) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && fields[0] == ")":
			block = ""
		case len(fields) == 2 && fields[1] == "(":
			block = fields[0]
		case len(fields) == 2 && block == "require":
			required[fields[0]] = fields[1]
		case len(fields) == 3 && fields[0] == "require":
			required[fields[1]] = fields[2]
		}
	}
	return required
}
