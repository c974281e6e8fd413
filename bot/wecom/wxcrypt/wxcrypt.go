// Package wxcrypt opens what WeCom sends to a callback address and seals what is answered there: the scheme called
// WXBizMsgCrypt (https://developer.work.weixin.qq.com/document/path/90968). A request names a timestamp, a nonce and a
// signature beside its sealed text. The signature is SHA-1 over these and a secret token; the text is AES-256 in CBC
// mode of
//
//	16 random bytes, 4 bytes of length, the message, the id of its receiver, padding to a multiple of 32
//
// with the first half of the key as the initial vector, in base64.
//
// The scheme as published lets a request be used again for ever. Here it holds for [Window], and one that was taken
// already is told apart. A request counts as taken only when [Crypt.Done] says so, after its message was stored: what
// failed half-way may come again byte for byte, and is opened again. The sink behind tells messages by their ids, so
// two equal requests at the same moment do no harm either.
package wxcrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Window is how far the timestamp of a request may be from now, to either side, the ends included.
const Window = 5 * time.Minute

// Why a request is not opened.
var (
	// ErrSignature says that nobody who knows the token made the request. HTTP says 401 to it.
	ErrSignature = errors.New("the signature does not hold")
	// ErrOld says that the timestamp is more than Window away. HTTP says 401 to it. When honest requests get it, a
	// clock is wrong.
	ErrOld = errors.New("the timestamp is more than five minutes off")
	// ErrReplayed says that the very same request was taken before, see [Crypt.Done]. HTTP says an empty 200 to it,
	// so that WeCom stops sending, and nothing is stored again.
	ErrReplayed = errors.New("the request was taken before")
	// ErrMalformed says that the request is signed, but not of the form that it must have, or for another receiver.
	// HTTP says 400 to it.
	ErrMalformed = errors.New("the request cannot be read")
)

const (
	keyLength = 43 // of the base64 of 32 bytes, without its "="

	// WeCom's nonces have about ten digits. The parts are signed one after the other with nothing between them, so
	// that characters can move from one part to the next under the same signature. A sealed text can lose its
	// beginning and stay whole blocks in 64 characters at a time only: no nonce has room for them.
	longestNonce = 63
)

// A Crypt opens and seals for one callback address. Many may use it at once. It has no useful zero value, see [New].
type Crypt struct {
	token     string
	receiveID string
	block     cipher.Block
	iv        []byte
	taken     memory
}

// New makes a Crypt of the three values that WeCom's administration shows. encodingAESKey has 43 characters of base64,
// without the "=" at its end. receiveID is the id of the company for an app that it built itself, and "" for an AI bot
// (https://developer.work.weixin.qq.com/document/path/101033). An empty token and a key of any other form are
// refused; the error never shows them.
func New(token, encodingAESKey, receiveID string) (*Crypt, error) {
	if token == "" {
		return nil, errors.New("make a cipher for WeCom's callbacks: the token is empty")
	}
	if len(encodingAESKey) != keyLength {
		return nil, fmt.Errorf("make a cipher for WeCom's callbacks: the AES key has %d characters, want %d", len(encodingAESKey), keyLength)
	}
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("make a cipher for WeCom's callbacks: the AES key is not base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher for WeCom's callbacks: %w", err)
	}
	return &Crypt{token: token, receiveID: receiveID, block: block, iv: key[:aes.BlockSize], taken: newMemory()}, nil
}

// Format implements fmt.Formatter, so that no log shows a token or a key.
func (*Crypt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "wxcrypt.Crypt") }

// Open gives the message of a POST at the time now. It looks at the signature first, then at the timestamp, then into
// the sealed text. The error is ErrSignature, ErrOld or ErrMalformed, perhaps wrapped, and then there is no message; or
// it is ErrReplayed together with the message, for a surface that answers in the response must give the same answer
// again when the first one was lost on its way. No input makes it panic.
func (c *Crypt) Open(signature, timestamp, nonce, sealed string, now time.Time) ([]byte, error) {
	plain, sum, err := c.open(signature, timestamp, nonce, sealed, now)
	if err != nil {
		return nil, fmt.Errorf("open a request of WeCom: %w", err)
	}
	if c.taken.has(sum, now) {
		return plain, fmt.Errorf("open a request of WeCom: %w", ErrReplayed)
	}
	return plain, nil
}

