package console

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
)

// TestAdminAccess tries every address for administrators as everybody else.
func TestAdminAccess(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga, ann := w.signedIn("olga"), w.signedIn("ann")
	people := map[string]*person{"": w.visitor(), "vic": w.signedIn("vic"), "ann": ann, "olga": olga}
	tried := 0
	for _, one := range routes {
		if one.path != "/admin" && !strings.HasPrefix(one.path, "/admin/") {
			continue
		}
		tried++
		path := strings.NewReplacer("{id}", xiamen, "{name}", "boss").Replace(one.path)
		for name, p := range people {
			if name == "olga" && one.need == ops {
				continue
			}
			p.ask(one.method, path, sureWith("does", "disable", "reason", "x", "to", "on")).follow()
			switch {
			case name != "":
				p.sees(http.StatusForbidden, "Your account may not do this.")
			case one.method == http.MethodGet:
				p.sees(http.StatusOK, `name="password"`)
			default:
				p.sees(http.StatusUnauthorized, `href="/login`)
			}
		}
	}
	if tried < 25 {
		t.Errorf("only %d addresses", tried)
	}
	if a, err := w.book.Account(t.Context(), "boss"); err != nil || a.Disabled || w.service.Stopped().On() {
		t.Errorf("something was done: %+v, %v", a, err)
	}
	olga.get("/").sees(http.StatusOK, `href="/admin/documents"`).lacks(`href="/admin"`)
	ann.get("/").lacks("/admin")
}

// TestAdminPages shows every page in both languages, with something in every state.
func TestAdminPages(t *testing.T) {
	w := newWorld(t, setup{files: true})
	boss, chen := w.signedIn("boss"), w.signedIn("chen")
	taught, err := w.library.Clauses(t.Context(), xiamen)
	must(t, err)
	_, err = w.library.Teach(t.Context(), retrieval.Taught{Clause: taught[5].ID, Question: "有没有补贴？", By: "olga", At: time.Now()})
	must(t, err)
	var proposals []string
	propose := func(text string) string {
		boss.upload("a.txt", []byte(text), map[string]string{"document": xiamen}).sees(http.StatusOK)
		proposals = append(proposals, boss.at)
		return boss.at
	}
	chen.post(propose(w.textOf(xiamen)+"\n加一句。\n")+"/reject", sureWith("why", "no")).sees(http.StatusOK)
	boss.post(propose(w.textOf(xiamen)+"\n加两句。\n")+"/takeback", adminSure).sees(http.StatusOK)
	published := propose("某市办法\n\n第一条 支持企业。\n第二条 支持人才\u200b。\n")
	boss.sees(http.StatusOK, "loses its effect", "有没有补贴？", "more than half of the clauses go")
	chen.post(published+"/publish", adminSure).sees(http.StatusOK)
	waits := propose("某市办法\n\n第一条 支持企业和个人。\n")
	boss.get("/admin").sees(http.StatusOK, "measures are without effect", "index entries point at clauses that are gone", "1 proposed changes", "asking and reading need no account", "travel unencrypted", "No backup is known")

	list := boss.get("/admin/measures?state=approved").found(`href="(/admin/measures/[^"?]+)"`)
	stale := boss.get("/admin/measures?state=stale").found(`href="(/admin/measures/[^"?]+)"`)
	pages := []string{
		"/admin", "/admin/users", "/admin/documents", "/admin/documents?state=published", "/admin/documents?state=rejected", "/admin/documents?state=withdrawn",
		"/admin/documents/" + xiamen, "/admin/documents/" + xiamen + "?from=1&to=2", waits, "/admin/measures", "/admin/measures?document=x", list, stale,
		"/admin/vocabulary", "/admin/vocabulary?q=" + url.QueryEscape("补贴 subsidy 龘龘"), "/admin/settings", "/admin/audit", "/admin/erase",
		"/admin/settings?done=changed", "/admin/settings?done=nosuch",
	}
	pages = append(pages, proposals...)
	for _, lang := range []string{chinese, english} {
		boss.lang = lang
		for _, page := range pages {
			boss.get(page).sees(http.StatusOK, `<html lang="`+View{Lang: lang}.HTMLLang()+`"`, `aria-current="page"`)
			boss.lacks("ZgotmplZ", " style=", "<no value>")
		}
		boss.post("/admin/settings/pause", url.Values{"reason": {"x"}}).sees(http.StatusOK)
		boss.post(waits+"/publish", adminSure).sees(http.StatusConflict)
		boss.post("/admin/audit/verify", nil).sees(http.StatusOK)
	}
}

