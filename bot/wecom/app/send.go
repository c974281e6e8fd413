package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
)

// Paths of the API.
const (
	sendPath   = "/cgi-bin/message/send"
	updatePath = "/cgi-bin/message/update_template_card"
	agentPath  = "/cgi-bin/agent/get"
)

// An answer is what the API answers with.
type answer struct {
	Code  int    `json:"errcode"`
	Text  string `json:"errmsg"`
	Token string `json:"access_token"`
	Lasts int    `json:"expires_in"` // seconds
	ID    any    `json:"msgid"`
	// Invalid are people who are not there: a text with | between them, or in other calls a list.
	Invalid json.RawMessage `json:"invaliduser"`
}

// isMissing reports whether the answer to a message says that a person is not there, in whatever case it writes the id.
func (a answer) isMissing(user string) bool {
	var list string
	if json.Unmarshal(a.Invalid, &list) != nil {
		return false
	}
	return slices.ContainsFunc(strings.Split(list, "|"), func(one string) bool { return strings.EqualFold(one, user) })
}

// A callError is why a call had no success. It shows neither the address nor anything else that is secret.
type callError struct {
	doing  string
	code   int    // of WeCom, 0 where there is none
	from   string // the address of this machine as WeCom sees it, where it says so
	unsure bool   // it may have been carried out all the same
	err    error  // nil where there is a code
}

// isNotThere reports whether there is no such call, though there was a token for it.
func (e *callError) isNotThere() bool {
	_, token := errors.AsType[*callError](e.err)
	return !token && errors.Is(e.err, errNotThere)
}

// Error says it in a sentence.
func (e *callError) Error() string {
	if e.err != nil {
		return fmt.Sprintf("%s: %s", e.doing, e.err)
	}
	return fmt.Sprintf("%s: WeCom answers with code %d", e.doing, e.code)
}

// Unwrap gives the cause.
func (e *callError) Unwrap() error { return e.err }

// codeOf is the code that a call failed with, 0 for another failure or none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*callError](err); ok {
		return e.code
	}
	return 0
}

// unsure reports whether a call that failed may have been carried out.
func unsure(err error) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && e.unsure
}

// refusesToken are the codes with which WeCom does not take a token.
var refusesToken = map[int]bool{40001: true, 40014: true, 42001: true}

// post makes a call that does something.
func (c *Channel) post(ctx context.Context, doing, path string, body any) (answer, error) {
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return answer{}, fmt.Errorf("%s: %w", doing, err)
	}
	return c.call(ctx, doing, http.MethodPost, path, url.Values{}, data.Bytes())
}

// call makes a call with a token. Where WeCom does not take the token it is made once more, with the next.
func (c *Channel) call(ctx context.Context, doing, method, path string, q url.Values, body []byte) (answer, error) {
	token := ""
	for try := 0; ; try++ {
		var err error
		if token, err = c.tokens.get(ctx, token); err != nil {
			return answer{}, &callError{doing: doing, err: err} // the call was not made, whatever became of that for the token
		}
		q.Set("access_token", token)
		a, err := c.once(ctx, doing, method, path+"?"+q.Encode(), body)
		switch code := codeOf(err); {
		case !refusesToken[code]:
			if err == nil || code != 0 && code != aibot.CodeBusy {
				c.tokens.accept(token)
			}
			return a, err
		case try == 1:
			c.tokens.refuse(token)
			return a, err
		}
	}
}

var (
	errNoAddress = errors.New("the address is none")
	errNotThere  = errors.New("there is no such call")
)

// once makes a call one time, with a time-out.
func (c *Channel) once(ctx context.Context, doing, method, address string, body []byte) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, &callError{doing: doing, err: err}
	}
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	req, err := http.NewRequestWithContext(ctx, method, c.api+address, bytes.NewReader(body))
	if err != nil {
		return answer{}, &callError{doing: doing, err: errNoAddress}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return c.exchange(doing, req)
}

