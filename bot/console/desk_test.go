package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"policybot/bot/journal"
)

// conversation is the one in which askers ask.
const conversation = "conversation1"

// asker is a visitor who asks in one conversation.
func (w *world) asker() *person {
	p := w.visitor()
	p.talk = conversation
	return p
}

// handedOver asks a question, then for a person, and gives the case.
func (p *person) handedOver(question string) journal.Case {
	p.w.t.Helper()
	id := p.asked(question)
	p.post("/answers/"+id+"/handover", url.Values{"text": {"please call"}}).sees(http.StatusOK)
	cases, err := p.w.service.Cases(p.w.t.Context(), journal.CaseOpen)
	must(p.w.t, err)
	for _, k := range cases {
		if k.Question == id {
			return k
		}
	}
	p.w.t.Fatal("no case was opened")
	return journal.Case{}
}

// did are what the audit says was done with cases, oldest first.
func (w *world) did() []string {
	w.t.Helper()
	var out []string
	for _, e := range w.audited("") {
		if strings.HasPrefix(e.Does, "case.") {
			out = append([]string{e.By + " " + e.Does + " " + e.Detail}, out...)
		}
	}
	return out
}

// draft is the form of an editor.
func draft(base, text string, clauses ...string) url.Values {
	return url.Values{"base": {base}, "text": {text}, "clause": clauses}
}

// TestDeskWalk follows a case from the question to the reply in the asker's conversation, with an approval on the way.
func TestDeskWalk(t *testing.T) {
	w := newWorld(t, setup{})
	must(t, w.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
	asker, ann, bea := w.asker(), w.signedIn("ann"), w.signedIn("bea")
	k := asker.handedOver(listing)
	at := "/desk/cases/" + k.ID
	ann.get("/desk").sees(200, listing, "asked for a person", at, "nobody")
	ann.post(at+"/assign", url.Values{"owner": {"ann"}}).sees(200, "owner: ann", "please call", listing)

	ann.post(at+"/program", draft("0", "")).sees(200, "Revision 1, saved by ann")
	letter, err := w.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(letter) != 1 || letter[0].Origin != journal.ByProgram || len(letter[0].Clauses) == 0 {
		t.Fatalf("the program's draft is %+v", letter)
	}
	body := filled(letter[0].Text)
	wrong := body + "\n全市每家企业奖励999万元。"
	ann.post(at+"/check", draft("1", wrong, letter[0].Clauses...)).sees(200, "needs a clause", "There are unsaved changes")
	ann.post(at+"/save", draft("1", wrong, letter[0].Clauses...)).sees(200, "Revision 2, saved by ann")
	ann.post(at+"/submit", draft("2", body, letter[0].Clauses...)).sees(200, "awaiting approval", "Nobody approves what they wrote")

	ann.post(at+"/approve", url.Values{"revision": {"3"}}).sees(403, "Nobody approves what they wrote")
	ann.post(at+"/send", url.Values{"revision": {"3"}, "although": {"yes"}, "why": {"hurry"}}).sees(409, "another person has not approved")
	bea.get("/desk?tab=awaiting").sees(200, listing)
	bea.post(at+"/return", url.Values{"revision": {"3"}, "why": {"too curt"}}).sees(200, "too curt")
	ann.get("/desk?tab=returned").sees(200, listing, "too curt")
	ann.post(at+"/submit", draft("3", body, letter[0].Clauses...)).sees(200, "awaiting approval")
	bea.post(at+"/approve", url.Values{"revision": {"3"}}).sees(200, "This revision is approved", "Send revision 3")
	ann.post(at+"/send", url.Values{"revision": {"3"}}).sees(200, "Reply by ann", `id="delivery"`)

	asker.get("/?c="+conversation).sees(200, "Reply of the staff", "贵公司：", `class="based"`)
	ann.get("/desk?tab=replied").sees(200, listing)
	ann.get(at+"/history").sees(200, "<del>", "999", "drafted by the program", "too curt", "submitted for approval")
	ann.get(at+"/print").sees(200, "政策咨询答复函", "依据", k.ID)
	audit := strings.Join(w.did(), "\n")
	for _, want := range []string{
		"ann case.assigned owner=ann", "ann case.draft revision=1 origin=program", "ann case.submitted revision=3", "bea case.returned revision=3 reason_chars=8",
		"bea case.approved revision=3", "ann case.replied revision=3",
	} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit lacks %q:\n%s", want, audit)
		}
	}
	if strings.Contains(audit, "厦门") {
		t.Errorf("the audit has words of the question:\n%s", audit)
	}
}
