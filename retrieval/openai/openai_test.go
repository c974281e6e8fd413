package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"policybot/retrieval/embed"
	"policybot/retrieval/embed/embedtest"
	"policybot/retrieval/openai"
	"policybot/retrieval/vector"
)

func TestEmbedder(t *testing.T) {
	server := httptest.NewServer(&fakeEndpoint{})
	t.Cleanup(server.Close)
	for _, o := range []openai.Options{{}, {Batch: 1}, {Batch: 7, Dimensions: fakeSize}} {
		o.BaseURL, o.HTTPClient = server.URL+"/v1/", server.Client()
		t.Run(fmt.Sprint("batch ", o.Batch), func(t *testing.T) {
			embedtest.TestEmbedder(t, func(t *testing.T) embed.Embedder { return open(t, o) })
		})
	}
}

func TestRequest(t *testing.T) {
	e, f := overHTTP(t, openai.Options{Batch: 2, Dimensions: fakeSize})
	if _, err := e.Embed(t.Context(), embed.Question, []string{"一", "", " \n"}); err != nil {
		t.Fatal(err)
	}
	seen := f.requests()
	want := []map[string]any{
		{"model": testModel, "dimensions": float64(fakeSize), "input": []any{"一", " "}},
		{"model": testModel, "dimensions": float64(fakeSize), "input": []any{" \n"}},
	}
	for i, s := range seen {
		if diff := cmp.Diff(want[i], s.body); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i+1, diff)
		}
		if got := s.header.Get("Authorization"); got != "Bearer "+testKey || s.path != "/v1/embeddings" {
			t.Errorf("request %d to %s with Authorization %q", i+1, s.path, got)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d requests, want %d", len(seen), len(want))
	}

	e, f = overHTTP(t, openai.Options{})
	if _, err := e.Embed(t.Context(), embed.Question, []string{"一"}); err != nil {
		t.Fatal(err)
	}
	if _, has := f.requests()[0].body["dimensions"]; has {
		t.Errorf("dimensions are asked for without need: %v", f.requests()[0].body)
	}
}

