package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/wecom/app"
	"policybot/bot/wecomfake"
)

const tokenCall = "cgi-bin/gettoken"

// together delivers many documents at once, each to a person of its own, and gives the errors.
func (w *world) together(n int, key string) []error {
	failed := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			h := channel.Handle{Data: fmt.Appendf(nil, `{"u":"person-%d","t":%d}`, i, time.Now().Unix())}
			failed[i] = w.finish(channel.Event{Reply: h}, answer(key), channel.Delivery{Key: fmt.Sprint(key, " ", i)})
		})
	}
	all.Wait()
	return failed
}

// TestTokenInTheMidst is F28: the token ends, or is taken back, while fifty answers are sent. One call brings the next one
// for all, at most two are made, and every answer arrives once.
func TestTokenInTheMidst(t *testing.T) {
	const people = 50
	for name, end := range map[string]func(*world){
		"expired (42001)":    func(w *world) { w.ExpireToken() },
		"taken back (40014)": func(w *world) { w.RevokeToken() },
		"forgotten here too": func(w *world) { w.ExpireToken(); time.Sleep(7200 * time.Second) },
		"in the first second": func(w *world) {
			w.restart()
			w.RevokeToken()
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				for i, err := range w.together(people, "before") {
					if err != nil {
						t.Errorf("%d: %v", i, err)
					}
				}
				end(w)
				before, sends := w.TokenCalls(), w.calls(sending)
				for i, err := range w.together(people, "after") {
					if err != nil {
						t.Errorf("%d: %v", i, err)
					}
				}
				if n := w.TokenCalls() - before; n > 2 {
					t.Errorf("%d tokens were asked for", n)
				}
				if n := w.calls(sending) - sends; n > 2*2*people {
					t.Errorf("%d calls for %d messages", n, 2*people)
				}
				for i := range people {
					w.sees(fmt.Sprint("person-", i), 2, "after", 1)
				}
			})
		})
	}
}

// TestOneToken: fifty who need the first token at once ask for it once.
func TestOneToken(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		w.c = w.channel() // one that has none yet
		before := w.TokenCalls()
		w.broken(wecomfake.Fault{Call: tokenCall, Kind: wecomfake.FaultSlow, After: 3 * time.Second})
		for i, err := range w.together(50, "first") {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		if n := w.TokenCalls() - before; n != 1 {
			t.Errorf("%d tokens were asked for", n)
		}
	})
}

// TestOneTokenGivenUp: who asks for the token does not wait for it; the others get theirs all the same.
func TestOneTokenGivenUp(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		w.c = w.channel()
		w.broken(wecomfake.Fault{Call: tokenCall, Kind: wecomfake.FaultSlow, After: 5 * time.Second})
		e := channel.Event{Reply: channel.Handle{Data: []byte(`{"u":"Ann","t":1}`)}}
		ctx, quit := context.WithTimeout(w.t.Context(), time.Second)
		defer quit()
		var led error
		var all sync.WaitGroup
		all.Go(func() { led = w.finishIn(ctx, w.c, e, answer("eins"), channel.Delivery{Key: "1"}) })
		synctest.Wait()
		for i, err := range w.together(10, "first") {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		all.Wait()
		if led == nil || channel.IsGone(led) {
			t.Errorf("who gave up got %v", led)
		}
		w.deliver(e, answer("eins"), channel.Delivery{Key: "1", Again: true})
	})
}

// TestUselessTokens is F29: WeCom gives tokens that it does not take, for ever. Five are asked for, then there is a pause,
// which grows to ten minutes; the staff is told, answers wait, and nobody is told that they are gone.
func TestUselessTokens(t *testing.T) {
	in(t, wecomfake.CorpOptions{BadTokens: true}, func(w *world) {
		w.health(channel.Down)
		time.Sleep(35 * time.Second) // the channel has looked three times
		reason := w.health(channel.Down)
		if !strings.Contains(reason, "access_token") || !strings.Contains(w.log.String(), "level=ERROR") {
			t.Errorf("the channel is down with %q, logged was %.300s", reason, w.log)
		}
		e := w.ask()
		waits := 0
		for range 300 {
			err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
			if err == nil || channel.IsGone(err) {
				t.Fatalf("an answer that nobody took gave %v", err)
			}
			if _, ok := errors.AsType[*channel.WaitError](err); ok {
				waits++
			}
		}
		if n := w.TokenCalls(); n != 5 || waits != 300 || w.calls(sending) != 0 {
			t.Errorf("%d tokens were asked for, %d of 300 attempts have to wait, %d calls", n, waits, w.calls(sending))
		}
		if err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-2"}); !isWaitAll(err, 10*time.Minute) {
			t.Errorf("during the pause an answer gave %v", err)
		}
		time.Sleep(time.Hour)
		first := w.TokenCalls()
		time.Sleep(time.Hour)
		if n := w.TokenCalls() - first; n > 14 || n < 5 {
			t.Errorf("%d tokens were asked for in an hour, want one every ten minutes or so", n)
		}
		w.health(channel.Down)
	})
}

