package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"policybot/bot"
	"policybot/retrieval"
)

// index adds paths and returns the line of each file by its base name.
func index(t testing.TB, data string, code int, paths ...string) map[string]indexLine {
	t.Helper()
	out := map[string]indexLine{}
	for _, l := range decodeAll[indexLine](t, pb(t, data, append([]string{"index", "--json"}, paths...)...).want(t, code)) {
		out[filepath.Base(l.Path)] = l
	}
	return out
}

func TestIndexResults(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	a, b := write(t, dir, "a.txt", policy("甲办法", "青蒿素")), write(t, dir, "b.md", policy("# 乙办法", "紫杉醇"))
	pb(t, data, "index", dir).want(t, exitOK).shows(t, "added  "+a+"  (a, ", "added  "+b, "2 files: 2 added, 0 unchanged", "7 documents")
	pb(t, data, "--lang", "zh", "index", dir).want(t, exitOK).shows(t, "未变  "+a, "2 个文件：新增 0，未变 2")

	before := clauses(t, data, "a")
	write(t, dir, "a.txt", strings.Replace(policy("甲办法", "青蒿素"), "最高50万元", "最高80万元", 1))
	lines := index(t, data, exitOK, a, b)
	if lines["a.txt"].Result != string(retrieval.NewVersion) || lines["b.md"].Result != string(retrieval.Unchanged) {
		t.Errorf("%+v", lines)
	}
	after := clauses(t, data, "a")
	if len(after) != len(before) || after[0].Document.Version != 2 || after[0].Document.ID != "a" {
		t.Fatalf("%d clauses became %d of %+v", len(before), len(after), after[0].Document)
	}
	for i := range after {
		changed := strings.Contains(after[i].Text, "80万元")
		if after[i].ID != before[i].ID || changed != (after[i].Text != before[i].Text) {
			t.Errorf("clause %s %q became %s %q", before[i].ID, before[i].Text, after[i].ID, after[i].Text)
		}
	}
	if hits := found(t, data, "最高80万元", "最高50万元"); !slices.Equal(hits["最高80万元"], []string{"a"}) || slices.Contains(hits["最高50万元"], "a") {
		t.Errorf("after the change a search finds %q", hits)
	}

	pb(t, data, "index").want(t, exitOK).shows(t, "unchanged  "+a, "unchanged  "+b, "2 files")
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	pb(t, data, "index").want(t, exitError).shows(t, "refused", "unchanged  "+a)
	if got := len(documents(t, data)); got != 7 {
		t.Errorf("%d documents after a file went away, want 7", got)
	}
}

// TestIndexPaths: each way to name files.
func TestIndexPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, "sub/a.txt", policy("甲办法", "青蒿素"))
	write(t, dir, "sub/deep/b.txt", policy("乙办法", "紫杉醇"))
	write(t, dir, "sub/.hidden/c.txt", policy("丙办法", "奎宁"))
	if err := os.Symlink("sub", "link"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		paths []string
		want  string
	}{
		{[]string{"sub"}, "sub/a.txt added, sub/deep/b.txt added"},
		{[]string{"sub/"}, "sub/a.txt added, sub/deep/b.txt added"},
		{[]string{"./sub/../sub/a.txt"}, "./sub/../sub/a.txt added"},
		{[]string{"sub/a.txt", "sub/a.txt"}, "sub/a.txt added, sub/a.txt unchanged"},
		{[]string{"sub", "sub/a.txt"}, "sub/a.txt added, sub/deep/b.txt added, sub/a.txt unchanged"},
		{[]string{"link"}, "link/a.txt added, link/deep/b.txt added"},
		{[]string{"sub", "link"}, "sub/a.txt added, sub/deep/b.txt added, link/a.txt unchanged, link/deep/b.txt unchanged"},
		{[]string{"sub/.hidden"}, "sub/.hidden/c.txt added"},
		{[]string{"none.txt", "sub/a.txt"}, "none.txt refused, sub/a.txt added"},
		{[]string{"."}, "sub/a.txt added, sub/deep/b.txt added"},
	} {
		data := seeded(t)
		r := pb(t, data, append([]string{"index", "--json"}, tt.paths...)...)
		var have []string
		for _, l := range decodeAll[indexLine](t, r) {
			if l.Path != "link" {
				have = append(have, filepath.ToSlash(l.Path)+" "+l.Result)
			}
		}
		if got := strings.Join(have, ", "); got != tt.want {
			t.Errorf("index %q: %s, want %s", tt.paths, got, tt.want)
		}
		if n, want := len(documents(t, data)), 5+strings.Count(tt.want, "added"); n != want {
			t.Errorf("index %q: %d documents, want %d", tt.paths, n, want)
		}
	}
}

