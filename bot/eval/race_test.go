//go:build race

package eval

func init() { slower = 5 }
