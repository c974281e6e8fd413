package console

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestReportGate lets the same report through once an hour, and few a minute.
func TestReportGate(t *testing.T) {
	var g reportGate
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	passed := func(minutes, reports int) int {
		n := 0
		for m := range minutes {
			for i := range reports {
				if g.pass(fmt.Sprint("report ", i), now.Add(time.Duration(m)*time.Minute)) {
					n++
				}
			}
		}
		now = now.Add(time.Duration(minutes) * time.Minute)
		return n
	}
	if n := passed(60, 1); n != 1 {
		t.Errorf("the same was logged %d times in an hour", n)
	}
	if n := passed(60, 1); n != 1 {
		t.Errorf("the same was logged %d times in the next hour", n)
	}
	if n := passed(10, 1000); n != 10*reportsAMinute {
		t.Errorf("%d in ten minutes", n)
	}
	now = now.Add(2 * time.Hour)
	if n := passed(1, 3); n != 3 || len(g.logged) != 3 {
		t.Errorf("%d later, %d are kept", n, len(g.logged))
	}
}

// TestReportFlood sends reports again and again, and one that is too long.
func TestReportFlood(t *testing.T) {
	w := newWorld(t, setup{})
	var log bytes.Buffer
	w.console.Log = slog.New(slog.NewTextHandler(&log, nil))
	send := func(body string) {
		r := httptest.NewRequest(http.MethodPost, reportPath, strings.NewReader(body))
		reply := httptest.NewRecorder()
		w.console.Handler().ServeHTTP(reply, r)
		if reply.Code != http.StatusNoContent {
			t.Errorf("status %d", reply.Code)
		}
	}
	send(`{"csp-report":{"effective-directive":"img-src","x":"` + strings.Repeat("x", mostReport) + `"}}`)
	if log.Len() > 0 {
		t.Errorf("too long, and logged: %s", log.String())
	}
	for range 50 {
		send(`{"csp-report":{"effective-directive":"script-src"}}`)
		send(`{"csp-report":{"effective-directive":"style-src"}}`)
	}
	if n := strings.Count(log.String(), "directive="); n != 2 {
		t.Errorf("%d lines: %s", n, log.String())
	}
}
