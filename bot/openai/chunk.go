package openai

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"policybot/retrieval/openai/wire"
)

// A chunk is one event of a reply, as far as it is used. Reasoning, logprobs,
// results of filters and the like are passed over.
type chunk struct {
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   json.RawMessage `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Object  string          `json:"object"`
	Code    json.RawMessage `json:"code"`
	Message json.RawMessage `json:"message"`
}

type choice struct {
	Index int `json:"index"`
	Delta struct {
		Content json.RawMessage `json:"content"` // a string that may be cut within a character
		Refusal json.RawMessage `json:"refusal"`
	} `json:"delta"`
	Finish *string `json:"finish_reason"`
}

// failed reports whether the event is no part of a reply but the report of a
// failure: {"error": …} of most endpoints, {"object": "error"} of older vLLM,
// {"code": …, "message": …} of DashScope.
func (c chunk) failed() bool {
	return wire.IsSet(c.Error) || c.Choices == nil && (c.Object == "error" || wire.IsSet(c.Code) && wire.IsSet(c.Message))
}

// finish is why the model ended, "" while it did not. Some write null as a string.
func (c choice) finish() string {
	if c.Finish == nil || strings.EqualFold(*c.Finish, "null") {
		return ""
	}
	return *c.Finish
}

// tokens are the counts that the event tells; ok is false for none, or counts
// that cannot be.
func (c chunk) tokens() (in, out int, ok bool) {
	var u struct {
		In  int `json:"prompt_tokens"`
		Out int `json:"completion_tokens"`
	}
	const most = 100_000_000
	if !wire.IsSet(c.Usage) || json.Unmarshal(c.Usage, &u) != nil || u.In <= 0 || u.Out < 0 || u.In > most || u.Out > most {
		return 0, 0, false
	}
	return u.In, u.Out, true
}

// A mender puts text together that was cut within characters: between bytes of
// UTF-8, or between the two halves of a \ud83d\ude00. encoding/json would make
// U+FFFD of both.
type mender struct{ rest []byte }

// next returns the whole characters that are there with one more string of JSON.
// ok is false where it is no string, or has bytes that no text has, or NUL.
func (m *mender) next(raw json.RawMessage) (text string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	b := unquote(m.rest, raw[1:len(raw)-1])
	whole := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			switch {
			case !utf8.FullRune(b), len(b) == halfSize && isHalf(b, highHalf):
				m.rest = append([]byte(nil), b...)
				return string(whole), true
			case len(b) < 2*halfSize || !isHalf(b, highHalf) || !isHalf(b[halfSize:], lowHalf):
				return "", false
			}
			r, size = utf16.DecodeRune(halfOf(b), halfOf(b[halfSize:])), 2*halfSize
		}
		if r == 0 {
			return "", false
		}
		whole = utf8.AppendRune(whole, r)
		b = b[size:]
	}
	m.rest = nil
	return string(whole), true
}

// A half of a pair is held as three bytes, as UTF-8 would write it if it could.
const (
	halfSize = 3
	highHalf = 0xA0 // of the second byte: U+D800 to U+DBFF
	lowHalf  = 0xB0 // U+DC00 to U+DFFF
)

func isHalf(b []byte, kind byte) bool { return len(b) >= halfSize && b[0] == 0xED && b[1]&0xF0 == kind }

func halfOf(b []byte) rune { return 0xD000 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F) }

// unquote appends what the inside of a valid string of JSON stands for, bytes that
// are not UTF-8 as they are.
func unquote(to, inside []byte) []byte {
	to = append([]byte(nil), to...)
	for i := 0; i < len(inside); i++ {
		c := inside[i]
		if c != '\\' || i+1 == len(inside) {
			to = append(to, c)
			continue
		}
		i++
		switch c = inside[i]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			if i+4 >= len(inside) {
				return append(to, 0xFF) // no valid JSON
			}
			n, _ := strconv.ParseUint(string(inside[i+1:i+5]), 16, 16)
			to = appendUnit(to, rune(n))
			i += 4
			continue
		}
		to = append(to, c)
	}
	return to
}

// appendUnit appends a \u0000, which may be the half of a pair.
func appendUnit(to []byte, r rune) []byte {
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(to, r)
	}
	return append(to, 0xED, byte(0x80|r>>6&0x3F), byte(0x80|r&0x3F))
}
