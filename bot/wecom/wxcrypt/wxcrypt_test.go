package wxcrypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/wecom/wxcrypt"
)

// What WeCom publishes to try an implementation with: https://developer.work.weixin.qq.com/document/path/90968 and the
// samples of the libraries at https://developer.work.weixin.qq.com/document/path/90307.
const (
	publishedToken = "QDG6eK"
	publishedKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	publishedCorp  = "wx5823bf96d3bd56c7"

	publishedEcho    = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
	publishedMessage = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt6" +
		"6wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+" +
		"BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0" +
		"lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)

// A request is what WeCom sends.
type request struct{ signature, timestamp, nonce, sealed string }

var (
	echo    = request{"5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780", publishedEcho}
	message = request{"477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", publishedMessage}
)

func (r request) open(c *wxcrypt.Crypt, now time.Time) ([]byte, error) {
	return c.Open(r.signature, r.timestamp, r.nonce, r.sealed, now)
}

func (r request) verify(c *wxcrypt.Crypt, now time.Time) ([]byte, error) {
	return c.Verify(r.signature, r.timestamp, r.nonce, r.sealed, now)
}

// at is the time that a request names.
func (r request) at() time.Time {
	seconds, _ := strconv.ParseInt(r.timestamp, 10, 64)
	return time.Unix(seconds, 0)
}

// published is a Crypt for what WeCom publishes.
func published(t testing.TB) *wxcrypt.Crypt { return crypt(t, publishedCorp) }

func crypt(t testing.TB, receiver string) *wxcrypt.Crypt {
	t.Helper()
	c, err := wxcrypt.New(publishedToken, publishedKey, receiver)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sealed is a good request at a time.
func sealed(c *wxcrypt.Crypt, plain string, at time.Time, nonce string) request {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	text, signature := c.Seal([]byte(plain), timestamp, nonce)
	return request{signature, timestamp, nonce, text}
}

// raw is a signed request around blocks of any meaning.
func raw(c *wxcrypt.Crypt, blocks []byte) request {
	text, signature := c.SealRaw(slices.Clone(blocks), message.timestamp, message.nonce)
	return request{signature, message.timestamp, message.nonce, text}
}

func TestPublishedVectors(t *testing.T) {
	c := published(t)
	text, err := echo.verify(c, echo.at())
	if err != nil || string(text) != "1616140317555161061" {
		t.Errorf("the echo is %q, %v", text, err)
	}
	text, err = message.open(c, message.at())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>", "<FromUserName><![CDATA[mycreate]]></FromUserName>",
		"<Content><![CDATA[hello]]></Content>", "<MsgId>4561255354251345929</MsgId>", "<AgentID>218</AgentID>",
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the message lacks %s: %s", want, text)
		}
	}
	if inside := blocks(t, publishedMessage); inside[len(inside)-1] != 30 {
		t.Errorf("the padding is %d bytes; that of the published message is longer than a block of the cipher", inside[len(inside)-1])
	}
}

// TestSealsAsPublished makes the published texts again, of their own random bytes.
func TestSealsAsPublished(t *testing.T) {
	c := published(t)
	for _, want := range []request{echo, message} {
		plain, err := want.open(c, want.at())
		if err != nil {
			t.Fatal(err)
		}
		text, signature := c.SealWith(plain, want.timestamp, want.nonce, [16]byte(blocks(t, want.sealed)))
		if text != want.sealed || signature != want.signature {
			t.Errorf("sealed as %s under %s, published as %s under %s", text, signature, want.sealed, want.signature)
		}
	}
}

