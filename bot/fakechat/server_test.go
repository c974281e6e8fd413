package fakechat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/fakechat"
)

// A bot notes what is delivered to it and answers as it is told.
type bot struct {
	began  time.Time
	answer func(r *http.Request, n int) int // n-th delivery, from 1

	mu     sync.Mutex
	at     []time.Duration
	events []map[string]any
}

func (b *bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var e map[string]any
	err := json.NewDecoder(r.Body).Decode(&e)
	b.mu.Lock()
	b.at = append(b.at, time.Since(b.began))
	b.events = append(b.events, e)
	n := len(b.events)
	b.mu.Unlock()
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(b.answer(r, n))
}

func ok(*http.Request, int) int        { return http.StatusOK }
func broken500(*http.Request, int) int { return http.StatusInternalServerError }

// serve makes a platform with a bot, in a bubble.
func serve(t *testing.T, o fakechat.ServerOptions, answer func(*http.Request, int) int) (*fakechat.Server, *bot) {
	t.Helper()
	b := &bot{began: time.Now(), answer: answer}
	o.Secret = secret
	o.Bot, o.Client = channeltest.Serve(t, b)
	s, err := fakechat.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, b
}

func say(t *testing.T, s *fakechat.Server, text string) string {
	t.Helper()
	g, err := s.Do(fakechat.TypeMessage, fakechat.Act{User: "U1", Place: "room", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRetries(t *testing.T) {
	hang := func(r *http.Request, _ int) int { <-r.Context().Done(); return http.StatusOK }
	s, m := time.Second, time.Minute
	cases := []struct {
		name   string
		speed  float64
		answer func(*http.Request, int) int
		want   []time.Duration
		acked  bool
	}{
		{"acknowledged", 1, ok, []time.Duration{0}, true},
		{"at once, after a minute, after five", 1, broken500, []time.Duration{0, 0, m, 6 * m}, false},
		{"three seconds each", 1, hang, []time.Duration{0, 3 * s, m + 6*s, 6*m + 9*s}, false},
		{"ten times as fast", 10, broken500, []time.Duration{0, 0, m / 10, 6 * m / 10}, false},
		{"until it is acknowledged", 1, func(_ *http.Request, n int) int { return map[bool]int{true: 200, false: 503}[n == 3] }, []time.Duration{0, 0, m}, true},
		{"any other success is none", 1, func(*http.Request, int) int { return http.StatusAccepted }, []time.Duration{0, 0, m, 6 * m}, false},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, b := serve(t, fakechat.ServerOptions{Speed: tt.speed}, tt.answer)
				g := say(t, server, "hello")
				time.Sleep(time.Hour)
				synctest.Wait()
				if !slices.Equal(b.at, tt.want) || server.Acked(g) != tt.acked {
					t.Errorf("delivered at %v, acknowledged: %t, want %v, %t", b.at, server.Acked(g), tt.want, tt.acked)
				}
				for _, e := range b.events {
					if e["id"] != b.events[0]["id"] {
						t.Errorf("delivered again as %v, first as %v", e["id"], b.events[0]["id"])
					}
				}
				if st := server.Stats(); st.Deliveries != len(tt.want) || st.Pending != 0 || st.Given != map[bool]int{true: 0, false: 1}[tt.acked] {
					t.Errorf("stats %+v", st)
				}
			})
		})
	}
}

func TestTwiceAndShuffled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, b := serve(t, fakechat.ServerOptions{Twice: true, Shuffle: 7}, ok)
		const n = 20
		for i := range n {
			say(t, server, fmt.Sprintf("%02d", i))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		var texts []string
		ids, gestures := map[any]bool{}, map[any]int{}
		for _, e := range b.events {
			texts = append(texts, e["text"].(string))
			ids[e["id"]] = true
			gestures[e["gesture"]]++
		}
		if len(texts) != 2*n || len(ids) != 2*n || len(gestures) != n || slices.IsSorted(texts) {
			t.Errorf("%d events with %d ids of %d gestures, in order %v; want each gesture twice, out of order", len(texts), len(ids), len(gestures), texts)
		}
	})
}

