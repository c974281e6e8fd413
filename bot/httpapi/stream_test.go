package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/bot/channel"
)

// parseEvents reads a stream as a client does. It gives "name data" for each event and ": comment" for
// each comment.
func parseEvents(t testing.TB, body string) []string {
	t.Helper()
	var out []string
	for block := range strings.SplitSeq(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		if strings.HasPrefix(block, ":") && !strings.Contains(block, "\n") {
			out = append(out, block)
			continue
		}
		name, data, ok := strings.Cut(block, "\n")
		name, isEvent := strings.CutPrefix(name, "event: ")
		data, isData := strings.CutPrefix(data, "data: ")
		if !ok || !isEvent || !isData || strings.ContainsAny(data, "\r\n") || !json.Valid([]byte(data)) {
			t.Errorf("%q is no event with data on one line", block)
		}
		out = append(out, name+" "+data)
	}
	return out
}

// snapshot makes a document of sentences, with a notice and a line between them.
func snapshot(sentences ...string) channel.Doc {
	d := channel.Doc{Nodes: []channel.Node{{Kind: channel.Line, Text: "依据如下："}}}
	for i, s := range sentences {
		d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Sentence, Text: s, Cites: []int{i + 1}}, channel.Node{Kind: channel.Notice, Text: "期限已过。"})
	}
	return d
}

func TestStream(t *testing.T) {
	accepted, progress := `accepted {"id":"a1"}`, `progress {"step":"reading"}`
	one, two := `sentence {"text":"甲。","citations":[1]}`, `sentence {"text":"乙 <b>。","citations":[2]}`
	answer := `answer {"id":"a1","outcome":"answered","sentences":[{"text":"甲。","citations":[1]},{"text":"乙 <b>。","citations":[2]}]}`
	cases := []struct {
		name string
		do   func(t *testing.T, p channel.Reply)
		want []string
	}{
		{"only the answer", func(*testing.T, channel.Reply) {}, []string{accepted, one, two, answer}},
		{"snapshots that grow", func(t *testing.T, p channel.Reply) {
			show(t, p, "甲。")
			show(t, p, "甲。", "乙 <b>。")
		}, []string{accepted, one, two, answer}},
		{"a snapshot again, and an older one", func(t *testing.T, p channel.Reply) {
			show(t, p, "甲。", "乙 <b>。")
			show(t, p, "甲。", "乙 <b>。")
			show(t, p, "甲。")
		}, []string{accepted, one, two, answer}},
		{"an empty snapshot", func(t *testing.T, p channel.Reply) { show(t, p) }, []string{accepted, one, two, answer}},
		{"progress", func(t *testing.T, p channel.Reply) {
			if err := p.Progress(t.Context(), "reading"); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			show(t, p, "甲。")
		}, []string{accepted, progress, one, two, answer}},
		{"text that grows, and text that does not", func(t *testing.T, p channel.Reply) {
			for _, text := range []string{"甲", "甲。[1]", "甲。[1]", "乙", "甲", "甲。[1]乙"} {
				if err := p.Update(t.Context(), channel.Doc{Text: text}); err != nil {
					t.Error(err)
				}
				synctest.Wait()
			}
		}, []string{accepted, `text {"text":"甲"}`, `text {"text":"。[1]"}`, `text {"text":"乙"}`, one, two, answer}},
		{"answered anew and otherwise", func(t *testing.T, p channel.Reply) {
			show(t, p, "丙。")
			show(t, p, "甲。", "乙 <b>。")
		}, []string{accepted, `sentence {"text":"丙。","citations":[1]}`, answer}},
		{"silence", func(*testing.T, channel.Reply) {
			<-time.After(2*pingEvery + pollEvery/2)
		}, []string{accepted, ": ping", ": ping", one, two, answer}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				a := start(t, f, Options{})
				waiting := askStream(a)
				synctest.Wait()
				tt.do(t, f.begin(t, a, "a1"))
				f.finish(t, a, "a1", "甲。", "乙 <b>。")
				w := <-waiting
				if diff := cmp.Diff(tt.want, parseEvents(t, w.Body.String())); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				h := w.Header()
				if w.Code != 200 || h.Get("Content-Type") != "text/event-stream; charset=utf-8" || h.Get("X-Accel-Buffering") != "no" || h.Get("Cache-Control") != "no-store" {
					t.Errorf("status %d, headers %v", w.Code, h)
				}
			})
		})
	}
}

