package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"policybot/retrieval"
	"policybot/retrieval/publication"
)

// versionsData is the page of one document for who keeps the library: its facts, its versions, and what can be
// proposed of it.
type versionsData struct {
	View
	Document documentLine
	Listed   bool // it is in the library
	Versions []versionView
	Fields   []factField
	Compared *diffView
	From, To int // that are compared
	Waiting  []proposalLine
	Wrong    string
}

// A versionView is one version of a document.
type versionView struct {
	Number, Clauses int
	Title, At       string
	Current         bool
}

// versionsPage shows one document; with ?from=1&to=2 also what differs between two of its versions.
func (c *Console) versionsPage(w http.ResponseWriter, r *http.Request) error {
	return c.showVersions(w, r, http.StatusOK, "")
}

func (c *Console) showVersions(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	ctx, id := r.Context(), r.PathValue("id")
	q, err := c.queue(ctx)
	if err != nil {
		return err
	}
	versions, err := c.Library.Versions(ctx, id)
	if err != nil {
		return err
	}
	page := versionsData{View: c.adminView(r), Wrong: wrong}
	page.at = adminDocumentURL(id)
	shown := versions[len(versions)-1].Document
	for _, one := range versions {
		if one.Current {
			shown, page.Listed = one.Document, true
		}
		page.Versions = append(page.Versions, versionView{one.Document.Version, one.Document.Clauses, one.Document.Title, page.Time(one.StoredAt), one.Current})
	}
	page.Document, page.Fields = page.documentLine(shown), page.documentFields(shown)
	waiting, err := q.List(ctx, publication.Proposed)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if p.Document == id {
			page.Waiting = append(page.Waiting, page.proposalLine(p))
		}
	}
	if err := c.compareVersions(ctx, &page, r.URL); err != nil {
		return err
	}
	return c.show(w, r, status, "adminversions", page)
}

// compareVersions compares two versions by their numbers; without numbers, none.
func (c *Console) compareVersions(ctx context.Context, page *versionsData, at *url.URL) error {
	from, to := at.Query().Get("from"), at.Query().Get("to")
	if from == "" && to == "" {
		return nil
	}
	var err1, err2 error
	page.From, err1 = strconv.Atoi(from)
	page.To, err2 = strconv.Atoi(to)
	if errors.Join(err1, err2) != nil {
		return errNotFound
	}
	a, err := c.versionOf(ctx, page.Document.ID, page.From)
	if err != nil {
		return err
	}
	b, err := c.versionOf(ctx, page.Document.ID, page.To)
	if err != nil {
		return err
	}
	page.Compared = page.diff(publication.Compare(a, b), at)
	return nil
}

func (c *Console) versionOf(ctx context.Context, id string, n int) (retrieval.Content, error) {
	d, text, clauses, err := c.Store.Version(ctx, id, n)
	return retrieval.Content{Document: d, Text: text, Clauses: clauses}, err
}

// proposeChange proposes something of a document that is there: other facts, its withdrawal, or the return to an
// earlier version.
func (c *Console) proposeChange(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form, id := r.PostForm, r.PathValue("id")
	u := publication.Upload{Kind: publication.Kind(form.Get("kind")), Document: id, Note: form.Get("note")}
	switch u.Kind {
	case publication.Facts:
		u.Facts = statedFacts(form, func(field string) string { return form.Get("was." + field) })
	case publication.Revert:
		u.Version, _ = strconv.Atoi(form.Get("version"))
	case publication.Withdraw:
	default:
		return problem(http.StatusBadRequest, "error.form")
	}
	return c.propose(w, r, u, func(wrong string) error {
		return c.showVersions(w, r, http.StatusUnprocessableEntity, wrong)
	})
}
