package callback

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/wxcrypt"
)

// Handler takes what WeCom sends to the bot's address: GET and POST to [Path]. A GET is how WeCom tries the address; it is
// answered with the word that it holds. A POST is answered 200 when the event is stored or is none for us, with an
// encrypted reply where there is one; 401 to a wrong signature and to a time that is more than five minutes off, 400 to what
// cannot be read, 413 to what is too long, 409 when the key of the event was used for something else, and 503 when the event
// could not be stored or nobody takes events: WeCom then delivers again. The very same request once more is not stored again.
// Streams are told also while Run does not run, so that the last replies of a process arrive.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, c.verify)
	mux.HandleFunc("POST "+Path, c.receive)
	return mux
}

// A seal is what stands in the address of a request beside its encrypted text.
type seal struct{ signature, timestamp, nonce string }

// sealOf reads the seal. Exactly one of each is taken, so that no proxy and this program can mean different ones.
func sealOf(u *url.URL) (seal, url.Values, bool) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(q["msg_signature"]) != 1 || len(q["timestamp"]) != 1 || len(q["nonce"]) != 1 {
		return seal{}, nil, false
	}
	return seal{q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce")}, q, true
}

// verify answers WeCom, which tries the address. Nothing is decrypted before the signature holds.
func (c *Channel) verify(w http.ResponseWriter, r *http.Request) {
	s, q, ok := sealOf(r.URL)
	if !ok || len(q["echostr"]) != 1 {
		c.refuse(w, wxcrypt.ErrSignature)
		return
	}
	echo := strings.ReplaceAll(q.Get("echostr"), " ", "+") // base64 has no blanks, but a plus that was not escaped becomes one
	word, err := c.crypt.Verify(s.signature, s.timestamp, s.nonce, echo, time.Now())
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(word) // the asker went away
}

// receive opens a request and answers it.
func (c *Channel) receive(w http.ResponseWriter, r *http.Request) {
	s, _, ok := sealOf(r.URL)
	if !ok {
		c.refuse(w, wxcrypt.ErrSignature)
		return
	}
	limit := http.NewResponseController(w) // where the server has no such thing, its own limits hold
	_ = limit.SetReadDeadline(time.Now().Add(bodyTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = limit.SetReadDeadline(time.Time{})
	if err != nil {
		http.Error(w, "too long, or broken off", http.StatusRequestEntityTooLarge)
		return
	}
	var envelope struct {
		Encrypt string `json:"encrypt"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		c.refuse(w, wxcrypt.ErrMalformed)
		return
	}
	plain, err := c.crypt.Open(s.signature, s.timestamp, s.nonce, envelope.Encrypt, time.Now())
	again := errors.Is(err, wxcrypt.ErrReplayed)
	if err != nil && !again {
		c.refuse(w, err)
		return
	}
	b, err := aibot.ReadBody(plain)
	if err != nil {
		c.o.Log.Warn("wecombot: a message cannot be read", "bytes", len(plain))
		http.Error(w, "it cannot be read", http.StatusBadRequest)
		return
	}
	c.heard.Store(time.Now().Unix())
	if again {
		c.reply(w, s, c.repeat(b))
		return
	}
	a, err := c.take(r.Context(), b)
	if err != nil {
		c.fail(w, b, err)
		return
	}
	c.crypt.Done(s.signature)
	c.reply(w, s, a)
}

// refuse answers a request that did not come from WeCom, or not now.
func (c *Channel) refuse(w http.ResponseWriter, err error) {
	c.o.Log.Warn("wecombot: a request was refused", "error", err)
	if errors.Is(err, wxcrypt.ErrMalformed) {
		http.Error(w, "it cannot be read", http.StatusBadRequest)
		return
	}
	http.Error(w, "the signature does not hold", http.StatusUnauthorized)
}

// fail answers a request that could not be stored.
func (c *Channel) fail(w http.ResponseWriter, b aibot.Body, err error) {
	switch {
	case errors.Is(err, aibot.ErrUnreadable):
		c.o.Log.Warn("wecombot: a message cannot be made use of", "type", b.MsgType, "error", err)
		http.Error(w, "it cannot be read", http.StatusBadRequest)
	case errors.Is(err, channel.ErrKeyReused):
		http.Error(w, "its key was used for something else", http.StatusConflict)
	default:
		if !errors.Is(err, inlet.ErrClosed) {
			c.o.Log.Error("wecombot: an event could not be stored", "type", b.MsgType, "error", err)
		}
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
	}
}

// reply writes an answer, encrypted. An answer without a message is an empty 200.
func (c *Channel) reply(w http.ResponseWriter, s seal, a answer) {
	ok := c.write(w, s, a.message)
	if a.frame != nil {
		a.frame.written(time.Now(), ok)
	}
}

func (c *Channel) write(w http.ResponseWriter, s seal, message any) bool {
	if message == nil {
		return true
	}
	plain, err := json.Marshal(message)
	if err != nil {
		return false // it is of strings and numbers
	}
	now := time.Now().Unix()
	text, signature := c.crypt.Seal(plain, strconv.FormatInt(now, 10), s.nonce)
	data, err := json.Marshal(sealed{text, signature, now, s.nonce})
	if err != nil {
		return false
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	to := http.NewResponseController(w)
	_ = to.SetWriteDeadline(time.Now().Add(writeTime)) // without one the server's own holds
	if _, err := w.Write(data); err != nil {
		return false
	}
	return to.Flush() == nil
}

// A sealed is an encrypted answer (https://developer.work.weixin.qq.com/document/path/101033).
type sealed struct {
	Encrypt   string `json:"encrypt"`
	Signature string `json:"msgsignature"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
}
