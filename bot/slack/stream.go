package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/slack/render"
)

// maxStream is how many characters a stream may have: https://docs.slack.dev/reference/methods/chat.appendStream.
const maxStream = 11_000

// Progress implements [channel.Reply].
func (r *reply) Progress(ctx context.Context, step string) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	l := r.c.live.of(r.name())
	if err := l.lock(ctx); err != nil {
		return err
	}
	defer l.unlock()
	l.status = true
	return r.status(ctx, render.Status(step, r.to.Lang), slack.AgentSessionStatusProcessing)
}

// status sets the line that stands under a thread, and the state of the session, by which people get a button
// to stop it. Neither is promised.
func (r *reply) status(ctx context.Context, line, state string) error {
	if r.to.Thread == "" || !r.c.limits.status.Allow() {
		return nil
	}
	ctx, quit := context.WithTimeout(ctx, updateTime)
	defer quit()
	var errs []error
	if r.c.can(methodSession) {
		_, err := r.c.api.SetAgentSessionStatusContext(ctx, slack.AgentSessionSetStatusParameters{
			Status: state, ChannelID: r.to.Channel, ThreadTS: r.to.Thread, InitiatorUserID: r.to.User,
		})
		errs = append(errs, r.c.learn(methodSession, err))
	}
	if r.c.can(methodStatus) {
		err := r.c.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{
			ChannelID: r.to.Channel, ThreadTS: r.to.Thread, Status: line,
		})
		errs = append(errs, r.c.learn(methodStatus, err))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("show that a question is being worked on: %w", err)
	}
	return nil
}

// quiet takes the line away that told of work, if there is one.
func (r *reply) quiet(ctx context.Context, l *life) {
	if !l.status {
		return
	}
	l.status = false
	_ = r.status(ctx, "", slack.AgentSessionStatusActive) // Slack takes it away by itself when a reply arrives
}

// Update implements [channel.Reply]. A snapshot that comes too soon after the one before is not shown, nor one that
// does not go on where that ended.
func (r *reply) Update(ctx context.Context, d channel.Doc) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	l := r.c.live.of(r.name())
	if err := l.lock(ctx); err != nil {
		return err
	}
	defer l.unlock()
	d = r.c.linked(d)
	text := render.Markdown(d)
	if time.Since(l.at) < interval || text == l.shown || text == "" || utf8.RuneCountInString(text) > maxStream {
		return nil
	}
	ctx, quit := context.WithTimeout(ctx, updateTime)
	defer quit()
	err := r.look(ctx, l)
	switch {
	case err != nil:
	case l.lost || l.ts == "" && l.doubt: // what could be added is not known; a second beginning would be one too many
	case l.ts == "" && r.streams():
		err = r.open(ctx, text, l)
	case l.ts == "":
		err = r.placeholder(ctx, d, l)
	case !l.stream:
		err = r.grow(ctx, d, l)
	case strings.HasPrefix(text, l.shown):
		err = r.extend(ctx, text, l)
	}
	if err != nil {
		return fmt.Errorf("show a snapshot: %w", err)
	}
	return nil
}

// look looks once whether another process, before this one, has begun to show a reply.
func (r *reply) look(ctx context.Context, l *life) error {
	if l.looked || !r.isOlder() {
		return nil
	}
	there, err := r.search(ctx, "")
	if err == nil {
		l.looked = true
		l.found(there)
	}
	return err
}

// streams reports whether a reply can be streamed now.
func (r *reply) streams() bool {
	return r.to.Thread != "" && r.to.User != "" && r.c.can(methodStream) && r.c.limits.waits(methodStream, "") == nil && r.c.limits.streams.Allow()
}

