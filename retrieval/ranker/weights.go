package ranker

import _ "embed" // weights.txt

//go:embed weights.txt
var weights []byte

// Weights is the trained model in the form of [Read]. The command train-ranker
// writes it, with report.txt beside it, which tells from what and how well.
func Weights() []byte { return weights }
