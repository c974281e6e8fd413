package sqlite

import (
	"context"

	"policybot/retrieval"
	"policybot/retrieval/sqlite/engine"
)

// An Error is a failure of the database file at Path. Its text is one line
// that says what is wrong and what to do.
type Error = engine.Error

// A Kind says what is wrong with a database.
type Kind = engine.Kind

// Kinds of error, as package engine explains them.
const (
	Missing       = engine.Missing
	NoFolder      = engine.NoFolder
	IsFolder      = engine.IsFolder
	NotWritable   = engine.NotWritable
	Locked        = engine.Locked
	Corrupt       = engine.Corrupt
	Foreign       = engine.Foreign
	NewerSchema   = engine.NewerSchema
	OlderSchema   = engine.OlderSchema
	ChangedSchema = engine.ChangedSchema
	WrongSettings = engine.WrongSettings
	DiskFull      = engine.DiskFull
	IO            = engine.IO
	Failed        = engine.Failed
)

// KindOf returns the Kind of the *Error in err's chain, "" when there is none.
func KindOf(err error) Kind { return engine.KindOf(err) }

// fail puts the operation before err; see [engine.DB.Fail].
func (db *DB) fail(ctx context.Context, err error, format string, args ...any) error {
	return damaged(db.file.Fail(ctx, err, format, args...))
}

// damaged makes errors.Is find retrieval.ErrDamaged in what is corrupt.
func damaged(err error) error {
	if KindOf(err) == Corrupt {
		return damage{err}
	}
	return err
}

// A damage is an error with an *Error of Kind Corrupt in its chain.
type damage struct{ error }

func (d damage) Unwrap() error { return d.error }

func (d damage) Is(target error) bool { return target == retrieval.ErrDamaged }
