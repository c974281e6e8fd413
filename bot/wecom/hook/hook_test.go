package hook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/hook"
	"policybot/bot/wecom/render"
)

const key = "canary-of-the-webhook"

// A fakeGroup takes posts of the webhook, as the group that people look at. It answers what a test says, one answer for
// each post, then that all is well.
type fakeGroup struct {
	mu      sync.Mutex
	answers []answer
	tried   []string // what was posted, taken or not
	shown   []string
	at      []time.Time // of tried
}

// An answer is what the fake does with one post.
type answer struct {
	status int // 0: 200
	body   string
	shown  bool // the message is taken whatever the answer says
	lost   bool // no answer comes
	slow   time.Duration
}

const fine = `{"errcode":0,"errmsg":"ok"}`

func code(n int) answer {
	return answer{body: fmt.Sprintf(`{"errcode":%d,"errmsg":"no, for %s"}`, n, key)}
}

// RoundTrip makes the fake a network without one.
func (f *fakeGroup) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	var message struct {
		Type     string `json:"msgtype"`
		Markdown struct{ Content string }
	}
	if err := errors.Join(err, json.Unmarshal(body, &message)); err != nil || message.Type != "markdown" || r.URL.Query().Get("key") != key || r.Method != http.MethodPost {
		return nil, fmt.Errorf("the fake does not know %s %s %s: %w", r.Method, r.URL, body, err)
	}
	f.mu.Lock()
	a := answer{body: fine, shown: true}
	if len(f.answers) > 0 {
		a, f.answers = f.answers[0], f.answers[1:]
	}
	f.tried, f.at = append(f.tried, message.Markdown.Content), append(f.at, time.Now())
	if a.shown || a.body == fine {
		f.shown = append(f.shown, message.Markdown.Content)
	}
	f.mu.Unlock()
	if a.slow > 0 {
		select {
		case <-time.After(a.slow):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if a.lost {
		return nil, errors.New("connection reset")
	}
	w := httptest.NewRecorder()
	w.WriteHeader(max(a.status, 200))
	_, _ = w.WriteString(a.body)
	return w.Result(), nil
}

func (f *fakeGroup) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.shown...)
}

// A group is a fake with the channel that posts to it, which runs until the test ends.
type group struct {
	*fakeGroup
	*hook.Channel
	logged *bytes.Buffer
	ended  chan error
	stop   func()
}

// open makes a group in the bubble of a test.
func open(t *testing.T, change func(*hook.Options), answers ...answer) *group {
	t.Helper()
	g := &group{fakeGroup: &fakeGroup{answers: answers}, logged: &bytes.Buffer{}, ended: make(chan error, 1)}
	o := hook.Options{
		URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + key, Client: &http.Client{Transport: g.fakeGroup}, Log: slog.New(slog.NewTextHandler(g.logged, nil)),
	}
	if change != nil {
		change(&o)
	}
	c, err := hook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Health().State; s != channel.Starting {
		t.Errorf("before Run the channel is %s", s)
	}
	ctx, stop := context.WithCancel(t.Context())
	g.Channel, g.stop = c, stop
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.ended <- c.Run(ctx, func(context.Context, channel.Event) (channel.Accepted, error) {
			t.Error("an event came out of a channel that has none")
			return channel.Accepted{}, nil
		})
	}()
	t.Cleanup(func() {
		stop()
		<-done
		if strings.Contains(g.logged.String(), key) || strings.Contains(g.logged.String(), "qyapi") {
			t.Errorf("the log has the address: %s", g.logged)
		}
	})
	synctest.Wait()
	return g
}

// finish makes one attempt at a document.
func (g *group) finish(t *testing.T, d channel.Doc, as channel.Delivery) error {
	t.Helper()
	r, err := g.Begin(t.Context(), hook.Handle(), d.ID)
	if err == nil {
		_, err = r.Finish(t.Context(), d, as)
	}
	if err != nil && strings.Contains(err.Error(), key) {
		t.Errorf("an error has the key: %v", err)
	}
	return err
}

func (g *group) is(t *testing.T, want channel.State) channel.Health {
	t.Helper()
	h := g.Health()
	if h.State != want || (h.Reason == "") != (want == channel.Up) || strings.Contains(h.Reason, key) {
		t.Errorf("the channel is %+v, want %s", h, want)
	}
	return h
}