// Done says that what was opened under a signature is stored, or needs no storing. From then on Open gives ErrReplayed
// for the same request, as long as its timestamp holds. Call it before 200 is answered, and not after a failure. A
// signature that is none is ignored. It goes by the signature alone: the parts are signed without borders, and however
// they are cut, that stays the same. This is the memory of one process, of at least the newest 65,536 requests; what
// must hold beyond it is for the sink to hold.
func (c *Crypt) Done(signature string) {
	if sum, err := hex.DecodeString(signature); err == nil && len(sum) == sha1.Size {
		c.taken.add([sha1.Size]byte(sum))
	}
}

// Verify gives the text to answer, as it is, to the GET with which WeCom's administration tries an address
// (https://developer.work.weixin.qq.com/document/path/90930). Its errors are those of Open; the same request may come
// many times. The text must be one visible ASCII word that cannot be the beginning of a message: who caught a POST must
// not have it read out by a GET.
func (c *Crypt) Verify(signature, timestamp, nonce, echostr string, now time.Time) ([]byte, error) {
	plain, _, err := c.open(signature, timestamp, nonce, echostr, now)
	if err == nil && slices.ContainsFunc(plain, func(b byte) bool { return b <= ' ' || b > '~' || b == '<' || b == '{' }) {
		err = fmt.Errorf("%w: what is to be echoed is not one word", ErrMalformed)
	}
	if err != nil {
		return nil, fmt.Errorf("verify an address for WeCom: %w", err)
	}
	return plain, nil
}

// Seal gives the sealed form of a message of less than 4 GiB, and the signature that goes with it and with the
// timestamp, in seconds, and the nonce.
func (c *Crypt) Seal(plain []byte, timestamp, nonce string) (sealed, signature string) {
	var random [randomLength]byte
	_, _ = rand.Read(random[:]) // never fails
	return c.seal(plain, timestamp, nonce, random)
}

func (c *Crypt) seal(plain []byte, timestamp, nonce string, random [randomLength]byte) (sealed, signature string) {
	sealed = c.encrypt(plain, random)
	return sealed, c.sign(timestamp, nonce, sealed)
}

func (c *Crypt) sign(timestamp, nonce, sealed string) string {
	sum := c.sum(timestamp, nonce, sealed)
	return hex.EncodeToString(sum[:])
}

// open does what Open and Verify have in common, and gives what was signed as well.
func (c *Crypt) open(signature, timestamp, nonce, sealed string, now time.Time) ([]byte, [sha1.Size]byte, error) {
	sum := c.sum(timestamp, nonce, sealed)
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(signature)) != 1 {
		return nil, sum, ErrSignature
	}
	if len(nonce) > longestNonce {
		return nil, sum, fmt.Errorf("%w: its nonce has %d bytes, at most %d are taken", ErrMalformed, len(nonce), longestNonce)
	}
	at, err := timeOf(timestamp)
	if err != nil {
		return nil, sum, err
	}
	if off := now.Sub(at).Abs(); off > Window {
		return nil, sum, fmt.Errorf("%w: by %v", ErrOld, off.Round(time.Second))
	}
	plain, err := c.decrypt(sealed)
	return plain, sum, err
}

// sum is what a signature says in hexadecimal: SHA-1 over the parts in order, with nothing between them.
func (c *Crypt) sum(timestamp, nonce, sealed string) [sha1.Size]byte {
	parts := []string{c.token, timestamp, nonce, sealed}
	slices.Sort(parts)
	return sha1.Sum([]byte(strings.Join(parts, "")))
}

// timeOf reads seconds, in digits alone.
func timeOf(timestamp string) (time.Time, error) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || strings.Trim(timestamp, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("%w: its timestamp is no number of seconds", ErrMalformed)
	}
	return time.Unix(seconds, 0), nil
}
