//go:build !race

package mutant_test

// every is how many questions there are to one that is asked.
const every = 1