// call makes a call of the bot's API and gives the status and Retry-After.
func call(t *testing.T, s http.Handler, token, method, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Retry-After")
}

func TestAPI(t *testing.T) {
	long := strings.Repeat("x", 4001)
	steps := []struct {
		name, token, method, path, body string
		after                           time.Duration // waited before
		want                            int
		retry                           string
	}{
		{"hello", secret, "GET", "/api/hello", "", 0, 200, ""},
		{"no secret", "", "GET", "/api/hello", "", 0, 401, ""},
		{"wrong secret", "x", "POST", "/api/messages", `{"place":"a"}`, 0, 401, ""},
		{"message", secret, "POST", "/api/messages", `{"place":"a","text":"one"}`, 0, 200, ""},
		{"too soon", secret, "POST", "/api/messages", `{"place":"a","text":"two"}`, 0, 429, "1"},
		{"another place", secret, "POST", "/api/messages", `{"place":"b","text":"one"}`, 0, 200, ""},
		{"still too soon", secret, "POST", "/api/messages", `{"place":"a","text":"two"}`, 900 * time.Millisecond, 429, "1"},
		{"a second later", secret, "POST", "/api/messages", `{"place":"a","text":"two"}`, 100 * time.Millisecond, 200, ""},
		{"too long", secret, "POST", "/api/messages", `{"place":"c","text":"` + long + `"}`, 0, 400, ""},
		{"control character", secret, "POST", "/api/messages", `{"place":"c","text":"\u0000"}`, 0, 400, ""},
		{"no place", secret, "POST", "/api/messages", `{"text":"x"}`, 0, 400, ""},
		{"six buttons", secret, "POST", "/api/messages", `{"place":"c","buttons":[{},{},{},{},{},{}]}`, 0, 400, ""},
		{"no JSON", secret, "POST", "/api/messages", `text`, 0, 400, ""},
		{"long draft", secret, "PUT", "/api/drafts", `{"place":"c","text":"` + long + `"}`, 0, 400, ""},
		{"draft", secret, "PUT", "/api/drafts", `{"place":"c","answer":"a1","text":"half"}`, 0, 200, ""},
		{"draft too soon", secret, "PUT", "/api/drafts", `{"place":"c","answer":"a1","text":"more"}`, 0, 429, "1"},
		{"its message", secret, "POST", "/api/messages", `{"place":"c","answer":"a1","text":"whole"}`, 0, 200, ""},
		{"draft after its message", secret, "PUT", "/api/drafts", `{"place":"c","answer":"a1","text":"late"}`, time.Second, 409, ""},
		{"draft that is not there", secret, "DELETE", "/api/drafts?place=c&answer=x", "", 0, 200, ""},
		{"nothing there", secret, "GET", "/api/other", "", 0, 404, ""},
	}
	synctest.Test(t, func(t *testing.T) {
		server, _ := serve(t, fakechat.ServerOptions{}, ok)
		for _, step := range steps {
			time.Sleep(step.after)
			if got, retry := call(t, server, step.token, step.method, step.path, step.body); got != step.want || retry != step.retry {
				t.Errorf("%s: %d, Retry-After %q, want %d, %q", step.name, got, retry, step.want, step.retry)
			}
		}
		if c := server.Seen("c", ""); len(c.Messages) != 1 || len(c.Drafts) != 0 || c.Messages[0].Text != "whole" {
			t.Errorf("seen: %+v", c)
		}
	})
}

