package slackfake_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"policybot/bot/slackfake"
)

func TestFaults(t *testing.T) {
	cases := []struct {
		fault  slackfake.Fault
		status int    // 0: no answer
		error  string // of the answer
		done   bool
		after  time.Duration
	}{
		{slackfake.Fault{Kind: slackfake.FaultWait, After: 90 * time.Second}, 429, "ratelimited", false, 0},
		{slackfake.Fault{Kind: slackfake.FaultGone}, 200, "channel_not_found", false, 0},
		{slackfake.Fault{Kind: slackfake.FaultError, Error: "is_archived"}, 200, "is_archived", false, 0},
		{slackfake.Fault{Kind: slackfake.FaultHang}, 0, "", true, 15 * time.Minute},
		{slackfake.Fault{Kind: slackfake.FaultLost}, 0, "", false, 0},
		{slackfake.Fault{Kind: slackfake.FaultBroken}, 500, "", false, 0},
		{slackfake.Fault{Kind: slackfake.FaultNoise}, 200, "", true, 0},
		{slackfake.Fault{Kind: slackfake.FaultSlow, After: 20 * time.Second}, 200, "", true, 20 * time.Second},
		{slackfake.Fault{Kind: slackfake.FaultRevoked}, 200, "token_revoked", false, 0},
	}
	for _, tt := range cases {
		t.Run(tt.fault.Kind, func(t *testing.T) {
			inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
				b.say("C1", "", "hello")
				f := tt.fault
				f.Method = "chat."
				if err := b.Break(f); err != nil {
					t.Fatal(err)
				}
				b.ok("auth.test", nil) // another method
				began := time.Now()
				resp, out := b.post("chat.postMessage", obj{"channel": "C1", "text": "a"})
				status := resp.StatusCode
				got, _ := out["error"].(string)
				if done := len(b.All("C1")) == 2; status != tt.status || got != tt.error || done != tt.done || time.Since(began) != tt.after {
					t.Errorf("status %d, error %q, done: %t after %s; want %+v", status, got, done, time.Since(began), tt)
				}
				if f.Kind == slackfake.FaultWait && resp.Header.Get("Retry-After") != "90" {
					t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
				}
				calls := b.Calls()
				if last := calls[len(calls)-1]; last.Fault != f.Kind || last.OK != tt.done {
					t.Errorf("the log has %+v", last)
				}
				if f.Kind == slackfake.FaultRevoked {
					b.fails("token_revoked", "auth.test", nil)
					b.ok("apps.connections.open", nil)
					b.Mend()
				}
				b.ok("chat.postMessage", obj{"channel": "C1", "text": "a"})
			})
		})
	}
}

func TestFaultsOfOtherKinds(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		for _, f := range []slackfake.Fault{{Method: "*"}, {Kind: "dance", Method: "*"}, {Kind: slackfake.FaultWait}, {Kind: slackfake.FaultError, Method: "*"}, {Kind: slackfake.FaultLost, Method: "*", Times: -1}} {
			if b.Break(f) == nil {
				t.Errorf("%+v was taken", f)
			}
		}
		refused := func(f slackfake.Fault, want int) {
			t.Helper()
			if err := b.Break(f); err != nil {
				t.Fatal(err)
			}
			if k, status := b.tryDial(true); k != nil || status != want {
				t.Errorf("%+v: opened, or status %d, want %d", f, status, want)
			}
		}
		refused(slackfake.Fault{Method: "link", Kind: slackfake.FaultBroken}, http.StatusInternalServerError)
		refused(slackfake.Fault{Method: "link", Kind: slackfake.FaultWait, After: time.Second}, http.StatusTooManyRequests)
		refused(slackfake.Fault{Method: "link", Kind: slackfake.FaultNoise}, http.StatusOK)
		refused(slackfake.Fault{Method: "link", Kind: slackfake.FaultLost}, 0)
		refused(slackfake.Fault{Method: "apps.connections.open", Kind: slackfake.FaultNoise}, 0)
		if err := b.Break(slackfake.Fault{Method: "*", Kind: slackfake.FaultBroken, Times: 2}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if resp, _ := b.post("auth.test", nil); resp.StatusCode != http.StatusInternalServerError {
				t.Errorf("status %d", resp.StatusCode)
			}
		}
		b.dial(true)
	})
}

// TestHangEndsWithTheBot lets a bot that hangs up end a call that hangs.
func TestHangEndsWithTheBot(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		if err := b.Break(slackfake.Fault{Method: "*", Kind: slackfake.FaultHang}); err != nil {
			t.Fatal(err)
		}
		ctx, quit := context.WithTimeout(context.Background(), time.Second)
		defer quit()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/api/auth.test", strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := b.client.Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}

func TestWait(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		ctx, quit := context.WithTimeout(context.Background(), time.Minute)
		defer quit()
		if b.Wait(ctx, func() bool { return false }) == nil {
			t.Error("what never is was awaited")
		}
		b.Close()
		if b.Wait(context.Background(), func() bool { return false }) == nil {
			t.Error("a closed server was awaited")
		}
	})
}
