package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/wecom/app"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
)

// TestLoad is F27: far more is to be sent to one person than WeCom lets through. Our own throttle holds: all of it arrives,
// each once, in order, and nothing is dropped without a word, which in looks for.
func TestLoad(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		const documents = 90
		w.settle()
		e := w.ask()
		begin := time.Now()
		for i := range documents {
			d := answer(fmt.Sprintf("第%d号答复。", i))
			w.deliver(e, d, channel.Delivery{Key: fmt.Sprint("d-", i)}) // with a card each
		}
		var last time.Time
		minute := map[int64]int{}
		for _, m := range w.AppMessages("ann") {
			if m.At.Before(last) {
				t.Error("they are out of order")
			}
			last = m.At
			minute[m.At.Unix()/60]++
		}
		all := strings.Join(w.texts("Ann"), "\n")
		for i := range documents {
			if !strings.Contains(all, fmt.Sprintf("第%d号答复", i)) {
				t.Errorf("answer %d is not there", i)
			}
		}
		if took := time.Since(begin); len(w.AppMessages("ann")) != 2*documents || took < 7*time.Minute || took > 9*time.Minute {
			t.Errorf("%d messages in %s, want %d in about eight minutes", len(w.AppMessages("ann")), took, 2*documents)
		}
		for at, n := range minute {
			if n > 30 {
				t.Errorf("%d messages in minute %d", n, at)
			}
		}
	})
}

// TestLoadAndRestarts is F27 with processes that end in the midst of it and know nothing of each other.
func TestLoadAndRestarts(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		w.settle()
		e := w.ask()
		for i := range 60 {
			if i == 10 || i == 12 || i == 30 {
				w.restart()
			}
			w.deliver(e, answer(fmt.Sprintf("第%d号答复。", i)), channel.Delivery{Key: fmt.Sprint("d-", i)})
		}
		if n := len(w.AppMessages("ann")); n != 120 {
			t.Errorf("%d messages, want 120", n)
		}
	})
}

// TestLoadAtOnce is F27 with many senders, one of whom writes the person's id in another case.
func TestLoadAtOnce(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		var all sync.WaitGroup
		for i := range 40 {
			user := []string{"Ann", "ANN", "ann"}[i%3]
			e := channel.Event{Reply: channel.Handle{Data: fmt.Appendf(nil, `{"u":%q,"t":%d}`, user, time.Now().Unix())}}
			all.Go(func() {
				w.deliver(e, answer(fmt.Sprintf("第%d号答复。", i)), channel.Delivery{Key: fmt.Sprint("d-", i)})
			})
		}
		all.Wait()
		if n := len(w.AppMessages("ann")); n != 80 {
			t.Errorf("%d messages, want 80", n)
		}
	})
}

// TestLongInPieces: a document of more messages than fit into the time of one attempt gets on at each, and is whole in the
// end; the first message over the limit lets the caller wait, later ones never do.
func TestLongInPieces(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		const sentences = 200
		w.settle()
		e := w.ask()
		d := long(sentences)
		if n := len(render.Parts(d, render.App, "REF000")); n < 40 {
			t.Fatalf("%d messages, want more than a minute takes", n)
		}
		ctx, quit := context.WithTimeout(w.t.Context(), 20*time.Second)
		err := w.finishIn(ctx, w.c, e, d, channel.Delivery{Key: "d-1"})
		quit()
		if _, waits := errors.AsType[*channel.WaitError](err); err == nil || waits || channel.IsGone(err) {
			t.Errorf("with messages on screen the first attempt gave %v", err)
		}
		if n := len(w.texts("Ann")); n != 25 {
			t.Errorf("%d messages after the first attempt, want 25", n)
		}
		if err := w.finish(e, answer("另一个。"), channel.Delivery{Key: "d-2"}); err == nil || isWaitAll(err, time.Hour) {
			t.Errorf("while the person is sent too much another document gave %v", err)
		} else if wait, ok := errors.AsType[*channel.WaitError](err); !ok || wait.After > 64*time.Second {
			t.Errorf("another document gave %v", err)
		}
		w.deliver(e, d, channel.Delivery{Key: "d-1", Again: true})
		w.whole("Ann", sentences)
	})
}

// TestSameWords: the same question twice gets the same answer, and that is shown both times, though WeCom drops what it
// takes for a repetition.
func TestSameWords(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		d := answer("给予补贴。")
		var refs []string
		for i := range 3 {
			if _, err := w.AppSay("Ann", "有什么补贴"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			e := w.sink.seen()[i]
			key := "d-" + e.DeliveryKey
			w.deliver(e, d, channel.Delivery{Key: key})
			w.deliver(e, d, channel.Delivery{Key: key, Again: true}) // and each of them once
			all := w.AppMessages("Ann")
			if len(all) != 2*(i+1) {
				t.Errorf("after %d answers %d messages are there", i+1, len(all))
			}
			ref := render.ReadRef(all[len(all)-2].Text)
			if ref != outgoing.Ref(key) || slices.Contains(refs, ref) {
				t.Errorf("answer %d shows the reference %q, before were %q", i+1, ref, refs)
			}
			refs = append(refs, ref)
			time.Sleep(time.Minute)
		}
	})
}

