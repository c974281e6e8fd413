package callback

import (
	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
)

// Sentences that the channel says by itself: no documents.
func Sentences() []string {
	var out []string
	for _, lang := range []string{"zh", "en", ""} {
		out = append(out, queued.In(lang), refused.In(lang), elsewhere.In(lang), unseen.In(lang), unanswered.In(lang), aibot.Follows(lang))
	}
	for _, kind := range []channel.Kind{channel.Question, channel.Pressed} {
		for _, lang := range []string{"zh", "en", ""} {
			text, _ := aibot.Lost(kind, lang)
			out = append(out, text)
		}
	}
	return out
}

// Unseen ends a stream that an earlier process may have ended.
func Unseen(lang string) string { return unseen.In(lang) }

// Working is what is shown before anything is known.
func Working(lang string) string { return working(lang) }

// Remembered is how many messages the channel remembers, and how many bytes of texts.
func (c *Channel) Remembered() (lives, bytes int) {
	c.lives.mu.Lock()
	defer c.lives.mu.Unlock()
	for _, v := range c.lives.all {
		v.mu.Lock()
		bytes += len(v.text)
		if v.end != nil {
			bytes += len(v.end.text) + len(v.end.card)
		}
		v.mu.Unlock()
	}
	return len(c.lives.all), bytes
}

// Rest is what a document ends with of which there is more.
func Rest(lang, pages string) string { return restOf(lang, pages) }
