package console

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// themes are those that a page can have; "" is the device's.
var themes = []string{"", "light", "dark"}

// view is what every page for a request has.
func (c *Console) view(r *http.Request) View {
	g := guestOf(r)
	v := View{
		Account: g.account, Read: c.Open || g.account != nil, Path: r.URL.RequestURI(), Version: c.Version, now: c.Now(),
		Theme: c.cookie(r, cookieTheme), Lang: c.pageLang(r, g),
	}
	if r.Method != http.MethodGet {
		v.Path, v.Posted = c.backTo(r), true
		if p := r.URL.Path; strings.HasPrefix(p, "/desk/") || strings.HasPrefix(p, "/ops/") {
			v.at = p // the page that is shown again
		}
	}
	if !slices.Contains(themes, v.Theme) {
		v.Theme = ""
	}
	return v
}

// pageLang is the language of pages: the one chosen, the account's, the browser's, or the console's.
func (c *Console) pageLang(r *http.Request, g guest) string {
	if lang := c.cookie(r, cookieLang); lang == chinese || lang == english {
		return lang
	}
	if g.account != nil && (g.account.Lang == chinese || g.account.Lang == english) {
		return g.account.Lang
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag := strings.ToLower(strings.TrimSpace(part)); {
		case strings.HasPrefix(tag, "zh"):
			return chinese
		case strings.HasPrefix(tag, "en"):
			return english
		}
	}
	return c.Lang
}

// year is the age of a cookie of preferences, in seconds.
const year = 365 * 24 * 3600

// setPreferences keeps the language and the look of pages.
func (c *Console) setPreferences(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if lang := r.PostForm.Get("lang"); lang == chinese || lang == english {
		c.setCookie(w, cookieLang, lang, year)
	}
	if theme := r.PostForm.Get("theme"); r.PostForm.Has("theme") && slices.Contains(themes, theme) {
		c.setCookie(w, cookieTheme, theme, year)
	}
	return seeOther(w, r, ownPath(r.PostForm.Get("back")))
}

// ownPath is an address of the console to go back to; anything else is its first page.
func ownPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\") || strings.ContainsFunc(to, unicode.IsControl) {
		return "/"
	}
	return to
}

// maxForm is how many bytes a form has at most.
const maxForm = 1 << 20

// readForm reads a form that was sent; its values are in r.PostForm.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(maxForm)
		if r.MultipartForm != nil {
			r.PostForm = r.MultipartForm.Value
		}
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	for _, values := range r.PostForm {
		for i, v := range values {
			values[i] = strings.ToValidUTF8(v, "\ufffd")
		}
	}
	return nil
}

var directive = regexp.MustCompile(`^[a-z-]{1,40}$`)

// directiveOf is the directive that a report of a browser names, "" where it names none.
func directiveOf(report []byte) string {
	var body struct {
		Report struct {
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
		} `json:"csp-report"`
	}
	_ = json.Unmarshal(report, &body) // one that cannot be read names none
	for _, d := range []string{body.Report.Directive, body.Report.Violated} {
		if directive.MatchString(d) {
			return d
		}
	}
	return ""
}
