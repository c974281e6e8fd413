package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestPageOf: the page of each form is a page.
func TestPageOf(t *testing.T) {
	c := newWorld(t, setup{}).console
	for path, want := range map[string]string{
		"/desk/cases/c-1/send": "/desk/cases/c-1", "/desk/questions/a-1/take": "/desk", "/ops/questions/a-1/review": "/ops/questions/a-1", "/ops/gaps/mark": "/ops/gaps",
		"/ops/views": "/ops/log", "/ops/entries/1/undo": "/ops/entries", "/ops/golden/run": "/ops/golden", "/admin/users/li/change": "/admin/users",
		"/admin/documents/proposals/p-1/publish": "/admin/documents/proposals/p-1", "/admin/settings/approval/switch": "/admin/settings", "/admin/audit/verify": "/admin/audit",
		"/admin/vocabulary/undo": "/admin/vocabulary", "/login": "/login", "/login/code": "/login/code", "/account/password": "/account", "/ask": "/",
		"/answers/a-1/handover": "/answers/a-1", "/logout": "/", "/none/such": "/",
	} {
		if got := c.pageOf(path); got != want {
			t.Errorf("the page of %s is %s, want %s", path, got, want)
		}
	}
}

// TestPreferencesBack: after a page that is the reply to a form, the buttons for language and look lead to its page.
func TestPreferencesBack(t *testing.T) {
	w := newWorld(t, setup{})
	ann, olga := w.signedIn("ann"), w.signedIn("olga")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	back := func(p *person) string { return p.found(`name="back" value="([^"]*)"`) }
	ann.post(at+"/check", draft("0", "Words."))
	if got := back(ann); got != at {
		t.Errorf("after a check: %s", got)
	}
	ann.sees(200, `data-posted`).get(at).lacks(`data-posted`)
	olga.post("/ops/views", url.Values{"name": {" "}, "filter": {"outcome=abstained"}})
	if got := back(olga); got != "/ops/log?outcome=abstained" {
		t.Errorf("after a view's name: %s", got)
	}
	for to, want := range map[string]string{"/desk?tab=mine": "/login?to=%2Fdesk%3Ftab%3Dmine", "//evil.example": "/login?to=%2F"} {
		p := w.visitor().post("/login", url.Values{"name": {"ann"}, "password": {"no"}, "to": {to}}).sees(401)
		if got := back(p); got != want {
			t.Errorf("after a wrong password: %s, want %s", got, want)
		}
	}
}

// TestFieldsOnceMore: a form with a field that cannot be taken comes back with what was typed, and the sentence beside it.
func TestFieldsOnceMore(t *testing.T) {
	w := newWorld(t, setup{})
	olga, ann := w.signedIn("olga"), w.signedIn("ann")
	id := w.asker().asked("深圳市的人才公寓怎么申请？")
	long := strings.Repeat("n", mostReviewNote) + "\r\n<b>"
	kept := func(p *person, path, field, value string, texts ...string) url.Values {
		t.Helper()
		p.sees(p.code, append(texts, `aria-invalid="true"`, `role="alert"`, "This was not done yet")...).lacks("<b>")
		form := p.keptForm(path)
		if form.Get(field) != value {
			t.Errorf("%s: %s is %q, want %q", path, field, form.Get(field), value)
		}
		return form
	}
	olga.post("/ops/gaps/mark", url.Values{"question": {id}, "filter": {"since=2020-01-01"}, "note": {long}}).sees(422)
	form := kept(olga, "/ops/gaps/mark", "note", long, "The note is too long", `href="/ops/gaps?since=2020-01-01"`)
	form.Set("note", "known")
	olga.post("/ops/gaps/mark", form).sees(200, "known")

	view := url.Values{"name": {strings.Repeat("v", mostViewName+1)}, "filter": {"outcome=abstained"}, "shared": {"yes"}}
	olga.post("/ops/views", view).sees(422)
	form = kept(olga, "/ops/views", "name", view.Get("name"), "A view needs a name")
	for _, name := range []string{"one", "two"} {
		form.Set("name", name)
		olga.post("/ops/views", form).sees(200, name)
	}
	olga.post("/ops/views/rename", url.Values{"view": {"one"}, "name": {"two"}}).sees(409)
	form = kept(olga, "/ops/views/rename", "name", "two", "You have a view called “two” already")
	form.Set("name", "three")
	olga.post("/ops/views/rename", form).sees(200, "three")

	ann.post("/desk/questions/"+id+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {" "}, "back": {"/desk?tab=abstained"}}).sees(422)
	kept(ann, "/desk/questions/"+id+"/dismiss", "why", " ", "give a reason", `href="/desk?tab=abstained"`)
	ann.part = true
	ann.post("/desk/questions/"+id+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {" "}}).sees(http.StatusUnprocessableEntity, "<h1>Please give a reason.")
}

// TestReasonsOnceMore: the reason of a return, a closing, a sending and a pause comes back when it was not done.
func TestReasonsOnceMore(t *testing.T) {
	w, _, at := approving(t)
	ann, bea, boss := w.signedIn("ann"), w.signedIn("bea"), w.signedIn("boss")
	ann.post(at+"/submit", draft("0", unfit)).sees(200)
	bea.post(at+"/return", url.Values{"revision": {"1"}, "why": {" "}}).sees(422, `aria-describedby="why-return"`, `id="why-return"`, "give a reason")
	bea.post(at+"/close", url.Values{"why": {" "}}).sees(422, `aria-describedby="why-close"`, `id="why-close"`).lacks(`id="why-return"`)
	ann.post(at+"/submit", draft("1", unfit+"再者。")).sees(200)
	bea.post(at+"/return", url.Values{"revision": {"1"}, "why": {"too curt"}}).sees(409, `value="too curt"`)
	ann.post(at+"/save", draft("2", unfit+"又及。")).sees(200)
	bea.post(at+"/return", url.Values{"revision": {"2"}, "why": {"too curt"}}).sees(409, "Your reason, which was not kept: <q>too curt</q>")
	ann.post(at+"/submit", draft("3", unfit)).sees(200)
	bea.post(at+"/approve", url.Values{"revision": {"4"}}).sees(200)
	bea.post(at+"/send", url.Values{"revision": {"4"}, "why": {"the office insists"}}).sees(422, `value="the office insists"`)
	bea.post(at+"/send", url.Values{"revision": {"4"}, "although": {"yes"}}).sees(422, `value="yes" checked`)
	for lang, says := range map[string]string{"zh": "请写明原因", "en": "Give a reason of at most"} {
		boss.lang = lang
		boss.post("/admin/settings/pause", url.Values{"reason": {strings.Repeat("p", maxReason+1)}}).sees(422, says, `value="ppp`, `aria-describedby="reason-wrong"`)
	}
}