// open begins a stream. Where Slack refuses streams, that is remembered.
func (r *reply) open(ctx context.Context, text string, l *life) error {
	task := slack.NewTaskUpdateChunk(mark(r.answer), looked(r.to.Lang))
	task.Status = slack.TaskCardStatusComplete
	var ts string
	err := r.c.call(ctx, methodStream, "", func(ctx context.Context) (err error) {
		_, ts, err = r.c.api.StartStreamContext(ctx, r.to.Channel,
			slack.MsgOptionTS(r.to.Thread), slack.MsgOptionRecipientUserID(r.to.User), slack.MsgOptionRecipientTeamID(first(r.to.Team, r.c.me().team)),
			slack.MsgOptionChunks(task, slack.NewMarkdownTextChunk(text)))
		return err
	})
	if err != nil {
		l.doubt = l.doubt || uncertain(err)
		return r.c.learn(methodStream, err)
	}
	l.ts, l.stream, l.shown, l.at = ts, true, text, time.Now()
	return nil
}

// looked is what stands above a streamed answer.
func looked(lang string) string {
	if lang == "en" {
		return "Looked for clauses in the library"
	}
	return "已在政策库中查找条款"
}

// extend adds to a stream.
func (r *reply) extend(ctx context.Context, text string, l *life) error {
	if !r.c.limits.appends.Allow() {
		return nil
	}
	err := r.c.call(ctx, methodAppend, "", func(ctx context.Context) error {
		_, _, err := r.c.api.AppendStreamContext(ctx, r.to.Channel, l.ts, slack.MsgOptionMarkdownText(text[len(l.shown):]))
		return err
	})
	switch {
	case err == nil:
		l.shown, l.at = text, time.Now()
	case uncertain(err):
		l.lost = true // it may have been added
	}
	return err
}

// placeholder posts a message that grows by changes.
func (r *reply) placeholder(ctx context.Context, d channel.Doc, l *life) error {
	if !r.c.limits.updates.Allow() {
		return nil
	}
	m := render.Messages(d, mark(r.answer))[0]
	ts, err := r.post(ctx, m, mark(r.answer))
	if err != nil {
		l.doubt = l.doubt || uncertain(err)
		return err
	}
	l.ts, l.stream, l.at = ts, false, time.Now()
	return nil
}

// grow changes that message.
func (r *reply) grow(ctx context.Context, d channel.Doc, l *life) error {
	if !r.c.limits.updates.Allow() {
		return nil
	}
	_, err := r.update(ctx, l.ts, render.Messages(d, mark(r.answer))[0], mark(r.answer))
	if err == nil {
		l.at = time.Now()
	}
	return err
}

// stream brings a whole document as a stream: its beginning, the rest, and what stands under it.
func (r *reply) stream(ctx context.Context, d channel.Doc, key string, m render.Message, l *life) (string, error) {
	begin := d
	begin.Nodes = d.Nodes[:min(1, len(d.Nodes))]
	text := render.Markdown(begin)
	err := r.open(ctx, text, l)
	switch {
	case err == nil:
		return r.conclude(ctx, d, key, m, true, l)
	case retryAfter(err) > 0 || fatalReason(err) != "":
		return "", r.c.failure("begin a stream", err)
	case uncertain(err):
		there, err := r.search(ctx, key)
		if err != nil {
			return "", err
		}
		if l.found(there); l.ts != "" {
			return r.conclude(ctx, d, key, m, true, l)
		}
	}
	return r.insist(ctx, m, key, true) // it is not for streams
}

// conclude turns what is on screen into the first part of a document. whole tells that it is the only one.
func (r *reply) conclude(ctx context.Context, d channel.Doc, key string, m render.Message, whole bool, l *life) (string, error) {
	if l.stream {
		done, err := r.stop(ctx, d, key, m, whole, l)
		if done || err != nil {
			return l.ts, err
		}
	}
	ts, err := r.insistUpdate(ctx, l.ts, m, key)
	if !editErrors[errorName(err)] {
		return ts, err
	}
	if ts, err = r.insist(ctx, m, key, false); err == nil {
		l.leave(l.ts)
		l.ts = ""
	}
	return ts, err
}

