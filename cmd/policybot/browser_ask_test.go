//go:build browser

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"policybot/bot/journal"
)

// TestBrowserAsk goes through a conversation: a question, its clause, one more question, what people think of the
// answer, a person's reply.
func TestBrowserAsk(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/")
			p.has(".welcome h1")
			p.shot("ask")
			if l.lang == "zh" {
				p.fill("#question", "厦门对生物医药企业上市有什么目标？")
			} else {
				p.fill("#question", "What is the target of Xiamen for listed biomedical companies?")
			}
			p.click("#composer button")
			p.has(`article.turn[data-state="answered"] .sentence .cite`)
			if got := p.path(); !strings.HasPrefix(got, "/?c=") {
				t.Errorf("the address of the conversation is %s", got)
			}
			p.shot("answer")
			for _, step := range []func(*tab){openCitation, followUp, rate, askPerson} {
				p.check()
				step(p)
			}
		})
	}
}

// openCitation opens a clause beside the answer and closes it again.
func openCitation(p *tab) {
	p.t.Helper()
	p.click(".sentence .cite")
	p.has("#beside mark")
	if !p.focused("#beside") {
		p.t.Error("the focus is not on the clause")
	}
	quote := js[string](p, `document.querySelector(".sources blockquote").textContent`)
	if marked := js[string](p, `document.querySelector("#beside mark").textContent`); marked != quote {
		p.t.Errorf("marked is %q, quoted %q", marked, quote)
	}
	// The mark lies within what the panel shows, and nothing lies above it.
	p.wait(`(() => { const m = document.querySelector("#beside mark").getClientRects()[0], b = document.querySelector("#beside").getBoundingClientRect();
		return m.top >= b.top && m.top < Math.min(b.bottom, innerHeight) && document.querySelector("#beside").contains(document.elementFromPoint(m.left + 2, m.top + m.height / 2)); })()`)
	if !js[bool](p, `document.querySelector(".sentence .cite").getAttribute("aria-expanded") === "true"`) {
		p.t.Error("the number does not tell that its clause is open")
	}
	p.shot("clause-beside")
	p.keys(kb.Escape)
	p.wait(`document.querySelector("#beside").hidden`)
	if !p.focused(".sentence .cite") {
		p.t.Error("the focus is not back on the number")
	}
}

// followUp asks one more question in the same conversation.
func followUp(p *tab) {
	p.t.Helper()
	before := p.path()
	p.fill("#question", map[string]string{"zh": "最高多少钱？", "en": "How much at most?"}[p.look.lang])
	p.keys(kb.Tab, kb.Enter)
	p.wait(`document.querySelectorAll('article.turn[data-answer]:not([data-state="waiting"])').length === 2`)
	p.wait(`!document.querySelector(".pending")`)
	if p.path() != before {
		p.t.Errorf("the conversation %s has become %s", before, p.path())
	}
	p.goTo(before)
	if n := p.count("article.turn"); n != 2 {
		p.t.Errorf("loaded again, the conversation has %d questions", n)
	}
}

// firstTurn is the first answer of a conversation.
const firstTurn = "article.turn:first-child "

