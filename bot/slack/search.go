package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
	"policybot/bot/slack/render"
)

// found is what is on screen of a document.
type found struct {
	parts  map[int]string // ts of each part that is there
	partly []string       // ts of messages that show a beginning
}

// mark is what a message that shows the beginning of an answer carries.
func mark(answer string) string { return "answer-" + answer }

// metadata is what every message of a document carries, for who looks for it.
func metadata(key string, part, parts int) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: act.Metadata, EventPayload: map[string]any{"key": key, "part": part, "parts": parts}}
}

// mostPages bounds how far is looked back: 200 messages a page.
const mostPages = 20

// search looks for what an earlier attempt, or another process, has brought of a document.
func (r *reply) search(ctx context.Context, key string) (found, error) {
	out := found{parts: map[int]string{}}
	if r.c.me().user == "" { // a reply of an earlier process goes out before Run has found out
		if err := r.c.check(ctx); err != nil {
			return out, r.c.failure("find out which messages are the bot's", err)
		}
	}
	cursor := ""
	for range mostPages {
		messages, next, err := r.page(ctx, cursor)
		switch {
		case errorName(err) == "thread_not_found":
			return out, nil // its first message was removed, and took the others along
		case err != nil:
			return out, r.c.failure("look for what was posted", err)
		}
		for _, m := range messages {
			r.recognise(m, key, &out)
		}
		if next == "" {
			break
		}
		cursor = next
	}
	return out, nil
}

// page gives messages of the thread, or of the channel where there is none.
func (r *reply) page(ctx context.Context, cursor string) (messages []slack.Message, next string, err error) {
	if r.to.Thread != "" {
		err = r.c.call(ctx, "conversations.replies", "", func(ctx context.Context) (err error) {
			messages, _, next, err = r.c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: r.to.Channel, Timestamp: r.to.Thread, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
			})
			return err
		})
		return messages, next, err
	}
	err = r.c.call(ctx, "conversations.history", "", func(ctx context.Context) error {
		got, err := r.c.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: r.to.Channel, Oldest: first(r.to.Asked, r.to.Message), Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
		})
		if err == nil {
			messages, next = got.Messages, got.ResponseMetaData.NextCursor
		}
		return err
	})
	return messages, next, err
}

// recognise notes a message of ours that belongs to the document: by its metadata, or by the ids of its blocks.
func (r *reply) recognise(m slack.Message, key string, out *found) {
	me := r.c.me()
	if m.User != me.user && (m.BotID == "" || m.BotID != me.bot) {
		return
	}
	if m.Metadata.EventType == act.Metadata {
		name, _ := m.Metadata.EventPayload["key"].(string)
		part, _ := m.Metadata.EventPayload["part"].(float64)
		r.note(m.Timestamp, name, int(part), key, out)
		return
	}
	for _, b := range m.Blocks.BlockSet {
		if name, part, _, ok := render.ParseBlockID(b.ID()); ok {
			r.note(m.Timestamp, name, part, key, out)
			return
		}
	}
	if blocks, err := json.Marshal(m.Blocks); err == nil && strings.Contains(string(blocks), `"`+mark(r.answer)+`"`) {
		out.partly = append(out.partly, m.Timestamp)
	}
}

func (r *reply) note(ts, name string, part int, key string, out *found) {
	switch name {
	case key, render.Mark(key):
		out.parts[part] = ts
	case mark(r.answer), render.Mark(mark(r.answer)):
		out.partly = append(out.partly, ts)
	}
}
