package slack_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/slack"
	"policybot/bot/slackfake"
)

// The request that Slack publishes to try a check of signatures with:
// https://docs.slack.dev/authentication/verifying-requests-from-slack.
const (
	publishedSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	publishedTime      = 1531420618
	publishedSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	publishedBody      = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&" +
		"user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F" +
		"397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)

// TestPublishedSignature delivers that request at its time.
func TestPublishedSignature(t *testing.T) {
	for name, tt := range map[string]struct {
		late time.Duration
		want int
	}{"at its time": {0, http.StatusOK}, "after five minutes": {5 * time.Minute, http.StatusOK}, "a second later": {301 * time.Second, http.StatusUnauthorized}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Unix(publishedTime, 0).Add(tt.late)))
				w := &world{platform: newPlatform(t, slackfake.Options{}, true), bubble: t, log: &lines{}, change: func(o *slack.Options) { o.SigningSecret = publishedSecret }}
				w.channel = nil
				w.run()
				synctest.Wait() // no time passes
				r := httptest.NewRequest(http.MethodPost, "/slack/commands", strings.NewReader(publishedBody))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Slack-Request-Timestamp", strconv.Itoa(publishedTime))
				r.Header.Set("X-Slack-Signature", publishedSignature)
				answer := httptest.NewRecorder()
				w.channel.Handler().ServeHTTP(answer, r)
				if answer.Code != tt.want || tt.want == http.StatusOK && !strings.Contains(answer.Body.String(), "ephemeral") {
					t.Errorf("status %d: %.100s", answer.Code, answer.Body)
				}
				w.stop(nil)
			})
		})
	}
}

// A forged request, made from a good one.
type forgery func(r *http.Request, body []byte) []byte

func stamped(r *http.Request, body []byte, at time.Time) {
	sec := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", sec)
	r.Header.Set("X-Slack-Signature", slackfake.Sign(secret, sec, body))
}

func header(name, value string) forgery {
	return func(r *http.Request, body []byte) []byte {
		r.Header.Set(name, value)
		return body
	}
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // into memory
	z.Close()
	return b.Bytes()
}

var forgeries = map[string]forgery{
	"no signature":      func(r *http.Request, b []byte) []byte { r.Header.Del("X-Slack-Signature"); return b },
	"no time":           func(r *http.Request, b []byte) []byte { r.Header.Del("X-Slack-Request-Timestamp"); return b },
	"nothing":           func(r *http.Request, b []byte) []byte { clear(r.Header); return b },
	"empty signature":   header("X-Slack-Signature", ""),
	"empty time":        header("X-Slack-Request-Timestamp", ""),
	"only v0=":          header("X-Slack-Signature", "v0="),
	"no hex":            header("X-Slack-Signature", "v0="+strings.Repeat("zz", 32)),
	"zeros":             header("X-Slack-Signature", "v0="+strings.Repeat("00", 32)),
	"time is no number": header("X-Slack-Request-Timestamp", "yesterday"),
	"time of zero":      func(r *http.Request, b []byte) []byte { stamped(r, b, time.Unix(0, 0)); return b },
	"301 s old":         func(r *http.Request, b []byte) []byte { stamped(r, b, time.Now().Add(-301*time.Second)); return b },
	"301 s ahead":       func(r *http.Request, b []byte) []byte { stamped(r, b, time.Now().Add(302*time.Second)); return b },
	"old, with a new time": func(r *http.Request, b []byte) []byte {
		stamped(r, b, time.Now().Add(-time.Hour))
		r.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(time.Now().Unix(), 10))
		return b
	},
	"v1=": func(r *http.Request, b []byte) []byte {
		r.Header.Set("X-Slack-Signature", "v1="+strings.TrimPrefix(r.Header.Get("X-Slack-Signature"), "v0="))
		return b
	},
	"no prefix": func(r *http.Request, b []byte) []byte {
		r.Header.Set("X-Slack-Signature", strings.TrimPrefix(r.Header.Get("X-Slack-Signature"), "v0="))
		return b
	},
	"upper case": func(r *http.Request, b []byte) []byte {
		r.Header.Set("X-Slack-Signature", "v0="+strings.ToUpper(strings.TrimPrefix(r.Header.Get("X-Slack-Signature"), "v0=")))
		return b
	},
	"two signatures": func(r *http.Request, b []byte) []byte { r.Header.Add("X-Slack-Signature", "v0=00"); return b },
	"two times":      func(r *http.Request, b []byte) []byte { r.Header.Add("X-Slack-Request-Timestamp", "1"); return b },
	"a signature cut": func(r *http.Request, b []byte) []byte {
		r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:60])
		return b
	},
	"a byte more":  func(_ *http.Request, b []byte) []byte { return append(bytes.Clone(b), ' ') },
	"a byte less":  func(_ *http.Request, b []byte) []byte { return b[:len(b)-1] },
	"re-encoded":   func(_ *http.Request, b []byte) []byte { return bytes.ReplaceAll(b, []byte(`,"`), []byte(`, "`)) },
	"zipped":       func(r *http.Request, b []byte) []byte { r.Header.Set("Content-Encoding", "gzip"); return zipped(b) },
	"another body": func(r *http.Request, b []byte) []byte { stamped(r, []byte("payload=%7B%7D"), time.Now()); return b },
	"another secret": func(r *http.Request, b []byte) []byte {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		r.Header.Set("X-Slack-Signature", slackfake.Sign("another", at, b))
		return b
	},
	"an empty secret": func(r *http.Request, b []byte) []byte {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		r.Header.Set("X-Slack-Signature", slackfake.Sign("", at, b))
		return b
	},
}