// rate says that the first answer is of no help, and why.
func rate(p *tab) {
	p.t.Helper()
	id := js[string](p, `document.querySelector("article.turn").dataset.answer`)
	const form = firstTurn + `.drop:has([name="reason"]) `
	p.click(form + "summary")
	p.click(form + `label:has([value="outdated"])`)
	p.fill(form+"textarea", "2024 <b>&amp;")
	p.click(form + "button:not([value])")
	p.has(firstTurn+".said", map[string]string{"zh": "谢谢", "en": "Thank you"}[p.look.lang])
	e, err := p.site.server.journal.Entry(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(e.Ratings) != 1 || e.Ratings[0].Good || e.Ratings[0].Reason != "outdated" || e.Ratings[0].Text != "2024 <b>&amp;" {
		p.t.Errorf("the journal has the ratings %+v", e.Ratings)
	}
}

// askPerson hands the first answer over, and the staff replies while the page is open.
func askPerson(p *tab) {
	p.t.Helper()
	id := js[string](p, `document.querySelector("article.turn").dataset.answer`)
	const form = firstTurn + `.drop:has(form[action$="/handover"]) `
	p.click(form + "summary")
	p.fill(form+"textarea", "请电话联系")
	p.click(form + "button")
	p.has(firstTurn+".said", map[string]string{"zh": "已转给工作人员", "en": "Sent to the staff"}[p.look.lang])
	cases, err := p.site.server.service.Cases(p.t.Context(), journal.CaseOpen)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range cases {
		if c.Question != id {
			continue
		}
		if !strings.Contains(c.Text, "请电话联系") {
			p.t.Errorf("the note of the case is %q", c.Text)
		}
		js[bool](p, `(window.same = true)`)
		if _, err := p.site.server.service.Respond(p.t.Context(), c.ID, "staff", "第一行 <i>x</i>\n第二行"); err != nil {
			p.t.Fatal(err)
		}
		p.has(firstTurn+".staff", "第一行 <i>x</i>", "第二行")
		if !js[bool](p, `window.same === true`) {
			p.t.Error("the page was loaded again")
		}
		return
	}
	p.t.Errorf("no case was opened for %s", id)
}

// TestBrowserAskByKeys asks an example, and reads its clause, without a mouse.
func TestBrowserAskByKeys(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			p := newTab(t, s, look{lang: lang})
			p.goTo("/")
			if !p.focused("#question") {
				t.Error("the field for a question does not have the focus")
			}
			js[bool](p, `(document.activeElement.blur(), true)`)
			p.tabTo(".skip")
			p.tabTo(".example")
			p.keys(kb.Enter)
			p.has(`article.turn[data-state="answered"] .sentence .cite`)
			p.wait(`document.activeElement.id === "question"`)
			js[bool](p, `(document.querySelector(".bubble").scrollIntoView(), document.querySelector("#turns").setAttribute("tabindex", "-1"), document.querySelector("#turns").focus(), true)`)
			p.tabTo(".cite")
			p.keys(kb.Enter)
			p.has("#beside mark")
			p.tabTo("#beside .close")
			p.keys(" ")
			p.wait(`document.querySelector("#beside").hidden`)
			if !p.focused(".cite") {
				t.Error("the focus is not back on the number")
			}
		})
	}
}

// TestBrowserWithoutScripts asks, rates and hands over in a browser that runs no script.
func TestBrowserWithoutScripts(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range []look{{lang: "zh", phone: true, noScripts: true}, {lang: "en", noScripts: true}} {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/")
			p.fill("#question", map[string]string{"zh": "厦门对生物医药企业上市有什么目标？", "en": "What is the target of Xiamen for listed biomedical companies?"}[l.lang])
			p.turns(func() { p.click("#composer button") })
			p.has(`article.turn[data-state="answered"] .sentence .cite`)
			conversation := p.path()
			p.turns(func() { p.click(".sentence .cite") })
			p.has("#text mark#quote")
			p.goTo(conversation)
			const form = `.drop:has([name="reason"]) `
			p.click(form + "summary")
			p.click(form + `label:has([value="wrong"])`)
			p.turns(func() { p.click(form + "button:not([value])") })
			id := js[string](p, `document.querySelector("article.turn").dataset.answer`)
			e, err := s.server.journal.Entry(t.Context(), id)
			if err != nil || len(e.Ratings) != 1 || e.Ratings[0].Reason != "wrong" {
				t.Errorf("the journal has the ratings %+v, %v", e.Ratings, err)
			}
			const person = `.drop:has(form[action$="/handover"]) `
			p.click(person + "summary")
			p.turns(func() { p.click(person + "button") })
			p.has(`article.turn`)
			if c := s.get(http.StatusOK, "GET", "/readyz", ""); c.status != http.StatusOK {
				t.Error("the service is not ready")
			}
		})
	}
}
