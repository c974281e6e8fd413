//go:build !linux

package engine

import "testing"

func asOrdinaryUser(t *testing.T) { t.Skip("needs Linux to become another user") }
