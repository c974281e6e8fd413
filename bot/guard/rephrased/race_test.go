//go:build race

package rephrased_test

func init() { slower = 5 }
