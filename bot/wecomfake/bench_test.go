package wecomfake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
)

type obj = map[string]any

const (
	botID  = "aib-1"
	secret = "secret-1"
)

// A bench is a fake with what tests need to call it.
type bench struct {
	*wecomfake.Server
	t      *testing.T
	client *http.Client
	seq    int
}

// inBubble runs a test with a fake in a bubble of synctest.
func inBubble(t *testing.T, o wecomfake.BotOptions, test func(t *testing.T, b *bench)) {
	t.Helper()
	inBubbleWith(t, wecomfake.Options{Bot: o}, test)
}

func inBubbleWith(t *testing.T, o wecomfake.Options, test func(t *testing.T, b *bench)) {
	t.Helper()
	o.Bot.BotID, o.Bot.Secret = botID, secret
	synctest.Test(t, func(t *testing.T) {
		s, err := wecomfake.New(o)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{Server: s, t: t}
		_, b.client = channeltest.Serve(t, s)
		t.Cleanup(s.Close)
		test(t, b)
	})
}

// settle waits until nothing happens any more at this moment.
func settle() { synctest.Wait() }

// wait lets time pass.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A line is the bot's end of a long connection.
type line struct {
	b    *bench
	ws   *websocket.Conn
	done sync.WaitGroup

	mu     sync.Mutex
	frames []obj
	noise  []string
	over   bool
}

// dial opens a connection and gives nil when that is not possible.
func (b *bench) dial() *line {
	b.t.Helper()
	d := websocket.Dialer{NetDialContext: b.client.Transport.(*http.Transport).DialContext}
	ws, r, err := d.Dial("ws://in.process/ws", nil)
	if err != nil {
		return nil
	}
	r.Body.Close()
	l := &line{b: b, ws: ws}
	l.done.Go(l.read)
	b.t.Cleanup(func() {
		ws.Close()
		l.done.Wait()
	})
	return l
}

func (l *line) read() {
	for {
		_, data, err := l.ws.ReadMessage()
		l.mu.Lock()
		var f obj
		switch {
		case err != nil:
			l.over = true
		case json.Unmarshal(data, &f) != nil:
			l.noise = append(l.noise, string(data))
		default:
			l.frames = append(l.frames, f)
		}
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (l *line) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// got gives the frames that came with a cmd; "" are those without one.
func (l *line) got(cmd string) []obj {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []obj
	for _, f := range l.frames {
		if c, _ := f["cmd"].(string); c == cmd {
			out = append(out, f)
		}
	}
	return out
}

// last gives the newest frame that came with a cmd.
func (l *line) last(cmd string) obj {
	l.b.t.Helper()
	all := l.got(cmd)
	if len(all) == 0 {
		l.b.t.Fatalf("no frame %q came", cmd)
	}
	return all[len(all)-1]
}

func (l *line) send(cmd, reqID string, body any) {
	// A connection that is over tells itself by its missing answer.
	_ = l.ws.WriteJSON(obj{"cmd": cmd, "headers": obj{"req_id": reqID}, "body": body})
}

// acks counts the answers that came for a req_id.
func (l *line) acks(reqID string) []obj {
	var out []obj
	for _, f := range l.got("") {
		if f["headers"].(obj)["req_id"] == reqID {
			out = append(out, f)
		}
	}
	return out
}

// do sends a frame and gives the errcode of its answer; -9999: none came.
func (l *line) do(cmd, reqID string, body any) int {
	l.b.t.Helper()
	n := len(l.acks(reqID))
	l.send(cmd, reqID, body)
	settle()
	all := l.acks(reqID)
	if len(all) == n {
		return noAnswer
	}
	if len(all) != n+1 {
		l.b.t.Errorf("%d answers to one frame", len(all)-n)
	}
	f := all[len(all)-1]
	if _, text := f["errmsg"].(string); !text || len(f) != 3 {
		l.b.t.Errorf("an answer is %v", f)
	}
	return int(f["errcode"].(float64))
}

const noAnswer = -9999

func (b *bench) id(prefix string) string {
	b.seq++
	return fmt.Sprintf("%s_%d", prefix, b.seq)
}

func (l *line) subscribe() int {
	return l.do("aibot_subscribe", l.b.id("aibot_subscribe"), obj{"bot_id": botID, "secret": secret})
}

// line opens a connection and subscribes.
func (b *bench) line() *line {
	b.t.Helper()
	l := b.dial()
	if l == nil {
		b.t.Fatal("no connection")
	}
	if code := l.subscribe(); code != 0 {
		b.t.Fatalf("subscribe gave %d", code)
	}
	return l
}

// stay keeps a connection alive for a while.
func (l *line) stay(d time.Duration) {
	l.b.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		wait(min(30*time.Second, time.Until(end)))
		if code := l.do("ping", l.b.id("ping"), nil); code != 0 {
			l.b.t.Fatalf("a ping gave %d", code)
		}
	}
}

// must takes away an error of a person's gesture.
func (b *bench) must(name string, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return name
}

// said lets a person say a text and gives the req_id of the frame that tells of it.
func (b *bench) said(l *line, user, chat, text string) string {
	b.t.Helper()
	n := len(l.got("aibot_msg_callback"))
	b.must(b.Say(wecomfake.Say{User: user, Chat: chat, Text: text}))
	settle()
	all := l.got("aibot_msg_callback")
	if len(all) != n+1 {
		b.t.Fatalf("%d frames tell of one message", len(all)-n)
	}
	return all[n]["headers"].(obj)["req_id"].(string)
}

func stream(id, content string, finish bool) obj {
	return obj{"msgtype": "stream", "stream": obj{"id": id, "content": content, "finish": finish}}
}

func markdown(content string) obj {
	return obj{"msgtype": "markdown", "markdown": obj{"content": content}}
}

func buttonCard(task string) obj {
	return obj{
		"card_type": "button_interaction", "main_title": obj{"title": "Choose"}, "task_id": task,
		"button_list": []obj{{"text": "Yes", "key": "yes"}, {"text": "No", "key": "no"}},
	}
}

// own gives the bot's messages in a chat.
func (b *bench) own(chat string) []wecomfake.Message {
	var out []wecomfake.Message
	for _, m := range b.Messages(chat) {
		if m.User == "" {
			out = append(out, m)
		}
	}
	return out
}

// only gives the bot's only message in a chat.
func (b *bench) only(chat string) wecomfake.Message {
	b.t.Helper()
	all := b.own(chat)
	if len(all) != 1 {
		b.t.Fatalf("%d messages in %s, want 1: %+v", len(all), chat, all)
	}
	return all[0]
}

// same compares two values as JSON.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	a, e1 := json.Marshal(got)
	b, e2 := json.Marshal(want)
	if e1 != nil || e2 != nil || string(a) != string(b) {
		t.Errorf("%s is\n%s, want\n%s", what, a, b)
	}
}

func long(n int) string { return strings.Repeat("x", n) }
