package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLastBackup wants the time of a backup to be known afterwards, and none where nothing can be read.
func TestLastBackup(t *testing.T) {
	a := &app{data: t.TempDir()}
	if at := a.lastBackup(); !at.IsZero() {
		t.Errorf("without a backup: %v", at)
	}
	want := time.Date(2026, 3, 1, 8, 0, 5, 0, time.UTC)
	a.noteBackup(want)
	if at := a.lastBackup(); !at.Equal(want) {
		t.Errorf("%v, want %v", at, want)
	}
	if err := os.WriteFile(filepath.Join(a.data, lastBackupName), []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	if at := a.lastBackup(); !at.IsZero() {
		t.Errorf("of a damaged file: %v", at)
	}
}

// TestShownSettings wants no secret among what the console shows.
func TestShownSettings(t *testing.T) {
	a := &app{env: func(name string) string { return "value of " + name }}
	for _, one := range a.shownSettings() {
		if strings.Contains(one.Value, "KEY") || strings.Contains(one.Value, "TOKEN") || strings.Contains(one.Value, "SECRET") {
			t.Errorf("%s shows %s", one.Name, one.Value)
		}
	}
}
