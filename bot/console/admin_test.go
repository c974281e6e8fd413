package console

import (
	"encoding/json"
	"net/url"
	"time"

	"policybot/bot"
)

// textOf is the first version of a document.
func (w *world) textOf(document string) string {
	w.t.Helper()
	_, text, _, err := w.store.Version(w.t.Context(), document, 1)
	must(w.t, err)
	return text
}

// adminSure is a form that is meant.
var adminSure = url.Values{"sure": {"yes"}}

// sureWith adds fields to a form that is meant.
func sureWith(pairs ...string) url.Values {
	form := url.Values{"sure": {"yes"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// adminShown is what the library answers: a search and an answer, without id and times.
func (w *world) adminShown() string {
	w.t.Helper()
	q := bot.Question{ID: "a-fixed", Text: listing, Lang: "zh", AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	found, err := w.desk.Search(w.t.Context(), q, 20)
	must(w.t, err)
	a, err := w.desk.Ask(w.t.Context(), q)
	must(w.t, err)
	a.Ms = bot.Answer{}.Ms
	text, err := json.Marshal(map[string]any{"found": found, "answer": a})
	must(w.t, err)
	return string(text)
}
