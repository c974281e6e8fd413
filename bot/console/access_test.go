package console

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"policybot/bot/accounts"
)

// columns are who asks, in the order of testdata/access.txt.
var columns = []string{"anonymous-open", "anonymous-closed", "viewer", "staff", "ops", "admin", "elsewhere", "cross-site"}

// A row is what everybody gets at one route.
type row struct {
	method, path string
	gets         []string
}

func readAccess(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("testdata/access.txt")
	must(t, err)
	var rows []row
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		if len(fields) != 2+len(columns) {
			t.Fatalf("access.txt: %q has %d fields, not %d", strings.TrimSpace(line), len(fields), 2+len(columns))
		}
		rows = append(rows, row{fields[0], fields[1], fields[2:]})
	}
	return rows
}

// TestAccessTable wants a row for each route, and a route for each row.
func TestAccessTable(t *testing.T) {
	have, want := []string{}, []string{}
	for _, r := range readAccess(t) {
		have = append(have, r.method+" "+r.path)
	}
	for _, r := range routes {
		want = append(want, r.method+" "+r.path)
	}
	for _, one := range want {
		if !slices.Contains(have, one) {
			t.Errorf("testdata/access.txt has no row for %s", one)
		}
	}
	for i, one := range have {
		if !slices.Contains(want, one) {
			t.Errorf("testdata/access.txt has a row for %s, which is no route", one)
		}
		if slices.Contains(have[:i], one) {
			t.Errorf("testdata/access.txt has two rows for %s", one)
		}
	}
}

// TestAccess makes every request of the table.
func TestAccess(t *testing.T) {
	w := newWorld(t)
	given := w.fixtures()
	for _, r := range readAccess(t) {
		t.Run(r.method+strings.ReplaceAll(r.path, "/", " "), func(t *testing.T) {
			path := given.path(t, r.path)
			got := make([]string, len(columns))
			for i, who := range columns {
				got[i] = w.gets(t, who, request{method: r.method, path: path, form: given.forms[r.path]})
			}
			if !slices.Equal(got, r.gets) {
				t.Errorf("access.txt says\n%s, and it is\n%s", r.line(r.gets), r.line(got))
			}
		})
	}
}

// line is a row as the file has it.
func (r row) line(gets []string) string {
	out := fmt.Sprintf("%-5s %-34s", r.method, r.path)
	for _, g := range gets {
		out += fmt.Sprintf(" %-9s", g)
	}
	return strings.TrimRight(out, " ")
}

// gets is what somebody gets: a status, or login for being sent to sign in.
func (w *world) gets(t *testing.T, who string, r request) string {
	t.Helper()
	c := w.console
	switch who {
	case "anonymous-open":
		c = w.open
	case "anonymous-closed":
	case "elsewhere":
		r.token = w.session("admin")
		w.elsewhere(r.token)
	case "cross-site":
		r.token = w.session("admin")
		r.headers = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://example.com"}}
	default:
		r.token = w.session(who)
	}
	got := r.send(t, c)
	if to := got.Header().Get("Location"); got.Code == http.StatusSeeOther && strings.HasPrefix(to, "/login?to=") {
		return "login"
	}
	if got.Code >= http.StatusInternalServerError {
		t.Errorf("%s: %d\n%s", who, got.Code, got.Body)
	}
	return fmt.Sprint(got.Code)
}

// fixtures are what stands for the names in the paths of routes, and what forms send.
type fixtures struct {
	paths map[string]string // by the path up to its first name
	forms map[string]url.Values
}

func (w *world) fixtures() fixtures {
	w.t.Helper()
	docs, err := w.console.Library.Documents(w.t.Context())
	must(w.t, err)
	clauses, err := w.console.Library.Clauses(w.t.Context(), docs[0].ID)
	must(w.t, err)
	answer := w.asked(string(accounts.Viewer), "厦门对生物医药企业上市有什么目标？")
	return fixtures{
		map[string]string{"/static/": "app.css", "/answers/": answer, "/documents/": docs[0].ID, "/clauses/": clauses[0].ID},
		map[string]url.Values{"/ask": {"question": {"你好"}}, "/answers/{id}/feedback": {"good": {"yes"}}},
	}
}

// path is the path of a route with what stands for its names.
func (f fixtures) path(t *testing.T, pattern string) string {
	t.Helper()
	pattern = strings.TrimSuffix(pattern, "{$}")
	for {
		before, rest, found := strings.Cut(pattern, "{")
		if !found {
			return pattern
		}
		value, known := f.paths[before]
		if !known {
			t.Fatalf("fixtures has nothing for the name in %s", pattern)
		}
		_, after, _ := strings.Cut(rest, "}")
		pattern = before + url.PathEscape(value) + after
	}
}
