//go:build conformance

package slackfake_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// clients is where the vendor's clients are, and what is said with them.
var clients = filepath.Join("..", "..", ".ci", "conformance")

// TestConformance lets the vendor's own clients talk with the fake, and compares all that they see with what
// they saw before.
func TestConformance(t *testing.T) {
	node := nodeAndClients(t)
	for name, play := range map[string]func(*stage) plays{"slack-socket": socketPlays, "slack-web": webPlays} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			got := s.perform(node, name+".mjs", play(s)) + s.curtain()
			golden(t, name+".txt", normal(got, s.url))
		})
	}
}

// oldestNode is the oldest version of node that the clients take (package.json of @slack/web-api).
const oldestNode = 20

// nodeAndClients gives the path of node. A test that lacks it, or the clients, is skipped; in strict mode it fails.
func nodeAndClients(t *testing.T) string {
	t.Helper()
	lacks := t.Skipf
	if os.Getenv("POLICYBOT_STRICT") == "1" {
		lacks = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacks("not run: there is no node")
	}
	version, err := exec.CommandContext(t.Context(), node, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v", node, err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		lacks("not run: the clients want node %d, and this is %s", oldestNode, version)
	}
	for _, name := range []string{"socket-mode", "web-api"} {
		if _, err := os.Stat(filepath.Join(clients, "node_modules", "@slack", name)); err != nil {
			lacks("not run: there is no @slack/%s: make vendors fetches it", name)
		}
	}
	return node
}

// plays are what a script can ask for, by the words with which it asks. value is what stands behind them, an answer
// is told to the script, and what fails ends the session.
type plays map[string]func(value map[string]string) (answer any, err error)

// A stage is a workspace on a real port, with a clock that stands until it is moved.
type stage struct {
	*bench
	ctx  context.Context
	last string // the newest gesture

	mu  sync.Mutex
	now time.Time
}

func newStage(t *testing.T) *stage {
	s := &stage{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	s.bench = newBench(t, slackfake.Options{
		Now: s.clock, Events: []string{"message.im", "message.channels", "app_mention", "agent_session_stopped"},
		Check: func(surface string, blocks json.RawMessage) error {
			return blockkit.Check(blockkit.Surface(surface), blocks)
		},
	})
	server := httptest.NewServer(s.Server)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.AddUser(slackfake.User{ID: "U1", Name: "lin"})
	s.AddChannel(slackfake.Channel{ID: "C1", Name: "policies", Members: []string{"U1"}})
	return s
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// perform runs a script to its end and gives all that it said.
func (s *stage) perform(node, script string, play plays) string {
	s.t.Helper()
	ctx, quit := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer quit()
	s.ctx = ctx
	cmd := exec.CommandContext(ctx, node, script)
	cmd.Dir, cmd.WaitDelay = clients, 5*time.Second
	cmd.Env = append(os.Environ(), "SLACK_URL="+s.url, "SLACK_BOT_TOKEN="+botToken, "SLACK_APP_TOKEN="+appToken)
	var complaint, said bytes.Buffer
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	err = s.converse(io.TeeReader(out, &said), in, play)
	if err != nil {
		quit()
	}
	if err = errors.Join(err, cmd.Wait()); err != nil {
		s.t.Fatalf("%s: %v\n%s\nafter it had said\n%s", script, err, &complaint, &said)
	}
	if complaint.Len() > 0 {
		s.t.Errorf("%s complains: %s", script, &complaint)
	}
	return said.String()
}

// converse does what a script asks for, until it says no more.
func (s *stage) converse(out io.Reader, in io.Writer, play plays) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		request, asked := strings.CutPrefix(lines.Text(), "? ")
		if !asked {
			continue
		}
		words, text, _ := strings.Cut(request, " {")
		var value map[string]string
		if text != "" {
			if err := json.Unmarshal([]byte("{"+text), &value); err != nil {
				return fmt.Errorf("read what is asked for in %q: %w", request, err)
			}
		}
		do := play[words]
		if do == nil {
			return fmt.Errorf("nobody knows how to play %q", words)
		}
		answer, err := do(value)
		if err != nil {
			return fmt.Errorf("play %q: %w", request, err)
		}
		if err := json.NewEncoder(in).Encode(answer); err != nil {
			return fmt.Errorf("answer %q: %w", request, err)
		}
	}
	return lines.Err()
}

// gesture keeps the name of what a person did.
func (s *stage) gesture(name string, err error) (any, error) {
	s.last = name
	return nil, err
}

func socketPlays(s *stage) plays {
	p := plays{
		"U1 writes to the bot": func(map[string]string) (any, error) {
			return s.gesture(s.Say(slackfake.Said{User: "U1", Text: "How late may payment be?"}))
		},
		"U1 mentions the bot in a channel": func(map[string]string) (any, error) {
			return s.gesture(s.Say(slackfake.Said{User: "U1", Channel: "C1", Text: "<@" + botUser + "> how late?"}))
		},
		"U1 sends the command": func(value map[string]string) (any, error) {
			return s.gesture(s.Command(slackfake.Command{User: "U1", Channel: "C1", Name: "/policy", Text: value["text"]}), nil)
		},
		"U1 submits":                  func(value map[string]string) (any, error) { return s.gesture(s.Submit("U1", s.top(), value)) },
		"U1 closes the modal":         func(map[string]string) (any, error) { return s.gesture(s.CloseView("U1", s.top())) },
		"what modals has U1":          func(map[string]string) (any, error) { return modals(s.Views("U1")), nil },
		"what became of it":           func(map[string]string) (any, error) { return s.outcome() },
		"Slack delivers it once more": func(map[string]string) (any, error) { return nil, s.Redeliver(s.last) },
		"Slack sends half a document": func(map[string]string) (any, error) { return nil, s.SendRaw([]byte(`{"envelope_id":"half`), false) },
		"Slack sends binary data":     func(map[string]string) (any, error) { return nil, s.SendRaw([]byte{0, 1, 2}, true) },
		"U1 presses": func(value map[string]string) (any, error) {
			posted := s.All("C1")
			return s.gesture(s.Press(slackfake.Press{User: "U1", Channel: "C1", TS: posted[len(posted)-1].TS, Action: value["action"]}))
		},
		"how many connections are there": func(map[string]string) (any, error) {
			err := s.Wait(s.ctx, func() bool { return s.Connections() == 0 })
			return s.Connections(), err
		},
	}
	for _, reason := range []string{slackfake.ReasonWarning, slackfake.ReasonRefresh} {
		p["Slack disconnects: "+reason] = func(map[string]string) (any, error) {
			s.Disconnect(reason)
			return nil, nil
		}
	}
	return p
}

