// Package outgoing is what all surfaces of WeCom share on the way out: the references that messages show, and how many
// messages a person or a group may be sent.
package outgoing

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"
)

// alphabet has no vowels, so that references are no words.
const alphabet = "0123456789BCDFGHJKMNPQRSTVWXYZ"

// Ref is the short reference of a delivery that its messages show, six characters: the same for the same key. It tells two
// answers of the same words apart, for WeCom, which drops a message that it takes for a repetition, and for people.
func Ref(key string) string {
	sum := sha256.Sum256([]byte("reference\x00" + key))
	var b strings.Builder
	for _, c := range sum[:6] {
		b.WriteByte(alphabet[int(c)%len(alphabet)])
	}
	return b.String()
}

// A Quota counts messages to each receiver in the last minute and hour. Above WeCom's limits messages are dropped without
// a word, so they are counted here (https://developer.work.weixin.qq.com/document/path/90236).
type Quota struct {
	minute, hour int
	first        int       // messages in the minute after start
	start        time.Time // the zero time: what was sent before is known

	mu   sync.Mutex
	sent map[string][]time.Time // of the last hour, oldest first
}

// slack is how much longer than WeCom's a minute and an hour are here: messages arrive later than they are sent.
const slack = 3 * time.Second

// NewQuota makes a quota of so many messages a minute and an hour for each receiver; both above 0.
func NewQuota(minute, hour int) *Quota {
	return &Quota{minute: minute, hour: hour, sent: map[string][]time.Time{}}
}

// What a process takes of the 30 messages a minute and 1,000 an hour that WeCom lets one person or group have. Where it
// knows nothing of what the process before it sent in the last minute it leaves room for that in its first.
const (
	perMinute   = 25
	firstMinute = 5
	perHour     = 1000
)

// ForChats makes the quota of a process that starts now, for the persons and groups of WeCom: 25 messages a minute and 1,000
// an hour, and 5 in the first minute, unless it is quiet: nothing was sent in the minute before.
func ForChats(now time.Time, quiet bool) *Quota {
	q := NewQuota(perMinute, perHour)
	if !quiet {
		q.first, q.start = firstMinute, now
	}
	return q
}

// Take counts one message to a receiver and gives 0, or how long to wait until it may be sent; it is then not counted.
func (q *Quota) Take(receiver string, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	receiver = strings.ToLower(receiver)
	q.forget(now)
	times := q.sent[receiver]
	for len(times) > 0 && now.Sub(times[0]) >= time.Hour+slack {
		times = times[1:]
	}
	wait := time.Duration(0)
	if settled := q.start.Add(time.Minute + slack); len(times) >= q.first && now.Before(settled) {
		wait = settled.Sub(now)
	}
	if n := len(times); n >= q.hour {
		wait = times[n-q.hour].Add(time.Hour + slack).Sub(now)
	}
	if n := len(times); n >= q.minute {
		wait = max(wait, times[n-q.minute].Add(time.Minute+slack).Sub(now))
	}
	if wait <= 0 {
		times = append(times, now)
	}
	q.sent[receiver] = times
	return max(wait, 0)
}

// forget drops receivers that were sent nothing for an hour, when there are many.
func (q *Quota) forget(now time.Time) {
	if len(q.sent) < 10_000 {
		return
	}
	for k, times := range q.sent {
		if len(times) == 0 || now.Sub(times[len(times)-1]) >= time.Hour+slack {
			delete(q.sent, k)
		}
	}
}
