package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"policybot/bot/journal"
)

// TestChat talks with the program in both languages, by a pipe, on a folder with the seeds.
func TestChat(t *testing.T) {
	data := seeded(t)
	zh := setting{stdin: xiamenQuestion + "\n/good\n那销售收入呢？\n深圳对生物医药有什么支持？\n/bad irrelevant 不是我要问的\n转人工\n/bye\n没有人读\n"}
	r := zh.run(t, "--data", data, "--lang", "zh", "chat").want(t, exitOK)
	r.shows(t, "12家", "\n\n已记下，谢谢。\n\n", "没有", "已转给工作人员")
	if n := strings.Count(r.out, "销售收入上亿元企业达120家"); n != 2 {
		t.Errorf("the goal stands in %d replies, want that to the question and to the one after it:\n%s", n, r.out)
	}
	en := setting{stdin: "Which platforms for pharmaceutical R&D outsourcing services are supported?\n/good\n/help\nask a person\n"}
	en.run(t, "--data", data, "--lang", "en", "chat").want(t, exitOK).shows(t, "[retrieved]", "outsourcing service platform", "[1]", "Noted", "- /person", "Passed to our staff")
	setting{}.run(t, "--data", data, "chat").want(t, exitOK)

	asked := decodeAll[journal.Question](t, pb(t, data, "log", "list", "--json").want(t, exitOK))
	var texts []string
	for _, q := range asked {
		texts = append(texts, q.Text)
		if q.Channel != "terminal" || q.State != journal.Closed {
			t.Errorf("%s is %s, of %s", q.ID, q.State, q.Channel)
		}
	}
	if len(asked) != 6 || slices.Contains(texts, "没有人读") {
		t.Errorf("the log has %q", texts)
	}
	if cases := openCases(t, data); len(cases) != 2 {
		t.Errorf("%d cases, want 2", len(cases))
	}
}

// openCases lists the cases of a data folder that are open.
func openCases(t *testing.T, data string) []journal.Case {
	t.Helper()
	return decode[struct{ Cases []journal.Case }](t, pb(t, data, "case", "list", "--json").want(t, exitOK)).Cases
}

// xiamenQuestion is one that the seeds answer, with 12家.
const xiamenQuestion = "厦门对生物医药企业上市有什么目标？"

// An openChat is a chat that runs until its input is closed or its context ends.
type openChat struct {
	in   io.WriteCloser
	out  *bufio.Reader
	done chan int // gets the exit code
	err  *bytes.Buffer
	quit context.CancelFunc
}

// beginChat begins a chat.
func beginChat(t *testing.T, data string) *openChat {
	t.Helper()
	in, typed := io.Pipe()
	shown, out := io.Pipe()
	ctx, quit := context.WithCancel(t.Context())
	c := &openChat{in: typed, out: bufio.NewReader(shown), done: make(chan int, 1), err: &bytes.Buffer{}, quit: quit}
	go func() {
		c.done <- run(ctx, []string{"--data", data, "--lang", "en", "chat"}, streams{in, out, c.err}, func(string) string { return "" })
		out.Close()
	}()
	return c
}

// asks types a line and reads until all of some texts were shown.
func (c *openChat) asks(t *testing.T, line string, until ...string) {
	t.Helper()
	typed := make(chan error, 1)
	go func() { // the chat may first print something, which has to be read
		_, err := io.WriteString(c.in, line+"\n")
		typed <- err
	}()
	for len(until) > 0 {
		text, err := c.out.ReadString('\n')
		if err != nil {
			t.Fatalf("%q: %v before %q\n%s", line, err, until, c.err)
		}
		until = slices.DeleteFunc(until, func(s string) bool { return strings.Contains(text, s) })
	}
	if err := <-typed; err != nil {
		t.Fatal(err)
	}
}

// ends reads the rest and wants exit code 0 without a word on standard error.
func (c *openChat) ends(t *testing.T) {
	t.Helper()
	if _, err := io.Copy(io.Discard, c.out); err != nil {
		t.Error(err)
	}
	if code := <-c.done; code != exitOK || c.err.Len() > 0 {
		t.Errorf("exit %d\n%s", code, c.err)
	}
}

// TestChatHoldsTheFolder: while somebody talks no service starts there, and commands are carried out in the
// process of the chat.
func TestChatHoldsTheFolder(t *testing.T) {
	data := seeded(t)
	c := beginChat(t, data)
	c.asks(t, xiamenQuestion, "12家")
	for _, command := range [][]string{{"serve", "--http", "127.0.0.1:0"}, {"chat"}} {
		pb(t, data, command...).want(t, exitError).says(t, "in use by a chat", "/bye")
	}
	pb(t, data, "pause", "--reason", "the documents are being checked").want(t, exitOK)
	for range 2 { // each refusal is told
		c.asks(t, xiamenQuestion, "the documents are being checked")
	}
	pb(t, data, "resume").want(t, exitOK)
	c.asks(t, xiamenQuestion, "12家")
	c.asks(t, "转人工", "c-")
	cases := openCases(t, data)
	if len(cases) != 1 {
		t.Fatalf("%d cases, want 1", len(cases))
	}
	c.in.Close()
	c.ends(t)

	// A reply that comes after the chat is shown in the next one.
	pb(t, data, "case", "reply", cases[0].ID, "请看第二章。").want(t, exitOK)
	next := beginChat(t, data)
	next.asks(t, xiamenQuestion, "12家", "（答复以前一次对话里的问题）", "请看第二章。")
	next.quit()
	next.ends(t)
	pb(t, data, "serve", "--http", "no address").want(t, exitError).says(t, "cannot listen")
}

// TestChatInterrupt: Ctrl-C ends a chat that waits for a line, and a chat that was given one, cleanly.
func TestChatInterrupt(t *testing.T) {
	data := seeded(t)
	cmd := program("--data", data, "--lang", "en", "chat")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	chat := &openChat{in: in, out: bufio.NewReader(out), err: &stderr}
	chat.asks(t, "/help", "/bye")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, chat.out); err != nil {
		t.Error(err)
	}
	wantQuiet(t, cmd, &stderr)
}

// wantQuiet wants exit code 0 and nothing on standard error.
func wantQuiet(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("%v\n%s", err, stderr)
	}
}
