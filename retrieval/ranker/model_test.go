package ranker_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"policybot/retrieval/ranker"
)

func newModel(t testing.TB, names []string, weights ...float64) *ranker.Model {
	t.Helper()
	m, err := ranker.NewModel(names, weights)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func written(t interface{ Fatal(...any) }, m *ranker.Model, head string) string {
	var b bytes.Buffer
	if err := m.Write(&b, head); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func weights(m *ranker.Model) []float64 {
	out := []float64{}
	for i := range m.Names() {
		out = append(out, m.Weight(i))
	}
	return out
}

func TestWrite(t *testing.T) {
	m := newModel(t, []string{"score", "plain.first"}, 1.00005, -2.5)
	for _, tt := range []struct{ head, want string }{
		{"", "score 1.0001\nplain.first -2.5000\n"},
		{"Two lines,\n\n  the last without an end", "# Two lines,\n#\n# the last without an end\nscore 1.0001\nplain.first -2.5000\n"},
		{"score 7\n", "# score 7\nscore 1.0001\nplain.first -2.5000\n"},
	} {
		if got := written(t, m, tt.head); got != tt.want {
			t.Errorf("head %q: wrote %q, want %q", tt.head, got, tt.want)
		}
	}
	if err := m.Write(failing{}, ""); !errors.Is(err, errFull) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestRead(t *testing.T) {
	names := []string{"a", "b"}
	for _, tt := range []struct {
		name, file string
		want       []float64 // nil: refused
		says       string
	}{
		{"plain", "a 1\nb -0.5\n", []float64{1, -0.5}, ""},
		{"comments, empty lines, blanks", "# a 9\n\n  a   1.25\t\r\n\n#\nb 1e2", []float64{1.25, 100}, ""},
		{"another order", "b 1\na 2\n", nil, "[b a]"},
		{"another name", "a 1\nc 2\n", nil, "[a c]"},
		{"one too few", "a 1\n", nil, "[a]"},
		{"one too many", "a 1\nb 2\nc 3\n", nil, "[a b c]"},
		{"nothing", "", nil, "want [a b]"},
		{"only comments", "# a 1\n# b 2\n", nil, "want [a b]"},
		{"not a number", "a NaN\nb 2\n", nil, "NaN"},
		{"infinite", "a 1\nb -Inf\n", nil, "-Inf"},
		{"beyond all numbers", "a 1e999\nb 2\n", nil, "line 1"},
		{"twice", "a 1\na 1\n", nil, "[a a]"},
		{"junk", "a 1\nb 2\nnothing of the kind\n", nil, "line 3"},
		{"no weight", "a 1\n\nb\n", nil, "line 3"},
		{"two weights", "a 1 2\nb 2\n", nil, "line 1"},
		{"a comma for a point", "a 1,5\nb 2\n", nil, "line 1"},
		{"a line without end", "a 1\nb 2\n# " + strings.Repeat("x", 1<<20), nil, "too long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ranker.Read(strings.NewReader(tt.file), names)
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("error %v, want weights %v", err, tt.want)
			}
			if err != nil {
				if !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
					t.Errorf("says %q, want %q in it", err, tt.says)
				}
				return
			}
			if got := weights(m); !slices.Equal(got, tt.want) || !slices.Equal(m.Names(), names) {
				t.Errorf("read %v %v, want %v %v", m.Names(), got, names, tt.want)
			}
		})
	}
	if _, err := ranker.Read(strings.NewReader("a 1\na 2\n"), []string{"a", "a"}); err == nil {
		t.Error("a signal with two weights is read when it is asked for twice")
	}
	if _, err := ranker.Read(strings.NewReader("a 1\nb 2\n"), []string{"a b"}); err == nil {
		t.Error("the weights of two signals are read for one")
	}
	if _, err := ranker.Read(iotest.ErrReader(errFull), names); !errors.Is(err, errFull) {
		t.Errorf("error %v, want that of the reader", err)
	}
}

func TestNewModel(t *testing.T) {
	two := []float64{1, 2}
	for _, tt := range []struct {
		names   []string
		weights []float64
	}{
		{[]string{"a"}, two},
		{[]string{"a", "a"}, two},
		{[]string{"a", ""}, two},
		{[]string{"a", "b c"}, two},
		{[]string{"a", "b\n"}, two},
		{[]string{"a", "#b"}, two},
		{[]string{"a", "b\u3000"}, two},
		{[]string{"a", "b"}, []float64{1, math.NaN()}},
		{[]string{"a", "b"}, []float64{math.Inf(1), 1}},
		{[]string{"a", "b"}, []float64{1, math.Inf(-1)}},
	} {
		if m, err := ranker.NewModel(tt.names, tt.weights); err == nil {
			t.Errorf("accepted %q %v as %v", tt.names, tt.weights, m)
		}
	}
	if got := newModel(t, nil).Score(nil); got != 0 {
		t.Errorf("a model of no signals scores %v", got)
	}
}

// A model keeps nothing of what it was made of and gives nothing of itself.
func TestModelStays(t *testing.T) {
	names, given := []string{"a", "b"}, []float64{1, 2}
	m := newModel(t, names, given...)
	want := written(t, m, "")
	names[0], given[0] = "x", 9
	m.Names()[1] = "y"
	if got := written(t, m, ""); got != want {
		t.Errorf("was %q, became %q", want, got)
	}
}

// Every model that NewModel makes is read back as it was written, its weights
// to four decimals; written again it is the same bytes.
func TestRoundTrip(t *testing.T) {
	name := rapid.OneOf(rapid.StringMatching(`[a-z_.]{1,8}`), rapid.StringN(1, 4, -1))
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(name, 0, 6, rapid.ID).Draw(t, "names")
		given := rapid.SliceOfN(rapid.Float64(), len(names), len(names)).Draw(t, "weights")
		m, err := ranker.NewModel(names, given)
		if err != nil {
			return
		}
		head := rapid.String().Draw(t, "head")
		file := written(t, m, head)
		read, err := ranker.Read(strings.NewReader(file), names)
		if err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		for i, w := range given {
			want, err := strconv.ParseFloat(strconv.FormatFloat(w, 'f', 4, 64), 64)
			if err != nil || read.Weight(i) != want {
				t.Fatalf("%q: weight %v came back as %v, want %v", names[i], w, read.Weight(i), want)
			}
		}
		if again := written(t, read, head); again != file {
			t.Fatalf("wrote %q, and again %q", file, again)
		}
	})
}

// A score is linear: it is what the weights and values multiply to, and the score
// of a sum is the sum of the scores. Whole numbers are exact.
func TestScoreIsLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Map(rapid.IntRange(-1000, 1000), func(n int) float64 { return float64(n) })
		n := rapid.IntRange(0, 8).Draw(t, "signals")
		draw := func(what string) []float64 { return rapid.SliceOfN(whole, n, n).Draw(t, what) }
		given, x, y, a := draw("weights"), draw("x"), draw("y"), whole.Draw(t, "a")
		names := make([]string, n)
		for i := range names {
			names[i] = "signal-" + strconv.Itoa(i)
		}
		m, err := ranker.NewModel(names, given)
		if err != nil {
			t.Fatal(err)
		}
		sum, product := make([]float64, n), 0.0
		for i := range sum {
			sum[i] = a*x[i] + y[i]
			product += given[i] * x[i]
		}
		if got := m.Score(x); got != product {
			t.Fatalf("score %v, want %v", got, product)
		}
		if got, want := m.Score(sum), a*m.Score(x)+m.Score(y); got != want {
			t.Fatalf("score of %v·x+y is %v, want %v", a, got, want)
		}
	})
}