func webPlays(s *stage) plays {
	return plays{
		"what is said of the thread": func(value map[string]string) (any, error) { return s.Thread("C1", value["ts"]), nil },
		"six minutes pass": func(map[string]string) (any, error) {
			s.pass(6 * time.Minute)
			return nil, nil
		},
		"U1 presses stop": func(value map[string]string) (any, error) { return s.gesture(s.Stop("U1", "C1", value["ts"])) },
		"Slack limits chat.postMessage": func(map[string]string) (any, error) {
			return nil, s.Break(slackfake.Fault{Method: "chat.postMessage", Kind: slackfake.FaultWait, After: time.Second})
		},
		"U1 replies": func(value map[string]string) (any, error) {
			return s.gesture(s.Say(slackfake.Said{User: "U1", Channel: "C1", Thread: value["ts"], Text: "Thanks."}))
		},
	}
}

// top is the modal that U1 has on top.
func (s *stage) top() string {
	if open := s.Views("U1"); len(open) > 0 {
		return open[len(open)-1].ID
	}
	return ""
}

// outcome waits until the newest gesture is acknowledged, or was given up.
func (s *stage) outcome() (any, error) {
	said := ""
	err := s.Wait(s.ctx, func() bool {
		said = s.Trouble(s.last)
		if _, acked := s.Acked(s.last); acked && said == "" {
			said = "acknowledged"
		}
		return said != ""
	})
	return said, err
}

func modals(open []slackfake.View) []obj {
	out := []obj{}
	for _, v := range open {
		out = append(out, obj{"title": v.Title, "shown": blockkit.Read(v.Blocks).Text, "errors": v.Errors})
	}
	return out
}

// curtain says what people see in the end, and what the bot called.
func (s *stage) curtain() string {
	var b strings.Builder
	b.WriteString("== seen by people\n")
	for _, m := range s.All("") {
		fmt.Fprintf(&b, "%s %s: %q", m.Channel+strings.TrimSuffix("/"+m.Thread, "/"), m.User, m.Text)
		for _, more := range []string{m.State, m.Ephemeral, string(m.Metadata)} {
			if more != "" {
				b.WriteString(" " + more)
			}
		}
		if m.Edited {
			b.WriteString(" edited")
		}
		fmt.Fprintf(&b, "\n%s", indented(blockkit.Read(m.Blocks).Text))
	}
	for _, v := range s.Views("U1") {
		fmt.Fprintf(&b, "modal %s\n", v.Title)
	}
	if home, ok := s.Home("U1"); ok {
		fmt.Fprintf(&b, "home\n%s", indented(blockkit.Read(home.Blocks).Text))
	}
	b.WriteString("== called\n")
	for _, c := range s.Calls() {
		b.WriteString(strings.TrimSpace(c.Method+" "+c.Error) + "\n")
	}
	return b.String()
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}

// volatile are ids and times, by the names that they get. The first that fits counts.
var volatile = []struct {
	name string
	form string
}{
	{"trigger", `\b\d+\.\d+\.[0-9a-f]{8}\b`},
	{"hash", `\b\d{10}\.[0-9a-f]{8}\b`},
	{"ts", `\d{10}\.\d{6}\b`},
	{"link", `\bp\d{16}\b`},
	{"uuid", `\b[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}\b`},
	{"ticket", `ticket=[0-9a-f]{8}-\d+`},
	{"id", `\b[A-Za-z]{1,2}\d{8}\b`},
	{"time", `\b\d{10}\b`},
}

// normal gives ids and times numbers in the order in which they first come.
func normal(text, url string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, url, "http://fake"), strings.Replace(url, "http", "ws", 1), "ws://fake")
	forms := make([]string, len(volatile))
	for i, v := range volatile {
		forms[i] = "(" + v.form + ")"
	}
	seen := map[string]string{}
	counts := make([]int, len(volatile))
	all := regexp.MustCompile(strings.Join(forms, "|"))
	return all.ReplaceAllStringFunc(text, func(found string) string {
		if seen[found] == "" {
			i := slices.IndexFunc(all.FindStringSubmatch(found)[1:], func(group string) bool { return group != "" })
			counts[i]++
			seen[found] = fmt.Sprintf("<%s-%d>", volatile[i].name, counts[i])
		}
		return seen[found]
	})
}

// golden compares a transcript with the recorded one.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(was), len(is)) {
		if lineAt(was, i) != lineAt(is, i) {
			t.Fatalf("%s:%d: the client sees\n%s\nand it saw\n%s\nall that it sees:\n%s", path, i+1, lineAt(is, i), lineAt(was, i), got)
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing more"
}