func notice(text string) channel.Doc {
	return channel.Doc{ID: "k-1", Lang: "zh", Label: channel.LabelNotice, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}

// long has a few parts.
func long() channel.Doc { return notice(strings.Repeat("有一件事等工作人员处理。", 200)) }

// TestPosted: a document arrives with its label, reference and link; long ones in parts that WeCom takes.
func TestPosted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, func(o *hook.Options) {
			o.Link = func(d channel.Doc) (string, string) { return "办理", "https://policy.example/desk/cases/" + d.ID }
		})
		g.is(t, channel.Up)
		if err := g.finish(t, notice("问题：补贴多少？"), channel.Delivery{Key: "d1"}); err != nil {
			t.Fatal(err)
		}
		if err := g.finish(t, long(), channel.Delivery{Key: "d2"}); err != nil {
			t.Fatal(err)
		}
		seen := g.seen()
		if len(seen) < 3 {
			t.Fatalf("%d messages", len(seen))
		}
		for i, text := range seen {
			last := i == 0 || i == len(seen)-1
			if len(text) > 4096 || render.ReadRef(text) == "" || strings.HasSuffix(text, "\n[办理](https://policy.example/desk/cases/k-1)") != last {
				t.Errorf("message %d: %d bytes: %s", i, len(text), text)
			}
		}
		if !strings.HasPrefix(seen[0], "问题：补贴多少？") || render.ReadRef(seen[0]) == render.ReadRef(seen[1]) || render.ReadRef(seen[1]) != render.ReadRef(seen[2]) {
			t.Errorf("%q", seen)
		}
	})
}

// TestLinks: an address that would break out of its place is left out, and so is none.
func TestLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		address := ""
		g := open(t, func(o *hook.Options) { o.Link = func(channel.Doc) (string, string) { return "x", address } })
		for i, bad := range []string{"", "https://a.example/) @all", "https://a.example/<@x>"} {
			address = bad
			if err := g.finish(t, notice("y"), channel.Delivery{Key: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range g.seen() {
			if strings.Contains(text, "[x]") {
				t.Errorf("%s", text)
			}
		}
		address = "https://a.example/" + strings.Repeat("a", 4000)
		if err := g.finish(t, long(), channel.Delivery{Key: "long"}); err != nil {
			t.Fatal(err)
		}
		for i, text := range g.seen() {
			if len(text) > 4096 || strings.Contains(text, "[x]") != (i == len(g.seen())-1) {
				t.Errorf("message %d of %d has %d bytes", i+1, len(g.seen()), len(text))
			}
		}
	})
}

// TestAgain: an attempt whose end is not known is made again, with the same reference; what WeCom confirmed is not.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, nil, answer{shown: true, lost: true})
		if err := g.finish(t, notice("x"), channel.Delivery{Key: "d1"}); err == nil || isWait(err) {
			t.Fatalf("%v", err)
		}
		g.is(t, channel.Down)
		if err := g.finish(t, notice("x"), channel.Delivery{Key: "d1", Again: true}); err != nil {
			t.Fatal(err)
		}
		g.is(t, channel.Up)
		if seen := g.seen(); len(seen) != 2 || seen[0] != seen[1] {
			t.Errorf("%q", seen)
		}
		parts := len(render.Parts(long(), render.Hook, ""))
		g.fakeGroup.mu.Lock()
		g.answers, g.shown = []answer{{body: fine}, {status: 502, shown: false}}, nil
		g.fakeGroup.mu.Unlock()
		if err := g.finish(t, long(), channel.Delivery{Key: "d2"}); err == nil {
			t.Fatal("a part failed, the document did not")
		}
		if err := g.finish(t, long(), channel.Delivery{Key: "d2", Again: true}); err != nil {
			t.Fatal(err)
		}
		if seen := g.seen(); len(seen) != parts || seen[0] == seen[1] {
			t.Errorf("%d messages, want %d", len(seen), parts)
		}
	})
}

func isWait(err error) bool {
	_, ok := errors.AsType[*channel.WaitError](err)
	return ok
}

