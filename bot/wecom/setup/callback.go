package setup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"policybot/bot/wecom/wxcrypt"
)

// Verify asks a callback address for an echo, as WeCom's administration does when the address is saved
// (https://developer.work.weixin.qq.com/document/path/90930): a signed GET with a sealed number, which must come back as
// it is. c has the token and the key of the address, and the receiver that belongs there. The error is an *Error: its
// Status is 401 where the token differs or a clock is wrong, 400 where the key or the receiver differs, 404 where nobody
// takes callbacks there; BadAnswer with 200 where something else came back.
func Verify(ctx context.Context, address string, c *wxcrypt.Crypt, transport http.RoundTripper) error {
	const call = "callback"
	echo, timestamp, nonce := number(), strconv.FormatInt(time.Now().Unix(), 10), number()
	sealed, signature := c.Seal([]byte(echo), timestamp, nonce)
	query := url.Values{"msg_signature": {signature}, "timestamp": {timestamp}, "nonce": {nonce}, "echostr": {sealed}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	}
	resp, err := direct(transport).Do(req)
	if err != nil {
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return &Error{Call: call, Way: Unreachable, Err: bare(err)}
	case resp.StatusCode >= http.StatusBadGateway:
		return &Error{Call: call, Way: Unreachable, Status: resp.StatusCode, Err: errors.New(resp.Status)}
	case resp.StatusCode != http.StatusOK:
		return &Error{Call: call, Way: BadAnswer, Status: resp.StatusCode, Err: errors.New(resp.Status)}
	case string(text) != echo:
		return &Error{Call: call, Way: BadAnswer, Status: resp.StatusCode, Err: fmt.Errorf("%d bytes came back, and not the echo", len(text))}
	}
	return nil
}

// number is a random number of 19 digits, as WeCom takes one.
func number() string {
	const most = 9e18
	n, err := rand.Int(rand.Reader, big.NewInt(most))
	if err != nil {
		panic(err) // never
	}
	return n.Add(n, big.NewInt(1e18)).String()
}
