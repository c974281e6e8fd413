package httprecord_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"policybot/bot/openai/httprecord"
)

const key = "sk-live-0123456789abcdef"

// server is a fake that answers with the number of the request, a cookie, and what
// it was asked.
func server(t *testing.T, more string) *httptest.Server {
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n++
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Set-Cookie", "session=secret")
		w.Header().Set("Openai-Organization", "someone")
		w.WriteHeader(200 + n)
		fmt.Fprintf(w, "data: %d %s%s\n\n<<< 3\n", n, body, more)
	}))
	t.Cleanup(s.Close)
	return s
}

// ask returns the body of the answer, and its status and headers, as a line.
func ask(t *testing.T, transport http.RoundTripper, url, body string) (text, head string, err error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url+"/v1/chat?api-version=7&key="+key, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("api-key", key)
	req.Header.Set("Cookie", "a=b")
	req.Header.Set("Content-Type", "application/json")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return string(all), fmt.Sprint(resp.StatusCode, resp.Header), err
}

// TestRecordAndPlay: what was recorded is played back, and the file has no secret.
func TestRecordAndPlay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "talk.txt")
	s := server(t, "")
	record := httprecord.Record(path, http.DefaultTransport, key)
	var want []string
	for _, body := range []string{`{"a":1}`, `{"a":1}`, "二\n\n>>> 5\n"} {
		text, _, err := ask(t, record, s.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, text)
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	file, _ := os.ReadFile(path)
	for _, secret := range []string{key, "session", "someone", "api-key", "a=b", "Authorization"} {
		if strings.Contains(string(file), secret) {
			t.Errorf("the file has %q:\n%s", secret, file)
		}
	}
	if err := httprecord.Check(path, key); err != nil {
		t.Error(err)
	}
	play, err := httprecord.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range []string{`{"a":1}`, "二\n\n>>> 5\n", `{"a":1}`} {
		text, head, err := ask(t, play, s.URL, body)
		n := []int{0, 2, 1}[i]
		if err != nil || text != want[n] || head != fmt.Sprint(201+n, " map[Content-Type:[text/event-stream]]") {
			t.Errorf("%d: %s, %q, %v, want %q", i, head, text, err, want[n])
		}
	}
	if n := play.Unplayed(); n != 0 {
		t.Errorf("%d exchanges are left", n)
	}
	_, _, err = ask(t, play, s.URL, `{"a":1}`)
	if !errors.Is(err, httprecord.ErrNotRecorded) || strings.Contains(err.Error(), key) {
		t.Errorf("error = %v", err)
	}
	if err := play.Close(); err != nil {
		t.Error(err)
	}
}

// TestSecretsAreNotWritten: an answer with something like a key leaves no file.
func TestSecretsAreNotWritten(t *testing.T) {
	for _, secret := range []string{
		key, "SECRET-of-mine", "sk-proj-abcdefgh12345", "authorization: bearer abcdefgh1234",
		"eyJhbGciOiJI.eyJzdWIiOiIx.abc", "0123456789abcdef0123456789abcdef.ABCDEFGHabcdefgh",
	} {
		path := filepath.Join(t.TempDir(), "talk.txt")
		record := httprecord.Record(path, http.DefaultTransport, "SECRET-of-mine")
		if _, _, err := ask(t, record, server(t, secret).URL, "x "); err != nil {
			t.Fatal(err)
		}
		err := record.Close()
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error = %v", secret, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is in a file", secret)
		}
		os.WriteFile(path, []byte("httprecord 1\n>>> 2\nxy\n<<< "+fmt.Sprint(len(secret))+"\n"+secret+"\n"), 0o600)
		if httprecord.Check(path, "SECRET-of-mine") == nil {
			t.Errorf("Check finds nothing in a file with %s", secret)
		}
	}
	if found := httprecord.Secrets("task-management, bearer of news; risk-based", key); len(found) > 0 {
		t.Errorf("found %v in words", found)
	}
}

// TestBadFiles: a file that was damaged is refused.
func TestBadFiles(t *testing.T) {
	for _, text := range []string{
		"", "httprecord 2\n", "httprecord 1\nx", "httprecord 1\n>>> 1\nab\n", "httprecord 1\n>>> 1\na\n",
		"httprecord 1\n>>> -1\na\n", "httprecord 1\n>>> 1\na\n<<< 9\nb\n", "httprecord 1\n<<< 1\na\n",
	} {
		path := filepath.Join(t.TempDir(), "talk.txt")
		os.WriteFile(path, []byte(text), 0o600)
		if _, err := httprecord.Open(path); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := httprecord.Open("missing"); err == nil {
		t.Error("a missing file is taken")
	}
}
