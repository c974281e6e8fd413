package wire

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHideLaws hides keys in texts made of keys' parts and other things.
func TestHideLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.StringMatching(`[a-zA-Z0-9-]{1,30}`).Draw(rt, "key")
		other := rapid.StringMatching(`[^a-zA-Z0-9-]{0,10}`)
		var text strings.Builder
		var kept []string
		for range rapid.IntRange(0, 5).Draw(rt, "parts") {
			start := rapid.IntRange(0, len(key)-1).Draw(rt, "start")
			part := key[start:rapid.IntRange(start, len(key)).Draw(rt, "end")]
			if rapid.Bool().Draw(rt, "upper") {
				part = strings.ToUpper(part)
			}
			between := other.Draw(rt, "between")
			kept = append(kept, between)
			text.WriteString(part + between)
		}
		got := Hide(text.String(), key)
		size := min(Window, len(key))
		bare := strings.ToLower(strings.ReplaceAll(got, hidden, "\x00"))
		for i := 0; i+size <= len(key); i++ {
			if part := strings.ToLower(key[i : i+size]); strings.Contains(bare, part) {
				rt.Fatalf("Hide(%q, %q) = %q still has %q", text.String(), key, got, part)
			}
		}
		for _, between := range kept {
			if !strings.Contains(got, between) {
				rt.Fatalf("Hide(%q, %q) = %q lost %q", text.String(), key, got, between)
			}
		}
		if Hide(between(kept), key) != between(kept) {
			rt.Fatalf("hide changes %q, which has nothing of the key %q", between(kept), key)
		}
	})
}

func between(parts []string) string { return strings.Join(parts, "") }

// TestClean: what is shown is one short line without the key.
func TestClean(t *testing.T) {
	const key = "sk-live-0123456789"
	for text, want := range map[string]string{
		"":                               "",
		" a\r\n\tb\x00\x1b[31mc ":        "a b [31mc",
		"key " + key + " wrong":          "key [key] wrong",
		"key " + key[3:12] + "*** wrong": "key [key]*** wrong",
		"\xff":                           "\uFFFD",
		strings.Repeat("款", 300):         strings.Repeat("款", MaxQuoted) + "…",
	} {
		if got := Clean(text, key); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestClassify: reports in the forms of different endpoints.
func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		status  int
		body    string
		class   Class
		retry   bool
		message string
	}{
		{429, `{"error":{"message":"slow","code":"rate_limit_exceeded"}}`, RateLimited, true, "slow"},
		{429, `{"error":{"message":"m","code":"insufficient_quota"}}`, QuotaExceeded, false, "m"},
		{429, `{"error":{"code":"1113","message":"m"}}`, QuotaExceeded, false, "m"},
		{400, `{"error":{"code":"Arrearage","message":"m"}}`, QuotaExceeded, false, "m"},
		{401, `no`, Unauthorized, false, "no"},
		{404, `{"detail":"Not Found"}`, NotFound, false, "Not Found"},
		{422, `{"error":"long","error_type":"validation"}`, Refused, false, "long"},
		{503, ``, Unavailable, true, ""},
		{501, ``, Unavailable, false, ""},
		{307, ``, NotFound, false, ""},
		{200, `{"object":"error","message":"m","code":500}`, BadAnswer, false, "m"},
	} {
		report := ParseReport([]byte(tt.body))
		class, retry := Classify(tt.status, report.Codes)
		if class != tt.class || retry != tt.retry || report.Message != tt.message {
			t.Errorf("%d %s: %s, %t, %q", tt.status, tt.body, class, retry, report.Message)
		}
	}
	if report := ParseReport([]byte(`{"error":{"code":"503"}}`)); report.Status != 503 {
		t.Errorf("status = %d, want 503", report.Status)
	}
}

// TestAddresses: which base URLs can be used, and how addresses are shown.
func TestAddresses(t *testing.T) {
	for base, where := range map[string]string{
		"https://API.example.com:443/v1/": "api.example.com/v1", "http://h:8000": "h:8000", "http://h:80/": "h",
		"ftp://h": "", "https://": "", "https://u:p@h": "", "https://h?x": "", "https://h#x": "", "http://h/a b": "", "://": "",
	} {
		u, problem := ParseBase(base)
		switch {
		case where == "" && problem == "":
			t.Errorf("%s is taken", base)
		case where == "" && strings.Contains(problem, base):
			t.Errorf("%s is repeated: %s", base, problem)
		case where != "" && (problem != "" || HostAndPath(u) != where):
			t.Errorf("%s: %s, want %s", base, problem, where)
		}
	}
	if got := WithoutSecrets("https://u:p@h/a?key=1#x"); got != "https://h/a" {
		t.Errorf("shown as %s", got)
	}
	if got := WithoutSecrets("https://h/%zz"); strings.Contains(got, "zz") {
		t.Errorf("shown as %s", got)
	}
	if !IsKey("") || !IsKey("sk-1") || IsKey("a b") || IsKey("a\n") || IsKey("键") {
		t.Error("IsKey")
	}
	if !ShowsKey("01234567", "a", "x01234567") || ShowsKey("0123456", "0123456") || ShowsKey("01234567", "0123", "4567") {
		t.Error("ShowsKey")
	}
	if IsSet(nil) || IsSet(json.RawMessage("null")) || !IsSet(json.RawMessage("0")) {
		t.Error("IsSet")
	}
}

// TestWaits: how long is waited before the next try.
func TestWaits(t *testing.T) {
	for tries, most := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 6: 16 * time.Second, 7: 30 * time.Second, 1000: 30 * time.Second} {
		seen := map[time.Duration]bool{}
		for range 100 {
			wait := Backoff(tries)
			if seen[wait] = true; wait > most || wait < most/2 {
				t.Errorf("Backoff(%d) = %s, want %s to %s", tries, wait, most/2, most)
			}
		}
		if len(seen) < 2 {
			t.Errorf("Backoff(%d) leaves nothing to chance", tries)
		}
	}
	for value, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "1.5": 1500 * time.Millisecond, "-1": 0, "NaN": 0, "1e300": 24 * time.Hour, "soon": 0, "Fri, 01 Jan 1999 15:04:05 GMT": 0} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}); got != want {
			t.Errorf("Retry-After %q = %s, want %s", value, got, want)
		}
	}
	for err, want := range map[error]bool{io.ErrUnexpectedEOF: true, errors.New("refused"): true, http.ErrSchemeMismatch: false} {
		if detail, retry := Unreached(err); retry != want || detail == "" {
			t.Errorf("%v: %q, %t", err, detail, retry)
		}
	}
}