// TestFailures: what WeCom answers is waited for, mended or tried again, and the channel says how it is.
func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    answer
		wait bool
		is   channel.State
		says string
	}{
		{"too fast", code(45009), true, channel.Down, "asks to wait"},
		{"too fast, otherwise told", code(45033), true, channel.Down, "asks to wait"},
		{"429", answer{status: 429}, true, channel.Down, "asks to wait"},
		{"too long", code(40058), false, channel.Down, "40058"},
		{"busy", code(-1), false, channel.Down, "-1"},
		{"down", answer{status: 503}, false, channel.Down, "503"},
		{"a page", answer{body: "<html>"}, false, channel.Down, "cannot be reached"},
		{"a redirect", answer{status: 302}, false, channel.Down, "302"},
		{"no code", answer{body: "{}"}, false, channel.Down, "cannot be reached"},
		{"no answer", answer{lost: true}, false, channel.Down, "cannot be reached"},
		{"slow", answer{slow: time.Hour}, false, channel.Down, "in time"},
		{"key unknown", code(93000), false, channel.Stopped, "WECOM_WEBHOOK_URL"},
		{"robot switched off", code(93004), false, channel.Stopped, "WECOM_WEBHOOK_URL"},
		{"robot not in the group", code(93008), false, channel.Stopped, "WECOM_WEBHOOK_URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := open(t, nil, tt.a)
				begin := time.Now()
				err := g.finish(t, notice("x"), channel.Delivery{Key: "d1"})
				if err == nil || isWait(err) != tt.wait || channel.IsGone(err) || time.Since(begin) > 10*time.Second {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				synctest.Wait()
				h := g.is(t, tt.is)
				if !strings.Contains(h.Reason, tt.says) {
					t.Errorf("%q does not have %q", h.Reason, tt.says)
				}
				if tt.is == channel.Stopped {
					fatal, ok := errors.AsType[*channel.FatalError](<-g.ended)
					if !ok || !strings.Contains(fatal.Reason, tt.says) {
						t.Errorf("Run ended with %v", fatal)
					}
					return
				}
				time.Sleep(4 * time.Minute)
				g.is(t, channel.Down)
				time.Sleep(3 * time.Minute)
				g.is(t, channel.Up)
				g.stop()
				if err := <-g.ended; err != nil {
					t.Errorf("Run ended with %v", err)
				}
				g.is(t, channel.Down)
			})
		})
	}
}

// TestPace: at most twenty messages in any minute, whole documents first, and a quarter is left by alerts.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, nil)
		posted, waited := 0, time.Duration(0)
		for posted < 70 {
			err := g.finish(t, notice("x"), channel.Delivery{Key: fmt.Sprint(posted)})
			wait, ok := errors.AsType[*channel.WaitError](err)
			switch {
			case err == nil:
				posted++
				time.Sleep(time.Second)
			case ok && wait.All && wait.After > 0 && wait.After <= 63*time.Second:
				waited += wait.After
				time.Sleep(wait.After)
			default:
				t.Fatal(err)
			}
		}
		if waited < time.Minute {
			t.Errorf("waited %v in all", waited)
		}
		g.fakeGroup.mu.Lock()
		for i := range g.at[20:] {
			if d := g.at[i+20].Sub(g.at[i]); d < time.Minute {
				t.Errorf("21 messages in %v", d)
			}
		}
		g.fakeGroup.mu.Unlock()
		time.Sleep(2 * time.Minute)
		alerts := 0
		for ; g.Alert(t.Context(), "down") == nil; alerts++ {
			if alerts > 20 {
				t.Fatal("alerts are posted without end")
			}
		}
		if err := g.Alert(t.Context(), "down"); !isWait(err) || alerts != 15 {
			t.Errorf("%d alerts, then %v", alerts, err)
		}
		before := len(g.seen())
		if err := g.finish(t, long(), channel.Delivery{Key: "l"}); err != nil || len(g.seen())-before < 2 {
			t.Errorf("there was no room for a case: %v", err)
		}
		for i := len(g.seen()) - before; i < 4; i++ { // so that there is room for one message
			if err := g.finish(t, notice("x"), channel.Delivery{Key: fmt.Sprintf("n%d", i)}); err != nil {
				t.Fatal(err)
			}
		}
		before = len(g.seen())
		if err := g.finish(t, long(), channel.Delivery{Key: "l2"}); !isWait(err) || len(g.seen()) != before {
			t.Errorf("half a document was posted, or none asked to wait: %v", err)
		}
	})
}

