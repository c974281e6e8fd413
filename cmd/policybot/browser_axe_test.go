//go:build browser

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"policybot/bot/accounts"
)

// axe is the source of axe-core, which .ci/axe/package-lock.json pins and make fetches.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", ".ci", "axe", "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		lacks(t, "there is no axe-core: make axe fetches it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A violation is a rule of axe-core that a page breaks.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string
		Summary string `json:"failureSummary"`
	}
}

// violations are the serious and critical findings in a page.
func violations(p *tab, source string) []violation {
	p.t.Helper()
	ctx, stop := p.limited()
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](source+";undefined")); err != nil {
		p.fatal("axe-core: %v", err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then((r) => JSON.stringify(r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fatal("axe-core: %v", err)
	}
	var list []violation
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		p.fatal("axe-core: %v", err)
	}
	return list
}

// TestBrowserAxe looks at every page with axe-core, in both looks, on the phone and the desktop, and after what the
// pages open by themselves. Serious and critical findings fail it.
func TestBrowserAxe(t *testing.T) {
	t.Parallel()
	browser(t)
	source := axe(t)
	s := browsed(t, seeded(t), nil)
	name := s.account("chief", accounts.Admin)
	docs, err := s.server.lib.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clauses, err := s.server.lib.Clauses(t.Context(), docs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	f := s.furnish(name, s.account("second", accounts.Admin), []string{"说明 a note <b>", "另一个 another"})
	given := f.given
	given["/documents/"], given["/clauses/"] = docs[0].ID, clauses[0].ID
	paths := pagePaths(t, s, given)
	for path := range f.shown {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	paths = append(paths, "/library?q=%E4%B8%8A%E5%B8%82", "/nowhere", "/clauses/"+clauses[0].ID+"?quote=0-5")
	for _, l := range []look{{lang: "zh", phone: true}, {lang: "en", phone: true, dark: true}, {lang: "en"}, {lang: "zh", dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			nobody, p := newTab(t, s, l), newTab(t, s, l)
			for _, one := range []*tab{nobody, p} {
				one.expect("status of 404")
				call(one, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true})
			}
			p.signIn(name)
			for _, path := range paths {
				who := p
				if strings.HasPrefix(path, "/login") || path == "/setup" {
					who = nobody
				}
				who.goTo(path)
				who.wants(source, path)
			}
			p.goTo("/")
			p.fill("#question", "厦门对生物医药企业上市有什么目标？")
			p.click("#composer button")
			p.has(`article.turn[data-state="answered"] .sentence .cite`)
			p.wants(source, "an answer")
			p.click(".sentence .cite")
			p.has("#beside mark")
			p.wants(source, "an answer with its clause")
			p.goTo("/")
			p.fill("#question", "我们能享受哪些政策？")
			p.click("#composer button")
			p.has("form.next legend")
			js[int](p, `[...document.querySelectorAll("details")].map((d) => (d.open = true)).length`)
			p.wants(source, "an interview with all that can be opened")
		})
	}
}

// wants fails the test for each finding in the page.
func (p *tab) wants(source, where string) {
	p.t.Helper()
	for _, v := range violations(p, source) {
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			p.t.Errorf("%s %s: %s (%s, %d times): %s\n%s\n%s", p.look, where, v.ID, v.Impact, len(v.Nodes), v.Help, n.HTML, n.Summary)
		}
	}
	if wide := js[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		p.t.Errorf("%s %s: the page is %d pixels wider than the screen", p.look, where, wide)
	}
}

// TestBrowserBites does wrong once in each way in a page of its own, and wants the tab to notice, and axe-core too.
func TestBrowserBites(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"dialog": `<script>alert(1)</script>`, "exception": `<script>throw new Error("x")</script>`, "console": `<img src=data:, onerror="pwned=1">`,
		"log":     `<meta http-equiv="Content-Security-Policy" content="style-src 'none'"><p style="color:red">x</p>`,
		"request": `<script>fetch("http://127.0.0.1:1/").catch(() => 0)</script>`,
	}
	page := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><html><body><main>"+page+"</main></body></html>")
	}))
	t.Cleanup(srv.Close)
	s := &site{service: &service{t: t, said: newShared(""), at: running{HTTP: strings.TrimPrefix(srv.URL, "http://")}}}
	p := newTab(t, s, look{lang: "en"})
	for kind, body := range wrong {
		page = body
		p.goTo("/")
		found := func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return slices.ContainsFunc(p.faults, func(f string) bool { return strings.HasPrefix(f, kind+": ") })
		}
		p.wait(`document.readyState === "complete"`)
		for range 200 {
			if found() {
				break
			}
			p.wait("true")
		}
		if !found() {
			t.Errorf("the tab does not notice %s: %q", body, p.faults)
		}
		p.mu.Lock()
		p.faults = nil
		p.mu.Unlock()
	}
	page = `<img src="data:,"><p style="color:#eee;background:#fff">x</p>`
	p.goTo("/")
	if n := len(violations(p, axe(t))); n < 2 {
		t.Errorf("axe-core has %d findings in a page with 3", n)
	}
	p.expect("")
}
