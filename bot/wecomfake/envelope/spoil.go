package envelope

import (
	"bytes"
	"crypto/aes"
	"encoding/base64"
	"fmt"
	"strconv"
)

// A Sealed is an envelope with all that goes into the address of a callback.
type Sealed struct {
	Text, Signature  string
	Timestamp, Nonce string
}

// A Way is how an envelope is wrong.
type Way string

// Ways. A signature is right for what it signs where the way does not say otherwise, so that a bot must look
// at the thing itself.
const (
	WrongSignature Way = "wrong signature"            // one digit differs
	NoSignature    Way = "no signature"               // it is empty
	OldTimestamp   Way = "old timestamp"              // sealed ten minutes before
	EarlyTimestamp Way = "timestamp in the future"    // sealed ten minutes ahead
	OddTimestamp   Way = "timestamp that is no time"  // letters
	WrongReceiver  Way = "wrong receiver"             // another corp id
	LongReceiver   Way = "receiver with a tail"       // the right one and one letter more
	PadNone        Way = "pad of no bytes"            // the last byte is 0
	PadBig         Way = "pad beyond the block"       // the last byte is 33
	PadMixed       Way = "pad of unlike bytes"        // all but the last are 0
	LengthLong     Way = "length beyond the text"     // one byte more than there is with the receiver
	LengthHuge     Way = "length of four gigabytes"   // 0xffffffff
	LengthShort    Way = "length short of the text"   // one byte less; of an empty text, one more
	TooShort       Way = "no room for a length"       // one block of AES
	Ragged         Way = "no whole blocks"            // one byte less
	NoBase64       Way = "cipher text that is none"   // signs that base64 does not have
	NoText         Way = "no cipher text"             // empty
	OtherKey       Way = "encrypted with another key" // so that it comes out as noise
)

// Ways lists all of them.
func Ways() []Way {
	return []Way{
		WrongSignature, NoSignature, OldTimestamp, EarlyTimestamp, OddTimestamp, WrongReceiver, LongReceiver, PadNone, PadBig, PadMixed,
		LengthLong, LengthHuge, LengthShort, TooShort, Ragged, NoBase64, NoText, OtherKey,
	}
}

// Spoil seals plain in a way that is wrong. It fails when timestamp is no number of seconds or there is no
// such way. [Box.Open] takes the three that only have a wrong timestamp and no others.
func (b *Box) Spoil(way Way, plain []byte, timestamp, nonce string) (Sealed, error) {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return Sealed{}, fmt.Errorf("envelope: spoil: %w", err)
	}
	out := Sealed{Timestamp: timestamp, Nonce: nonce}
	switch way {
	case OldTimestamp:
		out.Timestamp = strconv.FormatInt(at-600, 10)
	case EarlyTimestamp:
		out.Timestamp = strconv.FormatInt(at+600, 10)
	case OddTimestamp:
		out.Timestamp = "yesterday"
	}
	if out.Text, err = b.spoilt(way, plain); err != nil {
		return Sealed{}, err
	}
	out.Signature = b.Sign(out.Text, out.Timestamp, nonce)
	switch way {
	case NoSignature:
		out.Signature = ""
	case WrongSignature:
		digit := "0"
		if out.Signature[0] == '0' {
			digit = "1"
		}
		out.Signature = digit + out.Signature[1:]
	}
	return out, nil
}

// spoilt gives the cipher text.
func (b *Box) spoilt(way Way, plain []byte) (string, error) {
	raw := packed(plain, b.receiveID, uint32(len(plain)))
	switch way {
	case WrongSignature, NoSignature, OldTimestamp, EarlyTimestamp, OddTimestamp:
	case WrongReceiver:
		raw = packed(plain, "ww0000000000another", uint32(len(plain)))
	case LongReceiver:
		raw = append(raw, 'x')
	case PadNone, PadBig, PadMixed:
		return b.encrypt(wrongPad(way, raw)), nil
	case LengthLong:
		raw = packed(plain, b.receiveID, uint32(len(plain)+len(b.receiveID)+1))
	case LengthHuge:
		raw = packed(plain, b.receiveID, 0xffffffff)
	case LengthShort:
		raw = packed(plain, b.receiveID, uint32(len(plain)-1))
		if len(plain) == 0 {
			raw = packed(plain, b.receiveID, 1)
		}
	case TooShort:
		return b.encrypt(bytes.Repeat([]byte{1}, aes.BlockSize)), nil
	case Ragged:
		text, err := base64.StdEncoding.DecodeString(b.encrypt(padded(raw)))
		if err != nil {
			return "", fmt.Errorf("envelope: spoil: %w", err)
		}
		return base64.StdEncoding.EncodeToString(text[:len(text)-1]), nil
	case NoBase64:
		return "*** this is no cipher text ***", nil
	case NoText:
		return "", nil
	case OtherKey:
		other := *b
		other.key = bytes.Clone(b.key)
		other.key[31] ^= 1
		return other.encrypt(padded(raw)), nil
	default:
		return "", fmt.Errorf("envelope: spoil: there is no way %q", way)
	}
	return b.encrypt(padded(raw)), nil
}

// wrongPad fills raw to whole blocks with a pad that is none.
func wrongPad(way Way, raw []byte) []byte {
	if len(raw)%block == block-1 { // a pad of one byte has no others to be unlike
		raw = append(raw, 'x')
	}
	out := padded(raw)
	last := len(out) - 1
	switch way {
	case PadNone:
		out[last] = 0
	case PadBig:
		out[last] = block + 1
	default:
		for i := len(raw); i < last; i++ {
			out[i] = 0
		}
	}
	return out
}
