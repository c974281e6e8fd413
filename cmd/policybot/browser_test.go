//go:build browser

package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"policybot/bot/accounts"
)

var screenshots = flag.Bool("screenshots", false, "the browser tests write their pictures to docs/images")

// strict is set where a test that lacks what it needs fails.
var strict = os.Getenv("POLICYBOT_STRICT") == "1"

// lacks ends a test that cannot run here: it is skipped, and in strict mode it fails.
func lacks(t testing.TB, what string) {
	t.Helper()
	if strict {
		t.Fatal(what)
	}
	t.Skip(what)
}

// chromium is the one browser of all tests. Each page has a profile of its own in it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
}

// browser starts Chromium for the first test that asks.
func browser(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		lacks(t, "there is no chromium")
	}
	chromium.once.Do(func() {
		options := []chromedp.ExecAllocatorOption{
			chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
			chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-extensions", true),
			chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
			chromedp.Flag("disable-features", "Translate,PasswordManager"), chromedp.Flag("password-store", "basic"),
			chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
			chromedp.Flag("disable-backgrounding-occluded-windows", true),
		}
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox)
		}
		above, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, stopOne := chromedp.NewContext(above)
		atEnd = append(atEnd, func() {
			limited, end := context.WithTimeout(ctx, 5*time.Second)
			defer end()
			_ = chromedp.Cancel(limited) // what does not end is killed
			stopOne()
			stopAll()
		})
		chromium.ctx, chromium.err = ctx, chromedp.Do(ctx)
	})
	if chromium.err != nil {
		t.Fatalf("chromium does not start: %v", chromium.err)
	}
	return chromium.ctx
}

// A look is how a page is seen.
type look struct {
	lang      string // zh or en, which the browser asks for
	phone     bool   // 390×844 with touch; else 1440×900 with a mouse
	dark      bool   // what the device prefers
	noScripts bool
}

// String names a look, as in zh-phone.
func (l look) String() string {
	name := l.lang + "-desktop"
	if l.phone {
		name = l.lang + "-phone"
	}
	if l.dark {
		name += "-dark"
	}
	return name
}

// looks are both languages on both devices.
var looks = []look{{lang: "zh", phone: true}, {lang: "zh"}, {lang: "en", phone: true}, {lang: "en"}}

// A site is a service with what a test does at the machine itself.
type site struct {
	*service
	server   *server
	book     *accounts.Book
	exporter sync.Once // makes the account that downloads
}

// browsed starts a service on a data folder with the console on it. changes may change it before it runs.
func browsed(t testing.TB, data string, env map[string]string, changes ...func(*server)) *site {
	t.Helper()
	s := &site{}
	s.service = serving(t, data, env, func(v *server) {
		s.server = v
		for _, change := range changes {
			change(v)
		}
	})
	book, err := accounts.New(accounts.Options{Store: s.server.journal, Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	s.book = book
	return s
}

// password is that of every account of the tests.
const password = "a plain long password"

// account makes an account with a role, and how its owner is called, and gives its name.
func (s *site) account(name string, role accounts.Role, display ...string) string {
	s.t.Helper()
	_, code, err := s.book.Create(s.t.Context(), accounts.Actor{Name: "test"}, accounts.NewAccount{
		Name: name, Role: role, Display: strings.Join(display, " "),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.book.Redeem(s.t.Context(), code, password, accounts.Client{From: "127.0.0.1"}); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// session signs an account in without a page, and gives the value of its cookie.
func (s *site) session(name string) string {
	s.t.Helper()
	e, err := s.book.Login(s.t.Context(), accounts.Attempt{Name: name, Password: password, Client: accounts.Client{From: "127.0.0.1"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return e.Token
}

// reports are how many reports of the content security policy the service has got.
func (s *site) reports() int {
	return strings.Count(s.said.String(), "what the content security policy forbids")
}

// A tab is a page in a browser, with a profile of its own. What goes wrong in it fails the test: dialogs, errors on
// the console, uncaught exceptions, requests that fail, reports of the content security policy.
type tab struct {
	t    testing.TB
	site *site
	look look
	ctx  context.Context

	mu       sync.Mutex
	faults   []string
	expected []string // parts of faults that are to come
}

// sentinel makes each try of a script that should never run a fault.
const sentinel = `Object.defineProperty(window, "pwned", {get() { return 0 }, set(v) { console.error("a script ran: " + v) }});`

// newTab opens a tab. It is closed with the test.
func newTab(t testing.TB, s *site, l look) *tab {
	t.Helper()
	above := browser(t)
	ctx, stop := chromedp.NewContext(above, chromedp.WithNewBrowserContext())
	p := &tab{t: t, site: s, look: l, ctx: ctx}
	before := s.reports()
	t.Cleanup(func() {
		p.check()
		if n := s.reports() - before; n > 0 && !t.Failed() {
			t.Errorf("the content security policy was broken %d times", n)
		}
		stop()
	})
	if err := chromedp.Listen(ctx, p.heard); err != nil {
		t.Fatal(err)
	}
	width, height, options := int64(1440), int64(900), []chromedp.EmulateViewportOption(nil)
	if l.phone {
		width, height, options = 390, 844, []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait}
	}
	p.do(chromedp.EmulateViewport(width, height, options...))
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	call(p, network.Enable, network.EnableParams{})
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: "Mozilla/5.0 (test) Chrome/156.0.0.0", AcceptLanguage: map[string]string{"zh": "zh-CN", "en": "en-GB"}[l.lang],
	})
	call(p, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: sentinel})
	if l.noScripts {
		call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	return p
}