func TestNoKey(t *testing.T) {
	f := &fakeEndpoint{}
	e, err := openai.New(openai.Options{Model: testModel, HTTPClient: &http.Client{Transport: f}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(t.Context(), embed.Passage, []string{"一"}); err != nil {
		t.Fatal(err)
	}
	if _, has := f.requests()[0].header["Authorization"]; has {
		t.Error("an Authorization header is sent without a key")
	}
}

// TestAnswers has all answers that one request can get.
func TestAnswers(t *testing.T) {
	numbered := func(indexes ...int) play {
		return changed(func(data []datum) []datum {
			for i, index := range indexes {
				data[i]["index"] = index
			}
			return data
		})
	}
	for _, tt := range []struct {
		name  string
		play  play
		class openai.Class // empty: the right vectors
		parts []string     // of the error
	}{
		{"good", good, "", nil},
		{"shuffled", changed(func(data []datum) []datum { slices.Reverse(data); return data }), "", nil},
		{"text/plain", verbatimGood("text/plain; charset=utf-8"), "", nil},
		{"no content type", verbatimGood(""), "", nil},
		{"nulls", func(w http.ResponseWriter, _ *http.Request, texts []string) {
			reply(w, 200, datum{"object": nil, "usage": nil, "model": nil, "error": nil, "data": vectorsOf(texts), "extra": 1})
		}, "", nil},

		{"a vector missing", changed(func(data []datum) []datum { return data[:2] }), openai.BadAnswer, []string{"2 vectors for 3 texts", "texts 1 to 3 of 3"}},
		{"a vector too many", changed(func(data []datum) []datum { return append(data, data[0]) }), openai.BadAnswer, []string{"4 vectors for 3 texts"}},
		{"none", changed(func([]datum) []datum { return []datum{} }), openai.BadAnswer, []string{"0 vectors for 3 texts"}},
		{"index twice", numbered(0, 2, 2), openai.BadAnswer, []string{"two vectors have index 2"}},
		{"index from 1", numbered(1, 2, 3), openai.BadAnswer, []string{"index 3"}},
		{"index below 0", numbered(-1, 1, 2), openai.BadAnswer, []string{"index -1"}},
		{"index always 0", numbered(0, 0, 0), openai.BadAnswer, []string{"number", "Batch to 1"}},
		{"index missing", changed(func(data []datum) []datum {
			for _, d := range data {
				delete(d, "index")
			}
			return data
		}), openai.BadAnswer, []string{"number", "Batch to 1"}},
		{"index is a word", changed(func(data []datum) []datum { data[0]["index"] = "x"; return data }), openai.BadAnswer, []string{"index"}},

		{"other dimensions", withVector("[1,2,3]"), openai.BadAnswer, []string{"text 2", "3 values", "have 8"}},
		{"no values", withVector("[]"), openai.BadAnswer, []string{"text 2", "no values"}},
		{"all zero", withVector("[0,0,0,0,0,0,0,0]"), openai.BadAnswer, []string{"text 2", "zero norm"}},
		{"null for NaN", withVector("[1,2,3,4,null,6,7,8]"), openai.BadAnswer, []string{"text 2", "NaN"}},
		{"null for a vector", withVector("null"), openai.BadAnswer, []string{"text 2", "missing"}},
		{"too large", withVector("[1,2,3,4,1e39,6,7,8]"), openai.BadAnswer, []string{"text 2", "1e39"}},
		{"base64", withVector(`"AACAPwAAAEAAAEBA"`), openai.BadAnswer, []string{"text 2", "base64"}},
		{"vector a token", withVector("[[1,2],[3,4]]"), openai.BadAnswer, []string{"text 2", "array"}},
		{"words", withVector(`[1,"2",3,4,5,6,7,8]`), openai.BadAnswer, []string{"text 2", "string"}},
		{"object", withVector(`{"0":1}`), openai.BadAnswer, []string{"text 2", "not a list"}},
		{"NaN", verbatim(200, "application/json", `{"data":[{"index":0,"embedding":[NaN]}]}`), openai.BadAnswer, []string{"'N'"}},

		{"web page", verbatim(200, "text/html; charset=utf-8", "<!DOCTYPE html>\n<title>Log in</title>"), openai.BadAnswer, []string{"web page", "login", "<title>Log in</title>"}},
		{"web page called JSON", verbatim(200, "application/json", "\n<html>Log in</html>"), openai.BadAnswer, []string{"web page"}},
		{"event stream", verbatim(200, "text/event-stream", "data: {}\n\n"), openai.BadAnswer, []string{"stream of events"}},
		{"empty", verbatim(200, "application/json", " "), openai.BadAnswer, []string{"empty"}},
		{"no JSON", verbatim(200, "text/plain", "OK"), openai.BadAnswer, []string{"no list of embeddings"}},
		{"bare list", verbatim(200, "application/json", "[[1,2],[3,4]]"), openai.BadAnswer, []string{"no list of embeddings"}},
		{"null", verbatim(200, "application/json", "null"), openai.BadAnswer, []string{"no list of embeddings"}},
		{"chat answer", verbatim(200, "application/json", `{"choices":[]}`), openai.BadAnswer, []string{"choices"}},
		{"usage is odd", func(w http.ResponseWriter, _ *http.Request, texts []string) {
			reply(w, 200, datum{"data": vectorsOf(texts), "usage": datum{"total_tokens": "many"}})
		}, openai.BadAnswer, []string{"total_tokens"}},
		{"endless", endless, openai.BadAnswer, []string{"more than", "bytes"}},
		{"error with 200", refusal(200, "some_code", "busy"), openai.BadAnswer, []string{"busy", "some_code", "HTTP 200"}},
		{"401 with 200", verbatim(200, "application/json", `{"error":{"message":"who?","code":401}}`), openai.Unauthorized, []string{"who?"}},
		{"quota with 200", refusal(200, "insufficient_quota", "pay"), openai.QuotaExceeded, nil},
		{"created", verbatim(201, "application/json", `{"data":[]}`), openai.BadAnswer, []string{"HTTP 201"}},

		{"400", refusal(400, "context_length_exceeded", "too long"), openai.Refused, []string{"too long", "HTTP 400, context_length_exceeded", "longest text is number 3 with 9 characters"}},
		{"401", refusal(401, "invalid_api_key", "no"), openai.Unauthorized, []string{"check the key"}},
		{"402", verbatim(402, "application/json", `{"error":{"message":"Insufficient Balance"}}`), openai.QuotaExceeded, []string{"Insufficient Balance"}},
		{"403", refusal(403, "", "region"), openai.Unauthorized, []string{"region"}},
		{"403 for a model", refusal(403, "model_not_found", "no access"), openai.NotFound, nil},
		{"404", verbatim(404, "text/plain", "404 page not found\n"), openai.NotFound, []string{"404 page not found;"}},
		{"405", verbatim(405, "text/html", "<h1>no</h1>"), openai.NotFound, nil},
		{"413", verbatim(413, "text/html", "<h1>too large</h1>"), openai.Refused, nil},
		{"422", verbatim(422, "application/json", `{"detail":[{"loc":["body","input"],"msg":"batch size 3 > 2"}]}`), openai.Refused, []string{"batch size 3 > 2"}},
		{"424", verbatim(424, "application/json", `{"error":"unhealthy","error_type":"unhealthy"}`), openai.Refused, []string{"HTTP 424, unhealthy"}},
		{"429", refusal(429, "rate_limit_exceeded", "slow down", "Retry-After", "7"), openai.RateLimited, []string{"slow down"}},
		{"429 for quota", refusal(429, "insufficient_quota", "You exceeded your current quota"), openai.QuotaExceeded, []string{"balance"}},
		{"500", verbatim(500, "application/json", `{"object":"error","message":"CUDA\nout of memory","code":500}`), openai.Unavailable, []string{"CUDA out of memory"}},
		{"501", verbatim(501, "text/plain", ""), openai.Unavailable, nil},
		{"502", verbatim(502, "text/html", "<html>"+strings.Repeat("<p>Bad Gateway</p>\n", 10_000)), openai.Unavailable, []string{"Bad Gateway", "…"}},
		{"cut", cut, openai.Unavailable, []string{"before the answer was complete"}},
		{"shortened", shortened, openai.Unavailable, []string{"before the answer was complete"}},
		{"closed", func(http.ResponseWriter, *http.Request, []string) { panic(http.ErrAbortHandler) }, openai.Unavailable, nil},
		{"moved", func(w http.ResponseWriter, r *http.Request, _ []string) {
			http.Redirect(w, r, "https://elsewhere.example/v1?token="+testKey, http.StatusTemporaryRedirect)
		}, openai.NotFound, []string{"moved to https://elsewhere.example/v1;"}},
		{"terminal codes", refusal(400, "\x1b[2J", "a\x1b[31mb\u202ec\x00"), openai.Refused, []string{"a [31mb c"}},
		{"odd error", verbatim(400, "application/json", `{"error":{"message":["a","b"],"type":7,"code":[1]}}`), openai.Refused, []string{`["a","b"]`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, f := overHTTP(t, openai.Options{}, tt.play)
			texts := []string{"第一条", "second", "the third"}
			vectors, err := e.Embed(t.Context(), embed.Passage, texts)
			if n := len(f.requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			if tt.class == "" {
				wantVectors(t, vectors, err, texts)
				return
			}
			failed := wantError(t, err, tt.class, tt.parts...)
			if vectors != nil || e.Dimensions() != 0 || failed.Tries != 1 {
				t.Errorf("%d vectors, %d dimensions, %d tries after an error; want 0, 0, 1", len(vectors), e.Dimensions(), failed.Tries)
			}
		})
	}
}

// verbatimGood answers well with another content type; empty: none.
func verbatimGood(contentType string) play {
	return func(w http.ResponseWriter, _ *http.Request, texts []string) {
		body, err := json.Marshal(datum{"data": vectorsOf(texts)})
		if err != nil {
			panic(err)
		}
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.Write(body)
	}
}

func wantVectors(t *testing.T, vectors [][]float32, err error, texts []string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range vectorsOf(texts) {
		if diff := cmp.Diff(d["embedding"], vectors[i]); diff != "" {
			t.Errorf("vector of %q (-want +got):\n%s", texts[i], diff)
		}
	}
}

// TestOneTextNeedsNoIndex is the way out for endpoints that do not number.
func TestOneTextNeedsNoIndex(t *testing.T) {
	noIndex := changed(func(data []datum) []datum { delete(data[0], "index"); return data })
	e, _ := overHTTP(t, openai.Options{Batch: 1}, noIndex)
	texts := []string{"一", "二", "三"}
	vectors, err := e.Embed(t.Context(), embed.Passage, texts)
	wantVectors(t, vectors, err, texts)
}

func TestDimensions(t *testing.T) {
	two := func(w http.ResponseWriter, _ *http.Request, texts []string) {
		data := vectorsOf(texts)
		for _, d := range data {
			d["embedding"] = []int{3, 4}
		}
		reply(w, 200, datum{"data": data})
	}
	embedTwo := func(e *openai.Embedder) error {
		_, err := e.Embed(t.Context(), embed.Passage, []string{"一", "二"})
		return err
	}

	e, _ := overHTTP(t, openai.Options{Batch: 1}, good, two, good)
	failed := wantError(t, embedTwo(e), openai.BadAnswer, "texts 2 to 2 of 2", "text 2 has 2 values, those before it have 8")
	if invalid, ok := errors.AsType[*vector.Invalid](failed); !ok || invalid.Reason != vector.Dimensions {
		t.Errorf("the cause is %v, want a *vector.Invalid about dimensions", failed.Err)
	}
	if e.Dimensions() != 0 {
		t.Errorf("Dimensions = %d after a failure, want 0", e.Dimensions())
	}
	if err := embedTwo(e); err != nil || e.Dimensions() != fakeSize {
		t.Errorf("Dimensions = %d, %v; want %d", e.Dimensions(), err, fakeSize)
	}

	e, _ = overHTTP(t, openai.Options{}, good, two)
	if err := embedTwo(e); err != nil {
		t.Fatal(err)
	}
	wantError(t, embedTwo(e), openai.BadAnswer, "text 1 has 2 values")

	e, _ = overHTTP(t, openai.Options{Dimensions: 4})
	if e.Dimensions() != 4 {
		t.Errorf("Dimensions = %d, want the 4 asked for", e.Dimensions())
	}
	wantError(t, embedTwo(e), openai.BadAnswer, "text 1 has 8 values instead of the 4 asked for", "Dimensions 0")
}

func TestModel(t *testing.T) {
	for _, tt := range []struct {
		o    openai.Options
		want string
	}{
		{openai.Options{Model: "m"}, "openai m own api.openai.com/v1"},
		{openai.Options{Model: "BAAI/bge-m3", Dimensions: 512, APIKey: "k"}, "openai BAAI/bge-m3 512 api.openai.com/v1"},
		{openai.Options{Model: "m", BaseURL: "https://API.OpenAI.com:443/v1/", APIKey: "other"}, "openai m own api.openai.com/v1"},
		{openai.Options{Model: "m", BaseURL: "http://127.0.0.1:8080"}, "openai m own 127.0.0.1:8080"},
		{openai.Options{Model: "m", BaseURL: "http://[::1]:80/%E4%B8%80//"}, "openai m own [::1]/%E4%B8%80"},
		{openai.Options{Model: "m", BaseURL: "http://127.0.0.1:8080", Endpoint: "tei"}, "openai m own tei"},
	} {
		e, err := openai.New(tt.o)
		if err != nil {
			t.Errorf("%v: %v", tt.o, err)
			continue
		}
		if e.Model() != tt.want {
			t.Errorf("Model = %q, want %q", e.Model(), tt.want)
		}
	}
}

func TestBadOptions(t *testing.T) {
	for _, tt := range []struct {
		o      openai.Options
		option string
	}{
		{openai.Options{}, "Model"},
		{openai.Options{Model: "a b"}, "Model"},
		{openai.Options{Model: "a\x00"}, "Model"},
		{openai.Options{Model: "a\xff"}, "Model"},
		{openai.Options{Model: "m", APIKey: testKey + "\n"}, "APIKey"},
		{openai.Options{Model: "m", APIKey: "Bearer " + testKey}, "APIKey"},
		{openai.Options{Model: "m", APIKey: "“" + testKey + "”"}, "APIKey"},
		{openai.Options{Model: "m", APIKey: testKey, BaseURL: "https://host/" + testKey}, "APIKey"},
		{openai.Options{Model: "m", BaseURL: "api.openai.com/v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "ftp://host/v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https:///v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https://host\n/v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https://ho st/v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https://user:" + testKey + "@host/v1"}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https://host/v1?key=" + testKey}, "BaseURL"},
		{openai.Options{Model: "m", BaseURL: "https://host/v1#"}, "BaseURL"},
		{openai.Options{Model: "m", Endpoint: "my server"}, "Endpoint"},
		{openai.Options{Model: "m", Dimensions: -1}, "Dimensions"},
		{openai.Options{Model: "m", Batch: -1}, "Batch"},
		{openai.Options{Model: "m", Batch: 2049}, "Batch"},
		{openai.Options{Model: "m", Timeout: -1}, "Timeout"},
	} {
		_, err := openai.New(tt.o)
		if failed := wantError(t, err, openai.BadOptions); failed.Option != tt.option {
			t.Errorf("option %s is at fault, want %s: %v", failed.Option, tt.option, err)
		}
	}
}

// TestKeyIsHidden lets an endpoint say the key in every way it can.
func TestKeyIsHidden(t *testing.T) {
	half := testKey[:len(testKey)-5]
	for name, answer := range map[string]play{
		"message":    refusal(401, "invalid_api_key", "Incorrect API key provided: "+testKey+". Find yours in the console."),
		"code":       refusal(401, testKey, "no"),
		"half":       refusal(401, "", "no: "+half+"*****"),
		"lower case": refusal(400, "", strings.ToLower(testKey)),
		"twice":      refusal(500, "", testKey+testKey),
		"page":       verbatim(200, "text/html", "<p>Bearer "+testKey+"</p>"),
		"text":       verbatim(503, "text/plain", strings.Repeat("x", 190)+testKey),
		"other JSON": verbatim(200, "application/json", `{"received":"Bearer `+testKey+`"}`),
		"location": func(w http.ResponseWriter, _ *http.Request, _ []string) {
			w.Header().Set("Location", "https://host/"+testKey)
			w.WriteHeader(302)
		},
		"value": withVector(`["` + testKey + `"]`),
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := overHTTP(t, openai.Options{}, answer)
			_, err := e.Embed(t.Context(), embed.Passage, []string{"一", "二"})
			all := strings.ToLower(fmt.Sprintf("%v %+v %#v %q", err, err, err, err))
			for i := range len(testKey) - 7 {
				if part := strings.ToLower(testKey[i : i+8]); strings.Contains(all, part) {
					t.Fatalf("%q of the key is in the error: %s", part, all)
				}
			}
		})
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	o := openai.Options{APIKey: testKey, Model: testModel}
	e, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range []any{o, &o, e} {
		fmt.Fprintf(&b, "%v %+v %#v %s %q\n", v, v, v, v, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	}
	if strings.Contains(b.String(), testKey) {
		t.Errorf("the key is printed: %s", b.String())
	}
}

// TestFilesAreCode fails when recorded traffic joins this package, which may hold
// keys of real accounts.
func TestFilesAreCode(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(name) != ".go" {
			t.Errorf("%s is no Go file; if it holds recorded traffic, check here that it has no key", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
