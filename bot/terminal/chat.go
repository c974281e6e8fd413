package terminal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"policybot/bot/channel"
	"policybot/prompts"
)

// ChatName is the channel's in every key.
const ChatName = "terminal"

// ChatOptions of a [Chat]. The zero value fits a terminal and a pipe.
type ChatOptions struct {
	Lang string // of the chat's own words: zh or en; "" is zh
	User string // who asks; "" is the user of the operating system
	// Wait is how long the chat waits for replies: at its end, and where it is not interactive after each
	// question. 0 is 30 s.
	Wait time.Duration
	// Interactive says when to greet, to prompt and to show progress. Auto is where both sides are a terminal.
	Interactive Mode
	Screen      Options
}

// A Chat is a [channel.Channel] of one person who types lines and reads whole documents. Make one with
// [NewChat].
//
// A line is one question. Blank lines are left out; one of more than 64 KB is refused with a sentence. Lines
// that begin with a stroke are commands:
//
//	/good, /bad [reason] [words]  rate the last answer that was printed; before there is one, the last message
//	/help                         lists the commands
//	/bye, /quit, /exit            end the chat, as the end of the input does
//	/person, /stop                go to the service, which knows these words
//
// Questions have numbers within the chat, which is one place with a random id. Their keys are made of both.
//
// Every question is waited for until it has its reply, unless the service took it as a word that withdraws
// those before it. So a service should tell each refusal: its Limits.Tell should be 0.
//
// What is typed is read by a goroutine that the Chat owns. Where the input has deadlines it ends with Run. A
// Read of a terminal cannot be broken off: there Run returns all the same, a later Run goes on with the
// same Read, and the goroutine ends with the line, with [Chat.Close] or with the process.
type Chat struct {
	o           ChatOptions
	lines       *lineSource
	interactive bool
	session     string
	replied     chan struct{} // holds one when a question was settled

	mu       sync.Mutex
	screen   *Screen // where to write and how; see print
	open     bool    // a blank line is to go before what is printed next
	atPrompt bool    // a prompt is the last that was printed
	greeted  bool    // it was said how this works
	reading  bool    // lines are read
	over     bool    // the chat has ended
	health   channel.Health
	n        int             // of the last question or rating
	pending  map[int]bool    // questions without a reply; true when progress was shown
	printed  map[string]bool // keys of deliveries
	last     string          // id of the answer to rate
}

var _ channel.Channel = (*Chat)(nil)

// usualWait is ChatOptions.Wait when it is 0.
const usualWait = 30 * time.Second

// NewChat makes a chat that reads lines from in and prints replies to out. It reads and prints nothing before
// Run and Finish.
func NewChat(in io.Reader, out io.Writer, o ChatOptions) *Chat {
	if o.Lang == "" {
		o.Lang = prompts.Chinese
	}
	if o.User == "" {
		o.User = systemUser()
	}
	if o.Wait <= 0 {
		o.Wait = usualWait
	}
	return &Chat{
		o: o, lines: newLineSource(in), interactive: o.interactive(in, out), session: rand.Text(), replied: make(chan struct{}, 1),
		screen: New(out, o.Screen), health: channel.Health{State: channel.Starting, Reason: "it has not begun"},
		pending: map[int]bool{}, printed: map[string]bool{},
	}
}

// interactive reports whether somebody sits before in and out.
func (o ChatOptions) interactive(in io.Reader, out io.Writer) bool {
	switch o.Interactive {
	case Always:
		return true
	case Never:
		return false
	}
	f, ok := in.(*os.File)
	_, shown := o.Screen.size(out)
	return ok && shown && term.IsTerminal(int(f.Fd()))
}

// systemUser is the name of whoever runs the program, or what is known of it.
func systemUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// Caps says that lines come in and whole documents go out.
func (c *Chat) Caps() channel.Caps { return channel.Caps{Name: ChatName, Stops: true} }

// Health tells whether lines are read.
func (c *Chat) Health() channel.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.health
}

// Close ends the reading: it closes the input where that can be closed, other than a file, and returns when
// the goroutine that reads has ended. A Read of a file that has no deadlines, such as standard input, goes
// on until the process ends. Close is called when Run does not run, once.
func (c *Chat) Close() error { return c.lines.close() }

// Run reads lines until ctx or the chat ends, and returns nil. At the end of the chat it first waits until
// each question that was given has its reply, or ChatOptions.Wait is over. A chat that has ended stays
// ended: Run then returns at once. Where the chat is not interactive a line is read only when the questions
// before it have their replies or ChatOptions.Wait is over, so that replies stand in order and /good rates
// the one that the line before asked for. Input that cannot be read is a *channel.FatalError.
func (c *Chat) Run(ctx context.Context, sink channel.Sink) error {
	if ctx.Err() != nil {
		return nil
	}
	defer c.rest()
	if goes, err := c.begin(); err != nil {
		return unwritable(err)
	} else if !goes {
		return nil
	}
	defer c.lines.pause()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case l := <-c.lines.next():
			c.lines.taken()
			if ended, err := c.take(ctx, sink, l); ended || err != nil {
				return err
			}
		}
		if !c.interactive {
			c.await(ctx)
		}
	}
	return nil
}

// unwritable is the end of a chat whose words reach nobody.
func unwritable(err error) error {
	return &channel.FatalError{Reason: fmt.Sprintf("the terminal cannot be written to: %v; start the chat again", err)}
}