// isWaitAll reports whether an error lets the whole channel wait, for at most so long.
func isWaitAll(err error, most time.Duration) bool {
	wait, ok := errors.AsType[*channel.WaitError](err)
	return ok && wait.All && wait.After > 0 && wait.After <= most
}

// TestTokensAgain: when WeCom takes its tokens again, the channel is up soon and what waited is delivered once.
func TestTokensAgain(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		e := w.ask()
		w.broken(wecomfake.Fault{Call: "cgi-bin/agent/get", Kind: wecomfake.FaultCode, Code: 40014, Times: 7})
		w.health(channel.Down)
		time.Sleep(time.Minute)
		if !strings.Contains(w.log.String(), "level=ERROR") {
			t.Error("the case tries nothing")
		}
		w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
		w.sees("Ann", 1, "给予补贴", 1)
		w.health(channel.Up)
		w.ExpireToken() // as every two hours, which is no failure
		if err := w.finish(e, answer("再给予。"), channel.Delivery{Key: "d-2"}); err != nil {
			t.Error(err)
		}
	})
}

// TestUnreachable: while WeCom cannot be reached it is asked at most once a minute or so, and when it can be again the
// channel is up within two minutes.
func TestUnreachable(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		w.Cut()
		w.restart() // so that it has no token
		w.health(channel.Down)
		e := channel.Event{Reply: channel.Handle{Data: []byte(`{"u":"Ann","t":1}`)}}
		for range 100 {
			if err := w.finish(e, answer("x"), channel.Delivery{Key: "d-1"}); err == nil || channel.IsGone(err) {
				t.Fatalf("without a line an answer gave %v", err)
			}
			time.Sleep(10 * time.Second)
		}
		log := w.log.String()
		if n := strings.Count(log, "level=ERROR"); n < 10 || n > 20 || !strings.Contains(w.c.Health().Reason, "cannot be reached") {
			t.Errorf("the channel is %+v, %d errors were logged: %.500s", w.c.Health(), n, log)
		}
		w.Mend()
		time.Sleep(2 * time.Minute)
		if h := w.c.Health(); h.State != channel.Up {
			t.Errorf("two minutes after the line was mended the channel is %+v", h)
		}
		w.deliver(e, answer("x"), channel.Delivery{Key: "d-1", Again: true, Since: time.Now()})
	})
}

// TestTwoProcesses is F30: another process fetches a token. While the old one holds, both have the same; when it was taken
// back, the one that still has it finds out by one refusal and takes the new one.
func TestTwoProcesses(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		other := w.channel()
		e := w.ask()
		send := func(c *app.Channel, key string) {
			t.Helper()
			if err := w.finishIn(w.t.Context(), c, e, answer(key), channel.Delivery{Key: key}); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		send(w.c, "one")
		send(other, "two")
		if n := w.TokenCalls(); n != 2 {
			t.Errorf("%d tokens were asked for by two processes", n)
		}
		for round := range 3 {
			w.RevokeToken()
			before, sends := w.TokenCalls(), w.calls(sending)
			send(other, fmt.Sprint("other ", round))
			send(w.c, fmt.Sprint("this ", round))
			if n := w.TokenCalls() - before; n != 2 {
				t.Errorf("%d tokens were asked for", n)
			}
			if n := w.calls(sending) - sends; n != 6 { // two messages each, and for each process one that was refused
				t.Errorf("%d calls", n)
			}
			time.Sleep(time.Minute)
		}
		w.sees("Ann", 8, "this", 3)
	})
}

// TestMended: what somebody has to mend ends Run with a *FatalError that says what, and shows no secret.
func TestMended(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*app.Options)
		says   string
	}{
		"secret":      {func(o *app.Options) { o.Secret = "wrong-" + secret }, "WECOM_AGENT_SECRET"},
		"corporation": {func(o *app.Options) { o.CorpID = "wwwrong" }, "WECOM_CORP_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				o := w.options()
				tt.change(&o)
				o.Log = slog.New(slog.NewTextHandler(w.log, nil))
				c, err := app.New(o)
				if err != nil {
					t.Fatal(err)
				}
				err = c.Run(w.t.Context(), w.sink.take)
				fatal, ok := errors.AsType[*channel.FatalError](err)
				if h := c.Health(); !ok || !strings.Contains(fatal.Reason, tt.says) || h.State != channel.Stopped || !strings.Contains(h.Reason, tt.says) {
					t.Errorf("Run gave %v, the channel is %+v", err, c.Health())
				}
				w.clean("the error", fmt.Sprint(err))
			})
		})
	}
}

