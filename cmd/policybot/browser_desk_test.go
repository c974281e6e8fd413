//go:build browser

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// What is asked at the desk, and what is replied: with a wrong sum, and right.
var (
	goalAsked = map[string]string{"zh": "厦门对生物医药企业上市有什么目标？", "en": "What is the target of Xiamen for listed biomedical companies?"}
	goalWrong = map[string]string{"zh": "贵公司：\n2022年，生物医药产业规模达1300亿。[1]", "en": "Dear Sir or Madam,\nIn 2022 the biomedical industry reaches RMB 130 billion.[1]"}
	goalRight = map[string]string{"zh": "贵公司：\n2022年，生物医药产业规模达1200亿。[1]", "en": "Dear Sir or Madam,\nIn 2022 the biomedical industry reaches RMB 120 billion.[1]"}
)

// handedOver asks in a fresh page and asks for a person. It gives the page and the id of the question.
func handedOver(t *testing.T, s *site, l look, note string) (*tab, string) {
	t.Helper()
	visitor := newTab(t, s, l)
	visitor.hurry()
	visitor.goTo("/")
	visitor.fill("#question", goalAsked[l.lang])
	visitor.click("#composer button")
	visitor.has(`article.turn[data-state="answered"] .sentence .cite`)
	const form = firstTurn + `.drop:has(form[action$="/handover"]) `
	visitor.click(form + "summary")
	visitor.fill(form+"textarea", note)
	visitor.click(form + "button")
	visitor.has(firstTurn+".said", visitor.says("已转给工作人员", "Sent to the staff"))
	return visitor, js[string](visitor, `document.querySelector("article.turn").dataset.answer`)
}

// approval switches approval mode.
func (s *site) approval(mode string) {
	s.t.Helper()
	if err := s.server.journal.SetSetting(s.t.Context(), journal.SettingApproval, mode); err != nil {
		s.t.Fatal(err)
	}
}

// TestBrowserDesk goes from a question that was handed over to the reply in the asker's page: signing in, taking the case,
// a draft of the program, a wrong sum that the check finds while one types, approval by a second person, sending.
func TestBrowserDesk(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.approval(journal.ApprovalOn)
	s.account("ann", accounts.Staff)
	s.account("bea", accounts.Staff)
	s.ask("深圳市的人才公寓怎么申请？")
	s.ask("What is the weather in Xiamen?")
	for _, l := range []look{{lang: "zh"}, {lang: "en"}, {lang: "zh", phone: true}, {lang: "en", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			note := map[string]string{"zh": "请电话联系", "en": "Please call us back."}[l.lang]
			visitor, question := handedOver(t, s, l, note)
			js[bool](visitor, `(window.same = true)`)
			ann := newTab(t, s, l)
			ann.expect("status of 403")
			ann.goTo("/desk")
			ann.fill("[name=name]", "ann")
			ann.fill("[name=password]", password)
			ann.turns(func() { ann.keys(kb.Enter) })
			item := fmt.Sprintf(`.inbox .item:has([action="/desk/cases/%s/assign"]) `, s.caseOf(question))
			ann.has(item+".note", note)
			ann.shot("desk")
			ann.turns(func() { ann.click(item + ".does form button") })
			ann.has(".casehead .meta", ann.says("负责人：ann", "owner: ann"))
			at := ann.path()
			ann.turns(func() { ann.click(`button[formaction$="/program"]`) })
			ann.has(".cited", "厦门市做强做大生物医药产业三年行动计划")
			writeReply(ann)
			ann.turns(func() { ann.click("[data-submit]") })
			ann.has(".decide", ann.says("谁写的、谁提交的，不能由谁批准", "Nobody approves what they wrote"))
			if n := ann.count(`form[action$="/approve"]`) + ann.count(`form[action$="/send"]`) + ann.count(`[formaction$="/send"]`); n > 0 {
				t.Errorf("the writer has %d buttons to approve and send", n)
			}
			refusedApproval(t, s, ann)
			bea := newTab(t, s, l)
			bea.signIn("bea")
			bea.goTo("/desk?tab=awaiting")
			bea.turns(func() { bea.click(fmt.Sprintf(`.inbox a[href="%s"]`, at)) })
			bea.has("#checked [data-summary]")
			bea.turns(func() { bea.click(`form[action$="/approve"] button`) })
			bea.has("#checked [data-summary]") // the page comes with it, so that it moves nothing later
			bea.turns(func() { bea.click(`form[action$="/send"] > button`) })
			bea.has(".sent", bea.says("1200", "120 billion"), bea.says("bea 答复于", "Reply by bea"))
			visitor.has(firstTurn+".staff", strings.Split(goalRight[l.lang], "\n")[0])
			if !js[bool](visitor, `window.same === true`) || visitor.count("article.turn") != 1 {
				t.Error("the asker's page was loaded again, or has another question")
			}
			if got := visitor.text(firstTurn + ".staff"); strings.Contains(got, "1300") || strings.Contains(got, "130 billion") || visitor.count(firstTurn+".staff .based a") != 1 {
				t.Errorf("the asker reads %q", got)
			}
			ann.goTo(at + "/history")
			ann.has(".history", ann.says("程序起草", "drafted by the program"), ann.says("第 1 稿", "Revision 1"), ann.says("第 3 稿", "Revision 3"))
			ann.goTo(at + "/print")
			ann.has("main", ann.says("1200", "120 billion"))
		})
	}
}

