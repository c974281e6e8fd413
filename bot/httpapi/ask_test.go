package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/bot/channel"
)

// TestEvents: what a request says is what the service gets.
func TestEvents(t *testing.T) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	ann := []string{HeaderKey, "k1", HeaderUser, "安", HeaderConversation, "talk"}
	asker := func(key string) channel.Actor { return channel.Actor{ID: "question " + key} }
	cases := []struct {
		name string
		r    *http.Request
		want channel.Event
	}{
		{
			"a question with everything",
			request("POST", "/api/v1/ask", `{"id":"a1","question":" 绿灯 ","history":[{"role":"assistant","text":"甲"}],"as_of":"2024-02-29","profile":{ "a": [1] },"lang":"en"}`, ann...),
			channel.Event{
				Kind: channel.Question, DeliveryKey: "k1", ContentKey: "k1", ID: "a1", Actor: channel.Actor{ID: "安"}, Place: channel.Place{ID: "安", Thread: "talk"},
				Text: " 绿灯 ", Lang: "en", History: []channel.Turn{{Role: "assistant", Text: "甲"}}, AsOf: day, Profile: json.RawMessage(`{"a":[1]}`), Reply: newHandle("k1"),
			},
		},
		{
			"a question with nothing else",
			request("POST", "/api/v1/ask", `{"question":"绿灯"}`, HeaderKey, "k2"),
			channel.Event{Kind: channel.Question, DeliveryKey: "k2", ContentKey: "k2", Actor: asker("k2"), Place: channel.Place{ID: "question k2", Thread: "k2"}, Text: "绿灯", Reply: newHandle("k2")},
		},
		{
			"an empty history is one",
			request("POST", "/api/v1/ask", `{"question":"绿灯","history":[]}`, HeaderKey, "k3"),
			channel.Event{Kind: channel.Question, DeliveryKey: "k3", ContentKey: "k3", Actor: asker("k3"), Place: channel.Place{ID: "question k3", Thread: "k3"}, Text: "绿灯", History: []channel.Turn{}, Reply: newHandle("k3")},
		},
		{
			"feedback",
			request("POST", "/api/v1/answers/done/feedback", `{"good":false,"reason":"wrong","text":"第三条变了"}`, ann...),
			channel.Event{
				Kind: channel.Rated, DeliveryKey: "k1", Actor: channel.Actor{ID: "安"}, Place: channel.Place{ID: "安", Thread: "talk"},
				Feedback: &channel.Feedback{Answer: "done", Reason: "wrong", Text: "第三条变了"},
			},
		},
		{
			"a person",
			request("POST", "/api/v1/answers/open/handover", `{"text":"请联系我"}`, HeaderKey, "k4"),
			channel.Event{Kind: channel.HandOver, DeliveryKey: "k4", ContentKey: "open", Actor: asker("key-open"), Place: channel.Place{ID: "question key-open", Thread: "key-open"}, Text: "请联系我"},
		},
		{
			"taken back",
			request("DELETE", "/api/v1/answers/open", "", HeaderKey, "k5"),
			channel.Event{Kind: channel.Deleted, DeliveryKey: "k5", ContentKey: "key-open", Actor: asker("key-open"), Place: channel.Place{ID: "question key-open", Thread: "key-open"}},
		},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := tableFake()
				a := start(t, f, Options{})
				if w := send(a, tt.r); w.Code >= 300 {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				if diff := cmp.Diff([]channel.Event{tt.want}, f.asked()); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestRandomKeys: without a key every request is a question of its own, in a conversation of its own.
func TestRandomKeys(t *testing.T) {
	f := newFake()
	a := start(t, f, Options{})
	for range 2 {
		send(a, request("POST", "/api/v1/ask", `{"question":"绿灯"}`))
	}
	e := f.asked()
	if len(e) != 2 || e[0].ContentKey == e[1].ContentKey || e[0].Place == e[1].Place || len(e[0].ContentKey) < 22 {
		t.Errorf("events %+v, want two with long keys that differ", e)
	}
}

func TestHandleIsSmall(t *testing.T) {
	for _, key := range []string{strings.Repeat("<", maxKey), strings.Repeat(`"`, maxKey), "k"} {
		h := newHandle(key)
		if handleKey(h) != key || len(h.Data) > 4096 {
			t.Errorf("%.5q: key %.5q in %d bytes", key, handleKey(h), len(h.Data))
		}
	}
	for _, data := range []string{"", "slack", "{}", "null", `{"key":1}`} {
		reply, err := New(Options{Answers: newFake()}).Begin(t.Context(), channel.Handle{Data: []byte(data)}, "a1")
		if reply != nil || !channel.IsGone(err) {
			t.Errorf("a reply to the handle %q gives %v", data, err)
		}
	}
}

// TestSameKeyAtOnce: many requests with one key at once are one question, and all get the same bytes.
func TestSameKeyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a := start(t, f, Options{})
		var waiting []<-chan *httptest.ResponseRecorder
		for range 20 {
			waiting = append(waiting, sendLater(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`, HeaderKey, "k")))
		}
		synctest.Wait()
		f.finish(t, a, "a1", "甲。")
		for _, w := range waiting {
			wantReply(t, <-w, 200, string(answerOf("a1", "甲。")))
		}
		if len(f.byID) != 1 {
			t.Errorf("%d questions, want 1", len(f.byID))
		}
	})
}

// TestSameKeyInAnotherProcess: a request waits in one process while another answers; later a third gives
// the same answer again.
func TestSameKeyInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		r := func() *http.Request {
			return request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`, HeaderKey, "k")
		}
		first, second := start(t, f, Options{}), start(t, f, Options{})
		waiting := sendLater(first, r())
		synctest.Wait()
		f.finish(t, second, "a1", "甲。")
		asked := time.Now()
		want := string(answerOf("a1", "甲。"))
		wantReply(t, <-waiting, 200, want)
		if took := time.Since(asked); took > pollEvery {
			t.Errorf("the first process saw the answer after %s, want at most %s", took, pollEvery)
		}
		wantReply(t, send(start(t, f, Options{}), r()), 200, want)
		if len(f.byID) != 1 {
			t.Errorf("%d questions, want 1", len(f.byID))
		}
	})
}

