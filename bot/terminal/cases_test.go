package terminal

import (
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata, or writes it with -update.
// Escapes are shown as ␛, so that a difference can be read.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	got = strings.ReplaceAll(got, "\x1b", "␛")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update writes it anew\n%s", path, diff)
	}
}

// A textCase is one line of a file of cases.
type textCase struct {
	where  string
	fields []string
}

// readCases reads lines of fields between " | " and resolves \u and \n.
func readCases(t testing.TB, name string, fields int) []textCase {
	t.Helper()
	var cases []textCase
	for i, text := range readLines(t, name) {
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		parts := strings.Split(text, " | ")
		if len(parts) != fields {
			t.Fatalf("%s:%d: %d fields, want %d", name, i+1, len(parts), fields)
		}
		for j := range parts {
			parts[j] = unescape(parts[j])
		}
		cases = append(cases, textCase{name + ":" + strconv.Itoa(i+1), parts})
	}
	if len(cases) == 0 {
		t.Fatalf("%s holds no case", name)
	}
	return cases
}

func readLines(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}

var escapes = regexp.MustCompile(`\\u[0-9a-f]{4}|\\[nt]`)

func unescape(s string) string {
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		switch e {
		case `\n`:
			return "\n"
		case `\t`:
			return "\t"
		}
		code, _ := strconv.ParseUint(e[2:], 16, 32)
		return string(rune(code))
	})
}

func number(t testing.TB, where, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	return n
}

// A wrapCase is one case of wrap.txt.
type wrapCase struct {
	where         string
	cells, indent int
	text          string
	want          []string
}

func readWrapCases(t testing.TB) []wrapCase {
	t.Helper()
	var cases []wrapCase
	var texts []string
	for i, l := range readLines(t, "wrap.txt") {
		last := len(cases) - 1
		switch {
		case l == "" || l[0] == '#':
		case strings.HasPrefix(l, "= "):
			texts = append(texts, unescape(l[2:]))
			cases[last].text = strings.Join(texts, "\n")
		case strings.HasPrefix(l, "> "):
			cases[last].want = append(cases[last].want, unescape(l[2:]))
		default:
			where := "wrap.txt:" + strconv.Itoa(i+1)
			cells, indent, found := strings.Cut(l, " ")
			c := wrapCase{where: where, cells: number(t, where, cells)}
			if found {
				c.indent = number(t, where, indent)
			}
			cases, texts = append(cases, c), nil
		}
	}
	if len(cases) == 0 {
		t.Fatal("wrap.txt holds no case")
	}
	return cases
}
