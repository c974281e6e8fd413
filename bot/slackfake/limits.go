package slackfake

import (
	"encoding/json"
	"math"
	"time"
	"unicode/utf8"
)

// Limits of what is posted.
const (
	maxText       = 40000 // longer text of a new message is cut (https://docs.slack.dev/changelog/2018-truncating-really-long-messages/)
	maxUpdateText = 4000  // of chat.update, "msg_too_long" on its page
	maxMarkdown   = 12000 // markdown_text, on the pages of chat.*; all markdown blocks together (https://docs.slack.dev/reference/block-kit/blocks/markdown-block)
	maxBlocks     = 50    // in a message (https://docs.slack.dev/reference/block-kit/blocks)
	maxViewBlocks = 100   // in a view (https://docs.slack.dev/surfaces/modals)

	// What all blocks of a message may hold is not documented. Measured: 13,297 characters in one
	// markdown block, 125 fewer with a divider besides (https://github.com/slackapi/bolt-js/issues/2509);
	// fewer than 12,000 were refused in a message of many blocks (issue 2867 there). So each further
	// block is taken to cost 125.
	maxAllBlocks   = 13297
	blockAllowance = 125
)

// A bucket is what is left of a rate. Slack does not document its size: here a minute's calls, or four
// messages in a channel.
type bucket struct {
	left float64
	at   time.Time
}

// take takes one call out of a bucket that holds size and gains rate a second, or says how long to wait.
func (b *bucket) take(now time.Time, size, rate float64) time.Duration {
	if b.at.IsZero() {
		b.left, b.at = size, now
	}
	b.left = min(size, b.left+rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.left < 1 {
		return time.Duration(math.Ceil((1-b.left)/rate)) * time.Second
	}
	b.left--
	return 0
}

// limited refuses a call that comes too soon. Limits are of one method in one workspace; one message a
// second may be posted in a channel, with short bursts (https://docs.slack.dev/apis/web-api/rate-limits).
// The caller holds mu.
func (s *Server) limited(name string, m method, a args) error {
	key, size, rate := name, float64(m.tier), float64(m.tier)/60
	if name == "chat.postMessage" {
		key, size, rate = name+" "+a["channel"], 4, 1
	}
	if !s.o.Limits || size == 0 {
		return nil
	}
	if s.buckets[key] == nil {
		s.buckets[key] = &bucket{}
	}
	if wait := s.buckets[key].take(s.o.Now(), size, rate); wait > 0 {
		return &apiError{name: "ratelimited", wait: wait}
	}
	return nil
}

// tooLong reports whether the blocks of a message hold too much.
func tooLong(blocks []raw) bool {
	total, markdown := blockAllowance*max(0, len(blocks)-1), 0
	for _, b := range blocks {
		n := characters(b)
		total += n
		if kindOf(b) == "markdown" {
			markdown += n
		}
	}
	return total > maxAllBlocks || markdown > maxMarkdown
}

// characters counts those that people read: every text, in whatever depth.
func characters(block raw) int {
	var v any
	if err := json.Unmarshal(block, &v); err != nil {
		return utf8.RuneCount(block)
	}
	return countText(v)
}

func countText(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += countText(e)
		}
	case map[string]any:
		for key, e := range v {
			if text, ok := e.(string); !ok {
				n += countText(e)
			} else if key == "text" {
				n += utf8.RuneCountInString(text)
			}
		}
	}
	return n
}

// kindOf is the type of a block.
func kindOf(block raw) string {
	var b struct{ Type string }
	if json.Unmarshal(block, &b) != nil {
		return ""
	}
	return b.Type
}
