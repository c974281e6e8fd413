package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pagesOf are the pages of forms whose address does not begin with that of their page.
var pagesOf = map[string]string{"/ask": "/", "/ops/views": "/ops/log", "/ops/views/rename": "/ops/log", "/ops/views/delete": "/ops/log"}

// pageOf is the page that a form is on which is sent to an address: the nearest page above it that there is.
func (c *Console) pageOf(path string) string {
	if page, ok := pagesOf[path]; ok {
		return page
	}
	for path != "" {
		if slices.ContainsFunc(c.pages, func(page string) bool { return fits(page, path) }) {
			return path
		}
		path = path[:strings.LastIndexByte(path, '/')]
	}
	return "/"
}

// fits reports whether an address is one of a route's path.
func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(want) == len(have) && !slices.ContainsFunc(want, func(s string) bool { return s == "{$}" }) && slices.EqualFunc(want, have, func(w, h string) bool {
		return w == h || strings.HasPrefix(w, "{") && h != ""
	})
}

// backTo is the address of the page that a form was on, with what of it the form tells.
func (c *Console) backTo(r *http.Request) string {
	page := c.pageOf(r.URL.EscapedPath())
	switch form := r.PostForm; {
	case page == "/" && conversationID.MatchString(form.Get("c")):
		return "/?c=" + form.Get("c")
	case page == "/login" && form.Get("to") != "":
		return "/login?to=" + url.QueryEscape(ownPath(form.Get("to")))
	case page == "/desk" && form.Get("back") != "":
		return ownPath(form.Get("back"))
	case form.Get("filter") != "":
		return page + "?" + queryOf(form.Get("filter")).Encode()
	}
	return page
}

// A fieldError is an error for people about one field of a form, which comes back as it was sent.
type fieldError struct {
	*pageError
	field string
}

// Unwrap gives the error without the field.
func (e *fieldError) Unwrap() error { return e.pageError }

// inField is an error for people about a field.
func inField(field string, e *pageError) error { return &fieldError{e, field} }

// onceMoreData is the page of a form that cannot be taken as it is, to be changed and sent again.
type onceMoreData struct {
	View
	Message string
	To      string // where the form goes
	Fields  []keptField
}

// onceMore shows a form once more with what was written in it, and what is wrong beside the field. Where the form is not
// from a page, or nothing can be kept, only what is wrong is shown.
func (c *Console) onceMore(w http.ResponseWriter, r *http.Request, e *fieldError) {
	if r.Header.Get(headerPart) != "" {
		c.fail(w, r, e.pageError)
		return
	}
	v := c.view(r)
	page := onceMoreData{View: v, Message: v.T(e.name, e.values...), To: r.URL.RequestURI()}
	page.Fields, _ = keptFields(r.PostForm)
	i := slices.IndexFunc(page.Fields, func(f keptField) bool { return f.Name == e.field })
	if i < 0 {
		c.fail(w, r, e.pageError)
		return
	}
	page.Fields[i].Typed, page.Fields[i].Wrong = true, page.Message
	if err := c.show(w, r, e.status, "oncemore", page); err != nil {
		c.fail(w, r, err)
	}
}

// asField is the error of a request as one about a field, nil where it is none.
func asField(err error) *fieldError {
	e, ok := errors.AsType[*fieldError](err)
	if !ok {
		return nil
	}
	return e
}
