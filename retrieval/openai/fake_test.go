package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/retrieval/embed"
	"policybot/retrieval/openai"
)

const (
	testKey   = "sk-live-0123456789abcdefXYZ"
	testModel = "some-model"
	fakeSize  = 8 // dimensions
)

// A play is how a fake endpoint answers one request.
type play func(w http.ResponseWriter, r *http.Request, texts []string)

// A sent is a request as a fake endpoint saw it.
type sent struct {
	at     time.Time
	path   string
	header http.Header
	body   map[string]any
	texts  []string
}

// fakeEndpoint is a fake: it answers the requests one after the other with plays,
// and with the last one from then on; without plays it answers well.
type fakeEndpoint struct {
	plays []play
	mu    sync.Mutex
	seen  []sent
}

func (f *fakeEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := sent{at: time.Now(), path: r.URL.Path, header: r.Header.Clone()}
	if err := json.NewDecoder(r.Body).Decode(&s.body); err != nil {
		panic(err)
	}
	for _, text := range s.body["input"].([]any) {
		s.texts = append(s.texts, text.(string))
	}
	f.mu.Lock()
	f.seen = append(f.seen, s)
	answer := play(good)
	if n := len(f.plays); n > 0 {
		answer = f.plays[min(len(f.seen), n)-1]
	}
	f.mu.Unlock()
	answer(w, r, s.texts)
}

// requests returns what was sent until now.
func (f *fakeEndpoint) requests() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

// RoundTrip lets a fake endpoint stand for the network too, so that time can be
// a fake as well. A handler that panics has cut the connection.
func (f *fakeEndpoint) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	cut := f.serve(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp = w.Result()
	if cut {
		resp.Body = io.NopCloser(io.MultiReader(w.Body, brokenReader{}))
	}
	return resp, nil
}

func (f *fakeEndpoint) serve(w http.ResponseWriter, r *http.Request) (cut bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			cut = true
		default:
			panic(v)
		}
	}()
	f.ServeHTTP(w, r)
	return false
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type datum map[string]any

// vectorsOf are the vectors that a fake endpoint has for texts.
func vectorsOf(texts []string) []datum {
	vectors, err := embed.NewRandom(fakeSize, 1).Embed(context.Background(), embed.Passage, texts)
	if err != nil {
		panic(err)
	}
	data := make([]datum, len(texts))
	for i, v := range vectors {
		data[i] = datum{"object": "embedding", "index": i, "embedding": v}
	}
	return data
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func good(w http.ResponseWriter, _ *http.Request, texts []string) {
	reply(w, 200, datum{
		"object": "list", "model": testModel, "data": vectorsOf(texts),
		"usage": datum{"prompt_tokens": 5, "total_tokens": 5},
	})
}

// changed answers well but for a change to the list of vectors.
func changed(change func(data []datum) []datum) play {
	return func(w http.ResponseWriter, _ *http.Request, texts []string) {
		reply(w, 200, datum{"data": change(vectorsOf(texts))})
	}
}

// withVector answers well but for the JSON of the vector at index 1.
func withVector(text string) play {
	return changed(func(data []datum) []datum {
		data[1]["embedding"] = json.RawMessage(text)
		return data
	})
}

// verbatim answers with a body as it is.
func verbatim(status int, contentType, body string) play {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// refusal answers as OpenAI does; headers are names and values in turn.
func refusal(status int, code, message string, headers ...string) play {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		reply(w, status, datum{"error": datum{"message": message, "type": "some_error", "code": code, "param": nil}})
	}
}

// cut answers the first bytes and closes the connection.
func cut(w http.ResponseWriter, _ *http.Request, texts []string) {
	var all bytes.Buffer
	if err := json.NewEncoder(&all).Encode(datum{"data": vectorsOf(texts)}); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(all.Len()))
	w.Write(all.Bytes()[:all.Len()/2])
	panic(http.ErrAbortHandler)
}

// shortened answers well but for the last bytes, and ends as if that were all.
func shortened(w http.ResponseWriter, r *http.Request, texts []string) {
	record := httptest.NewRecorder()
	good(record, r, texts)
	verbatim(200, "application/json", record.Body.String()[:record.Body.Len()-30])(w, r, texts)
}

// hang never answers.
func hang(_ http.ResponseWriter, r *http.Request, _ []string) { <-r.Context().Done() }

// endless sends vectors until the other side has enough.
func endless(w http.ResponseWriter, _ *http.Request, _ []string) {
	w.Header().Set("Content-Type", "application/json")
	line := `{"data":[{"index":0,"embedding":[` + strings.Repeat("0.123456789,", 10_000)
	for i := 0; i < 10_000; i++ {
		if _, err := fmt.Fprint(w, line); err != nil {
			return
		}
	}
}

// overHTTP returns an Embedder that asks plays over a real connection and never
// retries.
func overHTTP(t *testing.T, o openai.Options, plays ...play) (*openai.Embedder, *fakeEndpoint) {
	t.Helper()
	f := &fakeEndpoint{plays: plays}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	o.BaseURL, o.HTTPClient, o.Retries = server.URL+"/v1", server.Client(), -1
	return open(t, o), f
}

// inMemory returns an Embedder that asks plays without any network.
func inMemory(t *testing.T, o openai.Options, plays ...play) (*openai.Embedder, *fakeEndpoint) {
	t.Helper()
	f := &fakeEndpoint{plays: plays}
	o.HTTPClient = &http.Client{Transport: f}
	return open(t, o), f
}

func open(t *testing.T, o openai.Options) *openai.Embedder {
	t.Helper()
	o.APIKey, o.Model = testKey, testModel
	e, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// wantError returns the *Error that err must be.
func wantError(t *testing.T, err error, class openai.Class, parts ...string) *openai.Error {
	t.Helper()
	failed, ok := errors.AsType[*openai.Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *openai.Error", err)
	}
	if failed.Class != class {
		t.Errorf("class = %s, want %s; error: %v", failed.Class, class, err)
	}
	text := err.Error()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error = %q, want %q in it", text, part)
		}
	}
	if strings.Contains(text, testKey) || strings.ContainsAny(text, "\n\r\x1b") || len([]rune(text)) > 700 {
		t.Errorf("error has the key, is long or not one line: %q", text)
	}
	return failed
}
