package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// topLevel is everything that may lie at the root of the repository, besides dot files. A trailing
// slash stands for a folder.
var topLevel = []string{
	"cmd/", "bot/", "retrieval/", "prompts/", "seeds/", "go.mod", "Dockerfile",
	"go.sum", "README*.md", "CHANGELOG.md", "LICENSE", "Makefile", "docs/",
}

const (
	maxLines   = 500 // of a file that is no test
	maxMethods = 5   // of an interface
)

// machinePath finds a path that exists on one machine only, at the start of a word.
var machinePath = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.])/(?:work|farm|root|home/[a-z]+|Users/[A-Za-z]+|tmp/bash_jobs)/`)

func TestTopLevel(t *testing.T) {
	for _, problem := range topLevelProblems(moduleTree(t)) {
		t.Error(problem)
	}
}

func TestGoStyle(t *testing.T) {
	for _, problem := range goProblems(moduleTree(t)) {
		t.Error(problem)
	}
}

func TestNoMachinePaths(t *testing.T) {
	for _, problem := range pathProblems(moduleTree(t)) {
		t.Error(problem)
	}
}

// TestStructureBites breaks each rule once in a tree that keeps them all.
func TestStructureBites(t *testing.T) {
	work := strings.Join([]string{"", "work", "main"}, "/")
	good := map[string]string{
		".gitignore": "# made by running\n/data/\n*.test\n/.ci/x/node_modules/\n",
		"README.md":  "see https://example.com/work/ and ./work/\n", "README.zh.md": "", "LICENSE": "", "go.mod": "module policybot\n",
		"data/log.db":         "\x00" + work,
		"bot/doc.go":          "// Package bot is a case.\npackage bot\n",
		"bot/bot.go":          "package bot\n\n// A Desk answers.\ntype Desk struct{ Open bool }\n\n// Ask asks.\nfunc (Desk) Ask() {}\n\ntype hidden struct{}\n\nfunc (hidden) Shown() {}\n",
		"bot/const.go":        "package bot\n\n// Two names.\nconst (\n\tOne = 1\n\tTwo = 2\n)\n\nvar (\n\tThree = 3 // Three is said here.\n)\n",
		"bot/bot_test.go":     "package bot\n\nfunc Exported() {}\n" + strings.Repeat("\n", maxLines),
		"bot/long.go":         "package bot\n" + strings.Repeat("\n", maxLines-1),
		"bot/reader.go":       "package bot\n\ntype five interface{ a(); b(); c(); d(); e() }\n",
		"bot/testdata/bad.go": "package bad\n\nfunc Bad() {}\n",
	}
	cases := []struct {
		name, file, text string
		check            func(fs.FS) []string
		want             string
	}{
		{"kept: top level", "LICENSE", "text\n", topLevelProblems, ""},
		{"kept: Go style", "LICENSE", "text\n", goProblems, ""},
		{"kept: paths", "LICENSE", "text\n", pathProblems, ""},
		{"ignored at the top", "run.test", "x", topLevelProblems, ""},
		{"new file at the top", "NOTES.md", "x", topLevelProblems, "NOTES.md does not belong"},
		{"new folder at the top", "internal/x.txt", "x", topLevelProblems, "internal does not belong"},
		{"file named as a folder", "docs", "x", topLevelProblems, "docs does not belong"},
		{"no package comment", "bot/sub/sub.go", "package sub\n", goProblems, "bot/sub has no package comment"},
		{"function", "bot/new.go", "package bot\n\nfunc New() {}\n", goProblems, "bot/new.go:3: New has no comment"},
		{"method", "bot/new.go", "package bot\n\nfunc (d *Desk) Close() {}\n", goProblems, "bot/new.go:3: Desk.Close has no comment"},
		{"method of a generic type", "bot/new.go", "package bot\n\n// L lists.\ntype L[T any] []T\n\nfunc (l *L[T]) Len() int { return 0 }\n", goProblems, "bot/new.go:6: L.Len has no comment"},
		{"type", "bot/new.go", "package bot\n\ntype New int\n", goProblems, "bot/new.go:3: New has no comment"},
		{"variable", "bot/new.go", "package bot\n\nvar a, New = 1, 2\n", goProblems, "bot/new.go:3: New has no comment"},
		{"long file", "bot/new.go", "package bot\n" + strings.Repeat("\n", maxLines), goProblems, "bot/new.go has 501 lines"},
		{"wide interface", "bot/new.go", "package bot\n\ntype wide interface{ a(); b(); c(); d(); e(); f() }\n", goProblems, "bot/new.go:3: an interface of 6 methods"},
		{"no Go", "bot/new.go", "package", goProblems, "bot/new.go"},
		{"path in prose", "docs/a.md", "\nfound in " + work + "\n", pathProblems, "docs/a.md:2"},
		{"path in a dot folder", ".ci/run", "cd " + work + "\n", pathProblems, ".ci/run:1"},
		{"path at the start of a line", "bot/testdata/a.txt", work + "\n", pathProblems, "bot/testdata/a.txt:1"},
		{"path in what npm fetched", ".ci/x/node_modules/y/a.js", work + "\n", pathProblems, ""},
		{"path beside what npm fetched", ".ci/x/a.js", work + "\n", pathProblems, ".ci/x/a.js:1"},
		{"path in a binary file", "seeds/a.pdf", "\x00" + work, pathProblems, ""},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			fsys := tree(good)
			fsys[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			wantProblem(t, tt.check(fsys), tt.want)
		})
	}
}

// topLevelProblems names what lies at the root and is neither listed, nor a dot file, nor ignored by git.
func topLevelProblems(fsys fs.FS) []string {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for _, entry := range entries {
		name := entry.Name()
		if name[0] == '.' || ignored(fsys, name) {
			continue
		}
		if entry.IsDir() {
			name += "/"
		}
		if !slices.ContainsFunc(topLevel, func(pattern string) bool {
			fits, _ := path.Match(pattern, name)
			return fits
		}) {
			problems = append(problems, fmt.Sprintf("%s does not belong at the top of the repository", entry.Name()))
		}
	}
	return problems
}

// ignored reports whether the .gitignore at the root names a file or folder with its whole path.
func ignored(fsys fs.FS, name string) bool {
	text, _ := fs.ReadFile(fsys, ".gitignore")
	for line := range strings.Lines(string(text)) {
		pattern := strings.Trim(strings.TrimSpace(line), "/")
		if fits, _ := path.Match(pattern, name); fits && !strings.HasPrefix(line, "#") {
			return true
		}
	}
	return false
}

// goProblems checks comments, the length of files and the width of interfaces, tests left out.
func goProblems(fsys fs.FS) []string {
	files, err := goFiles(fsys)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	commented := map[string]bool{} // packages, and whether one of their files has the comment
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			problems = append(problems, fmt.Sprintf("%s has %d lines, more than %d: is it still one idea?", name, lines, maxLines))
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		commented[path.Dir(name)] = commented[path.Dir(name)] || file.Doc != nil
		note := func(at token.Pos, format string, args ...any) {
			problems = append(problems, fmt.Sprintf("%s:%d: %s", name, fset.Position(at).Line, fmt.Sprintf(format, args...)))
		}
		for _, decl := range file.Decls {
			checkComments(decl, note)
		}
		checkInterfaces(file, note)
	}
	for _, pkg := range slices.Sorted(maps.Keys(commented)) {
		if !commented[pkg] {
			problems = append(problems, pkg+" has no package comment")
		}
	}
	return problems
}

// checkComments notes each exported name of a declaration that has no comment: of its own, of its
// group, or at the end of its line.
func checkComments(decl ast.Decl, note func(token.Pos, string, ...any)) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		name := decl.Name.Name
		if decl.Recv != nil && len(decl.Recv.List) == 1 {
			receiver := receiverName(decl.Recv.List[0].Type)
			if !ast.IsExported(receiver) {
				return
			}
			name = receiver + "." + name
		}
		if decl.Name.IsExported() && decl.Doc == nil {
			note(decl.Pos(), "%s has no comment", name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			var names []*ast.Ident
			var said bool
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names, said = []*ast.Ident{spec.Name}, spec.Doc != nil || spec.Comment != nil
			case *ast.ValueSpec:
				names, said = spec.Names, spec.Doc != nil || spec.Comment != nil
			}
			for _, name := range names {
				if name.IsExported() && !said && decl.Doc == nil {
					note(name.Pos(), "%s has no comment", name.Name)
				}
			}
		}
	}
}

// receiverName is the type of a receiver without its star and its type parameters.
func receiverName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return receiverName(expr.X)
	case *ast.IndexExpr:
		return receiverName(expr.X)
	case *ast.IndexListExpr:
		return receiverName(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return ""
}

// checkInterfaces notes each interface with too many methods; one that is embedded counts as one.
func checkInterfaces(file *ast.File, note func(token.Pos, string, ...any)) {
	ast.Inspect(file, func(node ast.Node) bool {
		if wide, ok := node.(*ast.InterfaceType); ok && wide.Methods.NumFields() > maxMethods {
			note(wide.Pos(), "an interface of %d methods, more than %d", wide.Methods.NumFields(), maxMethods)
		}
		return true
	})
}

// pathProblems names the lines of text files that hold a path of one machine. It looks into every
// folder but .git and those that git ignores by their whole path.
func pathProblems(fsys fs.FS) []string {
	var problems []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == ".git" || name != "." && ignored(fsys, name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
			return nil
		}
		number := 0
		for line := range bytes.Lines(text) {
			number++
			if found := machinePath.Find(line); found != nil {
				problems = append(problems, fmt.Sprintf("%s:%d: a path of one machine: %s", name, number, bytes.TrimSpace(found)))
			}
		}
		return nil
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}
