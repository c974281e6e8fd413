package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"policybot/bot/accounts"
)

// textOf is a text of a form or an address without blanks around it. What is no UTF-8 in it is replaced.
func textOf(form url.Values, field string) string {
	return strings.TrimSpace(strings.ToValidUTF8(form.Get(field), "\ufffd"))
}

// cut is a text of which no more than most characters are left.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// queryOf are the values of the part of an address behind its question mark; none where it cannot be read.
func queryOf(text string) url.Values {
	values, err := url.ParseQuery(text)
	if err != nil {
		return url.Values{}
	}
	return values
}

// seeOther leads the reader to a page, after what a form asked for was done.
func seeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// attach begins a reply that is a file to be kept.
func attach(w http.ResponseWriter, kind, name string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// done is what a page says of what was just done, by the name in its address; "" for nothing that it knows.
func (v View) done(r *http.Request, group string) string {
	return words[v.Lang][group+"."+r.URL.Query().Get("done")]
}

// record enters in the audit what the reader did. No text of a question goes there. What could not be entered is in the
// log too.
func (c *Console) record(r *http.Request, does, object, detail string) error {
	who := by(r)
	err := c.Accounts.Record(context.WithoutCancel(r.Context()), accounts.Entry{By: who.Name, Does: does, Object: object, Detail: detail, From: who.From})
	if err != nil {
		c.Log.Error("something was done that is not in the audit", "does", does, "object", object, "error", err)
	}
	return err
}

// moment is now as a journal keeps it.
func (c *Console) moment() time.Time { return c.Now().UTC().Truncate(time.Microsecond) }