// TestIndexAroundData: a folder that holds the data folder, as the current one
// does by default.
func TestIndexAroundData(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	path := write(t, dir, "a.txt", policy("甲办法", "青蒿素"))
	for _, root := range []string{".", dir} {
		r := setting{}.run(t, "index", root).want(t, exitOK).shows(t, filepath.Base(path), "1 files")
		if strings.Contains(r.out, "policybot.db") {
			t.Errorf("index %s prints:\n%s", root, r.out)
		}
	}
}

// TestIndexNothing: no files are no mistake, and --json prints nothing else.
func TestIndexNothing(t *testing.T) {
	data := seeded(t)
	for _, paths := range [][]string{nil, {t.TempDir()}} {
		if r := pb(t, data, append([]string{"index", "--json"}, paths...)...).want(t, exitOK); r.out != "" {
			t.Errorf("index --json %q prints %q", paths, r.out)
		}
		pb(t, data, append([]string{"index"}, paths...)...).want(t, exitOK).shows(t, "nothing to refresh")
	}
}

func TestIndexNotes(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	write(t, dir, "a.txt", policy("甲办法", "青蒿素"))
	write(t, dir, "b.txt", policy("甲办法", "青蒿素"))
	write(t, dir, "c.txt", policy("甲办法", "紫杉醇"))
	lines := index(t, data, exitOK, dir)
	if b := lines["b.txt"]; b.Result != "unchanged" || b.Document != "a" || !strings.Contains(b.Note, "same text as a") {
		t.Errorf("the same text under another name: %+v", b)
	}
	if c := lines["c.txt"]; c.Result != "added" || !strings.Contains(c.Note, "same title as a") {
		t.Errorf("the same title: %+v", c)
	}
	if got := ids(documents(t, data)); !slices.Contains(got, "c") || slices.Contains(got, "b") {
		t.Errorf("documents %q", got)
	}
}

const catalogueHead = "documents:\n  - file: a.txt\n    id: my.plan-1\n"

func TestIndexCatalogue(t *testing.T) {
	fact := func(field, value, source, where string) string {
		return fmt.Sprintf("    %s: {value: %s, source: %s, where: %q}\n", field, value, source, where)
	}
	for _, tt := range []struct {
		name, text string
		code       int
		result     string // of a.txt
		note       string // of a.txt, its reason when it is refused
		errors     int    // lines on standard error
	}{
		{"good", catalogueHead + fact("number", "厦府办〔2021〕1号", "catalogue", "某报") + fact("kind", "measures", "text", "办法"), exitOK, "added", "", 0},
		{"not in the text", catalogueHead + fact("number", "X", "text", "第一处") + fact("issuer", "Y", "text", "第二处"), exitOK, "added", "第二处", 0},
		{"missing file", catalogueHead + "  - file: gone.txt\n    id: gone\n", exitOK, "added", "", 1},
		{"escape sequence", catalogueHead + "  - file: \"g\\e[31mone.txt\"\n    id: gone\n", exitError, "refused", "catalogue.yaml:4", 1},
		{"bad id", "documents:\n  - file: a.txt\n    id: My Plan\n", exitError, "refused", "catalogue.yaml:3", 1},
		{"unknown key", catalogueHead + "    nubmer: X\n", exitError, "refused", "catalogue.yaml:4", 1},
		{"no YAML", "documents: [\n", exitError, "refused", "catalogue.yaml:1", 1},
		{"not UTF-8", "documents: \xff\n", exitError, "refused", "UTF-8", 1},
		{"empty", "", exitError, "refused", "catalogue.yaml:1", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, dir := seeded(t), t.TempDir()
			path := write(t, dir, "a.txt", policy("甲办法", "青蒿素"))
			write(t, dir, "other/b.txt", policy("乙办法", "紫杉醇"))
			catalogue := write(t, dir, "catalogue.yaml", tt.text)
			r := pb(t, data, "index", "--json", dir)
			lines := map[string]indexLine{}
			for _, l := range decodeAll[indexLine](t, r) {
				lines[filepath.Base(l.Path)] = l
			}
			a := lines["a.txt"]
			if r.code != tt.code || a.Result != tt.result || !strings.Contains(a.Note+a.Reason, tt.note) || strings.Contains(a.Note+a.Reason, "\n") {
				t.Errorf("exit %d, %+v", r.code, a)
			}
			if n := strings.Count(r.err, "\n"); len(lines) != 2 || lines["b.txt"].Result != "added" || n != tt.errors {
				t.Errorf("%+v\n%d lines on standard error:\n%s", lines, n, r.err)
			}
			if want := tt.result == "added" && strings.Contains(tt.text, "my.plan-1"); want != (a.Document == "my.plan-1") {
				t.Errorf("document %q", a.Document)
			}
			text := pb(t, data, "index", path, catalogue) // as a shell names all files of a folder
			if n := strings.Count(text.out, "\n"); text.code != tt.code || n != 2 {
				t.Errorf("exit %d, %d lines for one file and the total:\n%s", text.code, n, text.out)
			}
		})
	}
}

