package console

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/generate"
)

//go:embed tmpl/*.html
var templateFiles embed.FS

// A View is what every page and every part of a page has.
type View struct {
	Lang    string // zh or en: of the page
	Theme   string // light, dark, or "" as the device has it
	Account *accounts.Account
	Read    bool   // asking and the library are open to the reader
	Path    string // of the page, for links back to it
	Posted  bool   // the page is the reply to a form: what it shows of that is nowhere else
	Version string
	now     time.Time
	at      string // address of the page where it is not that of Path
}

// T is a text of the pages; see say.
func (v View) T(name string, values ...any) string { return say(v.Lang, name, values...) }

// Named is the name of a value of a closed list, such as a status.
func (v View) Named(group, name string) string { return sayIf(v.Lang, group, name) }

// May reports whether the reader has a role or one above it.
func (v View) May(role string) bool {
	return v.Account != nil && v.Account.Role.AtLeast(accounts.Role(role))
}

// Me is how the reader is called.
func (v View) Me() string { return cmp.Or(v.Account.Display, v.Account.Name) }

// RoleName is the reader's role.
func (v View) RoleName() string { return string(v.Account.Role) }

// At reports whether the page is one of the addresses or lies below it.
func (v View) At(paths ...string) bool {
	here, _, _ := strings.Cut(cmp.Or(v.at, v.Path), "?")
	return slices.ContainsFunc(paths, func(p string) bool { return here == p || p != "/" && strings.HasPrefix(here, p+"/") })
}

// Time is an instant as people write it, in the time zone of the server.
func (v View) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// Machine is an instant for <time datetime>.
func (v View) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Ago is how long ago an instant was.
func (v View) Ago(t time.Time) string {
	d := v.now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < time.Minute:
		return v.T("ago.now")
	case d < time.Hour:
		return v.T("ago.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return v.T("ago.hours", int(d/time.Hour))
	}
	return v.T("ago.days", int(d/(24*time.Hour)))
}

// Other is the other language.
func (v View) Other() string {
	if v.Lang == chinese {
		return english
	}
	return chinese
}

// HTMLLang is the language for the page's lang attribute.
func (v View) HTMLLang() string {
	if v.Lang == chinese {
		return "zh-CN"
	}
	return "en"
}

// Asset is the address of a static file, which changes with the file.
func (v View) Asset(name string) string { return assetPath(name) }

// functions are what templates can call beside the methods of a page.
var functions = template.FuncMap{
	"lines": func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
	"add":   func(a, b int) int { return a + b },
	"list":  func(values ...string) []string { return values },
	"join":  strings.Join,
	// here reports whether the page is one of the addresses or lies below it.
	"here": func(page interface{ At(paths ...string) bool }, paths ...string) bool { return page.At(paths...) },
	// measure and facts give a shared part what it shows and the page's view.
	"measure": func(v View, m measureView) map[string]any { return map[string]any{"V": v, "M": m} },
	"facts":   func(v View, d documentLine) map[string]any { return map[string]any{"V": v, "D": d} },
	"diff":    func(v View, d *diffView) map[string]any { return map[string]any{"V": v, "D": d} },
	"kept":    func(v View, f []keptField) map[string]any { return map[string]any{"V": v, "F": f} },
	// sentences are those of a check that are fit, or the others.
	"sentences": func(v *checkedView, fit bool) map[string]any { return map[string]any{"V": v, "S": v.InOrder(fit)} },
	// why is the field of a reason with what was entered in it for one of the buttons.
	"why": func(e editorView, does, label string) map[string]any {
		if e.Why.Does != does {
			return map[string]any{"L": label, "R": reason{Does: does}}
		}
		return map[string]any{"L": label, "R": e.Why}
	},
	// factfields are the fields of a form of facts; known begins them with what is known.
	"factfields": func(v View, f []factField, known bool) map[string]any {
		return map[string]any{"V": v, "F": f, "Known": known}
	},
	// The same for parts of the pages of operations.
	"opsfield":  func(v View, f logFieldView) map[string]any { return map[string]any{"V": v, "F": f} },
	"opshits":   func(v View, hits []traceHit) map[string]any { return map[string]any{"V": v, "Hits": hits} },
	"opscall":   func(v View, call generate.Call) map[string]any { return map[string]any{"V": v, "C": call} },
	"opsreview": func(v View, r any) map[string]any { return map[string]any{"V": v, "R": r} },
	"opsstatus": func(v View, s *runStatus) map[string]any { return map[string]any{"V": v, "S": s} },
	"rankname":  rankName,
}

// templates are the pages by name: each with the layout and the parts that pages share.
var templates = readTemplates(templateFiles)

// readTemplates parses every page. A file whose name begins with an underscore is shared by all.
func readTemplates(files fs.FS) map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(functions).Option("missingkey=error").ParseFS(files, "tmpl/_*.html"))
	names, err := fs.Glob(files, "tmpl/[a-z]*.html")
	if err != nil {
		panic(err) // the pattern is right
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		t := template.Must(template.Must(shared.Clone()).ParseFS(files, name))
		out[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return out
}

// headerPart asks for the main part of a page only.
const headerPart = "X-Policybot-Part"

// show writes a page, or its main part where the request asks for that.
func (c *Console) show(w http.ResponseWriter, r *http.Request, status int, page string, data any) error {
	t, ok := templates[page]
	if !ok {
		return fmt.Errorf("show the page %s: there is no such template", page)
	}
	name := "layout"
	if r.Header.Get(headerPart) != "" {
		name = "part"
	}
	return writeTemplate(w, status, t, name, data)
}

// writeTemplate writes what a template makes, or nothing where it fails.
func writeTemplate(w http.ResponseWriter, status int, t *template.Template, name string, data any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("make a page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", headerPart)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader went away
	return nil
}