// TestAgain: what was sent with an unknown end is sent again as it was, by this process and by the next, and is seen once;
// but not when it is so long ago that WeCom would show it again.
func TestAgain(t *testing.T) {
	faults := map[string]wecomfake.Fault{
		"no answer":         {Kind: wecomfake.FaultHang},
		"no arrival":        {Kind: wecomfake.FaultLost},
		"no answer to read": {Kind: wecomfake.FaultNoise},
		"a defect":          {Kind: wecomfake.FaultBroken},
		"busy":              {Kind: wecomfake.FaultCode, Code: -1},
	}
	for name, fault := range faults {
		fault.Call = sending
		for after, gone := range map[time.Duration]bool{time.Minute: false, 3 * time.Hour: false, 4*time.Hour - 5*time.Minute: true, 5 * time.Hour: true} {
			for _, restarts := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s later, restart %t", name, after, restarts), func(t *testing.T) {
					in(t, wecomfake.CorpOptions{}, func(w *world) {
						e := w.ask()
						time.Sleep(2 * time.Hour) // the answer took its time
						made := time.Now()
						w.broken(fault)
						err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1", Since: made})
						if err == nil || channel.IsGone(err) {
							t.Fatalf("the first attempt gave %v", err)
						}
						time.Sleep(after)
						if restarts {
							w.restart()
						}
						err = w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1", Again: true, Since: made})
						if gone != channel.IsGone(err) || !gone && err != nil {
							t.Errorf("the second attempt gave %v, want gone: %t", err, gone)
						}
						if !gone {
							w.sees("Ann", 1, "给予补贴", 1)
						} else if n := len(w.texts("Ann")); n > 1 {
							t.Errorf("%d messages", n)
						}
					})
				})
			}
		}
	}
}

// TestDoubtOfLongAgo: nothing says when the attempt was made whose end is not known, but that it was after the question.
func TestDoubtOfLongAgo(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		e := w.ask()
		time.Sleep(time.Hour)
		w.deliver(e, answer("eins"), channel.Delivery{Key: "d-1", Again: true})
		time.Sleep(4 * time.Hour)
		w.deliver(e, answer("zwei"), channel.Delivery{Key: "d-2"})
		w.deliver(e, answer("zwei"), channel.Delivery{Key: "d-2", Again: true}) // this process knows that it arrived
		w.restart()
		if err := w.finish(e, answer("drei"), channel.Delivery{Key: "d-3", Again: true}); !channel.IsGone(err) {
			t.Errorf("%v, want a *GoneError", err)
		}
		w.deliver(e, answer("drei"), channel.Delivery{Key: "d-4", Again: true, Since: time.Now().Add(-time.Hour)})
		w.sees("Ann", 3, "drei", 1)
	})
}

// An unplugged transport makes no connections while it is down.
type unplugged struct {
	down atomic.Bool
	http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (u *unplugged) RoundTrip(r *http.Request) (*http.Response, error) {
	if u.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}
	}
	return u.RoundTripper.RoundTrip(r)
}

// TestLineWasDown: an attempt that has surely not been sent raises no doubt, so that an outage of a day loses nothing.
func TestLineWasDown(t *testing.T) {
	for _, tokened := range []bool{false, true} {
		t.Run(fmt.Sprintf("with a token %t", tokened), func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				u := &unplugged{RoundTripper: w.client.Transport}
				w.client = &http.Client{Transport: u}
				w.restart()
				e := w.ask()
				if tokened {
					w.deliver(e, answer("vorher"), channel.Delivery{Key: "d-0"})
				} else {
					w.c = w.channel()
				}
				u.down.Store(true)
				for i := range 24 {
					if err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1", Again: i > 0, Since: time.Now().Add(-time.Hour)}); err == nil || channel.IsGone(err) {
						t.Fatalf("in hour %d an answer gave %v", i, err)
					}
					time.Sleep(time.Hour)
				}
				u.down.Store(false)
				w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1", Again: true})
				if all := strings.Join(w.texts("Ann"), "\n"); strings.Count(all, "给予补贴") != 1 {
					t.Errorf("%q", all)
				}
			})
		})
	}
}

