package fakechat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a delivery.
const (
	timeHeader      = "X-Fakechat-Time"      // Unix seconds
	signatureHeader = "X-Fakechat-Signature" // hexadecimal HMAC-SHA256 of time, a full stop and the body
	retryHeader     = "X-Fakechat-Retry"     // how many times it was delivered before
)

const (
	eventsPath = "/fakechat/events"
	maxBody    = 8 << 20 // bytes of a request or a response, either way
	maxText    = 4000    // bytes of a message's text
	maxButtons = 5       // under one message
)

// An event is what the platform tells the bot.
type event struct {
	ID      string  `json:"id"`      // of the delivery
	Gesture string  `json:"gesture"` // of what the person did
	Type    string  `json:"type"`    // message, edit, delete, stop, rate, press or handover
	Message string  `json:"message"` // that was written, edited or deleted
	Time    int64   `json:"time"`    // Unix milliseconds
	Tenant  string  `json:"tenant"`
	User    string  `json:"user"`
	Bot     string  `json:"bot,omitempty"` // id of the bot that spoke; "" for a person
	Place   string  `json:"place"`
	Thread  string  `json:"thread,omitempty"`
	Direct  bool    `json:"direct,omitempty"` // between two
	Text    string  `json:"text,omitempty"`   // in markup
	Token   string  `json:"token,omitempty"`
	Rating  *rating `json:"rating,omitempty"`
}

type rating struct {
	Answer string `json:"answer"`
	Good   bool   `json:"good"`
	Reason string `json:"reason,omitempty"`
	Text   string `json:"text,omitempty"`
	Back   bool   `json:"back,omitempty"` // taken back
}

// A post is a message that the bot asks the platform to show.
type post struct {
	Place   string   `json:"place"`
	Thread  string   `json:"thread,omitempty"`
	Answer  string   `json:"answer"` // whose draft it takes the place of
	Key     string   `json:"key"`    // the bot's own mark, by which it finds the message again
	Part    int      `json:"part"`   // from 1
	Parts   int      `json:"parts"`
	Label   string   `json:"label,omitempty"`
	Text    string   `json:"text"` // in markup
	Buttons []Button `json:"buttons,omitempty"`
	Sources []string `json:"sources,omitempty"`
}

// A draft is a reply under way.
type draft struct {
	Place    string `json:"place"`
	Thread   string `json:"thread,omitempty"`
	Answer   string `json:"answer"`
	Text     string `json:"text,omitempty"` // in markup
	Progress string `json:"progress,omitempty"`
}

// posted is what the platform answers to a post.
type posted struct {
	ID string `json:"id"`
}

// found is what the platform answers to a search for a key.
type found struct {
	Parts []int `json:"parts"` // that are shown
}

// A Button is one under a message.
type Button struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// sign gives the signature of a body sent at a time.
func sign(secret, at string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(at + "."))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// verify checks the signature of a delivery and that it was made at about now.
func verify(secret string, h http.Header, body []byte, now time.Time) error {
	at := h.Get(timeHeader)
	if !hmac.Equal([]byte(sign(secret, at, body)), []byte(h.Get(signatureHeader))) {
		return fmt.Errorf("the signature in %s is not of this body", signatureHeader)
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is %q, want Unix seconds", timeHeader, at)
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > 5*time.Minute {
		return fmt.Errorf("it was signed %s away from now", off)
	}
	return nil
}

var (
	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// escape turns a text into markup that calls on nobody.
func escape(s string) string { return escaper.Replace(s) }

// unescape turns markup into text.
func unescape(s string) string { return unescaper.Replace(s) }

// readBody reads a request's body, at most maxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// What cannot be written was broken off by the other side.
	_ = json.NewEncoder(w).Encode(v)
}
