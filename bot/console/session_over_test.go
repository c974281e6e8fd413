package console

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	keptInput = regexp.MustCompile(`<input (?:type="hidden" )?name="([^"]*)" value="([^"]*)"`)
	keptArea  = regexp.MustCompile(`(?s)<textarea name="([^"]*)" rows="4"[^>]*>\n(.*?)</textarea>`)
)

// keptForm is the form of the page of a session that is over.
func (p *person) keptForm(path string) url.Values {
	p.w.t.Helper()
	_, page, ok := strings.Cut(p.page, `<form method="post" action="`+path+`" class="fields">`)
	if !ok {
		p.w.t.Fatalf("there is no form for %s: %s", path, mainOf(p.page))
	}
	page, _, _ = strings.Cut(page, "</form>")
	form := url.Values{}
	for _, m := range append(keptInput.FindAllStringSubmatch(page, -1), keptArea.FindAllStringSubmatch(page, -1)...) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return form
}

// TestSessionOver: what somebody wrote while their session ended comes back, and can be sent after signing in.
func TestSessionOver(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	w.later(9 * time.Hour)
	const words = "Dear \"Sir\",\n  <b>二</b>\n"
	sent := draft("0", words, "a", "b")
	sent.Set("password", password)
	for lang, says := range map[string]string{"zh": "写下的内容还在", "en": "What you wrote is still here"} {
		ann.lang = lang
		ann.post(at+"/save", sent).sees(401, says, `href="/login?to=`, `target="_blank"`).lacks(password, "<b>")
	}
	ann.lang = english
	form := ann.keptForm(at + "/save")
	if form.Get("text") != words || form.Get("base") != "0" || strings.Join(form["clause"], " ") != "a b" || form.Has("password") {
		t.Fatalf("the form has %v", form)
	}
	ann.post("/login", url.Values{"name": {"ann"}, "password": {password}}).sees(200)
	ann.post(at+"/save", form).sees(200, "Revision 1, saved by ann")
	if list, err := w.journal.ListDrafts(t.Context(), k.ID); err != nil || len(list) != 1 || list[0].Text != words {
		t.Errorf("the revisions are %+v (%v)", list, err)
	}
}

// TestSessionOverForms: each kind of text comes back; a script is told to leave its page as it is; too much does not.
func TestSessionOverForms(t *testing.T) {
	w := newWorld(t, setup{closed: true})
	olga := w.signedIn("olga")
	w.later(9 * time.Hour)
	for path, field := range map[string]string{
		"/ops/gaps/mark": "note", "/desk/cases/c-1/close": "why", "/ask": "question", "/answers/a-1/feedback": "text", "/admin/settings/pause": "why", "/ops/views": "name",
	} {
		olga.post(path, url.Values{field: {"my own words"}}).sees(401, "my own words")
		if got := olga.keptForm(path); got.Get(field) != "my own words" {
			t.Errorf("%s: %v", path, got)
		}
	}
	olga.post("/ask", url.Values{"question": {strings.Repeat("x", mostKept)}}).sees(401, "Please sign in first").lacks("xxx")
	olga.post("/account/password", url.Values{"old": {"secret1"}, "password": {"secret2"}, "again": {"secret2"}}).sees(401, "Please sign in first").lacks("secret")
	olga.part = true
	olga.post("/ask", url.Values{"question": {"mine"}}).sees(401, "<h1>You are signed out. What you wrote is still here")
	olga.part, olga.headers = false, http.Header{"Accept": {"text/event-stream"}}
	olga.post("/ask", url.Values{"question": {"mine"}}).sees(401, `{"error":"You are signed out.`)
}

// TestSessionOverOpen: where reading is open, what is sent after a session ended is not silently a visitor's.
func TestSessionOverOpen(t *testing.T) {
	w := newWorld(t, setup{})
	vic := w.signedIn("vic")
	id := vic.asked(listing)
	w.later(9 * time.Hour)
	vic.post("/answers/"+id+"/feedback", url.Values{"good": {"no"}, "text": {"too old"}}).sees(401, "too old</textarea>")
	form := vic.keptForm("/answers/" + id + "/feedback")
	vic.post("/login", url.Values{"name": {"vic"}, "password": {password}})
	vic.post("/answers/"+id+"/feedback", form).sees(200, listing)
	w.later(9 * time.Hour)
	vic.post("/ask", url.Values{"question": {listing}, "c": {conversation}}).sees(401, "Send again")
	vic.post("/ask", vic.keptForm("/ask")).sees(200, "12家") // who does not sign in asks as a visitor
}

// TestBeats: what a page asks of its own accord does not keep its reader signed in; what the reader does, does.
func TestBeats(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	k := w.asker().handedOver(listing)
	ann.headers = http.Header{headerBeat: {"1"}}
	for range 5 {
		w.later(time.Hour)
		ann.post("/desk/cases/"+k.ID+"/presence", nil).sees(200)
		bea.get("/desk").sees(200)
	}
	w.later(3*time.Hour + time.Minute)
	ann.post("/desk/cases/"+k.ID+"/presence", nil).sees(401)
	bea.get("/desk").sees(200)
}

// TestBeatsOfScripts: every script that asks again by itself says so.
func TestBeatsOfScripts(t *testing.T) {
	for name, want := range map[string]int{"desk.js": 2, "ask.js": 1, "ops.js": 1} {
		if n := strings.Count(string(assets[name].data), "beat: "); n != want {
			t.Errorf("%s marks %d requests of its own, want %d", name, n, want)
		}
	}
	if !strings.Contains(string(assets["lib.js"].data), `"`+headerBeat+`"`) {
		t.Error("lib.js does not send " + headerBeat)
	}
}
