package console

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/retrieval/publication"
)

// queue is the proposals, with the rule of who may publish as it is now.
func (c *Console) queue(ctx context.Context) (*publication.Queue, error) {
	if c.Store == nil {
		return nil, errNotFound
	}
	alone, err := c.switchedOn(ctx, SettingAlone)
	return publication.New(c.Store, c.Library, publication.Options{Alone: alone, Now: c.Now}), err
}

// proposalsData is the page of all documents and proposals.
type proposalsData struct {
	View
	States    []option // with how many proposals each
	State     string
	Proposals []proposalLine
	Documents []documentLine
	Gone      []documentLine // withdrawn
	For       string         // document that a new version is uploaded of
	Fields    []factField
	Limit     int // of a file, in MB
	Wrong     string
	Done      string
}

// A proposalLine is a proposal in a list.
type proposalLine struct {
	publication.Proposal
	URL, When, Size string
}

func (v View) proposalLine(p publication.Proposal) proposalLine {
	return proposalLine{p, proposalURL(p.ID), v.Time(p.At), size(int64(p.Size))}
}

func proposalURL(id string) string { return "/admin/documents/proposals/" + url.PathEscape(id) }

// proposalStates are the states of proposals in the order of the page.
var proposalStates = []publication.State{
	publication.Proposed, publication.Published, publication.Rejected, publication.RolledBack, publication.Withdrawn,
}

// proposalsPage lists documents and proposals.
func (c *Console) proposalsPage(w http.ResponseWriter, r *http.Request) error {
	return c.showProposals(w, r, http.StatusOK, "")
}

func (c *Console) showProposals(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	q, err := c.queue(r.Context())
	if err != nil {
		return err
	}
	all, err := q.List(r.Context(), "")
	if err != nil {
		return err
	}
	form := r.URL.Query()
	page := proposalsData{View: c.adminView(r), State: form.Get("state"), For: form.Get("document"), Limit: retrieval.MaxBytes >> 20, Wrong: wrong}
	page.at, page.Done = "/admin/documents", page.done(r, "done")
	page.Fields = page.documentFields(retrieval.Document{})
	if !slices.Contains(proposalStates, publication.State(page.State)) {
		page.State = string(publication.Proposed)
	}
	for _, state := range proposalStates {
		n := count(all, func(p publication.Proposal) bool { return p.State == state })
		page.States = append(page.States, option{string(state), page.Named("proposal", string(state)), n})
	}
	for _, p := range all {
		if string(p.State) == page.State {
			page.Proposals = append(page.Proposals, page.proposalLine(p))
		}
	}
	if err := c.listDocuments(r.Context(), &page); err != nil {
		return err
	}
	return c.show(w, r, status, "admindocuments", page)
}

// listDocuments adds the documents of the library, and those that are withdrawn.
func (c *Console) listDocuments(ctx context.Context, page *proposalsData) error {
	docs, err := c.Library.Documents(ctx)
	if err != nil {
		return err
	}
	gone, err := c.Library.Withdrawn(ctx)
	if err != nil {
		return err
	}
	for _, d := range docs {
		page.Documents = append(page.Documents, page.adminDocument(d))
	}
	for _, d := range gone {
		page.Gone = append(page.Gone, page.adminDocument(d))
	}
	return nil
}

// adminDocument is a document as the pages for administrators link it.
func (v View) adminDocument(d retrieval.Document) documentLine {
	line := v.documentLine(d)
	line.URL = adminDocumentURL(d.ID)
	return line
}

func adminDocumentURL(id string) string { return "/admin/documents/" + url.PathEscape(id) }

// A factField is one fact of a document as a field of a form.
type factField struct {
	Name, Label, Hint string
	Value             string
	Options           []option // of a closed list
}

// documentFields are the facts that a person may state of a document, with what is known of it.
func (v View) documentFields(d retrieval.Document) []factField {
	known := map[string]string{
		"title": d.Title, "number": d.Number, "issuer": d.Issuer, "issued_on": d.IssuedOn, "valid_from": d.ValidFrom,
		"valid_until": d.ValidUntil, "deadline": d.Deadline, "jurisdiction": d.Jurisdiction, "language": d.Language, "kind": d.Kind,
	}
	if d.TargetYear > 0 {
		known["target_year"] = strconv.Itoa(d.TargetYear)
	}
	for name, is := range map[string]bool{"translated": d.Translated, "repealed": d.Repealed} {
		if d.ID != "" {
			known[name] = strconv.FormatBool(is)
		}
	}
	var out []factField
	for _, name := range catalogue.Fields() {
		f := factField{Name: name, Label: v.T("field." + name), Value: known[name]}
		switch name {
		case "language":
			f.Options = v.options("language", "zh", "en", "mixed")
		case "kind":
			f.Options = v.options("kind", retrieval.KindPlan, retrieval.KindOpinions, retrieval.KindMeasures, retrieval.KindNotice,
				retrieval.KindGuide, retrieval.KindFAQ, retrieval.KindTranscript, retrieval.KindOther)
		case "translated", "repealed":
			f.Options = v.options("bool", "true", "false")
		case "issued_on", "valid_from", "valid_until", "deadline":
			f.Hint = v.T("field.date_hint")
		case "target_year":
			f.Hint = v.T("field.year_hint")
		}
		out = append(out, f)
	}
	return out
}

