package slack

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"policybot/bot/channel"
)

// limits keep the bot below Slack's rates (https://docs.slack.dev/apis/web-api/rate-limits), so that what
// must arrive is not refused because of what may be left out.
type limits struct {
	opens   *rate.Limiter // apps.connections.open; tier 3
	streams *rate.Limiter // documents that are streamed; each takes a chat.stopStream, tier 2: 20 a minute
	appends *rate.Limiter // chat.appendStream; tier 4: 100 a minute
	updates *rate.Limiter // chat.update of what is not whole yet; tier 3: 50 a minute, most of it kept for whole documents
	status  *rate.Limiter // of threads and sessions; tier 3

	mu    sync.Mutex
	until map[string]time.Time // by method and place: Slack asked to wait
}

func newLimits() *limits {
	return &limits{
		opens:   rate.NewLimiter(rate.Every(time.Second), 1),
		streams: rate.NewLimiter(rate.Every(4*time.Second), 8),
		appends: rate.NewLimiter(rate.Every(time.Second), 30),
		updates: rate.NewLimiter(rate.Every(3*time.Second), 10),
		status:  rate.NewLimiter(rate.Every(2*time.Second), 15),
		until:   map[string]time.Time{},
	}
}

// asked notes that Slack asked to wait before a method is called again for a place.
func (l *limits) asked(method, place string, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for k, t := range l.until {
		if t.Before(now) {
			delete(l.until, k)
		}
	}
	l.until[method+" "+place] = now.Add(after)
}

// waits gives a *channel.WaitError as long as Slack asked to wait, else nil.
func (l *limits) waits(method, place string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left := time.Until(l.until[method+" "+place]); left > 0 {
		return &channel.WaitError{After: left}
	}
	return nil
}
