package hook_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/wecom/hook"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// within is a network within the process that leads to the fake platform.
type within struct{ fake *wecomfake.Server }

// RoundTrip implements http.RoundTripper.
func (n within) RoundTrip(r *http.Request) (*http.Response, error) {
	w, in := httptest.NewRecorder(), r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	lost := true
	func() {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler { //nolint:errorlint // it is what a handler breaks off with
				panic(v)
			}
		}()
		n.fake.ServeHTTP(w, in)
		lost = false
	}()
	if lost {
		return nil, errors.New("the connection broke")
	}
	return w.Result(), nil
}

// onPlatform is a group of the fake platform.
func onPlatform(t *testing.T, change func(*hook.Options)) (*group, *wecomfake.Server) {
	t.Helper()
	fake, err := wecomfake.New(wecomfake.Options{Corp: wecomfake.CorpOptions{HookKeys: []string{key}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return open(t, func(o *hook.Options) {
		o.Client = &http.Client{Transport: within{fake}}
		if change != nil {
			change(o)
		}
	}), fake
}

// patient finishes a document as the service does: it waits when it is asked to, and tries again what failed.
func (g *group) patient(t *testing.T, d channel.Doc, k string) {
	t.Helper()
	as := channel.Delivery{Key: k, Later: true}
	for range 20 {
		err := g.finish(t, d, as)
		wait, ok := errors.AsType[*channel.WaitError](err)
		switch {
		case err == nil:
			return
		case ok:
			time.Sleep(wait.After)
		default:
			as.Again = true
			time.Sleep(time.Second)
		}
	}
	t.Fatalf("%s is not delivered", k)
}

// TestPlatform: the platform takes whatever documents become, at once and never too fast; nobody is called on, and the
// only links are those that are ours.
func TestPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const page = "https://policy.example/desk/cases/c-1"
		g, fake := onPlatform(t, func(o *hook.Options) { o.Link = func(channel.Doc) (string, string) { return "Open", page } })
		docs := 150
		for i := range docs {
			d := randomdoc.Doc().Example(i)
			before := len(fake.HookMessages(key))
			g.patient(t, d, fmt.Sprint("d", i))
			posts := fake.HookMessages(key)[before:]
			if len(posts) == 0 {
				t.Fatalf("document %d is not in the group", i)
			}
			for k, m := range posts {
				shown := judge.Read(judge.Hook, m.Text)
				if len(shown.Mentions) > 0 || render.ReadRef(m.Text) != outgoing.Ref(fmt.Sprint("d", i)) && !strings.HasPrefix(m.Text, "[Open]") {
					t.Fatalf("document %d: mentions %q in\n%s", i, shown.Mentions, m.Text)
				}
				opens := false
				for _, l := range shown.Links {
					opens = opens || l.URL == page && l.Text == "Open"
					if l.URL != page && !strings.HasPrefix(l.URL, "https://policy.example/clauses/") {
						t.Fatalf("document %d leads to %+v in\n%s", i, l, m.Text)
					}
				}
				if opens != (k == len(posts)-1) {
					t.Fatalf("document %d, message %d of %d: leads to its page %v", i, k+1, len(posts), opens)
				}
			}
		}
		for _, c := range fake.Calls() {
			if c.Code != 0 {
				t.Fatalf("the platform refuses %s with %d", c.Body, c.Code)
			}
		}
	})
}

// TestPlatformFaults: whatever fails on the way, each document is read in the group, whole and in order; it is read twice
// only where an end was not known. What WeCom asks to wait for is waited for.
func TestPlatformFaults(t *testing.T) {
	for _, tt := range []struct {
		fault wecomfake.Fault
		twice bool
	}{
		{wecomfake.Fault{Kind: wecomfake.FaultWait}, false},
		{wecomfake.Fault{Kind: wecomfake.FaultBroken}, false},
		{wecomfake.Fault{Kind: wecomfake.FaultLost}, false},
		{wecomfake.Fault{Kind: wecomfake.FaultSilent}, false},
		{wecomfake.Fault{Kind: wecomfake.FaultHang}, true},
		{wecomfake.Fault{Kind: wecomfake.FaultNoise}, true},
	} {
		for at := range 3 {
			t.Run(fmt.Sprint(tt.fault.Kind, at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, fake := onPlatform(t, nil)
					d := long()
					want := render.Parts(d, render.Hook, outgoing.Ref("d"))
					f := tt.fault
					f.Call = "cgi-bin/webhook/send"
					for range at {
						if err := fake.Break(wecomfake.Fault{Call: f.Call, Kind: wecomfake.FaultSlow, After: time.Second}); err != nil {
							t.Fatal(err)
						}
					}
					if err := fake.Break(f); err != nil {
						t.Fatal(err)
					}
					g.patient(t, d, "d")
					var got []string
					twice := false
					for _, m := range fake.HookMessages(key) {
						if n := len(got); n > 0 && got[n-1] == m.Text {
							twice = true
							continue
						}
						got = append(got, m.Text)
					}
					if strings.Join(got, "\n\n") != strings.Join(want, "\n\n") || twice != tt.twice {
						t.Errorf("twice %v, %d parts of %d", twice, len(got), len(want))
					}
					g.is(t, channel.Up)
				})
			})
		}
	}
}

// TestPlatformGone: a robot that was removed stops the channel.
func TestPlatformGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, fake := onPlatform(t, nil)
		if err := fake.Break(wecomfake.Fault{Call: "cgi-bin/webhook/send", Kind: wecomfake.FaultGone}); err != nil {
			t.Fatal(err)
		}
		if err := g.finish(t, notice("x"), channel.Delivery{Key: "d"}); err == nil || isWait(err) {
			t.Errorf("%v", err)
		}
		if _, ok := errors.AsType[*channel.FatalError](<-g.ended); !ok {
			t.Error("the channel goes on")
		}
		g.is(t, channel.Stopped)
	})
}