// TestForgeries: what Slack did not sign is refused, and nobody hears of it.
func TestForgeries(t *testing.T) {
	command := url.Values{"command": {"/policy"}, "text": {"ask x"}, "user_id": {"U1"}, "team_id": {"T1"}, "channel_id": {"D1"}, "trigger_id": {"1.1"}}
	press := `{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"action_id":"pb_person","value":"t","type":"button"}],"container":{"channel_id":"C1","message_ts":"1.000001"}}`
	paths := map[string]string{
		"/slack/events": good, "/slack/commands": command.Encode(), "/slack/interactions": url.Values{"payload": {press}}.Encode(),
	}
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			in(t, true, slackfake.Options{}, nil, func(w *world) {
				for path, body := range paths {
					send := func(forge forgery) int {
						r := httptest.NewRequest(http.MethodPost, path, nil)
						stamped(r, []byte(body), time.Now())
						sent := []byte(body)
						if forge != nil {
							sent = forge(r, sent)
						}
						r.Body = http.NoBody
						if len(sent) > 0 {
							r = r.Clone(r.Context())
							r.Body = readCloser{bytes.NewReader(sent)}
						}
						answer := httptest.NewRecorder()
						w.channel.Handler().ServeHTTP(answer, r)
						return answer.Code
					}
					if name == "re-encoded" && path != "/slack/events" {
						continue // a form has no such blanks
					}
					if code := send(forge); code != http.StatusUnauthorized {
						w.bubble.Errorf("%s: status %d, want 401", path, code)
					}
					w.none()
					if code := send(nil); code != http.StatusOK {
						w.bubble.Errorf("%s, as Slack signs it: status %d", path, code)
					}
					w.one()
				}
			})
		})
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// TestNoSecret: without a secret nothing can be checked, so that the channel is not made.
func TestNoSecret(t *testing.T) {
	for _, o := range []slack.Options{{}, {BotToken: botToken}, {SigningSecret: secret}, {AppToken: appToken}, {BotToken: botToken, AppToken: appToken, Connections: 11}} {
		if c, err := slack.New(o); err == nil || c != nil {
			t.Errorf("%+v makes a channel", o)
		}
	}
}

// TestReplay: one signed request, a hundred times at once, is a hundred times the same event.
func TestReplay(t *testing.T) {
	in(t, true, slackfake.Options{}, nil, func(w *world) {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				r := httptest.NewRequest(http.MethodPost, "/slack/events", strings.NewReader(good))
				stamped(r, []byte(good), time.Unix(time.Now().Unix(), 0))
				answer := httptest.NewRecorder()
				if w.channel.Handler().ServeHTTP(answer, r); answer.Code != http.StatusOK {
					w.bubble.Errorf("status %d", answer.Code)
				}
			})
		}
		all.Wait()
		keys := map[string]int{}
		for _, e := range w.events() {
			keys[e.DeliveryKey+" "+e.ContentKey]++
		}
		if len(keys) != 1 || keys["Ev1 D1/1700000000.000100"] != 100 {
			w.bubble.Errorf("%v", keys)
		}
	})
}

// TestBodies: what cannot be read is refused with a status that says so, logged once, and harms nobody.
func TestBodies(t *testing.T) {
	in(t, true, slackfake.Options{}, nil, func(w *world) {
		n := 0
		for name, frame := range frames() {
			_, payload, ok := strings.Cut(frame, `"payload":`)
			if !ok {
				payload = frame + "}"
			}
			for path, form := range map[string]string{"events": "%s", "interactions": "payload=%s", "commands": "command=%s"} {
				body := strings.TrimSuffix(payload, "}")
				if path != "events" {
					body = url.QueryEscape(body)
				}
				body = fmt.Sprintf(form, body)
				status, _, err := w.Post(w.bubble.Context(), "/slack/"+path, "application/x-www-form-urlencoded", []byte(body), "")
				if err == nil && (status < 200 || status >= 500) {
					w.bubble.Errorf("%s, %s: status %d", path, name, status)
				}
				n++
			}
		}
		if got := w.log.count("cannot be read"); got > 3 {
			w.bubble.Errorf("%d lines in the log after %d bodies", got, n)
		}
		w.none()
		w.say(slackfake.Said{User: "U1", Text: "danach"})
		w.one()
	})
}
