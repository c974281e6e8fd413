//go:build !unix

package main

import (
	"context"
	"os"
)

// lockFile does nothing where the system has no flock(2): run one index at a time.
func lockFile(context.Context, string, func()) (release func(), err error) { return func() {}, nil }

// tryLockFile opens the file and holds nothing: run one service at a time.
func tryLockFile(path string, perm os.FileMode) (f *os.File, ok bool, err error) {
	f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, perm)
	return f, err == nil, err
}

// isLocked reports false: there are no locks.
func isLocked(string) bool { return false }