// stop ends a stream. It reports whether the stream now shows the document, with all that stands under it; else
// the message has to be changed.
func (r *reply) stop(ctx context.Context, d channel.Doc, key string, m render.Message, whole bool, l *life) (done bool, err error) {
	ways := [][]slack.MsgOption{nil}
	if whole && !l.lost {
		ways = append(r.endings(d, key, m, l.shown), nil)
	}
	for i, options := range ways {
		err = r.halt(ctx, l.ts, options)
		switch name := errorName(err); {
		case err == nil:
			return i < len(ways)-1, nil
		case uncertain(err):
			return false, fmt.Errorf("end a stream: %w", err)
		case fatalReason(err) != "" || goneErrors[name] != "":
			return false, r.c.failure("end a stream", err)
		case badBlocks[name] && i == 0 && len(ways) == 3:
			r.c.bePlain()
		case !badBlocks[name] && !tooLong[name]:
			return false, nil // it has expired
		}
	}
	return false, nil
}

// tooLong are errors that tell that a stream does not take all of its end.
var tooLong = map[string]bool{"msg_too_long": true, "msg_blocks_too_many": true, "invalid_chunks": true, "invalid_arguments": true}

// endings are the ways in which a stream of a document can end, best first: with the rest of the text and what stands
// under it. There is none where what was shown is not the beginning of the document, or all of it is too much.
func (r *reply) endings(d channel.Doc, key string, m render.Message, shown string) [][]slack.MsgOption {
	text := render.Markdown(d)
	rest, goesOn := strings.CutPrefix(text, shown)
	tail := render.Tail(d, key)
	if !goesOn || utf8.RuneCountInString(text) > maxStream || len(tail) != 1 {
		return nil
	}
	var ways [][]slack.MsgOption
	for _, blocks := range [][]slack.Block{tail[0].Blocks, tail[0].Plain} {
		options := []slack.MsgOption{slack.MsgOptionBlocks(blocks...), slack.MsgOptionMetadata(metadata(key, m.Part, m.Parts))}
		if rest != "" {
			options = append(options, slack.MsgOptionMarkdownText(rest))
		}
		ways = append(ways, options)
	}
	if r.c.isPlain() {
		return ways[1:]
	}
	return ways
}

// halt ends a stream, and waits where Slack asks for it.
func (r *reply) halt(ctx context.Context, ts string, options []slack.MsgOption) error {
	for {
		err := r.c.call(ctx, methodStop, "", func(ctx context.Context) error {
			_, _, err := r.c.api.StopStreamContext(ctx, r.to.Channel, ts, options...)
			return err
		})
		if after := retryAfter(err); after > 0 {
			err = &channel.WaitError{After: after}
		}
		if !waiting(err) {
			return err
		}
		if err := patient(ctx, err); err != nil {
			return err
		}
	}
}

// insistUpdate changes a message, and waits where Slack asks for it: something of the document is on screen.
func (r *reply) insistUpdate(ctx context.Context, ts string, m render.Message, key string) (string, error) {
	for {
		got, err := r.update(ctx, ts, m, key)
		if !waiting(err) {
			return got, err
		}
		if err := patient(ctx, err); err != nil {
			return "", err
		}
	}
}

// editErrors are errors that tell that a message cannot be changed (https://docs.slack.dev/reference/methods/chat.update).
var editErrors = map[string]bool{
	"message_not_found": true, "cant_update_message": true, "edit_window_closed": true, "streaming_state_conflict": true, "msg_too_long": true,
}

// lives are the replies that are under way in this process.
type lives struct {
	mu  sync.Mutex
	all map[string]*life
}

func newLives() *lives { return &lives{all: map[string]*life{}} }

// of is what is on screen of a reply. What nobody ended within an hour is forgotten.
func (l *lives) of(name string) *life {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) > 1000 {
		for k, v := range l.all {
			if time.Since(v.made) > time.Hour {
				delete(l.all, k)
			}
		}
	}
	if l.all[name] == nil {
		l.all[name] = newLife()
	}
	return l.all[name]
}

// take is of, for who ends the reply.
func (l *lives) take(name string) *life {
	out := l.of(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, name)
	return out
}

// keep takes back what could not be ended. Its lock is held.
func (l *lives) keep(name string, v *life) {
	if v.ts != "" || v.doubt || len(v.left) > 0 {
		l.back(name, v)
	}
}

// back takes back a life, unless there is another one by now.
func (l *lives) back(name string, v *life) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all[name] == nil {
		l.all[name] = v
	}
}
