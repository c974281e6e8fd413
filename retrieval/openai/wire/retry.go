package wire

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
)

// MaxRetryAfter is the most that is waited because of Retry-After.
const MaxRetryAfter = 60 * time.Second

// Sleep returns after wait, or when ctx is done.
func Sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Backoff is how long to wait after this many tries, from 1: 0.5 s, twice as long
// after each further one and at most 30 s, less up to half of it by chance, so that
// clients that failed together do not come back together.
func Backoff(tries int) time.Duration {
	wait := longestWait
	if doublings := tries - 1; doublings < 10 {
		wait = min(wait, firstWait<<doublings)
	}
	return wait - rand.N(wait/2)
}

// RetryAfter reads the header Retry-After, which is in seconds or a date; 0
// where there is none, or none that can be read.
func RetryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		const day = 24 * 60 * 60
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, day) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
