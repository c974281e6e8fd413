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

// change enters in the audit what the reader is about to do, and has it done: there is no change without its row, see
// [accounts.Book.Change]. Where it then fails, a second row says so; after a crash the last row may tell of a change that
// is not there, never the reverse. What is known to be refused, or to change nothing, is found out before and has no
// row. detail has names and values of the program alone, as [accounts.Facts] writes them: neither the text of a question
// nor a reason in somebody's words goes there, for rows outlive the erasing of a person. do is given a context that
// does not end when the browser goes away.
func (c *Console) change(r *http.Request, does, object, detail string, do func(ctx context.Context) error) error {
	ctx := context.WithoutCancel(r.Context())
	return c.Accounts.Change(ctx, c.entry(r, does, object, detail), func() error { return do(ctx) })
}

// record enters in the audit what the reader is given, before it is: for what changes something there is change.
func (c *Console) record(r *http.Request, does, object, detail string) error {
	return c.Accounts.Record(context.WithoutCancel(r.Context()), c.entry(r, does, object, detail))
}

// entry is a row of the audit about the reader.
func (*Console) entry(r *http.Request, does, object, detail string) accounts.Entry {
	who := by(r)
	return accounts.Entry{By: who.Name, Does: does, Object: object, Detail: detail, From: who.From}
}

// moment is now as a journal keeps it.
func (c *Console) moment() time.Time { return c.Now().UTC().Truncate(time.Microsecond) }
