package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
)

// Pauses after tokens that were of no use, or not to be had.
const (
	mostUseless = 5 // in a row; then a pause
	firstPause  = 30 * time.Second
	lastPause   = 10 * time.Minute
	shortPause  = time.Minute // where WeCom cannot be reached: nothing is lost by asking
)

// tokens keep the access_token, which is the same for all processes of an app until it ends or is revoked
// (https://developer.work.weixin.qq.com/document/path/91039). However many calls find it refused, one of them fetches
// the next and the others wait for that. When several in a row are of no use, none is fetched for a while.
type tokens struct {
	fetch func(ctx context.Context) (token string, lasts time.Duration, err error)
	alarm func(pause time.Duration, why error)

	mu      sync.Mutex
	token   string
	until   time.Time
	flight  *flight
	useless int       // that WeCom did not take, in a row
	missed  int       // fetches that failed, in a row
	open    time.Time // none is fetched before
}

// A flight is one fetch of a token, for all who wait for it.
type flight struct {
	done   chan struct{}
	err    error
	gaveUp bool // who led it did not wait for its end: that is not the matter of others
}

// errUseless is for a token that WeCom gave and does not take.
var errUseless = errors.New("WeCom does not take the token that it gave")

// get gives a token. refused is one that WeCom did not take, "" for none. It fails with a *channel.WaitError while
// none is fetched.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	t.refuse(refused)
	for {
		t.mu.Lock()
		if t.token != "" && time.Now().Before(t.until) {
			defer t.mu.Unlock()
			return t.token, nil
		}
		f, leads, err := t.board()
		t.mu.Unlock()
		if err == nil {
			err = t.fly(ctx, f, leads)
		}
		if err != nil && (leads || !f.abandoned()) {
			return "", err
		}
	}
}

// reset forgets what speaks against fetching a token.
func (t *tokens) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.useless, t.missed, t.open = "", 0, 0, time.Time{}
}

// board joins the flight under way, or begins one, which the caller then leads. It is called with mu held.
func (t *tokens) board() (f *flight, leads bool, err error) {
	if wait := time.Until(t.open); wait > 0 {
		return nil, false, &channel.WaitError{After: wait, All: true}
	}
	if t.flight != nil {
		return t.flight, false, nil
	}
	t.flight = &flight{done: make(chan struct{})}
	return t.flight, true, nil
}

// fly fetches a token, or waits for who does.
func (t *tokens) fly(ctx context.Context, f *flight, leads bool) error {
	if !leads {
		select {
		case <-f.done:
			return f.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	token, lasts, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flight = nil
	f.err, f.gaveUp = err, err != nil && ctx.Err() != nil
	switch {
	case err == nil:
		t.token, t.until, t.missed = token, time.Now().Add(lasts-min(lasts/10, 5*time.Minute)), 0
	case !f.gaveUp:
		last := lastPause
		if code := codeOf(err); code == 0 || code == aibot.CodeBusy {
			last = shortPause
		}
		t.missed++
		t.rest(t.missed, last, err)
	}
	close(f.done)
	return err
}

// abandoned reports whether a flight ended because who led it did not wait; nil was none.
func (f *flight) abandoned() bool {
	if f == nil {
		return false
	}
	select {
	case <-f.done:
		return f.gaveUp
	default:
		return false
	}
}

// refuse notes that WeCom did not take a token.
func (t *tokens) refuse(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token != "" && token == t.token {
		t.token = ""
		t.useless++
		t.rest(t.useless, lastPause, errUseless)
	}
}

// rest lets no token be fetched for a while when it was in vain too often. It is called with mu held.
func (t *tokens) rest(failures int, last time.Duration, why error) {
	if failures < mostUseless {
		return
	}
	pause := min(firstPause<<min(failures-mostUseless, 10), last)
	t.open = time.Now().Add(pause)
	t.alarm(pause, why)
}

// accept notes that WeCom took a token.
func (t *tokens) accept(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token == t.token {
		t.useless = 0
	}
}

// mends are the codes of gettoken that only somebody can mend.
var mends = map[int]string{
	40001: "the app's secret is wrong or was renewed (40001): copy it from the app's page into WECOM_AGENT_SECRET and start again",
	40013: "the corporation's id is wrong (40013): copy it from the page of the corporation into WECOM_CORP_ID and start again",
	41002: "the corporation's id is missing (41002): set WECOM_CORP_ID and start again",
	41004: "the app's secret is missing (41004): set WECOM_AGENT_SECRET and start again",
	40091: "the secret is not one of an app (40091): copy that of the app into WECOM_AGENT_SECRET and start again",
}

const fetching = "ask for an access_token"

// fetchToken asks WeCom for the token.
func (c *Channel) fetchToken(ctx context.Context) (string, time.Duration, error) {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	q := url.Values{"corpid": {c.o.CorpID}, "corpsecret": {c.o.Secret}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/cgi-bin/gettoken?"+q.Encode(), http.NoBody)
	if err != nil {
		return "", 0, &callError{doing: fetching, err: errNoAddress}
	}
	a, err := c.exchange(fetching, req)
	switch reason := mends[codeOf(err)]; {
	case reason != "":
		c.stop(reason)
		return "", 0, err
	case err != nil:
		return "", 0, err
	case a.Token == "" || a.Lasts <= 0:
		return "", 0, &callError{doing: fetching, err: errors.New("the answer has none that lasts")}
	}
	return a.Token, time.Duration(min(a.Lasts, 86400)) * time.Second, nil
}