// options are the values of a closed list with their names.
func (v View) options(group string, values ...string) []option {
	var out []option
	for _, value := range values {
		out = append(out, option{Value: value, Label: v.Named(group, value)})
	}
	return out
}

// statedFacts are the facts that a form states: those whose value is another than the one known, as known gives it.
func statedFacts(form url.Values, known func(field string) string) []publication.Fact {
	var out []publication.Fact
	for _, field := range catalogue.Fields() {
		if !form.Has("is." + field) {
			continue
		}
		value := strings.TrimSpace(form.Get("is." + field))
		if value != known(field) {
			out = append(out, publication.Fact{Field: field, Value: value, Where: strings.TrimSpace(form.Get("from." + field))})
		}
	}
	return out
}

// uploadTime is how long a browser may take to send a file.
const uploadTime = 5 * time.Minute

// maxUpload is how much of a request with a file is read at all: what is beyond a file's limit is read too, so that
// the browser takes the sentence that refuses it.
const maxUpload = 4 * retrieval.MaxBytes

// upload proposes a file as a document or as the next version of one.
func (c *Console) upload(w http.ResponseWriter, r *http.Request) error {
	done, err := c.oneUpload(r.Context())
	if err != nil {
		return err
	}
	defer done()
	form, name, data, err := readUpload(w, r)
	if err != nil {
		return err
	}
	u := publication.Upload{
		Kind: publication.Document, Document: strings.TrimSpace(form.Get("document")), Name: name, Data: data, Note: form.Get("note"),
		Facts: statedFacts(form, func(string) string { return "" }),
	}
	if u.Document == "" {
		u.Document = strings.TrimSpace(form.Get("id"))
	}
	return c.propose(w, r, u, func(wrong string) error {
		return c.showProposals(w, r, http.StatusUnprocessableEntity, wrong)
	})
}

// uploadWait is how long a request with a file waits for the one before it.
const uploadWait = 5 * time.Second

// oneUpload lets one file at a time be read and looked at: each may take a good deal of memory. The caller calls done.
func (c *Console) oneUpload(ctx context.Context) (done func(), err error) {
	wait := time.NewTimer(uploadWait)
	defer wait.Stop()
	select {
	case c.uploading <- struct{}{}:
		return func() { <-c.uploading }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, problem(http.StatusServiceUnavailable, "upload.busy")
	}
}

// readUpload reads a form with a file, which is kept in memory and nowhere else. Of the name only what people are
// shown is used.
func readUpload(w http.ResponseWriter, r *http.Request) (form url.Values, name string, data []byte, err error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime)) // where the server can
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, "", nil, problem(http.StatusBadRequest, "error.form")
	}
	form, left := url.Values{}, int64(maxForm)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && name != "" {
			return form, name, data, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, "", nil, problem(http.StatusBadRequest, "upload.none")
		}
		if err != nil {
			return nil, "", nil, uploadProblem(err)
		}
		if part.FormName() != "file" {
			value, err := io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value)); err != nil || left < 0 {
				return nil, "", nil, problem(http.StatusBadRequest, "error.form")
			}
			form.Add(part.FormName(), strings.ToValidUTF8(string(value), "\ufffd"))
			continue
		}
		if name, data, err = readFile(part); err != nil {
			return nil, "", nil, err
		}
	}
}

// readFile reads the file of an upload.
func readFile(part *multipart.Part) (name string, data []byte, err error) {
	data, err = io.ReadAll(io.LimitReader(part, retrieval.MaxBytes+1))
	if err != nil {
		return "", nil, uploadProblem(err)
	}
	if len(data) > retrieval.MaxBytes {
		_, _ = io.Copy(io.Discard, part) // so that the browser reads what follows
		return "", nil, problem(http.StatusRequestEntityTooLarge, "upload.size", retrieval.MaxBytes>>20)
	}
	return part.FileName(), data, nil
}

// uploadProblem is an error of reading a request as a sentence.
func uploadProblem(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, "upload.size", retrieval.MaxBytes>>20)
	}
	return problem(http.StatusBadRequest, "error.form")
}

