package httpapi

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// A tableCase is one request and what comes back, from a file of testdata.
type tableCase struct {
	name     string
	token    string // Options.Token
	peer     string
	method   string
	path     string
	headers  http.Header
	body     string
	status   int
	reply    http.Header
	expected string // the body; * for any
}

// readTable reads cases of the form that testdata/README.md shows.
func readTable(t *testing.T, file string) []tableCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []tableCase
	for _, block := range strings.Split("\n"+string(text), "\n== ")[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		sent, back, ok := strings.Cut(rest, "\n-> ")
		if !ok {
			t.Fatalf("%s: %q has no line that begins with ->", file, name)
		}
		c := tableCase{name: name, peer: "127.0.0.1:50000"}
		first, headers, body := message(sent)
		c.method, c.path, _ = strings.Cut(first, " ")
		c.headers, c.body = headers, body
		if peer := headers.Get("@peer"); peer != "" {
			c.peer = peer
		}
		c.token = headers.Get("@token")
		first, c.reply, c.expected = message(back)
		if c.status, err = strconv.Atoi(first); err != nil {
			t.Fatalf("%s: %q: %v", file, name, err)
		}
		cases = append(cases, c)
	}
	return cases
}

// message splits a first line, headers, and after a blank line the rest.
func message(text string) (first string, headers http.Header, body string) {
	top, body, _ := strings.Cut(text, "\n\n")
	first, lines, _ := strings.Cut(top, "\n")
	headers = http.Header{}
	for line := range strings.SplitSeq(lines, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			headers.Add(name, value)
		}
	}
	return first, headers, strings.TrimSpace(body)
}

// tableFake is the service of the cases; see testdata/README.md.
func tableFake() *fakeService {
	f := newFake()
	for id, answer := range map[string][]byte{"done": []byte(`{"id":"done","outcome":"answered"}`), "open": nil} {
		q := &fakeQuestion{id: id, event: channel.Event{Reply: newHandle("key-" + id)}, answer: answer}
		f.byID[id], f.byKey["key-"+id] = q, q
	}
	f.byID["erased"] = &fakeQuestion{id: "erased"}
	f.cases = []journal.Case{
		{ID: "c1", Seq: 1, Reason: "asked", Channel: "http", User: "u", State: journal.CaseOpen},
		{ID: "c2", Seq: 2, Reason: "failed", Channel: "http", User: "u", State: journal.CaseReplied},
		{ID: "c3", Seq: 3, Reason: "failed", Channel: "http", State: journal.CaseOpen},
		{ID: "c4", Seq: 4, Reason: "asked", Channel: "http", User: "u", State: journal.CaseClosed},
		{ID: "c5", Seq: 5, Reason: "asked", Channel: "http", User: "u", State: journal.CaseOpen, Stage: journal.StageEditing}, // in approval mode
	}
	return f
}

func TestTable(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatalf("files of cases: %v, %v", files, err)
	}
	total := 0
	for _, file := range files {
		cases := readTable(t, file)
		total += len(cases)
		for _, c := range cases {
			t.Run(filepath.Base(file)+"/"+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { c.check(t) })
			})
		}
	}
	t.Logf("%d cases", total)
}

func (c tableCase) check(t *testing.T) {
	f := tableFake()
	if c.headers.Get("@sink") == "broken" {
		f.fail = errDisk
	}
	log, _ := logged()
	r := request(c.method, c.path, c.body)
	for name, values := range c.headers {
		if name == "Host" {
			r.Host = values[0]
		} else if !strings.HasPrefix(name, "@") {
			r.Header[name] = values
		}
	}
	r.RemoteAddr = c.peer
	w := send(start(t, f, Options{Token: c.token, Log: log}), r)
	if c.expected != "*" {
		wantReply(t, w, c.status, c.expected)
	} else if w.Code != c.status {
		t.Errorf("status %d, want %d\n%s", w.Code, c.status, w.Body)
	}
	for name := range c.reply {
		if got, want := w.Header().Get(name), c.reply.Get(name); got != want {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v lack nosniff or no-store", w.Header())
	}
	for name := range w.Header() {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("there is a CORS header %s", name)
		}
	}
	if w.Body.Len() > 0 && w.Code != http.StatusNoContent && !strings.HasSuffix(w.Body.String(), "}\n") {
		t.Errorf("the body %q is no JSON object and a line feed", w.Body)
	}
}
