package httprecord

import (
	"os"
	"testing"
)

// Check fails t when a file that was recorded has something like a key, or one of
// keys (see [Secrets]), or cannot be read.
func Check(t testing.TB, path string, keys ...string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	for _, found := range Secrets(string(text), keys...) {
		t.Errorf("%s has %s; remove it, and let the key be replaced", path, found)
	}
	if _, err := parse(string(text)); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}
