//go:build !linux

package sqlite_test

import "testing"

func asOrdinaryUser(t *testing.T) { t.Skip("needs Linux to become another user") }
