package sqlite

import (
	"context"
	"database/sql"
)

// Writing runs f while it holds the lock that Put writes under.
func (db *DB) Writing(ctx context.Context, f func()) error {
	return db.file.Update(ctx, func(*sql.Tx) error { f(); return nil })
}
