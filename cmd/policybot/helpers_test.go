package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"policybot/retrieval"
)

// programEnv makes this test binary the program itself, for tests that need a
// process of its own.
const programEnv = "POLICYBOT_TEST_AS_PROGRAM"

// atEnd is called after the last test.
var atEnd []func()

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		main()
	}
	temp, err := os.MkdirTemp("", "policybot-test-")
	err = cmp.Or(err, os.Chmod(temp, 0o755), os.Setenv("TMPDIR", temp)) // the locks of connections stay in the folder of temporary files
	if err != nil {
		fmt.Fprintln(os.Stderr, "the tests have no folder of their own:", err)
		os.Exit(1)
	}
	code := m.Run()
	for _, end := range atEnd {
		end()
	}
	if seededDir != "" {
		os.RemoveAll(seededDir)
	}
	os.RemoveAll(temp)
	os.Exit(code)
}

// An output is what a run of the program leaves behind.
type output struct {
	args     []string
	code     int
	out, err string
}

// A setting is what a run is given besides its arguments.
type setting struct {
	stdin string
	env   map[string]string
}

func (s setting) run(t testing.TB, args ...string) output {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(s.stdin), &out, &err}, func(name string) string { return s.env[name] })
	r := output{args, code, out.String(), err.String()}
	shown := r.err
	if !strings.HasPrefix(r.out, "{") { // JSON repeats the question, which may be anything
		shown += r.out
	}
	for _, bad := range []string{"goroutine ", "panic:", "%!", ".go:", "\x1b"} {
		if strings.Contains(shown, bad) {
			t.Errorf("%q prints %q:\n%s%s", args, bad, r.out, r.err)
		}
	}
	return r
}

// pb runs the program on a data folder, messages in English.
func pb(t testing.TB, data string, args ...string) output {
	t.Helper()
	return setting{}.run(t, append([]string{"--data", data}, args...)...)
}

// want fails the test unless the run ended with code, with one line on standard
// error for a code other than 0 and none for 0.
func (r output) want(t testing.TB, code int) output {
	t.Helper()
	if r.code != code {
		t.Fatalf("%q: exit %d, want %d\n%s%s", r.args, r.code, code, r.out, r.err)
	}
	if n := len(lines(r.err)); code == 0 && n != 0 || code != 0 && n != 1 {
		t.Errorf("%q: exit %d with %d lines on standard error:\n%s", r.args, code, n, r.err)
	}
	return r
}

// says fails the test unless standard error has all the parts.
func (r output) says(t testing.TB, parts ...string) output {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(r.err, p) {
			t.Errorf("%q: no %q in %q", r.args, p, r.err)
		}
	}
	return r
}

// shows fails the test unless standard output has all the parts.
func (r output) shows(t testing.TB, parts ...string) output {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(r.out, p) {
			t.Errorf("%q: no %q in:\n%s", r.args, p, r.out)
		}
	}
	return r
}

// lines are the lines of a text that ends with a line feed.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// decodeAll reads standard output as one JSON value a line and nothing else.
func decodeAll[T any](t testing.TB, r output) []T {
	t.Helper()
	var list []T
	for n, line := range lines(r.out) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: line %d of standard output: %v\n%s", r.args, n+1, err, line)
		}
		list = append(list, v)
	}
	return list
}

// decode reads standard output as one line of JSON.
func decode[T any](t testing.TB, r output) T {
	t.Helper()
	list := decodeAll[T](t, r)
	if len(list) != 1 {
		t.Fatalf("%q: %d lines on standard output, want 1:\n%s%s", r.args, len(list), r.out, r.err)
	}
	return list[0]
}

// object is any JSON object.
type object = map[string]any

// wantKeys checks the keys of an object and the kinds of their values: "id
// string", or "reason string?" for one that may be null or left out. Keys that
// are not named are not looked at.
func wantKeys(t testing.TB, where string, v any, keys ...string) {
	t.Helper()
	o, ok := v.(object)
	if !ok {
		t.Errorf("%s is %T, want an object", where, v)
		return
	}
	for _, key := range keys {
		name, kind, _ := strings.Cut(key, " ")
		kind, optional := strings.CutSuffix(kind, "?")
		value := o[name]
		if value == nil && optional {
			continue
		}
		kinds := map[string]bool{}
		switch value.(type) {
		case string:
			kinds["string"] = true
		case float64:
			kinds["number"] = true
		case bool:
			kinds["bool"] = true
		case []any:
			kinds["array"] = true
		case object:
			kinds["object"] = true
		}
		if !kinds[kind] {
			t.Errorf("%s: %s is %T (%v), want %s", where, name, value, value, kind)
		}
	}
}

// seededDir is one data folder with the seeds, made when the first test asks
// for it and removed by TestMain.
var seededDir string

var seedOnce = sync.OnceValue(func() (err error) {
	if seededDir, err = os.MkdirTemp("", "policybot-seeded-"); err != nil {
		return err
	}
	var out bytes.Buffer
	noEnv := func(string) string { return "" }
	if code := run(context.Background(), []string{"--data", seededDir, "documents"}, streams{nil, &out, &out}, noEnv); code != exitOK {
		return fmt.Errorf("exit %d: %s", code, &out)
	}
	return nil
})

// seeded is a data folder of the test's own that holds the seeds.
func seeded(t testing.TB) string {
	t.Helper()
	if err := seedOnce(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(seededDir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// write makes a file, and the folders above it, and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// policy is a small policy text that only word finds.
func policy(title, word string) string {
	return title + "\n\n一、总则\n（一）为支持企业发展，制定本措施。\n（二）本措施适用于在本市注册的企业。\n" +
		"二、支持内容\n（一）对" + word + "项目给予一次性资助，最高50万元。\n（二）优先安排" + word + "项目用地。\n"
}

// A listed document, as documents --json prints it.
type listed struct {
	retrieval.Document
	Clauses int `json:"clauses"`
}

// documents lists the library.
func documents(t testing.TB, data string) []listed {
	t.Helper()
	r := pb(t, data, "documents", "--json").want(t, 0)
	return decode[struct{ Documents []listed }](t, r).Documents
}

func ids(docs []listed) []string {
	var out []string
	for _, d := range docs {
		out = append(out, d.ID)
	}
	return out
}

// clauses lists the clauses of a document.
func clauses(t testing.TB, data, name string) []retrieval.Clause {
	t.Helper()
	return decode[[]retrieval.Clause](t, pb(t, data, "clauses", "--json", name).want(t, 0))
}

// found searches for words, some at a time, and gives for each the ids of the
// documents of which a clause was found that has it, best first.
func found(t testing.TB, data string, words ...string) map[string][]string {
	t.Helper()
	var in strings.Builder
	for group := range slices.Chunk(words, 20) {
		query := strings.Join(group, " ")
		line, err := json.Marshal(batchLine{ID: query, Question: &query})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	r := setting{stdin: in.String()}.run(t, "--data", data, "search", "--json", "-k", "100", "--batch", "-").want(t, exitOK)
	out := map[string][]string{}
	for _, s := range decodeAll[searchResult](t, r) {
		for _, w := range strings.Fields(s.ID) {
			for _, h := range s.Hits {
				if id := h.Clause.Document.ID; strings.Contains(h.Clause.Text, w) && !slices.Contains(out[w], id) {
					out[w] = append(out[w], id)
				}
			}
		}
	}
	return out
}

// program is a run of the program in a process of its own.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programEnv+"=1", "LC_ALL=C", "POLICYBOT_DATA=", "DATABASE_URL=")
	return cmd
}
