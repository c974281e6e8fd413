package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
)

// scrubPages is how many pages of the file are looked at in one transaction.
const scrubPages = 1000

// mostPages is how many pages a file can have for scrub to tell their kinds: 128 GB.
const mostPages = 1<<25 - 1

// Counters of clearAway.
const (
	deletions  = "deletions"  // transactions that deleted
	clearances = "clearances" // of these those whose traces are cleared
)

// clearAway removes from the files what is deleted and still lies somewhere,
// if there may be anything.
func (db *DB) clearAway(ctx context.Context) error {
	var deleted, cleared int64
	if err := db.read(ctx, "look for what was deleted", func(t tx) error {
		var err error
		if deleted, err = t.last(deletions); err != nil {
			return err
		}
		cleared, err = t.last(clearances)
		return err
	}); err != nil || cleared == deleted {
		return err
	}
	if err := db.scrub(ctx); err != nil {
		return err
	}
	if err := db.file.Checkpoint(ctx); err != nil {
		return err
	}
	return db.update(ctx, "note what was cleared", func(t tx) error {
		return t.exec(`INSERT INTO counters (workspace, name, value) VALUES (?, ?, ?)
			ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value`, workspace, clearances, deleted)
	})
}

// scrub overwrites with zeros what SQLite left in the unused middle of its
// pages. The setting secure_delete clears what is deleted where it lies. But
// when SQLite moves rows to another page to keep its trees in balance, copies
// of them stay in the middle of the page where they were, and a row that is
// deleted later lives on there. Only bytes that belong to no row are changed.
// The time grows with the size of the file; others write between.
func (db *DB) scrub(ctx context.Context) error {
	for first, last := int64(1), int64(1); first <= last; first += scrubPages {
		err := db.update(ctx, "clear unused bytes", func(t tx) error {
			var err error
			if last, err = t.number(`PRAGMA page_count`); err != nil {
				return err
			}
			if last > mostPages {
				return fmt.Errorf("the file has %d pages, more than the %d in which this can be done; copy it with VACUUM INTO", last, mostPages)
			}
			return t.scrub(first, min(last, first+scrubPages-1))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scrub clears the pages from first to last.
func (t tx) scrub(first, last int64) error {
	type page struct {
		number int64
		data   []byte
	}
	var dirty []page
	var number int64
	var data sql.RawBytes
	if err := t.each(`WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
		SELECT p.pgno, p.data FROM numbers CROSS JOIN sqlite_dbpage p WHERE p.pgno = n`,
		[]any{first, last}, []any{&number, &data}, func() {
			if from, to := unused(number, data); slices.ContainsFunc(data[from:to], func(b byte) bool { return b != 0 }) {
				p := page{number, slices.Clone(data)}
				clear(p.data[from:to])
				dirty = append(dirty, p)
			}
		}); err != nil {
		return err
	}
	for _, p := range dirty {
		if err := t.exec(`UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?`, p.data, p.number); err != nil {
			return err
		}
	}
	return nil
}

// Of the file format of SQLite (https://www.sqlite.org/fileformat2.html#b_tree_pages).
const (
	fileHeader     = 100 // bytes before the header of page 1
	leafHeader     = 8   // bytes of the header of a page without children
	interiorHeader = 12  // and of one with
	cellsAt        = 3   // offset in the header of the number of cells
	contentAt      = 5   // and of where their content begins
)

// unused gives the part of a page between the list of its cells and their
// content, none of a page that holds no cells. Kinds of page are told by their
// first byte; in pages of other kinds it is the highest byte of a page number,
// which is less than 2 with at most mostPages.
func unused(number int64, page []byte) (from, to int) {
	at := 0
	if number == 1 {
		at = fileHeader
	}
	if len(page) < at+interiorHeader {
		return 0, 0
	}
	header := leafHeader
	switch page[at] {
	case 2, 5: // interior, of an index or a table
		header = interiorHeader
	case 10, 13: // leaf, of an index or a table
	default:
		return 0, 0
	}
	from = at + header + 2*int(binary.BigEndian.Uint16(page[at+cellsAt:]))
	to = int(binary.BigEndian.Uint16(page[at+contentAt:]))
	if to == 0 {
		to = len(page) // 65536, which does not fit
	}
	if from > to || to > len(page) {
		return 0, 0
	}
	return from, to
}
