//go:build race

package app_test

func init() { slower = 10 }
