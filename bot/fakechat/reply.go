package fakechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
)

// A reply is one reply under way.
type reply struct {
	c       *Channel
	to      handle
	answer  string
	shownAt time.Time // of the last draft
}

// Begin implements [channel.Channel].
func (c *Channel) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	r := &reply{c: c, answer: id}
	if err := json.Unmarshal(h.Data, &r.to); err != nil || r.to.Place == "" {
		return nil, &channel.GoneError{Reason: "the handle is damaged"}
	}
	return r, nil
}

// Progress implements [channel.Reply].
func (r *reply) Progress(ctx context.Context, step string) error {
	return r.draft(ctx, draft{Progress: escape(clean(step))})
}

// Update implements [channel.Reply]. A snapshot that comes too soon after the one before is not shown.
func (r *reply) Update(ctx context.Context, d channel.Doc) error {
	text, _ := body(d)
	return r.draft(ctx, draft{Text: escape(head(text, maxText))})
}

func (r *reply) draft(ctx context.Context, d draft) error {
	if since := time.Since(r.shownAt); since < interval {
		return nil
	}
	r.shownAt = time.Now()
	d.Place, d.Thread, d.Answer = r.to.Place, r.to.Thread, r.answer
	var out struct{}
	if err := r.c.call(ctx, updateTime, http.MethodPut, "/api/drafts", d, &out); err != nil {
		return fmt.Errorf("show a draft: %w", err)
	}
	return nil
}

// Abort implements [channel.Reply].
func (r *reply) Abort(ctx context.Context, _ string) error {
	if err := r.dropDraft(ctx); err != nil {
		return fmt.Errorf("take a draft away: %w", err)
	}
	return nil
}

func (r *reply) dropDraft(ctx context.Context) error {
	var out struct{}
	path := query("/api/drafts", map[string]string{"place": r.to.Place, "thread": r.to.Thread, "answer": r.answer})
	return r.c.call(ctx, callTime, http.MethodDelete, path, nil, &out)
}

// Finish implements [channel.Reply]. A document over the budget becomes several messages. Each carries
// the key and its number, by which an attempt that follows finds it.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	var there []int
	if as.Again {
		var err error
		if there, err = r.search(ctx, as.Key); err != nil {
			return "", fmt.Errorf("search for what was posted: %w", err)
		}
	}
	posts := r.posts(d, as.Key)
	receipt := ""
	for i, p := range posts {
		if slices.Contains(there, p.Part) {
			continue
		}
		if i > 0 {
			if err := inlet.Pause(ctx, interval); err != nil {
				return "", fmt.Errorf("post part %d of %d: %w", p.Part, p.Parts, err)
			}
		}
		id, err := r.post(ctx, p, len(there) == 0 && i == 0)
		if err != nil {
			return "", fmt.Errorf("post part %d of %d: %w", p.Part, p.Parts, err)
		}
		receipt = id
	}
	if len(there) == len(posts) {
		// Everything was there. A draft may be left from then; that it stays does no harm.
		_ = r.dropDraft(ctx)
	}
	return channel.Receipt(receipt), nil
}

// search gives the parts that are shown under a key.
func (r *reply) search(ctx context.Context, key string) ([]int, error) {
	var out found
	err := r.c.call(ctx, callTime, http.MethodGet, query("/api/messages", map[string]string{"place": r.to.Place, "key": key}), nil, &out)
	return out.Parts, err
}

// post posts one message. When it is the first of its document, being told to wait is the caller's
// matter, because nothing was delivered; later ones wait here.
func (r *reply) post(ctx context.Context, p post, first bool) (string, error) {
	for {
		var out posted
		err := r.c.call(ctx, callTime, http.MethodPost, "/api/messages", p, &out)
		wait, ok := errors.AsType[*channel.WaitError](err)
		if !ok || first {
			return out.ID, err
		}
		if wait.After > longWait {
			return "", fmt.Errorf("the platform wants a pause of %s in the middle of a document", wait.After)
		}
		if err := inlet.Pause(ctx, wait.After); err != nil {
			return "", err
		}
	}
}

// posts makes the messages of a document. Buttons and sources stand under the last.
func (r *reply) posts(d channel.Doc, key string) []post {
	text, sources := body(d)
	parts := split(text, maxText)
	out := make([]post, len(parts))
	for i, part := range parts {
		out[i] = post{
			Place: r.to.Place, Thread: r.to.Thread, Answer: r.answer, Key: key, Part: i + 1, Parts: len(parts),
			Label: string(d.Label), Text: escape(part),
		}
	}
	last := &out[len(out)-1]
	last.Sources = sources
	for _, b := range d.Buttons[:min(len(d.Buttons), maxButtons)] {
		last.Buttons = append(last.Buttons, Button{Label: b.Label, Value: b.Token})
	}
	return out
}

// body gives a document's text and, in markup, its sources.
func body(d channel.Doc) (string, []string) {
	var text strings.Builder
	for _, n := range d.Nodes {
		if text.Len() > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(n.Text)
	}
	if len(d.Nodes) == 0 {
		text.WriteString(d.Text)
	}
	var sources []string
	for _, c := range d.Citations {
		sources = append(sources, escape(clean(fmt.Sprintf("[%d] %s %s %s", c.N, c.Title, c.Number, c.Path))))
	}
	return clean(text.String()), sources
}

// head is the start of a text, at most n bytes.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
