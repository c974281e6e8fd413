package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"policybot/bot"
	"policybot/bot/channel"
)

// prompt stands before what a person types.
const prompt = "> "

// A chatHandle is what a handle of a [Chat] holds.
type chatHandle struct {
	Session string `json:"session"`
	N       int    `json:"n"` // of the question in its session, from 1
}

// Begin takes up a reply. That to a question of an earlier chat is printed too, and says so. A handle that
// is not of a Chat is a *channel.GoneError.
func (c *Chat) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	var at chatHandle
	if json.Unmarshal(h.Data, &at) != nil || at.Session == "" || at.N < 1 {
		return nil, fmt.Errorf("reply in the terminal with answer %s: %w", id, &channel.GoneError{Reason: "the handle is not of a terminal"})
	}
	return &chatReply{c, at}, nil
}

// A chatReply is the reply to one question.
type chatReply struct {
	c  *Chat
	at chatHandle
}

// number is that of the question in this chat, 0 when it was asked in another.
func (r *chatReply) number() int {
	if r.at.Session != r.c.session {
		return 0
	}
	return r.at.N
}

// Progress prints one line for a question, where somebody waits at a prompt.
func (r *chatReply) Progress(context.Context, string) error {
	c := r.c
	c.mu.Lock()
	defer c.mu.Unlock()
	told, asked := c.pending[r.number()]
	if !c.interactive || !asked || told {
		return nil
	}
	c.pending[r.number()] = true
	return c.print(false, func(s *Screen) { s.dim(chatWord(c.o.Lang, "working")) })
}

// Update prints nothing: a document is printed when it is whole.
func (r *chatReply) Update(context.Context, channel.Doc) error { return nil }

// Finish prints a document. One whose key this Chat has printed is not printed again; a Chat of another
// process does not know what that printed. An error is temporary: of ctx, or of writing. Writing waits as
// long as the writer does.
func (r *chatReply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("print a reply: %w", err)
	}
	c := r.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.printed[as.Key] {
		return "", nil
	}
	if err := c.print(true, func(s *Screen) { c.document(s, d, r.number() == 0) }); err != nil {
		return "", fmt.Errorf("print a reply: %w", err)
	}
	c.printed[as.Key] = true
	if c.last == "" && d.Label == channel.LabelNotice || d.Label == channel.LabelExtract || d.Label == channel.LabelAI {
		c.last = d.ID // what says something about the service is rated only where there is no answer
	}
	c.settle(r.number())
	return "", nil
}

// Abort tells, where somebody was told that the question is worked on, that it is not any more.
func (r *chatReply) Abort(context.Context, string) error {
	c := r.c
	c.mu.Lock()
	defer c.mu.Unlock()
	told := c.pending[r.number()]
	c.settle(r.number())
	if !told {
		return nil
	}
	return c.print(true, func(s *Screen) { s.dim(chatWord(c.o.Lang, "withdrawn")) })
}

// document writes a document under a line that says who made it.
func (c *Chat) document(s *Screen, d channel.Doc, earlier bool) {
	lang := d.Lang
	if lang != "zh" && lang != "en" {
		lang = c.o.Lang
	}
	label := chatWord(lang, "label "+string(d.Label))
	if earlier {
		label += " " + chatWord(lang, "earlier")
	}
	s.dim(label)
	a := bot.Answer{Text: d.Text}
	for _, n := range d.Nodes {
		if n.Kind == channel.Notice {
			a.Notices = append(a.Notices, bot.Notice{Text: n.Text})
		}
	}
	for _, t := range d.Citations {
		a.Citations = append(a.Citations, bot.Citation{N: t.N})
	}
	s.Answer(a)
}

// dim writes one line of ours, dim where the screen has colour. It is not wrapped.
func (s *Screen) dim(text string) { s.write(s.paint(cleanLine(text), dim) + "\n") }

// say prints a sentence of the chat.
func (c *Chat) say(name string, args ...any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.print(true, func(s *Screen) { s.Print(chatWord(c.o.Lang, name, args...)) })
}

// print writes what render gives, at once, so that nothing comes between its lines; c.mu is held. A blank line
// keeps it from what is printed next, unless more is to come. At a prompt, and where somebody waits for one,
// a prompt follows.
func (c *Chat) print(done bool, render func(*Screen)) error {
	var b strings.Builder
	if c.open || c.atPrompt {
		b.WriteByte('\n')
	}
	render(&Screen{w: &b, width: c.screen.width, color: c.screen.color})
	again := c.reading && c.interactive && (c.atPrompt || done)
	if again {
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(c.screen.w, b.String()); err != nil {
		return err
	}
	c.open, c.atPrompt = done && !again, false
	if again {
		return c.ask()
	}
	return nil
}

// ask writes the prompt; c.mu is held.
func (c *Chat) ask() error {
	c.atPrompt = c.interactive
	if !c.interactive {
		return nil
	}
	_, err := io.WriteString(c.screen.w, prompt)
	return err
}
