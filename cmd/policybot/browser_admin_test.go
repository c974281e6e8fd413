//go:build browser

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"policybot/bot/accounts"
)

// goalDocument is the document that goalAsked is answered from.
const goalDocument = "xiamen-2020-2022"

// changedGoal is a file with the document in which the goal is another.
func changedGoal(t *testing.T, s *site) string {
	t.Helper()
	_, text, _, err := s.server.store.Version(t.Context(), goalDocument, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "上市企业达12家") {
		t.Fatal("the document has no such goal")
	}
	return write(t, t.TempDir(), "新版.txt", strings.Replace(text, "上市企业达12家", "上市企业达15家", 1))
}

// answered asks in a fresh conversation and gives what the answer says.
func answered(p *tab) string {
	p.t.Helper()
	p.goTo("/")
	p.fill("#question", goalAsked[p.look.lang])
	p.click("#composer button")
	p.has(`article.turn[data-state="answered"] .sentence .cite`)
	p.wait(`!document.querySelector(".pending")`)
	return js[string](p, `[...document.querySelectorAll(".answer .sentence, .answer .notice, .answer .line, .sources blockquote")].map((e) => e.textContent.trim()).join("\n")`)
}

// upload proposes a changed document and is shown the difference.
func upload(p *tab, file, note string) {
	p.t.Helper()
	p.goTo("/admin/documents?document=" + goalDocument + "#upload")
	p.do(chromedp.SetUploadFiles("[name=file]", []string{file}))
	p.fill(`#upload ~ form [name=note]`, note)
	p.turns(func() { p.click(`form[enctype] > button`) })
	p.has(".diff del", "12")
	p.has(".diff ins", "15")
	p.has("dl", note, "新版.txt")
}

// TestBrowserAdmin makes an account, has a document changed by two persons and changed back, and reads the audit.
func TestBrowserAdmin(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("boss", accounts.Admin)
	s.account("chen", accounts.Admin)
	file := changedGoal(t, s)
	for _, l := range []look{{lang: "zh"}, {lang: "en"}, {lang: "zh", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			visitor, boss, chen := newTab(t, s, l), newTab(t, s, l), newTab(t, s, l)
			boss.signIn("boss")
			chen.signIn("chen")
			boss.goTo("/admin")
			boss.has(".cards .card h2")
			boss.shot("admin")
			makesAccount(boss, visitor)
			before := answered(visitor)
			if !strings.Contains(before, "达12家") {
				t.Fatalf("the answer is %q", before)
			}
			upload(boss, file, boss.says("2026年的数据", "figures of 2026"))
			js[bool](boss, `(document.querySelector("#changes").scrollIntoView({block: "center"}), true)`)
			boss.shot("proposal")
			boss.has(".notice", boss.says("须由另一个人发布", "another person has to publish it"))
			proposal := boss.path()
			refusedPublication(boss, proposal)
			if got := answered(visitor); got != before {
				t.Errorf("a refused publication changes the answer to %q", got)
			}
			chen.goTo("/admin/documents")
			chen.turns(func() { chen.click(fmt.Sprintf(`a[href=%q]`, proposal)) })
			chen.turns(func() { chen.click(`form[action$="/publish"] button`) })
			chen.turns(func() { chen.click(`.single form button`) })
			chen.has(".notice.good", chen.says("已发布", "Published"))
			if got := answered(visitor); !strings.Contains(got, "达15家") || strings.Contains(got, "达12家") {
				t.Errorf("after the publication the answer is %q", got)
			}
			chen.fill(`form[action$="/rollback"] [name=why]`, "wrong figure <b>")
			chen.turns(func() { chen.click(`form[action$="/rollback"] button`) })
			chen.turns(func() { chen.click(`.single form button`) })
			chen.has(".notice.good", chen.says("已撤销", "Rolled back"))
			chen.has("dl", "wrong figure <b>")
			if got := answered(visitor); got != before {
				t.Errorf("after the roll back the answer is %q, before it was %q", got, before)
			}
			stops(boss, visitor)
			boss.goTo("/admin/audit")
			boss.has("table.audit", boss.says("撤销文件变更", ""), "chen")
			boss.turns(func() { boss.click(`form[action$="/verify"] button`) })
			boss.has(".notice.good code")
		})
	}
}

