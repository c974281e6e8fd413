//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args             string
		kills, questions int
		rows             int
		fails            bool
	}{
		{"", 5, 300, len(faultRows), false},
		{"-short", 5, 300, len(faultRows), false},
		{"-long", 200, 20000, len(faultRows), false},
		{"-long -kills 7", 7, 20000, len(faultRows), false},
		{"-load", 5, 300, len(loadRows), false},
		{"-soak 1m", 5, 300, len(soakRows), false},
		{"-run ^F5$", 5, 300, 1, false},
		{"-run nothing", 5, 300, 0, false},
		{"-short -long", 0, 0, 0, true},
		{"-run (", 0, 0, 0, true},
		{"F51", 0, 0, 0, true},
	} {
		o, err := parse(strings.Fields(tt.args))
		if tt.fails {
			if err == nil {
				t.Errorf("%q is understood", tt.args)
			}
			continue
		}
		if err != nil || o.kills != tt.kills || o.questions != tt.questions || len(choose(o)) != tt.rows {
			t.Errorf("%q: %+v with %d rows, %v", tt.args, o, len(choose(o)), err)
		}
	}
}

// TestTableNames: a name chooses one row, and its folder is its own.
func TestTableNames(t *testing.T) {
	seen := map[string]bool{}
	for _, rows := range [][]row{faultRows, loadRows} {
		for _, r := range rows {
			if seen[r.name] || r.what == "" || r.run == nil {
				t.Errorf("row %q: seen before %t, what %q", r.name, seen[r.name], r.what)
			}
			seen[r.name] = true
		}
	}
}

// TestRunner: a row that fails fails the run and is told of in the table, and the others run all the same.
func TestRunner(t *testing.T) {
	ran := 0
	good := func(context.Context, *env) (string, error) { ran++; return "3 of 3", nil }
	bad := func(context.Context, *env) (string, error) { return "2 of 3", errors.New("lost: one\nof them") }
	var out strings.Builder
	r := &runner{opts: options{run: regexp.MustCompile("")}, scratch: t.TempDir(), out: &out}
	if err := r.all(t.Context(), []row{{name: "A", what: "w", run: good}, {name: "B", what: "x", run: good}}); err != nil || ran != 2 {
		t.Errorf("good rows: %v, %d ran", err, ran)
	}
	err := r.all(t.Context(), []row{{name: "C", what: "w", run: bad}, {name: "D", what: "x", waits: true, run: bad}, {name: "E", what: "y", run: good}})
	if err == nil || !strings.Contains(err.Error(), "2 of 3 rows failed") || ran != 3 {
		t.Errorf("bad rows: %v, %d ran", err, ran)
	}
	for _, want := range []string{"| C | w | **fail** |", "2 of 3; lost: one |", "| E | y | ok |", "          of them"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestNaughty(t *testing.T) {
	seen := map[string]bool{}
	long := 0
	for _, text := range naughty() {
		seen[text] = true
		if len(text) >= 1_000_000 {
			long++
		}
	}
	if len(seen) < 500 || long == 0 {
		t.Errorf("%d different texts, %d of a megabyte", len(seen), long)
	}
	if got := tagged("ab"); utf8.RuneCountInString(got) != 2 || strings.ContainsAny(got, "ab") {
		t.Errorf("tagged: %q", got)
	}
}

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i))
	}
	for _, tt := range []struct {
		values []time.Duration
		p      int
		want   time.Duration
	}{{nil, 50, 0}, {[]time.Duration{7}, 50, 7}, {[]time.Duration{7}, 0, 7}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 100}, {[]time.Duration{1, 2}, 99, 2}} {
		if got := percentile(tt.values, tt.p); got != tt.want {
			t.Errorf("percentile %d of %d values: %d, want %d", tt.p, len(tt.values), got, tt.want)
		}
	}
}

func TestSlope(t *testing.T) {
	if got := slope([]float64{1, 2, 3}, []float64{5, 7, 9}); math.Abs(got-2) > 1e-9 {
		t.Errorf("slope %g, want 2", got)
	}
	if got := slope([]float64{1}, []float64{5}) + slope(nil, nil); got != 0 {
		t.Errorf("slope of too few points: %g", got)
	}
}

// TestChatSees plays the bot: what it posts twice counts twice, the parts of one document count once.
func TestChatSees(t *testing.T) {
	var c *chat
	say := func(thread, key string, part int) {
		body := `{"place":"p","thread":"` + thread + `","answer":"a","key":"` + key + `","part":` + string(rune('0'+part)) + `,"parts":2,"text":"t"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.http.URL+"/api/messages", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+canaryChat)
		for { // the platform limits how fast a bot may post
			req.Body, _ = req.GetBody()
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
			if resp.StatusCode != http.StatusTooManyRequests {
				t.Fatal(resp.Status)
			}
		}
	}
	bot := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer bot.Close()
	l := &ledger{}
	c, err := newChat(bot.URL, chatSetup{speed: 1000}, l)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	fine, err := c.post("u", "p", "q "+l.mark())
	if err != nil {
		t.Fatal(err)
	}
	double, err := c.post("u", "p", "q "+l.mark())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*post{fine, double} {
		if err := c.waitAcked(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	say(fine.thread, "k1", 1)
	say(fine.thread, "k1", 2)
	say(double.thread, "k2", 1)
	say(double.thread, "k2", 1)
	c.collect()
	got := judgeAsked(l.all())
	if len(got) != 1 || !strings.Contains(got[0], double.mark) || c.ackTook(fine) <= 0 {
		t.Errorf("the oracle says %q; acknowledged in %s", got, c.ackTook(fine))
	}
	if err := c.resend(t.Context(), fine); err != nil || c.mail.acks(fine.gesture) != 2 {
		t.Errorf("sent again: %v, %d acknowledgements", err, c.mail.acks(fine.gesture))
	}
	if n := len(c.seenIn("p")); n != 3 {
		t.Errorf("%d replies in the place, want 3", n)
	}
}

func TestGrown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		grows  bool
	}{
		{"none", nil, false},
		{"flat", []float64{40, 41, 39, 40}, false},
		{"within the slack", []float64{40, 40, 57, 57}, false},
		{"grows", []float64{40, 40, 59, 59}, true},
		{"shrinks", []float64{59, 59, 40, 40}, false},
	} {
		if err := grown(tt.name, tt.values, 8); (err != nil) != tt.grows {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
