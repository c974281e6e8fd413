package httpapi

import (
	"net/http"
	"strings"

	"policybot/bot/journal"
)

// A caseList is the reply of GET cases.
type caseList struct {
	Cases []journal.Case `json:"cases"`
}

func (a *API) listCases(w http.ResponseWriter, r *http.Request) error {
	state := journal.CaseState(r.URL.Query().Get("state"))
	switch state {
	case "", journal.CaseOpen, journal.CaseReplied, journal.CaseClosed:
	default:
		return problem(http.StatusBadRequest, "state")
	}
	list, err := a.desk.Cases(r.Context(), state)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, encode(caseList{append([]journal.Case{}, list...)}))
	return nil
}

func (a *API) getCase(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	c, err := a.desk.Case(r.Context(), id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, encode(c))
	return nil
}

func (a *API) replyCase(w http.ResponseWriter, r *http.Request) error {
	id, body, err := smallBody(w, r)
	if err != nil {
		return err
	}
	f, err := parseFields(body)
	if err != nil {
		return err
	}
	by, text := f.needText("by"), f.needText("text")
	if !isName(by) {
		f.blame("by", "field_name", maxName)
	}
	if strings.TrimSpace(text) == "" {
		f.blame("text", "field_empty")
	}
	if f.bad != nil {
		return f.bad
	}
	c, err := a.desk.Respond(r.Context(), id, by, text)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, encode(c))
	return nil
}
