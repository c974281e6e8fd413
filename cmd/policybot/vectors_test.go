package main

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A fakeEndpoint is an embeddings server that makes a vector of each text from
// the hash of model and text: no meaning, but always the same.
type fakeEndpoint struct {
	*httptest.Server
	texts  atomic.Int64 // embedded so far
	limit  atomic.Int64 // from this number of texts on, requests hang; 0: never
	more   atomic.Int64 // values of a vector beyond 8
	broken atomic.Bool  // answers with status 500
	hung   chan struct{}

	asked, largest atomic.Int64 // dimensions asked for, and texts of the largest request
}

func newFakeEndpoint(t *testing.T) *fakeEndpoint {
	f := &fakeEndpoint{hung: make(chan struct{}, 100)}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeEndpoint) serve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Model string   `json:"model"`
		Input []string `json:"input"`
		Size  int64    `json:"dimensions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || f.broken.Load() {
		http.Error(w, `{"error":{"message":"out of order"}}`, http.StatusInternalServerError)
		return
	}
	if n := f.limit.Load(); n > 0 && f.texts.Load() >= n {
		f.hung <- struct{}{}
		<-r.Context().Done() // the client is gone
		return
	}
	f.asked.Store(in.Size)
	f.largest.Store(max(f.largest.Load(), int64(len(in.Input))))
	type row struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	}
	var out struct {
		Data []row `json:"data"`
	}
	for i, text := range in.Input {
		v := make([]float64, 8+f.more.Load())
		for j, b := range sha256.Sum256([]byte(in.Model + text)) {
			v[j%len(v)] += float64(b) - 127.5
		}
		out.Data = append(out.Data, row{i, v})
	}
	f.texts.Add(int64(len(in.Input)))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// env is what a run needs to ask f for vectors of a model.
func (f *fakeEndpoint) env(model string) map[string]string {
	return map[string]string{"OPENAI_BASE_URL": f.URL + "/v1", "OPENAI_API_KEY": "sk-0123456789abcdef", "POLICYBOT_EMBED_MODEL": model}
}

const vectorQuestion = "厦门对生物医药企业上市有什么目标？"

func ranked(t *testing.T, s setting, data string) (ids []string, said string) {
	t.Helper()
	r := s.run(t, "--data", data, "search", "--json", "-k", "20", vectorQuestion)
	if r.code != exitOK {
		t.Fatalf("exit %d: %s", r.code, r.err)
	}
	for _, h := range decode[searchResult](t, r).Hits {
		ids = append(ids, h.Clause.ID)
	}
	return ids, r.err
}

// TestVectors goes through the life of collections: none, built, changed to
// another model, rolled back, dropped.
func TestVectors(t *testing.T) {
	f, data := newFakeEndpoint(t), seeded(t)
	a, b := setting{env: f.env("model-a")}, setting{env: f.env("model-b")}
	words, said := ranked(t, setting{}, data)
	if said != "" {
		t.Errorf("without a model: %q", said)
	}
	if _, said := ranked(t, a, data); !strings.Contains(said, "model-a") || !strings.Contains(said, "policybot vectors build") {
		t.Errorf("a model without vectors: %q", said)
	}
	build := func(s setting, args ...string) output {
		return s.run(t, append([]string{"--data", data, "vectors", "build"}, args...)...)
	}
	build(a, "--weight", "0.5").want(t, exitOK).shows(t, "model-a", "106 embedded, 0 reused")
	first := f.texts.Load()
	withA, said := ranked(t, a, data)
	if said != "" || strings.Join(withA, " ") == strings.Join(words, " ") {
		t.Errorf("the vectors change nothing: %q %q", withA, said)
	}
	build(a, "--weight", "0.5").want(t, exitOK).shows(t, "0 embedded, 106 reused")
	if n := f.texts.Load(); n != first+2 { // the question, and one to see that the model answers
		t.Errorf("%d texts embedded again", n-first)
	}

	if ids, said := ranked(t, b, data); strings.Join(ids, " ") != strings.Join(withA, " ") || !strings.Contains(said, "model-a") || !strings.Contains(said, "model-b") {
		t.Errorf("built with A, configuration says B: %q %q", ids, said)
	}
	build(b, "--weight", "0.5").want(t, exitOK).shows(t, "model-b", "106 embedded")
	withB, _ := ranked(t, b, data)
	if strings.Join(withB, " ") == strings.Join(withA, " ") {
		t.Error("B ranks as A does")
	}
	s := decode[vectorsStatus](t, b.run(t, "--data", data, "vectors", "--json").want(t, exitOK))
	if !strings.Contains(s.Active.Model, "model-b") || !strings.Contains(s.Previous.Model, "model-a") || s.Missing != 0 || s.Clauses != 106 || s.Problem != "" {
		t.Errorf("%+v", s)
	}
	b.run(t, "--data", data, "vectors", "drop", s.Active.Model).want(t, exitError).says(t, "model-b")
	b.run(t, "--data", data, "vectors", "drop", s.Previous.Model).want(t, exitError).says(t, "model-a")
	a.run(t, "--data", data, "vectors", "rollback").want(t, exitOK).shows(t, "model-a")
	if ids, said := ranked(t, a, data); said != "" || strings.Join(ids, " ") != strings.Join(withA, " ") {
		t.Errorf("rolled back: %q %q", ids, said)
	}
	a.run(t, "--data", data, "vectors").want(t, exitOK).shows(t, "model-a", "106 of 106", "model-b")
	pb(t, data, "vectors", "drop", "model-c").want(t, exitOK)
}

// TestVectorsThatDoNotHelp: without a weight it is measured, and hashes as
// vectors are not worth building.
func TestVectorsThatDoNotHelp(t *testing.T) {
	f, data := newFakeEndpoint(t), seeded(t)
	words, _ := ranked(t, setting{}, data)
	s := setting{env: f.env("model-a")}
	s.run(t, "--data", data, "vectors", "build").want(t, exitOK).shows(t, "no gain", "--weight")
	measured := f.texts.Load()
	if ids, said := ranked(t, s, data); said != "" || strings.Join(ids, " ") != strings.Join(words, " ") || f.texts.Load() != measured {
		t.Errorf("vectors without a gain are used: %q %q", ids, said)
	}
	s.run(t, "--data", data, "vectors").want(t, exitOK).shows(t, "not used")
	pb(t, data, "vectors", "build", "--embedder", "default").want(t, exitOK).shows(t, "hash-", "no gain")
	pb(t, data, "vectors", "build", "--embedder", "default", "--weight", "0.1").want(t, exitOK).shows(t, "106 embedded")
	if _, said := ranked(t, setting{}, data); said != "" {
		t.Errorf("the built-in embedder: %q", said)
	}
}

// TestEmbedderDown: words go on alone, and it is said.
func TestEmbedderDown(t *testing.T) {
	t.Parallel()
	f, data := newFakeEndpoint(t), seeded(t)
	words, _ := ranked(t, setting{}, data)
	s := setting{env: f.env("model-a")}
	s.run(t, "--data", data, "vectors", "build", "--weight", "0.5").want(t, exitOK)
	f.broken.Store(true)
	ids, said := ranked(t, s, data)
	if strings.Join(ids, " ") != strings.Join(words, " ") {
		t.Errorf("%q, want what words alone find", ids)
	}
	if n := len(lines(said)); n != 1 || !strings.Contains(said, "words alone") || !strings.Contains(said, "model-a") || strings.Contains(said, "0123456789") {
		t.Errorf("%q", said)
	}
	if r := s.run(t, "--data", data, "ask", "--json", vectorQuestion); r.code != exitOK || !strings.Contains(r.err, "words alone") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	if r := pb(t, data, "ask", vectorQuestion); r.code != exitOK || !strings.Contains(r.err, "model-a") {
		t.Errorf("without the model's configuration: exit %d: %s", r.code, r.err)
	}
	more := write(t, t.TempDir(), "more.txt", policy("南汀市青蒿素产业发展办法", "青蒿素"))
	r := s.run(t, "--data", data, "index", more)
	if r.code != exitOK || !strings.Contains(r.err, "4 clauses have no vector yet") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	f.broken.Store(false)
	if r := s.run(t, "--data", data, "index", more); r.code != exitOK || !strings.Contains(r.err, "embedded 4 clauses, 106") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
}

func TestVectorErrors(t *testing.T) {
	f, data := newFakeEndpoint(t), seeded(t)
	pb(t, data, "vectors", "build").want(t, exitError).says(t, "POLICYBOT_EMBED_MODEL")
	pb(t, data, "vectors", "rollback").want(t, exitError)
	pb(t, data, "vectors", "build", "--embedder", "mystery").want(t, exitUsage)
	env := f.env("model-a")
	f.broken.Store(true)
	env["OPENAI_BASE_URL"] = "ftp://example.com"
	setting{env: env}.run(t, "--data", data, "vectors", "build").want(t, exitError).says(t, "BaseURL")
	if r := (setting{env: env}).run(t, "--data", data, "ask", vectorQuestion); r.code != exitOK || !strings.Contains(r.err, "BaseURL") {
		t.Errorf("a wrong setting: exit %d: %s", r.code, r.err)
	}
	for _, weight := range []string{"-1", "0", "11", "NaN", "1e300"} {
		pb(t, data, "vectors", "build", "--embedder", "default", "--weight="+weight).want(t, exitUsage)
	}
}

// TestKillDuringVectors ends a build of new vectors half-way with SIGKILL: the
// old ones serve, and the next build embeds what is missing and no more.
func TestKillDuringVectors(t *testing.T) {
	t.Parallel()
	f, data := newFakeEndpoint(t), seeded(t)
	a := setting{env: f.env("model-a")}
	a.run(t, "--data", data, "vectors", "build", "--weight", "0.5").want(t, exitOK)
	before, _ := ranked(t, a, data)
	start := f.texts.Load()
	f.limit.Store(start + 2) // the second batch hangs
	cmd := program("--data", data, "vectors", "build", "--weight", "0.5")
	for name, value := range f.env("model-b") {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-f.hung
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	f.limit.Store(0)
	if ids, said := ranked(t, a, data); said != "" || strings.Join(ids, " ") != strings.Join(before, " ") {
		t.Errorf("after the kill: %q %q", ids, said)
	}
	b := setting{env: f.env("model-b")}
	b.run(t, "--data", data, "vectors", "build", "--weight", "0.5").want(t, exitOK).shows(t, "42 embedded, 64 reused")
	s := decode[vectorsStatus](t, b.run(t, "--data", data, "vectors", "--json").want(t, exitOK))
	if !strings.Contains(s.Active.Model, "model-b") || s.Missing != 0 {
		t.Errorf("%+v", s)
	}
	if r := b.run(t, "--data", data, "doctor"); r.code != exitOK || !strings.Contains(r.out, "model-b") {
		t.Errorf("doctor: %s%s", r.out, r.err)
	}
}

// TestVectorsOff: searches go by words alone until what was in use is rolled
// back to, and nothing is sent anywhere.
func TestVectorsOff(t *testing.T) {
	f, data := newFakeEndpoint(t), seeded(t)
	words, _ := ranked(t, setting{}, data)
	s := setting{env: f.env("model-a")}
	s.run(t, "--data", data, "vectors", "off").want(t, exitOK)
	s.run(t, "--data", data, "vectors", "build", "--weight", "0.5").want(t, exitOK)
	with, _ := ranked(t, s, data)
	s.run(t, "--data", data, "vectors", "off").want(t, exitOK).shows(t, "not used")
	sent := f.texts.Load()
	if ids, said := ranked(t, s, data); said != "" || strings.Join(ids, " ") != strings.Join(words, " ") || f.texts.Load() != sent {
		t.Errorf("off: %q %q", ids, said)
	}
	s.run(t, "--data", data, "vectors").want(t, exitOK).shows(t, "not used", "before it: openai model-a")
	s.run(t, "--data", data, "vectors", "rollback").want(t, exitOK).shows(t, "model-a")
	if ids, _ := ranked(t, s, data); strings.Join(ids, " ") != strings.Join(with, " ") {
		t.Errorf("rolled back: %q", ids)
	}
	sent = f.texts.Load()
	if ids, said := ranked(t, setting{}, data); f.texts.Load() != sent || !strings.Contains(said, "model-a") || strings.Join(ids, " ") != strings.Join(words, " ") {
		t.Errorf("no model is configured: %q %q", ids, said)
	}
}

// TestModelChangedUnderItsName: the endpoint gives longer vectors than before.
func TestModelChangedUnderItsName(t *testing.T) {
	t.Parallel()
	f, data := newFakeEndpoint(t), seeded(t)
	s := setting{env: f.env("model-a")}
	build := func(args ...string) output {
		return s.run(t, append([]string{"--data", data, "vectors", "build", "--weight", "0.5"}, args...)...)
	}
	build().want(t, exitOK)
	f.more.Store(5)
	if _, said := ranked(t, s, data); !strings.Contains(said, "words alone") || !strings.Contains(said, "--again") {
		t.Errorf("%q", said)
	}
	build().want(t, exitError).says(t, "--again")
	build("--again").want(t, exitOK).shows(t, "106 embedded, 0 reused")
	if _, said := ranked(t, s, data); said != "" {
		t.Errorf("%q", said)
	}
	more := write(t, t.TempDir(), "more.txt", policy("南汀市青蒿素产业发展办法", "青蒿素"))
	if r := s.run(t, "--data", data, "index", more); r.code != exitOK || !strings.Contains(r.err, "embedded 4 clauses") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	build().want(t, exitOK).shows(t, "0 embedded, 110 reused")
}

// TestEmbedConfiguration: the file says how many values to ask for, and how many
// texts a request may have.
func TestEmbedConfiguration(t *testing.T) {
	f, data := newFakeEndpoint(t), seeded(t)
	file := write(t, t.TempDir(), "policybot.yaml", "embed:\n  dimensions: 8\n  batch: 10\n")
	s := setting{env: f.env("model-a")}
	s.run(t, "--data", data, "--config", file, "vectors", "build", "--weight", "0.5").want(t, exitOK).shows(t, "model-a 8 ")
	if f.asked.Load() != 8 || f.largest.Load() != 10 {
		t.Errorf("%d values asked for, %d texts in a request", f.asked.Load(), f.largest.Load())
	}
	bad := write(t, t.TempDir(), "policybot.yaml", "embed:\n  batches: 10\n")
	s.run(t, "--data", data, "--config", bad, "vectors").want(t, exitError).says(t, "batches", "dimensions, batch")
}

// TestIndexBuildsFirst: with a model configured index measures it once and, as
// it shows no gain, builds nothing and keeps that in mind; an endpoint that is
// down stops nothing.
func TestIndexBuildsFirst(t *testing.T) {
	t.Parallel()
	f, data := newFakeEndpoint(t), seeded(t)
	s := setting{env: f.env("model-a")}
	file := write(t, t.TempDir(), "more.txt", policy("南汀市青蒿素产业发展办法", "青蒿素"))
	f.broken.Store(true)
	if r := s.run(t, "--data", data, "index", "--json", file); r.code != exitOK || !strings.Contains(r.err, "words alone") || len(decodeAll[indexLine](t, r)) != 1 {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	f.broken.Store(false)
	if r := s.run(t, "--data", data, "index", file); r.code != exitOK || !strings.Contains(r.err, "no gain") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	measured := f.texts.Load()
	if r := s.run(t, "--data", data, "index", file); r.code != exitOK || r.err != "" || f.texts.Load() != measured {
		t.Errorf("again: exit %d: %s", r.code, r.err)
	}
}
