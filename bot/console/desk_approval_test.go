package console

import (
	"net/url"
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// unfit is a reply in which the check finds something.
const unfit = "全市每家企业奖励999万元。"

// approving is a world in approval mode with a case.
func approving(t *testing.T) (w *world, k journal.Case, at string) {
	w = newWorld(t, setup{})
	must(t, w.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
	k = w.asker().handedOver(listing)
	return w, k, "/desk/cases/" + k.ID
}

// TestDeskApprovalAuthors: who wrote any revision of a reply does not approve it.
func TestDeskApprovalAuthors(t *testing.T) {
	w, k, at := approving(t)
	ann, bea, olga := w.signedIn("ann"), w.signedIn("bea"), w.signedIn("olga")
	text, clauses := ann.suggested(k)
	ann.post(at+"/save", draft("1", text, clauses...)).sees(200)
	bea.post(at+"/submit", draft("2", text+"\n此致", clauses...)).sees(200, "Nobody approves what they wrote")
	ann.get(at).sees(200, "Nobody approves what they wrote").lacks(at + "/approve")
	ann.post(at+"/approve", url.Values{"revision": {"3"}}).sees(403, "Nobody approves what they wrote")
	olga.get(at).sees(200, at+"/approve")
	olga.post(at+"/approve", url.Values{"revision": {"3"}}).sees(200, "This revision is approved")
}

// TestDeskApprovalFindings: what the check has found stands where a reply is approved and sent, and only somebody who
// wrote none of it sends it nevertheless.
func TestDeskApprovalFindings(t *testing.T) {
	w, _, at := approving(t)
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	ann.post(at+"/submit", draft("0", unfit)).sees(200)
	for lang, words := range map[string]string{"zh": "第 1 稿的核对结果", "en": "What the check has found in revision 1"} {
		bea.lang = lang
		bea.get(at).sees(200, words, `class="problem"`, at+"/approve")
	}
	bea.lang = english
	bea.post(at+"/approve", url.Values{"revision": {"1"}}).sees(200, "What the check has found in revision 1")
	ann.get(at).sees(200, "Somebody who wrote none of it has to send it").lacks(at+"/send", `name="although"`)
	force := url.Values{"revision": {"1"}, "although": {"yes"}, "why": {"the office insists"}}
	ann.post(at+"/send", force).sees(403, "Somebody who wrote none of it has to send it")
	bea.post(at+"/send", url.Values{"revision": {"1"}}).sees(422, "the check has found something")
	bea.post(at+"/send", force).sees(200, "Reply by bea")
}

// TestDeskAlone: with approval off the author may send a reply with findings, and the page says so.
func TestDeskAlone(t *testing.T) {
	w := newWorld(t, setup{})
	ann, k := w.signedIn("ann"), w.asker().handedOver(listing)
	ann.get("/desk/cases/"+k.ID).sees(200, "you may send your own text although")
	must(t, w.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
	ann.get("/desk/cases/" + k.ID).lacks("you may send your own text although")
}

// TestDeskApproverGone: the approval of an account that was disabled since, or has a lower role, sends nothing; that of
// another does.
func TestDeskApproverGone(t *testing.T) {
	for name, change := range map[string]func(w *world, by accounts.Actor) error{
		"disabled": func(w *world, by accounts.Actor) error {
			_, err := w.book.SetDisabled(w.t.Context(), by, "bea", true)
			return err
		},
		"role": func(w *world, by accounts.Actor) error {
			_, err := w.book.SetRole(w.t.Context(), by, "bea", accounts.Viewer)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, k, at := approving(t)
			ann, bea, olga := w.signedIn("ann"), w.signedIn("bea"), w.signedIn("olga")
			text, clauses := ann.suggested(k)
			ann.post(at+"/submit", draft("1", text, clauses...)).sees(200)
			bea.post(at+"/approve", url.Values{"revision": {"2"}}).sees(200)
			must(t, change(w, accounts.Actor{Name: "test"}))
			for lang, words := range map[string]string{"zh": "bea 现已无权批准", "en": "bea has approved this and may no longer"} {
				ann.lang = lang
				ann.get(at).sees(200, words).lacks(at + "/send")
				ann.post(at+"/send", url.Values{"revision": {"2"}}).sees(409, words)
			}
			ann.lang = english
			if got, err := w.service.Case(t.Context(), k.ID); err != nil || got.State != journal.CaseOpen {
				t.Fatalf("the case is %+v (%v)", got, err)
			}
			olga.get(at).sees(200, at+"/approve")
			olga.post(at+"/approve", url.Values{"revision": {"2"}}).sees(200, at+"/send").lacks("may no longer")
			ann.post(at+"/send", url.Values{"revision": {"2"}}).sees(200, "Reply by ann")
		})
	}
}
