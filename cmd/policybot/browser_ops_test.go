//go:build browser

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp/kb"

	"policybot/bot/accounts"
	"policybot/retrieval"
)

// A question whose clause the search does not find first, the clause, and the question in other words.
const (
	hotpot       = "开火锅店借钱的利息政府能帮着付一点吗"
	hotpotClause = "beijing-press-2025.statement.b1"
)

var hotpots = []string{
	"开火锅店，借钱的利息政府帮着付一点吗？", "开火锅店借钱 利息 政府能帮着付吗", "我开火锅店，借钱的利息政府能不能帮着付一点",
	"开火锅店借来的钱，利息政府能帮着付一点吗", "火锅店借钱的利息，政府能帮着付一点吗",
}

// searched is what the library finds for many questions, as JSON.
func (s *site) searched() (out []string) {
	s.t.Helper()
	for _, q := range append([]string{hotpot, goalAsked["zh"], goalAsked["en"], "研发 补贴"}, hotpots...) {
		found, err := s.server.lib.Search(s.t.Context(), retrieval.Query{Text: q}, 50)
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := json.Marshal(found)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// TestBrowserOps finds a question that went wrong in the log, reviews it with its right clause, keeps it in the golden set,
// makes it an index entry after a look at what that does, and takes the entry back.
func TestBrowserOps(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("olga", accounts.Ops)
	for _, l := range []look{{lang: "zh"}, {lang: "en"}, {lang: "en", phone: true}} {
		t.Run(l.String(), func(t *testing.T) {
			before := s.searched()
			s.ask(goalAsked["zh"])
			s.ask(goalAsked["en"])
			id := s.ask(hotpot).ID
			p := newTab(t, s, l)
			p.hurry()
			p.signIn("olga")
			findInLog(p, id)
			reviewClause(p)
			p.turns(func() { p.click("#golden button") })
			p.has(".notice.good", p.says("已加入评测集", "It is in the golden set now"))
			runGolden(p)
			p.goTo("/ops/questions/" + id)
			p.turns(func() { p.click(`#entry button[value="preview"]`) })
			p.has("#entry [role=status]", p.says("→ 第 1", "to 1"))
			p.has(`.top nav [aria-current="page"]`, p.says("运营", "Operations"))
			if !slices.Equal(s.searched(), before) {
				t.Fatal("a preview changed the search")
			}
			js[bool](p, `(document.querySelector("h1").scrollIntoView(), true)`)
			p.shot("review")
			p.turns(func() { p.click(`#entry button[value="make"]`) })
			p.has(".notice.good", p.says("已成为索引词条", "It is an index entry now"))
			asksLikeIt(p)
			runGolden(p)
			p.has("#run .log .tag.warn", p.says("有变化", "changed"))
			p.shot("golden")
			p.goTo("/ops/entries")
			p.has(".log .what", hotpot)
			p.turns(func() { p.click(`form[action$="/undo"] button`) })
			p.has(".notice.good", p.says("索引词条已撤销", "The index entry is taken back"))
			if !slices.Equal(s.searched(), before) {
				t.Error("the search is not as it was, byte for byte")
			}
			p.goTo("/ops/golden")
			p.turns(func() { p.click(`form[action$="/remove"] button`) })
		})
	}
}

// findInLog filters the log for a question, keeps the filter as a view, exports what it shows and opens the question.
func findInLog(p *tab, id string) {
	p.t.Helper()
	p.goTo("/ops")
	p.has(".tiles strong")
	p.shot("ops")
	p.turns(func() { p.click(`.tabs a[href="/ops/log"]`) })
	p.fill(".logfilter [name=q]", "火锅店 利息")
	p.turns(func() { p.click(".logfilter button") })
	p.has(".log .what", hotpot)
	p.has(".chips .chip", "火锅店 利息")
	name := "view " + p.look.String()
	const form = `details:has(form[action="/ops/views"]) `
	p.click(form + "summary")
	p.fill(form+"[name=name]", name)
	p.turns(func() { p.click(form + "button") })
	p.has(".views .view a", name)
	p.shot("log")
	exports(p)
	p.goTo("/ops/log")
	p.turns(func() { p.click(fmt.Sprintf(".views .view:nth-of-type(%d) a", p.count(".views .view"))) })
	if got := js[string](p, `document.querySelector(".logfilter [name=q]").value`); got != "火锅店 利息" {
		p.t.Errorf("the view filters by %q", got)
	}
	p.turns(func() { p.click(fmt.Sprintf(`.log .what a[href^="/ops/questions/%s"]`, id)) })
	p.has("h1", hotpot)
}

// exports downloads the log as CSV, and looks at the name of the file and at what is in it.
func exports(p *tab) {
	p.t.Helper()
	folder := p.t.TempDir()
	about := call(p, target.GetTargetInfo, target.GetTargetInfoParams{})
	call(p, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: about.TargetInfo.BrowserContextID, DownloadPath: folder,
	})
	p.click(`[name="format"][value="csv"]`)
	safe := regexp.MustCompile(`^policybot-log-[0-9-]+\.csv$`)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience / 4); ; <-again.C {
		files, err := os.ReadDir(folder)
		if err != nil {
			p.fatal("%v", err)
		}
		if len(files) == 1 && safe.MatchString(files[0].Name()) {
			text, err := os.ReadFile(filepath.Join(folder, files[0].Name()))
			if err != nil || !strings.Contains(string(text), hotpot) {
				p.t.Errorf("the export is %.300q, %v", text, err)
			}
			return
		}
		if time.Now().After(deadline) {
			p.fatal("the downloads are %v", files)
		}
	}
}

