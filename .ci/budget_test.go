//go:build ignore

package main

import (
	"strings"
	"testing"
	"time"
)

const budgetText = "# comment\ndefault 10\nm/slow 2.5 # why\n"

func TestParseBudgets(t *testing.T) {
	b, err := parseBudgets(budgetText)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.of("m/slow"); got != 2500*time.Millisecond {
		t.Errorf("m/slow has %v", got)
	}
	if got := b.of("m/other"); got != 10*time.Second {
		t.Errorf("m/other has %v", got)
	}
	for _, bad := range []string{"m", "m x", "m 0", "m 1 2"} {
		if _, err := parseBudgets(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestReport(t *testing.T) {
	const (
		ok = `{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestA"}
{"Action":"output","Package":"m/a","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"m/a","Test":"TestA","Elapsed":1}
{"Action":"output","Package":"m/a","Output":"PASS\n"}
{"Action":"output","Package":"m/a","Output":"ok  \tm/a\t1.000s\n"}
{"Action":"pass","Package":"m/a","Elapsed":1}
`
		untested = `{"Action":"start","Package":"m/n"}
{"Action":"output","Package":"m/n","Output":"?   \tm/n\t[no test files]\n"}
{"Action":"skip","Package":"m/n","Elapsed":0}
`
		failing = `{"Action":"start","Package":"m/f"}
{"Action":"output","Package":"m/f","Test":"TestF","Output":"=== RUN   TestF\n"}
{"Action":"output","Package":"m/f","Test":"TestF","Output":"    f_test.go:1: wrong\n"}
{"Action":"fail","Package":"m/f","Test":"TestF","Elapsed":0}
{"Action":"output","Package":"m/f","Output":"FAIL\tm/f\t0.1s\n"}
{"Action":"fail","Package":"m/f","Elapsed":0.1}
`
		skipping = `{"Action":"start","Package":"m/s"}
{"Action":"output","Package":"m/s","Test":"TestS","Output":"    s_test.go:1: no server\n"}
{"Action":"skip","Package":"m/s","Test":"TestS","Elapsed":0}
{"Action":"pass","Package":"m/s","Elapsed":0.1}
`
		unbuilt = `{"ImportPath":"m/b","Action":"build-output","Output":"b.go:1: syntax error\n"}
{"ImportPath":"m/b","Action":"build-fail"}
{"Action":"start","Package":"m/b"}
{"Action":"output","Package":"m/b","Output":"FAIL\tm/b [build failed]\n"}
{"Action":"fail","Package":"m/b","Elapsed":0,"FailedBuild":"m/b"}
`
		panicking = `{"Action":"start","Package":"m/p"}
{"Action":"output","Package":"m/p","Test":"TestP","Output":"panic: oh\n"}
{"Action":"output","Package":"m/p","Output":"FAIL\tm/p\t0.1s\n"}
{"Action":"fail","Package":"m/p","Elapsed":0.1}
`
		slow = `{"Action":"pass","Package":"m/slow","Test":"TestA"}
{"Action":"pass","Package":"m/slow","Elapsed":2.6}
`
		lost = `{"Action":"start","Package":"m/l"}
`
	)
	tests := []struct {
		name           string
		in             string
		strict, noskip bool
		good           bool
		want           []string
	}{
		{"passing", ok + untested, true, true, true, []string{"ok  \tm/a", "?   \tm/n", "1 packages ok, 0 failed, 1 without tests", "\n1 passed, 0 failed, 0 skipped\n"}},
		{"failing", ok + failing, false, false, false, []string{"f_test.go:1: wrong", "FAIL\tm/f", "1 passed, 1 failed, 0 skipped"}},
		{"skipping", ok + skipping, true, false, true, []string{"skipped: m/s TestS: s_test.go:1: no server", "1 passed, 0 failed, 1 skipped"}},
		{"skipping refused", ok + skipping, false, true, false, nil},
		{"not built", ok + unbuilt, false, false, false, []string{"syntax error", "[build failed]", "1 passed, 1 failed"}},
		{"panic", ok + panicking, false, false, false, []string{"panic: oh", "1 passed, 1 failed"}},
		{"slow", slow, false, false, true, []string{"over budget: m/slow took 2.6s, may take 2.5s"}},
		{"slow, strict", slow, true, false, false, nil},
		{"killed", ok + lost, false, false, false, []string{"m/l did not come to its end"}},
		{"nothing", untested, false, false, false, []string{"no test ran"}},
		{"only skipped", skipping, false, false, false, []string{"no test ran"}},
		{"not JSON", "go: what?\n" + ok, false, false, true, []string{"go: what?"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := parseBudgets(budgetText)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			r := newReport(b, &out)
			if err := r.read(strings.NewReader(tt.in)); err != nil {
				t.Fatal(err)
			}
			if good := r.finish(tt.strict, tt.noskip); good != tt.good {
				t.Errorf("good = %v, want %v", good, tt.good)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q", want)
				}
			}
			for _, never := range []string{"chatter", "=== RUN", "PASS"} {
				if strings.Contains(out.String(), never) {
					t.Errorf("%q was printed", never)
				}
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}
