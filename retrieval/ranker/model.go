// Package ranker scores the candidates of a search by a weighted sum of
// signals, and learns the weights from judged questions.
//
// A linear model is small enough to be read: what each signal adds to a score
// is its weight times its value. The package knows neither clauses nor words;
// what the signals mean is up to the caller.
package ranker

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Model is a weight a signal. It never changes and may be used from several
// goroutines.
type Model struct {
	names   []string
	weights []float64
}

// NewModel returns a model. names are not empty, without white space, and
// different from each other; weights are finite, one a name.
func NewModel(names []string, weights []float64) (*Model, error) {
	if len(names) != len(weights) {
		return nil, fmt.Errorf("ranker: %d signals, %d weights", len(names), len(weights))
	}
	seen := map[string]bool{}
	for i, n := range names {
		switch {
		case n == "" || strings.ContainsFunc(n, unicode.IsSpace) || strings.Contains(n, "#"):
			return nil, fmt.Errorf("ranker: %q cannot name a signal", n)
		case seen[n]:
			return nil, fmt.Errorf("ranker: signal %q has two weights", n)
		case math.IsNaN(weights[i]) || math.IsInf(weights[i], 0):
			return nil, fmt.Errorf("ranker: signal %q has the weight %v", n, weights[i])
		}
		seen[n] = true
	}
	return &Model{append([]string{}, names...), append([]float64{}, weights...)}, nil
}

// Read reads a model: a line "name weight" a signal. Lines that begin with #
// and empty lines say nothing. It refuses what NewModel refuses, and a file
// whose signals are not names in their order: a model belongs to the signals
// that it was trained with.
func Read(r io.Reader, names []string) (*Model, error) {
	var found []string
	var weights []float64
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, " ")
		w, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return nil, fmt.Errorf("ranker: line %d is not a name and a weight: %q", n, line)
		}
		found, weights = append(found, name), append(weights, w)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("ranker: %w", err)
	}
	if !slices.Equal(found, names) {
		return nil, fmt.Errorf("ranker: the weights are for the signals %v, want %v; train again", found, names)
	}
	return NewModel(found, weights)
}

// Write writes the model as Read reads it, after head, whose lines become
// comments. Weights have four decimals.
func (m *Model) Write(w io.Writer, head string) error {
	var b strings.Builder
	for line := range strings.Lines(head) {
		b.WriteString(strings.TrimRight("# "+strings.TrimSpace(line), " ") + "\n")
	}
	for i, n := range m.names {
		fmt.Fprintf(&b, "%s %s\n", n, strconv.FormatFloat(m.weights[i], 'f', decimals, 64))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// decimals of a weight in a file.
const decimals = 4

// Names returns the signals in their order.
func (m *Model) Names() []string { return append([]string{}, m.names...) }

// Weight returns the weight of the i-th signal.
func (m *Model) Weight(i int) float64 { return m.weights[i] }

// Score returns the weighted sum of signals, one a weight.
func (m *Model) Score(signals []float64) float64 {
	sum := 0.0
	for i, x := range signals {
		sum += float64(m.weights[i] * x) // the conversion keeps all machines from fusing the two steps
	}
	return sum
}
