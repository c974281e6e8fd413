// Package envelope is the encryption of WeCom's callbacks as a fake platform needs it: it seals what the
// platform sends, opens what a bot answers, and makes envelopes that are wrong on purpose.
//
// An envelope is AES-256-CBC with the first 16 bytes of the key as the vector, around 16 random bytes, the
// length of the text in four bytes, the text and the id of the receiver, filled by PKCS#7 to blocks of 32
// bytes; its signature is the SHA-1 of token, timestamp, nonce and cipher text, sorted and joined
// (https://developer.work.weixin.qq.com/document/path/90968, .../path/91144). The id of the receiver is the
// corp id for a self-built app and empty for an AI bot.
//
// It is written from the documentation and knows nothing of the adapter that is tried with it. All functions
// may be called from several goroutines.
package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What Open says is wrong with an envelope.
var (
	ErrSignature = errors.New("the signature is wrong")
	ErrCipher    = errors.New("the cipher text is damaged")
	ErrReceiver  = errors.New("the envelope is for another receiver")
)

// block is what PKCS#7 fills to. It is twice the block of AES.
const block = 32

// head is what stands before the text: random bytes and its length.
const head = 16 + 4

// A Box seals and opens envelopes of one receiver.
type Box struct {
	token, receiveID string
	key              []byte
}

// New makes a box from what the administration page shows: the token, the EncodingAESKey of 43 characters,
// and the id of the receiver, which may be empty. It fails when the token is empty or the key is none.
func New(token, key, receiveID string) (*Box, error) {
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil || len(key) != 43 || len(raw) != 32 {
		return nil, fmt.Errorf("envelope: an EncodingAESKey has 43 characters of base64, this has %d", len(key))
	}
	if token == "" {
		return nil, fmt.Errorf("envelope: the token is empty")
	}
	return &Box{token: token, receiveID: receiveID, key: raw}, nil
}

// Seal encrypts plain, which may be empty, and signs it.
func (b *Box) Seal(plain []byte, timestamp, nonce string) (text, signature string) {
	text = b.encrypt(padded(packed(plain, b.receiveID, uint32(len(plain)))))
	return text, b.Sign(text, timestamp, nonce)
}

// Sign gives the signature of a cipher text, in lower-case hexadecimal digits.
func (b *Box) Sign(text, timestamp, nonce string) string {
	parts := []string{b.token, timestamp, nonce, text}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// Open gives the plain text of an envelope. It fails with ErrSignature, ErrCipher or ErrReceiver. It does not
// look at the time.
func (b *Box) Open(signature, timestamp, nonce, text string) ([]byte, error) {
	if signature != b.Sign(text, timestamp, nonce) {
		return nil, fmt.Errorf("envelope: open: %w", ErrSignature)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("envelope: open %d bytes: %w", len(raw), ErrCipher)
	}
	c, err := aes.NewCipher(b.key)
	if err != nil {
		return nil, fmt.Errorf("envelope: open: %w", err)
	}
	cipher.NewCBCDecrypter(c, b.key[:aes.BlockSize]).CryptBlocks(raw, raw)
	raw, ok := unpadded(raw)
	if !ok || len(raw) < head {
		return nil, fmt.Errorf("envelope: open: %w", ErrCipher)
	}
	n := uint64(binary.BigEndian.Uint32(raw[16:head]))
	rest := raw[head:]
	if n > uint64(len(rest)) {
		return nil, fmt.Errorf("envelope: open: %d bytes of text announced, %d there: %w", n, len(rest), ErrCipher)
	}
	if id := string(rest[n:]); id != b.receiveID {
		return nil, fmt.Errorf("envelope: open: for %q: %w", id, ErrReceiver)
	}
	return rest[:n:n], nil
}

// packed is a text with what stands before and after it; length is what the envelope says of it.
func packed(plain []byte, receiver string, length uint32) []byte {
	raw := make([]byte, 16, head+len(plain)+len(receiver)+block)
	rand.Read(raw) // never fails
	raw = binary.BigEndian.AppendUint32(raw, length)
	raw = append(raw, plain...)
	return append(raw, receiver...)
}

// padded fills by 1 to 32 bytes.
func padded(raw []byte) []byte {
	n := block - len(raw)%block
	return append(raw, bytes.Repeat([]byte{byte(n)}, n)...)
}

// unpadded takes away what padded added.
func unpadded(raw []byte) ([]byte, bool) {
	n := int(raw[len(raw)-1])
	if n < 1 || n > block || n > len(raw) {
		return nil, false
	}
	text, fill := raw[:len(raw)-n], raw[len(raw)-n:]
	return text, bytes.Count(fill, []byte{byte(n)}) == n
}

// encrypt gives whole blocks of AES in base64.
func (b *Box) encrypt(raw []byte) string {
	c, err := aes.NewCipher(b.key)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	out := make([]byte, len(raw))
	cipher.NewCBCEncrypter(c, b.key[:aes.BlockSize]).CryptBlocks(out, raw)
	return base64.StdEncoding.EncodeToString(out)
}
