package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"policybot/bot/channel/inlet"
)

// Limits of the webhook: https://developer.work.weixin.qq.com/document/path/99110.
const (
	maxText   = 4096 // bytes of a message of markdown
	perMinute = 20   // messages

	minute  = time.Minute + 3*time.Second // WeCom's, with what a message may be late
	maxRead = 64 << 10                    // bytes of an answer
)

// Codes of errors: https://developer.work.weixin.qq.com/document/path/90313. 93000, 93004 and 93008 are told of the
// address itself: it is wrong, the robot was switched off, or is not in the group any more.
const (
	codeTooFast   = 45009
	codeConcur    = 45033
	codeUnknown   = 93000
	codeSwitched  = 93004
	codeNoMember  = 93008
	codeSentFast  = 130101
	statusLimited = http.StatusTooManyRequests
)

// A refusal is an answer of WeCom, or of what stands before it, that the message was not taken.
type refusal struct {
	status int // of HTTP, where that tells it; else 0
	code   int
	words  string // WeCom's own
}

// Error names the code.
func (e *refusal) Error() string {
	if e.status != 0 {
		return fmt.Sprintf("WeCom answers with %d %s", e.status, http.StatusText(e.status))
	}
	return fmt.Sprintf("WeCom answers %d (%s)", e.code, e.words)
}

// stops reports whether nothing works until somebody mends it.
func (e *refusal) stops() bool {
	return e.code == codeUnknown || e.code == codeSwitched || e.code == codeNoMember
}

// waits reports whether WeCom asks for time.
func (e *refusal) waits() bool {
	return e.status == statusLimited || e.code == codeTooFast || e.code == codeConcur || e.code == codeSentFast
}

// plain says for people what is wrong and what to do.
func (e *refusal) plain() string {
	switch {
	case e.stops():
		return fmt.Sprintf("WeCom does not take posts of the group robot (%d): it was removed or its address changed; copy the address of a robot of the group to WECOM_WEBHOOK_URL and start again", e.code)
	case e.waits():
		return "WeCom asks to wait: the group robot has posted too much"
	}
	return e.Error()
}

// plain says for people what a post failed with.
func plain(err error) string {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.plain()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "WeCom does not answer in time"
	}
	return "WeCom cannot be reached"
}

// Code is what WeCom refused a post with, 0 where it did not say or the post was not refused.
func Code(err error) int {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.code
	}
	return 0
}

// post posts one message. It is for who has the token. Its error is a *refusal, or the end of the post is not known.
func (c *Channel) post(ctx context.Context, markdown string) error {
	defer func() { c.pace.mark(time.Now()) }() // also what failed may have been counted
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": markdown}}); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, &body)
	if err != nil {
		return inlet.WithoutAddress(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req)
	if err != nil {
		return inlet.WithoutAddress(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &refusal{status: resp.StatusCode}
	}
	var said struct {
		Code  *int   `json:"errcode"`
		Words string `json:"errmsg"`
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRead))
	if err != nil {
		return inlet.WithoutAddress(err)
	}
	if err := json.Unmarshal(text, &said); err != nil || said.Code == nil {
		return errors.New("the answer is not WeCom's")
	}
	if *said.Code != 0 {
		return &refusal{code: *said.Code, words: c.safe(said.Words)}
	}
	return nil
}

// safe is what WeCom says, short and without the key.
func (c *Channel) safe(words string) string {
	words = strings.ToValidUTF8(strings.ReplaceAll(words, c.key, "…"), "�")
	if r := []rune(words); len(r) > 120 {
		words = string(r[:120]) + "…"
	}
	return strings.Join(strings.Fields(words), " ")
}

// A pace is when messages were posted. It is used by one goroutine at a time.
type pace struct{ times []time.Time } // of the last minute, oldest first

func (p *pace) mark(now time.Time) { p.times = append(p.times, now) }

// wait is how long to wait until n messages can be posted with spare more left, 0 for not at all. More than a minute
// takes are waited for as if they were that many.
func (p *pace) wait(n, spare int, now time.Time) time.Duration {
	for len(p.times) > 0 && now.Sub(p.times[0]) >= minute {
		p.times = p.times[1:]
	}
	over := len(p.times) + min(n, perMinute-spare) + spare - perMinute
	if over <= 0 || len(p.times) == 0 {
		return 0
	}
	return p.times[min(over, len(p.times))-1].Add(minute).Sub(now)
}
