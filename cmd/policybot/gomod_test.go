package main

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
)

// libcOf pairs a version of modernc.org/sqlite with the one version of modernc.org/libc that its
// go.mod names. It is C translated for that libc: with any other it may build and misbehave, and
// another module that asks for a later libc moves it without a word.
var libcOf = map[string]string{"v1.60.1": "v1.77.1"}

func TestSQLitePair(t *testing.T) {
	fsys := moduleTree(t)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Base(name) != "go.mod" || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err == nil {
			if problem := pairProblem(string(text)); problem != "" {
				t.Errorf("%s: %s", name, problem)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPairProblem(t *testing.T) {
	tests := []struct {
		name, mod, want string
	}{
		{"no sqlite", "module m\n\nrequire modernc.org/libc v1.78.0\n", ""},
		{"the pair", "require (\n\tmodernc.org/sqlite v1.60.1\n)\n\nrequire (\n\tmodernc.org/libc v1.77.1 // indirect\n)\n", ""},
		{"before go mod tidy", "require modernc.org/sqlite v1.60.1\n", ""},
		{"libc moved", "require (\n\tmodernc.org/sqlite v1.60.1\n\tmodernc.org/libc v1.78.0 // indirect\n)\n", "v1.78.0"},
		{"one line each", "require modernc.org/sqlite v1.60.1\nrequire modernc.org/libc v1.76.0\n", "v1.76.0"},
		{"sqlite not known", "require modernc.org/sqlite v1.61.1\nrequire modernc.org/libc v1.79.0\n", "v1.61.1"},
		{"in a comment", "// modernc.org/sqlite v1.61.1\n", ""},
		{"replaced", "require modernc.org/sqlite v1.60.1\nreplace modernc.org/libc => modernc.org/libc v1.78.0\n", "replace"},
		{"excluded", "require modernc.org/sqlite v1.60.1\nexclude (\n\tmodernc.org/libc v1.78.0\n)\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := pairProblem(tt.mod)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

// pairProblem says what is wrong with the versions of sqlite and libc in the text of a go.mod, or "".
func pairProblem(mod string) string {
	required := map[string]string{}
	block := ""
	for line := range strings.Lines(mod) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			continue
		case fields[0] == ")":
			block = ""
			continue
		case len(fields) == 2 && fields[1] == "(":
			block = fields[0]
			continue
		case block != "":
			fields = append([]string{block}, fields...)
		}
		if len(fields) < 3 {
			continue
		}
		module := fields[1]
		if fields[0] == "require" {
			required[module] = fields[2]
		}
		if fields[0] == "replace" && (module == "modernc.org/sqlite" || module == "modernc.org/libc") {
			return "a replace of " + module + " takes the pair apart"
		}
	}
	sqlite, libc := required["modernc.org/sqlite"], required["modernc.org/libc"]
	want, known := libcOf[sqlite]
	switch {
	case sqlite == "" || known && libc == "": // before go mod tidy, sqlite's own go.mod decides
		return ""
	case !known:
		return fmt.Sprintf("modernc.org/sqlite %s: add the libc that its go.mod names to libcOf", sqlite)
	case libc != want:
		return fmt.Sprintf("modernc.org/sqlite %s needs modernc.org/libc %s, not %s", sqlite, want, libc)
	}
	return ""
}