func TestWithoutLimit(t *testing.T) {
	server, err := fakechat.NewServer(fakechat.ServerOptions{Secret: secret, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for range 3 {
		if got, _ := call(t, server, secret, "POST", "/api/messages", `{"place":"a","text":"x"}`); got != 200 {
			t.Errorf("status %d", got)
		}
	}
}

func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	synctest.Test(t, func(t *testing.T) {
		var well atomic.Bool
		first, _ := serve(t, fakechat.ServerOptions{File: file}, func(*http.Request, int) int {
			return map[bool]int{true: http.StatusOK, false: http.StatusInternalServerError}[well.Load()]
		})
		done := say(t, first, "first")
		well.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		well.Store(false)
		pending := say(t, first, "second")
		if got, _ := call(t, first, secret, "POST", "/api/messages", `{"place":"a","text":"shown","key":"k"}`); got != 200 {
			t.Errorf("status %d", got)
		}
		synctest.Wait()
		first.Close()

		second, again := serve(t, fakechat.ServerOptions{File: file}, ok)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if !second.Acked(done) || !second.Acked(pending) || len(again.events) != 1 || again.events[0]["text"] != "second" {
			t.Errorf("acknowledged %t, %t; delivered after the start: %v", second.Acked(done), second.Acked(pending), again.events)
		}
		if seen := second.Seen("a", ""); len(seen.Messages) != 1 || seen.Messages[0].Text != "shown" {
			t.Errorf("seen: %+v", seen)
		}
		if next := say(t, second, "third"); next == done || next == pending {
			t.Errorf("the name %s was given twice", next)
		}
	})
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fakechat.NewServer(fakechat.ServerOptions{Secret: secret, File: file}); err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("a damaged file gives %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, o := range []fakechat.ServerOptions{{}, {Secret: "s", Speed: -1}} {
		if _, err := fakechat.NewServer(o); err == nil {
			t.Errorf("NewServer(%+v) succeeds", o)
		}
	}
	server, err := fakechat.NewServer(fakechat.ServerOptions{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for kind, a := range map[string]fakechat.Act{
		fakechat.TypeMessage: {User: "U1"},
		fakechat.TypeEdit:    {Place: "room", Of: "g-9"},
		fakechat.TypeDelete:  {Place: "room"},
		fakechat.TypePress:   {Place: "room", Token: "none"},
		"dance":              {Place: "room"},
	} {
		if _, err := server.Do(kind, a); err == nil {
			t.Errorf("Do(%s, %+v) succeeds", kind, a)
		}
	}
	if server.Redeliver("g-9") == nil || server.TellAgain("g-9") == nil {
		t.Error("a gesture that is not there is delivered")
	}
	for _, f := range []fakechat.Fault{{}, {Kind: "fire"}, {Kind: fakechat.FaultGone, On: "tuesdays"}, {Kind: fakechat.FaultGone, Times: -1}} {
		if server.Break(f) == nil {
			t.Errorf("Break(%+v) succeeds", f)
		}
	}
}

// TestAdmin plays a person over a real connection, as another process does.
func TestAdmin(t *testing.T) {
	server, err := fakechat.NewServer(fakechat.ServerOptions{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	greeted := make(chan struct{}, 100) // Run takes events before it says hello
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.ServeHTTP(w, r)
		if r.URL.Path == "/api/hello" {
			greeted <- struct{}{}
		}
	}))
	defer platform.Close()
	c, err := fakechat.New(fakechat.Options{Base: platform.URL, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(c.Handler())
	defer web.Close()

	ctx, quit := context.WithTimeout(t.Context(), time.Minute)
	events, done := make(chan channel.Event, 10), make(chan error, 1)
	go func() {
		done <- c.Run(ctx, func(_ context.Context, e channel.Event) (channel.Accepted, error) {
			events <- e
			return channel.Accepted{ID: "a1"}, nil
		})
	}()
	<-greeted
	admin := func(path, body string) map[string]any {
		t.Helper()
		resp, err := http.Post(platform.URL+"/admin/"+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s %s: %s, %v", path, body, resp.Status, err)
		}
		return out
	}
	next := func(kind channel.Kind) channel.Event {
		t.Helper()
		select {
		case e := <-events:
			if e.Kind != kind {
				t.Fatalf("event %s, want %s", e.Kind, kind)
			}
			return e
		case err := <-done:
			t.Fatalf("Run ended: %v", err)
		}
		return channel.Event{}
	}

	admin("bot", `{"url":"`+web.URL+`"}`)
	asked := admin("say", `{"place":"room","user":"U1","text":"@bot what <now>?"}`)["gesture"].(string)
	e := next(channel.Question)
	if e.Text != "what <now>?" {
		t.Errorf("text %q", e.Text)
	}
	reply, err := c.Begin(ctx, e.Reply, "a1")
	if err != nil {
		t.Fatal(err)
	}
	doc := channel.Doc{ID: "a1", Label: channel.LabelAI, Text: "This.", Buttons: []channel.Button{{Token: "tok", Label: "good", Does: "good"}}}
	if _, err := reply.Finish(ctx, doc, channel.Delivery{Key: "k"}); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(platform.URL + "/admin/seen?" + url.Values{"place": {"room"}, "least": {"1"}, "wait": {"30"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var seen fakechat.Seen
	if err := json.NewDecoder(resp.Body).Decode(&seen); err != nil || len(seen.Messages) != 1 || seen.Messages[0].Text != "This." || seen.Messages[0].Label != "ai" {
		t.Fatalf("seen %+v, %v", seen, err)
	}
	of := `"gesture":"` + asked + `"`
	for _, step := range []struct {
		path, body string
		want       channel.Kind
	}{
		{"edit", `{"place":"room","user":"U1","text":"what then?",` + of + `}`, channel.Edited},
		{"press", `{"place":"room","user":"U1","token":"tok"}`, channel.Pressed},
		{"rate", `{"place":"room","user":"U1","answer":"a1","good":true}`, channel.Rated},
		{"handover", `{"place":"room","user":"U1","text":"help"}`, channel.HandOver},
		{"stop", `{"place":"room","user":"U1"}`, channel.Stop},
		{"delete", `{"place":"room","user":"U1",` + of + `}`, channel.Deleted},
		{"redeliver", "{" + of + "}", channel.Question},
		{"tellagain", "{" + of + "}", channel.Question},
	} {
		admin(step.path, step.body)
		next(step.want)
	}
	admin("fault", `{"kind":"gone"}`)
	if _, err := reply.Finish(ctx, doc, channel.Delivery{Key: "k2"}); !channel.IsGone(err) {
		t.Errorf("Finish after the fault: %v", err)
	}
	admin("cut", "")
	admin("mend", "")
	quit()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	stats := server.Stats()
	if stats.Gestures != 7 || stats.Posts != 1 || stats.Faults != 1 {
		t.Errorf("stats %+v", stats)
	}
	for path, body := range map[string]string{"say": "{", "edit": `{"place":"room","gesture":"g-99"}`, "fault": `{"kind":"fire"}`} {
		if got, _ := call(t, server, "", "POST", "/admin/"+path, body); got != 400 {
			t.Errorf("/admin/%s %s: status %d, want 400", path, body, got)
		}
	}
}

func TestWaitSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, _ := serve(t, fakechat.ServerOptions{}, ok)
		ctx, quit := context.WithTimeout(t.Context(), time.Minute)
		defer quit()
		got := make(chan int)
		go func() { got <- len(server.WaitSeen(ctx, "a", "", 1).Messages) }()
		synctest.Wait()
		call(t, server, secret, "POST", "/api/messages", `{"place":"a","text":"x"}`)
		if n := <-got; n != 1 {
			t.Errorf("%d messages", n)
		}
		begin := time.Now()
		if n := len(server.WaitSeen(ctx, "a", "", 2).Messages); n != 1 || time.Since(begin) != time.Minute {
			t.Errorf("%d messages after %s", n, time.Since(begin))
		}
	})
}