// TestFinishBeforeWaiting: a reply that is finished before the sink returned is not missed.
func TestFinishBeforeWaiting(t *testing.T) {
	for _, accept := range []string{"application/json", "text/event-stream"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			a := start(t, f, Options{})
			f.then = func(_ channel.Event, id string) { f.finish(t, a, id, "甲。") }
			before := time.Now()
			w := send(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`, "Accept", accept))
			if w.Code != 200 || time.Since(before) != 0 {
				t.Errorf("status %d after %s", w.Code, time.Since(before))
			}
		})
	}
}

// TestFinishWakes: the answer comes with Finish, not with the next look.
func TestFinishWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a := start(t, f, Options{})
		waiting := sendLater(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`))
		synctest.Wait()
		before := time.Now()
		f.finish(t, a, "a1")
		<-waiting
		if took := time.Since(before); took != 0 {
			t.Errorf("the answer came %s after Finish", took)
		}
	})
}

func TestWaitEnds(t *testing.T) {
	pending := `{"id":"a1","state":"pending","url":"/api/v1/answers/a1"}`
	ask := func() *http.Request { return request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`) }
	cases := []struct {
		name   string
		end    func(t *testing.T, f *fakeService, a *API, leave func())
		after  time.Duration // when it ends
		status int
		body   string
	}{
		{"after Options.Wait", func(*testing.T, *fakeService, *API, func()) {}, 7 * time.Second, 202, pending},
		{"when the server stops", func(_ *testing.T, _ *fakeService, a *API, _ func()) { a.StopWaiting(); a.StopWaiting() }, 0, 202, pending},
		{"when the asker has gone", func(_ *testing.T, _ *fakeService, _ *API, leave func()) { leave() }, 0, 200, ""},
		{"when the reply is aborted", func(t *testing.T, f *fakeService, a *API, _ func()) {
			if err := f.begin(t, a, "a1").Abort(t.Context(), "withdrawn"); err != nil {
				t.Error(err)
			}
		}, 0, 410, `{"error":"The question was taken back."}`},
		{"when the question was taken back while it waited", func(_ *testing.T, _ *fakeService, a *API, _ func()) {
			send(a, request("DELETE", "/api/v1/answers/a1", ""))
		}, pollEvery, 410, `{"error":"The question was taken back."}`},
		{"not when answers cannot be read for a while", func(t *testing.T, f *fakeService, a *API, _ func()) {
			f.mu.Lock()
			f.broken = errDisk
			f.mu.Unlock()
			time.AfterFunc(2500*time.Millisecond, func() {
				f.mu.Lock()
				f.broken = nil
				f.mu.Unlock()
				f.complete("a1", answerOf("a1"))
			})
		}, 3 * time.Second, 200, string(answerOf("a1"))},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				log, text := logged()
				a := start(t, f, Options{Wait: 7 * time.Second, Log: log})
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				waiting := sendLater(a, ask().WithContext(ctx))
				synctest.Wait()
				before := time.Now()
				tt.end(t, f, a, leave)
				w := <-waiting
				wantReply(t, w, tt.status, tt.body)
				if took := time.Since(before); took != tt.after {
					t.Errorf("it took %s, want %s", took, tt.after)
				}
				if n := strings.Count(text.String(), errDisk.Error()); n > 1 {
					t.Errorf("one failure is logged %d times", n)
				}
				if len(a.hub.listeners) > 0 {
					t.Errorf("%d keys are still listened to", len(a.hub.listeners))
				}
			})
		})
	}
}

// TestStoreOutlivesTheCaller: a caller that goes away while the question is stored does not stop it.
func TestStoreOutlivesTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hold = make(chan struct{})
		a := start(t, f, Options{})
		ctx, leave := context.WithCancel(t.Context())
		waiting := sendLater(a, request("POST", "/api/v1/ask", `{"id":"a1","question":"慢"}`).WithContext(ctx))
		synctest.Wait()
		leave()
		synctest.Wait()
		close(f.hold)
		<-waiting
		if f.byID["a1"] == nil {
			t.Error("the question was not stored")
		}
	})
}

func TestSinkThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hold = make(chan struct{})
		log, text := logged()
		a := start(t, f, Options{Log: log})
		before := time.Now()
		w := send(a, request("POST", "/api/v1/ask", `{"question":"慢"}`))
		if took := time.Since(before); w.Code != 503 || took != storeTime || w.Header().Get("Retry-After") != "5" {
			t.Errorf("status %d after %s, want 503 after %s", w.Code, took, storeTime)
		}
		if !strings.Contains(text.String(), "deadline") {
			t.Errorf("the log %q does not say why", text)
		}
	})
}

// TestRun: questions are taken only while Run runs, and Run ends after the last one is stored.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a := New(Options{Answers: f})
		r := func() *http.Request {
			return request("POST", "/api/v1/ask", `{"id":"a1","question":"绿灯"}`, HeaderKey, "k")
		}
		if h := a.Health(); h.State != channel.Starting || send(a, r()).Code != 503 {
			t.Errorf("before Run: %+v", h)
		}
		f.hold = make(chan struct{})
		ctx, quit := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx, f.sink) }()
		synctest.Wait()
		if err := a.Run(ctx, f.sink); err == nil {
			t.Error("Run runs twice")
		}
		waiting := sendLater(a, r())
		synctest.Wait()
		quit()
		synctest.Wait()
		select {
		case <-done:
			t.Error("Run returned while a question was being stored")
		default:
		}
		if h := a.Health(); h.State != channel.Down || send(a, r()).Code != 503 {
			t.Errorf("after Run: %+v", h)
		}
		close(f.hold)
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if w := <-waiting; w.Code != 200 {
			t.Errorf("the question that was being stored has status %d", w.Code)
		}
		run(t, a, f.sink)
		if w := send(a, r()); w.Code != 200 {
			t.Errorf("status %d after Run began again", w.Code)
		}
	})
}

func TestTooLarge(t *testing.T) {
	f := newFake()
	a := start(t, f, Options{})
	fill := func(n int) string { return fmt.Sprintf(`{"question":"injection","more":%q}`, strings.Repeat("a", n)) }
	fits := fill(maxAsk - len(fill(0)))
	if w := send(a, request("POST", "/api/v1/ask", fits)); w.Code != 200 {
		t.Errorf("1 MB has status %d", w.Code)
	}
	wantReply(t, send(a, request("POST", "/api/v1/ask", fits+" ")), 413, `{"error":"The body is larger than 1024 KB."}`)
	wantReply(t, send(a, request("POST", "/api/v1/answers/a/feedback", fill(maxSmall))), 413, `{"error":"The body is larger than 64 KB."}`)
}

func TestKeyLengths(t *testing.T) {
	a := start(t, newFake(), Options{})
	for n, want := range map[int]int{0: 400, 1: 200, maxKey: 200, maxKey + 1: 400} {
		w := send(a, request("POST", "/api/v1/ask", `{"question":"injection"}`, HeaderKey, strings.Repeat("~", n)))
		if w.Code != want {
			t.Errorf("a key of %d characters has status %d, want %d", n, w.Code, want)
		}
	}
}

// TestServerTimeouts: time-outs of the server that are shorter than the wait do not cut it off.
func TestServerTimeouts(t *testing.T) {
	for _, accept := range []string{"application/json", "text/event-stream"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			a := start(t, f, Options{Token: "secret"})
			client := serve(t, a, 3*time.Second)
			r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://in.process/api/v1/ask", strings.NewReader(`{"id":"a1","question":"慢"}`))
			r.Header.Set("Authorization", "Bearer secret")
			r.Header.Set("Accept", accept)
			time.AfterFunc(100*time.Second, func() { f.finish(t, a, "a1", "甲。") })
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var body strings.Builder
			if err := resp.Write(&body); err != nil || !strings.Contains(body.String(), "甲。") {
				t.Errorf("error %v, reply %s", err, &body)
			}
		})
	}
}

// serve serves an API over pipes, with time-outs for reading and writing. It ends with the test.
func serve(t *testing.T, a *API, timeout time.Duration) *http.Client {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: a.Handler(), ReadTimeout: timeout, WriteTimeout: timeout}
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		l.conns <- there
		return here, nil
	}}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return &http.Client{Transport: transport}
}

// A pipeListener gives the server's end of pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
