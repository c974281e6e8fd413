package sqlite_test

import (
	"path/filepath"
	"testing"

	"policybot/bot/model"
	"policybot/bot/model/modeltest"
	"policybot/bot/sqlite"
)

func TestLedger(t *testing.T) {
	modeltest.RunLedger(t, func(t *testing.T) model.Ledger { return openLedger(t, filepath.Join(t.TempDir(), sqlite.FileName)) })
}

func openLedger(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestLedgerRemembers: what was used counts after a restart too.
func TestLedgerRemembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openLedger(t, path)
	if err := db.Add(t.Context(), model.Used{Day: "2026-03-01", Model: "m", Task: model.Answer, Usage: model.Usage{TokensIn: 3, TokensOut: 4}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := openLedger(t, path).Tokens(t.Context(), "2026-03-01"); n != 7 || err != nil {
		t.Errorf("%d tokens, want 7; %v", n, err)
	}
}
