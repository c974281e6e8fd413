package sqlite

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"

	"policybot/bot/accounts"
)

// A digest keeps a SHA-256 in a column of bytes.
type digest struct{ d *accounts.Digest }

// Value implements driver.Valuer.
func (d digest) Value() (driver.Value, error) { return d.d[:], nil }

// Scan implements sql.Scanner.
func (d digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d.d) {
		return fmt.Errorf("column holds %T, want %d bytes", src, len(d.d))
	}
	copy(d.d[:], b)
	return nil
}

// entryNames are the columns of the audit in the order of entryFields.
var entryNames = []string{"seq", "at_time", "who", "does", "object", "detail", "address", "hash"}

func entryFields(e *accounts.Entry) []any {
	return []any{&e.Seq, instant{&e.At}, &e.By, &e.Does, &e.Object, &e.Detail, &e.From, digest{&e.Hash}}
}

var (
	entryQuery  = `SELECT ` + columns("", entryNames) + ` FROM audit WHERE workspace = ? `
	insertEntry = `INSERT INTO audit (` + columns("", entryNames) + `, workspace) VALUES (` + marks(len(entryNames)) + `, ?)`
)

// Last implements [accounts.Trail].
func (a accountsTx) Last() (accounts.Entry, error) {
	var e accounts.Entry
	_, err := a.t.get(entryQuery+`ORDER BY seq DESC LIMIT 1`, []any{workspace}, entryFields(&e))
	return e, err
}

// Append implements [accounts.Trail].
func (a accountsTx) Append(e accounts.Entry) error {
	last, err := a.t.number(`SELECT MAX(seq) FROM audit WHERE workspace = ?`, workspace)
	if err != nil {
		return err
	}
	if e.Seq <= last {
		return fmt.Errorf("entry %d after %d", e.Seq, last)
	}
	return a.t.exec(insertEntry, append(entryFields(&e), workspace)...)
}

// Entries implements [accounts.Trail].
func (a accountsTx) Entries(f accounts.Filter) ([]accounts.Entry, error) {
	var where strings.Builder
	args := []any{workspace}
	add := func(chosen bool, condition string, arg any) {
		if chosen {
			where.WriteString(condition)
			args = append(args, arg)
		}
	}
	add(f.By != "", `AND who = ? `, f.By)
	add(f.Does != "", `AND does = ? `, f.Does)
	add(f.Object != "", `AND object = ? `, f.Object)
	add(!f.Since.IsZero(), `AND at_time >= ? `, instant{&f.Since})
	add(!f.Until.IsZero(), `AND at_time < ? `, instant{&f.Until})
	add(f.Before != 0, `AND seq < ? `, f.Before)
	limit := int64(math.MaxInt64)
	if f.Limit > 0 {
		limit = int64(f.Limit)
	}
	var list []accounts.Entry
	var e accounts.Entry
	err := a.t.each(entryQuery+where.String()+`ORDER BY seq DESC LIMIT ?`, append(args, limit), entryFields(&e), func() { list = append(list, e) })
	return list, err
}

// EachEntry implements [accounts.Trail].
func (a accountsTx) EachEntry(f func(accounts.Entry) error) error {
	rows, err := a.t.sql.QueryContext(a.t.ctx, entryQuery+`ORDER BY seq`, workspace)
	if err != nil {
		return err
	}
	defer rows.Close()
	var e accounts.Entry
	fields := entryFields(&e)
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return rows.Err()
}