// makesAccount makes an account and sets its password with the code that is shown.
func makesAccount(p, owner *tab) {
	p.t.Helper()
	name := "dora-" + p.look.String()
	p.goTo("/admin/users")
	p.fill("[name=name]", name)
	p.fill("[name=display]", "Dora <i>D</i>")
	p.pick(`form[action="/admin/users"] [name=role]`, "staff")
	p.turns(func() { p.click(`form[action="/admin/users"] > button`) })
	p.has(".given", name)
	p.has(".who", "Dora <i>D</i>")
	owner.goTo("/login/code?code=" + p.text(".given .big"))
	owner.fill("[name=password]", password)
	owner.fill("[name=again]", password)
	owner.turns(func() { owner.keys(kb.Enter) })
	owner.has(".me", "Dora <i>D</i>")
	owner.goTo("/desk")
	owner.has("h1", owner.says("办理", "Desk"))
	owner.turns(func() { owner.click(`form[action="/logout"] button`) })
	if a, err := p.site.book.Account(p.t.Context(), name); err != nil || a.Role != accounts.Staff {
		p.t.Errorf("the account is %+v, %v", a, err)
	}
}

// refusedPublication sends the form to publish that the page of who proposed does not have, and wants a sentence.
func refusedPublication(p *tab, proposal string) {
	p.t.Helper()
	if n := p.count(`form[action$="/publish"]`); n > 0 {
		p.t.Error("who proposed a change has a button to publish it")
	}
	p.expect("status of 409")
	p.turns(func() {
		js[bool](p, fmt.Sprintf(`(() => { const f = document.createElement("form"), n = document.createElement("input"); f.method = "post"; f.action = %s + "/publish";
			n.name = "sure"; n.value = "yes"; f.append(n); document.body.append(f); f.submit(); return true; })()`, quoted(proposal)))
	})
	p.has("[role=alert], .error", p.says("另一个人", "another person has to publish it"))
}

// stops pauses answering, which a visitor is told with the reason, and lets it go on.
func stops(p, visitor *tab) {
	p.t.Helper()
	why := "figures are being checked <b>" + p.look.String()
	p.goTo("/admin/settings")
	p.fill("[name=reason]", why)
	p.turns(func() { p.click(`form[action$="/pause"] button`) })
	p.turns(func() { p.click(`.single form button`) })
	p.has("blockquote", why)
	visitor.expect("status of 503")
	visitor.goTo("/")
	visitor.fill("#question", goalAsked[p.look.lang])
	visitor.click("#composer button")
	visitor.wait(fmt.Sprintf(`document.querySelector("main").innerText.includes(%s)`, quoted(why)))
	if got := visitor.text("main"); strings.Contains(got, "达12家") {
		p.t.Errorf("what is paused answers: %q", got)
	}
	p.turns(func() { p.click(`form[action$="/resume"] button`) })
	p.turns(func() { p.click(`.single form button`) })
	p.has(".notice.good", p.says("已恢复回答", "answered again"))
}

// TestBrowserPublishByKeys publishes a change and takes it back, without a mouse.
func TestBrowserPublishByKeys(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("boss", accounts.Ops)
	s.account("chen", accounts.Admin)
	l := look{lang: "en"}
	boss, p := newTab(t, s, l), newTab(t, s, l)
	boss.signIn("boss")
	upload(boss, changedGoal(t, s), filepath.Base(t.Name()))
	p.signIn("chen")
	p.goTo("/admin/documents")
	p.tabTo(fmt.Sprintf(`a[href=%q]`, boss.path()))
	p.turns(func() { p.keys(kb.Enter) })
	p.tabTo(`form[action$="/publish"] button`)
	p.turns(func() { p.keys(kb.Enter) })
	p.tabTo(`.single form button`)
	p.turns(func() { p.keys(" ") })
	p.has(".notice.good", "Published")
	p.tabTo(`form[action$="/rollback"] [name=why]`)
	p.keys("by keys")
	p.turns(func() { p.keys(kb.Enter) })
	p.tabTo(`.single form button`)
	p.turns(func() { p.keys(kb.Enter) })
	p.has(".notice.good", "Rolled back")
}
