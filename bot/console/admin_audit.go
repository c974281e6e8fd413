package console

import (
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/export"
)

// auditData is the page of the audit.
type auditData struct {
	View
	Entries  []auditView
	Filter   url.Values // as it was sent
	Names    []string   // of what is done
	Older    string     // address of the next page, "" for none
	Chosen   url.Values // what of the filter an export goes by
	Verified *verified
}

// An auditView is one entry of the audit.
type auditView struct {
	accounts.Entry
	Time, Machine string
	Words         string // of Detail
}

// A verified says what became of checking the audit.
type verified struct {
	Count int64
	Head  string
	Bad   int64 // first entry that is not as it was written; 0: all are
}

// auditNames are what entries of the audit say was done, for choosing.
var auditNames = []string{
	accounts.DidCreate, accounts.DidRole, accounts.DidDisable, accounts.DidEnable, accounts.DidReset, accounts.DidPassword, accounts.DidBind,
	accounts.DidEnter, accounts.DidLeave, accounts.DidLeaveAll, accounts.DidHold, accounts.DidSetup, accounts.DidFirst, accounts.DidRestore,
	didPauseAnswers, didResumeAnswers, didChangeSetting, didSetWords, didUndoWords, didApproveMeasure, didRejectMeasure, didErasePerson, didExportAudit,
	didOpen, didAssign, didSave, didSubmit, didReturn, didApprove, didSend, didForce, didClose,
	didReview, didMakeEntry, didUndoEntry, didMarkGap, didHandGap, didExportLog, didSaveView, didDeleteView,
	didAddGolden, didChangeGolden, didRemoveGolden, didExportGolden, didRunGolden, didCancelRun,
	didDocument + "propose", didDocument + "publish", didDocument + "reject", didDocument + "take_back", didDocument + "roll_back",
	DidIndex, DidImport, DidDraft, DidBuildVectors, DidUndoVectors, DidStopVectors, DidDropVectors,
}

// auditPage lists the audit, newest first.
func (c *Console) auditPage(w http.ResponseWriter, r *http.Request) error {
	return c.showAudit(w, r, nil)
}

func (c *Console) showAudit(w http.ResponseWriter, r *http.Request, result *verified) error {
	form := r.URL.Query()
	list, err := c.Accounts.Entries(r.Context(), auditChoice(form))
	if err != nil {
		return err
	}
	page := auditData{View: c.adminView(r), Filter: form, Names: auditNames, Verified: result}
	page.at = "/admin/audit"
	for _, e := range list {
		page.Entries = append(page.Entries, auditView{e, e.At.Local().Format(time.DateTime), page.Machine(e.At), page.auditDetail(e.Detail)})
	}
	kept := url.Values{}
	for _, name := range []string{"by", "does", "object", "since", "until"} {
		if value := form.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	page.Chosen = maps.Clone(kept)
	if len(list) == accounts.PageEntries {
		kept.Set("before", strconv.FormatInt(list[len(list)-1].Seq, 10))
		page.Older = "/admin/audit?" + kept.Encode()
	}
	return c.show(w, r, http.StatusOK, "adminaudit", page)
}

// auditChoice is what a form chooses of the audit. Days are those of the server; until is the last day that counts.
func auditChoice(form url.Values) accounts.Filter {
	f := accounts.Filter{By: form.Get("by"), Does: form.Get("does"), Object: form.Get("object")}
	if day, err := time.ParseInLocation(time.DateOnly, form.Get("since"), time.Local); err == nil {
		f.Since = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, form.Get("until"), time.Local); err == nil {
		f.Until = day.AddDate(0, 0, 1)
	}
	f.Before, _ = strconv.ParseInt(form.Get("before"), 10, 64)
	return f
}

// auditChosen tells in the audit what of it is exported: which fields choose, and the days.
func auditChosen(f accounts.Filter) string {
	given := func(value string) string {
		if value == "" {
			return ""
		}
		return "…"
	}
	day := func(t time.Time, before int) string {
		if t.IsZero() {
			return ""
		}
		return t.AddDate(0, 0, -before).Format(time.DateOnly)
	}
	does := given(f.Does)
	if slices.Contains(auditNames, f.Does) {
		does = f.Does
	}
	return accounts.Facts("by", given(f.By), "does", does, "object", given(f.Object), "since", day(f.Since, 0), "until", day(f.Until, 1))
}

// verifyAudit reads the whole audit and tells whether it is as it was written.
func (c *Console) verifyAudit(w http.ResponseWriter, r *http.Request) error {
	var kept []accounts.Head
	if c.Admin.Heads != nil {
		var err error
		if kept, err = c.Admin.Heads(); err != nil {
			return err
		}
	}
	head, err := c.Accounts.Verify(r.Context(), kept...)
	result := verified{Count: head.Count, Head: head.String()}
	if bad, ok := errors.AsType[*accounts.BadRow](err); ok {
		result.Bad = bad.Seq
	} else if err != nil {
		return err
	}
	return c.showAudit(w, r, &result)
}

// exportAudit sends what the filter chooses as CSV, newest first. Cells that a spreadsheet would take for
// formulas are guarded.
func (c *Console) exportAudit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	f := auditChoice(r.PostForm)
	f.Limit = accounts.MaxPageEntries
	list, err := c.Accounts.Entries(r.Context(), f)
	if err != nil {
		return err
	}
	if err := c.record(r, didExportAudit, "audit", auditChosen(f)); err != nil {
		return err
	}
	attach(w, export.CSV.MediaType(), "policybot-audit-"+c.Now().Format(time.DateOnly)+".csv")
	return writeAudit(w, list, func() ([]accounts.Entry, error) {
		if len(list) < f.Limit {
			return nil, nil
		}
		f.Before = list[len(list)-1].Seq
		list, err = c.Accounts.Entries(r.Context(), f)
		return list, err
	})
}

// writeAudit writes entries, and those that more gives until it gives none.
func writeAudit(w io.Writer, list []accounts.Entry, more func() ([]accounts.Entry, error)) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil // the reader went away
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write([]string{"seq", "at", "by", "does", "object", "detail", "from"})
	for len(list) > 0 {
		for _, e := range list {
			cells := []string{strconv.FormatInt(e.Seq, 10), e.At.Format(time.RFC3339Nano), e.By, e.Does, e.Object, e.Detail, e.From}
			for i := range cells {
				cells[i] = export.Guard(cells[i])
			}
			_ = out.Write(cells) // the writer keeps its error
		}
		next, err := more()
		if err != nil {
			return err
		}
		list = next
	}
	out.Flush()
	return nil
}
