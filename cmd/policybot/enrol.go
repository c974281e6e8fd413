package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"policybot/bot/console"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/draft"
	"policybot/bot/eligibility/register"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

// measuresName is the file beside documents in which people state what they offer.
const measuresName = "measures.yaml"

// drafter makes measures out of the clauses of a document that nobody has reviewed.
var drafter = draft.Clauses

// stampKind is the kind of attachment that tells which measures of the seeds have been
// added, and to which documents.
const stampKind = "measures.seeded"

// seedMeasures adds the measures of package seeds whose documents the library has. Like
// documents, they are added by one run at a time, and only where there is something to
// add.
func (a *app) seedMeasures(ctx context.Context, lib *retrieval.Library, db *sqlite.DB, held []retrieval.Document) error {
	text, err := fs.ReadFile(seeds.FS(), measuresName)
	if err != nil {
		return err
	}
	cat, err := seedCatalogue()
	if err != nil {
		return err
	}
	ours, ids := documentsOf(cat), []string(nil)
	for _, d := range held {
		if ours[d.ID] {
			ids = append(ids, d.ID)
		}
	}
	sum := sha256.Sum256(text)
	stamp := hex.EncodeToString(sum[:16]) + " " + strings.Join(ids, " ")
	if done, err := stamped(ctx, db, stamp); err != nil || done || len(ids) == 0 {
		return err
	}
	release, err := a.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if done, err := stamped(ctx, db, stamp); err != nil || done {
		return err
	}
	all, err := eligibility.Read(strings.NewReader(string(text)), measuresName)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m eligibility.Measure) bool { return !slices.Contains(ids, m.Document) })
	r := &register.Register{Store: db, Library: lib}
	if err := r.Seed(ctx, measuresName, all, now()); err != nil {
		return err
	}
	return db.PutAttachments(ctx, retrieval.Attachment{Kind: stampKind, ID: measuresName, Data: []byte(stamp)})
}

// stamped reports whether the measures of the seeds have been added.
func stamped(ctx context.Context, db *sqlite.DB, stamp string) (bool, error) {
	list, err := db.Attachments(ctx, stampKind)
	return err == nil && len(list) == 1 && string(list[0].Data) == stamp, err
}

// added notes a document that an indexer has seen.
func (x *indexer) added(l indexLine) {
	switch l.Result {
	case string(retrieval.Added), string(retrieval.NewVersion):
		x.changed = append(x.changed, l.Document)
	case string(retrieval.Unchanged):
		x.same = append(x.same, l.Document)
	}
}

// measures takes over the files of measures beside the documents, and drafts measures of
// documents that have none from a file.
func (x *indexer) measures(ctx context.Context, named []string) error {
	for dir, shown := range x.folders {
		path := filepath.Join(shown, measuresName)
		if _, err := os.Stat(filepath.Join(dir, measuresName)); err == nil {
			named = append(named, path)
		}
	}
	slices.Sort(named)
	seen := map[string]bool{}
	for _, path := range named {
		absolute, err := filepath.Abs(path)
		if err != nil || seen[absolute] {
			continue
		}
		seen[absolute] = true
		if err := x.importFile(ctx, path); err != nil {
			return err
		}
	}
	if x.broken != nil { // what it means to say is drafted by nobody else
		return nil
	}
	return x.draftMeasures(ctx)
}

// importFile takes over a file of measures and prints its line. Measures of documents
// that its catalogue names and the library does not have are left for later. The error
// is one that other files would meet too; a mistake in this one is kept in x.broken.
func (x *indexer) importFile(ctx context.Context, path string) error {
	line := indexLine{Path: path, Result: resultImported}
	list, err := x.readMeasures(path)
	if err == nil {
		if list, line.Later, err = x.present(ctx, path, list); err != nil {
			return err
		}
		line.Measures = len(list)
		line.New, err = x.trail.measures(ctx, x.register, console.DidImport, func(r *register.Register) (int, error) {
			return r.Import(ctx, measuresName, list, x.person(), now())
		})
	}
	at, broken := errors.AsType[*eligibility.FileError](err)
	if broken {
		err = &messageError{"measures_bad", []any{at}}
	}
	if said, ok := errors.AsType[*messageError](err); ok {
		x.broken = said
		line = indexLine{Path: path, Result: resultRefused, Reason: oneLine(x.explain(said))}
	} else if err != nil {
		return err
	}
	if x.json {
		return x.printJSON(line)
	}
	text := x.msg(resultRefused, line.Reason) + "  " + path
	if line.Result == resultImported {
		text = x.msg("me_imported", path, line.Measures, line.New)
		if line.Later > 0 {
			text += "  " + x.msg("me_later", line.Later)
		}
	}
	_, err = fmt.Fprintln(x.out, terminal.Clean(strings.ReplaceAll(text, "\n", "\ufffd"))) // as the lines of documents
	return err
}

// present are the measures without those of documents that the catalogue beside their
// file names and the library does not have, and how many those are.
func (x *indexer) present(ctx context.Context, path string, list []eligibility.Measure) ([]eligibility.Measure, int, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return list, 0, err
	}
	cat, err := x.catalogue(filepath.Dir(absolute))
	if err != nil {
		cat = catalogue.Catalogue{} // the lines of its documents tell what is wrong with it
	}
	later := documentsOf(cat)
	docs, err := x.lib.Documents(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, d := range docs {
		delete(later, d.ID)
	}
	all := len(list)
	list = slices.DeleteFunc(list, func(m eligibility.Measure) bool { return later[m.Document] })
	return list, all - len(list), nil
}

// draftMeasures drafts measures of documents that were added or changed, and of those that the
// register knows nothing of.
func (x *indexer) draftMeasures(ctx context.Context) error {
	if len(x.changed)+len(x.same) == 0 {
		return nil
	}
	known, err := x.register.Documents(ctx)
	if err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Clone(x.changed), func(id string) bool { return known[id] })
	for _, id := range x.same {
		if _, ok := known[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var list []eligibility.Measure
	for _, id := range slices.Compact(ids) {
		clauses, err := x.register.Store.Clauses(ctx, id)
		if err != nil {
			return err
		}
		if len(clauses) > 0 {
			list = append(list, drafter(clauses[0].Document, clauses)...)
		}
	}
	x.drafted, err = x.trail.measures(ctx, x.register, console.DidDraft, func(r *register.Register) (int, error) {
		return r.Draft(ctx, list, register.Rules, now())
	})
	return err
}

// awaiting prints how many measures await review, when there are new ones, and how many
// that were approved do not fit the text any more.
func (x *indexer) awaiting(ctx context.Context) error {
	if x.json {
		return nil
	}
	if x.drafted > 0 {
		n, err := x.register.Count(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(x.out, x.msg("me_awaiting", x.drafted, n[register.Draft]))
	}
	if len(x.changed) == 0 {
		return nil
	}
	list, err := x.register.List(ctx)
	if err != nil {
		return err
	}
	stale := 0
	for _, l := range list {
		if l.Stale() && l.State == register.Approved {
			stale++
		}
	}
	if stale > 0 {
		fmt.Fprintln(x.out, x.msg("me_stale_now", stale))
	}
	return nil
}
