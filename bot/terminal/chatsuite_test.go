package terminal

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
)

// leastCases is how many cases of the suite applied when this was written. It may only grow.
const leastCases = 117

// TestChatSuite: a chat is a channel, with a person before a terminal and with a pipe.
func TestChatSuite(t *testing.T) {
	for _, o := range []ChatOptions{
		{Lang: "zh", User: "ann", Interactive: Always, Screen: Options{Width: 80, Color: Never}},
		{Lang: "en", User: "ann", Interactive: Never, Screen: Options{Width: 40, Color: Never}, Wait: time.Second},
	} {
		t.Run("interactive "+string(o.Interactive), func(t *testing.T) {
			start := func(t testing.TB) channeltest.Platform {
				p := &chatPlatform{t: t, o: o}
				t.Cleanup(p.end)
				return p
			}
			channeltest.Run(t, start)
			if n := len(channeltest.Cases(t, start)); n < leastCases {
				t.Errorf("%d cases apply, there were %d", n, leastCases)
			}
		})
	}
}

// A chatPlatform plays the person before a terminal: a pipe to type into, and what is printed.
type chatPlatform struct {
	t      testing.TB
	o      ChatOptions
	chat   *Chat
	lines  chan string // to be typed
	typing sync.WaitGroup
	n      int

	mu      sync.Mutex
	written []string // each is one Write
}

var _ channeltest.Garbler = (*chatPlatform)(nil)

func (p *chatPlatform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Rated}, Acks: channeltest.AckNever, Late: true,
		Helpers: []string{"terminal.(*chatPlatform)."},
	}
}

// Connect begins a fresh chat on the same screen.
func (p *chatPlatform) Connect() (channel.Channel, error) {
	p.end()
	in, typed := net.Pipe()
	p.lines, p.chat = make(chan string, 100), NewChat(in, p, p.o)
	lines := p.lines
	p.typing.Go(func() { p.enter(typed, lines) })
	return p.chat, nil
}

func (p *chatPlatform) end() {
	if p.chat == nil {
		return
	}
	if err := p.chat.Close(); err != nil {
		p.t.Error(err)
	}
	close(p.lines)
	p.typing.Wait()
}

// Write takes what the chat prints.
func (p *chatPlatform) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written = append(p.written, string(b))
	return len(b), nil
}

func (p *chatPlatform) Do(g channeltest.Gesture) (string, error) {
	line := g.Text
	switch {
	case g.Kind == channel.Rated && g.Feedback.Good:
		line = "/good " + g.Feedback.Text
	case g.Kind == channel.Rated:
		line = fmt.Sprintf("/bad %s %s", g.Feedback.Reason, g.Feedback.Text)
	case g.Kind != channel.Question, strings.Contains(line, "\n"):
		return "", channeltest.ErrCannot
	}
	p.n++
	p.lines <- line
	return fmt.Sprint(p.n), nil
}

// enter types lines. Those that nobody reads are lost with the chat.
func (p *chatPlatform) enter(to net.Conn, lines <-chan string) {
	defer to.Close()
	for line := range lines {
		_, _ = io.WriteString(to, line+"\n")
	}
}

func (p *chatPlatform) Acked(string) bool { return false }

// says finds which of the chat's own sentences a text is.
func (p *chatPlatform) says(text string) string {
	for name := range chatWords {
		if text == chatWord("zh", name) || text == chatWord("en", name) {
			return name
		}
	}
	return ""
}

// Screen reads what was printed as people do: a line that says who made it, then the document.
func (p *chatPlatform) Screen(channel.Place) channeltest.Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var s channeltest.Screen
	for _, w := range p.written {
		head, text, _ := strings.Cut(strings.Trim(w, "\n"), "\n")
		if label, ok := strings.CutPrefix(p.says(head), "label "); ok {
			s.Messages = append(s.Messages, channeltest.Message{Text: text, Label: channel.Label(label)})
			s.Progress = ""
		} else if head != "" && head != prompt {
			s.Progress = head
		}
		if name := p.says(head); name != "working" && name != "" {
			s.Progress = ""
		}
	}
	return s
}

func (p *chatPlatform) Garbage() []string { return []string{"a line over 64 KB"} }

func (p *chatPlatform) Garble(string) (bool, error) {
	if _, err := p.Do(channeltest.Gesture{Kind: channel.Question, Text: strings.Repeat("x", maxLine+1)}); err != nil {
		return false, err
	}
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(strings.Join(strings.Fields(strings.Join(p.written, "")), " "), chatWord(p.o.Lang, "long")), nil
}
