package slackfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// Sign gives the signature of a body at a time in seconds since 1970, as X-Slack-Signature holds it
// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
func Sign(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + at + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// Wrongs lists what can be wrong with the signature of a request that Post makes.
func Wrongs() []string { return []string{"signature", "unsigned", "empty", "old", "future", "body"} }

// sign signs a request, or spoils its signature.
func (s *Server) sign(req *http.Request, body []byte, wrong string) {
	secret, now := s.o.SigningSecret, s.o.Now()
	switch wrong {
	case "unsigned":
		return
	case "signature":
		secret = "another secret"
	case "empty":
		secret = ""
	case "old":
		now = now.Add(-time.Hour)
	case "future":
		now = now.Add(time.Hour)
	case "body":
		body = append([]byte("x"), body...)
	}
	at := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", Sign(secret, at, body))
}