// reviewClause says that a question should have been answered, and by which clause, which it searches for.
func reviewClause(p *tab) {
	p.t.Helper()
	p.click(`label:has([value="should_answer"])`)
	p.fill("#find", "企业 贷款 贴息")
	p.turns(func() { p.keys(kb.Enter) })
	p.has(".picks .excerpt mark")
	if !js[bool](p, `document.querySelector('[value="should_answer"]').checked`) {
		p.t.Error("the verdict is gone after the search")
	}
	p.click(fmt.Sprintf(`.picks label:has([value="%s"])`, hotpotClause))
	p.fill("[name=note]", "贴息 <b>&amp;")
	p.turns(func() { p.click(`[name="do"][value="save"]`) })
	p.has(".notice.good", p.says("复核已保存", "The review is saved"))
	p.has("#entry", p.says("预览影响", "Preview the effect"))
}

// runGolden runs the evaluation of the golden set and waits for its figures.
func runGolden(p *tab) {
	p.t.Helper()
	p.goTo("/ops/golden")
	p.turns(func() { p.click(`form[action="/ops/golden/run"] button`) })
	p.wait(`document.querySelector("#run table") && !document.querySelector("progress") && !document.querySelector("[data-poll]")`)
	p.ready()
}

// asksLikeIt asks the question in other words and wants the clause: in the answer where there is one, and first in the
// library.
func asksLikeIt(p *tab) {
	p.t.Helper()
	for _, q := range hotpots {
		p.goTo("/")
		p.fill("#question", q)
		p.click("#composer button")
		p.wait(`document.querySelector('article.turn[data-answer]:not([data-state="waiting"])') && !document.querySelector(".pending")`)
		state := js[string](p, `document.querySelector("article.turn").dataset.state`)
		if state == "answered" && p.count(fmt.Sprintf(`.sources a[href^="/clauses/%s"], .cite[href^="/clauses/%s"]`, hotpotClause, hotpotClause)) == 0 {
			p.t.Errorf("%s is answered from other clauses: %s", q, p.text("article.turn .answer"))
		}
		p.goTo("/library?q=" + q)
		if got := js[string](p, `document.querySelector(".hits li a").getAttribute("href")`); !strings.HasPrefix(got, "/clauses/"+hotpotClause) {
			p.t.Errorf("%s finds %s first", q, got)
		}
	}
}

// TestBrowserOpsByKeys reviews a question in the queue, marks it for its clause and takes that back, without a mouse.
func TestBrowserOpsByKeys(t *testing.T) {
	t.Parallel()
	s := browsed(t, seeded(t), nil)
	s.account("olga", accounts.Ops)
	before := s.searched()
	id := s.ask(hotpot).ID
	p := newTab(t, s, look{lang: "en"})
	p.signIn("olga")
	p.goTo("/ops/review")
	p.has("h1", hotpot)
	if got := js[string](p, `document.querySelector('form[action$="/review"], form[action*="/review?"]').action`); !strings.Contains(got, id) {
		t.Fatalf("the queue shows %s", got)
	}
	p.keys("6")
	p.wait(`document.querySelector('[value="should_answer"]').checked`)
	p.tabTo("#find")
	p.keys("企业 贷款 贴息")
	p.turns(func() { p.keys(kb.Enter) })
	p.tabTo(".picks [name=clause]")
	for range 10 {
		if p.focused(fmt.Sprintf("[value=%q]", hotpotClause)) {
			break
		}
		p.keys(kb.ArrowDown)
	}
	p.keys(" ")
	p.wait(fmt.Sprintf(`document.querySelector('[value="%s"]').checked`, hotpotClause))
	p.tabTo(`[name="do"][value="save"]`)
	p.turns(func() { p.keys(kb.Enter) })
	p.has(".notice.good", "The review is saved")
	p.goTo("/ops/questions/" + id)
	for _, does := range []string{`#entry [value="preview"]`, `#entry [value="make"]`} {
		p.tabTo(does)
		p.turns(func() { p.keys(kb.Enter) })
	}
	p.has(".notice.good", "It is an index entry now")
	p.tabTo(`#entry form[action$="/undo"] button`)
	p.turns(func() { p.keys(" ") })
	p.has(".notice.good", "The index entry is taken back")
	if !slices.Equal(s.searched(), before) {
		t.Error("the search is not as it was, byte for byte")
	}
	s.get(http.StatusOK, "GET", "/readyz", "")
}
