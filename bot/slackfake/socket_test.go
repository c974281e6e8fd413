package slackfake_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/slackfake"
)

func TestHello(t *testing.T) {
	inBubble(t, slackfake.Options{AppID: "A77"}, func(t *testing.T, b *bench) {
		for want := 1; want <= 2; want++ {
			k := b.dial(true)
			synctest.Wait()
			hello := k.got("")
			if len(hello) != 1 || hello[0]["type"] != "hello" || hello[0]["num_connections"] != float64(want) || hello[0]["connection_info"].(obj)["app_id"] != "A77" {
				t.Errorf("greeted with %v", hello)
			}
		}
		link := b.ok("apps.connections.open", nil)["url"].(string)
		if k, _ := b.dialLink(link, true); k == nil {
			t.Error("a fresh link does not open")
		}
		if k, status := b.dialLink(link, true); k != nil || status != 403 {
			t.Errorf("a link opened twice, status %d", status)
		}
	})
}

func TestTenConnections(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		for range 10 {
			b.dial(true)
		}
		k := b.dial(true)
		settle()
		if got := k.got(""); len(got) != 1 || got[0]["reason"] != "too_many_websockets" || !k.ended() || b.Connections() != 10 {
			t.Errorf("the eleventh got %v, %d are open", got, b.Connections())
		}
	})
}

// TestRotation gives each event to one connection.
func TestRotation(t *testing.T) {
	for _, seed := range []uint64{0, 5} {
		inBubble(t, slackfake.Options{Seed: seed}, func(t *testing.T, b *bench) {
			one, two := b.dial(true), b.dial(true)
			for range 40 {
				b.say("C1", "", "hello")
			}
			settle()
			n, m := len(one.got("events_api")), len(two.got("events_api"))
			if n+m != 40 || n < 5 || m < 5 || seed == 0 && n != m {
				t.Errorf("seed %d: %d and %d of 40", seed, n, m)
			}
		})
	}
}

func TestEnvelopes(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(false)
		g, _ := b.say("C1", "", "hello")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		got := k.got("events_api")
		ids := map[any]bool{}
		for n, e := range got {
			ids[e["envelope_id"]] = true
			reason := "timeout"
			if n == 0 {
				reason = ""
			}
			if e["payload"].(obj)["event_id"] != got[0]["payload"].(obj)["event_id"] || e["retry_attempt"] != float64(n) || e["retry_reason"] != reason || e["accepts_response_payload"] != false {
				t.Errorf("attempt %d is %v", n, e)
			}
		}
		if _, acked := b.Acked(g); len(got) != 4 || len(ids) != 4 || acked || b.Pending() != 0 {
			t.Errorf("%d attempts with %d envelope ids, acknowledged: %t", len(got), len(ids), acked)
		}
		k.ack(got[0]["envelope_id"].(string), nil)
		settle()
		if _, acked := b.Acked(g); acked {
			t.Error("an acknowledgement counts after the last attempt was given up")
		}
	})
}

func TestAcks(t *testing.T) {
	cases := []struct {
		name    string
		payload any
		acked   bool
	}{
		{"plain", nil, true},
		{"short", obj{"text": strings.Repeat("a", 10<<10)}, true},
		{"20 KiB", obj{"text": strings.Repeat("a", 20<<10)}, false},
	}
	for _, tt := range cases {
		inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
			k := b.dial(false)
			g, _ := b.say("C1", "", "hello")
			time.Sleep(time.Second)
			synctest.Wait()
			k.ack(k.got("events_api")[0]["envelope_id"].(string), tt.payload)
			k.ack("no-such-envelope", nil)
			time.Sleep(time.Second)
			synctest.Wait()
			if took, acked := b.Acked(g); acked != tt.acked || acked && took != time.Second {
				t.Errorf("%s: acknowledged: %t after %s, want %t", tt.name, acked, took, tt.acked)
			}
			if k.ended() {
				t.Errorf("%s: the connection is over", tt.name)
			}
		})
	}
}

// TestConnectionGoes delivers again at once what was on a connection that went.
func TestConnectionGoes(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		one := b.dial(false)
		g, _ := b.say("C1", "", "hello")
		time.Sleep(time.Second)
		two := b.dial(true)
		one.ws.Close()
		synctest.Wait()
		took, acked := b.Acked(g)
		if got := two.got("events_api"); len(got) != 1 || got[0]["retry_attempt"] != float64(1) || !acked || took != time.Second {
			t.Errorf("the other connection got %v, acknowledged: %t after %s", got, acked, took)
		}
		if b.Connections() != 1 {
			t.Errorf("%d connections are open", b.Connections())
		}
	})
}

// TestNobodyThere keeps an event for a bot that comes later.
func TestNobodyThere(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		g, _ := b.say("C1", "", "hello")
		time.Sleep(30 * time.Second)
		k := b.dial(true)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := k.got("events_api"); len(got) != 1 || got[0]["retry_attempt"] != float64(2) || got[0]["retry_reason"] != "connection_failed" {
			t.Errorf("got %v", got)
		}
		if _, acked := b.Acked(g); !acked {
			t.Error("not acknowledged")
		}
	})
}

