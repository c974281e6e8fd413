package sqlite

import (
	"context"

	"policybot/bot/model"
)

var _ model.Ledger = (*DB)(nil)

// Add implements [model.Ledger]. Calls of one day, model and task share a row.
func (db *DB) Add(ctx context.Context, u model.Used) error {
	return db.update(ctx, "enter what a model was used for", func(t tx) error {
		return t.exec(`INSERT INTO model_usage (workspace, day, model, task, calls, tokens_in, tokens_out) VALUES (?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (workspace, day, model, task) DO UPDATE SET
			calls = calls + 1, tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out`,
			workspace, u.Day, u.Model, u.Task, u.Usage.TokensIn, u.Usage.TokensOut)
	})
}

// Tokens implements [model.Ledger].
func (db *DB) Tokens(ctx context.Context, day string) (int, error) {
	var n int64
	err := db.read(ctx, "read what models were used for", func(t tx) (err error) {
		n, err = t.number(`SELECT sum(tokens_in + tokens_out) FROM model_usage WHERE workspace = ? AND day = ?`, workspace, day)
		return err
	})
	return int(n), err
}