// caseOf is the case of a question.
func (s *site) caseOf(question string) string {
	s.t.Helper()
	cases, err := s.server.service.Cases(s.t.Context(), journal.CaseOpen)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range cases {
		if c.Question == question {
			return c.ID
		}
	}
	s.t.Fatalf("there is no case of %s", question)
	return ""
}

// writeReply writes a wrong sum, which the check finds while one types, then the right one, and saves both.
func writeReply(p *tab) {
	p.t.Helper()
	lang := p.look.lang
	p.write("#text", goalWrong[lang])
	p.has("#checked .sentences > li.wrong", p.says("1300亿", "RMB 130 billion"), "1200亿")
	js[bool](p, `(document.querySelector("#checked li.wrong").scrollIntoView({block: "center"}), true)`)
	p.shot("case-wrong")
	if got := p.text("#checksaid"); got == "" {
		p.t.Error("what the check found is not told to those who listen")
	}
	p.keys(kb.End)
	ctrlS(p)
	p.has("#saved", p.says("保存于", "saved by ann"))
	p.write("#text", goalRight[lang])
	p.wait(`!document.querySelector("#checked .sentences > li.wrong")`)
	p.click("#checked .missing button")
	p.has("#checked .notice.good")
	p.shot("case-right")
	p.click("[data-save]")
	p.has("#saved", p.says("保存于", "saved by ann"))
}

// ctrlS presses Ctrl (2 among the modifiers) and S.
func ctrlS(p *tab) {
	p.t.Helper()
	for _, does := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: does, Modifiers: 2, Key: "s", Code: "KeyS", WindowsVirtualKeyCode: 83})
	}
}

// refusedApproval sends the form to approve that the writer's page does not have, and wants a sentence.
func refusedApproval(t *testing.T, s *site, p *tab) {
	t.Helper()
	p.turns(func() {
		js[bool](p, `(() => { const f = document.createElement("form"), n = document.createElement("input");
			f.method = "post"; f.action = location.pathname + "/approve"; n.name = "revision"; n.value = document.querySelector("[name=base]").value; f.append(n); document.body.append(f); f.submit(); return true; })()`)
	})
	p.has(".notice.failed, .error", p.says("不能由谁批准", "approves what they wrote"))
}

