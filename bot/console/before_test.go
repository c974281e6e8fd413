package console

import (
	"net/url"
	"testing"
	"time"

	"policybot/bot/accounts"
)

// enters signs somebody in, in the browser that they have.
func (p *person) enters(name string) *person {
	p.w.t.Helper()
	return p.post("/login", url.Values{"name": {name}, "password": {password}}).sees(200)
}

// TestBefore: who signs in can read on what they asked in this browser; nobody else can, and nobody after signing out.
func TestBefore(t *testing.T) {
	w := newWorld(t, setup{})
	p := w.asker()
	first := p.asked(listing)
	p.enters("vic")
	p.get("/").sees(200, "Asked here before you signed in", listing, "/?c="+conversation)
	p.get("/?c="+conversation).sees(200, listing, "12家", "You asked this before you signed in").lacks("/answers/"+first+"/feedback", "/answers/"+first+"/handover")
	p.get("/answers/"+first).sees(200, "12家").lacks("/answers/" + first + "/feedback")
	p.post("/answers/"+first+"/handover", url.Values{"text": {"x"}}).sees(404)
	own := p.asked("厦门市对生物医药产业规模有什么目标？")
	p.get("/?c="+conversation).sees(200, listing, "产业规模", "/answers/"+own+"/feedback")

	p.enters("ann") // in the same browser, without signing out
	p.get("/").lacks("Asked here before", listing, "产业规模")
	p.get("/?c="+conversation).lacks(listing, "产业规模")
	p.get("/answers/"+own).sees(200, "产业规模") // the staff may
	p.enters("vic")
	p.get("/").lacks("Asked here before", listing)

	q := w.asker()
	q.asked(listing)
	q.enters("vic").post("/logout", nil).sees(200).lacks(listing)
	for _, path := range []string{"/", "/?c=" + conversation} {
		q.get(path).sees(200).lacks(listing, "产业规模", "Asked here before")
	}
	q.get("/answers/" + own).sees(404)
	q.enters("vic").get("/").lacks("Asked here before")
}

// TestBeforeSessionOver: when a session ends by itself, the next visitor reads nothing; who signs in again does.
func TestBeforeSessionOver(t *testing.T) {
	w := newWorld(t, setup{})
	p := w.asker()
	p.asked(listing)
	p.enters("vic")
	w.later(9 * time.Hour)
	p.get("/").sees(200).lacks(listing, "Asked here before")
	p.cookies[cookieSession] = ""
	p.talk = "conversation2"
	p.asked("厦门市对生物医药产业规模有什么目标？")
	p.enters("vic").get("/").sees(200, listing, "产业规模", "Asked here before you signed in")
	p.cookies[cookieBefore] = "nobody.x"
	p.get("/").sees(200).lacks("Asked here before")
}

// TestOtherSessionEnds: signing in where somebody is signed in ends that session.
func TestOtherSessionEnds(t *testing.T) {
	w := newWorld(t, setup{})
	p := w.signedIn("vic")
	old := p.cookies[cookieSession]
	for _, name := range []string{"ann", "ann"} {
		p.enters(name)
		if _, _, err := w.book.Session(t.Context(), old); err == nil {
			t.Error("the session before is still good")
		}
		old = p.cookies[cookieSession]
	}
	if _, a, err := w.book.Session(t.Context(), old); err != nil || a.Name != "ann" {
		t.Errorf("the session is %+v's (%v)", a, err)
	}
	if left := w.audited(accounts.DidLeave); len(left) != 2 {
		t.Errorf("the audit has %d ends of sessions, want 2", len(left))
	}
}