// propose makes a proposal of the reader. again shows the form once more with what was wrong.
func (c *Console) propose(w http.ResponseWriter, r *http.Request, u publication.Upload, again func(wrong string) error) error {
	q, err := c.queue(r.Context())
	if err != nil {
		return err
	}
	u.By = by(r).Name
	var done publication.Done
	err = c.entering(r, q.Alone(), func(ctx context.Context, q *publication.Queue) (err error) {
		done, err = q.Propose(ctx, u)
		return err
	})
	if err != nil {
		if wrong := c.view(r).publicationWrong(err); wrong != "" {
			return again(wrong)
		}
		return err
	}
	return seeOther(w, r, proposalURL(done.Proposal.ID))
}

// entering is change for what is done with proposals; see [Entering]. What was decided is so even when the browser goes
// away meanwhile.
func (c *Console) entering(r *http.Request, alone bool, do func(context.Context, *publication.Queue) error) error {
	ctx := context.WithoutCancel(r.Context())
	return Entering(ctx, c.Accounts, c.entry(r, "", "", ""), func(before Before) *publication.Queue {
		return publication.New(c.Store, c.Library, publication.Options{Alone: alone, Now: c.Now, Before: before})
	}, func(q *publication.Queue) error { return do(ctx, q) })
}

// Before is told what a queue of proposals is about to store, see [publication.Options].
type Before = func(context.Context, publication.Event) error

// Entering has something done with a queue of proposals, which is made to tell before what it is about to store, once that
// is found to be in order: then it is entered in the audit, as by whom e says. What was stored, but is not searched yet, is
// in the audit without a row of failure; the error is returned.
func Entering(ctx context.Context, book *accounts.Book, e accounts.Entry, queue func(Before) *publication.Queue, do func(*publication.Queue) error) error {
	var later error // it is done
	err := book.Changing(ctx, e, func(enter accounts.Enter) error {
		err := do(queue(func(_ context.Context, e publication.Event) error {
			return enter(didDocument+e.Does, e.Object, e.Detail)
		}))
		if errors.Is(err, publication.ErrNotSearchable) {
			later, err = err, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return later
}

// publicationWrong words why something was not proposed or decided; "" for an error that is not for people.
func (v View) publicationWrong(err error) string {
	if e, ok := errors.AsType[*publication.ConflictError](err); ok {
		return v.T("proposal.conflict", e.Document, e.Base, e.Current)
	}
	if e, ok := errors.AsType[*publication.NewerError](err); ok {
		return v.T("proposal.newer", e.Document, e.Current)
	}
	if e, ok := errors.AsType[*publication.StateError](err); ok {
		return v.T("proposal.state_now", v.Named("proposal", string(e.State)))
	}
	if e, ok := errors.AsType[*publication.FactError](err); ok {
		if _, known := words[v.Lang]["field."+e.Field]; known {
			return v.T("proposal.fact_bad", v.T("field."+e.Field), v.T("field.rule_"+ruleOf(e.Field)))
		}
		return v.T("error.form")
	}
	if e, ok := errors.AsType[*retrieval.Refusal](err); ok {
		return v.T("refusal."+string(e.Code), refusalValues(e)...)
	}
	for _, known := range publicationSentences {
		if errors.Is(err, known.err) {
			return v.T(known.name)
		}
	}
	return ""
}

// publicationSentences are the sentences of errors of package publication.
var publicationSentences = []struct {
	err  error
	name string
}{
	{publication.ErrSamePerson, "proposal.same_person"},
	{publication.ErrNoReason, "proposal.no_reason"},
	{publication.ErrOther, "proposal.other"},
	{publication.ErrNoChange, "proposal.no_change"},
	{publication.ErrTooMany, "proposal.too_many"},
	{publication.ErrBadID, "proposal.bad_id"},
	{publication.ErrReadOtherwise, "proposal.otherwise"},
	{publication.ErrNotSearchable, "proposal.not_searched"},
	{publication.ErrNoDocument, "proposal.no_document"},
	{publication.ErrNoVersion, "proposal.no_version"},
}

// ruleOf names the rule of a fact's value.
func ruleOf(field string) string {
	switch field {
	case "issued_on", "valid_from", "valid_until", "deadline":
		return "date"
	case "target_year":
		return "year"
	case "title":
		return "title"
	}
	return "line"
}

// refusalValues are what the sentence of a refusal has besides.
func refusalValues(e *retrieval.Refusal) []any {
	if e.Code == retrieval.RefusedEmpty {
		return nil
	}
	return []any{e.Detail}
}

// recallAge is how far back past answers are looked at when documents change.
const recallAge = 90 * 24 * time.Hour

// logURL is the log of questions, narrowed down to what cites a clause or a document.
func logURL(field, value string, since time.Time) string {
	return "/ops/log?" + url.Values{field: {value}, "since": {since.Format(time.DateOnly)}}.Encode()
}
