package envelope

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The constants of the sample that the vendor publishes with its libraries
// (https://developer.work.weixin.qq.com/document/path/90307).
const (
	sampleToken = "QDG6eK"
	sampleKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	sampleCorp  = "wx5823bf96d3bd56c7"
)

func box(t testing.TB, receiver string) *Box {
	t.Helper()
	b, err := New(sampleToken, sampleKey, receiver)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSamples opens the envelopes that the vendor publishes. The second has a pad of 30 bytes.
func TestSamples(t *testing.T) {
	cases := []struct{ name, signature, timestamp, nonce, text, want string }{
		{
			"check of the address", "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780",
			"P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==", "1616140317555161061",
		},
		{
			"message", "477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149",
			"RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
			"<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := box(t, sampleCorp).Open(c.signature, c.timestamp, c.nonce, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got), c.want) {
				t.Errorf("opened %q, want %q", got, c.want)
			}
		})
	}
}

// TestSealed seals and opens texts of all lengths around a block, for an app and for an AI bot.
func TestSealed(t *testing.T) {
	for _, receiver := range []string{sampleCorp, ""} {
		b := box(t, receiver)
		for n := range 70 {
			plain := bytes.Repeat([]byte{'a'}, n)
			text, signature := b.Seal(plain, "1409659813", "n")
			got, err := b.Open(signature, "1409659813", "n", text)
			if err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d bytes for %q: opened %q, %v", n, receiver, got, err)
			}
			if again, _ := b.Seal(plain, "1409659813", "n"); again == text {
				t.Fatal("the same text sealed twice looks the same")
			}
		}
	}
}

func TestSpoilt(t *testing.T) {
	takes := map[Way]bool{OldTimestamp: true, EarlyTimestamp: true, OddTimestamp: true}
	wants := map[Way]error{
		WrongSignature: ErrSignature, NoSignature: ErrSignature, WrongReceiver: ErrReceiver, LongReceiver: ErrReceiver, LengthShort: ErrReceiver,
	}
	for _, receiver := range []string{sampleCorp, ""} {
		b := box(t, receiver)
		for _, way := range Ways() {
			for n := range 40 {
				s, err := b.Spoil(way, bytes.Repeat([]byte{'a'}, n), "1409659813", "n")
				if err != nil {
					t.Fatal(err)
				}
				_, err = b.Open(s.Signature, s.Timestamp, s.Nonce, s.Text)
				want := wants[way]
				if want == nil {
					want = ErrCipher
				}
				if way == LengthShort && n == 0 && receiver == "" {
					want = ErrCipher // one byte is announced and none is there
				}
				if takes[way] != (err == nil) || !takes[way] && !errors.Is(err, want) {
					t.Errorf("%s, %d bytes for %q: %v, want %v", way, n, receiver, err, want)
				}
				if takes[way] && s.Timestamp == "1409659813" {
					t.Errorf("%s: the timestamp is %s", way, s.Timestamp)
				}
			}
		}
	}
	if _, err := box(t, "").Spoil("gently", nil, "1", "n"); err == nil {
		t.Error("an unknown way is taken")
	}
	if _, err := box(t, "").Spoil(NoText, nil, "now", "n"); err == nil {
		t.Error("a timestamp that is none is taken")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range [][2]string{{"", sampleKey}, {"t", ""}, {"t", sampleKey[1:]}, {"t", sampleKey + "A"}, {"t", "*" + sampleKey[1:]}} {
		if _, err := New(c[0], c[1], ""); err == nil {
			t.Errorf("token %q with key %q is taken", c[0], c[1])
		}
	}
}

// TestTampered changes one sign of what is signed.
func TestTampered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := box(t, rapid.SampledFrom([]string{sampleCorp, ""}).Draw(rt, "receiver"))
		plain := rapid.SliceOf(rapid.Byte()).Draw(rt, "plain")
		text, signature := b.Seal(plain, "1409659813", "nonce")
		parts := []string{signature, "1409659813", "nonce", text}
		which := rapid.IntRange(0, 3).Draw(rt, "part")
		raw := []byte(parts[which])
		raw[rapid.IntRange(0, len(raw)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 6).Draw(rt, "bit")
		parts[which] = string(raw)
		if _, err := b.Open(parts[0], parts[1], parts[2], parts[3]); !errors.Is(err, ErrSignature) {
			rt.Fatalf("changed part %d: %v", which, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	b := box(f, sampleCorp)
	text, _ := b.Seal([]byte("你好"), "1", "n")
	f.Add(text)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		got, err := b.Open(b.Sign(text, "1", "n"), "1", "n", text)
		if (err == nil) == (got == nil) {
			t.Errorf("opened %q, %v", got, err)
		}
	})
}