// askStream asks for a stream.
func askStream(a *API) <-chan *httptest.ResponseRecorder {
	return sendLater(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`, "Accept", "text/html, Text/Event-Stream;q=0.9"))
}

// show shows a snapshot and waits until it is sent.
func show(t testing.TB, p channel.Reply, sentences ...string) {
	t.Helper()
	if err := p.Update(t.Context(), snapshot(sentences...)); err != nil {
		t.Error(err)
	}
	synctest.Wait()
}

// TestStreamEnds: a stream without an answer says why.
func TestStreamEnds(t *testing.T) {
	cases := []struct {
		name string
		end  func(t *testing.T, f *fakeService, a *API)
		want string
	}{
		{"too long", func(*testing.T, *fakeService, *API) {}, `pending {"id":"a1","state":"pending","url":"/api/v1/answers/a1"}`},
		{"taken back", func(t *testing.T, f *fakeService, a *API) {
			f.begin(t, a, "a1").Abort(t.Context(), "withdrawn")
		}, `error {"error":"The question was taken back."}`},
		{"an answer that is none", func(_ *testing.T, f *fakeService, _ *API) {
			f.complete("a1", json.RawMessage(`{"sentences":"secret"}`))
		}, `error {"error":"This cannot be done just now; try again later."}`},
		{"a sentence that is none", func(_ *testing.T, f *fakeService, _ *API) {
			f.complete("a1", json.RawMessage(`{"sentences":["secret"]}`))
		}, `error {"error":"This cannot be done just now; try again later."}`},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				log, _ := logged()
				a := start(t, f, Options{Wait: 5 * time.Second, Log: log})
				waiting := askStream(a)
				synctest.Wait()
				tt.end(t, f, a)
				got := parseEvents(t, (<-waiting).Body.String())
				if diff := cmp.Diff([]string{`accepted {"id":"a1"}`, tt.want}, got); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestStreamRefused: a question that is turned away has the status of one, and the same events.
func TestStreamRefused(t *testing.T) {
	a := start(t, newFake(), Options{})
	w := send(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"busy"}`, "Accept", "text/event-stream"))
	want := []string{`accepted {"id":"a1"}`, `answer {"id":"a1","outcome":"refused","reason":"busy","sentences":[]}`}
	if diff := cmp.Diff(want, parseEvents(t, w.Body.String())); diff != "" || w.Code != 503 || w.Header().Get("Retry-After") != "30" {
		t.Errorf("status %d, events (-want +got):\n%s", w.Code, diff)
	}
}

// TestStreamErrorsBefore: an error before the question is stored is an ordinary one.
func TestStreamErrorsBefore(t *testing.T) {
	a := start(t, newFake(), Options{})
	w := send(a, request("POST", "/api/v1/ask", `{}`, "Accept", "text/event-stream"))
	wantReply(t, w, 400, `{"error":"\"question\" is missing."}`)
}

// TestStreamLeft: an asker that goes away ends the stream, and the question goes on.
func TestStreamLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a := start(t, f, Options{})
		ctx, leave := context.WithCancel(t.Context())
		r := request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`, "Accept", "text/event-stream")
		waiting := sendLater(a, r.WithContext(ctx))
		synctest.Wait()
		leave()
		<-waiting
		f.finish(t, a, "a1", "甲。")
		wantReply(t, send(a, request("GET", "/api/v1/answers/a1", "")), 200, string(answerOf("a1", "甲。")))
	})
}

// TestStreamLaws: whatever snapshots come, and whether they are seen or not, the sentences of a stream are
// those of the answer, each once and in order.
func TestStreamLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(rt, "sentences")
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("第%d句\n%s", i, rapid.String().Draw(rt, "text")))
		}
		w := httptest.NewRecorder()
		s := openStream(w, 200)
		for range rapid.IntRange(0, 8).Draw(rt, "snapshots") {
			d := snapshot(all[:rapid.IntRange(0, n).Draw(rt, "length")]...)
			if err := s.news(news{doc: &d}); err != nil {
				rt.Fatal(err)
			}
		}
		if err := s.answer(answerOf("a1", all...)); err != nil {
			rt.Fatal(err)
		}
		events := parseEvents(t, w.Body.String())
		if len(events) != n+1 || !strings.HasPrefix(events[n], "answer ") {
			rt.Fatalf("%d events for %d sentences: %q", len(events), n, events)
		}
		var got []string
		for _, e := range events[:n] {
			var one streamed
			data, ok := strings.CutPrefix(e, "sentence ")
			if err := json.Unmarshal([]byte(data), &one); err != nil || !ok {
				rt.Fatalf("%q: %v", e, err)
			}
			got = append(got, one.Text)
		}
		if !slices.Equal(got, all) {
			rt.Fatalf("sentences %q, want %q", got, all)
		}
	})
}
