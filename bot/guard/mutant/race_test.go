//go:build race

package mutant_test

// every is how many questions there are to one that is asked: the race detector
// makes each ten times as slow, and more of them show it no more.
const every = 12
