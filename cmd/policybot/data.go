package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"policybot/bot"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

// open opens the data folder, filling an empty one with the seeds, without its
// vectors. The caller closes what it returns.
func (a *app) open(ctx context.Context) (*retrieval.Library, func(), error) {
	lib, _, done, err := a.openStore(ctx, false)
	return lib, done, err
}

// openVectors is open with the vectors.
func (a *app) openVectors(ctx context.Context) (*retrieval.Library, func(), error) {
	lib, _, done, err := a.openStore(ctx, true)
	return lib, done, err
}

func (a *app) openStore(ctx context.Context, vectors bool) (*retrieval.Library, *sqlite.DB, func(), error) {
	if err := os.MkdirAll(a.data, 0o755); err != nil {
		return nil, nil, nil, &messageError{"data_folder", []any{a.data, err}}
	}
	if err := a.whole(); err != nil {
		return nil, nil, nil, err
	}
	db, err := sqlite.Open(ctx, filepath.Join(a.data, sqlite.FileName), sqlite.Options{})
	if err != nil {
		return nil, nil, nil, err
	}
	lib, err := a.library(ctx, db, vectors)
	if err != nil {
		db.Close()
		return nil, nil, nil, err
	}
	return lib, db, func() { db.Close() }, nil
}

func (a *app) library(ctx context.Context, db *sqlite.DB, vectors bool) (*retrieval.Library, error) {
	held, err := db.Documents(ctx)
	if err != nil {
		return nil, err
	}
	lib := retrieval.New(db, a.data)
	if vectors {
		a.useVectors(lib, db)
	}
	if held, err = a.seed(ctx, lib, held); err != nil {
		return nil, err
	}
	if err := a.seedMeasures(ctx, lib, db, held); err != nil {
		return nil, err
	}
	return lib, lib.Refresh(ctx)
}

// seed adds the documents of package seeds to a library that has nothing else, and
// gives what the library then holds. It also completes a seeding that was cut short.
func (a *app) seed(ctx context.Context, lib *retrieval.Library, held []retrieval.Document) ([]retrieval.Document, error) {
	cat, err := seedCatalogue()
	if err != nil {
		return nil, err
	}
	gone, err := lib.Withdrawn(ctx)
	if err != nil {
		return nil, err
	}
	files, ids, there := cat.Files(), documentsOf(cat), map[string]bool{}
	for _, d := range slices.Concat(held, gone) {
		if !ids[d.ID] {
			return held, nil
		}
		there[d.ID] = true
	}
	if len(there) == len(files) {
		return held, nil
	}
	for _, f := range files {
		if e, _ := cat.Entry(f); there[e.ID] { // as people have left it
			continue
		}
		data, err := fs.ReadFile(seeds.FS(), f)
		if err != nil {
			return nil, err
		}
		if _, err := lib.Add(ctx, retrieval.File{Source: f, Data: data, Facts: facts(cat, f)}); err != nil {
			return nil, err
		}
	}
	return lib.Documents(ctx)
}

// documentsOf are the ids of the documents that a catalogue names.
func documentsOf(cat catalogue.Catalogue) map[string]bool {
	ids := map[string]bool{}
	for _, f := range cat.Files() {
		e, _ := cat.Entry(f)
		ids[e.ID] = true
	}
	return ids
}

const catalogueName = "catalogue.yaml"

var seedCatalogue = sync.OnceValues(func() (catalogue.Catalogue, error) { return readCatalogue(seeds.FS(), catalogueName) })

func readCatalogue(dir fs.FS, name string) (catalogue.Catalogue, error) {
	f, err := dir.Open(name)
	if err != nil {
		return catalogue.Catalogue{}, err
	}
	defer f.Close()
	return catalogue.Read(f, name)
}

// facts gives what a catalogue knows of a file to retrieval.
func facts(cat catalogue.Catalogue, file string) func(*retrieval.Document) bool {
	return func(d *retrieval.Document) bool { return cat.Apply(file, d) }
}

// desk opens the data folder for answering.
func (a *app) desk(ctx context.Context) (*bot.Desk, func(), error) {
	pages, err := a.pages()
	if err != nil {
		return nil, nil, err
	}
	lib, db, done, err := a.openStore(ctx, true)
	if err != nil {
		return nil, nil, err
	}
	a.remarks(lib)
	w, err := a.writing(nil, nil)
	if err != nil {
		done()
		return nil, nil, err
	}
	return &bot.Desk{Library: lib, Pages: pages, Writing: w, Measures: &register.Register{Store: db, Library: lib}}, done, nil
}

// change opens the data folder with its vectors, waits until no other run writes
// to it, and carries out do on what there is then.
func (a *app) change(ctx context.Context, do func(*retrieval.Library, *sqlite.DB) error) error {
	lib, db, done, err := a.openStore(ctx, true)
	if err != nil {
		return err
	}
	defer done()
	release, err := a.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := lib.Refresh(ctx); err != nil {
		return err
	}
	return do(lib, db)
}

// lock waits until no other run writes to the data folder.
func (a *app) lock(ctx context.Context) (release func(), err error) {
	release, err = lockFile(ctx, filepath.Join(a.data, lockName), func() { fmt.Fprintln(a.err, a.msg("index_waits")) })
	switch {
	case errors.Is(err, context.Canceled):
		return nil, &messageError{name: "interrupted"}
	case err != nil:
		return nil, &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	return release, nil
}

// isMissing reports whether a database could not be opened because there is none.
func (a *app) isMissing(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Kind == sqlite.Missing
}
