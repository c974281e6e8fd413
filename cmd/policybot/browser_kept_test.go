//go:build browser

package main

import (
	"testing"

	"policybot/bot/accounts"
)

// atCase is somebody of the staff at the page of a fresh case, with a draft.
func atCase(t *testing.T, s *site, l look, name string) *tab {
	t.Helper()
	_, question := handedOver(t, s, l, "x")
	s.account(name, accounts.Staff)
	p := newTab(t, s, l)
	p.signIn(name)
	p.goTo("/desk/cases/" + s.caseOf(question))
	p.turns(func() { p.click(`button[formaction$="/program"]`) })
	return p
}

// TestBrowserDeskStill: on a phone the buttons to send do not move while the check comes and changes.
func TestBrowserDeskStill(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range []look{{lang: "zh", phone: true}, {lang: "en", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			p := atCase(t, s, l, "ann-"+l.lang)
			const place = `Math.round(document.querySelector('[formaction$="/send"]').getBoundingClientRect().top + scrollY)`
			if p.count("#checked [data-summary]") != 1 {
				t.Fatal("the page of a draft comes without the check")
			}
			before := js[int](p, place)
			p.write("#text", goalWrong[l.lang])
			p.has("#checked .sentences > li.wrong")
			if first := js[string](p, `document.querySelector("#checked .sentences > li").className`); first != "wrong" {
				t.Errorf("the first sentence of the check is %s", first)
			}
			if after := js[int](p, place); after != before {
				t.Errorf("the button to send moved from %d to %d", before, after)
			}
			p.shot("case-still")
			p.write("#text", goalRight[l.lang])
			p.wait(`!document.querySelector("#checked .sentences > li.wrong")`)
			if after := js[int](p, place); after != before {
				t.Errorf("the button to send moved from %d to %d", before, after)
			}
			p.click("[data-save]")
			p.has("#saved", p.says("保存于", "saved by"))
		})
	}
}

// TestBrowserSessionOver: when a session ends while somebody writes, the text stays on the page, and after sending it comes
// back and can be sent once more; changing the look of that page asks first.
func TestBrowserSessionOver(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range []look{{lang: "zh"}, {lang: "en", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			name := "bea-" + l.lang
			p := atCase(t, s, l, name)
			p.expect("status of 401")
			at := p.path()
			p.write("#text", goalRight[l.lang])
			p.has("#checked .missing")
			js[bool](p, `(fetch("/logout", {method: "POST"}).then(() => (window.out = true)), true)`)
			p.wait(`window.out === true`)
			p.click("[data-save]")
			p.has("#saved", p.says("您已退出登录", "You are signed out"))
			p.turns(func() { p.click("[data-submit]") })
			p.has("h1", p.says("您已退出登录", "You are signed out"))
			if got := js[string](p, `document.querySelector("textarea[name=text]").value`); got != goalRight[l.lang] {
				t.Fatalf("what was written is %q", got)
			}
			p.shot("session-over")
			js[bool](p, `(window.confirm = () => { window.asked = true; return false; }, true)`)
			p.click(`form[action="/preferences"] button[name=theme]`)
			p.wait(`window.asked === true`)
			js[bool](p, `(fetch("/login", {method: "POST", body: new URLSearchParams({name: `+quoted(name)+`, password: `+quoted(password)+`})}).then(() => (window.back = true)), true)`)
			p.wait(`window.back === true`)
			p.turns(func() { p.click(`.over form button`) })
			p.has(".casehead", p.says("待批准", "awaiting approval"))
			if got := p.path(); got != at {
				t.Errorf("the page is %s, want %s", got, at)
			}
		})
	}
}
