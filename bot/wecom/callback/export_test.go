package callback

import "policybot/bot/wecom/aibot"

// Sentences that the channel says by itself: no documents.
func Sentences() []string {
	var out []string
	for _, lang := range []string{"zh", "en", ""} {
		out = append(out, queued.in(lang), refused.in(lang), elsewhere.in(lang), unanswered.in(lang), aibot.Follows(lang))
	}
	return append(out, aibot.Follows("zh")+"\n"+aibot.Follows("en"))
}

// Working is what is shown before anything is known.
func Working(lang string) string { return working(lang) }

// Remembered is how many messages the channel remembers.
func (c *Channel) Remembered() int {
	c.lives.mu.Lock()
	defer c.lives.mu.Unlock()
	return len(c.lives.all)
}

// Rest is what a document ends with of which there is more.
func Rest(lang, pages string) string { return restOf(lang, pages) }