// exchange makes a request and reads the answer.
func (c *Channel) exchange(doing string, req *http.Request) (a answer, err error) {
	failed := func(err error, sent bool) (answer, error) {
		return answer{}, &callError{doing: doing, unsure: sent, err: inlet.WithoutAddress(err)}
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return failed(err, !isUnsent(err))
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusMethodNotAllowed:
		return failed(errNotThere, false)
	case resp.StatusCode != http.StatusOK:
		return failed(fmt.Errorf("WeCom answers with %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)), resp.StatusCode >= 500)
	case err != nil:
		return failed(err, true)
	}
	var known struct {
		Code *int `json:"errcode"`
	}
	if err := errors.Join(json.Unmarshal(data, &known), json.Unmarshal(data, &a)); err != nil || known.Code == nil {
		return failed(errors.New("the answer cannot be read"), true)
	}
	if a.Code != 0 {
		return a, &callError{doing: doing, code: a.Code, from: addressIn(a.Text), unsure: a.Code == aibot.CodeBusy}
	}
	return a, nil
}

// isUnsent reports whether a request that failed has surely not been sent.
func isUnsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

var fromAddress = regexp.MustCompile(`from ip:\s*([0-9A-Fa-f.:]+)`)

// addressIn finds the address of this machine in what WeCom says.
func addressIn(text string) string {
	if m := fromAddress.FindStringSubmatch(text); m != nil {
		return strings.TrimRight(m[1], ".:")
	}
	return ""
}

// goneCodes tell that nobody can be reached there.
var goneCodes = map[int]string{
	81013: "nobody of those may use the app, or they have left",
	60111: "the person does not exist",
	40003: "the person does not exist",
	40031: "the person does not exist",
	46004: "the person does not exist",
	82001: "nobody is left who could get the message",
}

// blocks are codes with which WeCom refuses all messages until somebody mends it.
var blocks = map[int]string{
	60020:  "this machine's address is not trusted (60020): add it on the app's page under 企业可信IP (trusted IP addresses)",
	40056:  "the number of the app is wrong (40056): copy AgentId from the app's page into WECOM_AGENT_ID",
	301002: "the secret is one of another app (301002): WECOM_AGENT_ID and WECOM_AGENT_SECRET stand on the same page",
	48002:  "the app may not send messages (48002): look at its rights on its page",
	45024:  "the app was switched off (45024): switch it on on its page",
	50001:  "nobody may use the app (50001): say on its page who may",
}

// blocks says what somebody has to mend before any message is taken, "" where that is not it.
func (e *callError) blocks() string {
	reason := blocks[e.code]
	if reason != "" && e.from != "" {
		reason += ": " + e.from
	}
	return reason
}

// failure turns what a call failed with into what a reply may fail with, and notes what that says of the channel.
func (c *Channel) failure(err error) error {
	e, ok := errors.AsType[*callError](err)
	if wait, waits := errors.AsType[*channel.WaitError](err); waits {
		return wait
	}
	if !ok {
		return err
	}
	if reason := goneCodes[e.code]; reason != "" {
		return &channel.GoneError{Reason: fmt.Sprintf("%s (%d)", reason, e.code)}
	}
	if reason := e.blocks(); reason != "" {
		c.block(reason)
		return &channel.WaitError{After: time.Minute, All: true}
	}
	switch {
	case e.code == aibot.CodeTooMany: // calls at the same time
		return &channel.WaitError{After: 5 * time.Second, All: true}
	case aibot.TooFast(e.code):
		return &channel.WaitError{After: time.Minute, All: true}
	case e.code == 0 || e.code == aibot.CodeBusy:
		c.look()
	default:
		c.remark(fmt.Sprintf("WeCom refuses a message with code %d", e.code), "doing", e.doing)
	}
	return err
}

// plain says for people what a call failed with, without internals.
func plain(err error) string {
	e, ok := errors.AsType[*callError](err)
	if ok {
		if inner, twice := errors.AsType[*callError](e.err); twice {
			e = inner // why there was no token
		}
	}
	switch {
	case errors.Is(err, errUseless):
		return "it refuses those that it gives"
	case ok && e.code != 0:
		return fmt.Sprintf("WeCom answers with code %d", e.code)
	case errors.Is(err, context.DeadlineExceeded):
		return "WeCom does not answer in time"
	}
	return "WeCom cannot be reached"
}
