//go:build race

package eligibility_test

func init() { slower = 20 }