// TestCodes: what each code of WeCom means for an answer.
func TestCodes(t *testing.T) {
	const gone, wait, temporary, card = "gone", "wait", "temporary", "card"
	for code, want := range map[int]string{
		81013: gone, 60111: gone, 40003: gone, 82001: gone, 46004: gone,
		45009: wait, 45033: wait, 60020: wait, 301002: wait, 40056: wait, 48002: wait,
		-1: temporary, 40058: temporary, 45002: temporary, 40008: temporary,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				e := w.ask()
				w.broken(wecomfake.Fault{Call: sending, Kind: wecomfake.FaultCode, Code: code})
				err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
				_, waits := errors.AsType[*channel.WaitError](err)
				got := temporary
				switch {
				case err == nil:
					got = "delivered"
				case channel.IsGone(err):
					got = gone
				case waits:
					got = wait
				}
				if got != want || len(w.texts("Ann")) != 0 {
					t.Errorf("%v, want %s; %d messages", err, want, len(w.texts("Ann")))
				}
				if want != gone {
					w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1", Again: true})
					w.sees("Ann", 1, "给予补贴", 1)
				}
			})
		})
	}
	for code, buttons := range map[int]bool{45009: true, -1: true, 40058: false, 42014: false, 45002: false} {
		t.Run(fmt.Sprintf("%s %d", card, code), func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				var once sync.Once
				w.client = &http.Client{Transport: before{w.client.Transport, func(body []byte) {
					if strings.Contains(string(body), "template_card") {
						once.Do(func() { w.broken(wecomfake.Fault{Call: sending, Kind: wecomfake.FaultCode, Code: code}) })
					}
				}}}
				w.restart()
				e := w.ask()
				w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
				w.sees("Ann", 1, "给予补贴", 1)
				if n := len(w.AppMessages("Ann")); (n == 2) != buttons {
					t.Errorf("%d messages, want the buttons: %t", n, buttons)
				}
			})
		})
	}
}

// before does something before each request with a body.
type before struct {
	http.RoundTripper
	do func(body []byte)
}

// RoundTrip implements http.RoundTripper.
func (b before) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			data, _ := io.ReadAll(body) // of a reader in memory
			b.do(data)
		}
	}
	return b.RoundTripper.RoundTrip(r)
}

// TestMissing: who may not use the app is gone, whether WeCom says so with a code or with "ok" and a list.
func TestMissing(t *testing.T) {
	in(t, wecomfake.CorpOptions{Users: []string{"Ann", "Ben"}}, func(w *world) {
		e := channel.Event{Reply: channel.Handle{Data: []byte(`{"u":"Zoe","t":1}`)}}
		if err := w.finish(e, answer("x"), channel.Delivery{Key: "d-1"}); !channel.IsGone(err) {
			t.Errorf("%v, want a *GoneError", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		url, client := channeltest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "gettoken") {
				fmt.Fprint(w, `{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200}`)
				return
			}
			fmt.Fprint(w, `{"errcode":0,"errmsg":"ok","invaliduser":"ben|zoe","msgid":"m"}`)
		}))
		c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: url, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		for user, want := range map[string]bool{"Zoe": true, "ZOE": true, "zo": false, "Ann": false} {
			r, err := c.Begin(t.Context(), channel.Handle{Data: fmt.Appendf(nil, `{"u":%q,"t":1}`, user)}, "a")
			if err != nil {
				t.Fatal(err)
			}
			if _, err = r.Finish(t.Context(), answer("x"), channel.Delivery{Key: "d-" + user}); channel.IsGone(err) != want {
				t.Errorf("%s: %v, want gone: %t", user, err, want)
			}
		}
	})
}

// TestNobodyElse: a handle never brings an answer to all, or to several.
func TestNobodyElse(t *testing.T) {
	c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{`{"u":"@all"}`, `{"u":"@ALL","t":1}`, `{"u":"ann|ben","t":1}`, `{"u":""}`, `{"u":7}`, `[]`} {
		if _, err := c.Begin(t.Context(), channel.Handle{Data: []byte(data)}, "a"); !channel.IsGone(err) {
			t.Errorf("%s: %v, want a *GoneError", data, err)
		}
	}
}

// TestNew: what is missing or wrong is named by its variable, and its value is not shown.
func TestNew(t *testing.T) {
	whole := app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key}
	for says, change := range map[string]func(*app.Options){
		"WECOM_CORP_ID":          func(o *app.Options) { o.CorpID = "" },
		"WECOM_AGENT_SECRET":     func(o *app.Options) { o.Secret = "" },
		"WECOM_AGENT_ID":         func(o *app.Options) { o.AgentID = 0 },
		"WECOM_TOKEN":            func(o *app.Options) { o.Token = "" },
		"WECOM_ENCODING_AES_KEY": func(o *app.Options) { o.Key = key[1:] },
		"WECOM_API_URL":          func(o *app.Options) { o.APIURL = "ftp://" + secret },
	} {
		o := whole
		change(&o)
		_, err := app.New(o)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), key[1:]) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := app.New(whole); err != nil {
		t.Error(err)
	}
}

// TestRedirect: an address that holds a token is not called elsewhere.
func TestRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elsewhere := 0
		url, client := channeltest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				elsewhere++
			}
			http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		}))
		c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: url, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.Begin(t.Context(), channel.Handle{Data: []byte(`{"u":"Ann","t":1}`)}, "a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.Finish(t.Context(), answer("x"), channel.Delivery{Key: "d"}); err == nil || elsewhere != 0 || strings.Contains(err.Error(), secret) {
			t.Errorf("%v, called elsewhere %d times", err, elsewhere)
		}
	})
}
