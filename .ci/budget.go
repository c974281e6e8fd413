//go:build ignore

// Budget reads the output of go test -json on its standard input and prints what a person wants of
// it: a line for each package, the whole output of what failed, what was skipped and why, and last a
// line "N passed, N failed, N skipped". It exits 1 when a test failed, when no test ran, and, with
// -strict, when the tests of a package took longer than their budget; with -noskip, also when a test
// was skipped.
//
//	go test -json ./... | go run .ci/budget.go -strict
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	file := flag.String("budget", ".ci/budget.txt", "file of lines PACKAGE SECONDS")
	strict := flag.Bool("strict", false, "fail when a package is over its budget")
	noskip := flag.Bool("noskip", false, "fail when a test is skipped")
	flag.Parse()
	data, err := os.ReadFile(*file)
	if err == nil {
		var b budgets
		if b, err = parseBudgets(string(data)); err == nil {
			r := newReport(b, os.Stdout)
			if err = r.read(os.Stdin); err == nil && r.finish(*strict, *noskip) {
				return
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "budget:", err)
	}
	os.Exit(1)
}

// budgets holds how long the tests of a package may take; the key "default" is for those not named.
type budgets map[string]time.Duration

func parseBudgets(text string) (budgets, error) {
	b := budgets{"default": time.Minute}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("budget file, line %d: want PACKAGE SECONDS, got %q", i+1, line)
		}
		seconds, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || seconds <= 0 {
			return nil, fmt.Errorf("budget file, line %d: %q is not a number of seconds", i+1, fields[1])
		}
		b[fields[0]] = time.Duration(seconds * float64(time.Second))
	}
	return b, nil
}

func (b budgets) of(pkg string) time.Duration {
	if d, ok := b[pkg]; ok {
		return d
	}
	return b["default"]
}

// An event is one line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// A report gathers events. Output is kept until it is known whether it is wanted.
type report struct {
	budgets budgets
	out     io.Writer
	started time.Time

	open    map[string]bool                        // packages that have not ended
	failing map[string]bool                        // packages in which a test failed
	output  map[string][]string                    // of a package, outside its tests
	tests   map[string]map[string]*strings.Builder // of the tests that have not ended

	passed, failed, skipped   int // tests, with their subtests
	packages, broken, untried int // packages that ended well, failed, have no tests
	skips, over               []string
}

func newReport(b budgets, out io.Writer) *report {
	return &report{
		budgets: b, out: out, started: time.Now(),
		open: map[string]bool{}, failing: map[string]bool{},
		output: map[string][]string{}, tests: map[string]map[string]*strings.Builder{},
	}
}

// read takes in all events. A line that is none is printed as it is: go itself may speak up.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(r.out, line)
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Package == "":
		// Nothing else without a package is of interest.
	case e.Action == "start":
		r.open[e.Package] = true
	case e.Action == "output" && e.Test == "":
		r.output[e.Package] = append(r.output[e.Package], e.Output)
	case e.Action == "output":
		r.said(e.Package, e.Test).WriteString(e.Output)
	case e.Test == "":
		r.endPackage(e)
	default:
		r.endTest(e)
	}
}

// said returns what a running test has printed so far, to be added to.
func (r *report) said(pkg, test string) *strings.Builder {
	if r.tests[pkg] == nil {
		r.tests[pkg] = map[string]*strings.Builder{}
	}
	if r.tests[pkg][test] == nil {
		r.tests[pkg][test] = &strings.Builder{}
	}
	return r.tests[pkg][test]
}

func (r *report) endTest(e event) {
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.failing[e.Package] = true
		fmt.Fprint(r.out, tidy(r.said(e.Package, e.Test).String()))
	case "skip":
		r.skipped++
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(r.said(e.Package, e.Test).String())))
	default:
		return // run, pause, cont
	}
	delete(r.tests[e.Package], e.Test)
}

func (r *report) endPackage(e event) {
	output := r.output[e.Package]
	switch e.Action {
	case "pass":
		r.packages++
		print(r.out, output, "ok  ")
	case "skip":
		r.untried++
		print(r.out, output, "?  ")
	case "fail":
		r.broken++
		for _, test := range slices.Sorted(maps.Keys(r.tests[e.Package])) {
			fmt.Fprint(r.out, tidy(r.tests[e.Package][test].String())) // it had not ended: a panic or a timeout
		}
		print(r.out, output, "")
		if !r.failing[e.Package] {
			r.failed++ // it did not build, or ended outside any test
		}
	default:
		return
	}
	delete(r.open, e.Package)
	delete(r.output, e.Package)
	delete(r.tests, e.Package)
	took := time.Duration(e.Elapsed * float64(time.Second))
	if limit := r.budgets.of(e.Package); took > limit {
		r.over = append(r.over, fmt.Sprintf("over budget: %s took %s, may take %s", e.Package, took.Round(100*time.Millisecond), limit))
	}
}

// finish prints the summary and reports whether all is well.
func (r *report) finish(strict, noskip bool) bool {
	for _, pkg := range slices.Sorted(maps.Keys(r.open)) {
		r.failed++
		fmt.Fprintf(r.out, "FAIL\t%s did not come to its end\n", pkg)
	}
	fmt.Fprintln(r.out)
	for _, skip := range r.skips {
		fmt.Fprintln(r.out, "skipped:", skip)
	}
	for _, over := range r.over {
		fmt.Fprintln(r.out, over)
	}
	none := r.passed+r.failed == 0
	if none {
		fmt.Fprintln(r.out, "no test ran")
	}
	fmt.Fprintf(r.out, "%d packages ok, %d failed, %d without tests, %s\n",
		r.packages, r.broken+len(r.open), r.untried, time.Since(r.started).Round(100*time.Millisecond))
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return !none && r.failed == 0 && (!strict || len(r.over) == 0) && (!noskip || r.skipped == 0)
}

// print writes the lines that begin with prefix.
func print(out io.Writer, lines []string, prefix string) {
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			fmt.Fprint(out, line)
		}
	}
}

// tidy leaves out the lines that only tell which test is running.
func tidy(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "=== ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// reason is what a skipped test said, in one line.
func reason(output string) string {
	var words []string
	for line := range strings.Lines(tidy(output)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "--- ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}