// TestAdminWords wants every text in both languages with as many values.
func TestAdminWords(t *testing.T) {
	for name, text := range words[chinese] {
		if other, ok := words[english][name]; !ok || strings.Count(text, "{}") != strings.Count(other, "{}") {
			t.Errorf("%s: %q, %q", name, text, other)
		}
	}
	if len(words[chinese]) != len(words[english]) {
		t.Errorf("%d texts in Chinese, %d in English", len(words[chinese]), len(words[english]))
	}
	for _, lang := range []string{chinese, english} {
		for _, name := range append(auditNames, didDocument+"publish") {
			if _, ok := words[lang]["did."+name]; !ok {
				t.Errorf("%s: no name of %s", lang, name)
			}
		}
		for _, code := range []retrieval.RefusalCode{
			retrieval.RefusedFormat, retrieval.RefusedEmpty, retrieval.RefusedBinary, retrieval.RefusedCharset, retrieval.RefusedSize, retrieval.RefusedLine,
			retrieval.RefusedClauses, retrieval.RefusedWithdrawn,
		} {
			if said := (View{Lang: lang}).publicationWrong(&retrieval.Refusal{Code: code, Detail: "x"}); said == "" {
				t.Errorf("%s: no sentence for %s", lang, code)
			}
		}
	}
}

// TestAdminMeasures rejects a measure and approves it again.
func TestAdminMeasures(t *testing.T) {
	w := newWorld(t, setup{files: true})
	boss, chen := w.signedIn("boss"), w.signedIn("chen")
	approved := func() int {
		list, err := w.console.Admin.Measures.Approved(t.Context())
		must(t, err)
		return len(list)
	}
	all := approved()
	page := boss.get("/admin/measures?state=approved&document="+xiamen).sees(http.StatusOK, "came with the program").found(`href="(/admin/measures/[^"?]+)"`)
	boss.get(page).sees(http.StatusOK, "<mark>")
	stampOf := func(p *person) string { return p.found(`name="stamp" value="([^"]+)"`) }
	old := stampOf(boss)
	boss.post(page+"/reject", url.Values{"stamp": {old}}).sees(http.StatusUnprocessableEntity, "A reason is needed.")
	boss.post(page+"/reject", url.Values{"stamp": {old}, "why": {"not  an offer"}}).sees(http.StatusOK, "Rejected.", "Reason: not an offer")
	if approved() != all-1 {
		t.Errorf("%d measures are approved of %d", approved(), all)
	}
	chen.post(page+"/reject", url.Values{"stamp": {old}, "why": {"again"}}).sees(http.StatusConflict, "The measure has changed since you looked")
	chen.post(page+"/approve", url.Values{"stamp": {stampOf(chen)}}).sees(http.StatusOK, "Approved; answers use it from now on.")
	if approved() != all {
		t.Errorf("%d measures are approved of %d", approved(), all)
	}
	id := strings.TrimPrefix(page, "/admin/measures/")
	if l, err := w.console.Admin.Measures.Get(t.Context(), id); err != nil || l.By != "chen" || l.State != register.Approved {
		t.Errorf("%+v, %v", l.Entry, err)
	}
	if e := w.audited(didRejectMeasure); len(e) != 1 || e[0].Object != id || e[0].Detail != "reason_chars=12" || len(w.audited(didApproveMeasure)) != 1 {
		t.Errorf("the audit says %+v", e)
	}
	boss.upload("a.txt", []byte("某市办法\n\n第一条 支持企业。\n"), map[string]string{"document": xiamen})
	chen.post(boss.at+"/publish", adminSure).sees(http.StatusOK)
	chen.get(page).sees(http.StatusOK, "text has changed", "are not in the current text").lacks(page + "/approve")
	chen.post(page+"/approve", url.Values{"stamp": {stampOf(chen)}}).sees(http.StatusConflict, "it cannot be approved")
	boss.get("/admin/measures/nosuch").sees(http.StatusNotFound)
}

