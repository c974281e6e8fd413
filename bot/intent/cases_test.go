package intent

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// A testCase is one line of testdata/cases.txt.
type testCase struct {
	line          int
	part, message string
	main          string
	must, mustNot []string
}

func readCases(t testing.TB) []testCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []testCase
	part, n := "", 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "== "); ok {
			part = name
			continue
		}
		if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
			continue
		}
		message, want, ok := strings.Cut(line, " | ")
		fields := strings.FieldsFunc(want, func(r rune) bool { return r == ' ' || r == ',' })
		if !ok || len(fields) == 0 {
			t.Fatalf("line %d: %q", n, line)
		}
		c := testCase{line: n, part: part, message: strings.ReplaceAll(message, `\n`, "\n"), main: fields[0]}
		for _, f := range fields[1:] {
			switch f[0] {
			case '+':
				c.must = append(c.must, f[1:])
			case '-':
				c.mustNot = append(c.mustNot, f[1:])
			default:
				t.Fatalf("line %d: %q", n, f)
			}
		}
		for _, name := range append(append([]string{c.main}, c.must...), c.mustNot...) {
			intent, _, _ := strings.Cut(name, "/")
			if !slices.Contains(order, Intent(intent)) {
				t.Fatalf("line %d: no intent %q", n, name)
			}
		}
		out = append(out, c)
	}
	return out
}

// is reports whether f is what the cases call name.
func is(f Found, name string) bool {
	intent, kind, _ := strings.Cut(name, "/")
	return string(f.Intent) == intent && (kind == "" || string(f.Kind) == kind)
}

// wrong says what is wrong with a reading of c, "" if nothing is.
func (c testCase) wrong(r Reading) string {
	has := func(name string) bool {
		return slices.ContainsFunc(r.Intents, func(f Found) bool { return is(f, name) })
	}
	switch {
	case !is(r.Intents[0], c.main):
		return "main is not " + c.main
	case !slices.ContainsFunc(c.must, func(s string) bool { return !has(s) }) &&
		!slices.ContainsFunc(c.mustNot, has):
		return ""
	}
	return fmt.Sprintf("must have %v, must not have %v", c.must, c.mustNot)
}

func show(r Reading) string {
	var b strings.Builder
	for _, f := range r.Intents {
		fmt.Fprintf(&b, " %s", f.Intent)
		if f.Kind != "" {
			fmt.Fprintf(&b, "/%s", f.Kind)
		}
		for _, w := range f.Words {
			fmt.Fprintf(&b, " %q", w.Text)
		}
	}
	return b.String()
}

func TestCases(t *testing.T) {
	good, all := map[string]int{}, map[string]int{}
	var parts []string
	for _, c := range readCases(t) {
		r := Read(c.message)
		if all[c.part]++; all[c.part] == 1 {
			parts = append(parts, c.part)
		}
		if bad := c.wrong(r); bad != "" {
			t.Errorf("line %d: %s: %s:%s", c.line, c.message, bad, show(r))
			continue
		}
		good[c.part]++
	}
	for _, p := range parts {
		t.Logf("%s: %d of %d", p, good[p], all[p])
	}
}
