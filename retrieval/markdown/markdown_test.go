package markdown

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A sample is a case of testdata/cases: a name, a source and the text that is
// wanted. How the files are written is said in headings.txt.
type sample struct{ name, source, want string }

func samples(t testing.TB) []sample {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) < 9 {
		t.Fatalf("want at least 9 files of cases, have %d (%v)", len(files), err)
	}
	var out []sample
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "【案例】")[1:] {
			name, body, _ := strings.Cut(part, "\n")
			source, want, ok := strings.Cut(body, "【应得】\n")
			if !ok {
				want = source
			}
			out = append(out, sample{filepath.Base(file) + "/" + name, strings.Trim(source, "\n"), strings.Trim(want, "\n")})
		}
	}
	return out
}

func TestText(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			if diff := cmp.Diff(s.want, Text(s.source)); diff != "" {
				t.Errorf("-want +have\n%s", diff)
			}
			checkLaws(t, s.source)
		})
	}
}

// TestTextOfBytes has what cannot be seen in a text file.
func TestTextOfBytes(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"only blanks", " \t\r\n\u3000\n\ufeff\n", ""},
		{"only what is dropped", "---\na: b\n---\n<!-- x -->\n\n***\n\n![](a.png)\n", ""},
		{"CRLF", "# 甲\r\n\r\n乙\r\n丙\r\n", "甲\n\n乙\n丙"},
		{"CR", "甲\r乙", "甲\n乙"},
		{"form feed and vertical tab", "甲\f乙\v丙", "甲\n乙\n丙"},
		{"byte order mark", "\ufeff# 甲", "甲"},
		{"byte order mark and front matter", "\ufeff---\r\na: b\r\n---\r\n甲", "甲"},
		{"bytes that are not UTF-8", "甲\xff乙\xe4\xb8", "甲\ufffd乙\ufffd"},
		{"control characters", "甲\x00乙\x07\x7f丙", "甲乙丙"},
		{"control characters as entities", "甲&#7;乙&#0;&#13;丙&#10;丁", "甲乙\ufffd\n丙\n丁"},
		{"no break space", "&nbsp;甲\u00a0乙\u00a0", "甲\u00a0乙"},
		{"ideographic blanks at the end", "甲\u3000\u3000\n\u3000\u3000乙\t", "甲\n乙"},
		{"blanks inside a line", "甲  乙\t丙\u3000\u3000丁", "甲  乙\t丙\u3000\u3000丁"},
		{"line of ideographic blanks", "甲\n\u3000\u3000\n乙", "甲\n\n乙"},
		{"line and paragraph separators", "甲\u2028乙\u2029丙", "甲\u2028乙\u2029丙"},
		{"code keeps its indentation", "```\n\n  甲\n\t乙  \n```", "  甲\n\t乙"},
		{"hidden block cut off by its container", "> <!--\n> 甲\n\n乙 -->", "<!--\n甲\n\n乙 -->"},
		{"rare characters", "𠮷\U0002A6DF㐀々", "𠮷\U0002A6DF㐀々"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Text(tt.source)); diff != "" {
				t.Errorf("-want +have\n%s", diff)
			}
			checkLaws(t, tt.source)
		})
	}
}

// plainFiles are real policy texts, none of which is Markdown.
func plainFiles(t testing.TB) map[string]string {
	t.Helper()
	files, _ := filepath.Glob("../../seeds/*.txt")
	if len(files) < 5 {
		t.Fatalf("want at least 5 policy texts, have %d", len(files))
	}
	out := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(file)] = string(data)
	}
	return out
}

func TestPolicyTextsStay(t *testing.T) {
	for name, text := range plainFiles(t) {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(trimmed(text), Text(text)); diff != "" {
				t.Errorf("-want +have\n%s", diff)
			}
		})
	}
}

// TestBounds: what is too much stays as it is, and nothing is lost.
func TestBounds(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"quotations", strings.Repeat(">", 40) + "甲", strings.Repeat(">", 9) + "甲"},
		{"lists", strings.Repeat("- ", 20) + "甲", strings.TrimRight(strings.Repeat("- ", 20), " ") + " 甲"},
		{"definitions", strings.Repeat("[甲]: /a\n", 1025), strings.TrimRight(strings.Repeat("[甲]: /a\n", 1025), "\n")},
		{"table", strings.Repeat("|", 2000) + "\n" + strings.Repeat("|-", 2000) + "|\n" + strings.Repeat("甲\n", 99), ""},
		{"brackets", strings.Repeat("[甲", 300) + "[乙](/a)", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			have := Text(tt.source)
			if tt.want != "" && have != tt.want {
				t.Errorf("have %.80q…, want %.80q…", have, tt.want)
			}
			checkLaws(t, tt.source)
		})
	}
}

func TestTextInParallel(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, s := range samples(t) {
				if have := Text(s.source); have != s.want {
					t.Errorf("%s: have %q", s.name, have)
				}
			}
		})
	}
	wg.Wait()
}
