package httprecord

import (
	"errors"
	"fmt"
	"os"
)

// Check tells what a file that was recorded has of something like a key, or of keys
// (see [Secrets]), or why it cannot be read; nil when all is well.
func Check(path string, keys ...string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var all []error
	for _, found := range Secrets(string(text), keys...) {
		all = append(all, fmt.Errorf("%s has %s; remove it, and let the key be replaced", path, found))
	}
	if _, err := parse(string(text)); err != nil {
		all = append(all, fmt.Errorf("%s: %w", path, err))
	}
	return errors.Join(all...)
}
