package console

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryPage gets each page in both languages, whole and as a part, and wants every template to be used.
func TestEveryPage(t *testing.T) {
	w := newWorld(t, setup{files: true, closed: true})
	given := w.fixtures()
	nobody, vic, boss := w.visitor(), w.signedIn("vic"), w.signedIn("boss")
	for _, route := range routes {
		if route.method != http.MethodGet {
			continue
		}
		path := given.path(t, route.path)
		for _, lang := range []string{chinese, english} {
			for _, part := range []bool{false, true} {
				got := vic
				switch route.need {
				case anyone:
					got = nobody
				case staff, ops, admin:
					got = boss
				}
				got.part, got.lang, got.headers = part, "", http.Header{"Accept-Language": {lang}}
				got.ask(route.method, path, nil)
				if strings.HasPrefix(path, "/login/oidc") { // there is no provider here
					if got.code != http.StatusNotFound {
						t.Errorf("%s without a provider: status %d", path, got.code)
					}
				} else if got.code != http.StatusOK {
					t.Errorf("%s in %s: status %d", path, lang, got.code)
				}
				if got.header.Get("Content-Type") != "text/html; charset=utf-8" {
					continue
				}
				html := View{Lang: lang}.HTMLLang()
				if body := got.page; !strings.Contains(body, `<html lang="`+html+`"`) || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
					t.Errorf("%s is no whole page in %s:\n%s", path, lang, body)
				} else if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "%!") {
					t.Errorf("%s in %s holds what a template could not write:\n%s", path, lang, body)
				} else if found := inlineCode.FindString(body); found != "" {
					t.Errorf("%s in %s has inline code: %s", path, lang, found)
				}
			}
		}
	}
}

// inlineCode is what the content security policy forbids.
var inlineCode = regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+)\s*=|<script(?:\s[^>]*)?>[^<]|<style|href="\s*javascript:`)

// wordUse finds names of texts in templates and in Go.
var wordUse = regexp.MustCompile(`\.T "([a-z0-9_.]+)"|\bT\("([a-z0-9_.]+)"|problem\([A-Za-z.]+, "([a-z0-9_.]+)"|\bsay\([a-z]+, "([a-z0-9_.]+)"|accounts\.Err[A-Za-z]+, "([a-z0-9_.]+)"`)

// anyWord finds what is between quotation marks: a name of a text, or a group of names whose last part is a value.
var anyWord = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)*)\.?"`)

// sources gives the files that fit patterns, without tests.
func sources(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			must(t, err)
			out[name] = string(text)
		}
	}
	return out
}

// TestWords wants both languages to have the same names with the same number of values, every name that is used to be
// there, and every name that is there to be used.
func TestWords(t *testing.T) {
	zh, en := wordNames(chinese), wordNames(english)
	for _, name := range zh {
		if !slices.Contains(en, name) {
			t.Errorf("%s is only in Chinese", name)
		} else if a, b := strings.Count(words[chinese][name], "{}"), strings.Count(words[english][name], "{}"); a != b {
			t.Errorf("%s takes %d values in Chinese and %d in English", name, a, b)
		}
	}
	for _, name := range en {
		if !slices.Contains(zh, name) {
			t.Errorf("%s is only in English", name)
		}
	}
	quoted, used := map[string]bool{}, map[string]string{}
	for file, text := range sources(t, "*.go", "tmpl/*.html") {
		for _, found := range wordUse.FindAllStringSubmatch(text, -1) {
			if name := strings.Join(found[1:], ""); strings.TrimRight(name, "._") == name {
				used[name] = file
			}
		}
		for _, found := range anyWord.FindAllStringSubmatch(text, -1) {
			quoted[found[1]] = true
		}
	}
	for name, file := range used {
		if !slices.Contains(zh, name) {
			t.Errorf("%s uses the text %s, which is not there", file, name)
		}
	}
	for _, name := range zh {
		parts := strings.Split(name, ".")
		group := func(n int) bool { return n < len(parts) && quoted[strings.Join(parts[:n], ".")] }
		if used[name] == "" && !quoted[name] && !group(1) && !group(2) && !group(3) {
			t.Errorf("the text %s is not used", name)
		}
	}
}

// TestWordFiles wants each file of one language to have its pair with the same names.
func TestWordFiles(t *testing.T) {
	names := func(file string) []string {
		text, err := wordFiles.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		var out []string
		for line := range strings.Lines(string(text)) {
			if name, _, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
				out = append(out, name)
			}
		}
		return out
	}
	files, err := fs.Glob(wordFiles, "words/*."+chinese+".txt")
	must(t, err)
	for _, file := range files {
		other := strings.TrimSuffix(file, chinese+".txt") + english + ".txt"
		if a, b := names(file), names(other); !slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
			t.Errorf("%s and %s have different names", file, other)
		}
	}
}