// TestBrowserDeskTwo has two people at one draft: each sees the other's name, and who saves second gets both texts.
func TestBrowserDeskTwo(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("ann", accounts.Staff)
	s.account("bea", accounts.Staff, "Bea <b>Bing</b>")
	for _, l := range []look{{lang: "zh"}, {lang: "en", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			_, question := handedOver(t, s, l, "two")
			at := "/desk/cases/" + s.caseOf(question)
			ann, bea := newTab(t, s, l), newTab(t, s, l)
			for name, p := range map[string]*tab{"ann": ann, "bea": bea} {
				p.hurry()
				p.signIn(name)
				p.expect("status of 409")
			}
			ann.goTo(at)
			bea.goTo(at)
			ann.has(".present", "Bea <b>Bing</b>")
			bea.has(".present", "ann")
			hers, his := l.String()+" Ann wrote first", l.String()+" Bea wrote meanwhile"
			ann.write("#text", hers)
			bea.write("#text", his)
			ann.has(".present", ann.says("Bea <b>Bing</b> 正在编辑", "Bea <b>Bing</b> is editing"))
			ctrlS(ann)
			ann.has("#saved", ann.says("第 1 稿", "Revision 1"))
			bea.click("[data-save]")
			bea.has(".clash", hers)
			bea.has(".clash del")
			bea.shot("case-clash")
			if got := js[string](bea, `document.querySelector("#text").value`); got != his {
				t.Errorf("in the editor of who came second is %q", got)
			}
			if l.phone {
				bea.turns(func() { bea.click(`.clash [name="over"]`) })
			} else { // a look at the other's text, and back
				bea.click(`.clash [name="theirs"]`)
				bea.wait(fmt.Sprintf(`document.querySelector("#text").value === %s`, quoted(hers)))
				bea.click(`[name="undo"]`)
				bea.wait(fmt.Sprintf(`document.querySelector("#text").value === %s`, quoted(his)))
				bea.click("[data-save]")
			}
			bea.has("#saved", bea.says("第 2 稿", "Revision 2"))
			list, err := s.server.journal.ListDrafts(t.Context(), strings.TrimPrefix(at, "/desk/cases/"))
			if err != nil || len(list) != 2 || list[0].Text != hers || list[1].Text != his || list[1].By != "bea" {
				t.Errorf("the revisions are %+v, %v", list, err)
			}
		})
	}
}

// TestBrowserDeskByKeys takes a case, finds a clause, cites it, saves and sends, without a mouse.
func TestBrowserDeskByKeys(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("ann", accounts.Staff)
	l := look{lang: "en"}
	_, question := handedOver(t, s, l, "keys")
	p := newTab(t, s, l)
	p.signIn("ann")
	p.goTo("/desk")
	p.tabTo(".inbox .does form button")
	p.turns(func() { p.keys(kb.Enter) })
	p.tabTo("#find")
	p.keys("生物医药产业上市企业达12家", kb.Enter)
	p.has("#found .hits li")
	p.tabTo(`#found button[value="xiamen-2020-2022.h2"]`)
	p.keys(kb.Enter)
	p.has(".cited", "厦门市做强做大生物医药产业三年行动计划")
	p.wait(`document.activeElement.id === "text"`)
	p.keys(kb.Home, strings.TrimSuffix(strings.ReplaceAll(goalRight["en"], "\n", kb.Enter), "[1]"))
	p.has("#checked .sentences > li.fine")
	p.tabTo("#checked .missing button")
	p.keys(" ")
	p.has("#checked .notice.good")
	p.wait(`document.activeElement.id === "text"`)
	ctrlS(p)
	p.has("#saved", "Revision 1")
	p.tabTo(`[formaction$="/send"]`)
	p.turns(func() { p.keys(kb.Enter) })
	p.has(".sent", "Reply by ann", "120 billion")
	if c, err := s.server.service.Case(t.Context(), strings.TrimPrefix(p.path(), "/desk/cases/")); err != nil || c.Question != question || c.State != journal.CaseReplied {
		t.Errorf("the case is %+v, %v", c, err)
	}
}