func TestRedeliverOverSocket(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		g, _ := b.say("C1", "", "hello")
		settle()
		if err := b.Redeliver(g); err != nil {
			t.Fatal(err)
		}
		settle()
		if got := k.got("events_api"); len(got) != 2 || got[0]["raw"] != got[1]["raw"] && got[0]["envelope_id"] != got[1]["envelope_id"] {
			t.Errorf("got %v", got)
		}
	})
}

func TestDisconnects(t *testing.T) {
	cases := []struct {
		reason string
		lives  time.Duration
	}{
		{slackfake.ReasonWarning, 10 * time.Second}, {slackfake.ReasonRefresh, 0}, {slackfake.ReasonLinkDisabled, 0},
	}
	for _, tt := range cases {
		inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
			k := b.dial(true)
			b.Disconnect(tt.reason)
			synctest.Wait()
			if got := k.got("disconnect"); len(got) != 1 || got[0]["reason"] != tt.reason || k.ended() != (tt.lives == 0) {
				t.Errorf("%s: got %v, ended: %t", tt.reason, got, k.ended())
			}
			if tt.lives > 0 {
				time.Sleep(tt.lives - time.Second)
				b.say("C1", "", "still there?")
				synctest.Wait()
				if len(k.got("events_api")) != 1 {
					t.Errorf("%s: nothing is delivered in the last seconds", tt.reason)
				}
				time.Sleep(time.Second)
				synctest.Wait()
			}
			if !k.ended() || b.Connections() != 0 {
				t.Errorf("%s: after %s the connection goes on", tt.reason, tt.lives)
			}
		})
	}
}

func TestCutAndMend(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.Cut()
		synctest.Wait()
		if !k.ended() {
			t.Error("a connection outlives the cut")
		}
		if k, _ := b.tryDial(true); k != nil {
			t.Error("there is a new connection while the line is cut")
		}
		if resp, _ := b.post("auth.test", nil); resp.StatusCode != 0 {
			t.Errorf("a call gave status %d while the line is cut", resp.StatusCode)
		}
		b.Mend()
		b.ok("auth.test", nil)
		again := b.dial(true)
		b.say("C1", "", "hello")
		settle()
		if len(again.got("events_api")) != 1 {
			t.Error("after the line was mended nothing arrives")
		}
	})
}

func TestStall(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		one := b.dial(true)
		time.Sleep(12 * time.Second)
		synctest.Wait()
		before := one.pings()
		if before != 2 {
			t.Errorf("%d pings in 12 seconds", before)
		}
		b.Stall()
		g, _ := b.say("C1", "", "hello")
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if one.ended() || one.pings() != before || len(one.got("events_api")) != 0 {
			t.Errorf("a half-open connection ended: %t, had %d more pings and %d events", one.ended(), one.pings()-before, len(one.got("events_api")))
		}
		two := b.dial(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if _, acked := b.Acked(g); !acked || len(two.got("events_api")) != 1 {
			t.Errorf("over the new connection came %v", two.got("events_api"))
		}
		for range 10 {
			b.say("C1", "", "hello")
		}
		synctest.Wait()
		if n := len(two.got("events_api")); n != 11 {
			t.Errorf("long after, of ten events %d came over the new connection", n-1)
		}
	})
}

func TestRawFrames(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		if b.SendRaw([]byte("x"), false) == nil {
			t.Error("a frame went to nobody")
		}
		k := b.dial(true)
		for _, data := range []string{`{"half`, "", strings.Repeat("x", 1<<20)} {
			if err := b.SendRaw([]byte(data), false); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.SendRaw([]byte{1, 2}, true); err != nil {
			t.Fatal(err)
		}
		b.say("C1", "", "hello")
		settle()
		if len(k.got("garbage")) != 4 || len(k.got("events_api")) != 1 {
			t.Errorf("%d of garbage and %d events", len(k.got("garbage")), len(k.got("events_api")))
		}
	})
}

// TestRealListener goes over the network of this machine.
func TestRealListener(t *testing.T) {
	b := newBench(t, slackfake.Options{})
	server := httptest.NewServer(b.Server)
	t.Cleanup(server.Close)
	b.url, b.client = server.URL, server.Client()
	k := b.dial(true)
	g, ts := b.say("C1", "", "hello <@"+botUser+">")
	if err := b.Wait(t.Context(), func() bool { _, acked := b.Acked(g); return acked }); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range k.got("events_api") {
		types = append(types, inner(e)["type"].(string))
	}
	slices.Sort(types)
	if !slices.Equal(types, []string{"app_mention", "message"}) {
		t.Errorf("heard %v", types)
	}
	b.ok("chat.postMessage", obj{"channel": "C1", "thread_ts": ts, "text": "hi"})
	b.Cut()
	<-k.over
}
