//go:build conformance

package wecomfake_test

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
	"testing"
	"time"

	"policybot/bot/wecomfake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// clients is where the vendor's client is, and what is said with it.
var clients = filepath.Join("..", "..", ".ci", "conformance")

// streamLife is long enough for a machine that is busy, and short enough to wait for.
const streamLife = 5 * time.Second

// TestConformance lets the vendor's own client talk with the fake, and compares all that it sees with what it
// saw before.
func TestConformance(t *testing.T) {
	node := nodeAndClient(t)
	s := newStage(t)
	got := s.perform(node, "wecom-bot.mjs", s.plays()) + s.curtain()
	golden(t, "wecom-bot.txt", normal(got, s.url))
}

// oldestNode is the oldest version of node that the scripts take.
const oldestNode = 20

// nodeAndClient gives the path of node. A test that lacks it, or the client, is skipped; in strict mode it fails.
func nodeAndClient(t *testing.T) string {
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
		lacks("not run: the scripts want node %d, and this is %s", oldestNode, version)
	}
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "@wecom", "aibot-node-sdk")); err != nil {
		lacks("not run: there is no @wecom/aibot-node-sdk: make vendors fetches it")
	}
	return node
}

// plays are what a script can ask for, by the words with which it asks. value is what stands behind them, an answer
// is told to the script, and what fails ends the session.
type plays map[string]func(value map[string]string) (answer any, err error)

// A stage is a fake on a real port.
type stage struct {
	*wecomfake.Server
	t   *testing.T
	ctx context.Context
	url string
}

func newStage(t *testing.T) *stage {
	s, err := wecomfake.New(wecomfake.Options{Bot: wecomfake.BotOptions{
		BotID: botID, Secret: secret, Name: "Policy Bot", StreamLife: streamLife, Strict: true, AckAfter: 10 * time.Millisecond,
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	return &stage{Server: s, t: t, url: server.URL}
}

// perform runs a script to its end and gives all that it said.
func (s *stage) perform(node, script string, play plays) string {
	s.t.Helper()
	ctx, quit := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer quit()
	s.ctx = ctx
	cmd := exec.CommandContext(ctx, node, script)
	cmd.Dir, cmd.WaitDelay = clients, 5*time.Second
	cmd.Env = append(os.Environ(), "WECOM_WS_URL="+strings.Replace(s.url, "http", "ws", 1), "WECOM_BOT_ID="+botID, "WECOM_BOT_SECRET="+secret)
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

func (s *stage) plays() plays {
	p := plays{
		"U4 comes": func(map[string]string) (any, error) { return nothing(s.Enter("U4")) },
		"U3 presses": func(v map[string]string) (any, error) {
			for _, m := range s.Messages(v["chat"]) {
				if strings.Contains(string(m.Card), `"`+v["task"]+`"`) {
					return nothing(s.Press("U3", m.ID, v["key"], nil))
				}
			}
			return nil, fmt.Errorf("there is no card %s", v["task"])
		},
		"the life of a stream passes": func(map[string]string) (any, error) {
			pause := time.NewTimer(streamLife)
			defer pause.Stop()
			select {
			case <-pause.C:
				return nil, nil
			case <-s.ctx.Done():
				return nil, s.ctx.Err()
			}
		},
		"WeCom sends half a document": func(map[string]string) (any, error) { return nil, s.SendRaw([]byte(`{"cmd":"half`), false) },
		"WeCom fails": func(v map[string]string) (any, error) {
			return nil, s.Break(wecomfake.Fault{Call: "aibot_respond_msg", Kind: v["kind"]})
		},
		"WeCom forgets the subscription": func(map[string]string) (any, error) {
			s.Unsubscribe()
			return nil, nil
		},
		"the line breaks": func(map[string]string) (any, error) {
			s.Cut()
			s.Mend()
			return nil, nil
		},
		"the line goes dead": func(map[string]string) (any, error) {
			s.Stall()
			return nil, nil
		},
		"how many are subscribed": func(map[string]string) (any, error) {
			err := s.Wait(s.ctx, func() bool { return !s.Subscribed() })
			return 0, err
		},
	}
	for _, user := range []string{"U1", "U2", "U3", "U5", "U6"} {
		p[user+" says"] = func(v map[string]string) (any, error) {
			m := wecomfake.Say{User: user, Chat: v["chat"], Text: v["text"], Kind: v["kind"], Mention: v["mention"]}
			if v["quote"] != "" {
				m.Quote = &wecomfake.Quote{Text: v["quote"]}
			}
			return nothing(s.Say(m))
		}
		p[user+" rates"] = func(v map[string]string) (any, error) {
			kind, err := strconv.Atoi(v["type"])
			if err != nil {
				return nil, err
			}
			r := wecomfake.Rating{Type: kind, Text: v["text"]}
			if kind == wecomfake.RatedBad {
				r.Reasons = []int{3}
			}
			return nothing(s.Rate(user, v["id"], r))
		}
	}
	return p
}

func nothing(_ string, err error) (any, error) { return nil, err }

// curtain says what people see in the end, and what the bot called. Pings are left out: their number is a matter
// of time.
func (s *stage) curtain() string {
	var b strings.Builder
	b.WriteString("== seen by people\n")
	for _, chat := range []string{"U1", "G1", "U4", "U5", "U6"} {
		all := s.Messages(chat)
		for i, m := range all {
			if chat == "U5" && i > 1 && i < len(all)-1 {
				continue // the same thirty times
			}
			fmt.Fprintf(&b, "%s %s %s: %q", chat, m.Kind, m.Type, m.Text)
			if m.Hangs {
				b.WriteString(" hangs")
			}
			if len(m.FeedbackIDs) > 0 {
				fmt.Fprintf(&b, " rateable as %s", m.FeedbackIDs)
			}
			if m.Card != nil {
				fmt.Fprintf(&b, "\n  %s", m.Card)
			}
			for user, card := range m.For {
				fmt.Fprintf(&b, "\n  %s sees %s", user, card)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("== called\n")
	for _, c := range s.Calls() {
		if c.Name != "ping" && !strings.Contains(string(c.Body), `"U5"`) {
			b.WriteString(strings.TrimSpace(fmt.Sprintf("%s %d %s", c.Name, c.Code, c.Fault)) + "\n")
			if c.Early {
				s.t.Errorf("%s came before the answer to another frame of %s", c.Name, c.ReqID)
			}
		}
	}
	return b.String()
}

// volatile are ids, by the names that they get. The first that fits counts.
var volatile = []struct {
	name string
	form string
}{
	{"own", `\b[a-z_]+_\d{13}_[0-9a-z]+\b`},
	{"id", `\b[a-z]{1,4}-?\d{8}\b`},
	{"aeskey", `\b\d{43}=`},
}

// moment is a time, of which some are the same in one run and not in another.
var moment = regexp.MustCompile(`\b\d{10}\b`)

// normal gives ids numbers in the order in which they first come.
func normal(text, url string) string {
	text = moment.ReplaceAllString(strings.ReplaceAll(text, url, "http://fake"), "<time>")
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
