package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// mostKept is how many bytes of a form a page keeps whose sender has to sign in first.
const mostKept = 256 << 10

// overData is the page for who sent a form after their session was over: the form once more, to be sent again.
type overData struct {
	View
	To     string // where the form goes
	SignIn string
	Kept   []keptField
}

// A keptField is a field of a form as it was sent.
type keptField struct {
	Name, Value string
	Typed       bool   // somebody wrote it
	Wrong       string // what is wrong with it
}

// typedFields are the fields that people write in, in the order in which they are shown. What else a form has goes along
// unseen.
var typedFields = []string{"text", "question", "say", "why", "reason", "note", "name", "words", "q"}

// dropped reports whether a field is not kept: what nobody else may see, and a confirmation, which is asked for again.
func dropped(field string) bool {
	field = strings.ToLower(field)
	return strings.Contains(field, "password") || slices.Contains([]string{"old", "again", "sure"}, field)
}

// keptFields are the fields of a form but for those that are dropped, and whether somebody wrote in them; none where they
// are too much.
func keptFields(form url.Values) (list []keptField, written bool) {
	size := 0
	for name, values := range form {
		if dropped(name) {
			continue
		}
		for _, value := range values {
			one := keptField{Name: name, Value: value, Typed: slices.Contains(typedFields, name) && strings.TrimSpace(value) != ""}
			if name == "reason" && form.Has("good") {
				one.Typed = false // it is one of a list
			}
			written = written || one.Typed || strings.HasPrefix(name, factPrefix) && value != ""
			size += len(name) + len(value)
			list = append(list, one)
		}
	}
	slices.SortStableFunc(list, func(a, b keptField) int { return strings.Compare(a.Name, b.Name) })
	if size > mostKept {
		return nil, false
	}
	return list, written
}

// Long reports whether a field has room for lines.
func (f keptField) Long() bool {
	return slices.Contains([]string{"text", "question", "note", "words"}, f.Name)
}

// over answers a request whose sender has to sign in first. The form of a page comes back, to be sent again; a script is
// told so, and leaves its page as it is.
func (c *Console) over(w http.ResponseWriter, r *http.Request) {
	err := readForm(w, r)
	v := c.view(r)
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		c.forgetEnded(w, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": v.T("over.script")}) // the reader went away
		return
	}
	if r.Header.Get(headerPart) != "" {
		c.fail(w, r, problem(http.StatusUnauthorized, "over.script"))
		return
	}
	kept, written := keptFields(r.PostForm)
	if err != nil || !written || r.MultipartForm != nil && len(r.MultipartForm.File) > 0 {
		c.fail(w, r, errSignIn)
		return
	}
	c.forgetEnded(w, r)
	page := overData{View: v, To: r.URL.RequestURI(), SignIn: "/login?to=" + url.QueryEscape("/account"), Kept: kept}
	if err := c.show(w, r, http.StatusUnauthorized, "over", page); err != nil {
		c.fail(w, r, err)
	}
}

// forgetEnded takes a session from the browser that is over, so that who need not sign in can go on without.
func (c *Console) forgetEnded(w http.ResponseWriter, r *http.Request) {
	if guestOf(r).ended {
		c.setCookie(w, cookieSession, "", -1)
	}
}

// isOver reports whether a request was refused because its sender is not signed in, and has something to lose.
func isOver(r *http.Request, err error) bool {
	return errors.Is(err, errSignIn) && r.Method == http.MethodPost
}
