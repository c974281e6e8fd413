package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/accounts/memory"
)

// TestNoteHead notes the head of an audit on two days, and then finds that rows were taken away.
func TestNoteHead(t *testing.T) {
	a := &app{data: t.TempDir()}
	book := func(entries int) *accounts.Book {
		b, err := accounts.New(accounts.Options{Store: memory.New()})
		if err != nil {
			t.Fatal(err)
		}
		for range entries {
			if err := b.Record(t.Context(), accounts.Entry{By: "li", Does: "case.taken"}); err != nil {
				t.Fatal(err)
			}
		}
		return b
	}
	day := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{day, day.Add(time.Minute)} {
		if err := a.noteHead(t.Context(), book(3), at); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(a.data, headsName))
	if err != nil || strings.Count(string(text), "\n") != 1 || !strings.HasPrefix(string(text), "2026-11-22 3:") {
		t.Fatalf("heads %q, %v; want one line of three entries", text, err)
	}
	if err := a.noteHead(t.Context(), book(2), day.Add(2*time.Hour)); err == nil {
		t.Error("an audit that lost its last entry was noted as good")
	}
	if err := os.WriteFile(filepath.Join(a.data, headsName), append(text, "2026-11-23 4:ab"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if kept, last, err := a.heads(); err != nil || len(kept) != 1 || last != "2026-11-22" {
		t.Errorf("a line that was cut off is read: %v %q %v", kept, last, err)
	}
}