// TestIndexOneBadDocument: what the store refuses of one file does not stop the
// others.
func TestIndexOneBadDocument(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	write(t, dir, "1.txt", policy("甲办法", "青蒿素"))
	write(t, dir, "2.txt", policy("乙办法", "紫杉醇"))
	write(t, dir, "3.txt", policy("丙办法", "奎宁"))
	index(t, data, exitOK, filepath.Join(dir, "1.txt"))
	taken := clauses(t, data, "1")[0].ID // 1.h1.b1, say
	prefix := taken[:strings.LastIndexByte(taken, '.')]
	write(t, dir, "catalogue.yaml", "documents:\n  - file: 2.txt\n    id: "+prefix+"\n")
	write(t, dir, "2.txt", "（一）对紫杉醇项目给予资助。\n（二）对其他项目给予资助。\n")
	lines := index(t, data, exitError, dir)
	if lines["1.txt"].Result != "unchanged" || lines["2.txt"].Result != resultRefused || !strings.Contains(lines["2.txt"].Reason, taken) || lines["3.txt"].Result != "added" {
		t.Errorf("%+v", lines)
	}
}

// TestDoctorFindsAnyLibrary: the search check holds for texts with few words of
// their own.
func TestDoctorFindsAnyLibrary(t *testing.T) {
	long := strings.Repeat("坚持创新引领，深化改革开放，优化营商环境。", 20)
	alike := map[string]string{}
	for i := range 12 {
		alike[fmt.Sprintf("%02d.txt", i)] = fmt.Sprintf("关于第%d批项目的通知\n\n一、总则\n（一）%s第%d批。\n", i, long, i)
	}
	for name, files := range map[string]map[string]string{
		"marks": {"0.txt": "＊＊＊。\n"}, "one word": {"0.txt": "北京。\n"}, "alike": alike,
	} {
		data, dir := seeded(t), t.TempDir()
		for file, text := range files {
			write(t, dir, file, text)
		}
		pb(t, data, "index", dir).want(t, exitOK)
		if r := pb(t, data, "doctor"); r.code != exitOK {
			t.Errorf("%s: doctor says\n%s%s", name, r.out, r.err)
		}
	}
}

// smallFolder makes files of which each has a word of its own.
func smallFolder(t testing.TB, n int) (dir string, words []string) {
	t.Helper()
	dir = t.TempDir()
	for i := range n {
		word := fmt.Sprintf("marker%04dword", i)
		words = append(words, word)
		write(t, dir, documentOf(i)+".txt", policy(fmt.Sprintf("第%d号扶持办法", i), " "+word+" "))
	}
	return dir, words
}

// documentOf is the document of file n of a smallFolder.
func documentOf(n int) string { return fmt.Sprintf("policy-%04d", n) }

// wantWhole wants the seeds and every file of a smallFolder once, each found by
// its word.
func wantWhole(t *testing.T, data string, words []string) {
	t.Helper()
	docs := ids(documents(t, data))
	if len(docs) != 5+len(words) || len(slices.Compact(docs)) != len(docs) {
		t.Errorf("%d documents, want the seeds and %d", len(docs), len(words))
	}
	hits := found(t, data, words...)
	for i, w := range words {
		if !slices.Equal(hits[w], []string{documentOf(i)}) {
			t.Errorf("%s is found in %q, want %s", w, hits[w], documentOf(i))
		}
	}
	pb(t, data, "doctor").want(t, exitOK)
}

// TestIndexAtOnce has several processes add the same folder to a data folder
// that does not exist yet.
func TestIndexAtOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	dir, words := smallFolder(t, 60)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if out, err := program("--data", data, "index", dir).CombinedOutput(); err != nil {
				t.Errorf("index: %v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	wantWhole(t, data, words)
}

// TestAskBesideIndex asks all the time while another process adds documents.
func TestAskBesideIndex(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	dir, words := smallFolder(t, 150)
	adding := program("--data", data, "index", dir)
	done := make(chan error, 1)
	go func() {
		out, err := adding.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("index: %w\n%s", err, out)
		}
		done <- err
	}()
	for asked := 0; ; asked++ {
		r := pb(t, data, "ask", "--json", listingQuestion).want(t, exitOK)
		if a := decode[bot.Answer](t, r); a.Outcome != bot.Answered || a.Citations[0].Clause.ID != listingClause || a.Library == "" {
			t.Errorf("%s: %q", a.Outcome, a.Text)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			t.Logf("asked %d times meanwhile", asked)
			wantWhole(t, data, words)
			return
		default:
		}
	}
}
