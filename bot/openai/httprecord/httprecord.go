// Package httprecord records what an endpoint says, once, and plays it back in
// tests: an http.RoundTripper over one text file that people can read, compare and
// correct.
//
// # The file
//
// A line "httprecord 1", then for each exchange two parts, each headed by a line
// with its number of bytes, which are followed by one line end:
//
//	>>> 187
//	POST https://api.example.com/v1/chat/completions
//	Content-Type: application/json
//
//	{"model":"m-1", …}
//	<<< 93
//	200
//	Content-Type: text/event-stream
//
//	data: {"choices":[…]}
//
// A request is answered by the next exchange whose request part is the same. Lines
// end with LF only. Nothing is recorded of headers but those of [Kept], so no key,
// cookie or name of an account; and a recording that still has something like a key
// is not written: see [Secrets].
package httprecord

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Kept are the headers that are recorded, of requests and answers.
func Kept() []string { return []string{"Accept", "Content-Type", "Retry-After"} }

// first is the first line of a file.
const first = "httprecord 1\n"

// ErrNotRecorded is wrapped by errors for a request that a recording lacks.
var ErrNotRecorded = errors.New("not recorded")

// A Recorder answers requests from a file, or records them to it. It may be used
// from several goroutines.
type Recorder struct {
	path string
	real http.RoundTripper // nil: play back
	keys []string

	mu        sync.Mutex
	exchanges []exchange
}

var _ http.RoundTripper = (*Recorder)(nil)

type exchange struct {
	request, answer string
	played          bool
}

// Open returns a Recorder that plays path back, and asks nobody. A file that is
// missing or has another form is an error.
func Open(path string) (*Recorder, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	exchanges, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Recorder{path: path, exchanges: exchanges}, nil
}

// Record returns a Recorder that sends requests through real and, at Close, writes
// path anew. The keys are what real requests are signed with: none may be in the
// file.
func Record(path string, real http.RoundTripper, keys ...string) *Recorder {
	return &Recorder{path: path, real: real, keys: keys}
}

// RoundTrip implements http.RoundTripper. While it records, an answer is read to its
// end before it is returned.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readAll(req.Body)
	if err != nil {
		return nil, err
	}
	request := req.Method + " " + address(req.URL) + "\n" + headers(req.Header) + "\n" + body
	if r.real == nil {
		return r.play(req, request)
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(strings.NewReader(body))
	resp, err := r.real.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, err := readAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(strings.NewReader(answer))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, exchange{
		request: request,
		answer:  strconv.Itoa(resp.StatusCode) + "\n" + headers(resp.Header) + "\n" + answer,
	})
	return resp, nil
}

func readAll(body io.ReadCloser) (string, error) {
	if body == nil {
		return "", nil
	}
	defer body.Close()
	all, err := io.ReadAll(body)
	return string(all), err
}

// address leaves out of u what may be a secret: user and query, but api-version.
func address(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if version := u.Query().Get("api-version"); version != "" {
		bare.RawQuery = url.Values{"api-version": {version}}.Encode()
	}
	return bare.String()
}

// headers are the lines of those that are kept.
func headers(h http.Header) string {
	var b strings.Builder
	for _, name := range Kept() {
		if value := h.Get(name); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	return b.String()
}

// play answers with what was recorded.
func (r *Recorder) play(req *http.Request, request string) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.exchanges, func(x exchange) bool { return !x.played && x.request == request })
	if i < 0 {
		return nil, fmt.Errorf("%s in %s: %w; record it anew", req.Method+" "+address(req.URL), r.path, ErrNotRecorded)
	}
	r.exchanges[i].played = true
	head, body, _ := strings.Cut(r.exchanges[i].answer, "\n\n")
	lines := strings.Split(head, "\n")
	status, err := strconv.Atoi(lines[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no status", r.path, lines[0])
	}
	resp := &http.Response{
		StatusCode: status, Status: lines[0] + " " + http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok {
			resp.Header.Set(name, value)
		}
	}
	return resp, nil
}

// Unplayed is how many exchanges of a recording nobody asked for yet.
func (r *Recorder) Unplayed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, x := range r.exchanges {
		if !x.played {
			n++
		}
	}
	return n
}

// Close writes what was recorded; after playing back it does nothing. A recording
// with something like a key is not written.
func (r *Recorder) Close() error {
	if r.real == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b bytes.Buffer
	b.WriteString(first)
	for _, x := range r.exchanges {
		fmt.Fprintf(&b, ">>> %d\n%s\n<<< %d\n%s\n", len(x.request), x.request, len(x.answer), x.answer)
	}
	if found := Secrets(b.String(), r.keys...); len(found) > 0 {
		return fmt.Errorf("%s is not written: it would have %s", r.path, strings.Join(found, ", "))
	}
	return os.WriteFile(r.path, b.Bytes(), 0o644)
}

// parse reads a file.
func parse(text string) ([]exchange, error) {
	rest, ok := strings.CutPrefix(text, first)
	if !ok {
		return nil, errors.New("it does not begin with " + strings.TrimSpace(first))
	}
	var all []exchange
	for rest != "" {
		var x exchange
		var err error
		if x.request, rest, err = part(">>> ", rest); err != nil {
			return nil, err
		}
		if x.answer, rest, err = part("<<< ", rest); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// part reads one part that begins with mark and its size.
func part(mark, text string) (body, rest string, err error) {
	head, rest, _ := strings.Cut(text, "\n")
	size, err := strconv.Atoi(strings.TrimPrefix(head, mark))
	switch {
	case !strings.HasPrefix(head, mark) || err != nil || size < 0:
		return "", "", fmt.Errorf("%.40q is not %qand a number of bytes", head, mark)
	case len(rest) <= size || rest[size] != '\n':
		return "", "", fmt.Errorf("the part %q has not %d bytes and a line end; was it changed without its number?", head, size)
	}
	return rest[:size], rest[size+1:], nil
}

// like are forms of secrets; each has a name that can be shown.
var like = []struct {
	name string
	form *regexp.Regexp
}{
	{"a key of the form sk-…", regexp.MustCompile(`\bsk-[A-Za-z0-9_-]{8,}`)},
	{"a bearer token", regexp.MustCompile(`(?i)\bbearer\s+[A-Za-z0-9._~+/-]{8,}`)},
	{"a header of a key or cookie", regexp.MustCompile(`(?im)^(authorization|proxy-authorization|api-key|x-api-key|cookie|set-cookie)\s*:`)},
	{"a token of three parts", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.`)},
	{"a key of Zhipu's form", regexp.MustCompile(`\b[0-9a-f]{32}\.[A-Za-z0-9]{16}\b`)},
}

// Secrets names what text has that is like a key, and "the key itself" where it has
// one of keys, of 8 characters or more, or 8 characters of it in a row. It never
// quotes what it found.
func Secrets(text string, keys ...string) (found []string) {
	for _, secret := range like {
		if secret.form.MatchString(text) {
			found = append(found, secret.name)
		}
	}
	const window = 8
	for _, key := range keys {
		for i := 0; i+window <= len(key); i++ {
			if strings.Contains(text, key[i:i+window]) {
				return append(found, "the key itself")
			}
		}
	}
	return found
}