// TestAdminAudit filters, pages, verifies and exports the audit.
func TestAdminAudit(t *testing.T) {
	w := newWorld(t, setup{files: true})
	boss := w.signedIn("boss")
	for i := range 120 {
		must(t, w.book.Record(t.Context(), accounts.Entry{By: "robot", Does: "test.did", Object: strconv.Itoa(i), Detail: `=HYPERLINK("http://x")`}))
	}
	boss.get("/admin/audit").sees(http.StatusOK, "<td>119</td>").lacks("<td>0</td>")
	older := boss.found(`<a href="([^"]+)" rel="next"`)
	boss.get(older).sees(http.StatusOK, "<td>0</td>", "account made").lacks("<td>119</td>")
	boss.get("/admin/audit?by=robot&object=7").sees(http.StatusOK, "<td>7</td>").lacks("<td>8</td>", `rel="next"`)
	boss.get("/admin/audit?does=session.started").sees(http.StatusOK, "signed in").lacks("<td>robot</td>")
	tomorrow := time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	boss.get("/admin/audit?since="+tomorrow).sees(http.StatusOK, "No such entries.")
	boss.get("/admin/audit?until="+time.Now().Format(time.DateOnly)).sees(http.StatusOK, "<td>119</td>")
	boss.post("/admin/audit/verify", nil).sees(http.StatusOK, "entries are as they were written")

	boss.get("/admin/audit?by=robot&junk=junk").sees(http.StatusOK, `<input type="hidden" name="by" value="robot">`).lacks(`value="junk"`)
	if boss.get("/admin/audit/export?by=robot"); boss.code != http.StatusMethodNotAllowed && boss.code != http.StatusNotFound || len(w.audited(didExportAudit)) != 0 {
		t.Errorf("a link exports the audit: %d", boss.code)
	}
	boss.post("/admin/audit/export", url.Values{"by": {"robot"}, "junk": {"junk"}}).sees(http.StatusOK)
	if got := boss.header.Get("Content-Type"); got != "text/csv; charset=utf-8" || !strings.Contains(boss.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("header %v", boss.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(boss.page, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 121 || rows[1][4] != "119" || rows[1][5] != `'=HYPERLINK("http://x")` {
		t.Errorf("%d rows, %v: %v", len(rows), err, rows[:2])
	}
	if e := w.audited(didExportAudit); len(e) != 1 || e[0].Detail != "by=…" {
		t.Errorf("exports in the audit: %d", len(e))
	}
}

// TestAdminPaged wants an export to go on to the next entries until there are none.
func TestAdminPaged(t *testing.T) {
	var b strings.Builder
	pages := [][]accounts.Entry{{{Seq: 3}, {Seq: 2}}, {{Seq: 1}}, nil}
	next := 0
	more := func() ([]accounts.Entry, error) { next++; return pages[next], nil }
	if err := writeAudit(&b, pages[0], more); err != nil || strings.Count(b.String(), "\r\n") != 4 {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// TestAdminVocabulary looks words up.
func TestAdminVocabulary(t *testing.T) {
	boss := newWorld(t, setup{files: true}).signedIn("boss")
	boss.get("/admin/vocabulary?q="+url.QueryEscape("补贴")).sees(http.StatusOK, "subsidy", "zh-en-economy.txt:", "Lines of this installation (0)")
	boss.get("/admin/vocabulary?q="+url.QueryEscape("<b>龘龘</b>")).sees(http.StatusOK, "&lt;b&gt;", "in no list").lacks("<b>")
}
