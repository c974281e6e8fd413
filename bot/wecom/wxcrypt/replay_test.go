package wxcrypt_test

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/wecom/wxcrypt"
)

// TestReplay follows one request: what failed may come again, what is done may not, and comes with its message still.
func TestReplay(t *testing.T) {
	c, now := published(t), message.at()
	for i := range 3 { // WeCom waits five seconds for an answer and tries three times more
		if plain, err := message.open(c, now.Add(time.Duration(i)*5*time.Second)); err != nil || plain == nil {
			t.Fatalf("delivery %d, none of them stored: %q, %v", i, plain, err)
		}
	}
	c.Done(message.signature)
	for _, late := range []time.Duration{0, 20 * time.Second, wxcrypt.Window, -wxcrypt.Window} {
		plain, err := message.open(c, now.Add(late))
		if !errors.Is(err, wxcrypt.ErrReplayed) || len(plain) == 0 {
			t.Errorf("%v after it was stored: %q, %v", late, plain, err)
		}
	}
	if _, err := message.open(c, now.Add(301*time.Second)); !errors.Is(err, wxcrypt.ErrOld) {
		t.Errorf("after its time: %v", err)
	}
	again := sealed(c, "hello", now, "2") // an honest delivery with a nonce of its own
	if _, err := again.open(c, now); err != nil {
		t.Errorf("another request: %v", err)
	}
}

// TestReplayCutAnew moves a digit from the nonce to the timestamp: the signature holds, and so does the memory.
func TestReplayCutAnew(t *testing.T) {
	c := published(t)
	now := time.Unix(1409659, 0)
	r := sealed(c, "hello", now, "0") // sorts before the timestamp
	for r.sealed[0] < 'A' {           // and what is sealed, which begins at random, sorts behind both
		r = sealed(c, "hello", now, "0")
	}
	cut := r
	cut.timestamp, cut.nonce = "0"+r.timestamp, ""
	if _, err := cut.open(c, now); err != nil {
		t.Fatalf("the case tries nothing: %v", err)
	}
	c.Done(r.signature)
	if _, err := cut.open(c, now); !errors.Is(err, wxcrypt.ErrReplayed) {
		t.Errorf("cut anew: %v", err)
	}
}

// TestRemembersLongEnough lets requests be done and come again at all times at which their timestamps can hold.
func TestRemembersLongEnough(t *testing.T) {
	const minute = time.Minute
	for first := time.Duration(0); first <= wxcrypt.Remember; first += minute {
		c, start := published(t), time.Unix(1_700_000_000, 0)
		early := sealed(c, "early", start, "early")
		if _, err := early.open(c, start); err != nil { // a memory begins
			t.Fatal(err)
		}
		at := start.Add(first)
		r := sealed(c, "hello", at.Add(wxcrypt.Window), "1") // as far ahead as can be
		if _, err := r.open(c, at); err != nil {
			t.Fatal(err)
		}
		c.Done(r.signature)
		for later := time.Duration(0); later <= 2*wxcrypt.Window; later += minute {
			if _, err := r.open(c, at.Add(later)); !errors.Is(err, wxcrypt.ErrReplayed) {
				t.Errorf("done after %v, and %v later: %v", first, later, err)
			}
		}
	}
}

func TestForgets(t *testing.T) {
	c, start := published(t), time.Unix(1_700_000_000, 0)
	for i := range 100 {
		now := start.Add(time.Duration(i) * time.Minute)
		r := sealed(c, "hello", now, strconv.Itoa(i))
		if _, err := r.open(c, now); err != nil {
			t.Fatal(err)
		}
		c.Done(r.signature)
		if c.Remembered() > 20 { // of twice ten minutes
			t.Fatalf("%d requests are remembered after %d minutes with one each", c.Remembered(), i)
		}
	}
}

// TestBound lets more be done than fits: the newest stay, and never more than the bound.
func TestBound(t *testing.T) {
	c, now := published(t), time.Unix(1_700_000_000, 0)
	if _, err := sealed(c, "hello", now, "first").open(c, now); err != nil {
		t.Fatal(err)
	}
	const most = 2 * wxcrypt.MostYoung
	for i := range most + wxcrypt.MostYoung/2 {
		c.Done(nameless(i))
		c.Done(nameless(i)) // said twice it counts once
		want := i + 1
		if want > most {
			want -= wxcrypt.MostYoung // the older half is forgotten
		}
		if n := c.Remembered(); n != want {
			t.Fatalf("%d are remembered of %d, want %d", n, i+1, want)
		}
	}
	newest := sealed(c, "hello", now, "newest")
	c.Done(newest.signature)
	if _, err := newest.open(c, now); !errors.Is(err, wxcrypt.ErrReplayed) {
		t.Errorf("the newest: %v", err)
	}
}

func nameless(i int) string {
	sum := sha1.Sum(fmt.Append(nil, i))
	return hex.EncodeToString(sum[:])
}

// TestDoneOfNothing says of what is no signature that it is done, before anything was opened too.
func TestDoneOfNothing(t *testing.T) {
	c := published(t)
	for _, signature := range []string{"", "no signature", message.signature[:38], message.signature + "00", message.signature[:39] + "g"} {
		c.Done(signature)
	}
	if c.Remembered() != 0 {
		t.Errorf("%d are remembered", c.Remembered())
	}
	c.Done(message.signature)
	if _, err := message.open(c, message.at()); !errors.Is(err, wxcrypt.ErrReplayed) {
		t.Errorf("done before all: %v", err)
	}
}

// TestConcurrent opens and closes the same requests from many sides; the race detector watches.
func TestConcurrent(t *testing.T) {
	c, start := published(t), time.Unix(1_700_000_000, 0)
	const requests, sides = 50, 8
	var stored [requests]atomic.Int32
	var all []request
	for i := range requests {
		all = append(all, sealed(c, strconv.Itoa(i), start, strconv.Itoa(i)))
	}
	var wg sync.WaitGroup
	for range sides {
		wg.Go(func() {
			for i, r := range all {
				plain, err := r.open(c, start.Add(time.Duration(i)*time.Second))
				if string(plain) != strconv.Itoa(i) || err != nil && !errors.Is(err, wxcrypt.ErrReplayed) {
					t.Errorf("request %d: %q, %v", i, plain, err)
				}
				if err == nil {
					stored[i].Add(1)
					c.Done(r.signature)
				}
				if text, signature := c.Seal(plain, r.timestamp, r.nonce); text == r.sealed || signature == r.signature {
					t.Errorf("request %d: sealed twice the same", i)
				}
			}
		})
	}
	wg.Wait()
	for i := range stored {
		if n := stored[i].Load(); n < 1 {
			t.Errorf("request %d was never stored", i)
		}
		if _, err := all[i].open(c, start); !errors.Is(err, wxcrypt.ErrReplayed) {
			t.Errorf("request %d after all: %v", i, err)
		}
	}
	if c.Remembered() != requests {
		t.Errorf("%d are remembered, want %d", c.Remembered(), requests)
	}
}
