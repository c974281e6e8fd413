//go:build browser

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestBrowserLibrary filters and searches the library, and reads a document and a clause between its neighbours.
func TestBrowserLibrary(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/library")
			p.shot("library")
			all := p.count(".documents > li")
			place := js[string](p, `(() => { const s = document.querySelector("[name=place]"); s.selectedIndex = s.options.length - 1; return s.value; })()`)
			p.turns(func() { p.click(".search button") })
			if n := p.count(".documents > li"); n == 0 || n >= all {
				t.Errorf("of %d documents %d are of %s", all, n, place)
			}
			if n := p.count(".documents .tag"); n == 0 || !strings.Contains(p.text(".documents .tags"), place) {
				t.Errorf("the documents are not of %s", place)
			}
			p.goTo("/library")
			p.fill("#q", "上市")
			p.turns(func() { p.keys(kb.Enter) })
			p.has(".hits mark", "上市")
			p.shot("search")
			p.turns(func() { p.click(".hits .meta a") })
			p.has(".outline a")
			p.shot("document")
			target := js[string](p, `[...document.querySelectorAll(".outline a")].at(-1).getAttribute("href")`)
			p.click(fmt.Sprintf(`.outline a[href=%s]`, quoted(target)))
			p.wait(fmt.Sprintf(`location.hash && decodeURIComponent(location.hash) === decodeURIComponent(%s)`, quoted(target)))
			p.wait(`(() => { const b = document.querySelector(":target").getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight; })()`)
			p.turns(func() { p.click(`:target .where a`) })
			p.has("#text")
			p.shot("clause")
			here := p.path()
			p.turns(func() { p.click(".neighbours [rel=prev]") })
			p.turns(func() { p.click(".neighbours [rel=next]") })
			if p.path() != here {
				t.Errorf("from %s one back and one on is %s", here, p.path())
			}
			p.expect("404")
			p.goTo("/clauses/none")
			p.has(".error h1", map[string]string{"zh": "政策库里没有这一条", "en": "does not hold this clause"}[l.lang])
		})
	}
}

// TestBrowserEveryDocument opens every document of the library and every clause of one.
func TestBrowserEveryDocument(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	docs := documents(t, s.data)
	p := newTab(t, s, look{lang: "en"})
	for _, d := range docs {
		p.goTo("/documents/" + d.ID)
		if n := p.count("section.clause"); n != d.Clauses {
			t.Errorf("%s shows %d clauses of %d", d.ID, n, d.Clauses)
		}
	}
}

// TestBrowserEligibility fills the form in, and answers the question that comes back.
func TestBrowserEligibility(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/")
			p.turns(func() { p.click(`a[href^="/eligibility"]`) })
			p.has(".profile .field")
			p.shot("eligibility")
			if got := js[[]string](p, `[...document.querySelectorAll(".profile input:not([type=hidden]), .profile select")].filter((e) => !e.labels?.length).map((e) => e.name)`); len(got) > 0 {
				t.Errorf("fields without a label: %q", got)
			}
			p.fill(`[name="fact.place"]`, "厦门市")
			p.turns(func() { p.click(".profile button") })
			p.has("article.turn .measure")
			p.shot("eligible")
		})
	}
}

// TestBrowserInterview is asked back, and answers by the form under the answer: first what is picked, then that it is
// not known.
func TestBrowserInterview(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			p := newTab(t, s, l)
			p.goTo("/")
			p.fill("#question", map[string]string{"zh": "我们能享受哪些政策？", "en": "What are we eligible for?"}[l.lang])
			p.click("#composer button")
			p.has("form.next legend")
			p.shot("interview")
			for n := 2; n <= 3; n++ {
				reply := "form.next button:not([value])"
				switch {
				case n == 3:
					reply = "form.next button[value]"
				case p.count("form.next .choice") > 0:
					p.click("form.next .choice")
				default:
					p.fill("form.next [name=say]", map[string]string{"zh": "厦门市", "en": "Xiamen"}[l.lang])
				}
				p.click(reply)
				p.wait(fmt.Sprintf(`document.querySelectorAll('article.turn[data-answer]:not([data-state="waiting"])').length === %d`, n))
				p.wait(`!document.querySelector(".pending")`)
				p.has("form.next legend")
			}
			for _, when := range []string{"at once", "when loaded again"} {
				if n := p.count("form.next"); n != 1 {
					t.Errorf("%d questions are open %s", n, when)
				}
				if n := p.count("article.turn"); n != 3 {
					t.Errorf("%d questions of the conversation are shown %s", n, when)
				}
				p.goTo(p.path())
			}
		})
	}
}