// blocks is what a text sealed with the published key has inside, with all that is around the message.
func blocks(t testing.TB, sealed string) []byte {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(publishedKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(data, data)
	return data
}

func TestNew(t *testing.T) {
	for name, tt := range map[string]struct{ token, key, receiver, want string }{
		"an app":                {publishedToken, publishedKey, publishedCorp, ""},
		"an AI bot":             {publishedToken, publishedKey, "", ""},
		"no token":              {"", publishedKey, "", "the token is empty"},
		"no key":                {publishedToken, "", "", "has 0 characters, want 43"},
		"a key that is short":   {publishedToken, publishedKey[1:], "", "has 42 characters, want 43"},
		"a key with its end":    {publishedToken, publishedKey + "=", "", "has 44 characters, want 43"},
		"a key of another kind": {publishedToken, strings.Repeat("%", 43), "", "is not base64"},
		"a key with a break":    {publishedToken, "\n" + publishedKey[1:], "", "is not base64"},
		"a key of characters":   {publishedToken, strings.Repeat("钥", 14) + "1", "", "is not base64"},
		"a key padded inside":   {publishedToken, publishedKey[:42] + "=", "", "is not base64"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := wxcrypt.New(tt.token, tt.key, tt.receiver)
			if tt.want == "" {
				if c == nil || err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if c != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, %v; want %q", c, err, tt.want)
			}
			if tt.key != "" && strings.Contains(err.Error(), tt.key[:4]) {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

func TestShowsNoSecret(t *testing.T) {
	c := published(t)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "crypt", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "crypt", c)
	shown := log.String() + fmt.Sprintf("%v %+v %#v %s %d %x %q", c, c, c, c, c, c, c)
	for _, secret := range []string{publishedToken, publishedKey, "81 68 71", "514447"} { // QDG as text, as numbers, in hexadecimal
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", secret, shown)
		}
	}
}

// TestTampered changes every bit of every part of a good request.
func TestTampered(t *testing.T) {
	c := published(t)
	parts := func(r *request) []*string { return []*string{&r.signature, &r.timestamp, &r.nonce, &r.sealed} }
	for _, original := range []request{echo, message} {
		for i := range parts(&original) {
			for bit := range 8 * len(*parts(&original)[i]) {
				r := original
				part := parts(&r)[i]
				text := []byte(*part)
				text[bit/8] ^= 1 << (bit % 8)
				*part = string(text)
				if plain, err := r.open(c, original.at()); plain != nil || !errors.Is(err, wxcrypt.ErrSignature) {
					t.Fatalf("bit %d of part %d changed: %q, %v", bit, i, plain, err)
				}
			}
		}
	}
}

// TestForged tries signatures of those who do not know the token, and good ones in a form that WeCom does not use.
func TestForged(t *testing.T) {
	c := published(t)
	other, err := wxcrypt.New("another", publishedKey, publishedCorp)
	if err != nil {
		t.Fatal(err)
	}
	for name, signature := range map[string]string{
		"none":             "",
		"in capitals":      strings.ToUpper(message.signature),
		"with a blank":     message.signature + " ",
		"cut short":        message.signature[:39],
		"doubled":          message.signature + message.signature,
		"of another token": other.Sign(message.timestamp, message.nonce, message.sealed),
		"of an empty part": c.Sign(message.timestamp, "", message.sealed),
		"of another text":  echo.signature,
	} {
		t.Run(name, func(t *testing.T) {
			r := message
			r.signature = signature
			if plain, err := r.open(c, r.at()); plain != nil || !errors.Is(err, wxcrypt.ErrSignature) {
				t.Errorf("opened as %q, %v", plain, err)
			}
			if plain, err := r.verify(c, r.at()); plain != nil || !errors.Is(err, wxcrypt.ErrSignature) {
				t.Errorf("verified as %q, %v", plain, err)
			}
		})
	}
}

func TestWindow(t *testing.T) {
	c := published(t)
	for _, tt := range []struct {
		late time.Duration
		want error
	}{
		{0, nil},
		{wxcrypt.Window, nil},
		{wxcrypt.Window + time.Nanosecond, wxcrypt.ErrOld},
		{301 * time.Second, wxcrypt.ErrOld},
		{-wxcrypt.Window, nil},
		{-wxcrypt.Window - time.Nanosecond, wxcrypt.ErrOld},
		{100 * 365 * 24 * time.Hour, wxcrypt.ErrOld},
		{-100 * 365 * 24 * time.Hour, wxcrypt.ErrOld},
	} {
		if plain, err := message.open(c, message.at().Add(tt.late)); !errors.Is(err, tt.want) || (plain != nil) != (tt.want == nil) {
			t.Errorf("a message %v late: %q, %v", tt.late, plain, err)
		}
		if plain, err := echo.verify(c, echo.at().Add(tt.late)); !errors.Is(err, tt.want) || (plain != nil) != (tt.want == nil) {
			t.Errorf("an echo %v late: %q, %v", tt.late, plain, err)
		}
	}
}

// TestSignedTrash signs what nobody can read.
func TestSignedTrash(t *testing.T) {
	c, now := published(t), message.at()
	good := func(timestamp, nonce string) request {
		text, signature := c.Seal([]byte("hello"), timestamp, nonce)
		return request{signature, timestamp, nonce, text}
	}
	text := func(sealed string) request {
		return request{c.Sign(message.timestamp, message.nonce, sealed), message.timestamp, message.nonce, sealed}
	}
	inside := blocks(t, message.sealed)
	cases := map[string]request{
		"no time":                  good("", "1"),
		"a time with a sign":       good("+"+message.timestamp, "1"),
		"a negative time":          good("-1", "1"),
		"a time of words":          good("now", "1"),
		"a time with a fraction":   good(message.timestamp+".5", "1"),
		"a time beyond all years":  good("9223372036854775808", "1"),
		"a time of Chinese digits": good("１４０９６５９８１３", "1"),
		"a nonce that is too long": good(message.timestamp, strings.Repeat("1", 64)),
		"nothing":                  text(""),
		"no base64":                text("你好，这里没有密文。"),
		"base64 for addresses":     text(strings.NewReplacer("+", "-", "/", "_").Replace(message.sealed)),
		"base64 without its end":   text(strings.TrimRight(message.sealed, "=")),
	}
	for _, length := range []int{1, 15, 16, 17, 31, 33, 40, 47} {
		cases[fmt.Sprintf("%d bytes", length)] = text(base64.StdEncoding.EncodeToString(make([]byte, length)))
	}
	for cut := 16; cut < len(inside); cut += 16 {
		cases[fmt.Sprintf("the first %d bytes of a message", cut)] = text(base64.StdEncoding.EncodeToString(whole(t, message.sealed)[:cut]))
		cases[fmt.Sprintf("a message without its first %d bytes", cut)] = text(base64.StdEncoding.EncodeToString(whole(t, message.sealed)[cut:]))
	}
	for name, r := range cases {
		t.Run(name, func(t *testing.T) {
			if plain, err := r.open(c, now); plain != nil || !errors.Is(err, wxcrypt.ErrMalformed) {
				t.Errorf("opened as %q, %v", plain, err)
			}
			if plain, err := r.verify(c, now); plain != nil || !errors.Is(err, wxcrypt.ErrMalformed) {
				t.Errorf("verified as %q, %v", plain, err)
			}
		})
	}
}

func whole(t testing.TB, sealed string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestLongestNonce takes the longest nonce that has no room for whole blocks.
func TestLongestNonce(t *testing.T) {
	c := published(t)
	r := sealed(c, "hello", message.at(), strings.Repeat("n", 63))
	if plain, err := r.open(c, r.at()); err != nil || string(plain) != "hello" {
		t.Errorf("%q, %v", plain, err)
	}
}

// TestEnvelope takes blocks apart that are well made in all but one place.
func TestEnvelope(t *testing.T) {
	c := published(t)
	for _, tt := range []struct {
		name            string
		length          uint32
		message, corpid string
		padding         []byte
		want            string // the message; "!" for none
	}{
		{"well made", 5, "hello", publishedCorp, padding(21, 0), "hello"},
		{"of one more block of the cipher", 5, "hello", publishedCorp, padding(5, 0), "hello"},
		{"empty", 0, "", publishedCorp, padding(26, 0), ""},
		{"a whole padding", 0, strings.Repeat("x", 26), publishedCorp, padding(32, 0), "!"},
		{"padding of a whole block", 26, strings.Repeat("x", 26), publishedCorp, padding(32, 0), strings.Repeat("x", 26)},
		{"padding 0", 5, "hello", publishedCorp, append(padding(20, 0), 0), "!"},
		{"padding 33", 25, strings.Repeat("x", 25), publishedCorp, padding(33, 0), "!"},
		{"padding 255", 5, "hello", publishedCorp, append(padding(20, 0), 255), "!"},
		{"padding inconsistent at its start", 5, "hello", publishedCorp, padding(21, 1), "!"},
		{"padding inconsistent in its midst", 5, "hello", publishedCorp, padding(21, 10), "!"},
		{"padding inconsistent before its end", 5, "hello", publishedCorp, padding(21, 20), "!"},
		{"padding longer than it is", 5, "hello", publishedCorp, append(bytes.Repeat([]byte{0}, 20), 21), "!"},
		{"longest length", 0xFFFFFFFF, "hello", publishedCorp, padding(21, 0), "!"},
		{"length with a sign", 0x80000000, "hello", publishedCorp, padding(21, 0), "!"},
		{"length that wraps round", 0xFFFFFFEC, "hello", publishedCorp, padding(21, 0), "!"},
		{"length one beyond all", 24, "hello", publishedCorp, padding(21, 0), "!"},
		{"length of all", 23, "hello", publishedCorp, padding(21, 0), "!"},
		{"length one too long", 6, "hello", publishedCorp, padding(21, 0), "!"},
		{"length one too short", 4, "hello", publishedCorp, padding(21, 0), "!"},
		{"another company", 5, "hello", "wx5823bf96d3bd56c8", padding(21, 0), "!"},
		{"another case", 5, "hello", "WX5823BF96D3BD56C7", padding(21, 0), "!"},
		{"no company", 5, "hello", "", padding(7, 0), "!"},
		{"no company, and its id is the message", 18, publishedCorp, "", padding(26, 0), "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside := binary.BigEndian.AppendUint32(bytes.Repeat([]byte{'r'}, 16), tt.length)
			inside = slices.Concat(inside, []byte(tt.message), []byte(tt.corpid), tt.padding)
			if len(inside)%16 != 0 {
				t.Fatalf("the case has %d bytes, which are no blocks", len(inside))
			}
			r := raw(c, inside)
			plain, err := r.open(c, r.at())
			if tt.want == "!" && (plain != nil || !errors.Is(err, wxcrypt.ErrMalformed)) || tt.want != "!" && (err != nil || string(plain) != tt.want) {
				t.Errorf("%q, %v; want %q", plain, err, tt.want)
			}
		})
	}
	bot := crypt(t, "") // whose messages may end anywhere
	for name, inside := range map[string][]byte{
		"nothing but padding":      padding(32, 0),
		"a message up to no byte":  append(binary.BigEndian.AppendUint32(make([]byte, 16), 12), make([]byte, 12)...),
		"a message up to 33 bytes": slices.Concat(binary.BigEndian.AppendUint32(make([]byte, 16), 11), make([]byte, 11), padding(33, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(bot, inside)
			if plain, err := r.open(bot, r.at()); plain != nil || !errors.Is(err, wxcrypt.ErrMalformed) {
				t.Errorf("%q, %v", plain, err)
			}
		})
	}
}

// padding is n bytes that say n, but for one that says something else when wrong is its place, counted from 1.
func padding(n, wrong int) []byte {
	p := bytes.Repeat([]byte{byte(n)}, n)
	if wrong > 0 {
		p[wrong-1]++
	}
	return p
}

// TestReceiver opens what was sealed for one with the Crypt of another.
func TestReceiver(t *testing.T) {
	receivers := []string{"", publishedCorp, "ww1436e0e65a779aee", "企业"}
	for _, from := range receivers {
		for _, to := range receivers {
			r := sealed(crypt(t, from), "hello", message.at(), "1")
			plain, err := r.open(crypt(t, to), r.at())
			if from == to && (err != nil || string(plain) != "hello") || from != to && (plain != nil || !errors.Is(err, wxcrypt.ErrMalformed)) {
				t.Errorf("from %q to %q: %q, %v", from, to, plain, err)
			}
		}
	}
}

// TestMovedBorders signs nothing anew: the beginning of a sealed text moves into the nonce, so that the signature holds
// still. Whole blocks less, and what is left was written to be a message of its own.
func TestMovedBorders(t *testing.T) {
	c, err := wxcrypt.New("zzz", publishedKey, "") // sorts behind all else
	if err != nil {
		t.Fatal(err)
	}
	forged := "a message that nobody sent"
	inner := binary.BigEndian.AppendUint32(bytes.Repeat([]byte{'f'}, 48-20+16), uint32(len(forged)))
	var r request // whose nonce sorts right before its text, and before what is left of it
	for i := 0; r.sealed < "3" || r.sealed >= "z" || r.sealed[64] < '3' || r.sealed[64] >= 'z'; i++ {
		r = sealed(c, string(inner)+forged, message.at(), "2"+strconv.Itoa(i))
	}
	held := 0
	for moved := range len(r.sealed) {
		m := r
		m.nonce, m.sealed = r.nonce+r.sealed[:moved], r.sealed[moved:]
		plain, err := m.open(c, m.at())
		if moved == 0 && err != nil {
			t.Fatal(err)
		}
		if moved > 0 && plain != nil {
			t.Errorf("%d characters moved into the nonce: opened as %q", moved, plain)
		}
		if !errors.Is(err, wxcrypt.ErrSignature) {
			held++
		}
		if moved == 64 && errors.Is(err, wxcrypt.ErrSignature) {
			t.Error("the case does not try whole blocks")
		}
	}
	if held < 2 {
		t.Errorf("the signature held %d times: the case tries nothing", held)
	}
}

// TestEchoesNoMessage uses what was caught of a POST for a GET.
func TestEchoesNoMessage(t *testing.T) {
	c := crypt(t, "")
	for _, text := range []string{`{"msgid":"1"}`, "<xml></xml>", " <xml/>", "\n{}", "\ufeff{}", "秘密", "two words", "line\n", "1{", "a\x7f"} {
		r := sealed(c, text, message.at(), "1")
		if plain, err := r.verify(c, r.at()); plain != nil || !errors.Is(err, wxcrypt.ErrMalformed) {
			t.Errorf("%q is echoed: %q, %v", text, plain, err)
		}
	}
	for _, text := range []string{"1616140317555161061", "aZ-_09.+/=", ""} {
		r := sealed(c, text, message.at(), "1")
		for range 2 {
			if plain, err := r.verify(c, r.at()); err != nil || string(plain) != text {
				t.Errorf("%q is echoed as %q, %v", text, plain, err)
			}
			c.Done(r.signature) // of no effect here
		}
	}
}