// begin begins to read, with a prompt and the first time a word of how this works. It reports whether the
// chat goes on at all.
func (c *Chat) begin() (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false, nil
	}
	c.reading, c.health = true, channel.Health{State: channel.Up, Since: time.Now().UTC()}
	if c.greeted || !c.interactive {
		return true, c.ask()
	}
	c.greeted = true
	return true, c.print(true, func(s *Screen) { s.Print(chatWord(c.o.Lang, "hello")) })
}

// rest is the end of reading, for now or for good. What the program prints next is not to stand beside a prompt.
func (c *Chat) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.health = false, channel.Health{State: channel.Down, Reason: "no lines are read", Since: time.Now().UTC()}
	if c.atPrompt {
		_, _ = io.WriteString(c.screen.w, "\n") // what cannot be written to the next reply tells
		c.atPrompt = false
	}
}

// take does what a line says. ended tells that the chat is over.
func (c *Chat) take(ctx context.Context, sink channel.Sink, l readLine) (ended bool, err error) {
	if l.err != nil {
		return true, c.end(ctx, l.err)
	}
	c.mu.Lock()
	c.atPrompt = false // whoever typed the line ended it
	c.mu.Unlock()
	text := strings.TrimSpace(l.text)
	word, rest := command(text)
	switch {
	case l.long:
		err = c.say("long")
	case text == "":
		c.mu.Lock()
		err = c.ask()
		c.mu.Unlock()
	case rest == "" && slices.Contains([]string{"/bye", "/quit", "/exit"}, word):
		return true, c.end(ctx, nil)
	case word == "/help" && rest == "":
		err = c.say("help")
	case word == "/good" || word == "/bad":
		err = c.rate(ctx, sink, word == "/good", rest)
	case unknown.MatchString(word) && rest == "" && word != "/person" && word != "/stop":
		err = c.say("unknown")
	default:
		err = c.question(ctx, sink, text)
	}
	if err != nil {
		return false, unwritable(err)
	}
	return false, nil
}

// unknown is what is meant as a command.
var unknown = regexp.MustCompile(`^/[a-z]+$`)

// command splits a line that begins with a stroke, also the wide one of Chinese keyboards.
func command(text string) (word, rest string) {
	if wide, ok := strings.CutPrefix(text, "／"); ok {
		text = "/" + wide
	}
	if !strings.HasPrefix(text, "/") {
		return "", text
	}
	word, rest, _ = strings.Cut(text, " ")
	return strings.ToLower(word), strings.TrimSpace(rest)
}

// number gives the next number and the event that has it.
func (c *Chat) number(kind channel.Kind) (int, channel.Event) {
	c.mu.Lock()
	c.n++
	n := c.n
	if kind == channel.Question {
		c.pending[n] = false
	}
	c.mu.Unlock()
	key := c.session + "-" + strconv.Itoa(n)
	data, _ := json.Marshal(chatHandle{c.session, n}) // a string and a number can always be written
	return n, channel.Event{
		Kind: kind, DeliveryKey: key, ContentKey: key, Actor: channel.Actor{ID: c.o.User}, Place: channel.Place{ID: c.session},
		Reply: channel.Handle{Data: data},
	}
}

// question gives a question. What comes of it the reply says.
func (c *Chat) question(ctx context.Context, sink channel.Sink, text string) error {
	n, e := c.number(channel.Question)
	e.Text = text
	got, err := sink(ctx, e)
	switch {
	case err != nil:
		c.mu.Lock()
		c.settle(n)
		c.mu.Unlock()
		if ctx.Err() != nil {
			return nil // nobody is there to be told
		}
		return c.say("unstored")
	case got.ID == "": // it made no question, but withdrew those before it
		c.mu.Lock()
		clear(c.pending)
		c.mu.Unlock()
		return c.say("stopped")
	}
	return nil
}

// rate gives what the person thinks of the last answer. The first word may be one of channel.Reasons.
func (c *Chat) rate(ctx context.Context, sink channel.Sink, good bool, text string) error {
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	if last == "" {
		return c.say("unrated")
	}
	f := &channel.Feedback{Answer: last, Good: good, Text: text}
	if word, rest, _ := strings.Cut(text, " "); !good && slices.Contains(channel.Reasons, strings.ToLower(word)) {
		f.Reason, f.Text = strings.ToLower(word), strings.TrimSpace(rest)
	}
	_, e := c.number(channel.Rated)
	e.Feedback = f
	if _, err := sink(ctx, e); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return c.say("unstored")
	}
	return c.say("rated")
}

// settle notes that a question is not waited for any more; c.mu is held.
func (c *Chat) settle(n int) {
	delete(c.pending, n)
	select {
	case c.replied <- struct{}{}:
	default:
	}
}

// await waits until no question is without a reply, the time is over, or ctx ends. It tells how many are left.
func (c *Chat) await(ctx context.Context) int {
	over := time.NewTimer(c.o.Wait)
	defer over.Stop()
	for {
		c.mu.Lock()
		left := len(c.pending)
		c.mu.Unlock()
		if left == 0 {
			return 0
		}
		select {
		case <-c.replied:
		case <-over.C:
			return left
		case <-ctx.Done():
			return left
		}
	}
}

// end ends the chat after the last replies. The error why of reading is io.EOF or nil for an end that was meant.
func (c *Chat) end(ctx context.Context, why error) error {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.rest()
	if why != nil && !errors.Is(why, io.EOF) {
		return &channel.FatalError{Reason: fmt.Sprintf("the terminal cannot be read: %v; start the chat again", why)}
	}
	if left := c.await(ctx); left > 0 && ctx.Err() == nil {
		_ = c.say("left", left) // the chat ends all the same
	}
	return nil
}
