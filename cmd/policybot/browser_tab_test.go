//go:build browser

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// heard takes in an event of the browser. It is called between its messages and must not wait.
func (p *tab) heard(event any) {
	switch e := event.(type) {
	case *cdppage.EventJavascriptDialogOpening:
		p.fault("dialog", string(e.Type), e.Message)
		go func() {
			_, _ = chromedp.Call(p.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{}) // the tab may have gone
		}()
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.fault("exception", text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, string(a.Value), a.Description)
			}
			p.fault("console", said...)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			at := fmt.Sprintf("%s:%d", e.Entry.URL, e.Entry.LineNumber+1)
			if e.Entry.StackTrace != nil {
				for _, f := range e.Entry.StackTrace.CallFrames {
					at += fmt.Sprintf(" < %s %s:%d", f.FunctionName, f.URL, f.LineNumber+1)
				}
			}
			p.fault("log", string(e.Entry.Source), e.Entry.Text, at)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			p.fault("request", string(e.Type), e.ErrorText, string(e.BlockedReason))
		}
	}
}

func (p *tab) fault(kind string, about ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, kind+": "+strings.Join(about, " "))
}

// expect lets faults with a text pass, such as the status of a reply that is to be an error.
func (p *tab) expect(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, text)
}

// check fails the test for each fault that nobody expected, and forgets them.
func (p *tab) check() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if !slices.ContainsFunc(p.expected, func(text string) bool { return strings.Contains(f, text) }) {
			p.t.Errorf("%s: %s", p.look, f)
		}
	}
	p.faults = nil
}

// fatal fails the test and says what the page shows.
func (p *tab) fatal(format string, values ...any) {
	p.t.Helper()
	p.check()
	ctx, stop := context.WithTimeout(p.ctx, 5*time.Second)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 800)`))
	if picture, failed := chromedp.Run(ctx, chromedp.CaptureScreenshot()); failed == nil && os.Getenv("POLICYBOT_FAILED") != "" {
		_ = os.WriteFile(filepath.Join(os.Getenv("POLICYBOT_FAILED"), strings.ReplaceAll(p.t.Name(), "/", "_")+".png"), picture, 0o600)
	}
	p.t.Fatalf("%s: %s\nthe page (%v): %s", p.look, fmt.Sprintf(format, values...), err, text)
}

// limited is the context of one step.
func (p *tab) limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, patience/4)
}

// do carries steps out, in a quarter of patience at most.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := p.limited()
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fatal("%v", err)
	}
}

// call carries out one command of the protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, stop := p.limited()
	defer stop()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.fatal("%v", err)
	}
	return r
}

// js gives the value of an expression in the page.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, stop := p.limited()
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.fatal("%s: %v", expression, err)
	}
	return v
}

// goTo opens an address of the service.
func (p *tab) goTo(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate("http://" + p.site.at.HTTP + path))
	p.ready()
}

// ready waits until a page is there and its scripts run.
func (p *tab) ready() {
	p.t.Helper()
	p.wait(`document.readyState === "complete"`)
	if p.look.noScripts {
		return
	}
	ctx, stop := p.limited()
	defer stop()
	modules := `Promise.all([...document.querySelectorAll("[data-script]")].map((n) => n.dataset.script)
		.concat(document.querySelector(".ask[data-conversation]") ? ["ask"] : []).map((name) => import("/static/" + name + ".js"))).then(() => true)`
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](modules, chromedp.EvalAwaitPromise)); err != nil {
		p.fatal("%v", err)
	}
}

// wait waits until an expression is true in the page, which may be loading.
func (p *tab) wait(condition string) {
	p.t.Helper()
	ctx, stop := p.limited()
	defer stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if err == nil && yes {
			return
		}
		select {
		case <-ctx.Done():
			p.fatal("waited in vain for %s: %v", condition, err)
		case <-again.C:
		}
	}
}

// has waits for an element, and texts in it.
func (p *tab) has(selector string, texts ...string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`(() => { const all = [...document.querySelectorAll(%s)]; return all.length && %s.every((t) => all.some((e) => e.innerText.includes(t))); })()`,
		quoted(selector), quoted(texts)))
}

// quoted is a value as a literal of JavaScript.
func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts only
	}
	if string(text) == "null" {
		return "[]"
	}
	return string(text)
}

// count is how many elements there are.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return js[int](p, fmt.Sprintf(`document.querySelectorAll(%s).length`, quoted(selector)))
}

// text is what an element shows.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return js[string](p, fmt.Sprintf(`document.querySelector(%s)?.innerText ?? ""`, quoted(selector)))
}

// focused reports whether an element has the focus.
func (p *tab) focused(selector string) bool {
	p.t.Helper()
	return js[bool](p, fmt.Sprintf(`document.activeElement?.matches(%s) ?? false`, quoted(selector)))
}

// click presses an element where it can be seen: with a finger on the phone, else with the mouse. It fails the test
// where something else lies above it.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.has(selector)
	type point struct {
		X, Y  float64
		Above string
	}
	at := js[point](p, fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(%s)], e = all.find((one) => one.checkVisibility()) ?? all[0];
		e.scrollIntoView({block: "center", behavior: "instant"});
		const box = e.getClientRects()[0] ?? e.getBoundingClientRect(), X = box.x + box.width / 2, Y = box.y + box.height / 2;
		const top = document.elementFromPoint(X, Y);
		return {X, Y, Above: top && (e.contains(top) || top.contains(e)) ? "" : (top?.outerHTML.slice(0, 200) ?? "nothing: it cannot be seen")};
	})()`, quoted(selector)))
	if at.Above != "" {
		p.fatal("%s cannot be pressed: above it lies %s", selector, at.Above)
	}
	if p.look.phone {
		p.do(chromedp.TapXY(at.X, at.Y))
		return
	}
	p.do(chromedp.MouseClickXY(at.X, at.Y))
}

