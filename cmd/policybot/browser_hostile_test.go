//go:build browser

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// hostile are the strings of testdata/hostile.txt.
func hostile(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "hostile.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch literal, is := strings.CutPrefix(line, "go:"); {
		case line == "" || strings.HasPrefix(line, "# ") && len(line) > 4:
			continue
		case is:
			if line, err = strconv.Unquote(literal); err != nil {
				t.Fatalf("hostile.txt: %s: %v", literal, err)
			}
		case strings.HasPrefix(line, "long:"):
			count, what, _ := strings.Cut(line[len("long:"):], ":")
			n, err := strconv.Atoi(count)
			if err != nil {
				t.Fatalf("hostile.txt: %s: %v", line, err)
			}
			line = strings.Repeat(what, n)
		}
		out = append(out, line)
	}
	if len(out) < 300 {
		t.Fatalf("hostile.txt has %d strings", len(out))
	}
	return out
}

// hostileLibrary puts documents into a store whose facts and clauses are the strings.
func hostileLibrary(ctx context.Context, store retrieval.Store, list []string) error {
	at := func(i int) string { return list[i%len(list)] }
	for n, group := range slices.Collect(slices.Chunk(list, 4)) {
		id := fmt.Sprintf("hostile-%d", n)
		var clauses []retrieval.Clause
		text := strings.Join(group, "\n")
		for i, c := range retrievaltest.Cut(id, text, group...) {
			c.Path, c.Heading, c.Parents, c.Departments = "一/("+at(n+i)+")", at(n+i+9), []string{at(n + 20), at(n + i/2)}, []string{at(n + i + 30)}
			clauses = append(clauses, c)
		}
		doc := retrieval.Document{
			ID: id, Title: at(4 * n), Number: at(4*n + 1), Issuer: at(4*n + 2), Jurisdiction: at(4*n + 3), Kind: at(n), Language: at(n + 50), Source: at(n + 100),
			IssuedOn: "2024", TargetYear: 2030, Aliases: []string{at(n + 150)}, Facts: map[string]string{"title": retrieval.SourceCatalogue, "number": retrieval.SourceCatalogue},
			Mentions: []retrieval.Mention{{Title: at(n + 200)}},
		}
		if _, err := store.Put(ctx, doc, text, clauses); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

// TestBrowserHostile puts every hostile string into every field that people or documents fill, and loads the pages that
// show them: no script runs, the content security policy has nothing to report, and the strings are shown as text.
func TestBrowserHostile(t *testing.T) {
	t.Parallel()
	browser(t)
	list := hostile(t)
	s := browsed(t, seeded(t), nil, func(v *server) {
		if err := errors.Join(hostileLibrary(t.Context(), v.store, list), v.lib.Refresh(t.Context())); err != nil {
			t.Error(err)
		}
	})
	p := newTab(t, s, look{lang: "en"})
	t.Run("questions", func(t *testing.T) { hostileQuestions(t, s, p, list) })
	t.Run("fields", func(t *testing.T) { hostileFields(t, p, list) })
	t.Run("documents", func(t *testing.T) { hostileDocuments(t, s, p, list) })
	boss, chen := s.account("chief", accounts.Admin, list[0]), s.account("second", accounts.Admin, list[1])
	f := s.furnish(boss, chen, list)
	p = newTab(t, s, look{lang: "en"})
	p.signIn(boss)
	t.Run("pages that show them", func(t *testing.T) { hostileShown(t, p, f) })
	t.Run("fields of the staff", func(t *testing.T) { hostileSearches(t, p, f, f.list) })
	t.Run("every page", func(t *testing.T) {
		p.expect("status of 404")
		given := maps.Clone(f.given)
		given["/documents/"], given["/clauses/"] = "hostile-3", "hostile-3.1"
		for _, path := range pagePaths(t, s, given) {
			p.goTo(path)
			if p.count("main") != 1 {
				t.Errorf("%s is no page of the console", path)
			}
			p.check()
		}
	})
}

// hostileShown loads the pages that show what furnish has written, and wants all of it as text.
func hostileShown(t *testing.T, p *tab, f *furnished) {
	for _, path := range slices.Sorted(maps.Keys(f.shown)) {
		shown := ""
		for page := path; page != ""; {
			p.goTo(page)
			shown += plainly(js[string](p, `[document.querySelector("main").textContent, ...[...document.querySelectorAll("main input, main textarea")].map((e) => e.value)].join("\n")`))
			page = js[string](p, `document.querySelector("main [rel=next]")?.getAttribute("href") ?? ""`)
		}
		for _, text := range f.shown[path] {
			if !strings.Contains(shown, plainly(text)) {
				t.Errorf("%s does not show %q", path, text)
			}
		}
		p.check()
	}
}

// plainly is a text without what pages write in another way: blanks, controls, marks of direction.
func plainly(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// hostileSearches writes the strings into the fields by which the pages of the staff search and filter.
func hostileSearches(t *testing.T, p *tab, f *furnished, list []string) {
	p.expect("status of 422")
	for _, text := range batches(list, 1000) {
		q := url.QueryEscape(text)
		for path, field := range map[string]string{
			"/desk?q=" + q + "&owner=" + q: "#q", "/desk/cases/" + f.given["/desk/cases/"] + "/clauses?q=" + q: "",
			"/admin/audit?by=" + q + "&object=" + q + "&does=" + q + "&since=" + q: "[name=by]", "/admin/vocabulary?q=" + q: "#q",
			"/ops/log?q=" + url.QueryEscape(string([]rune(text)[:min(290, utf8.RuneCountInString(text))])) + "&place=" + q + "&outcome=" + q: "",
			"/ops/entries?clause=" + q: "",
		} {
			p.goTo(path)
			if field == "" {
				continue
			}
			if got := js[string](p, fmt.Sprintf(`document.querySelector("main " + %s).value`, quoted(field))); plainly(got) != plainly(text) {
				t.Errorf("%s has %q, want %q", field, got, text)
			}
		}
		p.check()
	}
}

// threads is how many questions are asked at once: as many as one person may.
const threads = 3

// hostileQuestions asks each string, rates and hands the answer over with it, and tells it as a fact of a company.
func hostileQuestions(t *testing.T, s *site, p *tab, list []string) {
	visitor := rand.Text()
	p.cookie("policybot_visitor", visitor)
	for group := range slices.Chunk(list, 98) {
		conversation := rand.Text()
		var asking sync.WaitGroup
		for i := range threads {
			asking.Go(func() {
				for n := i; n < len(group); n += threads {
					hostileQuestion(t, s, visitor, conversation, group[n], n%3 == 0)
				}
			})
		}
		asking.Wait()
		who := channel.Actor{ID: "visitor " + visitor}
		stored, err := s.server.service.Conversation(t.Context(), httpapi.Name, who, channel.Place{ID: who.ID, Thread: conversation})
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) < len(group)/2 {
			t.Errorf("of %d strings only %d are questions", len(group), len(stored))
		}
		p.goTo("/?c=" + conversation)
		var want []string
		for _, m := range stored {
			want = append(want, asHTML(m.Text))
		}
		if got := js[[]string](p, `[...document.querySelectorAll(".bubble")].map((e) => e.textContent)`); !slices.Equal(got, want) {
			t.Errorf("the questions are shown as %q, want %q", got, want)
		}
		p.check()
	}
}

func hostileQuestion(t *testing.T, s *site, visitor, conversation, text string, profile bool) {
	cookie := []string{"Cookie", "policybot_visitor=" + visitor, "Content-Type", "application/x-www-form-urlencoded"}
	form := url.Values{"c": {conversation}, "question": {text}}
	if profile && utf8.RuneCountInString(text) < 100 {
		form.Set("fact.place", text)
		form.Set("fact.entity", text)
		form.Set("kind."+text, text)
	}
	r, err := s.sendTo("/ask", form, cookie...)
	if err != nil || r.status >= http.StatusInternalServerError {
		t.Errorf("asking %q: status %d, %v\n%s", text, r.status, err, r.body)
	}
	_, after, found := strings.Cut(r.header.Get("Location"), "#last")
	if !found || after != "" {
		return // it is no question: too long, or nothing but blanks
	}
	who := channel.Actor{ID: "visitor " + visitor}
	list, err := s.server.service.Conversation(t.Context(), httpapi.Name, who, channel.Place{ID: who.ID, Thread: conversation})
	if err != nil || len(list) == 0 {
		t.Errorf("%q is in no conversation: %v", text, err)
		return
	}
	id := list[len(list)-1].ID
	for path, form := range map[string]url.Values{
		"feedback": {"good": {"no"}, "reason": {text}, "text": {text}}, "handover": {"text": {text}},
	} {
		if r, err := s.sendTo("/answers/"+id+"/"+path, form, cookie...); err != nil || r.status >= http.StatusInternalServerError {
			t.Errorf("%s %q: status %d, %v", path, text, r.status, err)
		}
	}
}

// sendTo sends a form. A redirect is not followed.
func (s *service) sendTo(path string, form url.Values, headers ...string) (reply, error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+s.at.HTTP+path, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	for h := range slices.Chunk(headers, 2) {
		req.Header.Set(h[0], h[1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	return reply{status: resp.StatusCode, header: resp.Header}, nil
}

// asHTML is a text as the standard has a page hold it: line ends are line feeds, and there is no U+0000.
func asHTML(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(text)
}

// batches joins strings to texts of at most so many characters; longer strings are cut.
func batches(list []string, most int) []string {
	var out []string
	var b strings.Builder
	n := 0
	for _, s := range list {
		runes := []rune(s)
		runes = runes[:min(len(runes), most)]
		if n+len(runes)+1 > most {
			out = append(out, b.String())
			b.Reset()
			n = 0
		}
		b.WriteString(string(runes) + " ")
		n += len(runes) + 1
	}
	return append(out, b.String())
}

// hostileFields puts the strings into addresses and into the forms that show again what was written.
func hostileFields(t *testing.T, p *tab, list []string) {
	for _, status := range []string{"status of 404", "status of 401", "status of 422", "status of 429", "status of 400"} {
		p.expect(status)
	}
	var short []string
	for _, one := range list {
		short = append(short, string([]rune(one)[:min(200, utf8.RuneCountInString(one))]))
	}
	for _, text := range batches(short, 1900) {
		q := url.QueryEscape(text)
		for path, field := range map[string]string{
			"/?c=" + q + "&q=" + q: "#question", "/library?place=" + q + "&year=" + q + "&q=" + q: "#q", "/setup?code=" + q: "[name=code]",
			"/login/code?code=" + q: "[name=code]", "/login?to=/" + url.QueryEscape(inPath(text)): "[name=to]", "/eligibility?c=" + q: "", "/documents/" + url.PathEscape(text): "",
			"/clauses/" + url.PathEscape(text) + "?quote=" + q: "", "/answers/" + url.PathEscape(text): "", "/" + url.PathEscape(text): "",
		} {
			p.goTo(path)
			if field == "" {
				continue
			}
			got := js[string](p, fmt.Sprintf(`document.querySelector(%s).value`, quoted(field)))
			want := sent(text)
			if field == "[name=to]" {
				want = sent(inPath(text))
				if strings.ContainsFunc(text, unicode.IsControl) {
					want = "/" // no path
				}
			}
			if !strings.Contains(flat(got), flat(want)) && len(text) < 7900 { // a longer one is no draft
				t.Errorf("%s has %q, want %q", field, got, want)
			}
		}
		for path, fields := range map[string][]string{"/login": {"name", "password"}, "/setup": {"name", "code", "password", "again"}, "/login/code": {"code", "password", "again"}} {
			p.goTo(path)
			p.turns(func() {
				js[bool](p, fmt.Sprintf(`(%s.forEach((name) => { const f = document.querySelector("main [name=" + name + "]"); f.removeAttribute("maxlength"); f.value = %s; }), document.querySelector("main form").submit(), true)`,
					quoted(fields), quoted(text)))
			})
			if got, want := js[string](p, fmt.Sprintf(`document.querySelector("main [name=%s]").value`, fields[0])), sent(text); flat(got) != flat(want) {
				t.Errorf("%s has %q, want %q", path, got, want)
			}
		}
		p.check()
	}
}

// inPath is a text without what no address of the console holds.
func inPath(text string) string {
	return strings.NewReplacer("\\", "", "\r", "", "\n", "", "\t", "").Replace(text)
}

// sent is what is left of a text in a field of one line.
func sent(text string) string { return asHTML(strings.ToValidUTF8(text, "\ufffd")) }

// flat is a text without blanks and the line ends that fields leave out.
func flat(text string) string { return strings.Join(strings.Fields(text), "") }

// hostileDocuments reads the library, the documents and some clauses.
func hostileDocuments(t *testing.T, s *site, p *tab, list []string) {
	docs, err := s.server.lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown := ""
	for page := range (len(docs) + 49) / 50 {
		p.goTo(fmt.Sprintf("/library?page=%d", page+1))
		shown += js[string](p, `document.querySelector("main").textContent`)
		p.check()
	}
	for _, d := range docs {
		for _, fact := range []string{d.Title, d.Number, d.Issuer, d.Jurisdiction} {
			if !strings.Contains(shown, asHTML(fact)) {
				t.Errorf("the library does not show %q", fact)
			}
		}
	}
	p.check()
	for i, d := range docs {
		if !strings.HasPrefix(d.ID, "hostile-") {
			continue
		}
		clauses, err := s.server.lib.Clauses(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.goTo("/documents/" + d.ID)
		shown := js[[]string](p, `[...document.querySelectorAll("section.clause .body")].map((e) => e.textContent)`)
		for j, c := range clauses {
			if j >= len(shown) || shown[j] != asHTML(c.Text) {
				t.Errorf("%s shows %q, want %q", c.ID, shown, c.Text)
				break
			}
		}
		if i%10 == 0 {
			c := clauses[i/10%len(clauses)]
			p.goTo(fmt.Sprintf("/clauses/%s?quote=0-%d", c.ID, utf8.RuneCountInString(c.Text)))
			if got := js[string](p, `document.querySelector("#text").textContent`); got != asHTML(c.Text) {
				t.Errorf("%s is shown as %q, want %q", c.ID, got, c.Text)
			}
		}
		p.check()
	}
}

// drafted opens a case for a question, with a draft, and gives its id.
func (s *site) drafted(question string) string {
	s.t.Helper()
	k, err := s.server.service.OpenCase(s.t.Context(), question, "asked")
	if err != nil {
		s.t.Fatal(err)
	}
	d := journal.Draft{Case: k.ID, Base: k.Revision, Text: "您好。<b>pwned=0</b>", By: "li", At: time.Now(), Origin: journal.ByPerson}
	if _, err := s.server.journal.SaveDraft(s.t.Context(), d); err != nil {
		s.t.Fatal(err)
	}
	return k.ID
}

// pagePaths are the addresses of all pages, as the table of who gets what lists them, with what stands for the names
// in them.
func pagePaths(t *testing.T, s *site, given map[string]string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "bot", "console", "testdata", "access.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if given["/answers/"] == "" {
		given["/answers/"] = s.ask("厦门对生物医药企业上市有什么目标？").ID
	}
	if given["/desk/cases/"] == "" {
		given["/desk/cases/"] = s.drafted(given["/answers/"])
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && strings.HasSuffix(fields[1], "/export") { // a file, no page
			downloads(t, s, fields[1])
			continue
		}
		if len(fields) < 2 || fields[0] != http.MethodGet || strings.HasPrefix(fields[1], "/static/") {
			continue
		}
		path := strings.TrimSuffix(fields[1], "{$}")
		for {
			before, rest, found := strings.Cut(path, "{")
			if !found {
				break
			}
			if given[before] == "" {
				t.Fatalf("nothing stands for the name in %s", path)
			}
			_, after, _ := strings.Cut(rest, "}")
			path = before + given[before] + after
		}
		out = append(out, path)
	}
	if len(out) < 35 {
		t.Fatalf("only %d pages", len(out))
	}
	return out
}

// downloads gets a file as an administrator, and wants a browser to save it.
func downloads(t *testing.T, s *site, path string) {
	t.Helper()
	s.exporter.Do(func() { s.account("exporter", accounts.Admin) })
	r := s.get(http.StatusOK, "POST", path, "format=csv", "Content-Type", "application/x-www-form-urlencoded", "Cookie", "policybot_session="+s.session("exporter"))
	if h := r.header; !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=\"policybot-") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s has %v", path, h)
	}
}
