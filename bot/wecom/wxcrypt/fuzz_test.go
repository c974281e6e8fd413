package wxcrypt_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"testing"
	"time"

	"policybot/bot/wecom/wxcrypt"
)

// FuzzOpen opens anything, as it comes and again with a signature that holds, so that what lies behind the signature
// is tried too. sealed is tried as text and, in base64, as bytes; and the same bytes as what is inside.
func FuzzOpen(f *testing.F) {
	for _, r := range []request{echo, message} {
		f.Add(r.signature, r.timestamp, r.nonce, []byte(r.sealed), r.at().Unix())
		f.Add("", r.timestamp, r.nonce, whole(f, r.sealed), r.at().Unix())
		f.Add("", r.timestamp, r.nonce, blocks(f, r.sealed), r.at().Unix())
	}
	f.Add("", "", "", []byte{}, int64(0))
	f.Add("", "0", "n", bytes.Repeat([]byte{16}, 48), int64(1))
	f.Add("", "999999999999", "n", append(bytes.Repeat([]byte{255}, 63), 1), int64(-1))
	crypts := []*wxcrypt.Crypt{crypt(f, ""), crypt(f, publishedCorp)}
	f.Fuzz(func(t *testing.T, signature, timestamp, nonce string, sealed []byte, now int64) {
		at := time.Unix(now, 0)
		for _, c := range crypts {
			r := request{signature, timestamp, nonce, string(sealed)}
			if r.signature != c.Sign(r.timestamp, r.nonce, r.sealed) {
				refused(t, c, r, at, wxcrypt.ErrSignature)
			}
			r.signature = c.Sign(r.timestamp, r.nonce, r.sealed)
			tryOpen(t, c, r, at)
			r.sealed = base64.StdEncoding.EncodeToString(sealed)
			r.signature = c.Sign(r.timestamp, r.nonce, r.sealed)
			tryOpen(t, c, r, at)
			r.sealed, r.signature = c.SealRaw(bytes.Clone(sealed[:len(sealed)/16*16]), timestamp, nonce)
			tryOpen(t, c, r, at)
		}
	})
}

func refused(t *testing.T, c *wxcrypt.Crypt, r request, at time.Time, want error) {
	t.Helper()
	if plain, err := r.open(c, at); plain != nil || !errors.Is(err, want) {
		t.Fatalf("opened as %q, %v", plain, err)
	}
	if plain, err := r.verify(c, at); plain != nil || !errors.Is(err, want) {
		t.Fatalf("verified as %q, %v", plain, err)
	}
}

// tryOpen opens a request whose signature holds. What can be opened was sealed so: the same message under the same
// random bytes gives the same text again.
func tryOpen(t *testing.T, c *wxcrypt.Crypt, r request, at time.Time) {
	t.Helper()
	plain, err := r.open(c, at)
	if err != nil {
		if plain != nil || !errors.Is(err, wxcrypt.ErrOld) && !errors.Is(err, wxcrypt.ErrMalformed) {
			t.Fatalf("opened as %q, %v", plain, err)
		}
		return
	}
	if seconds, err := strconv.ParseInt(r.timestamp, 10, 64); err != nil || at.Sub(time.Unix(seconds, 0)).Abs() > wxcrypt.Window {
		t.Fatalf("opened at %v with the timestamp %q", at, r.timestamp)
	}
	inside := blocks(t, r.sealed)
	again, _ := c.SealWith(plain, r.timestamp, r.nonce, [16]byte(inside))
	want := base64.StdEncoding.EncodeToString(whole(t, r.sealed)) // base64 may have line breaks
	if again != want && len(inside)%32 == 0 {
		t.Fatalf("%q opened as %q, which is sealed as %q", r.sealed, plain, again)
	}
}

// FuzzRoundTrip seals anything for anybody and opens it again; nobody else opens it, and nothing else is opened.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("hello"), publishedCorp, "QDG6eK", "1372623149", uint32(1409659813), uint16(0))
	f.Add([]byte("今年的补贴怎么申请？🙂"), "", "t", "", uint32(0), uint16(9))
	f.Add(bytes.Repeat([]byte{32}, 12), "", "1409659813", "1409659813", uint32(1409659813), uint16(77))
	f.Fuzz(func(t *testing.T, plain []byte, receiver, token, nonce string, seconds uint32, flip uint16) {
		if token == "" || len(nonce) > 63 {
			return
		}
		c, err := wxcrypt.New(token, publishedKey, receiver)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(seconds), 0)
		r := sealed(c, string(plain), at, nonce)
		if got, err := r.open(c, at); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q is opened as %q, %v", plain, got, err)
		}
		if size := len(whole(t, r.sealed)); size%32 != 0 || size > 20+len(plain)+len(receiver)+32 {
			t.Fatalf("%d bytes for %s are sealed as %d", len(plain), receiver, size)
		}
		other, err := wxcrypt.New(token, publishedKey, receiver+"x")
		if err != nil {
			t.Fatal(err)
		}
		refused(t, other, r, at, wxcrypt.ErrMalformed)
		text := []byte(r.sealed)
		text[int(flip)%len(text)] ^= 1 << (flip % 7)
		r.sealed = string(text)
		refused(t, c, r, at, wxcrypt.ErrSignature)
		c.Done(r.signature)
		r.sealed = "" // no more than a signature that is remembered
		refused(t, c, r, at, wxcrypt.ErrSignature)
	})
}
