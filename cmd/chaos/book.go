//go:build linux

package main

import (
	"context"
	"errors"
	"path/filepath"

	"policybot/bot/journal"
	"policybot/bot/sqlite"
)

// withJournal opens the journal of a data folder for reading, beside the program if that runs.
func withJournal(ctx context.Context, data string, do func(*sqlite.DB) error) error {
	db, err := sqlite.Open(ctx, filepath.Join(data, sqlite.FileName), sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// readJournal reads what the journal of a data folder says of all its questions.
func readJournal(ctx context.Context, data string) (pages []page, err error) {
	err = withJournal(ctx, data, func(db *sqlite.DB) error {
		pages, err = readPages(ctx, db)
		return err
	})
	return pages, err
}

// countJournal counts what is under way.
func countJournal(ctx context.Context, data string) (c journal.Counts, err error) {
	err = withJournal(ctx, data, func(db *sqlite.DB) error {
		c, err = db.Count(ctx)
		return err
	})
	return c, err
}

// findEntries gives the questions whose text holds a mark, with all that happened to them.
func findEntries(ctx context.Context, data, mark string) (found []journal.Entry, err error) {
	err = withJournal(ctx, data, func(db *sqlite.DB) error {
		for q, err := range db.Entries(ctx, journal.Filter{Brief: true}) {
			if err != nil {
				return err
			}
			if markIn(q.Text) != mark {
				continue
			}
			e, err := db.Entry(ctx, q.ID)
			if err != nil {
				return err
			}
			found = append(found, e)
		}
		return nil
	})
	return found, err
}