// TestAlert: an alert is tried once, and what people or documents wrote into it is no markup.
func TestAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, nil)
		if err := g.Alert(t.Context(), "Slack 断开了\n<@all> x"); err != nil {
			t.Fatal(err)
		}
		if seen := g.seen(); len(seen) != 1 || strings.Contains(seen[0], "<@") || !strings.HasPrefix(seen[0], "Slack 断开了\n") {
			t.Errorf("%q", seen)
		}
		for _, a := range []answer{{lost: true}, code(40058), code(-1)} {
			g.answers = []answer{a}
			tried := len(g.tried)
			if err := g.Alert(t.Context(), "x"); err == nil || isWait(err) || hook.Code(err) != map[string]int{code(40058).body: 40058, code(-1).body: -1}[a.body] || len(g.tried)-tried != 1 || strings.Contains(err.Error(), key) {
				t.Errorf("%+v: %d attempts: %v", a, len(g.tried)-tried, err)
			}
			g.is(t, channel.Down)
		}
		g.answers = []answer{code(45009)}
		if err := g.Alert(t.Context(), "x"); !isWait(err) {
			t.Errorf("%v", err)
		}
		over, quit := context.WithCancel(t.Context())
		quit()
		if err := g.Alert(over, "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// TestOneAtATime: documents do not mix, and who waits for another gives up with its context.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, nil, answer{body: fine, slow: 5 * time.Second})
		done := make(chan error, 1)
		go func() { done <- g.finish(t, long(), channel.Delivery{Key: "a"}) }()
		synctest.Wait()
		short, quit := context.WithTimeout(t.Context(), time.Second)
		defer quit()
		if err := g.Alert(short, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if err := g.finish(t, notice("z"), channel.Delivery{Key: "b"}); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if seen := g.seen(); !strings.HasPrefix(seen[len(seen)-1], "z") {
			t.Errorf("%q", seen)
		}
	})
}

// TestHandles: only the group can be posted to.
func TestHandles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, nil)
		for _, bad := range []channel.Handle{{}, {Data: []byte("other")}, {Data: []byte(`{"place":"group"}`)}} {
			if _, err := g.Begin(t.Context(), bad, "x"); !channel.IsGone(err) {
				t.Errorf("%q: %v", bad.Data, err)
			}
		}
		r, err := g.Begin(t.Context(), hook.Handle(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Progress(t.Context(), "step"), r.Update(t.Context(), notice("x")), r.Abort(t.Context(), "why")); err != nil || len(g.tried) > 0 {
			t.Errorf("%v, %q", err, g.tried)
		}
	})
}

// TestNew: an address that is none is refused, and not shown.
func TestNew(t *testing.T) {
	for _, bad := range []string{"", key, "https://qyapi.weixin.qq.com/send", "ftp://x.example/?key=" + key, "https://x.example/\x00?key=" + key} {
		if _, err := hook.New(hook.Options{URL: bad}); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestOverHTTP: the same over a real connection, where a redirect does not take the key elsewhere.
func TestOverHTTP(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type"))
		if len(asked) == 1 {
			http.Redirect(w, r, "/elsewhere?key="+key, http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, fine)
	}))
	defer server.Close()
	c, err := hook.New(hook.Options{URL: server.URL + "/send?key=" + key})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Begin(t.Context(), hook.Handle(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Finish(t.Context(), notice("x"), channel.Delivery{Key: "d"}); err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("%v", err)
	}
	if _, err := r.Finish(t.Context(), notice("x"), channel.Delivery{Key: "d", Again: true}); err != nil {
		t.Error(err)
	}
	if got := strings.Join(asked, ", "); got != "POST /send application/json, POST /send application/json" {
		t.Error(got)
	}
	server.Close()
	if _, err := r.Finish(t.Context(), notice("x"), channel.Delivery{Key: "d2"}); err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("%v", err)
	}
}
