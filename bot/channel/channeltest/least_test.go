package channeltest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
)

// leastCases is how many cases applied to the least of channels when this was written. It may only grow.
const leastCases = 115

// TestLeast runs the suite for a channel that can do as little as a channel may: one person writes lines
// and reads what is printed.
func TestLeast(t *testing.T) {
	start := func(t testing.TB) channeltest.Platform {
		p := &lines{over: make(chan struct{})}
		p.in, p.typed = io.Pipe()
		t.Cleanup(func() {
			close(p.over)
			p.in.Close()
			p.typed.Close()
			p.typing.Wait()
		})
		return p
	}
	channeltest.Run(t, start)
	cases := channeltest.Cases(t, start)
	names := map[string]bool{}
	for _, c := range cases {
		if names[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		names[c.Name] = true
	}
	if len(cases) < leastCases {
		t.Errorf("%d cases apply, there were %d", len(cases), leastCases)
	}
}

// A lines is the person's side: a pipe to type into and a screen.
type lines struct {
	in    *io.PipeReader
	typed *io.PipeWriter
	over  chan struct{} // closed when the test ends

	mu     sync.Mutex
	typing sync.WaitGroup
	screen channeltest.Screen
	asked  int
	reader *printer // that was connected last
}

func (p *lines) Can() channeltest.Can {
	return channeltest.Can{Kinds: []channel.Kind{channel.Question}, Acks: channeltest.AckNever, Late: true, Helpers: []string{"channeltest_test.(*lines)"}}
}

func (p *lines) Connect() (channel.Channel, error) {
	// A new process gets a new pipe.
	if p.reader != nil {
		p.typed.Close()
		p.in, p.typed = io.Pipe()
	}
	p.reader = &printer{p: p, in: p.in, done: map[string]bool{}, lines: make(chan string), state: channel.Health{State: channel.Starting}}
	return p.reader, nil
}

func (p *lines) Do(g channeltest.Gesture) (string, error) {
	if strings.ContainsAny(g.Text, "\r\n") {
		return "", channeltest.ErrCannot
	}
	p.asked++
	typed := p.typed
	p.typing.Go(func() { p.write(typed, g.Text) })
	return fmt.Sprint(p.asked), nil
}

// write types a line. One that nobody reads is lost with the process.
func (p *lines) write(to io.Writer, text string) { _, _ = io.WriteString(to, text+"\n") }

func (p *lines) Acked(string) bool { return false }

func (p *lines) Screen(channel.Place) channeltest.Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen
}

// A printer is the channel.
type printer struct {
	p  *lines
	in io.Reader

	once  sync.Once
	lines chan string // read by one goroutine, which ends with the input

	mu    sync.Mutex
	n     int
	state channel.Health
	done  map[string]bool // keys that were printed
}

func (c *printer) Caps() channel.Caps { return channel.Caps{Name: "lines"} }

func (c *printer) Health() channel.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *printer) set(s channel.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = channel.Health{State: s, Since: time.Now()}
}

func (c *printer) Run(ctx context.Context, sink channel.Sink) error {
	// A read of a terminal cannot be broken off: it belongs to the process.
	c.once.Do(func() { c.p.typing.Go(func() { c.p.read(c.in, c.lines) }) })
	c.set(channel.Up)
	defer c.set(channel.Down)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case line, ok := <-c.lines:
			if !ok {
				<-ctx.Done()
				return nil
			}
			c.n++
			key := fmt.Sprint(c.n)
			data, err := json.Marshal(key)
			if err != nil {
				return err
			}
			// A question that is not stored is lost; the person sees no answer.
			_, _ = sink(ctx, channel.Event{
				Kind: channel.Question, DeliveryKey: key, ContentKey: key, Actor: channel.Actor{ID: "me"}, Place: channel.Place{ID: "here"},
				Text: line, Reply: channel.Handle{Data: data},
			})
		}
	}
	return nil
}

// read reads lines until the input ends.
func (p *lines) read(in io.Reader, to chan<- string) {
	defer close(to)
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimSuffix(line, "\n"); strings.TrimSpace(line) != "" {
			select {
			case to <- line:
			case <-p.over:
				return
			}
		}
	}
}

func (c *printer) Begin(_ context.Context, h channel.Handle, _ string) (channel.Reply, error) {
	var key string
	if err := json.Unmarshal(h.Data, &key); err != nil || key == "" {
		return nil, &channel.GoneError{Reason: "the handle is damaged"}
	}
	return printed{c}, nil
}

type printed struct{ c *printer }

func (printed) Progress(context.Context, string) error    { return nil }
func (printed) Update(context.Context, channel.Doc) error { return nil }
func (printed) Abort(context.Context, string) error       { return nil }

func (r printed) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	if ctx.Err() != nil {
		return "", errors.New("it is too late")
	}
	p := r.c.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.c.done[as.Key] {
		return "", nil
	}
	r.c.done[as.Key] = true
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, d.Text)
	p.screen.Messages = append(p.screen.Messages, channeltest.Message{Text: text, Label: d.Label})
	return "", nil
}
