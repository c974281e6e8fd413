package blockkit

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is found in testdata/bad.txt and testdata/read.txt")

// A specimen is a case of a file of testdata: what stands between two lines that begin with "==".
type specimen struct {
	file, name, head, body string
}

// cases reads a file of testdata. Lines that begin with # before the first case are a comment. The first line
// of a case is its head, the rest its body.
func cases(t testing.TB, file string) []specimen {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []specimen
	for i, part := range strings.Split("\n"+string(raw), "\n== ") {
		if i == 0 {
			continue
		}
		name, rest, _ := strings.Cut(part, "\n")
		head, body, _ := strings.Cut(rest, "\n")
		all = append(all, specimen{file, strings.TrimSpace(name), head, body})
	}
	if len(all) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	return all
}

// expand writes out <<3 x>> as xxx, and <<3, x#>> as x0,x1,x2; one may stand in another.
func expand(s string) string {
	for {
		from := strings.LastIndex(s, "<<")
		if from < 0 {
			return s
		}
		mark, after, _ := strings.Cut(s[from+2:], ">>")
		count, item, _ := strings.Cut(mark, " ")
		digits, comma := strings.CutSuffix(count, ",")
		n, _ := strconv.Atoi(digits)
		items, between := make([]string, n), ""
		for i := range items {
			items[i] = item
			if comma {
				items[i], between = strings.ReplaceAll(item, "#", strconv.Itoa(i)), ","
			}
		}
		s = s[:from] + strings.Join(items, between) + after
	}
}

func check(kind, body string) error {
	if kind == "view" {
		return CheckView(json.RawMessage(body))
	}
	return Check(Surface(kind), json.RawMessage(body))
}

// found is what is said of a case, as its head has it after the surfaces.
func found(kind, body string) string {
	p, ok := errors.AsType[*Problem](check(kind, expand(body)))
	if !ok {
		return ""
	}
	return p.Code + " " + p.Path + " " + p.Text
}

func TestCheck(t *testing.T) {
	if *update {
		rewrite(t, "bad.txt", func(c *specimen) {
			kinds, _, _ := strings.Cut(c.head, ": ")
			c.head = kinds + ": " + found(strings.Fields(kinds)[0], c.body)
		})
	}
	for _, file := range []string{"good.txt", "bad.txt"} {
		for _, c := range cases(t, file) {
			t.Run(c.name, func(t *testing.T) {
				kinds, want, _ := strings.Cut(c.head, ": ")
				if (want == "") != (file == "good.txt") {
					t.Errorf("%s: the head %q does not belong there", file, c.head)
				}
				for kind := range strings.SplitSeq(kinds, " ") {
					if got := found(kind, c.body); got != want {
						t.Errorf("%s says %q\n    wanted %q", kind, got, want)
					}
				}
			})
		}
	}
}

// rewrite changes the cases of a file of testdata and writes it anew.
func rewrite(t *testing.T, file string, change func(*specimen)) {
	t.Helper()
	path := filepath.Join("testdata", file)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(raw), "\n== ")
	var b strings.Builder
	b.WriteString(comment)
	for _, c := range cases(t, file) {
		change(&c)
		b.WriteString("\n== " + c.name + "\n" + c.head + "\n" + c.body)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