// TestUntrustedAddress: where WeCom says from which address it was called, that is told.
func TestUntrustedAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		url, client := channeltest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "gettoken") {
				fmt.Fprint(w, `{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200}`)
				return
			}
			fmt.Fprint(w, `{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info at https://x"}`)
		}))
		c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: url, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		ctx, quit := context.WithTimeout(t.Context(), time.Second)
		defer quit()
		go func() {
			time.Sleep(500 * time.Millisecond)
			if h := c.Health(); h.State != channel.Down || !strings.HasSuffix(h.Reason, ": 203.0.113.7") {
				t.Errorf("the channel is %+v", h)
			}
		}()
		if err := c.Run(ctx, (&sink{}).take); err != nil {
			t.Error(err)
		}
	})
}

// TestStoppedStays: answers that are tried after the channel has stopped for good do not hide why.
func TestStoppedStays(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		e := w.ask()
		w.broken(wecomfake.Fault{Call: "*", Kind: wecomfake.FaultRevoked})
		err := <-w.done
		w.done <- nil
		if _, fatal := errors.AsType[*channel.FatalError](err); !fatal {
			t.Errorf("Run gave %v", err)
		}
		for i := range 10 {
			if err := w.finish(e, answer("x"), channel.Delivery{Key: "d-1"}); err == nil || channel.IsGone(err) {
				t.Errorf("attempt %d gave %v", i, err)
			}
			time.Sleep(time.Minute)
		}
		if h := w.c.Health(); h.State != channel.Stopped || !strings.Contains(h.Reason, "WECOM_AGENT_SECRET") {
			t.Errorf("the channel is %+v", h)
		}
		w.Mend()
		w.run(w.c)
		synctest.Wait()
		if h := w.c.Health(); h.State != channel.Up {
			t.Errorf("after it was mended the channel is %+v", h)
		}
		w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-2"})
	})
}

// TestUntrusted: an address that is not in the app's list is told with the page on which it is to be added; answers wait a
// minute each and are delivered when it was.
func TestUntrusted(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		e := w.ask()
		w.Trust(false)
		if err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"}); !isWaitAll(err, time.Minute) {
			t.Errorf("an answer gave %v", err)
		}
		if h := w.c.Health(); h.State != channel.Down || !strings.Contains(h.Reason, "企业可信IP") || !strings.Contains(h.Reason, "60020") {
			t.Errorf("the channel is %+v", h)
		}
		time.Sleep(time.Hour)
		w.health(channel.Down)
		if w.calls(tokenCall) > 3 {
			t.Errorf("%d tokens were asked for", w.calls(tokenCall))
		}
		w.Trust(true)
		w.health(channel.Up)
		w.Trust(false) // once more
		w.health(channel.Down)
		if n := strings.Count(w.log.String(), "level=ERROR"); n != 2 {
			t.Errorf("%d errors were logged, want one for each time", n)
		}
		w.Trust(true)
		w.health(channel.Up)
		w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
		w.sees("Ann", 1, "给予补贴", 1)
		w.Trust(false)
		if err := w.finish(e, answer("再答。"), channel.Delivery{Key: "d-2", Later: true}); !isWaitAll(err, time.Minute) {
			t.Errorf("an answer gave %v", err)
		}
		w.Trust(true)
		w.deliver(e, answer("再答。"), channel.Delivery{Key: "d-2", Later: true})
		time.Sleep(2 * time.Second) // a message that was taken says it at once
		if h := w.c.Health(); h.State != channel.Up {
			t.Errorf("after a message the channel is %+v", h)
		}
	})
}

// A hider answers some calls as a proxy that lets only others pass.
type hider struct {
	http.RoundTripper
	hidden string // part of the path
}

// RoundTrip implements http.RoundTripper.
func (h hider) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, h.hidden) {
		return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return h.RoundTripper.RoundTrip(r)
}

// TestNotTold: that WeCom does not tell about the app is no failure, but that it gives no token is one.
func TestNotTold(t *testing.T) {
	for hidden, state := range map[string]channel.State{"agent/get": channel.Up, "gettoken": channel.Down} {
		in(t, wecomfake.CorpOptions{}, func(w *world) {
			w.client = &http.Client{Transport: hider{w.client.Transport, hidden}}
			w.restart()
			w.health(state)
			if state == channel.Up {
				w.deliver(w.ask(), answer("给予补贴。"), channel.Delivery{Key: "d-1"})
				w.sees("Ann", 1, "给予补贴", 1)
			}
		})
	}
}
