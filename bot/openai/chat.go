package openai

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"time"

	goopenai "github.com/sashabaranov/go-openai"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// reasoning are the models of OpenAI that take max_completion_tokens instead of
// max_tokens and no temperature: https://platform.openai.com/docs/guides/reasoning.
// go-openai refuses max_tokens for them before anything is sent.
var reasoning = regexp.MustCompile(`^(o[0-9]|gpt-[5-9])`)

// Stream implements model.Model. See the package for what is sent again, and
// Options for limits. Tries that were cut count in the usage too; a call that was
// not sent is not entered into the ledger.
func (m *Model) Stream(ctx context.Context, r model.Request, pass func(piece string) error) (model.Usage, error) {
	in := len(r.System) + len(r.User)
	c := &call{e: m.e, task: r.Task, prompt: r.Prompt, in: in, need: estimate(in) + max(r.MaxTokens, 0)}
	c.once = func(ctx context.Context, w *watch) error {
		t := &reply{call: c, w: w, pass: pass}
		return t.ask(ctx, r)
	}
	return c.run(ctx)
}

// A reply is what one request gets.
type reply struct {
	*call
	w    *watch
	pass func(string) error

	text    mender
	bytes   int    // of text until now
	refusal bool   // the model writes why it does not reply
	finish  string // why the model ended
	heard   bool   // whether an event came
	in, out int    // tokens that the endpoint told
	told    bool
}

// request is what is sent.
func (e *endpoint) request(r model.Request, lacks lacking) goopenai.ChatCompletionRequest {
	request := goopenai.ChatCompletionRequest{Model: e.o.Model, Stream: true}
	if r.System != "" {
		request.Messages = append(request.Messages, goopenai.ChatCompletionMessage{Role: goopenai.ChatMessageRoleSystem, Content: r.System})
	}
	request.Messages = append(request.Messages, goopenai.ChatCompletionMessage{Role: goopenai.ChatMessageRoleUser, Content: r.User})
	if lacks&noUsage == 0 {
		request.StreamOptions = &goopenai.StreamOptions{IncludeUsage: true}
	}
	if lacks&noMaxTokens == 0 {
		request.MaxTokens = max(r.MaxTokens, 0) //nolint:staticcheck // most other endpoints know only this name
	} else {
		request.MaxCompletionTokens = max(r.MaxTokens, 0)
	}
	return request
}

// ask sends the request and passes the reply on.
func (t *reply) ask(ctx context.Context, r model.Request) error {
	lacks := lacking(t.e.lacks.Load())
	if reasoning.MatchString(t.e.o.Model) {
		lacks |= noMaxTokens | noTemperature
	}
	x := &exchange{e: t.e, lacks: lacks}
	stream, err := t.e.goClient(x).CreateChatCompletionStream(ctx, t.e.request(r, lacks))
	if err == nil {
		defer stream.Close()
		err = t.receive(ctx, stream)
		if t.finish != "" && t.whole() {
			t.w.grace(graceForEnd)
			_, _ = io.Copy(io.Discard, io.LimitReader(x.body, maxFailure)) // only to reach the end
		}
	} else if _, ok := errors.AsType[*failure](err); !ok && ctx.Err() == nil {
		err = t.e.failed(model.Refused, false, "the request cannot be sent: %s", err)
	}
	t.count(ctx, err)
	return err
}

// whole reports whether what was read leaves the connection fit for another use.
func (t *reply) whole() bool { return t.refusal || t.bytes > 0 }

// receive reads the stream to its end. What has come already does not make up for a context that has ended.
func (t *reply) receive(ctx context.Context, stream *goopenai.ChatCompletionStream) error {
	for {
		if ctx.Err() != nil && t.finish == "" {
			return ctx.Err()
		}
		raw, err := stream.RecvRaw()
		if err != nil {
			return t.end(err)
		}
		t.w.stop()
		t.heard = true
		if err := t.event(raw); err != nil {
			return err
		}
		if t.finish == "" {
			t.w.next()
		} else {
			t.w.grace(graceForUsage)
		}
	}
}

// event takes one event in.
func (t *reply) event(raw []byte) error {
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return t.e.failed(model.BadAnswer, true, "an event of the reply is no chunk of a chat completion: %s", err)
	}
	if c.failed() {
		if t.finish != "" {
			return nil // the reply is whole, whatever happened then
		}
		return t.e.reported(http.StatusOK, raw)
	}
	if c.Model != "" {
		t.usage.Model = t.e.clean(c.Model)
	}
	if in, out, ok := c.tokens(); ok {
		t.in, t.out, t.told = in, out, true
	}
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue // one reply was asked for
		}
		if err := t.choice(choice); err != nil {
			return err
		}
	}
	return nil
}

func (t *reply) choice(c choice) error {
	if refusal := string(c.Delta.Refusal); wire.IsSet(c.Delta.Refusal) && refusal != `""` {
		t.refusal = true
	}
	if wire.IsSet(c.Delta.Content) {
		piece, ok := t.text.next(c.Delta.Content)
		switch {
		case !ok:
			return t.e.failed(model.BadAnswer, false, "the reply has bytes that are no text")
		case t.finish != "" && (piece != "" || len(t.text.rest) > 0):
			return t.e.failed(model.BadAnswer, false, "the reply goes on after its end")
		case t.bytes+len(piece) > t.e.o.MaxReply:
			return t.e.failed(model.BadAnswer, false, "the reply has more than %d bytes", t.e.o.MaxReply)
		case piece != "":
			if err := t.give(piece); err != nil {
				return err
			}
		}
	}
	if finish := c.finish(); finish != "" && t.finish == "" {
		t.finish = finish
		t.usage.Finish = t.e.clean(finish)
	}
	return nil
}

// give passes a piece on.
func (t *reply) give(piece string) error {
	if !t.began {
		t.began = true
		t.usage.First = time.Since(t.start)
	}
	t.bytes += len(piece)
	t.usage.Bytes += len(piece)
	if err := t.pass(piece); err != nil {
		return passed{err}
	}
	return nil
}

// end says what a stream came to that ended with err.
func (t *reply) end(err error) error {
	failed, ok := errors.AsType[*failure](err)
	switch {
	case t.finish != "": // the model had ended; what came after matters to nobody
	case ok:
		return failed
	case !errors.Is(err, io.EOF):
		return err
	default:
		return t.e.failed(model.Cut, true, "the stream ended, and the model did not say that the reply is whole")
	}
	if failed := t.e.ended(t.finish); failed != nil {
		return failed
	}
	switch {
	case t.refusal:
		return t.e.failed(model.Refused, false, "the model refuses")
	case len(t.text.rest) > 0:
		return t.e.failed(model.BadAnswer, false, "the reply ends within a character")
	case t.bytes == 0:
		return t.e.failed(model.BadAnswer, true, "the reply has no text")
	}
	return nil
}

// count adds what a try took. A request that was refused, or not received, took
// nothing; of others that tell nothing, as of one that was given up, what was sent
// and came is estimated.
func (t *reply) count(ctx context.Context, err error) {
	failed, _ := errors.AsType[*failure](err)
	switch {
	case t.told:
		t.usage.TokensIn += t.in
		t.usage.TokensOut += t.out
	case failed != nil && !t.heard && !failed.reached && ctx.Err() == nil:
	default:
		t.usage.TokensIn += estimate(t.call.in)
		t.usage.TokensOut += estimate(t.bytes)
		t.usage.Estimated = true
	}
}
