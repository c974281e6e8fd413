package console

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
	"policybot/retrieval/publication"
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

// TestAccess makes every request of the table. With -update it writes what everybody gets into the table; the laws of
// TestAccessLaws hold for that too.
func TestAccess(t *testing.T) {
	w := newWorld(t, setup{files: true, closed: true})
	given := w.fixtures()
	wanted := map[string]row{}
	for _, r := range readAccess(t) {
		wanted[r.method+" "+r.path] = r
	}
	var rows []row
	for _, to := range routes {
		t.Run(to.method+strings.ReplaceAll(to.path, "/", " "), func(t *testing.T) {
			got := row{to.method, to.path, make([]string, len(columns))}
			path := given.path(t, to.path)
			for i, who := range columns {
				got.gets[i] = w.gets(t, who, to.method, path, given.forms[to.path])
			}
			rows = append(rows, got)
			want := wanted[to.method+" "+to.path]
			if !*update && !slices.Equal(got.gets, want.gets) {
				t.Errorf("access.txt says\n%s, and it is\n%s", want.line(), got.line())
			}
		})
	}
	if *update {
		writeAccess(t, rows)
	}
}

var update = flag.Bool("update", false, "write testdata/access.txt")

// writeAccess writes the table under the comments that it has.
func writeAccess(t *testing.T, rows []row) {
	t.Helper()
	text, err := os.ReadFile("testdata/access.txt")
	must(t, err)
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	for _, r := range rows {
		b.WriteString(r.line() + "\n")
	}
	must(t, os.WriteFile("testdata/access.txt", []byte(b.String()), 0o644))
}

// TestAccessLaws wants the table to let nobody in whom a route is not for, whatever was written into it.
func TestAccessLaws(t *testing.T) {
	ranks := map[string]int{"viewer": 1, "staff": 2, "ops": 3, "admin": 4}
	needs := map[string]need{}
	for _, to := range routes {
		needs[to.method+" "+to.path] = to.need
	}
	for _, r := range readAccess(t) {
		need := needs[r.method+" "+r.path]
		for i, who := range columns {
			got := r.gets[i]
			refused := got == "login" || got == "401"
			switch {
			case who == "cross-site":
				if r.method != http.MethodGet && got != "403" {
					t.Errorf("%s %s from another site gives %s", r.method, r.path, got)
				}
			case need == anyone, need == reader && who == "anonymous-open":
			case ranks[who] == 0: // nobody
				if !refused {
					t.Errorf("%s %s for %s gives %s", r.method, r.path, who, got)
				}
			case need != reader && ranks[who] < ranks[string(need)]:
				if got != "403" {
					t.Errorf("%s %s for %s gives %s", r.method, r.path, who, got)
				}
			}
		}
	}
}

// line is a row as the file has it.
func (r row) line() string {
	out := fmt.Sprintf("%-5s %-42s", r.method, r.path)
	for _, g := range r.gets {
		out += fmt.Sprintf(" %-9s", g)
	}
	return strings.TrimRight(out, " ")
}

// gets is what somebody gets: a status, or login for being sent to sign in.
func (w *world) gets(t *testing.T, who, method, path string, form url.Values) string {
	t.Helper()
	w.later(time.Hour) // so that no sign-in has to wait for the one before
	p := w.visitor()
	switch who {
	case "anonymous-open":
		open := w.console.Options
		open.Open = true
		p.console = New(open)
		defer p.console.Close()
	case "anonymous-closed":
	case "elsewhere":
		p = w.signedIn("boss")
		w.elsewhere(p.cookies[cookieSession])
	case "cross-site":
		p = w.signedIn("boss")
		p.headers = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://example.com"}}
	default:
		p = w.signedIn(map[string]string{"viewer": "vic", "staff": "ann", "ops": "olga", "admin": "boss"}[who])
	}
	if method == http.MethodPost && form == nil {
		form = url.Values{}
	}
	p.ask(method, path, form)
	if p.code == http.StatusSeeOther && strings.HasPrefix(p.header.Get("Location"), "/login?to=") {
		return "login"
	}
	if p.code >= http.StatusInternalServerError {
		t.Errorf("%s: %d\n%s", who, p.code, p.page)
	}
	return fmt.Sprint(p.code)
}

// fixtures are what stands for the names in the paths of routes, and what forms send.
type fixtures struct {
	paths map[string]string // by the path up to its first name
	forms map[string]url.Values
}

func (w *world) fixtures() fixtures {
	w.t.Helper()
	docs, err := w.library.Documents(w.t.Context())
	must(w.t, err)
	clauses, err := w.library.Clauses(w.t.Context(), docs[0].ID)
	must(w.t, err)
	vic := w.signedIn("vic")
	vic.talk = conversation
	answer, none := vic.asked(listing), vic.asked("深圳市的人才公寓怎么申请？")
	k, err := w.service.OpenCase(w.t.Context(), answer, "asked")
	must(w.t, err)
	_, err = w.journal.SaveDraft(w.t.Context(), journal.Draft{Case: k.ID, Text: "您好。", By: "ann", At: w.now(), Origin: journal.ByPerson})
	must(w.t, err)
	queue := publication.New(w.store, w.library, publication.Options{})
	proposed, err := queue.Propose(w.t.Context(), publication.Upload{Name: "new.txt", Kind: publication.Document, Data: []byte("关于支持企业的通知\n\n一、给予补贴。\n"), By: "olga"})
	must(w.t, err)
	return fixtures{
		map[string]string{
			"/admin/documents/": docs[0].ID, "/admin/documents/proposals/": proposed.Proposal.ID, "/admin/measures/": "b-04",
			"/admin/settings/": "approval", "/admin/users/": "vic",
			"/static/": "app.css", "/answers/": answer, "/documents/": docs[0].ID, "/clauses/": clauses[0].ID,
			"/desk/cases/": k.ID, "/desk/questions/": none, "/ops/questions/": answer, "/ops/entries/": "none", "/ops/golden/": "none",
		},
		map[string]url.Values{
			"/ask": {"question": {"你好"}}, "/answers/{id}/feedback": {"good": {"yes"}},
			"/admin/settings/{name}/switch": {"to": {"on"}}, "/admin/settings/retention": {"to": {"30"}}, "/admin/settings/tokens": {"to": {"0"}},
		},
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