// turns does what leads to another page, and waits for that page.
func (p *tab) turns(does func()) {
	p.t.Helper()
	js[bool](p, `(window.before = true)`)
	does()
	p.wait(`!window.before`)
	p.ready()
}

// fill writes into a field as a person does.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.wait(fmt.Sprintf(`document.activeElement?.matches(%s)`, quoted(selector)))
	js[bool](p, `(document.activeElement.select(), true)`)
	p.do(chromedp.KeyEvent(text))
}

// write puts a text of any length into a field, in the place of what is there, as one who pastes.
func (p *tab) write(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.wait(fmt.Sprintf(`document.activeElement?.matches(%s)`, quoted(selector)))
	js[bool](p, `(document.activeElement.select(), true)`)
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// pick chooses in a list.
func (p *tab) pick(selector, value string) {
	p.t.Helper()
	p.has(selector)
	if got := js[string](p, fmt.Sprintf(`(() => { const s = document.querySelector(%s); s.value = %s; s.dispatchEvent(new Event("change", {bubbles: true})); return s.value; })()`,
		quoted(selector), quoted(value))); got != value {
		p.fatal("%s cannot be %q", selector, value)
	}
}

// says is a text in the language of the tab.
func (p *tab) says(zh, en string) string {
	if p.look.lang == "zh" {
		return zh
	}
	return en
}

// hurry lets the scripts of the pages that follow wait a tenth of the time before they look again. What they save by
// themselves keeps its time.
func (p *tab) hurry() {
	p.t.Helper()
	call(p, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const once = window.setTimeout, often = window.setInterval;
		window.setTimeout = (f, ms, ...more) => once(f, ms / 10, ...more);
		window.setInterval = (f, ms, ...more) => often(f, ms === 10000 ? 1000 : ms, ...more);
	}`})
}

// keys are pressed one after the other, wherever the focus is.
func (p *tab) keys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.do(chromedp.KeyEvent(k))
	}
}

// tabTo presses Tab until an element has the focus, and fails the test when the focus comes round without it.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 300 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if p.focused(selector) {
			return
		}
	}
	p.fatal("Tab does not reach %s", selector)
}

// signIn gives the tab the session of an account.
func (p *tab) signIn(name string) { p.t.Helper(); p.cookie("policybot_session", p.site.session(name)) }

// cookie sets a cookie of the service.
func (p *tab) cookie(name, value string) {
	p.t.Helper()
	call(p, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: "http://" + p.site.at.HTTP + "/", HTTPOnly: new(true)})
}

// cookieOf is the value of a cookie, "" where there is none.
func (p *tab) cookieOf(name string) string {
	p.t.Helper()
	for _, c := range call(p, network.GetCookies, network.GetCookiesParams{URLs: []string{"http://" + p.site.at.HTTP + "/"}}).Cookies {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// path is the address of the page without the host.
func (p *tab) path() string {
	p.t.Helper()
	u, err := url.Parse(js[string](p, `location.href`))
	if err != nil {
		p.fatal("%v", err)
	}
	return u.RequestURI()
}

// pictures are those that docs/console.md and its Chinese twin show.
var pictures = strings.Fields(`
	ask-zh-phone library-zh-desktop clause-zh-desktop desk-zh-desktop case-wrong-zh-desktop ops-zh-desktop review-zh-desktop proposal-zh-desktop
	clause-beside-en-desktop library-en-desktop clause-en-desktop desk-en-desktop case-wrong-en-phone ops-en-desktop review-en-desktop proposal-en-desktop`)

// shot writes a picture of what is seen to docs/images, where the flag says so and the picture is wanted.
func (p *tab) shot(name string) {
	p.t.Helper()
	if !*screenshots || !slices.Contains(pictures, name+"-"+p.look.String()) {
		return
	}
	ctx, stop := p.limited()
	defer stop()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.fatal("%v", err)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		p.fatal("%v", err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, opaque(picture)); err != nil {
		p.fatal("%v", err)
	}
	folder := filepath.Join("..", "..", "docs", "images")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.fatal("%v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+"-"+p.look.String()+".png"), small.Bytes(), 0o644); err != nil {
		p.fatal("%v", err)
	}
}

// opaque is a picture in the colours that it has most, which makes a small file.
func opaque(in image.Image) image.Image {
	counts := map[color.RGBA]int{}
	bounds := in.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(in.At(x, y)).(color.RGBA)]++
		}
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), bytes.Compare([]byte{a.R, a.G, a.B}, []byte{b.R, b.G, b.B}))
	})
	var palette color.Palette
	for _, c := range order[:min(len(order), 256)] {
		palette = append(palette, c)
	}
	out, nearest := image.NewPaletted(bounds, palette), map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.RGBAModel.Convert(in.At(x, y)).(color.RGBA)
			i, known := nearest[c]
			if !known {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
