package outline

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// A golden leaf: first and last line of the text, from 1, and the path.
type golden struct {
	first, last int
	path        string
}

func (g golden) String() string { return fmt.Sprintf("%d-%d %s", g.first, g.last, g.path) }

// TestStyles compares the leaves of the documents in testdata/styles with lists
// that were written without knowledge of the parser. At least 95 % must be exact.
func TestStyles(t *testing.T) {
	files, err := filepath.Glob("testdata/styles/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("want at least 8 documents, have %d (%v)", len(files), err)
	}
	total, exact := 0, 0
	for _, file := range files {
		text := readText(t, file)
		want := readGolden(t, strings.TrimSuffix(file, ".txt")+".golden")
		have := map[string]int{}
		var list []string
		for _, g := range leafLines(text, Parse(text)) {
			have[g.String()]++
			list = append(list, g.String())
		}
		hit := 0
		var missed []string
		for _, g := range want {
			if have[g.String()] > 0 {
				have[g.String()]--
				hit++
			} else {
				missed = append(missed, g.String())
			}
		}
		var extra []string
		for _, s := range list {
			if have[s] > 0 {
				have[s]--
				extra = append(extra, s)
			}
		}
		t.Logf("%s: %d of %d leaves exact, %d extra", filepath.Base(file), hit, len(want), len(extra))
		for _, s := range missed {
			t.Logf("   missed %s", s)
		}
		for _, s := range extra {
			t.Logf("   extra  %s", s)
		}
		total += len(want) + len(extra)
		exact += hit
	}
	share := float64(exact) / float64(total)
	t.Logf("exact: %d of %d (%.1f %%; a leaf too many counts as one that is wrong)", exact, total, 100*share)
	if share < 0.95 {
		t.Errorf("%.1f %% of the leaves are exact, want 95", 100*share)
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file, "gbk") {
		if data, err = simplifiedchinese.GB18030.NewDecoder().Bytes(data); err != nil {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

func readGolden(t *testing.T, file string) []golden {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []golden
	for s := bufio.NewScanner(f); s.Scan(); {
		if s.Text() == "" || strings.HasPrefix(s.Text(), "#") {
			continue
		}
		field := strings.Split(s.Text(), "\t")
		if len(field) != 3 {
			t.Fatalf("%s: %q: want first line, last line, path", file, s.Text())
		}
		first, err1 := strconv.Atoi(field[0])
		last, err2 := strconv.Atoi(field[1])
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %q: line numbers", file, s.Text())
		}
		out = append(out, golden{first, last, field[2]})
	}
	return out
}

// leafLines are the leaves as lines of the text.
func leafLines(text string, o Outline) []golden {
	lineOf := func(at int) int { return strings.Count(text[:at], "\n") + 1 }
	var out []golden
	for _, i := range o.Leaves() {
		u := o.Units[i]
		out = append(out, golden{lineOf(u.Span.Start), lineOf(u.Span.End - 1), u.Path})
	}
	return out
}

// TestSeeds compares the leaves of the five seed documents with the golden
// list of 106 clauses, in both directions.
func TestSeeds(t *testing.T) {
	want := readSeedLines(t)
	found, leaves := 0, 0
	for file, lines := range want {
		data, err := os.ReadFile("../../seeds/" + file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		all := strings.Split(text, "\n")
		paths := map[string]bool{}
		for _, path := range lines {
			paths[path] = true
		}
		have := map[string]string{}
		o := Parse(text)
		for _, i := range o.Leaves() {
			u := o.Units[i]
			leaves++
			if !paths[u.Path] {
				t.Errorf("%s: extra leaf %s", file, u.Path)
			}
			have[u.Path] = text[u.Span.Start:u.Span.End]
		}
		for path := range paths {
			if _, ok := have[path]; ok {
				found++
			} else {
				t.Errorf("%s: missing leaf %s", file, path)
			}
		}
		for n, path := range lines {
			if s := strings.TrimRightFunc(strings.TrimLeftFunc(all[n-1], blank), blank); !strings.Contains(have[path], s) {
				t.Errorf("%s:%d: line is not in leaf %s", file, n, path)
			}
		}
		for _, u := range o.Units {
			head := strings.TrimSpace(text[u.Span.Start:u.Span.End])
			if u.Leaf || head == "" {
				continue
			}
			for path, s := range have {
				if strings.Contains(s, "\n"+head) {
					t.Errorf("%s: leaf %s contains the heading %q", file, path, head)
				}
			}
		}
	}
	t.Logf("%d leaves, %d of the golden clauses found", leaves, found)
	if found != 106 || leaves != 106 {
		t.Errorf("found %d golden clauses in %d leaves, want 106 in 106", found, leaves)
	}
}

// readSeedLines maps file → line → path of the golden list.
func readSeedLines(t *testing.T) map[string]map[int]string {
	t.Helper()
	data, err := os.ReadFile("testdata/seeds.tsv")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[int]string{}
	for _, row := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		f := strings.Split(row, "\t")
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		if out[f[0]] == nil {
			out[f[0]] = map[int]string{}
		}
		out[f[0]][n] = f[2]
	}
	return out
}

// TestShortLines: a text without numbers or sentences is still one leaf, and
// many short lines before the first number are no title.
func TestShortLines(t *testing.T) {
	if got := leafLines("", Outline{}); len(got) != 0 {
		t.Errorf("empty: %v", got)
	}
	list := "营业执照\n身份证复印件\n申请表\n"
	if got := fmt.Sprint(leafLines(list, Parse(list))); got != "[1-3 正文]" {
		t.Errorf("a list of names: %s", got)
	}
	many := strings.Repeat("食品经营许可\n", 50) + "一、总则\n（一）范围。\n"
	if got := fmt.Sprint(leafLines(many, Parse(many))); got != "[1-50 前言 52-52 一/(一)]" {
		t.Errorf("many short lines: %s", got)
	}
}
