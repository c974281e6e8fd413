//go:build browser

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"policybot/bot/accounts"
)

// TestBrowserSetup makes the first administrator with the code that the service shows where it starts.
func TestBrowserSetup(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), map[string]string{"POLICYBOT_READ_ACCESS": "login"})
	_, after, _ := strings.Cut(s.said.String(), "one-time code ")
	code, _, _ := strings.Cut(after, " ")
	p := newTab(t, s, look{lang: "zh", phone: true})
	p.expect("422")
	p.goTo("/setup")
	p.fill("[name=code]", "not the code")
	p.fill("[name=name]", "chief")
	p.fill("[name=password]", password)
	p.fill("[name=again]", password)
	p.turns(func() { p.keys(kb.Enter) })
	p.has("[role=alert]", "不对")
	p.fill("[name=code]", code)
	p.fill("[name=password]", "short")
	p.fill("[name=again]", "other")
	if js[bool](p, `document.querySelector("main form").checkValidity()`) {
		t.Error("the browser takes a password of 5 characters")
	}
	p.fill("[name=password]", password)
	p.fill("[name=again]", password+"!")
	p.turns(func() { p.keys(kb.Enter) })
	p.has("[role=alert]", "不一样")
	p.fill("[name=password]", password)
	p.fill("[name=again]", password)
	p.turns(func() { p.keys(kb.Enter) })
	p.has(".me", "chief")
	p.has(".top nav", "提问")
	if a, err := s.book.Account(t.Context(), "chief"); err != nil || a.Role != accounts.Admin {
		t.Errorf("the first account is %+v, %v", a, err)
	}
	p.expect("401")
	again := newTab(t, s, look{lang: "en"})
	again.expect("422")
	again.goTo("/setup?code=" + code)
	again.fill("[name=name]", "second")
	again.fill("[name=password]", password)
	again.fill("[name=again]", password)
	again.turns(func() { again.keys(kb.Enter) })
	again.has("[role=alert]", "not right")
}

// TestBrowserSignIn signs in, with wrong passwords before, and out again; the session is over then.
func TestBrowserSignIn(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), map[string]string{"POLICYBOT_READ_ACCESS": "login"})
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			name := s.account("u-"+l.String(), accounts.Viewer)
			p := newTab(t, s, l)
			p.expect("status of 401")
			p.goTo("/library?q=%E7%A0%94%E5%8F%91")
			if got := p.path(); !strings.HasPrefix(got, "/login?to=") {
				t.Fatalf("who is not signed in is at %s", got)
			}
			p.shot("login")
			if !p.focused("[name=name]") {
				t.Error("the name does not have the focus")
			}
			p.keys(name, kb.Tab, "wrong", kb.Tab)
			p.turns(func() { p.keys(kb.Enter) })
			p.has("[role=alert]", map[string]string{"zh": "不对", "en": "not right"}[l.lang])
			if got := js[string](p, `document.querySelector("[name=name]").value`); got != name {
				t.Errorf("the name is %q after a wrong password", got)
			}
			p.fill("[name=password]", password)
			p.turns(func() { p.keys(kb.Enter) })
			p.has(".hits, .documents")
			if got := p.path(); got != "/library?q=%E7%A0%94%E5%8F%91" {
				t.Errorf("after signing in the page is %s", got)
			}
			token := p.cookieOf("policybot_session")
			p.goTo("/account")
			p.has("main", name)
			p.turns(func() { p.click(`form[action="/logout"] button`) })
			if got := p.cookieOf("policybot_session"); got != "" {
				t.Errorf("the cookie is %q after signing out", got)
			}
			s.get(http.StatusUnauthorized, "GET", "/library", "", "Cookie", "policybot_session="+token, "X-Policybot-Part", "1")
		})
	}
}

// TestBrowserTooManyTries has to wait after several wrong passwords, also with the right one.
func TestBrowserTooManyTries(t *testing.T) { // alone: where tries take long, the wait is over before the next
	s := browsed(t, seeded(t), nil)
	s.account("target", accounts.Viewer)
	p := newTab(t, s, look{lang: "en"})
	p.expect("status of 401")
	p.expect("status of 429")
	p.goTo("/login")
	p.fill("[name=name]", "target")
	for range 20 {
		p.fill("[name=password]", "wrong")
		p.turns(func() { p.keys(kb.Enter) })
		if strings.Contains(p.text("[role=alert]"), "Too many tries") {
			break
		}
	}
	p.fill("[name=password]", password)
	p.turns(func() { p.keys(kb.Enter) })
	p.has("[role=alert]", "Too many tries")
}

// TestBrowserPreferences changes the language and the look, which stay.
func TestBrowserPreferences(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range []look{{lang: "zh"}, {lang: "en", phone: true, noScripts: true}} {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/library?q=a%26b")
			before := p.text("h1")
			p.turns(func() { p.click(`[name=lang]`) })
			if got := p.path(); got != "/library?q=a%26b" {
				t.Errorf("after the change the page is %s", got)
			}
			if p.text("h1") == before {
				t.Error("the language is as before")
			}
			ground := `getComputedStyle(document.body).backgroundColor`
			light := js[string](p, ground)
			p.turns(func() { p.click(`[name=theme][value=dark]`) })
			dark := js[string](p, ground)
			if light == dark {
				t.Error("the look is as before")
			}
			p.goTo("/")
			if js[string](p, ground) != dark {
				t.Error("the look did not stay")
			}
			p.turns(func() { p.click(`[name=theme][value=light]`) })
			if js[string](p, ground) != light {
				t.Error("the light look does not come back")
			}
		})
	}
}
